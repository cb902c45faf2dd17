//! One limit on its way to a proposal.

use tidewright_core::{Evidence, LimitKey, Proposal, Reason, Setting, Unit};
use tidewright_plan::Shift;

/// One limit on its way to a proposal.
pub(crate) struct Case {
    pub key: LimitKey,
    pub current: Option<Setting>,
    pub unit: Unit,
    pub shadow_mode: bool,
    /// Whether all values that match its wildcard share one counter.
    pub shares: bool,
    /// Why its number cannot change whatever its demand.
    pub held: Option<Reason>,
}

/// What was decided about one limit by its own demand.
pub(crate) struct Decided {
    pub proposal: Proposal,
    /// What to draw; `None` where there is no demand.
    pub evidence: Option<Evidence>,
    /// Lasting shifts of its demand.
    pub shifts: Vec<Shift>,
}

impl Decided {
    /// A limit that is left alone without a number.
    pub(crate) fn held(case: &Case, reason: Reason) -> Self {
        let proposal = Proposal::held(case.key.clone(), case.current, reason);
        Self { proposal, evidence: None, shifts: Vec::new() }
    }
}
