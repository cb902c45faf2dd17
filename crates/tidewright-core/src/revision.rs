//! Revisions: what was written into a document, by whom, and what it takes to undo it.
//!
//! A revision is remembered before its document is written, and marked when it was. One that is not marked was
//! interrupted in between: the document tells whether it arrived.

use std::fmt;
use std::sync::Arc;

use crate::limit::{Limit, LimitKey};
use crate::run::RunId;
use crate::time::{Timestamp, Zone};

/// The name of a revision: sorts by the moment at which it was made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RevisionId(Arc<str>);

/// One change of one document.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    /// Which.
    pub id: RevisionId,
    /// When it was made.
    pub at: Timestamp,
    /// Where it comes from.
    pub origin: RevisionOrigin,
    /// Who made it, for people.
    pub by: String,
    /// The document.
    pub place: String,
    /// The numbers that it changes.
    pub changes: Vec<NumberChange>,
    /// Whether its document is known to have been written.
    pub written: bool,
}

/// Where a revision comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RevisionOrigin {
    /// The plan of a run.
    Plan(RunId),
    /// Undoing another revision.
    Undo(RevisionId),
}

/// A number and its successor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberChange {
    /// Which limit.
    pub key: LimitKey,
    /// What it was; `None` if there was no such limit.
    pub from: Option<Limit>,
    /// What it becomes.
    pub to: Limit,
}

impl RevisionId {
    /// The name of a revision made at `at` whose content has this hash.
    pub fn new(at: Timestamp, content_hash: &str) -> Self {
        let moment = Zone::utc().strftime(at, "%Y%m%dT%H%M%SZ");
        Self(format!("{moment}-{}", content_hash.get(..8).unwrap_or(content_hash)).into())
    }

    /// A name that was stored or typed.
    pub fn stored(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for RevisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
