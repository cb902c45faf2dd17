//! The Theta models, with the best of the four chosen per series: `theta`.
//!
//! Fiorucci, Pellegrini, Louzada, Petropoulos and Koehler (2016), "Models for optimising the theta method and their
//! relationship to state space models". Simple exponential smoothing joined with a part of the line through the values,
//! after a season that stands out (90 %) has been taken away by moving averages. The squared error within the past
//! chooses, one step ahead as in statsforecast's `AutoTheta`, or over two seasons where there is one: see [`crate::ets`]
//! for why. Which season, and how wide a forecast is, `trials` tell. The search is over `alpha` alone, since for each the best first level and the best `theta` are
//! a problem of least squares.

mod fitted;
mod pass;
mod search;
mod trials;

pub use fitted::ThetaFit;

use crate::FitError;
use crate::classical::{SHARE_MIN, indices, is_seasonal};
use crate::measured::Measured;
use crate::origins::{Origins, SETTLING};
use crate::steps::{Past, StepFitted, StepForecaster};
use trials::{Trials, stripped};

pub use crate::classical::Joined;

/// Errors before this one are the first level's fault.
const ERRORS_FROM: usize = 3;
/// The errors that judge nothing, and two more to tell of their spread.
const VALUES_MIN: usize = 5;
/// So many of the shortest season are foretold, as by [`crate::ets`].
const AHEAD_SEASONS: usize = 2;

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
        Ok(Box::new(fit_automatic(past.values(), past.seasons())?))
    }

    fn restore(&self, numbers: &[f64]) -> Option<Box<dyn StepFitted>> {
        Some(Box::new(ThetaFit::restore(numbers)?))
    }
}

/// The best of the four models for these values, NaN for a gap, with one of these seasons or none: by how well it foretells
/// two of the shortest, if there are four to judge by, else by its errors one step ahead ([`fit_next`]).
///
/// # Errors
/// [`FitError`] for fewer than five numbers, or for values whose squares are not finite.
pub fn fit_automatic(values: &[f64], seasons: &[usize]) -> Result<ThetaFit, FitError> {
    let measured = Measured::new(values, VALUES_MIN)?;
    let fits = |season: &&usize| 2 * SETTLING * **season <= measured.rows;
    let periods: Vec<usize> = seasons.iter().take_while(fits).copied().collect();
    let Some(shortest) = periods.first() else {
        let short = seasons.first().filter(|season| 2 * **season <= measured.values.len());
        return Ok(Adjusted::new(&measured, short.copied().unwrap_or(1)).fit(&Variant::ALL));
    };
    let ahead = AHEAD_SEASONS * shortest;
    let fits = Adjusted::each(&measured, &periods)
        .filter_map(|adjusted| adjusted.fit_ahead(&measured.values, ahead));
    let best = fits.reduce(|a, b| if b.1 < a.1 { b } else { a });
    Ok(best.expect("there are origins in a series of four seasons").0)
}

/// The best of these models for these values by its errors one step ahead: the choice of statsforecast.
///
/// # Errors
/// As [`fit_automatic`].
pub fn fit_next(values: &[f64], season: usize, among: &[Variant]) -> Result<ThetaFit, FitError> {
    Ok(Adjusted::new(&Measured::new(values, VALUES_MIN)?, season).fit(among))
}

/// A season that was taken away: how it joins, and its index at each phase.
type Taken = Option<(Joined, Vec<f64>)>;

/// Values without their season.
struct Adjusted {
    values: Vec<f64>,
    season: Taken,
    unit: f64,
}

impl Adjusted {
    /// Without a season that stands out, multiplied where it can be, as in the paper.
    fn new(measured: &Measured, period: usize) -> Self {
        let values = &measured.values;
        let season = is_seasonal(values, period)
            .then(|| shares(measured, period).unwrap_or_else(|| sums(measured, period)));
        Self::without(measured, season)
    }

    /// Without each season that stands out, in each way in which it may join; as it is if none does.
    fn each(measured: &Measured, periods: &[usize]) -> impl Iterator<Item = Self> {
        let standing = periods.iter().filter(|period| is_seasonal(&measured.values, **period));
        let ways =
            standing.flat_map(|period| [shares(measured, *period), Some(sums(measured, *period))]);
        let seasons: Vec<Taken> = ways.flatten().map(Some).collect();
        let seasons = if seasons.is_empty() { vec![None] } else { seasons };
        seasons.into_iter().map(|season| Self::without(measured, season))
    }

    fn without(measured: &Measured, season: Taken) -> Self {
        Self { values: stripped(&measured.values, &season), season, unit: measured.unit }
    }

    /// The best of these models by its errors at each value.
    fn fit(self, among: &[Variant]) -> ThetaFit {
        let found = search::best(&Origins::every(&self.values, ERRORS_FROM), among);
        ThetaFit::follow(&found, &self.values, self.season).scaled(self.unit)
    }

    /// The best model by its errors over the steps ahead, and what it missed of `values`, which have their season, when it
    /// was tried.
    fn fit_ahead(self, values: &[f64], ahead: usize) -> Option<(ThetaFit, f64)> {
        let period = self.season.as_ref().map_or(1, |(_, indices)| indices.len());
        let found = search::best(&Origins::new(&self.values, period, ahead)?, &Variant::ALL);
        let trials = Trials::of(&found, values, &self.season, ahead);
        let fit = ThetaFit::follow(&found, &self.values, self.season).widened(trials.growth());
        Some((fit.scaled(self.unit), trials.missed))
    }
}

/// A season that multiplies, if all values and indices can be divided by.
fn shares(measured: &Measured, period: usize) -> Option<(Joined, Vec<f64>)> {
    let shares = measured.positive.then(|| indices(&measured.values, period, Joined::Multiplied));
    let shares = shares.filter(|shares| shares.iter().all(|share| *share >= SHARE_MIN))?;
    Some((Joined::Multiplied, shares))
}

/// A season that is added.
fn sums(measured: &Measured, period: usize) -> (Joined, Vec<f64>) {
    (Joined::Added, indices(&measured.values, period, Joined::Added))
}

#[cfg(test)]
mod tests;
