//! Weights from misses, and the average that they make.

use tidewright_core::Member;
use tidewright_numerics::middle_mean;

use super::trial::Trial;
use crate::FitError;
use crate::numbers::{Numbers, with_count};
use crate::steps::{Past, StepFitted, StepForecaster};

/// The share of the weight at either end that is left out of an average: one wild member moves nothing.
const TRIM: f64 = 0.2;
/// Members that miss more than so many times the least are left out: they would only be trimmed.
const MISS_RATIO_MAX: f64 = 8.0;
/// A miss counts at least this share of the middle one, so that one lucky trial does not make a member all there is.
const MISS_RATIO_MIN: f64 = 0.05;

/// What a model would have forecast, trial by trial.
type Paths = Vec<Vec<f64>>;

/// Models to choose from.
pub(super) struct Table<'a> {
    pub(super) models: &'a [Box<dyn StepForecaster>],
    /// How the weight falls with the miss.
    pub(super) power: f64,
    /// Which of them take part, by name.
    pub(super) lets_in: &'a dyn Fn(&str) -> bool,
}

/// A mixture, and what it would have forecast.
pub(super) struct Learned {
    pub(super) mixture: Mixture,
    /// Its path in each trial.
    pub(super) averages: Paths,
}

/// Fitted models, and what each weighs.
#[derive(Debug)]
pub(super) struct Mixture {
    members: Vec<Fit>,
    /// What a path from elsewhere weighs; 0 if there is none.
    other: f64,
}

#[derive(Debug)]
struct Fit {
    /// Its place in the table.
    place: usize,
    weight: f64,
    miss: Option<f64>,
    model: Box<dyn StepFitted>,
}

impl Table<'_> {
    /// Tries the models, weighs them beside a path from elsewhere if there is one, and fits those that weigh.
    pub(super) fn learn(
        &self,
        past: &Past<'_>,
        trials: &[Trial<'_>],
        other: Option<Paths>,
    ) -> Result<Learned, FitError> {
        let has_other = other.is_some();
        let tried = self.models.iter().map(|model| {
            (self.lets_in)(model.name()).then(|| paths(model.as_ref(), trials)).flatten()
        });
        let tried: Vec<Option<Paths>> = tried.chain(has_other.then_some(other)).collect();
        let miss = |paths: &Option<Paths>| miss(paths.as_ref()?, trials, past.horizon());
        let misses: Vec<Option<f64>> = tried.iter().map(miss).collect();
        let weights = weights(&misses, self.power);
        let mut mixture = Mixture { members: Vec::new(), other: 0.0 };
        let mut failed = FitError::TooFew { rows: past.observed() };
        for (place, model) in self.models.iter().enumerate() {
            if weights[place] == 0.0 || !(self.lets_in)(model.name()) {
                continue;
            }
            match model.fit(past) {
                Ok(model) => {
                    let (weight, miss) = (weights[place], misses[place]);
                    mixture.members.push(Fit { place, weight, miss, model });
                }
                Err(error) => failed = error,
            }
        }
        if has_other {
            mixture.other = weights[self.models.len()];
        } else if mixture.members.is_empty() {
            return Err(failed);
        }
        let averages = (0..trials.len()).map(|trial| mixture.average(&tried, trial)).collect();
        Ok(Learned { mixture, averages })
    }
}

impl Learned {
    /// What came less what the mixture would have forecast, in each trial; NaN where nothing came.
    pub(super) fn residuals(&self, trials: &[Trial<'_>]) -> Paths {
        let one = |(trial, path): (&Trial<'_>, &Vec<f64>)| {
            trial.came.iter().zip(path).map(|(came, path)| came - path).collect()
        };
        trials.iter().zip(&self.averages).map(one).collect()
    }
}

impl Mixture {
    /// What the path from elsewhere weighs.
    pub(super) const fn other(&self) -> f64 {
        self.other
    }

    /// Its members, with misses as they are.
    pub(super) fn members(
        &self,
        table: &'static [Box<dyn StepForecaster>],
    ) -> impl Iterator<Item = Member> {
        self.members.iter().map(|fit| Member {
            model: table[fit.place].name().to_owned(),
            weight: fit.weight,
            backtest_mase: fit.miss,
            description: fit.model.describe(),
        })
    }

    /// The average of the next steps.
    pub(super) fn predict(&self, steps: usize) -> Vec<f64> {
        self.predict_beside(steps, None)
    }

    /// The average of the next steps, in which a path from elsewhere takes part.
    pub(super) fn predict_beside(&self, steps: usize, other: Option<Vec<f64>>) -> Vec<f64> {
        let own = self.members.iter().map(|fit| fit.model.predict(steps).point);
        let paths: Paths = own.chain(other).collect();
        let paths: Vec<&[f64]> = paths.iter().map(Vec::as_slice).collect();
        trimmed_mean(&paths, &self.weights())
    }

    pub(super) fn update(&mut self, value: Option<f64>) {
        self.members.iter_mut().for_each(|fit| fit.model.update(value));
    }

    fn average(&self, tried: &[Option<Paths>], trial: usize) -> Vec<f64> {
        let other = (self.other > 0.0).then_some(tried.len() - 1);
        let places = self.members.iter().map(|fit| fit.place).chain(other);
        let paths: Vec<&[f64]> =
            places.filter_map(|place| Some(&*tried[place].as_ref()?[trial])).collect();
        trimmed_mean(&paths, &self.weights())
    }

    fn weights(&self) -> Vec<f64> {
        let other = (self.other > 0.0).then_some(self.other);
        self.members.iter().map(|fit| fit.weight).chain(other).collect()
    }

