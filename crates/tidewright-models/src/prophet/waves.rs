//! Sines and cosines on a grid without a sine per point.
//!
//! A block of 128 rows is tabled once; the same table serves every block after a rotation by the phase at which the
//! block begins, because a shift in time only rotates each pair of coefficients. Columns are (sin, cos) per harmonic, with
//! phase 0 at offset 0.

use std::f64::consts::TAU;

use tidewright_numerics::simd::{Lines, WIDTH};

/// Rows of a table: small enough for the first-level cache, large enough that rotations cost nothing.
pub(crate) const BLOCK: usize = 128;

/// The table of one step length and one set of harmonics.
#[derive(Clone, Debug)]
pub(crate) struct Waves {
    step_ms: f64,
    harmonics: Vec<f64>,
    /// `[columns][BLOCK]`.
    table: Lines,
    /// Sine and cosine of each harmonic one block later.
    turns: Vec<(f64, f64)>,
}

/// Sine and cosine of a period at an offset from phase 0.
pub(crate) fn sin_cos(period_ms: f64, offset_ms: f64) -> (f64, f64) {
    // The fraction first: a sine of millions loses digits.
    (TAU * (offset_ms / period_ms).fract()).sin_cos()
}

impl Waves {
    /// The table for rows `step_ms` apart.
    pub(crate) fn new(harmonics: Vec<f64>, step_ms: f64) -> Self {
        let mut table = Lines::zeros(2 * harmonics.len() * BLOCK);
        for (harmonic, pair) in harmonics.iter().zip(table.chunks_exact_mut(2 * BLOCK)) {
            let (sines, cosines) = pair.split_at_mut(BLOCK);
            for (i, (sine, cosine)) in sines.iter_mut().zip(cosines).enumerate() {
                (*sine, *cosine) = sin_cos(*harmonic, i as f64 * step_ms);
            }
        }
        let turn = |harmonic: &f64| sin_cos(*harmonic, BLOCK as f64 * step_ms);
        let turns = harmonics.iter().map(turn).collect();
        Self { step_ms, harmonics, table, turns }
    }

    /// The period of each pair of columns, in milliseconds.
    pub(crate) fn harmonics(&self) -> &[f64] {
        &self.harmonics
    }

    /// The distance of rows.
    pub(crate) const fn step_ms(&self) -> f64 {
        self.step_ms
    }

    /// How many columns: two per harmonic.
    pub(crate) const fn columns(&self) -> usize {
        2 * self.harmonics.len()
    }

    /// The table, column by column, eight rows at a time.
    pub(crate) fn table(&self) -> &[[f64; WIDTH]] {
        self.table.rows()
    }

    /// The columns of `len` rows from phase 0 on, row by row, each padded to whole lines.
    pub(crate) fn rows(&self, len: usize) -> Lines {
        let stride = self.columns().next_multiple_of(WIDTH);
        let mut rows = Lines::zeros(len * stride);
        for (block, rows) in rows.chunks_mut((BLOCK * stride).max(1)).enumerate() {
            let offset = (block * BLOCK) as f64 * self.step_ms;
            for (h, harmonic) in self.harmonics.iter().enumerate() {
                let (sin, cos) = sin_cos(*harmonic, offset);
                let (sines, cosines) = self.table[2 * h * BLOCK..].split_at(BLOCK);
                for (row, (s, c)) in rows.chunks_exact_mut(stride).zip(sines.iter().zip(cosines)) {
                    (row[2 * h], row[2 * h + 1]) = (s * cos + c * sin, c * cos - s * sin);
                }
            }
        }
        rows
    }

    /// Sine and cosine of a harmonic at an offset from phase 0.
    pub(crate) fn turn(&self, harmonic: usize, offset_ms: f64) -> (f64, f64) {
        sin_cos(self.harmonics[harmonic], offset_ms)
    }

    /// The same one block after phase 0.
    #[inline]
    pub(crate) fn block_turn(&self, harmonic: usize) -> (f64, f64) {
        self.turns[harmonic]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(harmonics: &[f64], at: f64) -> Vec<f64> {
        harmonics.iter().flat_map(|period| <[f64; 2]>::from(sin_cos(*period, at))).collect()
    }

    #[test]
    fn rows_by_blocks_equal_rows_one_by_one() {
        let harmonics = vec![1440.0, 720.0, 10_080.0];
        let rows = Waves::new(harmonics.clone(), 1.0).rows(500);
        for (i, row) in rows.chunks(8).enumerate() {
            let want = column(&harmonics, i as f64);
            assert!(row.iter().zip(&want).all(|(a, b)| (a - b).abs() < 1e-14));
        }
    }
}
