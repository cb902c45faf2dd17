//! How often to take differences: once by season where the season is strong, then until the level stands still.
//!
//! Strength of a season as in Wang, Smith and Hyndman (2006), with their successors' threshold of 0.64; whether a level stands
//! still by the test of Kwiatkowski, Phillips, Schmidt and Shin (1992) at 5 %, lags as in R's `ndiffs`.

use super::ground::{difference_at, mean};

/// A season that explains more than this share of what the trend leaves is differenced.
const STRENGTH_MIN: f64 = 0.64;
/// The 5 % point of the test statistic around a level.
const KPSS_MAX: f64 = 0.463;
/// The season may change its shape over so many cycles to each side.
const CYCLES: usize = 3;

/// How often to difference at the season: 0 or 1.
pub(super) fn seasonal_differences(values: &[f64], season: usize) -> usize {
    let worth = season > 1 && values.len() > 2 * season;
    usize::from(worth && strength(values, season) > STRENGTH_MIN)
}

/// How often to difference at single steps.
pub(super) fn plain_differences(values: &[f64], most: usize) -> usize {
    let mut values = values.to_vec();
    for done in 0..most {
        if kpss(&values) <= KPSS_MAX {
            return done;
        }
        values = difference_at(&values, 1);
    }
    most
}

/// The statistic of the test that the level stands still; 0 for a constant.
fn kpss(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let centre = mean(values);
    let largest = values.iter().fold(0.0f64, |most, x| most.max((x - centre).abs()));
    if largest == 0.0 || values.len() < 3 {
        return 0.0;
    }
    let misses: Vec<f64> = values.iter().map(|x| (x - centre) / largest).collect();
    let lags = (3.0 * n.sqrt() / 13.0) as usize;
    let product =
        |lag: usize| misses.iter().skip(lag).zip(&misses).map(|(a, b)| a * b).sum::<f64>();
    let weight = |lag: usize| 1.0 - lag as f64 / (lags + 1) as f64;
    let spectrum = product(0) + 2.0 * (1..=lags).map(|lag| weight(lag) * product(lag)).sum::<f64>();
    let mut sum = 0.0;
    let squares: f64 = misses
        .iter()
        .map(|miss| {
            sum += miss;
            sum * sum
        })
        .sum();
    if spectrum > 0.0 { squares / (n * spectrum) } else { f64::INFINITY }
}

/// The share of what the trend leaves that the season explains.
fn strength(values: &[f64], season: usize) -> f64 {
    let trend = centred_means(values, season);
    let rest: Vec<f64> = values.iter().zip(trend).map(|(x, trend)| x - trend).collect();
    let remainder: Vec<f64> =
        (0..rest.len()).map(|i| rest[i] - phase_mean(&rest, i, season)).collect();
    let (all, left) = (variance(&rest), variance(&remainder));
    if all > 0.0 { 1.0 - left / all } else { 0.0 }
}

/// The mean over one season around each value; over what there is of it at the ends.
fn centred_means(values: &[f64], season: usize) -> Vec<f64> {
    let half = season / 2;
    let mut sums = vec![0.0];
    let mut sum = 0.0;
    sums.extend(values.iter().map(|value| {
        sum += value;
        sum
    }));
    let n = values.len();
    // A window of one season always, moved inwards at the ends.
    let window = |i: usize| i.saturating_sub(half).min(n.saturating_sub(season));
    (0..n).map(|i| (sums[window(i) + season] - sums[window(i)]) / season as f64).collect()
}

fn phase_mean(values: &[f64], i: usize, season: usize) -> f64 {
    let first = i - season * (i / season).min(CYCLES);
    let last = (i + season * CYCLES).min(values.len() - 1);
    let same = (first..=last).step_by(season);
    let count = same.clone().count() as f64;
    same.map(|k| values[k] / count).sum()
}

fn variance(values: &[f64]) -> f64 {
    let centre = mean(values);
    mean(&values.iter().map(|x| (x - centre) * (x - centre)).collect::<Vec<f64>>())
}

#[cfg(test)]
mod tests {
    use tidewright_numerics::Random;

    use super::*;

    fn noise(seed: u64, n: usize) -> Vec<f64> {
        let mut random = Random::new(seed);
        (0..n).map(|_| random.normal()).collect()
    }

    #[test]
    fn noise_is_not_differenced_and_a_walk_is_once() {
        let noise = noise(4, 500);
        assert_eq!(plain_differences(&noise, 2), 0);
        let mut sum = 0.0;
        let walk: Vec<f64> = noise
            .iter()
            .map(|x| {
                sum += x;
                sum
            })
            .collect();
        assert_eq!(plain_differences(&walk, 2), 1);
        assert_eq!(plain_differences(&[5.0; 40], 2), 0);
    }

    #[test]
    fn the_statistic_is_what_its_authors_define() {
        // By hand: lags (3 sqrt(5) / 13) = 0; misses -2..2, their sums -2, -3, -3, -2, 0.
        assert!((kpss(&[1.0, 2.0, 3.0, 4.0, 5.0]) - 26.0 / (5.0 * 10.0)).abs() < 1e-12);
    }

    #[test]
    fn a_strong_season_is_differenced_and_noise_is_not() {
        let noise = noise(7, 600);
        let wave = |i: usize| 3.0 * (i as f64 * std::f64::consts::TAU / 24.0).sin();
        let day: Vec<f64> = noise.iter().enumerate().map(|(i, x)| x + wave(i)).collect();
        assert_eq!(seasonal_differences(&day, 24), 1);
        assert_eq!(seasonal_differences(&noise, 24), 0);
        assert_eq!(seasonal_differences(&day, 1), 0);
    }
}
