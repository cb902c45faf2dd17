//! What a limit would have rejected.
//!
//! The limiter counts every request of a fixed window, rejected ones included, so a window rejects
//! `max(0, demand - limit)`. Gaps are skipped. This runs for each limit, each candidate and each week: the windows are
//! summed in lanes that the compiler turns into vector instructions, and only blocks with a rejection are looked at
//! one by one. The lanes are fixed, so equal input gives equal bits.

use tidewright_core::{Grid, Replay};

/// Windows summed side by side: enough to hide the latency of an addition, few enough to stay in registers.
const LANES: usize = 8;

/// Windows between two looks at whether anything was rejected: long enough to amortise the look.
const BLOCK: usize = 32 * LANES;

/// What `limit` requests per window would have rejected of `windows`, which lie on `grid`; NaN is a gap, and no window is
/// negative.
pub fn replay(windows: &[f64], grid: &Grid, limit: u32) -> Replay {
    let limit = f64::from(limit);
    let (mut replay, mut hits) = (Replay::default(), Hits::default());
    for (number, block) in windows.chunks(BLOCK).enumerate() {
        let sums = Sums::of(block, limit);
        replay.demand += sums.demand;
        replay.rejected += sums.rejected;
        replay.windows += block.len() - sums.gaps;
        if sums.rejected > 0.0 {
            hits.add(block, number * BLOCK, limit);
        }
    }
    let moment = |(index, _): (usize, f64)| grid.timestamp(index);
    Replay {
        windows_hit: hits.count,
        worst: hits.worst.map(|hit| (moment(hit), hit.1)),
        first: hits.first.map(moment),
        last: hits.last.map(moment),
        ..replay
    }
}

/// What one block adds up to.
struct Sums {
    demand: f64,
    rejected: f64,
    gaps: usize,
}

impl Sums {
    /// Comparisons with NaN are false, which makes a gap 0 in each of the sums.
    fn of(block: &[f64], limit: f64) -> Self {
        let gaps = sum(block, |value| if value.is_nan() { 1.0 } else { 0.0 });
        Self {
            demand: sum(block, |value| if value > 0.0 { value } else { 0.0 }),
            rejected: sum(block, |value| if value > limit { value } else { limit } - limit),
            gaps: gaps as usize,
        }
    }
}

/// Adds up `term` of each value. One sum at a time is what the compiler turns into vector instructions, and the block
/// stays in the nearest cache meanwhile.
fn sum(block: &[f64], term: impl Fn(f64) -> f64) -> f64 {
    let mut lanes = [0.0; LANES];
    let (whole, rest) = block.as_chunks::<LANES>();
    for chunk in whole {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += term(*value);
        }
    }
    lanes.iter().sum::<f64>() + rest.iter().map(|value| term(*value)).sum::<f64>()
}

/// The windows that rejected something, each as its index and how much it rejected.
#[derive(Default)]
struct Hits {
    count: usize,
    first: Option<(usize, f64)>,
    last: Option<(usize, f64)>,
    worst: Option<(usize, f64)>,
}

impl Hits {
    fn add(&mut self, block: &[f64], offset: usize, limit: f64) {
        for (index, value) in block.iter().enumerate().filter(|(_, value)| **value > limit) {
            let hit = (offset + index, value - limit);
            self.count += 1;
            self.first.get_or_insert(hit);
            self.last = Some(hit);
            if self.worst.is_none_or(|worst| hit.1 > worst.1) {
                self.worst = Some(hit);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tidewright_core::Timestamp;

    use super::*;

    fn grid(len: usize) -> Grid {
        Grid::new(Timestamp::from_secs(0), 60_000, len).unwrap()
    }

    fn minute(index: i64) -> Timestamp {
        Timestamp::from_secs(index * 60)
    }

    /// The rule in its plainest form.
    fn plain(windows: &[f64], limit: u32) -> Replay {
        let mut replay = Replay::default();
        for (index, value) in windows.iter().enumerate().filter(|(_, value)| !value.is_nan()) {
            let (at, over) = (minute(index as i64), (value - f64::from(limit)).max(0.0));
            replay.windows += 1;
            replay.demand += value;
            replay.rejected += over;
            if over > 0.0 {
                replay.windows_hit += 1;
                replay.first = replay.first.or(Some(at));
                replay.last = Some(at);
                let worse = replay.worst.is_none_or(|(_, worst)| over > worst);
                replay.worst = if worse { Some((at, over)) } else { replay.worst };
            }
        }
        replay
    }

    #[test]
    fn a_window_rejects_what_exceeds_the_limit() {
        let windows = [100.0, 250.0, f64::NAN, 400.0, 400.0, 200.0];
        let expected = Replay {
            windows: 5,
            demand: 1350.0,
            rejected: 450.0,
            windows_hit: 3,
            worst: Some((minute(3), 200.0)),
            first: Some(minute(1)),
            last: Some(minute(4)),
        };
        assert_eq!(replay(&windows, &grid(6), 200), expected);
    }

    #[test]
    fn a_limit_of_zero_rejects_everything() {
        let all = replay(&[3.0, 0.0, 4.0], &grid(3), 0);
        assert_eq!((all.rejected, all.windows_hit, all.windows), (7.0, 2, 3));
    }

    #[test]
    fn gaps_alone_give_nothing() {
        assert_eq!(replay(&[f64::NAN; 300], &grid(300), 5), Replay::default());
        assert_eq!(replay(&[], &grid(0), 5), Replay::default());
    }

    proptest! {
        #[test]
        fn the_fast_pass_equals_the_plain_rule(
            counts in prop::collection::vec(prop::option::weighted(0.9, 0..1000_u32), 0..700),
            limit in 0..1100_u32,
        ) {
            let value = |count: Option<u32>| count.map_or(f64::NAN, f64::from);
            let windows: Vec<f64> = counts.into_iter().map(value).collect();
            prop_assert_eq!(replay(&windows, &grid(windows.len()), limit), plain(&windows, limit));
        }
    }
}
