//! Models that know steps, not times: values at equal distances, the seasons of which are counted in steps.
//!
//! What such a model is given is a [`Past`]: the values up to an origin and not one more, so none can see what it is to
//! forecast. NaN is a gap, which a model bridges as its mathematics says and never takes for zero. Between times and
//! steps, and between standard errors and quantiles, translates whoever asks; a step model does neither.

use std::fmt;

use tidewright_core::Explanation;
use tidewright_numerics::student_quantile;

use crate::FitError;

/// The values of a series up to an origin, and its seasons.
// Invariant: at least one value is a number, none is infinite; seasons ascend, each at least 2; the horizon is not 0.
#[derive(Clone, Copy, Debug)]
pub struct Past<'a> {
    values: &'a [f64],
    seasons: &'a [usize],
    horizon: Option<usize>,
    first: i64,
}

/// One of a past's seasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Season {
    /// None: every step is like the one before.
    None,
    /// The shortest that came twice.
    Shortest,
    /// The longest that came twice.
    Longest,
}

/// What is expected of each coming step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StepForecast {
    /// The median of each step.
    pub point: Vec<f64>,
    /// The standard error of each step; above 0 unless the past was perfectly regular.
    pub deviation: Vec<f64>,
}

/// How what comes lies around the point: by Student's law, cut off where no value can be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Law {
    /// Degrees of freedom; infinite for the normal law.
    pub freedom: f64,
    /// The least value there can be; minus infinity if any can.
    pub least: f64,
}

/// A way to learn from one series at equal steps.
pub trait StepForecaster: fmt::Debug + Send + Sync {
    /// The model's name in results and on the command line.
    fn name(&self) -> &'static str;

    /// The same model with what it learns from several pasts of the same seasons together; `None` if it learns from each
    /// alone, or none of them can teach it.
    fn learn(&self, pasts: &[Past<'_>]) -> Option<Box<dyn StepForecaster>> {
        let _ = pasts;
        None
    }

    /// Learns from the past alone, beside what it has [learned](Self::learn) from several.
    ///
    /// # Errors
    /// [`FitError`] if it holds too little for this model.
    fn fit(&self, past: &Past<'_>) -> Result<Box<dyn StepFitted>, FitError>;

    /// The fitted model that [`StepFitted::numbers`] told of; `None` if no fit could have.
    fn restore(&self, numbers: &[f64]) -> Option<Box<dyn StepFitted>>;
}

/// What was learned from one series at equal steps.
pub trait StepFitted: fmt::Debug + Send + Sync {
    /// The next `steps`, from the last value that it knows.
    fn predict(&self, steps: usize) -> StepForecast;

    /// Goes one step on with what was observed there, or with a gap; parameters stay as they were fitted.
    fn update(&mut self, value: Option<f64>);

    /// All that is needed to go on from here, for [`StepForecaster::restore`]; all finite.
    fn numbers(&self) -> Vec<f64>;

    /// What was chosen, for people: `ARIMA(2,1,1)(0,1,1)[24] with drift`.
    fn describe(&self) -> String;

    /// Which models stand behind it, of one that is called `name`.
    fn explain(&self, name: &str) -> Explanation {
        Explanation::single(name, self.describe())
    }

    /// The law of what comes around the point.
    fn law(&self) -> Law {
        Law::NORMAL
    }
}

impl Law {
    /// The normal law, not cut off.
    pub const NORMAL: Self = Self { freedom: f64::INFINITY, least: f64::NEG_INFINITY };

    /// The quantile `q` of each step.
    pub fn quantiles(self, forecast: &StepForecast, q: f64) -> Vec<f64> {
        let score = student_quantile(q, self.freedom);
        let pairs = forecast.point.iter().zip(&forecast.deviation);
        pairs.map(|(point, deviation)| (point + score * deviation).max(self.least)).collect()
    }
}

impl<'a> Past<'a> {
    /// A past of these values, NaN for a gap, with seasons of so many steps each.
    ///
    /// # Errors
    /// [`FitError`] if no value is a number, one is infinite, or seasons do not ascend from 2 on.
    pub fn new(values: &'a [f64], seasons: &'a [usize]) -> Result<Self, FitError> {
        if values.iter().any(|value| value.is_infinite()) {
            return Err(FitError::NotFinite);
        }
        if values.iter().all(|value| value.is_nan()) {
            return Err(FitError::TooFew { rows: 0 });
        }
        let mut least = 2;
        for &season in seasons {
            if season < least {
                let value = season.to_string();
                let rule = "must ascend from 2 on";
                return Err(FitError::Setting { key: "seasons".to_owned(), rule, value });
            }
            least = season + 1;
        }
        Ok(Self { values, seasons, horizon: None, first: 0 })
    }

    /// The same past, the first value of which is so many steps after the epoch: equal times of a season in several pasts.
    #[must_use]
    pub const fn since(self, first: i64) -> Self {
        Self { first, ..self }
    }

    /// The steps from the epoch to the first value; 0 where nobody has told.
    pub const fn first(&self) -> i64 {
        self.first
    }

    /// The same past, of which so many steps will be asked.
    #[must_use]
    pub const fn asked(self, horizon: usize) -> Self {
        Self { horizon: if horizon > 0 { Some(horizon) } else { None }, ..self }
    }

    /// How many steps will be asked for: a season, where nothing is known of that.
    pub fn horizon(&self) -> usize {
        self.horizon.unwrap_or(self.season())
    }

    /// All values in order, NaN for a gap.
    pub const fn values(&self) -> &'a [f64] {
        self.values
    }

    /// The lengths of its seasons in steps, ascending; none if it has none.
    pub const fn seasons(&self) -> &'a [usize] {
        self.seasons
    }

