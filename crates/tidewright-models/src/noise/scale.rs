//! How wide the noise is at each level: `variance = floor + per_unit * level + relative * level^2`.
//!
//! Counting makes the middle term, proportional disturbances the last, measurement the first; traffic has all three. The
//! parts are fitted without sign errors to robust variances of slices of the level, each slice weighted by its relative
//! precision, so that a quiet night counts as much as a busy noon.

use tidewright_numerics::simd::{Kernel, Lanes, WIDTH, run};
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

/// Memory that learning needs, to be used again.
#[derive(Debug, Default)]
pub(crate) struct Room {
    levels: Vec<f64>,
    observed: Vec<f64>,
    /// The distances of one slice after the other.
    pub(super) misses: Vec<f64>,
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
        Self::learn_in(&mut Room::default(), expected, observed)
    }

    /// The same in memory that is there.
    pub(crate) fn learn_in(room: &mut Room, expected: &[f64], observed: &[f64]) -> Self {
        let stride = stride(expected.len());
        let (low, high) = bounds(expected, observed);
        let base = low.min(0.0);
        let least = (SHARE_MIN * (high - base).max(high.abs())).max(f64::MIN_POSITIVE.sqrt());
        let slices = if stride == 1 {
            slices(&mut room.misses, (expected, observed), (low, high), base)
        } else {
            for (room, values) in [(&mut room.levels, expected), (&mut room.observed, observed)] {
                room.clear();
                room.extend(values.iter().step_by(stride));
            }
            let Room { levels, observed, misses } = room;
            slices(misses, (levels, observed), (low, high), base)
        };
        Self { base, parts: fit_parts(&slices), least }
    }

    /// The standard deviation where `level` is expected.
    pub fn at(&self, level: f64) -> f64 {
        let level = (level - self.base).max(0.0);
        let [floor, per_unit, relative] = self.parts;
        (floor + level * (per_unit + level * relative)).sqrt().max(self.least)
    }
}

impl Scale {
    /// How many deviations lie between what was expected and what was observed; gaps stay.
    pub(super) fn standardised(&self, expected: &[f64], observed: &[f64]) -> Vec<f64> {
        let mut out = observed.to_vec();
        let rest = expected.as_chunks::<WIDTH>().1;
        let from = out.len() - rest.len();
        for (y, level) in out[from..].iter_mut().zip(rest) {
            *y = (*y - level) / self.at(*level);
        }
        run(Standardise { scale: self, expected, out: out.as_chunks_mut().0 });
        out
    }

    /// The variance where these levels are expected.
    #[inline(always)]
    pub(crate) fn variances<L: Lanes>(&self, levels: L) -> L {
        let level = levels.sub(L::splat(self.base)).max(L::splat(0.0));
        let [floor, per_unit, relative] = self.parts;
        let slope = level.mul_add(L::splat(relative), L::splat(per_unit));
        level.mul_add(slope, L::splat(floor)).max(L::splat(self.least * self.least))
    }

    /// Base, the three parts, the least width.
    pub(super) const fn to_numbers(self) -> [f64; 5] {
        let [floor, per_unit, relative] = self.parts;
        [self.base, floor, per_unit, relative, self.least]
    }

    /// The same back, if they make a width everywhere.
    pub(super) fn from_numbers([base, floor, per_unit, relative, least]: [f64; 5]) -> Option<Self> {
        let parts = [floor, per_unit, relative];
        let sound = least > 0.0 && parts.iter().all(|part| *part >= 0.0);
        sound.then_some(Self { base, parts, least })
    }
}

struct Standardise<'a> {
    scale: &'a Scale,
    expected: &'a [f64],
    out: &'a mut [[f64; WIDTH]],
}

impl Kernel for Standardise<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        for (out, level) in self.out.iter_mut().zip(self.expected.as_chunks().0) {
            let level = L::load(level);
            let miss = L::load(out).sub(level);
            miss.div(self.scale.variances(level).sqrt()).store(out);
        }
    }
}

/// The range of expected values where something was observed.
fn bounds(expected: &[f64], observed: &[f64]) -> (f64, f64) {
    let range = run(Range { expected, observed });
    if range.0 <= range.1 { range } else { (0.0, 0.0) }
}

struct Range<'a> {
    expected: &'a [f64],
    observed: &'a [f64],
}

