//! What the formula gave, as it is stored.

use serde::{Deserialize, Serialize};
use tidewright_core::{
    Arithmetic, Base, BoundEffect, CacheFrom, Confidence, DemandStatistics, Estimate, Interval,
    Peak, PeakForecast, PrimeTime, PrimeWindow, Quantile, Timestamp, Zone,
};

use super::limit::LimitRow;
use super::number::NumberRow;
use super::{RowError, words};

words!(BaseRow, Base, Peak, Forecast);
words!(BoundEffectRow, BoundEffect, Inside, Floored, Capped);

/// What the formula gave.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct EstimateRow {
    limit: LimitRow,
    interval: (NumberRow, NumberRow),
    confidence: NumberRow,
    arithmetic: ArithmeticRow,
    statistics: StatisticsRow,
    prime: PrimeRow,
    model: String,
    without_rejected: Option<LimitRow>,
}

/// Each step from demand to limit.
#[derive(Debug, Serialize, Deserialize)]
struct ArithmeticRow {
    forecast: Option<PeakForecastRow>,
    base_from: BaseRow,
    base: NumberRow,
    /// Rows of format 1 have none: no event was known.
    event_factor: Option<NumberRow>,
    unseen_factor: Option<NumberRow>,
    cache_ratio: NumberRow,
    /// Rows of format 1 have none: the ratio was configured.
    measured_cache: Option<CacheRow>,
    safety_margin: NumberRow,
    unrounded: NumberRow,
    rounding_step: u32,
    rounded: NumberRow,
    bound_min: NumberRow,
    bound_max: NumberRow,
    bound_effect: BoundEffectRow,
}

/// Where a measured cache ratio comes from.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct CacheRow {
    lookups: NumberRow,
    hits: NumberRow,
}

/// A quantile of the horizon's maximum.
#[derive(Debug, Serialize, Deserialize)]
struct PeakForecastRow {
    quantile: NumberRow,
    value: NumberRow,
    horizon_days: NumberRow,
}

/// What was measured.
#[derive(Debug, Serialize, Deserialize)]
struct StatisticsRow {
    windows: usize,
    gaps: usize,
    masked: usize,
    history_days: NumberRow,
    last_seen: i64,
    peak: PeakRow,
}

/// Clean demand at its height.
#[derive(Debug, Serialize, Deserialize)]
struct PeakRow {
    quantile: NumberRow,
    value: NumberRow,
    windows: usize,
    maximum: NumberRow,
    maximum_at: i64,
}

/// Prime windows as pairs of minutes since local midnight.
#[derive(Debug, Serialize, Deserialize)]
struct PrimeRow {
    zone: String,
    weekday: Vec<(u16, u16)>,
    weekend: Vec<(u16, u16)>,
}

impl From<&Estimate> for EstimateRow {
    fn from(estimate: &Estimate) -> Self {
        Self {
            limit: estimate.limit.into(),
            interval: (estimate.interval.lower.into(), estimate.interval.upper.into()),
            confidence: estimate.confidence.get().into(),
            arithmetic: estimate.arithmetic.into(),
            statistics: estimate.statistics.into(),
            prime: (&estimate.prime).into(),
            model: estimate.model.clone(),
            without_rejected: estimate.without_rejected.map(Into::into),
        }
    }
}

impl EstimateRow {
    pub(crate) fn into_estimate(self) -> Result<Estimate, RowError> {
        let (lower, upper) = self.interval;
        Ok(Estimate {
            limit: self.limit.into(),
            interval: Interval { lower: lower.into(), upper: upper.into() },
            confidence: Confidence::new(self.confidence.into()),
            arithmetic: self.arithmetic.into_arithmetic()?,
            statistics: self.statistics.into_statistics()?,
            prime: self.prime.into_prime()?,
            model: self.model,
            without_rejected: self.without_rejected.map(Into::into),
        })
    }
}

impl From<Arithmetic> for ArithmeticRow {
    fn from(steps: Arithmetic) -> Self {
        Self {
            forecast: steps.forecast.map(Into::into),
            base_from: steps.base_from.into(),
            base: steps.base.into(),
            event_factor: Some(steps.event_factor.into()),
            unseen_factor: Some(steps.unseen_factor.into()),
            cache_ratio: steps.cache_ratio.into(),
            measured_cache: CacheRow::of(steps.cache_from),
            safety_margin: steps.safety_margin.into(),
            unrounded: steps.unrounded.into(),
            rounding_step: steps.rounding_step,
            rounded: steps.rounded.into(),
            bound_min: steps.bound_min.into(),
            bound_max: steps.bound_max.into(),
            bound_effect: steps.bound_effect.into(),
        }
    }
}

