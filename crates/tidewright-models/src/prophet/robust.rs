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

use tidewright_numerics::simd::{Kernel, Lanes, WIDTH, run};

use super::fit::ProphetFit;
use super::plan::{Bends, GridPlan};
use crate::FitError;
use crate::noise::{Room, Scale, sum};

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

/// Memory for rounds.
#[derive(Default)]
struct Desk {
    drawn: Vec<f64>,
    room: Room,
}

impl GridPlan {
    /// Fits what a series does apart from its incidents; NaN is a gap.
    ///
    /// # Errors
    /// As [`GridPlan::fit`].
    pub fn fit_robust(&self, values: &[f64]) -> Result<RobustFit, FitError> {
        let mut desk = Desk::default();
        let straight = self.huber(values, Bends::Held, &mut desk)?;
        let mut kept = values.to_vec();
        let brief = self.brief_runs(&outliers(values, &straight));
        drop_rows(&mut kept, &brief);
        let bent = self.huber(&kept, Bends::Free, &mut desk)?;
        let trimmed = outliers(values, &bent);
        let rows = values.iter().filter(|value| !value.is_nan()).count();
        if trimmed.len() as f64 > TRIMMED_RATIO_MAX * rows as f64 {
            let Round { fit, expected, scale } = bent;
            return Ok(RobustFit { fit, scale, trimmed: Vec::new(), expected });
        }
        kept.copy_from_slice(values);
        drop_rows(&mut kept, &trimmed);
        let layout = self.layout_of(&kept)?;
        let fit = self.fit_on(&layout, &kept, Bends::Free, None)?;
        let mut expected = bent.expected;
        self.expected_into(&fit, &mut expected);
        let scale = Scale::learn_in(&mut desk.room, &expected, &kept);
        Ok(RobustFit { fit, scale, trimmed, expected })
    }

    /// Rounds of cutting back the largest residuals and fitting again, until their width stands.
    fn huber(&self, values: &[f64], bends: Bends, desk: &mut Desk) -> Result<Round, FitError> {
        let Desk { drawn, room } = desk;
        let layout = self.layout_of(values)?;
        let mut fit = self.fit_on(&layout, values, bends, None)?;
        let mut expected = self.expected(&fit);
        let mut scale = Scale::learn_in(room, &expected, values);
        let rounds = if bends == Bends::Held { STRAIGHT_ROUNDS_MAX } else { ROUNDS_MAX };
        for _ in 0..rounds {
            drawn.clear();
            drawn.extend_from_slice(values);
            draw_in(drawn, &expected, &scale);
            fit = self.fit_on(&layout, drawn, bends, Some(&fit))?;
            self.expected_into(&fit, &mut expected);
            let before = scale.at(middle(&expected));
            scale = Scale::learn_in(room, &expected, values);
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

/// Cuts residuals back to Huber's bend; gaps stay.
fn draw_in(values: &mut [f64], expected: &[f64], scale: &Scale) {
    let rest = expected.as_chunks::<WIDTH>().1;
    let from = values.len() - rest.len();
    for (value, level) in values[from..].iter_mut().zip(rest) {
        let reach = HUBER * scale.at(*level);
        *value = value.clamp(level - reach, level + reach);
    }
    run(DrawIn { values, expected, scale });
}

struct DrawIn<'a> {
    values: &'a mut [f64],
    expected: &'a [f64],
    scale: &'a Scale,
}

impl Kernel for DrawIn<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let chunks = self.values.as_chunks_mut::<WIDTH>().0;
        for (values, levels) in chunks.iter_mut().zip(self.expected.as_chunks().0) {
            let level = L::load(levels);
            let reach = self.scale.variances(level).sqrt().mul(L::splat(HUBER));
            // The second operand is the one that may be a gap.
            let below = level.add(reach).min(L::load(values));
            level.sub(reach).max(below).store(values);
        }
    }
}

