//! Finds the axis that ascending moments lie on.

use tidewright_core::{Axis, CalendarUnit, Grid, Timestamp, Zone};

use super::times::Times;

/// A grid with more points than this for each row would be gaps for the most part: such rows are events.
const GRID_POINTS_PER_ROW_MAX: i64 = 10;

/// As above for months: rows for every third month are a quarterly series, not a monthly one with gaps.
const MONTHS_PER_ROW_MAX: usize = 2;

/// The axis of ascending moments: a grid or a calendar, with what is missing on it, or else the moments as they are.
pub(super) fn axis(times: Times) -> (Axis, Option<Vec<Timestamp>>) {
    let moments = match times {
        Times::Spaced(grid) => return (Axis::Grid(grid), None),
        Times::Listed(moments) => moments,
    };
    match grid(&moments).or_else(|| months(&moments)) {
        Some(axis) => (axis, Some(moments)),
        None => (Axis::irregular(moments).expect("the reader lets only ascending times in"), None),
    }
}

/// The coarsest grid through all moments, if it is not much longer than they are.
fn grid(moments: &[Timestamp]) -> Option<Axis> {
    let (first, last) = (moments.first()?, moments.last()?);
    let steps = || moments.windows(2).map(|pair| pair[1].as_millis() - pair[0].as_millis());
    let step = steps().min()?;
    let points = (last.as_millis() - first.as_millis()) / step + 1;
    let dense = points <= GRID_POINTS_PER_ROW_MAX.saturating_mul(moments.len() as i64);
    let regular = dense && steps().all(|gap| gap % step == 0);
    let grid = regular.then(|| Grid::new(*first, step, points as usize));
    grid?.ok().map(Axis::Grid)
}

/// A calendar of months in UTC, if each moment starts one.
fn months(moments: &[Timestamp]) -> Option<Axis> {
    const SHORTEST_MS: i64 = 28 * 86_400_000;
    // One moment tells no step, on whichever day it falls.
    if moments.len() < 2 {
        return None;
    }
    let (first, last) = (*moments.first()?, *moments.last()?);
    let enough = (last.as_millis() - first.as_millis()) / SHORTEST_MS + 1;
    let enough = usize::try_from(enough).ok()?;
    if enough / MONTHS_PER_ROW_MAX > moments.len() + 1 {
        return None;
    }
    let calendar = |len| Axis::calendar(CalendarUnit::Month, &Zone::utc(), first, len);
    let longest = calendar(enough);
    let len = (0..enough).take_while(|&i| longest.timestamp(i) <= last).count();
    let axis = calendar(len);
    let mut starts = (0..len).map(|i| axis.timestamp(i));
    let all_start_one = moments.iter().all(|moment| starts.any(|start| start == *moment));
    (all_start_one && len <= MONTHS_PER_ROW_MAX * moments.len()).then_some(axis)
}

/// One value per point of the axis, NaN where there is no row.
pub(super) fn fill(axis: &Axis, moments: &[Timestamp], values: &[f64]) -> Vec<f64> {
    let mut rows = moments.iter().zip(values).peekable();
    let mut next = |i| {
        let row = rows.next_if(|(moment, _)| **moment == axis.timestamp(i));
        row.map_or(f64::NAN, |(_, value)| *value)
    };
    (0..axis.len()).map(&mut next).collect()
}
