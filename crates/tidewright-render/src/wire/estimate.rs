//! What the formula gave, for machines. All demand is in requests per unit of the limit.

use serde::Serialize;
use tidewright_core::{
    Arithmetic, Base, BoundEffect, CacheFrom, DemandStatistics, Estimate, Peak, PeakForecast,
    PrimeTime, PrimeWindow,
};

use super::LimitV1;

/// What the formula gave.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EstimateV1 {
    /// The number, inside the bounds.
    pub limit: LimitV1,
    /// The range in which a current limit is as good.
    pub interval: IntervalV1,
    /// How much is known, from 0 to 1.
    pub confidence: f64,
    /// Each step from demand to limit.
    pub arithmetic: ArithmeticV1,
    /// What was measured.
    pub statistics: StatisticsV1,
    /// When the series carries its weight.
    pub prime_time: PrimeTimeV1,
    /// The model of the forecast.
    pub model: String,
    /// What the formula gives without the windows in which requests were rejected, where there were any.
    pub without_rejected: Option<LimitV1>,
}

/// A closed range.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IntervalV1 {
    /// A current limit below this should be raised.
    pub lower: f64,
    /// A current limit above this should be lowered.
    pub upper: f64,
}

/// Each step from demand to limit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ArithmeticV1 {
    /// The quantile of the forecast horizon's maximum.
    pub forecast: Option<PeakForecastV1>,
    /// `peak` or `forecast`.
    pub base_from: &'static str,
    /// The larger of peak and forecast.
    pub base: f64,
    /// The factor for an event that is expected; 1 without one.
    pub event_factor: f64,
    /// What a short history has not shown: multiplied by this; 1 after two weeks.
    pub unseen_factor: f64,
    /// The factor for the cache.
    pub cache_ratio: f64,
    /// `configured` or `measured`.
    pub cache_from: &'static str,
    /// What a measured factor rests on.
    pub cache_measured: Option<CacheV1>,
    /// The factor for safety.
    pub safety_margin: f64,
    /// Base times all factors.
    pub unrounded: f64,
    /// The step of rounding.
    pub rounding_step: u32,
    /// The rounded number.
    pub rounded: f64,
    /// The smallest that may be proposed.
    pub bound_min: f64,
    /// The largest that may be proposed.
    pub bound_max: f64,
    /// `inside`, `floored` or `capped`.
    pub bound_effect: &'static str,
}

/// What was counted at a cache.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CacheV1 {
    /// Lookups.
    pub lookups: f64,
    /// Of which the cache answered.
    pub hits: f64,
}

/// A quantile of the maximum over a horizon.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PeakForecastV1 {
    /// The probability that the horizon stays at or below the value.
    pub quantile: f64,
    /// Requests per unit.
    pub value: f64,
    /// How long the horizon is.
    pub horizon_days: f64,
}

/// What was measured.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StatisticsV1 {
    /// Windows asked for.
    pub windows: usize,
    /// Windows without a measurement.
    pub gaps: usize,
    /// Windows left out as incidents.
    pub masked: usize,
    /// From the first to the last measured window.
    pub history_days: f64,
    /// The end of the last measured window.
    pub last_seen: String,
    /// Clean demand at its height.
    pub peak: PeakV1,
}

/// Clean demand at its height.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PeakV1 {
    /// The quantile read in prime time.
    pub quantile: f64,
    /// Its value.
    pub value: f64,
    /// How many clean prime-time windows it rests on.
    pub windows: usize,
    /// The largest clean window.
    pub maximum: f64,
    /// When that window started.
    pub maximum_at: String,
}

/// The prime windows of a week, as `HH:MM-HH:MM`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PrimeTimeV1 {
    /// Whose wall clock.
    pub zone: String,
    /// Monday to Friday.
    pub weekday: Vec<String>,
    /// Saturday and Sunday.
    pub weekend: Vec<String>,
}

impl From<&Estimate> for EstimateV1 {
    fn from(estimate: &Estimate) -> Self {
        let interval = estimate.interval;
        Self {
            limit: estimate.limit.into(),
            interval: IntervalV1 { lower: interval.lower, upper: interval.upper },
            confidence: estimate.confidence.get(),
            arithmetic: ArithmeticV1::from(&estimate.arithmetic),
            statistics: StatisticsV1::from(&estimate.statistics),
            prime_time: PrimeTimeV1::from(&estimate.prime),
            model: estimate.model.clone(),
            without_rejected: estimate.without_rejected.map(LimitV1::from),
        }
    }
}

impl From<&Arithmetic> for ArithmeticV1 {
    fn from(sums: &Arithmetic) -> Self {
        Self {
            forecast: sums.forecast.as_ref().map(PeakForecastV1::from),
            base_from: match sums.base_from {
                Base::Peak => "peak",
                Base::Forecast => "forecast",
            },
            base: sums.base,
            event_factor: sums.event_factor,
            unseen_factor: sums.unseen_factor,
            cache_ratio: sums.cache_ratio,
            cache_from: match sums.cache_from {
                CacheFrom::Configured => "configured",
                CacheFrom::Measured { .. } => "measured",
            },
            cache_measured: match sums.cache_from {
                CacheFrom::Configured => None,
                CacheFrom::Measured { lookups, hits } => Some(CacheV1 { lookups, hits }),
            },
            safety_margin: sums.safety_margin,
            unrounded: sums.unrounded,
            rounding_step: sums.rounding_step,
            rounded: sums.rounded,
            bound_min: sums.bound_min,
            bound_max: sums.bound_max,
            bound_effect: match sums.bound_effect {
                BoundEffect::Inside => "inside",
                BoundEffect::Floored => "floored",
                BoundEffect::Capped => "capped",
            },
        }
    }
}

impl From<&PeakForecast> for PeakForecastV1 {
    fn from(forecast: &PeakForecast) -> Self {
        Self {
            quantile: forecast.quantile.get(),
            value: forecast.value,
            horizon_days: forecast.horizon_days,
        }
    }
}

impl From<&DemandStatistics> for StatisticsV1 {
    fn from(statistics: &DemandStatistics) -> Self {
        Self {
            windows: statistics.windows,
            gaps: statistics.gaps,
            masked: statistics.masked,
            history_days: statistics.history_days,
            last_seen: statistics.last_seen.to_string(),
            peak: PeakV1::from(&statistics.peak),
        }
    }
}

impl From<&Peak> for PeakV1 {
    fn from(peak: &Peak) -> Self {
        Self {
            quantile: peak.quantile.get(),
            value: peak.value,
            windows: peak.windows,
            maximum: peak.maximum,
            maximum_at: peak.maximum_at.to_string(),
        }
    }
}

impl From<&PrimeTime> for PrimeTimeV1 {
    fn from(prime: &PrimeTime) -> Self {
        let texts = |windows: &[PrimeWindow]| windows.iter().map(ToString::to_string).collect();
        Self {
            zone: prime.zone.name().to_owned(),
            weekday: texts(&prime.weekday),
            weekend: texts(&prime.weekend),
        }
    }
}
