//! What a store says when the world is in the way; the tests hold for root too.

use std::error::Error;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tidewright_core::{PlanMemory, PortError, PortErrorKind, RevisionLog, RunId, Store};
use tidewright_store::{SqliteSettings, SqliteStore};

use crate::memory;
use crate::record;

async fn refusal(path: &Path) -> PortError {
    SqliteStore::open(path).await.unwrap_err()
}

fn check(error: &PortError, kind: PortErrorKind, hint: &str) {
    assert_eq!(error.kind(), kind, "{error}: {:?}", error.source());
    assert!(error.advice().unwrap().contains(hint), "{:?}", error.advice());
}

#[tokio::test]
async fn the_file_is_its_owners_and_its_folder_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/down/runs.db");
    let store = SqliteStore::open(&path).await.unwrap();
    store.save_run(&record::rich()).await.unwrap();
    for entry in fs::read_dir(path.parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", entry.path().display());
    }
    store.close().await;
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_folder_in_place_of_the_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    check(&refusal(folder.path()).await, PortErrorKind::Refused, "name a file in a folder");
}

#[tokio::test]
async fn a_file_in_place_of_the_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), b"").unwrap();
    let error = refusal(&folder.path().join("file/runs.db")).await;
    check(&error, PortErrorKind::Refused, "name a file in a folder");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_corrupt_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.db");
    let text = "not a database, but long enough to have a header. ".repeat(100);
    fs::write(&path, &text).unwrap();
    check(&refusal(&path).await, PortErrorKind::Corrupt, "move the file away");
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[tokio::test]
async fn a_truncated_file_is_corrupt() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.db");
    let store = SqliteStore::open(&path).await.unwrap();
    store.save_run(&record::plain("a", 500)).await.unwrap();
    store.close().await;
    fs::File::options().write(true).open(&path).unwrap().set_len(3 * 4096).unwrap();
    let failed = match SqliteStore::open(&path).await {
        Ok(store) => store.load_latest_run().await.map(drop),
        Err(error) => Err(error),
    };
    check(&failed.unwrap_err(), PortErrorKind::Corrupt, "move the file away");
}

#[tokio::test]
async fn a_row_that_makes_no_sense_is_corrupt() {
    let (store, folder) = crate::small_sqlite().await;
    let run = record::plain("a", 1);
    store.save_run(&run).await.unwrap();
    meddle(&folder.path().join("runs.db"), "UPDATE proposals SET proposal = '{}'").await;
    let error = store.load_run(&run.id).await.unwrap_err();
    check(&error, PortErrorKind::Corrupt, "move the file away");
    assert!(error.source().unwrap().to_string().contains("missing field"));
}

#[tokio::test]
async fn a_run_of_a_newer_version_is_refused() {
    let (store, folder) = crate::small_sqlite().await;
    store.save_run(&record::plain("a", 1)).await.unwrap();
    meddle(&folder.path().join("runs.db"), "UPDATE runs SET format = 99").await;
    let error = store.load_latest_run().await.unwrap_err();
    check(&error, PortErrorKind::Refused, "a newer Tidewright wrote it");
}

#[tokio::test]
async fn a_memory_and_a_revision_of_a_newer_version_are_refused() {
    let (store, folder) = crate::small_sqlite().await;
    store.save_memory(memory::PLACE, &memory::rich()).await.unwrap();
    store.save_revision(&memory::revisions()[0], None).await.unwrap();
    let path = folder.path().join("runs.db");
    meddle(&path, "UPDATE memories SET format = 99").await;
    meddle(&path, "UPDATE revisions SET format = 99").await;
    let errors = [
        store.load_memory(memory::PLACE).await.unwrap_err(),
        store.load_revisions().await.unwrap_err(),
    ];
    for error in &errors {
        check(error, PortErrorKind::Refused, "a newer Tidewright wrote it");
    }
}

#[tokio::test]
async fn tables_of_a_newer_version_are_refused() {
    let (store, folder) = crate::small_sqlite().await;
    store.close().await;
    let path = folder.path().join("runs.db");
    meddle(&path, "UPDATE _sqlx_migrations SET version = 9 WHERE version = 2").await;
    check(&refusal(&path).await, PortErrorKind::Refused, "a newer Tidewright wrote it");
}

