//! The shared-grid path: what all series on one grid have in common is summed once.
//!
//! The moments of the rows do not depend on the values, so a plan serves every series of its grid and specification.
//! Gaps do not spoil that: Prophet drops missing rows before it places changepoints, so a series with gaps has segments
//! of its own, whose moments are differences of shared prefix sums minus the missing rows. Fitting is one pass over the
//! values and a solve; nothing here spawns or locks, so a plan may be used by many threads.

use std::sync::Arc;

use tidewright_core::Grid;

use super::design::Design;
use super::fit::{Frame, ProphetFit};
use super::settings::Settings;
use super::statistics::{Statistics, add_pairs, changepoint_rows, mirror, retime};
use super::waves::{Waves, features};
use crate::FitError;

/// Rows between stored prefix sums: a look-up costs at most half as many rows, a week of minutes two megabytes.
const PREFIX_EVERY: usize = 16;

/// A prior scale at which no bend is worth its price: a million rows gain less.
const HELD: f64 = 1e-9;

/// Everything that all series on one grid share under one specification.
#[derive(Debug)]
pub struct GridPlan {
    grid: Grid,
    design: Arc<Design>,
    /// The same with a prior that no data overcome.
    straight: Arc<Design>,
    waves: Waves,
    /// The features of each row: a megabyte for a week of minutes, and cheaper to read than to work out.
    rows: Vec<f64>,
    /// Pair moments above the diagonal, in row time `u = row / len`, of the rows before every [`PREFIX_EVERY`]th.
    prefix: Vec<f64>,
    /// The layout of a series without gaps.
    whole: Layout,
}

/// Whether the trend may bend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bends {
    /// As the settings say.
    Free,
    /// One straight line.
    Held,
}

/// Where the segments of a series lie and what their pair moments are.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    first: usize,
    last: usize,
    /// The rows at which segments begin, and the end.
    bounds: Vec<usize>,
    knots: Vec<f64>,
    pairs: Arc<[f64]>,
}

/// What one look at the values tells.
struct Look {
    rows: usize,
    min: f64,
    max: f64,
    square: f64,
}

impl GridPlan {
    /// A plan for series on `grid`; settings that [`Settings::shares_a_grid`] denies it cannot serve.
    pub fn new(grid: Grid, settings: &Settings) -> Self {
        let last = grid.timestamp(grid.len().saturating_sub(1));
        let settings = settings.clone().resolved(grid.start(), last, grid.step_ms());
        let straight = Settings { changepoint_prior_scale: HELD, ..settings.clone() };
        let [design, straight] =
            [settings, straight].map(|settings| Arc::new(Design::new(&settings, &[])));
        let harmonics = design.harmonics.clone();
        let waves = Waves::new(harmonics.clone(), grid.step_ms() as f64);
        let rows = feature_rows(&grid, &harmonics, waves.stride);
        let prefix = prefix_sums(&rows, waves.stride);
        let empty = Layout { first: 0, last: 0, bounds: vec![], knots: vec![], pairs: [].into() };
        let mut plan = Self { grid, design, straight, waves, rows, prefix, whole: empty };
        let all: Vec<usize> = (0..grid.len()).collect();
        plan.whole = plan.layout(&all);
        plan
    }

    /// The grid that it serves.
    pub const fn grid(&self) -> &Grid {
        &self.grid
    }

    /// The specification that it serves.
    pub fn settings(&self) -> &Settings {
        &self.design.settings
    }

    /// What a fit expects at every row of the grid.
    pub fn expected(&self, fit: &ProphetFit) -> Vec<f64> {
        let mut expected = Vec::new();
        if fit.design.harmonics == self.design.harmonics {
            fit.predict_by(&self.waves, &self.grid, None, &mut expected);
        } else {
            fit.predict_into(&self.grid, None, &mut expected);
        }
        expected
    }

