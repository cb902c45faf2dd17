//! A fitted Theta model: what it expects next, how sure it is, and how it goes on.
//!
//! Each error stays in the level by `alpha`, so variances grow by `alpha^2` per step (Fiorucci et al. 2016, equation 13);
//! what it does to a dynamic line is of the order of `1/n` and left out. A gap is taken to be what was expected; steps that
//! were not observed widen forecasts until observed ones have replaced them, `(1 - alpha)^2` of them at a time.

use super::pass::Line;
use super::search::{Found, line_with};
use super::{ERRORS_FROM, Joined, Taken, Variant};
use crate::steps::{StepFitted, StepForecast};

/// Numbers before the season's indices in what is saved.
const HEAD: usize = 11;

/// A Theta model, fitted to one series.
// Invariant: all numbers are finite; `alpha` lies in 0..1, `share` in 0..=1, steps are whole and at least 1, variance and
// blind steps are not negative; there is a season's index or none.
#[derive(Clone, Debug, PartialEq)]
pub struct ThetaFit {
    variant: Variant,
    alpha: f64,
    /// `1 - 1/theta`.
    share: f64,
    state: State,
    variance: f64,
    blind: f64,
    /// The next step's index first.
    season: Taken,
}

/// The level and the line after so many steps.
#[derive(Clone, Copy, Debug, PartialEq)]
struct State {
    steps: f64,
    level: f64,
    mean: f64,
    line: Line,
}

impl ThetaFit {
    /// Follows all values, and takes the variance from its errors one step ahead.
    pub(super) fn follow(found: &Found, values: &[f64], season: Taken) -> Self {
        let Found { variant, alpha, share, first_level, .. } = *found;
        let level = alpha * values[0] + (1.0 - alpha) * first_level;
        let line = if variant.is_dynamic() { [values[0], 0.0] } else { found.line };
        let state = State { steps: 1.0, level, mean: values[0], line };
        let mut fit =
            Self { variant, alpha, share, state, variance: 0.0, blind: 0.0, season: None };
        let (mut squares, mut count) = (0.0, 0.0);
        for (at, value) in values.iter().enumerate().skip(1) {
            let miss = fit.advance(*value).filter(|_| at >= ERRORS_FROM);
            squares += miss.map_or(0.0, |miss| miss * miss);
            count += miss.map_or(0.0, |_| 1.0);
        }
        fit.variance = squares / f64::max(count - 1.0, 1.0);
        fit.season = season.map(|(joined, mut indices)| {
            let phase = values.len() % indices.len();
            indices.rotate_left(phase);
            (joined, indices)
        });
        fit
    }

    /// The same model with a variance so many times as large.
    pub(super) fn widened(mut self, growth: f64) -> Self {
        self.variance *= growth;
        self
    }

    /// Returns to the unit of the values.
    pub(super) fn scaled(mut self, unit: f64) -> Self {
        self.state.level *= unit;
        self.state.mean *= unit;
        self.state.line = self.state.line.map(|part| part * unit);
        self.variance *= unit * unit;
        if let Some((Joined::Added, indices)) = &mut self.season {
            indices.iter_mut().for_each(|index| *index *= unit);
        }
        self
    }

    /// Which of the four models this is.
    pub const fn variant(&self) -> Variant {
        self.variant
    }

    /// How much of an error the level takes in, `alpha`.
    pub const fn level_gain(&self) -> f64 {
        self.alpha
    }

    /// The weight of the line against the level, `theta`.
    pub fn theta(&self) -> f64 {
        1.0 / (1.0 - self.share)
    }

    /// How the season that was taken away joins the level, if there was one.
    pub fn season(&self) -> Option<Joined> {
        self.season.as_ref().map(|(joined, _)| *joined)
    }

    /// The variance of the error one step ahead, without the season.
    pub const fn variance(&self) -> f64 {
        self.variance
    }

    /// One step on without the season; the error, if there was a value.
    fn advance(&mut self, value: f64) -> Option<f64> {
        let expected = self.expected(self.state);
        let observed = value.is_finite();
        let value = if observed { value } else { expected };
        self.state = self.after(self.state, value);
        self.blind =
            if observed { self.blind * (1.0 - self.alpha).powi(2) } else { self.blind + 1.0 };
        observed.then_some(value - expected)
    }

