//! Prophet's maximum a posteriori, found exactly.
//!
//! The model is Prophet's (Taylor and Letham 2018): a piecewise linear trend plus Fourier seasons, additive or
//! multiplicative. The optimum is found from sums over rows (`statistics`) by an exact active-set method instead of
//! L-BFGS, which stops short on the Laplace prior. Settings bear Prophet's names. Not here: logistic growth, holidays,
//! regressors, sampling.

mod drift;
mod fit;
mod lasso;
mod newton;
mod objective;
mod optimality;
mod plan;
mod robust;
mod rows;
mod settings;
mod statistics;
mod waves;

pub(crate) use drift::Drift;
pub use fit::{Extrapolation, ProphetFit};
pub use newton::Convergence;
pub use optimality::{Optimality, optimality};
pub use plan::GridPlan;
pub use robust::RobustFit;
pub use rows::fit_rows;
pub use settings::{Seasonality, Settings};
