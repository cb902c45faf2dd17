//! What earlier runs saw, what people released, and the pause.

use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use tidewright_core::{Approval, Pause, PlanMemory, PortError, Timestamp};

use super::SqliteStore;
use super::change::Change;
use crate::fault;
use crate::row::{FORMAT, RowError, check_format, memory};

/// Approvals that are kept of one document: what people said in years, of which only the last days still hold.
const APPROVALS_MAX: i64 = 1_000;

const SELECT_SEEN: &str = "SELECT first_seen_ms FROM documents WHERE place = $1";
const SELECT_MEMORIES: &str = "SELECT key, format, stretches FROM memories WHERE place = $1";
const SELECT_APPROVALS: &str =
    "SELECT key, up_to, author, at_ms, until_ms FROM approvals WHERE place = $1 ORDER BY ordinal";
const SELECT_PAUSE: &str = "SELECT author, why, since_ms, until_ms FROM pauses";
const UPSERT_SEEN: &str = "INSERT INTO documents (place, first_seen_ms) VALUES ($1, $2) \
    ON CONFLICT (place) DO UPDATE SET first_seen_ms = excluded.first_seen_ms";
const INSERT_MEMORY: &str =
    "INSERT INTO memories (place, key, format, stretches) VALUES ($1, $2, $3, $4)";
const INSERT_APPROVAL: &str = "INSERT INTO approvals \
    (place, key, up_to, author, at_ms, until_ms) VALUES ($1, $2, $3, $4, $5, $6)";
const FORGET_APPROVALS: &str = "DELETE FROM approvals WHERE place = $1 AND ordinal NOT IN \
    (SELECT ordinal FROM approvals WHERE place = $1 ORDER BY ordinal DESC LIMIT $2)";
const INSERT_PAUSE: &str =
    "INSERT INTO pauses (only, author, why, since_ms, until_ms) VALUES (1, $1, $2, $3, $4)";

/// Rows as the database gives them.
struct Found {
    first_seen: Option<i64>,
    memories: Vec<(String, i64, String)>,
    approvals: Vec<(String, u32, String, i64, i64)>,
    pause: Option<Pause>,
}

impl SqliteStore {
    pub(super) async fn memory(&self, place: &str) -> Result<PlanMemory, PortError> {
        let doing = "load the memory of a document from";
        let found = self.find_memory(place).await;
        let found = found.map_err(|cause| fault::database(doing, &self.place, cause))?;
        found.into_memory().map_err(|cause| fault::row(doing, &self.place, cause))
    }

    /// One transaction: a memory that is replaced in between is not mixed with its successor.
    async fn find_memory(&self, place: &str) -> Result<Found, sqlx::Error> {
        let mut transaction = self.pool.begin().await?;
        let connection = &mut *transaction;
        let seen = sqlx::query(SELECT_SEEN).bind(place).fetch_optional(&mut *connection).await?;
        let memories = sqlx::query(SELECT_MEMORIES).bind(place).fetch_all(&mut *connection).await?;
        let approvals =
            sqlx::query(SELECT_APPROVALS).bind(place).fetch_all(&mut *connection).await?;
        let pause = sqlx::query(SELECT_PAUSE).fetch_optional(connection).await?;
        Ok(Found {
            first_seen: seen.map(|row| row.try_get(0)).transpose()?.flatten(),
            memories: memories.iter().map(memory_row).collect::<Result<_, _>>()?,
            approvals: approvals.iter().map(approval_row).collect::<Result<_, _>>()?,
            pause: pause.as_ref().map(pause_row).transpose()?,
        })
    }

    pub(super) async fn remember(&self, place: &str, memory: &PlanMemory) -> Result<(), PortError> {
        let doing = "save the memory of a document to";
        let rows = memory::write(memory);
        let rows = rows.map_err(|cause| fault::row(doing, &self.place, cause))?;
        let first_seen = memory.first_seen.map(Timestamp::as_millis);
        let written = self.commit(&Change::Memory { place, first_seen, rows }).await;
        written.map_err(|cause| fault::database(doing, &self.place, cause))
    }

