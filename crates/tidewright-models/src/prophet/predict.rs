//! What a fit expects on a grid: whole blocks of rows at a time.
//!
//! The trend is straight between bends, and waves turn by a table, so that no row costs a sine. Only for what a grid's
//! series share; a model with events, regressors, conditions or a logistic trend is asked row by row.

use std::array;

use tidewright_core::Grid;
use tidewright_numerics::simd::{Kernel, Lanes, WIDTH, run};

use super::fit::ProphetFit;
use super::waves::{BLOCK, Waves};

/// Vectors of a block.
const VECTORS: usize = BLOCK / WIDTH;

/// Whether a limit on the trend's extrapolation took effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extrapolation {
    /// The trend went where it was going.
    Free,
    /// The trend was held back.
    Capped,
}

impl ProphetFit {
    /// Replaces `out` by the values on `grid`, in history or in the future.
    ///
    /// With `trend_ratio_max`, the trend after the last observed moment stays within that share of its level there.
    pub fn predict_into(
        &self,
        grid: &Grid,
        trend_ratio_max: Option<f64>,
        out: &mut Vec<f64>,
    ) -> Extrapolation {
        self.predict_by(&self.waves(grid.step_ms()), grid, trend_ratio_max, out)
    }

    /// The waves of its seasons at a step.
    pub(crate) fn waves(&self, step_ms: i64) -> Waves {
        Waves::new(self.design.harmonics.clone(), step_ms as f64)
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
        if !self.design.shares_a_grid() {
            out.extend((0..grid.len()).map(|index| self.value(grid.timestamp(index))));
            return Extrapolation::Free;
        }
        let acted = self.trend_into(grid, trend_ratio_max, out);
        self.season_into(waves, grid, out, None);
        out.truncate(grid.len());
        acted
    }

    /// Replaces `out` by the trend on `grid`, padded to whole vectors: straight between bends, so two moments tell each
    /// piece.
    pub(super) fn trend_into(
        &self,
        grid: &Grid,
        ratio_max: Option<f64>,
        out: &mut Vec<f64>,
    ) -> Extrapolation {
        let rows = grid.len().next_multiple_of(WIDTH);
        out.clear();
        out.resize(rows, 0.0);
        let per_row = grid.step_ms() as f64 / self.frame.span_ms.max(1.0);
        let start = self.frame.time(grid.start());
        let row_after = |t: f64| (((t - start) / per_row).ceil().max(0.0) as usize).min(rows);
        let ends = self.knots.iter().map(|knot| row_after(*knot)).chain([rows]);
        let mut from = 0;
        for to in ends {
            if from < to {
                let first = self.trend(grid.timestamp(from));
                let rate = self.trend(grid.timestamp(to - 1)) - first;
                let rate = rate / (to - from - 1).max(1) as f64;
                run(Ramp { first, rate, out: &mut out[from..to] });
                from = to;
            }
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

    /// Puts the seasons on a trend of whole vectors; what they scale it by goes to `factors`, where that is wanted.
    pub(super) fn season_into(
        &self,
        waves: &Waves,
        grid: &Grid,
        values: &mut [f64],
        factors: Option<&mut [f64]>,
    ) {
        let offset = self.frame.offset_ms(grid.start());
        let (mut scaling, mut adding) = (Vec::new(), Vec::new());
        let pairs = self.x.chunks_exact(2).zip(self.design.priors.scaled.chunks_exact(2));
        for (harmonic, (beta, scaled)) in pairs.enumerate().take(waves.columns() / 2) {
            let turn = waves.turn(harmonic, offset);
            if scaled[0] == 0.0 {
                let beta = [beta[0] * self.frame.scale, beta[1] * self.frame.scale];
                adding.push(Wave::new(harmonic, turn, beta));
            } else {
                scaling.push(Wave::new(harmonic, turn, [beta[0], beta[1]]));
            }
        }
        let (values, factors) = (values.as_chunks_mut().0, factors.map(|f| f.as_chunks_mut().0));
        run(Seasons { waves, scaling, adding, values, factors });
    }
}

/// `first + rate i` for each row `i`.
struct Ramp<'a> {
    first: f64,
    rate: f64,
    out: &'a mut [f64],
}

impl Kernel for Ramp<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let (first, rate) = (L::splat(self.first), L::splat(self.rate));
        let mut rows = L::load(&array::from_fn(|lane| lane as f64));
        let (chunks, rest) = self.out.as_chunks_mut::<WIDTH>();
        for chunk in chunks {
            rate.mul_add(rows, first).store(chunk);
            rows = rows.add(L::splat(WIDTH as f64));
        }
        let mut last = [0.0; WIDTH];
        rate.mul_add(rows, first).store(&mut last);
        rest.copy_from_slice(&last[..rest.len()]);
    }
}

/// One harmonic, turned to where a block begins.
#[derive(Clone, Copy, Debug)]
struct Wave {
    harmonic: usize,
    /// What the table's sines and cosines are multiplied by.
    on_sin: f64,
    on_cos: f64,
}

impl Wave {
    fn new(harmonic: usize, (sin, cos): (f64, f64), [a, b]: [f64; 2]) -> Self {
        Self { harmonic, on_sin: a * cos - b * sin, on_cos: a * sin + b * cos }
    }

    /// The same, turned by an angle more.
    fn turned(self, turn: (f64, f64)) -> Self {
        Self::new(self.harmonic, turn, [self.on_sin, self.on_cos])
    }
}

/// `values = values * (1 + sum of scaling waves) + sum of adding waves`.
struct Seasons<'a> {
    waves: &'a Waves,
    scaling: Vec<Wave>,
    adding: Vec<Wave>,
    values: &'a mut [[f64; WIDTH]],
    factors: Option<&'a mut [[f64; WIDTH]]>,
}

impl Kernel for Seasons<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(mut self) {
        for from in (0..self.values.len()).step_by(VECTORS) {
            if from > 0 {
                self.turn();
            }
            let until = (from + VECTORS).min(self.values.len());
            if !self.scaling.is_empty() {
                self.scale::<L>((from, until));
            }
            for vector in from..until {
                let value = self.sum(&self.adding, vector - from, L::load(&self.values[vector]));
                value.store(&mut self.values[vector]);
            }
        }
    }
}

impl Seasons<'_> {
    /// To the next block: by a turn of the coefficients, which a few hundred blocks do not wear.
    #[inline(always)]
    fn turn(&mut self) {
        let waves = self.waves;
        for wave in self.scaling.iter_mut().chain(&mut self.adding) {
            *wave = wave.turned(waves.block_turn(wave.harmonic));
        }
    }

    /// Multiplies a block by what scales it.
    #[inline(always)]
    fn scale<L: Lanes>(&mut self, (from, until): (usize, usize)) {
        for vector in from..until {
            let factor = self.sum(&self.scaling, vector - from, L::splat(1.0));
            L::load(&self.values[vector]).mul(factor).store(&mut self.values[vector]);
            if let Some(factors) = &mut self.factors {
                factor.store(&mut factors[vector]);
            }
        }
    }

    #[inline(always)]
    fn sum<L: Lanes>(&self, waves: &[Wave], vector: usize, mut sum: L) -> L {
        let table = self.waves.table();
        for wave in waves {
            let at = 2 * wave.harmonic * VECTORS + vector;
            sum = L::splat(wave.on_sin).mul_add(L::load(&table[at]), sum);
            sum = L::splat(wave.on_cos).mul_add(L::load(&table[at + VECTORS]), sum);
        }
        sum
    }
}
