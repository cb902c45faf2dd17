//! How far the trend may stray after the history ends.
//!
//! Prophet lets new bends come at the rate of the old ones, Laplace with their mean size. Its bends follow slow noise
//! too, though, and its variance grows with the cube of time: on a week of minutes it is far too small for tomorrow and
//! far too large for next week. The whole history is the better witness: how far the trend strayed from its own straight
//! line. Bands over time take the smaller of the two; a maximum over a horizon, which a limit must hold, takes the
//! history's word.

use std::array;

use tidewright_core::{Grid, Timestamp};
use tidewright_numerics::simd::{Kernel, Lanes, WIDTH, run};

use super::fit::ProphetFit;
use super::predict::Extrapolation;
use super::waves::Waves;
use crate::noise::Outlook;

/// Moments at which the trend's path is measured: two per bend.
const STEPS: usize = 50;

/// The law of a trend's future.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Drift {
    /// Mean size of a bend, in units of the data per history.
    bend: f64,
    bends: f64,
    /// The rate of the straight line through the whole history.
    rate: f64,
    /// How far the trend strayed from that line, root mean square.
    wander: f64,
    /// The trend at the end of history.
    level: f64,
}

impl Drift {
    pub(crate) fn of(fit: &ProphetFit) -> Self {
        let at = |t: f64| fit.trend(fit.moment(t));
        let times = (0..=STEPS).map(|i| i as f64 / STEPS as f64);
        let path: Vec<(f64, f64)> = times.map(|t| (t - 0.5, at(t))).collect();
        let count = path.len() as f64;
        let mean = path.iter().map(|(_, y)| y).sum::<f64>() / count;
        let spread: f64 = path.iter().map(|(t, _)| t * t).sum();
        let rate = path.iter().map(|(t, y)| t * y).sum::<f64>() / spread;
        let square: f64 = path.iter().map(|(t, y)| (y - mean - rate * t).powi(2)).sum();
        let (bend, bends) = fit.bends();
        Self { bend, bends, rate, wander: (square / count).sqrt(), level: at(1.0) }
    }

    /// The trend's standard deviation at a moment by Prophet: `S` bends of mean size `mu` in the history make a variance
    /// of `2 S mu^2 tau^3 / 3` after `tau`.
    fn by_bends(&self, fit: &ProphetFit, moment: Timestamp) -> f64 {
        let ahead = fit.time(moment) - 1.0;
        self.bend * (2.0 * self.bends / 3.0 * ahead.powi(3)).sqrt() * fit.steepness(moment)
    }

    /// The same by history: what the trend strayed from its own line, and what its last bend adds to that line.
    /// Where the extrapolation is held to a share of the level, so is what it adds.
    fn by_history(&self, fit: &ProphetFit, moment: Timestamp, ratio_max: Option<f64>) -> f64 {
        let ahead = fit.time(moment) - 1.0;
        let last_bend = (fit.trend(moment) - self.level - self.rate * ahead).abs();
        let most = ratio_max.map_or(f64::INFINITY, |ratio| ratio * self.level.abs());
        (self.wander * ahead.max(1.0)).hypot(last_bend.min(most))
    }

    /// The standard deviation of values at a moment; 0 inside the history.
    pub(crate) fn at(&self, fit: &ProphetFit, moment: Timestamp) -> f64 {
        let ahead = fit.time(moment) - 1.0;
        if ahead <= 0.0 {
            return 0.0;
        }
        // A season that scales the trend scales its error too.
        self.by_bends(fit, moment).min(self.by_history(fit, moment, None))
            * fit.seasons(moment).0.abs()
    }
}

impl ProphetFit {
    /// What is expected on a grid, and the variance of what the trend may do until then; `waves` serve where their step
    /// is the grid's.
    pub(crate) fn predict_drifting(&self, waves: &Waves, grid: &Grid) -> (Vec<f64>, Vec<f64>) {
        if !self.design.shares_a_grid() {
            return self.predict_each((0..grid.len()).map(|row| grid.timestamp(row)));
        }
        let (mut point, fresh) = (Vec::new(), || self.waves(grid.step_ms()));
        self.trend_into(grid, None, &mut point);
        let mut drift = vec![1.0; point.len()];
        let factors = Some(&mut drift[..]);
        match waves.step_ms() == grid.step_ms() as f64 && waves.harmonics() == self.design.harmonics
        {
            true => self.season_into(waves, grid, &mut point, factors),
            false => self.season_into(&fresh(), grid, &mut point, factors),
        }
        let law = Drift::of(self);
        run(Variances {
            ahead: self.time(grid.start()) - 1.0,
            step: self.time(grid.timestamp(1)) - self.time(grid.start()),
            last_bend: self.trend(self.moment(2.0)) - law.level - law.rate,
            law,
            factors: drift.as_chunks_mut().0,
        });
        point.truncate(grid.len());
        drift.truncate(grid.len());
        (point, drift)
    }

    /// The same at any moments.
    pub(crate) fn predict_each(
        &self,
        moments: impl Iterator<Item = Timestamp>,
    ) -> (Vec<f64>, Vec<f64>) {
        let law = Drift::of(self);
        moments.map(|moment| (self.value(moment), law.at(self, moment).powi(2))).unzip()
    }

