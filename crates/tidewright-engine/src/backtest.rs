//! Backtests: each model forecasts the past of each series from the same origins, and is judged by what came.
//!
//! A model is handed what a [`Fold`] lets it know and nothing else. One fold is held at a time; within it, models and
//! pieces of the panel run side by side on the pool. Pieces are fixed and results are added up in their order, so that
//! figures are the same for any number of threads; only CPU time, which is measured, differs from run to run.

mod piece;

use tidewright_core::{
    Backtest, ForecastFailure, ModelBacktest, Panel, Progress, Series, Shortfall,
};
use tidewright_models::backtest::{Fold, Origins, Tally};
use tidewright_models::seasons::seasons;
use tidewright_models::{FitContext, Forecaster};

use self::piece::{Piece, Tried, pieces};
use crate::error::EngineError;
use crate::pool;

/// What is asked of a backtest.
#[derive(Debug)]
pub struct BacktestOrder {
    /// From where, how far and how often.
    pub origins: Origins,
    /// The length of the season in steps by which errors are measured, if it is not the usual one of the series' step.
    pub season: Option<usize>,
    /// The seed of models that draw, and of the draws of series.
    pub seed: u64,
    /// The models.
    pub models: Vec<Contender>,
}

/// A model that takes part.
#[derive(Debug)]
pub struct Contender {
    /// What the result calls it.
    pub name: String,
    /// How it learns.
    pub model: Box<dyn Forecaster>,
}

/// What is known of one contender so far.
struct Standing {
    tally: Tally,
    failures: Vec<ForecastFailure>,
    tries: usize,
    cpu_secs: f64,
}

/// Hears whether to stop, and tells nobody of single fits: pieces are counted when they are judged.
struct Quiet<'a>(&'a dyn Progress);

/// Backtests each model on each series.
///
/// # Errors
/// [`EngineError::Horizon`] if no series is long enough for all origins; [`EngineError::Cancelled`] if stopped.
pub fn backtest(
    panel: &Panel,
    order: &BacktestOrder,
    progress: &dyn Progress,
) -> Result<Backtest, EngineError> {
    check_length(panel, &order.origins)?;
    let origins = &order.origins;
    let rounds = origins.folds.get() * order.models.len();
    progress.begin("backtest", (rounds * panel.series.len()) as u64);
    let names: Vec<String> = panel.series.iter().map(name).collect();
    let seasons: Vec<usize> = panel.series.iter().map(|it| season(it, order.season)).collect();
    let fresh = || Standing::new(names.len(), origins.horizon.get());
    let mut standings: Vec<Standing> = order.models.iter().map(|_| fresh()).collect();
    let mut shortfalls = Vec::new();
    for round in 0..origins.folds.get() {
        let fold = Fold::cut(panel, origins, round, &seasons);
        let missed = fold.unjudged().iter().map(|(place, why)| Shortfall {
            series: names[*place].clone(),
            fold: round + 1,
            why: why.to_string(),
        });
        shortfalls.extend(missed);
        let tried = forecast_fold(&fold, order, progress)?;
        progress.advance((fold.unjudged().len() * order.models.len()) as u64);
        for piece in tried {
            standings[piece.contender].add(&piece, &fold, |place| (&names[place], round + 1));
        }
    }
    let models = order.models.iter().zip(standings);
    let models = models.map(|(contender, it)| it.finish(contender, &names, order.seed)).collect();
    Ok(Backtest {
        horizon: origins.horizon.get(),
        folds: origins.folds.get(),
        step: origins.step(),
        seasons: distinct(seasons),
        ends_differ: ends_differ(panel),
        series: names,
        shortfalls,
        models,
    })
}

/// What each contender made of each piece of a fold, contender by contender and in the order of the series.
fn forecast_fold(
    fold: &Fold,
    order: &BacktestOrder,
    progress: &dyn Progress,
) -> Result<Vec<Tried>, EngineError> {
    let quiet = Quiet(progress);
    let ctx =
        FitContext { seed: order.seed, progress: &quiet, horizon: order.origins.horizon.get() };
    // What a model learns from all series together comes first, and its cost is its own.
    let shared =
        pool::each(&order.models, progress, |contender| piece::learn(contender, fold, &ctx))?;
    let pieces: Vec<Piece<'_>> = pieces(&order.models, &shared, fold);
    let tried = pool::each(&pieces, progress, |piece| {
        let tried = piece.run(fold, &ctx);
        progress.advance(tried.results.len() as u64);
        tried
    })?;
    // A model that was stopped in the middle says so as an error of each of its series.
    if progress.is_cancelled() { Err(EngineError::Cancelled) } else { Ok(tried) }
}

fn check_length(panel: &Panel, origins: &Origins) -> Result<(), EngineError> {
    let points = panel.series.iter().map(Series::len).max().unwrap_or(0);
    if origins.origin(0, points).is_some() {
        return Ok(());
    }
    let (horizon, folds) = (origins.horizon.get(), origins.folds.get());
    let horizon_max = origins.horizon_max(points);
    Err(EngineError::Horizon { horizon, folds, points, horizon_max })
}

/// The season by which errors of a series are measured: the one that is named, the shortest of its step, or one step.
fn season(series: &Series, named: Option<usize>) -> usize {
    named.or_else(|| seasons(series.axis(), None).first().copied()).unwrap_or(1)
}

fn distinct(mut seasons: Vec<usize>) -> Vec<usize> {
    seasons.sort_unstable();
    seasons.dedup();
    seasons
}

fn ends_differ(panel: &Panel) -> bool {
    let end = |series: &Series| Some(series.axis().timestamp(series.len().checked_sub(1)?));
    let ends: Vec<_> = panel.series.iter().map(end).collect();
    ends.windows(2).any(|pair| pair[0] != pair[1])
}

/// What a series is called in results.
fn name(series: &Series) -> String {
    let key = series.key();
    key.label("unique_id").map_or_else(|| "the series".to_owned(), str::to_owned)
}

impl Standing {
    fn new(series: usize, horizon: usize) -> Self {
        let tally = Tally::new(series, horizon);
        Self { tally, failures: Vec::new(), tries: 0, cpu_secs: 0.0 }
    }

    fn add<'a>(
        &mut self,
        piece: &Tried,
        fold: &Fold,
        named: impl Fn(usize) -> (&'a String, usize),
    ) {
        self.cpu_secs += piece.cpu_secs;
        self.tries += piece.results.len();
        for (index, result) in (piece.first..).zip(&piece.results) {
            let place = fold.place(index);
            match result {
                Ok(judged) => self.tally.add(place, judged),
                Err(why) => {
                    let (series, fold) = named(place);
                    let (series, why) = (series.clone(), why.clone());
                    self.failures.push(ForecastFailure { series, fold, why });
                }
            }
        }
    }

    fn finish(self, contender: &Contender, names: &[String], seed: u64) -> ModelBacktest {
        ModelBacktest {
            model: contender.name.clone(),
            forecasts: self.tally.forecasts(),
            scores: self.tally.scores(),
            mase_spread: self.tally.mase_spread(seed),
            ratio_spread: self.tally.ratio_spread(seed),
            levels: self.tally.levels(),
            steps: self.tally.steps(),
            series: self.tally.series(names),
            failures: self.failures,
            cpu_ms: 1e3 * self.cpu_secs / self.tries.max(1) as f64,
        }
    }
}

impl Progress for Quiet<'_> {
    fn begin(&self, _stage: &'static str, _total: u64) {}

    fn advance(&self, _steps: u64) {}

    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }
}

#[cfg(test)]
mod tests;
