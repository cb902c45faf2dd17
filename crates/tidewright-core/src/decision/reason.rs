//! Why a limit changes or stays, as a closed list: each with a code for machines and a sentence for people.

use std::fmt;

use crate::limit::Unit;
use crate::time::Timestamp;

/// Why a limit changes or stays.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// There is no limit yet.
    NoCurrentLimit,
    /// The current limit is below the interval.
    DemandAboveLimit,
    /// The current limit is above the interval.
    DemandBelowLimit,
    /// The current limit is as good as the computed one.
    InsideInterval,
    /// The metric has no series for this limit.
    NoTraffic,
    /// The last sample is too old.
    Stale {
        /// The end of the last measured window.
        last_seen: Timestamp,
    },
    /// Too few windows were measured.
    ThinData {
        /// Measured and clean windows.
        windows: usize,
        /// Windows needed.
        needed: usize,
    },
    /// A cut needs more history.
    ShortHistory {
        /// Days there are.
        days: f64,
        /// Days needed.
        needed: f64,
    },
    /// The limit cannot be estimated from this metric.
    NotEstimable(Unestimable),
    /// The configuration excludes it.
    Excluded {
        /// The key of the rule, such as `EXCLUSIONS.partners`.
        rule: String,
    },
    /// A partner of the low-traffic list whose peak is below the threshold.
    LowTraffic {
        /// Its clean peak, in requests per minute.
        peak: f64,
        /// The threshold, in requests per minute.
        threshold: f64,
    },
    /// The current limit lies outside the configured bounds: somebody meant that.
    OutsideBounds {
        /// The smallest that may be proposed, in the limit's unit.
        min: f64,
        /// The largest.
        max: f64,
    },
    /// The document says `unlimited`: somebody meant that.
    Unlimited,
    /// The limit is 0 and blocks everything: somebody meant that.
    Blocked,
    /// A cut would have rejected clean requests on days that were not fitted.
    ReplayGate {
        /// The rejected share of clean demand under the smaller of the proposed limit and the rule's own number.
        rejected_ratio: f64,
        /// The rejected share under the current limit.
        current_ratio: f64,
        /// How much more is allowed.
        budget_ratio: f64,
    },
    /// There is nothing to replay a cut on.
    NoReplay,
    /// Its number stands where it cannot be changed in place.
    NotEditable {
        /// Why.
        why: String,
    },
}

/// Why a limit cannot be estimated from this metric.
#[derive(Clone, Debug, PartialEq)]
pub enum Unestimable {
    /// Windows shorter than those that were measured.
    UnitTooShort(Unit),
    /// Windows too long for the history at hand.
    UnitTooLong(Unit),
    /// A descriptor that the mapping does not know.
    UnmappedDescriptor(String),
    /// A descriptor of the mapping that this limit does not have.
    MissingDescriptor(String),
    /// A descriptor without a value counts each value by itself.
    EachValue(String),
    /// A wildcard: its values would have to be counted one by one or together.
    Wildcard(String),
}

/// What else the reader should know.
#[derive(Clone, Debug, PartialEq)]
pub enum Remark {
    /// History is too short for a weekly season, which was configured.
    NoWeeklySeason {
        /// Days there are.
        days: f64,
    },
    /// The forecast's trend was held back.
    TrendCapped,
    /// History is too short for the model: the forecast repeats the last season.
    SeasonalNaive,
    /// There is no forecast at all; the base is the peak alone.
    NoForecast,
    /// The ceiling cut the number below what demand asks for.
    Capped,
    /// The floor lifted the number.
    Floored,
    /// The limit is only counted, not enforced (`shadow_mode`).
    ShadowMode,
    /// Some counters of the sum were missing in this share of the windows.
    Gaps {
        /// Missing windows by all windows.
        ratio: f64,
    },
}

