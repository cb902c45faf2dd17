//! What a Prophet model is made of, in Prophet's own words and with its own defaults.
//!
//! Growth is linear. Seasons are given by period and Fourier order; there is no `auto`: what a history can identify is
//! asked of [`Settings::identifiable`].

use tidewright_core::SeasonalityMode;

const DAY_MS: f64 = 86_400_000.0;
/// A bend in the last few rows would be noise.
const IN_SAMPLE_RANGE: f64 = 0.97;

/// A periodic component: a Fourier series of some order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seasonality {
    /// The period, in days.
    pub period: f64,
    /// How many harmonics.
    pub fourier_order: usize,
    /// The standard deviation of the prior on each coefficient.
    pub prior_scale: f64,
    /// Whether it adds to the trend or scales it.
    pub mode: SeasonalityMode,
}

/// The settings of a model; names and defaults are Prophet's.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// How easily the trend bends: the scale of the Laplace prior on changes of its rate.
    pub changepoint_prior_scale: f64,
    /// How many places where it may bend.
    pub n_changepoints: usize,
    /// The first part of history in which those places lie.
    pub changepoint_range: f64,
    /// The prior scale of seasons that are added from here on.
    pub seasonality_prior_scale: f64,
    /// How seasons that are added from here on join the trend.
    pub seasonality_mode: SeasonalityMode,
    /// The seasons.
    pub seasonalities: Vec<Seasonality>,
}

impl Settings {
    /// Prophet's defaults, without a season yet.
    pub const fn new(seasonality_mode: SeasonalityMode) -> Self {
        Self {
            changepoint_prior_scale: 0.05,
            n_changepoints: 25,
            changepoint_range: 0.8,
            seasonality_prior_scale: 10.0,
            seasonality_mode,
            seasonalities: Vec::new(),
        }
    }

    /// With a season of `period` days.
    #[must_use]
    pub fn season(mut self, period: f64, fourier_order: usize) -> Self {
        let (prior_scale, mode) = (self.seasonality_prior_scale, self.seasonality_mode);
        self.seasonalities.push(Seasonality { period, fourier_order, prior_scale, mode });
        self
    }

    /// With Prophet's daily season.
    #[must_use]
    pub fn daily(self) -> Self {
        self.season(1.0, 4)
    }

    /// With Prophet's weekly season.
    #[must_use]
    pub fn weekly(self) -> Self {
        self.season(7.0, 3)
    }

    /// With Prophet's yearly season.
    #[must_use]
    pub fn yearly(self) -> Self {
        self.season(365.25, 10)
    }

    /// To describe a history instead of extrapolating it: the trend may bend until near its end, at the same density.
    #[must_use]
    pub fn in_sample(mut self) -> Self {
        let range = self.changepoint_range.max(IN_SAMPLE_RANGE);
        let density = self.n_changepoints as f64 / self.changepoint_range;
        self.n_changepoints = (density * range).round() as usize;
        self.changepoint_range = range;
        self
    }

    /// Without the seasons of which `history_days` holds fewer than two cycles.
    ///
    /// One cycle cannot tell a season from the trend's bends: the objective then has several optima, and the forecast
    /// of the next cycle is a lottery. The shortest season is kept from one and a half cycles on, where a trend alone
    /// would be worse.
    #[must_use]
    pub fn identifiable(mut self, history_days: f64) -> Self {
        let shortest = self.seasonalities.iter().map(|s| s.period).fold(f64::INFINITY, f64::min);
        self.seasonalities.retain(|season| {
            let cycles_min = if season.period > shortest { 2.0 } else { 1.5 };
            history_days >= cycles_min * season.period
        });
        self
    }

    /// How many Fourier columns all seasons have together.
    pub(crate) fn columns(&self) -> usize {
        self.seasonalities.iter().map(|season| 2 * season.fourier_order).sum()
    }

    /// The period of each harmonic in milliseconds, in the order of its pair of columns.
    pub(crate) fn harmonics(&self) -> Vec<f64> {
        let each = |season: &Seasonality| {
            let period = season.period * DAY_MS;
            (1..=season.fourier_order).map(move |order| period / order as f64)
        };
        self.seasonalities.iter().flat_map(each).collect()
    }

    /// One value per Fourier column, taken from its season.
    pub(crate) fn per_column<T: Copy>(&self, pick: impl Fn(&Seasonality) -> T) -> Vec<T> {
        let each = |season: &Seasonality| vec![pick(season); 2 * season.fourier_order];
        self.seasonalities.iter().flat_map(each).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_week_cannot_identify_a_weekly_season() {
        let settings = Settings::new(SeasonalityMode::Additive).daily().weekly();
        let periods = |days| {
            let kept = settings.clone().identifiable(days).seasonalities;
            kept.iter().map(|season| season.period).collect::<Vec<_>>()
        };
        assert_eq!(periods(7.0), [1.0]);
        assert_eq!(periods(14.0), [1.0, 7.0]);
        assert!(periods(1.2).is_empty());
    }
}
