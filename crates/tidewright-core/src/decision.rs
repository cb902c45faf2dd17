//! Decisions about limits: what is proposed, from which numbers, and why.

mod reason;

pub use reason::{Reason, Remark, Suspicion, Unestimable};

use crate::demand::DemandMethod;
use crate::evidence::Mark;
use crate::forecast::PeakForecast;
use crate::limit::{Limit, LimitKey, Setting};
use crate::policy::Formula;
use crate::prime::PrimeTime;
use crate::quantile::Quantile;
use crate::time::{TimeSpan, Timestamp};

/// What one run decided about all limits of one document.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitPlan {
    /// The moment as of which it was decided.
    pub at: Timestamp,
    /// Where demand was read, for people.
    pub source: String,
    /// Where the current limits were read; `None` if there were none.
    pub document: Option<String>,
    /// The history that was asked for.
    pub history: TimeSpan,
    /// How demand was read.
    pub method: DemandMethod,
    /// Why that way, and how exact it is.
    pub method_note: String,
    /// Warnings of the source.
    pub warnings: Vec<String>,
    /// One proposal per limit, in the order of the document.
    pub proposals: Vec<Proposal>,
    /// Series with traffic that no limit of the document matches.
    pub unmatched: usize,
}

/// What should become of one limit.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// Which limit.
    pub key: LimitKey,
    /// What the document says now; `None` for a limit that does not exist yet.
    pub current: Option<Setting>,
    /// What to do.
    pub decision: Decision,
    /// What demand asks for, whatever guards made of it.
    pub wish: Decision,
    /// The limit afterwards: the new number, or the present one where it is held. `None` if there is no number.
    pub proposed: Option<Limit>,
    /// Why.
    pub reason: Reason,
    /// The number that a person may release, where the reason waits for one.
    pub on_approval: Option<Limit>,
    /// What another formula gives, for comparison.
    pub beside: Option<Beside>,
    /// What else the reader should know.
    pub remarks: Vec<Remark>,
    /// What the formula gave, also where the limit is held; `None` if it could not be computed.
    pub estimate: Option<Estimate>,
    /// What stood out in the history, by time.
    pub marks: Vec<Mark>,
    /// What the current and the proposed limit would have rejected; `None` if nothing could be replayed.
    pub replay: Option<ReplayReport>,
}

/// What to do with a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decision {
    /// Write a limit that does not exist yet.
    Create,
    /// Write a larger number.
    Raise,
    /// Write a smaller number.
    Lower,
    /// Leave it as it is.
    Hold,
}

/// What the formula gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// The number, inside the bounds.
    pub limit: Limit,
    /// The range in which a current limit is as good as this one.
    pub interval: Interval,
    /// How much is known.
    pub confidence: Confidence,
    /// Each step from demand to limit.
    pub arithmetic: Arithmetic,
    /// What was measured.
    pub statistics: DemandStatistics,
    /// When the series carries its weight.
    pub prime: PrimeTime,
    /// The model of the forecast, for people, such as `prophet (multiplicative; daily)`.
    pub model: String,
    /// What the formula gives without the windows in which requests were rejected, where there were any: retries inflate
    /// those, so the number above is an upper bound.
    pub without_rejected: Option<Limit>,
}

/// What another formula gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beside {
    /// Which.
    pub formula: Formula,
    /// Its number; `None` where it has none.
    pub limit: Option<Limit>,
}

/// A closed range of numbers per window of the limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// A current limit below this should be raised.
    pub lower: f64,
    /// A current limit above this should be lowered.
    pub upper: f64,
}

/// How much is known, from 0 (nothing) to 1.
// Invariant: 0 <= value <= 1.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Confidence(f64);

/// What was measured of a series, in windows of its limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DemandStatistics {
    /// Windows asked for.
    pub windows: usize,
    /// Windows without a measurement.
    pub gaps: usize,
    /// Windows left out as incidents.
    pub masked: usize,
    /// From the first to the last measured window, in days.
    pub history_days: f64,
    /// The end of the last measured window.
    pub last_seen: Timestamp,
    /// Clean demand at its height.
    pub peak: Peak,
}

/// Clean demand at its height, within the inspected days.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Peak {
    /// The quantile read in prime time.
    pub quantile: Quantile,
    /// Its value, in requests per window.
    pub value: f64,
    /// How many clean prime-time windows it rests on.
    pub windows: usize,
    /// The largest clean window, prime time or not.
    pub maximum: f64,
    /// When that window started.
    pub maximum_at: Timestamp,
}

/// Each step from demand to limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arithmetic {
    /// The quantile of the forecast horizon's maximum, if there is a forecast.
    pub forecast: Option<PeakForecast>,
    /// Which of the two set the base.
    pub base_from: Base,
    /// The larger of peak and forecast, in requests per window.
    pub base: f64,
    /// Multiplied by this for an event that is expected,
    pub event_factor: f64,
    /// by this for what a short history has not shown,
    pub unseen_factor: f64,
    /// by this for the cache,
    pub cache_ratio: f64,
    /// which comes from here,
    pub cache_from: CacheFrom,
    /// and by this for safety,
    pub safety_margin: f64,
    /// gives this,
    pub unrounded: f64,
    /// rounded to a multiple of this,
    pub rounding_step: u32,
    /// gives this,
    pub rounded: f64,
    /// which the bounds, scaled to the unit, keep above this
    pub bound_min: f64,
    /// and below this,
    pub bound_max: f64,
    /// with this effect.
    pub bound_effect: BoundEffect,
}

