//! Finds the optimum: a proximal Newton method in the unknowns, a closed form in the noise variance.
//!
//! At fixed variance `v` the objective times `v` is a smooth part plus a lasso; each step minimises the local quadratic
//! plus the lasso exactly. Additive models are that quadratic. Multiplicative ones start with Gauss-Newton steps and go
//! over to Newton near the optimum, with a growing ridge (Levenberg-Marquardt) wherever a step does not help. The
//! variance follows by its closed form, hastened by Aitken's rule on its logarithm.

use super::objective::{Curvature, Objective, Place};

/// Below this the noise is a ten-thousandth of the scale: Prophet's posterior is unbounded there, and so is nothing ours.
pub(crate) const VARIANCE_MIN: f64 = 1e-8;
/// Well-posed problems need 5 to 15; flat valleys would need hundreds for digits that no one sees.
const STEPS_MAX: usize = 80;
/// Natural logarithm units of the posterior that a step must still promise to be worth taking.
const GAIN_MIN: f64 = 1e-10;
/// Relative change of the variance below which it stands.
const VARIANCE_STEP_MIN: f64 = 1e-10;
/// A rough optimum is this much further from rest: a hundredth of a nat, a per cent of the variance.
const ROUGH: f64 = 1e8;
/// Promised gain per row above which the residual's curvature is not trusted yet.
const NEWTON_GAIN_MAX: f64 = 0.02;

/// Whether the search came to rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Convergence {
    /// The conditions of the optimum hold to round-off.
    Reached,
    /// A flat valley: the steps ran out, what remains to gain is small.
    Stopped,
}

/// How closely the optimum is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    /// To round-off.
    Exact,
    /// As closely as a step on the way to something else needs it.
    Rough,
}

/// Where the search ended.
#[derive(Debug)]
pub(crate) struct Optimum {
    pub(crate) x: Vec<f64>,
    pub(crate) variance: f64,
    pub(crate) objective: f64,
    pub(crate) convergence: Convergence,
}

/// Minimises from `start`; a start near the optimum saves steps, its signs of bends save more.
pub(crate) fn minimise(objective: &Objective<'_>, start: &[f64], goal: Goal) -> Optimum {
    let place = objective.place(start);
    let variance = objective.variance(&place).max(VARIANCE_MIN);
    let slack = if goal == Goal::Rough { ROUGH } else { 1.0 };
    let mut search = Search { objective, place, variance, drift: None, ridge: 0.0, slack };
    let rested = (0..STEPS_MAX).any(|_| search.step());
    let convergence = if rested { Convergence::Reached } else { Convergence::Stopped };
    // Aitken may have left the variance beside its closed form.
    let variance = objective.variance(&search.place).max(VARIANCE_MIN);
    let value = objective.value(&search.place, variance);
    Optimum { x: search.place.x, variance, objective: value, convergence }
}

struct Search<'a> {
    objective: &'a Objective<'a>,
    place: Place,
    variance: f64,
    /// The last plain change of the variance's logarithm, for Aitken's rule.
    drift: Option<f64>,
    /// Levenberg-Marquardt's ridge, relative to the diagonal.
    ridge: f64,
    /// What the thresholds of rest are multiplied by.
    slack: f64,
}

/// A step that was computed but not yet taken.
struct Trial {
    x: Vec<f64>,
    /// What the local quadratic promises, in units of `v F`.
    promise: f64,
}

