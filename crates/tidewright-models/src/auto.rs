//! `auto`: an average of models, each weighted by what it would have forecast of this very series.
//!
//! The past is forecast a few times from earlier origins, by every member; a member weighs the more, the less it missed.
//! At each step a fifth of the weight is left out at either end of the forecasts and the rest is averaged. What that
//! average missed is the band. Where steps are fine against the season, the members see buckets of steps, and their average is
//! drawn out again and takes part in a second one, beside what repeats step by step. Nothing but the past is looked at,
//! nothing is drawn by chance, and no other series is asked: a series has the same forecast in any company.

mod band;
mod buckets;
mod members;
mod mend;
mod mixture;
mod shape;
mod story;
mod trial;

use tidewright_core::{Explanation, Member};

use crate::FitError;
use crate::numbers::Numbers;
use crate::steps::{Law, Past, StepFitted, StepForecast, StepForecaster};

use self::band::Band;
use self::buckets::Buckets;
use self::members::{MEMBERS, REPEATS};
use self::mend::mend;
use self::mixture::{Mixture, Table};
use self::shape::Shape;
use self::story::Story;
use self::trial::{Trial, trials};

/// How the weight of a member falls with its miss: by the square, half way between all alike and the best alone.
const POWER: f64 = 2.0;
/// Beside what repeats stands one average of all others, so the better of the two has to show.
const POWER_OF_FEW: f64 = 4.0;

/// The choice and the average of models.
#[derive(Clone, Copy, Debug, Default)]
pub struct Auto;

/// The members of one series, and how far they miss.
#[derive(Debug)]
pub struct FittedAuto {
    mixture: Mixture,
    /// Where steps are fine: the mixture of buckets, and how they are drawn out.
    drawn: Option<Drawn>,
    band: Band,
    /// Where the series was never negative, 0; else minus infinity.
    least: f64,
    story: Story,
}

/// An average of models, and what it would have forecast in its trials.
#[derive(Debug)]
pub struct Tried {
    /// The average.
    pub fitted: FittedAuto,
    /// What it would have forecast at each step of the trials, the earliest first.
    pub expected: Vec<f64>,
    /// What came, at the level that counts for today; NaN for a gap.
    pub observed: Vec<f64>,
}

#[derive(Debug)]
struct Drawn {
    mixture: Mixture,
    shape: Shape,
    /// The steps since the last whole bucket, NaN for a gap.
    pending: Vec<f64>,
}

impl StepForecaster for Auto {
    fn name(&self) -> &'static str {
        "auto"
    }

    fn fit(&self, past: &Past<'_>) -> Result<Box<dyn StepFitted>, FitError> {
        Ok(Box::new(learn(past)?))
    }

    fn restore(&self, numbers: &[f64]) -> Option<Box<dyn StepFitted>> {
        Some(Box::new(FittedAuto::from_numbers(numbers)?))
    }
}

/// Tries every member on the past, and fits those that weigh.
///
/// # Errors
/// [`FitError`] if less than two values were observed, or no member can be fitted.
pub fn learn(past: &Past<'_>) -> Result<FittedAuto, FitError> {
    Ok(learn_among(past, &|_| true)?.fitted)
}

/// The same with only those members whose names are let in, to see what one adds or to spare what others cost; and how
/// their average fared in its trials.
///
/// # Errors
/// As [`learn`].
pub fn learn_among(past: &Past<'_>, lets_in: &dyn Fn(&str) -> bool) -> Result<Tried, FitError> {
    if past.observed() < 2 {
        return Err(FitError::TooFew { rows: past.observed() });
    }
    let mended = mend(past);
    let past = &Past::new(&mended.values, past.seasons())?.asked(past.horizon());
    let buckets = Buckets::of(past);
    let known = buckets.past()?;
    let tried = trials(&known);
    let coarse = Table { models: &MEMBERS, power: POWER, lets_in }.learn(&known, &tried, None)?;
    let seen = past.values().iter().filter(|value| !value.is_nan());
    let least = if seen.copied().all(|value| value >= 0.0) { 0.0 } else { f64::NEG_INFINITY };
    let story = Story::of(past, &tried, buckets.len, mended.launch);
    if buckets.len == 1 {
        let band = Band::learn(&coarse.residuals(&tried), past, 1);
        let fitted = FittedAuto { mixture: coarse.mixture, drawn: None, band, least, story };
        return Ok(Tried::of(fitted, &tried, &coarse.averages));
    }
    let steps = buckets.len * tried.first().map_or(0, |trial| trial.came.len());
    let tried: Vec<Trial<'_>> =
        (0..tried.len()).filter_map(|index| Trial::at(past, index, steps)).collect();
    let pairs = tried.iter().zip(&coarse.averages);
    let paths = pairs.map(|(trial, path)| shape::draw_then(trial, path, buckets.len)).collect();
    let fine = Table { models: &REPEATS, power: POWER_OF_FEW, lets_in }.learn(
        past,
        &tried,
        Some(paths),
    )?;
    let band = Band::learn(&fine.residuals(&tried), past, buckets.len);
    let shape = Shape::learn(past, &buckets, coarse.mixture.predict(1)[0]);
    let drawn = Some(Drawn { mixture: coarse.mixture, shape, pending: Vec::new() });
    let fitted = FittedAuto { mixture: fine.mixture, drawn, band, least, story };
    Ok(Tried::of(fitted, &tried, &fine.averages))
}