    /// What is expected on a future `grid`, and how far the trend may stray by its end.
    ///
    /// With `trend_ratio_max`, the trend stays within that share of its level at the end of history, and no value leaves
    /// the range of the history by more than that share of its largest.
    pub fn outlook(&self, grid: &Grid, trend_ratio_max: Option<f64>) -> Outlook {
        let mut expected = Vec::new();
        let mut extrapolation = self.predict_into(grid, trend_ratio_max, &mut expected);
        if let Some(ratio) = trend_ratio_max {
            let most = (1.0 + ratio) * self.largest();
            if expected.iter().any(|value| value.abs() > most) {
                extrapolation = Extrapolation::Capped;
                expected.iter_mut().for_each(|value| *value = value.clamp(-most, most));
            }
        }
        let drift = self.drift_at_peak(grid, &expected, trend_ratio_max);
        Outlook { expected, drift, extrapolation }
    }

    /// The drift at the horizon's end, as large as it is where the season is highest.
    fn drift_at_peak(&self, grid: &Grid, expected: &[f64], ratio_max: Option<f64>) -> f64 {
        let end = grid.timestamp(grid.len().saturating_sub(1));
        let highest = (0..expected.len()).max_by(|&a, &b| expected[a].total_cmp(&expected[b]));
        let factor = highest.map_or(1.0, |index| self.seasons(grid.timestamp(index)).0.abs());
        Drift::of(self).by_history(self, end, ratio_max) * factor
    }
}

/// Replaces what scales a straight trend by the variance of what it may do.
struct Variances<'a> {
    law: Drift,
    /// The time after the history's end: of row 0, and per row.
    ahead: f64,
    step: f64,
    /// How far the last bend leads from the history's own line per time.
    last_bend: f64,
    factors: &'a mut [[f64; WIDTH]],
}

impl Kernel for Variances<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let law = self.law;
        let by_bends = L::splat(law.bend * law.bend * law.bends / 1.5);
        let wander = L::splat(law.wander * law.wander);
        let last_bend = L::splat(self.last_bend * self.last_bend);
        let (zero, one) = (L::splat(0.0), L::splat(1.0));
        let mut rows = L::load(&array::from_fn(|lane| lane as f64));
        for factors in self.factors {
            let ahead = rows.mul_add(L::splat(self.step), L::splat(self.ahead)).max(zero);
            let (square, least) = (ahead.mul(ahead), ahead.max(one));
            // Inside of the history, time stands at 0, and so does what bends do.
            let bends = by_bends.mul(square).mul(ahead);
            let history = wander.mul(least.mul(least)).add(last_bend.mul(square));
            let factor = L::load(factors);
            bends.min(history).mul(factor.mul(factor)).store(factors);
            rows = rows.add(L::splat(WIDTH as f64));
        }
    }
}

#[cfg(test)]
mod tests {
    use tidewright_core::SeasonalityMode;
    use tidewright_numerics::Random;

    use super::*;
    use crate::prophet::{Covariates, GridPlan, Growth, History, Settings, fit_history};

    #[test]
    fn drift_by_blocks_is_drift_moment_by_moment() {
        let grid = Grid::new(Timestamp::from_secs(7200), 3_600_000, 336).unwrap();
        for mode in [SeasonalityMode::Additive, SeasonalityMode::Multiplicative] {
            let mut random = Random::new(4);
            let value = |hour: i32| f64::from(hour + 60 * (hour / 150)) + 9.0 * random.normal();
            let values: Vec<f64> = (0..336).map(value).collect();
            let fit = GridPlan::new(grid, &Settings::new(mode).daily()).fit(&values).unwrap();
            for (from, step, rows) in [(300, 3_600_000, 77), (336, 600_000, 900)] {
                let future = Grid::new(grid.timestamp(from), step, rows).unwrap();
                let (point, drift) = fit.predict_drifting(&fit.waves(3_600_000), &future);
                let moments = (0..rows).map(|row| future.timestamp(row));
                let (want, want_drift) = fit.predict_each(moments);
                assert_eq!((point.len(), drift.len()), (rows, rows));
                for (found, want) in point.iter().chain(&drift).zip(want.iter().chain(&want_drift))
                {
                    assert!(
                        (found - want).abs() < 1e-11 * want.abs().max(1.0),
                        "{found}, not {want}"
                    );
                }
                assert!(drift[rows - 1] > 0.0);
            }
        }
    }

    #[test]
    fn near_its_capacity_a_logistic_trend_hardly_strays() {
        let times: Vec<Timestamp> =
            (0..300).map(|day| Timestamp::from_secs(day * 86_400)).collect();
        let value = |day: usize| 100.0 / (1.0 + (-(day as f64 - 100.0) / 25.0).exp());
        let values: Vec<f64> = (0..300).map(|day| value(day) + (day % 7) as f64 / 10.0).collect();
        let covariates = Covariates::none().with("cap", vec![101.0; 300]);
        let history = History { times: &times, values: &values, covariates: &covariates };
        let settings =
            Settings { growth: Growth::Logistic, ..Settings::new(SeasonalityMode::Additive) };
        let fit = fit_history(&history, &settings).unwrap();
        let later = times[299].plus_millis(100 * 86_400_000);
        assert!(fit.steepness(later) < 0.1, "{}", fit.steepness(later));
        assert!((fit.steepness(times[100]) - 0.25).abs() < 0.05);
        let drift = Drift::of(&fit);
        assert!(drift.at(&fit, later) < drift.by_history(&fit, later, None));
    }
}
