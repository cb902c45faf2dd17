//! The regression of values on earlier ones.

use tidewright_numerics::{factor, median_deviation, solve_upper, weighted_gram};

/// Seasons, the longest that came twice, after which a row counts half.
const HALF_LIFE_SEASONS: f64 = 2.0;
/// The half-life is never shorter than this share of the history: without a season there is no other measure of recent.
const HALF_LIFE_SHARE_MIN: f64 = 0.25;
/// Misses beyond so many robust standard deviations count by their size, not by its square (Huber 1964).
const HUBER: f64 = 1.5;
/// Rounds of weighing rows by their misses; the next ones change the third digit.
const ROUNDS: usize = 3;
/// A ridge that only decides what the data leave open, as a share of the rows' weight.
const RIDGE: f64 = 1e-5;
/// From a median deviation to a standard deviation, of a normal law.
const MEDIAN_DEVIATION_TO_SIGMA: f64 = 1.4826;

/// What is to be explained, and from what.
pub(super) struct Regression<'a> {
    /// All numbers: gaps are bridged.
    pub(super) values: &'a [f64],
    /// Where there were gaps, NaN: such a row is not learned from.
    pub(super) observed: &'a [f64],
    /// Ascending.
    pub(super) lags: &'a [usize],
    /// The longest season that came twice, or 1.
    pub(super) season: usize,
}

impl Regression<'_> {
    /// One coefficient per lag and the constant; and the standard deviation of what they do not explain.
    pub(super) fn solve(&self) -> (Vec<f64>, f64) {
        let deepest = self.lags.last().copied().unwrap_or(0);
        let rows = self.values.len().saturating_sub(deepest);
        let ones = vec![1.0; rows];
        let target = &self.values[self.values.len() - rows..];
        let mut columns: Vec<&[f64]> =
            self.lags.iter().map(|lag| &self.values[deepest - lag..][..rows]).collect();
        columns.extend([&ones[..], target]);
        let recent = self.recent(rows);
        let mut weights = recent.clone();
        let mut coefficients = vec![0.0; self.lags.len() + 1];
        for round in 0..ROUNDS {
            let Some(solved) = solve(&columns, &weights) else { break };
            coefficients = solved;
            if round + 1 < ROUNDS {
                weigh(&mut weights, &recent, &misses(&columns, &coefficients));
            }
        }
        let misses = misses(&columns, &coefficients);
        let square: f64 =
            misses.iter().zip(&recent).map(|(miss, weight)| weight * miss * miss).sum();
        let weight: f64 = recent.iter().sum();
        (coefficients, (square / weight.max(f64::MIN_POSITIVE)).sqrt())
    }

    /// What each row weighs by its age; nothing where its value is a gap.
    fn recent(&self, rows: usize) -> Vec<f64> {
        let half_life = HALF_LIFE_SEASONS * self.season as f64;
        let least = HALF_LIFE_SHARE_MIN * self.values.len() as f64;
        let decay = 0.5_f64.powf(1.0 / half_life.max(least));
        let mut weight = 1.0 / decay;
        let mut weights: Vec<f64> = Vec::with_capacity(rows);
        for value in self.observed.iter().rev().take(rows) {
            weight *= decay;
            weights.push(if value.is_nan() { 0.0 } else { weight });
        }
        weights.reverse();
        weights
    }
}

/// The least-squares coefficients of all columns but the last, which is the target; `None` if rows weigh nothing.
fn solve(columns: &[&[f64]], weights: &[f64]) -> Option<Vec<f64>> {
    let size = columns.len();
    let mut gram = weighted_gram(columns, weights);
    let weight: f64 = weights.iter().sum();
    if weight <= 0.0 {
        return None;
    }
    (0..size).for_each(|i| gram[i * size + i] += RIDGE * weight);
    factor(&mut gram, size, size - 1).ok()?;
    // The target's column went along: what stands in it is the right side of `R x = b`.
    let unknowns = size - 1;
    let mut solution: Vec<f64> = (0..unknowns).map(|row| gram[row * size + unknowns]).collect();
    let square: Vec<f64> =
        gram.chunks(size).take(unknowns).flat_map(|row| &row[..unknowns]).copied().collect();
    solve_upper(&square, unknowns, unknowns, &mut solution);
    solution.iter().all(|x| x.is_finite()).then_some(solution)
}

fn misses(columns: &[&[f64]], coefficients: &[f64]) -> Vec<f64> {
    let mut misses = columns.last().map_or_else(Vec::new, |target| target.to_vec());
    for (column, coefficient) in columns.iter().zip(coefficients) {
        misses.iter_mut().zip(*column).for_each(|(miss, x)| *miss -= coefficient * x);
    }
    misses
}

fn weigh(weights: &mut [f64], recent: &[f64], misses: &[f64]) {
    let Some(deviation) = median_deviation(misses, 0.0) else { return };
    let bound = HUBER * MEDIAN_DEVIATION_TO_SIGMA * deviation;
    if bound <= 0.0 {
        return;
    }
    for ((weight, recent), miss) in weights.iter_mut().zip(recent).zip(misses) {
        *weight = recent * (bound / miss.abs()).min(1.0);
    }
}