    fn expected(&self, state: State) -> f64 {
        let [a, b] = state.line;
        let keep = 1.0 - self.alpha;
        let power = keep.powf(state.steps);
        state.level + self.share * (a * power + b * (1.0 - power * keep) / self.alpha)
    }

    fn after(&self, state: State, value: f64) -> State {
        let State { steps, level, mean, line } = state;
        let level = self.alpha * value + (1.0 - self.alpha) * level;
        let (mean, moved) = line_with(steps, mean, line, value);
        let line = if self.variant.is_dynamic() { moved } else { line };
        State { steps: steps + 1.0, level, mean, line }
    }

    fn index(&self, step: usize) -> Option<(Joined, f64)> {
        let (joined, indices) = self.season.as_ref()?;
        Some((*joined, indices[step % indices.len()]))
    }

    /// The fitted model of these numbers, if a fit can have told them.
    pub(super) fn restore(numbers: &[f64]) -> Option<Self> {
        let (head, indices) = numbers.split_at_checked(HEAD)?;
        let &[variant, joined, alpha, share, steps, level, mean, a, b, variance, blind] = head
        else {
            return None;
        };
        let place =
            |number: f64| (number.fract() == 0.0 && number >= 0.0).then_some(number as usize);
        let variant = *Variant::ALL.get(place(variant)?)?;
        let season = match (place(joined)?, indices.len()) {
            (0, 0) => None,
            (1, 2..) => Some((Joined::Added, indices.to_vec())),
            (2, 2..) => Some((Joined::Multiplied, indices.to_vec())),
            _ => return None,
        };
        let sound = numbers.iter().all(|number| number.is_finite())
            && (f64::EPSILON..1.0).contains(&alpha)
            && (0.0..1.0).contains(&share)
            && steps >= 1.0
            && steps.fract() == 0.0
            && variance >= 0.0
            && blind >= 0.0;
        let state = State { steps, level, mean, line: [a, b] };
        sound.then_some(Self { variant, alpha, share, state, variance, blind, season })
    }
}

impl StepFitted for ThetaFit {
    fn predict(&self, steps: usize) -> StepForecast {
        let mut state = self.state;
        let mut forecast = StepForecast::default();
        for step in 0..steps {
            let expected = self.expected(state);
            let errors = 1.0 + (step as f64 + self.blind) * self.alpha.powi(2);
            let width = (self.variance * errors).sqrt();
            let (point, width) = match self.index(step) {
                Some((Joined::Multiplied, index)) => (expected * index, width * index),
                Some((Joined::Added, index)) => (expected + index, width),
                None => (expected, width),
            };
            forecast.point.push(point);
            forecast.deviation.push(width);
            state = self.after(state, expected);
        }
        forecast
    }

    fn update(&mut self, value: Option<f64>) {
        let plain = match (value, self.index(0)) {
            (Some(value), Some((joined, index))) => joined.strip(value, index),
            (value, _) => value.unwrap_or(f64::NAN),
        };
        self.advance(plain);
        if let Some((_, indices)) = &mut self.season {
            indices.rotate_left(1);
        }
    }

    fn numbers(&self) -> Vec<f64> {
        let variant = Variant::ALL.iter().position(|variant| *variant == self.variant);
        let (joined, indices) = match &self.season {
            None => (0.0, &[][..]),
            Some((Joined::Added, indices)) => (1.0, &indices[..]),
            Some((Joined::Multiplied, indices)) => (2.0, &indices[..]),
        };
        let State { steps, level, mean, line: [a, b] } = self.state;
        let mut out = vec![variant.unwrap_or_default() as f64, joined, self.alpha, self.share];
        out.extend([steps, level, mean, a, b, self.variance, self.blind]);
        out.extend(indices);
        out
    }

    fn describe(&self) -> String {
        let name = self.variant.name();
        match &self.season {
            None => name.to_owned(),
            Some((Joined::Added, indices)) => format!("{name} + season[{}]", indices.len()),
            Some((Joined::Multiplied, indices)) => format!("{name} * season[{}]", indices.len()),
        }
    }
}
