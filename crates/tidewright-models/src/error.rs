//! Why a model could not be fitted.

use thiserror::Error;
use tidewright_core::Timestamp;

/// A series that a model cannot learn from.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum FitError {
    /// Not enough numbers.
    #[error("cannot fit a model to `{rows}` observed points")]
    TooFew {
        /// Observed points.
        rows: usize,
    },
    /// Values and moments do not pair.
    #[error("cannot fit `{values}` values at `{points}` points")]
    Length {
        /// Points of the axis.
        points: usize,
        /// Values given.
        values: usize,
    },
    /// Moments must not descend.
    #[error("cannot fit values at descending times, `{0}` comes too late")]
    Order(Timestamp),
    /// A value is infinite, or so large that its square is.
    #[error("cannot fit values that are not finite")]
    NotFinite,
    /// The run was stopped.
    #[error("stopped before the model was fitted")]
    Cancelled,
}
