//! Ridge regression of several targets on the same columns, from sums of products alone.

use tidewright_numerics::{factor, solve_lower, solve_upper, weighted_gram};

/// Rows whose products are summed at a time: few enough to stay near the processor.
const CHUNK: usize = 256;

/// Sums of products of columns and targets over rows.
pub(super) struct Products {
    columns: usize,
    size: usize,
    sums: Vec<f64>,
    /// Rows that are not in the sums yet, column by column.
    waiting: Vec<Vec<f64>>,
}

impl Products {
    pub(super) fn new(columns: usize, targets: usize) -> Self {
        let size = columns + targets;
        Self { columns, size, sums: vec![0.0; size * size], waiting: vec![Vec::new(); size] }
    }

    /// Adds a row: its columns, and its targets after them.
    pub(super) fn add(&mut self, row: &[f64]) {
        self.waiting.iter_mut().zip(row).for_each(|(column, value)| column.push(*value));
        if self.waiting.first().is_some_and(|column| column.len() == CHUNK) {
            self.sum();
        }
    }

    /// Adds the rows of another.
    pub(super) fn extend(&mut self, mut other: Self) {
        self.sum();
        other.sum();
        self.sums.iter_mut().zip(&other.sums).for_each(|(sum, more)| *sum += more);
    }

    /// The coefficients of each target, one target after the other, that minimise the squared misses plus the squared
    /// coefficients times `share` of the columns' mean square sum; `None` if rows are none or numbers overflow.
    pub(super) fn solve(&mut self, share: f64) -> Option<Vec<f64>> {
        self.sum();
        let (p, size) = (self.columns, self.size);
        let trace: f64 = (0..p).map(|i| self.sums[i * size + i]).sum();
        let ridge = share * trace / p as f64;
        let mut square: Vec<f64> =
            self.sums.chunks(size).take(p).flat_map(|row| &row[..p]).copied().collect();
        (0..p).for_each(|i| square[i * p + i] += ridge);
        factor(&mut square, p, p).ok()?;
        let mut all = Vec::with_capacity(p * (size - p));
        for target in p..size {
            let mut solution: Vec<f64> = (0..p).map(|i| self.sums[i * size + target]).collect();
            solve_lower(&square, p, p, &mut solution);
            solve_upper(&square, p, p, &mut solution);
            all.extend(solution);
        }
        all.iter().all(|x| x.is_finite()).then_some(all)
    }

    fn sum(&mut self) {
        let columns: Vec<&[f64]> = self.waiting.iter().map(Vec::as_slice).collect();
        let rows = columns.first().map_or(0, |column| column.len());
        let more = weighted_gram(&columns, &vec![1.0; rows]);
        self.sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        self.waiting.iter_mut().for_each(Vec::clear);
    }
}
