//! Forecasts and noise: pure maths on values over time.
//!
//! No I/O, no clock, no threads: equal inputs give equal outputs. NaN is a gap on the way in and never comes out.
//! Start at [`Forecaster`]; the fast path for many series on one grid is [`prophet::GridPlan`].

mod beside;
pub mod clean;
mod error;
mod forecaster;
mod naive;
pub mod named;
pub mod noise;
pub mod prophet;
mod quantiles;
mod saved;
pub mod steps;

pub use beside::PredictError;
pub use error::FitError;
pub use forecaster::{FitContext, Fitted, FittedProphet, Forecaster, Prophet, SeasonalNaive};
pub use naive::NaiveFit;