impl Search<'_> {
    /// Takes one step; true once there is nothing left to gain.
    fn step(&mut self) -> bool {
        let Some(trial) = self.trial() else {
            return self.damp();
        };
        let gain = trial.promise / self.variance;
        let next = self.objective.place(&trial.x);
        let tolerance = 1e-13 * self.objective.statistics.square;
        if self.cost(&next) > self.cost(&self.place) + tolerance {
            // No step helps although one promises next to nothing: round-off rules here.
            return self.damp() || gain < GAIN_MIN * self.slack;
        }
        self.place = next;
        self.ridge = if self.ridge < 1e-7 { 0.0 } else { self.ridge / 10.0 };
        let settled = self.follow_variance();
        settled && gain < GAIN_MIN * self.slack
    }

    /// `v F` without the terms that only depend on `v`.
    fn cost(&self, place: &Place) -> f64 {
        place.half_residual + self.variance * self.objective.penalty(&place.x)
    }

    /// Shortens the next step; true when it cannot be shortened any more.
    fn damp(&mut self) -> bool {
        self.ridge = (self.ridge * 6.0).max(1e-6);
        self.ridge > 1e6
    }

    /// The best step by the local quadratic: Newton near the optimum, Gauss-Newton far from it or where Newton fails.
    fn trial(&self) -> Option<Trial> {
        let mut local = self.objective.curvature(&self.place);
        let first = self.solve(&local)?;
        let rows = self.objective.statistics.rows as f64;
        let far = first.promise > NEWTON_GAIN_MAX * rows * self.variance;
        if self.objective.is_linear() || far {
            return Some(first);
        }
        self.objective.sharpen(&self.place, &mut local);
        let second = self.solve(&local).filter(|trial| trial.promise > 0.0);
        second.or(Some(first))
    }

    fn solve(&self, local: &Curvature) -> Option<Trial> {
        let (n, free, x) = (local.gradient.len(), self.objective.free(), &self.place.x);
        let lambda = self.variance / self.objective.tau;
        let mut h = local.hessian.clone();
        for (i, d) in self.objective.ridge.iter().enumerate() {
            h[i * n + i] += self.variance * d;
        }
        let mut slope = local.gradient.clone();
        let priors = self.objective.ridge.iter().zip(x);
        slope.iter_mut().zip(priors).for_each(|(g, (d, x))| *g += self.variance * d * x);
        (0..n).for_each(|i| h[i * n + i] *= 1.0 + self.ridge);
        let mut goal = product(&h, x);
        goal.iter_mut().zip(&slope).for_each(|(b, g)| *b -= g);
        let kept = h.clone();
        super::lasso::solve(&mut h, &mut goal, free, lambda, &x[free..]).ok()?;
        let step: Vec<f64> = goal.iter().zip(x).map(|(to, from)| to - from).collect();
        let bends = |x: &[f64]| x[free..].iter().map(|delta| delta.abs()).sum::<f64>();
        let promise = -dot(&slope, &step) - 0.5 * dot(&step, &product(&kept, &step))
            + lambda * (bends(x) - bends(&goal));
        Some(Trial { x: goal, promise })
    }

    /// Moves the variance to its closed form, or beyond by Aitken's rule; true once it stands.
    fn follow_variance(&mut self) -> bool {
        let plain = self.objective.variance(&self.place).max(VARIANCE_MIN);
        let change = (plain / self.variance).ln();
        let ratio = self.drift.map_or(0.0, |before| change / before);
        if ratio > 0.0 && ratio < 0.9 {
            self.variance = (plain * (change * ratio / (1.0 - ratio)).exp()).max(VARIANCE_MIN);
            self.drift = None;
        } else {
            self.variance = plain;
            self.drift = Some(change);
        }
        change.abs() < VARIANCE_STEP_MIN * self.slack
    }
}

/// A symmetric matrix, of which only the upper triangle is kept, times a vector.
fn product(upper: &[f64], x: &[f64]) -> Vec<f64> {
    let n = x.len();
    let mut out = vec![0.0; n];
    for (i, row) in upper.chunks_exact(n).enumerate() {
        out[i] += dot(&row[i..], &x[i..]);
        let (below, factor) = (&mut out[i + 1..], x[i]);
        below.iter_mut().zip(&row[i + 1..]).for_each(|(sum, a)| *sum += a * factor);
    }
    out
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}
