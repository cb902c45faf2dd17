//! Seasonal autoregressions: the next value from the last ones, from the same time in earlier seasons, and from those
//! beside it.
//!
//! One weighted least-squares regression each, so a fit costs microseconds where a seasonal ARIMA costs a second, and
//! the products of lags (`1`, `24`, `25`; `24 + 168`, ...) stand free instead of being tied to one another. Recent rows
//! weigh more than old ones (a half-life of two seasons), and rows that the regression does not explain weigh less (Huber
//! 1964). What it explains is the value or its logarithm, as it is or as the distance from the usual cycle. Several of these, averaged, are what [`crate::auto`] rests on; the idea of averaging simple
//! autoregressions is that of Doornik, Castle and Hendry (2020), "Card forecasts for M4".

mod lags;
mod profile;
mod regression;
mod scale;
mod state;

use crate::FitError;
use crate::steps::{Past, Season, StepFitted, StepForecaster};
use crate::stl::bridge;

use self::lags::lags;
use self::profile::profile;
use self::regression::Regression;
use self::scale::Scale;
use self::state::FittedAr;

pub use self::lags::Lags;

/// What an autoregression explains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Explained {
    /// The value.
    Value,
    /// Its logarithm; only of series without negative values.
    Logarithm,
}

/// What it is measured from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Around {
    /// From zero: lags alone carry level and seasons.
    Zero,
    /// From the usual cycle, in which one counts half as much as the one `half_life` cycles later.
    Cycle {
        /// Of which season.
        of: Season,
        /// Cycles after which the past counts half.
        half_life: f64,
    },
}

/// An autoregression over seasons.
#[derive(Clone, Copy, Debug)]
pub struct SeasonalAr {
    /// What it is called.
    pub name: &'static str,
    /// What it explains.
    pub explained: Explained,
    /// From what that is measured.
    pub around: Around,
    /// From which earlier values.
    pub lags: Lags,
}

impl StepForecaster for SeasonalAr {
    fn name(&self) -> &'static str {
        self.name
    }

    fn fit(&self, past: &Past<'_>) -> Result<Box<dyn StepFitted>, FitError> {
        Ok(Box::new(self.learn(past)?))
    }

    fn restore(&self, numbers: &[f64]) -> Option<Box<dyn StepFitted>> {
        Some(Box::new(FittedAr::from_numbers(numbers)?))
    }
}

impl SeasonalAr {
    fn learn(&self, past: &Past<'_>) -> Result<FittedAr, FitError> {
        let observed = past.values();
        let scale = Scale::of(observed, self.explained)?;
        let season = past.longest_season();
        let scaled: Vec<f64> = observed.iter().map(|value| scale.to(*value)).collect();
        let mut values = bridge(&scaled, season);
        let profile = match self.around {
            Around::Zero => vec![0.0],
            Around::Cycle { of, half_life } => profile(&values, past.steps_of(of), half_life),
        };
        for values in values.chunks_mut(profile.len()) {
            values.iter_mut().zip(&profile).for_each(|(value, usual)| *value -= usual);
        }
        let lags = lags(self.lags, past.seasons(), values.len());
        let solved = Regression { values: &values, observed, lags: &lags, season }.solve();
        Ok(FittedAr::new(scale, profile, &values, &lags, solved))
    }
}

#[cfg(test)]
mod tests;
