//! Exponential smoothing with the model, its gains and its first states chosen per series: `ets`.
//!
//! Hyndman, Koehler, Ord and Snyder (2008), "Forecasting with Exponential Smoothing: The State Space Approach". With a
//! season, the model and its gains are those that foretell a season best (`ahead`). Without one, all models of [`Kind`]
//! that suit are fitted by maximum likelihood, and Akaike's corrected criterion picks one, as in R's `ets` and
//! statsforecast's `AutoETS` (`likely`).

mod ahead;
mod fitted;
mod kind;
mod likely;
mod pass;
mod search;
mod start;
mod state;
mod variance;

pub use fitted::EtsFit;
pub use kind::{Errors, Kind, Season, Trend};
pub use state::Gains;

use crate::FitError;
use crate::measured::Measured;
use crate::origins::{Origins, SETTLING};
use crate::steps::{Past, StepFitted, StepForecaster};
use ahead::Choice;
use likely::Likely;

/// The longest season of a likeliest model, as in R and statsforecast: each index is a parameter that is searched for.
pub const PERIOD_MAX: usize = 24;
/// The least that the smallest model can be told by: its three numbers, and two values more.
const VALUES_MIN: usize = 5;
/// A fortnight of minutes; a million would take seconds and change nothing.
const LATEST: usize = 20_000;
/// So many of the shortest season are foretold: one alone does not tell a level that wanders from one that returns.
const AHEAD_SEASONS: usize = 2;

/// Exponential smoothing, chosen by Akaike's corrected criterion.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ets;

impl StepForecaster for Ets {
    fn name(&self) -> &'static str {
        "ets"
    }

    fn fit(&self, past: &Past<'_>) -> Result<Box<dyn StepFitted>, FitError> {
        Ok(Box::new(fit_seasonal(past.values(), past.seasons())?))
    }

    fn restore(&self, numbers: &[f64]) -> Option<Box<dyn StepFitted>> {
        Some(Box::new(EtsFit::restore(numbers)?))
    }
}

/// The smoother that suits these values, NaN for a gap, with a season of so many steps or with none (1).
///
/// # Errors
/// As [`fit_seasonal`].
pub fn fit_automatic(values: &[f64], season: usize) -> Result<EtsFit, FitError> {
    let seasons = [season];
    fit_seasonal(values, if season > 1 { &seasons } else { &[] })
}

/// The smoother that suits these values, NaN for a gap, with one of these seasons or none: by how well it foretells two of the
/// shortest ([`fit_ahead`]), or by likelihood if there are fewer than four ([`fit_likely`]).
///
/// # Errors
/// [`FitError`] for fewer than five numbers, or for values whose squares are not finite.
pub fn fit_seasonal(values: &[f64], seasons: &[usize]) -> Result<EtsFit, FitError> {
    match seasons {
        [] => fit_likely(values, 1),
        [shortest, ..] => fit_ahead(values, seasons, AHEAD_SEASONS * shortest),
    }
}

/// The smoother that foretells the next steps best, up to `ahead` of them, with one of these seasons that came four times
/// or with none; of too short a series the likeliest.
///
/// # Errors
/// As [`fit_seasonal`].
pub fn fit_ahead(values: &[f64], seasons: &[usize], ahead: usize) -> Result<EtsFit, FitError> {
    let measured = Measured::new(latest(values), VALUES_MIN)?;
    let fits = |season: &&usize| 2 * SETTLING * **season <= measured.rows;
    let periods: Vec<usize> = seasons.iter().take_while(fits).copied().collect();
    let longest = periods.last().copied().unwrap_or(1);
    let best = Origins::new(&measured.values, longest, ahead).and_then(|origins| {
        let Measured { rows, positive, .. } = measured;
        Choice { origins, rows, periods: &periods, positive }.best()
    });
    let first = seasons.first().copied().unwrap_or(1);
    // Without any of its seasons a series would be taken for what it is not.
    let best = best.filter(|_| seasons.is_empty() || !periods.is_empty());
    Ok(best.map_or_else(|| likeliest(&measured, first), |fit| fit.scaled(measured.unit)))
}

/// The smoother under which these values are likeliest, corrected for its size by Akaike: the choice of R and statsforecast.
/// A season longer than [`PERIOD_MAX`] is not looked for.
///
/// # Errors
/// As [`fit_automatic`].
pub fn fit_likely(values: &[f64], season: usize) -> Result<EtsFit, FitError> {
    Ok(likeliest(&Measured::new(latest(values), VALUES_MIN)?, season))
}

/// As much of the past as says something about now: a smoother forgets what lies further back anyway.
fn latest(values: &[f64]) -> &[f64] {
    &values[values.len().saturating_sub(LATEST)..]
}

fn likeliest(measured: &Measured, season: usize) -> EtsFit {
    let seasonal = (2..=PERIOD_MAX).contains(&season) && 2 * season <= measured.values.len();
    let period = if seasonal { season } else { 1 };
    let likely = Likely { values: &measured.values, rows: measured.rows, period };
    let fit = likely.best(measured.positive);
    let criterion = fit.criterion() + 2.0 * measured.rows as f64 * measured.unit.ln();
    fit.scaled(measured.unit).judged_by(criterion)
}

#[cfg(test)]
mod tests;
