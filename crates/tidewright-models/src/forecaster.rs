//! What every model looks like from outside: fitted in batches, asked for quantiles.
//!
//! A model never spawns, reads no clock and draws chance only from the seed it is given. A series that cannot be fitted
//! is an error of its own and stops no other.

use std::fmt;
use std::sync::Arc;

use tidewright_core::{
    Axis, Explanation, Forecast, ForecastError, Grid, Horizon, Levels, Panel, Progress, Series,
    SeriesKey, Timestamp,
};

use crate::naive::{FittedNaive, NaiveFit};
use crate::noise::Noise;
use crate::prophet::{Covariates, GridPlan, ProphetFit, Settings, Waves, fit_rows};
use crate::quantiles::quantile_rows;
use crate::{FitError, UpdateError};

/// What the models here are called.
pub(crate) const PROPHET: &str = "prophet";
pub(crate) const SEASONAL_NAIVE: &str = "seasonal-naive";

/// What a fit is given besides data.
#[derive(Clone, Copy)]
pub struct FitContext<'a> {
    /// The run's seed, for models that draw.
    pub seed: u64,
    /// Told of each fitted series; asked whether to stop.
    pub progress: &'a dyn Progress,
    /// How many steps will be asked for; 0 where that is not known.
    pub horizon: usize,
}

/// A way to learn from series.
pub trait Forecaster: fmt::Debug + Send + Sync {
    /// The model's name in results and configuration.
    fn name(&self) -> &'static str;

    /// The same model with what it learns from all series of a panel together, so that the series can then be fitted
    /// piece by piece; `None` if it learns from each alone. Without it, a fit takes each series for a panel of its own.
    fn learn(&self, panel: &Panel, ctx: &FitContext<'_>) -> Option<Box<dyn Forecaster>> {
        let _ = (panel, ctx);
        None
    }

    /// Fits each series of a panel, in its order.
    fn fit(&self, panel: &Panel, ctx: &FitContext<'_>) -> Vec<Result<Box<dyn Fitted>, FitError>>;
}

/// What was learned from one series.
pub trait Fitted: fmt::Debug + Send + Sync {
    /// The name of the model that learned it, for [`crate::named::fitted`].
    fn name(&self) -> &'static str;

    /// The series that it was learned from.
    fn key(&self) -> &SeriesKey;

    /// The expected value and the quantiles at each point of a horizon.
    ///
    /// # Errors
    /// [`ForecastError`] if the horizon lies so far that numbers overflow, or where the model knows of no moments.
    fn predict(&self, horizon: &Horizon, levels: &Levels) -> Result<Forecast, ForecastError>;

    /// Takes points that came after the history, NaN for a gap; parameters stay as they were fitted.
    ///
    /// # Errors
    /// [`UpdateError`] if its mathematics need a new fit, or a point is not one of the coming ones; nothing has changed
    /// then.
    fn update(&mut self, more: &Series) -> Result<(), UpdateError>;

    /// All that is needed to go on from here, but for the name of its series; [`crate::named::fitted`] reads it.
    fn encode(&self) -> Vec<u8>;

    /// Which models stand behind its forecasts, and what was chosen.
    fn explain(&self) -> Explanation;
}

/// Prophet's maximum a posteriori.
#[derive(Clone, Debug)]
pub struct Prophet {
    /// What the model is made of; seasons that a history cannot identify are left out for that series.
    pub settings: Settings,
}

/// The median of earlier cycles.
#[derive(Clone, Copy, Debug)]
pub struct SeasonalNaive;

impl fmt::Debug for FitContext<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FitContext").field("seed", &self.seed).finish_non_exhaustive()
    }
}

impl Forecaster for Prophet {
    fn name(&self) -> &'static str {
        PROPHET
    }

    fn fit(&self, panel: &Panel, ctx: &FitContext<'_>) -> Vec<Result<Box<dyn Fitted>, FitError>> {
        let mut plan = None;
        each(panel, ctx, |series| self.fit_one(series, &mut plan))
    }
}

impl Prophet {
    /// What all series on `grid` share.
    pub fn plan(&self, grid: &Grid) -> GridPlan {
        GridPlan::new(*grid, &self.settings.clone().identifiable(grid.span().days()))
    }

    /// Fits one series. Those on one grid usually stand side by side: the last plan serves until the grid changes.
    pub(crate) fn fit_one(
        &self,
        series: &Series,
        last: &mut Option<GridPlan>,
    ) -> Result<Box<dyn Fitted>, FitError> {
        match series.axis() {
            Axis::Grid(grid) if self.settings.shares_a_grid() => {
                let fresh = last.take().filter(|plan| plan.grid() == grid);
                let plan = last.insert(fresh.unwrap_or_else(|| self.plan(grid)));
                self.fit_on(plan, series)
            }
            axis => on_rows(self, axis, series),
        }
    }

