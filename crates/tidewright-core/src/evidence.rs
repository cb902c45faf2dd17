//! What a person must see to believe a proposal: history, what stood out in it, the forecast.
//!
//! It is drawn, not decided on: numbers are decimated and kept in single precision.

use crate::time::{TimeSpan, Timestamp};

/// How many buckets of history are kept for a drawing: two per pixel of a chart on a wide screen would not show more.
pub const EVIDENCE_BUCKETS_MAX: usize = 480;

/// The smallest and largest window count in a stretch of history.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    /// When the stretch starts.
    pub start: Timestamp,
    /// The smallest count, `None` if all of it is a gap.
    pub min: Option<f32>,
    /// The largest count that was kept.
    pub max: Option<f32>,
    /// The largest count that was masked as an incident, where there is one.
    pub masked: Option<f32>,
}

/// The forecast over a stretch of the future.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ForecastBand {
    /// When the stretch starts.
    pub start: Timestamp,
    /// The largest median in it.
    pub point: f32,
    /// The smallest 2.5 % quantile in it.
    pub low: f32,
    /// The largest 97.5 % quantile in it.
    pub high: f32,
}

/// Why a stretch of history is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MarkKind {
    /// Counts far above what was expected, for less than a day: left out.
    Spike,
    /// Counts far below what was expected, for less than a day or until they recovered: left out.
    Outage,
    /// A lasting rise: kept, since it is growth.
    Launch,
    /// A lasting fall to a level that still holds: kept.
    Decline,
    /// A slow rise of this series alone: kept and reported.
    SlowRise,
    /// Nothing was measured.
    Gap,
}

/// A marked stretch of history.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    /// Why.
    pub kind: MarkKind,
    /// When.
    pub span: TimeSpan,
    /// How many times the expected demand, where that makes sense.
    pub ratio: Option<f64>,
}

/// What a person must see to believe a proposal.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// How long a bucket is, in milliseconds.
    pub bucket_ms: i64,
    /// History, at most [`EVIDENCE_BUCKETS_MAX`] buckets.
    pub history: Vec<Bucket>,
    /// The forecast, in buckets of the same length.
    pub forecast: Vec<ForecastBand>,
    /// The days that the replay gate kept from its fit.
    pub held_back: Option<TimeSpan>,
}
