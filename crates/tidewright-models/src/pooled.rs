//! Pooled regression: what comes next from what was, by one ridge regression over all series of a batch.
//!
//! Each series is measured by its own level and spread before an origin, so that large and small ones learn from one
//! another. For each lead there is one row of coefficients, fitted directly (Marcellino, Stock, Watson 2006, "A comparison
//! of direct and iterated multistep AR methods"): on the last longest and shortest season as lags, and on the time of the
//! seasons as waves. What is explained is the distance from the season repeated, so the ridge (Hoerl and Kennard 1970)
//! shrinks towards that; its strength is the one that misses least from each series' last origins, which are held out for
//! it. What was missed there is the band. Pooling over series as in Montero-Manso and Hyndman (2021), "Principles and
//! algorithms for forecasting groups of time series". Where a longest season has more than a few hundred steps, lags and
//! leads are means of buckets.

mod layout;
mod misses;
mod pool;
mod ridge;
mod row;
mod state;

use std::sync::Arc;

use crate::FitError;
use crate::steps::{Past, StepFitted, StepForecaster};

use self::pool::Pool;
use self::state::FittedPooled;

/// A regression over the series of a batch; one that learned from none yet takes each series for a batch of its own.
#[derive(Clone, Debug, Default)]
pub struct PooledRegression {
    pool: Option<Arc<Pool>>,
}

impl StepForecaster for PooledRegression {
    fn name(&self) -> &'static str {
        "pooled-regression"
    }

    fn learn(&self, pasts: &[Past<'_>]) -> Option<Box<dyn StepForecaster>> {
        let pool = Some(Arc::new(Pool::learn(pasts)?));
        Some(Box::new(Self { pool }))
    }

    fn fit(&self, past: &Past<'_>) -> Result<Box<dyn StepFitted>, FitError> {
        let shared = self.pool.as_ref().filter(|pool| pool.serves(past));
        let pool = match shared {
            Some(pool) => Arc::clone(pool),
            None => {
                Arc::new(Pool::learn(&[*past]).ok_or(FitError::TooFew { rows: past.observed() })?)
            }
        };
        Ok(Box::new(FittedPooled::new(&pool, past)?))
    }

    fn restore(&self, numbers: &[f64]) -> Option<Box<dyn StepFitted>> {
        Some(Box::new(FittedPooled::from_numbers(numbers)?))
    }
}

#[cfg(test)]
mod tests;
