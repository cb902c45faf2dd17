//! The layout of a series on a grid: where its segments lie, and the sums of their rows.
//!
//! Prophet drops missing rows before it places changepoints, so a series with gaps has segments of its own. Their sums are
//! differences of shared prefix sums less the missing rows, which are few or stand in runs: nothing is summed row by row
//! that was observed.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use tidewright_numerics::simd::{Lines, WIDTH};

use super::linear::Gram;
use super::moments::{Detail, Moments, Picks, Rows};
use super::pass::{Piece, pieces};
use super::priors::Priors;
use super::settings::Settings;
use super::slide::STEP_MAX;
use super::waves::Waves;

/// Numbers that prefix sums of one grid may take: 16 MB.
const PREFIX_NUMBERS_MAX: usize = 1 << 21;
/// Rows between stored prefix sums, at least: a look-up costs at most half as many rows.
const PREFIX_EVERY_MIN: usize = 16;

/// Where the segments of a series lie and what the sums of their rows are.
#[derive(Debug)]
pub(super) struct Layout {
    /// The first and the last observed row.
    pub(super) first: usize,
    pub(super) last: usize,
    /// The rows at which segments begin, and the end.
    pub(super) bounds: Vec<usize>,
    pub(super) pieces: Vec<Piece>,
    /// The columns of each piece's first row.
    pub(super) turns: Lines,
    pub(super) moments: Arc<Moments>,
    pub(super) gram: Gram,
}

/// The columns of a grid's rows, and sums of them up to every so many rows.
#[derive(Debug)]
pub(super) struct Ground {
    len: usize,
    pub(super) stride: usize,
    columns: usize,
    pub(super) detail: Detail,
    /// `[len + STEP_MAX][stride]`: a window that moves reads on.
    pub(super) features: Lines,
    /// Row time, `row / len`.
    times: Vec<f64>,
    every: usize,
    /// Sums over the rows before every `every`th, one segment each.
    prefix: OnceLock<Vec<Moments>>,
}

/// The rows, counted among the observed ones, at which Prophet puts its changepoints.
pub(crate) fn changepoint_rows(rows: usize, settings: &Settings) -> Vec<usize> {
    let history = (rows as f64 * settings.changepoint_range).floor() as usize;
    let count = settings.n_changepoints.min(history.saturating_sub(1));
    let step = history.saturating_sub(1) as f64 / count.max(1) as f64;
    // numpy rounds halves to even.
    (1..=count).map(|i| (i as f64 * step).round_ties_even() as usize).collect()
}

impl Ground {
    pub(super) fn new(waves: &Waves, len: usize, detail: Detail) -> Self {
        let (features, columns) = (waves.rows(len + STEP_MAX), waves.columns());
        let stride = columns.next_multiple_of(WIDTH);
        let size =
            1 + 3 * stride + if detail == Detail::Segments { 3 * stride * stride } else { 0 };
        let every = (len * size / PREFIX_NUMBERS_MAX).max(PREFIX_EVERY_MIN);
        let times = (0..len).map(|row| row as f64 / len as f64).collect();
        Self { len, stride, columns, detail, features, times, every, prefix: OnceLock::new() }
    }

    /// The layout of a series that was observed everywhere.
    pub(super) fn whole(&self, settings: &Settings, priors: &Priors) -> Layout {
        let (bounds, knots) = self.segments(self.len, settings, |row| row);
        let mut moments = Moments::zeros(self.columns, knots, self.detail);
        for (segment, range) in bounds.windows(2).enumerate() {
            let weights = vec![1.0; range[1] - range[0]];
            moments.add(segment, &self.rows(range[0]..range[1]), &weights);
        }
        moments.add_whole(&self.rows(0..self.len), 1.0);
        self.layout(bounds, moments, priors)
    }

    /// The layout of a series without the `missing` rows, which ascend.
    pub(super) fn without(
        &self,
        (missing, whole): (&[usize], &Moments),
        settings: &Settings,
        priors: &Priors,
    ) -> Layout {
        let observed = Observed { missing };
        let rows = self.len - missing.len();
        let (bounds, knots) = self.segments(rows, settings, |index| observed.row(index));
        let mut moments = Moments::zeros(self.columns, knots, self.detail);
        let mut rest = &missing[missing.partition_point(|row| *row < bounds[0])..];
        for (segment, range) in bounds.windows(2).enumerate() {
            let inside = rest.partition_point(|row| *row < range[1]);
            let mut single = Single::default();
            self.add_range((&mut moments, segment), &mut single, range[0]..range[1], 1.0);
            for run in rest[..inside].chunk_by(|row, next| row + 1 == *next) {
                let run = run[0]..run[run.len() - 1] + 1;
                self.add_range((&mut moments, segment), &mut single, run, -1.0);
            }
            let times = self.times_of(&single.rows);
            moments.add(segment, &self.picked(&single.rows, &times), &single.weights);
            rest = &rest[inside..];
        }
        if 2 * missing.len() <= self.len {
            moments.whole.clone_from(&whole.whole);
            moments.add_whole(&self.picked(missing, &self.times_of(missing)), -1.0);
        } else {
            let seen: Vec<usize> = (0..rows).map(|index| observed.row(index)).collect();
            moments.add_whole(&self.picked(&seen, &self.times_of(&seen)), 1.0);
        }
        self.layout(bounds, moments, priors)
    }

