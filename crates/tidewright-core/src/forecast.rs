//! What a model says of the future, and how far it looks.

use thiserror::Error;

use crate::quantile::{Levels, Quantile};
use crate::series::{Axis, SeriesKey};
use crate::time::Timestamp;

/// How far and where a forecast looks.
#[derive(Clone, Debug, PartialEq)]
pub struct Horizon {
    /// The future points.
    pub axis: Axis,
}

/// The median and a fixed set of quantiles at each future point.
// Invariant: every row is as long as the axis, every number finite, quantiles ascend with their level.
#[derive(Clone, Debug)]
pub struct Forecast {
    key: SeriesKey,
    axis: Axis,
    point: Vec<f64>,
    levels: Levels,
    quantiles: Vec<Vec<f64>>,
}

/// A quantile of the *maximum* over a horizon: what a limit must hold.
///
/// A pointwise 97.5 % is exceeded 36 minutes a day; this is exceeded in one horizon out of `1 / (1 - quantile)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PeakForecast {
    /// The probability that the whole horizon stays at or below `value`.
    pub quantile: Quantile,
    /// Requests per window.
    pub value: f64,
    /// How long the horizon is, in days.
    pub horizon_days: f64,
}

/// A forecast that breaks its own rules.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ForecastError {
    /// A row is shorter or longer than the axis.
    #[error("a forecast of `{points}` points got a row of `{row}`")]
    Length {
        /// Points of the axis.
        points: usize,
        /// Numbers in the row.
        row: usize,
    },
    /// A number is NaN or infinite.
    #[error("a forecast holds a number that is not finite")]
    NotFinite,
    /// Not one row of quantiles per level.
    #[error("a forecast needs one row per quantile level")]
    Levels,
    /// A moment of the history is asked for as one of the future.
    #[error("the moment `{0}` does not come after the end of the history")]
    Behind(Timestamp),
    /// A moment between two steps is asked for.
    #[error("the moment `{0}` does not lie on the steps of the history")]
    OffGrid(Timestamp),
    /// A moment is asked for that lies too many steps ahead.
    #[error("the moment `{moment}` lies more than `{steps_max}` steps ahead")]
    TooFar {
        /// The moment.
        moment: Timestamp,
        /// The limit.
        steps_max: usize,
    },
}

impl Forecast {
    /// A checked forecast; `quantiles[i]` is the row of level `i`. Rows that cross by rounding are put in order.
    ///
    /// # Errors
    /// [`ForecastError`] if a row has the wrong length or a number is not finite.
    pub fn new(
        key: SeriesKey,
        axis: Axis,
        point: Vec<f64>,
        levels: Levels,
        mut quantiles: Vec<Vec<f64>>,
    ) -> Result<Self, ForecastError> {
        if levels.as_slice().len() != quantiles.len() {
            return Err(ForecastError::Levels);
        }
        for row in quantiles.iter().chain(std::iter::once(&point)) {
            if row.len() != axis.len() {
                return Err(ForecastError::Length { points: axis.len(), row: row.len() });
            }
            if !row.iter().all(|value| value.is_finite()) {
                return Err(ForecastError::NotFinite);
            }
        }
        for level in 1..quantiles.len() {
            let (below, above) = quantiles.split_at_mut(level);
            let pairs = above[0].iter_mut().zip(&below[level - 1]);
            pairs.for_each(|(upper, lower)| *upper = upper.max(*lower));
        }
        Ok(Self { key, axis, point, levels, quantiles })
    }

    /// Whose forecast.
    pub const fn key(&self) -> &SeriesKey {
        &self.key
    }

    /// The future points.
    pub const fn axis(&self) -> &Axis {
        &self.axis
    }

    /// The median, which CSV files of this field call `mean`.
    pub fn point(&self) -> &[f64] {
        &self.point
    }

    /// The quantile levels.
    pub const fn levels(&self) -> &Levels {
        &self.levels
    }

    /// The row of a level, if it is one of [`Forecast::levels`].
    pub fn quantile(&self, level: f64) -> Option<&[f64]> {
        self.levels.position(level).map(|i| self.quantiles[i].as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    fn axis() -> Axis {
        Axis::irregular(vec![Timestamp::from_secs(1), Timestamp::from_secs(2)]).unwrap()
    }

    #[test]
    fn quantiles_never_cross() {
        let levels = Levels::new(&[0.1, 0.9]).unwrap();
        let rows = vec![vec![1.0, 3.0], vec![2.0, 2.0]];
        let forecast =
            Forecast::new(SeriesKey::default(), axis(), vec![1.5, 2.5], levels, rows).unwrap();
        assert_eq!(forecast.quantile(0.9), Some([2.0, 3.0].as_slice()));
    }

    #[test]
    fn a_forecast_is_finite() {
        let levels = Levels::new(&[0.5]).unwrap();
        let rows = vec![vec![1.0, f64::NAN]];
        let forecast = Forecast::new(SeriesKey::default(), axis(), vec![1.0, 1.0], levels, rows);
        assert_eq!(forecast.unwrap_err(), ForecastError::NotFinite);
    }
}
