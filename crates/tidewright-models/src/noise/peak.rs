//! The quantile of a horizon's maximum: what a limit must hold.
//!
//! With expected values `mu`, noise of width `s(mu)` and law `F` with extremal index `theta`, and a common shock `D` of
//! the trend, the maximum stays at or below `x` with probability `E_D prod F((x - mu - D) / s)^theta`. Points are binned by
//! `mu`, so that a week of minutes costs no more than a day, and only bins near the top are looked at.

use tidewright_core::Quantile;
use tidewright_numerics::quantile;

use super::Noise;
use crate::prophet::Extrapolation;

/// Bins of the expected level; each is narrow against the noise.
const BINS: usize = 48;
/// The shock's normal law is summed at these distances in deviations, from -3 to 3.
const SHOCK_STEP: f64 = 0.5;
const SHOCK_STEPS: i32 = 6;
/// Parts of the bracket: a ten-thousandth of it is close enough.
const PARTS: u32 = 1 << 14;
/// A horizon whose logarithm of staying below has fallen so far will not stay below.
const HOPELESS: f64 = -40.0;
/// Below this, three terms of a logarithm's series are exact to the last digit.
const SERIES_MAX: f64 = 1e-5;

/// The quantile that counts as highest: some ten minutes of a week.
const HIGHEST: f64 = 0.999;

/// What a model expects of a horizon.
#[derive(Clone, Debug)]
pub struct Outlook {
    /// The expected value at each future point.
    pub expected: Vec<f64>,
    /// The standard deviation, at the horizon's end, of what the trend may do that the past did not show.
    pub drift: f64,
    /// Whether the trend's extrapolation was held back.
    pub extrapolation: Extrapolation,
}

/// Points of nearly the same level.
struct Bin {
    level: f64,
    width: f64,
    points: f64,
}

/// The level under which the whole horizon stays with the probability `quantile`; 0 for an empty horizon.
pub fn peak_quantile(outlook: &Outlook, noise: &Noise, quantile: Quantile) -> f64 {
    let mut bins = bins(&outlook.expected, noise);
    let Some(top) = bins.last() else { return 0.0 };
    // Above: where the whole horizon, had all its points the highest level, exceeds with a tenth of the probability.
    let points = outlook.expected.len() as f64;
    let rare = 0.1 * (1.0 - quantile.get()) / points;
    let most = f64::from(SHOCK_STEPS) * SHOCK_STEP * outlook.drift;
    let high = top.level + most + widest(&bins) * noise.standard_quantile(1.0 - rare).max(0.0);
    let low = top.level - most + top.width * noise.standard_quantile(0.5 * quantile.get());
    bins.retain(|bin| bin.points * noise.exceedance((low - bin.level) / bin.width) > rare);
    let shocks = shocks(outlook.drift);
    let level = |part: u32| low + (high - low) * f64::from(part) / f64::from(PARTS);
    // Maxima are nearly Gumbel's: on this scale their law is nearly a straight line.
    let scale = |probability: f64| -(-probability.ln()).ln();
    let wanted = scale(quantile.get());
    level(first_reached(PARTS, |part| {
        scale(stays_below(level(part), &bins, noise, &shocks)) - wanted
    }))
}

/// The first of `parts` at which `rising` is not negative any more, taken to be so at 0 and not at the last.
fn first_reached(parts: u32, rising: impl Fn(u32) -> f64) -> u32 {
    let (mut low, mut high) = ((0, f64::NAN), (parts, f64::NAN));
    let mut halve = [false, false, true].into_iter().cycle();
    while high.0 - low.0 > 1 {
        let straight = f64::from(high.0 - low.0) * low.1 / (low.1 - high.1);
        // A bent line would creep up from one side: every third guess halves.
        let guess = match halve.next() {
            Some(false) if straight > 0.0 => low.0 + straight.round() as u32,
            _ => low.0.midpoint(high.0),
        };
        let guess = guess.clamp(low.0 + 1, high.0 - 1);
        match rising(guess) {
            below if below < 0.0 => low = (guess, below),
            reached => high = (guess, reached),
        }
    }
    high.0
}

/// What the highest values of a history reach, without leaning on a single one: the bound of what a forecast of maxima
/// may rise from, however wide it takes the noise to be. 0 for a history of gaps.
pub fn highest(history: &[f64]) -> f64 {
    quantile(history, HIGHEST).unwrap_or_default()
}

fn widest(bins: &[Bin]) -> f64 {
    bins.iter().map(|bin| bin.width).fold(0.0, f64::max)
}

/// Ascending by level.
fn bins(expected: &[f64], noise: &Noise) -> Vec<Bin> {
    let low = expected.iter().copied().fold(f64::INFINITY, f64::min);
    let high = expected.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let per_level = BINS as f64 / (high - low).max(f64::MIN_POSITIVE);
    let mut sums = [(0.0, 0.0); BINS];
    for level in expected {
        let (sum, points) = &mut sums[(((level - low) * per_level) as usize).min(BINS - 1)];
        *sum += level;
        *points += 1.0;
    }
    let filled = sums.into_iter().filter(|(_, points)| *points > 0.0);
    let bin = |(sum, points): (f64, f64)| {
        let level = sum / points;
        Bin { level, width: noise.scale().at(level), points }
    };
    filled.map(bin).collect()
}

/// Shifts of the trend and their probabilities.
fn shocks(drift: f64) -> Vec<(f64, f64)> {
    if drift <= 0.0 {
        return vec![(0.0, 1.0)];
    }
    let nodes = (-SHOCK_STEPS..=SHOCK_STEPS).map(|i| f64::from(i) * SHOCK_STEP);
    let weighted: Vec<(f64, f64)> = nodes.map(|z| (z * drift, (-0.5 * z * z).exp())).collect();
    let total: f64 = weighted.iter().map(|(_, weight)| weight).sum();
    weighted.into_iter().map(|(shift, weight)| (shift, weight / total)).collect()
}

/// The probability that the whole horizon stays at or below `x`.
fn stays_below(x: f64, bins: &[Bin], noise: &Noise, shocks: &[(f64, f64)]) -> f64 {
    let each = shocks.iter().map(|(shift, weight)| {
        let mut log = 0.0;
        // The highest levels decide: most hopeless horizons show it in their first bin.
        for bin in bins.iter().rev() {
            let exceeds = noise.exceedance((x - shift - bin.level) / bin.width);
            log += noise.extremal_index() * bin.points * log_of_rest(exceeds);
            if log < HOPELESS {
                return 0.0;
            }
        }
        weight * log.exp()
    });
    each.sum()
}

/// The logarithm of `1 - p`; never infinite.
fn log_of_rest(p: f64) -> f64 {
    if p < SERIES_MAX {
        return -p * (1.0 + p * (0.5 + p / 3.0));
    }
    (-p.min(1.0 - 1e-12)).ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_part_is_found_on_any_rising_line_in_few_looks() {
        let lines: [fn(f64) -> f64; 4] =
            [|x| x - 0.3, |x| x.powi(9) - 0.5, |x| (x - 0.9).cbrt(), |x| (x / 0.001).ln()];
        for line in lines {
            let looks = std::cell::Cell::new(0);
            let found = first_reached(PARTS, |part| {
                looks.set(looks.get() + 1);
                line(f64::from(part) / f64::from(PARTS))
            });
            let first = (1..=PARTS).find(|part| line(f64::from(*part) / f64::from(PARTS)) >= 0.0);
            assert_eq!(Some(found), first);
            assert!(looks.get() < 30, "{} looks", looks.get());
        }
    }
}
