//! Columns that are found one after the other while answers come in, in one piece of memory: demand, and beside it what
//! else the labels tell of it.
//!
//! The rule: eight bytes per window and nothing beside it; a signal has a column only for a series that showed it. A
//! column that nobody wrote to is all gaps. In the end a signal is known where demand is, and where nothing was counted
//! for it there, it is zero. It knows no query.

use std::collections::{BTreeSet, HashMap};

use tidewright_core::{Frame, Grid, SeriesError, SeriesKey, Signal, Signals};

use super::mapping::{Meaning, SignalSet};

/// A gap in a sum while it is built: unlike NaN, which is where no counter counted yet, it stays whatever is added.
pub(super) const GAP: f64 = f64::NEG_INFINITY;

/// Demand, one signal that is told by the status, and two that are told by the cache.
const PLACES_MAX: usize = 4;

/// What a column holds, of whom: demand comes before the signals.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Heading {
    signal: Option<Signal>,
    key: SeriesKey,
}

/// The columns that the counts of one series belong to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    columns: [usize; PLACES_MAX],
    len: usize,
}

/// Columns of equal length by what they hold.
#[derive(Debug)]
pub(super) struct Columns {
    len: usize,
    index: HashMap<Heading, usize>,
    headings: Vec<Heading>,
    values: Vec<f64>,
    /// The signals that some series told.
    known: SignalSet,
    /// What some series should have told and did not.
    doubts: BTreeSet<Heading>,
}

impl Place {
    fn new(column: usize) -> Self {
        Self { columns: [column; PLACES_MAX], len: 1 }
    }

    fn push(&mut self, column: usize) {
        debug_assert!(self.len < PLACES_MAX, "a request has one status and one cache status");
        if self.len < PLACES_MAX {
            self.columns[self.len] = column;
            self.len += 1;
        }
    }

    pub(super) fn columns(&self) -> &[usize] {
        &self.columns[..self.len]
    }

    /// The same place among other columns, by the number that each has there.
    pub(super) fn moved(self, numbers: &[usize]) -> Self {
        // Beyond `len` the first column is repeated, so that each number is one.
        Self { columns: self.columns.map(|column| numbers[column]), ..self }
    }
}

impl Columns {
    pub(super) fn new(len: usize) -> Self {
        Self {
            len,
            index: HashMap::new(),
            headings: Vec::new(),
            values: Vec::new(),
            known: SignalSet::default(),
            doubts: BTreeSet::new(),
        }
    }

    /// Where the counts of a series with these descriptor values and this meaning belong.
    pub(super) fn place(&mut self, key: &SeriesKey, meaning: Meaning) -> Place {
        let heading = |signal| Heading { signal, key: key.clone() };
        let mut place = Place::new(self.find(heading(None)));
        for signal in meaning.counted.iter() {
            place.push(self.find(heading(Some(signal))));
        }
        self.known = self.known.and(meaning.known);
        self.doubts.extend(meaning.doubted.iter().map(|signal| heading(Some(signal))));
        place
    }

    /// The number of a column, which is made where there is none.
    fn find(&mut self, heading: Heading) -> usize {
        if let Some(&column) = self.index.get(&heading) {
            return column;
        }
        let column = self.headings.len();
        self.index.insert(heading.clone(), column);
        self.headings.push(heading);
        self.values.resize(self.values.len() + self.len, f64::NAN);
        column
    }

    /// Finds the columns of a part here, and takes over what it knows and doubts; the numbers that its columns have here.
    pub(super) fn adopt(&mut self, part: &Self) -> Vec<usize> {
        self.known = self.known.and(part.known);
        self.doubts.extend(part.doubts.iter().cloned());
        part.headings.iter().map(|heading| self.find(heading.clone())).collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.headings.is_empty()
    }

    /// Forgets `len` windows from `from` on: gaps that stay gaps whatever is added, and are no silence.
    pub(super) fn forget(&mut self, from: usize, len: usize) {
        for column in self.values.chunks_exact_mut(self.len.max(1)) {
            column[from..][..len].fill(GAP);
        }
    }

