//! Old files must still load, and a format must not drift under its number.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use sqlx::Row;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tidewright_core::Store;
use tidewright_store::SqliteStore;

use crate::record;

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/runs-v1.db.gz")
}

fn unpack(path: &Path) {
    let packed = fs::read(fixture()).unwrap();
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut bytes).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Everything that is stored, as text.
async fn dump(path: &Path) -> Vec<String> {
    let pool = SqlitePool::connect_with(SqliteConnectOptions::new().filename(path)).await.unwrap();
    let rows = sqlx::query(
        "SELECT concat_ws('|', id, started_ms, at_ms, mode, inputs_hash, format, plan) FROM runs \
         UNION ALL SELECT concat_ws('|', run_id, ordinal, key, decision, reason, proposal) FROM proposals",
    );
    let rows = rows.fetch_all(&pool).await.unwrap();
    pool.close().await;
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn a_file_of_version_1_still_loads() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.db");
    unpack(&path);
    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(store.load_latest_run().await.unwrap(), Some(record::rich()));
}

#[tokio::test]
async fn the_format_of_version_1_has_not_drifted() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (folder.path().join("old.db"), folder.path().join("new.db"));
    let store = SqliteStore::open(&new).await.unwrap();
    store.save_run(&record::rich()).await.unwrap();
    store.close().await;
    // A format with a new number gets a fixture of its own: `WRITE_FIXTURE=1` puts it beside the old ones.
    if std::env::var_os("WRITE_FIXTURE").is_some() {
        pack(&new);
    }
    unpack(&old);
    assert_eq!(dump(&new).await, dump(&old).await);
}

fn pack(path: &Path) {
    let file = fs::File::create_new(fixture()).unwrap();
    let mut packer = flate2::write::GzEncoder::new(file, flate2::Compression::best());
    packer.write_all(&fs::read(path).unwrap()).unwrap();
    packer.finish().unwrap();
}
