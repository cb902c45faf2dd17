//! Which counter is demand, what stands beside it, and how demand is made up.

use std::collections::BTreeMap;

use tidewright_core::{Rewrite, Timestamp};

/// Which counter is demand, and what its labels mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traffic {
    /// The known layout to start from.
    pub preset: TrafficPreset,
    /// The counter, where it is not the preset's.
    pub metric: Option<String>,
    /// PromQL label matchers beside the preset's.
    pub matchers: Option<String>,
    /// Descriptor key to label, where it is not the preset's.
    pub labels: BTreeMap<String, String>,
    /// Descriptor key to what makes measured values those of the document.
    pub rewrites: BTreeMap<String, Vec<Rewrite>>,
    /// Descriptor key to the value that it always has.
    pub constants: BTreeMap<String, String>,
    /// What is known of requests beside their number.
    pub signals: Signals,
    /// How demand is read.
    pub reading: TrafficReading,
}

/// What is known of requests beside their number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signals {
    /// The label with the status of the answer, where it is not the preset's.
    pub status_label: Option<String>,
    /// The label with Envoy's response flags, where it is not the preset's.
    pub flags_label: Option<String>,
    /// Whether the counter of demand sees the requests that the limiter rejects.
    pub includes_rejected: bool,
    /// What the cache made of a request, where it is not told as by the preset.
    pub cache: CacheLabel,
    /// Counters beside demand.
    pub counters: Vec<Counter>,
}

/// What the cache made of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CacheLabel {
    /// The label that tells it.
    pub label: Option<String>,
    /// Its values for requests that the cache answered.
    pub hits: Option<Vec<String>>,
}

/// A counter beside demand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counter {
    /// What it counts.
    pub of: CounterOf,
    /// The counter; `None` is the limiter's own count of what was over its limit.
    pub metric: Option<String>,
    /// PromQL label matchers.
    pub matchers: Option<String>,
    /// Descriptor key to label, where it is not as for demand.
    pub labels: BTreeMap<String, String>,
}

/// What a counter beside demand counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CounterOf {
    /// Requests that were rejected.
    Rejected,
    /// Requests that the limiter counted as over their limit.
    OverLimit,
    /// Requests in front of the cache.
    CacheBefore,
    /// Requests that went on behind the cache.
    CacheAfter,
}

/// A known layout of a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TrafficPreset {
    /// The predecessor's nginx counter.
    Nginx,
    /// `istio_requests_total` with added labels.
    Istio,
    /// The limiter's own `total_hits`.
    Ratelimit,
    /// Any other: the metric and the labels are given.
    Custom,
}

/// How demand is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrafficReading {
    /// Chosen by the measured scrape interval and cost.
    Auto,
    /// Counters at the window edges, differenced here.
    Edges,
    /// `increase` in the server.
    Increase,
    /// A PromQL expression.
    Query {
        /// The expression.
        promql: String,
        /// What one sample of it is.
        yields: QueryYields,
    },
}

/// What one sample of a configured expression is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QueryYields {
    /// Requests per second.
    Rate,
    /// Requests in the window.
    Count,
}

/// How demand is made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mock {
    /// Equal seeds give equal bytes.
    pub seed: u64,
    /// The moment as of which a run on it decides.
    pub at: Timestamp,
}

impl CounterOf {
    /// All of them with their names in a configuration file.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Rejected, "rejected"),
        (Self::OverLimit, "over_limit"),
        (Self::CacheBefore, "cache_before"),
        (Self::CacheAfter, "cache_after"),
    ];
}