    /// The shortest season that fits at least twice into the past, or 1.
    pub fn season(&self) -> usize {
        self.seasons.iter().copied().find(|season| 2 * season <= self.values.len()).unwrap_or(1)
    }

    /// The longest season that fits at least twice into the past, or 1.
    pub fn longest_season(&self) -> usize {
        self.seasons.iter().copied().rfind(|season| 2 * season <= self.values.len()).unwrap_or(1)
    }

    /// The steps of a season; 1 if there is none such.
    pub fn steps_of(&self, season: Season) -> usize {
        match season {
            Season::None => 1,
            Season::Shortest => self.season(),
            Season::Longest => self.longest_season(),
        }
    }

    /// How many values are numbers.
    pub fn observed(&self) -> usize {
        self.values.iter().filter(|value| !value.is_nan()).count()
    }

    /// What was known `steps` earlier.
    ///
    /// # Errors
    /// As [`Past::new`].
    pub fn earlier(&self, steps: usize) -> Result<Self, FitError> {
        let known = &self.values[..self.values.len().saturating_sub(steps)];
        Ok(Self { horizon: self.horizon, first: self.first, ..Self::new(known, self.seasons)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_past_holds_a_number_and_ascending_seasons() {
        assert_eq!(Past::new(&[f64::NAN], &[]).unwrap_err(), FitError::TooFew { rows: 0 });
        assert_eq!(Past::new(&[1.0, f64::INFINITY], &[]).unwrap_err(), FitError::NotFinite);
        assert!(Past::new(&[1.0], &[24, 24]).is_err());
        assert!(Past::new(&[1.0], &[1]).is_err());
    }

    #[test]
    fn the_season_is_the_shortest_that_came_twice() {
        let values = vec![1.0; 100];
        assert_eq!(Past::new(&values, &[24, 168]).unwrap().season(), 24);
        assert_eq!(Past::new(&values[..40], &[24, 168]).unwrap().season(), 1);
    }

    #[test]
    fn what_was_known_earlier_ends_earlier() {
        let values = [1.0, 2.0, 3.0];
        let past = Past::new(&values, &[]).unwrap();
        assert_eq!(past.earlier(1).unwrap().values(), &[1.0, 2.0]);
        assert!(past.earlier(3).is_err());
    }
}
