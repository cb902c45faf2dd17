//! How far a fit is from the optimum, measured on the rows themselves.
//!
//! Independent of the sums that the solver works on: every residual is computed from the model's own formula. The
//! conditions of the optimum (Karush, Kuhn and Tucker) are scaled so that each reads as a relative error: a bend's
//! gradient by the prior's `1/tau`, a smooth unknown's by the sum of the absolute terms that cancel in it, the
//! variance's by `n v`.

use tidewright_core::Timestamp;

use super::covariates::{Covariates, History};
use super::fit::ProphetFit;
use super::newton::VARIANCE_MIN;
use super::settings::Growth;
use crate::FitError;

/// The objective and the worst violated condition.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Optimality {
    /// Prophet's negative log posterior, summed over rows.
    pub objective: f64,
    /// The largest scaled violation; 0 at the exact optimum.
    pub residual: f64,
}

/// Measures a fit on the rows that it was fitted to; NaN is a gap. For models that need no other columns.
pub fn optimality(fit: &ProphetFit, times: &[Timestamp], values: &[f64]) -> Optimality {
    let history = History { times, values, covariates: &Covariates::none() };
    let nothing = Optimality { objective: f64::NAN, residual: f64::INFINITY };
    optimality_of(fit, &history).unwrap_or(nothing)
}

/// Measures a fit on the history that it was fitted to.
///
/// # Errors
/// [`FitError`] if the history lacks a column or holds what it must not.
pub fn optimality_of(fit: &ProphetFit, history: &History<'_>) -> Result<Optimality, FitError> {
    let sums = Sums::over(fit, history)?;
    let v = fit.variance();
    let mut worst = variance_violation(&sums, v);
    let (prior, slopes) = prior(fit);
    let free = fit.design.columns() + 2;
    for (i, own) in slopes.iter().enumerate() {
        let slope = sums.slope[i] / v + own;
        worst = worst.max(slope.abs() / (sums.size[i] / v).max(1.0));
    }
    let tau = fit.design.priors.tau;
    let mut bent = 0.0;
    for (i, delta) in fit.x.iter().enumerate().skip(free) {
        let slope = tau * sums.slope[i] / v;
        let violation =
            if *delta == 0.0 { slope.abs() - 1.0 } else { (slope + delta.signum()).abs() };
        worst = worst.max(violation);
        bent += delta.abs() / tau;
    }
    let noise = 0.5 * sums.rows * v.ln() + sums.square / (2.0 * v) + 2.0 * v;
    Ok(Optimality { objective: noise + prior + bent, residual: worst })
}

/// At the least variance the posterior may want still less.
fn variance_violation(sums: &Sums, v: f64) -> f64 {
    let excess = (sums.rows * v + 4.0 * v * v - sums.square) / (sums.rows * v);
    if v <= VARIANCE_MIN { (-excess).max(0.0) } else { excess.abs() }
}

/// The normal priors' part of the objective and its slope by each column, rate and offset.
fn prior(fit: &ProphetFit) -> (f64, Vec<f64>) {
    let columns = fit.design.columns();
    let ridge = &fit.design.priors.ridge;
    let mut slopes: Vec<f64> = ridge.iter().zip(&fit.x).map(|(d, x)| d * x).collect();
    let mut value: f64 = slopes.iter().zip(&fit.x).map(|(slope, x)| 0.5 * slope * x).sum();
    if fit.settings().growth == Growth::Logistic {
        // The offset that has the prior is where the exponent is 0: `m = -c/k`.
        let (k, c) = (fit.x[columns], fit.x[columns + 1]);
        let m = -c / k;
        let d = ridge[columns + 1];
        value += 0.5 * d * (m * m - c * c);
        slopes[columns] -= d * m * m / k;
        slopes[columns + 1] = -d * m / k;
    }
    (value, slopes)
}

/// Sums over rows of what the conditions are made of.
struct Sums {
    rows: f64,
    square: f64,
    /// Gradient of half the residual sum of squares.
    slope: Vec<f64>,
    /// The same with absolute terms.
    size: Vec<f64>,
}

/// What the model says of one row, and how it answers to its line.
struct Said {
    row: Vec<f64>,
    t: f64,
    /// The scaled trend above the floor, and its slope by the line.
    trend: f64,
    trend_slope: f64,
    /// The scaled value above the floor.
    value: f64,
}

impl Sums {
    fn over(fit: &ProphetFit, history: &History<'_>) -> Result<Self, FitError> {
        let n = fit.x.len();
        let mut sums = Self { rows: 0.0, square: 0.0, slope: vec![0.0; n], size: vec![0.0; n] };
        let (times, values) = (history.times, history.values);
        if times.len() != values.len() {
            return Err(FitError::Length { points: times.len(), values: values.len() });
        }
        let observed: Vec<usize> = (0..times.len()).filter(|&row| !values[row].is_nan()).collect();
        let rows = fit.bind_observed(history, &observed)?;
        let scale = fit.frame.scale;
        let mut said = Said {
            row: vec![0.0; fit.design.columns()],
            t: 0.0,
            trend: 0.0,
            trend_slope: 0.0,
            value: 0.0,
        };
        for (index, value) in observed.iter().map(|&row| values[row]).enumerate() {
            fit.write_bound(&rows, index, &mut said.row);
            let (floor, cap) = fit.limits(&rows, index);
            said.t = fit.time(rows.times[index]);
            let line = fit.line(said.t);
            said.trend = (fit.trend_on(line, (floor, cap)) - floor) / scale;
            said.trend_slope = match fit.settings().growth {
                Growth::Linear => 1.0,
                // Its time stands still: no rate has anything to do with it.
                Growth::Flat => {
                    said.t = 0.0;
                    1.0
                }
                Growth::Logistic => said.trend * (1.0 - said.trend * scale / (cap - floor)),
            };
            said.value = (value - floor) / scale;
            sums.add(fit, &said);
        }
        Ok(sums)
    }

    fn add(&mut self, fit: &ProphetFit, said: &Said) {
        let (factor, addend) = fit.effects(&said.row);
        let residual = said.trend * factor + addend / fit.frame.scale - said.value;
        self.rows += 1.0;
        self.square += residual * residual;
        let scaled = &fit.design.priors.scaled;
        let weights =
            scaled.iter().zip(&said.row).map(|(scaled, x)| x * (1.0 + scaled * (said.trend - 1.0)));
        let by_line = factor * said.trend_slope;
        let bends = fit.knots.iter().map(|knot| by_line * (said.t - knot).max(0.0));
        for (i, weight) in weights.chain([by_line * said.t, by_line]).chain(bends).enumerate() {
            self.slope[i] += residual * weight;
            self.size[i] += (residual * weight).abs();
        }
    }
}
