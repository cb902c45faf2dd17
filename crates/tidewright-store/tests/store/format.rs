//! Old files must still load, and a format must not drift under its number.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use sqlx::Row;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tidewright_core::{PlanMemory, RevisionLog, Store};
use tidewright_store::SqliteStore;

use crate::memory::{self, PLACE};
use crate::record;

/// The format that is written today.
const LATEST: u32 = 2;

fn fixture(format: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/runs-v{format}.db.gz"))
}

fn unpack(format: u32, path: &Path) {
    let packed = fs::read(fixture(format)).unwrap();
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut bytes).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Everything that is stored, as text.
async fn dump(path: &Path) -> Vec<String> {
    let pool = SqlitePool::connect_with(SqliteConnectOptions::new().filename(path)).await.unwrap();
    let rows = sqlx::query(
        "SELECT concat_ws('|', id, started_ms, at_ms, mode, inputs_hash, format, plan) FROM runs \
         UNION ALL SELECT concat_ws('|', run_id, ordinal, key, decision, reason, proposal) FROM proposals \
         UNION ALL SELECT concat_ws('|', place, first_seen_ms) FROM documents \
         UNION ALL SELECT concat_ws('|', place, key, format, stretches) FROM memories \
         UNION ALL SELECT concat_ws('|', place, key, up_to, author, at_ms, until_ms) FROM approvals \
         UNION ALL SELECT concat_ws('|', author, why, since_ms, until_ms) FROM pauses \
         UNION ALL SELECT concat_ws('|', id, at_ms, origin, origin_id, author, place, format, changes, written) FROM revisions",
    );
    let rows = rows.fetch_all(&pool).await.unwrap();
    pool.close().await;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Everything that a store can hold.
async fn fill(store: &SqliteStore) {
    store.save_run(&record::rich()).await.unwrap();
    let memory = memory::rich();
    store.save_memory(PLACE, &memory).await.unwrap();
    for approval in &memory.approvals {
        store.save_approval(PLACE, approval).await.unwrap();
    }
    store.save_pause(memory.pause.as_ref()).await.unwrap();
    for revision in memory::revisions() {
        store.save_revision(&revision, Some(memory::DOCUMENT)).await.unwrap();
    }
}

#[tokio::test]
async fn a_file_of_version_1_still_loads() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.db");
    unpack(1, &path);
    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(store.load_latest_run().await.unwrap(), Some(record::rich_v1()));
    assert_eq!(store.load_memory(PLACE).await.unwrap(), PlanMemory::default());
}

#[tokio::test]
async fn a_file_of_version_2_still_loads() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.db");
    unpack(2, &path);
    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(store.load_latest_run().await.unwrap(), Some(record::rich()));
    assert_eq!(store.load_memory(PLACE).await.unwrap(), memory::rich());
    assert_eq!(store.load_revisions().await.unwrap(), memory::revisions());
}

#[tokio::test]
async fn the_format_of_the_latest_version_has_not_drifted() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (folder.path().join("old.db"), folder.path().join("new.db"));
    let store = SqliteStore::open(&new).await.unwrap();
    fill(&store).await;
    store.close().await;
    // A format with a new number gets a fixture of its own: `WRITE_FIXTURE=1` puts it beside the old ones.
    if std::env::var_os("WRITE_FIXTURE").is_some() {
        pack(&new);
    }
    unpack(LATEST, &old);
    assert_eq!(dump(&new).await, dump(&old).await);
}

fn pack(path: &Path) {
    let file = fs::File::create_new(fixture(LATEST)).unwrap();
    let mut packer = flate2::write::GzEncoder::new(file, flate2::Compression::best());
    packer.write_all(&fs::read(path).unwrap()).unwrap();
    packer.finish().unwrap();
}
