//! What a server of metrics holds, seen for the first time, and what follows from it: which counter is demand, what its
//! labels mean, which limits have traffic behind them.
//!
//! The port is small on purpose: names, labels, sums and pace. Everything that an adapter answers is cut at a limit of
//! its own and says so; nothing here decides.

use std::collections::{BTreeMap, BTreeSet};

use crate::limit::LimitKey;
use crate::port::PortFuture;
use crate::rewrite::Rewrite;
use crate::series::SeriesKey;
use crate::time::Timestamp;

/// Who can look around in a server of metrics.
pub trait MetricExplorer: Send + Sync {
    /// What it looks at, for people: a URL without credentials.
    fn place(&self) -> String;

    /// The metrics that had samples shortly before `at`.
    fn fetch_metrics(&self, at: Timestamp) -> PortFuture<'_, Metrics>;

    /// The labels of these metrics; one that has vanished in between is absent.
    fn fetch_labels<'a>(
        &'a self,
        metrics: &'a [String],
        at: Timestamp,
    ) -> PortFuture<'a, BTreeMap<String, MetricLabels>>;

    /// How much a counter rose, by some of its labels.
    fn fetch_sums<'a>(&'a self, ask: &'a SumRequest) -> PortFuture<'a, Sums>;

    /// How often a counter is scraped, and how far back it goes; `None` where there is no sample.
    fn fetch_pace<'a>(&'a self, selector: &'a str, at: Timestamp) -> PortFuture<'a, Option<Pace>>;

    /// What time it is there; `None` where the server does not say.
    fn fetch_time(&self) -> PortFuture<'_, Option<Timestamp>>;
}

/// The metrics of a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metrics {
    /// Names, with what their exporter says that they are.
    pub kinds: BTreeMap<String, MetricKind>,
    /// Whether there are more than were listed.
    pub cut: bool,
}

/// What an exporter says that a metric is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MetricKind {
    /// It only rises.
    Counter,
    /// The number of observations of a histogram or summary, which only rises as well.
    Observations,
    /// It goes up and down.
    Gauge,
    /// Nobody says.
    #[default]
    Unknown,
}

/// The labels of one metric.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetricLabels {
    /// How many series it has.
    pub series: u64,
    /// The values of each label.
    pub values: BTreeMap<String, BTreeSet<String>>,
    /// All series, where they are few enough to be listed.
    pub listed: Option<Vec<SeriesKey>>,
    /// Whether some label has more values than were listed.
    pub cut: bool,
}

/// How much a counter rose, by some of its labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SumRequest {
    /// The counter with its matchers, as PromQL selects it.
    pub selector: String,
    /// The labels to sum by.
    pub by: Vec<String>,
    /// Until when.
    pub at: Timestamp,
    /// How far back, in milliseconds.
    pub span_ms: i64,
}

/// Rises by labels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sums {
    /// One number for each combination of label values.
    pub rises: Vec<(SeriesKey, f64)>,
    /// Whether there are more, smaller ones.
    pub cut: bool,
}

/// How a counter is scraped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// The time between two scrapes.
    pub interval_ms: i64,
    /// From the oldest sample until now.
    pub depth_ms: i64,
    /// From the newest sample until now.
    pub age_ms: i64,
}

/// What the first look at a server has come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Onboarding {
    /// The server.
    pub place: String,
    /// The moment as of which was looked.
    pub at: Timestamp,
    /// How many metrics there are, and how many of them were looked at closely.
    pub looked_at: (usize, usize),
    /// Counters that may be demand, the best first.
    pub candidates: Vec<Candidate>,
    /// What the best of them covers.
    pub coverage: Coverage,
    /// How the best of them is scraped.
    pub pace: Option<Pace>,
    /// The limiter's own counters.
    pub limiter: Vec<String>,
    /// The descriptor that names a partner, and the one that names a path.
    pub roles: (Option<String>, Option<String>),
    /// What the reader should know beside it.
    pub notes: Vec<String>,
}

/// A counter that may be demand.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Its name.
    pub metric: String,
    /// The known layout that it is of.
    pub layout: Layout,
    /// What every series must meet, as PromQL writes it, each with the reason.
    pub matchers: Vec<(String, String)>,
    /// Which label carries which descriptor.
    pub labels: Vec<MappedLabel>,
    /// Descriptors that no label carries and that have one value in the whole document.
    pub constants: Vec<(String, String)>,
    /// How many series it has.
    pub series: u64,
    /// Requests of a day.
    pub requests_per_day: f64,
    /// Limits of the document that have traffic in it.
    pub limits_with_traffic: usize,
    /// The part of the traffic that some limit matches, from 0 to 1.
    pub traffic_matched: f64,
    /// Whether requests that the limiter rejected are in it.
    pub rejected: Rejected,
    /// The label with the HTTP status.
    pub status: Option<String>,
    /// The label that says whether a cache answered, and what it says then.
    pub cache: Option<(String, Vec<String>)>,
    /// How well it suits, from 0 to 1.
    pub score: f64,
}

