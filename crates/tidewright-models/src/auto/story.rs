//! What was done with a past, to be told to people.

use super::trial::Trial;
use crate::numbers::Numbers;
use crate::steps::Past;

/// What was done.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Story {
    trials: usize,
    /// Steps of each trial.
    steps: usize,
    /// Steps in a bucket.
    bucket: usize,
    /// By how much the past before the last launch was moved; 0 if there was none.
    launch: f64,
    /// What repeating the last season missed on average: the unit of scaled errors. Above 0.
    pub(super) scale: f64,
}

impl Story {
    pub(super) fn of(
        past: &Past<'_>,
        trials: &[Trial<'_>],
        bucket: usize,
        launch: Option<f64>,
    ) -> Self {
        let (values, season) = (past.values(), past.season());
        let misses = values.iter().zip(values.iter().skip(season)).map(|(a, b)| (b - a).abs());
        let misses = misses.filter(|miss| !miss.is_nan());
        let (sum, count) = misses.fold((0.0, 0.0), |(sum, n), miss| (sum + miss, n + 1.0));
        let scale = if sum > 0.0 { sum / count } else { 1.0 };
        let steps = bucket * trials.first().map_or(0, |trial| trial.came.len());
        Self { trials: trials.len(), steps, bucket, launch: launch.unwrap_or(0.0), scale }
    }

    /// What a person should know, each a sentence without its stop.
    pub(super) fn sentences(&self, freedom: f64, least: f64) -> Vec<String> {
        let Self { trials, steps, bucket, launch, .. } = self;
        let mut told = vec![match trials {
            0 => "the history is too short to try the members on it, so all weigh alike".to_owned(),
            _ => format!(
                "the members were tried {trials} times on the last {} steps of the history, {steps} steps ahead \
                 each time; the less one missed, the more it weighs",
                trials * steps
            ),
        }];
        if *bucket > 1 {
            told.push(format!(
                "autoregressions see means of {bucket} steps; their average is drawn out to steps again, by what each step \
                 of the season usually adds"
            ));
        }
        if *launch > 0.0 {
            told.push(format!(
                "the last days stand at {launch:.2} times the level before, so what was before counts at the new level"
            ));
        }
        told.push(format!(
            "the bands are as wide as the average missed in those trials, by Student's law with {freedom:.0} \
             degrees of freedom"
        ));
        if least == 0.0 {
            told.push("the series was never negative, so no forecast of it is".to_owned());
        }
        told
    }

    pub(super) fn write(&self, out: &mut Vec<f64>) {
        out.extend([self.trials, self.steps, self.bucket].map(|count| count as f64));
        out.extend([self.launch, self.scale]);
    }

    pub(super) fn read(numbers: &mut Numbers<'_>) -> Option<Self> {
        let (trials, steps, bucket) = (numbers.count()?, numbers.count()?, numbers.count()?);
        let (launch, scale) = (numbers.one()?, numbers.one()?);
        (bucket > 0 && launch >= 0.0 && scale > 0.0).then_some(Self {
            trials,
            steps,
            bucket,
            launch,
            scale,
        })
    }
}
