//! What the current limit, the proposed one and the rule's own would have rejected on the held-back days.

use tidewright_core::{Grid, HeldBack, Limit, Proposal, ReplayReport};
use tidewright_limiter::replay;

/// Demand on the held-back days, in windows of the limit's unit.
pub(crate) struct HeldBackDays<'a> {
    pub grid: Grid,
    pub raw: &'a [f64],
    pub clean: &'a [f64],
    /// What the rule makes of the days before, if they suffice.
    pub rule: Option<Limit>,
}

/// Replays a proposal; `None` if there is no number to replay or nothing was measured.
pub(crate) fn replayed(proposal: &Proposal, days: &HeldBackDays<'_>) -> Option<ReplayReport> {
    // A limit that is held is tried with the number that the formula gave: that is what the reader asks.
    let proposed = proposal.estimate.as_ref()?.limit;
    let clean = |limit: Limit| replay(days.clean, &days.grid, limit.requests_per_unit);
    let raw = |limit: Limit| replay(days.raw, &days.grid, limit.requests_per_unit);
    let current = proposal.current_limit();
    let report = ReplayReport {
        span: days.grid.span(),
        current: current.map(clean),
        proposed: clean(proposed),
        current_raw: current.map(raw),
        proposed_raw: raw(proposed),
        held_back: days.rule.map(|limit| HeldBack { limit, replay: clean(limit) }),
    };
    (report.proposed_raw.windows > 0).then_some(report)
}
