//! Turns raw counters, read at the edges of windows, into demand: difference first, then sum.
//!
//! The rules, for each counter:
//! - between two neighbouring edges it counted the difference; after a reset, what it shows;
//! - at an edge where its target was scraped and it was absent, it stood still (a restarted process shows a counter only
//!   once it counts), and one that is born there counted from zero; without such a witness it counts from its first
//!   sample;
//! - at an edge where its target was not scraped, nothing is known: if the counter lived through, the sum has a gap
//!   there, because a sum that lacks a part looks like a collapse; if it ended, others go on without it.
//!
//! Answers are merged in the order of time, neighbours sharing one edge. Beside the columns only the last value of each
//! counter and one bit per target and edge are kept.

mod target;

use std::collections::HashMap;
use std::sync::Arc;

use super::columns::{Columns, GAP, Place, add, add_any};
use super::decode::{DecodeError, Labels, MatrixSink};
use super::mapping::Mapping;

use self::target::identity;
pub(super) use self::target::{Targets, target_of};

/// A counter that is absent for longer, its target with it, and comes back smaller belonged to a process that ended:
/// restarts take minutes, while scaling down for the night takes hours and is no gap.
const RESTART_MS_MAX: i64 = 900_000;

/// What a counter showed at an edge.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Point {
    edge: usize,
    value: f64,
}

/// A stretch without samples of one counter, up to its next sample.
#[derive(Clone, Copy, Debug)]
struct Hole {
    place: Place,
    target: Option<usize>,
    from: Option<Point>,
    to: Point,
}

/// One counter within one answer.
#[derive(Debug)]
struct Seen {
    id: Arc<str>,
    place: Place,
    target: Option<usize>,
    first: Point,
    last: Point,
}

/// What one answer holds; edges are counted from its first.
#[derive(Debug)]
pub(super) struct EdgesPart<'a> {
    mapping: &'a Mapping,
    columns: Columns,
    targets: Targets,
    seen: HashMap<Arc<str>, usize>,
    counters: Vec<Seen>,
    holes: Vec<Hole>,
    left_out: usize,
}

/// All of the demand.
#[derive(Debug)]
pub(super) struct Edges {
    pub(super) columns: Columns,
    /// When each target was scraped.
    pub(super) targets: Targets,
    // The last point of each counter so far.
    last: HashMap<Arc<str>, Point>,
    restart_edges_max: usize,
    /// The most series of one answer that carry no descriptor values.
    pub(super) left_out: usize,
}

impl<'a> EdgesPart<'a> {
    /// For the edges of `windows` windows: one more than there are windows.
    pub(super) fn new(mapping: &'a Mapping, windows: usize) -> Self {
        Self {
            mapping,
            columns: Columns::new(windows),
            targets: Targets::new(windows + 1),
            seen: HashMap::new(),
            counters: Vec::new(),
            holes: Vec::new(),
            left_out: 0,
        }
    }

    /// Whether the answer held no sample at all.
    pub(super) fn is_empty(&self) -> bool {
        self.counters.is_empty() && self.left_out == 0
    }

    /// Adds the differences of one counter to its columns; its first and its last point.
    fn add(
        &mut self,
        place: Place,
        target: Option<usize>,
        values: &[f64],
    ) -> Option<(Point, Point)> {
        for &column in place.columns() {
            add_rises(self.columns.column_mut(column), values);
        }
        if values.iter().filter(|value| value.is_nan()).count() == 0 {
            let point = |edge: usize| Point { edge, value: values[edge] };
            return values.len().checked_sub(1).map(|end| (point(0), point(end)));
        }
        let mut first = None;
        let mut last: Option<Point> = None;
        for (edge, &value) in values.iter().enumerate().filter(|(_, value)| !value.is_nan()) {
            let to = Point { edge, value };
            first = first.or(Some(to));
            if last.is_some_and(|from| from.edge + 1 < edge) {
                self.holes.push(Hole { place, target, from: last, to });
            }
            last = Some(to);
        }
        first.zip(last)
    }
}

