//! Sums over rows of features: `sum w x` and `sum w x x'`.
//!
//! Rows lie one after another, each padded to whole lines of [`WIDTH`]; some of them are picked, and results are added to
//! what is there. What the weights mean, and which rows belong together, is the caller's.

use crate::simd::{Kernel, Lanes, WIDTH, run};

/// Rows of `stride` numbers.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    /// The numbers, row by row.
    pub rows: &'a [f64],
    /// The length of a row: whole lines.
    pub stride: usize,
}

impl Table<'_> {
    /// Adds `sum w x` over the picked rows to `out`; weights go with the picks.
    pub fn add_weighted(
        self,
        picks: impl Iterator<Item = usize> + Clone,
        weights: &[f64],
        out: &mut [f64],
    ) {
        run(Weighted { table: self, picks, weights, out });
    }

    /// Adds `sum w x x'` over the picked rows to the square matrix `out`, both triangles; weights go with the picks.
    pub fn add_outer(
        self,
        picks: impl Iterator<Item = usize> + Clone,
        weights: &[f64],
        out: &mut [f64],
    ) {
        run(Outer { table: self, picks, weights, out });
    }
}

struct Weighted<'a, I> {
    table: Table<'a>,
    picks: I,
    weights: &'a [f64],
    out: &'a mut [f64],
}

impl<I: Iterator<Item = usize> + Clone> Kernel for Weighted<'_, I> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Table { rows, stride } = self.table;
        for (block, out) in self.out.as_chunks_mut::<WIDTH>().0.iter_mut().enumerate() {
            let mut sum = L::load(out);
            for (pick, weight) in self.picks.clone().zip(self.weights) {
                let row = &rows[pick * stride..][..stride].as_chunks().0[block];
                sum = L::splat(*weight).mul_add(L::load(row), sum);
            }
            sum.store(out);
        }
    }
}

struct Outer<'a, I> {
    table: Table<'a>,
    picks: I,
    weights: &'a [f64],
    out: &'a mut [f64],
}

impl<I: Iterator<Item = usize> + Clone> Kernel for Outer<'_, I> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(mut self) {
        let lines = self.table.stride / WIDTH;
        for above in 0..lines {
            for right in above..lines {
                self.block::<L>(above, right);
            }
        }
    }
}

impl<I: Iterator<Item = usize> + Clone> Outer<'_, I> {
    /// One block of eight by eight, and its mirror image.
    #[inline(always)]
    fn block<L: Lanes>(&mut self, above: usize, right: usize) {
        let Table { rows, stride } = self.table;
        let mut sums = [L::splat(0.0); WIDTH];
        for (pick, weight) in self.picks.clone().zip(self.weights) {
            let lines = rows[pick * stride..][..stride].as_chunks::<WIDTH>().0;
            let columns = L::load(&lines[right]).mul(L::splat(*weight));
            for (sum, x) in sums.iter_mut().zip(&lines[above]) {
                *sum = L::splat(*x).mul_add(columns, *sum);
            }
        }
        let out = self.out.as_chunks_mut::<WIDTH>().0;
        let lines = stride / WIDTH;
        for (i, sum) in sums.iter().enumerate() {
            let target = &mut out[(above * WIDTH + i) * lines + right];
            L::load(target).add(*sum).store(target);
        }
        if above == right {
            return;
        }
        let mut block = [[0.0; WIDTH]; WIDTH];
        for (sum, row) in sums.iter().zip(&mut block) {
            sum.store(row);
        }
        for (j, target) in (0..WIDTH).map(|j| (j, (right * WIDTH + j) * lines + above)) {
            for (i, row) in block.iter().enumerate() {
                out[target][i] += row[j];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_over_rows_are_what_they_say() {
        let stride = 16;
        let rows: Vec<f64> = (0..9 * stride).map(|i| f64::from(i as u32 * 7 % 13) - 6.0).collect();
        let table = Table { rows: &rows, stride };
        let (picks, weights) = ([0, 2, 3, 7, 8], [1.0, -0.5, 2.0, 0.0, 3.0]);
        let (mut edge, mut square) = (vec![1.0; stride], vec![1.0; stride * stride]);
        table.add_weighted(picks.into_iter(), &weights, &mut edge);
        table.add_outer(picks.into_iter(), &weights, &mut square);
        let each = |f: &dyn Fn(&[f64]) -> f64| -> f64 {
            picks.iter().zip(weights).map(|(r, w)| w * f(&rows[r * stride..])).sum()
        };
        for i in 0..stride {
            assert!((edge[i] - 1.0 - each(&|x| x[i])).abs() < 1e-12);
            for j in 0..stride {
                assert!((square[i * stride + j] - 1.0 - each(&|x| x[i] * x[j])).abs() < 1e-12);
            }
        }
    }
}
