//! What a fit expects on a grid: whole blocks of rows at a time.
//!
//! The trend is straight between bends, and waves turn by a table, so that no row costs a sine. Only for what a grid's
//! series share; a model with events, regressors, conditions or a logistic trend is asked row by row.

use tidewright_core::Grid;

use super::fit::ProphetFit;
use super::waves::Waves;

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
        let waves = Waves::new(self.design.harmonics.clone(), grid.step_ms() as f64);
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
        if !self.design.shares_a_grid() {
            let moments = out.iter_mut().enumerate();
            moments.for_each(|(index, value)| *value = self.value(grid.timestamp(index)));
            return Extrapolation::Free;
        }
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
        let scaled = &self.design.priors.scaled;
        let pairs = || self.x.iter().zip(scaled);
        let scaling = pairs().map(|(x, scaled)| x * scaled).collect();
        let adding = pairs().map(|(x, scaled)| x * (1.0 - scaled) * self.frame.scale).collect();
        (scaling, adding)
    }
}
