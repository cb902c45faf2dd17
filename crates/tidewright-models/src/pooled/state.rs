//! A pooled regression at work on one series: what all share, and where this one stands.

use std::sync::Arc;

use super::layout::Layout;
use super::misses::Missed;
use super::pool::{Pool, Rule};
use super::row::{Before, Known, path};
use crate::FitError;
use crate::numbers::{Numbers, with_count};
use crate::steps::{Law, Past, StepFitted, StepForecast};

/// Degrees of freedom: Student's law has no variance below the first, and is the normal one beyond the second but for its
/// last thousandth.
const FREEDOM: (f64, f64) = (3.0, 30.0);
/// A forecast stays within what was ever seen and its range on either side: what feeds on itself may run away.
const BEYOND_SEEN: f64 = 1.0;
/// The steps from the epoch that a number tells exactly.
const STEPS_MAX: f64 = 9e15;

/// What was learned, and where the series stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FittedPooled {
    rule: Arc<Rule>,
    /// What all values below are divided by.
    unit: f64,
    /// The usual standard error over the reach.
    width: f64,
    freedom: f64,
    /// The least and the largest value.
    seen: (f64, f64),
    /// The next step, counted from the epoch.
    next: i64,
    /// The last values, gaps filled, as many as the lags look at.
    window: Vec<f64>,
}

impl FittedPooled {
    pub(super) fn new(pool: &Pool, past: &Past<'_>) -> Result<Self, FitError> {
        let layout = &pool.rule.layout;
        let known = Known::of(past)?;
        let end = known.values.len();
        let (next, window) = (known.step(end), known.window(layout, end));
        let tried = pool.tried.as_ref();
        let missed = tried.map(|tried| Missed::of(layout, tried, &known)).unwrap_or_default();
        let usual = match pool.usual {
            Some(usual) => usual * Before::of(layout, &window, next).spread,
            None => repeated(&known, layout.season()),
        };
        // What is usual counts as much as one origin: a few lucky misses make nothing certain.
        let prior = layout.reach() as f64;
        let square = (missed.squares + prior * usual * usual) / (missed.count + prior);
        let seasons = (missed.trials * layout.reach()) as f64 / layout.season() as f64;
        let least = known.values.iter().copied().fold(f64::INFINITY, f64::min);
        let largest = known.values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Ok(Self {
            rule: Arc::clone(&pool.rule),
            unit: known.unit,
            width: square.sqrt(),
            freedom: seasons.clamp(FREEDOM.0, FREEDOM.1),
            seen: (least, largest),
            next,
            window,
        })
    }

    /// The next steps in its unit; those beyond the reach from the forecast of those before them.
    fn ahead(&self, steps: usize) -> Vec<f64> {
        let layout = &self.rule.layout;
        let room = BEYOND_SEEN * (self.seen.1 - self.seen.0);
        let mut known = self.window.clone();
        while known.len() < self.window.len() + steps {
            let done = known.len() - self.window.len();
            let origin = (&known[done..], self.next + done as i64);
            let more =
                path(layout, &self.rule.coefficients, origin, layout.reach().min(steps - done));
            known.extend(more.iter().map(|x| x.clamp(self.seen.0 - room, self.seen.1 + room)));
        }
        known.split_off(self.window.len())
    }

    /// The standard error of a step, counted from 0; beyond the reach it grows as that of a random walk.
    fn deviation(&self, step: usize) -> f64 {
        let layout = &self.rule.layout;
        let (reach, season) = (layout.reach(), layout.season());
        let shape = |step: usize| self.rule.shape[step / layout.bucket];
        let width = match step.checked_sub(reach) {
            None => shape(step),
            Some(beyond) => {
                // Of the same time of the season, or the widest where no whole season was reached.
                let last = reach.saturating_sub(season);
                let widest = self.rule.shape.iter().copied().fold(0.0, f64::max);
                let alike = if reach < season { widest } else { shape(last + beyond % season) };
                alike * ((step + 1) as f64 / reach as f64).sqrt()
            }
        };
        self.unit * self.width * width
    }

