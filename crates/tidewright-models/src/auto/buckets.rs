//! Fine steps averaged over buckets that end at the origin: minutes seen as hours.
//!
//! A season of 1,440 steps has as many phases to learn as it has minutes, each seen once a day and mostly noise; by the
//! hour there are 24, and each is the mean of sixty.

use std::borrow::Cow;

use crate::FitError;
use crate::steps::Past;

/// The longest season whose phases are learned one by one.
const SEASON_MAX: usize = 48;
/// Buckets in a season, or a few more where they do not divide it.
const BUCKETS: usize = 24;
/// A bucket of which less was seen is a gap.
const SEEN_SHARE_MIN: f64 = 0.5;
/// The most steps that models look back: of hours five years, and a fit of a million values would wait for the rest.
const STEPS_MAX: usize = 43_800;

/// A past in buckets.
#[derive(Debug)]
pub(super) struct Buckets<'a> {
    pub(super) values: Cow<'a, [f64]>,
    seasons: Vec<usize>,
    horizon: usize,
    /// Steps in a bucket; 1 where the past was coarse enough.
    pub(super) len: usize,
}

impl<'a> Buckets<'a> {
    /// The past in buckets, if its shortest season has more steps than are learned one by one.
    pub(super) fn of(past: &Past<'a>) -> Self {
        let season = past.season();
        let len = if season > SEASON_MAX { divisor(season, season / BUCKETS) } else { 1 };
        let (horizon, values) = (past.horizon().div_ceil(len), past.values());
        let ragged = values.len() - (values.len() / len).min(STEPS_MAX) * len;
        let values = &values[ragged..];
        let whole = past.seasons().iter().filter(|season| *season % len == 0 && **season > len);
        let seasons = whole.map(|season| season / len).collect();
        let values = match len {
            1 => Cow::Borrowed(values),
            _ => values.chunks_exact(len).map(mean).collect(),
        };
        Self { values, seasons, horizon, len }
    }

    /// The same as a past of its own.
    ///
    /// # Errors
    /// [`FitError`] if no bucket was seen.
    pub(super) fn past(&self) -> Result<Past<'_>, FitError> {
        Ok(Past::new(&self.values, &self.seasons)?.asked(self.horizon))
    }
}

/// The mean of what was seen; NaN where that is too little.
pub(super) fn mean(bucket: &[f64]) -> f64 {
    let seen = bucket.iter().filter(|value| !value.is_nan());
    let (sum, count) = seen.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    if count >= SEEN_SHARE_MIN * bucket.len() as f64 { sum / count } else { f64::NAN }
}

/// The largest divisor of `whole` up to `most`.
fn divisor(whole: usize, most: usize) -> usize {
    (1..=most).rev().find(|divisor| whole.is_multiple_of(*divisor)).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_are_seen_as_hours_that_end_at_the_origin() {
        let mut values: Vec<f64> = (0..2 * 1440 + 7).map(|i| f64::from(i / 60)).collect();
        values[1000..1060].fill(f64::NAN);
        let past = Past::new(&values, &[1440, 10_080]).unwrap().asked(90);
        let buckets = Buckets::of(&past);
        assert_eq!((buckets.len, buckets.horizon, buckets.values.len()), (60, 2, 48));
        assert_eq!(buckets.seasons, [24, 168]);
        assert_eq!(buckets.values.iter().filter(|value| value.is_nan()).count(), 1);
        assert!((buckets.values[47] - (47.0 + 7.0 / 60.0)).abs() < 1e-9);
    }

    #[test]
    fn hours_stay_hours() {
        let values = vec![1.0; 100];
        let past = Past::new(&values, &[24, 168]).unwrap();
        assert_eq!((Buckets::of(&past).len, Buckets::of(&past).values.len()), (1, 100));
    }
}