/// What a look at a counter that is mapped already has come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Examination {
    /// Mapped labels that the counter has not got.
    pub missing: Vec<String>,
    /// Labels that it has.
    pub labels: Vec<String>,
    /// What its traffic covers.
    pub coverage: Coverage,
    /// Matchers that would keep requests from being counted twice, each with the reason.
    pub twice: Vec<(String, String)>,
    /// How it is scraped; `None` where there is no sample.
    pub pace: Option<Pace>,
    /// The limiter's own counters.
    pub limiter: Vec<String>,
    /// What time it is at the server, if it says so.
    pub time: Option<Timestamp>,
}

/// A layout of labels that many installations share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layout {
    /// `istio_requests_total`.
    Istio,
    /// `service_nginx_request_time_s_count`.
    Nginx,
    /// The limiter's own count of hits.
    Limiter,
    /// Counters of Envoy itself.
    Envoy,
    /// Any other.
    Custom,
}

/// Whether rejected requests are in a counter, and how that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rejected {
    /// It has answers with status 429.
    Seen,
    /// Its layout is known to hold them.
    ByLayout,
    /// Its layout is known not to hold them: it counts behind the limiter.
    Behind,
    /// Nothing tells.
    Unknown,
}

/// Which label carries a descriptor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappedLabel {
    /// The descriptor's key.
    pub descriptor: String,
    /// The label.
    pub label: String,
    /// What makes its values those of the document.
    pub rewrites: Vec<Rewrite>,
    /// Where the two are written differently.
    pub mismatches: Vec<Mismatch>,
    /// How many values of the document it has.
    pub matched: usize,
    /// How many values the document has.
    pub values: usize,
}

/// Which limits have traffic, and which traffic has limits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Coverage {
    /// Each limit, in the order of the document.
    pub limits: Vec<(LimitKey, Covered)>,
    /// Traffic that no limit matches, by requests, the most first.
    pub strangers: Vec<(LimitKey, f64)>,
    /// How many there are, also of those that are not listed.
    pub strangers_total: usize,
    /// Requests of a day.
    pub requests: f64,
    /// Those that some limit matches.
    pub matched: f64,
}

/// What stands behind a limit.
#[derive(Clone, Debug, PartialEq)]
pub enum Covered {
    /// So many requests a day.
    Traffic(f64),
    /// Nothing, although its descriptors are mapped.
    Nothing,
    /// A descriptor that no label carries.
    Unmapped(String),
    /// It can never match as it is written.
    Never(Mismatch),
}

/// Why a limit can never match what is measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// How the two differ.
    pub difference: Difference,
    /// What the document says.
    pub written: String,
    /// What is measured.
    pub measured: String,
    /// The step that joins them; `None` where none can without counting what belongs to others.
    pub rewrite: Option<Rewrite>,
    /// Whether that step is part of the mapping.
    pub joined: bool,
}

/// How a value of the document and a measured one differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Difference {
    /// The document's value has a query string, and what is measured has none.
    QueryInDocument,
    /// What is measured has a query string, and the document's value has none.
    QueryInMetric,
    /// A slash at the end.
    TrailingSlash,
    /// Capital letters.
    Case,
    /// The metric has a template such as `{id}` where the document has a value.
    TemplateInMetric,
    /// The document has a template where the metric has values.
    TemplateInDocument,
}

impl Candidate {
    /// A counter whose mapping is known and nothing else.
    pub fn mapped(metric: impl Into<String>, labels: Vec<MappedLabel>) -> Self {
        Self {
            metric: metric.into(),
            layout: Layout::Custom,
            matchers: Vec::new(),
            labels,
            constants: Vec::new(),
            series: 0,
            requests_per_day: 0.0,
            limits_with_traffic: 0,
            traffic_matched: 0.0,
            rejected: Rejected::Unknown,
            status: None,
            cache: None,
            score: 0.0,
        }
    }
}

impl Layout {
    /// The word in a configuration; a layout without a preset is spelt out.
    pub const fn preset(self) -> &'static str {
        match self {
            Self::Istio => "istio",
            Self::Nginx => "nginx",
            Self::Limiter => "ratelimit",
            Self::Envoy | Self::Custom => "custom",
        }
    }
}

impl Rejected {
    /// Whether they are in it, in a sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Seen => "rejected requests are in it: it has answers with status 429",
            Self::ByLayout => "rejected requests are in it, as in every counter of this layout",
            Self::Behind => "rejected requests are not in it: it counts behind the limiter",
            Self::Unknown => "nothing tells whether rejected requests are in it",
        }
    }
}

impl Difference {
    /// The difference in words; it follows the two values.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::QueryInDocument => {
                "the limit is written with a query string, the metric has none"
            }
            Self::QueryInMetric => "the metric has query strings, the limit is written without",
            Self::TrailingSlash => "one of them ends with a slash",
            Self::Case => "they differ in capital letters",
            Self::TemplateInMetric => "the metric has a template where the limit names a value",
            Self::TemplateInDocument => "the limit names a template where the metric has values",
        }
    }
}

impl Coverage {
    /// How many limits have traffic.
    pub fn with_traffic(&self) -> usize {
        self.limits.iter().filter(|(_, covered)| matches!(covered, Covered::Traffic(_))).count()
    }
}
