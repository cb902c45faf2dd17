//! Probabilities, checked at the door.

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

/// A probability strictly between 0 and 1 at which a distribution is read.
// Invariant: 0 < value < 1.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Quantile(f64);

/// An ascending set of [`Quantile`]s.
// Invariant: strictly ascending, not empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Levels(Arc<[Quantile]>);

/// A number that is no probability, or a set that does not ascend.
#[derive(Debug, Error, PartialEq)]
pub enum QuantileError {
    /// Not inside the open unit interval.
    #[error("a quantile must lie between 0 and 1, got `{0}`")]
    Outside(f64),
    /// Levels must ascend and there must be one.
    #[error("quantile levels must ascend and not be empty")]
    Order,
}

impl Quantile {
    /// The middle of a distribution.
    pub const MEDIAN: Self = Self(0.5);

    /// A checked probability.
    ///
    /// # Errors
    /// [`QuantileError::Outside`] unless `0 < value < 1`.
    pub fn new(value: f64) -> Result<Self, QuantileError> {
        if value > 0.0 && value < 1.0 {
            Ok(Self(value))
        } else {
            Err(QuantileError::Outside(value))
        }
    }

    /// The number.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl fmt::Display for Quantile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Levels {
    /// A checked set of levels.
    ///
    /// # Errors
    /// [`QuantileError`] if one is no probability, they do not ascend, or there is none.
    pub fn new(levels: &[f64]) -> Result<Self, QuantileError> {
        let levels =
            levels.iter().map(|&level| Quantile::new(level)).collect::<Result<Vec<_>, _>>()?;
        let ascends = levels.windows(2).all(|pair| pair[0] < pair[1]);
        if levels.is_empty() || !ascends {
            Err(QuantileError::Order)
        } else {
            Ok(Self(levels.into()))
        }
    }

    /// The levels, ascending.
    pub fn as_slice(&self) -> &[Quantile] {
        &self.0
    }

    /// Where a level stands in the set.
    pub fn position(&self, level: f64) -> Option<usize> {
        self.0.iter().position(|quantile| (quantile.get() - level).abs() < 1e-12)
    }
}

impl Default for Levels {
    /// The set that every forecast carries: tails for limits, 80 and 95 % bands for people.
    fn default() -> Self {
        let levels =
            [0.005, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99, 0.995, 0.999];
        Self(levels.into_iter().map(Quantile).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_probabilities_pass() {
        assert!(Quantile::new(0.99).is_ok());
        assert_eq!(Quantile::new(1.0), Err(QuantileError::Outside(1.0)));
        assert!(Quantile::new(f64::NAN).is_err());
    }

    #[test]
    fn levels_ascend() {
        assert_eq!(Levels::new(&[0.5, 0.1]), Err(QuantileError::Order));
        assert_eq!(Levels::new(&[]), Err(QuantileError::Order));
        assert_eq!(Levels::default().position(0.975), Some(9));
    }
}
