//! Forecasts of series from anywhere, by the models that limits rest on.
//!
//! Series on one grid share a plan wherever the model allows it; any others are fitted one by one. Results come back in
//! the order of the series, the same for any number of threads, and one series that cannot be forecast says why and costs
//! no other its forecast.

mod ahead;
mod choice;
mod groups;
mod plain;
mod prophet;
mod regular;
mod saved;
mod timings;

use std::sync::Arc;

use cpu_time::ThreadTime;
use tidewright_core::{Explanation, Forecast, Levels, Panel, Progress, Series, SeriesKey};
use tidewright_models::onward::Onward;
use tidewright_models::prophet::{
    Components, Covariates, DataRange, GridPlan, Settings, Uncertainty,
};
use tidewright_models::{Fitted, FittedProphet, Forecaster};

use self::ahead::Whose;
use self::choice::{Choice, choice};
use self::groups::groups;
use self::timings::timings;
use crate::error::EngineError;
use crate::pool;

pub use self::ahead::{Ahead, KnownFuture, Reach};
pub use self::choice::ForecastModel;
pub use self::regular::{Regularised, regularise};
pub use self::saved::{SavedError, SavedModels};
pub use self::timings::Timings;

/// The levels behind the bands that are printed and drawn.
const LEVELS: [f64; 5] = [0.025, 0.1, 0.5, 0.9, 0.975];

/// What is asked of a forecast.
#[derive(Clone, Debug)]
pub struct ForecastOrder {
    /// Which moments.
    pub ahead: Ahead,
    /// The length of the season in steps, if it is not days, weeks and years.
    pub season: Option<usize>,
    /// Which model.
    pub model: ForecastModel,
    /// What Prophet is made of, but for the season above.
    pub settings: Settings,
    /// Whether Prophet's own columns are wanted, and how wide their bands are.
    pub components: Option<Uncertainty>,
    /// The values that there can be.
    pub data_range: Option<DataRange>,
    /// Whether fitted models are wanted, and of which series, by their place.
    pub models: Wanted,
}

/// Some of the series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// None.
    None,
    /// Those at these places.
    At(Vec<usize>),
    /// All.
    All,
}

/// Series and what is known beside them.
#[derive(Clone, Debug, Default)]
pub struct Histories {
    /// The series.
    pub panel: Panel,
    /// For each series the columns that its model needs, one number for each of its points.
    pub covariates: Vec<Covariates>,
}

/// What came of one series.
#[derive(Debug)]
pub struct SeriesForecast {
    /// The forecast.
    pub forecast: Forecast,
    /// Prophet's columns, if they were wanted and Prophet made it.
    pub components: Option<Components>,
    /// Which models stand behind it.
    pub explanation: Explanation,
    /// The fitted model, if it was wanted.
    pub model: Option<KeptModel>,
}

/// A series that could not be forecast.
#[derive(Debug)]
pub struct FailedSeries {
    /// Which.
    pub key: SeriesKey,
    /// Why.
    pub error: EngineError,
}

/// A fitted model, and what was known of the future that it was asked for.
#[derive(Clone, Debug)]
pub struct KeptModel {
    /// The model.
    pub fitted: KeptFit,
    /// Columns with one number for each point of the forecast.
    pub future: Covariates,
    onward: Onward,
    points: usize,
}

/// A fitted model: Prophet, which tells of its parts, or another.
#[derive(Clone, Debug)]
pub enum KeptFit {
    /// Prophet.
    Prophet(Arc<FittedProphet>),
    /// Any other model.
    Other(Arc<dyn Fitted>),
}

/// Forecasts and what they cost.
#[derive(Debug)]
pub struct ForecastResult {
    /// What came of each series, in order.
    pub series: Vec<Result<SeriesForecast, FailedSeries>>,
    /// What they cost.
    pub timings: Timings,
}

/// One series and all that is asked of it.
struct Task<'a> {
    series: &'a Series,
    covariates: &'a Covariates,
    order: &'a ForecastOrder,
    /// The model that learned from all series together.
    learned: Option<&'a dyn Forecaster>,
    place: usize,
}

/// One forecast and what it cost.
struct Made {
    result: SeriesForecast,
    fit_us: f64,
    noise_us: f64,
    predict_us: f64,
}

type Attempt = Result<Made, FailedSeries>;

