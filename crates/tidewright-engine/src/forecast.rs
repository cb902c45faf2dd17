//! Forecasts of series from anywhere, by the models that limits rest on.

use cpu_time::ThreadTime;
use tidewright_core::{
    Axis, Forecast, ForecastError, Grid, Horizon, Levels, Panel, Progress, SeasonalityMode, Series,
    Timestamp,
};
use tidewright_models::prophet::{GridPlan, Settings};
use tidewright_models::{FitContext, FitError, Fitted, Forecaster, Prophet, SeasonalNaive};

use crate::error::EngineError;
use crate::pool;

/// A season must fit this often into the history before Prophet is preferred to repeating the last one.
const SEASONS_FOR_PROPHET: f64 = 2.0;
const DAY_MS: f64 = 86_400_000.0;
/// Harmonics of a season that the user names, as many as Prophet gives the week; never more than the season can carry.
const FOURIER_ORDER: usize = 3;

/// What is asked of a forecast.
#[derive(Clone, Copy, Debug)]
pub struct ForecastOrder {
    /// How many steps.
    pub horizon: usize,
    /// The length of the season in steps, if it is not days and weeks.
    pub season: Option<usize>,
    /// Which model.
    pub model: ForecastModel,
    /// How seasons join Prophet's trend.
    pub seasonality: SeasonalityMode,
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

/// Forecasts and what they cost.
#[derive(Debug)]
pub struct ForecastResult {
    /// One per series, in order.
    pub forecasts: Vec<Forecast>,
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
    /// Each forecast, on average.
    pub predict_us: f64,
}

struct Forecasted {
    forecast: Forecast,
    fit_us: f64,
    predict_us: f64,
}

/// Forecasts each series of a panel.
///
/// # Errors
/// [`EngineError::Forecast`] names the first series that cannot be forecast; [`EngineError::Cancelled`] if stopped.
pub fn forecast(
    panel: &Panel,
    order: &ForecastOrder,
    progress: &dyn Progress,
) -> Result<ForecastResult, EngineError> {
    progress.begin("forecast", panel.series.len() as u64);
    let started = ThreadTime::now();
    let plans = plans(panel, order);
    let plan_us = micros(started);
    let results = pool::map(&panel.series, progress, |series| one(series, order, &plans))?;
    let results = results.into_iter().collect::<Result<Vec<_>, _>>()?;
    let count = results.len().max(1) as f64;
    let timings = Timings {
        series: panel.series.len(),
        points: panel.series.iter().map(Series::len).sum(),
        plan_us,
        fit_us: results.iter().map(|result| result.fit_us).sum::<f64>() / count,
        predict_us: results.iter().map(|result| result.predict_us).sum::<f64>() / count,
    };
    Ok(ForecastResult {
        forecasts: results.into_iter().map(|result| result.forecast).collect(),
        timings,
    })
}

fn one(
    series: &Series,
    order: &ForecastOrder,
    plans: &[GridPlan],
) -> Result<Forecasted, EngineError> {
    let name = || series.key().label("unique_id").unwrap_or("the series").to_owned();
    let started = ThreadTime::now();
    let fitted =
        fit(series, order, plans).map_err(|source| EngineError::Fit { series: name(), source })?;
    let fit_us = micros(started);
    let horizon = Horizon { axis: following(series.axis(), order.horizon) };
    let started = ThreadTime::now();
    let forecast = fitted.predict(&horizon, &Levels::default());
    let unpredicted = |source: ForecastError| EngineError::Forecast { series: name(), source };
    Ok(Forecasted { forecast: forecast.map_err(unpredicted)?, fit_us, predict_us: micros(started) })
}

fn fit(
    series: &Series,
    order: &ForecastOrder,
    plans: &[GridPlan],
) -> Result<Box<dyn Fitted>, FitError> {
    let prophet = Prophet { settings: settings(series.axis(), order) };
    match (serves_prophet(series.axis(), order), series.axis()) {
        (false, _) => alone(&SeasonalNaive, series),
        (true, Axis::Grid(grid)) => match plans.iter().find(|plan| plan.grid() == grid) {
            Some(plan) => prophet.fit_on(plan, series),
            None => alone(&prophet, series),
        },
        (true, _) => alone(&prophet, series),
    }
}

fn alone(model: &dyn Forecaster, series: &Series) -> Result<Box<dyn Fitted>, FitError> {
    let panel = Panel { series: vec![series.clone()] };
    let ctx = FitContext { seed: 0, progress: &tidewright_core::Silent };
    model.fit(&panel, &ctx).pop().unwrap_or(Err(FitError::TooFew { rows: 0 }))
}

/// One plan for each grid that Prophet serves.
fn plans(panel: &Panel, order: &ForecastOrder) -> Vec<GridPlan> {
    let mut plans: Vec<GridPlan> = Vec::new();
    for series in &panel.series {
        if let Axis::Grid(grid) = series.axis()
            && serves_prophet(series.axis(), order)
            && plans.iter().all(|plan| plan.grid() != grid)
        {
            plans.push(Prophet { settings: settings(series.axis(), order) }.plan(grid));
        }
    }
    plans
}

fn serves_prophet(axis: &Axis, order: &ForecastOrder) -> bool {
    match order.model {
        ForecastModel::Prophet => true,
        ForecastModel::SeasonalNaive => false,
        ForecastModel::Auto => {
            let season = order.season.map_or(1.0, |steps| steps as f64 * step_days(axis));
            days(axis) >= SEASONS_FOR_PROPHET * season.max(step_days(axis))
        }
    }
}

/// The seasons whose every harmonic the axis can tell; which of them the history can, the model knows.
fn settings(axis: &Axis, order: &ForecastOrder) -> Settings {
    let settings = Settings::new(order.seasonality);
    let step = step_days(axis);
    let mut settings = match order.season {
        Some(steps) => {
            settings.season("season", steps as f64 * step, FOURIER_ORDER.min(steps / 2).max(1))
        }
        None => settings.daily().weekly().yearly(),
    };
    settings
        .seasonalities
        .retain(|season| season.period >= 2.0 * season.fourier_order as f64 * step);
    settings
}

fn days(axis: &Axis) -> f64 {
    let span = |last: usize| {
        (axis.timestamp(last).as_millis() - axis.timestamp(0).as_millis()) as f64 / DAY_MS
    };
    axis.len().checked_sub(1).map_or(0.0, span) + step_days(axis)
}

/// The median step.
fn step_days(axis: &Axis) -> f64 {
    let mut steps: Vec<i64> = (1..axis.len()).map(|i| step(axis, i)).collect();
    if steps.is_empty() {
        return 1.0;
    }
    let middle = steps.len() / 2;
    *steps.select_nth_unstable(middle).1 as f64 / DAY_MS
}

fn step(axis: &Axis, index: usize) -> i64 {
    axis.timestamp(index).as_millis() - axis.timestamp(index - 1).as_millis()
}

/// The axis that goes on after `axis`: by its calendar, or at its median step.
fn following(axis: &Axis, horizon: usize) -> Axis {
    let last = |axis: &Axis| {
        axis.len().checked_sub(1).map_or(Timestamp::default(), |last| axis.timestamp(last))
    };
    match axis {
        Axis::Grid(grid) => Axis::Grid(grid.following(horizon)),
        Axis::Calendar { unit, zone, .. } => {
            let onward = Axis::calendar(*unit, zone, last(axis), horizon + 1);
            let moments = (1..=horizon).map(|index| onward.timestamp(index)).collect();
            Axis::Calendar { unit: *unit, zone: zone.clone(), moments }
        }
        Axis::Irregular(_) => {
            let step_ms = ((step_days(axis) * DAY_MS) as i64).max(1);
            let start = last(axis).plus_millis(step_ms);
            Axis::Grid(
                Grid::new(start, step_ms, horizon).expect("the step is at least a millisecond"),
            )
        }
    }
}

fn micros(since: ThreadTime) -> f64 {
    since.elapsed().as_secs_f64() * 1e6
}

impl Timings {
    /// One line of JSON.
    pub fn to_json(&self) -> String {
        let Self { series, points, plan_us, fit_us, predict_us } = self;
        format!(
            r#"{{"series":{series},"points":{points},"plan_us":{plan_us:.1},"fit_us":{fit_us:.1},"predict_us":{predict_us:.1}}}"#
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidewright_core::{CalendarUnit, SeriesKey, Silent, Zone};

    fn check(axis: &Axis, horizon: usize, order: ForecastModel) -> Forecast {
        let values =
            (0..axis.len()).map(|i| 100.0 + 10.0 * (i as f64 / 24.0 * std::f64::consts::TAU).sin());
        let series = Series::new(SeriesKey::default(), axis.clone(), values.collect()).unwrap();
        let panel = Panel { series: vec![series] };
        let order = ForecastOrder {
            horizon,
            season: None,
            model: order,
            seasonality: SeasonalityMode::Additive,
        };
        forecast(&panel, &order, &Silent).unwrap().forecasts.remove(0)
    }

    fn hours(len: usize) -> Axis {
        Axis::Grid(Grid::new(Timestamp::from_secs(0), 3_600_000, len).unwrap())
    }

    #[test]
    fn a_forecast_goes_on_where_the_history_ends() {
        let found = check(&hours(240), 24, ForecastModel::Auto);
        assert_eq!(found.axis().timestamp(0), Timestamp::from_secs(240 * 3600));
        let wave =
            |i: usize| 100.0 + 10.0 * ((240 + i) as f64 / 24.0 * std::f64::consts::TAU).sin();
        assert!(found.point().iter().enumerate().all(|(i, value)| (value - wave(i)).abs() < 1.0));
    }

    #[test]
    fn months_go_on_as_months() {
        let axis = Axis::calendar(CalendarUnit::Month, &Zone::utc(), Timestamp::from_secs(0), 40);
        let found = check(&axis, 3, ForecastModel::Prophet);
        assert_eq!(found.axis().timestamp(0).to_string(), "1973-05-01T00:00:00Z");
        assert_eq!(found.axis().timestamp(2).to_string(), "1973-07-01T00:00:00Z");
    }

    #[test]
    fn irregular_series_go_on_at_their_usual_step() {
        let moments = [0, 60, 120, 190, 240, 300].map(Timestamp::from_secs).to_vec();
        let found = check(&Axis::irregular(moments).unwrap(), 2, ForecastModel::SeasonalNaive);
        assert_eq!(found.axis().timestamp(0), Timestamp::from_secs(360));
    }
}
