//! One cut through a panel: what was known before it, and out of reach what came after.

use std::num::NonZeroUsize;

use thiserror::Error;
use tidewright_core::{Axis, Forecast, Horizon, Panel, Series};

use super::judge::{JudgeError, Judged, Yardstick, judge};

/// The moments from which the past is forecast, counted back from the end of each series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origins {
    /// Steps to forecast from each.
    pub horizon: NonZeroUsize,
    /// How many there are.
    pub folds: NonZeroUsize,
    /// Steps from one to the next; a horizon where none are given, so that no step is judged twice.
    pub step: Option<NonZeroUsize>,
}

/// Series up to an origin of each, and what each is to be judged by.
#[derive(Debug)]
pub struct Fold {
    past: Panel,
    held: Vec<Held>,
    unjudged: Vec<(usize, Unjudged)>,
}

/// Why a series cannot be judged from an origin.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Unjudged {
    /// The origin lies before its first point.
    #[error("it has `{points}` points, and this origin needs `{needed}`")]
    TooShort {
        /// Points of the series.
        points: usize,
        /// Points without which there is no past.
        needed: usize,
    },
    /// All of its past is a gap.
    #[error("nothing was observed before this origin")]
    NoPast,
    /// All of its future is a gap.
    #[error("nothing was observed after this origin")]
    NoFuture,
}

/// What came after the origin of one series.
// Invariant: at least one value is a number. Nothing outside of this module reads the values.
#[derive(Debug)]
struct Held {
    place: usize,
    horizon: Horizon,
    actual: Vec<f64>,
    yardstick: Yardstick,
}

impl Origins {
    /// Steps from one origin to the next.
    pub fn step(&self) -> usize {
        self.step.unwrap_or(self.horizon).get()
    }

    /// How many points come before the origin of this fold, the oldest being 0, in a series of so many; `None` if that
    /// leaves no past.
    pub fn origin(&self, fold: usize, points: usize) -> Option<usize> {
        points.checked_sub(self.behind(fold)).filter(|past| *past > 0)
    }

    /// The longest horizon for which a series of so many points has all origins; 0 if there is none.
    pub fn horizon_max(&self, points: usize) -> usize {
        let points = points.saturating_sub(1);
        match self.step {
            Some(step) => points.saturating_sub(step.get().saturating_mul(self.folds.get() - 1)),
            None => points / self.folds.get(),
        }
    }

    /// Points from the origin of a fold to the end.
    fn behind(&self, fold: usize) -> usize {
        let later = (self.folds.get() - 1).saturating_sub(fold);
        self.step().saturating_mul(later).saturating_add(self.horizon.get())
    }
}

impl Fold {
    /// Cuts each series at its origin of this fold, the oldest being 0; `seasons` has one season in steps for each.
    pub fn cut(panel: &Panel, origins: &Origins, fold: usize, seasons: &[usize]) -> Self {
        let mut cut = Self { past: Panel::default(), held: Vec::new(), unjudged: Vec::new() };
        for (place, (series, season)) in panel.series.iter().zip(seasons).enumerate() {
            match parts(series, origins, fold) {
                Ok((past, axis, actual)) => {
                    let yardstick = Yardstick::of(past.raw(), &actual, *season);
                    cut.past.series.push(past);
                    cut.held.push(Held { place, horizon: Horizon { axis }, actual, yardstick });
                }
                Err(why) => cut.unjudged.push((place, why)),
            }
        }
        cut
    }

    /// What a model may know.
    pub const fn past(&self) -> &Panel {
        &self.past
    }

    /// Series that this fold cannot judge, by their place in the whole panel.
    pub fn unjudged(&self) -> &[(usize, Unjudged)] {
        &self.unjudged
    }

    /// Where series `index` of the past stands in the whole panel.
    ///
    /// # Panics
    /// If the past has no such series.
    pub fn place(&self, index: usize) -> usize {
        self.held[index].place
    }

    /// The moments that are to be forecast of series `index` of the past.
    ///
    /// # Panics
    /// If the past has no such series.
    pub fn horizon(&self, index: usize) -> &Horizon {
        &self.held[index].horizon
    }

    /// How far a forecast of series `index` of the past was off.
    ///
    /// # Errors
    /// [`JudgeError`] if it is of other moments, lacks a level of [`LEVELS`](super::LEVELS), or is off beyond numbers.
    ///
    /// # Panics
    /// If the past has no such series.
    pub fn judge(&self, index: usize, forecast: &Forecast) -> Result<Judged, JudgeError> {
        let held = &self.held[index];
        if forecast.axis() != &held.horizon.axis {
            return Err(JudgeError::Moments);
        }
        judge(&held.actual, &held.yardstick, forecast)
    }
}