impl Tried {
    fn of(fitted: FittedAuto, trials: &[Trial<'_>], averages: &[Vec<f64>]) -> Self {
        let expected = averages.iter().rev().flatten().copied().collect();
        let observed = trials.iter().rev().flat_map(|trial| trial.came).copied().collect();
        Self { fitted, expected, observed }
    }
}

/// Whether a member of this name is an autoregression: a tenth of a millisecond each, and on a usual series most of the weight.
pub fn is_autoregression(name: &str) -> bool {
    name.starts_with("ar-") || name.starts_with("log-ar-")
}

/// The names of all members.
pub fn member_names() -> impl Iterator<Item = &'static str> {
    MEMBERS.iter().map(|model| model.name())
}

impl FittedAuto {
    /// Its members, the heaviest first; those that see buckets share the weight of their average.
    pub fn members(&self) -> Vec<Member> {
        let of_buckets = self.drawn.iter().flat_map(|drawn| drawn.mixture.members(&MEMBERS));
        let bucket = self.drawn.as_ref().map_or(1, |drawn| drawn.shape.bucket());
        let of_buckets = of_buckets.map(|member| Member {
            weight: member.weight * self.mixture.other(),
            description: format!("of means of {bucket}: {}", member.description),
            ..member
        });
        let table = if self.drawn.is_some() { &REPEATS } else { &MEMBERS };
        let mut members: Vec<Member> = self.mixture.members(table).chain(of_buckets).collect();
        members.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        for miss in members.iter_mut().filter_map(|member| member.backtest_mase.as_mut()) {
            *miss /= self.story.scale;
        }
        members
    }

    fn from_numbers(numbers: &[f64]) -> Option<Self> {
        let mut numbers = Numbers::new(numbers)?;
        let least = if numbers.count()? == 1 { 0.0 } else { f64::NEG_INFINITY };
        let band = Band::read(&mut numbers)?;
        let drawn = match numbers.count()? {
            0 => None,
            _ => Some(Drawn::read(&mut numbers)?),
        };
        let table = if drawn.is_some() { &REPEATS } else { &MEMBERS };
        let mixture = Mixture::read(&mut numbers, table)?;
        let story = Story::read(&mut numbers)?;
        numbers.end()?;
        Some(Self { mixture, drawn, band, least, story })
    }
}

impl StepFitted for FittedAuto {
    fn predict(&self, steps: usize) -> StepForecast {
        let drawn = self.drawn.as_ref().map(|drawn| drawn.predict(steps));
        let mut point = self.mixture.predict_beside(steps, drawn);
        point.iter_mut().for_each(|value| *value = value.max(self.least));
        StepForecast { point, deviation: self.band.deviations(steps) }
    }

    fn update(&mut self, value: Option<f64>) {
        self.mixture.update(value);
        if let Some(drawn) = &mut self.drawn {
            drawn.update(value);
        }
        self.band.advance();
        if value.is_some_and(|value| value < 0.0) {
            self.least = f64::NEG_INFINITY;
        }
    }

    fn numbers(&self) -> Vec<f64> {
        let mut out = vec![f64::from(u8::from(self.least == 0.0))];
        self.band.write(&mut out);
        out.push(f64::from(u8::from(self.drawn.is_some())));
        if let Some(drawn) = &self.drawn {
            drawn.write(&mut out);
        }
        self.mixture.write(&mut out);
        self.story.write(&mut out);
        out
    }

    fn describe(&self) -> String {
        let members = self.members();
        let one = |member: &Member| format!("{} {:.0} %", member.model, 100.0 * member.weight);
        let heaviest: Vec<String> = members.iter().take(3).map(one).collect();
        format!("average of {} models, most of all {}", members.len(), heaviest.join(", "))
    }

    fn explain(&self, _: &str) -> Explanation {
        let freedom = self.band.freedom();
        Explanation {
            members: self.members(),
            sentences: self.story.sentences(freedom, self.least),
        }
    }

    fn law(&self) -> Law {
        Law { freedom: self.band.freedom(), least: self.least }
    }
}

impl Drawn {
    fn predict(&self, steps: usize) -> Vec<f64> {
        let known = self.pending.len();
        let buckets = self.mixture.predict((known + steps).div_ceil(self.shape.bucket()));
        self.shape.draw(&buckets, known, steps)
    }

    fn update(&mut self, value: Option<f64>) {
        let buckets = self.mixture.predict(2);
        self.shape.follow(&buckets, self.pending.len(), value);
        self.pending.push(value.unwrap_or(f64::NAN));
        if self.pending.len() == self.shape.bucket() {
            let mean = buckets::mean(&self.pending);
            let seen = (!mean.is_nan()).then_some(mean);
            self.mixture.update(seen);
            self.shape.next_bucket(seen.unwrap_or(buckets[0]));
            self.pending.clear();
        }
    }

    fn write(&self, out: &mut Vec<f64>) {
        self.mixture.write(out);
        self.shape.write(out);
        // A gap has no number: it is told apart by a 0 before it.
        out.push(self.pending.len() as f64);
        for value in &self.pending {
            out.extend(if value.is_nan() { [0.0, 0.0] } else { [1.0, *value] });
        }
    }

    fn read(numbers: &mut Numbers<'_>) -> Option<Self> {
        let mixture = Mixture::read(numbers, &MEMBERS)?;
        let shape = Shape::read(numbers)?;
        let count = numbers.count()?;
        let one = |pair: &[f64; 2]| if pair[0] == 0.0 { f64::NAN } else { pair[1] };
        let pending: Vec<f64> = numbers.many(2 * count)?.as_chunks().0.iter().map(one).collect();
        (pending.len() < shape.bucket()).then_some(Self { mixture, shape, pending })
    }
}

#[cfg(test)]
mod tests;
