//! The scale on which an autoregression works: centred, of unit spread, and logarithmic where that is wanted.

use tidewright_numerics::median;

use super::Explained;
use crate::FitError;

/// A series whose least value lies this close to 0, as a share of its median, is shifted before logarithms are taken:
/// the difference between 1 and 2 requests is noise, not a doubling.
const NEAR_ZERO_RATIO: f64 = 0.01;
/// How far it is shifted then, as a share of the median.
const SHIFT_RATIO: f64 = 0.1;

/// From values to what is explained, and back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    /// What is added before the logarithm; NaN where none is taken.
    shift: f64,
    centre: f64,
    spread: f64,
}

impl Scale {
    /// The scale of these values, NaN for a gap.
    pub(super) fn of(values: &[f64], explained: Explained) -> Result<Self, FitError> {
        let seen: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
        if let Some(constant) =
            seen.first().filter(|first| seen.iter().all(|value| value == *first))
        {
            return Ok(Self { shift: f64::NAN, centre: *constant, spread: 1.0 });
        }
        let shift = match explained {
            Explained::Value => f64::NAN,
            Explained::Logarithm => shift(&seen)?,
        };
        let plain = Self { shift, centre: 0.0, spread: 1.0 };
        let count = seen.len().max(1) as f64;
        let centre = seen.iter().map(|value| plain.to(*value)).sum::<f64>() / count;
        let square = |value: &f64| (plain.to(*value) - centre).powi(2);
        let spread = (seen.iter().map(square).sum::<f64>() / count).sqrt();
        if !centre.is_finite() || !spread.is_finite() {
            return Err(FitError::NotFinite);
        }
        // What differs by round-off alone has no spread to measure by.
        let spread = if spread > f64::EPSILON * centre.abs() { spread } else { 1.0 };
        Ok(Self { shift, centre, spread })
    }

    /// A value on this scale.
    pub(super) fn to(self, value: f64) -> f64 {
        let value = if self.is_logarithmic() { (value + self.shift).ln() } else { value };
        (value - self.centre) / self.spread
    }

    /// A value from this scale.
    pub(super) fn from(self, scaled: f64) -> f64 {
        let value = scaled * self.spread + self.centre;
        if self.is_logarithmic() { value.exp() - self.shift } else { value }
    }

    /// How much a value changes with its place on the scale, where it lies at `value`.
    pub(super) fn slope(self, value: f64) -> f64 {
        if self.is_logarithmic() { (value + self.shift) * self.spread } else { self.spread }
    }

    fn is_logarithmic(self) -> bool {
        !self.shift.is_nan()
    }

    /// Its numbers; a negative shift says that no logarithm is taken.
    pub(super) fn to_numbers(self) -> [f64; 3] {
        [if self.is_logarithmic() { self.shift } else { -1.0 }, self.centre, self.spread]
    }

    /// The scale of these numbers; `None` if they cannot be one.
    pub(super) fn from_numbers([shift, centre, spread]: [f64; 3]) -> Option<Self> {
        let shift = if shift < 0.0 { f64::NAN } else { shift };
        (centre.is_finite() && spread.is_finite() && spread > 0.0).then_some(Self {
            shift,
            centre,
            spread,
        })
    }
}

fn shift(seen: &[f64]) -> Result<f64, FitError> {
    let least = seen.iter().copied().fold(f64::INFINITY, f64::min);
    let middle = median(seen).unwrap_or(0.0);
    let mean = seen.iter().sum::<f64>() / seen.len().max(1) as f64;
    if least < 0.0 || mean <= 0.0 {
        return Err(FitError::Negative { value: least });
    }
    let near = least <= NEAR_ZERO_RATIO * middle;
    Ok(if near { SHIFT_RATIO * middle.max(mean) } else { 0.0 })
}
