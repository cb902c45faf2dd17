//! How wide the noise is at each level: `variance = floor + per_unit * level + relative * level^2`.
//!
//! Counting makes the middle term, proportional disturbances the last, measurement the first; traffic has all three. The
//! parts are fitted without sign errors to robust variances of slices of the level, each slice weighted by its relative
//! precision, so that a quiet night counts as much as a busy noon.

use tidewright_numerics::{factor, quantile_in_place, solve_lower, solve_upper};

/// Slices of the level; enough to see a parabola.
const SLICES: usize = 16;
/// A week of minutes tells a width to a per cent; more points only cost time.
const POINTS_MAX: usize = 10_080;
/// Fewer points in a slice say too little about its variance; such slices are merged upwards.
const SLICE_POINTS_MIN: usize = 40;
/// Residuals count at most as this many robust deviations, so that spikes do not widen the noise.
const WINSOR: f64 = 4.0;
/// Median absolute deviation to standard deviation for normal noise.
const NORMAL_CONSISTENCY: f64 = 1.482_602_218_505_602;
/// Noise never counts as narrower than this share of the largest level: round-off is not knowledge.
const SHARE_MIN: f64 = 1e-6;

/// The standard deviation of the noise as a function of the expected level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// The level counts from here: 0, or the lowest expected value where that is negative.
    base: f64,
    parts: [f64; 3],
    least: f64,
}

/// Robust variance of a slice of the level.
struct Slice {
    level: f64,
    variance: f64,
    points: f64,
}

impl Scale {
    /// Learns it from what was expected and what was observed (NaN: gap or masked).
    pub fn learn(expected: &[f64], observed: &[f64]) -> Self {
        let (low, high) = bounds(expected, observed);
        let base = low.min(0.0);
        let least = (SHARE_MIN * (high - base).max(high.abs())).max(f64::MIN_POSITIVE.sqrt());
        let slices = slices(expected, observed, (low, high), base);
        Self { base, parts: fit_parts(&slices), least }
    }

    /// The standard deviation where `level` is expected.
    pub fn at(&self, level: f64) -> f64 {
        let level = (level - self.base).max(0.0);
        let [floor, per_unit, relative] = self.parts;
        (floor + level * (per_unit + level * relative)).sqrt().max(self.least)
    }
}

/// The range of expected values where something was observed.
fn bounds(expected: &[f64], observed: &[f64]) -> (f64, f64) {
    // Four at a time, because each comparison would wait for the one before it.
    let (mut low, mut high) = ([f64::INFINITY; 4], [f64::NEG_INFINITY; 4]);
    for (levels, observed) in expected.chunks(4).zip(observed.chunks(4)) {
        for (lane, (&level, y)) in levels.iter().zip(observed).enumerate() {
            let seen = !y.is_nan();
            low[lane] = if seen && level < low[lane] { level } else { low[lane] };
            high[lane] = if seen && level > high[lane] { level } else { high[lane] };
        }
    }
    let low = low.into_iter().fold(f64::INFINITY, f64::min);
    let range = (low, high.into_iter().fold(f64::NEG_INFINITY, f64::max));
    if range.0 <= range.1 { range } else { (0.0, 0.0) }
}

fn slices(expected: &[f64], observed: &[f64], (low, high): (f64, f64), base: f64) -> Vec<Slice> {
    let per_level = SLICES as f64 / (high - low).max(f64::MIN_POSITIVE);
    let mut seen = Vec::with_capacity(expected.len().min(2 * POINTS_MAX));
    let mut counts = [0; SLICES];
    let mut levels = [0.0; SLICES];
    let pairs = expected.iter().zip(observed).step_by(stride(expected.len()));
    for (level, y) in pairs.filter(|(_, y)| !y.is_nan()) {
        let index = (((level - low) * per_level) as usize).min(SLICES - 1);
        seen.push((index, (y - level).abs()));
        counts[index] += 1;
        levels[index] += level - base;
    }
    let mut misses = by_slice(&seen, &counts);
    let mut slices = Vec::with_capacity(SLICES);
    let (mut start, mut end, mut level) = (0, 0, 0.0);
    for (index, count) in counts.iter().enumerate() {
        end += count;
        level += levels[index];
        let pool = &mut misses[start..end];
        let done = pool.len() >= SLICE_POINTS_MIN || (index == SLICES - 1 && slices.is_empty());
        if done && !pool.is_empty() {
            let points = pool.len() as f64;
            slices.push(Slice { level: level / points, variance: variance(pool), points });
            (start, level) = (end, 0.0);
        }
    }
    slices
}

/// The misses of one slice after the other, in one piece of memory.
fn by_slice(seen: &[(usize, f64)], counts: &[usize; SLICES]) -> Vec<f64> {
    let mut next = [0; SLICES];
    (1..SLICES).for_each(|index| next[index] = next[index - 1] + counts[index - 1]);
    let mut misses = vec![0.0; seen.len()];
    for (index, miss) in seen {
        misses[next[*index]] = *miss;
        next[*index] += 1;
    }
    misses
}

