//! One limit on its way to a proposal.

use tidewright_core::{Evidence, LimitKey, Proposal, Reason, Setting, Unit};

/// One limit on its way to a proposal.
pub(crate) struct Case {
    pub key: LimitKey,
    pub current: Option<Setting>,
    pub unit: Unit,
    pub shadow_mode: bool,
    /// Why its number cannot change whatever its demand.
    pub held: Option<Reason>,
}

/// A proposal with its drawing.
pub(crate) type Decided = (Proposal, Option<Evidence>);
