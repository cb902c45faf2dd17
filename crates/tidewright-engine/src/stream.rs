//! What one counter of the limiter counts: the sum of its series, window by window, and what is known beside.

use std::borrow::Cow;
use std::ops::Range;

use tidewright_core::{
    CacheFrom, CacheSides, Combination, DemandFrame, Known, Policy, Quantile, Signal,
};
use tidewright_plan::need;

use crate::matching::{Counter, Flow};

/// A cache that was asked less often than this says little about itself.
const LOOKUPS_MIN: f64 = 1000.0;

/// One counter of the limiter.
#[derive(Clone, Debug)]
pub(crate) struct Stream<'a> {
    /// Requests per window, NaN for a gap.
    pub raw: Cow<'a, [f64]>,
    /// Of which were rejected, NaN in a window of which that is not known; `None` where it never is.
    pub rejected: Option<Vec<f64>>,
    /// Of which were answered 4xx, the rejected ones included, in the same way.
    pub errors: Option<Vec<f64>>,
    /// What the limiter itself counted as over the limit, in the same way.
    pub over_limit: Option<Vec<f64>>,
    /// What the cache did in the inspected windows.
    pub cache: CacheFrom,
}

/// From where on demand is read, and which windows set the base.
#[derive(Clone, Debug)]
pub(crate) struct Reach {
    /// The first window in which anything was measured.
    pub first: usize,
    /// The inspected windows, counted from there.
    pub inspected: Range<usize>,
}

impl<'a> Stream<'a> {
    pub(crate) fn new(
        demand: &'a DemandFrame,
        counter: &Counter,
        reach: &Reach,
        sides: CacheSides,
    ) -> Self {
        let signal = |signal| signal_sum(demand, signal, counter, reach.first);
        let rejected = signal(Signal::Rejected);
        let errors = signal(Signal::ClientErrors).map(|errors| match &rejected {
            Some(rejected) => errors.iter().zip(rejected).map(|(a, b)| a + b).collect(),
            None => errors,
        });
        let cache = match (signal(Signal::CacheLookups), signal(Signal::CacheHits)) {
            (Some(lookups), Some(hits)) if sides.metric != sides.limiter => {
                measured_cache(&lookups, &hits, reach)
            }
            _ => CacheFrom::Configured,
        };
        let raw = sum(demand, counter, reach.first);
        Self { raw, rejected, errors, over_limit: signal(Signal::OverLimit), cache }
    }
}

/// The counter whose value decides about a limit, its name where there are several, and how many there are.
pub(crate) fn decisive<'f>(
    demand: &DemandFrame,
    flow: &'f Flow,
    reach: &Reach,
    policy: &Policy,
) -> (&'f Counter, Option<(&'f str, usize)>) {
    let counters = match flow {
        Flow::One(counter) => return (counter, None),
        Flow::Each(counters) => counters,
    };
    let need = |(name, counter): &'f (String, Counter)| {
        let values = sum(demand, counter, reach.first);
        (need(&values[reach.inspected.clone()], policy.peak_quantile), name.as_str(), counter)
    };
    let mut by_need: Vec<(f64, &str, &Counter)> = counters.iter().map(need).collect();
    by_need.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(b.1)));
    let (_, name, counter) = by_need[rank(by_need.len(), policy.combination)];
    (counter, Some((name, by_need.len())))
}

/// The sum of the columns of a counter: a gap only where all of them have one.
pub(crate) fn sum<'a>(demand: &'a DemandFrame, counter: &Counter, first: usize) -> Cow<'a, [f64]> {
    if let [column] = counter[..] {
        return Cow::Borrowed(&demand.frame.column(column)[first..]);
    }
    let mut sums = vec![f64::NAN; demand.frame.grid().len() - first];
    for &column in counter {
        add(&mut sums, &demand.frame.column(column)[first..]);
    }
    Cow::Owned(sums)
}

/// Adds what is known; a sum of nothing stays a gap.
fn add(sums: &mut [f64], values: &[f64]) {
    for (sum, value) in sums.iter_mut().zip(values).filter(|(_, value)| !value.is_nan()) {
        *sum = if sum.is_nan() { *value } else { *sum + *value };
    }
}

/// The sum of a signal over the series of a counter, NaN where one of them is not known; `None` if one never is.
fn signal_sum(
    demand: &DemandFrame,
    signal: Signal,
    counter: &Counter,
    first: usize,
) -> Option<Vec<f64>> {
    let mut sums = vec![0.0; demand.frame.grid().len() - first];
    for &column in counter {
        match demand.signals.counts(signal, &demand.frame.keys()[column]) {
            Known::Unknown => return None,
            Known::Zero => {}
            Known::Counts(counts) => {
                sums.iter_mut().zip(&counts[first..]).for_each(|(sum, count)| *sum += count);
            }
        }
    }
    Some(sums)
}

