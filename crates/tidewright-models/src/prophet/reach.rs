//! How far the trend and the values of a fit may stray from what is expected.
//!
//! The law of the trend's line is Prophet's: bends to come at the rate and with the mean size of those that were. A
//! linear trend is that line, and its band is exact. A logistic trend bends the line's law as it bends the line: exact for
//! the trend itself and where noise or trend rules the band, within a few per cent of the width in between.

use tidewright_core::Timestamp;

use super::band::Band;
use super::fit::ProphetFit;
use super::settings::Growth;

/// What a trend's line may do after the history.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stray {
    /// Bends expected per length of the history.
    pub(crate) rate: f64,
    /// Their mean size, in units of the line per length of the history.
    pub(crate) size: f64,
}

impl Stray {
    pub(crate) fn of(fit: &ProphetFit) -> Self {
        let deltas = &fit.x[fit.design.columns() + 2..];
        let count = deltas.len() as f64;
        let sum: f64 = deltas.iter().map(|delta| delta.abs()).sum();
        Self { rate: count, size: sum / count.max(1.0) }
    }

    /// Bends expected until the time `ahead` of the history's end, and the line's deviation then.
    pub(crate) fn at(&self, ahead: f64) -> (f64, f64) {
        let bends = self.rate * ahead.max(0.0);
        (bends, self.size * ahead.max(0.0) * (bends / 1.5).sqrt())
    }
}

/// The bands of one fit at one width.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reach<'a> {
    fit: &'a ProphetFit,
    band: &'a Band,
    stray: Stray,
    noise: f64,
}

impl<'a> Reach<'a> {
    pub(crate) fn of(fit: &'a ProphetFit, band: &'a Band) -> Self {
        Self { fit, band, stray: Stray::of(fit), noise: fit.sigma() }
    }

    /// The ends of the trend's band at a moment between a floor and a capacity.
    pub(crate) fn trend(&self, moment: Timestamp, limits: (f64, f64)) -> [f64; 2] {
        let time = self.fit.time(moment);
        let (line, (bends, deviation)) = (self.fit.line(time), self.stray.at(time - 1.0));
        if deviation == 0.0 {
            return [self.fit.trend_on(line, limits); 2];
        }
        let reach = self.band.score(bends, 0.0) * deviation;
        [line - reach, line + reach].map(|line| self.fit.trend_on(line, limits))
    }

    /// The ends of a value's band, where seasons scale the trend by a factor and add to it.
    pub(crate) fn value(
        &self,
        moment: Timestamp,
        limits: (f64, f64),
        effects: (f64, f64),
    ) -> [f64; 2] {
        let Self { fit, band, noise, .. } = *self;
        let time = fit.time(moment);
        let (bends, deviation) = self.stray.at(time - 1.0);
        let (line, factor) = (fit.line(time), effects.0);
        let trend = fit.trend_on(line, limits);
        let value = fit.join(trend, limits.0, effects);
        if fit.settings().growth != Growth::Logistic {
            let spread = (fit.frame.scale * deviation * factor).abs();
            let reach = band.score(bends, share(noise, spread)) * noise.hypot(spread);
            return [value - reach, value + reach];
        }
        let moved = |by: f64| (fit.trend_on(line + by, limits) - trend).abs() * factor.abs();
        // A factor below 0 turns the trend's fall into a rise.
        [-1.0, 1.0].map(|end: f64| {
            let way = end * factor.signum();
            // First as if the trend were the line, to learn how far along it the end lies.
            let first = share(noise, moved(way * deviation));
            let score = band.score(bends, first).max(f64::MIN_POSITIVE);
            let spread = moved(way * score * deviation) / score;
            value + end * band.score(bends, share(noise, spread)) * noise.hypot(spread)
        })
    }
}