    pub(super) fn column(&self, column: usize) -> &[f64] {
        &self.values[column * self.len..][..self.len]
    }

    pub(super) fn column_mut(&mut self, column: usize) -> &mut [f64] {
        &mut self.values[column * self.len..][..self.len]
    }

    /// Whose demand each column holds, where there are no signals.
    pub(super) fn keys(&self) -> impl Iterator<Item = &SeriesKey> {
        self.headings.iter().map(|heading| &heading.key)
    }

    /// Adds to one window of all columns of a place.
    pub(super) fn add(&mut self, place: Place, window: usize, value: f64) {
        for &column in place.columns() {
            add(&mut self.column_mut(column)[window], value);
        }
    }

    /// Demand and what is known beside it; whatever is not finite is a gap. Columns are ordered by key, so that the
    /// order of answers is no part of the result.
    pub(super) fn into_frames(mut self, grid: Grid) -> Result<(Frame, Signals), SeriesError> {
        self.sort();
        self.settle();
        let mut signals = Signals::default();
        // From the end, so that what is taken off is no more than one signal.
        let known = self.known;
        for signal in Signal::ALL.into_iter().rev().filter(|signal| known.contains(*signal)) {
            let (keys, values) = self.take_off(Some(signal));
            let unknown = self.doubts.iter().filter(|doubt| doubt.signal == Some(signal));
            let unknown = unknown.map(|doubt| doubt.key.clone());
            signals =
                signals.with(signal, Frame::new(grid, keys, values)?).unknown_for(signal, unknown);
        }
        let (keys, mut values) = self.take_off(None);
        values.shrink_to_fit();
        Ok((Frame::new(grid, keys, values)?, signals))
    }

    /// The columns of one kind, which must be the last.
    fn take_off(&mut self, signal: Option<Signal>) -> (Vec<SeriesKey>, Vec<f64>) {
        let first = self.headings.partition_point(|heading| heading.signal < signal);
        let headings = self.headings.split_off(first);
        let values = match first {
            0 => std::mem::take(&mut self.values),
            _ => self.values.split_off(first * self.len),
        };
        (headings.into_iter().map(|heading| heading.key).collect(), values)
    }

    /// Makes gaps of what is not finite, and in signals of that where demand is a gap; where demand is none, what a
    /// signal did not count is zero.
    fn settle(&mut self) {
        let demand = self.headings.partition_point(|heading| heading.signal.is_none());
        let (front, back) = self.values.split_at_mut(demand * self.len);
        for value in front.iter_mut().filter(|value| !value.is_finite()) {
            *value = f64::NAN;
        }
        // A grid without windows has nothing to settle.
        let columns = back.chunks_exact_mut(self.len.max(1));
        for (heading, column) in self.headings[demand..].iter().zip(columns) {
            let of = self.headings[..demand].partition_point(|other| other.key < heading.key);
            for (value, demand) in column.iter_mut().zip(&front[of * self.len..]) {
                *value = match () {
                    () if demand.is_nan() => f64::NAN,
                    () if value.is_finite() => *value,
                    () => 0.0,
                };
            }
        }
    }

    /// Swaps columns in place: a second copy would double the memory.
    fn sort(&mut self) {
        let mut order: Vec<usize> = (0..self.headings.len()).collect();
        order.sort_by(|&a, &b| self.headings[a].cmp(&self.headings[b]));
        for target in 0..order.len() {
            // A column that stood further to the front has been swapped away; its trace leads to where it is now.
            let mut source = order[target];
            while source < target {
                source = order[source];
            }
            if source == target {
                continue;
            }
            self.headings.swap(source, target);
            let (front, back) = self.values.split_at_mut(source * self.len);
            front[target * self.len..][..self.len].swap_with_slice(&mut back[..self.len]);
        }
    }
}

/// Adds to a sum, which is a gap as long as nothing was added.
#[inline]
pub(super) fn add(sum: &mut f64, value: f64) {
    *sum = if sum.is_nan() { value } else { *sum + value };
}

