//! Finds the optimum of any model: a proximal Newton method in the unknowns, a closed form in the noise variance.
//!
//! For noise variance `v`, residual sum of squares `R`, columns' coefficients `beta`, rate `k`, offset `m` and bends
//! `delta` (values scaled, time in 0..=1, constants dropped as Stan drops them) Prophet's negative log posterior is
//!
//! `F = n/2 ln v + R/(2v) + 2v + k^2/50 + m^2/50 + sum |delta|/tau + sum beta^2/(2 s^2)`
//!
//! At fixed `v`, `v F` is a smooth part plus a lasso; each step minimises the local quadratic plus the lasso exactly. The
//! search starts with Gauss-Newton steps and goes over to Newton near the optimum, with a growing ridge
//! (Levenberg-Marquardt) wherever a step does not help. The variance follows by its closed form `R = n v + 4 v^2`, hastened
//! by Aitken's rule on its logarithm.

use super::loss::{Local, Loss, Order};
use super::priors::Priors;
use super::quadratic::{Quadratic, Step};

/// Below this the noise is a ten-thousandth of the scale: Prophet's posterior is unbounded there, and so is nothing ours.
pub(crate) const VARIANCE_MIN: f64 = 1e-8;
/// Well-posed problems need 4 to 10; flat valleys would need hundreds for digits that no one sees.
const STEPS_MAX: usize = 80;
/// Natural logarithm units of the posterior that a step must still promise to be worth another one: what it leaves is its
/// square.
const GAIN_MIN: f64 = 1e-8;
/// Relative change of the variance below which it stands.
const VARIANCE_STEP_MIN: f64 = 1e-9;
/// Changes of the variance's logarithm that shrink more slowly are not extrapolated.
const RATIO_MAX: f64 = 0.9995;
/// An extrapolation goes no further: a factor of e squared.
const JUMP_MAX: f64 = 2.0;
/// How many times its size may follow a change that was seen alone.
const ALONE: f64 = 20.0;
/// What a step must promise, and the variance change, on the way to something else: a hundredth of a nat, a per cent.
const ROUGH: [f64; 2] = [1e-2, 1e-2];
/// Promised gain per row above which the residual's curvature is not trusted yet.
const NEWTON_GAIN_MAX: f64 = 0.02;

/// Nothing is known of the variance.
const EVERYWHERE: [f64; 2] = [0.0, f64::INFINITY];

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
#[derive(Clone, Debug)]
pub(crate) struct Optimum {
    pub(crate) x: Vec<f64>,
    pub(crate) variance: f64,
    pub(crate) objective: f64,
    pub(crate) convergence: Convergence,
}

/// `F` for half a residual sum at a noise variance.
pub(crate) fn objective(rows: f64, half: f64, v: f64, penalty: f64) -> f64 {
    0.5 * rows * v.ln() + half / v + 2.0 * v + penalty
}

/// The noise variance at which `F` is stationary for these residuals: `R = n v + 4 v^2`, without cancellation.
fn variance(loss: &impl Loss, half: f64) -> f64 {
    let (rows, residual) = (loss.rows(), 2.0 * half.max(0.0));
    (2.0 * residual / (rows + (rows * rows + 16.0 * residual).sqrt())).max(loss.variance_min())
}

/// Minimises from `start`; a start near the optimum saves steps.
pub(crate) fn minimise(
    loss: &mut impl Loss,
    priors: &Priors,
    start: &[f64],
    goal: Goal,
) -> Optimum {
    let half = loss.move_to(start);
    let exact = [GAIN_MIN, VARIANCE_STEP_MIN];
    let [gain_min, variance_step_min] = if goal == Goal::Rough { ROUGH } else { exact };
    let order = if loss.is_quadratic() { Order::Newton } else { Order::GaussNewton };
    let mut search = Search {
        variance: variance(loss, half),
        local: Local::zeros(start.len()),
        quadratic: Quadratic::default(),
        x: start.to_vec(),
        moved: true,
        half,
        drift: None,
        between: EVERYWHERE,
        ridge: 0.0,
        loss,
        priors,
        gain_min,
        variance_step_min,
        order,
    };
    let rested = (0..STEPS_MAX).any(|_| search.step());
    let convergence = if rested { Convergence::Reached } else { Convergence::Stopped };
    // Aitken may have left the variance beside its closed form.
    let variance = variance(search.loss, search.half);
    let penalty = search.priors.penalty(&search.x) + search.loss.belief(&search.x);
    let objective = objective(search.loss.rows(), search.half, variance, penalty);
    Optimum { x: search.x, variance, objective, convergence }
}

