//! What a model would have forecast from earlier places of the past, had its season been learned from what came before.
//!
//! A season that was averaged over all values has seen the very values that it is judged by, and lies closest to those in
//! the middle. Here it is learned anew at each place, as it will have been when the forecast is made; the other numbers
//! are few. What such forecasts missed tells seasons apart, and how wide a forecast is.

use super::fitted::ThetaFit;
use super::search::{Found, line_through};
use super::{Joined, Taken};
use crate::classical::{SHARE_MIN, indices};
use crate::steps::StepFitted;

/// So many places at most, the latest ones; each costs a run over the values before it.
const TRIALS_MAX: usize = 12;

/// Squares, summed over the steps of all trials.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Trials {
    /// Of what was missed.
    pub(super) missed: f64,
    /// Of the deviations that errors one step ahead let expect.
    pub(super) expected: f64,
}

impl Trials {
    /// Tries a model of values that still have their season at places `ahead` apart, within the latter half.
    pub(super) fn of(found: &Found, values: &[f64], season: &Taken, ahead: usize) -> Self {
        let places = (1..=TRIALS_MAX).map_while(|trial| values.len().checked_sub(trial * ahead));
        let places = places.take_while(|at| 2 * at >= values.len());
        places
            .fold(Self::default(), |sums, at| sums.with(found, values.split_at(at), season, ahead))
    }

    /// How many times as large as expected the squares were; 1 where that cannot be told.
    pub(super) fn growth(self) -> f64 {
        let growth = self.missed / self.expected;
        if growth.is_finite() { growth } else { 1.0 }
    }

    fn with(
        self,
        found: &Found,
        (past, future): (&[f64], &[f64]),
        season: &Taken,
        ahead: usize,
    ) -> Self {
        let season =
            season.as_ref().map(|(joined, all)| (*joined, indices_of(past, *joined, all.len())));
        let plain = stripped(past, &season);
        let found = Found { line: line_through(&plain), ..*found };
        let forecast = ThetaFit::follow(&found, &plain, season).predict(ahead);
        let steps = forecast.point.iter().zip(&forecast.deviation).zip(future);
        let steps = steps.filter(|((point, _), value)| point.is_finite() && !value.is_nan());
        steps.fold(self, |sums, ((point, width), value)| Self {
            missed: sums.missed + (value - point).powi(2),
            expected: sums.expected + width.powi(2),
        })
    }
}

/// The values without their season, which begins with the first of them.
pub(super) fn stripped(values: &[f64], season: &Taken) -> Vec<f64> {
    let strip = |(i, value): (usize, &f64)| match season {
        Some((joined, indices)) => joined.strip(*value, indices[i % indices.len()]),
        None => *value,
    };
    values.iter().enumerate().map(strip).collect()
}

fn indices_of(values: &[f64], joined: Joined, period: usize) -> Vec<f64> {
    let mut indices = indices(values, period, joined);
    if joined == Joined::Multiplied {
        indices.iter_mut().for_each(|index| *index = index.max(SHARE_MIN));
    }
    indices
}
