//! From what a database says to what a person can do about it.
//!
//! The database's own words stay in the cause; here is only the kind and the advice.

use std::error::Error;
use std::io;

use sqlx::migrate::MigrateError;
use tidewright_core::{PortError, PortErrorKind};

use crate::row::RowError;

/// What failed, by whom it can be mended.
struct Verdict(PortErrorKind, &'static str);

const NEWER: Verdict = Verdict(
    PortErrorKind::Refused,
    "a newer Tidewright wrote it; use that version, or name another store",
);
const CORRUPT: Verdict =
    Verdict(PortErrorKind::Corrupt, "move the file away; the next run starts a new one");
const OPEN: Verdict =
    Verdict(PortErrorKind::Refused, "name a file in a folder that this user may write to");
const FULL: Verdict =
    Verdict(PortErrorKind::Transient, "free some space, or keep fewer runs, and run again");
const BUSY: Verdict = Verdict(
    PortErrorKind::Transient,
    "another process is writing to it; run again when it is done",
);
const TWICE: Verdict = Verdict(
    PortErrorKind::Conflict,
    "another process saved the same at this very moment; look at what it did before you try again",
);
const OTHER: Verdict = Verdict(PortErrorKind::Transient, "check the disk and run again");

/// A failure of the database while doing something to the store at `place`.
pub(crate) fn database(doing: &str, place: &str, cause: sqlx::Error) -> PortError {
    let verdict = judge(&cause);
    port(doing, place, verdict, cause)
}

/// A failure of the tables' set-up.
pub(crate) fn migration(place: &str, cause: MigrateError) -> PortError {
    let verdict = match &cause {
        MigrateError::Execute(cause) | MigrateError::ExecuteMigration(cause, _) => judge(cause),
        MigrateError::VersionMissing(_) | MigrateError::VersionTooNew(..) => NEWER,
        _ => CORRUPT,
    };
    port("set up the tables of", place, verdict, cause)
}

/// A row that is no part of a run.
pub(crate) fn row(doing: &str, place: &str, cause: RowError) -> PortError {
    let verdict = if matches!(cause, RowError::Newer(_)) { NEWER } else { CORRUPT };
    port(doing, place, verdict, cause)
}

/// A file or folder that cannot be made.
pub(crate) fn file(doing: &str, place: &str, cause: io::Error) -> PortError {
    let full = matches!(cause.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    port(doing, place, if full { FULL } else { OPEN }, cause)
}

fn port(
    doing: &str,
    place: &str,
    Verdict(kind, hint): Verdict,
    cause: impl Error + Send + Sync + 'static,
) -> PortError {
    PortError::new(kind, format!("cannot {doing} the store `{place}`")).caused_by(cause).hint(hint)
}

/// Whether the file or the disk has no room left.
pub(crate) fn is_full(cause: &sqlx::Error) -> bool {
    code(cause) == Some(SQLITE_FULL)
}

/// Whether another process has the file to itself.
pub(crate) fn is_busy(cause: &sqlx::Error) -> bool {
    matches!(code(cause), Some(5 | 6))
}

fn judge(cause: &sqlx::Error) -> Verdict {
    match code(cause) {
        Some(5 | 6) => BUSY,
        Some(3 | 8 | 14 | 23) => OPEN,
        Some(19) => TWICE,
        Some(11 | 26) => CORRUPT,
        Some(SQLITE_FULL) => FULL,
        _ => OTHER,
    }
}

const SQLITE_FULL: u32 = 13;

/// SQLite's primary result code, <https://sqlite.org/rescode.html>; the extended ones carry it in their low byte.
fn code(cause: &sqlx::Error) -> Option<u32> {
    let code = cause.as_database_error().and_then(sqlx::error::DatabaseError::code)?;
    code.parse::<u32>().ok().map(|code| code & 0xff)
}
