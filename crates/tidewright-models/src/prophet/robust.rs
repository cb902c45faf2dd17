//! A fit that incidents do not bend: Huber's loss, then a trim, then Prophet's exact optimum on the rest.
//!
//! Huber's loss equals least squares on values whose largest residuals were cut back ("mean shift": the outlier's
//! excess becomes a parameter of its own), so the moments of the rows never change and each round is one warm solve. The
//! rows that still stand out are then dropped as if they had never been observed, and the result is Prophet's own
//! optimum for what remains.
//!
//! A week of minutes outweighs the prior on bends so much that the trend would dive into an outage of hours. So a model
//! whose trend is held straight goes first and drops what leaves it for hours; what leaves it for half a day or more may
//! be growth, and is left to the bends.

use super::fit::ProphetFit;
use super::plan::{Bends, GridPlan};
use crate::FitError;
use crate::noise::Scale;

const DAY_MS: f64 = 86_400_000.0;
/// Residuals beyond this many deviations are cut back: 1.345 keeps 95 % of least squares' efficiency on clean data.
const HUBER: f64 = 1.345;
/// Rows beyond this many deviations are dropped.
const TRIM: f64 = 4.0;
/// Rounds of cutting back; they stop earlier once the residuals' width stands.
const ROUNDS_MAX: usize = 5;
/// Rounds with a straight trend, which only has to tell what stands far out.
const STRAIGHT_ROUNDS_MAX: usize = 2;
/// Relative change of the width below which it stands.
const WIDTH_STEP_MIN: f64 = 0.02;
/// If more than this share stood out, nothing is an outlier: the model does not fit, and dropping rows would hide it.
const TRIMMED_RATIO_MAX: f64 = 0.5;
/// A run of rows that leave a straight trend for at least so long may be growth.
const GROWTH_DAYS_MIN: f64 = 0.5;
/// Rows that stand out belong to one run if no more than this lies between them.
const RUN_PAUSE_DAYS: f64 = 0.02;

/// A fit, how wide the noise around it is, and which rows it does not explain.
#[derive(Clone, Debug)]
pub struct RobustFit {
    /// The exact optimum on the rows that were kept; Huber's where most rows stood out and all were kept.
    pub fit: ProphetFit,
    /// The width of the noise at each level, outliers aside.
    pub scale: Scale,
    /// The rows that were dropped, ascending.
    pub trimmed: Vec<usize>,
    /// What the fit expects at every row of the grid.
    pub expected: Vec<f64>,
}

/// A round's fit and what follows from it.
struct Round {
    fit: ProphetFit,
    expected: Vec<f64>,
    scale: Scale,
}

impl GridPlan {
    /// Fits what a series does apart from its incidents; NaN is a gap.
    ///
    /// # Errors
    /// As [`GridPlan::fit`].
    pub fn fit_robust(&self, values: &[f64]) -> Result<RobustFit, FitError> {
        let straight = self.huber(values, Bends::Held)?;
        let mut kept = values.to_vec();
        let brief = self.brief_runs(&outliers(values, &straight));
        drop_rows(&mut kept, &brief);
        let bent = self.huber(&kept, Bends::Free)?;
        let trimmed = outliers(values, &bent);
        let rows = values.iter().filter(|value| !value.is_nan()).count();
        if trimmed.len() as f64 > TRIMMED_RATIO_MAX * rows as f64 {
            let Round { fit, expected, scale } = bent;
            return Ok(RobustFit { fit, scale, trimmed: Vec::new(), expected });
        }
        kept.copy_from_slice(values);
        drop_rows(&mut kept, &trimmed);
        let fit = self.fit(&kept)?;
        let expected = self.expected(&fit);
        let scale = Scale::learn(&expected, &kept);
        Ok(RobustFit { fit, scale, trimmed, expected })
    }

    /// Rounds of cutting back the largest residuals and fitting again, until their width stands.
    fn huber(&self, values: &[f64], bends: Bends) -> Result<Round, FitError> {
        let layout = self.layout_of(values)?;
        let fit_again = |values: &[f64], near: Option<&ProphetFit>| {
            let fit = self.fit_on(&layout, values, bends, near)?;
            let expected = self.expected(&fit);
            Ok::<_, FitError>((fit, expected))
        };
        let (mut fit, mut expected) = fit_again(values, None)?;
        let mut scale = Scale::learn(&expected, values);
        let rounds = if bends == Bends::Held { STRAIGHT_ROUNDS_MAX } else { ROUNDS_MAX };
        for _ in 0..rounds {
            let drawn = draw_in(values, &expected, &scale);
            (fit, expected) = fit_again(&drawn, Some(&fit))?;
            let before = scale.at(middle(&expected));
            scale = Scale::learn(&expected, values);
            if (scale.at(middle(&expected)) / before - 1.0).abs() < WIDTH_STEP_MIN {
                break;
            }
        }
        Ok(Round { fit, expected, scale })
    }

    /// The rows of those runs that are too short to be growth.
    fn brief_runs(&self, rows: &[usize]) -> Vec<usize> {
        let per_day = DAY_MS / self.grid().step_ms() as f64;
        let (pause, growth) = (RUN_PAUSE_DAYS * per_day, GROWTH_DAYS_MIN * per_day);
        let runs = rows.chunk_by(|before, row| ((row - before) as f64) <= pause.max(1.0));
        let brief = runs.filter(|run| ((run[run.len() - 1] - run[0]) as f64) < growth);
        brief.flatten().copied().collect()
    }
}

fn drop_rows(values: &mut [f64], rows: &[usize]) {
    rows.iter().for_each(|&row| values[row] = f64::NAN);
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

fn outliers(values: &[f64], round: &Round) -> Vec<usize> {
    let Round { expected, scale, .. } = round;
    let stands_out =
        |&row: &usize| (values[row] - expected[row]).abs() > TRIM * scale.at(expected[row]);
    (0..values.len()).filter(stands_out).collect()
}

fn middle(expected: &[f64]) -> f64 {
    expected.iter().sum::<f64>() / expected.len().max(1) as f64
}
