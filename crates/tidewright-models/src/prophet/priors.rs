//! What a model believes of its unknowns before it has seen a row: all that the solver knows of the columns.

use tidewright_core::SeasonalityMode;

/// Prophet's normal prior on rate and offset has the deviation 5.
const TREND_RIDGE: f64 = 1.0 / 25.0;

/// The priors of all unknowns, and how each column joins the trend.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Priors {
    /// The precision of the normal prior on each column's coefficient, on the rate and on the offset.
    pub(crate) ridge: Vec<f64>,
    /// 1 where a column scales the trend, 0 where it adds to it.
    pub(crate) scaled: Vec<f64>,
    /// The scale of the Laplace prior on bends.
    pub(crate) tau: f64,
}

impl Priors {
    /// Of a trend without columns.
    pub(crate) fn new(tau: f64) -> Self {
        Self { ridge: vec![TREND_RIDGE; 2], scaled: Vec::new(), tau }
    }

    /// Adds columns with one prior scale and mode.
    pub(crate) fn add(&mut self, count: usize, scale: f64, mode: SeasonalityMode) {
        let at = self.columns();
        self.ridge.splice(at..at, std::iter::repeat_n(scale.powi(-2), count));
        let scaled = if mode == SeasonalityMode::Multiplicative { 1.0 } else { 0.0 };
        self.scaled.resize(at + count, scaled);
    }

    /// How many columns.
    pub(crate) const fn columns(&self) -> usize {
        self.scaled.len()
    }

    /// Whether the model is linear in its unknowns.
    pub(crate) fn is_linear(&self) -> bool {
        self.scaled.iter().all(|scaled| *scaled == 0.0)
    }

    /// The part of the objective that comes from priors on the unknowns.
    pub(crate) fn penalty(&self, x: &[f64]) -> f64 {
        let (smooth, bends) = x.split_at(self.ridge.len());
        let ridge: f64 = smooth.iter().zip(&self.ridge).map(|(x, d)| d * x * x).sum();
        0.5 * ridge + bends.iter().map(|bend| bend.abs()).sum::<f64>() / self.tau
    }
}
