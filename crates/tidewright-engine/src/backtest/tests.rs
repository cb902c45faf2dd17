//! A backtest judges models by what they could not know, and gives the same figures on any number of threads.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tidewright_core::{
    Axis, Explanation, Forecast, ForecastError, Grid, Horizon, Levels, SeriesKey, Silent, Timestamp,
};
use tidewright_models::{FitError, Fitted, SeasonalNaive, UpdateError};

use super::*;

const DAYS: usize = 14;

/// Expects the last value that it is shown, and notes how many it is shown and which is the last.
#[derive(Clone, Debug, Default)]
struct Witness {
    seen: Arc<Mutex<Vec<(usize, f64)>>>,
}

/// Expects one number for ever.
#[derive(Debug)]
struct Level(SeriesKey, f64);

/// Learns the mean of all series together.
#[derive(Debug)]
struct Pooled(Option<f64>);

/// Can fit nothing.
#[derive(Debug)]
struct Helpless;

impl Forecaster for Witness {
    fn name(&self) -> &'static str {
        "witness"
    }

    fn fit(&self, panel: &Panel, _: &FitContext<'_>) -> Vec<Result<Box<dyn Fitted>, FitError>> {
        let one = |series: &Series| -> Result<Box<dyn Fitted>, FitError> {
            let last = *series.raw().last().unwrap();
            self.seen.lock().unwrap().push((series.len(), last));
            Ok(Box::new(Level(series.key().clone(), last)))
        };
        panel.series.iter().map(one).collect()
    }
}

impl Forecaster for Pooled {
    fn name(&self) -> &'static str {
        "pooled"
    }

    fn learn(&self, panel: &Panel, _: &FitContext<'_>) -> Option<Box<dyn Forecaster>> {
        let all = || panel.series.iter().flat_map(Series::raw);
        Some(Box::new(Self(Some(all().sum::<f64>() / all().count() as f64))))
    }

    fn fit(&self, panel: &Panel, _: &FitContext<'_>) -> Vec<Result<Box<dyn Fitted>, FitError>> {
        let mean = self.0.expect("it has learned before it fits");
        let one = |series: &Series| -> Result<Box<dyn Fitted>, FitError> {
            Ok(Box::new(Level(series.key().clone(), mean)))
        };
        panel.series.iter().map(one).collect()
    }
}

impl Forecaster for Helpless {
    fn name(&self) -> &'static str {
        "helpless"
    }

    fn fit(&self, panel: &Panel, _: &FitContext<'_>) -> Vec<Result<Box<dyn Fitted>, FitError>> {
        panel.series.iter().map(|_| Err(FitError::TooFew { rows: 1 })).collect()
    }
}

impl Fitted for Level {
    fn name(&self) -> &'static str {
        "level"
    }

    fn key(&self) -> &SeriesKey {
        &self.0
    }

    fn predict(&self, horizon: &Horizon, levels: &Levels) -> Result<Forecast, ForecastError> {
        let row = vec![self.1; horizon.axis.len()];
        let rows = vec![row.clone(); levels.as_slice().len()];
        Forecast::new(self.0.clone(), horizon.axis.clone(), row, levels.clone(), rows)
    }

    fn update(&mut self, _: &Series) -> Result<(), UpdateError> {
        unreachable!("a backtest fits anew at each origin")
    }

    fn encode(&self) -> Vec<u8> {
        unreachable!("a backtest saves nothing")
    }

    fn explain(&self) -> Explanation {
        unreachable!("a backtest explains nothing")
    }
}

fn some(number: usize) -> NonZeroUsize {
    NonZeroUsize::new(number).unwrap()
}

fn order(models: Vec<Box<dyn Forecaster>>) -> BacktestOrder {
    let named = |model: Box<dyn Forecaster>| Contender { name: model.name().to_owned(), model };
    BacktestOrder {
        origins: Origins { horizon: some(24), folds: some(3), step: None },
        season: None,
        seed: 1,
        models: models.into_iter().map(named).collect(),
    }
}

/// Hours that count up, so that a value tells its own place.
fn series(id: usize, points: usize) -> Series {
    let grid = Grid::new(Timestamp::from_secs(0), 3_600_000, points).unwrap();
    let values = (0..points).map(|i| i as f64 + (i % 24 * id) as f64).collect();
    let key = SeriesKey::new([("unique_id", format!("s{id}"))]);
    Series::new(key, Axis::Grid(grid), values).unwrap()
}

fn panel(series_count: usize) -> Panel {
    Panel { series: (0..series_count).map(|id| series(id, DAYS * 24)).collect() }
}

/// Without what is measured rather than computed.
fn without_time(mut found: Backtest) -> Backtest {
    found.models.iter_mut().for_each(|model| model.cpu_ms = 0.0);
    found
}

#[test]
fn a_model_sees_each_past_once_and_nothing_after_it() {
    let witness = Witness::default();
    backtest(&panel(1), &order(vec![Box::new(witness.clone())]), &Silent).unwrap();
    // Three origins, a day apart: the last point known is the one before each.
    assert_eq!(*witness.seen.lock().unwrap(), [(264, 263.0), (288, 287.0), (312, 311.0)]);
}

