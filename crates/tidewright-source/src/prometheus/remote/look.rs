//! What a series shows at each moment of a grid, from its samples as they come.
//!
//! The rule: at a moment the last sample at or before it counts, if it is no older than the look-back; what marks a
//! series as ended is no sample, and what is no finite number is a gap. So does `last_over_time`.

use tidewright_core::Grid;

/// What Prometheus writes where a series ends: one of the many forms of "not a number".
const STALE_BITS: u64 = 0x7ff0_0000_0000_0002;

/// The moments of one series after the other.
#[derive(Debug)]
pub(super) struct Look {
    grid: Grid,
    look_back_ms: i64,
    values: Vec<f64>,
    // The first moment that is not settled.
    next: usize,
    latest: Option<(i64, f64)>,
    infinite: u64,
}

impl Look {
    pub(super) fn new(grid: Grid, look_back_ms: i64) -> Self {
        let values = vec![f64::NAN; grid.len()];
        Self { grid, look_back_ms, values, next: 0, latest: None, infinite: 0 }
    }

    /// Takes a sample. One that is no later than the last is another copy of what is known.
    #[inline]
    pub(super) fn take(&mut self, millis: i64, value: f64) {
        if value.to_bits() == STALE_BITS || self.latest.is_some_and(|(last, _)| millis <= last) {
            return;
        }
        self.settle_before(millis);
        self.latest = Some((millis, value));
    }

    /// The values at the moments, if there is any; ready for the next series.
    pub(super) fn finish(&mut self) -> Option<&[f64]> {
        if self.next == 0 {
            self.values.fill(f64::NAN);
        }
        self.settle_before(i64::MAX);
        self.next = 0;
        self.latest = None;
        self.values.iter().any(|value| !value.is_nan()).then_some(self.values.as_slice())
    }

    /// Infinite values so far, which are gaps.
    pub(super) const fn infinite(&self) -> u64 {
        self.infinite
    }

    /// Settles the moments before a sample with what was known until then.
    #[inline]
    fn settle_before(&mut self, millis: i64) {
        while self.next < self.grid.len() {
            let moment = self.grid.timestamp(self.next).as_millis();
            if moment >= millis {
                return;
            }
            let known = self.latest.filter(|(at, _)| moment - at <= self.look_back_ms);
            let value = known.map_or(f64::NAN, |(_, value)| value);
            self.infinite += u64::from(value.is_infinite());
            self.values[self.next] = if value.is_finite() { value } else { f64::NAN };
            self.next += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use tidewright_core::Timestamp;

    use super::*;

    fn check(samples: &[(i64, f64)], expected: &[f64]) {
        let grid = Grid::new(Timestamp::from_secs(60), 60_000, 4).unwrap();
        let mut look = Look::new(grid, 33_000);
        // A series before it leaves nothing behind.
        look.take(90_000, 7.0);
        look.finish();
        samples.iter().for_each(|&(secs, value)| look.take(secs * 1000, value));
        let found = look.finish().map(|values| values.iter().map(|v| v.to_bits()).collect());
        let expected: Vec<_> = expected.iter().map(|value| value.to_bits()).collect();
        assert_eq!(found, (!expected.is_empty()).then_some(expected), "{samples:?}");
    }

    const GAP: f64 = f64::NAN;

    #[test]
    fn the_last_sample_within_the_look_back_counts() {
        check(&[(30, 1.0), (55, 2.0), (61, 3.0), (120, 4.0), (148, 5.0)], &[2.0, 4.0, 5.0, GAP]);
        check(&[(27, 1.0), (86, 2.0), (240, 3.0)], &[1.0, GAP, GAP, 3.0]);
    }

    #[test]
    fn samples_outside_the_moments_count_for_none() {
        check(&[(-5, 1.0), (26, 2.0), (241, 3.0)], &[]);
        check(&[], &[]);
    }

    #[test]
    fn a_mark_of_staleness_is_no_sample_and_other_oddities_are_gaps() {
        let stale = f64::from_bits(STALE_BITS);
        check(&[(50, 1.0), (55, stale), (110, f64::NAN)], &[1.0, GAP, GAP, GAP]);
        let grid = Grid::new(Timestamp::from_secs(60), 60_000, 1).unwrap();
        let mut look = Look::new(grid, 33_000);
        look.take(60_000, f64::INFINITY);
        assert_eq!((look.finish().is_none(), look.infinite()), (true, 1));
    }

    #[test]
    fn copies_of_a_sample_count_once() {
        check(&[(50, 1.0), (50, 9.0), (40, 9.0), (58, 2.0)], &[2.0, GAP, GAP, GAP]);
    }
}
