//! The least sum of squares that a model's free numbers can reach.
//!
//! Gauss and Newton with Levenberg's and Marquardt's damping (Marquardt 1963). Misses are computed for eight vectors of
//! numbers at once, so one pass yields the slopes of seven of them, and another tries a whole ladder of dampings: no
//! damping is carried from step to step. It knows nothing of what the misses are misses of.

use tidewright_numerics::simd::{Kernel, Lanes, Lines, WIDTH, run};
use tidewright_numerics::{factor, solve_lower, solve_upper};

/// Dampings that are tried at once; the first is as good as none.
const LADDER: [f64; WIDTH] = [1e-9, 1e-3, 1e-2, 1e-1, 1.0, 1e1, 1e2, 1e4];
/// The step of a slope, relative to `1 + |x|`: errors of rounding and of curvature are about equal.
const SLOPE_STEP: f64 = 1e-6;
/// Free numbers stay within: beyond, partial autocorrelations are at their limit anyway.
const FREE_MAX: f64 = 60.0;

/// Misses as functions of free numbers, for up to eight vectors of them at once.
pub(super) trait Misses {
    /// Computes them; a vector for which there are none yields NaN.
    fn compute(&mut self, points: &[Vec<f64>]);

    /// One row a step, one vector of numbers a lane.
    fn rows(&self) -> &[[f64; WIDTH]];

    /// Factors by which the lanes count.
    fn scales(&self) -> [f64; WIDTH];

    /// Whether a free number is bounded like the others.
    fn is_bounded(&self, index: usize) -> bool;
}

/// Where a search stops.
#[derive(Clone, Copy, Debug)]
pub(super) struct Until {
    /// Steps at most.
    pub(super) steps: usize,
    /// A relative gain of a step below this ends the search.
    pub(super) gain: f64,
}

/// Free numbers and the sum of squares that they reach.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reached {
    pub(super) free: Vec<f64>,
    pub(super) squares: f64,
}

/// The best of these vectors.
pub(super) fn best_of(misses: &mut dyn Misses, points: &[Vec<f64>]) -> Reached {
    misses.compute(points);
    let squares = sums_of_squares(misses);
    let ranked = points.iter().zip(squares);
    let finite = ranked.filter(|(_, squares)| squares.is_finite());
    let best = finite.min_by(|a, b| a.1.total_cmp(&b.1));
    let (free, squares) = best.unwrap_or((&points[0], f64::INFINITY));
    Reached { free: free.clone(), squares }
}

/// Goes downhill from a point until it is level.
pub(super) fn descend(misses: &mut dyn Misses, from: Reached, until: Until) -> Reached {
    let mut at = from;
    for _ in 0..until.steps {
        if at.free.is_empty() || !at.squares.is_finite() || at.squares <= 0.0 {
            return at;
        }
        let slopes = Slopes::measure(misses, &at.free);
        let tried: Vec<Vec<f64>> =
            LADDER.iter().map(|damping| slopes.step(misses, &at.free, *damping)).collect();
        let next = best_of(misses, &tried);
        let gain = 1.0 - next.squares / at.squares;
        if next.squares < at.squares {
            at = next;
        }
        if gain.is_nan() || gain < until.gain {
            return at;
        }
    }
    at
}

fn sums_of_squares(misses: &dyn Misses) -> [f64; WIDTH] {
    let scales = misses.scales();
    let products = run(Products { left: misses.rows(), right: misses.rows() });
    std::array::from_fn(|lane| products[lane][lane] * scales[lane] * scales[lane])
}

/// The products of all slopes with each other and with the misses.
struct Slopes {
    /// `J'J`, row by row.
    curvature: Vec<f64>,
    /// `J'e`.
    gradient: Vec<f64>,
}

impl Slopes {
    fn measure(misses: &mut dyn Misses, at: &[f64]) -> Self {
        let count = at.len();
        let steps: Vec<f64> = at.iter().map(|x| SLOPE_STEP * (1.0 + x.abs())).collect();
        let mut points = vec![at.to_vec()];
        points.extend((0..count).map(|i| {
            let mut point = at.to_vec();
            // Inwards, so that a number at its bound has a slope too.
            point[i] -= steps[i].copysign(at[i]);
            point
        }));
        let mut base: Vec<f64> = Vec::new();
        let mut blocks: Vec<Lines> = Vec::new();
        for chunk in points.chunks(WIDTH) {
            misses.compute(chunk);
            let scales = misses.scales();
            if blocks.is_empty() {
                base = misses.rows().iter().map(|row| row[0] * scales[0]).collect();
            }
            blocks.push(differences(misses.rows(), &scales, &base));
        }
        if let Some(first) = blocks.first_mut() {
            first.rows_mut().iter_mut().zip(&base).for_each(|(row, base)| row[0] = *base);
        }
        let slope = |i: usize| -1.0 / steps[i].copysign(at[i]);
        Self::gather(&blocks, count, slope)
    }

