//! How far the future may lie from its forecast: Hyndman et al. (2008), chapter 6.
//!
//! An error at one step moves all later ones by `c_j = alpha + beta (phi + ... + phi^j)`, and by `gamma` more a whole
//! number of seasons on. Added errors add up their squares (class 1, exact); shares do so relative to what is expected
//! by then (class 2, exact). A season that multiplies is taken like one that is added to the logarithm, which is right as
//! far as the squares of shares are small; the book's own approximation (section 6.4.3) takes level and season as
//! independent, though one error moves both, and is too narrow by that. What was not observed before the forecast begins
//! counts like steps of the forecast itself.

use super::kind::{Errors, Kind, Season};
use super::state::Gains;

/// More steps in the dark than this widen no further: by then the answer is that nothing is known.
pub(super) const BLIND_MAX: f64 = 1e5;

/// What decides about the width of a forecast.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spread<'a> {
    pub(super) kind: Kind,
    pub(super) gains: Gains,
    pub(super) period: usize,
    /// Of one error.
    pub(super) variance: f64,
    /// Steps that were not observed, those that were made up for since counted in part.
    pub(super) blind: f64,
    /// What is expected of each step without a season that multiplies; all of it without one.
    pub(super) levels: &'a [f64],
}

impl Spread<'_> {
    /// The variance of each step, of a multiplied season's before it is multiplied.
    pub(super) fn variances(&self) -> Vec<f64> {
        let squares = self.squares(self.levels.len() + self.blind.ceil() as usize + 1);
        match self.kind.errors {
            Errors::Additive => self.added(&squares),
            Errors::Multiplicative => self.shared(&squares),
        }
    }

    /// `c_j^2` from `j = 1` on.
    fn squares(&self, count: usize) -> Vec<f64> {
        let Gains { level, slope, season, damping } = self.gains;
        let (mut power, mut reach) = (1.0, 0.0);
        let mut out = Vec::with_capacity(count);
        for j in 1..=count {
            power *= damping;
            reach += power;
            let round = j.is_multiple_of(self.period) && self.kind.season != Season::None;
            out.push((level + slope * reach + if round { season } else { 0.0 }).powi(2));
        }
        out
    }

    /// The sum of squares from each step's distance on, over the steps in the dark.
    fn dark<'a>(&self, squares: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
        let (whole, part) = (self.blind.floor() as usize, self.blind.fract());
        let mut sum: f64 = squares[..whole].iter().sum();
        (0..squares.len() - whole).map(move |h| {
            let now = sum + part * squares[h + whole];
            sum += squares[h + whole] - squares[h];
            now.max(0.0)
        })
    }

    fn added(&self, squares: &[f64]) -> Vec<f64> {
        let mut before = 0.0;
        let mut out = Vec::with_capacity(self.levels.len());
        for (square, dark) in squares.iter().zip(self.dark(squares)).take(self.levels.len()) {
            out.push(self.variance * (1.0 + before + dark));
            before += square;
        }
        out
    }

    fn shared(&self, squares: &[f64]) -> Vec<f64> {
        let steps = self.levels.len();
        // Newest first, so that the sum over `c_j^2 theta_{h-j}` runs along both.
        let mut moments = vec![0.0; steps];
        let mut out = Vec::with_capacity(steps);
        let first = self.levels.first().map_or(0.0, |level| level * level);
        for (h, dark) in self.dark(squares).take(steps).enumerate() {
            let before = tidewright_numerics::dot(squares, &moments[steps - h..]);
            let level = self.levels[h] * self.levels[h];
            let moment = level + self.variance * (before + dark * first);
            moments[steps - 1 - h] = moment.min(f64::MAX.sqrt());
            out.push((1.0 + self.variance) * moment - level);
        }
        out
    }
}
