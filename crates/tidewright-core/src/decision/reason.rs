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
    /// A person has to say yes first.
    AwaitsApproval(Suspicion),
    /// A cut has to be wished for longer.
    AwaitsAgreement {
        /// Since when every run wished it; `None` if this is the first.
        since: Option<Timestamp>,
        /// For how many hours it has to be.
        hours: f64,
    },
    /// It changed a short time ago.
    ChangedLately {
        /// When.
        at: Timestamp,
        /// How many hours have to pass between two changes.
        hours: f64,
    },
    /// It has changed as far as it may in a day.
    DayUsedUp,
    /// Of the first day's changes, others are safer.
    FirstDay {
        /// How many changes the first day allows.
        allowed: usize,
    },
    /// Nothing may change at this time.
    Frozen {
        /// The event of the calendar.
        event: String,
        /// When it ends.
        until: Timestamp,
    },
    /// The configuration pins it.
    Pinned {
        /// The rule.
        rule: String,
    },
    /// Somebody paused all changes.
    Paused {
        /// Who.
        by: String,
        /// Why.
        why: String,
    },
    /// The configuration forbids to raise it.
    NeverRaise {
        /// The rule.
        rule: String,
    },
    /// What stands behind it could not carry the raise.
    DestinationFull {
        /// Its name.
        destination: String,
        /// What it can carry, in requests per minute.
        capacity: f64,
        /// What it would have to carry at its peak with all raises, in requests per minute.
        needed: f64,
    },
    /// Its number stands where it cannot be changed in place.
    NotEditable {
        /// Why.
        why: String,
    },
}

/// Why a person should look before a limit is raised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Suspicion {
    /// The raise rests on windows in which requests were rejected, and retries inflate those.
    RestsOnRejected {
        /// What the formula gives without them, in requests per unit.
        without: u32,
    },
    /// One series alone rose and its errors rose with it.
    RiseWithErrors {
        /// The share of 4xx answers before the rise.
        before: f64,
        /// And since.
        after: f64,
    },
    /// One series alone rises slowly and nothing is known of its answers.
    LoneSlowRise {
        /// How many times its earlier level it has reached.
        ratio: f64,
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
    /// Demand asks for more than one step: the guards allow so much a day.
    Paced {
        /// What demand asks for, in requests per unit.
        target: u32,
    },
    /// A person released it.
    Approved {
        /// Who.
        by: String,
        /// When.
        at: Timestamp,
    },
    /// Demand is planned for an event.
    EventExpected {
        /// Its name.
        event: String,
        /// How many times the usual.
        factor: f64,
    },
    /// A floor by contract kept the number up.
    ContractFloor {
        /// The rule or tier.
        rule: String,
    },
    /// The limit counts the sum of so many series.
    SumOf {
        /// Series.
        series: usize,
    },
    /// The limit counts each value by itself; the number is that of the value that needs most.
    EachValue {
        /// Values.
        values: usize,
        /// The one that decides.
        decisive: String,
    },
    /// In so many windows requests were rejected; demand in them is an upper bound.
    Rejected {
        /// Windows.
        windows: usize,
    },
    /// Rejected requests are not counted by the metric and nothing else tells of them: demand may be larger.
    Censored,
    /// The replay of the current limit and what the limiter itself counted differ by this share of demand.
    ReplayError {
        /// Replayed minus counted, by demand.
        ratio: f64,
    },
    /// The rise came from other paths of the same partner, which fell as much.
    Moved,
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
            Self::AwaitsApproval(_) => "awaits_approval",
            Self::AwaitsAgreement { .. } => "awaits_agreement",
            Self::ChangedLately { .. } => "changed_lately",
            Self::DayUsedUp => "day_used_up",
            Self::FirstDay { .. } => "first_day",
            Self::Frozen { .. } => "frozen",
            Self::Pinned { .. } => "pinned",
            Self::Paused { .. } => "paused",
            Self::NeverRaise { .. } => "never_raise",
            Self::DestinationFull { .. } => "destination_full",
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
            Self::AwaitsApproval(why) => write!(f, "waits for approval: {why}"),
            Self::AwaitsAgreement { since: Some(since), hours } => {
                write!(f, "a cut has to be wished for {hours:.0} hours; this one is since {since}")
            }
            Self::AwaitsAgreement { since: None, hours } => {
                write!(
                    f,
                    "a cut has to be wished for {hours:.0} hours; this is the first run that does"
                )
            }
            Self::ChangedLately { at, hours } => {
                write!(f, "it changed at {at}; {hours:.0} hours have to pass between two changes")
            }
            Self::DayUsedUp => f.write_str("it has changed as far as it may in a day"),
            Self::FirstDay { allowed } => {
                write!(f, "the first day allows {allowed} changes, and others are safer")
            }
            Self::Frozen { event, until } => write!(f, "frozen by `{event}` until {until}"),
            Self::Pinned { rule } => write!(f, "pinned by `{rule}`"),
            Self::Paused { by, why } => write!(f, "all changes are paused by {by}: {why}"),
            Self::NeverRaise { rule } => write!(f, "never raised: `{rule}`"),
            Self::DestinationFull { destination, capacity, needed } => write!(
                f,
                "`{destination}` carries {capacity:.0} a minute; with all raises it would need {needed:.0}"
            ),
            Self::NotEditable { why } => write!(f, "its number cannot be changed in place: {why}"),
        }
    }
}

impl fmt::Display for Suspicion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RestsOnRejected { without } => write!(
                f,
                "the raise rests on windows with rejected requests, which retries inflate; without them it would be {without}"
            ),
            Self::RiseWithErrors { before, after } => write!(
                f,
                "it rose alone and its 4xx answers rose from {:.1} % to {:.1} %",
                before * 100.0,
                after * 100.0
            ),
            Self::LoneSlowRise { ratio } => {
                write!(f, "it alone rises slowly, to {ratio:.1} times its earlier level")
            }
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
            Self::Paced { target } => write!(f, "paced: demand asks for {target}"),
            Self::Approved { by, at } => write!(f, "released by {by} at {at}"),
            Self::EventExpected { event, factor } => {
                write!(f, "`{event}` is expected at {factor} times the usual")
            }
            Self::ContractFloor { rule } => write!(f, "kept up by contract: `{rule}`"),
            Self::SumOf { series } => write!(f, "counts the sum of {series} series"),
            Self::EachValue { values, decisive } => {
                write!(f, "counts each of {values} values by itself; `{decisive}` needs most")
            }
            Self::Rejected { windows } => {
                write!(
                    f,
                    "requests were rejected in {windows} windows: demand in them is an upper bound"
                )
            }
            Self::Censored => {
                f.write_str("rejected requests are not counted and not known: demand may be larger")
            }
            Self::ReplayError { ratio } => write!(
                f,
                "replay and the limiter's own count of rejections differ by {:.2} % of demand",
                ratio * 100.0
            ),
            Self::Moved => f.write_str("traffic moved here from other paths of the same partner"),
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
