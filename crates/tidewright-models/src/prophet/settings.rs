//! What a Prophet model is made of, in Prophet's own words and with its own defaults.
//!
//! Plain values that anyone may change; what does not go together is told when a model is fitted (`check`). A model
//! knows seasons by name, period and Fourier order. Prophet's switches (`yearly_seasonality` and its kin) become seasons
//! by [`Settings::resolved`], by Prophet's rules; what a history can identify is asked of [`Settings::identifiable`].

mod automatic;
mod check;
mod parts;

use tidewright_core::{SeasonalityMode, Timestamp};

pub use parts::{Growth, Holiday, Regressor, Scaling, Seasonality, Standardize, Switch};

/// A bend in the last few rows would be noise.
const IN_SAMPLE_RANGE: f64 = 0.97;

/// The settings of a model; names and defaults are Prophet's.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// How the trend runs.
    pub growth: Growth,
    /// Where it may bend; by count and range if not given.
    pub changepoints: Option<Vec<Timestamp>>,
    /// How many places where it may bend.
    pub n_changepoints: usize,
    /// The first part of history in which those places lie.
    pub changepoint_range: f64,
    /// How easily the trend bends: the scale of the Laplace prior on changes of its rate.
    pub changepoint_prior_scale: f64,
    /// Whether the year has a season.
    pub yearly_seasonality: Switch,
    /// Whether the week has one.
    pub weekly_seasonality: Switch,
    /// Whether the day has one.
    pub daily_seasonality: Switch,
    /// How seasons that are added from here on join the trend.
    pub seasonality_mode: SeasonalityMode,
    /// The prior scale of seasons that are added from here on.
    pub seasonality_prior_scale: f64,
    /// How holidays join the trend; like seasons if not given.
    pub holidays_mode: Option<SeasonalityMode>,
    /// The prior scale of holidays that have none of their own.
    pub holidays_prior_scale: f64,
    /// How values are brought to the order of 1.
    pub scaling: Scaling,
    /// The seasons.
    pub seasonalities: Vec<Seasonality>,
    /// The days of events.
    pub holidays: Vec<Holiday>,
    /// Columns that explain values.
    pub regressors: Vec<Regressor>,
}

impl Settings {
    /// Prophet's defaults, without a season yet and without any that come by themselves.
    pub const fn new(seasonality_mode: SeasonalityMode) -> Self {
        Self {
            growth: Growth::Linear,
            changepoints: None,
            n_changepoints: 25,
            changepoint_range: 0.8,
            changepoint_prior_scale: 0.05,
            yearly_seasonality: Switch::Off,
            weekly_seasonality: Switch::Off,
            daily_seasonality: Switch::Off,
            seasonality_mode,
            seasonality_prior_scale: 10.0,
            holidays_mode: None,
            holidays_prior_scale: 10.0,
            scaling: Scaling::AbsMax,
            seasonalities: Vec::new(),
            holidays: Vec::new(),
            regressors: Vec::new(),
        }
    }

    /// Prophet's defaults: the seasons of year, week and day come where the history bears them.
    pub const fn automatic(seasonality_mode: SeasonalityMode) -> Self {
        let mut settings = Self::new(seasonality_mode);
        settings.yearly_seasonality = Switch::Auto;
        settings.weekly_seasonality = Switch::Auto;
        settings.daily_seasonality = Switch::Auto;
        settings
    }

    /// With a season of `period` days.
    #[must_use]
    pub fn season(mut self, name: &str, period: f64, fourier_order: usize) -> Self {
        let (prior_scale, mode) = (self.seasonality_prior_scale, self.seasonality_mode);
        let name = name.to_owned();
        let season =
            Seasonality { name, period, fourier_order, prior_scale, mode, condition: None };
        self.seasonalities.push(season);
        self
    }

    /// With Prophet's daily season.
    #[must_use]
    pub fn daily(self) -> Self {
        self.season("daily", 1.0, automatic::DAILY_ORDER)
    }

    /// With Prophet's weekly season.
    #[must_use]
    pub fn weekly(self) -> Self {
        self.season("weekly", 7.0, automatic::WEEKLY_ORDER)
    }

    /// With Prophet's yearly season.
    #[must_use]
    pub fn yearly(self) -> Self {
        self.season("yearly", 365.25, automatic::YEARLY_ORDER)
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

    /// Whether all series on one grid can share a [`super::GridPlan`]: a trend of straight pieces at places that follow
    /// from the rows, and seasons without conditions. Anything else is for [`super::fit_history`].
    pub fn shares_a_grid(&self) -> bool {
        self.growth == Growth::Linear
            && self.changepoints.is_none()
            && self.scaling == Scaling::AbsMax
            && self.seasonalities.iter().all(|season| season.condition.is_none())
            && self.holidays.is_empty()
            && self.regressors.is_empty()
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
