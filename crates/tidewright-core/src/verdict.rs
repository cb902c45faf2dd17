//! What a detector says of one point.
//!
//! Two numbers, each with one meaning. The score is a distance: 0 as expected, 1 at the edge of what is normal, above it
//! while an anomaly lasts. The alarm is for people: 1 and above once for each event, 0 while that event goes on.

/// What is said of one point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// Whether the point could be judged.
    pub state: PointState,
    /// How far off it is: 0 as expected, 1 at the edge of normal; `None` where there was nothing to judge.
    pub score: Option<f64>,
    /// Whether somebody should be told: 1 and above, once for each event.
    pub alarm: f64,
    /// What was expected; `None` until enough was seen.
    pub band: Option<Band>,
    /// What is odd about it, and how much so; `None` until enough was seen.
    pub surprise: Option<Surprise>,
    /// How bad it is; `None` where the score is below 1.
    pub severity: Option<Severity>,
}

/// What can be said of a point at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointState {
    /// It was held against history.
    Judged,
    /// History is too short.
    Learning,
    /// There is no value.
    Gap,
    /// It is not later than the one before, so nothing was learned from it.
    Late,
}

/// What was expected of a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// The expected value.
    pub expected: f64,
    /// The least that is normal.
    pub lower: f64,
    /// The most that is normal.
    pub upper: f64,
}

/// The view of a point that is least likely.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Surprise {
    /// How likely as much of it is within a stretch of some hours, going by the series' own history.
    pub probability: f64,
    /// Which way.
    pub direction: Direction,
    /// What looked at it, as `--detector` takes it or a part of that.
    pub detector: &'static str,
}

/// Which way a point is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// More than expected.
    Up,
    /// Less than expected.
    Down,
}

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth a line in a log.
    Info,
    /// To be looked at in working hours.
    Warning,
    /// To be looked at now.
    Critical,
    /// To be looked at now, by more than one.
    Emergency,
}

impl Verdict {
    /// Of a point that says nothing.
    pub const fn silent(state: PointState) -> Self {
        Self { state, score: None, alarm: 0.0, band: None, surprise: None, severity: None }
    }
}

impl PointState {
    /// Its name in results.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Judged => "judged",
            Self::Learning => "learning",
            Self::Gap => "gap",
            Self::Late => "late",
        }
    }
}

impl Direction {
    /// Its name in results.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

impl Severity {
    /// Its name in results.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
            Self::Emergency => "emergency",
        }
    }
}