impl ArithmeticRow {
    fn into_arithmetic(self) -> Result<Arithmetic, RowError> {
        Ok(Arithmetic {
            forecast: self.forecast.map(PeakForecastRow::into_forecast).transpose()?,
            base_from: self.base_from.into(),
            base: self.base.into(),
            event_factor: self.event_factor.map_or(1.0, Into::into),
            unseen_factor: self.unseen_factor.map_or(1.0, Into::into),
            cache_ratio: self.cache_ratio.into(),
            cache_from: self.measured_cache.map_or(CacheFrom::Configured, CacheRow::into_source),
            safety_margin: self.safety_margin.into(),
            unrounded: self.unrounded.into(),
            rounding_step: self.rounding_step,
            rounded: self.rounded.into(),
            bound_min: self.bound_min.into(),
            bound_max: self.bound_max.into(),
            bound_effect: self.bound_effect.into(),
        })
    }
}

impl CacheRow {
    fn of(source: CacheFrom) -> Option<Self> {
        match source {
            CacheFrom::Configured => None,
            CacheFrom::Measured { lookups, hits } => {
                Some(Self { lookups: lookups.into(), hits: hits.into() })
            }
        }
    }

    fn into_source(self) -> CacheFrom {
        CacheFrom::Measured { lookups: self.lookups.into(), hits: self.hits.into() }
    }
}

impl From<PeakForecast> for PeakForecastRow {
    fn from(forecast: PeakForecast) -> Self {
        Self {
            quantile: forecast.quantile.get().into(),
            value: forecast.value.into(),
            horizon_days: forecast.horizon_days.into(),
        }
    }
}

impl PeakForecastRow {
    fn into_forecast(self) -> Result<PeakForecast, RowError> {
        Ok(PeakForecast {
            quantile: Quantile::new(self.quantile.into())?,
            value: self.value.into(),
            horizon_days: self.horizon_days.into(),
        })
    }
}

impl From<DemandStatistics> for StatisticsRow {
    fn from(statistics: DemandStatistics) -> Self {
        Self {
            windows: statistics.windows,
            gaps: statistics.gaps,
            masked: statistics.masked,
            history_days: statistics.history_days.into(),
            last_seen: statistics.last_seen.as_millis(),
            peak: statistics.peak.into(),
        }
    }
}

impl StatisticsRow {
    fn into_statistics(self) -> Result<DemandStatistics, RowError> {
        Ok(DemandStatistics {
            windows: self.windows,
            gaps: self.gaps,
            masked: self.masked,
            history_days: self.history_days.into(),
            last_seen: Timestamp::from_millis(self.last_seen),
            peak: self.peak.into_peak()?,
        })
    }
}

impl From<Peak> for PeakRow {
    fn from(peak: Peak) -> Self {
        Self {
            quantile: peak.quantile.get().into(),
            value: peak.value.into(),
            windows: peak.windows,
            maximum: peak.maximum.into(),
            maximum_at: peak.maximum_at.as_millis(),
        }
    }
}

impl PeakRow {
    fn into_peak(self) -> Result<Peak, RowError> {
        Ok(Peak {
            quantile: Quantile::new(self.quantile.into())?,
            value: self.value.into(),
            windows: self.windows,
            maximum: self.maximum.into(),
            maximum_at: Timestamp::from_millis(self.maximum_at),
        })
    }
}

impl From<&PrimeTime> for PrimeRow {
    fn from(prime: &PrimeTime) -> Self {
        let pairs = |windows: &[PrimeWindow]| windows.iter().map(|w| (w.start, w.end)).collect();
        Self {
            zone: prime.zone.name().to_owned(),
            weekday: pairs(&prime.weekday),
            weekend: pairs(&prime.weekend),
        }
    }
}

impl PrimeRow {
    fn into_prime(self) -> Result<PrimeTime, RowError> {
        let windows = |pairs: Vec<(u16, u16)>| {
            pairs.into_iter().map(|(start, end)| PrimeWindow { start, end }).collect()
        };
        Ok(PrimeTime {
            zone: Zone::named(&self.zone)?,
            weekday: windows(self.weekday),
            weekend: windows(self.weekend),
        })
    }
}
