//! Buckets drawn out again, step by step.
//!
//! Straight between the middles of buckets, plus what each phase of a bucket and of the season usually adds, as a share of
//! the level and shrunk by how far it stands out of its noise (as James and Stein 1961 shrink means), plus what is left
//! of the last few misses, which fades.

use super::buckets::Buckets;
use super::trial::Trial;
use crate::numbers::{Numbers, with_count};
use crate::steps::Past;

/// Steps over which the last misses are averaged.
const LAST: usize = 5;
/// What is left of a miss fades at least so fast.
const FADE_MAX: f64 = 0.99;

/// What a bucket's forecast looks like step by step.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shape {
    bucket: usize,
    /// What each phase of a bucket adds, as a share of the level.
    within: Vec<f64>,
    /// What each phase of the season adds, as a share of the level.
    season: Vec<f64>,
    /// The phase of the first step of the next bucket.
    phase: usize,
    /// The last bucket.
    level: f64,
    last: Last,
}

/// The last few misses, and what they say of the next step.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Last {
    /// Their mean.
    mean: f64,
    /// The share of it that is expected at the next step.
    share: f64,
    /// What is left of that with every further step.
    fade: f64,
}

/// Draws out the path of buckets of a trial, by what was known then.
pub(super) fn draw_then(trial: &Trial<'_>, path: &[f64], bucket: usize) -> Vec<f64> {
    let buckets = Buckets::of(&trial.known);
    if buckets.len != bucket {
        // Not two seasons were known then: there was nothing to learn a shape from.
        return path.iter().flat_map(|level| std::iter::repeat_n(*level, bucket)).collect();
    }
    Shape::learn(&trial.known, &buckets, path[0]).draw(path, 0, trial.came.len())
}

impl Shape {
    /// Learns what steps add to their buckets, and what the last of them say of the next; `next` is the forecast of the
    /// bucket after the origin.
    pub(super) fn learn(past: &Past<'_>, buckets: &Buckets<'_>, next: f64) -> Self {
        let bucket = buckets.len;
        let line = drawn_out(&buckets.values, bucket, (buckets.values[0], next));
        let values = &past.values()[past.values().len() - line.len()..];
        let season = past.season();
        let mut left: Vec<f64> =
            values.iter().zip(&line).map(|(value, level)| value - level).collect();
        let within = usual(&mut left, &line, bucket);
        let whole = usual(&mut left, &line, season);
        let level = buckets.values.iter().copied().rfind(|value| !value.is_nan()).unwrap_or(0.0);
        let phase = values.len() % season;
        Self { bucket, within, season: whole, phase, level, last: Last::learn(&left) }
    }

    pub(super) const fn bucket(&self) -> usize {
        self.bucket
    }

    /// The forecast of buckets step by step, from `known` steps after the start of the first on.
    pub(super) fn draw(&self, buckets: &[f64], known: usize, steps: usize) -> Vec<f64> {
        let mut path = self.usual(buckets, known + steps).split_off(known);
        let mut left = self.last.share * self.last.mean;
        for value in &mut path {
            *value += left;
            left *= self.last.fade;
        }
        path
    }

    /// Goes on by one step, the one after `known` of its bucket.
    pub(super) fn follow(&mut self, buckets: &[f64], known: usize, value: Option<f64>) {
        let miss = value.map(|value| value - self.usual(buckets, known + 1)[known]);
        match miss {
            Some(miss) => self.last.mean += (miss - self.last.mean) / LAST as f64,
            None => self.last.mean *= self.last.fade,
        }
    }

    /// Goes on to the next bucket.
    pub(super) fn next_bucket(&mut self, level: f64) {
        self.level = level;
        self.phase = (self.phase + self.bucket) % self.season.len();
    }

    /// The first `steps` of buckets with what their phases add.
    fn usual(&self, buckets: &[f64], steps: usize) -> Vec<f64> {
        let Some(end) = buckets.last() else { return vec![self.level; steps] };
        let mut line = drawn_out(buckets, self.bucket, (self.level, *end));
        line.truncate(steps);
        for (step, level) in line.iter_mut().enumerate() {
            let season = self.season[(self.phase + step) % self.season.len()];
            *level += level.abs() * (self.within[step % self.bucket] + season);
        }
        line
    }

    pub(super) fn write(&self, out: &mut Vec<f64>) {
        out.extend([self.phase as f64, self.level]);
        out.extend([self.last.mean, self.last.share, self.last.fade]);
        with_count(out, &self.within);
        with_count(out, &self.season);
    }

    pub(super) fn read(numbers: &mut Numbers<'_>) -> Option<Self> {
        let (phase, level) = (numbers.count()?, numbers.one()?);
        let last = Last { mean: numbers.one()?, share: numbers.one()?, fade: numbers.one()? };
        let (within, season) = (numbers.counted()?.to_vec(), numbers.counted()?.to_vec());
        let fades = (0.0..=FADE_MAX).contains(&last.fade);
        let fits = !within.is_empty() && phase < season.len() && fades;
        fits.then_some(Self { bucket: within.len(), within, season, phase, level, last })
    }
}

