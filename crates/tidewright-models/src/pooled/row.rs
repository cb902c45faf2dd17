//! A series without gaps, and the rows that it gives: what was before an origin, in the unit of that past, and what came.

use super::layout::Layout;
use crate::FitError;
use crate::measured::Measured;
use crate::steps::Past;

/// Numbers without which there is neither level nor spread.
const ROWS_MIN: usize = 2;
/// Spreads from the level, or from the season repeated, beyond which a value teaches no more: one burst is no rule. Four
/// standard deviations of a normal law.
const BEYOND: f64 = 5.0;
/// The share of lags, and that of leads, that were observed where a row is learned from.
const OBSERVED_MIN: f64 = 0.75;

/// Values of one series, gaps filled, in a unit in which they neither overflow nor vanish.
pub(super) struct Known {
    /// A gap has the value of a season before, where there is none the last one.
    pub(super) values: Vec<f64>,
    /// NaN for a gap.
    pub(super) observed: Vec<f64>,
    pub(super) unit: f64,
    /// Steps from the epoch to the first value.
    pub(super) first: i64,
}

/// What was before an origin.
pub(super) struct Before {
    /// One number for each column.
    pub(super) columns: Vec<f64>,
    /// The mean distance of the lags from their mean; 0 if they are all alike.
    pub(super) spread: f64,
}

impl Known {
    pub(super) fn of(past: &Past<'_>) -> Result<Self, FitError> {
        let measured = Measured::new(past.values(), ROWS_MIN)?;
        let dropped = past.values().len() - measured.values.len();
        let first = past.first() + dropped as i64;
        let season = past.seasons().first().copied().unwrap_or(1);
        let mut values = measured.values.clone();
        for i in 1..values.len() {
            if values[i].is_nan() {
                values[i] = values[i.checked_sub(season).unwrap_or(i - 1)];
            }
        }
        Ok(Self { values, observed: measured.values, unit: measured.unit, first })
    }

    /// The step of an index, counted from the epoch.
    pub(super) const fn step(&self, index: usize) -> i64 {
        self.first + index as i64
    }

    /// The last values before an origin, as many as lags look at; where there are fewer, their mean stands for the rest.
    pub(super) fn window(&self, layout: &Layout, origin: usize) -> Vec<f64> {
        let known = &self.values[origin.saturating_sub(layout.window())..origin];
        let mut window = vec![mean(known); layout.window() - known.len()];
        window.extend(known);
        window
    }

    /// Whether enough was observed around an origin to learn from it.
    fn teaches(&self, layout: &Layout, origin: usize) -> bool {
        let seen = |values: &[f64]| {
            let count = values.iter().filter(|value| !value.is_nan()).count();
            count as f64 >= OBSERVED_MIN * values.len() as f64
        };
        let (before, after) = self.observed[..origin + layout.reach()].split_at(origin);
        seen(&before[origin - layout.window()..]) && seen(after)
    }

    /// The columns and then the targets at an origin with all lags and leads; `None` where it teaches nothing.
    pub(super) fn row(&self, layout: &Layout, origin: usize) -> Option<Vec<f64>> {
        if !self.teaches(layout, origin) {
            return None;
        }
        let window = &self.values[origin - layout.window()..origin];
        let Before { mut columns, spread } = Before::of(layout, window, self.step(origin));
        if spread <= 0.0 {
            return None;
        }
        let came = &self.values[origin..][..layout.reach()];
        let above = |(step, value): (usize, &f64)| value - repeated(layout, window, step);
        let above: Vec<f64> = came.iter().enumerate().map(above).collect();
        let target = |lead: &[f64]| (mean(lead) / spread).clamp(-BEYOND, BEYOND);
        columns.extend(above.chunks(layout.bucket).map(target));
        Some(columns)
    }
}

impl Before {
    /// Of a window that ends before this step, counted from the epoch.
    pub(super) fn of(layout: &Layout, window: &[f64], step: i64) -> Self {
        let lags: Vec<f64> = window.chunks(layout.bucket).map(mean).collect();
        let level = mean(&lags);
        let largest = lags.iter().fold(0.0_f64, |most, lag| most.max(lag.abs()));
        let spread = lags.iter().map(|lag| (lag - level).abs()).sum::<f64>() / lags.len() as f64;
        // What differs by round-off alone has no spread to measure by.
        let spread = if spread > 4.0 * f64::EPSILON * largest { spread } else { 0.0 };
        let scaled = |lag: &f64| match spread {
            0.0 => 0.0,
            spread => ((lag - level) / spread).clamp(-BEYOND, BEYOND),
        };
        let mut columns: Vec<f64> = lags.iter().map(scaled).collect();
        columns.push(1.0);
        columns.extend(layout.waves(step));
        Self { columns, spread }
    }
}

/// The next `steps` after a window, not more than have coefficients.
pub(super) fn path(
    layout: &Layout,
    coefficients: &[f64],
    (window, next): (&[f64], i64),
    steps: usize,
) -> Vec<f64> {
    let before = Before::of(layout, window, next);
    let leads = coefficients.chunks(layout.columns()).take(steps.div_ceil(layout.bucket));
    let above: Vec<f64> =
        leads.map(|lead| before.spread * product(lead, &before.columns)).collect();
    (0..steps).map(|step| repeated(layout, window, step) + above[step / layout.bucket]).collect()
}

/// The value of the same time in the last season of a window.
fn repeated(layout: &Layout, window: &[f64], step: usize) -> f64 {
    window[window.len() - layout.season() + step % layout.season()]
}

/// The sum of products.
pub(super) fn product(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}
