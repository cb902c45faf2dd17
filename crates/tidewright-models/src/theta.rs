//! The Theta models, with the best of the four chosen per series: `theta`.
//!
//! Fiorucci, Pellegrini, Louzada, Petropoulos and Koehler (2016), "Models for optimising the theta method and their
//! relationship to state space models". Simple exponential smoothing joined with a part of the line through the values,
//! after a season that stands out (90 %) has been taken away by moving averages. Chosen by the mean squared error within
//! the past, as in statsforecast's `AutoTheta`. The search is over `alpha` alone, since for each the best first level and
//! the best `theta` are a problem of least squares.

mod fitted;
mod pass;
mod search;

pub use fitted::ThetaFit;

use crate::FitError;
use crate::classical::{SHARE_MIN, indices, is_seasonal};
use crate::measured::Measured;
use crate::steps::{Past, StepFitted, StepForecaster};

pub use crate::classical::Joined;

/// The first three errors judge nothing, and two more tell of their spread.
const VALUES_MIN: usize = 5;

/// The four models: `theta` two or free, the line through all values or through those so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// The standard theta model: `theta` is 2.
    Stm,
    /// The optimised theta model.
    Otm,
    /// The dynamic standard theta model.
    Dstm,
    /// The dynamic optimised theta model.
    Dotm,
}

/// The Theta model of the least squared error.
#[derive(Clone, Copy, Debug, Default)]
pub struct Theta;

impl Variant {
    /// All of them, the simplest first.
    pub const ALL: [Self; 4] = [Self::Stm, Self::Otm, Self::Dstm, Self::Dotm];

    /// Whether the line is that of the values so far.
    const fn is_dynamic(self) -> bool {
        matches!(self, Self::Dstm | Self::Dotm)
    }

    /// Whether `theta` is searched for.
    const fn is_optimised(self) -> bool {
        matches!(self, Self::Otm | Self::Dotm)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Stm => "STM",
            Self::Otm => "OTM",
            Self::Dstm => "DSTM",
            Self::Dotm => "DOTM",
        }
    }
}

impl StepForecaster for Theta {
    fn name(&self) -> &'static str {
        "theta"
    }

    fn fit(&self, past: &Past<'_>) -> Result<Box<dyn StepFitted>, FitError> {
        Ok(Box::new(fit_automatic(past.values(), past.season())?))
    }

    fn restore(&self, numbers: &[f64]) -> Option<Box<dyn StepFitted>> {
        Some(Box::new(ThetaFit::restore(numbers)?))
    }
}

/// The best of the four models for these values, NaN for a gap.
///
/// # Errors
/// [`FitError`] for fewer than five numbers, or for values whose squares are not finite.
pub fn fit_automatic(values: &[f64], season: usize) -> Result<ThetaFit, FitError> {
    fit_among(values, season, &Variant::ALL)
}

/// One of the four models, fitted to these values.
///
/// # Errors
/// As [`fit_automatic`].
pub fn fit_variant(values: &[f64], season: usize, variant: Variant) -> Result<ThetaFit, FitError> {
    fit_among(values, season, &[variant])
}

fn fit_among(values: &[f64], season: usize, variants: &[Variant]) -> Result<ThetaFit, FitError> {
    let first = values.iter().position(|value| !value.is_nan()).unwrap_or(0);
    let measured = Measured::new(&values[first..], VALUES_MIN)?;
    let Adjusted { values, season } = Adjusted::new(&measured, season);
    let found = search::best(&values, variants);
    Ok(ThetaFit::follow(&found, &values, season).scaled(measured.unit))
}

/// A season that was taken away: how it joins, and its index at each phase.
type Taken = Option<(Joined, Vec<f64>)>;

/// Values without their season.
struct Adjusted {
    values: Vec<f64>,
    season: Taken,
}

impl Adjusted {
    fn new(measured: &Measured, period: usize) -> Self {
        let values = &measured.values;
        let season = is_seasonal(values, period).then(|| taken(values, period, measured.positive));
        let strip = |(i, value): (usize, &f64)| match &season {
            Some((joined, indices)) => joined.strip(*value, indices[i % period]),
            None => *value,
        };
        Self { values: values.iter().enumerate().map(strip).collect(), season }
    }
}

/// A season that multiplies, unless some value or index cannot be divided by.
fn taken(values: &[f64], period: usize, positive: bool) -> (Joined, Vec<f64>) {
    if positive {
        let shares = indices(values, period, Joined::Multiplied);
        if shares.iter().all(|share| *share >= SHARE_MIN) {
            return (Joined::Multiplied, shares);
        }
    }
    (Joined::Added, indices(values, period, Joined::Added))
}

#[cfg(test)]
mod tests;
