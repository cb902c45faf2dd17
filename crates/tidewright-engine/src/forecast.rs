//! Forecasts of series from anywhere, by the models that limits rest on.
//!
//! Series on one grid share a plan wherever the model allows it; any others are fitted row by row. Results come back in
//! the order of the series, the same for any number of threads, and one series that cannot be forecast ends it all: a
//! file is answered whole or not at all.

mod ahead;
mod groups;
mod prophet;
mod saved;

use cpu_time::ThreadTime;
use tidewright_core::{Forecast, Horizon, Levels, Panel, Progress, Series, SeriesKey};
use tidewright_models::onward::Onward;
use tidewright_models::prophet::{
    Components, Covariates, DataRange, GridPlan, Settings, Uncertainty,
};
use tidewright_models::{FitContext, FitError, Fitted, FittedProphet, Forecaster, SeasonalNaive};

use self::ahead::{Future, Whose};
use self::groups::groups;
use crate::error::EngineError;
use crate::pool;

pub use self::ahead::{Ahead, KnownFuture};
pub use self::saved::{SavedError, SavedModels};

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

/// A forecasting model, or the choice of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForecastModel {
    /// Prophet where the history holds two seasons, else the seasonal naive model.
    Auto,
    /// Prophet.
    Prophet,
    /// What was usual at this time of the season.
    SeasonalNaive,
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
    /// The fitted model, if it was wanted and is Prophet.
    pub model: Option<KeptModel>,
}

/// A fitted model, and what was known of the future that it was asked for.
#[derive(Debug)]
pub struct KeptModel {
    /// The model.
    pub fitted: FittedProphet,
    /// Columns with one number for each point of the forecast.
    pub future: Covariates,
    onward: Onward,
}

/// Forecasts and what they cost.
#[derive(Debug)]
pub struct ForecastResult {
    /// One per series, in order.
    pub series: Vec<SeriesForecast>,
    /// What they cost.
    pub timings: Timings,
}

/// CPU time in microseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timings {
    /// How many series.
    pub series: usize,
    /// Points of all of them.
    pub points: usize,
    /// What series share, once.
    pub plan_us: f64,
    /// Each fit, on average.
    pub fit_us: f64,
    /// What is learned of the noise around each fit, for its bands, on average.
    pub noise_us: f64,
    /// Each forecast, on average.
    pub predict_us: f64,
}

/// One series and all that is asked of it.
struct Task<'a> {
    series: &'a Series,
    covariates: &'a Covariates,
    order: &'a ForecastOrder,
    place: usize,
}

struct Made {
    result: SeriesForecast,
    fit_us: f64,
    noise_us: f64,
    predict_us: f64,
}

/// Forecasts each series.
///
/// # Errors
/// [`EngineError::Forecast`] and its kin name the first series that cannot be forecast; [`EngineError::Cancelled`] if
/// stopped.
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
    let task = |&place: &usize| Task {
        series: &panel.series[place],
        covariates: histories.covariates.get(place).unwrap_or(&none),
        order,
        place,
    };
    let mut made: Vec<Option<Result<Made, EngineError>>> =
        std::iter::repeat_with(|| None).take(panel.series.len()).collect();
    let mut plan_us = 0.0;
    for group in groups(panel, order) {
        let started = ThreadTime::now();
        let plan = group.grid.map(|grid| GridPlan::new(grid, &group.settings));
        plan_us += micros(started);
        let results = pool::map(&group.places, progress, |place| one(&task(place), plan.as_ref()))?;
        group.places.iter().zip(results).for_each(|(place, result)| made[*place] = Some(result));
    }
    let made = made.into_iter().flatten().collect::<Result<Vec<_>, _>>()?;
    Ok(result(panel.series.iter().map(Series::len).sum(), made, plan_us))
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
    let one = |(onward, fitted): &(Onward, FittedProphet)| {
        let started = ThreadTime::now();
        let whose = Whose { key: fitted.key(), onward: onward.clone() };
        let future = order.ahead.of(&whose)?;
        let result = prophet::predict(fitted, &future, order);
        let mut result =
            result.map_err(|error| EngineError::unpredicted(name(fitted.key()), error))?;
        let (fitted, onward) = (fitted.clone(), onward.clone());
        result.model = Some(KeptModel { fitted, future: future.covariates, onward });
        hold(&mut result.forecast, order.data_range);
        Ok(Made { result, fit_us: 0.0, noise_us: 0.0, predict_us: micros(started) })
    };
    let made = pool::map(&saved.models, progress, one)?;
    let made = made.into_iter().collect::<Result<Vec<_>, EngineError>>()?;
    let points = saved.fitted().map(|fitted| fitted.fit().rows()).sum();
    Ok(result(points, made, 0.0))
}

fn result(points: usize, made: Vec<Made>, plan_us: f64) -> ForecastResult {
    let count = made.len().max(1) as f64;
    let timings = Timings {
        series: made.len(),
        points,
        plan_us,
        fit_us: made.iter().map(|made| made.fit_us).sum::<f64>() / count,
        noise_us: made.iter().map(|made| made.noise_us).sum::<f64>() / count,
        predict_us: made.iter().map(|made| made.predict_us).sum::<f64>() / count,
    };
    ForecastResult { series: made.into_iter().map(|made| made.result).collect(), timings }
}

fn one(task: &Task<'_>, plan: Option<&GridPlan>) -> Result<Made, EngineError> {
    let onward = Onward::after(task.series.axis());
    let future = task.order.ahead.of(&Whose { key: task.series.key(), onward })?;
    let mut made = if groups::serves_prophet(task.series.axis(), task.order) {
        prophet::make(task, &future, plan)?
    } else {
        naive(task, &future)?
    };
    hold(&mut made.result.forecast, task.order.data_range);
    Ok(made)
}

fn naive(task: &Task<'_>, future: &Future) -> Result<Made, EngineError> {
    let started = ThreadTime::now();
    let panel = Panel { series: vec![task.series.clone()] };
    let ctx = FitContext { seed: 0, progress: &tidewright_core::Silent };
    let fitted = SeasonalNaive.fit(&panel, &ctx).pop();
    let fitted: Box<dyn Fitted> = fitted
        .unwrap_or(Err(FitError::TooFew { rows: 0 }))
        .map_err(|source| EngineError::Fit { series: task.name(), source })?;
    let fit_us = micros(started);
    let started = ThreadTime::now();
    let horizon = Horizon { axis: future.axis.clone() };
    let forecast = fitted.predict(&horizon, &levels());
    let forecast =
        forecast.map_err(|source| EngineError::Forecast { series: task.name(), source })?;
    let result = SeriesForecast { forecast, components: None, model: None };
    // This model finds its noise while it is fitted.
    Ok(Made { result, fit_us, noise_us: 0.0, predict_us: micros(started) })
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

impl Timings {
    /// One line of JSON.
    pub fn to_json(&self) -> String {
        let Self { series, points, plan_us, fit_us, noise_us, predict_us } = self;
        format!(
            r#"{{"series":{series},"points":{points},"plan_us":{plan_us:.1},"fit_us":{fit_us:.1},"noise_us":{noise_us:.1},"predict_us":{predict_us:.1}}}"#
        )
    }
}

#[cfg(test)]
mod tests;
