//! Numbers from CSV files: demand for a run, series for a forecast, and what is known beside them.
//!
//! The rule: a file is believed whole or not at all. The first fault ends the reading and is told with its file, line,
//! column, rule and value. An empty value is a gap. Files may be gzipped, whatever their name. Nothing is guessed
//! about separators, decimal commas or time zones: commas, points and UTC.

mod axis;
mod demand;
mod error;
mod holidays;
mod rows;
mod series;
mod signals;
mod table;
mod times;
mod wanted;

pub use demand::CsvSource;
pub use error::CsvError;
pub use holidays::{HolidayRow, read_holidays, read_moments};
pub use rows::{LINE_BYTES_MAX, LiveRows, Row, read_rows};
pub use series::{FutureRows, SERIES_MAX, SeriesFile, read_future, read_series};
pub use table::{BYTES_MAX, ROWS_MAX};
pub use wanted::{ColumnKind, WantedColumn};

#[cfg(test)]
mod tests;
