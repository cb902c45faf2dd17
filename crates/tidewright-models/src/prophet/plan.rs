//! The shared-grid path: what all series on one grid have in common is worked out once.
//!
//! The sums of the rows do not depend on the values, so a plan serves every series of its grid and specification: the
//! layout of a series without gaps is kept, that of others comes from shared prefix sums. Fitting is one pass over the
//! values and a solve; nothing here spawns, so a plan may be used by many threads.

use std::sync::Arc;

use tidewright_core::{Grid, Timestamp};
use tidewright_numerics::simd::{Kernel, Lanes, WIDTH, run};

use super::band::Band;
use super::design::Design;
use super::fit::{Frame, ProphetFit};
use super::forecast::ForecastPlan;
use super::gaps::{Ground, Layout};
use super::moments::{Cross, Detail, Statistics};
use super::newton::Goal;
use super::pass::{Gaps, Shape, Sums, sum};
use super::rows::fit_rows;
use super::settings::Settings;
use super::waves::Waves;
use crate::FitError;

/// A prior scale at which no bend is worth its price: a million rows gain less.
const HELD: f64 = 1e-9;

/// Values that differ by less than this share of their size lose their digits once they are squared: of sixteen, ten go
/// into the square of the size.
const FAINT: f64 = 2e-3;

/// Everything that all series on one grid share under one specification.
#[derive(Debug)]
pub struct GridPlan {
    grid: Grid,
    design: Arc<Design>,
    /// The same with a prior that no data overcome.
    straight: Arc<Design>,
    detail: Detail,
    waves: Arc<Waves>,
    ground: Ground,
    /// The layout of a series without gaps.
    whole: Arc<Layout>,
}

/// Whether the trend may bend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bends {
    /// As the settings say.
    Free,
    /// One straight line.
    Held,
}

impl GridPlan {
    /// A plan for series on `grid`; settings that [`Settings::shares_a_grid`] denies it cannot serve.
    pub fn new(grid: Grid, settings: &Settings) -> Self {
        let last = grid.timestamp(grid.len().saturating_sub(1));
        let settings = settings.clone().resolved(grid.start(), last, grid.step_ms());
        let straight = Settings { changepoint_prior_scale: HELD, ..settings.clone() };
        let [design, straight] =
            [settings, straight].map(|settings| Arc::new(Design::new(&settings, &[])));
        let waves = Arc::new(Waves::new(design.harmonics.clone(), grid.step_ms() as f64));
        let detail = if design.priors.is_linear() { Detail::Whole } else { Detail::Segments };
        let ground = Ground::new(&waves, grid.len(), detail);
        let whole = Arc::new(ground.whole(&design.settings, &design.priors));
        Self { grid, design, straight, detail, waves, ground, whole }
    }

    /// The grid that it serves.
    pub const fn grid(&self) -> &Grid {
        &self.grid
    }

    /// The specification that it serves.
    pub fn settings(&self) -> &Settings {
        &self.design.settings
    }

    /// What all series of this plan share that are forecast on another grid, with bands.
    pub fn ahead(&self, grid: Grid, band: Band) -> ForecastPlan {
        let same = grid.step_ms() == self.grid.step_ms();
        let fresh = || Arc::new(Waves::new(self.design.harmonics.clone(), grid.step_ms() as f64));
        ForecastPlan::new(grid, if same { self.waves() } else { fresh() }, band)
    }

    /// The waves of its seasons at its grid's step.
    pub(crate) fn waves(&self) -> Arc<Waves> {
        Arc::clone(&self.waves)
    }

    /// What a fit expects at every row of the grid.
    pub fn expected(&self, fit: &ProphetFit) -> Vec<f64> {
        let mut expected = Vec::new();
        self.expected_into(fit, &mut expected);
        expected
    }

    /// The same in memory that is there.
    pub(super) fn expected_into(&self, fit: &ProphetFit, out: &mut Vec<f64>) {
        if fit.design.harmonics == self.design.harmonics {
            fit.predict_by(&self.waves, &self.grid, None, out);
        } else {
            fit.predict_into(&self.grid, None, out);
        }
    }