    /// The optimum for one series; NaN is a gap.
    ///
    /// # Errors
    /// [`FitError`] if the values do not lie on the grid or fewer than two are numbers.
    pub fn fit(&self, values: &[f64]) -> Result<ProphetFit, FitError> {
        self.fit_on(&self.layout_of(values)?, values, Bends::Free, None)
    }

    /// The same where the layout is known; roughly, from a fit of nearly the same values, where there is one.
    pub(super) fn fit_on(
        &self,
        layout: &Layout,
        values: &[f64],
        bends: Bends,
        near: Option<&ProphetFit>,
    ) -> Result<ProphetFit, FitError> {
        let look = look(values)?;
        let scale = if look.min == 0.0 && look.max == 0.0 { 1.0 } else { look.max.max(-look.min) };
        let frame = Frame {
            origin: self.grid.timestamp(layout.first),
            span_ms: (layout.last - layout.first) as f64 * self.grid.step_ms() as f64,
            phase: self.grid.start(),
            floor: 0.0,
            scale,
            cap: 0.0,
            floored: false,
        };
        if look.min == look.max {
            return Ok(ProphetFit::constant(frame, look.rows, &self.design, look.min));
        }
        let statistics = self.statistics(values, layout, &look, scale);
        let design = if bends == Bends::Held { &self.straight } else { &self.design };
        ProphetFit::solve(frame, &statistics, design, near)
    }

    /// The segments of these values; those with the same gaps have the same.
    pub(super) fn layout_of(&self, values: &[f64]) -> Result<Layout, FitError> {
        if !self.design.shares_a_grid() {
            return Err(FitError::NeedsRows);
        }
        if values.len() != self.grid.len() {
            return Err(FitError::Length { points: self.grid.len(), values: values.len() });
        }
        let rows = observed(values);
        match rows.len() {
            0 | 1 => Err(FitError::TooFew { rows: rows.len() }),
            all if all == values.len() => Ok(self.whole.clone()),
            _ => Ok(self.layout(&rows)),
        }
    }

    fn statistics(&self, values: &[f64], layout: &Layout, look: &Look, scale: f64) -> Statistics {
        let stride = self.waves.stride;
        let mut cross = vec![0.0; (layout.bounds.len() - 1) * 2 * stride];
        let (slope, offset) = self.clock(layout.first, layout.last);
        for (range, sums) in layout.bounds.windows(2).zip(cross.chunks_exact_mut(2 * stride)) {
            self.waves.project(&values[range[0]..range[1]], range[0], sums);
            // Rows to row time, then to the time of the observed rows.
            let (plain, ramped) = sums.split_at_mut(stride);
            plain.iter_mut().for_each(|sum| *sum /= scale);
            ramped.iter_mut().for_each(|sum| *sum /= scale * self.grid.len() as f64);
            retime(sums, stride, slope, offset);
        }
        Statistics {
            rows: look.rows,
            stride,
            knots: layout.knots.clone(),
            pairs: Arc::clone(&layout.pairs),
            cross,
            square: look.square / (scale * scale),
        }
    }

    /// How row time becomes the time that is 0 at the first observed row and 1 at the last.
    fn clock(&self, first: usize, last: usize) -> (f64, f64) {
        let span = (last - first).max(1) as f64;
        (self.grid.len() as f64 / span, -(first as f64) / span)
    }

    /// The segments of a series that was observed at these rows.
    fn layout(&self, rows: &[usize]) -> Layout {
        let (first, last) = (rows.first().copied().unwrap_or(0), rows.last().copied().unwrap_or(0));
        let mut bounds = vec![first];
        bounds.extend(changepoint_rows(rows.len(), self.settings()).iter().map(|&i| rows[i]));
        bounds.push(last + 1);
        let span = (last - first).max(1) as f64;
        let inner = &bounds[1..bounds.len() - 1];
        let knots = inner.iter().map(|&row| (row - first) as f64 / span).collect();
        let pairs = self.pairs(&bounds, rows).into();
        Layout { first, last, bounds, knots, pairs }
    }

