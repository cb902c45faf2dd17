//! From clean demand to a limit: formula v2, step by step.
//!
//! base = max(peak quantile, forecast quantile) x what an expected event adds; limit = base x cache ratio x what a short
//! history has not shown x safety margin, rounded, then bounded. The ceiling wins over everything, even over demand; the result says so.

use tidewright_core::{
    Arithmetic, Base, BoundEffect, Bounds, CacheFrom, CacheSide, Confidence, DemandStatistics,
    Estimate, Interval, Limit, LimitBounds, LimitKey, PeakForecast, Policy, PrimeTime, Rounding,
    Unit,
};

/// Rounding may move a limit by this share at the most, so a step may be twice as large.
const ROUNDING_SHARE_MAX: f64 = 0.05;
/// Steps below the one that was asked for, for limits that it would distort.
const FINER_STEPS: [u32; 7] = [100, 50, 20, 10, 5, 2, 1];
/// A current limit this close to the computed one is as good: rounding alone moves limits that far.
const SLACK_RATIO: f64 = 0.05;
/// Where a cache lets less than this through, the ratio says more about its misses than about demand.
const PASSED_MIN: f64 = 0.01;
/// Days of history for full confidence: each weekday twice.
const DAYS_FULL: f64 = 14.0;

/// What was learned of a series.
#[derive(Clone, Debug)]
pub struct Learned {
    /// What was measured.
    pub statistics: DemandStatistics,
    /// When the series carries its weight.
    pub prime: PrimeTime,
    /// The quantile of the forecast horizon's maximum, if there is a forecast.
    pub forecast: Option<PeakForecast>,
    /// The model of the forecast, for people.
    pub model: String,
    /// The peak without the windows in which requests were rejected; `None` where there were none.
    pub peak_without_rejected: Option<f64>,
    /// How many times the usual demand an expected event brings within the horizon; 1 without one.
    pub event_factor: f64,
    /// How many times higher demand may become than a short history has shown; 1 after two weeks.
    pub unseen_factor: f64,
    /// Where the cache ratio comes from, and what was measured of it.
    pub cache: CacheFrom,
}

/// By which rules one limit is made.
#[derive(Clone, Debug)]
pub struct Terms<'a> {
    /// Per what it counts.
    pub unit: Unit,
    /// The rules for all limits.
    pub policy: &'a Policy,
    /// What may be proposed for this one.
    pub bounds: LimitBounds,
}

impl<'a> Terms<'a> {
    /// The terms of the limit `key`, which counts per `unit`.
    pub fn of(key: &LimitKey, unit: Unit, policy: &'a Policy) -> Self {
        Self { unit, policy, bounds: policy.bounds_of(key) }
    }
}

/// The limit that demand asks for.
pub fn estimate(learned: Learned, terms: &Terms<'_>) -> Estimate {
    let base = base(&learned);
    let arithmetic = arithmetic(&learned, base, terms);
    let limit = limit(&arithmetic, terms.unit);
    // The forecast is made of the same windows as the peak, so it would sink along with it.
    let peak = learned.statistics.peak.value;
    let without = |without: f64| {
        let share = if peak > 0.0 { (without / peak).min(1.0) } else { 1.0 };
        self::limit(&self::arithmetic(&learned, (base.0 * share, base.1), terms), terms.unit)
    };
    Estimate {
        limit,
        without_rejected: learned.peak_without_rejected.map(without),
        interval: interval(limit, &learned.statistics, terms.policy.guards.pacing.lower_slack),
        confidence: confidence(&learned),
        arithmetic,
        statistics: learned.statistics,
        prime: learned.prime,
        model: learned.model,
    }
}

/// The larger of peak and forecast, and which of them it is.
fn base(learned: &Learned) -> (f64, Base) {
    let peak = learned.statistics.peak.value;
    match learned.forecast {
        Some(forecast) if forecast.value > peak => (forecast.value, Base::Forecast),
        _ => (peak, Base::Peak),
    }
}

fn limit(arithmetic: &Arithmetic, unit: Unit) -> Limit {
    let bounded = match arithmetic.bound_effect {
        BoundEffect::Inside => arithmetic.rounded,
        BoundEffect::Floored => arithmetic.bound_min.ceil().min(arithmetic.bound_max.floor()),
        BoundEffect::Capped => arithmetic.bound_max.floor(),
    };
    Limit { requests_per_unit: bounded.clamp(0.0, f64::from(u32::MAX)) as u32, unit }
}

fn arithmetic(learned: &Learned, (base, base_from): (f64, Base), terms: &Terms<'_>) -> Arithmetic {
    let (policy, unit) = (terms.policy, terms.unit);
    let cache_ratio = cache_ratio(learned.cache, policy);
    let demand = base * learned.event_factor * cache_ratio;
    let unrounded = demand * learned.unseen_factor * policy.safety_margin;
    let rounding_step = rounding_step(unrounded, unit, policy.rounding);
    let rounded = round(unrounded, rounding_step, demand);
    let (bound_min, bound_max) = scaled_bounds(&terms.bounds.bounds, unit);
    Arithmetic {
        forecast: learned.forecast,
        base_from,
        base,
        event_factor: learned.event_factor,
        unseen_factor: learned.unseen_factor,
        cache_ratio,
        cache_from: learned.cache,
        safety_margin: policy.safety_margin,
        unrounded,
        rounding_step,
        rounded,
        bound_min,
        bound_max,
        bound_effect: bound_effect(rounded, bound_min, bound_max),
    }
}