    pub(super) fn write(&self, out: &mut Vec<f64>) {
        out.extend([self.other, self.members.len() as f64]);
        for fit in &self.members {
            out.extend([fit.place as f64, fit.weight, fit.miss.unwrap_or(-1.0)]);
            with_count(out, &fit.model.numbers());
        }
    }

    pub(super) fn read(
        numbers: &mut Numbers<'_>,
        table: &[Box<dyn StepForecaster>],
    ) -> Option<Self> {
        let (other, count) = (numbers.one()?, numbers.count()?);
        let mut members = Vec::new();
        for _ in 0..count {
            let (place, weight, miss) = (numbers.count()?, numbers.one()?, numbers.one()?);
            let model = table.get(place)?.restore(numbers.counted()?)?;
            let miss = (miss >= 0.0).then_some(miss);
            members.push(Fit { place, weight, miss, model });
        }
        let weigh = members.iter().all(|fit| fit.weight > 0.0) && other >= 0.0;
        (weigh && (other > 0.0 || !members.is_empty())).then_some(Self { members, other })
    }
}

/// What a model forecasts in each trial; `None` unless it can in all.
fn paths(model: &dyn StepForecaster, trials: &[Trial<'_>]) -> Option<Paths> {
    let path =
        |trial: &Trial<'_>| Some(model.fit(&trial.known).ok()?.predict(trial.came.len()).point);
    trials.iter().map(path).collect()
}

/// The mean miss, half over all steps and half over those that will be asked for; `None` where nothing came.
fn miss(paths: &[Vec<f64>], trials: &[Trial<'_>], horizon: usize) -> Option<f64> {
    let mean = |steps: usize| {
        let steps = |(path, trial): (&Vec<f64>, &Trial<'_>)| -> (f64, f64) {
            let pairs = path.iter().zip(trial.came).take(steps);
            let misses = pairs.map(|(path, came)| (path - came).abs());
            misses
                .filter(|miss| !miss.is_nan())
                .fold((0.0, 0.0), |(sum, n), miss| (sum + miss, n + 1.0))
        };
        let each = paths.iter().zip(trials).map(steps);
        let (sum, count) = each.fold((0.0, 0.0), |all, one| (all.0 + one.0, all.1 + one.1));
        (count > 0.0).then_some(sum / count)
    };
    let all = mean(usize::MAX)?;
    Some(0.5 * (all + mean(horizon).unwrap_or(all)))
}

/// Shares that sum to 1 and fall with the miss by a power; all alike where nothing is known of any.
fn weights(misses: &[Option<f64>], power: f64) -> Vec<f64> {
    let mut known: Vec<f64> =
        misses.iter().flatten().copied().filter(|miss| miss.is_finite()).collect();
    if known.is_empty() {
        return vec![1.0 / misses.len() as f64; misses.len()];
    }
    known.sort_by(f64::total_cmp);
    // Where all but a few are exact, no ratio of misses means anything.
    let least = (MISS_RATIO_MIN * known[known.len() / 2]).max(f64::MIN_POSITIVE.sqrt());
    let best = known[0].max(least);
    let weight = |miss: &Option<f64>| match miss {
        Some(miss) if *miss <= MISS_RATIO_MAX * best => (best / miss.max(least)).powf(power),
        _ => 0.0,
    };
    let raw: Vec<f64> = misses.iter().map(weight).collect();
    let sum: f64 = raw.iter().sum();
    raw.iter().map(|weight| weight / sum).collect()
}

/// At each step the mean of what lies within the middle of the weight.
fn trimmed_mean(paths: &[&[f64]], weights: &[f64]) -> Vec<f64> {
    if let [only] = paths {
        return only.to_vec();
    }
    let steps = paths.first().map_or(0, |path| path.len());
    let mut column: Vec<(f64, f64)> = Vec::with_capacity(paths.len());
    let mut step = |step: usize| {
        column.clear();
        column.extend(paths.iter().zip(weights).map(|(path, weight)| (path[step], *weight)));
        middle_mean(&mut column, TRIM).unwrap_or(0.0)
    };
    (0..steps).map(&mut step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_the_miss_is_four_times_the_weight() {
        let found = weights(&[Some(1.0), Some(2.0), None, Some(100.0)], 2.0);
        assert_eq!(found, [0.8, 0.2, 0.0, 0.0]);
        assert_eq!(weights(&[None, None], 2.0), [0.5, 0.5]);
        assert_eq!(weights(&[Some(0.0), Some(0.0)], 2.0), [0.5, 0.5]);
    }

    #[test]
    fn one_lucky_member_is_not_all_there_is() {
        let found = weights(&[Some(0.0), Some(1.0), Some(1.0)], 2.0);
        assert!(found[0] > 0.9 && found[1] == 0.0, "{found:?}");
        let found = weights(&[Some(0.5), Some(1.0), Some(1.0)], 2.0);
        assert!(found[1] > 0.1, "{found:?}");
    }

    #[test]
    fn one_wild_member_moves_nothing() {
        let paths: [&[f64]; 5] = [&[1.0], &[2.0], &[3.0], &[4.0], &[1e9]];
        assert!((trimmed_mean(&paths, &[0.2; 5])[0] - 3.0).abs() < 1e-9);
        let alone: [&[f64]; 1] = [&[7.0, 8.0]];
        let found = trimmed_mean(&alone, &[1.0]);
        assert!((found[0] - 7.0).abs() + (found[1] - 8.0).abs() < 1e-12);
    }
}
