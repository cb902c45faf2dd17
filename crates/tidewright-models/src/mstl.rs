//! MSTL: trend and several seasons by one STL each, and what remains without them forecast by another model.
//!
//! Bandara, Hyndman, Bergmeir (2021), "MSTL: A Seasonal-Trend Decomposition Algorithm for Time Series with Multiple
//! Seasonal Patterns". The seasons' last cycles come again; the rest, trend and remainder in one, goes to a model without
//! seasons, and so does the question how wide the future is. Seasons count from their second cycle on; without any, the
//! inner model has the series as it is. The future is wider than that model takes it for, because noise went into the
//! seasons and comes again with them. Gaps are bridged for the seasons' sake and are gaps to the inner model.

mod fitted;

use crate::FitError;
use crate::steps::{Past, StepFitted, StepForecaster};
use crate::stl::{Degree, Plan, Stl, bridge};
use fitted::Repeating;

/// Passes over several seasons; a single one needs no second.
const ITERATE: usize = 2;
/// More of the noise than this is not believed to be in the seasons, or the future would be three times as wide and more.
const SHARE_MAX: f64 = 0.8;

/// The parts that sum to a series.
#[derive(Clone, Debug, PartialEq)]
pub struct Parts {
    /// What changes slowly.
    pub trend: Vec<f64>,
    /// One for each season.
    pub seasonal: Vec<Vec<f64>>,
    /// What is left.
    pub remainder: Vec<f64>,
    /// How many parameters the seasons are worth.
    pub parameters: f64,
}

/// MSTL around a model that needs no seasons.
#[derive(Debug)]
pub struct Mstl {
    name: &'static str,
    inner: Box<dyn StepForecaster>,
}

/// How MSTL takes the season of this rank (from 0, the shortest) apart: from cycle to cycle it is a weighted mean.
pub const fn season(rank: usize, period: usize) -> Stl {
    let mut stl = Stl::new(period, 11 + 4 * rank);
    stl.seasonal.degree = Degree::Constant;
    stl
}

/// The same at a tenth of the cost: smooth curves need not be smoothed at every point.
pub const fn quick_season(rank: usize, period: usize) -> Stl {
    let mut stl = season(rank, period);
    stl.jumps = (stl.trend.window.div_ceil(10), stl.low_pass.window.div_ceil(10));
    stl
}

/// Takes values without gaps apart, one STL for each season.
///
/// # Errors
/// [`FitError`] as [`Stl::decompose`], of any season.
pub fn decompose(values: &[f64], seasons: &[Stl]) -> Result<Parts, FitError> {
    let mut plans = Vec::new();
    for stl in seasons {
        plans.push(stl.plan(values.len())?);
    }
    let mut seasonal = vec![vec![0.0; values.len()]; seasons.len()];
    let mut rest = values.to_vec();
    let mut trend = vec![0.0; values.len()];
    for _ in 0..if seasons.len() > 1 { ITERATE } else { 1 } {
        for (plan, season) in plans.iter_mut().zip(&mut seasonal) {
            rest.iter_mut().zip(season.iter()).for_each(|(rest, season)| *rest += season);
            let parts = plan.decompose(&rest)?;
            rest.iter_mut().zip(&parts.seasonal).for_each(|(rest, season)| *rest -= season);
            season.copy_from_slice(&parts.seasonal);
            trend.copy_from_slice(&parts.trend);
        }
    }
    rest.iter_mut().zip(&trend).for_each(|(rest, trend)| *rest -= trend);
    let parameters = plans.iter().map(Plan::parameters).sum();
    Ok(Parts { trend, seasonal, remainder: rest, parameters })
}

impl Mstl {
    /// Around this model, under this name.
    pub fn around(name: &'static str, inner: Box<dyn StepForecaster>) -> Self {
        Self { name, inner }
    }
}

impl StepForecaster for Mstl {
    fn name(&self) -> &'static str {
        self.name
    }

    fn fit(&self, past: &Past<'_>) -> Result<Box<dyn StepFitted>, FitError> {
        let seasons: Vec<usize> = past
            .seasons()
            .iter()
            .copied()
            .filter(|season| 2 * season <= past.values().len())
            .collect();
        let Some(longest) = seasons.last() else {
            let inner = self.inner.fit(&Past::new(past.values(), &[])?)?;
            return Ok(Box::new(Repeating::new(Vec::new(), 1.0, inner)));
        };
        let stls: Vec<Stl> =
            (0..).zip(&seasons).map(|(rank, period)| quick_season(rank, *period)).collect();
        let parts = decompose(&bridge(past.values(), *longest), &stls)?;
        let (mut adjusted, mut cycles) = (past.values().to_vec(), Vec::new());
        for (season, period) in parts.seasonal.iter().zip(&seasons) {
            adjusted.iter_mut().zip(season).for_each(|(value, season)| *value -= season);
            cycles.push(season[season.len() - period..].to_vec());
        }
        let inner = self.inner.fit(&Past::new(&adjusted, &[])?)?;
        let widening = widening(parts.parameters, past.observed());
        Ok(Box::new(Repeating::new(cycles, widening, inner)))
    }

    fn restore(&self, numbers: &[f64]) -> Option<Box<dyn StepFitted>> {
        Some(Box::new(Repeating::restore(numbers, self.inner.as_ref())?))
    }
}

/// By how much a future step misses more than the adjusted past tells.
///
/// A smoother that is worth `p` parameters takes the share `p / n` of the noise's variance into the seasons: what is left
/// has 1 less that share of it, and a new step meets its own noise and that share of the old one, which comes again
/// (Hastie, Tibshirani, Friedman, "The Elements of Statistical Learning", section 7.4).
fn widening(parameters: f64, observed: usize) -> f64 {
    let share = (parameters / observed as f64).min(SHARE_MAX);
    ((1.0 + share) / (1.0 - share)).sqrt()
}
