//! A fitted Prophet: its parameters in the units of the data, and what it says at any moment.
//!
//! Predictions are plain arithmetic on a fitted curve: they may be negative where the data were not; who needs counts
//! clips. The spread of the trend's future follows Prophet: new bends come at the rate of the old ones and are as large.

use tidewright_core::{Grid, SeasonalityMode, Timestamp};

use super::newton::{Convergence, Goal, minimise};
use super::objective::Objective;
use super::settings::Settings;
use super::statistics::Statistics;
use super::waves::{Waves, features, stride_of};
use crate::FitError;

/// Prophet's own noise for a series that never changes.
const CONSTANT_NOISE: f64 = 1e-9;

/// How the moments and values of a series become the numbers of the model.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    /// The first observed moment: time 0.
    pub(crate) origin: Timestamp,
    /// From there to the last observed moment: time 1.
    pub(crate) span_ms: f64,
    /// Where the phase of all seasons is 0.
    pub(crate) phase: Timestamp,
    /// What values are divided by.
    pub(crate) scale: f64,
}

/// Whether a limit on the trend's extrapolation took effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extrapolation {
    /// The trend went where it was going.
    Free,
    /// The trend was held back.
    Capped,
}

/// A fitted model.
#[derive(Clone, Debug)]
pub struct ProphetFit {
    pub(crate) frame: Frame,
    /// In the order beta, k, m, delta; scaled.
    pub(crate) x: Vec<f64>,
    /// In 0..=1.
    pub(crate) knots: Vec<f64>,
    settings: Settings,
    variance: f64,
    objective: f64,
    rows: usize,
    convergence: Convergence,
}

impl Frame {
    /// The model's time of a moment.
    pub(crate) fn time(&self, moment: Timestamp) -> f64 {
        (moment.as_millis() - self.origin.as_millis()) as f64 / self.span_ms.max(1.0)
    }

    /// How far a moment lies from phase 0.
    pub(crate) fn offset_ms(&self, moment: Timestamp) -> f64 {
        (moment.as_millis() - self.phase.as_millis()) as f64
    }
}

impl ProphetFit {
    pub(crate) fn solve(
        frame: Frame,
        statistics: &Statistics,
        settings: &Settings,
        near: Option<&Self>,
    ) -> Result<Self, FitError> {
        let objective = Objective::new(statistics, settings);
        let start = match near.filter(|fit| fit.knots == statistics.knots) {
            Some(fit) => fit.x.clone(),
            None => flat_start(&objective),
        };
        // Who knows a fit nearby is on the way somewhere else and will come again.
        let goal = if near.is_some() { Goal::Rough } else { Goal::Exact };
        let optimum = minimise(&objective, &start, goal);
        let finite = optimum.x.iter().all(|x| x.is_finite()) && optimum.objective.is_finite();
        if !finite {
            return Err(FitError::NotFinite);
        }
        Ok(Self {
            frame,
            x: optimum.x,
            knots: statistics.knots.clone(),
            settings: settings.clone(),
            variance: optimum.variance,
            objective: optimum.objective,
            rows: statistics.rows,
            convergence: optimum.convergence,
        })
    }

    /// A series that never changes: Prophet does not fit it either.
    pub(crate) fn constant(frame: Frame, rows: usize, settings: &Settings, value: f64) -> Self {
        let mut x = vec![0.0; settings.columns() + 2];
        x[settings.columns() + 1] = value / frame.scale;
        Self {
            frame,
            x,
            knots: Vec::new(),
            settings: settings.clone(),
            variance: CONSTANT_NOISE * CONSTANT_NOISE,
            objective: f64::NEG_INFINITY,
            rows,
            convergence: Convergence::Reached,
        }
    }

    /// Prophet's negative log posterior, constants dropped as Stan drops them; minus infinity for a constant series.
    pub const fn objective(&self) -> f64 {
        self.objective
    }

    /// The noise's standard deviation in units of the data (`sigma_obs` times the scale).
    pub fn sigma(&self) -> f64 {
        self.variance.sqrt() * self.frame.scale
    }

    /// How many rows were observed.
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// Whether the search came to rest.
    pub const fn convergence(&self) -> Convergence {
        self.convergence
    }

    /// What it was fitted with.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The last observed moment; what is later is extrapolated.
    pub fn last(&self) -> Timestamp {
        self.frame.origin.plus_millis(self.frame.span_ms as i64)
    }

    pub(crate) fn variance(&self) -> f64 {
        self.variance
    }

    /// The trend at a moment.
    pub fn trend(&self, moment: Timestamp) -> f64 {
        let t = self.frame.time(moment);
        let columns = self.settings.columns();
        let line = self.x[columns + 1] + self.x[columns] * t;
        let bends = self.knots.iter().zip(&self.x[columns + 2..]);
        let bent: f64 = bends.map(|(knot, delta)| delta * (t - knot).max(0.0)).sum();
        self.frame.scale * (line + bent)
    }

    /// The mean size of the bends, in units of the data per length of history, and how many there could be.
    pub(crate) fn bends(&self) -> (f64, f64) {
        let deltas = &self.x[self.settings.columns() + 2..];
        let count = deltas.len() as f64;
        let sum: f64 = deltas.iter().map(|delta| delta.abs()).sum();
        (self.frame.scale * sum / count.max(1.0), count)
    }

