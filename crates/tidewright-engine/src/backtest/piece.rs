//! One model on a few series of a fold: fitted, asked, judged, and its CPU time.

use cpu_time::ThreadTime;
use tidewright_core::{Levels, Panel};
use tidewright_models::backtest::{Fold, Judged, LEVELS};
use tidewright_models::{FitContext, FitError, Fitted, Forecaster};

use super::Contender;

/// Series of one piece: enough that what a model prepares for a grid costs each of them little, few enough that many
/// threads find work.
const PIECE: usize = 16;

/// A model as it learned from all series of a fold together, if it does.
pub(super) struct Shared {
    model: Option<Box<dyn Forecaster>>,
    cpu_secs: f64,
}

/// One model and the series of a fold that it is to forecast in one go.
pub(super) struct Piece<'a> {
    contender: usize,
    model: &'a dyn Forecaster,
    first: usize,
    len: usize,
    /// CPU time that was spent for it before.
    spent_secs: f64,
}

/// What became of a piece.
pub(super) struct Tried {
    /// Whose it is.
    pub(super) contender: usize,
    /// Its first series in the fold's past.
    pub(super) first: usize,
    /// The judged forecast of each series, or why there is none.
    pub(super) results: Vec<Result<Judged, String>>,
    /// CPU time of fits and forecasts.
    pub(super) cpu_secs: f64,
}

/// What a contender learns from all series of a fold together.
pub(super) fn learn(contender: &Contender, fold: &Fold, ctx: &FitContext<'_>) -> Shared {
    let started = ThreadTime::now();
    let model = contender.model.learn(fold.past(), ctx);
    Shared { model, cpu_secs: started.elapsed().as_secs_f64() }
}

/// All pieces of a fold: contender by contender, in the order of the series.
pub(super) fn pieces<'a>(
    contenders: &'a [Contender],
    shared: &'a [Shared],
    fold: &Fold,
) -> Vec<Piece<'a>> {
    let series = fold.past().series.len();
    let mut pieces = Vec::new();
    for (contender, (own, shared)) in contenders.iter().zip(shared).enumerate() {
        let model = shared.model.as_deref().unwrap_or(own.model.as_ref());
        for first in (0..series).step_by(PIECE) {
            let len = PIECE.min(series - first);
            let spent_secs = if first == 0 { shared.cpu_secs } else { 0.0 };
            pieces.push(Piece { contender, model, first, len, spent_secs });
        }
    }
    pieces
}

impl Piece<'_> {
    /// Fits, forecasts and judges.
    pub(super) fn run(&self, fold: &Fold, ctx: &FitContext<'_>) -> Tried {
        let past = &fold.past().series[self.first..][..self.len];
        let panel = Panel { series: past.to_vec() };
        let started = ThreadTime::now();
        let mut cpu_secs = self.spent_secs;
        let fits = self.model.fit(&panel, ctx);
        cpu_secs += started.elapsed().as_secs_f64();
        let levels = Levels::new(&LEVELS).expect("the levels ascend between 0 and 1");
        let one = |(index, fitted)| judged(fold, index, fitted, &levels, &mut cpu_secs);
        let results = (self.first..).zip(fits).map(one).collect();
        Tried { contender: self.contender, first: self.first, results, cpu_secs }
    }
}

/// A fitted model's forecast, judged; its time is added to that of the model, the judge's is not.
fn judged(
    fold: &Fold,
    index: usize,
    fitted: Result<Box<dyn Fitted>, FitError>,
    levels: &Levels,
    cpu_secs: &mut f64,
) -> Result<Judged, String> {
    let fitted = fitted.map_err(|error| error.to_string())?;
    let started = ThreadTime::now();
    let forecast = fitted.predict(fold.horizon(index), levels);
    *cpu_secs += started.elapsed().as_secs_f64();
    let forecast = forecast.map_err(|error| error.to_string())?;
    fold.judge(index, &forecast).map_err(|error| error.to_string())
}