fn measured_cache(lookups: &[f64], hits: &[f64], reach: &Reach) -> CacheFrom {
    let both = reach.inspected.clone().map(|window| (lookups[window], hits[window]));
    let known = both.filter(|(lookups, hits)| !(lookups.is_nan() || hits.is_nan()));
    let (lookups, hits) = known.fold((0.0, 0.0), |sums, it| (sums.0 + it.0, sums.1 + it.1));
    if lookups < LOOKUPS_MIN {
        return CacheFrom::Configured;
    }
    CacheFrom::Measured { lookups, hits: hits.min(lookups) }
}

fn rank(len: usize, combination: Combination) -> usize {
    let quantile = match combination {
        Combination::Largest => 1.0,
        Combination::Quantile(quantile) => Quantile::get(quantile),
    };
    ((quantile * (len - 1) as f64).ceil() as usize).min(len - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidewright_core::{CacheSide, DemandMethod, Frame, Grid, SeriesKey, Signals, Timestamp};

    const GAP: f64 = f64::NAN;
    const SIDES: CacheSides = CacheSides { metric: CacheSide::Before, limiter: CacheSide::After };

    fn key(name: &str) -> SeriesKey {
        SeriesKey::new([("PARTNER", name)])
    }

    fn demand(signals: Signals) -> DemandFrame {
        let values = vec![1.0, GAP, GAP, 4.0, 10.0, 20.0, GAP, 40.0];
        DemandFrame {
            frame: Frame::new(grid(), vec![key("a"), key("b")], values).unwrap(),
            method: DemandMethod::Synthetic,
            method_note: String::new(),
            scrape_interval_ms: None,
            warnings: Vec::new(),
            includes_rejected: true,
            signals,
        }
    }

    fn grid() -> Grid {
        Grid::new(Timestamp::from_secs(0), 60_000, 4).unwrap()
    }

    fn reach() -> Reach {
        Reach { first: 0, inspected: 0..4 }
    }

    #[test]
    fn a_sum_is_a_gap_only_where_nothing_was_measured() {
        let demand = demand(Signals::default());
        let stream = Stream::new(&demand, &vec![0, 1], &reach(), SIDES);
        assert_eq!(format!("{:?}", stream.raw), "[11.0, 20.0, NaN, 44.0]");
        assert!(matches!(Stream::new(&demand, &vec![1], &reach(), SIDES).raw, Cow::Borrowed(_)));
        assert_eq!(
            (stream.rejected, stream.errors, stream.cache),
            (None, None, CacheFrom::Configured)
        );
    }

    #[test]
    fn what_is_not_known_of_one_series_is_not_known_of_the_sum() {
        let frame = |name: &str, counts: [f64; 4]| {
            Frame::new(grid(), vec![key(name)], counts.to_vec()).unwrap()
        };
        let rejected = frame("a", [0.0, 2.0, GAP, 3.0]);
        let signals = Signals::default().with(Signal::Rejected, rejected);
        let known = demand(signals.clone().with(Signal::ClientErrors, frame("b", [1.0; 4])));
        let stream = Stream::new(&known, &vec![0, 1], &reach(), SIDES);
        assert_eq!(format!("{:?}", stream.rejected), "Some([0.0, 2.0, NaN, 3.0])");
        assert_eq!(format!("{:?}", stream.errors), "Some([1.0, 3.0, NaN, 4.0])");
        let unknown = demand(signals.unknown_for(Signal::Rejected, [key("b")]));
        assert_eq!(Stream::new(&unknown, &vec![0, 1], &reach(), SIDES).rejected, None);
    }

    #[test]
    fn the_value_that_needs_most_decides_or_the_quantile_of_them() {
        let demand = demand(Signals::default());
        let flow = Flow::Each(vec![("a".to_owned(), vec![0]), ("b".to_owned(), vec![1])]);
        let decides = |combination| {
            let policy = Policy { combination, ..Policy::default() };
            decisive(&demand, &flow, &reach(), &policy).1
        };
        assert_eq!(decides(Combination::Largest), Some(("b", 2)));
        let lowest = Combination::Quantile(Quantile::new(1e-9).unwrap());
        assert_eq!(decides(lowest), Some(("b", 2)));
        assert_eq!(rank(101, Combination::Quantile(Quantile::new(0.9).unwrap())), 90);
    }
}
