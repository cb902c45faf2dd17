//! Seasons that come again, beside a model of all else.

use crate::steps::{StepFitted, StepForecast, StepForecaster};

/// The last cycle of each season, and the model of what is left without them.
// Invariant: no cycle is empty, and all numbers are finite; the widening is above 0.
#[derive(Debug)]
pub(super) struct Repeating {
    cycles: Vec<Vec<f64>>,
    /// By how much the future is wider than the inner model takes it for.
    widening: f64,
    /// Steps that were taken since the cycles ended.
    gone: usize,
    inner: Box<dyn StepFitted>,
}

impl Repeating {
    /// Each cycle's first number is that of the next step.
    pub(super) fn new(cycles: Vec<Vec<f64>>, widening: f64, inner: Box<dyn StepFitted>) -> Self {
        Self { cycles, widening, gone: 0, inner }
    }

    /// What [`StepFitted::numbers`] wrote: the widening, the number of seasons, their lengths, their cycles, the inner model.
    pub(super) fn restore(numbers: &[f64], model: &dyn StepForecaster) -> Option<Self> {
        let ([widening, count], rest) = numbers.split_first_chunk()?;
        let (lengths, mut rest) = rest.split_at_checked(whole(*count)?)?;
        let mut cycles = Vec::new();
        for length in lengths {
            let (cycle, after) = rest.split_at_checked(whole(*length).filter(|len| *len >= 2)?)?;
            if cycle.iter().any(|value| !value.is_finite()) {
                return None;
            }
            cycles.push(cycle.to_vec());
            rest = after;
        }
        let possible = widening.is_finite() && *widening > 0.0;
        Some(Self::new(cycles, Some(*widening).filter(|_| possible)?, model.restore(rest)?))
    }

    fn seasonal(&self, step: usize) -> f64 {
        self.cycles.iter().map(|cycle| cycle[(self.gone + step) % cycle.len()]).sum()
    }
}

/// A number that counts something.
fn whole(number: f64) -> Option<usize> {
    let possible = number >= 0.0 && number.fract() == 0.0 && number <= f64::from(u32::MAX);
    possible.then_some(number as usize)
}

impl StepFitted for Repeating {
    fn predict(&self, steps: usize) -> StepForecast {
        let mut forecast = self.inner.predict(steps);
        for (step, point) in forecast.point.iter_mut().enumerate() {
            *point += self.seasonal(step);
        }
        let mut widest: f64 = 0.0;
        for deviation in &mut forecast.deviation {
            // What is further away is not known better, though a level that is itself a guess, under a remainder that
            // alternates, says so of every other step.
            widest = widest.max(*deviation * self.widening);
            *deviation = widest;
        }
        forecast
    }

    fn update(&mut self, value: Option<f64>) {
        let seasonal = self.seasonal(0);
        self.inner.update(value.map(|value| value - seasonal));
        self.gone += 1;
    }

    fn numbers(&self) -> Vec<f64> {
        let lengths = self.cycles.iter().map(|cycle| cycle.len() as f64);
        let mut numbers = vec![self.widening, self.cycles.len() as f64];
        let cycles = self.cycles.iter().flat_map(|cycle| {
            let (before, from) = cycle.split_at(self.gone % cycle.len());
            from.iter().chain(before).copied()
        });
        numbers.extend(lengths.chain(cycles).chain(self.inner.numbers()));
        numbers
    }

    fn describe(&self) -> String {
        let lengths: Vec<String> =
            self.cycles.iter().map(|cycle| cycle.len().to_string()).collect();
        let inner = self.inner.describe();
        if lengths.is_empty() { inner } else { format!("MSTL({}) + {inner}", lengths.join(", ")) }
    }
}
