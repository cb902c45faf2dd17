//! Sines and cosines on a grid without a sine per point.
//!
//! A block of 128 rows is tabled once; the same table serves every block after a rotation by the phase at which the
//! block begins, because a shift in time only rotates each pair of coefficients. Columns are 1, then (sin, cos) per
//! harmonic, with phase 0 at offset 0.

use std::f64::consts::TAU;

/// Rows of a table: small enough for the first-level cache, large enough that rotations cost nothing.
pub(crate) const BLOCK: usize = 128;

/// The table of one step length and one set of harmonics.
#[derive(Clone, Debug)]
pub(crate) struct Waves {
    /// Row length: 1 + columns, rounded up to whole vectors; what is beyond stays zero.
    pub(crate) stride: usize,
    step_ms: f64,
    harmonics: Vec<f64>,
    /// `[BLOCK][stride]`, for sums over rows.
    rows: Vec<f64>,
    /// `[columns][BLOCK]` without the column of ones, for values per row.
    columns: Vec<f64>,
}

/// The padded length of a row with this many harmonics.
pub(crate) const fn stride_of(harmonics: usize) -> usize {
    (1 + 2 * harmonics).next_multiple_of(4)
}

/// Writes the row of one moment; `offset_ms` counts from where the phase is 0.
pub(crate) fn features(harmonics: &[f64], offset_ms: f64, row: &mut [f64]) {
    row.fill(0.0);
    row[0] = 1.0;
    for (harmonic, pair) in harmonics.iter().zip(row[1..].chunks_exact_mut(2)) {
        (pair[0], pair[1]) = sin_cos(*harmonic, offset_ms);
    }
}

pub(crate) fn sin_cos(period_ms: f64, offset_ms: f64) -> (f64, f64) {
    // The fraction first: a sine of millions loses digits.
    (TAU * (offset_ms / period_ms).fract()).sin_cos()
}

impl Waves {
    /// The table for rows `step_ms` apart.
    pub(crate) fn new(harmonics: Vec<f64>, step_ms: f64) -> Self {
        let stride = stride_of(harmonics.len());
        let mut rows = vec![0.0; BLOCK * stride];
        for (i, row) in rows.chunks_exact_mut(stride).enumerate() {
            features(&harmonics, i as f64 * step_ms, row);
        }
        let columns = (1..=2 * harmonics.len())
            .flat_map(|column| rows.chunks_exact(stride).map(move |row| row[column]))
            .collect();
        Self { stride, step_ms, harmonics, rows, columns }
    }

    /// Adds `sum y x` and `sum i y x` over `values`, whose first row is `first`; NaN counts as absent.
    pub(crate) fn project(&self, values: &[f64], first: usize, sums: &mut [f64]) {
        let mut local = vec![0.0; 2 * self.stride];
        let mut row = first;
        let mut rest = values;
        while !rest.is_empty() {
            let within = row % BLOCK;
            let (piece, after) = rest.split_at(rest.len().min(BLOCK - within));
            self.sum_block(piece, within, &mut local);
            self.turn_into(&local, row - within, sums);
            row += piece.len();
            rest = after;
        }
    }

    /// Sums of one block in the table's own phase, rows counted from where the block begins.
    fn sum_block(&self, piece: &[f64], within: usize, local: &mut [f64]) {
        // Once for all lanes; a gap adds nothing.
        let (mut still, mut moving) = ([0.0; BLOCK], [0.0; BLOCK]);
        for (i, value) in piece.iter().enumerate() {
            still[i] = if value.is_nan() { 0.0 } else { *value };
            moving[i] = still[i] * i as f64;
        }
        let piece = (&still[..piece.len()], &moving[..piece.len()]);
        let (plain, ramped) = local.split_at_mut(self.stride);
        let rows = &self.rows[within * self.stride..];
        for lane in (0..self.stride).step_by(4) {
            let (still, moving) = dot_lane(piece, rows, self.stride, lane);
            for i in 0..4 {
                plain[lane + i] = still[i];
                ramped[lane + i] = within as f64 * still[i] + moving[i];
            }
        }
    }

