//! A fitted Prophet: its parameters in the units of the data, and what it says at any moment.
//!
//! Predictions are plain arithmetic on a fitted curve: they may be negative where the data were not; who needs counts
//! clips. What other columns of the data add is known only where they are given ([`ProphetFit::components`]); at a bare
//! moment regressors are at their mean, conditions do not hold and the capacity is the last of the history.

use std::sync::Arc;

use tidewright_core::Timestamp;

use super::design::{Design, Source};
use super::linear::Gram;
use super::moments::Statistics;
use super::newton::{Convergence, Goal};
use super::optimum::{Found, cold, warm};
use super::settings::{Growth, Settings};
use crate::FitError;

/// Prophet's own noise for a series that never changes.
const CONSTANT_NOISE: f64 = 1e-9;

/// How the moments and values of a series become the numbers of the model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Frame {
    /// The first observed moment: time 0.
    pub(crate) origin: Timestamp,
    /// From there to the last observed moment: time 1.
    pub(crate) span_ms: f64,
    /// Where the phase of all seasons is 0.
    pub(crate) phase: Timestamp,
    /// What is taken from values before they are scaled.
    pub(crate) floor: f64,
    /// What values are divided by.
    pub(crate) scale: f64,
    /// The last capacity of the history under logistic growth.
    pub(crate) cap: f64,
    /// Whether each row has a floor of its own; `floor` is then the last one's.
    pub(crate) floored: bool,
}

/// A fitted model.
#[derive(Clone, Debug)]
pub struct ProphetFit {
    pub(crate) frame: Frame,
    pub(crate) design: Arc<Design>,
    /// In the order beta, k, m, delta; scaled. Under logistic growth `m` stands for the exponent's value at time 0.
    pub(crate) x: Vec<f64>,
    /// In 0..=1.
    pub(crate) knots: Arc<[f64]>,
    pub(super) variance: f64,
    pub(super) objective: f64,
    pub(super) rows: usize,
    pub(super) convergence: Convergence,
    /// How many different optima the search came upon.
    pub(super) optima: usize,
}

impl Frame {
    /// The model's time of a moment.
    pub(crate) fn time(&self, moment: Timestamp) -> f64 {
        (moment.as_millis() - self.origin.as_millis()) as f64 / self.span_ms.max(1.0)
    }

    /// Moves all moments.
    pub(crate) fn shift(&mut self, by_ms: i64) {
        self.origin = self.origin.plus_millis(by_ms);
        self.phase = self.phase.plus_millis(by_ms);
    }

    /// How far a moment lies from phase 0.
    pub(crate) fn offset_ms(&self, moment: Timestamp) -> f64 {
        (moment.as_millis() - self.phase.as_millis()) as f64
    }
}

impl ProphetFit {
    /// The optimum for the sums of a series; roughly, from a fit of nearly the same values, where there is one.
    pub(crate) fn solve(
        frame: Frame,
        statistics: &Statistics,
        (gram, design): (&Gram, &Arc<Design>),
        near: Option<(&Self, Goal)>,
    ) -> Result<Self, FitError> {
        let knots = &statistics.moments.knots;
        let found = match near.filter(|(fit, _)| fit.knots == *knots) {
            Some((fit, goal)) => warm(statistics, gram, &design.priors, (&fit.x, goal)),
            None => cold(statistics, gram, &design.priors, design.starts(frame.span_ms)),
        };
        Self::found(frame, design, (knots, statistics.moments.rows), found)
    }

    /// What a search came upon, if it is finite.
    pub(crate) fn found(
        frame: Frame,
        design: &Arc<Design>,
        (knots, rows): (&Arc<[f64]>, usize),
        Found { optimum, optima }: Found,
    ) -> Result<Self, FitError> {
        let finite = optimum.x.iter().all(|x| x.is_finite()) && optimum.objective.is_finite();
        if !finite {
            return Err(FitError::NotFinite);
        }
        Ok(Self {
            frame,
            design: Arc::clone(design),
            x: optimum.x,
            knots: Arc::clone(knots),
            variance: optimum.variance,
            objective: optimum.objective,
            rows,
            convergence: optimum.convergence,
            optima,
        })
    }

