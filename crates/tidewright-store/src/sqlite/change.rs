//! What is saved beside runs, each in one transaction; where the file is full, older runs make room.

use sqlx::{Connection, SqliteConnection};
use tidewright_core::{Approval, Pause};

use super::memory::{write_approval, write_memory, write_pause};
use super::revisions::insert;
use super::{FORGET_HALF, SqliteStore};
use crate::fault;
use crate::row::RevisionRow;

/// Something small to save, in columns.
pub(super) enum Change<'a> {
    /// What runs saw of a document.
    Memory { place: &'a str, first_seen: Option<i64>, rows: Vec<(String, String)> },
    /// A person's word for a limit.
    Approval { place: &'a str, key: String, approval: &'a Approval },
    /// The pause, or its end.
    Pause(Option<&'a Pause>),
    /// A revision and the document before it.
    Revision { row: RevisionRow, document: Option<Vec<u8>> },
}

/// Whether older runs go first.
#[derive(Clone, Copy)]
enum Room {
    AsIs,
    ForgetHalf,
}

impl Change<'_> {
    async fn write(&self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        match self {
            Self::Memory { place, first_seen, rows } => {
                write_memory(connection, place, *first_seen, rows).await
            }
            Self::Approval { place, key, approval } => {
                write_approval(connection, place, key, approval).await
            }
            Self::Pause(pause) => write_pause(connection, *pause).await,
            Self::Revision { row, document } => insert(connection, row, document.as_deref()).await,
        }
    }
}

impl SqliteStore {
    pub(super) async fn commit(&self, change: &Change<'_>) -> Result<(), sqlx::Error> {
        match self.transact(change, Room::AsIs).await {
            Err(cause) if fault::is_full(&cause) => self.transact(change, Room::ForgetHalf).await,
            written => written,
        }
    }

    async fn transact(&self, change: &Change<'_>, room: Room) -> Result<(), sqlx::Error> {
        let mut connection = self.pool.acquire().await?;
        let written = transact(&mut connection, change, room).await;
        if written.is_err() {
            // As where a run is written: a full disk ends the transaction behind the driver's back.
            let _ = connection.close().await;
        }
        written
    }
}

async fn transact(
    connection: &mut SqliteConnection,
    change: &Change<'_>,
    room: Room,
) -> Result<(), sqlx::Error> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    if let Room::ForgetHalf = room {
        sqlx::query(FORGET_HALF).execute(&mut *transaction).await?;
    }
    change.write(&mut transaction).await?;
    transaction.commit().await
}
