//! Normal equations of a weighted regression whose columns are slices of anything, also of one another.
//!
//! An autoregression's columns are the same values at different lags, so they are never copied: each is a slice. Four
//! by four products are summed at a time, which is what fits in registers. The order of additions is fixed.

use crate::simd::{Kernel, Lanes, WIDTH, run};

/// Columns on each side of one tile.
const TILE: usize = 4;

/// Sums of weighted products of every two columns: `a[i * p + j] = sum(w x_i x_j)`, all `p * p` of them.
///
/// # Panics
/// If a column is not as long as the weights.
pub fn weighted_gram(columns: &[&[f64]], weights: &[f64]) -> Vec<f64> {
    let p = columns.len();
    assert!(
        columns.iter().all(|column| column.len() == weights.len()),
        "columns are as long as weights"
    );
    let mut sums = vec![0.0; p * p];
    for row in (0..p).step_by(TILE) {
        for column in (row..p).step_by(TILE) {
            let tile =
                run(Tile { left: four(columns, row), right: four(columns, column), weights });
            spread(&mut sums, p, (row, column), &tile);
        }
    }
    sums
}

/// The four columns from `from` on; the last one again where there are no more.
fn four<'a>(columns: &[&'a [f64]], from: usize) -> [&'a [f64]; TILE] {
    std::array::from_fn(|i| columns[(from + i).min(columns.len() - 1)])
}

fn spread(sums: &mut [f64], p: usize, (row, column): (usize, usize), tile: &[[f64; TILE]; TILE]) {
    for (i, line) in tile.iter().enumerate().take(p.saturating_sub(row)) {
        for (j, sum) in line.iter().enumerate().take(p.saturating_sub(column)) {
            sums[(row + i) * p + column + j] = *sum;
            sums[(column + j) * p + row + i] = *sum;
        }
    }
}

struct Tile<'a> {
    left: [&'a [f64]; TILE],
    right: [&'a [f64]; TILE],
    weights: &'a [f64],
}

impl Kernel for Tile<'_> {
    type Output = [[f64; TILE]; TILE];

    #[inline(always)]
    fn run<L: Lanes>(self) -> Self::Output {
        let (weights, rest) = self.weights.as_chunks::<WIDTH>();
        let done = weights.len() * WIDTH;
        let left = [
            chunks(self.left[0]),
            chunks(self.left[1]),
            chunks(self.left[2]),
            chunks(self.left[3]),
        ];
        let right = [
            chunks(self.right[0]),
            chunks(self.right[1]),
            chunks(self.right[2]),
            chunks(self.right[3]),
        ];
        let mut sums = [[L::splat(0.0); TILE]; TILE];
        for (index, weight) in weights.iter().enumerate() {
            let weight = L::load(weight);
            let mut beside = [weight; TILE];
            for j in 0..TILE {
                beside[j] = L::load(&right[j][index]);
            }
            for i in 0..TILE {
                let weighted = L::load(&left[i][index]).mul(weight);
                for j in 0..TILE {
                    sums[i][j] = weighted.mul_add(beside[j], sums[i][j]);
                }
            }
        }
        let mut out = [[0.0; TILE]; TILE];
        for i in 0..TILE {
            for j in 0..TILE {
                let mut sum = sums[i][j].sum();
                for (offset, weight) in rest.iter().enumerate() {
                    sum += weight * self.left[i][done + offset] * self.right[j][done + offset];
                }
                out[i][j] = sum;
            }
        }
        out
    }
}

#[inline(always)]
fn chunks(column: &[f64]) -> &[[f64; WIDTH]] {
    column.as_chunks().0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Random;

    #[test]
    fn every_pair_is_summed_whatever_the_length() {
        let mut random = Random::new(4);
        for (rows, p) in [(3, 1), (8, 4), (37, 5), (100, 11)] {
            let data: Vec<f64> = (0..rows + 20).map(|_| random.normal()).collect();
            let weights: Vec<f64> = (0..rows).map(|_| random.uniform()).collect();
            let columns: Vec<&[f64]> = (0..p).map(|lag| &data[20 - lag..][..rows]).collect();
            let sums = weighted_gram(&columns, &weights);
            for (i, left) in columns.iter().enumerate() {
                for (j, right) in columns.iter().enumerate() {
                    let plain: f64 = (0..rows).map(|t| weights[t] * left[t] * right[t]).sum();
                    assert!((sums[i * p + j] - plain).abs() < 1e-12, "{rows} {p} {i} {j}");
                }
            }
        }
    }
}
