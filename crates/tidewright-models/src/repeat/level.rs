//! The mean of all values, and the line from the first to the last.

use super::deviation;
use crate::FitError;
use crate::steps::{Past, StepFitted, StepForecast, StepForecaster};

/// Every step is the mean of all that was.
#[derive(Clone, Copy, Debug)]
pub struct Mean;

/// The line through the first and the last value goes on.
#[derive(Clone, Copy, Debug)]
pub struct Drift;

#[derive(Clone, Debug)]
struct FittedMean {
    mean: f64,
    count: f64,
    deviation: f64,
}

#[derive(Clone, Debug)]
struct FittedDrift {
    last: f64,
    slope: f64,
    /// Steps from the first value to the last.
    span: f64,
    /// Steps since the last value.
    age: f64,
    deviation: f64,
}

impl StepForecaster for Mean {
    fn name(&self) -> &'static str {
        "mean"
    }

    fn fit(&self, past: &Past<'_>) -> Result<Box<dyn StepFitted>, FitError> {
        let seen = || past.values().iter().filter(|value| !value.is_nan());
        let count = past.observed() as f64;
        if count < 2.0 {
            return Err(FitError::TooFew { rows: past.observed() });
        }
        let mean = seen().sum::<f64>() / count;
        let squares = seen().map(|value| (value - mean).powi(2)).sum();
        let deviation = deviation(squares, count - 1.0)?;
        Ok(Box::new(FittedMean { mean, count, deviation }))
    }

    fn restore(&self, numbers: &[f64]) -> Option<Box<dyn StepFitted>> {
        let [mean, count, deviation] = *numbers else { return None };
        let possible =
            mean.is_finite() && (2.0..f64::INFINITY).contains(&count) && is_width(deviation);
        possible.then(|| Box::new(FittedMean { mean, count, deviation }) as Box<dyn StepFitted>)
    }
}

impl StepFitted for FittedMean {
    fn predict(&self, steps: usize) -> StepForecast {
        let deviation = self.deviation * (1.0 + 1.0 / self.count).sqrt();
        StepForecast { point: vec![self.mean; steps], deviation: vec![deviation; steps] }
    }

    fn update(&mut self, value: Option<f64>) {
        let Some(value) = value else { return };
        self.count += 1.0;
        self.mean += (value - self.mean) / self.count;
    }

    fn numbers(&self) -> Vec<f64> {
        vec![self.mean, self.count, self.deviation]
    }

    fn describe(&self) -> String {
        "the mean of all values".to_owned()
    }
}

impl StepForecaster for Drift {
    fn name(&self) -> &'static str {
        "drift"
    }

    fn fit(&self, past: &Past<'_>) -> Result<Box<dyn StepFitted>, FitError> {
        let values = past.values();
        let seen = || (0..values.len()).filter(|i| !values[*i].is_nan());
        // A line through two points has no miss left to learn a width from.
        let (Some(first), Some(last), 3..) = (seen().next(), seen().next_back(), past.observed())
        else {
            return Err(FitError::TooFew { rows: past.observed() });
        };
        let (span, age) = ((last - first) as f64, (values.len() - 1 - last) as f64);
        let slope = (values[last] - values[first]) / span;
        // Across a gap a random walk's variance adds up.
        let square = |(from, to): (usize, usize)| {
            let steps = (to - from) as f64;
            (values[to] - values[from] - slope * steps).powi(2) / steps
        };
        let squares = seen().zip(seen().skip(1)).map(square).sum();
        let deviation = deviation(squares, past.observed() as f64 - 1.0)?;
        Ok(Box::new(FittedDrift { last: values[last], slope, span, age, deviation }))
    }

    fn restore(&self, numbers: &[f64]) -> Option<Box<dyn StepFitted>> {
        let [last, slope, span, age, deviation] = *numbers else { return None };
        let possible =
            last.is_finite() && slope.is_finite() && is_width(age) && is_width(deviation);
        let possible = possible && span.is_finite() && span >= 1.0;
        possible.then(|| {
            Box::new(FittedDrift { last, slope, span, age, deviation }) as Box<dyn StepFitted>
        })
    }
}

impl StepFitted for FittedDrift {
    fn predict(&self, steps: usize) -> StepForecast {
        let mut forecast = StepForecast::default();
        for step in 1..=steps {
            let ahead = self.age + step as f64;
            forecast.point.push(self.last + self.slope * ahead);
            forecast.deviation.push(self.deviation * (ahead * (1.0 + ahead / self.span)).sqrt());
        }
        forecast
    }

    fn update(&mut self, value: Option<f64>) {
        self.age += 1.0;
        if let Some(value) = value {
            (self.last, self.age) = (value, 0.0);
        }
    }

    fn numbers(&self) -> Vec<f64> {
        vec![self.last, self.slope, self.span, self.age, self.deviation]
    }

    fn describe(&self) -> String {
        format!("a random walk that drifts by {} a step", self.slope)
    }
}

fn is_width(number: f64) -> bool {
    number.is_finite() && number >= 0.0
}