    pub(super) fn from_numbers(numbers: &[f64]) -> Option<Self> {
        let mut numbers = Numbers::new(numbers)?;
        let rule = Arc::new(Rule::read(&mut numbers)?);
        let (unit, width, freedom) = (numbers.one()?, numbers.one()?, numbers.one()?);
        let seen = (numbers.one()?, numbers.one()?);
        let next = numbers.one().filter(|next| next.fract() == 0.0 && next.abs() < STEPS_MAX)?;
        let window = numbers.counted()?.to_vec();
        numbers.end()?;
        let can_be = unit > 0.0 && width >= 0.0 && seen.0 <= seen.1;
        let can_be = can_be && (FREEDOM.0..=FREEDOM.1).contains(&freedom);
        (can_be && window.len() == rule.layout.window()).then_some(Self {
            rule,
            unit,
            width,
            freedom,
            seen,
            next: next as i64,
            window,
        })
    }
}

impl StepFitted for FittedPooled {
    fn predict(&self, steps: usize) -> StepForecast {
        let point = self.ahead(steps).iter().map(|value| value * self.unit).collect();
        StepForecast { point, deviation: (0..steps).map(|step| self.deviation(step)).collect() }
    }

    fn update(&mut self, value: Option<f64>) {
        let season = self.rule.layout.season();
        let value = match value {
            Some(value) => {
                let value = value / self.unit;
                self.seen = (self.seen.0.min(value), self.seen.1.max(value));
                value
            }
            // As where a past has a gap.
            None => self.window[self.window.len() - season],
        };
        self.window.rotate_left(1);
        let last = self.window.len() - 1;
        self.window[last] = value;
        self.next += 1;
    }

    fn numbers(&self) -> Vec<f64> {
        let mut out = Vec::new();
        self.rule.write(&mut out);
        out.extend([self.unit, self.width, self.freedom, self.seen.0, self.seen.1]);
        out.push(self.next as f64);
        with_count(&mut out, &self.window);
        out
    }

    fn describe(&self) -> String {
        let Rule { layout: Layout { bucket, lags, leads, .. }, ridge, series, .. } = &*self.rule;
        let each = if *bucket > 1 { format!(" of {bucket} steps each") } else { String::new() };
        format!(
            "ridge regression of {leads} leads on {lags} lags{each}, strength {ridge}, learned from {series} series"
        )
    }

    fn law(&self) -> Law {
        Law { freedom: self.freedom, ..Law::NORMAL }
    }
}

impl Rule {
    fn write(&self, out: &mut Vec<f64>) {
        self.layout.write(out);
        out.extend([self.ridge, self.series as f64]);
        with_count(out, &self.shape);
        with_count(out, &self.coefficients);
    }

    fn read(numbers: &mut Numbers<'_>) -> Option<Self> {
        let layout = Layout::read(numbers)?;
        let (ridge, series) = (numbers.one()?, numbers.count()?);
        let shape = numbers.counted()?.to_vec();
        let coefficients = numbers.counted()?.to_vec();
        let wide = shape.len() == layout.leads && shape.iter().all(|width| *width >= 0.0);
        let fits = coefficients.len() == layout.leads * layout.columns();
        (wide && fits).then_some(Self { layout, coefficients, shape, ridge, series })
    }
}

/// The root of the mean square of what repeating the season misses; 0 where it never came again.
fn repeated(known: &Known, season: usize) -> f64 {
    let pairs = known.observed.iter().zip(known.observed.iter().skip(season));
    let misses = pairs.map(|(then, now)| now - then).filter(|miss| !miss.is_nan());
    let (sum, count) =
        misses.fold((0.0, 0.0), |(sum, count), miss| (sum + miss * miss, count + 1.0));
    f64::sqrt(sum / f64::max(count, 1.0))
}
