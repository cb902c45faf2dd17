//! Small exact kernels that the models stand on: order statistics, the normal law and Student's, dense Cholesky, seeds, wide arithmetic.
//!
//! Everything here is a plain function of its arguments: no I/O, no clock, no global state, equal inputs give equal
//! bits. NaN means a gap wherever a slice of observations is read. It knows no other crate of ours and no statistics
//! beyond what is named above.

mod cholesky;
mod gram;
mod normal;
mod order;
mod seed;
pub mod simd;
mod student;
mod sums;
mod tableau;

pub use cholesky::{NotPositive, factor, solve_lower, solve_upper};
pub use gram::weighted_gram;
pub use normal::{normal_cdf, normal_quantile};
pub use order::{
    median, median_deviation, middle_mean, quantile, quantile_in_place, quantile_sorted, sort,
};
pub use seed::{Random, stable_seed};
pub use student::student_quantile;
pub use sums::{Outline, Table, dot};
pub use tableau::Tableau;