/// As above, where a gap adds nothing.
#[inline]
pub(super) fn add_any(sum: &mut f64, value: f64) {
    if !value.is_nan() {
        add(sum, value);
    }
}

#[cfg(test)]
mod tests {
    use tidewright_core::{Known, Timestamp};

    use super::*;

    const N: f64 = f64::NAN;

    fn key(name: &str) -> SeriesKey {
        SeriesKey::new([("PATH", name)])
    }

    fn told(counted: &[Signal], known: &[Signal]) -> Meaning {
        let (counted, known) = (SignalSet::of(counted), SignalSet::of(known));
        Meaning { counted, known, ..Meaning::default() }
    }

    fn write(columns: &mut Columns, (name, meaning): (&str, Meaning), values: &[f64]) {
        for &column in columns.place(&key(name), meaning).columns() {
            columns.column_mut(column).copy_from_slice(values);
        }
    }

    fn frames(columns: Columns, len: usize) -> (Frame, Signals) {
        columns.into_frames(Grid::new(Timestamp::from_secs(0), 60_000, len).unwrap()).unwrap()
    }

    #[test]
    fn columns_come_out_in_the_order_of_their_keys() {
        let mut columns = Columns::new(2);
        for name in ["c", "a", "b", "a"] {
            let first = f64::from(name.as_bytes()[0]);
            write(&mut columns, (name, Meaning::default()), &[first, f64::NEG_INFINITY]);
        }
        let (frame, signals) = frames(columns, 2);
        let firsts: Vec<_> = (0..3).map(|i| frame.column(i)[0]).collect();
        assert_eq!(firsts, [97.0, 98.0, 99.0]);
        assert!(frame.column(2)[1].is_nan());
        assert_eq!(signals.iter().count(), 0);
    }

    #[test]
    fn a_signal_is_known_where_demand_is_and_zero_where_it_counted_nothing() {
        let mut columns = Columns::new(4);
        let all = [Signal::Rejected, Signal::ServerErrors, Signal::CacheLookups];
        write(&mut columns, ("b", told(&all[1..2], &all)), &[N, 1.0, 2.0, N]);
        write(&mut columns, ("a", told(&all[..1], &all)), &[N, 3.0, 4.0, N]);
        let demand = columns.place(&key("a"), told(&[], &all));
        columns.column_mut(demand.columns()[0]).copy_from_slice(&[
            1.0,
            5.0,
            f64::NEG_INFINITY,
            7.0,
        ]);
        let (frame, signals) = frames(columns, 4);
        assert_eq!(frame.keys(), [key("a"), key("b")]);
        let Known::Counts(rejected) = signals.counts(Signal::Rejected, &key("a")) else { panic!() };
        assert_eq!((rejected[0], rejected[1], rejected[3]), (0.0, 3.0, 0.0));
        assert!(rejected[2].is_nan());
        assert_eq!(signals.counts(Signal::Rejected, &key("b")), Known::Zero);
        assert_eq!(signals.counts(Signal::CacheLookups, &key("b")), Known::Zero);
        assert_eq!(signals.counts(Signal::ClientErrors, &key("b")), Known::Unknown);
        assert_eq!(signals.column(Signal::ServerErrors, &key("b")).unwrap()[1..3], [1.0, 2.0]);
    }

    #[test]
    fn one_counter_that_tells_nothing_makes_its_whole_series_unknown() {
        let mut columns = Columns::new(1);
        let rejected = [Signal::Rejected];
        write(&mut columns, ("a", told(&rejected, &rejected)), &[1.0]);
        write(&mut columns, ("b", told(&rejected, &rejected)), &[1.0]);
        let silent = Meaning { doubted: SignalSet::of(&rejected), ..Meaning::default() };
        write(&mut columns, ("a", silent), &[1.0]);
        let (_, signals) = frames(columns, 1);
        assert_eq!(signals.counts(Signal::Rejected, &key("a")), Known::Unknown);
        assert_eq!(signals.counts(Signal::Rejected, &key("b")), Known::Counts(&[1.0]));
    }
}
