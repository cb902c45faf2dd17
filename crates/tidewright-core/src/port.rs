//! The ports: what the engine asks of the world. Adapters implement them; the engine knows nothing else of them.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;

use crate::demand::{DemandFrame, DemandRequest};
use crate::memory::{Approval, Pause, PlanMemory};
use crate::revision::{Revision, RevisionId};
use crate::run::{RunId, RunRecord};
use crate::time::Timestamp;

/// What a port answers later.
pub type PortFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, PortError>> + Send + 'a>>;

/// Why a port could not do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PortErrorKind {
    /// The world is in the way: time-outs, refused connections, overload. Trying again later may help.
    Transient,
    /// It answered no: bad request, no right, no such thing. Trying again will not help.
    Refused,
    /// Somebody else changed it in between.
    Conflict,
    /// What came back makes no sense: truncated, not the expected format, contradictory.
    Corrupt,
}

/// A failure of a port. `Display` tells what was being done to what; the cause is in [`Error::source`].
#[derive(Debug)]
pub struct PortError {
    kind: PortErrorKind,
    doing: String,
    hint: Option<String>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// What was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Where, for people: a path or an object's name.
    pub place: String,
    /// Whether anything differed from what was there.
    pub changed: bool,
}

/// Where demand comes from.
pub trait MetricSource: Send + Sync {
    /// What it reads, for people: a URL without credentials, a file name.
    fn describe(&self) -> String;

    /// Reads demand. A missing answer is an error; a missing sample is a gap.
    fn fetch_demand<'a>(
        &'a self,
        request: &'a DemandRequest,
        progress: &'a dyn Progress,
    ) -> PortFuture<'a, DemandFrame>;
}

/// Where a limiter's document lives.
pub trait LimitTarget: Send + Sync {
    /// Where, for people.
    fn describe(&self) -> String;

    /// The document as it is now; `None` if there is none.
    fn load(&self) -> PortFuture<'_, Option<Vec<u8>>>;

    /// Puts `document` in place, whole or not at all.
    fn apply<'a>(&'a self, document: &'a [u8]) -> PortFuture<'a, Applied>;
}

/// A place that can tell whether somebody changed its document in between.
pub trait GuardedTarget: LimitTarget {
    /// Puts `document` in place of `before`, whole or not at all; a [`PortErrorKind::Conflict`] if something else is
    /// there by now, and `None` is nothing.
    fn replace<'a>(
        &'a self,
        before: Option<&'a [u8]>,
        document: &'a [u8],
    ) -> PortFuture<'a, Applied>;

    /// Keeps a copy of `document`, as it was before a revision, beside its place; where, for people.
    fn back_up<'a>(&'a self, document: &'a [u8], before: &'a RevisionId) -> PortFuture<'a, String>;
}

/// Where changes of documents are remembered.
pub trait RevisionLog: Send + Sync {
    /// Remembers a revision and the document before it; when this returns, both outlive the process.
    fn save_revision<'a>(
        &'a self,
        revision: &'a Revision,
        before: Option<&'a [u8]>,
    ) -> PortFuture<'a, ()>;

    /// Remembers that the document of a revision was written.
    fn save_written<'a>(&'a self, id: &'a RevisionId) -> PortFuture<'a, ()>;

    /// The revisions of all documents, the oldest first.
    fn load_revisions(&self) -> PortFuture<'_, Vec<Revision>>;

    /// The document before a revision; `None` if there was none or the revision is unknown.
    fn load_document_before<'a>(&'a self, id: &'a RevisionId) -> PortFuture<'a, Option<Vec<u8>>>;
}

/// Where runs are remembered.
pub trait Store: Send + Sync {
    /// Remembers a run; when this returns, it outlives the process. A run with the same id is replaced.
    fn save_run<'a>(&'a self, run: &'a RunRecord) -> PortFuture<'a, ()>;

    /// What is remembered of the document called `place`; nothing of one that was never seen.
    fn load_memory<'a>(&'a self, place: &'a str) -> PortFuture<'a, PlanMemory>;

    /// Remembers the stretches of `limits` instead of those before, and when the document was seen first; approvals and
    /// the pause are left as they are.
    fn save_memory<'a>(&'a self, place: &'a str, memory: &'a PlanMemory) -> PortFuture<'a, ()>;

    /// Remembers a person's word for a limit of the document called `place`.
    fn save_approval<'a>(&'a self, place: &'a str, approval: &'a Approval) -> PortFuture<'a, ()>;

    /// Stops all changes, or with `None` lets them go on.
    fn save_pause<'a>(&'a self, pause: Option<&'a Pause>) -> PortFuture<'a, ()>;

    /// The run that was saved last.
    fn load_latest_run(&self) -> PortFuture<'_, Option<RunRecord>>;

    /// A run by its id.
    fn load_run<'a>(&'a self, id: &'a RunId) -> PortFuture<'a, Option<RunRecord>>;
}

/// What time it is.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// Who watches long work and may stop it.
pub trait Progress: Send + Sync {
    /// A stage of `total` steps begins; `total` is 0 where it is not known.
    fn begin(&self, stage: &'static str, total: u64);

    /// `steps` more are done.
    fn advance(&self, steps: u64);

    /// Whether the work should stop.
    fn is_cancelled(&self) -> bool;
}

/// Nobody watches.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _stage: &'static str, _total: u64) {}

    fn advance(&self, _steps: u64) {}

    fn is_cancelled(&self) -> bool {
        false
    }
}

impl PortError {
    /// A failure: its kind, and what was being done to what (lower case, no stop).
    pub fn new(kind: PortErrorKind, doing: impl Into<String>) -> Self {
        Self { kind, doing: doing.into(), hint: None, source: None }
    }

    /// With its cause.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// With what the reader can do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Its kind.
    pub const fn kind(&self) -> PortErrorKind {
        self.kind
    }

    /// What the reader can do about it.
    pub fn advice(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for PortError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.doing)
    }
}

impl Error for PortError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let source = self.source.as_deref()?;
        Some(source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_error_never_prints_its_cause() {
        let error = PortError::new(PortErrorKind::Transient, "cannot read `x`")
            .caused_by("the cause")
            .hint("try again");
        assert_eq!(error.to_string(), "cannot read `x`");
        assert_eq!(error.source().map(ToString::to_string), Some("the cause".to_owned()));
        assert_eq!((error.kind(), error.advice()), (PortErrorKind::Transient, Some("try again")));
    }
}
