//! What an operator wants: the numbers and rules by which limits are decided, checked and without a file format.

use std::collections::BTreeMap;
use std::time::Duration;

use thiserror::Error;

use crate::quantile::Quantile;
use crate::time::Zone;

/// Everything that shapes a decision about a limit.
#[derive(Clone, Debug)]
pub struct Policy {
    /// How history is read and learned.
    pub learn: LearnPolicy,
    /// How prime time is found.
    pub prime: PrimePolicy,
    /// The quantile of clean demand in prime time that sets the base.
    pub peak_quantile: Quantile,
    /// The quantile of the forecast horizon's maximum that sets the base.
    pub forecast_quantile: Quantile,
    /// Requests seen by the limiter for each request counted by the metric.
    pub cache_ratio: f64,
    /// What is left free above the base: 1.3 leaves 30 %.
    pub safety_margin: f64,
    /// How the number is rounded.
    pub rounding: Rounding,
    /// What may be proposed.
    pub bounds: Bounds,
    /// Whose limits are left alone.
    pub exclusions: Exclusions,
    /// What must hold before a number changes.
    pub guards: Guards,
}

/// How history is read and learned.
#[derive(Clone, Debug)]
pub struct LearnPolicy {
    /// How much history is fetched at the most; as much as holds four weekly cycles by default.
    pub history_max: Duration,
    /// The latest part of it, which sets the base.
    pub inspect: Duration,
    /// Whether the Prophet model is fitted at all; if not, seasonal naive serves.
    pub prophet: bool,
    /// How seasons join the trend.
    pub seasonality: SeasonalityMode,
    /// Whether a weekly season is wanted (fitted from 14 days of history on).
    pub weekly: bool,
    /// Whether a daily season is wanted.
    pub daily: bool,
}

/// How seasons join the trend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SeasonalityMode {
    /// Seasons add to the trend.
    Additive,
    /// Seasons scale the trend.
    Multiplicative,
}

/// How prime time is found.
#[derive(Clone, Debug)]
pub struct PrimePolicy {
    /// The percentile (0..100) of the daily profile above which time is prime; `None` makes all day prime.
    pub percentile: Option<f64>,
    /// Shorter windows are dropped, shorter pauses closed.
    pub min_duration: Duration,
    /// Whose wall clock.
    pub zone: Zone,
}

/// How a limit is rounded; the step shrinks for small numbers, so that rounding moves a limit by 5 % at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rounding {
    /// To multiples of 100.
    NearestHundred,
    /// To multiples of 50.
    NearestFifty,
    /// To multiples of 10.
    NearestTen,
    /// To the next whole number.
    None,
}

/// What may be proposed, in requests per minute; scaled to the unit of a limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Never propose less.
    pub min: f64,
    /// Never propose more.
    pub max: f64,
}

/// Whose limits are left alone.
#[derive(Clone, Debug)]
pub struct Exclusions {
    /// The descriptor key that names a partner.
    pub partner_descriptor: String,
    /// The descriptor key that names a path.
    pub path_descriptor: String,
    /// All limits of these partners.
    pub partners: Vec<String>,
    /// All limits of these paths.
    pub paths: Vec<String>,
    /// These paths of these partners.
    pub partner_paths: BTreeMap<String, Vec<String>>,
    /// These partners, while their clean peak stays below [`Guards::low_traffic_threshold`].
    pub low_traffic: Vec<String>,
}

/// What must hold before a number changes.
#[derive(Clone, Copy, Debug)]
pub struct Guards {
    /// Peak demand in requests per minute below which a `low_traffic` partner is left alone.
    pub low_traffic_threshold: f64,
    /// History without which no limit is lowered.
    pub history_for_cut: Duration,
    /// The share of clean requests on the held-back days that a cut may reject beyond what the current limit rejects.
    pub replay_budget_ratio: f64,
    /// A series whose last sample is older than this is stale.
    pub stale_after: Duration,
    /// The latest part of history that the replay gate keeps from its fit.
    pub hold_back: Duration,
}

/// A text that names no rounding method.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{0}` is no rounding method; use nearest_hundred, nearest_fifty, nearest_ten or none")]
pub struct RoundingError(String);

impl Rounding {
    /// All methods with their names.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::NearestHundred, "nearest_hundred"),
        (Self::NearestFifty, "nearest_fifty"),
        (Self::NearestTen, "nearest_ten"),
        (Self::None, "none"),
    ];

    /// Reads a method by its name.
    ///
    /// # Errors
    /// [`RoundingError`] if it is none.
    pub fn parse(text: &str) -> Result<Self, RoundingError> {
        let found = Self::ALL.into_iter().find(|(_, name)| *name == text);
        found.map(|(method, _)| method).ok_or_else(|| RoundingError(text.to_owned()))
    }

    /// The name in a configuration file.
    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(method, _)| *method == self).map_or("none", |(_, name)| name)
    }

    /// The widest step.
    pub const fn step(self) -> u32 {
        match self {
            Self::NearestHundred => 100,
            Self::NearestFifty => 50,
            Self::NearestTen => 10,
            Self::None => 1,
        }
    }
}

const DAY: Duration = Duration::from_hours(24);

impl Default for LearnPolicy {
    fn default() -> Self {
        Self {
            history_max: 28 * DAY,
            inspect: 7 * DAY,
            prophet: true,
            seasonality: SeasonalityMode::Multiplicative,
            weekly: true,
            daily: true,
        }
    }
}

impl Default for PrimePolicy {
    fn default() -> Self {
        Self { percentile: Some(75.0), min_duration: Duration::from_mins(60), zone: Zone::utc() }
    }
}

impl Default for Exclusions {
    fn default() -> Self {
        Self {
            partner_descriptor: "PARTNER".to_owned(),
            path_descriptor: "PATH".to_owned(),
            partners: Vec::new(),
            paths: Vec::new(),
            partner_paths: BTreeMap::new(),
            low_traffic: Vec::new(),
        }
    }
}

impl Default for Guards {
    fn default() -> Self {
        Self {
            low_traffic_threshold: 100.0,
            history_for_cut: 14 * DAY,
            // One clean request in ten thousand: below what a client notices beside its own errors.
            replay_budget_ratio: 0.0001,
            stale_after: Duration::from_mins(30),
            hold_back: 2 * DAY,
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            learn: LearnPolicy::default(),
            prime: PrimePolicy::default(),
            peak_quantile: Quantile::new(0.99).unwrap_or(Quantile::MEDIAN),
            forecast_quantile: Quantile::new(0.95).unwrap_or(Quantile::MEDIAN),
            cache_ratio: 1.0,
            safety_margin: 1.3,
            rounding: Rounding::NearestHundred,
            bounds: Bounds { min: 100.0, max: 100_000.0 },
            exclusions: Exclusions::default(),
            guards: Guards::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_quantiles_are_those_of_the_formula() {
        let policy = Policy::default();
        assert_eq!((policy.peak_quantile.get(), policy.forecast_quantile.get()), (0.99, 0.95));
    }

    #[test]
    fn a_rounding_method_reads_back() {
        for (method, name) in Rounding::ALL {
            assert_eq!(Rounding::parse(name), Ok(method));
            assert_eq!(method.name(), name);
        }
        assert!(Rounding::parse("up").is_err());
    }
}