/// Where the cache ratio comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CacheFrom {
    /// The configuration.
    Configured,
    /// Measured: so many of the lookups in the inspected days were found in the cache.
    Measured {
        /// Lookups.
        lookups: f64,
        /// Of which the cache answered.
        hits: f64,
    },
}

/// Which number set the base.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Base {
    /// The quantile of clean demand in prime time.
    Peak,
    /// The quantile of the forecast horizon's maximum.
    Forecast,
}

/// What the bounds did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BoundEffect {
    /// Nothing.
    Inside,
    /// Lifted the number to the minimum.
    Floored,
    /// Cut the number to the maximum: the ceiling always wins, even below demand.
    Capped,
}

/// What a limit would have rejected over a stretch of history.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Replay {
    /// Windows that were measured and counted.
    pub windows: usize,
    /// Requests in them.
    pub demand: f64,
    /// Requests above the limit.
    pub rejected: f64,
    /// Windows with a rejection.
    pub windows_hit: usize,
    /// The most that one window rejected, and when it started.
    pub worst: Option<(Timestamp, f64)>,
    /// The first window with a rejection.
    pub first: Option<Timestamp>,
    /// The last window with a rejection.
    pub last: Option<Timestamp>,
}

/// The current limit, the proposed one, and the rule itself, on days that the rule had not seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReplayReport {
    /// The held-back days.
    pub span: TimeSpan,
    /// The current limit on clean demand, if there is one.
    pub current: Option<Replay>,
    /// The proposed limit on clean demand.
    pub proposed: Replay,
    /// The current limit on demand as measured, incidents included.
    pub current_raw: Option<Replay>,
    /// The proposed limit on demand as measured.
    pub proposed_raw: Replay,
    /// Rejected shares of two weeks of clean history, held-back days or not, under the current and the proposed limit;
    /// `None` without a current limit.
    pub history: Option<HistoryReplay>,
    /// What the limiter itself counted as over the limit in that time, if it told.
    pub counted_over_limit: Option<f64>,
    /// What the same rule would have proposed without those days, and what that would have rejected.
    pub held_back: Option<HeldBack>,
}

/// What two limits would have rejected of two weeks of clean history.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HistoryReplay {
    /// The rejected share under the current limit.
    pub current_ratio: f64,
    /// The rejected share under the proposed one.
    pub proposed_ratio: f64,
}

/// The rule tried on days that it had not seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeldBack {
    /// The limit that the rule makes of the days before.
    pub limit: Limit,
    /// What it would have rejected of clean demand.
    pub replay: Replay,
}

impl Confidence {
    /// A number forced into 0..=1; NaN counts as 0.
    pub fn new(value: f64) -> Self {
        Self(if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) })
    }

    /// The number.
    pub const fn get(self) -> f64 {
        self.0
    }

    /// The number in a word.
    pub fn level(self) -> &'static str {
        match self.0 {
            value if value >= 0.8 => "high",
            value if value >= 0.5 => "medium",
            _ => "low",
        }
    }
}

impl Decision {
    /// The word for people and machines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Raise => "raise",
            Self::Lower => "lower",
            Self::Hold => "hold",
        }
    }

    /// Whether the document changes.
    pub fn changes(self) -> bool {
        self != Self::Hold
    }
}

impl Replay {
    /// The rejected share of demand, 0 without demand.
    pub fn rejected_ratio(&self) -> f64 {
        if self.demand > 0.0 { self.rejected / self.demand } else { 0.0 }
    }
}

impl Proposal {
    /// A limit that stays as it is, without a number behind it.
    pub fn held(key: LimitKey, current: Option<Setting>, reason: Reason) -> Self {
        let proposed = match current {
            Some(Setting::Limited(limit)) => Some(limit),
            Some(Setting::Unlimited) | None => None,
        };
        let (remarks, marks) = (Vec::new(), Vec::new());
        let decision = Decision::Hold;
        Self {
            key,
            current,
            decision,
            wish: decision,
            proposed,
            reason,
            on_approval: None,
            beside: None,
            remarks,
            estimate: None,
            marks,
            replay: None,
        }
    }

    /// The current number, if it is one.
    pub const fn current_limit(&self) -> Option<Limit> {
        match self.current {
            Some(Setting::Limited(limit)) => Some(limit),
            Some(Setting::Unlimited) | None => None,
        }
    }

    /// The change in requests per unit, relative to the current number; `None` where nothing is compared.
    pub fn change_ratio(&self) -> Option<f64> {
        let current = f64::from(self.current_limit()?.requests_per_unit);
        let proposed = f64::from(self.proposed?.requests_per_unit);
        (current > 0.0).then(|| proposed / current - 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_held_limit_keeps_its_number() {
        let key = LimitKey::new("edge", [("PARTNER", Some("a"))]);
        let current = Some(Setting::Limited(Limit::per_minute(500)));
        let held = Proposal::held(key, current, Reason::NoTraffic);
        assert_eq!((held.decision, held.proposed), (Decision::Hold, Some(Limit::per_minute(500))));
        assert_eq!(held.change_ratio(), Some(0.0));
    }

    #[test]
    fn confidence_stays_in_its_range() {
        assert_eq!((Confidence::new(7.0).get(), Confidence::new(f64::NAN).get()), (1.0, 0.0));
        assert_eq!(Confidence::new(0.6).level(), "medium");
    }
}