impl Kernel for Range<'_> {
    type Output = (f64, f64);

    #[inline(always)]
    fn run<L: Lanes>(self) -> (f64, f64) {
        let (mut low, mut high) = (L::splat(f64::INFINITY), L::splat(f64::NEG_INFINITY));
        let (levels, last_levels) = self.expected.as_chunks::<WIDTH>();
        let (values, last_values) = self.observed.as_chunks::<WIDTH>();
        for (level, value) in levels.iter().zip(values) {
            // A gap makes its level one too, and a gap is neither lower nor higher.
            let value = L::load(value);
            let level = L::load(level).add(value.sub(value));
            (low, high) = (level.min(low), level.max(high));
        }
        let (mut lows, mut highs) = ([0.0; WIDTH], [0.0; WIDTH]);
        low.store(&mut lows);
        high.store(&mut highs);
        let last = last_levels.iter().zip(last_values).filter(|(_, value)| !value.is_nan());
        let last = || last.clone().map(|(level, _)| *level);
        let low = lows.into_iter().chain(last()).fold(f64::INFINITY, f64::min);
        (low, highs.into_iter().chain(last()).fold(f64::NEG_INFINITY, f64::max))
    }
}

/// Neighbouring points of one slice: levels change slowly, so that runs are long.
struct Run {
    slice: usize,
    from: usize,
    to: usize,
}

fn slices(
    misses: &mut Vec<f64>,
    points: (&[f64], &[f64]),
    (low, high): (f64, f64),
    base: f64,
) -> Vec<Slice> {
    let (levels, observed) = points;
    let runs = runs(levels, low, SLICES as f64 / (high - low).max(f64::MIN_POSITIVE));
    let (mut counts, mut sums) = ([0; SLICES], [0.0; SLICES]);
    for Run { slice, from, to } in &runs {
        let (observed, levels) = (&observed[*from..*to], &levels[*from..*to]);
        // A gap makes the sum of its run one.
        if sum(observed).is_nan() {
            let seen = || observed.iter().zip(levels).filter(|(y, _)| !y.is_nan());
            counts[*slice] += seen().count();
            sums[*slice] += seen().map(|(_, level)| level - base).sum::<f64>();
        } else {
            counts[*slice] += levels.len();
            sums[*slice] += sum(levels) - base * levels.len() as f64;
        }
    }
    sort_into(misses, points, &runs, &counts);
    pooled(misses, &counts, &sums)
}

/// Eight sums at a time, because each would wait for the one before it.
pub(crate) fn sum(values: &[f64]) -> f64 {
    let (chunks, rest) = values.as_chunks::<WIDTH>();
    let mut sums = [0.0; WIDTH];
    for chunk in chunks {
        sums.iter_mut().zip(chunk).for_each(|(sum, value)| *sum += value);
    }
    sums.iter().chain(rest).sum()
}

fn runs(levels: &[f64], low: f64, per_level: f64) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::with_capacity(levels.len() / 32 + SLICES);
    let (mut slice, mut from, mut at) = (SLICES, 0, 0);
    while at < levels.len() {
        // Most eights stay where the one before them was.
        let first = if slice == SLICES { f64::INFINITY } else { slice as f64 };
        let last = if slice < SLICES - 1 { first + 1.0 } else { f64::INFINITY };
        let stay = |eight: &[f64; WIDTH]| {
            eight.iter().fold(true, |all, level| {
                let place = (level - low) * per_level;
                all & (place >= first) & (place < last)
            })
        };
        if levels[at..].first_chunk().is_some_and(stay) {
            at += WIDTH;
            continue;
        }
        for (index, level) in levels.iter().enumerate().skip(at).take(WIDTH) {
            let own = (((level - low) * per_level) as usize).min(SLICES - 1);
            if own != slice {
                runs.push(Run { slice, from, to: index });
                (slice, from) = (own, index);
            }
        }
        at += WIDTH;
    }
    runs.push(Run { slice, from, to: levels.len() });
    // The first one is of no slice, and empty.
    runs.retain(|run| run.from < run.to);
    runs
}

/// Slices that hold enough; the others are merged upwards.
fn pooled(misses: &mut [f64], counts: &[usize; SLICES], sums: &[f64; SLICES]) -> Vec<Slice> {
    let mut slices = Vec::with_capacity(SLICES);
    let (mut start, mut end, mut level) = (0, 0, 0.0);
    for (index, count) in counts.iter().enumerate() {
        end += count;
        level += sums[index];
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

/// The distances of one slice after the other, gaps left out.
fn sort_into(
    misses: &mut Vec<f64>,
    (levels, observed): (&[f64], &[f64]),
    runs: &[Run],
    counts: &[usize; SLICES],
) {
    let mut next = [0; SLICES];
    (1..SLICES).for_each(|index| next[index] = next[index - 1] + counts[index - 1]);
    misses.resize(counts.iter().sum(), 0.0);
    let whole = misses.len() == levels.len();
    for Run { slice, from, to } in runs {
        let place = &mut next[*slice];
        let pairs = observed[*from..*to].iter().zip(&levels[*from..*to]);
        if whole {
            let room = &mut misses[*place..*place + to - from];
            room.iter_mut().zip(pairs).for_each(|(miss, (y, level))| *miss = (y - level).abs());
            *place += to - from;
            continue;
        }
        for (y, level) in pairs.filter(|(y, _)| !y.is_nan()) {
            misses[*place] = (y - level).abs();
            *place += 1;
        }
    }
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
    let most = if middle == 0.0 { f64::INFINITY } else { WINSOR * NORMAL_CONSISTENCY * middle };
    run(SumOfSquares { misses, most }) / count
}

/// `sum min(miss, most)^2`.
struct SumOfSquares<'a> {
    misses: &'a [f64],
    most: f64,
}

impl Kernel for SumOfSquares<'_> {
    type Output = f64;

    #[inline(always)]
    fn run<L: Lanes>(self) -> f64 {
        let (chunks, rest) = self.misses.as_chunks();
        let (mut sum, most) = (L::splat(0.0), L::splat(self.most));
        for chunk in chunks {
            let drawn = L::load(chunk).min(most);
            sum = drawn.mul_add(drawn, sum);
        }
        let rest = rest.iter().map(|miss| miss.min(self.most).powi(2));
        sum.sum() + rest.sum::<f64>()
    }
}

