//! Forecasts and noise: pure maths on values over time.
//!
//! No I/O, no clock, no threads: equal inputs give equal outputs. NaN is a gap on the way in and never comes out.
//! Start at [`Forecaster`]; the fast path for many series on one grid is [`prophet::GridPlan`].

pub mod clean;
mod error;
pub mod noise;
pub mod prophet;

pub use error::FitError;
