//! The arithmetic of the script that Tidewright replaces, for people who migrate and want to see both numbers.
//!
//! It reproduces formulas `v1` and `v3` without their bugs. What was put right: no data is `None`, never 100; the ceiling
//! wins, even below demand; halves round up; a measured demand never rounds to 0, and a limit that was lifted above
//! the peak never rounds below it; `v1` keeps its cache ratio; the deviation is that of the number that is written;
//! prime time is handed in, not 19:00 to 23:00 UTC.
//! What is kept, odd as it is: a high hit ratio raises `v3`'s limit; stable traffic gets the largest factor.
//! It has no guards, no holds and no reasons: it makes numbers to compare with, and decides nothing.

use tidewright_core::{BoundEffect, Bounds, PrimeTime, Rounding};
use tidewright_numerics::{quantile, quantile_in_place};

use crate::windows::Windows;

/// A maximum up to this many requests a minute counts as hardly any traffic.
const V1_MAXIMUM_LOW: f64 = 3.0;
/// A maximum of this many times the mean is a spike.
const V1_SPIKE_RATIO: f64 = 10.0;
/// The factors on the maximum: of a spike, of ordinary traffic, of hardly any.
const V1_FACTORS: (f64, f64, f64) = (1.1, 2.0, 2.5);
/// The factor where fewer than half of the windows reach the maximum, which is nearly always.
const V1_FACTOR_RARE: f64 = 1.2;
/// `v1` knows one step, and no number below it.
const V1_STEP: f64 = 100.0;

/// `v3` cuts what lies above this quantile, and takes this one in prime time for the peak.
const V3_QUANTILES: (f64, f64) = (0.999, 0.95);
/// What `v3` multiplies every peak with.
const V3_FACTOR: f64 = 2.5;
/// A measured hit ratio from here on counts; it weighs this much.
const V3_HITS: (f64, f64) = (0.1, 0.3);
/// A limit below the peak is lifted to this many times the peak.
const V3_LIFT: f64 = 1.2;
/// Patterns by peak / mean and deviation / mean that must both be exceeded, with their factors.
const V3_SPIKY: [(f64, f64, f64); 2] = [(8.0, 1.0, 0.9), (4.0, 0.6, 1.0)];
/// A pattern is variable where one of these is exceeded; the factors of variable and stable ones.
const V3_VARIABLE: (f64, f64) = (2.0, 0.3);
const V3_FACTORS_CALM: (f64, f64) = (1.1, 1.2);

/// What a formula of the predecessor gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LegacyLimit {
    /// Requests per minute.
    pub number: u32,
    /// The demand that it rests on, in requests per minute.
    pub peak: f64,
    /// The product of all factors on it.
    pub factor: f64,
    /// What the bounds did.
    pub bound_effect: BoundEffect,
}

/// The settings of formula `v3`.
#[derive(Clone, Debug, PartialEq)]
pub struct V3 {
    /// Fixed or adaptive factors.
    pub mode: V3Mode,
    /// Multiplied by this where no hit ratio is known (`cache_adjustment_factor`).
    pub cache_factor: f64,
    /// The partner's and the path's multipliers, as one product.
    pub multiplier: f64,
    /// What is left free.
    pub safety_margin: f64,
    /// What may be written, in requests per minute.
    pub bounds: Bounds,
    /// How the number is rounded.
    pub rounding: Rounding,
}

/// How formula `v3` picks its factors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum V3Mode {
    /// The same for all.
    Fixed,
    /// By the pattern of traffic, and by the hit ratio of the cache where one was measured.
    Adaptive {
        /// Hits by all requests, from 0 to 1.
        hit_ratio: Option<f64>,
    },
}

impl Default for V3 {
    fn default() -> Self {
        Self {
            mode: V3Mode::Adaptive { hit_ratio: None },
            cache_factor: 1.2,
            multiplier: 1.0,
            safety_margin: 1.2,
            bounds: Bounds { min: 100.0, max: 50_000.0 },
            rounding: Rounding::NearestHundred,
        }
    }
}

