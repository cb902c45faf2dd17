//! One series by a model that knows nothing but the values of series and their times.

use std::sync::Arc;

use cpu_time::ThreadTime;
use tidewright_core::{Horizon, Panel, Progress, Silent};
use tidewright_models::onward::Onward;
use tidewright_models::{FitContext, FitError, Fitted, Forecaster, named};

use super::ahead::Future;
use super::{
    ForecastModel, ForecastOrder, KeptFit, KeptModel, Made, SeriesForecast, Task, levels, micros,
    name,
};
use crate::error::EngineError;

/// What the model of an order learns from all series together, so that each can then be fitted; `None` if it learns from
/// each alone.
pub(super) fn learn(
    panel: &Panel,
    order: &ForecastOrder,
    progress: &dyn Progress,
) -> Option<Box<dyn Forecaster>> {
    let ForecastModel::Named(name) = order.model else { return None };
    let steps = panel.series.iter().filter_map(|series| order.ahead.len(series));
    let ctx = FitContext { seed: 0, progress, horizon: steps.max().unwrap_or(0) };
    named::forecaster(name, order.season)?.learn(panel, &ctx)
}

/// Fits and forecasts one series by the model of this name.
pub(super) fn make(task: &Task<'_>, future: &Future, model: &str) -> Result<Made, EngineError> {
    let started = ThreadTime::now();
    let fitted = fit(task, model, future.axis.len());
    let fitted = fitted.map_err(|source| EngineError::Fit { series: task.name(), source })?;
    let fit_us = micros(started);
    let started = ThreadTime::now();
    let mut result = predict(fitted.as_ref(), future)?;
    let predict_us = micros(started);
    let kept = || KeptModel {
        fitted: KeptFit::Other(Arc::from(fitted)),
        future: future.covariates.clone(),
        onward: Onward::after(task.series.axis()),
        points: task.series.len(),
    };
    result.model = task.wants_model().then(kept);
    // These models find their noise while they are fitted.
    Ok(Made { result, fit_us, noise_us: 0.0, predict_us })
}

fn fit(task: &Task<'_>, model: &str, horizon: usize) -> Result<Box<dyn Fitted>, FitError> {
    let own = || named::forecaster(model, task.order.season);
    let own = task.learned.is_none().then(own).flatten();
    let model = task.learned.or(own.as_deref());
    let model = model.expect("the names of an order come from the list of the models");
    let panel = Panel { series: vec![task.series.clone()] };
    let ctx = FitContext { seed: 0, progress: &Silent, horizon };
    model.fit(&panel, &ctx).pop().unwrap_or(Err(FitError::TooFew { rows: 0 }))
}

/// The forecast of a fitted model.
pub(super) fn predict(fitted: &dyn Fitted, future: &Future) -> Result<SeriesForecast, EngineError> {
    let horizon = Horizon { axis: future.axis.clone() };
    let forecast = fitted.predict(&horizon, &levels());
    let series = || name(fitted.key());
    let forecast = forecast.map_err(|source| EngineError::Forecast { series: series(), source })?;
    let explanation = fitted.explain();
    Ok(SeriesForecast { forecast, components: None, explanation, model: None })
}