    /// The optimum for one series; NaN is a gap.
    ///
    /// # Errors
    /// [`FitError`] if the values do not lie on the grid or fewer than two are numbers.
    pub fn fit(&self, values: &[f64]) -> Result<ProphetFit, FitError> {
        self.check(values)?;
        let sums = sum(values, self.shape(&self.whole), Gaps::Tell);
        if self.is_faint(&sums) {
            return self.fit_by_rows(values);
        }
        if sums.gaps {
            return self.fit_on(&*self.layout_of(values)?, values, Bends::Free, None);
        }
        self.fit_sums((self.grid.start(), &sums), None)
    }

    /// Whether what the values tell is lost beside their size once they are squared.
    fn is_faint(&self, sums: &Sums) -> bool {
        let range = sums.max - sums.min;
        range > 0.0 && range < FAINT * sums.max.max(-sums.min) && self.design.priors.is_linear()
    }

    /// Row by row, where each value is taken from the mean before it is squared.
    fn fit_by_rows(&self, values: &[f64]) -> Result<ProphetFit, FitError> {
        let times: Vec<Timestamp> =
            (0..self.grid.len()).map(|row| self.grid.timestamp(row)).collect();
        fit_rows(&times, values, self.settings())
    }

    /// The same for a series on a grid of the same length and step that starts elsewhere: nothing of the plan depends
    /// on when it starts.
    ///
    /// # Errors
    /// As [`GridPlan::fit`].
    pub fn fit_from(&self, start: Timestamp, values: &[f64]) -> Result<ProphetFit, FitError> {
        let mut fit = self.fit(values)?;
        fit.frame.shift(start.as_millis() - self.grid.start().as_millis());
        Ok(fit)
    }

    /// The optimum for the sums of a series without gaps, exactly, from a fit nearby where there is one.
    pub(super) fn fit_sums(
        &self,
        (start, sums): (Timestamp, &Sums),
        near: Option<&ProphetFit>,
    ) -> Result<ProphetFit, FitError> {
        let near = near.map(|fit| (fit, Goal::Exact));
        let mut fit = self.solve(&self.whole, sums, Bends::Free, near)?;
        fit.frame.shift(start.as_millis() - self.grid.start().as_millis());
        Ok(fit)
    }

    /// The same where the layout is known; roughly, from a fit of nearly the same values, where there is one.
    pub(super) fn fit_on(
        &self,
        layout: &Layout,
        values: &[f64],
        bends: Bends,
        near: Option<&ProphetFit>,
    ) -> Result<ProphetFit, FitError> {
        let sums = sum(values, self.shape(layout), Gaps::Skip);
        // Who knows a fit nearby is on the way somewhere else and will come again.
        self.solve(layout, &sums, bends, near.map(|fit| (fit, Goal::Rough)))
    }

    /// The segments of these values; those with the same gaps have the same.
    pub(super) fn layout_of(&self, values: &[f64]) -> Result<Arc<Layout>, FitError> {
        self.check(values)?;
        let missing: Vec<usize> = missing(values);
        match values.len() - missing.len() {
            rows @ (0 | 1) => Err(FitError::TooFew { rows }),
            _ if missing.is_empty() => Ok(Arc::clone(&self.whole)),
            _ => Ok(Arc::new(self.ground.without(
                (&missing, &self.whole.moments),
                self.settings(),
                &self.design.priors,
            ))),
        }
    }

    fn check(&self, values: &[f64]) -> Result<(), FitError> {
        if !self.design.shares_a_grid() {
            return Err(FitError::NeedsRows);
        }
        if values.len() != self.grid.len() {
            return Err(FitError::Length { points: self.grid.len(), values: values.len() });
        }
        if values.len() < 2 { Err(FitError::TooFew { rows: values.len() }) } else { Ok(()) }
    }

