//! The store in a file of its own, by SQLite.
//!
//! The rule: one transaction per run and per other thing that is saved, flushed before `save_run` returns (`synchronous = FULL`); readers never wait for
//! a writer (write-ahead log). The file is readable by its owner only, since plans name customers. It must lie on a
//! local disk. The statements use `$n` and plain types, so that another database can take them over.

mod change;
mod memory;
mod revisions;

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow,
    SqliteSynchronous,
};
use sqlx::{Connection, Row, SqlSafeStr, SqliteConnection};
use tidewright_core::{
    Approval, Pause, PlanMemory, PortError, PortFuture, Proposal, Revision, RevisionId,
    RevisionLog, RunId, RunRecord, Store,
};

use crate::fault;
use crate::row::{ProposalRow, RowError, RunRow};

/// How often a store is opened that another process is just making; giving a file its log takes a moment.
const CONNECT_TRIES: usize = 10;
/// One writes at a time anyway, and a run is read in one go; the rest is for the pages of a long-running role.
const CONNECTIONS_MAX: u32 = 4;

/// SQLite's own default since 3.12; named because the size limit is counted in pages.
const PAGE_BYTES: u32 = 4096;

/// How a [`SqliteStore`] keeps house.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SqliteSettings {
    /// Runs beyond this number are forgotten, the oldest first.
    pub runs_max: u32,
    /// The largest that the file may grow; a run that does not fit is not saved.
    pub bytes_max: u64,
    /// How long to wait for another process that writes.
    pub busy_timeout: Duration,
}

/// Runs in a SQLite file.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    pool: SqlitePool,
    place: String,
    runs_max: u32,
}

/// A run in the form in which it is written.
struct Batch<'a> {
    row: RunRow,
    proposals: Vec<(&'a Proposal, String)>,
}

impl Default for SqliteSettings {
    /// 200 runs are a week of runs every hour; of 1,000 limits each, at about 2 kB, they fill less than half of 1 GiB.
    fn default() -> Self {
        Self { runs_max: 200, bytes_max: 1 << 30, busy_timeout: Duration::from_secs(5) }
    }
}

impl SqliteStore {
    /// Opens the store at `path`, making the file and its folder where they are missing.
    ///
    /// # Errors
    /// [`PortError`] if the file cannot be made or opened, is no store, or was written by a newer version.
    pub async fn open(path: &Path) -> Result<Self, PortError> {
        Self::open_with(path, SqliteSettings::default()).await
    }

    /// Opens the store at `path` with settings of its own.
    ///
    /// # Errors
    /// As [`SqliteStore::open`].
    pub async fn open_with(path: &Path, settings: SqliteSettings) -> Result<Self, PortError> {
        let place = path.display().to_string();
        make_file(path).map_err(|cause| fault::file("make", &place, cause))?;
        let pool = connect(path, settings).await;
        let pool = pool.map_err(|cause| fault::database("open", &place, cause))?;
        set_up(&pool, &place).await?;
        Ok(Self { pool, place, runs_max: settings.runs_max })
    }

    /// Ends all connections, so that one file is left without its log beside it.
    pub async fn close(self) {
        self.pool.close().await;
    }

    /// A run that does not fit takes the place of older ones, half of them at a time; the one before it always stays.
    async fn save(&self, run: &RunRecord) -> Result<(), PortError> {
        let doing = "save a run to";
        let batch = Batch::of(run).map_err(|cause| fault::row(doing, &self.place, cause))?;
        let mut older_kept = self.runs_max.saturating_sub(1);
        loop {
            match self.write(&batch, older_kept).await {
                Err(cause) if fault::is_full(&cause) && older_kept > 1 => older_kept /= 2,
                written => {
                    return written.map_err(|cause| fault::database(doing, &self.place, cause));
                }
            }
        }
    }

    async fn write(&self, batch: &Batch<'_>, older_kept: u32) -> Result<(), sqlx::Error> {
        let mut connection = self.pool.acquire().await?;
        let written = write(&mut connection, batch, older_kept).await;
        if written.is_err() {
            // SQLite ends a transaction by itself when the disk is full, of which the driver's connection knows
            // nothing: it would refuse the next one. The first failure is the one to tell, whatever closing says.
            let _ = connection.close().await;
        }
        written
    }

