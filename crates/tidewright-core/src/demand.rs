//! Demand: requests per window, how it is asked for and how it was read.

use std::collections::BTreeMap;

use crate::series::{Frame, SeriesKey};
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
    /// Whether requests that the limiter rejected are counted in `frame`; where they are not, they are added back from
    /// [`Signal::Rejected`], if that is known.
    pub includes_rejected: bool,
    /// What else is known of the same windows.
    pub signals: Signals,
}

/// What a source may know of requests beside their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Signal {
    /// Answered 429, or rejected by the limiter.
    Rejected,
    /// Answered 4xx, but 429.
    ClientErrors,
    /// Answered 5xx.
    ServerErrors,
    /// Looked up in a cache, whatever came of it.
    CacheLookups,
    /// Found in the cache, so that they went no further.
    CacheHits,
    /// What the limiter itself counted as over its limit: the truth that a replay is held to.
    OverLimit,
}

/// Counts per window beside demand, on the same grid, by the same descriptors; what is not known is absent.
// Invariant: each frame lies on the grid of the demand that it stands beside.
#[derive(Clone, Debug, Default)]
pub struct Signals(BTreeMap<Signal, Frame>);

impl Signal {
    /// All signals.
    pub const ALL: [Self; 6] = [
        Self::Rejected,
        Self::ClientErrors,
        Self::ServerErrors,
        Self::CacheLookups,
        Self::CacheHits,
        Self::OverLimit,
    ];

    /// The word for people and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::ClientErrors => "client_errors",
            Self::ServerErrors => "server_errors",
            Self::CacheLookups => "cache_lookups",
            Self::CacheHits => "cache_hits",
            Self::OverLimit => "over_limit",
        }
    }
}

impl Signals {
    /// Adds what is known of one signal; a frame on another grid than the first one's is left out.
    #[must_use]
    pub fn with(mut self, signal: Signal, frame: Frame) -> Self {
        let fits = self.0.values().all(|other| other.grid() == frame.grid());
        debug_assert!(fits, "signals stand beside one another on one grid");
        if fits {
            self.0.insert(signal, frame);
        }
        self
    }

    /// What is known of a signal.
    pub fn frame(&self, signal: Signal) -> Option<&Frame> {
        self.0.get(&signal)
    }

    /// Each signal that is known, with its frame.
    pub fn iter(&self) -> impl Iterator<Item = (Signal, &Frame)> {
        self.0.iter().map(|(signal, frame)| (*signal, frame))
    }

    /// The column of one series; looks through all keys.
    pub fn column(&self, signal: Signal, key: &SeriesKey) -> Option<&[f64]> {
        let frame = self.frame(signal)?;
        let column = frame.keys().iter().position(|each| each == key)?;
        Some(frame.column(column))
    }
}
