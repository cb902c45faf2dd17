//! A fitted seasonal autoregression: coefficients and the values that they still look at.

use super::scale::Scale;
use crate::numbers::{Numbers, with_count};
use crate::steps::{StepFitted, StepForecast};

/// A forecast stays this many spreads within what was ever seen: an autoregression may be unstable.
const BEYOND_SEEN: f64 = 2.0;

/// What was learned, and where the series stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FittedAr {
    scale: Scale,
    /// The usual cycle; one 0 if there is none.
    profile: Vec<f64>,
    /// The phase of the next step.
    phase: usize,
    /// The lags, ascending.
    lags: Vec<usize>,
    /// One per lag, and the constant.
    coefficients: Vec<f64>,
    /// The standard deviation of one step.
    deviation: f64,
    /// The least and the largest that was seen, less the profile.
    seen: (f64, f64),
    /// The last values, less the profile, as many as the deepest lag.
    tail: Vec<f64>,
}

impl FittedAr {
    pub(super) fn new(
        scale: Scale,
        profile: Vec<f64>,
        values: &[f64],
        lags: &[usize],
        (coefficients, deviation): (Vec<f64>, f64),
    ) -> Self {
        let phase = values.len() % profile.len();
        let deepest = lags.last().copied().unwrap_or(0);
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let tail = values[values.len() - deepest.min(values.len())..].to_vec();
        Self {
            scale,
            profile,
            phase,
            lags: lags.to_vec(),
            coefficients,
            deviation,
            seen: (least, largest),
            tail,
        }
    }

    /// The next `steps` on the inner scale, less the profile.
    fn inner(&self, steps: usize) -> Vec<f64> {
        let known = self.tail.len();
        let mut path = self.tail.clone();
        path.reserve(steps);
        let constant = self.coefficients[self.lags.len()];
        for step in 0..steps {
            let at = known + step;
            let pairs = self.lags.iter().zip(&self.coefficients);
            let next: f64 = pairs.map(|(lag, c)| c * path[at - lag]).sum();
            path.push(
                (next + constant).clamp(self.seen.0 - BEYOND_SEEN, self.seen.1 + BEYOND_SEEN),
            );
        }
        path.split_off(known)
    }

    /// The standard error of each step on the inner scale: the weights of the moving average that the autoregression is.
    fn errors(&self, steps: usize) -> Vec<f64> {
        let mut response: Vec<f64> = Vec::with_capacity(steps);
        let (mut square, mut errors) = (0.0, Vec::with_capacity(steps));
        let most = self.seen.1 - self.seen.0 + 2.0 * BEYOND_SEEN;
        for step in 0..steps {
            let pairs =
                self.lags.iter().zip(&self.coefficients).take_while(|(lag, _)| **lag <= step);
            let next =
                if step == 0 { 1.0 } else { pairs.map(|(lag, c)| c * response[step - lag]).sum() };
            response.push(f64::clamp(next, -most, most));
            square += response[step] * response[step];
            errors.push((self.deviation * f64::sqrt(square)).min(most));
        }
        errors
    }

    fn usual(&self, step: usize) -> f64 {
        self.profile[(self.phase + step) % self.profile.len()]
    }

    pub(super) fn from_numbers(numbers: &[f64]) -> Option<Self> {
        let mut numbers = Numbers::new(numbers)?;
        let scale = Scale::from_numbers([numbers.one()?, numbers.one()?, numbers.one()?])?;
        let (phase, deviation) = (numbers.count()?, numbers.one()?);
        let seen = (numbers.one()?, numbers.one()?);
        let profile = numbers.counted()?.to_vec();
        let len = numbers.count()?;
        let lags: Vec<usize> = (0..len).map(|_| numbers.count()).collect::<Option<_>>()?;
        let coefficients = numbers.counted()?.to_vec();
        let tail = numbers.counted()?.to_vec();
        numbers.end()?;
        let ascending = lags.first() != Some(&0) && lags.is_sorted_by(|a, b| a < b);
        let looks_back = tail.len() == lags.last().copied().unwrap_or(0);
        let fits = looks_back && coefficients.len() == lags.len() + 1 && phase < profile.len();
        (ascending && fits && deviation >= 0.0 && seen.0 <= seen.1).then_some(Self {
            scale,
            profile,
            phase,
            lags,
            coefficients,
            deviation,
            seen,
            tail,
        })
    }
}

impl StepFitted for FittedAr {
    fn predict(&self, steps: usize) -> StepForecast {
        let inner = self.inner(steps);
        let place = |(step, value): (usize, &f64)| self.scale.from(value + self.usual(step));
        let point: Vec<f64> = inner.iter().enumerate().map(place).collect();
        let pairs = point.iter().zip(self.errors(steps));
        let deviation = pairs.map(|(point, error)| self.scale.slope(*point) * error).collect();
        StepForecast { point, deviation }
    }

    fn update(&mut self, value: Option<f64>) {
        let value = match value {
            Some(value) => self.scale.to(value) - self.usual(0),
            None => self.inner(1)[0],
        };
        // The scale of a value that it has no place on: below zero, of a logarithm.
        let value = if value.is_finite() { value } else { self.seen.0 };
        if !self.tail.is_empty() {
            self.tail.rotate_left(1);
            let last = self.tail.len() - 1;
            self.tail[last] = value;
        }
        self.seen = (self.seen.0.min(value), self.seen.1.max(value));
        self.phase = (self.phase + 1) % self.profile.len();
    }

    fn numbers(&self) -> Vec<f64> {
        let mut numbers = self.scale.to_numbers().to_vec();
        numbers.extend([self.phase as f64, self.deviation, self.seen.0, self.seen.1]);
        with_count(&mut numbers, &self.profile);
        let lags: Vec<f64> = self.lags.iter().map(|lag| *lag as f64).collect();
        with_count(&mut numbers, &lags);
        with_count(&mut numbers, &self.coefficients);
        with_count(&mut numbers, &self.tail);
        numbers
    }

    fn describe(&self) -> String {
        let lags: Vec<String> = self.lags.iter().map(usize::to_string).collect();
        let around = match self.profile.len() {
            1 => String::new(),
            season => format!(" around the usual {season} steps"),
        };
        format!("autoregression on lags {}{around}", lags.join(", "))
    }
}
