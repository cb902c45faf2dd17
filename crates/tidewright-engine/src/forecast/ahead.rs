//! The moments that are forecast: so many steps after the history, or rows that somebody wrote, with what is known of
//! them.

use std::collections::HashMap;
use std::time::Duration;

use tidewright_core::{Axis, Series, SeriesKey, Timestamp};
use tidewright_models::onward::{Onward, STEPS_MAX};
use tidewright_models::prophet::Covariates;

use super::name;
use crate::error::EngineError;

/// Which moments are forecast.
#[derive(Clone, Debug)]
pub struct Ahead {
    /// How far.
    pub reach: Reach,
    /// What is known of the future.
    pub known: KnownFuture,
}

/// How far a forecast reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// So many steps after each history.
    Steps(usize),
    /// As many steps after each history as cover this span.
    Span(Duration),
    /// All rows of the known future.
    Rows,
}

/// What is known of the future, and who says so.
#[derive(Clone, Debug, Default)]
pub struct KnownFuture {
    /// The file, for messages.
    pub place: String,
    /// Rows of all series alike; `None` if each has its own.
    pub common: Option<(Vec<Timestamp>, Covariates)>,
    /// Rows of single series, by their `unique_id`.
    pub by_series: HashMap<String, (Vec<Timestamp>, Covariates)>,
    /// Columns that are the same at every moment.
    pub constants: Vec<(String, f64)>,
}

/// The future of one series.
pub(super) struct Future {
    pub(super) axis: Axis,
    pub(super) covariates: Covariates,
}

/// Whose future it is.
pub(super) struct Whose<'a> {
    pub(super) key: &'a SeriesKey,
    pub(super) onward: Onward,
}

impl Ahead {
    /// So many steps of which nothing is known.
    pub fn steps(steps: usize) -> Self {
        Self { reach: Reach::Steps(steps), known: KnownFuture::default() }
    }

    /// The future of this series.
    pub(super) fn of(&self, whose: &Whose<'_>) -> Result<Future, EngineError> {
        let known = self.known.rows(whose.key)?;
        let future = match (self.reached(whose)?, known) {
            (Some(steps), None) => {
                Future { axis: whose.onward.axis(steps), covariates: Covariates::none() }
            }
            (Some(steps), Some(rows)) => {
                let axis = whose.onward.axis(steps);
                let covariates = self.known.at(rows, &axis, whose.key)?;
                Future { axis, covariates }
            }
            (None, Some((times, covariates))) => {
                let axis = Axis::Irregular(times.as_slice().into());
                Future { axis, covariates: covariates.clone() }
            }
            (None, None) => return Err(self.known.silent(whose.key)),
        };
        Ok(self.with_constants(future))
    }

    /// How many moments are forecast of this series, as far as that can be told before.
    pub(super) fn len(&self, series: &Series) -> Option<usize> {
        let whose = Whose { key: series.key(), onward: Onward::after(series.axis()) };
        self.of(&whose).ok().map(|future| future.axis.len())
    }

    /// How many steps; `None` for rows.
    fn reached(&self, whose: &Whose<'_>) -> Result<Option<usize>, EngineError> {
        let steps = match self.reach {
            Reach::Steps(steps) => steps,
            Reach::Span(span) => whose.onward.steps_in(span),
            Reach::Rows => return Ok(None),
        };
        if steps > STEPS_MAX {
            return Err(EngineError::TooFar { series: name(whose.key), steps, max: STEPS_MAX });
        }
        Ok(Some(steps))
    }

    fn with_constants(&self, mut future: Future) -> Future {
        for (name, value) in &self.known.constants {
            let column = vec![*value; future.axis.len()];
            future.covariates = future.covariates.with(name, column);
        }
        future
    }
}

type Rows = (Vec<Timestamp>, Covariates);

impl KnownFuture {
    fn is_empty(&self) -> bool {
        self.common.is_none() && self.by_series.is_empty()
    }

    /// The rows of this series; `None` if nothing at all is known.
    fn rows(&self, key: &SeriesKey) -> Result<Option<&Rows>, EngineError> {
        if self.is_empty() {
            return Ok(None);
        }
        let own = key.label("unique_id").and_then(|id| self.by_series.get(id));
        own.or(self.common.as_ref()).map(Some).ok_or_else(|| self.silent(key))
    }

    fn silent(&self, key: &SeriesKey) -> EngineError {
        EngineError::FutureSeries { place: self.place.clone(), series: name(key) }
    }

    /// What is known at each moment of an axis.
    fn at(
        &self,
        (times, covariates): &Rows,
        axis: &Axis,
        key: &SeriesKey,
    ) -> Result<Covariates, EngineError> {
        let row = |index: usize| {
            let moment = axis.timestamp(index);
            times.binary_search(&moment).map_err(|_| EngineError::FutureRow {
                place: self.place.clone(),
                series: name(key),
                moment,
            })
        };
        let rows = (0..axis.len()).map(row).collect::<Result<Vec<_>, _>>()?;
        Ok(covariates.rows(&rows))
    }
}
