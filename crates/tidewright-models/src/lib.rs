//! Forecasts and noise: pure maths on values over time.
//!
//! No I/O, no clock, no threads: equal inputs give equal outputs. NaN is a gap on the way in and never comes out.
//! Start at [`Forecaster`]; the fast path for many series on one grid is [`prophet::GridPlan`].

pub mod arima;
pub mod auto;
pub mod backtest;
mod beside;
mod bytes;
mod classical;
pub mod clean;
pub mod detect;
mod error;
pub mod ets;
mod forecaster;
pub mod intermittent;
mod measured;
pub mod mstl;
mod naive;
pub mod named;
pub mod noise;
mod numbers;
mod on_steps;
pub mod onward;
mod origins;
pub mod pooled;
pub mod prophet;
mod quantiles;
pub mod regular;
pub mod repeat;
mod saved;
pub mod scores;
pub mod seasonal_ar;
mod seasonal_prophet;
pub mod seasons;
pub mod steps;
pub mod stl;
pub mod theta;

pub use beside::PredictError;
pub use error::{DecodeError, FitError, UpdateError};
pub use forecaster::{FitContext, Fitted, FittedProphet, Forecaster, Prophet, SeasonalNaive};
pub use naive::NaiveFit;
pub use on_steps::OnSteps;
pub use seasonal_prophet::{SeasonalProphet, with_season};
