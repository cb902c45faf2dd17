//! What a run has seen that no limit asked about: traffic without a limit, limits without traffic, limits that are never
//! near, and limits that are hit day after day.
//!
//! It is told beside a plan and decides nothing.

use crate::limit::{Limit, LimitKey};

/// What a run has seen beside its decisions; each list begins with what matters most.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Discovery {
    /// Days in which anything was measured.
    pub days: f64,
    /// Traffic that no limit matches, by requests.
    pub strangers: Vec<Stranger>,
    /// How many there are, also of those that are not listed.
    pub strangers_total: usize,
    /// Limits without any traffic in all of the history.
    pub idle: Vec<LimitKey>,
    /// Limits whose demand stays far below them.
    pub never_near: Vec<NeverNear>,
    /// Limits that demand exceeds on most days.
    pub hit_daily: Vec<HitDaily>,
}

/// Traffic that no limit matches.
#[derive(Clone, Debug, PartialEq)]
pub struct Stranger {
    /// The limit that it would have.
    pub key: LimitKey,
    /// Requests in all of the history.
    pub requests: f64,
    /// The busiest minute.
    pub peak: f64,
    /// Days with traffic.
    pub active_days: usize,
}

/// A limit whose demand stays far below it.
#[derive(Clone, Debug, PartialEq)]
pub struct NeverNear {
    /// Which.
    pub key: LimitKey,
    /// What it is.
    pub limit: Limit,
    /// The busiest of its windows.
    pub peak: f64,
    /// Requests in all of the history.
    pub requests: f64,
}

/// A limit that demand exceeds on most days.
#[derive(Clone, Debug, PartialEq)]
pub struct HitDaily {
    /// Which.
    pub key: LimitKey,
    /// What it is.
    pub limit: Limit,
    /// Days with a window above it.
    pub days_hit: usize,
    /// Days in which anything was measured.
    pub days: usize,
    /// Requests above it in all of the history.
    pub above: f64,
}

impl Discovery {
    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.strangers.is_empty()
            && self.idle.is_empty()
            && self.never_near.is_empty()
            && self.hit_daily.is_empty()
    }
}