    fn pairs(&self, bounds: &[usize], rows: &[usize]) -> Vec<f64> {
        let size = self.waves.stride * self.waves.stride;
        let mut pairs = vec![0.0; (bounds.len() - 1) * 3 * size];
        let (slope, offset) = self.clock(bounds[0], bounds[bounds.len() - 1] - 1);
        let mut at = 0;
        for (range, moments) in bounds.windows(2).zip(pairs.chunks_exact_mut(3 * size)) {
            self.add_range(moments, range[0], range[1], 1.0);
            let mut expected = range[0];
            while at < rows.len() && rows[at] < range[1] {
                self.add_range(moments, expected, rows[at], -1.0);
                expected = rows[at] + 1;
                at += 1;
            }
            self.add_range(moments, expected, range[1], -1.0);
            retime(moments, size, slope, offset);
        }
        mirror(&mut pairs, self.waves.stride);
        pairs
    }

    /// Adds the moments of rows `from..to`: from the prefix sums, corrected row by row at the edges.
    fn add_range(&self, moments: &mut [f64], from: usize, to: usize, weight: f64) {
        if from >= to {
            return;
        }
        if to - from <= PREFIX_EVERY {
            self.add_rows(moments, from, to, weight);
            return;
        }
        let size = moments.len();
        let stored = self.prefix.len() / size - 1;
        let nearest = |row: usize| ((row + PREFIX_EVERY / 2) / PREFIX_EVERY).min(stored);
        let (low, high) = (nearest(from), nearest(to));
        let at = |index: usize| &self.prefix[index * size..][..size];
        for ((sum, below), above) in moments.iter_mut().zip(at(low)).zip(at(high)) {
            *sum += weight * (above - below);
        }
        let (low, high) = (low * PREFIX_EVERY, high * PREFIX_EVERY);
        self.add_rows(moments, from, low, weight);
        self.add_rows(moments, low, from, -weight);
        self.add_rows(moments, high, to, weight);
        self.add_rows(moments, to, high, -weight);
    }

    fn add_rows(&self, moments: &mut [f64], from: usize, to: usize, weight: f64) {
        let rows = self.rows.chunks_exact(self.waves.stride).enumerate();
        for (index, row) in rows.take(to).skip(from) {
            add_pairs(moments, row, index as f64 / self.grid.len() as f64, weight);
        }
    }
}

fn feature_rows(grid: &Grid, harmonics: &[f64], stride: usize) -> Vec<f64> {
    let mut rows = vec![0.0; grid.len() * stride];
    for (index, row) in rows.chunks_exact_mut(stride).enumerate() {
        features(harmonics, index as f64 * grid.step_ms() as f64, row);
    }
    rows
}

fn prefix_sums(rows: &[f64], stride: usize) -> Vec<f64> {
    let mut sums = vec![0.0; 3 * stride * stride];
    let len = rows.len() / stride;
    let mut stored = Vec::with_capacity((len / PREFIX_EVERY + 1) * sums.len());
    for (index, row) in rows.chunks_exact(stride).enumerate() {
        if index % PREFIX_EVERY == 0 {
            stored.extend_from_slice(&sums);
        }
        add_pairs(&mut sums, row, index as f64 / len as f64, 1.0);
    }
    if len.is_multiple_of(PREFIX_EVERY) {
        stored.extend_from_slice(&sums);
    }
    stored
}

fn observed(values: &[f64]) -> Vec<usize> {
    (0..values.len()).filter(|&row| !values[row].is_nan()).collect()
}

fn look(values: &[f64]) -> Result<Look, FitError> {
    let (min, max) = (f64::INFINITY, f64::NEG_INFINITY);
    let mut look = Look { rows: 0, min, max, square: 0.0 };
    for value in values {
        look.rows += usize::from(!value.is_nan());
        // A gap is neither smaller nor larger than anything.
        look.min = if *value < look.min { *value } else { look.min };
        look.max = if *value > look.max { *value } else { look.max };
        look.square += if value.is_nan() { 0.0 } else { value * value };
    }
    if look.square.is_finite() { Ok(look) } else { Err(FitError::NotFinite) }
}