impl MatrixSink for EdgesPart<'_> {
    fn take(&mut self, labels: &Labels, values: &[f64]) -> Result<(), DecodeError> {
        let Some(key) = self.mapping.key(labels) else {
            self.left_out += 1;
            return Ok(());
        };
        let id: Arc<str> = identity(labels).into();
        if self.seen.insert(id.clone(), self.counters.len()).is_some() {
            return Err(DecodeError::Duplicate(labels.to_string()));
        }
        let place = self.columns.place(&key, self.mapping.meaning(labels));
        let target = target_of(labels).map(|name| self.targets.find(&name));
        if let Some(target) = target {
            self.targets.witness(target, values);
        }
        if let Some((first, last)) = self.add(place, target, values) {
            self.counters.push(Seen { id, place, target, first, last });
        }
        Ok(())
    }
}

impl Edges {
    /// For `windows` windows of `window_ms`.
    pub(super) fn new(windows: usize, window_ms: i64) -> Self {
        Self {
            columns: Columns::new(windows),
            targets: Targets::new(windows + 1),
            last: HashMap::new(),
            restart_edges_max: (RESTART_MS_MAX / window_ms).max(1) as usize,
            left_out: 0,
        }
    }

    /// With what others know of when targets were scraped, on the same edges.
    pub(super) fn witnessed_by(mut self, targets: Targets) -> Self {
        self.targets = targets;
        self
    }

    /// Takes over the part whose first edge is `from`; parts must come in the order of time.
    pub(super) fn merge(&mut self, from: usize, part: EdgesPart<'_>) {
        self.left_out = self.left_out.max(part.left_out);
        let columns = self.merge_columns(from, &part.columns);
        // All targets first: whether an edge was scraped decides what a hole means.
        let targets = self.targets.merge(from, &part.targets);
        let later = |point: Point| Point { edge: from + point.edge, ..point };
        let whole = |place: Place, target: Option<usize>| {
            (place.moved(&columns), target.map(|target| targets[target]))
        };
        for hole in part.holes {
            let (place, target) = whole(hole.place, hole.target);
            self.fill(Hole { place, target, from: hole.from.map(later), to: later(hole.to) });
        }
        for seen in part.counters {
            let (place, target) = whole(seen.place, seen.target);
            let before = self.last.insert(seen.id, later(seen.last));
            let to = later(seen.first);
            if before.is_none_or(|last| last.edge < to.edge) {
                self.fill(Hole { place, target, from: before, to });
            }
        }
    }

    fn merge_columns(&mut self, from: usize, part: &Columns) -> Vec<usize> {
        let found = self.columns.adopt(part);
        for (local, &column) in found.iter().enumerate() {
            let windows = &mut self.columns.column_mut(column)[from..];
            for (sum, &value) in windows.iter_mut().zip(part.column(local)) {
                add_any(sum, value);
            }
        }
        found
    }

    /// What a counter did between its last sample and its next, or before its first.
    fn fill(&mut self, hole: Hole) {
        let Hole { place, target, from, to } = hole;
        let Some(last) = to.edge.checked_sub(1) else { return };
        let scraped =
            |edge: usize| target.is_some_and(|target| self.targets.is_scraped(target, edge));
        let Some(from) = from else {
            if scraped(last) {
                self.columns.add(place, last, to.value);
            }
            return;
        };
        let is_short = to.edge - from.edge <= self.restart_edges_max;
        let lived_through = to.value >= from.value || is_short;
        for window in from.edge..to.edge {
            let is_known =
                (window == from.edge || scraped(window)) && (window == last || scraped(window + 1));
            let rise = if window == last { counted(from.value, to.value) } else { 0.0 };
            if is_known {
                self.columns.add(place, window, rise);
            } else if lived_through {
                self.columns.add(place, window, GAP);
            }
        }
    }
}

/// Adds what a counter counted between neighbouring edges.
fn add_rises(windows: &mut [f64], values: &[f64]) {
    let later = values.get(1..).unwrap_or_default();
    for (sum, (&from, &to)) in windows.iter_mut().zip(values.iter().zip(later)) {
        // Written without a branch, so that several windows are added at a time.
        let mut more = *sum;
        add(&mut more, counted(from, to));
        *sum = if from.is_nan() | to.is_nan() { *sum } else { more };
    }
}

/// What a counter counted from one sample to the next.
#[inline]
fn counted(from: f64, to: f64) -> f64 {
    if to >= from { to - from } else { to }
}

#[cfg(test)]
mod tests;
