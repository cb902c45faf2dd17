//! The last values of each phase of a season, how old they are, and how far such values missed.

use tidewright_numerics::quantile_in_place;

use super::{Average, Rule, deviation};
use crate::FitError;
use crate::steps::{StepFitted, StepForecast};
use crate::stl::draw_lines_around;

/// Seasons longer than this are not restored: no fit has one.
const SEASON_MAX: f64 = 1e9;

/// A season by the last values of its phases.
// Invariant: `counts` and `ages` have an entry for each phase, and there is one at least; `recent` has a room of
// `rule.cycles + 1` for each, the first `counts` of which are finite.
#[derive(Clone, Debug)]
pub(super) struct Phases {
    rule: Rule,
    /// Of each phase the last values, the newest last. There is room for one more than is averaged: what was known a cycle
    /// before tells how misses grow.
    recent: Vec<f64>,
    counts: Vec<usize>,
    /// How many cycles ago each phase was last seen.
    ages: Vec<usize>,
    /// The phase of the next step.
    next: usize,
    /// The variance of a miss one cycle ahead, and what each cycle more adds.
    variance: f64,
    growth: f64,
}

impl Phases {
    pub(super) fn learn(values: &[f64], season: usize, rule: Rule) -> Result<Self, FitError> {
        let mut phases = Self::empty(season, rule);
        let mut misses = Misses::default();
        for value in values {
            misses.add(&phases, *value);
            phases.update(Some(*value).filter(|value| !value.is_nan()));
        }
        (phases.variance, phases.growth) = misses.variance(values, rule)?;
        Ok(phases)
    }

    fn empty(season: usize, rule: Rule) -> Self {
        let recent = vec![0.0; season * (rule.cycles + 1)];
        let (counts, ages) = (vec![0; season], vec![0; season]);
        Self { rule, recent, counts, ages, next: 0, variance: 0.0, growth: 0.0 }
    }

    pub(super) fn restore(numbers: &[f64], rule: Rule) -> Option<Self> {
        let ([season, variance, growth], mut rest) = numbers.split_first_chunk()?;
        let possible =
            [*variance, *growth].iter().all(|number| number.is_finite() && *number >= 0.0);
        let season =
            whole(*season).filter(|season| possible && *season >= 1 && *season <= rest.len())?;
        let mut phases = Self { variance: *variance, growth: *growth, ..Self::empty(season, rule) };
        for phase in 0..season {
            let ([age, count], after) = rest.split_first_chunk()?;
            let count = whole(*count).filter(|count| *count <= rule.cycles + 1)?;
            let (values, after) = after.split_at_checked(count)?;
            phases.recent[phase * (rule.cycles + 1)..][..count].copy_from_slice(values);
            (phases.counts[phase], phases.ages[phase]) = (count, whole(*age)?);
            rest = after;
        }
        let finite = phases.recent.iter().all(|value| value.is_finite());
        let some = phases.counts.iter().any(|count| *count > 0);
        (finite && some && rest.is_empty()).then_some(phases)
    }

    /// The last values of a phase, the newest last.
    fn values(&self, phase: usize) -> &[f64] {
        &self.recent[phase * (self.rule.cycles + 1)..][..self.counts[phase]]
    }

    /// What a phase is expected to be, from what was known `earlier` values ago; NaN if nothing was.
    fn expected(&self, phase: usize, earlier: usize) -> f64 {
        let values = self.values(phase);
        let end = values.len().saturating_sub(earlier);
        let values = &values[end.saturating_sub(self.rule.cycles)..end];
        match self.rule.average {
            Average::Mean if self.rule.cycles == 1 => values.last().copied().unwrap_or(f64::NAN),
            Average::Mean => values.iter().sum::<f64>() / values.len() as f64,
            Average::Median => quantile_in_place(&mut values.to_vec(), 0.5).unwrap_or(f64::NAN),
        }
    }
}

fn whole(number: f64) -> Option<usize> {
    (number.fract() == 0.0 && (0.0..=SEASON_MAX).contains(&number)).then_some(number as usize)
}

