//! What a series would have done at every step without its incidents.
//!
//! The robust fit's value in sample, gaps included, beside what was observed and how wide the noise is there. Whether a
//! run of large misses is an incident, a launch or a recurring peak is a decision, and decisions are not made here.

use crate::FitError;
use crate::noise::Scale;
use crate::prophet::{GridPlan, ProphetFit};

/// The undisturbed course of a series over its own grid.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// The expected value at every step, also in gaps; never negative where the series never is.
    pub expected: Vec<f64>,
    /// The standard deviation of the noise at each level.
    pub scale: Scale,
    /// The fit that expects it.
    pub fit: ProphetFit,
    /// The steps that the fit does not explain, ascending.
    pub trimmed: Vec<usize>,
}

/// Learns the undisturbed course of one series; NaN is a gap.
///
/// # Errors
/// As [`GridPlan::fit`].
pub fn expect(plan: &GridPlan, values: &[f64]) -> Result<Expectation, FitError> {
    let robust = plan.fit_robust(values)?;
    let mut expected = robust.expected;
    if values.iter().all(|value| value.is_nan() || *value >= 0.0) {
        expected.iter_mut().for_each(|value| *value = value.max(0.0));
    }
    Ok(Expectation { expected, scale: robust.scale, fit: robust.fit, trimmed: robust.trimmed })
}
