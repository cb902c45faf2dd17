//! What a short history has not shown: how one week differs from the next.
//!
//! With a week of history nobody has seen a second one. If weeks vary like the days within this one, the highs of two
//! weeks differ by less than `1.96 x sqrt(2)` standard deviations of daily highs, in logarithms, 95 times out of 100: so
//! much is left free on top, in full up to one week of history, then for the part of the week that was not seen twice.

use tidewright_core::DayClass;
use tidewright_numerics::quantile_in_place;

use crate::windows::Windows;

const WEEK_DAYS: f64 = 7.0;
/// From two weeks on each weekday was seen twice.
const DAYS_SEEN_TWICE: f64 = 2.0 * WEEK_DAYS;
/// How far two weeks differ, in standard deviations of their days.
const DEVIATIONS: f64 = 1.96 * std::f64::consts::SQRT_2;
/// How much daily highs vary where too few days were seen to tell: between a steady service and a public site.
const DEVIATION_ASSUMED: f64 = 0.15;
/// A deviation of fewer days is chance.
const DAYS_MIN: usize = 3;
/// More than this is no longer a margin.
const FACTOR_MAX: f64 = 2.0;
/// The quantile of a day that is its high: single minutes say little.
const HIGH: f64 = 0.99;

/// How many times higher demand may become than clean demand of so many days has shown; 1 from two weeks on.
///
/// Where a launch has left history behind, `clean` is that at the level of today: a new level is no unevenness.
pub fn unseen_factor(windows: &Windows, clean: &[f64], history_days: f64) -> f64 {
    let unseen = ((DAYS_SEEN_TWICE - history_days) / WEEK_DAYS).clamp(0.0, 1.0);
    if unseen == 0.0 {
        return 1.0;
    }
    let deviation = daily_deviation(windows, clean).unwrap_or(DEVIATION_ASSUMED);
    (DEVIATIONS * deviation * unseen).exp().min(FACTOR_MAX)
}

/// The standard deviation of the logarithm of daily highs, weekdays and weekends apart: the larger of both; `None` where
/// too few days were seen.
fn daily_deviation(windows: &Windows, clean: &[f64]) -> Option<f64> {
    let highs = daily_highs(windows, clean);
    let of_class = |class| {
        let highs: Vec<f64> = highs.iter().filter(|(c, _)| *c == class).map(|(_, h)| *h).collect();
        (highs.len() >= DAYS_MIN).then(|| deviation(&highs))
    };
    let both = [of_class(DayClass::Weekday), of_class(DayClass::Weekend)];
    both.into_iter().flatten().max_by(f64::total_cmp)
}

/// The logarithm of the high of each local day of which at least half was measured.
fn daily_highs(windows: &Windows, clean: &[f64]) -> Vec<(DayClass, f64)> {
    let half = (43_200_000 / windows.grid().step_ms()).max(1) as usize;
    let days = windows.local().chunk_by(|one, other| one.day == other.day);
    let mut start = 0;
    let mut highs = Vec::new();
    for day in days {
        let values = &clean[start..start + day.len()];
        start += day.len();
        let mut measured: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
        if measured.len() >= half
            && let Some(high) = quantile_in_place(&mut measured, HIGH).filter(|high| *high > 0.0)
        {
            highs.push((DayClass::of(day[0]), high.ln()));
        }
    }
    highs
}

fn deviation(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    (squares / (values.len() - 1) as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidewright_core::{Grid, Timestamp, Zone};

    /// The factor after days with these highs, from a Monday on.
    fn check(highs: &[f64]) -> f64 {
        let monday = Timestamp::parse("2026-11-02T00:00:00Z").unwrap();
        let grid = Grid::new(monday, 3_600_000, 24 * highs.len()).unwrap();
        let windows = Windows::new(grid, &Zone::utc());
        let clean: Vec<f64> = highs.iter().flat_map(|high| [*high; 24]).collect();
        unseen_factor(&windows, &clean, highs.len() as f64)
    }

    #[test]
    fn a_steady_week_asks_for_nothing_and_an_uneven_one_for_more() {
        assert_eq!(check(&[100.0; 7]), 1.0);
        let uneven = check(&[80.0, 120.0, 100.0, 90.0, 110.0, 100.0, 100.0]);
        assert!((1.3..1.7).contains(&uneven), "{uneven}");
        assert_eq!(check(&[10.0, 200.0, 50.0, 400.0, 20.0, 30.0, 40.0]), FACTOR_MAX);
    }

    #[test]
    fn quiet_weekends_are_no_unevenness() {
        assert_eq!(check(&[100.0, 100.0, 100.0, 100.0, 100.0, 20.0, 20.0]), 1.0);
    }

    #[test]
    fn two_weeks_have_shown_it() {
        let week = [80.0, 120.0, 100.0, 90.0, 110.0, 100.0, 100.0];
        assert_eq!(check(&[week, week].concat()), 1.0);
        let ten_days = check(&[&week[..], &week[..3]].concat());
        assert!(1.0 < ten_days && ten_days < check(&week), "{ten_days}");
    }

    #[test]
    fn where_too_few_days_were_seen_something_is_assumed() {
        assert!((check(&[100.0, 100.0]) - (DEVIATIONS * DEVIATION_ASSUMED).exp()).abs() < 1e-12);
    }
}
