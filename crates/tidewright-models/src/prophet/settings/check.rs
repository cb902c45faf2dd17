//! What a model's settings must keep to: ranges of numbers, names that do not clash.
//!
//! The rules are Prophet's; the names that it reserves are the columns that it makes or reads itself.

use std::collections::{HashMap, HashSet};

use super::{Growth, Holiday, Settings};
use crate::FitError;

/// Columns of forecasts: no part may bear such a name, nor one of them with `_lower` or `_upper`.
const FORECAST_COLUMNS: &[&str] = &[
    "trend",
    "additive_terms",
    "multiplicative_terms",
    "holidays",
    "zeros",
    "extra_regressors_additive",
    "extra_regressors_multiplicative",
    "yhat",
];
/// Seasons that only a season may be.
const KNOWN_SEASONS: &[&str] = &["daily", "weekly", "yearly"];
/// Columns of the data and of what becomes of them.
const DATA_COLUMNS: &[&str] = &["ds", "y", "cap", "floor", "y_scaled", "cap_scaled"];
/// More harmonics, days of a window or places of bends than anyone means; each costs a column.
const COUNT_MAX: usize = 10_000;
/// Columns of a model: the system that is solved is dense, and with columns that scale the trend there is one for each
/// segment; at this size it takes a gigabyte.
const COLUMNS_MAX: usize = 1_000;

impl Settings {
    /// Checks what does not depend on the history.
    ///
    /// # Errors
    /// [`FitError::Setting`] names the first setting that breaks a rule; [`FitError::Name`] the first name that does.
    pub fn check(&self) -> Result<(), FitError> {
        positive("changepoint_prior_scale", self.changepoint_prior_scale)?;
        positive("seasonality_prior_scale", self.seasonality_prior_scale)?;
        positive("holidays_prior_scale", self.holidays_prior_scale)?;
        let range = self.changepoint_range;
        rule((0.0..=1.0).contains(&range), "changepoint_range", "must be between 0 and 1", range)?;
        count("n_changepoints", self.n_changepoints)?;
        self.check_seasons()?;
        self.check_holidays()?;
        for regressor in &self.regressors {
            positive(&format!("prior_scale of {}", regressor.name), regressor.prior_scale)?;
        }
        let columns = self.columns();
        rule(columns <= COLUMNS_MAX, "columns", "must be at most 1000 together", columns)?;
        self.check_names()
    }

    /// How many columns seasons, days of events and regressors make, where an event's windows reach equally far.
    fn columns(&self) -> usize {
        let seasons = self.seasonalities.iter().map(|season| 2 * season.fourier_order);
        let mut windows: HashMap<&str, (i32, i32)> = HashMap::new();
        for day in &self.holidays {
            let (lower, upper) = windows.entry(&day.holiday).or_default();
            (*lower, *upper) = (day.lower_window.min(*lower), day.upper_window.max(*upper));
        }
        let days = windows.values().map(|(lower, upper)| upper.abs_diff(*lower) as usize + 1);
        seasons.sum::<usize>() + days.sum::<usize>() + self.regressors.len()
    }

    fn check_seasons(&self) -> Result<(), FitError> {
        for season in &self.seasonalities {
            let of = |key: &str| format!("{key} of {}", season.name);
            positive(&of("period"), season.period)?;
            positive(&of("prior_scale"), season.prior_scale)?;
            let order = season.fourier_order;
            rule(order > 0, &of("fourier_order"), "must be at least 1", order)?;
            count(&of("fourier_order"), order)?;
        }
        Ok(())
    }

    fn check_holidays(&self) -> Result<(), FitError> {
        let mut scales: HashMap<&str, f64> = HashMap::new();
        for Holiday { holiday, lower_window, upper_window, prior_scale, .. } in &self.holidays {
            let of = |key: &str| format!("{key} of {holiday}");
            let (lower, upper) = (*lower_window, *upper_window);
            rule(lower <= 0, &of("lower_window"), "must not be positive", lower)?;
            rule(upper >= 0, &of("upper_window"), "must not be negative", upper)?;
            count(&of("lower_window"), lower.unsigned_abs() as usize)?;
            count(&of("upper_window"), upper.unsigned_abs() as usize)?;
            let scale = prior_scale.unwrap_or(self.holidays_prior_scale);
            positive(&of("prior_scale"), scale)?;
            let first = *scales.entry(holiday).or_insert(scale);
            let same = "must be the same on all of its days";
            rule(first == scale, &of("prior_scale"), same, scale)?;
        }
        Ok(())
    }

    /// Each part and each condition has a name of its own; the days of one holiday share theirs.
    fn check_names(&self) -> Result<(), FitError> {
        let mut taken: HashSet<&str> = HashSet::new();
        let claim = |name: &str, known_allowed: bool, taken_already: bool| {
            let rule = match name {
                "" => "must not be empty",
                _ if is_reserved(name) => "is reserved",
                _ if KNOWN_SEASONS.contains(&name) && !known_allowed => "is reserved for a season",
                _ if taken_already => "is used twice",
                _ => return Ok(()),
            };
            Err(FitError::Name { name: name.to_owned(), rule })
        };
        for season in &self.seasonalities {
            claim(&season.name, true, !taken.insert(&season.name))?;
        }
        let holidays: HashSet<&str> =
            self.holidays.iter().map(|day| day.holiday.as_str()).collect();
        for day in &self.holidays {
            claim(&day.holiday, false, taken.contains(day.holiday.as_str()))?;
        }
        taken.extend(holidays);
        for regressor in &self.regressors {
            claim(&regressor.name, false, !taken.insert(&regressor.name))?;
        }
        // One column may switch several seasons, but be no component itself.
        for condition in self.seasonalities.iter().filter_map(|season| season.condition.as_deref())
        {
            claim(condition, false, taken.contains(condition))?;
        }
        Ok(())
    }