    /// The rows at which segments begin and end, and the knots between them in 0..=1.
    fn segments(
        &self,
        rows: usize,
        settings: &Settings,
        row: impl Fn(usize) -> usize,
    ) -> (Vec<usize>, Arc<[f64]>) {
        let (first, last) = (row(0), row(rows.saturating_sub(1)));
        let mut bounds = vec![first];
        bounds.extend(changepoint_rows(rows, settings).into_iter().map(&row));
        let span = (last - first).max(1) as f64;
        let knots = bounds[1..].iter().map(|&row| (row - first) as f64 / span).collect();
        bounds.push((last + 1).min(self.len));
        (bounds, knots)
    }

    fn layout(&self, bounds: Vec<usize>, mut moments: Moments, priors: &Priors) -> Layout {
        let (first, last) = (bounds[0], bounds[bounds.len() - 1].saturating_sub(1));
        let (slope, offset) = clock(self.len, first, last);
        moments.seal();
        moments.retime(slope, offset);
        let pieces = pieces(&bounds);
        let mut turns = Lines::zeros(pieces.len() * self.stride);
        for (turn, piece) in turns.chunks_exact_mut(self.stride.max(1)).zip(&pieces) {
            turn.copy_from_slice(&self.features[piece.from * self.stride..][..self.stride]);
        }
        let gram = Gram::new(&moments, priors);
        Layout { first, last, bounds, pieces, turns, moments: Arc::new(moments), gram }
    }

    fn rows(&self, range: Range<usize>) -> Rows<'_, Range<usize>> {
        Rows { features: &self.features, times: &self.times[range.clone()], picks: range }
    }

    fn times_of(&self, rows: &[usize]) -> Vec<f64> {
        rows.iter().map(|&row| self.times[row]).collect()
    }

    fn picked<'a>(&'a self, rows: &'a [usize], times: &'a [f64]) -> Rows<'a, impl Picks> {
        Rows { features: &self.features, picks: rows.iter().copied(), times }
    }

    /// Adds a range of rows: a long one by prefix sums, its ends row by row.
    fn add_range(
        &self,
        (moments, segment): (&mut Moments, usize),
        single: &mut Single,
        range: Range<usize>,
        weight: f64,
    ) {
        if range.len() <= self.every {
            return single.add(range, weight);
        }
        let prefix = self.prefix.get_or_init(|| self.prefix());
        let nearest = |row: usize| ((row + self.every / 2) / self.every).min(prefix.len() - 1);
        let (low, high) = (nearest(range.start), nearest(range.end));
        moments.add_difference(segment, (&prefix[low], &prefix[high]), weight);
        let (low, high) = (low * self.every, high * self.every);
        single.add(range.start..low, weight);
        single.add(low..range.start, -weight);
        single.add(high..range.end, weight);
        single.add(range.end..high, -weight);
    }

    fn prefix(&self) -> Vec<Moments> {
        // What is summed over all rows together has no use for prefixes.
        let mut sums = Moments {
            whole: Lines::default(),
            ..Moments::zeros(self.columns, [].into(), self.detail)
        };
        let mut prefix = vec![sums.clone()];
        let weights = vec![1.0; self.every];
        for from in (0..self.len - self.len % self.every).step_by(self.every) {
            sums.add(0, &self.rows(from..from + self.every), &weights);
            prefix.push(sums.clone());
        }
        prefix
    }
}

/// How row time becomes the time that is 0 at the first observed row and 1 at the last.
pub(super) fn clock(len: usize, first: usize, last: usize) -> (f64, f64) {
    let span = (last - first).max(1) as f64;
    (len as f64 / span, -(first as f64) / span)
}

/// Rows of a segment that are added one by one, and how often.
#[derive(Default)]
struct Single {
    rows: Vec<usize>,
    weights: Vec<f64>,
}

impl Single {
    fn add(&mut self, range: Range<usize>, weight: f64) {
        self.rows.extend(range);
        self.weights.resize(self.rows.len(), weight);
    }
}

/// Rows but the missing ones.
struct Observed<'a> {
    missing: &'a [usize],
}

impl Observed<'_> {
    /// The row of the `index`th that was observed.
    fn row(&self, index: usize) -> usize {
        // As many were missing before it as there are `m` with `missing[m] - m <= index`.
        let (mut low, mut high) = (0, self.missing.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.missing[middle] - middle <= index { low = middle + 1 } else { high = middle }
        }
        index + low
    }
}

#[cfg(test)]
mod tests {
    use tidewright_core::SeasonalityMode;

    use super::*;

    #[test]
    fn changepoints_lie_where_prophet_puts_them() {
        let settings = Settings::new(SeasonalityMode::Additive);
        let rows = changepoint_rows(144, &settings);
        assert_eq!((rows.len(), rows[0], rows[24]), (25, 5, 114));
        assert_eq!(changepoint_rows(10, &settings), [1, 2, 3, 4, 5, 6, 7]);
        assert!(changepoint_rows(1, &settings).is_empty());
    }

    #[test]
    fn observed_rows_are_counted_around_the_missing_ones() {
        let observed = Observed { missing: &[0, 3, 4, 8] };
        let rows: Vec<usize> = (0..6).map(|index| observed.row(index)).collect();
        assert_eq!(rows, [1, 2, 5, 6, 7, 9]);
    }
}
