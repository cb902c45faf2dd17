//! What a backtest says: how far the forecasts of each model were off, from origins in the past.
//!
//! Figures are those of the field; a missing one is `None`, because there was nothing to measure by. They are averages of
//! series, each an average of its origins, so that a long series counts no more than a short one.

/// How models did on the same series, from the same origins.
#[derive(Clone, Debug, PartialEq)]
pub struct Backtest {
    /// Steps that were forecast from each origin.
    pub horizon: usize,
    /// Origins of each series.
    pub folds: usize,
    /// Steps from one origin to the next.
    pub step: usize,
    /// The seasons, in steps, by which errors were measured: one unless series differ.
    pub seasons: Vec<usize>,
    /// The series, by their names.
    pub series: Vec<String>,
    /// Series that end at different moments: each has origins of its own.
    pub ends_differ: bool,
    /// What could not be judged, whatever the model.
    pub shortfalls: Vec<Shortfall>,
    /// The models, in the order in which they were asked for.
    pub models: Vec<ModelBacktest>,
}

/// A series that could not be judged from an origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortfall {
    /// The series.
    pub series: String,
    /// The origin, counted from 1, the oldest.
    pub fold: usize,
    /// Why, as a clause.
    pub why: String,
}

/// How one model did.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelBacktest {
    /// Its name.
    pub model: String,
    /// Forecasts that were judged.
    pub forecasts: usize,
    /// Over all series that it could forecast; `None` if there is none.
    pub scores: Option<Scores>,
    /// Where MASE lies in 95 of 100 draws of the series.
    pub mase_spread: Option<Spread>,
    /// Where the ratio to the seasonal naive forecast lies.
    pub ratio_spread: Option<Spread>,
    /// The loss of each quantile level.
    pub levels: Vec<LevelLoss>,
    /// By how far a step lies ahead, the nearest first.
    pub steps: Vec<StepScores>,
    /// Series by series.
    pub series: Vec<SeriesScores>,
    /// What it could not forecast.
    pub failures: Vec<ForecastFailure>,
    /// CPU time of one fit and its forecast, in milliseconds.
    pub cpu_ms: f64,
}

/// The figures of one model, over series or over one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scores {
    /// The mean absolute error by the mean distance to the season before; `None` where history never moved.
    pub mase: Option<f64>,
    /// The symmetric mean absolute percentage error, 0 to 200.
    pub smape: f64,
    /// The root mean squared error.
    pub rmse: f64,
    /// The mean absolute error.
    pub mae: f64,
    /// The mean error; above 0 where forecasts are too high.
    pub bias: f64,
    /// The mean error as a share of the observed size; `None` where only zeros were observed.
    pub bias_ratio: Option<f64>,
    /// The mean pinball loss of all levels, in the units of MASE.
    pub pinball: Option<f64>,
    /// The share of what was observed inside the 80 % band.
    pub coverage80: f64,
    /// The same for the 95 % band.
    pub coverage95: f64,
    /// The mean interval score of the 95 % band, in the units of MASE.
    pub msis: Option<f64>,
    /// The M4 competition's overall weighted average, relative to Naive2.
    pub owa: Option<f64>,
    /// MASE relative to that of the last season repeated.
    pub naive_ratio: Option<f64>,
}

/// The figures of one model so many steps ahead.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepScores {
    /// As [`Scores::mase`].
    pub mase: Option<f64>,
    /// As [`Scores::smape`]; `None` where nothing was observed.
    pub smape: Option<f64>,
    /// As [`Scores::coverage80`].
    pub coverage80: Option<f64>,
    /// As [`Scores::coverage95`].
    pub coverage95: Option<f64>,
}

/// The figures of one model on one series.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesScores {
    /// The series.
    pub series: String,
    /// Origins from which it was judged.
    pub folds: usize,
    /// The figures.
    pub scores: Scores,
}

/// The mean loss of one quantile level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LevelLoss {
    /// The level.
    pub level: f64,
    /// The mean pinball loss, in the units of MASE.
    pub loss: Option<f64>,
}

/// A forecast that a model could not make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForecastFailure {
    /// The series.
    pub series: String,
    /// The origin, counted from 1, the oldest.
    pub fold: usize,
    /// Why.
    pub why: String,
}

/// Where a figure lies in 95 of 100 draws of the series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Backtest {
    /// The most forecasts that any model made: those of which another made fewer are not compared with it.
    pub fn forecasts_max(&self) -> usize {
        self.models.iter().map(|model| model.forecasts).max().unwrap_or(0)
    }
}
