//! What the current limit, the proposed one and the rule's own would have rejected on the held-back days.

use tidewright_core::{
    Grid, HeldBack, HistoryReplay, Limit, Proposal, Remark, Replay, ReplayReport,
};
use tidewright_limiter::replay;

/// Demand on the held-back days, in windows of the limit's unit.
pub(crate) struct HeldBackDays<'a> {
    pub grid: Grid,
    pub raw: &'a [f64],
    pub clean: &'a [f64],
    /// The clean windows of two weeks, these days included, and their grid.
    pub history: (Grid, &'a [f64]),
    /// What the rule makes of the days before, if they suffice.
    pub rule: Option<Limit>,
    /// Demand of the other values, as measured, where the limit counts each by itself.
    pub others: Vec<Vec<f64>>,
    /// What the limiter itself counted as over the limit.
    pub over_limit: Option<Vec<f64>>,
}

/// Where replay and limiter differ by less than this share of demand, there is nothing to tell.
const REPLAY_ERROR_TOLD: f64 = 0.001;

/// Replays a proposal; `None` if there is no number to replay or nothing was measured.
pub(crate) fn replayed(proposal: &Proposal, days: &HeldBackDays<'_>) -> Option<ReplayReport> {
    // A limit that is held is tried with the number that the formula gave: that is what the reader asks.
    let proposed = proposal.estimate.as_ref()?.limit;
    let counters = |first: &[f64], limit: Limit| {
        let others = days.others.iter().map(Vec::as_slice);
        let replays = others.chain([first]).map(|v| replay(v, &days.grid, limit.requests_per_unit));
        replays.reduce(together).unwrap_or_default()
    };
    let clean = |limit: Limit| counters(days.clean, limit);
    let raw = |limit: Limit| counters(days.raw, limit);
    let current = proposal.current_limit();
    let report = ReplayReport {
        span: days.grid.span(),
        current: current.map(clean),
        proposed: clean(proposed),
        current_raw: current.map(raw),
        proposed_raw: raw(proposed),
        history: current.map(|current| history(days, current, proposed)),
        counted_over_limit: days.over_limit.as_ref().map(|counts| counts.iter().sum()),
        held_back: days.rule.map(|limit| HeldBack { limit, replay: clean(limit) }),
    };
    (report.proposed_raw.windows > 0).then_some(report)
}

/// The rejected shares of two weeks of clean history.
fn history(days: &HeldBackDays<'_>, current: Limit, proposed: Limit) -> HistoryReplay {
    let (grid, clean) = &days.history;
    let ratio = |limit: Limit| replay(clean, grid, limit.requests_per_unit).rejected_ratio();
    HistoryReplay { current_ratio: ratio(current), proposed_ratio: ratio(proposed) }
}

/// How far replay and limiter lie apart, where the limiter told what it counted.
pub(crate) fn replay_error(report: &ReplayReport) -> Option<Remark> {
    let (replayed, counted) = (report.current_raw?, report.counted_over_limit?);
    let ratio = (replayed.rejected - counted) / replayed.demand.max(1.0);
    (ratio.abs() > REPLAY_ERROR_TOLD).then_some(Remark::ReplayError { ratio })
}

/// Two counters under one limit.
fn together(one: Replay, other: Replay) -> Replay {
    let worst = [one.worst, other.worst].into_iter().flatten();
    Replay {
        windows: one.windows.max(other.windows),
        demand: one.demand + other.demand,
        rejected: one.rejected + other.rejected,
        windows_hit: one.windows_hit + other.windows_hit,
        worst: worst.max_by(|a, b| a.1.total_cmp(&b.1)),
        first: one.first.into_iter().chain(other.first).min(),
        last: one.last.max(other.last),
    }
}
