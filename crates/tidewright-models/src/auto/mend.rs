//! The level before a launch is not a pattern to go on.
//!
//! Where the last days stand at another level than the same days a cycle before, and kept it for two days at least, the
//! past before them is moved to that level, so that nothing pulls the forecast back for a week; but only if that
//! would have forecast the last day better. One odd day is not a launch. Positive series only.

use std::borrow::Cow;

use tidewright_numerics::{median, median_deviation};

use super::buckets::Buckets;
use crate::seasonal_ar::{Around, Explained, Lags, SeasonalAr};
use crate::steps::{Past, Season, StepForecaster};

/// Days that a new level must have lasted.
const DAYS_MIN: usize = 2;
/// Earlier days against which the last ones are held.
const DAYS_BEFORE_MIN: usize = 5;
/// A shift of fewer robust deviations between days is their usual difference.
const DEVIATIONS_MIN: f64 = 5.0;
/// And one of less than a quarter more is followed by the models well enough.
const LAUNCH_MIN: f64 = 0.22;

/// The past as it should be learned from.
pub(super) struct Mended<'a> {
    pub(super) values: Cow<'a, [f64]>,
    /// The factor by which values before the launch were moved, if there was one.
    pub(super) launch: Option<f64>,
}

/// Moves what was before a launch.
pub(super) fn mend<'a>(past: &Past<'a>) -> Mended<'a> {
    let Some((steps, factor)) = launch(past) else {
        return Mended { values: past.values().into(), launch: None };
    };
    let mut values = past.values().to_vec();
    let before = values.len() - steps;
    values[..before].iter_mut().for_each(|value| *value *= factor);
    Mended { values: values.into(), launch: Some(factor) }
}

/// How many steps ago the series went to another level, and how many times the old one that is; of positive series.
fn launch(past: &Past<'_>) -> Option<(usize, f64)> {
    let buckets = Buckets::of(past);
    let known = buckets.past().ok()?;
    let (day, cycle) = (known.season(), known.longest_season());
    let values = known.values();
    if day < 4 || values.iter().any(|value| *value <= 0.0) {
        return None;
    }
    let days = values.len().saturating_sub(cycle) / day;
    let change = |ago: usize| {
        let end = values.len() - ago * day;
        let logs = (end - day..end).map(|at| (values[at] / values[at - cycle]).ln());
        median(&logs.filter(|log| !log.is_nan()).collect::<Vec<_>>())
    };
    let changes: Vec<f64> = (0..days).map_while(change).collect();
    let now = *changes.first()?;
    let lasted =
        changes.iter().take_while(|change| **change * now.signum() > 0.5 * now.abs()).count();
    let within = (DAYS_MIN..(cycle / day).max(DAYS_MIN + 1)).contains(&lasted);
    if !within || changes.len() < lasted + DAYS_BEFORE_MIN {
        return None;
    }
    let (after, before) = changes.split_at(lasted);
    let (after, usual) = (median(after)?, median(before)?);
    let deviation = 1.4826 * median_deviation(before, usual)?;
    let stands_out = (after - usual).abs() > (DEVIATIONS_MIN * deviation).max(LAUNCH_MIN);
    let factor = after.exp();
    (stands_out && would_have_helped(&known, lasted * day, factor))
        .then_some((lasted * day * buckets.len, factor))
}

/// Whether the last day is better forecast from the day before it with the past moved than without.
fn would_have_helped(past: &Past<'_>, steps: usize, factor: f64) -> bool {
    let model = SeasonalAr {
        name: "ar-long-3",
        explained: Explained::Value,
        around: Around::Cycle { of: Season::Longest, half_life: 3.0 },
        lags: Lags::Few,
    };
    let (known, came) = past.values().split_at(past.values().len() - past.season());
    let miss = |factor: f64| {
        let mut values = known.to_vec();
        let before = (known.len() + came.len() - steps).min(known.len());
        values[..before].iter_mut().for_each(|value| *value *= factor);
        let path =
            model.fit(&Past::new(&values, past.seasons()).ok()?).ok()?.predict(came.len()).point;
        let misses = path.iter().zip(came).map(|(path, came)| (path - came).abs());
        Some(misses.filter(|miss| !miss.is_nan()).sum::<f64>())
    };
    miss(factor).zip(miss(1.0)).is_some_and(|(moved, left)| moved < left)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidewright_numerics::Random;

    fn hours(len: usize, launch_at: usize) -> Vec<f64> {
        let mut random = Random::new(2);
        let wave = |i: usize| 100.0 + 40.0 * (i as f64 / 24.0 * std::f64::consts::TAU).sin();
        let level = |i: usize| if i < launch_at { 1.0 } else { 2.0 };
        (0..len).map(|i| wave(i) * level(i) + 2.0 * random.normal()).collect()
    }

    #[test]
    fn after_a_launch_the_past_is_moved_to_its_level() {
        let values = hours(28 * 24, 25 * 24);
        let mended = mend(&Past::new(&values, &[24, 168]).unwrap());
        assert!((mended.launch.unwrap() - 2.0).abs() < 0.05);
        assert!((mended.values[6] - 2.0 * values[6]).abs() < 10.0);
        assert_eq!(mended.values[26 * 24], values[26 * 24]);
    }

    #[test]
    fn neither_one_odd_day_nor_weekends_are_a_launch() {
        let mut values = hours(28 * 24, 28 * 24);
        for (i, value) in values.iter_mut().enumerate() {
            *value *= if i / 24 % 7 > 4 { 0.5 } else { 1.0 };
        }
        assert_eq!(mend(&Past::new(&values, &[24, 168]).unwrap()).launch, None);
        values[27 * 24..].iter_mut().for_each(|value| *value *= 3.0);
        assert_eq!(mend(&Past::new(&values, &[24, 168]).unwrap()).launch, None);
    }
}
