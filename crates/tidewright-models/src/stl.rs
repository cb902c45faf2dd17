//! STL: a series as trend, season and remainder, by loess.
//!
//! Cleveland, Cleveland, McRae, Terpenning (1990), "STL: A Seasonal-Trend Decomposition Procedure Based on Loess", Journal
//! of Official Statistics 6, 3-73. The season is smoothed from cycle to cycle, one smooth for each phase, and freed of
//! all that is slower than itself; the trend is a smooth of what then remains. Robust, single outliers lose their weight.
//! Everything here is a sum of the values with fixed factors unless it is robust. Gaps must have been bridged before
//! ([`bridge`]); nothing here forecasts.

mod bridge;
mod loess;

pub use bridge::bridge;
pub(crate) use bridge::draw_lines_around;
pub use loess::{Degree, Span};

use loess::{Column, Loess};
use tidewright_numerics::quantile_in_place;

use crate::FitError;

/// Passes of a decomposition that is not robust.
const INNER: usize = 5;
/// Passes between two looks at the weights, and how often weights are looked at, of a robust one.
const ROBUST: (usize, usize) = (2, 15);
/// Misses beyond this many median misses have no weight.
const OUTLIER: f64 = 6.0;
/// Nearer to 0 or to the limit than this share of it, a miss counts as there.
const EDGE: f64 = 0.001;

/// How a series is taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stl {
    /// Steps of a season.
    pub period: usize,
    /// The smoother from cycle to cycle.
    pub seasonal: Span,
    /// The smoother of the trend, in steps; longer than the season.
    pub trend: Span,
    /// The smoother that frees the season from the trend, in steps; longer than the season.
    pub low_pass: Span,
    /// Of so many steps one is smoothed and the others interpolated: in the trend, and in the low pass.
    pub jumps: (usize, usize),
    /// Passes over season and trend.
    pub inner: usize,
    /// How often outliers are weighed; 0 is not robust.
    pub outer: usize,
}

/// The parts that sum to a series.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decomposition {
    /// What comes again each season.
    pub seasonal: Vec<f64>,
    /// What changes slowly.
    pub trend: Vec<f64>,
    /// How much each point counted, 0 for an outlier; all 1 unless robust.
    pub weights: Vec<f64>,
}

impl Stl {
    /// Lines everywhere and no jumps, with the trend as smooth as the paper's section 3 asks for.
    pub const fn new(period: usize, seasonal_window: usize) -> Self {
        // The smallest odd number from 1.5 period / (1 - 1.5 / window) on.
        let trend = (3 * period * seasonal_window).div_ceil(2 * seasonal_window - 3);
        Self {
            period,
            seasonal: Span { window: seasonal_window, degree: Degree::Line },
            trend: Span { window: trend | 1, degree: Degree::Line },
            low_pass: Span { window: (period + 1) | 1, degree: Degree::Line },
            jumps: (1, 1),
            inner: INNER,
            outer: 0,
        }
    }

    /// The same, but outliers lose their weight.
    #[must_use]
    pub const fn robust(mut self) -> Self {
        (self.inner, self.outer) = ROBUST;
        self
    }

    /// The parts of these values.
    ///
    /// # Errors
    /// [`FitError`] if the values are fewer than two seasons, one is not finite, or a window breaks its rule.
    pub fn decompose(&self, values: &[f64]) -> Result<Decomposition, FitError> {
        Ok(self.plan(values.len())?.decompose(values)?.clone())
    }

    /// What all series of one length share.
    pub(crate) fn plan(&self, len: usize) -> Result<Plan, FitError> {
        self.check(len)?;
        let cycles = len / self.period;
        Ok(Plan {
            stl: *self,
            short: Loess::beyond(cycles, self.seasonal),
            long: Loess::beyond(cycles + 1, self.seasonal),
            trend: Loess::within(len, self.trend, self.jumps.0),
            low_pass: Loess::within(len, self.low_pass, self.jumps.1),
            parts: Decomposition {
                seasonal: vec![0.0; len],
                trend: vec![0.0; len],
                weights: vec![1.0; len],
            },
            level: vec![0.0; len],
            cycles: vec![0.0; len + 2 * self.period],
            means: vec![0.0; len + 2 * self.period],
        })
    }

    fn check(&self, len: usize) -> Result<(), FitError> {
        let must = |holds: bool, key: &str, rule, value: usize| {
            let wrong =
                || FitError::Setting { key: key.to_owned(), rule, value: value.to_string() };
            if holds { Ok(()) } else { Err(wrong()) }
        };
        let windows =
            [("seasonal", self.seasonal), ("trend", self.trend), ("low_pass", self.low_pass)];
        for (key, span) in windows {
            must(
                span.window >= 3 && span.window % 2 == 1,
                key,
                "must be odd, at least 3",
                span.window,
            )?;
        }
        must(self.period >= 2, "period", "must be at least 2", self.period)?;
        must(
            self.trend.window > self.period,
            "trend",
            "must be longer than the season",
            self.trend.window,
        )?;
        must(
            self.low_pass.window > self.period,
            "low_pass",
            "must be longer than the season",
            self.low_pass.window,
        )?;
        if len < 2 * self.period { Err(FitError::TooFew { rows: len }) } else { Ok(()) }
    }
}

