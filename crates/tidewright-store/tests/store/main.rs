//! Stores on a real disk: the contract that every store keeps, faults, old files, and a kill in the middle.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed, which is what it is for")]

mod contract;
mod faults;
mod format;
mod kill;
mod memory;
mod record;

use contract::store_contract;
use tempfile::TempDir;
use tidewright_store::{SqliteSettings, SqliteStore};

/// A store of at most three runs, and what must live as long as it does.
async fn small_sqlite() -> (SqliteStore, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let settings = SqliteSettings { runs_max: 3, ..SqliteSettings::default() };
    let store = SqliteStore::open_with(&folder.path().join("runs.db"), settings).await.unwrap();
    (store, folder)
}

store_contract!(sqlite, crate::small_sqlite);
