//! What limits would have rejected, for machines.

use serde::Serialize;
use tidewright_core::{Replay, ReplayReport};

use super::{LimitV1, SpanV1};

/// The current limit, the proposed one, and the rule itself, on days that the rule had not seen.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReplayReportV1 {
    /// The held-back days.
    pub span: SpanV1,
    /// The current limit on clean demand.
    pub current: Option<ReplayV1>,
    /// The proposed limit on clean demand.
    pub proposed: ReplayV1,
    /// The current limit on demand as measured.
    pub current_raw: Option<ReplayV1>,
    /// The proposed limit on demand as measured.
    pub proposed_raw: ReplayV1,
    /// What both limits would have rejected of two weeks of clean history; null without a current limit.
    pub history: Option<HistoryReplayV1>,
    /// What the limiter itself counted as over the limit in that time, if it told.
    pub counted_over_limit: Option<f64>,
    /// What the same rule makes of the days before.
    pub held_back: Option<HeldBackV1>,
}

/// The rejected shares of two weeks of clean history.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HistoryReplayV1 {
    /// Under the current limit.
    pub current_ratio: f64,
    /// Under the proposed one.
    pub proposed_ratio: f64,
}

/// What a limit would have rejected.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReplayV1 {
    /// Windows that were counted.
    pub windows: usize,
    /// Requests in them.
    pub demand_requests: f64,
    /// Requests above the limit.
    pub rejected_requests: f64,
    /// The rejected share of demand.
    pub rejected_ratio: f64,
    /// Windows with a rejection.
    pub windows_hit: usize,
    /// The window that rejected most.
    pub worst: Option<WorstV1>,
    /// The first window with a rejection.
    pub first: Option<String>,
    /// The last window with a rejection.
    pub last: Option<String>,
}

/// The window that rejected most.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WorstV1 {
    /// When it started.
    pub at: String,
    /// How many requests it rejected.
    pub rejected_requests: f64,
}

/// The rule tried on days that it had not seen.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HeldBackV1 {
    /// The limit that the rule makes of the days before.
    pub limit: LimitV1,
    /// What it would have rejected of clean demand.
    pub replay: ReplayV1,
}

impl From<&ReplayReport> for ReplayReportV1 {
    fn from(report: &ReplayReport) -> Self {
        let held_back = report.held_back.as_ref().map(|rule| HeldBackV1 {
            limit: rule.limit.into(),
            replay: ReplayV1::from(&rule.replay),
        });
        Self {
            span: report.span.into(),
            current: report.current.as_ref().map(ReplayV1::from),
            proposed: ReplayV1::from(&report.proposed),
            current_raw: report.current_raw.as_ref().map(ReplayV1::from),
            proposed_raw: ReplayV1::from(&report.proposed_raw),
            history: report.history.map(|it| HistoryReplayV1 {
                current_ratio: it.current_ratio,
                proposed_ratio: it.proposed_ratio,
            }),
            counted_over_limit: report.counted_over_limit,
            held_back,
        }
    }
}

impl From<&Replay> for ReplayV1 {
    fn from(replay: &Replay) -> Self {
        let worst = replay
            .worst
            .map(|(at, rejected_requests)| WorstV1 { at: at.to_string(), rejected_requests });
        Self {
            windows: replay.windows,
            demand_requests: replay.demand,
            rejected_requests: replay.rejected,
            rejected_ratio: replay.rejected_ratio(),
            windows_hit: replay.windows_hit,
            worst,
            first: replay.first.map(|at| at.to_string()),
            last: replay.last.map(|at| at.to_string()),
        }
    }
}