/// Weighted least squares without negative parts: of three parts there are seven subsets, all are tried.
fn fit_parts(slices: &[Slice]) -> [f64; 3] {
    let floor = slices.iter().map(|slice| slice.variance).fold(0.0, f64::max) * 1e-6;
    let weight = |slice: &Slice| slice.points / (slice.variance + floor).max(1e-300).powi(2);
    // Levels of 1e6 would drown the constant: measure them in units of the largest.
    let unit = slices.iter().map(|slice| slice.level).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    let (mut powers, mut sides) = ([0.0; 5], [0.0; 3]);
    for slice in slices {
        let (mut term, level) = (weight(slice), slice.level / unit);
        for (power, sum) in powers.iter_mut().enumerate() {
            *sum += term;
            if let Some(side) = sides.get_mut(power) {
                *side += term * slice.variance;
            }
            term *= level;
        }
    }
    let miss = |parts: &[f64; 3]| -> f64 {
        let each = slices.iter().map(|slice| {
            let level = slice.level / unit;
            let model = parts[0] + level * (parts[1] + level * parts[2]);
            weight(slice) * (model - slice.variance).powi(2)
        });
        each.sum()
    };
    let fits = (1..8usize).filter_map(|subset| fit_subset(&powers, &sides, subset));
    let rated = fits.map(|parts| {
        let [floor, per_unit, relative] = parts;
        (miss(&parts), [floor, per_unit / unit, relative / unit / unit])
    });
    let finite = rated.filter(|(_, parts)| parts.iter().all(|part| part.is_finite()));
    let best = finite.min_by(|a, b| a.0.total_cmp(&b.0));
    best.map_or([0.0; 3], |(_, parts)| parts)
}

/// The parts named by the bits of `subset`, if their best fit is not negative; `powers` and `sides` are the sums of
/// weighted powers of the level, alone and times the variance.
fn fit_subset(powers: &[f64; 5], sides: &[f64; 3], subset: usize) -> Option<[f64; 3]> {
    let named = || (0..3).filter(|part| subset >> part & 1 == 1);
    let (mut h, mut b, mut n) = ([0.0; 9], [0.0; 3], 0);
    for part in named() {
        b[n] = sides[part];
        n += 1;
    }
    for (row, part) in named().enumerate() {
        named().enumerate().for_each(|(column, other)| h[row * n + column] = powers[part + other]);
    }
    let (h, b) = (&mut h[..n * n], &mut b[..n]);
    factor(h, n, n).ok()?;
    solve_lower(h, n, n, b);
    solve_upper(h, n, n, b);
    let mut parts = [0.0; 3];
    named().zip(b.iter()).for_each(|(part, value)| parts[part] = *value);
    parts.iter().all(|part| *part >= 0.0).then_some(parts)
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
    fn levels_that_begin_at_the_highest_are_sorted_too() {
        let level: Vec<f64> = (0..100).map(|i| if i < 20 { 9.0 } else { 5.0 }).collect();
        let seen: Vec<f64> = level.iter().enumerate().map(|(i, x)| x + (i % 3) as f64).collect();
        assert!((Scale::learn(&level, &seen).at(5.0) - (5f64 / 3.0).sqrt()).abs() < 0.3);
    }

    #[test]
    fn a_series_without_noise_keeps_a_positive_scale() {
        let level = [5.0; 100];
        assert!(Scale::learn(&level, &level).at(5.0) > 0.0);
        assert!(Scale::learn(&[], &[]).at(5.0) > 0.0);
        assert!(Scale::learn(&level, &[f64::NAN; 100]).at(5.0) > 0.0);
    }
}
