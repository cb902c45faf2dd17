//! Why a limit changes or stays, as it is stored.
//!
//! The words are those of `Reason::code`, so that a reader of the database and a reader of a report meet the same ones.

use serde::{Deserialize, Serialize};
use tidewright_core::{Reason, Suspicion, Unestimable};

use super::limit::UnitRow;
use super::mirror;
use super::moment::{MaybeMomentRow, MomentRow};
use super::number::NumberRow;

mirror!(
    /// Why.
    ReasonRow, Reason,
    [
        NoCurrentLimit, DemandAboveLimit, DemandBelowLimit, InsideInterval, NoTraffic, Unlimited, Blocked, NoReplay,
        DayUsedUp
    ],
    [NotEstimable(UnestimableRow), AwaitsApproval(SuspicionRow)],
    [
        Stale { last_seen: MomentRow },
        ThinData { windows: usize, needed: usize },
        ShortHistory { days: NumberRow, needed: NumberRow },
        Excluded { rule: String },
        LowTraffic { peak: NumberRow, threshold: NumberRow },
        OutsideBounds { min: NumberRow, max: NumberRow },
        ReplayGate { rejected_ratio: NumberRow, current_ratio: NumberRow, budget_ratio: NumberRow },
        AwaitsAgreement { since: MaybeMomentRow, hours: NumberRow },
        ChangedLately { at: MomentRow, hours: NumberRow },
        FirstDay { allowed: usize },
        Frozen { event: String, until: MomentRow },
        Pinned { rule: String },
        Paused { by: String, why: String },
        NeverRaise { rule: String },
        DestinationFull { destination: String, capacity: NumberRow, needed: NumberRow },
        NotEditable { why: String }
    ]
);

mirror!(
    /// Why a person should look first.
    SuspicionRow, Suspicion,
    [],
    [],
    [
        RestsOnRejected { without: u32 },
        RiseWithErrors { before: NumberRow, after: NumberRow },
        LoneSlowRise { ratio: NumberRow }
    ]
);

mirror!(
    /// Why a limit cannot be estimated.
    UnestimableRow, Unestimable,
    [],
    [
        UnitTooShort(UnitRow), UnitTooLong(UnitRow), UnmappedDescriptor(String), MissingDescriptor(String),
        EachValue(String), Wildcard(String)
    ],
    []
);
