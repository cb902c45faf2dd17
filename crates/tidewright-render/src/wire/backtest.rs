//! A backtest for machines: all of it, down to each step and each series. Shares are ratios; a figure that nothing could
//! measure is null. CPU time is measured, so it alone differs between runs.

use serde::Serialize;
use tidewright_core::{
    Backtest, ForecastFailure, ModelBacktest, Scores, SeriesScores, Shortfall, Spread,
};

/// All models.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BacktestV1 {
    /// Always `v1`.
    pub version: &'static str,
    /// Steps that were forecast from each origin.
    pub horizon: usize,
    /// Origins of each series.
    pub folds: usize,
    /// Steps from one origin to the next.
    pub step: usize,
    /// The seasons, in steps, by which errors were measured.
    pub seasons: Vec<usize>,
    /// How many series there are.
    pub series: usize,
    /// Whether series end at different moments, so that each has origins of its own.
    pub ends_differ: bool,
    /// Series that could not be judged from an origin.
    pub not_judged: Vec<NotForecastV1>,
    /// The models, in the order in which they were asked for.
    pub models: Vec<ModelBacktestV1>,
}

/// One model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModelBacktestV1 {
    /// Its name.
    pub model: String,
    /// Forecasts that were judged.
    pub forecasts: usize,
    /// The figures over all series; null if it could forecast none.
    pub scores: Option<ScoresV1>,
    /// Where `mase` lies in 95 of 100 draws of the series.
    pub mase_95: Option<SpreadV1>,
    /// Where `naive_ratio` lies.
    pub naive_ratio_95: Option<SpreadV1>,
    /// The loss of each quantile level, in the units of `mase`.
    pub pinball: Vec<PinballV1>,
    /// Lists with one number for each step ahead.
    pub by_horizon: ByHorizonV1,
    /// The figures of each series.
    pub by_series: Vec<SeriesScoresV1>,
    /// What it could not forecast.
    pub failures: Vec<NotForecastV1>,
    /// CPU time of one fit with its forecast, in milliseconds.
    pub cpu_ms: f64,
}

/// The figures of a model, or of one series of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScoresV1 {
    /// The mean absolute scaled error.
    pub mase: Option<f64>,
    /// `mase` by that of the last season repeated.
    pub naive_ratio: Option<f64>,
    /// The M4 competition's overall weighted average.
    pub owa: Option<f64>,
    /// The symmetric mean absolute percentage error, 0 to 200.
    pub smape: f64,
    /// The root mean squared error.
    pub rmse: f64,
    /// The mean absolute error.
    pub mae: f64,
    /// The mean error, above 0 where forecasts are too high.
    pub bias: f64,
    /// The same as a share of what was observed.
    pub bias_ratio: Option<f64>,
    /// The mean pinball loss, in the units of `mase`.
    pub pinball: Option<f64>,
    /// The share inside the 80 % band.
    pub coverage_80: f64,
    /// The share inside the 95 % band.
    pub coverage_95: f64,
    /// The mean scaled interval score of the 95 % band.
    pub msis: Option<f64>,
}

/// The figures of one series.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SeriesScoresV1 {
    /// The series.
    pub unique_id: String,
    /// Origins from which it was judged.
    pub folds: usize,
    /// The figures.
    #[serde(flatten)]
    pub scores: ScoresV1,
}

/// Figures by how far a step lies ahead.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ByHorizonV1 {
    /// The mean absolute scaled error of each step.
    pub mase: Vec<Option<f64>>,
    /// The sMAPE of each step.
    pub smape: Vec<Option<f64>>,
    /// The share inside the 80 % band.
    pub coverage_80: Vec<Option<f64>>,
    /// The share inside the 95 % band.
    pub coverage_95: Vec<Option<f64>>,
}

/// The loss of one quantile level.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PinballV1 {
    /// The level.
    pub level: f64,
    /// The mean loss.
    pub loss: Option<f64>,
}

/// Where a figure lies.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SpreadV1 {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// A forecast that was not made or not judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotForecastV1 {
    /// The series.
    pub unique_id: String,
    /// The origin, counted from 1, the oldest.
    pub fold: usize,
    /// Why.
    pub why: String,
}

impl From<&Backtest> for BacktestV1 {
    fn from(found: &Backtest) -> Self {
        Self {
            version: "v1",
            horizon: found.horizon,
            folds: found.folds,
            step: found.step,
            seasons: found.seasons.clone(),
            series: found.series.len(),
            ends_differ: found.ends_differ,
            not_judged: found.shortfalls.iter().map(NotForecastV1::from).collect(),
            models: found.models.iter().map(ModelBacktestV1::from).collect(),
        }
    }
}

impl From<&ModelBacktest> for ModelBacktestV1 {
    fn from(model: &ModelBacktest) -> Self {
        let levels = model.levels.iter();
        Self {
            model: model.model.clone(),
            forecasts: model.forecasts,
            scores: model.scores.as_ref().map(ScoresV1::from),
            mase_95: model.mase_spread.map(SpreadV1::from),
            naive_ratio_95: model.ratio_spread.map(SpreadV1::from),
            pinball: levels.map(|it| PinballV1 { level: it.level, loss: it.loss }).collect(),
            by_horizon: ByHorizonV1 {
                mase: model.steps.iter().map(|it| it.mase).collect(),
                smape: model.steps.iter().map(|it| it.smape).collect(),
                coverage_80: model.steps.iter().map(|it| it.coverage80).collect(),
                coverage_95: model.steps.iter().map(|it| it.coverage95).collect(),
            },
            by_series: model.series.iter().map(SeriesScoresV1::from).collect(),
            failures: model.failures.iter().map(NotForecastV1::from).collect(),
            cpu_ms: model.cpu_ms,
        }
    }
}

impl From<&Scores> for ScoresV1 {
    fn from(scores: &Scores) -> Self {
        Self {
            mase: scores.mase,
            naive_ratio: scores.naive_ratio,
            owa: scores.owa,
            smape: scores.smape,
            rmse: scores.rmse,
            mae: scores.mae,
            bias: scores.bias,
            bias_ratio: scores.bias_ratio,
            pinball: scores.pinball,
            coverage_80: scores.coverage80,
            coverage_95: scores.coverage95,
            msis: scores.msis,
        }
    }
}

impl From<&SeriesScores> for SeriesScoresV1 {
    fn from(it: &SeriesScores) -> Self {
        Self { unique_id: it.series.clone(), folds: it.folds, scores: (&it.scores).into() }
    }
}

impl From<Spread> for SpreadV1 {
    fn from(spread: Spread) -> Self {
        Self { low: spread.low, high: spread.high }
    }
}

impl From<&Shortfall> for NotForecastV1 {
    fn from(it: &Shortfall) -> Self {
        Self { unique_id: it.series.clone(), fold: it.fold, why: it.why.clone() }
    }
}

impl From<&ForecastFailure> for NotForecastV1 {
    fn from(it: &ForecastFailure) -> Self {
        Self { unique_id: it.series.clone(), fold: it.fold, why: it.why.clone() }
    }
}