    /// Fits one series by a plan that is there already.
    ///
    /// # Errors
    /// [`FitError`] if the series does not lie on the plan's grid or holds too little.
    pub fn fit_on(&self, plan: &GridPlan, series: &Series) -> Result<Box<dyn Fitted>, FitError> {
        Ok(Box::new(FittedProphet::on_plan(plan, series, plan.fit(series.raw())?)))
    }
}

impl Forecaster for SeasonalNaive {
    fn name(&self) -> &'static str {
        SEASONAL_NAIVE
    }

    fn fit(&self, panel: &Panel, ctx: &FitContext<'_>) -> Vec<Result<Box<dyn Fitted>, FitError>> {
        each(panel, ctx, |series| {
            let fit = NaiveFit::new(series.axis(), series.raw())?;
            Ok(Box::new(FittedNaive::new(series.key().clone(), fit)))
        })
    }
}

/// A fitted Prophet and the noise that was measured around it.
#[derive(Clone, Debug)]
pub struct FittedProphet {
    pub(crate) key: SeriesKey,
    pub(crate) fit: ProphetFit,
    pub(crate) noise: Noise,
    /// Of the step at which its history goes on: most forecasts do so too.
    pub(crate) waves: Arc<Waves>,
}

impl Fitted for FittedProphet {
    fn name(&self) -> &'static str {
        PROPHET
    }

    fn key(&self) -> &SeriesKey {
        &self.key
    }

    fn predict(&self, horizon: &Horizon, levels: &Levels) -> Result<Forecast, ForecastError> {
        let axis = &horizon.axis;
        let (point, drift) = match axis {
            Axis::Grid(grid) => self.fit.predict_drifting(&self.waves, grid),
            axis => self.fit.predict_each(moments(axis)),
        };
        let rows = quantile_rows(&point, &drift, &self.noise, levels);
        Forecast::new(self.key.clone(), axis.clone(), point, levels.clone(), rows)
    }

    fn update(&mut self, _more: &Series) -> Result<(), UpdateError> {
        let why = "its optimum is one of the whole history";
        Err(UpdateError::NeedsFit { model: PROPHET, why })
    }

    fn encode(&self) -> Vec<u8> {
        self.to_bytes()
    }

    fn explain(&self) -> Explanation {
        let seasons = &self.fit.settings().seasonalities;
        let names: Vec<&str> = seasons.iter().map(|season| season.name.as_str()).collect();
        let seasons = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        let bends = self.fit.changepoints().count();
        Explanation::single(
            PROPHET,
            format!("a trend of {bends} possible bends, seasons: {seasons}"),
        )
    }
}

pub(crate) fn each(
    panel: &Panel,
    ctx: &FitContext<'_>,
    mut fit: impl FnMut(&Series) -> Result<Box<dyn Fitted>, FitError>,
) -> Vec<Result<Box<dyn Fitted>, FitError>> {
    let one = |series: &Series| {
        if ctx.progress.is_cancelled() {
            return Err(FitError::Cancelled);
        }
        let fitted = fit(series);
        ctx.progress.advance(1);
        fitted
    };
    panel.series.iter().map(one).collect()
}

fn on_rows(model: &Prophet, axis: &Axis, series: &Series) -> Result<Box<dyn Fitted>, FitError> {
    let times: Vec<Timestamp> = moments(axis).collect();
    let [Some(first), Some(last)] = [times.first(), times.last()] else {
        return Err(FitError::TooFew { rows: 0 });
    };
    let days = (last.as_millis() - first.as_millis()) as f64 / 86_400_000.0;
    let settings = model.settings.clone().identifiable(days);
    let fit = fit_rows(&times, series.raw(), &settings)?;
    let expected = fit.predict(&times, &Covariates::none())?;
    Ok(Box::new(FittedProphet::around(series, fit, &expected)))
}

pub(crate) fn moments(axis: &Axis) -> impl Iterator<Item = Timestamp> + '_ {
    (0..axis.len()).map(|index| axis.timestamp(index))
}

#[cfg(test)]
mod tests {
    use tidewright_core::{SeasonalityMode, Silent};
    use tidewright_numerics::Random;

    use super::*;
    use crate::prophet::{Growth, Holiday};

    const CONTEXT: FitContext<'_> = FitContext { seed: 1, progress: &Silent, horizon: 0 };

