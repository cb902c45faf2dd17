//! Rows that a model can be evaluated on: moments with everything beside them that the model reads.
//!
//! Whether of the history or of the future, rows are checked once, here: every column is there, as long as the moments
//! and holds what its rule allows. Afterwards nothing can be missing.

use std::borrow::Cow;

use tidewright_core::Timestamp;

use super::covariates::{Covariates, History, Selection};
use super::design::Design;
use super::fit::ProphetFit;
use super::settings::Growth;
use crate::FitError;

/// Moments and what stands beside them.
#[derive(Clone, Debug)]
pub(crate) struct Rows<'a> {
    pub(crate) times: Cow<'a, [Timestamp]>,
    /// For each block of the design, the column that it reads.
    columns: Vec<Option<Cow<'a, [f64]>>>,
    /// Floor and capacity of each row, where rows have their own.
    limits: Option<Limits<'a>>,
}

/// Between which values a logistic trend runs.
#[derive(Clone, Debug)]
pub(crate) struct Limits<'a> {
    /// None where all rows have the frame's.
    pub(crate) floor: Option<Cow<'a, [f64]>>,
    pub(crate) cap: Cow<'a, [f64]>,
}

impl<'a> Limits<'a> {
    /// Reads `cap`, and `floor` if rows have their own; `None` where growth knows no limits.
    pub(crate) fn read(
        growth: Growth,
        floored: bool,
        data: &Selection<'a, '_>,
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
    pub(crate) fn check(&self, level: f64, data: &Selection<'_, '_>) -> Result<(), FitError> {
        let floor = |row: usize| self.floor.as_ref().map_or(level, |floors| floors[row]);
        match (0..self.cap.len()).find(|&row| self.cap[row] <= floor(row)) {
            None => Ok(()),
            Some(row) => Err(FitError::Covariate {
                column: "cap".to_owned(),
                row: data.row(row),
                rule: "must be greater than the floor",
                value: self.cap[row],
            }),
        }
    }
}

impl<'a> Rows<'a> {
    /// Rows at these moments, with the columns that `data` selects for them.
    pub(crate) fn new(
        times: Cow<'a, [Timestamp]>,
        design: &Design,
        limits: Option<Limits<'a>>,
        data: &Selection<'a, '_>,
    ) -> Result<Self, FitError> {
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
    pub(crate) fn bind<'a>(
        &self,
        times: &'a [Timestamp],
        covariates: &'a Covariates,
    ) -> Result<Rows<'a>, FitError> {
        self.select(times, &Selection { covariates, points: times.len(), rows: None })
    }

    /// The rows of a history that have a value, as they come.
    pub(crate) fn bind_observed<'a>(
        &self,
        history: &History<'a>,
        observed: &[usize],
    ) -> Result<Rows<'a>, FitError> {
        let History { times, covariates, .. } = *history;
        self.select(times, &Selection { covariates, points: times.len(), rows: Some(observed) })
    }

    fn select<'a>(
        &self,
        times: &'a [Timestamp],
        data: &Selection<'a, '_>,
    ) -> Result<Rows<'a>, FitError> {
        let limits = Limits::read(self.settings().growth, self.frame.floored, data)?;
        if let Some(limits) = &limits {
            limits.check(self.frame.floor, data)?;
        }
        Rows::new(data.pick(times), &self.design, limits, data)
    }

    /// The columns of one row of `rows`.
    pub(crate) fn write_bound(&self, rows: &Rows<'_>, index: usize, row: &mut [f64]) {
        self.write_row(rows.times[index], |block| rows.known(block, index), row);
    }

    /// Floor and capacity of one row of `rows`.
    pub(crate) fn limits(&self, rows: &Rows<'_>, index: usize) -> (f64, f64) {
        rows.limits(index, (self.frame.floor, self.frame.cap))
    }
}
