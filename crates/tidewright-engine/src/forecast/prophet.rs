//! One series by Prophet: on its grid's plan or row by row, with its own columns where they are wanted.

use std::sync::Arc;

use cpu_time::ThreadTime;
use tidewright_core::Timestamp;
use tidewright_models::onward::Onward;
use tidewright_models::prophet::{
    Components, GridPlan, History, ProphetFit, Uncertainty, fit_history,
};
use tidewright_models::{FitError, Fitted as _, FittedProphet, PredictError};

use super::ahead::Future;
use super::{
    ForecastOrder, KeptFit, KeptModel, Made, SeriesForecast, Task, groups, levels, micros,
};
use crate::error::EngineError;

/// Fits and forecasts one series.
pub(super) fn make(
    task: &Task<'_>,
    future: &Future,
    plan: Option<&GridPlan>,
) -> Result<Made, EngineError> {
    let started = ThreadTime::now();
    let unfitted = |source| EngineError::Fit { series: task.name(), source };
    let fit = fit(task, plan).map_err(unfitted)?;
    let fit_us = micros(started);
    let started = ThreadTime::now();
    let fitted = match plan {
        Some(plan) => FittedProphet::on_plan(plan, task.series, fit),
        None => FittedProphet::on_rows(task.series, task.covariates, fit).map_err(unfitted)?,
    };
    let noise_us = micros(started);
    let started = ThreadTime::now();
    let mut result = predict(&fitted, future, task.order)
        .map_err(|error| EngineError::unpredicted(task.name(), error))?;
    let predict_us = micros(started);
    let kept = || KeptModel {
        fitted: KeptFit::Prophet(Arc::new(fitted)),
        future: future.covariates.clone(),
        onward: Onward::after(task.series.axis()),
        points: task.series.len(),
    };
    result.model = task.wants_model().then(kept);
    Ok(Made { result, fit_us, noise_us, predict_us })
}

fn fit(task: &Task<'_>, plan: Option<&GridPlan>) -> Result<ProphetFit, FitError> {
    let (axis, values) = (task.series.axis(), task.series.raw());
    if let Some(plan) = plan {
        return plan.fit(values);
    }
    let times: Vec<Timestamp> = (0..axis.len()).map(|index| axis.timestamp(index)).collect();
    let history = History { times: &times, values, covariates: task.covariates };
    fit_history(&history, &groups::settings(axis, task.order))
}

/// The forecast of a fitted model, within the range that there can be.
pub(super) fn predict(
    fitted: &FittedProphet,
    future: &Future,
    order: &ForecastOrder,
) -> Result<SeriesForecast, PredictError> {
    let forecast = fitted.predict_beside(&future.axis, &future.covariates, &levels())?;
    let own = |uncertainty: &Uncertainty| components(fitted, future, uncertainty);
    let components = order.components.as_ref().map(own).transpose()?;
    let components = components.map(|components| match order.data_range {
        Some(range) => components.within(range),
        None => components,
    });
    Ok(SeriesForecast { forecast, components, explanation: fitted.explain(), model: None })
}

fn components(
    fitted: &FittedProphet,
    future: &Future,
    uncertainty: &Uncertainty,
) -> Result<Components, FitError> {
    let times: Vec<Timestamp> =
        (0..future.axis.len()).map(|index| future.axis.timestamp(index)).collect();
    fitted.fit().components(&times, &future.covariates, uncertainty)
}
