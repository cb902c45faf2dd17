//! Demand: requests per window, how it is asked for and how it was read.

use std::collections::{BTreeMap, BTreeSet, HashMap};

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
    /// Whether all requests that the limiter rejected are counted in `frame`. A source whose counter lacks them has
    /// added them where it knows them, so nobody else may; `false` says that some could not be known, and that demand
    /// may have been higher than `frame` says wherever the limiter rejected.
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

/// Counts per window beside demand, on the same grid, by the same descriptors.
///
/// The rule: a signal is here if its source can tell it at all. Then a series without a column had none of it in any
/// window, unless the source said that it does not know this series; a NaN in a column is a window of which nothing is
/// known. So "none" and "not known" are never the same: ask [`Signals::counts`].
// Invariant: each frame lies on the grid of the demand that it stands beside.
#[derive(Clone, Debug, Default)]
pub struct Signals(BTreeMap<Signal, Told>);

/// What is known of one signal of one series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Known<'a> {
    /// Nothing.
    Unknown,
    /// There was none of it in any window.
    Zero,
    /// So many in each window, NaN where that is not known.
    Counts(&'a [f64]),
}

/// What a source told of one signal.
#[derive(Clone, Debug)]
struct Told {
    frame: Frame,
    columns: HashMap<SeriesKey, usize>,
    /// The series of which it cannot be told.
    unknown: BTreeSet<SeriesKey>,
}

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
    /// Adds what is known of one signal; a series without a column had none of it. A frame on another grid than the
    /// first one's is left out.
    #[must_use]
    pub fn with(mut self, signal: Signal, frame: Frame) -> Self {
        let fits = self.0.values().all(|told| told.frame.grid() == frame.grid());
        debug_assert!(fits, "signals stand beside one another on one grid");
        if fits {
            self.0.insert(signal, Told::new(frame));
        }
        self
    }

    /// Says that a signal cannot be told of these series, whatever its frame holds.
    #[must_use]
    pub fn unknown_for(
        mut self,
        signal: Signal,
        keys: impl IntoIterator<Item = SeriesKey>,
    ) -> Self {
        if let Some(told) = self.0.get_mut(&signal) {
            told.unknown.extend(keys);
        }
        self
    }

    /// What is known of a signal, those series left out that it cannot be told of.
    pub fn frame(&self, signal: Signal) -> Option<&Frame> {
        self.0.get(&signal).map(|told| &told.frame)
    }

    /// Each signal that is known, with its frame.
    pub fn iter(&self) -> impl Iterator<Item = (Signal, &Frame)> {
        self.0.iter().map(|(signal, told)| (*signal, &told.frame))
    }

    /// The series that a known signal cannot be told of, by key.
    pub fn unknown(&self, signal: Signal) -> impl Iterator<Item = &SeriesKey> {
        self.0.get(&signal).into_iter().flat_map(|told| &told.unknown)
    }

    /// What is known of a signal of one series.
    pub fn counts(&self, signal: Signal, key: &SeriesKey) -> Known<'_> {
        match self.0.get(&signal).filter(|told| !told.unknown.contains(key)) {
            Some(told) => {
                let column = told.columns.get(key);
                column.map_or(Known::Zero, |&column| Known::Counts(told.frame.column(column)))
            }
            None => Known::Unknown,
        }
    }

    /// The column of one series, where it has one.
    pub fn column(&self, signal: Signal, key: &SeriesKey) -> Option<&[f64]> {
        match self.counts(signal, key) {
            Known::Counts(counts) => Some(counts),
            Known::Zero | Known::Unknown => None,
        }
    }
}

impl Told {
    fn new(frame: Frame) -> Self {
        let columns = frame.keys().iter().cloned().zip(0..).collect();
        Self { frame, columns, unknown: BTreeSet::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::Grid;
    use crate::time::Timestamp;

    #[test]
    fn none_and_not_known_are_never_the_same() {
        let key = |path| SeriesKey::new([("PATH", path)]);
        let grid = Grid::new(Timestamp::from_secs(0), 60_000, 2).unwrap();
        let frame = Frame::new(grid, vec![key("/a")], vec![3.0, 4.0]).unwrap();
        let signals = Signals::default()
            .with(Signal::Rejected, frame)
            .unknown_for(Signal::Rejected, [key("/b")])
            .unknown_for(Signal::OverLimit, [key("/a")]);
        let of = |path| signals.counts(Signal::Rejected, &key(path));
        assert_eq!(of("/a"), Known::Counts(&[3.0, 4.0]));
        assert_eq!((of("/b"), of("/c")), (Known::Unknown, Known::Zero));
        assert_eq!(signals.counts(Signal::OverLimit, &key("/a")), Known::Unknown);
        assert_eq!(signals.column(Signal::Rejected, &key("/c")), None);
        assert_eq!(signals.unknown(Signal::Rejected).collect::<Vec<_>>(), [&key("/b")]);
    }
}
