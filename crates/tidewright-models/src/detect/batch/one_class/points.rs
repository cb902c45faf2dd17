//! Rows as the kernel reads them: scaled, eight side by side.
//!
//! With each value multiplied by the square root of gamma the kernel is `exp(-|x - y|^2)`. Differences are taken before
//! they are squared, so that values far from 0 lose nothing.

use tidewright_numerics::simd::{Kernel, Lanes, Lines, WIDTH, exp, run};

/// Rows, in bundles of eight: the first column of all eight, then the second.
#[derive(Clone, Debug)]
pub(super) struct Points {
    // Invariant: whole bundles, the last one filled up with zeros.
    lines: Lines,
    count: usize,
    columns: usize,
    scale: f64,
}

impl Points {
    /// Takes rows of `columns` values each.
    pub(super) fn new<'a>(
        rows: impl ExactSizeIterator<Item = &'a [f64]>,
        columns: usize,
        gamma: f64,
    ) -> Self {
        let (count, scale) = (rows.len(), gamma.sqrt());
        let mut lines = Lines::zeros(count.div_ceil(WIDTH) * columns * WIDTH);
        for (index, row) in rows.enumerate() {
            let bundle = index / WIDTH * columns;
            for (column, value) in row.iter().enumerate() {
                lines.rows_mut()[bundle + column][index % WIDTH] = value * scale;
            }
        }
        Self { lines, count, columns, scale }
    }

    pub(super) const fn count(&self) -> usize {
        self.count
    }

    pub(super) const fn columns(&self) -> usize {
        self.columns
    }

    /// One of them, scaled.
    pub(super) fn point(&self, index: usize) -> Vec<f64> {
        let bundle = &self.lines.rows()[index / WIDTH * self.columns..][..self.columns];
        bundle.iter().map(|line| line[index % WIDTH]).collect()
    }

    /// Some of them.
    pub(super) fn some(&self, which: &[usize]) -> Self {
        let rows: Vec<Vec<f64>> = which.iter().map(|index| self.point(*index)).collect();
        // They are scaled already.
        let some = Self::new(rows.iter().map(Vec::as_slice), self.columns, 1.0);
        Self { scale: self.scale, ..some }
    }

    /// Another row, scaled like them.
    pub(super) fn place(&self, row: &[f64]) -> Vec<f64> {
        row.iter().map(|value| value * self.scale).collect()
    }

    /// How near a scaled point is to each of them, and to what fills up the last bundle.
    pub(super) fn nearness(&self, point: &[f64], out: &mut Lines) {
        run(Nearness { points: self, point, out: out.rows_mut() });
    }

    /// The nearness to each of them, times its weight, added up; a missing weight is 0.
    pub(super) fn weigh(&self, point: &[f64], weights: &[f64]) -> f64 {
        run(Weigh { points: self, point, weights })
    }
}

struct Nearness<'a> {
    points: &'a Points,
    point: &'a [f64],
    out: &'a mut [[f64; WIDTH]],
}

struct Weigh<'a> {
    points: &'a Points,
    point: &'a [f64],
    weights: &'a [f64],
}

impl Kernel for Nearness<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let bundles = self.points.lines.rows().chunks_exact(self.points.columns);
        for (bundle, out) in bundles.zip(self.out) {
            near::<L>(bundle, self.point).store(out);
        }
    }
}

impl Kernel for Weigh<'_> {
    type Output = f64;

    #[inline(always)]
    fn run<L: Lanes>(self) -> f64 {
        let mut bundles = self.points.lines.rows().chunks_exact(self.points.columns);
        let (weights, rest) = self.weights.as_chunks::<WIDTH>();
        let mut sum = L::splat(0.0);
        for (bundle, weights) in bundles.clone().zip(weights) {
            sum = near::<L>(bundle, self.point).mul_add(L::load(weights), sum);
        }
        let mut last = [0.0; WIDTH];
        last[..rest.len()].copy_from_slice(rest);
        if let Some(bundle) = bundles.nth(weights.len()) {
            sum = near::<L>(bundle, self.point).mul_add(L::load(&last), sum);
        }
        sum.sum()
    }
}

/// `exp(-|x - y|^2)` of eight points and one.
#[inline(always)]
fn near<L: Lanes>(bundle: &[[f64; WIDTH]], point: &[f64]) -> L {
    let mut distance = L::splat(0.0);
    for (line, value) in bundle.iter().zip(point) {
        let apart = L::load(line).sub(L::splat(*value));
        distance = apart.mul_sub_from(apart, distance);
    }
    exp(distance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearness_is_the_kernel_of_the_rows() {
        let values: Vec<f64> = (0..33).map(|i| 1e6 + f64::from(i * i % 17)).collect();
        let points = Points::new(values.chunks_exact(3), 3, 0.01);
        let mut near = Lines::zeros(points.count());
        points.nearness(&points.point(9), &mut near);
        for (row, near) in values.chunks_exact(3).zip(near.iter()) {
            let distance: f64 = row.iter().zip(&values[27..]).map(|(a, b)| (a - b).powi(2)).sum();
            assert!((near - (-0.01 * distance).exp()).abs() < 1e-9);
        }
        let weights: Vec<f64> = (0..11).map(f64::from).collect();
        let sum: f64 = near.iter().zip(&weights).map(|(near, weight)| near * weight).sum();
        assert!((points.weigh(&points.point(9), &weights) - sum).abs() < 1e-9);
    }
}
