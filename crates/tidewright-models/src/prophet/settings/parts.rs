//! The parts of a model's settings: growth, seasons, holidays, regressors.

use tidewright_core::{SeasonalityMode, Timestamp};

/// How the trend runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Growth {
    /// In straight pieces.
    #[default]
    Linear,
    /// Towards a capacity: the column `cap`, and `floor` where there is one.
    Logistic,
    /// Not at all.
    Flat,
}

/// How values are brought to the order of 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scaling {
    /// By the largest absolute value.
    #[default]
    AbsMax,
    /// From the smallest value to the largest.
    MinMax,
}

/// A season that Prophet knows by itself: its `auto`, `False`, `True` or a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Switch {
    /// Where the history bears it.
    #[default]
    Auto,
    /// Never.
    Off,
    /// With Prophet's usual order.
    On,
    /// With this Fourier order.
    Order(usize),
}

/// A periodic component: a Fourier series of some order.
#[derive(Clone, Debug, PartialEq)]
pub struct Seasonality {
    /// What its component is called.
    pub name: String,
    /// The period, in days.
    pub period: f64,
    /// How many harmonics.
    pub fourier_order: usize,
    /// The standard deviation of the prior on each coefficient.
    pub prior_scale: f64,
    /// Whether it adds to the trend or scales it.
    pub mode: SeasonalityMode,
    /// The column (of 0 and 1) that says where it holds; everywhere if none.
    pub condition: Option<String>,
}

/// One day of an event; an event that comes again has several.
#[derive(Clone, Debug, PartialEq)]
pub struct Holiday {
    /// What the event is called.
    pub holiday: String,
    /// Midnight of its day in UTC.
    pub ds: Timestamp,
    /// How many days before it are special too, as a number that is not positive.
    pub lower_window: i32,
    /// How many days after it.
    pub upper_window: i32,
    /// The standard deviation of the prior on each of its effects.
    pub prior_scale: Option<f64>,
}

/// Whether a regressor is brought to mean 0 and deviation 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standardize {
    /// Unless it is made of 0 and 1.
    #[default]
    Auto,
    /// Always, unless it never changes.
    Yes,
    /// Never.
    No,
}

/// A column that explains values.
#[derive(Clone, Debug, PartialEq)]
pub struct Regressor {
    /// The name of the column and of its component.
    pub name: String,
    /// The standard deviation of the prior on its coefficient.
    pub prior_scale: f64,
    /// Whether it is standardised.
    pub standardize: Standardize,
    /// Whether it adds to the trend or scales it.
    pub mode: SeasonalityMode,
}