/// Forecasts each series; one that cannot be forecast costs no other its forecast.
///
/// # Errors
/// [`EngineError::Cancelled`] if stopped.
pub fn forecast(
    histories: &Histories,
    order: &ForecastOrder,
    progress: &dyn Progress,
) -> Result<ForecastResult, EngineError> {
    let panel = &histories.panel;
    progress.begin("forecast", panel.series.len() as u64);
    if progress.is_cancelled() {
        return Err(EngineError::Cancelled);
    }
    let none = Covariates::none();
    let started = ThreadTime::now();
    let learned = plain::learn(panel, order, progress);
    let mut plan_us = micros(started);
    let task = |place: usize| Task {
        series: &panel.series[place],
        covariates: histories.covariates.get(place).unwrap_or(&none),
        order,
        learned: learned.as_deref(),
        place,
    };
    let mut made: Vec<Option<Attempt>> =
        std::iter::repeat_with(|| None).take(panel.series.len()).collect();
    for group in groups(panel, order) {
        let started = ThreadTime::now();
        let plan = group.plan();
        plan_us += micros(started);
        let results = pool::map(&group.places, progress, |&place| {
            let failed = |error| FailedSeries { key: panel.series[place].key().clone(), error };
            one(&task(place), plan.as_ref()).map_err(failed)
        })?;
        group.places.iter().zip(results).for_each(|(place, result)| made[*place] = Some(result));
    }
    let points = panel.series.iter().map(Series::len).sum();
    Ok(result(points, made.into_iter().flatten().collect(), plan_us))
}

/// Forecasts from models that were fitted before.
///
/// # Errors
/// As [`forecast`].
pub fn forecast_saved(
    saved: &SavedModels,
    order: &ForecastOrder,
    progress: &dyn Progress,
) -> Result<ForecastResult, EngineError> {
    progress.begin("forecast", saved.models.len() as u64);
    let made = pool::map(&saved.models, progress, |model| {
        let failed = |error| FailedSeries { key: model.fitted.get().key().clone(), error };
        one_saved(model, order).map_err(failed)
    })?;
    Ok(result(saved.models.iter().map(|model| model.points).sum(), made, 0.0))
}

fn one_saved(saved: &KeptModel, order: &ForecastOrder) -> Result<Made, EngineError> {
    let started = ThreadTime::now();
    let key = saved.fitted.get().key();
    let future = order.ahead.of(&Whose { key, onward: saved.onward.clone() })?;
    let mut result = match &saved.fitted {
        KeptFit::Prophet(fitted) => prophet::predict(fitted, &future, order)
            .map_err(|error| EngineError::unpredicted(name(key), error))?,
        KeptFit::Other(fitted) => plain::predict(fitted.as_ref(), &future)?,
    };
    result.model = Some(KeptModel { future: future.covariates, ..saved.clone() });
    hold(&mut result.forecast, order.data_range);
    Ok(Made { result, fit_us: 0.0, noise_us: 0.0, predict_us: micros(started) })
}

fn result(points: usize, attempts: Vec<Attempt>, plan_us: f64) -> ForecastResult {
    let timings = timings(points, &attempts, plan_us);
    let series = attempts.into_iter().map(|made| made.map(|made| made.result)).collect();
    ForecastResult { series, timings }
}

fn one(task: &Task<'_>, plan: Option<&GridPlan>) -> Result<Made, EngineError> {
    let onward = Onward::after(task.series.axis());
    let future = task.order.ahead.of(&Whose { key: task.series.key(), onward })?;
    let mut made = match choice(task.series.axis(), task.order) {
        Choice::Prophet => prophet::make(task, &future, plan)?,
        Choice::Named(model) => plain::make(task, &future, model)?,
    };
    hold(&mut made.result.forecast, task.order.data_range);
    Ok(made)
}

/// Lets no number of a forecast leave the range.
fn hold(forecast: &mut Forecast, range: Option<DataRange>) {
    let Some(range) = range else { return };
    let held = |values: &[f64]| {
        let mut values = values.to_vec();
        range.hold(&mut values);
        values
    };
    let levels = forecast.levels().clone();
    let rows = levels.as_slice().iter().filter_map(|level| forecast.quantile(level.get()));
    let rows = rows.map(held).collect();
    let (key, axis) = (forecast.key().clone(), forecast.axis().clone());
    *forecast = Forecast::new(key, axis, held(forecast.point()), levels, rows)
        .expect("numbers that are held stay finite, as many as they were");
}

impl KeptFit {
    /// The model, whichever it is.
    pub fn get(&self) -> &dyn Fitted {
        match self {
            Self::Prophet(fitted) => fitted.as_ref(),
            Self::Other(fitted) => fitted.as_ref(),
        }
    }

    /// Prophet, if it is.
    pub fn prophet(&self) -> Option<&FittedProphet> {
        match self {
            Self::Prophet(fitted) => Some(fitted.as_ref()),
            Self::Other(_) => None,
        }
    }
}

fn levels() -> Levels {
    Levels::new(&LEVELS).expect("the levels ascend between 0 and 1")
}

fn micros(since: ThreadTime) -> f64 {
    since.elapsed().as_secs_f64() * 1e6
}

impl Task<'_> {
    fn name(&self) -> String {
        name(self.series.key())
    }

    fn wants_model(&self) -> bool {
        match &self.order.models {
            Wanted::None => false,
            Wanted::At(places) => places.contains(&self.place),
            Wanted::All => true,
        }
    }
}

/// What a series is called in messages.
fn name(key: &SeriesKey) -> String {
    key.label("unique_id").unwrap_or("the series").to_owned()
}

#[cfg(test)]
mod tests;
