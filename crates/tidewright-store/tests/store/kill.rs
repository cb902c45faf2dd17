//! A process that is killed in the middle of a save.
//!
//! The test starts itself once more as a child that saves a large run, watches the write-ahead log until a part of
//! that run has reached the disk, and kills the child with SIGKILL.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use tidewright_core::Store;
use tidewright_store::SqliteStore;

use crate::record;

const CHILD: &str = "TIDEWRIGHT_TEST_SAVES_TO";

/// So many that saving takes much longer than noticing that it has begun, and that SQLite spills before it commits.
const PROPOSALS: usize = 100_000;

#[tokio::test]
async fn a_kill_in_the_middle_of_a_save_leaves_the_run_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.db");
    let before = record::rich();
    let store = SqliteStore::open(&path).await.unwrap();
    store.save_run(&before).await.unwrap();
    store.close().await;
    kill_in_the_middle(&path);
    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(store.load_latest_run().await.unwrap(), Some(before));
    store.save_run(&record::plain("after", 3)).await.unwrap();
    assert_eq!(store.load_latest_run().await.unwrap(), Some(record::plain("after", 3)));
}

fn kill_in_the_middle(path: &Path) {
    let log = path.with_extension("db-wal");
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "kill::child_that_saves"]).env(CHILD, path).stdout(Stdio::null());
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
async fn child_that_saves() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    let store = SqliteStore::open(Path::new(&path)).await.unwrap();
    store.save_run(&record::plain("during", PROPOSALS)).await.unwrap();
}
