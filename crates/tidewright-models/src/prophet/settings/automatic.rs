//! Prophet's own rules for the seasons that come by themselves.
//!
//! A season comes where the history holds two of its cycles and the rows lie closer than one (for the year: 730 days,
//! whatever the rows). A season of the same name that was given comes first, unless the switch asks for one.

use tidewright_core::Timestamp;

use super::{Seasonality, Settings, Switch};

pub(super) const YEARLY_ORDER: usize = 10;
pub(super) const WEEKLY_ORDER: usize = 3;
pub(super) const DAILY_ORDER: usize = 4;

const DAY_MS: i64 = 86_400_000;

/// A season that Prophet knows by itself.
struct Known {
    name: &'static str,
    period: f64,
    order: usize,
    /// The history that it needs.
    history_days: i64,
    /// The step of rows from which on they cannot show it.
    step_days: Option<i64>,
}

const YEARLY: Known = Known {
    name: "yearly",
    period: 365.25,
    order: YEARLY_ORDER,
    history_days: 730,
    step_days: None,
};
const WEEKLY: Known = Known {
    name: "weekly",
    period: 7.0,
    order: WEEKLY_ORDER,
    history_days: 14,
    step_days: Some(7),
};
const DAILY: Known =
    Known { name: "daily", period: 1.0, order: DAILY_ORDER, history_days: 2, step_days: Some(1) };

impl Settings {
    /// With all switches turned into seasons (and then off), for a history from `first` to `last` whose nearest distinct
    /// moments lie `step_min_ms` apart.
    #[must_use]
    pub fn resolved(mut self, first: Timestamp, last: Timestamp, step_min_ms: i64) -> Self {
        let span_ms = last.as_millis() - first.as_millis();
        let switches = [
            (YEARLY, std::mem::replace(&mut self.yearly_seasonality, Switch::Off)),
            (WEEKLY, std::mem::replace(&mut self.weekly_seasonality, Switch::Off)),
            (DAILY, std::mem::replace(&mut self.daily_seasonality, Switch::Off)),
        ];
        for (known, switch) in switches {
            let borne = span_ms >= known.history_days * DAY_MS
                && known.step_days.is_none_or(|days| step_min_ms < days * DAY_MS);
            let given = self.seasonalities.iter().any(|season| season.name == known.name);
            match switch {
                Switch::On => self.put(&known, known.order),
                Switch::Order(order) if order > 0 => self.put(&known, order),
                Switch::Auto if borne && !given => self.put(&known, known.order),
                Switch::Auto | Switch::Off | Switch::Order(_) => {}
            }
        }
        self
    }

    /// Whether some season waits for the history to decide.
    pub(crate) fn waits(&self) -> bool {
        [self.yearly_seasonality, self.weekly_seasonality, self.daily_seasonality]
            .contains(&Switch::Auto)
    }

    /// Puts a known season in the place of the one of its name, or last.
    fn put(&mut self, known: &Known, fourier_order: usize) {
        let season = Seasonality {
            name: known.name.to_owned(),
            period: known.period,
            fourier_order,
            prior_scale: self.seasonality_prior_scale,
            mode: self.seasonality_mode,
            condition: None,
        };
        match self.seasonalities.iter_mut().find(|given| given.name == season.name) {
            Some(given) => *given = season,
            None => self.seasonalities.push(season),
        }
    }
}

#[cfg(test)]
mod tests {
    use tidewright_core::SeasonalityMode;

    use super::*;

    fn check(days: i64, step_ms: i64, expected: &[&str]) {
        let settings = Settings::automatic(SeasonalityMode::Additive);
        let last = Timestamp::from_millis(days * DAY_MS);
        let resolved = settings.resolved(Timestamp::default(), last, step_ms);
        let names: Vec<&str> = resolved.seasonalities.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(names, expected, "{days} days by {step_ms} ms");
    }

    #[test]
    fn a_season_comes_with_two_cycles_and_rows_closer_than_one() {
        check(1, 60_000, &[]);
        check(2, 60_000, &["daily"]);
        check(13, 60_000, &["daily"]);
        check(14, 60_000, &["weekly", "daily"]);
        check(14, DAY_MS, &["weekly"]);
        check(729, 7 * DAY_MS, &[]);
        check(730, 7 * DAY_MS, &["yearly"]);
        check(730, 3_600_000, &["yearly", "weekly", "daily"]);
    }

    #[test]
    fn a_switch_overrules_the_history_and_a_given_season_overrules_auto() {
        let mut settings = Settings::automatic(SeasonalityMode::Additive).season("daily", 1.0, 2);
        settings.weekly_seasonality = Switch::Order(5);
        let resolved =
            settings.clone().resolved(Timestamp::default(), Timestamp::from_secs(60), 60_000);
        let orders = |settings: &Settings| -> Vec<usize> {
            settings.seasonalities.iter().map(|season| season.fourier_order).collect()
        };
        assert_eq!(orders(&resolved), [2, 5]);
        settings.daily_seasonality = Switch::On;
        let resolved = settings.resolved(Timestamp::default(), Timestamp::from_secs(60), 60_000);
        assert_eq!(orders(&resolved), [4, 5]);
    }
}