#[tokio::test]
async fn a_locked_store_says_who_is_in_the_way_and_still_reads() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.db");
    let settings = SqliteSettings { busy_timeout: Duration::ZERO, ..SqliteSettings::default() };
    let store = SqliteStore::open_with(&path, settings).await.unwrap();
    store.save_run(&record::plain("a", 1)).await.unwrap();
    let other = SqlitePool::connect_with(SqliteConnectOptions::new().filename(&path)).await;
    let lock = other.unwrap().begin_with("BEGIN IMMEDIATE").await.unwrap();
    let error = store.save_run(&record::plain("b", 1)).await.unwrap_err();
    check(&error, PortErrorKind::Transient, "another process is writing to it");
    assert_eq!(store.load_latest_run().await.unwrap(), Some(record::plain("a", 1)));
    drop(lock);
}

#[tokio::test]
async fn a_full_store_keeps_the_run_before() {
    let folder = tempfile::tempdir().unwrap();
    let settings = SqliteSettings { bytes_max: 256 << 10, ..SqliteSettings::default() };
    let store = SqliteStore::open_with(&folder.path().join("runs.db"), settings).await.unwrap();
    store.save_run(&record::plain("small", 10)).await.unwrap();
    let error = store.save_run(&record::plain("large", 5_000)).await.unwrap_err();
    check(&error, PortErrorKind::Transient, "free some space");
    assert_eq!(error.to_string().split('`').next(), Some("cannot save a run to the store "));
    assert_eq!(store.load_latest_run().await.unwrap(), Some(record::plain("small", 10)));
}

#[tokio::test]
async fn a_full_store_forgets_older_runs_first() {
    let folder = tempfile::tempdir().unwrap();
    let settings = SqliteSettings { bytes_max: 512 << 10, ..SqliteSettings::default() };
    let store = SqliteStore::open_with(&folder.path().join("runs.db"), settings).await.unwrap();
    for i in 0..40 {
        store.save_run(&record::plain(&format!("run-{i}"), 200)).await.unwrap();
    }
    assert_eq!(store.load_latest_run().await.unwrap(), Some(record::plain("run-39", 200)));
    assert!(store.load_run(&RunId::stored("run-38")).await.unwrap().is_some());
    assert_eq!(store.load_run(&RunId::stored("run-0")).await.unwrap(), None);
}

#[tokio::test]
async fn two_processes_may_set_up_one_file_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.db");
    let opened = tokio::join!(SqliteStore::open(&path), SqliteStore::open(&path));
    assert!(opened.0.is_ok() && opened.1.is_ok(), "{opened:?}");
}

async fn meddle(path: &Path, statement: &'static str) {
    let pool = SqlitePool::connect_with(SqliteConnectOptions::new().filename(path)).await.unwrap();
    sqlx::query(statement).execute(&pool).await.unwrap();
    pool.close().await;
}

#[tokio::test]
async fn a_full_store_forgets_older_runs_for_a_memory() {
    let folder = tempfile::tempdir().unwrap();
    let settings = SqliteSettings { bytes_max: 512 << 10, ..SqliteSettings::default() };
    let store = SqliteStore::open_with(&folder.path().join("runs.db"), settings).await.unwrap();
    for i in 0..7 {
        store.save_run(&record::plain(&format!("run-{i}"), 150)).await.unwrap();
    }
    let one = memory::rich().limits.into_values().next().unwrap();
    let limits = (0..300).map(|i| (memory::key(&format!("customer-{i}")), one.clone()));
    let large = PlanMemory { limits: limits.collect(), ..PlanMemory::default() };
    store.save_memory(memory::PLACE, &large).await.unwrap();
    assert_eq!(store.load_memory(memory::PLACE).await.unwrap(), large);
    assert_eq!(store.load_run(&RunId::stored("run-0")).await.unwrap(), None);
    assert_eq!(store.load_latest_run().await.unwrap(), Some(record::plain("run-6", 150)));
}
