//! A window that moves on with time: refits that never look at the whole window again.
//!
//! When a window moves by a few rows, the same few rows change sides at each changepoint, some leave and some enter. The
//! sums of the values follow from those rows alone; then rows are counted, and waves turned, from the new first row. The
//! fit starts from the last one. Rounding adds up, so after a thousand moves the sums are made anew.

use tidewright_core::Timestamp;
use tidewright_numerics::Table;
use tidewright_numerics::simd::Lines;

use super::fit::ProphetFit;
use super::moments::Detail;
use super::pass::{Gaps, Sums, sum};
use super::plan::GridPlan;
use crate::FitError;

/// Moves after which sums are made anew, so that rounding cannot add up without end.
const MOVES_MAX: usize = 1000;
/// A window that moves by more is summed anew: that costs no more.
pub(super) const STEP_MAX: usize = 128;

/// The sums and the fit of a window.
#[derive(Clone, Debug)]
pub struct Sliding {
    start: Timestamp,
    /// None while the window has gaps.
    sums: Option<Sums>,
    moves: usize,
    fit: ProphetFit,
}

impl Sliding {
    /// Begins with the window on the plan's own grid.
    ///
    /// # Errors
    /// As [`GridPlan::fit`].
    pub fn new(plan: &GridPlan, values: &[f64]) -> Result<Self, FitError> {
        let start = plan.grid().start();
        let fit = plan.fit(values)?;
        let sums = Self::sums(plan, values);
        Ok(Self { start, sums, moves: 0, fit })
    }

    /// The fit of the window as it is.
    pub const fn fit(&self) -> &ProphetFit {
        &self.fit
    }

    /// When the window begins.
    pub const fn start(&self) -> Timestamp {
        self.start
    }

    /// Moves the window on: `values` are the window as it was and, after it, the new ones.
    ///
    /// # Errors
    /// As [`GridPlan::fit`]; the window then stays where it was.
    pub fn advance(&mut self, plan: &GridPlan, values: &[f64]) -> Result<&ProphetFit, FitError> {
        let len = plan.grid().len();
        let Some(by) = values.len().checked_sub(len) else {
            return Err(FitError::Length { points: len, values: values.len() });
        };
        let start = self.start.plus_millis(by as i64 * plan.grid().step_ms());
        let window = &values[by..];
        let moved = if by <= STEP_MAX && self.moves < MOVES_MAX {
            self.sums.as_ref().and_then(|sums| plan.moved(sums, values, by))
        } else {
            None
        };
        let moves = if moved.is_some() { self.moves + 1 } else { 0 };
        let sums = moved.or_else(|| Self::sums(plan, window));
        let fit = match &sums {
            Some(sums) => plan.fit_sums((start, sums), plan.turned(&self.fit, by).as_ref())?,
            None => plan.fit_from(start, window)?,
        };
        *self = Self { start, sums, moves, fit };
        Ok(&self.fit)
    }

    fn sums(plan: &GridPlan, values: &[f64]) -> Option<Sums> {
        let sums = sum(values, plan.shape(plan.whole()), Gaps::Tell);
        (!sums.gaps).then_some(sums)
    }
}

impl GridPlan {
    /// The sums of a window that moved by some rows; `None` if a row that enters is missing.
    fn moved(&self, before: &Sums, values: &[f64], by: usize) -> Option<Sums> {
        let len = self.grid().len();
        let (left, entered) = (&values[..by], &values[len..]);
        if entered.iter().any(|value| value.is_nan()) {
            return None;
        }
        let mut sums = before.clone();
        let square = |values: &[f64]| values.iter().map(|value| value * value).sum::<f64>();
        sums.square += square(entered) - square(left);
        let lost = |value: &f64| *value <= before.min || *value >= before.max;
        let seen = if left.iter().any(lost) { &values[by..] } else { entered };
        if seen.len() == len {
            (sums.min, sums.max) = (f64::INFINITY, f64::NEG_INFINITY);
        }
        for value in seen {
            sums.min = if *value < sums.min { *value } else { sums.min };
            sums.max = if *value > sums.max { *value } else { sums.max };
        }
        self.cross(&mut sums, values, by);
        self.recount(&mut sums, by);
        Some(sums)
    }