    pub(super) async fn approve(&self, place: &str, approval: &Approval) -> Result<(), PortError> {
        let doing = "save an approval to";
        let key = memory::write_key(&approval.key);
        let key = key.map_err(|cause| fault::row(doing, &self.place, cause))?;
        let written = self.commit(&Change::Approval { place, key, approval }).await;
        written.map_err(|cause| fault::database(doing, &self.place, cause))
    }

    pub(super) async fn pause(&self, pause: Option<&Pause>) -> Result<(), PortError> {
        let written = self.commit(&Change::Pause(pause)).await;
        let doing = if pause.is_some() { "save a pause to" } else { "end a pause in" };
        written.map_err(|cause| fault::database(doing, &self.place, cause))
    }
}

impl Found {
    fn into_memory(self) -> Result<PlanMemory, RowError> {
        let limit = |(key, format, stretches): (String, i64, String)| {
            check_format(format)?;
            memory::read(&key, &stretches)
        };
        let approval = |(key, up_to, by, at, until): (String, u32, String, i64, i64)| {
            let (at, until) = (Timestamp::from_millis(at), Timestamp::from_millis(until));
            Ok(Approval { key: memory::read_key(&key)?, up_to, by, at, until })
        };
        Ok(PlanMemory {
            first_seen: self.first_seen.map(Timestamp::from_millis),
            limits: self.memories.into_iter().map(limit).collect::<Result<_, RowError>>()?,
            approvals: self.approvals.into_iter().map(approval).collect::<Result<_, RowError>>()?,
            pause: self.pause,
        })
    }
}

fn memory_row(row: &SqliteRow) -> Result<(String, i64, String), sqlx::Error> {
    Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))
}

fn approval_row(row: &SqliteRow) -> Result<(String, u32, String, i64, i64), sqlx::Error> {
    Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?, row.try_get(4)?))
}

fn pause_row(row: &SqliteRow) -> Result<Pause, sqlx::Error> {
    let until: Option<i64> = row.try_get(3)?;
    Ok(Pause {
        by: row.try_get(0)?,
        why: row.try_get(1)?,
        since: Timestamp::from_millis(row.try_get(2)?),
        until: until.map(Timestamp::from_millis),
    })
}

pub(super) async fn write_memory(
    connection: &mut SqliteConnection,
    place: &str,
    first_seen: Option<i64>,
    rows: &[(String, String)],
) -> Result<(), sqlx::Error> {
    let seen = sqlx::query(UPSERT_SEEN).bind(place).bind(first_seen);
    seen.execute(&mut *connection).await?;
    let before = sqlx::query("DELETE FROM memories WHERE place = $1").bind(place);
    before.execute(&mut *connection).await?;
    for (key, stretches) in rows {
        let insert = sqlx::query(INSERT_MEMORY).bind(place).bind(key).bind(FORMAT).bind(stretches);
        insert.execute(&mut *connection).await?;
    }
    Ok(())
}

pub(super) async fn write_approval(
    connection: &mut SqliteConnection,
    place: &str,
    key: &str,
    approval: &Approval,
) -> Result<(), sqlx::Error> {
    let insert = sqlx::query(INSERT_APPROVAL)
        .bind(place)
        .bind(key)
        .bind(approval.up_to)
        .bind(&approval.by)
        .bind(approval.at.as_millis())
        .bind(approval.until.as_millis());
    insert.execute(&mut *connection).await?;
    let forget = sqlx::query(FORGET_APPROVALS).bind(place).bind(APPROVALS_MAX);
    forget.execute(connection).await.map(drop)
}

pub(super) async fn write_pause(
    connection: &mut SqliteConnection,
    pause: Option<&Pause>,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM pauses").execute(&mut *connection).await?;
    let Some(pause) = pause else { return Ok(()) };
    let insert = sqlx::query(INSERT_PAUSE)
        .bind(&pause.by)
        .bind(&pause.why)
        .bind(pause.since.as_millis())
        .bind(pause.until.map(Timestamp::as_millis));
    insert.execute(connection).await.map(drop)
}
