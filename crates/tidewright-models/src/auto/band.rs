//! How far an average of models misses: by its own misses in the trials.
//!
//! The width is the root of their mean square, by the time of the season and shrunk towards that of all. Misses within one
//! season are not independent, and a width that was learned from three of them is itself a guess: the law around the
//! point is Student's, with as many degrees of freedom as seasons were held back.

use crate::numbers::{Numbers, with_count};
use crate::steps::Past;

/// What the misses at one time of the season weigh against those at all.
const PHASE_SHARE: f64 = 0.6;
/// Neighbours on each side that a time of the season is averaged with.
const NEIGHBOURS: usize = 2;
/// The least degrees of freedom: Student's law has no variance below three.
const FREEDOM_MIN: f64 = 3.0;
/// Beyond so many the law is the normal one, but for its last thousandth.
const FREEDOM_MAX: f64 = 30.0;

/// The width of the band around an average.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Band {
    /// The standard deviation at each time of the season, in buckets from the first step after the origin on.
    widths: Vec<f64>,
    /// Steps in a bucket.
    bucket: usize,
    /// Steps since the origin.
    elapsed: usize,
    /// Steps to which the widths belong; further away they grow.
    reach: usize,
    freedom: f64,
}

/// Sums of squares and how many.
#[derive(Clone, Copy, Default)]
struct Squares {
    sum: f64,
    count: f64,
}

impl Band {
    /// Learns from the misses of each trial, NaN where nothing came.
    pub(super) fn learn(residuals: &[Vec<f64>], past: &Past<'_>, bucket: usize) -> Self {
        let times = (past.season() / bucket).max(1);
        // Before anything was tried, a forecast is as good as repeating the last season: that counts as one more miss, so
        // that a few lucky ones do not make it certain.
        let mut all = Squares { sum: repeated(past), count: 1.0 };
        let mut by_time = vec![Squares::default(); times];
        for (step, miss) in residuals.iter().flat_map(|trial| trial.iter().enumerate()) {
            if !miss.is_nan() {
                all.add(*miss);
                by_time[step / bucket % times].add(*miss);
            }
        }
        let flat = all.sum / all.count;
        let near = |time: usize| {
            let near = if times > 2 * NEIGHBOURS { NEIGHBOURS } else { 0 };
            let around =
                (times + time - near..=times + time + near).map(|time| by_time[time % times]);
            around.fold(Squares::default(), Squares::and).mean().unwrap_or(flat)
        };
        let width = |time| (PHASE_SHARE * near(time) + (1.0 - PHASE_SHARE) * flat).sqrt();
        let steps = residuals.first().map_or(0, Vec::len);
        let seasons = (residuals.len() * steps) as f64 / past.season() as f64;
        Self {
            widths: (0..times).map(width).collect(),
            bucket,
            elapsed: 0,
            reach: steps.max(1),
            freedom: seasons.clamp(FREEDOM_MIN, FREEDOM_MAX),
        }
    }

    pub(super) const fn freedom(&self) -> f64 {
        self.freedom
    }

    /// The standard error of each of the next `steps`.
    ///
    /// Beyond what was tried it grows as that of a random walk does: nothing says that it would not.
    pub(super) fn deviations(&self, steps: usize) -> Vec<f64> {
        let width = |step: usize| {
            let grown = ((step + 1) as f64 / self.reach as f64).max(1.0).sqrt();
            self.widths[(self.elapsed + step) / self.bucket % self.widths.len()] * grown
        };
        (0..steps).map(width).collect()
    }

    /// Goes on by one step.
    pub(super) fn advance(&mut self) {
        self.elapsed = (self.elapsed + 1) % (self.bucket * self.widths.len());
    }

    pub(super) fn write(&self, out: &mut Vec<f64>) {
        out.extend([self.bucket, self.elapsed, self.reach].map(|count| count as f64));
        out.push(self.freedom);
        with_count(out, &self.widths);
    }

    pub(super) fn read(numbers: &mut Numbers<'_>) -> Option<Self> {
        let (bucket, elapsed) = (numbers.count()?, numbers.count()?);
        let (reach, freedom) = (numbers.count()?, numbers.one()?);
        let widths = numbers.counted()?.to_vec();
        let can_be = bucket > 0 && reach > 0 && (FREEDOM_MIN..=FREEDOM_MAX).contains(&freedom);
        let wide = !widths.is_empty() && widths.iter().all(|width| *width >= 0.0);
        (can_be && wide).then_some(Self { widths, bucket, elapsed, reach, freedom })
    }
}

/// The mean square of what repeating the last season misses; of a single value its own, as it may be nothing next or twice
/// as much.
fn repeated(past: &Past<'_>) -> f64 {
    let values = past.values();
    let steps = values.iter().zip(values.iter().skip(past.season())).map(|(then, now)| now - then);
    let squares = steps.filter(|step| !step.is_nan()).fold(Squares::default(), |mut all, step| {
        all.add(step);
        all
    });
    let first = || values.iter().find(|value| !value.is_nan()).map_or(0.0, |value| value * value);
    squares.mean().unwrap_or_else(first)
}

impl Squares {
    fn add(&mut self, miss: f64) {
        self.sum += miss * miss;
        self.count += 1.0;
    }

    fn and(self, other: Self) -> Self {
        Self { sum: self.sum + other.sum, count: self.count + other.count }
    }

    fn mean(self) -> Option<f64> {
        (self.count > 0.0).then(|| self.sum / self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_band_is_wide_where_misses_were() {
        let values = vec![1.0; 96];
        let past = Past::new(&values, &[24]).unwrap();
        let trial: Vec<f64> = (0..48).map(|hour| if hour % 24 < 12 { 1.0 } else { 5.0 }).collect();
        let band = Band::learn(&[trial.clone(), trial], &past, 1);
        let widths = band.deviations(96);
        assert!(widths[6] < 2.7 && widths[18] > 4.4, "{} {}", widths[6], widths[18]);
        assert!((widths[90] - 2.0_f64.sqrt() * widths[18] * (91.0_f64 / 96.0).sqrt()).abs() < 1e-9);
        assert_eq!(band.freedom(), 4.0);
    }

    #[test]
    fn a_few_lucky_forecasts_make_nothing_certain() {
        let values = [10.0, 11.0, 12.0, 13.0, 14.0];
        let past = Past::new(&values, &[]).unwrap();
        let band = Band::learn(&[vec![1e-4], vec![1e-4]], &past, 1);
        // One step of 1 among three misses, of which two were nothing.
        assert!(band.deviations(1)[0] > 0.3);
    }

    #[test]
    fn one_value_says_little() {
        let past = Past::new(&[7.0], &[]).unwrap();
        assert_eq!(
            Band::learn(&[], &past, 1).deviations(4),
            [7.0, 7.0 * 2.0_f64.sqrt(), 7.0 * 3.0_f64.sqrt(), 14.0]
        );
    }
}