/// Requests at the limiter for each request at the metric: what a cache between them answers does not arrive.
fn cache_ratio(cache: CacheFrom, policy: &Policy) -> f64 {
    let CacheFrom::Measured { lookups, hits } = cache else { return policy.cache_ratio };
    let passed = 1.0 - hits / lookups.max(1.0);
    match (policy.cache.metric, policy.cache.limiter) {
        (CacheSide::Before, CacheSide::After) => passed,
        // A cache that answers nearly everything would make this boundless.
        (CacheSide::After, CacheSide::Before) => 1.0 / passed.max(PASSED_MIN),
        // On one side of the cache there is nothing to measure.
        _ => policy.cache_ratio,
    }
}

/// The bounds, which are per minute, in requests per `unit`.
pub(crate) fn scaled_bounds(bounds: &Bounds, unit: Unit) -> (f64, f64) {
    let minutes = unit.secs() as f64 / 60.0;
    (bounds.min * minutes, bounds.max * minutes)
}

fn bound_effect(rounded: f64, min: f64, max: f64) -> BoundEffect {
    if rounded > max || min > max {
        BoundEffect::Capped
    } else if rounded < min {
        BoundEffect::Floored
    } else {
        BoundEffect::Inside
    }
}

/// The widest step of the method, ten times wider for each longer unit, that moves the number by 5 % at the most.
fn rounding_step(number: f64, unit: Unit, rounding: Rounding) -> u32 {
    let scale = match unit {
        Unit::Second | Unit::Minute => 1,
        Unit::Hour => 10,
        Unit::Day | Unit::Week | Unit::Month | Unit::Year => 100,
    };
    let widest = rounding.step() * if rounding == Rounding::None { 1 } else { scale };
    let finer = FINER_STEPS.into_iter().filter(|step| *step < widest);
    let fits = |step: &u32| f64::from(*step) <= 2.0 * ROUNDING_SHARE_MAX * number;
    std::iter::once(widest).chain(finer).find(fits).unwrap_or(1)
}

/// To the nearest multiple of `step`, or the next above where that would fall below `floor`.
fn round(number: f64, step: u32, floor: f64) -> f64 {
    let step = f64::from(step);
    if step <= 1.0 {
        return number.ceil();
    }
    let nearest = (number / step).round() * step;
    if nearest < floor { nearest + step } else { nearest }
}

/// The range in which a current limit is as good: wider upwards, the less history there is.
///
/// After the Vertical Pod Autoscaler's recommender, whose bounds widen by `1 + 1/days` above and far less below, since
/// a limit that is too low hurts at once and one that is too high only protects less: it has to lie `slack` above.
fn interval(limit: Limit, statistics: &DemandStatistics, slack: f64) -> Interval {
    let number = f64::from(limit.requests_per_unit);
    let days = clean_days(statistics).max(0.1);
    Interval {
        lower: number * (1.0 - SLACK_RATIO) / (1.0 + 0.1 / days),
        upper: number * (1.0 + slack.max(SLACK_RATIO)) * (1.0 + 1.0 / days),
    }
}

/// History by the share that is neither gap nor masked, in days.
fn clean_days(statistics: &DemandStatistics) -> f64 {
    statistics.history_days * clean_share(statistics)
}

fn clean_share(statistics: &DemandStatistics) -> f64 {
    let clean = statistics.windows - statistics.gaps - statistics.masked;
    clean as f64 / statistics.windows.max(1) as f64
}