/// The smoothers of one length and room to work in.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    stl: Stl,
    /// For the phases that came once less than the others.
    short: Loess,
    long: Loess,
    trend: Loess,
    low_pass: Loess,
    parts: Decomposition,
    /// The values without trend, or without season, or their low pass.
    level: Vec<f64>,
    /// The smoothed cycles, from one before the first to one after the last.
    cycles: Vec<f64>,
    means: Vec<f64>,
}

impl Plan {
    /// The parts of values as long as the plan.
    pub(crate) fn decompose(&mut self, values: &[f64]) -> Result<&Decomposition, FitError> {
        if values.len() != self.level.len() {
            return Err(FitError::Length { points: self.level.len(), values: values.len() });
        }
        if values.iter().any(|value| !value.is_finite()) {
            return Err(FitError::NotFinite);
        }
        self.parts.trend.fill(0.0);
        self.parts.weights.fill(1.0);
        self.passes(values, false);
        for _ in 0..self.stl.outer {
            self.weigh(values);
            self.passes(values, true);
        }
        Ok(&self.parts)
    }

    /// The parameters that the season is worth: those of its phases' smoothers, but for the level, which is the trend's.
    pub(crate) fn parameters(&self) -> f64 {
        let (period, longer) = (self.stl.period, self.level.len() % self.stl.period);
        let all = longer as f64 * self.long.trace() + (period - longer) as f64 * self.short.trace();
        all * (1.0 - 1.0 / period as f64)
    }

    fn passes(&mut self, values: &[f64], weighted: bool) {
        for _ in 0..self.stl.inner {
            difference(values, &self.parts.trend, &mut self.level);
            self.smooth_cycles(weighted);
            self.smooth_means();
            let period = self.stl.period;
            difference(&self.cycles[period..], &self.level, &mut self.parts.seasonal);
            difference(values, &self.parts.seasonal, &mut self.level);
            if weighted {
                self.trend.smooth_weighted(&self.level, &self.parts.weights, &mut self.parts.trend);
            } else {
                self.trend.smooth(&self.level, &mut self.parts.trend);
            }
        }
    }

    /// Each phase by itself, from cycle to cycle.
    fn smooth_cycles(&mut self, weighted: bool) {
        let period = self.stl.period;
        let longer = self.level.len() % period;
        if !weighted {
            self.long.smooth_columns(&self.level, period, 0..longer, &mut self.cycles);
            self.short.smooth_columns(&self.level, period, longer..period, &mut self.cycles);
            return;
        }
        for first in 0..period {
            let (values, weights) = (&self.level, &self.parts.weights);
            let column = Column { values, weights, first, stride: period };
            let smoother = if first < longer { &self.long } else { &self.short };
            smoother.smooth_column_weighted(column, &mut self.cycles);
        }
    }

    /// Leaves in `level` what of the smoothed cycles is slower than a season.
    fn smooth_means(&mut self) {
        let (period, len) = (self.stl.period, self.level.len());
        self.means.copy_from_slice(&self.cycles);
        moving_mean(&mut self.means, period);
        moving_mean(&mut self.means[..=len + period], period);
        moving_mean(&mut self.means[..len + 2], 3);
        self.low_pass.smooth(&self.means[..len], &mut self.level);
    }

    /// Bisquare weights of the misses (the paper's section 2.5).
    fn weigh(&mut self, values: &[f64]) {
        let Decomposition { seasonal, trend, weights } = &mut self.parts;
        let fits = seasonal.iter().zip(trend.iter());
        for ((weight, value), (seasonal, trend)) in weights.iter_mut().zip(values).zip(fits) {
            *weight = (value - (trend + seasonal)).abs();
        }
        self.level.copy_from_slice(weights);
        let limit = OUTLIER * quantile_in_place(&mut self.level, 0.5).unwrap_or(0.0);
        weights.iter_mut().for_each(|weight| *weight = bisquare(*weight, limit));
    }
}

fn bisquare(miss: f64, limit: f64) -> f64 {
    if miss <= EDGE * limit || limit == 0.0 {
        return 1.0;
    }
    if miss <= (1.0 - EDGE) * limit { (1.0 - (miss / limit).powi(2)).powi(2) } else { 0.0 }
}

fn difference(from: &[f64], what: &[f64], out: &mut [f64]) {
    out.iter_mut().zip(from.iter().zip(what)).for_each(|(out, (from, what))| *out = from - what);
}

/// Means of so many neighbours, each where its first neighbour stood; the last `width - 1` places are left as they are.
fn moving_mean(numbers: &mut [f64], width: usize) {
    let mut sum: f64 = numbers[..width].iter().sum();
    for i in 0..=numbers.len() - width {
        let mean = sum / width as f64;
        sum += numbers.get(i + width).copied().unwrap_or(0.0) - numbers[i];
        numbers[i] = mean;
    }
}
