//! What can be wrong with a CSV file.

use std::io;

use thiserror::Error;
use tidewright_core::Timestamp;

/// What to do about a time that comes twice.
pub(super) const ONE_ROW: &str = "keep one row per series and time; where clocks went back, write times in UTC or with their offset";

/// What is wrong with a CSV file, and where.
#[derive(Debug, Error)]
pub enum CsvError {
    /// It cannot be read at all.
    #[error("cannot read `{file}`")]
    Read {
        /// Its name.
        file: String,
        /// What the operating system or the unpacking said.
        #[source]
        source: io::Error,
    },
    /// It begins like something else.
    #[error("`{file}` is no CSV file: it begins like {found}")]
    Other {
        /// Its name.
        file: String,
        /// What it begins like.
        found: &'static str,
    },
    /// A row has another number of cells than the first line, or is no UTF-8.
    #[error("cannot split line {line} of `{file}` into cells")]
    Row {
        /// The file's name.
        file: String,
        /// Where, counted from 1.
        line: u64,
        /// What is wrong.
        #[source]
        source: csv::Error,
    },
    /// A line that came by itself breaks a rule.
    #[error("`{file}`, line {line}: {rule}, got `{value}`")]
    Line {
        /// The file's name.
        file: String,
        /// Where, counted from 1.
        line: u64,
        /// What must hold.
        rule: &'static str,
        /// What is there.
        value: String,
    },
    /// The first line does not name the columns that are needed.
    #[error("`{file}`, line 1: {rule}, got `{value}`")]
    Header {
        /// The file's name.
        file: String,
        /// What must hold.
        rule: &'static str,
        /// What is there.
        value: String,
        /// What to do about it.
        hint: &'static str,
    },
    /// The first line lacks a column that was asked for.
    #[error("`{file}`, line 1: the column `{column}` is missing, got `{value}`")]
    Missing {
        /// The file's name.
        file: String,
        /// The column's name.
        column: String,
        /// What is there.
        value: String,
    },
    /// Two rows that do not stand side by side are of one time.
    #[error(
        "`{file}`: each time may come once in a series, got `{moment}` twice{}",
        within(series)
    )]
    Twice {
        /// The file's name.
        file: String,
        /// The series, empty where the file names none.
        series: String,
        /// Their time.
        moment: Timestamp,
    },
    /// A cell breaks a rule.
    #[error("`{file}`, line {line}, column `{column}`: {rule}, got `{value}`")]
    Cell {
        /// The file's name.
        file: String,
        /// Where, counted from 1.
        line: u64,
        /// The column's name.
        column: String,
        /// What must hold.
        rule: &'static str,
        /// What is there.
        value: String,
        /// What to do about it.
        hint: &'static str,
    },
    /// There is nothing but the first line.
    #[error("`{file}` has no rows")]
    Empty {
        /// The file's name.
        file: String,
    },
    /// A named limit is exceeded.
    #[error("`{file}` has more than `{max}` {what}")]
    TooLarge {
        /// The file's name.
        file: String,
        /// The limit.
        max: usize,
        /// What there is too much of.
        what: &'static str,
    },
}

fn within(series: &str) -> String {
    if series.is_empty() { String::new() } else { format!(" in `{series}`") }
}

impl CsvError {
    /// What the reader can do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Read { .. } => "check that the file is there, readable and whole",
            Self::Row { .. } | Self::Line { .. } => {
                "give each line as many cells as the first, in UTF-8, and quote commas"
            }
            Self::Header { hint, .. } | Self::Cell { hint, .. } => hint,
            Self::Other { .. } => {
                "write text in UTF-8: one row per time under the names of the columns"
            }
            Self::Twice { .. } => ONE_ROW,
            Self::Missing { .. } => {
                "add the column under this very name, with a value in each row, or do not ask for it"
            }
            Self::Empty { .. } => "write one row per time under the names of the columns",
            Self::TooLarge { .. } => "split the file, or leave out what is not needed",
        }
    }
}
