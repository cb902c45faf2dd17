//! Weighted sums over rows of features: `sum w x` and `sum w x x'`.
//!
//! Rows lie one after another, each padded to whole lines of [`WIDTH`]; results are added to what is there. What the
//! weights mean, and which rows belong together, is the caller's.

use crate::simd::{Kernel, Lanes, WIDTH, run};

/// Adds `sum w x` over rows of `stride` numbers to `out`.
pub fn add_weighted(rows: &[f64], stride: usize, weights: &[f64], out: &mut [f64]) {
    run(Weighted { rows, stride, weights, out });
}

/// Adds `sum w x x'` over rows of `stride` numbers to the square matrix `out`, both triangles.
pub fn add_outer(rows: &[f64], stride: usize, weights: &[f64], out: &mut [f64]) {
    run(Outer { rows, stride, weights, out });
}

struct Weighted<'a> {
    rows: &'a [f64],
    stride: usize,
    weights: &'a [f64],
    out: &'a mut [f64],
}

impl Kernel for Weighted<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let lines = self.stride / WIDTH;
        for (block, out) in self.out.as_chunks_mut::<WIDTH>().0.iter_mut().take(lines).enumerate() {
            let mut sum = L::load(out);
            for (row, weight) in self.rows.chunks_exact(self.stride).zip(self.weights) {
                sum = L::splat(*weight).mul_add(L::load(&row.as_chunks().0[block]), sum);
            }
            sum.store(out);
        }
    }
}

struct Outer<'a> {
    rows: &'a [f64],
    stride: usize,
    weights: &'a [f64],
    out: &'a mut [f64],
}

impl Kernel for Outer<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(mut self) {
        let lines = self.stride / WIDTH;
        for above in 0..lines {
            for right in above..lines {
                self.block::<L>(above, right);
            }
        }
    }
}

impl Outer<'_> {
    /// One block of eight by eight, and its mirror image.
    #[inline(always)]
    fn block<L: Lanes>(&mut self, above: usize, right: usize) {
        let mut sums = [L::splat(0.0); WIDTH];
        for (row, weight) in self.rows.chunks_exact(self.stride).zip(self.weights) {
            let lines = row.as_chunks::<WIDTH>().0;
            let columns = L::load(&lines[right]).mul(L::splat(*weight));
            for (sum, x) in sums.iter_mut().zip(&lines[above]) {
                *sum = L::splat(*x).mul_add(columns, *sum);
            }
        }
        let mut block = [[0.0; WIDTH]; WIDTH];
        for (sum, row) in sums.iter().zip(&mut block) {
            sum.store(row);
        }
        for (i, row) in block.iter().enumerate() {
            for (j, sum) in row.iter().enumerate() {
                let (i, j) = (above * WIDTH + i, right * WIDTH + j);
                self.out[i * self.stride + j] += sum;
                if above != right {
                    self.out[j * self.stride + i] += sum;
                }
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
        let rows: Vec<f64> = (0..5 * stride).map(|i| f64::from(i as u32 * 7 % 13) - 6.0).collect();
        let weights = [1.0, -0.5, 2.0, 0.0, 3.0];
        let (mut edge, mut square) = (vec![1.0; stride], vec![1.0; stride * stride]);
        add_weighted(&rows, stride, &weights, &mut edge);
        add_outer(&rows, stride, &weights, &mut square);
        let each = |f: &dyn Fn(&[f64]) -> f64| -> f64 {
            rows.chunks(stride).zip(weights).map(|(x, w)| w * f(x)).sum()
        };
        for i in 0..stride {
            assert!((edge[i] - 1.0 - each(&|x| x[i])).abs() < 1e-12);
            for j in 0..stride {
                assert!((square[i * stride + j] - 1.0 - each(&|x| x[i] * x[j])).abs() < 1e-12);
            }
        }
    }
}
