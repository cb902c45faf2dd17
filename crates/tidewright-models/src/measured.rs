//! Values in a unit in which their squares neither overflow nor vanish.

use crate::FitError;

/// The square of a value has to be a number too, with room for sums of them.
const VALUE_MAX: f64 = 1e150;

/// Checked values from the first number on, NaN for a gap, the largest between 1 and 2 unless all are 0.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) values: Vec<f64>,
    /// What they were divided by: a power of two, so that nothing was rounded.
    pub(crate) unit: f64,
    /// How many are numbers.
    pub(crate) rows: usize,
    /// Whether all of them are above 0.
    pub(crate) positive: bool,
}

impl Measured {
    pub(crate) fn new(values: &[f64], rows_min: usize) -> Result<Self, FitError> {
        let observed = || values.iter().copied().filter(|value| !value.is_nan());
        let rows = observed().count();
        if rows < rows_min {
            return Err(FitError::TooFew { rows });
        }
        let most = observed().map(f64::abs).fold(0.0, f64::max);
        if most > VALUE_MAX {
            return Err(FitError::NotFinite);
        }
        let unit = if most >= f64::MIN_POSITIVE { most.log2().floor().exp2() } else { 1.0 };
        let gap = values.iter().take_while(|value| value.is_nan());
        let values = values[gap.count()..].iter().map(|value| value / unit).collect();
        Ok(Self { values, unit, rows, positive: observed().all(|value| value > 0.0) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_is_a_power_of_two_and_gaps_stay_but_the_first() {
        let measured = Measured::new(&[f64::NAN, 3e12, f64::NAN, -1.0], 2).unwrap();
        assert_eq!(measured.values[0] * measured.unit, 3e12);
        assert!((1.0..2.0).contains(&measured.values[0]) && measured.values[1].is_nan());
        assert_eq!((measured.rows, measured.positive), (2, false));
    }

    #[test]
    fn too_few_too_large_and_nothing_but_zeros() {
        assert_eq!(Measured::new(&[1.0], 2).unwrap_err(), FitError::TooFew { rows: 1 });
        assert_eq!(Measured::new(&[1e200, 1.0], 2).unwrap_err(), FitError::NotFinite);
        assert_eq!(Measured::new(&[0.0, 0.0], 2).unwrap().unit, 1.0);
    }
}