/// History x coverage x agreement of peak and forecast, each from 0 to 1.
fn confidence(learned: &Learned) -> Confidence {
    let history = (learned.statistics.history_days / DAYS_FULL).min(1.0);
    let agreement = learned.forecast.map_or(0.5, |forecast| {
        let (peak, forecast) = (learned.statistics.peak.value, forecast.value);
        if peak.max(forecast) > 0.0 { peak.min(forecast) / peak.max(forecast) } else { 1.0 }
    });
    Confidence::new(history * clean_share(&learned.statistics) * agreement)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proposal::tests::{learned, terms};
    use proptest::prelude::*;
    use tidewright_core::Quantile;

    fn limit(peak: f64, forecast: f64, policy: &Policy) -> Estimate {
        let mut learned = learned(peak, 28.0);
        learned.forecast = Some(PeakForecast {
            quantile: Quantile::new(0.95).unwrap(),
            value: forecast,
            horizon_days: 7.0,
        });
        estimate(learned, &terms(Unit::Minute, policy))
    }

    fn policy() -> Policy {
        Policy { cache_ratio: 1.2, safety_margin: 1.3, ..Policy::default() }
    }

    #[test]
    fn the_larger_of_peak_and_forecast_is_the_base() {
        let found = limit(1000.0, 1100.0, &policy());
        assert_eq!((found.arithmetic.base, found.arithmetic.base_from), (1100.0, Base::Forecast));
        // 1100 x 1.2 x 1.3 = 1716
        assert_eq!(found.limit, Limit::per_minute(1700));
        assert_eq!(limit(1200.0, 1100.0, &policy()).arithmetic.base_from, Base::Peak);
    }

    #[test]
    fn an_expected_event_multiplies_the_base() {
        let learned = Learned { event_factor: 2.0, ..learned(1000.0, 28.0) };
        // 1000 x 2 x 1.2 x 1.3 = 3120
        let found = estimate(learned, &terms(Unit::Minute, &policy()));
        assert_eq!(found.limit, Limit::per_minute(3100));
    }

    #[test]
    fn a_measured_cache_counts_by_the_sides_of_metric_and_limiter() {
        use CacheSide::{After, Before};
        let check = |metric, limiter, hits, expected: u32| {
            let cache = CacheFrom::Measured { lookups: 1000.0, hits };
            let cache_sides = tidewright_core::CacheSides { metric, limiter };
            let policy = Policy { cache: cache_sides, ..policy() };
            let learned = Learned { cache, ..learned(1000.0, 28.0) };
            let found = estimate(learned, &terms(Unit::Minute, &policy));
            assert_eq!(found.limit.requests_per_unit, expected, "{metric:?} {limiter:?}");
        };
        // 1000 x 0.25 x 1.3, then x 4, then as it is.
        check(Before, After, 750.0, 320);
        check(After, Before, 750.0, 5200);
        check(Before, Before, 750.0, 1600);
        check(After, Before, 1000.0, 100_000);
    }

    #[test]
    fn windows_with_rejections_make_an_upper_bound() {
        let learned = Learned { peak_without_rejected: Some(500.0), ..learned(1000.0, 28.0) };
        let found = estimate(learned, &terms(Unit::Minute, &policy()));
        assert_eq!(found.limit, Limit::per_minute(1600));
        assert_eq!(found.without_rejected, Some(Limit::per_minute(800)));
    }

    #[test]
    fn the_ceiling_wins_even_below_demand() {
        let bounds = Bounds { min: 100.0, max: 500.0 };
        let found = limit(1000.0, 900.0, &Policy { bounds, ..policy() });
        assert_eq!(
            (found.limit.requests_per_unit, found.arithmetic.bound_effect),
            (500, BoundEffect::Capped)
        );
    }

    #[test]
    fn bounds_are_scaled_to_the_unit() {
        let found = estimate(learned(7.0, 28.0), &terms(Unit::Hour, &policy()));
        assert_eq!(
            (found.limit.requests_per_unit, found.arithmetic.bound_effect),
            (6000, BoundEffect::Floored)
        );
    }

    #[test]
    fn a_small_limit_is_rounded_finely() {
        let step = |number| rounding_step(number, Unit::Minute, Rounding::NearestHundred);
        assert_eq!(
            (step(5000.0), step(999.0), step(480.0), step(55.0), step(3.0)),
            (100, 50, 20, 5, 1)
        );
        assert_eq!(rounding_step(60_000.0, Unit::Hour, Rounding::NearestHundred), 1000);
        assert_eq!(round(150.0, 100, 0.0), 200.0);
    }

    #[test]
    fn rounding_never_falls_below_the_base() {
        assert_eq!(round(1049.0, 100, 1049.0), 1100.0);
    }

    proptest! {
        #[test]
        fn a_limit_never_leaves_its_bounds(
            peak in 0.0..1e7_f64, forecast in 0.0..1e7_f64, min in 0.0..1e4_f64, width in 0.0..1e6_f64,
        ) {
            let bounds = Bounds { min, max: min + width };
            let found = limit(peak, forecast, &Policy { bounds, ..policy() });
            let number = f64::from(found.limit.requests_per_unit);
            prop_assert!(number <= bounds.max);
            prop_assert!(number >= bounds.min.floor());
        }

        #[test]
        fn rounding_moves_a_limit_by_five_percent_at_the_most(number in 20.0..1e7_f64) {
            for (method, _) in Rounding::ALL {
                let rounded = round(number, rounding_step(number, Unit::Minute, method), 0.0);
                prop_assert!((rounded - number).abs() <= 0.05 * number + 1e-9);
            }
        }

        #[test]
        fn the_computed_limit_lies_inside_its_interval(peak in 10.0..1e6_f64, days in 0.2..40.0_f64) {
            let found = estimate(learned(peak, days), &terms(Unit::Minute, &policy()));
            let number = f64::from(found.limit.requests_per_unit);
            prop_assert!(found.interval.lower <= number && number <= found.interval.upper);
        }
    }
}
