//! Columns that are found one after the other while answers come in, in one piece of memory.
//!
//! The rule: eight bytes per window and nothing beside it; a column that nobody wrote to is all gaps. It knows no query.

use std::collections::HashMap;

use tidewright_core::{Frame, Grid, SeriesError, SeriesKey};

/// Columns of equal length by key.
#[derive(Debug)]
pub(super) struct Columns {
    len: usize,
    index: HashMap<SeriesKey, usize>,
    keys: Vec<SeriesKey>,
    values: Vec<f64>,
}

impl Columns {
    pub(super) fn new(len: usize) -> Self {
        Self { len, index: HashMap::new(), keys: Vec::new(), values: Vec::new() }
    }

    /// The number of the column of `key`, which is made where there is none.
    pub(super) fn find(&mut self, key: &SeriesKey) -> usize {
        if let Some(&column) = self.index.get(key) {
            return column;
        }
        let column = self.keys.len();
        self.index.insert(key.clone(), column);
        self.keys.push(key.clone());
        self.values.resize(self.values.len() + self.len, f64::NAN);
        column
    }

    pub(super) fn keys(&self) -> &[SeriesKey] {
        &self.keys
    }

    pub(super) fn column(&self, column: usize) -> &[f64] {
        &self.values[column * self.len..][..self.len]
    }

    pub(super) fn column_mut(&mut self, column: usize) -> &mut [f64] {
        &mut self.values[column * self.len..][..self.len]
    }

    /// The frame; whatever is not finite is a gap. Columns are ordered by key, so that the order of answers is no part
    /// of the result.
    pub(super) fn into_frame(mut self, grid: Grid) -> Result<Frame, SeriesError> {
        for value in self.values.iter_mut().filter(|value| !value.is_finite()) {
            *value = f64::NAN;
        }
        self.sort();
        self.values.shrink_to_fit();
        Frame::new(grid, self.keys, self.values)
    }

    /// Swaps columns in place: a second copy would double the memory.
    fn sort(&mut self) {
        let mut order: Vec<usize> = (0..self.keys.len()).collect();
        order.sort_by(|&a, &b| self.keys[a].cmp(&self.keys[b]));
        for target in 0..order.len() {
            // A column that stood further to the front has been swapped away; its trace leads to where it is now.
            let mut source = order[target];
            while source < target {
                source = order[source];
            }
            if source == target {
                continue;
            }
            self.keys.swap(source, target);
            let (front, back) = self.values.split_at_mut(source * self.len);
            front[target * self.len..][..self.len].swap_with_slice(&mut back[..self.len]);
        }
    }
}

#[cfg(test)]
mod tests {
    use tidewright_core::Timestamp;

    use super::*;

    #[test]
    fn columns_come_out_in_the_order_of_their_keys() {
        let mut columns = Columns::new(2);
        for name in ["c", "a", "b", "a"] {
            let column = columns.find(&SeriesKey::new([("PATH", name)]));
            columns.column_mut(column)[0] = f64::from(name.as_bytes()[0]);
        }
        columns.column_mut(0)[1] = f64::NEG_INFINITY;
        let grid = Grid::new(Timestamp::from_secs(0), 60_000, 2).unwrap();
        let frame = columns.into_frame(grid).unwrap();
        let firsts: Vec<_> = (0..3).map(|i| frame.column(i)[0]).collect();
        assert_eq!(firsts, [97.0, 98.0, 99.0]);
        assert!(frame.column(2)[1].is_nan());
    }
}
