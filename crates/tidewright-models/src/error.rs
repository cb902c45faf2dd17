//! Why a model could not be fitted, or could not predict.

use thiserror::Error;
use tidewright_core::Timestamp;

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
    /// The run was stopped.
    #[error("stopped before the model was fitted")]
    Cancelled,
}