    /// The columns beside moments and values that a fit needs; `floor` is read where it is given.
    pub fn columns_needed(&self) -> Vec<&str> {
        let cap = (self.growth == Growth::Logistic).then_some("cap");
        let regressors = self.regressors.iter().map(|regressor| regressor.name.as_str());
        let conditions = self.seasonalities.iter().filter_map(|season| season.condition.as_deref());
        let mut needed: Vec<&str> = Vec::new();
        for name in cap.into_iter().chain(regressors).chain(conditions) {
            if !needed.contains(&name) {
                needed.push(name);
            }
        }
        needed
    }
}

fn is_reserved(name: &str) -> bool {
    let band = name.strip_suffix("_lower").or_else(|| name.strip_suffix("_upper"));
    FORECAST_COLUMNS.contains(&name)
        || DATA_COLUMNS.contains(&name)
        || band.is_some_and(|of| FORECAST_COLUMNS.contains(&of) || KNOWN_SEASONS.contains(&of))
}

fn positive(key: &str, value: f64) -> Result<(), FitError> {
    rule(value > 0.0 && value.is_finite(), key, "must be positive and finite", value)
}

fn count(key: &str, value: usize) -> Result<(), FitError> {
    rule(value <= COUNT_MAX, key, "must be at most 10000", value)
}

fn rule(
    kept: bool,
    key: &str,
    rule: &'static str,
    value: impl std::fmt::Display,
) -> Result<(), FitError> {
    if kept {
        return Ok(());
    }
    Err(FitError::Setting { key: key.to_owned(), rule, value: value.to_string() })
}

#[cfg(test)]
mod tests {
    use tidewright_core::{SeasonalityMode, Timestamp};

    use super::*;
    use crate::prophet::{Regressor, Standardize};

    fn settings() -> Settings {
        Settings::new(SeasonalityMode::Additive).daily()
    }

    fn day(holiday: &str, prior_scale: Option<f64>) -> Holiday {
        let ds = Timestamp::default();
        Holiday { holiday: holiday.to_owned(), ds, lower_window: 0, upper_window: 0, prior_scale }
    }

    fn regressor(name: &str) -> Regressor {
        let mode = SeasonalityMode::Additive;
        let name = name.to_owned();
        Regressor { name, prior_scale: 10.0, standardize: Standardize::Auto, mode }
    }

    fn check(change: impl FnOnce(&mut Settings), expected: &str) {
        let mut settings = settings();
        change(&mut settings);
        assert_eq!(settings.check().unwrap_err().to_string(), expected);
    }

    #[test]
    fn a_number_out_of_range_is_named_with_its_rule() {
        check(
            |s| s.changepoint_range = 1.5,
            "`changepoint_range` must be between 0 and 1, got `1.5`",
        );
        check(
            |s| s.changepoint_prior_scale = f64::NAN,
            "`changepoint_prior_scale` must be positive and finite, got `NaN`",
        );
        check(
            |s| s.seasonalities[0].fourier_order = 0,
            "`fourier_order of daily` must be at least 1, got `0`",
        );
        check(|s| s.n_changepoints = 20_000, "`n_changepoints` must be at most 10000, got `20000`");
    }

    #[test]
    fn a_model_has_no_more_columns_than_can_be_solved() {
        let mut long = day("fair", None);
        (long.lower_window, long.upper_window) = (-400, 595);
        check(|s| s.holidays.push(long), "`columns` must be at most 1000 together, got `1004`");
    }

    #[test]
    fn windows_reach_outwards() {
        let mut late = day("fair", None);
        late.lower_window = 1;
        check(|s| s.holidays.push(late), "`lower_window of fair` must not be positive, got `1`");
    }

    #[test]
    fn a_holiday_has_one_prior_scale() {
        check(
            |s| s.holidays = vec![day("fair", None), day("fair", Some(2.0))],
            "`prior_scale of fair` must be the same on all of its days, got `2`",
        );
    }

    #[test]
    fn names_clash_neither_with_columns_nor_with_one_another() {
        check(|s| s.regressors = vec![regressor("trend")], "the name `trend` is reserved");
        check(
            |s| s.regressors = vec![regressor("yhat_lower")],
            "the name `yhat_lower` is reserved",
        );
        check(
            |s| s.holidays = vec![day("daily", None)],
            "the name `daily` is reserved for a season",
        );
        check(
            |s| s.regressors = vec![regressor("a"), regressor("a")],
            "the name `a` is used twice",
        );
        check(
            |s| {
                s.holidays = vec![day("a", None)];
                s.regressors = vec![regressor("a")];
            },
            "the name `a` is used twice",
        );
        let mut settings = settings();
        settings.holidays = vec![day("fair", None), day("fair", None)];
        settings.regressors = vec![regressor("price")];
        assert_eq!(settings.check(), Ok(()));
    }
}