impl Last {
    /// From all misses, in order: how well the mean of a few tells the next, and one as much later.
    fn learn(left: &[f64]) -> Self {
        let means: Vec<f64> =
            left.windows(LAST).map(|window| window.iter().sum::<f64>() / LAST as f64).collect();
        let slope = |ahead: usize| {
            let pairs = means.iter().zip(left.iter().skip(LAST - 1 + ahead));
            let pairs = pairs.filter(|(mean, value)| !mean.is_nan() && !value.is_nan());
            let add = |(p, s): (f64, f64), (mean, value): (&f64, &f64)| {
                (p + mean * value, s + mean * mean)
            };
            let (product, square) = pairs.fold((0.0, 0.0), add);
            if square > 0.0 { (product / square).clamp(0.0, 1.0) } else { 0.0 }
        };
        let (share, later) = (slope(1), slope(1 + LAST));
        let fade =
            if share > 0.0 { (later / share).powf(1.0 / LAST as f64).min(FADE_MAX) } else { 0.0 };
        let mean = means.last().copied().filter(|mean| !mean.is_nan()).unwrap_or(0.0);
        Self { mean, share, fade }
    }
}

/// Straight lines between the middles of buckets, with one more bucket on either side.
fn drawn_out(buckets: &[f64], bucket: usize, (before, after): (f64, f64)) -> Vec<f64> {
    let mut line = Vec::with_capacity(buckets.len() * bucket);
    for (index, level) in buckets.iter().enumerate() {
        let earlier = index.checked_sub(1).map_or(before, |index| buckets[index]);
        let later = buckets.get(index + 1).copied().unwrap_or(after);
        for step in 0..bucket {
            let place = (step as f64 + 0.5) / bucket as f64 - 0.5;
            let other = if place < 0.0 { earlier } else { later };
            let other = if other.is_nan() { *level } else { other };
            line.push(level + place.abs() * (other - level));
        }
    }
    line
}

/// What each phase usually adds, as a share of the level; it is taken out of what is left.
fn usual(left: &mut [f64], line: &[f64], period: usize) -> Vec<f64> {
    let (mut products, mut levels, mut square) = (vec![0.0; period], vec![0.0; period], 0.0);
    let seen = left.iter().zip(line).enumerate().filter(|(_, (miss, _))| !miss.is_nan());
    for (index, (miss, level)) in seen {
        products[index % period] += miss * level.abs();
        levels[index % period] += level * level;
        square += miss * miss;
    }
    let share = |(product, level): (&f64, &f64)| if *level > 0.0 { product / level } else { 0.0 };
    let mut shares: Vec<f64> = products.iter().zip(&levels).map(share).collect();
    let explained: f64 = shares.iter().zip(&products).map(|(share, product)| share * product).sum();
    // Without any shape, as much as one part in so many cycles would be explained by chance.
    let chance = (square - explained) / ((left.len() / period).max(2) - 1) as f64;
    let keep = if explained > 0.0 { (1.0 - chance / explained).max(0.0) } else { 0.0 };
    shares.iter_mut().for_each(|share| *share *= keep);
    for (index, (miss, level)) in left.iter_mut().zip(line).enumerate() {
        *miss -= shares[index % period] * level.abs();
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(days: usize) -> Vec<f64> {
        let level = |i: usize| 100.0 + 50.0 * (i as f64 / 1440.0 * std::f64::consts::TAU).sin();
        (0..days * 1440).map(|i| level(i) * if i % 60 < 3 { 2.0 } else { 1.0 }).collect()
    }

    #[test]
    fn a_peak_at_each_full_hour_is_drawn_where_it_belongs() {
        let values = minutes(4);
        let past = Past::new(&values[..3 * 1440], &[1440]).unwrap();
        let buckets = Buckets::of(&past);
        let next: Vec<f64> =
            values[3 * 1440..].chunks(60).map(super::super::buckets::mean).collect();
        let drawn = Shape::learn(&past, &buckets, next[0]).draw(&next, 0, 1440);
        let misses =
            drawn.iter().zip(&values[3 * 1440..]).map(|(drawn, value)| (drawn - value).abs());
        let worst = misses.fold(0.0, f64::max);
        assert!(worst < 8.0, "{worst}");
    }

    #[test]
    fn chance_has_no_shape() {
        let mut random = tidewright_numerics::Random::new(5);
        let mut left: Vec<f64> = (0..4800).map(|_| random.normal()).collect();
        let shares = usual(&mut left, &[10.0; 4800], 480);
        assert!(shares.iter().all(|share| share.abs() < 0.05));
    }

    #[test]
    fn what_was_missed_last_fades() {
        let mut random = tidewright_numerics::Random::new(5);
        let mut left = vec![0.0; 3000];
        (1..3000).for_each(|i| left[i] = 0.9 * left[i - 1] + random.normal());
        let last = Last::learn(&left);
        assert!((0.6..0.95).contains(&last.share) && (0.8..0.95).contains(&last.fade), "{last:?}");
        let none: Vec<f64> = (0..3000).map(|_| random.normal()).collect();
        assert!(Last::learn(&none).share < 0.2);
    }
}
