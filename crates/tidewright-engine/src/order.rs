//! What a cycle is asked to do, and the world as it sees it.

use tidewright_core::{
    Clock, LimitTarget, MetricSource, Mode, Policy, Progress, Store, TimeSpan, Timestamp,
};
use tidewright_limiter::ObjectName;

/// The length of the windows that are fetched: the limiter's shortest that scrapes can measure.
pub(crate) const WINDOW_MS: i64 = 60_000;

/// The world, as one cycle sees it.
#[derive(Clone, Copy)]
pub struct Ports<'a> {
    /// Where demand is read.
    pub source: &'a dyn MetricSource,
    /// Where the current limits are; `None` where there are none yet.
    pub current: Option<&'a dyn LimitTarget>,
    /// Where the new limits are written; `None` to write nothing.
    pub output: Option<&'a dyn LimitTarget>,
    /// Where the run is recorded.
    pub store: &'a dyn Store,
    /// What time it is on the wall.
    pub clock: &'a dyn Clock,
    /// Who watches.
    pub progress: &'a dyn Progress,
}

/// What one cycle is asked to do.
#[derive(Clone, Debug)]
pub struct Order {
    /// The moment as of which to decide.
    pub at: Timestamp,
    /// How far it may reach; recorded with the run.
    pub mode: Mode,
    /// By which rules.
    pub policy: Policy,
    /// Where a document that does not exist yet would live.
    pub place: DocumentPlace,
    /// Whether limits are proposed for traffic that no limit of the document matches.
    pub add_missing: bool,
}

/// Where a document that does not exist yet would live.
#[derive(Clone, Debug)]
pub struct DocumentPlace {
    /// The ConfigMap.
    pub object: ObjectName,
    /// The limiter's domain.
    pub domain: String,
}

impl Order {
    /// The history that it rests on.
    pub(crate) fn history(&self) -> TimeSpan {
        TimeSpan { start: self.at - self.policy.learn.history_max, end: self.at }
    }
}

impl std::fmt::Debug for Ports<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ports").field("source", &self.source.describe()).finish_non_exhaustive()
    }
}
