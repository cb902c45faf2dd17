//! Why a limit changes or stays, as it is stored.
//!
//! The words are those of `Reason::code`, so that a reader of the database and a reader of a report meet the same ones.

use serde::{Deserialize, Serialize};
use tidewright_core::{Reason, Remark, Timestamp, Unestimable};

use super::limit::UnitRow;
use super::number::NumberRow;

/// Why.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReasonRow {
    NoCurrentLimit,
    DemandAboveLimit,
    DemandBelowLimit,
    InsideInterval,
    NoTraffic,
    Stale { last_seen: i64 },
    ThinData { windows: usize, needed: usize },
    ShortHistory { days: NumberRow, needed: NumberRow },
    NotEstimable(UnestimableRow),
    Excluded { rule: String },
    LowTraffic { peak: NumberRow, threshold: NumberRow },
    OutsideBounds { min: NumberRow, max: NumberRow },
    Unlimited,
    Blocked,
    ReplayGate { rejected_ratio: NumberRow, current_ratio: NumberRow, budget_ratio: NumberRow },
    NoReplay,
    NotEditable { why: String },
}

/// Why a limit cannot be estimated.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UnestimableRow {
    UnitTooShort(UnitRow),
    UnitTooLong(UnitRow),
    UnmappedDescriptor(String),
    MissingDescriptor(String),
    EachValue(String),
    Wildcard(String),
}

/// What else the reader should know.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RemarkRow {
    NoWeeklySeason { days: NumberRow },
    TrendCapped,
    SeasonalNaive,
    NoForecast,
    Capped,
    Floored,
    ShadowMode,
    Gaps { ratio: NumberRow },
}

impl From<&Reason> for ReasonRow {
    fn from(reason: &Reason) -> Self {
        match reason {
            Reason::NoCurrentLimit => Self::NoCurrentLimit,
            Reason::DemandAboveLimit => Self::DemandAboveLimit,
            Reason::DemandBelowLimit => Self::DemandBelowLimit,
            Reason::InsideInterval => Self::InsideInterval,
            Reason::NoTraffic => Self::NoTraffic,
            Reason::Stale { last_seen } => Self::Stale { last_seen: last_seen.as_millis() },
            &Reason::ThinData { windows, needed } => Self::ThinData { windows, needed },
            &Reason::ShortHistory { days, needed } => {
                Self::ShortHistory { days: days.into(), needed: needed.into() }
            }
            Reason::NotEstimable(why) => Self::NotEstimable(why.into()),
            Reason::Excluded { rule } => Self::Excluded { rule: rule.clone() },
            &Reason::LowTraffic { peak, threshold } => {
                Self::LowTraffic { peak: peak.into(), threshold: threshold.into() }
            }
            &Reason::OutsideBounds { min, max } => {
                Self::OutsideBounds { min: min.into(), max: max.into() }
            }
            Reason::Unlimited => Self::Unlimited,
            Reason::Blocked => Self::Blocked,
            &Reason::ReplayGate { rejected_ratio, current_ratio, budget_ratio } => {
                Self::ReplayGate {
                    rejected_ratio: rejected_ratio.into(),
                    current_ratio: current_ratio.into(),
                    budget_ratio: budget_ratio.into(),
                }
            }
            Reason::NoReplay => Self::NoReplay,
            Reason::NotEditable { why } => Self::NotEditable { why: why.clone() },
        }
    }
}

