//! The optimum, by sequential minimal optimisation: two weights at a time, their sum kept.
//!
//! The pair is the one of LIBSVM (Fan, Chen and Lin 2005): `i` may grow and has the least gradient, `j` may shrink and gains
//! most with it by the second order. It ends when no pair differs by more than the tolerance; `rho` is then the gradient of
//! the weights between the bounds.
//!
//! Unlike LIBSVM it starts from the rows in the least company, which mostly end outside; it keeps all gradients whole,
//! without shrinking; and it computes columns of the kernel again rather than keep them, which costs less for tens of columns
//! and leaves memory in proportion to the rows.

mod pair;

use tidewright_numerics::simd::{Lines, WIDTH};

use super::BatchError;
use super::points::Points;
use pair::{Ascent, Descent, Gain, add_columns, most};

/// Rows that stand for all when company is first looked at.
const SAMPLE: usize = 64;
/// Steps for each row, and for few rows, before the solver gives up; it needs less than one for each row as a rule.
const STEPS_PER_ROW: usize = 100;
const STEPS_MIN: usize = 1_000_000;
/// Two rows that are copies have no curvature between them; this stands in for it, as in LIBSVM.
const CURVATURE_MIN: f64 = 1e-12;

/// Weights of all rows, and the offset.
pub(super) struct Solution {
    pub(super) weights: Vec<f64>,
    pub(super) rho: f64,
}

/// Where the solver is.
struct State {
    /// Weights, between 0 and 1.
    weights: Vec<f64>,
    /// `K a`.
    gradient: Lines,
    /// 0 where the weight may grow, infinite where it may not.
    full: Lines,
    /// 0 where the weight may shrink, minus infinite where it may not.
    empty: Lines,
}

/// Finds the weights; `tolerance` is how far gradients may be apart.
pub(super) fn solve(points: &Points, nu: f64, tolerance: f64) -> Result<Solution, BatchError> {
    let mut state = State::new(points, nu);
    let mut columns = [Lines::zeros(points.count()), Lines::zeros(points.count())];
    let steps = STEPS_MIN.max(STEPS_PER_ROW.saturating_mul(points.count()));
    for _ in 0..steps {
        if !state.step(points, &mut columns, tolerance) {
            let rho = state.rho();
            return Ok(Solution { weights: state.weights, rho });
        }
    }
    Err(BatchError::Unsolved { steps })
}

impl State {
    fn new(points: &Points, nu: f64) -> Self {
        let count = points.count();
        let weights = first_weights(points, nu);
        let held = |index: &usize| weights[*index] > 0.0;
        let (held, of_held): (Vec<usize>, Vec<f64>) =
            (0..count).filter(held).map(|index| (index, weights[index])).unzip();
        let mut gradient = Lines::zeros(count);
        weigh_all(points, &held, &of_held, &mut gradient);
        let padded = count.next_multiple_of(WIDTH);
        let mut full = Lines::from(vec![f64::INFINITY; padded].as_slice());
        let mut empty = Lines::from(vec![f64::NEG_INFINITY; padded].as_slice());
        for (index, weight) in weights.iter().enumerate() {
            (full[index], empty[index]) = room(*weight);
        }
        Self { weights, gradient, full, empty }
    }

    /// Changes one pair of weights; `false` if none is worth it.
    fn step(&mut self, points: &Points, columns: &mut [Lines; 2], tolerance: f64) -> bool {
        let (gradient, full, empty) = (&*self.gradient, &*self.full, &*self.empty);
        let Some((i, ascent)) = most(Ascent { gradient, full }) else { return false };
        let lowest = -ascent;
        let highest = most(Descent { gradient, empty }).map_or(lowest, |(_, highest)| highest);
        if highest - lowest <= tolerance {
            return false;
        }
        let [column_i, column_j] = columns;
        points.nearness(&points.point(i), column_i);
        let gain = Gain { gradient, empty, column: column_i, lowest };
        let Some((j, _)) = most(gain) else { return false };
        points.nearness(&points.point(j), column_j);
        let curvature = (2.0 - 2.0 * column_i[j]).max(CURVATURE_MIN);
        let wanted = (self.gradient[j] - lowest) / curvature;
        let (free_i, free_j) = (1.0 - self.weights[i], self.weights[j]);
        let moved = wanted.min(free_i).min(free_j);
        // What reaches a bound is put there, so that round-off cannot leave it just beside.
        self.weights[i] = if moved == free_i { 1.0 } else { self.weights[i] + moved };
        self.weights[j] = if moved == free_j { 0.0 } else { self.weights[j] - moved };
        for index in [i, j] {
            (self.full[index], self.empty[index]) = room(self.weights[index]);
        }
        add_columns(&mut self.gradient, (column_i, moved), (column_j, -moved));
        true
    }

    /// The gradient between the bounds, or the middle of what the bounds leave open.
    fn rho(&self) -> f64 {
        let (mut sum, mut between) = (0.0, 0.0);
        let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
        for (weight, gradient) in self.weights.iter().zip(self.gradient.iter()) {
            if *weight >= 1.0 {
                low = low.max(*gradient);
            } else if *weight <= 0.0 {
                high = high.min(*gradient);
            } else {
                sum += gradient;
                between += 1.0;
            }
        }
        match (between > 0.0, low.is_finite(), high.is_finite()) {
            (true, _, _) => sum / between,
            (false, true, true) => f64::midpoint(low, high),
            (false, true, false) => low,
            (false, false, _) => high,
        }
    }
}

/// `nu n` in all, 1 for each row in the least company and what is left for the next.
fn first_weights(points: &Points, nu: f64) -> Vec<f64> {
    let count = points.count();
    let sample: Vec<usize> = (0..count).step_by(count.div_ceil(SAMPLE)).collect();
    let mut company = vec![0.0; count];
    let alike = vec![1.0; sample.len()];
    weigh_all(points, &sample, &alike, &mut company);
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|a, b| company[*a].total_cmp(&company[*b]));
    let (total, mut weights) = (nu * count as f64, vec![0.0; count]);
    for (rank, index) in order.into_iter().enumerate() {
        weights[index] = (total - rank as f64).clamp(0.0, 1.0);
    }
    weights
}

/// The nearness of all points to those in `held`, by their weights.
fn weigh_all(points: &Points, held: &[usize], weights: &[f64], out: &mut [f64]) {
    let held = points.some(held);
    for (index, value) in out.iter_mut().enumerate().take(points.count()) {
        *value = held.weigh(&points.point(index), weights);
    }
}

/// What `full` and `empty` say of a weight.
fn room(weight: f64) -> (f64, f64) {
    (
        if weight < 1.0 { 0.0 } else { f64::INFINITY },
        if weight > 0.0 { 0.0 } else { f64::NEG_INFINITY },
    )
}