impl Reason {
    /// A word for machines.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoCurrentLimit => "no_current_limit",
            Self::DemandAboveLimit => "demand_above_limit",
            Self::DemandBelowLimit => "demand_below_limit",
            Self::InsideInterval => "inside_interval",
            Self::NoTraffic => "no_traffic",
            Self::Stale { .. } => "stale",
            Self::ThinData { .. } => "thin_data",
            Self::ShortHistory { .. } => "short_history",
            Self::NotEstimable(_) => "not_estimable",
            Self::Excluded { .. } => "excluded",
            Self::LowTraffic { .. } => "low_traffic",
            Self::OutsideBounds { .. } => "outside_bounds",
            Self::Unlimited => "unlimited",
            Self::Blocked => "blocked",
            Self::ReplayGate { .. } => "replay_gate",
            Self::NoReplay => "no_replay",
            Self::NotEditable { .. } => "not_editable",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCurrentLimit => f.write_str("there is no limit yet"),
            Self::DemandAboveLimit => f.write_str("the current limit is below what demand needs"),
            Self::DemandBelowLimit => f.write_str("the current limit is above what demand needs"),
            Self::InsideInterval => f.write_str("the current limit is as good as the computed one"),
            Self::NoTraffic => f.write_str("the metric has no series for this limit"),
            Self::Stale { last_seen } => write!(f, "the last sample is from {last_seen}"),
            Self::ThinData { windows, needed } => {
                write!(f, "only {windows} clean windows were measured, {needed} are needed")
            }
            Self::ShortHistory { days, needed } => {
                write!(f, "a cut needs {needed:.0} days of history, there are {days:.1}")
            }
            Self::NotEstimable(why) => write!(f, "not estimable: {why}"),
            Self::Excluded { rule } => write!(f, "excluded by `{rule}`"),
            Self::LowTraffic { peak, threshold } => {
                write!(f, "low traffic: its peak of {peak:.0} a minute is below {threshold:.0}")
            }
            Self::OutsideBounds { min, max } => {
                write!(f, "the current limit lies outside the bounds {min:.0}..{max:.0}")
            }
            Self::Unlimited => f.write_str("the document says `unlimited`"),
            Self::Blocked => f.write_str("a limit of 0 blocks on purpose"),
            Self::ReplayGate { rejected_ratio, current_ratio, budget_ratio } => write!(
                f,
                "replay: it would have rejected {:.3} % of clean requests, now {:.3} %, allowed {:.3} % more",
                rejected_ratio * 100.0,
                current_ratio * 100.0,
                budget_ratio * 100.0
            ),
            Self::NoReplay => f.write_str("there are no held-back days to replay a cut on"),
            Self::NotEditable { why } => write!(f, "its number cannot be changed in place: {why}"),
        }
    }
}

impl fmt::Display for Unestimable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnitTooShort(unit) => {
                write!(f, "demand per {unit} is finer than what is measured")
            }
            Self::UnitTooLong(unit) => {
                write!(f, "too few windows of a {unit} fit into the history")
            }
            Self::UnmappedDescriptor(key) => {
                write!(f, "no label is mapped to the descriptor `{key}`")
            }
            Self::MissingDescriptor(key) => write!(f, "the limit has no descriptor `{key}`"),
            Self::EachValue(key) => {
                write!(f, "`{key}` without a value counts each value by itself")
            }
            Self::Wildcard(value) => write!(f, "`{value}` is a wildcard"),
        }
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoWeeklySeason { days } => {
                write!(
                    f,
                    "no weekly season: {days:.1} days of history do not hold each weekday twice"
                )
            }
            Self::TrendCapped => f.write_str("the trend of the forecast was capped"),
            Self::SeasonalNaive => f.write_str("the forecast repeats the last season"),
            Self::NoForecast => f.write_str("no forecast: the base is the peak alone"),
            Self::Capped => f.write_str("capped: the ceiling is below what demand asks for"),
            Self::Floored => f.write_str("lifted to the floor"),
            Self::ShadowMode => f.write_str("shadow mode: counted, not enforced"),
            Self::Gaps { ratio } => write!(f, "{:.1} % of the windows are gaps", ratio * 100.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_reads_as_a_sentence() {
        let reason = Reason::NotEstimable(Unestimable::UnitTooShort(Unit::Second));
        assert_eq!(
            reason.to_string(),
            "not estimable: demand per second is finer than what is measured"
        );
        assert_eq!(reason.code(), "not_estimable");
    }
}
