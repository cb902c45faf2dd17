//! Prophet's maximum a posteriori, found exactly.
//!
//! The model is Prophet's (Taylor and Letham 2018): a trend in pieces plus Fourier seasons, events and regressors, each
//! additive or multiplicative. The optimum is found from sums over rows (`statistics`) by an exact active-set method
//! instead of L-BFGS, which stops short on the Laplace prior. Settings bear Prophet's names. Series on one grid share a
//! [`GridPlan`]; everything else goes through [`fit_history`].

mod band;
mod bilinear;
mod bound;
mod components;
mod covariates;
mod design;
mod drift;
mod fit;
mod forecast;
mod gaps;
mod history;
mod lasso;
mod linear;
mod logistic;
mod loss;
mod moments;
mod newton;
mod optimality;
mod optimum;
mod pass;
mod path;
mod persist;
mod plan;
mod predict;
mod priors;
mod quadratic;
mod reach;
mod robust;
mod rows;
mod sample;
mod settings;
mod slide;
mod table;
mod waves;

pub use crate::DecodeError;
pub use band::Band;
pub use components::{ComponentColumn, Components, DataRange, Intervals, Uncertainty};
pub use covariates::{Covariates, History};
pub use fit::ProphetFit;
pub use forecast::{BandedValues, ForecastPlan};
pub use newton::Convergence;
pub use optimality::{Optimality, optimality, optimality_of};
pub use plan::GridPlan;
pub use predict::Extrapolation;
pub use robust::RobustFit;
pub use rows::{fit_history, fit_rows};
pub use settings::{
    Growth, Holiday, Regressor, Scaling, Seasonality, Settings, Standardize, Switch,
};
pub use slide::Sliding;
pub(crate) use waves::Waves;
