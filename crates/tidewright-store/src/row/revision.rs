//! What was written into a document, as it is stored.

use serde::{Deserialize, Serialize};
use tidewright_core::{NumberChange, Revision, RevisionId, RevisionOrigin, RunId, Timestamp};

use super::limit::{KeyRow, LimitRow};
use super::{RowError, check_format};

/// The columns of a revision without its document.
#[derive(Debug)]
pub(crate) struct RevisionRow {
    pub(crate) id: String,
    pub(crate) at_ms: i64,
    pub(crate) origin: String,
    pub(crate) origin_id: String,
    pub(crate) author: String,
    pub(crate) place: String,
    pub(crate) format: i64,
    pub(crate) changes: String,
    pub(crate) written: bool,
}

/// A number and its successor.
#[derive(Debug, Serialize, Deserialize)]
struct ChangeRow {
    key: KeyRow,
    from: Option<LimitRow>,
    to: LimitRow,
}

const PLAN: &str = "plan";
const UNDO: &str = "undo";

impl RevisionRow {
    /// The columns of a revision.
    pub(crate) fn of(revision: &Revision) -> Result<Self, RowError> {
        let (origin, origin_id) = match &revision.origin {
            RevisionOrigin::Plan(run) => (PLAN, run.to_string()),
            RevisionOrigin::Undo(undone) => (UNDO, undone.to_string()),
        };
        let changes: Vec<ChangeRow> = revision.changes.iter().map(ChangeRow::from).collect();
        Ok(Self {
            id: revision.id.to_string(),
            at_ms: revision.at.as_millis(),
            origin: origin.to_owned(),
            origin_id,
            author: revision.by.clone(),
            place: revision.place.clone(),
            format: super::FORMAT,
            changes: serde_json::to_string(&changes)?,
            written: revision.written,
        })
    }

    /// The revision of these columns.
    pub(crate) fn into_revision(self) -> Result<Revision, RowError> {
        check_format(self.format)?;
        let origin = match self.origin.as_str() {
            PLAN => RevisionOrigin::Plan(RunId::stored(&self.origin_id)),
            UNDO => RevisionOrigin::Undo(RevisionId::stored(&self.origin_id)),
            _ => return Err(RowError::Origin(self.origin)),
        };
        let changes: Vec<ChangeRow> = serde_json::from_str(&self.changes)?;
        Ok(Revision {
            id: RevisionId::stored(&self.id),
            at: Timestamp::from_millis(self.at_ms),
            origin,
            by: self.author,
            place: self.place,
            changes: changes.into_iter().map(NumberChange::from).collect(),
            written: self.written,
        })
    }
}

impl From<&NumberChange> for ChangeRow {
    fn from(change: &NumberChange) -> Self {
        let from = change.from.map(Into::into);
        Self { key: (&change.key).into(), from, to: change.to.into() }
    }
}

impl From<ChangeRow> for NumberChange {
    fn from(row: ChangeRow) -> Self {
        Self { key: row.key.into(), from: row.from.map(Into::into), to: row.to.into() }
    }
}