    fn gather(blocks: &[Lines], count: usize, slope: impl Fn(usize) -> f64) -> Self {
        let mut made = Self { curvature: vec![0.0; count * count], gradient: vec![0.0; count] };
        for (a, left) in blocks.iter().enumerate() {
            for (b, right) in blocks.iter().enumerate().skip(a) {
                let products = run(Products { left: left.rows(), right: right.rows() });
                made.take(&products, (a * WIDTH, b * WIDTH), &slope);
            }
        }
        made
    }

    /// Columns count from the misses themselves, which are column 0.
    fn take(
        &mut self,
        products: &[[f64; WIDTH]; WIDTH],
        from: (usize, usize),
        slope: &impl Fn(usize) -> f64,
    ) {
        let count = self.gradient.len();
        for (i, row) in products.iter().enumerate() {
            for (k, product) in row.iter().enumerate() {
                let (i, k) = (from.0 + i, from.1 + k);
                match (i.checked_sub(1), k.checked_sub(1)) {
                    (None, Some(k)) if k < count => self.gradient[k] = product * slope(k),
                    (Some(i), Some(k)) if i < count && k < count => {
                        let product = product * slope(i) * slope(k);
                        self.curvature[i * count + k] = product;
                        self.curvature[k * count + i] = product;
                    }
                    _ => {}
                }
            }
        }
    }

    /// Where a damped step leads.
    fn step(&self, misses: &dyn Misses, at: &[f64], damping: f64) -> Vec<f64> {
        let count = at.len();
        let mut matrix = self.curvature.clone();
        let most = (0..count).map(|i| matrix[i * count + i]).fold(0.0, f64::max);
        for i in 0..count {
            let own = matrix[i * count + i];
            matrix[i * count + i] += damping * own + 1e-12 * most + f64::MIN_POSITIVE;
        }
        let mut change = self.gradient.clone();
        if factor(&mut matrix, count, count).is_err() {
            return at.to_vec();
        }
        solve_lower(&matrix, count, count, &mut change);
        solve_upper(&matrix, count, count, &mut change);
        let moved = at.iter().zip(change).map(|(x, change)| x - change);
        let bounded = |(i, x): (usize, f64)| {
            if misses.is_bounded(i) { x.clamp(-FREE_MAX, FREE_MAX) } else { x }
        };
        moved.enumerate().map(bounded).collect()
    }
}

/// How the misses of each lane differ from the base's.
fn differences(rows: &[[f64; WIDTH]], scales: &[f64; WIDTH], base: &[f64]) -> Lines {
    let mut out = Lines::zeros(rows.len() * WIDTH);
    for ((out, row), base) in out.rows_mut().iter_mut().zip(rows).zip(base) {
        for (lane, out) in out.iter_mut().enumerate() {
            *out = row[lane] * scales[lane] - base;
        }
    }
    out
}

/// All products of the lanes of two tables, added up over their rows.
struct Products<'a> {
    left: &'a [[f64; WIDTH]],
    right: &'a [[f64; WIDTH]],
}

impl Kernel for Products<'_> {
    type Output = [[f64; WIDTH]; WIDTH];

    #[inline(always)]
    fn run<L: Lanes>(self) -> [[f64; WIDTH]; WIDTH] {
        let mut sums = [L::splat(0.0); WIDTH];
        for (left, right) in self.left.iter().zip(self.right) {
            let right = L::load(right);
            for (sum, left) in sums.iter_mut().zip(left) {
                *sum = L::splat(*left).mul_add(right, *sum);
            }
        }
        let mut out = [[0.0; WIDTH]; WIDTH];
        for (sum, out) in sums.into_iter().zip(&mut out) {
            sum.store(out);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a exp(-b t)` against data that it can meet exactly.
    #[derive(Default)]
    struct Decay {
        rows: Lines,
    }

    impl Misses for Decay {
        fn compute(&mut self, points: &[Vec<f64>]) {
            self.rows.reset(20 * WIDTH);
            for (t, row) in self.rows.rows_mut().iter_mut().enumerate() {
                for (out, point) in row.iter_mut().zip(points) {
                    let t = t as f64 / 10.0;
                    *out = point[0] * (-point[1] * t).exp() - 3.0 * (-0.7 * t).exp();
                }
            }
        }

        fn rows(&self) -> &[[f64; WIDTH]] {
            self.rows.rows()
        }

        fn scales(&self) -> [f64; WIDTH] {
            [1.0; WIDTH]
        }

        fn is_bounded(&self, _: usize) -> bool {
            false
        }
    }

    #[test]
    fn the_numbers_that_made_the_data_are_found() {
        let mut decay = Decay::default();
        let from = best_of(&mut decay, &[vec![1.0, 0.0], vec![-1.0, 0.0]]);
        assert_eq!(from.free, [1.0, 0.0]);
        let found = descend(&mut decay, from, Until { steps: 50, gain: 1e-12 });
        assert!((found.free[0] - 3.0).abs() < 1e-5 && (found.free[1] - 0.7).abs() < 1e-5);
    }
}
