//! Demand that is zero most of the time: how large it is when it comes, and how often it comes.
//!
//! Croston (1972), "Forecasting and Stock Control for Intermittent Demands", with the correction of Syntetos and Boylan
//! (2005), "The accuracy of intermittent demand estimates"; and Teunter, Syntetos, Babai (2011), "Intermittent demand:
//! Linking forecasting to inventory obsolescence", which forgets a demand that stays away. What is forecast is the mean
//! demand of a step; its width is how far single steps, zeros among them, missed that mean: it says nothing of how large
//! the next demand will be. A gap is neither a demand nor its absence: time stands still there.

use crate::FitError;
use crate::steps::{Past, StepFitted, StepForecast, StepForecaster};

/// The weight of the newest size and interval: Croston's own range is 0.1 to 0.3, and few demands bear no more.
const WEIGHT: f64 = 0.1;
/// Steps per demand above which demand comes seldom, and squared variation above which its sizes vary: Syntetos, Boylan,
/// Croston (2005), "On the categorization of demand patterns".
const INTERVAL_SMOOTH: f64 = 1.32;
const VARIATION_SMOOTH: f64 = 0.49;

/// Kinds of demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DemandKind {
    /// Nearly every step has some, of like sizes.
    Smooth,
    /// Nearly every step has some, of unlike sizes.
    Erratic,
    /// It comes seldom, in like sizes.
    Intermittent,
    /// It comes seldom, in unlike sizes.
    Lumpy,
}

/// How the absence of demand is learned from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// By the intervals between demands, which only demands end (Syntetos and Boylan's correction of Croston).
    Croston,
    /// By the probability of demand, which each step without lowers (Teunter, Syntetos, Babai).
    Tsb,
}

/// What a method remembers.
#[derive(Clone, Copy, Debug)]
struct State {
    demand: Demand,
    /// The smoothed size of a demand; 0 before the first.
    size: f64,
    /// The smoothed interval, or the probability of demand.
    rate: f64,
    /// Steps since the last demand.
    since: f64,
    /// Steps that were seen.
    steps: f64,
    deviation: f64,
}

impl DemandKind {
    /// What these values look like; NaN is a gap.
    pub fn of(values: &[f64]) -> Self {
        let seen = values.iter().filter(|value| !value.is_nan());
        let demands = || values.iter().copied().filter(|value| !value.is_nan() && *value != 0.0);
        let count = demands().count() as f64;
        let mean = demands().sum::<f64>() / count;
        let variance = demands().map(|size| (size - mean).powi(2)).sum::<f64>() / count;
        let seldom = seen.count() as f64 > INTERVAL_SMOOTH * count;
        match (seldom, variance > VARIATION_SMOOTH * mean * mean) {
            (false, false) => Self::Smooth,
            (false, true) => Self::Erratic,
            (true, false) => Self::Intermittent,
            (true, true) => Self::Lumpy,
        }
    }

    /// Whether demand comes seldom.
    pub const fn is_intermittent(self) -> bool {
        matches!(self, Self::Intermittent | Self::Lumpy)
    }
}

impl StepForecaster for Demand {
    fn name(&self) -> &'static str {
        match self {
            Self::Croston => "croston",
            Self::Tsb => "tsb",
        }
    }

    fn fit(&self, past: &Past<'_>) -> Result<Box<dyn StepFitted>, FitError> {
        let rows = past.observed();
        if rows < 2 {
            return Err(FitError::TooFew { rows });
        }
        let mut state = State::before(*self);
        let mut squares = 0.0;
        for value in past.values().iter().filter(|value| !value.is_nan()) {
            // Of the first step nothing was known.
            squares += if state.steps > 0.0 { (value - state.mean()).powi(2) } else { 0.0 };
            state.step(*value);
        }
        state.deviation = (squares / (rows as f64 - 1.0)).sqrt();
        let finite = state.deviation.is_finite() && state.mean().is_finite();
        if finite { Ok(Box::new(state)) } else { Err(FitError::NotFinite) }
    }

    fn restore(&self, numbers: &[f64]) -> Option<Box<dyn StepFitted>> {
        let [size, rate, since, steps, deviation] = *numbers else { return None };
        let counts = [rate, since, steps, deviation].iter().all(|n| n.is_finite() && *n >= 0.0);
        let possible = counts && size.is_finite() && (*self == Self::Croston || rate <= 1.0);
        let state = State { demand: *self, size, rate, since, steps, deviation };
        (possible && state.mean().is_finite()).then(|| Box::new(state) as Box<dyn StepFitted>)
    }
}

impl State {
    const fn before(demand: Demand) -> Self {
        Self { demand, size: 0.0, rate: 0.0, since: 0.0, steps: 0.0, deviation: 0.0 }
    }

    /// The mean demand of a step.
    fn mean(&self) -> f64 {
        match self.demand {
            Demand::Croston if self.size == 0.0 => 0.0,
            Demand::Croston => (1.0 - WEIGHT / 2.0) * self.size / self.rate,
            Demand::Tsb => self.size * self.rate,
        }
    }

    fn step(&mut self, value: f64) {
        let comes = value != 0.0;
        let began = self.steps > 0.0;
        self.steps += 1.0;
        self.since += 1.0;
        if self.demand == Demand::Tsb {
            self.rate = smooth(began, self.rate, f64::from(u8::from(comes)));
        }
        if !comes {
            return;
        }
        if self.demand == Demand::Croston {
            self.rate = smooth(self.size != 0.0, self.rate, self.since);
        }
        self.size = smooth(self.size != 0.0, self.size, value);
        self.since = 0.0;
    }
}

/// Exponential smoothing that begins with what comes first.
fn smooth(began: bool, old: f64, new: f64) -> f64 {
    if began { old + WEIGHT * (new - old) } else { new }
}

impl StepFitted for State {
    fn predict(&self, steps: usize) -> StepForecast {
        StepForecast { point: vec![self.mean(); steps], deviation: vec![self.deviation; steps] }
    }

    fn update(&mut self, value: Option<f64>) {
        if let Some(value) = value {
            self.step(value);
        }
    }

    fn numbers(&self) -> Vec<f64> {
        vec![self.size, self.rate, self.since, self.steps, self.deviation]
    }

    fn describe(&self) -> String {
        match self.demand {
            Demand::Croston => format!("demands of {:.3} every {:.3} steps", self.size, self.rate),
            Demand::Tsb => format!("demands of {:.3} with probability {:.3}", self.size, self.rate),
        }
    }
}