impl LegacyLimit {
    /// How far the number lies from a current one, in percent of that; `None` from a limit of 0.
    pub fn deviation_percent(&self, current: u32) -> Option<f64> {
        let (new, old) = (f64::from(self.number), f64::from(current));
        (current > 0).then(|| (new - old) / old * 100.0)
    }
}

/// Formula `v1` on counts per minute, NaN for a gap; `None` where nothing but gaps and zeros was measured.
pub fn v1(minutes: &[f64], cache_ratio: f64) -> Option<LegacyLimit> {
    let measured: Vec<f64> = measured(minutes).collect();
    let maximum = measured.iter().copied().fold(0.0, f64::max);
    if maximum <= 0.0 {
        return None;
    }
    let at_maximum = measured.iter().filter(|count| **count == maximum).count();
    let base = maximum * cache_ratio;
    let factor = if 2 * at_maximum < measured.len() {
        V1_FACTOR_RARE
    } else {
        v1_factor(base, mean(&measured))
    };
    let number = half_up((base * factor).ceil(), V1_STEP).max(V1_STEP);
    let factor = cache_ratio * factor;
    Some(LegacyLimit {
        number: whole(number),
        peak: maximum,
        factor,
        bound_effect: BoundEffect::Inside,
    })
}

/// Formula `v3` on counts per minute, NaN for a gap; `None` where nothing but gaps and zeros was measured.
pub fn v3(
    windows: &Windows,
    minutes: &[f64],
    prime: &PrimeTime,
    settings: &V3,
) -> Option<LegacyLimit> {
    let all: Vec<f64> = measured(minutes).collect();
    let cut = quantile(&all, V3_QUANTILES.0)?;
    let clipped: Vec<f64> = all.iter().map(|count| count.min(cut)).collect();
    let in_prime = minutes.iter().zip(windows.local()).filter(|(_, local)| prime.contains(**local));
    let mut in_prime: Vec<f64> =
        in_prime.map(|(count, _)| count.min(cut)).filter(|count| count.is_finite()).collect();
    if in_prime.is_empty() {
        in_prime.clone_from(&clipped);
    }
    let peak = quantile_in_place(&mut in_prime, V3_QUANTILES.1).filter(|peak| *peak > 0.0)?;
    let factor = v3_factor(&clipped, peak, settings);
    let (number, bound_effect) = v3_number(peak, peak * factor, settings);
    Some(LegacyLimit { number, peak, factor, bound_effect })
}

fn v1_factor(maximum: f64, mean: f64) -> f64 {
    let spike = V1_SPIKE_RATIO * mean;
    if maximum > spike {
        V1_FACTORS.0
    } else if V1_MAXIMUM_LOW < maximum && maximum < spike {
        V1_FACTORS.1
    } else {
        V1_FACTORS.2
    }
}

/// All factors of `v3`. Its factor for the trend is left out: it took the slope per minute by the mean, which is 1 in
/// practice whatever the traffic does.
fn v3_factor(counts: &[f64], peak: f64, settings: &V3) -> f64 {
    let adaptive = match settings.mode {
        V3Mode::Fixed => settings.cache_factor,
        V3Mode::Adaptive { hit_ratio } => {
            let known = hit_ratio.filter(|ratio| *ratio >= V3_HITS.0);
            let cache = known.map_or(settings.cache_factor, |ratio| 1.0 + V3_HITS.1 * ratio);
            cache * pattern_factor(counts, peak)
        }
    };
    V3_FACTOR * adaptive * settings.multiplier * settings.safety_margin
}

fn pattern_factor(counts: &[f64], peak: f64) -> f64 {
    let mean = mean(counts);
    let variance =
        counts.iter().map(|count| (count - mean).powi(2)).sum::<f64>() / counts.len() as f64;
    let (height, spread) = (peak / mean, variance.sqrt() / mean);
    let spiky =
        V3_SPIKY.iter().find(|(ratio, deviation, _)| height > *ratio && spread > *deviation);
    let is_variable = height > V3_VARIABLE.0 || spread > V3_VARIABLE.1;
    let calm = if is_variable { V3_FACTORS_CALM.0 } else { V3_FACTORS_CALM.1 };
    spiky.map_or(calm, |(_, _, factor)| *factor)
}

