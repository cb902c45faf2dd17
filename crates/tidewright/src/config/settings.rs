//! What the rest of the binary gets: plain, checked settings, without a trace of the file that they came from.

mod prometheus;
mod traffic;

use std::path::PathBuf;

use tidewright_core::{Mode, Policy, Timestamp};

pub use prometheus::{
    Auth, Chunks, Coarseness, Flavour, Prometheus, Proxy, Secret, SecretSource, SigV4, Tls,
    TokenCommand,
};
pub use traffic::{
    CacheLabel, Counter, CounterOf, Mock, QueryYields, Signals, Traffic, TrafficPreset,
    TrafficReading,
};

/// Everything that a command needs to know.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How far a run may reach.
    pub mode: Mode,
    /// How limits are decided.
    pub policy: Policy,
    /// Where demand is read.
    pub source: Source,
    /// How Prometheus is reached, if it is.
    pub prometheus: Prometheus,
    /// Which counter is demand, and what its labels mean.
    pub traffic: Traffic,
    /// How demand is made up.
    pub mock: Mock,
    /// The moment as of which a run decides; `None` is now (or, for a file, what its reader makes of it).
    pub at: Option<Timestamp>,
    /// The limiter's document as it is now, in a file.
    pub current_file: Option<PathBuf>,
    /// Where the limiter itself listens.
    pub limiter_url: Option<String>,
    /// How the limiter's document is called.
    pub document: DocumentNames,
    /// Where files go.
    pub places: Places,
    /// How much is told while working.
    pub log: Log,
    /// What a run may do to a cluster.
    pub safety: Safety,
    /// Whether traffic without a limit is only counted.
    pub show_only_configured: bool,
    /// Whether reports are written.
    pub generate_reports: bool,
}

/// Where demand is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Made up from [`Mock::seed`].
    Mock,
    /// From a CSV file.
    Csv(PathBuf),
    /// From the Prometheus at this URL, which holds no secret.
    Prometheus(String),
}

/// How the limiter's document is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentNames {
    /// The limiter's domain, for a new document.
    pub domain: String,
    /// The `ConfigMap`.
    pub configmap: String,
    /// Its namespace.
    pub namespace: String,
}

/// Where files go; relative to the working directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// Documents, and the report in local mode.
    pub output_dir: PathBuf,
    /// Reports of the other modes.
    pub reports_dir: PathBuf,
    /// What is remembered of runs.
    pub store: PathBuf,
}

/// How much is told while working.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Log {
    /// The least important message that is told.
    pub level: LogLevel,
    /// Whether libraries are heard, too.
    pub verbose: bool,
}

/// How important a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogLevel {
    /// Someone must act.
    Error,
    /// Someone should look.
    Warn,
    /// What is being done.
    Info,
    /// How.
    Debug,
    /// Everything.
    Trace,
}

/// What a run may do to a cluster; all four must agree before anything is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Safety {
    /// Nothing is written to a cluster.
    pub dry_run: bool,
    /// A change is shown and not made.
    pub preview_only: bool,
    /// Writing is wanted at all.
    pub enable_updates: bool,
    /// Local mode may write to minikube.
    pub apply_to_minikube: bool,
}

impl LogLevel {
    /// The word in a configuration file, which is also a directive of a log filter.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}
