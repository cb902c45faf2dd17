//! What else the reader should know, as it is stored.

use serde::{Deserialize, Serialize};
use tidewright_core::Remark;

use super::mirror;
use super::moment::MomentRow;
use super::number::NumberRow;

mirror!(
    /// What else the reader should know.
    RemarkRow, Remark,
    [TrendCapped, SeasonalNaive, NoForecast, Capped, Floored, ShadowMode, Censored, Moved],
    [],
    [
        NoWeeklySeason { days: NumberRow },
        Paced { target: u32 },
        Approved { by: String, at: MomentRow },
        EventExpected { event: String, factor: NumberRow },
        ContractFloor { rule: String },
        SumOf { series: usize },
        EachValue { values: usize, decisive: String },
        Rejected { windows: usize },
        ReplayError { ratio: NumberRow },
        Gaps { ratio: NumberRow }
    ]
);