    /// A series that never changes: Prophet does not fit it either.
    pub(crate) fn constant(frame: Frame, rows: usize, design: &Arc<Design>, value: f64) -> Self {
        let columns = design.columns();
        let mut x = vec![0.0; columns + 2];
        x[columns + 1] = (value - frame.floor) / frame.scale;
        Self {
            frame,
            design: Arc::clone(design),
            x,
            knots: [].into(),
            variance: CONSTANT_NOISE * CONSTANT_NOISE,
            objective: f64::NEG_INFINITY,
            rows,
            convergence: Convergence::Reached,
            optima: 1,
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

    /// How many different optima the search came upon: more than one where the history cannot tell a season that scales
    /// the trend from the trend's bends.
    pub const fn optima(&self) -> usize {
        self.optima
    }

    /// What it was fitted with, every switch turned into seasons.
    pub fn settings(&self) -> &Settings {
        &self.design.settings
    }

    /// The last observed moment; what is later is extrapolated.
    pub fn last(&self) -> Timestamp {
        self.frame.origin.plus_millis(self.frame.span_ms as i64)
    }

    /// The first observed moment.
    pub const fn first(&self) -> Timestamp {
        self.frame.origin
    }

    /// The moments at which the trend may bend, and by how much it does, in units of the data per history.
    pub fn changepoints(&self) -> impl Iterator<Item = (Timestamp, f64)> + '_ {
        let deltas = &self.x[self.design.columns() + 2..];
        let pairs = self.knots.iter().zip(deltas);
        pairs.map(|(knot, delta)| (self.moment(*knot), delta * self.frame.scale))
    }

    /// The component and the prior scale of each column, in the order of the columns.
    pub fn features(&self) -> impl Iterator<Item = (&str, f64)> {
        self.design.blocks.iter().flat_map(|block| {
            let scales = self.design.priors.ridge[block.columns.clone()].iter();
            scales.map(|precision| (block.name.as_str(), 1.0 / precision.sqrt()))
        })
    }

    /// What values are divided by (`y_scale`).
    pub const fn scale(&self) -> f64 {
        self.frame.scale
    }

    pub(crate) fn variance(&self) -> f64 {
        self.variance
    }

    /// The trend at a moment.
    pub fn trend(&self, moment: Timestamp) -> f64 {
        self.trend_within(moment, (self.frame.floor, self.frame.cap))
    }

    /// The trend at a moment between a floor and, under logistic growth, a capacity.
    pub(crate) fn trend_within(&self, moment: Timestamp, (floor, cap): (f64, f64)) -> f64 {
        self.trend_on(self.line(self.frame.time(moment)), (floor, cap))
    }

    /// The trend whose line has come this far.
    pub(crate) fn trend_on(&self, line: f64, (floor, cap): (f64, f64)) -> f64 {
        match self.design.settings.growth {
            Growth::Logistic => floor + (cap - floor) / (1.0 + (-line).exp()),
            Growth::Linear | Growth::Flat => floor + self.frame.scale * line,
        }
    }

    /// The piecewise straight line at a model's time: the scaled trend, or the exponent of a logistic one.
    pub(crate) fn line(&self, t: f64) -> f64 {
        let (smooth, deltas) = self.x.split_at(self.design.columns() + 2);
        let [.., k, m] = smooth else { return 0.0 };
        let bends = self.knots.iter().zip(deltas);
        let bent: f64 = bends.map(|(knot, delta)| delta * (t - knot).max(0.0)).sum();
        m + k * t + bent
    }

    /// How far the trend moves at a moment if the line under it moves by one scale: under logistic growth less the nearer
    /// it is to its floor or its capacity.
    pub(crate) fn steepness(&self, moment: Timestamp) -> f64 {
        let Frame { floor, cap, scale, .. } = self.frame;
        match self.design.settings.growth {
            Growth::Linear | Growth::Flat => 1.0,
            Growth::Logistic => {
                let trend = self.trend(moment);
                (trend - floor) * (cap - trend) / ((cap - floor) * scale)
            }
        }
    }

    /// The mean size of the bends, in units of the data per length of history, and how many there could be.
    pub(crate) fn bends(&self) -> (f64, f64) {
        let deltas = &self.x[self.design.columns() + 2..];
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
        self.frame.origin.plus_millis((t * self.frame.span_ms).round() as i64)
    }

    /// The value at one moment.
    pub fn value(&self, moment: Timestamp) -> f64 {
        let (factor, addend) = self.seasons(moment);
        self.join(self.trend(moment), self.frame.floor, (factor, addend))
    }

    /// What trend and seasons make together: what stands above the floor is what seasons scale.
    pub(crate) fn join(&self, trend: f64, floor: f64, (factor, addend): (f64, f64)) -> f64 {
        floor + (trend - floor) * factor + addend
    }

    /// What the seasons multiply the trend by, and what they add to it, at one moment.
    pub(crate) fn seasons(&self, moment: Timestamp) -> (f64, f64) {
        let mut row = vec![0.0; self.design.columns()];
        self.write_row(moment, |_| None, &mut row);
        self.effects(&row)
    }

    /// The columns of one row; a block whose number is not known is where it has no effect.
    pub(crate) fn write_row(
        &self,
        moment: Timestamp,
        known: impl Fn(usize) -> Option<f64>,
        row: &mut [f64],
    ) {
        let offset = self.frame.offset_ms(moment);
        for (index, block) in self.design.blocks.iter().enumerate() {
            let neutral = match block.source {
                Source::Regressor { mean, .. } => mean,
                _ => 0.0,
            };
            let value = known(index).unwrap_or(neutral);
            block.write(moment, offset, value, &mut row[block.columns.clone()]);
        }
    }

    /// What a row multiplies the trend by, and what it adds to it.
    pub(crate) fn effects(&self, row: &[f64]) -> (f64, f64) {
        let (mut factor, mut addend) = (1.0, 0.0);
        for ((x, beta), scaled) in row.iter().zip(&self.x).zip(&self.design.priors.scaled) {
            let sum = if *scaled == 0.0 { &mut addend } else { &mut factor };
            *sum += x * beta;
        }
        (factor, addend * self.frame.scale)
    }
}