struct Search<'a, L> {
    loss: &'a mut L,
    priors: &'a Priors,
    local: Local,
    quadratic: Quadratic,
    x: Vec<f64>,
    /// Whether `local` is of another place or order.
    moved: bool,
    half: f64,
    variance: f64,
    /// The last plain change of the variance's logarithm, for Aitken's rule.
    drift: Option<f64>,
    /// Where the variance lies, as far as was seen.
    between: [f64; 2],
    /// Levenberg-Marquardt's ridge, relative to the diagonal.
    ridge: f64,
    /// A step that promises less is the last one, if the variance changes by less than the other.
    gain_min: f64,
    variance_step_min: f64,
    order: Order,
}

impl<L: Loss> Search<'_, L> {
    /// Takes one step; true once there is nothing left to gain.
    fn step(&mut self) -> bool {
        let Some(step) = self.trial() else {
            return self.damp();
        };
        let gain = step.promise / self.variance;
        let half = self.loss.move_to(&step.x);
        let penalty = |x: &[f64]| self.priors.penalty(x) + self.loss.belief(x);
        let cost = |half: f64, x: &[f64]| half + self.variance * penalty(x);
        let tolerance = 1e-13 * self.loss.square();
        if cost(half, &step.x) > cost(self.half, &self.x) + tolerance {
            self.loss.move_to(&self.x);
            // No step helps although one promises next to nothing: round-off rules here.
            return self.damp() || gain < self.gain_min;
        }
        (self.x, self.half, self.moved) = (step.x, half, true);
        self.ridge = if self.ridge < 1e-7 { 0.0 } else { self.ridge / 10.0 };
        if gain < NEWTON_GAIN_MAX * self.loss.rows() {
            self.order = Order::Newton;
        }
        let settled = self.follow_variance();
        settled && gain < self.gain_min
    }

    /// Shortens the next step; true when it cannot be shortened any more.
    fn damp(&mut self) -> bool {
        self.ridge = (self.ridge * 6.0).max(1e-6);
        self.ridge > 1e6
    }

    /// The best step by the local quadratic: Newton near the optimum, Gauss-Newton far from it or where Newton fails.
    fn trial(&mut self) -> Option<Step> {
        if self.order == Order::Newton {
            let step = self.solve(Order::Newton).filter(|step| step.promise >= 0.0);
            if step.is_some() || self.loss.is_quadratic() {
                return step;
            }
            self.moved = true;
        }
        let step = self.solve(Order::GaussNewton);
        self.moved |= self.order == Order::Newton;
        step
    }

    fn solve(&mut self, order: Order) -> Option<Step> {
        if std::mem::take(&mut self.moved) {
            self.loss.local(order, &mut self.local);
            self.loss.add_belief(&self.x, self.variance, &mut self.local);
        }
        self.quadratic.step(&self.local, &self.x, self.priors, (self.variance, self.ridge))
    }

    /// Moves the variance to its closed form, or beyond by Aitken's rule; true once it stands.
    fn follow_variance(&mut self) -> bool {
        let plain = variance(self.loss, self.half);
        let change = (plain / self.variance).ln();
        self.narrow(plain);
        let ratio = self.drift.map(|before| change / before);
        let slow = ratio.filter(|ratio| (0.0..RATIO_MAX).contains(ratio));
        let [least, most] = self.between;
        let beyond = slow.map(|ratio| {
            let jump = (change * ratio / (1.0 - ratio)).clamp(-JUMP_MAX, JUMP_MAX);
            (plain * jump.exp()).max(self.loss.variance_min())
        });
        if let Some(beyond) = beyond.filter(|beyond| *beyond >= least && *beyond <= most) {
            self.variance = beyond;
            self.drift = None;
        } else {
            self.variance = plain;
            self.drift = Some(change);
        }
        // Small changes that hardly shrink add up; before a second one is seen, nobody knows.
        let left = slow.map_or(ALONE, |ratio| 1.0 / (1.0 - ratio));
        change.abs() * left < self.variance_step_min
    }

    /// Learns from a closed form where the variance lies. The larger the noise is thought to be, the less the trend bends
    /// and the more it leaves to noise: so what the closed form turns away from is ruled out, and jumps cannot go in
    /// circles.
    fn narrow(&mut self, plain: f64) {
        let [least, most] = self.between;
        if plain < least || plain > most {
            // Steps that were not yet exact have misled.
            self.between = EVERYWHERE;
        }
        self.between[usize::from(plain < self.variance)] = self.variance;
    }
}
