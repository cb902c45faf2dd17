//! Sums over numbers, and over rows of features: `sum w x` and `sum w x x'`.
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

/// What one look at numbers tells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outline {
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// All together.
    pub sum: f64,
}

impl Outline {
    /// Looks at numbers, none of them NaN; of none the smallest is infinite.
    pub fn of(numbers: &[f64]) -> Self {
        run(Look { numbers })
    }
}

/// `sum a b` over the shorter of both.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    run(Dot { a, b })
}

impl Table<'_> {
    /// Adds `sum w t^a x` over the picked rows to `out`, one row per power `a` from 0; weights and times go with the picks.
    pub fn add_powers<const N: usize>(
        self,
        picks: impl Iterator<Item = usize> + Clone,
        (weights, times): (&[f64], &[f64]),
        out: &mut [f64],
    ) {
        run(Powers::<N, _> { table: self, picks, weights, times, out });
    }

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

struct Look<'a> {
    numbers: &'a [f64],
}

impl Kernel for Look<'_> {
    type Output = Outline;

    #[inline(always)]
    fn run<L: Lanes>(self) -> Outline {
        let (chunks, rest) = self.numbers.as_chunks::<WIDTH>();
        let mut sum = L::splat(0.0);
        let (mut min, mut max) = (L::splat(f64::INFINITY), L::splat(f64::NEG_INFINITY));
        for chunk in chunks {
            let numbers = L::load(chunk);
            (sum, min, max) = (sum.add(numbers), numbers.min(min), numbers.max(max));
        }
        let (mut low, mut high) = ([0.0; WIDTH], [0.0; WIDTH]);
        min.store(&mut low);
        max.store(&mut high);
        let mut outline = Outline { min: f64::INFINITY, max: f64::NEG_INFINITY, sum: sum.sum() };
        for number in low.iter().chain(rest) {
            outline.min = outline.min.min(*number);
        }
        for number in high.iter().chain(rest) {
            outline.max = outline.max.max(*number);
        }
        outline.sum += rest.iter().sum::<f64>();
        outline
    }
}

struct Dot<'a> {
    a: &'a [f64],
    b: &'a [f64],
}

impl Kernel for Dot<'_> {
    type Output = f64;

    #[inline(always)]
    fn run<L: Lanes>(self) -> f64 {
        let len = self.a.len().min(self.b.len());
        let (a, rest_a) = self.a[..len].as_chunks::<WIDTH>();
        let (b, rest_b) = self.b[..len].as_chunks::<WIDTH>();
        let mut sum = L::splat(0.0);
        for (a, b) in a.iter().zip(b) {
            sum = L::load(a).mul_add(L::load(b), sum);
        }
        let mut total = sum.sum();
        for (a, b) in rest_a.iter().zip(rest_b) {
            total += a * b;
        }
        total
    }
}

struct Powers<'a, const N: usize, I> {
    table: Table<'a>,
    picks: I,
    weights: &'a [f64],
    times: &'a [f64],
    out: &'a mut [f64],
}

impl<const N: usize, I: Iterator<Item = usize> + Clone> Kernel for Powers<'_, N, I> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Table { rows, stride } = self.table;
        let (out, lines) = (self.out.as_chunks_mut::<WIDTH>().0, stride / WIDTH);
        for block in 0..lines {
            let mut sums = [L::splat(0.0); N];
            for ((pick, weight), t) in self.picks.clone().zip(self.weights).zip(self.times) {
                let x = L::load(&rows[pick * stride..][..stride].as_chunks().0[block]);
                let mut factor = *weight;
                for sum in &mut sums {
                    *sum = L::splat(factor).mul_add(x, *sum);
                    factor *= t;
                }
            }
            for (power, sum) in sums.iter().enumerate() {
                let target = &mut out[power * lines + block];
                L::load(target).add(*sum).store(target);
            }
        }
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
            // Two sums: one would wait for itself.
            let (mut even, mut odd) = (L::load(out), L::splat(0.0));
            for (pick, weight) in self.picks.clone().zip(self.weights) {
                let row = &rows[pick * stride..][..stride].as_chunks().0[block];
                let next = L::splat(*weight).mul_add(L::load(row), odd);
                (even, odd) = (next, even);
            }
            even.add(odd).store(out);
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
    fn one_look_tells_what_many_would() {
        for len in [0, 1, 7, 8, 9, 100] {
            let numbers: Vec<f64> = (0..len).map(|i| f64::from(i * 37 % 101) - 50.0).collect();
            let outline = Outline::of(&numbers);
            assert_eq!(outline.min, numbers.iter().copied().fold(f64::INFINITY, f64::min));
            assert_eq!(outline.max, numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max));
            assert_eq!(outline.sum, numbers.iter().sum::<f64>());
            let squares: f64 = numbers.iter().map(|x| x * x).sum();
            assert_eq!(dot(&numbers, &numbers), squares);
        }
    }

    #[test]
    fn sums_over_rows_are_what_they_say() {
        let stride = 16;
        let rows: Vec<f64> = (0..9 * stride).map(|i| f64::from(i as u32 * 7 % 13) - 6.0).collect();
        let table = Table { rows: &rows, stride };
        let (picks, weights) = ([0, 2, 3, 7, 8], [1.0, -0.5, 2.0, 0.0, 3.0]);
        let (mut edge, mut square) = (vec![1.0; stride], vec![1.0; stride * stride]);
        table.add_weighted(picks.into_iter(), &weights, &mut edge);
        table.add_outer(picks.into_iter(), &weights, &mut square);
        let times = [0.5, 0.0, 1.0, -1.0, 2.0];
        let mut powers = vec![1.0; 3 * stride];
        table.add_powers::<3>(picks.into_iter(), (&weights, &times), &mut powers);
        for (power, sums) in powers.chunks(stride).enumerate() {
            let row = |r: usize| weights[r] * f64::powi(times[r], power as i32);
            for (i, sum) in sums.iter().enumerate() {
                let want: f64 = (0..5).map(|r| row(r) * rows[picks[r] * stride + i]).sum();
                assert!((sum - 1.0 - want).abs() < 1e-12);
            }
        }
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