/// The past of a series, and the moments and values after it.
fn parts(
    series: &Series,
    origins: &Origins,
    fold: usize,
) -> Result<(Series, Axis, Vec<f64>), Unjudged> {
    let points = series.len();
    let needed = origins.behind(fold).saturating_add(1);
    let origin = origins.origin(fold, points).ok_or(Unjudged::TooShort { points, needed })?;
    let (before, after) = series.raw().split_at(origin);
    let actual = after[..origins.horizon.get()].to_vec();
    if before.iter().all(|value| value.is_nan()) {
        return Err(Unjudged::NoPast);
    }
    if actual.iter().all(|value| value.is_nan()) {
        return Err(Unjudged::NoFuture);
    }
    let axis = series.axis();
    let past = Series::new(series.key().clone(), axis.slice(0, origin), before.to_vec());
    let past = past.expect("a part of a series is as long as the same part of its axis");
    Ok((past, axis.slice(origin, actual.len()), actual))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tidewright_core::{Grid, Levels, SeriesKey, Timestamp};

    use super::super::LEVELS;
    use super::*;

    fn origins(horizon: usize, folds: usize, step: Option<usize>) -> Origins {
        let some = |number| NonZeroUsize::new(number).unwrap();
        Origins { horizon: some(horizon), folds: some(folds), step: step.map(some) }
    }

    fn panel(values: &[f64]) -> Panel {
        let grid = Grid::new(Timestamp::from_secs(0), 3_600_000, values.len()).unwrap();
        let key = SeriesKey::new([("unique_id", "a")]);
        Panel { series: vec![Series::new(key, Axis::Grid(grid), values.to_vec()).unwrap()] }
    }

    /// A forecast of one number everywhere.
    fn level(fold: &Fold, value: f64) -> Forecast {
        let axis = fold.horizon(0).axis.clone();
        let row = vec![value; axis.len()];
        let levels = Levels::new(&LEVELS).unwrap();
        let rows = vec![row.clone(); LEVELS.len()];
        Forecast::new(SeriesKey::default(), axis, row, levels, rows).unwrap()
    }

    #[test]
    fn each_fold_ends_one_step_later_and_the_last_one_at_the_end() {
        let values: Vec<f64> = (0..10).map(f64::from).collect();
        let origins = origins(3, 3, Some(2));
        for (fold, last) in [(0, 2.0), (1, 4.0), (2, 6.0)] {
            let cut = Fold::cut(&panel(&values), &origins, fold, &[1]);
            assert_eq!(cut.past().series[0].raw().last(), Some(&last));
            assert_eq!(cut.horizon(0).axis.timestamp(0).as_secs(), (last as i64 + 1) * 3600);
            assert_eq!(cut.horizon(0).axis.len(), 3);
        }
    }

    #[test]
    fn folds_lie_side_by_side_unless_told_otherwise() {
        let origins = origins(4, 2, None);
        assert_eq!([origins.origin(0, 20), origins.origin(1, 20)], [Some(12), Some(16)]);
        assert_eq!([origins.origin(0, 8), origins.origin(1, 8)], [None, Some(4)]);
    }

    #[test]
    fn a_series_that_cannot_be_judged_says_why() {
        let short = Fold::cut(&panel(&[1.0; 8]), &origins(4, 2, None), 0, &[1]);
        assert_eq!(short.unjudged(), [(0, Unjudged::TooShort { points: 8, needed: 9 })]);
        assert!(short.past().series.is_empty());
        let gap = f64::NAN;
        let silent = Fold::cut(&panel(&[gap, gap, 1.0]), &origins(1, 1, None), 0, &[1]);
        assert_eq!(silent.unjudged(), [(0, Unjudged::NoPast)]);
        let ended = Fold::cut(&panel(&[1.0, gap, gap]), &origins(2, 1, None), 0, &[1]);
        assert_eq!(ended.unjudged(), [(0, Unjudged::NoFuture)]);
    }

    #[test]
    fn a_forecast_of_other_moments_is_not_judged() {
        let values = [1.0; 12];
        let early = Fold::cut(&panel(&values), &origins(2, 2, None), 0, &[1]);
        let late = Fold::cut(&panel(&values), &origins(2, 2, None), 1, &[1]);
        assert_eq!(late.judge(0, &level(&early, 1.0)).unwrap_err(), JudgeError::Moments);
        assert!(late.judge(0, &level(&late, 1.0)).is_ok());
    }

    proptest! {
        #[test]
        fn no_past_holds_what_it_is_judged_by(
            points in 1..60usize, horizon in 1..20usize, folds in 1..5usize, step in 1..20usize,
        ) {
            let values: Vec<f64> = (0..points as i32).map(f64::from).collect();
            let origins = origins(horizon, folds, Some(step));
            for fold in 0..folds {
                let cut = Fold::cut(&panel(&values), &origins, fold, &[1]);
                for (index, past) in cut.past().series.iter().enumerate() {
                    let first = cut.horizon(index).axis.timestamp(0);
                    prop_assert_eq!(past.axis().timestamp(past.len() - 1).plus_millis(3_600_000), first);
                    prop_assert!(past.raw().iter().all(|value| *value * 3600.0 < first.as_secs() as f64));
                }
            }
        }

        #[test]
        fn the_longest_horizon_is_the_last_that_leaves_a_past(
            points in 0..200usize, folds in 1..6usize, step in prop::option::of(1..30usize),
        ) {
            let longest = origins(1, folds, step).horizon_max(points);
            let fits = |horizon| origins(horizon, folds, step).origin(0, points).is_some();
            prop_assert!(longest == 0 || fits(longest));
            prop_assert!(!fits(longest + 1));
        }
    }
}