    fn panel(axis: &Axis, mut value: impl FnMut(usize) -> f64) -> Panel {
        let values = (0..axis.len()).map(&mut value).collect();
        let series = Series::new(SeriesKey::new([("path", "/a")]), axis.clone(), values).unwrap();
        Panel { series: vec![series] }
    }

    fn week_of_hours() -> Axis {
        Axis::Grid(Grid::new(Timestamp::from_secs(0), 3_600_000, 168).unwrap())
    }

    fn wave(hour: usize) -> f64 {
        100.0 + 50.0 * (hour as f64 / 24.0 * std::f64::consts::TAU).sin()
    }

    fn models() -> Vec<Box<dyn Forecaster>> {
        let settings = Settings::new(SeasonalityMode::Additive).daily().weekly();
        vec![Box::new(Prophet { settings }), Box::new(SeasonalNaive)]
    }

    fn next_day(model: &dyn Forecaster, panel: &Panel) -> Forecast {
        let fitted = model.fit(panel, &CONTEXT).remove(0).unwrap();
        let grid = Grid::new(Timestamp::from_secs(168 * 3600), 3_600_000, 24).unwrap();
        fitted.predict(&Horizon { axis: Axis::Grid(grid) }, &Levels::default()).unwrap()
    }

    #[test]
    fn each_model_sees_the_day_come_again() {
        for model in models() {
            let mut random = Random::new(1);
            let noisy = panel(&week_of_hours(), |hour| wave(hour) + random.normal());
            let forecast = next_day(model.as_ref(), &noisy);
            for (hour, point) in forecast.point().iter().enumerate() {
                assert!((point - wave(hour)).abs() < 4.0, "{} {hour} {point}", model.name());
            }
        }
    }

    #[test]
    fn four_fifths_of_the_future_lie_inside_the_four_fifths_band() {
        for model in models() {
            let mut random = Random::new(8);
            let noisy = panel(&week_of_hours(), |hour| wave(hour) + 5.0 * random.normal());
            let forecast = next_day(model.as_ref(), &noisy);
            let (low, high) = (forecast.quantile(0.1).unwrap(), forecast.quantile(0.9).unwrap());
            let draws = (0..2400).map(|i| (i % 24, wave(i % 24) + 5.0 * random.normal()));
            let inside = draws.filter(|(i, y)| low[*i] <= *y && *y <= high[*i]).count();
            let share = inside as f64 / 2400.0;
            assert!((0.68..0.9).contains(&share), "{} {share}", model.name());
        }
    }

    #[test]
    fn an_irregular_axis_is_fitted_row_by_row() {
        let times = (0..168).filter(|hour| hour % 5 != 0).map(|h| Timestamp::from_secs(h * 3600));
        let axis = Axis::irregular(times.collect()).unwrap();
        let hour = |i: usize| (axis.timestamp(i).as_secs() / 3600) as usize;
        let forecast = next_day(models()[0].as_ref(), &panel(&axis, |i| wave(hour(i))));
        assert!((forecast.point()[6] - wave(6)).abs() < 1.0);
    }

    #[test]
    fn what_no_plan_can_share_is_fitted_row_by_row() {
        let mut settings = Settings::automatic(SeasonalityMode::Additive);
        let day = |day: i64| Holiday {
            holiday: "fair".to_owned(),
            ds: Timestamp::from_secs(day * 86_400),
            lower_window: 0,
            upper_window: 0,
            prior_scale: None,
        };
        settings.holidays = vec![day(2), day(7)];
        let fair = |hour: usize| wave(hour) + if hour / 24 == 2 { 80.0 } else { 0.0 };
        let forecast = next_day(&Prophet { settings }, &panel(&week_of_hours(), fair));
        assert!((forecast.point()[6] - wave(6) - 80.0).abs() < 3.0, "{}", forecast.point()[6]);
    }

    #[test]
    fn a_model_that_reads_a_column_needs_more_than_a_panel() {
        let mut settings = Settings::automatic(SeasonalityMode::Additive);
        settings.growth = Growth::Logistic;
        let fitted = Prophet { settings }.fit(&panel(&week_of_hours(), wave), &CONTEXT).remove(0);
        let missing = FitError::MissingColumn { column: "cap".to_owned() };
        assert_eq!(fitted.expect_err("no capacity"), missing);
    }

    #[test]
    fn a_series_that_cannot_be_fitted_stops_no_other() {
        let axis = week_of_hours();
        let mut both = panel(&axis, |_| f64::NAN);
        both.series.extend(panel(&axis, wave).series);
        for model in models() {
            let fitted = model.fit(&both, &CONTEXT);
            assert_eq!(fitted[0].as_ref().unwrap_err(), &FitError::TooFew { rows: 0 });
            assert!(fitted[1].is_ok());
        }
    }
}
