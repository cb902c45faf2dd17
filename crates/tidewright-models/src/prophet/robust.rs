//! A fit that incidents do not bend: Huber's loss, then a trim, then Prophet's exact optimum on the rest.
//!
//! Huber's loss equals least squares on values whose largest residuals were cut back ("mean shift": the outlier's
//! excess becomes a parameter of its own), so the moments of the rows never change and each round is one warm solve. The
//! rows that still stand out are then dropped as if they had never been observed, and the result is Prophet's own
//! optimum for what remains.

use super::fit::ProphetFit;
use super::plan::GridPlan;
use crate::FitError;
use crate::noise::Scale;

/// Residuals beyond this many deviations are cut back: 1.345 keeps 95 % of least squares' efficiency on clean data.
const HUBER: f64 = 1.345;
/// Rows beyond this many deviations are dropped.
const TRIM: f64 = 4.0;
/// Rounds of cutting back; they stop earlier once the residuals' width stands.
const ROUNDS_MAX: usize = 10;
/// Relative change of the width below which it stands.
const WIDTH_STEP_MIN: f64 = 0.01;
/// If more than this share stood out, nothing is an outlier: the model does not fit, and dropping rows would hide it.
const TRIMMED_RATIO_MAX: f64 = 0.5;

/// A fit, how wide the noise around it is, and which rows it does not explain.
#[derive(Clone, Debug)]
pub struct RobustFit {
    /// The exact optimum on the rows that were kept.
    pub fit: ProphetFit,
    /// The width of the noise at each level, outliers aside.
    pub scale: Scale,
    /// The rows that were dropped, ascending.
    pub trimmed: Vec<usize>,
    /// What the fit expects at every row of the grid.
    pub expected: Vec<f64>,
}

impl GridPlan {
    /// Fits what a series does apart from its incidents; NaN is a gap.
    ///
    /// # Errors
    /// As [`GridPlan::fit`].
    pub fn fit_robust(&self, values: &[f64]) -> Result<RobustFit, FitError> {
        let (mut fit, mut expected) = self.fit_expected(values, None)?;
        let mut scale = Scale::learn(&expected, values);
        for _ in 0..ROUNDS_MAX {
            let drawn = draw_in(values, &expected, &scale);
            (fit, expected) = self.fit_expected(&drawn, Some(&fit))?;
            let before = scale.at(middle(&expected));
            scale = Scale::learn(&expected, values);
            if (scale.at(middle(&expected)) / before - 1.0).abs() < WIDTH_STEP_MIN {
                break;
            }
        }
        let trimmed = outliers(values, &expected, &scale);
        if trimmed.is_empty() || trimmed.len() as f64 > TRIMMED_RATIO_MAX * fit.rows() as f64 {
            return Ok(RobustFit { fit, scale, trimmed: Vec::new(), expected });
        }
        let mut kept = values.to_vec();
        trimmed.iter().for_each(|&row| kept[row] = f64::NAN);
        (fit, expected) = self.fit_expected(&kept, None)?;
        scale = Scale::learn(&expected, &kept);
        Ok(RobustFit { fit, scale, trimmed, expected })
    }

    fn fit_expected(
        &self,
        values: &[f64],
        near: Option<&ProphetFit>,
    ) -> Result<(ProphetFit, Vec<f64>), FitError> {
        let fit = self.fit_from(values, near)?;
        let mut expected = Vec::new();
        fit.predict_into(self.grid(), None, &mut expected);
        Ok((fit, expected))
    }
}

/// Values whose residuals are cut back to Huber's bend.
fn draw_in(values: &[f64], expected: &[f64], scale: &Scale) -> Vec<f64> {
    let pairs = values.iter().zip(expected);
    // `max` and `min` would turn a gap into a number; `clamp` keeps it.
    let drawn = pairs.map(|(value, level)| {
        let reach = HUBER * scale.at(*level);
        value.clamp(level - reach, level + reach)
    });
    drawn.collect()
}

fn outliers(values: &[f64], expected: &[f64], scale: &Scale) -> Vec<usize> {
    let stands_out = |&row: &usize| (values[row] - expected[row]).abs() > TRIM * scale.at(expected[row]);
    (0..values.len()).filter(stands_out).collect()
}

fn middle(expected: &[f64]) -> f64 {
    expected.iter().sum::<f64>() / expected.len().max(1) as f64
}
