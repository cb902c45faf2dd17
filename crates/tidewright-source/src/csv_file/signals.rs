//! What else a file tells of its rows: optional columns beside the count.
//!
//! The rule: a column that is there tells; an empty cell is not known, and 0 is none. A signal takes no room in a series
//! that never had any of it.

use tidewright_core::{Frame, Grid, SeriesError, SeriesKey, Signal, Signals};

use super::error::CsvError;
use super::table::Table;

/// The columns of a file that hold signals.
#[derive(Clone, Debug, Default)]
pub(super) struct SignalColumns(Vec<(Signal, usize)>);

/// What was summed beside the demand of one series, in the order of the file's columns; `None` is zero everywhere.
#[derive(Clone, Debug, Default)]
pub(super) struct Beside(Vec<Option<Vec<f64>>>);

impl SignalColumns {
    /// The columns that are named as signals are.
    pub(super) fn find(table: &Table<'_>) -> Result<Self, CsvError> {
        let mut found = Vec::new();
        for signal in Signal::ALL {
            found.extend(table.column(&[signal.name()])?.map(|column| (signal, column)));
        }
        Ok(Self(found))
    }

    pub(super) fn holds(&self, column: usize) -> bool {
        self.0.iter().any(|(_, held)| *held == column)
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// The signals of all series, which come with what was summed of each, on the grid of demand.
    pub(super) fn frames(
        &self,
        grid: Grid,
        series: &mut [(SeriesKey, Beside)],
    ) -> Result<Signals, SeriesError> {
        let mut signals = Signals::default();
        for (place, (signal, _)) in self.0.iter().enumerate() {
            let (mut keys, mut values) = (Vec::new(), Vec::new());
            for (key, beside) in series.iter_mut() {
                if let Some(sums) = beside.0[place].take() {
                    keys.push(key.clone());
                    values.extend(sums);
                }
            }
            signals = signals.with(*signal, Frame::new(grid, keys, values)?);
        }
        Ok(signals)
    }
}

impl Beside {
    pub(super) fn new(columns: &SignalColumns) -> Self {
        Self(vec![None; columns.count()])
    }

    /// Adds what the row of `table` tells to one of `windows` windows; how many columns that made.
    pub(super) fn add(
        &mut self,
        columns: &SignalColumns,
        table: &Table<'_>,
        (window, windows): (Option<usize>, usize),
    ) -> Result<usize, CsvError> {
        let mut made = 0;
        for (sums, (_, column)) in self.0.iter_mut().zip(&columns.0) {
            let value = table.count(*column)?.unwrap_or(f64::NAN);
            let Some(window) = window else { continue };
            if sums.is_none() && value != 0.0 {
                made += 1;
                *sums = Some(vec![0.0; windows]);
            }
            if let Some(sums) = sums {
                sums[window] += value;
            }
        }
        Ok(made)
    }

    /// Makes gaps where demand has them.
    pub(super) fn settle(&mut self, demand: &[f64]) {
        for sums in self.0.iter_mut().flatten() {
            for (sum, demand) in sums.iter_mut().zip(demand) {
                // The bits of a NaN that was added to differ between platforms, so a gap is always the same NaN.
                if sum.is_nan() || demand.is_nan() {
                    *sum = f64::NAN;
                }
            }
        }
    }
}