/// Every how many points are looked at; shares no factor with 60, or it would see the same minutes of each hour only.
fn stride(points: usize) -> usize {
    let least = points.div_ceil(POINTS_MAX).max(1);
    (least..).find(|stride| [2, 3, 5].iter().all(|factor| stride % factor != 0)).unwrap_or(least)
}

/// Mean square with the largest distances drawn in.
fn variance(misses: &mut [f64]) -> f64 {
    let count = misses.len() as f64;
    let middle = quantile_in_place(misses, 0.5).unwrap_or(0.0);
    let square = |miss: &f64| miss * miss;
    if middle == 0.0 {
        return misses.iter().map(square).sum::<f64>() / count;
    }
    let most = WINSOR * NORMAL_CONSISTENCY * middle;
    misses.iter().map(|miss| square(&miss.min(most))).sum::<f64>() / count
}

/// Weighted least squares without negative parts: of three parts there are seven subsets, all are tried.
fn fit_parts(slices: &[Slice]) -> [f64; 3] {
    let floor = slices.iter().map(|slice| slice.variance).fold(0.0, f64::max) * 1e-6;
    let weight = |slice: &Slice| slice.points / (slice.variance + floor).max(1e-300).powi(2);
    let miss = |parts: &[f64; 3]| -> f64 {
        let each = slices.iter().map(|slice| {
            let model = parts[0] + slice.level * (parts[1] + slice.level * parts[2]);
            weight(slice) * (model - slice.variance).powi(2)
        });
        each.sum()
    };
    let fits = (1..8usize).filter_map(|subset| fit_subset(slices, subset, &weight));
    let best = fits.map(|parts| (miss(&parts), parts)).min_by(|a, b| a.0.total_cmp(&b.0));
    best.map_or([0.0; 3], |(_, parts)| parts)
}

/// The parts named by the bits of `subset`, if their best fit is not negative.
fn fit_subset(
    slices: &[Slice],
    subset: usize,
    weight: &impl Fn(&Slice) -> f64,
) -> Option<[f64; 3]> {
    let powers: Vec<i32> = (0..3).filter(|power| subset >> power & 1 == 1).collect();
    let n = powers.len();
    // Levels of 1e6 would drown the constant: measure them in units of the largest.
    let unit = slices.iter().map(|slice| slice.level).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    let (mut h, mut b) = (vec![0.0; n * n], vec![0.0; n]);
    for slice in slices {
        let term = |power: i32| (slice.level / unit).powi(power);
        for (i, &left) in powers.iter().enumerate() {
            let weighted = weight(slice) * term(left);
            b[i] += weighted * slice.variance;
            powers.iter().enumerate().for_each(|(j, &p)| h[i * n + j] += weighted * term(p));
        }
    }
    factor(&mut h, n, n).ok()?;
    solve_lower(&h, n, n, &mut b);
    solve_upper(&h, n, n, &mut b);
    let mut parts = [0.0; 3];
    powers
        .iter()
        .zip(&b)
        .for_each(|(&power, part)| parts[power as usize] = part / unit.powi(power));
    parts.iter().all(|part| *part >= 0.0 && part.is_finite()).then_some(parts)
}

#[cfg(test)]
mod tests {
    use tidewright_numerics::Random;

    use super::*;

    fn learned(deviation: impl Fn(f64) -> f64) -> Scale {
        let mut random = Random::new(3);
        let expected: Vec<f64> =
            (0..10_000).map(|i| 200.0 + 150.0 * (f64::from(i) * 0.004).sin()).collect();
        let observed: Vec<f64> =
            expected.iter().map(|level| level + deviation(*level) * random.normal()).collect();
        Scale::learn(&expected, &observed)
    }

    fn check(deviation: impl Fn(f64) -> f64 + Copy) {
        let scale = learned(deviation);
        for level in [60.0, 200.0, 340.0] {
            let ratio = scale.at(level) / deviation(level);
            assert!((ratio - 1.0).abs() < 0.08, "{ratio} at {level}");
        }
    }

    #[test]
    fn constant_noise_is_learned() {
        check(|_| 7.0);
    }

    #[test]
    fn counting_noise_is_learned() {
        check(f64::sqrt);
    }

    #[test]
    fn proportional_noise_is_learned() {
        check(|level| 0.2 * level);
    }

    #[test]
    fn a_series_without_noise_keeps_a_positive_scale() {
        let level = [5.0; 100];
        assert!(Scale::learn(&level, &level).at(5.0) > 0.0);
        assert!(Scale::learn(&[], &[]).at(5.0) > 0.0);
        assert!(Scale::learn(&level, &[f64::NAN; 100]).at(5.0) > 0.0);
    }
}