    async fn load(&self, id: Option<&RunId>) -> Result<Option<RunRecord>, PortError> {
        let doing = "load a run from";
        let found = self.read(id).await;
        let found = found.map_err(|cause| fault::database(doing, &self.place, cause))?;
        let record = found.map(|(row, proposals)| row.into_record(&proposals)).transpose();
        record.map_err(|cause| fault::row(doing, &self.place, cause))
    }

    /// Both reads in one transaction, so that a run which is replaced in between is not mixed with its successor.
    async fn read(&self, id: Option<&RunId>) -> Result<Option<(RunRow, Vec<String>)>, sqlx::Error> {
        let mut transaction = self.pool.begin().await?;
        let query = match id {
            Some(id) => sqlx::query(SELECT_ONE).bind(id.to_string()),
            None => sqlx::query(SELECT_LATEST),
        };
        let Some(row) = query.fetch_optional(&mut *transaction).await? else { return Ok(None) };
        let run = run_row(&row)?;
        let proposals = sqlx::query(SELECT_PROPOSALS).bind(&run.id);
        let rows = proposals.fetch_all(&mut *transaction).await?;
        let proposals = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        Ok(Some((run, proposals)))
    }
}

impl<'a> Batch<'a> {
    fn of(run: &'a RunRecord) -> Result<Self, RowError> {
        let write = |proposal| Ok((proposal, ProposalRow::write(proposal)?));
        let proposals = run.plan.proposals.iter().map(write).collect::<Result<_, RowError>>()?;
        Ok(Self { row: RunRow::of(run)?, proposals })
    }
}

impl Store for SqliteStore {
    fn save_run<'a>(&'a self, run: &'a RunRecord) -> PortFuture<'a, ()> {
        Box::pin(self.save(run))
    }

    fn load_memory<'a>(&'a self, place: &'a str) -> PortFuture<'a, PlanMemory> {
        Box::pin(self.memory(place))
    }

    fn save_memory<'a>(&'a self, place: &'a str, memory: &'a PlanMemory) -> PortFuture<'a, ()> {
        Box::pin(self.remember(place, memory))
    }

    fn save_approval<'a>(&'a self, place: &'a str, approval: &'a Approval) -> PortFuture<'a, ()> {
        Box::pin(self.approve(place, approval))
    }

    fn save_pause<'a>(&'a self, pause: Option<&'a Pause>) -> PortFuture<'a, ()> {
        Box::pin(self.pause(pause))
    }

    fn load_latest_run(&self) -> PortFuture<'_, Option<RunRecord>> {
        Box::pin(self.load(None))
    }

    fn load_run<'a>(&'a self, id: &'a RunId) -> PortFuture<'a, Option<RunRecord>> {
        Box::pin(self.load(Some(id)))
    }
}

impl RevisionLog for SqliteStore {
    fn save_revision<'a>(
        &'a self,
        revision: &'a Revision,
        before: Option<&'a [u8]>,
    ) -> PortFuture<'a, ()> {
        Box::pin(self.keep_revision(revision, before))
    }

    fn save_written<'a>(&'a self, id: &'a RevisionId) -> PortFuture<'a, ()> {
        Box::pin(self.mark_written(id))
    }

    fn load_revisions(&self) -> PortFuture<'_, Vec<Revision>> {
        Box::pin(self.revisions())
    }

    fn load_document_before<'a>(&'a self, id: &'a RevisionId) -> PortFuture<'a, Option<Vec<u8>>> {
        Box::pin(self.document_before(id))
    }
}

const SELECT_ONE: &str = "SELECT id, started_ms, at_ms, mode, inputs_hash, format, plan \
    FROM runs WHERE id = $1";
const SELECT_LATEST: &str = "SELECT id, started_ms, at_ms, mode, inputs_hash, format, plan \
    FROM runs ORDER BY ordinal DESC LIMIT 1";
const SELECT_PROPOSALS: &str = "SELECT proposal FROM proposals WHERE run_id = $1 ORDER BY ordinal";
const INSERT_RUN: &str = "INSERT INTO runs \
    (id, started_ms, at_ms, mode, inputs_hash, format, plan) VALUES ($1, $2, $3, $4, $5, $6, $7)";
const INSERT_PROPOSAL: &str = "INSERT INTO proposals \
    (run_id, ordinal, key, decision, reason, proposal) VALUES ($1, $2, $3, $4, $5, $6)";
const FORGET: &str = "DELETE FROM runs \
    WHERE id NOT IN (SELECT id FROM runs ORDER BY ordinal DESC LIMIT $1)";