    /// The layout of a series without gaps.
    pub(super) fn whole(&self) -> &Layout {
        &self.whole
    }

    pub(super) const fn detail(&self) -> Detail {
        self.detail
    }

    /// The length of a row of features, and the rows from phase 0 on.
    pub(super) fn features(&self) -> (usize, &[f64]) {
        (self.ground.stride, &self.ground.features)
    }

    pub(super) fn shape<'a>(&'a self, layout: &'a Layout) -> Shape<'a> {
        Shape {
            pieces: &layout.pieces,
            waves: &self.waves,
            turns: &layout.turns,
            detail: self.detail,
        }
    }

    pub(super) fn solve(
        &self,
        layout: &Layout,
        sums: &Sums,
        bends: Bends,
        near: Option<(&ProphetFit, Goal)>,
    ) -> Result<ProphetFit, FitError> {
        if !sums.square.is_finite() {
            return Err(FitError::NotFinite);
        }
        let largest = sums.max.max(-sums.min);
        let frame = Frame {
            origin: self.grid.timestamp(layout.first),
            span_ms: (layout.last - layout.first) as f64 * self.grid.step_ms() as f64,
            phase: self.grid.start(),
            floor: 0.0,
            scale: if largest == 0.0 { 1.0 } else { largest },
            cap: 0.0,
            floored: false,
        };
        if sums.min == sums.max {
            let rows = layout.moments.rows;
            return Ok(ProphetFit::constant(frame, rows, &self.design, sums.min));
        }
        let design = if bends == Bends::Held { &self.straight } else { &self.design };
        let cross = scaled(sums, layout, frame.scale);
        let statistics = Statistics { moments: Arc::clone(&layout.moments), cross };
        ProphetFit::solve(frame, &statistics, (&layout.gram, design), near)
    }
}

/// The sums of scaled values, over the time that is 0 at the first observed row and 1 at the last.
fn scaled(sums: &Sums, layout: &Layout, scale: f64) -> Cross {
    let moments = &layout.moments;
    let mut cross = Cross::zeros(moments);
    let span = (layout.last - layout.first).max(1) as f64;
    let (first, ramp) = (layout.first as f64, 1.0 / (span * scale));
    for (out, [plain, ramped]) in cross.ones.iter_mut().zip(&sums.ones) {
        *out = [plain / scale, (ramped - first * plain) * ramp];
    }
    cross.square = sums.square / (scale * scale);
    let stride = moments.stride;
    if moments.detail() == Detail::Whole {
        cross.whole.iter_mut().zip(sums.whole.iter()).for_each(|(out, sum)| *out = sum / scale);
        return cross;
    }
    let segments =
        cross.edges.chunks_exact_mut(2 * stride).zip(sums.edges.chunks_exact(2 * stride));
    for (out, sums) in segments {
        let (plain, ramped) = sums.split_at(stride);
        let (out, out_ramped) = out.split_at_mut(stride);
        for c in 0..stride {
            out[c] = plain[c] / scale;
            out_ramped[c] = (ramped[c] - first * plain[c]) * ramp;
        }
    }
    cross.seal();
    cross
}

/// The rows of gaps, ascending.
fn missing(values: &[f64]) -> Vec<usize> {
    struct Missing<'a>(&'a [f64]);
    impl Kernel for Missing<'_> {
        type Output = Vec<usize>;

        #[inline(always)]
        fn run<L: Lanes>(self) -> Vec<usize> {
            let mut missing = Vec::new();
            let (chunks, rest) = self.0.as_chunks::<WIDTH>();
            for (index, chunk) in chunks.iter().enumerate() {
                let mut bits = L::load(chunk).gaps();
                while bits != 0 {
                    missing.push(index * WIDTH + bits.trailing_zeros() as usize);
                    bits &= bits - 1;
                }
            }
            let from = self.0.len() - rest.len();
            missing.extend((0..rest.len()).filter(|&i| rest[i].is_nan()).map(|i| from + i));
            missing
        }
    }
    run(Missing(values))
}
