//! The most likely point of one model: Levenberg's and Marquardt's steps within the usual region.
//!
//! `-2 ln L = n ln sum e^2 + 2 sum ln f` (Hyndman et al. 2008, section 5.1) is `n ln` of the squares of `g e`, with `g` the
//! geometric mean of what was expected, so even shares are a problem of least squares, which Gauss's curvature suits. A
//! parameter at its bound that wants beyond it rests; the others go on (Bertsekas 1982).

use tidewright_numerics::simd::WIDTH;
use tidewright_numerics::{factor, solve_lower, solve_upper};

use super::kind::{Errors, Kind, Season, Trend};
use super::pass::{
    DAMPING, LEVEL, LEVEL_GAIN, Point, Problem, SEASON_GAIN, SEASONS, SLOPE, SLOPE_GAIN, SLOTS,
    Sums, sums,
};

/// The gains' bounds in R and statsforecast, whose limits of the damping are the next.
const GAIN_MIN: f64 = 1e-4;
const GAIN_MAX: f64 = 0.9999;
const DAMPING_MIN: f64 = 0.8;
const DAMPING_MAX: f64 = 0.98;
/// A season that multiplies starts at no less than this.
const INDEX_MIN: f64 = 1e-3;
/// Runs over the values for one model; the longest search on record took 30.
const RUNS_MAX: usize = 60;
/// The search ends when a step gains less than this: a hundredth of what AICc charges for a parameter, and less.
const GAIN_LEAST: f64 = 1e-3;
/// Marquardt's damping at first, how fast it changes, and where it ends: beyond, a step is too short to matter.
const MARQUARDT_START: f64 = 1e-3;
const MARQUARDT_STEP: f64 = 10.0;
const MARQUARDT_MIN: f64 = 1e-9;
const MARQUARDT_MAX: f64 = 1e8;
/// Errors of a millionth of a millionth of the largest value are round-off: better cannot be told apart.
const ERROR_MIN: f64 = 1e-12;

/// A point and its likelihood.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) point: Point,
    /// `-2 ln L` but for a constant.
    pub(super) loss: f64,
    sums: Sums,
}

/// The bounds of a model's parameters; those that it lacks are held where they are.
pub(super) struct Region {
    low: Point,
    high: Point,
}

impl Region {
    pub(super) fn of(kind: Kind, period: usize) -> Self {
        let mut region = Self { low: [0.0; SLOTS], high: [0.0; SLOTS] };
        region.open(LEVEL_GAIN, GAIN_MIN, GAIN_MAX);
        region.open(LEVEL, f64::NEG_INFINITY, f64::INFINITY);
        if kind.trend != Trend::None {
            region.open(SLOPE_GAIN, GAIN_MIN, GAIN_MAX);
            region.open(SLOPE, f64::NEG_INFINITY, f64::INFINITY);
        }
        if kind.trend == Trend::Damped {
            region.open(DAMPING, DAMPING_MIN, DAMPING_MAX);
        }
        if kind.season != Season::None {
            region.open(SEASON_GAIN, GAIN_MIN, GAIN_MAX);
        }
        let least =
            if kind.season == Season::Multiplicative { INDEX_MIN } else { f64::NEG_INFINITY };
        // The first index is held: what all of them share is the level's.
        let others = if kind.season == Season::None { 1 } else { period };
        (1..others).for_each(|phase| region.open(SEASONS + phase, least, f64::INFINITY));
        region
    }

    fn open(&mut self, slot: usize, low: f64, high: f64) {
        (self.low[slot], self.high[slot]) = (low, high);
    }

    /// Slots that may move the way that lowers the loss.
    fn free(&self, point: &Point, downhill: &Point) -> Vec<usize> {
        let moves = |slot: &usize| {
            let (low, high, at) = (self.low[*slot], self.high[*slot], point[*slot]);
            low < high
                && !(at <= low && downhill[*slot] < 0.0 || at >= high && downhill[*slot] > 0.0)
        };
        (0..SLOTS).filter(moves).collect()
    }
}

/// The likelihood at a point.
pub(super) fn look(problem: &Problem<'_>, observed: f64, point: Point) -> Found {
    let sums = sums(problem, &point);
    let squares = sums.squares.max(observed * ERROR_MIN * ERROR_MIN);
    let loss = observed * squares.ln() + 2.0 * sums.logarithms;
    let loss = if loss.is_nan() || sums.squares.is_infinite() { f64::INFINITY } else { loss };
    Found { point, loss, sums }
}

/// Goes downhill from a point until nothing is gained.
pub(super) fn descend(
    problem: &Problem<'_>,
    observed: f64,
    region: &Region,
    start: Found,
) -> Found {
    let mut best = start;
    let mut marquardt = MARQUARDT_START;
    for _ in 0..RUNS_MAX {
        if best.loss.is_infinite() || best.sums.squares <= observed * ERROR_MIN * ERROR_MIN {
            break;
        }
        let next = best.next(problem.errors, observed, region, marquardt);
        let tried = next.map(|point| look(problem, observed, point));
        let Some(better) = tried.filter(|tried| tried.loss < best.loss) else {
            marquardt *= MARQUARDT_STEP;
            if marquardt > MARQUARDT_MAX {
                break;
            }
            continue;
        };
        let gain = best.loss - better.loss;
        best = better;
        marquardt = (marquardt / MARQUARDT_STEP).max(MARQUARDT_MIN);
        if gain < GAIN_LEAST {
            break;
        }
    }
    best
}

impl Found {
    /// Where Marquardt's step leads; nowhere if no slot is free or the curvature is flat to the last digit.
    fn next(
        &self,
        errors: Errors,
        observed: f64,
        region: &Region,
        marquardt: f64,
    ) -> Option<Point> {
        let Sums { squares, gradient, slant, curvature, .. } = &self.sums;
        // The slope of `ln g`, the logarithm of the geometric mean: nothing for added errors.
        let share = if errors == Errors::Multiplicative { 1.0 / observed } else { 0.0 };
        let downhill: Point = std::array::from_fn(|i| -(gradient[i] + squares * slant[i] * share));
        let free = region.free(&self.point, &downhill);
        let n = free.len();
        let mut matrix = vec![0.0; n * n];
        for (row, &i) in free.iter().enumerate() {
            for (column, &j) in free.iter().enumerate().skip(row) {
                let (a, b) = (slant[i] * share, slant[j] * share);
                let crossed = gradient[i] * b + gradient[j] * a + squares * a * b;
                matrix[row * n + column] =
                    curvature[j * (SLOTS / WIDTH) + i / WIDTH][i % WIDTH] + crossed;
            }
            matrix[row * n + row] *= 1.0 + marquardt;
            matrix[row * n + row] += f64::MIN_POSITIVE;
        }
        let mut step: Vec<f64> = free.iter().map(|slot| downhill[*slot]).collect();
        factor(&mut matrix, n, n).ok().filter(|()| n > 0)?;
        solve_lower(&matrix, n, n, &mut step);
        solve_upper(&matrix, n, n, &mut step);
        let mut point = self.point;
        for (slot, step) in free.into_iter().zip(step) {
            point[slot] = (point[slot] + step).clamp(region.low[slot], region.high[slot]);
        }
        Some(point)
    }
}
