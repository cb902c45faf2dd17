//! A fitted Prophet where more is known than moments and values: its fit and its forecast with columns beside them.
//!
//! The point is Prophet's; the quantiles are of the noise that was measured around it in the history, as everywhere.
//! Prophet's own bands are asked of the fit itself ([`FittedProphet::fit`]).

use std::sync::Arc;

use thiserror::Error;
use tidewright_core::{
    Axis, Forecast, ForecastError, Horizon, Levels, Series, SeriesKey, Timestamp,
};

use crate::FitError;
use crate::forecaster::{Fitted, FittedProphet, moments};
use crate::noise::Noise;
use crate::prophet::{Covariates, GridPlan, ProphetFit};
use crate::quantiles::quantile_rows;

/// The step whose waves are made where no grid's are at hand.
const HOUR_MS: i64 = 3_600_000;

/// Why a fitted model tells nothing of a future.
#[derive(Debug, Error, PartialEq)]
pub enum PredictError {
    /// What must be known beside it is not.
    #[error(transparent)]
    Beside(#[from] FitError),
    /// It lies so far that numbers overflow.
    #[error(transparent)]
    Far(#[from] ForecastError),
}

impl FittedProphet {
    /// Learns the noise around what a plan of the series' grid has fitted.
    pub fn on_plan(plan: &GridPlan, series: &Series, fit: ProphetFit) -> Self {
        let noise = Noise::learn(&plan.expected(&fit), series.raw());
        Self { key: series.key().clone(), fit, noise, waves: plan.waves() }
    }

    /// Learns the noise around what was fitted to the rows of a series, with what is known beside each of its points.
    ///
    /// # Errors
    /// [`FitError`] if a column that the model needs is missing or breaks a rule.
    pub fn on_rows(
        series: &Series,
        covariates: &Covariates,
        fit: ProphetFit,
    ) -> Result<Self, FitError> {
        let times: Vec<Timestamp> = moments(series.axis()).collect();
        let expected = past(&fit, &times, series.raw(), covariates)?;
        Ok(Self::around(series, fit, &expected))
    }

    pub(crate) fn around(series: &Series, fit: ProphetFit, expected: &[f64]) -> Self {
        let noise = Noise::learn(expected, series.raw());
        Self::new(series.key().clone(), fit, noise)
    }

    pub(crate) fn new(key: SeriesKey, fit: ProphetFit, noise: Noise) -> Self {
        let waves = Arc::new(fit.waves(HOUR_MS));
        Self { key, fit, noise, waves }
    }

    /// The series that it was learned from.
    pub const fn key(&self) -> &SeriesKey {
        &self.key
    }

    /// The model itself.
    pub const fn fit(&self) -> &ProphetFit {
        &self.fit
    }

    /// The median and quantiles at future points of which more is known.
    ///
    /// # Errors
    /// [`PredictError`] if a column that the settings name is missing or breaks a rule, or numbers overflow.
    pub fn predict_beside(
        &self,
        axis: &Axis,
        covariates: &Covariates,
        levels: &Levels,
    ) -> Result<Forecast, PredictError> {
        if self.fit.settings().shares_a_grid() {
            return Ok(self.predict(&Horizon { axis: axis.clone() }, levels)?);
        }
        let times: Vec<Timestamp> = moments(axis).collect();
        let point = self.fit.predict(&times, covariates)?;
        let (_, drift) = self.fit.predict_each(times.iter().copied());
        let rows = quantile_rows(&point, &drift, &self.noise, levels);
        Ok(Forecast::new(self.key.clone(), axis.clone(), point, levels.clone(), rows)?)
    }
}

/// What a fit expects of its history; NaN where there is no value, and so nothing need be known beside it.
fn past(
    fit: &ProphetFit,
    times: &[Timestamp],
    values: &[f64],
    covariates: &Covariates,
) -> Result<Vec<f64>, FitError> {
    let seen: Vec<usize> = (0..times.len()).filter(|&row| !values[row].is_nan()).collect();
    if seen.len() == times.len() {
        return fit.predict(times, covariates);
    }
    let known: Vec<Timestamp> = seen.iter().map(|&row| times[row]).collect();
    let mut expected = vec![f64::NAN; times.len()];
    let predicted = fit.predict(&known, &covariates.rows(&seen))?;
    seen.into_iter().zip(predicted).for_each(|(row, value)| expected[row] = value);
    Ok(expected)
}
