//! Why a document was not changed.

use std::fmt;

use thiserror::Error;
use tidewright_core::{LimitKey, PortError, RevisionId, Setting, Timestamp};
use tidewright_limiter::{DocumentError, ObjectNameError};

/// A number that is neither the one that was seen nor the one that is wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct Stale {
    /// Which limit.
    pub key: LimitKey,
    /// What was seen.
    pub expected: Option<Setting>,
    /// What is there.
    pub found: Option<Setting>,
}

/// Why a document was not changed.
#[derive(Debug, Error)]
pub enum ApplyError {
    /// Numbers are not what they were.
    #[error("the limits in `{place}` have changed since: {}", list(stale))]
    Stale {
        /// Where.
        place: String,
        /// Which numbers.
        stale: Vec<Stale>,
    },
    /// The document is gone.
    #[error("the document `{place}` is no longer there")]
    Vanished {
        /// Where it was.
        place: String,
    },
    /// The plan is too old.
    #[error("the plan was put aside at `{created}`, which is more than `{hours}` hours ago")]
    Old {
        /// When.
        created: Timestamp,
        /// How old it may be.
        hours: f64,
    },
    /// All changes are stopped.
    #[error("all changes are paused by {by}: {why}")]
    Paused {
        /// Who stopped them.
        by: String,
        /// Why.
        why: String,
    },
    /// A limit was named that stays as it is and has no number to release.
    #[error("the plan holds `{key}`, and has no number to release: {reason}")]
    Held {
        /// Which.
        key: LimitKey,
        /// Why.
        reason: String,
    },
    /// A limit was named that the plan does not know.
    #[error("the plan has no limit `{key}`")]
    Unknown {
        /// Which.
        key: LimitKey,
    },
    /// Nothing may change at this time.
    #[error("the limit `{key}` is frozen by `{event}` until `{until}`")]
    Frozen {
        /// Which.
        key: LimitKey,
        /// The event of the calendar.
        event: String,
        /// When it ends.
        until: Timestamp,
    },
    /// A revision only made limits, and documents lose none here.
    #[error(
        "the revision `{id}` made limits like `{key}` and changed none, which cannot be taken back"
    )]
    Created {
        /// Which revision.
        id: RevisionId,
        /// One of them.
        key: LimitKey,
    },
    /// A document cannot be read.
    #[error("cannot read the limits in `{place}`")]
    Read {
        /// Where.
        place: String,
        /// Why.
        #[source]
        source: PortError,
    },
    /// A document makes no sense to the limiter.
    #[error("cannot use the limits in `{place}`")]
    Document {
        /// Where.
        place: String,
        /// Why.
        #[source]
        source: DocumentError,
    },
    /// The plan names a place that Kubernetes does not take.
    #[error("the plan names no place for a new document")]
    Home(#[source] ObjectNameError),
    /// The changed document would make no sense to the limiter.
    #[error("cannot build the new document")]
    NewDocument(#[source] DocumentError),
    /// What people said cannot be read.
    #[error("cannot read what is paused")]
    Memory(#[source] PortError),
    /// The change could not be remembered, so it was not made.
    #[error("cannot record the change")]
    Record(#[source] PortError),
    /// The document could not be written; the change is recorded as not written.
    #[error("cannot write the new limits to `{place}`")]
    Write {
        /// Where.
        place: String,
        /// Why.
        #[source]
        source: PortError,
    },
    /// The document was written, and that could not be remembered.
    #[error("the new limits are written, but the record does not know it")]
    Mark(#[source] PortError),
}

/// Stale numbers that a message lists: as many as fit on a screen.
const LISTED_MAX: usize = 8;

fn list(stale: &[Stale]) -> String {
    let told: Vec<String> = stale.iter().take(LISTED_MAX).map(ToString::to_string).collect();
    let more = stale.len().saturating_sub(LISTED_MAX);
    let more = if more > 0 { format!(", and `{more}` more") } else { String::new() };
    told.join(", ") + &more
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, expected, found } = self;
        write!(f, "`{key}` is `{}` where `{}` was seen", Told(*found), Told(*expected))
    }
}

/// A setting as a message tells it.
struct Told(Option<Setting>);

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(Setting::Limited(limit)) => limit.fmt(f),
            Some(Setting::Unlimited) => f.write_str("unlimited"),
            None => f.write_str("nothing"),
        }
    }
}