    /// Adds a block's sums to the whole's: rows and phases counted from 0 instead of from `base`.
    fn turn_into(&self, local: &[f64], base: usize, sums: &mut [f64]) {
        let (plain, ramped) = local.split_at(self.stride);
        let (all, all_ramped) = sums.split_at_mut(self.stride);
        let rebased = |c: usize| base as f64 * plain[c] + ramped[c];
        all[0] += plain[0];
        all_ramped[0] += rebased(0);
        for (h, harmonic) in self.harmonics.iter().enumerate() {
            let (sin, cos) = sin_cos(*harmonic, base as f64 * self.step_ms);
            let (s, c) = (1 + 2 * h, 2 + 2 * h);
            all[s] += cos * plain[s] + sin * plain[c];
            all[c] += cos * plain[c] - sin * plain[s];
            all_ramped[s] += cos * rebased(s) + sin * rebased(c);
            all_ramped[c] += cos * rebased(c) - sin * rebased(s);
        }
    }

    /// Adds `sum beta x` at each row; `offset_ms` is where the first row lies from phase 0.
    pub(crate) fn add_into(&self, beta: &[f64], offset_ms: f64, out: &mut [f64]) {
        for (block, rows) in out.chunks_mut(BLOCK).enumerate() {
            let offset = offset_ms + (block * BLOCK) as f64 * self.step_ms;
            for (h, pair) in beta.chunks_exact(2).enumerate() {
                let (sin, cos) = sin_cos(self.harmonics[h], offset);
                let on_sin = pair[0] * cos - pair[1] * sin;
                let on_cos = pair[0] * sin + pair[1] * cos;
                let (sines, cosines) = self.columns[2 * h * BLOCK..].split_at(BLOCK);
                for ((row, s), c) in rows.iter_mut().zip(sines).zip(cosines) {
                    *row += on_sin * s + on_cos * c;
                }
            }
        }
    }
}

/// `sum y x` and `sum i y x` for four neighbouring columns.
fn dot_lane(
    (plain, ramped): (&[f64], &[f64]),
    rows: &[f64],
    stride: usize,
    lane: usize,
) -> ([f64; 4], [f64; 4]) {
    let (mut still, mut moving) = ([0.0; 4], [0.0; 4]);
    for ((y, ramp), row) in plain.iter().zip(ramped).zip(rows.chunks_exact(stride)) {
        for (c, x) in row[lane..lane + 4].iter().enumerate() {
            still[c] += y * x;
            moving[c] += ramp * x;
        }
    }
    (still, moving)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_by_blocks_equal_sums_by_rows() {
        let harmonics = vec![1440.0, 720.0, 10_080.0];
        let waves = Waves::new(harmonics.clone(), 1.0);
        let values: Vec<f64> = (0..500).map(|i| f64::from(i * 7 % 31)).collect();
        let (mut fast, mut slow) = (vec![0.0; 16], vec![0.0; 16]);
        waves.project(&values, 77, &mut fast);
        let mut row = [0.0; 8];
        for (i, y) in values.iter().enumerate() {
            features(&harmonics, (77 + i) as f64, &mut row);
            for c in 0..8 {
                slow[c] += y * row[c];
                slow[8 + c] += y * row[c] * (77 + i) as f64;
            }
        }
        let worst = fast.iter().zip(&slow).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(worst < 1e-6, "{worst}");
    }

    #[test]
    fn values_by_blocks_equal_values_by_rows() {
        let harmonics = vec![1440.0, 720.0];
        let beta = [0.3, -1.0, 2.0, 0.7];
        let mut fast = vec![0.0; 400];
        Waves::new(harmonics.clone(), 1.0).add_into(&beta, 33.0, &mut fast);
        let mut row = [0.0; 8];
        for (i, value) in fast.iter().enumerate() {
            features(&harmonics, 33.0 + i as f64, &mut row);
            let want: f64 = row[1..5].iter().zip(beta).map(|(x, b)| x * b).sum();
            assert!((value - want).abs() < 1e-12);
        }
    }
}