/// Noise's share of the deviation.
pub(super) fn share(noise: f64, spread: f64) -> f64 {
    let total = (noise * noise + spread * spread).sqrt();
    if total > 0.0 { noise / total } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tidewright_core::{Grid, SeasonalityMode};
    use tidewright_numerics::{Random, quantile};

    use super::*;
    use crate::prophet::{GridPlan, Growth, Settings};

    const HOUR_MS: i64 = 3_600_000;

    /// Two weeks of hours that rise with bends, with a wave.
    fn linear(mode: SeasonalityMode) -> ProphetFit {
        let mut random = Random::new(3);
        let grid = Grid::new(Timestamp::from_secs(0), HOUR_MS, 336).unwrap();
        let value = |hour: usize| {
            let wave = 1.0 + 0.3 * (hour as f64 / 24.0 * std::f64::consts::TAU).sin();
            let bend = if hour > 100 { 0.4 } else { 0.1 };
            (40.0 + bend * (hour as f64 - 100.0)) * wave + 2.0 * random.normal()
        };
        let values: Vec<f64> = (0..336).map(value).collect();
        GridPlan::new(grid, &Settings::new(mode).daily()).fit(&values).unwrap()
    }

    /// The same waves around a trend that runs into its capacity.
    fn logistic(mode: SeasonalityMode) -> ProphetFit {
        let mut fit = linear(mode);
        let mut design = (*fit.design).clone();
        design.settings.growth = Growth::Logistic;
        let line = design.columns();
        fit.design = Arc::new(design);
        fit.frame.cap = 220.0;
        let bends = (0..25).map(|bend| if bend % 5 == 0 { 4.0 } else { 0.0 });
        fit.x.truncate(line);
        fit.x.extend([1.5, -1.0].into_iter().chain(bends.map(|bend: f64| 0.4 * bend - 0.2)));
        fit
    }

    /// What is simulated of trend and value at one moment.
    fn simulated(fit: &ProphetFit, moment: Timestamp, limits: (f64, f64)) -> [Vec<f64>; 2] {
        let mut random = Random::new(5);
        let law = Stray::of(fit);
        let (line, ahead) = (fit.line(fit.time(moment)), fit.time(moment) - 1.0);
        let effects = fit.seasons(moment);
        let futures = (0..20_000).map(|_| {
            let (mut bent, mut at) = (0.0, -random.uniform().ln() / law.rate);
            while at < ahead {
                bent += law.size * (random.uniform() / random.uniform()).ln() * (ahead - at);
                at -= random.uniform().ln() / law.rate;
            }
            let trend = fit.trend_on(line + bent, limits);
            (trend, fit.join(trend, limits.0, effects) + fit.sigma() * random.normal())
        });
        let (trends, values) = futures.unzip();
        [trends, values]
    }

    fn check(fit: &ProphetFit, tolerance: f64) {
        let band = Band::new(0.9).unwrap();
        let reach = Reach::of(fit, &band);
        for hours in [3, 30, 90, 250] {
            let moment = fit.last().plus_millis(hours * HOUR_MS);
            let limits = (fit.frame.floor, fit.frame.cap);
            let bands =
                [reach.trend(moment, limits), reach.value(moment, limits, fit.seasons(moment))];
            for (ends, draws) in bands.iter().zip(simulated(fit, moment, limits)) {
                let width = ends[1] - ends[0];
                for (end, share) in ends.iter().zip([0.05, 0.95]) {
                    let found = quantile(&draws, share).unwrap();
                    let far = (found - end).abs() / width.max(1e-3);
                    assert!(far < tolerance, "{found}, not {end}, after {hours} hours");
                }
            }
        }
    }

    #[test]
    fn bands_of_a_linear_trend_are_those_that_simulation_approaches() {
        for mode in [SeasonalityMode::Additive, SeasonalityMode::Multiplicative] {
            check(&linear(mode), 0.02);
        }
    }

    #[test]
    fn bands_of_a_logistic_trend_are_nearly_those_that_simulation_approaches() {
        for mode in [SeasonalityMode::Additive, SeasonalityMode::Multiplicative] {
            check(&logistic(mode), 0.03);
        }
    }

    #[test]
    fn in_the_history_the_band_is_that_of_the_noise() {
        let fit = linear(SeasonalityMode::Multiplicative);
        let (band, moment) = (Band::new(0.8).unwrap(), Timestamp::from_secs(86_400));
        let reach = Reach::of(&fit, &band);
        let [low, high] = reach.value(moment, (0.0, 0.0), fit.seasons(moment));
        assert!((0.5 * (high - low) / fit.sigma() - band.normal()).abs() < 1e-12);
        let trend = fit.trend(moment);
        assert_eq!(reach.trend(moment, (0.0, 0.0)), [trend; 2]);
    }
}
