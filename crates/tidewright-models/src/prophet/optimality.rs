//! How far a fit is from the optimum, measured on the rows themselves.
//!
//! Independent of the moments that the solver works on: every residual is computed from the model's own formula. The
//! conditions of the optimum (Karush, Kuhn and Tucker) are scaled so that each reads as a relative error: a bend's
//! gradient by the prior's `1/tau`, a smooth unknown's by the sum of the absolute terms that cancel in it, the
//! variance's by `n v`.

use tidewright_core::Timestamp;

use super::fit::ProphetFit;

/// The objective and the worst violated condition.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Optimality {
    /// Prophet's negative log posterior, summed over rows.
    pub objective: f64,
    /// The largest scaled violation; 0 at the exact optimum.
    pub residual: f64,
}

/// Measures a fit on the rows that it was fitted to; NaN is a gap.
pub fn optimality(fit: &ProphetFit, times: &[Timestamp], values: &[f64]) -> Optimality {
    let sums = Sums::over(fit, times, values);
    let v = fit.variance();
    let priors = &fit.design.priors;
    let (columns, tau) = (fit.design.columns(), priors.tau);
    let mut worst = ((sums.rows * v + 4.0 * v * v - sums.square) / (sums.rows * v)).abs();
    let mut penalty = 0.0;
    for (i, d) in priors.ridge.iter().enumerate() {
        let slope = sums.slope[i] / v + d * fit.x[i];
        worst = worst.max(slope.abs() / (sums.size[i] / v).max(1.0));
        penalty += 0.5 * d * fit.x[i] * fit.x[i];
    }
    for (i, delta) in fit.x.iter().enumerate().skip(columns + 2) {
        let slope = tau * sums.slope[i] / v;
        let violation =
            if *delta == 0.0 { slope.abs() - 1.0 } else { (slope + delta.signum()).abs() };
        worst = worst.max(violation);
        penalty += delta.abs() / tau;
    }
    let objective = 0.5 * sums.rows * v.ln() + sums.square / (2.0 * v) + 2.0 * v + penalty;
    Optimality { objective, residual: worst }
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

impl Sums {
    fn over(fit: &ProphetFit, times: &[Timestamp], values: &[f64]) -> Self {
        let n = fit.x.len();
        let mut sums = Self { rows: 0.0, square: 0.0, slope: vec![0.0; n], size: vec![0.0; n] };
        let mut row = vec![0.0; fit.design.columns()];
        for (moment, value) in times.iter().zip(values).filter(|(_, value)| !value.is_nan()) {
            fit.write_row(*moment, |_| None, &mut row);
            sums.add(fit, *moment, (&row, *value));
        }
        sums
    }

    fn add(&mut self, fit: &ProphetFit, moment: Timestamp, (row, value): (&[f64], f64)) {
        let scale = fit.frame.scale;
        let (t, trend) = (fit.frame.time(moment), fit.trend(moment) / scale);
        let (factor, addend) = fit.seasons(moment);
        let residual = trend * factor + addend / scale - value / scale;
        self.rows += 1.0;
        self.square += residual * residual;
        let scaled = &fit.design.priors.scaled;
        let weights =
            scaled.iter().zip(row).map(|(scaled, x)| if *scaled == 0.0 { *x } else { trend * x });
        let bends = fit.knots.iter().map(|knot| factor * (t - knot).max(0.0));
        for (i, weight) in weights.chain([factor * t, factor]).chain(bends).enumerate() {
            self.slope[i] += residual * weight;
            self.size[i] += (residual * weight).abs();
        }
    }
}
