//! Rows that a model can be evaluated on: moments with everything beside them that the model reads.
//!
//! Whether of the history or of the future, rows are checked once, here: every column is there, as long as the moments
//! and holds what its rule allows. Afterwards nothing can be missing.

use tidewright_core::Timestamp;

use super::covariates::Selection;
use super::design::Design;
use super::fit::ProphetFit;
use super::settings::Growth;
use crate::FitError;

/// Moments and what stands beside them.
#[derive(Clone, Debug)]
pub(crate) struct Rows {
    pub(crate) times: Vec<Timestamp>,
    /// For each block of the design, the column that it reads.
    columns: Vec<Option<Vec<f64>>>,
    /// Floor and capacity of each row, where rows have their own.
    pub(crate) limits: Option<Limits>,
}

/// Between which values a logistic trend runs.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// None where all rows have the frame's.
    pub(crate) floor: Option<Vec<f64>>,
    pub(crate) cap: Vec<f64>,
}

impl Limits {
    /// Reads `cap`, and `floor` if rows have their own; `None` where growth knows no limits.
    pub(crate) fn read(
        growth: Growth,
        floored: bool,
        data: &Selection<'_>,
    ) -> Result<Option<Self>, FitError> {
        if growth != Growth::Logistic {
            return Ok(None);
        }
        let number = "must be a finite number";
        let cap = data.column("cap", number, f64::is_finite)?;
        let floor = floored.then(|| data.column("floor", number, f64::is_finite)).transpose()?;
        Ok(Some(Self { floor, cap }))
    }

    /// Checks that each capacity lies above its floor, `level` where rows have none.
    pub(crate) fn check(&self, level: f64, data: &Selection<'_>) -> Result<(), FitError> {
        let floor = |row: usize| self.floor.as_ref().map_or(level, |floors| floors[row]);
        match (0..self.cap.len()).find(|&row| self.cap[row] <= floor(row)) {
            None => Ok(()),
            Some(row) => Err(FitError::Covariate {
                column: "cap".to_owned(),
                row: data.rows[row],
                rule: "must be greater than the floor",
                value: self.cap[row],
            }),
        }
    }
}

impl Rows {
    /// The rows of `times` that `data` selects, in its order.
    pub(crate) fn new(
        times: &[Timestamp],
        design: &Design,
        limits: Option<Limits>,
        data: &Selection<'_>,
    ) -> Result<Self, FitError> {
        let times = data.rows.iter().map(|&row| times[row]).collect();
        Ok(Self { times, columns: design.read(data)?, limits })
    }

    /// What a block's column holds in a row; nothing is read by one that has none.
    pub(crate) fn known(&self, block: usize, row: usize) -> Option<f64> {
        self.columns[block].as_ref().map(|column| column[row])
    }

    /// Floor and capacity of a row, from the frame's where it has none of its own.
    pub(crate) fn limits(&self, row: usize, (floor, cap): (f64, f64)) -> (f64, f64) {
        match &self.limits {
            None => (floor, cap),
            Some(limits) => {
                (limits.floor.as_ref().map_or(floor, |floors| floors[row]), limits.cap[row])
            }
        }
    }
}

impl ProphetFit {
    /// Rows of the future, or of the past, for this model.
    pub(crate) fn bind(
        &self,
        times: &[Timestamp],
        covariates: &super::Covariates,
    ) -> Result<Rows, FitError> {
        let rows: Vec<usize> = (0..times.len()).collect();
        let data = Selection { covariates, points: times.len(), rows: &rows };
        let limits = Limits::read(self.settings().growth, self.frame.floored, &data)?;
        if let Some(limits) = &limits {
            limits.check(self.frame.floor, &data)?;
        }
        Rows::new(times, &self.design, limits, &data)
    }

    /// The columns of one row of `rows`.
    pub(crate) fn write_bound(&self, rows: &Rows, index: usize, row: &mut [f64]) {
        self.write_row(rows.times[index], |block| rows.known(block, index), row);
    }

    /// Floor and capacity of one row of `rows`.
    pub(crate) fn limits(&self, rows: &Rows, index: usize) -> (f64, f64) {
        rows.limits(index, (self.frame.floor, self.frame.cap))
    }
}
