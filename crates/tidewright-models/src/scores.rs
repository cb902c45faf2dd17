//! How far forecasts were off: the figures of the field, one plain function each.
//!
//! The rule: a step of which nothing was observed (NaN) is not judged, and where nothing can be judged, or nothing is
//! there to measure by, the answer is `None`, never a made-up number. No figure here looks at more than it is given.
//!
//! sMAPE (0..200), MASE, OWA and MSIS are those of the M4 competition (Makridakis, Spiliotis and Assimakopoulos 2020);
//! MASE is Hyndman and Koehler 2006; the pinball loss and the interval score are Gneiting and Raftery 2007.

mod bootstrap;
mod reference;

use tidewright_core::Quantile;

pub use bootstrap::bootstrap;
pub use reference::{naive2, repeated_season};

/// What errors of one series are measured by: how far it lies from itself a season earlier, on average.
// Invariant: above 0 and finite.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Scale(f64);

/// How far forecasts lie above (or, negative, below) what was observed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bias {
    /// The mean error.
    pub mean: f64,
    /// The mean size of what was observed.
    pub size: f64,
}

/// The two figures of which the M4 competition made one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// sMAPE.
    pub smape: f64,
    /// MASE.
    pub mase: f64,
}

impl Scale {
    /// The mean distance of values `season` steps apart; `None` of a history that never moves, is shorter than that, or
    /// is so wide that the mean overflows.
    pub fn seasonal(past: &[f64], season: usize) -> Option<Self> {
        let later = past.get(season..).unwrap_or_default();
        let mean = mean(past.iter().zip(later).map(|(before, now)| (now - before).abs()))?;
        (mean > 0.0 && mean.is_finite()).then_some(Self(mean))
    }

    /// A figure in these units.
    pub fn of(self, figure: f64) -> f64 {
        figure / self.0
    }
}

impl Bias {
    /// The bias of `expected`.
    pub fn of(actual: &[f64], expected: &[f64]) -> Option<Self> {
        let mean = mean(each(actual, expected, |actual, expected| expected - actual))?;
        let size = self::mean(actual.iter().map(|actual| actual.abs()))?;
        Some(Self { mean, size })
    }

    /// The bias as a share of the observed size; `None` if nothing but zero was observed.
    pub fn ratio(self) -> Option<f64> {
        (self.size > 0.0).then(|| self.mean / self.size)
    }
}

/// The symmetric mean absolute percentage error, 0 to 200; a zero that was foreseen is no error.
pub fn smape(actual: &[f64], expected: &[f64]) -> Option<f64> {
    mean(each(actual, expected, smape_of))
}

/// The mean absolute error; in units of a [`Scale`] it is MASE.
pub fn mean_absolute_error(actual: &[f64], expected: &[f64]) -> Option<f64> {
    mean(each(actual, expected, |actual, expected| (actual - expected).abs()))
}

/// The mean squared error; its root is RMSE.
pub fn mean_squared_error(actual: &[f64], expected: &[f64]) -> Option<f64> {
    mean(each(actual, expected, |actual, expected| (actual - expected) * (actual - expected)))
}

/// The mean pinball loss of a row of quantiles.
pub fn pinball(level: Quantile, actual: &[f64], row: &[f64]) -> Option<f64> {
    let q = level.get();
    let loss = |actual: f64, row: f64| (q * (actual - row)).max((q - 1.0) * (actual - row));
    mean(each(actual, row, loss))
}

/// The share of what was observed that lies inside a band, its ends included.
pub fn coverage(actual: &[f64], band: (&[f64], &[f64])) -> Option<f64> {
    let is_inside = |(actual, low, high)| low <= actual && actual <= high;
    mean(beside(actual, band).map(|row| f64::from(u8::from(is_inside(row)))))
}

/// The mean interval score of the central band that leaves out the share `alpha`; in units of a [`Scale`] it is MSIS.
pub fn interval_score(alpha: f64, actual: &[f64], band: (&[f64], &[f64])) -> Option<f64> {
    let score = |(actual, low, high): (f64, f64, f64)| {
        let outside = (low - actual).max(actual - high).max(0.0);
        high - low + 2.0 / alpha * outside
    };
    mean(beside(actual, band).map(score))
}

/// The overall weighted average of two figures relative to those of a reference; `None` if the reference never errs.
pub fn owa(ours: Pair, reference: Pair) -> Option<f64> {
    let is_measure = reference.smape > 0.0 && reference.mase > 0.0;
    let relative = || (ours.smape / reference.smape + ours.mase / reference.mase) / 2.0;
    is_measure.then(relative).filter(|owa| owa.is_finite())
}

/// The term of sMAPE of one step.
pub(crate) fn smape_of(actual: f64, expected: f64) -> f64 {
    let size = actual.abs() + expected.abs();
    if size == 0.0 { 0.0 } else { 200.0 * (actual - expected).abs() / size }
}

/// The mean of the numbers among `values`.
pub(crate) fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let numbers = values.filter(|value| !value.is_nan());
    let (count, sum) = numbers.fold((0_usize, 0.0), |(count, sum), value| (count + 1, sum + value));
    (count > 0).then(|| sum / count as f64)
}

fn each<'a>(
    actual: &'a [f64],
    expected: &'a [f64],
    figure: impl Fn(f64, f64) -> f64 + 'a,
) -> impl Iterator<Item = f64> + 'a {
    let pairs = actual.iter().zip(expected).filter(|(actual, _)| !actual.is_nan());
    pairs.map(move |(actual, expected)| figure(*actual, *expected))
}

/// What was observed, between the ends of a band.
fn beside<'a>(
    actual: &'a [f64],
    (low, high): (&'a [f64], &'a [f64]),
) -> impl Iterator<Item = (f64, f64, f64)> + 'a {
    let rows = actual.iter().zip(low).zip(high).filter(|((actual, _), _)| !actual.is_nan());
    rows.map(|((actual, low), high)| (*actual, *low, *high))
}

#[cfg(test)]
mod tests;