/// The number within the bounds: lifted above the peak where factors press it below, then the ceiling.
fn v3_number(peak: f64, wanted: f64, settings: &V3) -> (u32, BoundEffect) {
    let (min, max) = (settings.bounds.min, settings.bounds.max);
    let step = f64::from(settings.rounding.step());
    let lifted = if wanted < peak { V3_LIFT * peak } else { wanted };
    let nearest = half_up(lifted, step).max(step);
    let rounded = if nearest < peak { nearest + step } else { nearest };
    if rounded > max {
        (whole(max.floor()), BoundEffect::Capped)
    } else if rounded < min {
        (whole(min.ceil().min(max.floor())), BoundEffect::Floored)
    } else {
        (whole(rounded), BoundEffect::Inside)
    }
}

fn measured(minutes: &[f64]) -> impl Iterator<Item = f64> + '_ {
    minutes.iter().copied().filter(|count| !count.is_nan())
}

fn mean(counts: &[f64]) -> f64 {
    counts.iter().sum::<f64>() / counts.len().max(1) as f64
}

/// To the nearest multiple; halves go up, where the predecessor's went to the even one.
fn half_up(number: f64, step: f64) -> f64 {
    (number / step + 0.5).floor() * step
}

fn whole(number: f64) -> u32 {
    number.clamp(0.0, f64::from(u32::MAX)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidewright_core::{Grid, PrimeWindow, Timestamp, Zone};

    /// A day of minutes at `level`, one of which is `maximum`.
    fn day(level: f64, maximum: f64) -> Vec<f64> {
        let mut minutes = vec![level; 1440];
        minutes[700] = maximum;
        minutes
    }

    #[track_caller]
    fn check_v1(minutes: &[f64], expected: Option<u32>) {
        assert_eq!(v1(minutes, 1.0).map(|limit| limit.number), expected);
    }

    fn v3_of(minutes: &[f64], prime: &PrimeTime, settings: &V3) -> Option<LegacyLimit> {
        let grid = Grid::new(Timestamp::from_secs(0), 60_000, minutes.len()).unwrap();
        v3(&Windows::new(grid, &Zone::utc()), minutes, prime, settings)
    }

    #[track_caller]
    fn check_v3(minutes: &[f64], settings: &V3, expected: Option<u32>) {
        let found = v3_of(minutes, &PrimeTime::always(Zone::utc()), settings);
        assert_eq!(found.map(|limit| limit.number), expected);
    }

    #[test]
    fn v1_is_the_maximum_and_a_fifth_in_hundreds() {
        check_v1(&day(400.0, 1000.0), Some(1200));
        check_v1(&day(10.0, 1000.0), Some(1200));
        check_v1(&day(400.0, 1125.0), Some(1400));
        check_v1(&day(400.0, 1042.0), Some(1300));
    }

    #[test]
    fn v1_rounds_halves_up() {
        // Of 150 and of 250 the predecessor made 200.
        check_v1(&day(50.0, 125.0), Some(200));
        check_v1(&day(50.0, 208.0), Some(300));
    }

    #[test]
    fn v1_takes_its_old_branches_where_half_of_the_windows_are_the_maximum() {
        check_v1(&[1000.0; 1440], Some(2000));
        check_v1(&[3.0; 1440], Some(100));
        let mut half = vec![0.0; 1440];
        half[..720].fill(90.0);
        check_v1(&half, Some(200));
    }

    #[test]
    fn v1_never_makes_a_0_of_demand() {
        // The predecessor rounded 49 to 0.
        check_v1(&day(10.0, 40.0), Some(100));
        check_v1(&day(0.0, 1.0), Some(100));
    }

    #[test]
    fn v1_keeps_its_cache_ratio() {
        assert_eq!(v1(&day(400.0, 1000.0), 1.5).map(|limit| limit.number), Some(1800));
    }

    #[test]
    fn no_data_is_no_limit() {
        for nothing in [vec![], vec![f64::NAN; 1440], vec![0.0; 1440]] {
            check_v1(&nothing, None);
            check_v3(&nothing, &V3::default(), None);
        }
    }

    #[test]
    fn v3_stacks_its_factors() {
        // What was measured of the predecessor: 1,197 x 2.5 x 1.2 x 1.2 x 1.2 = 5,171.
        check_v3(&[1197.0; 1440], &V3::default(), Some(5200));
        let fixed = V3 { mode: V3Mode::Fixed, ..V3::default() };
        check_v3(&[1000.0; 1440], &fixed, Some(3600));
        let multiplied = V3 { multiplier: 1.5, ..fixed };
        check_v3(&[1000.0; 1440], &multiplied, Some(5400));
    }

    #[test]
    fn v3_raises_a_limit_behind_a_cache_that_hits() {
        let hits =
            |ratio| V3 { mode: V3Mode::Adaptive { hit_ratio: Some(ratio) }, ..V3::default() };
        // 1,000 x 2.5 x (1 + 0.3 x 0.9) x 1.2 x 1.2 = 4,572, and below 0.1 the ratio does not count.
        check_v3(&[1000.0; 1440], &hits(0.9), Some(4600));
        check_v3(&[1000.0; 1440], &hits(0.05), Some(4300));
    }

    #[test]
    fn v3_gives_spiky_traffic_smaller_factors() {
        let shared = |share: i32| {
            let count = move |minute| if minute % 100 < share { 1000.0 } else { 50.0 };
            (0..1440).map(count).collect::<Vec<f64>>()
        };
        let factor = |minutes: &[f64]| {
            let found = v3_of(minutes, &PrimeTime::always(Zone::utc()), &V3::default()).unwrap();
            (found.factor / (2.5 * 1.2 * 1.2) * 10.0).round() / 10.0
        };
        assert_eq!([6, 15, 30].map(|share| factor(&shared(share))), [0.9, 1.0, 1.1]);
        assert_eq!(factor(&[50.0; 1440]), 1.2);
    }

    #[test]
    fn the_ceiling_wins_over_v3_even_below_demand() {
        // The predecessor wrote 1,400 here.
        let low = V3 { bounds: Bounds { min: 100.0, max: 500.0 }, ..V3::default() };
        check_v3(&[1197.0; 1440], &low, Some(500));
        check_v3(&[5.0; 1440], &V3::default(), Some(100));
    }

    #[test]
    fn v3_lifts_a_limit_that_factors_pressed_below_the_peak() {
        let pressed = V3 { multiplier: 0.1, ..V3::default() };
        check_v3(&[1197.0; 1440], &pressed, Some(1400));
        // 1.2 x 40 = 48 is 0 in hundreds.
        let bounds = Bounds { min: 0.0, max: 50_000.0 };
        check_v3(&[40.0; 1440], &V3 { bounds, ..pressed }, Some(100));
    }

    #[test]
    fn v3_reads_its_peak_in_prime_time() {
        let minutes: Vec<f64> =
            (0..1440).map(|minute| if minute < 600 { 300.0 } else { 200.0 }).collect();
        let evening = vec![PrimeWindow { start: 1080, end: 1200 }];
        let prime = PrimeTime { zone: Zone::utc(), weekday: evening.clone(), weekend: evening };
        assert_eq!(v3_of(&minutes, &prime, &V3::default()).unwrap().peak, 200.0);
    }

    #[test]
    fn the_deviation_is_that_of_the_number_that_is_written() {
        let limit = v1(&day(400.0, 1000.0), 1.0).unwrap();
        assert_eq!((limit.deviation_percent(1000), limit.deviation_percent(0)), (Some(20.0), None));
    }
}
