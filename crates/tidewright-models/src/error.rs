//! Why a model could not be fitted, or could not predict.

use std::time::Duration;

use thiserror::Error;
use tidewright_core::{ForecastError, Timestamp};

/// A series that a model cannot learn from, or a future that it cannot tell.
#[derive(Clone, Debug, Error, PartialEq)]
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
    /// A value is infinite, or so large that its square is.
    #[error("cannot fit values that are not finite")]
    NotFinite,
    /// A model of logarithms got a negative value, or none above 0.
    #[error("cannot take logarithms of values down to `{value}`")]
    Negative {
        /// The least value.
        value: f64,
    },
    /// A setting breaks a rule.
    #[error("`{key}` {rule}, got `{value}`")]
    Setting {
        /// The setting, in Prophet's words.
        key: String,
        /// What must hold.
        rule: &'static str,
        /// What was given.
        value: String,
    },
    /// A part of the model bears a name that it must not.
    #[error("the name `{name}` {rule}")]
    Name {
        /// The name.
        name: String,
        /// What must hold.
        rule: &'static str,
    },
    /// A changepoint that was given lies outside of the history.
    #[error("changepoints must lie within the history, got `{0}`")]
    Changepoint(Timestamp),
    /// A column that the settings name is not there.
    #[error("column `{column}` is missing")]
    MissingColumn {
        /// The name of the column.
        column: String,
    },
    /// A column has a different number of rows than there are moments.
    #[error("column `{column}` has `{values}` rows for `{points}` points")]
    ColumnLength {
        /// The name of the column.
        column: String,
        /// Moments given.
        points: usize,
        /// Rows of the column.
        values: usize,
    },
    /// A number in a column breaks a rule.
    #[error("`{column}` {rule}, got `{value}` in row `{row}`")]
    Covariate {
        /// The name of the column.
        column: String,
        /// The row, counted from 0 among the rows that were given.
        row: usize,
        /// What must hold.
        rule: &'static str,
        /// What was given.
        value: f64,
    },
    /// A grid's plan cannot serve these settings.
    #[error("these settings need rows, not a grid's plan")]
    NeedsRows,
    /// A model of steps was given moments without a common step.
    #[error("its points do not lie at equal steps, most of them `{step:?}` apart")]
    Irregular {
        /// The usual step.
        step: Duration,
    },
    /// The run was stopped.
    #[error("stopped before the model was fitted")]
    Cancelled,
}

/// Bytes that are no saved model.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum DecodeError {
    /// Something else altogether.
    #[error("these bytes are not a saved model of this kind")]
    NotAModel,
    /// A version from the future.
    #[error("the model was saved in format `{found}`, this version reads up to `{known}`")]
    Version {
        /// The version of the bytes.
        found: u32,
        /// The last one that is known here.
        known: u32,
    },
    /// There are fewer or more bytes than were saved.
    #[error("the saved model has `{found}` bytes instead of `{expected}`")]
    Length {
        /// Bytes that should be there.
        expected: usize,
        /// Bytes that are.
        found: usize,
    },
    /// The bytes are not the ones that were saved.
    #[error("the saved model is damaged: its checksum is wrong")]
    Damaged,
    /// The bytes are whole, but what they say cannot be.
    #[error("the saved model holds an impossible `{what}`")]
    Impossible {
        /// The field.
        what: &'static str,
    },
    /// The model has a name that this version does not know.
    #[error("the saved model is a `{model}`, which this version does not know")]
    Unknown {
        /// Its name.
        model: String,
    },
    /// The settings break a rule.
    #[error("the saved model's settings cannot be")]
    Settings(#[source] FitError),
}

/// Points that a fitted model cannot take.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum UpdateError {
    /// Its mathematics do not allow it.
    #[error("`{model}` takes no new points without a new fit: {why}")]
    NeedsFit {
        /// The model.
        model: &'static str,
        /// What stands against it.
        why: &'static str,
    },
    /// A point is none of the coming steps.
    #[error(transparent)]
    Place(#[from] ForecastError),
}