/// Squares of misses, one cycle ahead and two.
#[derive(Default)]
struct Misses {
    near: (f64, f64),
    far: (f64, f64),
}

impl Misses {
    /// Adds the next value's.
    fn add(&mut self, phases: &Phases, value: f64) {
        let (phase, single) = (phases.next, phases.rule.cycles == 1);
        let near = value - phases.expected(phase, 0);
        if !near.is_nan() {
            // A value that is older than a cycle may miss by more (section 5.5: the variance grows by each).
            let cycles = if single { phases.ages[phase] + 1 } else { 1 };
            self.near = (self.near.0 + near * near / cycles as f64, self.near.1 + 1.0);
        }
        let far = if single { f64::NAN } else { value - phases.expected(phase, 1) };
        if !far.is_nan() {
            self.far = (self.far.0 + far * far, self.far.1 + 1.0);
        }
    }

    /// The variance one cycle ahead, and its growth: measured, or a random walk's where the last value alone counts.
    fn variance(&self, values: &[f64], rule: Rule) -> Result<(f64, f64), FitError> {
        let Self { near: (near, pairs), far: (far, far_pairs) } = *self;
        if pairs == 0.0 {
            return Ok((spread(values)?, 0.0));
        }
        let variance = deviation(near, pairs)?.powi(2);
        let measured = if far_pairs > 0.0 { far / far_pairs - variance } else { 0.0 };
        let growth = if rule.cycles == 1 { variance } else { measured.max(0.0) };
        if growth.is_finite() { Ok((variance, growth)) } else { Err(FitError::NotFinite) }
    }
}

/// The variance of the numbers among the values, for want of a phase that was seen twice.
fn spread(values: &[f64]) -> Result<f64, FitError> {
    let seen = || values.iter().filter(|value| !value.is_nan());
    let count = seen().count() as f64;
    if count < 2.0 {
        return Err(FitError::TooFew { rows: count as usize });
    }
    let mean = seen().sum::<f64>() / count;
    let squares = seen().map(|value| (value - mean).powi(2)).sum();
    Ok(deviation(squares, count - 1.0)?.powi(2))
}

impl StepFitted for Phases {
    fn predict(&self, steps: usize) -> StepForecast {
        let season = self.counts.len();
        let mut points: Vec<f64> = (0..season).map(|phase| self.expected(phase, 0)).collect();
        draw_lines_around(&mut points);
        let mut forecast = StepForecast::default();
        for step in 0..steps {
            let phase = (self.next + step) % season;
            let older = self.ages[phase] + step / season;
            forecast.point.push(points[phase]);
            forecast.deviation.push((self.variance + older as f64 * self.growth).sqrt());
        }
        forecast
    }

    fn update(&mut self, value: Option<f64>) {
        let phase = self.next;
        self.next = if phase + 1 == self.counts.len() { 0 } else { phase + 1 };
        let Some(value) = value else {
            self.ages[phase] += 1;
            return;
        };
        let room = self.rule.cycles + 1;
        let values = &mut self.recent[phase * room..][..room];
        if self.counts[phase] == room {
            values.rotate_left(1);
        } else {
            self.counts[phase] += 1;
        }
        values[self.counts[phase] - 1] = value;
        self.ages[phase] = 0;
    }

    fn numbers(&self) -> Vec<f64> {
        let season = self.counts.len();
        let mut numbers = vec![season as f64, self.variance, self.growth];
        for phase in (0..season).map(|step| (self.next + step) % season) {
            numbers.extend([self.ages[phase] as f64, self.counts[phase] as f64]);
            numbers.extend(self.values(phase));
        }
        numbers
    }

    fn describe(&self) -> String {
        let season = self.counts.len();
        match (season, self.rule.cycles) {
            (1, 1) => "the last value".to_owned(),
            (_, 1) => format!("the last {season} steps"),
            (_, cycles) => {
                let average = if self.rule.average == Average::Mean { "mean" } else { "median" };
                format!("the {average} of the last {cycles} cycles of {season} steps")
            }
        }
    }
}