impl From<ReasonRow> for Reason {
    fn from(row: ReasonRow) -> Self {
        match row {
            ReasonRow::NoCurrentLimit => Self::NoCurrentLimit,
            ReasonRow::DemandAboveLimit => Self::DemandAboveLimit,
            ReasonRow::DemandBelowLimit => Self::DemandBelowLimit,
            ReasonRow::InsideInterval => Self::InsideInterval,
            ReasonRow::NoTraffic => Self::NoTraffic,
            ReasonRow::Stale { last_seen } => {
                Self::Stale { last_seen: Timestamp::from_millis(last_seen) }
            }
            ReasonRow::ThinData { windows, needed } => Self::ThinData { windows, needed },
            ReasonRow::ShortHistory { days, needed } => {
                Self::ShortHistory { days: days.into(), needed: needed.into() }
            }
            ReasonRow::NotEstimable(why) => Self::NotEstimable(why.into()),
            ReasonRow::Excluded { rule } => Self::Excluded { rule },
            ReasonRow::LowTraffic { peak, threshold } => {
                Self::LowTraffic { peak: peak.into(), threshold: threshold.into() }
            }
            ReasonRow::OutsideBounds { min, max } => {
                Self::OutsideBounds { min: min.into(), max: max.into() }
            }
            ReasonRow::Unlimited => Self::Unlimited,
            ReasonRow::Blocked => Self::Blocked,
            ReasonRow::ReplayGate { rejected_ratio, current_ratio, budget_ratio } => {
                Self::ReplayGate {
                    rejected_ratio: rejected_ratio.into(),
                    current_ratio: current_ratio.into(),
                    budget_ratio: budget_ratio.into(),
                }
            }
            ReasonRow::NoReplay => Self::NoReplay,
            ReasonRow::NotEditable { why } => Self::NotEditable { why },
        }
    }
}

impl From<&Unestimable> for UnestimableRow {
    fn from(why: &Unestimable) -> Self {
        match why {
            Unestimable::UnitTooShort(unit) => Self::UnitTooShort((*unit).into()),
            Unestimable::UnitTooLong(unit) => Self::UnitTooLong((*unit).into()),
            Unestimable::UnmappedDescriptor(key) => Self::UnmappedDescriptor(key.clone()),
            Unestimable::MissingDescriptor(key) => Self::MissingDescriptor(key.clone()),
            Unestimable::EachValue(key) => Self::EachValue(key.clone()),
            Unestimable::Wildcard(value) => Self::Wildcard(value.clone()),
        }
    }
}

impl From<UnestimableRow> for Unestimable {
    fn from(row: UnestimableRow) -> Self {
        match row {
            UnestimableRow::UnitTooShort(unit) => Self::UnitTooShort(unit.into()),
            UnestimableRow::UnitTooLong(unit) => Self::UnitTooLong(unit.into()),
            UnestimableRow::UnmappedDescriptor(key) => Self::UnmappedDescriptor(key),
            UnestimableRow::MissingDescriptor(key) => Self::MissingDescriptor(key),
            UnestimableRow::EachValue(key) => Self::EachValue(key),
            UnestimableRow::Wildcard(value) => Self::Wildcard(value),
        }
    }
}

impl From<&Remark> for RemarkRow {
    fn from(remark: &Remark) -> Self {
        match *remark {
            Remark::NoWeeklySeason { days } => Self::NoWeeklySeason { days: days.into() },
            Remark::TrendCapped => Self::TrendCapped,
            Remark::SeasonalNaive => Self::SeasonalNaive,
            Remark::NoForecast => Self::NoForecast,
            Remark::Capped => Self::Capped,
            Remark::Floored => Self::Floored,
            Remark::ShadowMode => Self::ShadowMode,
            Remark::Gaps { ratio } => Self::Gaps { ratio: ratio.into() },
        }
    }
}

impl From<RemarkRow> for Remark {
    fn from(row: RemarkRow) -> Self {
        match row {
            RemarkRow::NoWeeklySeason { days } => Self::NoWeeklySeason { days: days.into() },
            RemarkRow::TrendCapped => Self::TrendCapped,
            RemarkRow::SeasonalNaive => Self::SeasonalNaive,
            RemarkRow::NoForecast => Self::NoForecast,
            RemarkRow::Capped => Self::Capped,
            RemarkRow::Floored => Self::Floored,
            RemarkRow::ShadowMode => Self::ShadowMode,
            RemarkRow::Gaps { ratio } => Self::Gaps { ratio: ratio.into() },
        }
    }
}