    /// Hands the rows after each bound on to the segment before it.
    fn cross(&self, sums: &mut Sums, values: &[f64], by: usize) {
        let bounds = &self.whole().bounds;
        // All at once: each place is a wait for memory, and the waits overlap.
        let crossing: Vec<f64> =
            bounds.iter().flat_map(|&bound| values[bound..bound + by].iter().copied()).collect();
        let last = bounds.len() - 1;
        for (number, (bound, plain)) in bounds.iter().zip(crossing.chunks_exact(by)).enumerate() {
            let (mut sum, mut ramp) = (0.0, 0.0);
            for (row, value) in (*bound..).zip(plain) {
                sum += value;
                ramp += row as f64 * value;
            }
            let [before, after] = [(number.checked_sub(1), 1.0), (Some(number), -1.0)];
            for (segment, sign) in [before, after] {
                if let Some(ones) = segment.and_then(|segment| sums.ones.get_mut(segment)) {
                    ones[0] += sign * sum;
                    ones[1] += sign * ramp;
                }
            }
            match self.detail() {
                Detail::Segments => self.cross_segments(sums, (number, *bound), plain),
                // Over all rows together, what only changes its segment cancels.
                Detail::Whole if number == 0 => {
                    self.add_waves(&mut sums.whole, *bound, plain, -1.0);
                }
                Detail::Whole if number == last => {
                    self.add_waves(&mut sums.whole, *bound, plain, 1.0);
                }
                Detail::Whole => {}
            }
        }
    }

    fn cross_segments(&self, sums: &mut Sums, (number, bound): (usize, usize), plain: &[f64]) {
        let (stride, _) = self.features();
        let mut own = Lines::zeros(2 * stride);
        let ramped: Vec<f64> = (bound..).zip(plain).map(|(row, y)| row as f64 * y).collect();
        self.add_waves(&mut own[..stride], bound, plain, 1.0);
        self.add_waves(&mut own[stride..], bound, &ramped, 1.0);
        let segments = sums.edges.chunks_exact_mut((2 * stride).max(1)).enumerate();
        // The one before the bound gains what the one after it loses.
        for (segment, edges) in segments.take(number + 1).skip(number.saturating_sub(1)) {
            let sign = if segment == number { -1.0 } else { 1.0 };
            edges.iter_mut().zip(own.iter()).for_each(|(sum, own)| *sum += sign * own);
        }
    }

    fn add_waves(&self, sums: &mut [f64], bound: usize, values: &[f64], sign: f64) {
        let (stride, rows) = self.features();
        let weights: Vec<f64> = values.iter().map(|value| sign * value).collect();
        Table { rows, stride }.add_weighted(bound..bound + values.len(), &weights, sums);
    }

    /// Counts rows, and turns waves, from the row `by`.
    fn recount(&self, sums: &mut Sums, by: usize) {
        let (stride, features) = self.features();
        let turn = &features[by * stride..][..stride];
        for ones in &mut sums.ones {
            ones[1] -= by as f64 * ones[0];
        }
        turn_back(&mut sums.whole, turn);
        for edges in sums.edges.chunks_exact_mut((2 * stride).max(1)) {
            let (plain, ramped) = edges.split_at_mut(stride);
            ramped.iter_mut().zip(&*plain).for_each(|(ramp, plain)| *ramp -= by as f64 * plain);
            turn_back(plain, turn);
            turn_back(ramped, turn);
        }
    }

    /// A fit's unknowns as they look from a window that moved by some rows: where the next search starts, if one does.
    fn turned(&self, fit: &ProphetFit, by: usize) -> Option<ProphetFit> {
        if self.detail() == Detail::Whole {
            return None;
        }
        let (stride, features) = self.features();
        let columns = fit.design.columns();
        let mut turned = fit.clone();
        for (pair, turn) in
            turned.x[..columns].chunks_exact_mut(2).zip(features[by * stride..].chunks(2))
        {
            let (a, b) = (pair[0], pair[1]);
            (pair[0], pair[1]) = (a * turn[1] - b * turn[0], a * turn[0] + b * turn[1]);
        }
        let ahead = by as f64 / (self.grid().len() - 1).max(1) as f64;
        turned.x[columns + 1] += turned.x[columns] * ahead;
        Some(turned)
    }
}

/// Sums of sines and cosines, with the phase counted from `turn` on.
fn turn_back(sums: &mut [f64], turn: &[f64]) {
    for (pair, turn) in sums.chunks_exact_mut(2).zip(turn.chunks_exact(2)) {
        let (s, c) = (pair[0], pair[1]);
        (pair[0], pair[1]) = (s * turn[1] - c * turn[0], c * turn[1] + s * turn[0]);
    }
}
