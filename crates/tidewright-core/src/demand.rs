//! Demand: requests per window, how it is asked for and how it was read.

use crate::series::Frame;
use crate::time::TimeSpan;

/// What demand is wanted: one column per combination of descriptor values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemandRequest {
    /// From when to when; only whole windows inside are read.
    pub span: TimeSpan,
    /// The length of a window in milliseconds.
    pub window_ms: i64,
}

/// How demand was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DemandMethod {
    /// Each counter at the window edges, differenced with resets handled, then summed: no extrapolation.
    Edges,
    /// `sum by (...) (increase(...))` in the server, which extrapolates to the window's edges.
    Increase,
    /// A query from the configuration.
    Query,
    /// Rows of a file.
    File,
    /// Made up from a seed.
    Synthetic,
}

/// Demand as a source delivers it: requests per window, NaN for a gap, keyed by descriptor keys.
#[derive(Clone, Debug)]
pub struct DemandFrame {
    /// One column per series; the labels of a key are descriptor keys (such as `PARTNER`) and their values.
    pub frame: Frame,
    /// How it was read.
    pub method: DemandMethod,
    /// Why that way, and how exact it is, in one sentence.
    pub method_note: String,
    /// The measured time between scrapes, where there are scrapes.
    pub scrape_interval_ms: Option<i64>,
    /// Warnings of the source, for people.
    pub warnings: Vec<String>,
}