    /// The largest absolute value that was fitted; 1 if all were 0.
    pub(crate) const fn largest(&self) -> f64 {
        self.frame.scale
    }

    /// The model's time of a moment: 0 at the first observed, 1 at the last.
    pub(crate) fn time(&self, moment: Timestamp) -> f64 {
        self.frame.time(moment)
    }

    /// The moment at which the model's time is `t`.
    pub(crate) fn moment(&self, t: f64) -> Timestamp {
        self.frame.origin.plus_millis((t * self.frame.span_ms) as i64)
    }

    /// The value at one moment.
    pub fn value(&self, moment: Timestamp) -> f64 {
        let (factor, addend) = self.seasons(moment);
        self.trend(moment) * factor + addend
    }

    /// What the seasons multiply the trend by, and what they add to it, at one moment.
    pub(crate) fn seasons(&self, moment: Timestamp) -> (f64, f64) {
        let harmonics = self.settings.harmonics();
        let mut row = vec![0.0; stride_of(harmonics.len())];
        features(&harmonics, self.frame.offset_ms(moment), &mut row);
        let (scaling, adding) = self.coefficients();
        let sum = |beta: &[f64]| beta.iter().zip(&row[1..]).map(|(b, x)| b * x).sum::<f64>();
        (1.0 + sum(&scaling), sum(&adding))
    }

    /// Replaces `out` by the values on `grid`, in history or in the future.
    ///
    /// With `trend_ratio_max`, the trend after the last observed moment stays within that share of its level there.
    pub fn predict_into(
        &self,
        grid: &Grid,
        trend_ratio_max: Option<f64>,
        out: &mut Vec<f64>,
    ) -> Extrapolation {
        let waves = Waves::new(self.settings.harmonics(), grid.step_ms() as f64);
        self.predict_by(&waves, grid, trend_ratio_max, out)
    }

    /// The same where the waves of its harmonics and of the grid's step are at hand.
    pub(crate) fn predict_by(
        &self,
        waves: &Waves,
        grid: &Grid,
        trend_ratio_max: Option<f64>,
        out: &mut Vec<f64>,
    ) -> Extrapolation {
        out.clear();
        out.resize(grid.len(), 0.0);
        let acted = self.trend_into(grid, trend_ratio_max, out);
        let offset = self.frame.offset_ms(grid.start());
        let (scaling, adding) = self.coefficients();
        if scaling.iter().any(|beta| *beta != 0.0) {
            let mut factors = vec![1.0; grid.len()];
            waves.add_into(&scaling, offset, &mut factors);
            out.iter_mut().zip(&factors).for_each(|(value, factor)| *value *= factor);
        }
        if adding.iter().any(|beta| *beta != 0.0) {
            waves.add_into(&adding, offset, out);
        }
        acted
    }

    /// The trend on `grid`: straight between bends, so two moments tell each piece.
    fn trend_into(&self, grid: &Grid, ratio_max: Option<f64>, out: &mut [f64]) -> Extrapolation {
        let per_row = grid.step_ms() as f64 / self.frame.span_ms.max(1.0);
        let start = self.frame.time(grid.start());
        let rows = out.len();
        let row_after = |t: f64| (((t - start) / per_row).ceil().max(0.0) as usize).min(rows);
        let mut bounds = vec![0];
        bounds.extend(self.knots.iter().map(|knot| row_after(*knot)));
        bounds.push(rows);
        for range in bounds.windows(2).filter(|range| range[0] < range[1]) {
            let first = self.trend(grid.timestamp(range[0]));
            let rate = self.trend(grid.timestamp(range[1] - 1)) - first;
            let rate = rate / (range[1] - range[0] - 1).max(1) as f64;
            let piece = out[range[0]..range[1]].iter_mut().enumerate();
            piece.for_each(|(i, value)| *value = first + rate * i as f64);
        }
        match ratio_max {
            Some(ratio) => self.cap_trend(ratio, &mut out[row_after(1.0)..]),
            None => Extrapolation::Free,
        }
    }

    fn cap_trend(&self, ratio: f64, future: &mut [f64]) -> Extrapolation {
        let level = self.trend(self.last());
        let reach = ratio * level.abs();
        let mut acted = Extrapolation::Free;
        for value in future {
            if (*value - level).abs() > reach {
                *value = value.clamp(level - reach, level + reach);
                acted = Extrapolation::Capped;
            }
        }
        acted
    }

    /// The coefficients of seasons that scale the trend, and of those that add to it (in units of the data).
    fn coefficients(&self) -> (Vec<f64>, Vec<f64>) {
        let modes = self.settings.per_column(|season| season.mode);
        let pick = |wanted: SeasonalityMode, unit: f64| -> Vec<f64> {
            let pairs = self.x.iter().zip(&modes);
            pairs.map(|(x, mode)| if *mode == wanted { x * unit } else { 0.0 }).collect()
        };
        let scale = self.frame.scale;
        (pick(SeasonalityMode::Multiplicative, 1.0), pick(SeasonalityMode::Additive, scale))
    }
}

/// A level trend through the mean and no season: the start that singles out no explanation.
fn flat_start(objective: &Objective<'_>) -> Vec<f64> {
    let statistics = objective.statistics;
    let sum: f64 = (0..statistics.segments()).map(|j| statistics.cross(j, 0)[0]).sum();
    let mut x = vec![0.0; objective.unknowns()];
    x[objective.columns + 1] = sum / statistics.rows as f64;
    x
}