const FORGET_HALF: &str = "DELETE FROM runs WHERE ordinal IN \
    (SELECT ordinal FROM runs ORDER BY ordinal LIMIT (SELECT count(*) / 2 FROM runs))";

/// SQLite would make the file readable by everyone; its log takes the rights of the file.
fn make_file(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    OpenOptions::new().create(true).append(true).mode(0o600).open(path).map(drop)
}

fn options(path: &Path, settings: SqliteSettings) -> SqliteConnectOptions {
    let pages_max = settings.bytes_max / u64::from(PAGE_BYTES);
    SqliteConnectOptions::new()
        .filename(path)
        .page_size(PAGE_BYTES)
        .pragma("max_page_count", pages_max.to_string())
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(settings.busy_timeout)
}

/// Connects, again where another process has the file to itself: a new file is given its log by whoever comes first, and
/// SQLite does not wait for that as it does for a write.
async fn connect(path: &Path, settings: SqliteSettings) -> Result<SqlitePool, sqlx::Error> {
    let pool = || SqlitePoolOptions::new().max_connections(CONNECTIONS_MAX);
    for _ in 1..CONNECT_TRIES {
        match pool().connect_with(options(path, settings)).await {
            Err(cause) if fault::is_busy(&cause) => {}
            connected => return connected,
        }
    }
    pool().connect_with(options(path, settings)).await
}

async fn set_up(pool: &SqlitePool, place: &str) -> Result<(), PortError> {
    let runs = include_str!("../migrations/sqlite/0001_runs.sql").into_sql_str();
    let memory = include_str!("../migrations/sqlite/0002_memory.sql").into_sql_str();
    let simple = MigrationType::Simple;
    let steps = [
        Migration::new(1, "runs".into(), simple, runs, false),
        Migration::new(2, "memory".into(), simple, memory, false),
    ];
    // Two processes may set up a new file at once, and the slower one trips over the other's tables, once per step.
    let trips = steps.len();
    let migrator = Migrator::with_migrations(steps.into());
    for _ in 0..trips {
        if migrator.run(pool).await.is_ok() {
            return Ok(());
        }
    }
    migrator.run(pool).await.map_err(|cause| fault::migration(place, cause))
}

/// All or nothing: a transaction that is dropped before its commit is rolled back.
async fn write(
    connection: &mut SqliteConnection,
    batch: &Batch<'_>,
    older_kept: u32,
) -> Result<(), sqlx::Error> {
    // Taking the write lock at the start waits for other writers; taking it later would fail instead.
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let id = &batch.row.id;
    sqlx::query("DELETE FROM runs WHERE id = $1").bind(id).execute(&mut *transaction).await?;
    sqlx::query(FORGET).bind(i64::from(older_kept)).execute(&mut *transaction).await?;
    insert_run(&mut transaction, &batch.row).await?;
    for (ordinal, proposal) in batch.proposals.iter().enumerate() {
        insert_proposal(&mut transaction, id, (ordinal as i64, proposal)).await?;
    }
    transaction.commit().await
}

async fn insert_run(connection: &mut SqliteConnection, row: &RunRow) -> Result<(), sqlx::Error> {
    let query = sqlx::query(INSERT_RUN)
        .bind(&row.id)
        .bind(row.started_ms)
        .bind(row.at_ms)
        .bind(&row.mode)
        .bind(&row.inputs_hash)
        .bind(row.format)
        .bind(&row.plan);
    query.execute(connection).await.map(drop)
}

async fn insert_proposal(
    connection: &mut SqliteConnection,
    run_id: &str,
    (ordinal, (proposal, json)): (i64, &(&Proposal, String)),
) -> Result<(), sqlx::Error> {
    let query = sqlx::query(INSERT_PROPOSAL)
        .bind(run_id)
        .bind(ordinal)
        .bind(proposal.key.to_string())
        .bind(proposal.decision.name())
        .bind(proposal.reason.code())
        .bind(json);
    query.execute(connection).await.map(drop)
}

fn run_row(row: &SqliteRow) -> Result<RunRow, sqlx::Error> {
    Ok(RunRow {
        id: row.try_get(0)?,
        started_ms: row.try_get(1)?,
        at_ms: row.try_get(2)?,
        mode: row.try_get(3)?,
        inputs_hash: row.try_get(4)?,
        format: row.try_get(5)?,
        plan: row.try_get(6)?,
    })
}
