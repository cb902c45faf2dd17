//! What the general search asks of a model: half its residual sum of squares, and that sum's local quadratic.
//!
//! The search knows nothing of segments, columns or growth; a loss knows nothing of priors or noise.

use tidewright_numerics::simd::{Lines, WIDTH};

use super::newton::VARIANCE_MIN;

/// How much of the second derivative is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Without the residual's own curvature: never indefinite.
    GaussNewton,
    /// All of it.
    Newton,
}

/// Gradient and curvature of half the residual sum.
#[derive(Clone, Debug)]
pub(crate) struct Local {
    pub(crate) gradient: Lines,
    /// Symmetric, rows padded.
    pub(crate) hessian: Lines,
    unknowns: usize,
    width: usize,
}

/// Half the residual sum of squares of a model.
pub(crate) trait Loss {
    /// Observed rows.
    fn rows(&self) -> f64;
    /// The sum of squares of the values: what round-off is measured against.
    fn square(&self) -> f64;
    /// Goes to these unknowns; half the residual sum there.
    fn move_to(&mut self, x: &[f64]) -> f64;
    /// Whether the curvature is the same everywhere.
    fn is_quadratic(&self) -> bool;
    /// Writes gradient and curvature at the place of the last [`Loss::move_to`].
    fn local(&self, order: Order, out: &mut Local);
    /// The least noise variance that these values can tell from round-off.
    fn variance_min(&self) -> f64 {
        VARIANCE_MIN
    }
    /// What the objective holds besides residuals and [`super::priors::Priors`].
    fn belief(&self, _: &[f64]) -> f64 {
        0.0
    }
    /// Adds `variance` times the gradient and the curvature of that.
    fn add_belief(&self, _: &[f64], _variance: f64, _: &mut Local) {}
}

impl Order {
    /// The weight of the residual's own curvature.
    pub(crate) const fn own(self) -> f64 {
        match self {
            Self::GaussNewton => 0.0,
            Self::Newton => 1.0,
        }
    }
}

impl Local {
    pub(crate) fn zeros(unknowns: usize) -> Self {
        let width = unknowns.next_multiple_of(WIDTH);
        let (gradient, hessian) = (Lines::zeros(unknowns), Lines::zeros(unknowns * width));
        Self { gradient, hessian, unknowns, width }
    }

    pub(crate) fn row_mut(&mut self, i: usize) -> &mut [f64] {
        &mut self.hessian[i * self.width..][..self.width]
    }

    /// Completes the curvature from what stands below its diagonal.
    #[inline(always)]
    pub(crate) fn mirror(&mut self) {
        for row in 0..self.unknowns {
            for column in 0..row {
                self.hessian[column * self.width + row] = self.hessian[row * self.width + column];
            }
        }
    }
}
