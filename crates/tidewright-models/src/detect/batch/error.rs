//! Why a batch detector cannot work.

use thiserror::Error;

/// Rows or settings that a detector cannot use.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum BatchError {
    /// There is nothing to learn from.
    #[error("cannot learn from no rows")]
    NoRows,
    /// A row has nothing in it.
    #[error("cannot learn from rows without columns")]
    NoColumns,
    /// The values do not fill whole rows.
    #[error("`{values}` values do not make up whole rows of `{columns}` columns")]
    Ragged {
        /// Values given.
        values: usize,
        /// Columns of a row.
        columns: usize,
    },
    /// A value is NaN or infinite.
    #[error("the value in row `{row}`, column `{column}` is not finite")]
    NotFinite {
        /// The row, counted from 0.
        row: usize,
        /// The column, counted from 0.
        column: usize,
    },
    /// A row to be judged has another number of columns than those learned from.
    #[error("rows of `{expected}` columns were learned, got `{found}`")]
    Columns {
        /// Columns of the rows learned from.
        expected: usize,
        /// Columns given.
        found: usize,
    },
    /// A setting breaks a rule.
    #[error("`{key}` {rule}, got `{value}`")]
    Setting {
        /// The setting.
        key: &'static str,
        /// What must hold.
        rule: &'static str,
        /// What was given.
        value: f64,
    },
    /// The solver did not come to an end.
    #[error("no solution within `{steps}` steps")]
    Unsolved {
        /// Steps taken.
        steps: usize,
    },
}

impl BatchError {
    /// Nothing if the setting holds its rule, which a NaN never does.
    pub(super) fn unless(
        holds: bool,
        key: &'static str,
        rule: &'static str,
        value: f64,
    ) -> Result<(), Self> {
        if holds { Ok(()) } else { Err(Self::Setting { key, rule, value }) }
    }
}
