//! What was, comes again: the last value, the last season, means of seasons, a line, the mean of all.
//!
//! The yardsticks that a model with parameters must beat, and the models of series too short for one. Their widths are the
//! textbook's: Hyndman, Athanasopoulos, "Forecasting: Principles and Practice" (3rd edition), sections 5.2 and 5.5. A gap
//! is not a value: where a phase was not seen in the last cycle, what was seen before counts, and it is older.

mod level;
mod phases;

use crate::FitError;
use crate::steps::{Past, Season, StepFitted, StepForecaster};
pub use level::{Drift, Mean};
use phases::Phases;

/// Cycles of the default window; more follow a change of level the slower.
const WINDOW: usize = 4;

/// How several cycles become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Average {
    /// Their mean.
    Mean,
    /// Their median, which a single burst does not move.
    Median,
}

/// Repeats a season, averaged over its last cycles.
#[derive(Clone, Copy, Debug)]
pub struct Repeat {
    name: &'static str,
    season: Season,
    rule: Rule,
}

/// How many of the last cycles count, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rule {
    cycles: usize,
    average: Average,
}

impl Repeat {
    /// The last value comes again.
    pub const fn naive() -> Self {
        Self::last("naive", Season::None)
    }

    /// The last cycle of the shortest season comes again.
    pub const fn seasonal() -> Self {
        Self::last("snaive", Season::Shortest)
    }

    /// The last cycle of the longest season comes again.
    pub const fn longest() -> Self {
        Self::last("snaive-long", Season::Longest)
    }

    const fn last(name: &'static str, season: Season) -> Self {
        Self { name, season, rule: Rule { cycles: 1, average: Average::Mean } }
    }

    /// The mean of the last four cycles of the shortest season.
    pub const fn window() -> Self {
        Self {
            name: "window",
            season: Season::Shortest,
            rule: Rule { cycles: WINDOW, average: Average::Mean },
        }
    }

    /// The median of the last four cycles of the longest season.
    pub const fn window_long() -> Self {
        Self {
            name: "window-long",
            season: Season::Longest,
            rule: Rule { cycles: WINDOW, average: Average::Median },
        }
    }

    /// The same model by another name.
    #[must_use]
    pub const fn called(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    /// The same model over so many cycles, averaged so.
    #[must_use]
    pub const fn over(mut self, cycles: usize, average: Average) -> Self {
        self.rule = Rule { cycles: if cycles == 0 { 1 } else { cycles }, average };
        self
    }
}

impl StepForecaster for Repeat {
    fn name(&self) -> &'static str {
        self.name
    }

    fn fit(&self, past: &Past<'_>) -> Result<Box<dyn StepFitted>, FitError> {
        Ok(Box::new(Phases::learn(past.values(), past.steps_of(self.season), self.rule)?))
    }

    fn restore(&self, numbers: &[f64]) -> Option<Box<dyn StepFitted>> {
        Some(Box::new(Phases::restore(numbers, self.rule)?))
    }
}

/// The deviation of these squares, if their sum is a number still.
fn deviation(squares: f64, count: f64) -> Result<f64, FitError> {
    let deviation = (squares / count).sqrt();
    if deviation.is_finite() { Ok(deviation) } else { Err(FitError::NotFinite) }
}
