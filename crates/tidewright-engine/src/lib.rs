//! The loop: observe, learn, decide, record, act.
//!
//! One engine serves every role: a run from the command line, a CronJob and a backtest call the same functions. It owns
//! the one thread pool; models and rules below it are pure, ports around it do the I/O. A decision is recorded before
//! anything is written.

mod apply;
mod backtest;
mod case;
mod check;
mod cycle;
mod decide;
mod detect;
mod discover;
mod error;
mod evidence;
mod forecast;
mod inputs;
mod learn;
mod matching;
mod onboard;
mod order;
mod pool;
mod shift;
mod stream;
mod trial;

pub use apply::{
    APPROVAL_HOLDS, ApplyError, ApplyOrder, ApplyPorts, Change, Preview, Stale, UndoOrder,
    apply_plan, latest_to_undo, preview_plan, undo_revision,
};
pub use backtest::{BacktestOrder, Contender, backtest};
pub use check::{check_plan, check_reviewed, review};
pub use cycle::{Outcome, Planned, plan_limits, run_limits};
pub use detect::{WATCHED_MAX, Watch, WatchError};
pub use error::EngineError;
pub use forecast::{
    Ahead, FailedSeries, ForecastModel, ForecastOrder, ForecastResult, Histories, KeptFit,
    KeptModel, KnownFuture, Reach, Regularised, SavedError, SavedModels, SeriesForecast, Timings,
    Wanted, forecast, forecast_saved, regularise,
};
pub use onboard::{examine, onboard};
pub use order::{DocumentPlace, Order, Ports};
pub use pool::in_order;