/// The rows whose residuals stand out, ascending.
fn outliers(values: &[f64], round: &Round) -> Vec<usize> {
    let Round { expected, scale, .. } = round;
    let rest = expected.len() - expected.as_chunks::<WIDTH>().1.len()..expected.len();
    let far = |row: &usize| (values[*row] - expected[*row]).abs() > TRIM * scale.at(expected[*row]);
    let mut rows = run(Outliers { values, expected, scale });
    rows.extend(rest.filter(far));
    rows
}

struct Outliers<'a> {
    values: &'a [f64],
    expected: &'a [f64],
    scale: &'a Scale,
}

impl Kernel for Outliers<'_> {
    type Output = Vec<usize>;

    #[inline(always)]
    fn run<L: Lanes>(self) -> Vec<usize> {
        let mut rows = Vec::new();
        let chunks = self.values.as_chunks::<WIDTH>().0.iter().zip(self.expected.as_chunks().0);
        for (chunk, (values, levels)) in chunks.enumerate() {
            let level = L::load(levels);
            let miss = L::load(values).sub(level);
            let most = self.scale.variances(level).mul(L::splat(TRIM * TRIM));
            let beyond = miss.mul(miss).sub(most).or_zero().max(L::splat(0.0));
            // Eight rows are looked at together first: few stand out.
            if beyond.sum() > 0.0 {
                let mut each = [0.0; WIDTH];
                beyond.store(&mut each);
                rows.extend((0..WIDTH).filter(|&i| each[i] > 0.0).map(|i| chunk * WIDTH + i));
            }
        }
        rows
    }
}

fn middle(expected: &[f64]) -> f64 {
    sum(expected) / expected.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use tidewright_core::{Grid, SeasonalityMode, Timestamp};
    use tidewright_numerics::Random;

    use super::*;
    use crate::prophet::Settings;

    const WEEK: usize = 10_080;

    fn truth(row: usize) -> f64 {
        50.0 + 20.0 * (row as f64 / 1440.0 * TAU).sin()
    }

    /// The distance of a plain and of a robust fit from the truth, as shares of its level.
    fn distances(disturb: impl Fn(&mut [f64], &mut Random)) -> [f64; 2] {
        let grid = Grid::new(Timestamp::from_secs(0), 60_000, WEEK).unwrap();
        let plan = GridPlan::new(grid, &Settings::new(SeasonalityMode::Additive).daily());
        let mut random = Random::new(6);
        let mut values: Vec<f64> =
            (0..WEEK).map(|row| truth(row) + truth(row).sqrt() * random.normal()).collect();
        disturb(&mut values, &mut random);
        let plain = plan.expected(&plan.fit(&values).unwrap());
        let robust = plan.fit_robust(&values).unwrap().expected;
        [plain, robust].map(|expected| {
            let each = expected.iter().enumerate().map(|(row, level)| level - truth(row));
            (each.map(|miss| miss * miss).sum::<f64>() / WEEK as f64).sqrt() / 50.0
        })
    }

    #[test]
    fn one_spike_in_a_hundred_is_not_learned() {
        let [plain, robust] = distances(|values, random| {
            values.iter_mut().filter(|_| random.uniform() < 0.01).for_each(|value| *value += 100.0);
        });
        assert!(plain > 0.015 && robust < 0.005, "{plain} {robust}");
    }

    #[test]
    fn bursts_of_most_of_an_hour_are_not_learned() {
        let [plain, robust] = distances(|values, random| {
            for burst in 0..8 {
                let (at, factor) = (500 + 1150 * burst, 3.0 + 3.0 * random.uniform());
                let length = 20 + (40.0 * random.uniform()) as usize;
                values[at..at + length].iter_mut().for_each(|value| *value *= factor);
            }
        });
        assert!(plain > 0.1 && robust < 0.005, "{plain} {robust}");
    }

    #[test]
    fn a_quiet_week_is_fitted_as_it_is_but_for_what_chance_sets_apart() {
        let [plain, robust] = distances(|_, _| {});
        assert!(robust < 1.3 * plain && robust < 0.005, "{plain} {robust}");
    }
}
