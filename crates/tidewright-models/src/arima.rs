//! ARIMA: the next value from earlier values, earlier misses, and differences at single steps and at whole seasons.
//!
//! Parameters are the most likely ones by the exact Gaussian likelihood, gaps included; standard errors are the
//! model's own. Orders are given, or found by [`fit_automatic`]. Seasons beyond
//! [`SEASON_MAX`] steps are waves to it ([`FourierArma`]).

mod conditional;
mod covariance;
mod differences;
mod estimate;
mod filter;
mod fit;
mod fourier;
mod ground;
mod innovations;
mod optimum;
mod orders;
mod polynomials;
mod search;
mod waves;

pub use fit::ArimaFit;
pub use fourier::{FourierArma, FourierFit};
pub use orders::{Order, Orders, SEASON_MAX};
pub use polynomials::Coefficients;
pub use search::Limits;

use estimate::{Care, Estimate, Rooms, likelihood_at};
use ground::Ground;
use search::{observed, search};

use crate::FitError;
use crate::steps::{Past, StepFitted, StepForecaster};

/// Values that a fit looks at: older ones say little about what comes next and cost as much.
const VALUES_MAX: usize = 5000;
/// Fewer values than this are no series.
const VALUES_MIN: usize = 3;

/// ARIMA with orders of its own choice, or with given ones.
#[derive(Clone, Copy, Debug, Default)]
pub struct Arima {
    /// The orders; found by search if there are none.
    pub orders: Option<Orders>,
    /// How far a search goes.
    pub limits: Limits,
}

impl StepForecaster for Arima {
    fn name(&self) -> &'static str {
        "arima"
    }

    fn fit(&self, past: &Past<'_>) -> Result<Box<dyn StepFitted>, FitError> {
        let values = past.values();
        Ok(match &self.orders {
            Some(orders) => Box::new(fit_orders(values, orders)?),
            // Waves do what lags cannot.
            None if past.season() > SEASON_MAX => {
                Box::new(FourierFit::new(values, past.seasons(), &self.limits)?)
            }
            None => Box::new(fit_automatic(values, past.season(), &self.limits)?),
        })
    }

    fn restore(&self, numbers: &[f64]) -> Option<Box<dyn StepFitted>> {
        if FourierFit::is_told_by(numbers) {
            return Some(Box::new(FourierFit::from_numbers(numbers)?));
        }
        Some(Box::new(ArimaFit::from_numbers(numbers)?))
    }
}

/// The model with the best orders for values of which NaN is a gap; a season of 1 is none.
///
/// # Errors
/// [`FitError`] if there are fewer than three numbers.
pub fn fit_automatic(values: &[f64], season: usize, limits: &Limits) -> Result<ArimaFit, FitError> {
    let (values, after) = told(values)?;
    let season = if values.len() >= 2 * season { season } else { 1 };
    Ok(gone_on(search(values, season, limits)?, after))
}

/// The most likely model with these orders for values of which NaN is a gap.
///
/// # Errors
/// [`FitError`] if there are fewer numbers than the model has parameters.
pub fn fit_orders(values: &[f64], orders: &Orders) -> Result<ArimaFit, FitError> {
    let (values, after) = told(values)?;
    let too_few = FitError::TooFew { rows: observed(values) };
    if observed(values) < orders.lost() + orders.parameters() + 2 {
        return Err(too_few);
    }
    let ground = Ground::new(values, orders);
    let estimate = Estimate::new(&mut Rooms::default(), &ground, orders, None, Care::Exact);
    let fit = ArimaFit::new(&ground, &estimate).ok_or(too_few)?;
    Ok(gone_on(fit, after))
}

/// The logarithm of the likelihood of values, given the first of them that differences cost, at these parameters.
///
/// # Errors
/// [`FitError`] if there are too few values, or the coefficients are not those of a stationary model with these orders,
/// or the innovations' variance is not above 0.
pub fn log_likelihood(
    values: &[f64],
    orders: &Orders,
    coefficients: &Coefficients,
    variance: f64,
) -> Result<f64, FitError> {
    let (values, _) = told(values)?;
    let refuse = |key: &str, rule: &'static str, value: String| {
        Err(FitError::Setting { key: key.to_owned(), rule, value })
    };
    if !coefficients.count_as(orders) || !coefficients.are_stationary() {
        let rule = "must be as many as the orders say, and stationary";
        return refuse("coefficients", rule, format!("{coefficients:?}"));
    }
    if !variance.is_finite() || variance <= 0.0 {
        return refuse("variance", "must be above 0", variance.to_string());
    }
    if values.len() <= orders.lost() {
        return Err(FitError::TooFew { rows: observed(values) });
    }
    Ok(likelihood_at(values, orders, coefficients, variance))
}

/// The latest values from the first that is there to the last, and how many gaps follow.
fn told(values: &[f64]) -> Result<(&[f64], usize), FitError> {
    if values.iter().any(|value| value.is_infinite()) {
        return Err(FitError::NotFinite);
    }
    let values = &values[values.len().saturating_sub(VALUES_MAX)..];
    let rows = observed(values);
    let (Some(first), Some(last)) = (
        values.iter().position(|value| !value.is_nan()),
        values.iter().rposition(|value| !value.is_nan()),
    ) else {
        return Err(FitError::TooFew { rows });
    };
    if rows < VALUES_MIN {
        return Err(FitError::TooFew { rows });
    }
    Ok((&values[first..=last], values.len() - 1 - last))
}

fn gone_on(mut fit: ArimaFit, gaps: usize) -> ArimaFit {
    (0..gaps).for_each(|_| fit.update(None));
    fit
}
