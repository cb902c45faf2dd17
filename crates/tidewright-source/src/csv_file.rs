//! Numbers from CSV files: demand for a run, and series for a forecast.
//!
//! The rule: a file is believed whole or not at all. The first fault ends the reading and is told with its file, line,
//! column, rule and value. An empty value is a gap. Files may be gzipped, whatever their name. Nothing is guessed
//! about separators, decimal commas or time zones: commas, points and UTC.

mod axis;
mod demand;
mod error;
mod series;
mod signals;
mod table;

pub use demand::CsvSource;
pub use error::CsvError;
pub use series::{SERIES_MAX, read_series};
pub use table::{BYTES_MAX, ROWS_MAX};

#[cfg(test)]
mod tests;
