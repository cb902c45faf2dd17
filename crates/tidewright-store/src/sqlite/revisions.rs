//! What was written into documents, and the documents before it.

use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use tidewright_core::{PortError, Revision, RevisionId};

use super::SqliteStore;
use super::change::Change;
use crate::fault;
use crate::row::{RevisionRow, RowError};

/// Revisions beyond this number are forgotten, the oldest first: years of changes by hand, and at 1 MiB of YAML each,
/// which packs to a twentieth, less than 100 MB.
const REVISIONS_MAX: i64 = 1_000;

/// What a packed document may unpack to: as much as a file of limits may have, so that no row can fill the memory.
const DOCUMENT_BYTES_MAX: u64 = 8 << 20;

const INSERT_REVISION: &str = "INSERT INTO revisions \
    (id, at_ms, origin, origin_id, author, place, format, changes, document, written) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const FORGET_REVISIONS: &str = "DELETE FROM revisions WHERE ordinal NOT IN \
    (SELECT ordinal FROM revisions ORDER BY ordinal DESC LIMIT $1)";
const MARK_WRITTEN: &str = "UPDATE revisions SET written = 1 WHERE id = $1";
const SELECT_REVISIONS: &str = "SELECT id, at_ms, origin, origin_id, author, place, format, \
    changes, written FROM revisions ORDER BY ordinal";
const SELECT_DOCUMENT: &str = "SELECT document FROM revisions WHERE id = $1";

impl SqliteStore {
    pub(super) async fn keep_revision(
        &self,
        revision: &Revision,
        before: Option<&[u8]>,
    ) -> Result<(), PortError> {
        let doing = "save a revision to";
        let row = RevisionRow::of(revision);
        let row = row.map_err(|cause| fault::row(doing, &self.place, cause))?;
        let document = before.map(pack).transpose();
        let document = document.map_err(|cause| fault::file(doing, &self.place, cause))?;
        let written = self.commit(&Change::Revision { row, document }).await;
        written.map_err(|cause| fault::database(doing, &self.place, cause))
    }

    pub(super) async fn mark_written(&self, id: &RevisionId) -> Result<(), PortError> {
        let mark = sqlx::query(MARK_WRITTEN).bind(id.to_string()).execute(&self.pool).await;
        mark.map(drop).map_err(|cause| fault::database("mark a revision in", &self.place, cause))
    }

    pub(super) async fn revisions(&self) -> Result<Vec<Revision>, PortError> {
        let doing = "load the revisions from";
        let rows = sqlx::query(SELECT_REVISIONS).fetch_all(&self.pool).await;
        let rows =
            rows.and_then(|rows| rows.iter().map(revision_row).collect::<Result<Vec<_>, _>>());
        let rows = rows.map_err(|cause| fault::database(doing, &self.place, cause))?;
        let revisions: Result<_, RowError> =
            rows.into_iter().map(RevisionRow::into_revision).collect();
        revisions.map_err(|cause| fault::row(doing, &self.place, cause))
    }

    pub(super) async fn document_before(
        &self,
        id: &RevisionId,
    ) -> Result<Option<Vec<u8>>, PortError> {
        let doing = "load a document from";
        let row = sqlx::query(SELECT_DOCUMENT).bind(id.to_string());
        let row = row.fetch_optional(&self.pool).await;
        let packed = row.and_then(|row| row.map(|row| row.try_get(0)).transpose());
        let packed: Option<Option<Vec<u8>>> =
            packed.map_err(|cause| fault::database(doing, &self.place, cause))?;
        let document = packed.flatten().map(|packed| unpack(&packed)).transpose();
        document.map_err(|cause| fault::row(doing, &self.place, RowError::Packed(cause)))
    }
}

pub(super) async fn insert(
    connection: &mut SqliteConnection,
    row: &RevisionRow,
    document: Option<&[u8]>,
) -> Result<(), sqlx::Error> {
    let forget = sqlx::query(FORGET_REVISIONS).bind(REVISIONS_MAX - 1);
    forget.execute(&mut *connection).await?;
    let insert = sqlx::query(INSERT_REVISION)
        .bind(&row.id)
        .bind(row.at_ms)
        .bind(&row.origin)
        .bind(&row.origin_id)
        .bind(&row.author)
        .bind(&row.place)
        .bind(row.format)
        .bind(&row.changes)
        .bind(document)
        .bind(row.written);
    insert.execute(connection).await.map(drop)
}

fn revision_row(row: &SqliteRow) -> Result<RevisionRow, sqlx::Error> {
    Ok(RevisionRow {
        id: row.try_get(0)?,
        at_ms: row.try_get(1)?,
        origin: row.try_get(2)?,
        origin_id: row.try_get(3)?,
        author: row.try_get(4)?,
        place: row.try_get(5)?,
        format: row.try_get(6)?,
        changes: row.try_get(7)?,
        written: row.try_get(8)?,
    })
}

fn pack(document: &[u8]) -> io::Result<Vec<u8>> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(document)?;
    packer.finish()
}

fn unpack(packed: &[u8]) -> io::Result<Vec<u8>> {
    let mut document = Vec::new();
    GzDecoder::new(packed).take(DOCUMENT_BYTES_MAX).read_to_end(&mut document)?;
    Ok(document)
}