#[test]
fn figures_are_those_of_the_forecasts() {
    let found = backtest(&panel(1), &order(vec![Box::new(Witness::default())]), &Silent).unwrap();
    let scores = found.models[0].scores.unwrap();
    // The last value, of a series that grows by 1 a step: off by 1, 2, .. 24, always too low; a day ago is 24 lower.
    assert!((scores.mae - 12.5).abs() < 1e-12 && (scores.bias + 12.5).abs() < 1e-12);
    assert!((scores.mase.unwrap() - 12.5 / 24.0).abs() < 1e-12);
    assert!((found.models[0].steps[23].mase.unwrap() - 1.0).abs() < 1e-12);
    assert_eq!((found.seasons.as_slice(), found.models[0].forecasts), ([24].as_slice(), 3));
}

#[test]
fn what_a_model_learns_from_all_series_serves_every_piece() {
    let all = Panel { series: (0..40).map(|_| series(0, DAYS * 24)).collect() };
    let found = backtest(&all, &order(vec![Box::new(Pooled(None))]), &Silent).unwrap();
    assert_eq!(found.models[0].forecasts, 120);
    // The mean of 0 .. n - 1, judged by n .. n + 23.
    let errors = [264.0, 288.0, 312.0].map(|n: f64| n + 11.5 - (n - 1.0) / 2.0);
    let mae = found.models[0].scores.unwrap().mae;
    assert!((mae - errors.iter().sum::<f64>() / 3.0).abs() < 1e-9, "{mae}");
}

#[test]
fn figures_are_the_same_for_any_number_of_threads() {
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let models: Vec<Box<dyn Forecaster>> =
            vec![Box::new(SeasonalNaive), Box::new(Witness::default()), Box::new(Pooled(None))];
        let order = order(models);
        without_time(pool.install(|| backtest(&panel(37), &order, &Silent)).unwrap())
    };
    let one = run(1);
    assert_eq!(one, run(2));
    assert_eq!(one, run(5));
}

#[test]
fn a_series_that_cannot_be_forecast_is_named_and_stops_no_other() {
    let models: Vec<Box<dyn Forecaster>> = vec![Box::new(Helpless), Box::new(Witness::default())];
    let found = backtest(&panel(2), &order(models), &Silent).unwrap();
    let [helpless, witness] = found.models.as_slice() else { panic!("two models") };
    assert_eq!((helpless.scores, helpless.failures.len(), helpless.forecasts), (None, 6, 0));
    assert_eq!((helpless.failures[0].series.as_str(), helpless.failures[0].fold), ("s0", 1));
    assert_eq!(helpless.failures[0].why, "cannot fit a model to `1` observed points");
    assert_eq!((witness.failures.len(), witness.forecasts), (0, 6));
}

#[test]
fn a_series_without_some_origin_is_judged_from_the_others() {
    let mut short = panel(1);
    short.series.push(series(1, 50));
    let found = backtest(&short, &order(vec![Box::new(Witness::default())]), &Silent).unwrap();
    let told = &found.shortfalls[0];
    assert_eq!((told.series.as_str(), told.fold, found.shortfalls.len()), ("s1", 1, 1));
    assert_eq!(told.why, "it has `50` points, and this origin needs `73`");
    assert_eq!(found.models[0].series[1].folds, 2);
    assert!(found.ends_differ);
}

#[test]
fn a_horizon_that_fits_no_series_tells_the_longest_that_would() {
    let mut order = order(vec![Box::new(SeasonalNaive)]);
    order.origins.horizon = some(200);
    let refused = backtest(&panel(1), &order, &Silent).unwrap_err();
    let EngineError::Horizon { horizon_max, points, .. } = refused else { panic!("{refused}") };
    assert_eq!((horizon_max, points), (111, 336));
    order.origins.horizon = some(horizon_max);
    assert!(backtest(&panel(1), &order, &Silent).is_ok());
}

#[test]
fn progress_counts_every_series_of_every_fold_and_model_once() {
    #[derive(Debug, Default)]
    struct Count(AtomicU64, AtomicU64);
    impl Progress for Count {
        fn begin(&self, _: &'static str, total: u64) {
            self.0.store(total, Ordering::Relaxed);
        }
        fn advance(&self, steps: u64) {
            self.1.fetch_add(steps, Ordering::Relaxed);
        }
        fn is_cancelled(&self) -> bool {
            false
        }
    }
    let count = Count::default();
    let mut panel = panel(20);
    panel.series.push(series(1, 50));
    backtest(&panel, &order(vec![Box::new(SeasonalNaive), Box::new(Helpless)]), &count).unwrap();
    assert_eq!((count.0.into_inner(), count.1.into_inner()), (126, 126));
}

#[test]
fn a_backtest_that_is_stopped_has_no_result() {
    #[derive(Debug)]
    struct Stopped;
    impl Progress for Stopped {
        fn begin(&self, _: &'static str, _: u64) {}
        fn advance(&self, _: u64) {}
        fn is_cancelled(&self) -> bool {
            true
        }
    }
    let stopped = backtest(&panel(1), &order(vec![Box::new(SeasonalNaive)]), &Stopped);
    assert!(matches!(stopped, Err(EngineError::Cancelled)));
}
