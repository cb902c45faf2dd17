//! Lasting shifts of one series, measured with what stood beside them: the evidence for growth or an attack.

use std::ops::Range;

use tidewright_core::{LimitKey, Mark, MarkKind};
use tidewright_plan::{Shift, Windows};

use crate::stream::Stream;

/// What is compared lasts at most this long, on both sides.
const COMPARED_MS: i64 = 7 * 86_400_000;

/// The shifts among these marks, as this limit sees them.
pub(crate) fn shifts(
    key: &LimitKey,
    marks: &[Mark],
    windows: &Windows,
    stream: &Stream<'_>,
) -> Vec<Shift> {
    let lasting = |mark: &&Mark| {
        matches!(mark.kind, MarkKind::Launch | MarkKind::SlowRise | MarkKind::Decline)
    };
    let shift = |mark: &Mark| {
        let (before, after) = sides(mark, windows);
        let moved = mean(&stream.raw[after.clone()]) - mean(&stream.raw[before.clone()]);
        let share = |errors: &Vec<f64>, range: &Range<usize>| {
            let both = stream.raw[range.clone()].iter().zip(&errors[range.clone()]);
            let known = both.filter(|(demand, errors)| !(demand.is_nan() || errors.is_nan()));
            let (demand, errors) =
                known.fold((0.0, 0.0), |sums, it| (sums.0 + it.0, sums.1 + it.1));
            errors / f64::max(demand, 1.0)
        };
        let errors = stream.errors.as_ref().map(|e| (share(e, &before), share(e, &after)));
        Shift { key: key.clone(), mark: *mark, moved, errors }
    };
    marks.iter().filter(lasting).map(shift).collect()
}

/// The windows before a shift and those since; of a slow one its first and its last quarter.
fn sides(mark: &Mark, windows: &Windows) -> (Range<usize>, Range<usize>) {
    let span = windows.range(mark.span);
    let most = (COMPARED_MS / windows.grid().step_ms()) as usize;
    if mark.kind == MarkKind::SlowRise {
        let quarter = span.len() / 4;
        return (span.start..span.start + quarter, span.end - quarter..span.end);
    }
    let len = span.len().min(most);
    (span.start.saturating_sub(len)..span.start, span.start..span.start + len)
}

fn mean(values: &[f64]) -> f64 {
    let measured = values.iter().filter(|value| !value.is_nan());
    let (sum, count) =
        measured.fold((0.0, 0.0_f64), |(sum, count), value| (sum + value, count + 1.0));
    sum / count.max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::Cow;
    use tidewright_core::{CacheFrom, Grid, TimeSpan, Timestamp, Zone};

    #[test]
    fn a_shift_is_measured_against_as_much_before_it() {
        let grid = Grid::new(Timestamp::from_secs(0), 60_000, 6).unwrap();
        let windows = Windows::new(grid, &Zone::utc());
        let stream = Stream {
            raw: Cow::Owned(vec![9.0, 9.0, 10.0, 10.0, 30.0, 30.0]),
            rejected: None,
            errors: Some(vec![0.0, 0.0, 1.0, 1.0, 9.0, 15.0]),
            over_limit: None,
            cache: CacheFrom::Configured,
        };
        let span = TimeSpan { start: Timestamp::from_secs(240), end: Timestamp::from_secs(360) };
        let mark = |kind| Mark { kind, span, ratio: Some(3.0) };
        let key = LimitKey::new("edge", [("PATH", Some("/a"))]);
        let marks = [mark(MarkKind::Launch), mark(MarkKind::Spike)];
        let found = shifts(&key, &marks, &windows, &stream);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].moved, found[0].errors), (20.0, Some((0.1, 0.4))));
    }
}
