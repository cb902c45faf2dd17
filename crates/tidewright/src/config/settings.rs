//! What the rest of the binary gets: plain, checked settings, without a trace of the file that they came from.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use tidewright_core::{Mode, Policy, Rewrite, Timestamp};

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
    /// How the limiter's document is called.
    pub document: DocumentNames,
    /// Where files go.
    pub places: Places,
    /// How much is told while working.
    pub log: Log,
    /// What a run may do to a cluster.
    pub safety: Safety,
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

/// How Prometheus is reached.
#[derive(Clone, Debug)]
pub struct Prometheus {
    /// Its base URL, also where another source is in use.
    pub url: Option<String>,
    /// How we show who we are.
    pub auth: Auth,
    /// Further headers, such as a tenant.
    pub headers: BTreeMap<String, String>,
    /// The longest that one request may take.
    pub timeout: Duration,
    /// How many requests run at once.
    pub concurrency: usize,
}

/// How we show who we are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Auth {
    /// Not at all.
    None,
    /// With a token.
    Bearer(SecretSource),
    /// With a name and a password.
    Basic {
        /// The name.
        username: String,
        /// The password.
        password: SecretSource,
    },
}

/// Where a secret is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// It came in an environment variable.
    Held(Secret),
    /// It is the content of a file, without white space at its ends.
    File(PathBuf),
}

/// A text that no log, error or debug print shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

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
    /// How demand is read.
    pub reading: TrafficReading,
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

impl Secret {
    /// Hides a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text; the caller must not print it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(not shown)")
    }
}

impl SecretSource {
    /// The secret itself; reads the file where it is one.
    ///
    /// # Errors
    /// Whatever reading the file meets.
    pub fn load(&self) -> std::io::Result<Secret> {
        match self {
            Self::Held(secret) => Ok(secret.clone()),
            Self::File(path) => {
                std::fs::read_to_string(path).map(|text| Secret::new(text.trim().to_owned()))
            }
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_printed() {
        let auth = Auth::Bearer(SecretSource::Held(Secret::new("hunter2")));
        assert!(!format!("{auth:?}").contains("hunter2"));
    }

    #[test]
    fn a_secret_file_loses_its_last_line_break() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        std::fs::write(&path, "abc\n").unwrap();
        assert_eq!(SecretSource::File(path).load().unwrap().expose(), "abc");
    }
}
