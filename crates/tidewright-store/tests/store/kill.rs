//! A process that is killed in the middle of a save.
//!
//! Each test starts itself once more as a child that saves something large, watches the write-ahead log until a part
//! of it has reached the disk, and kills the child with SIGKILL.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use tidewright_core::{LimitMemory, PlanMemory, Store};
use tidewright_store::SqliteStore;

use crate::memory::{self, PLACE};
use crate::record;

const CHILD: &str = "TIDEWRIGHT_TEST_SAVES_TO";

/// So many that saving takes much longer than noticing that it has begun, and that SQLite spills before it commits.
const LIMITS: usize = 100_000;

#[tokio::test]
async fn a_kill_in_the_middle_of_a_save_leaves_the_run_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.db");
    let before = record::rich();
    let store = SqliteStore::open(&path).await.unwrap();
    store.save_run(&before).await.unwrap();
    store.close().await;
    kill_in_the_middle(&path, "kill::child_that_saves_a_run");
    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(store.load_latest_run().await.unwrap(), Some(before));
    store.save_run(&record::plain("after", 3)).await.unwrap();
    assert_eq!(store.load_latest_run().await.unwrap(), Some(record::plain("after", 3)));
}

#[tokio::test]
async fn a_kill_while_a_memory_is_saved_leaves_the_memory_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.db");
    let before = PlanMemory { approvals: Vec::new(), pause: None, ..memory::rich() };
    let store = SqliteStore::open(&path).await.unwrap();
    store.save_memory(PLACE, &before).await.unwrap();
    store.close().await;
    kill_in_the_middle(&path, "kill::child_that_saves_a_memory");
    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(store.load_memory(PLACE).await.unwrap(), before);
    store.save_memory(PLACE, &PlanMemory::default()).await.unwrap();
    assert_eq!(store.load_memory(PLACE).await.unwrap(), PlanMemory::default());
}

fn kill_in_the_middle(path: &Path, child: &str) {
    let log = path.with_extension("db-wal");
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", child]).env(CHILD, path).stdout(Stdio::null());
    let mut child = command.spawn().unwrap();
    while std::fs::metadata(&log).map_or(0, |log| log.len()) < 1 << 20 {
        assert_eq!(child.try_wait().unwrap(), None, "the child ended before it was killed");
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success());
}

/// Does nothing unless another test starts it with a path.
#[tokio::test]
async fn child_that_saves_a_run() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    let store = SqliteStore::open(Path::new(&path)).await.unwrap();
    store.save_run(&record::plain("during", LIMITS)).await.unwrap();
}

/// Does nothing unless another test starts it with a path.
#[tokio::test]
async fn child_that_saves_a_memory() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    let stretches = memory::rich().limits.into_values().next().unwrap().stretches;
    let limit = |i: usize| {
        let stretches = stretches.clone();
        (memory::key(&format!("customer-{i}")), LimitMemory { stretches })
    };
    let during = PlanMemory { limits: (0..LIMITS).map(limit).collect(), ..PlanMemory::default() };
    let store = SqliteStore::open(Path::new(&path)).await.unwrap();
    store.save_memory(PLACE, &during).await.unwrap();
}
