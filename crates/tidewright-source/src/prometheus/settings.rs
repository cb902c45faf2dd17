//! What a Prometheus source is told: where, who we are, how hard to try.
//!
//! The rule: everything is checked by [`PrometheusSettings::check`] before the first request, and a secret is never
//! printed: [`Secret`] shows stars. This file reads no configuration and no environment.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use reqwest::Url;
use thiserror::Error;

use super::auth::Auth;
use super::companion::{self, Companion};
use super::flavour::Flavour;
use super::mapping::Mapping;
use super::reading::Reading;
use super::transport::{Proxy, Tls};

/// More queries at once than this is an attack on a Prometheus, whose own default limit is 20.
const CONCURRENCY_MAX: usize = 20;

/// With doubling delays ten repetitions last for minutes; beyond that the source is down.
const RETRIES_MAX: u32 = 10;

/// Parameters of a query that are its own.
const TAKEN_PARAMETERS: [&str; 6] = ["query", "start", "end", "step", "timeout", "match[]"];

/// How a Prometheus is reached and read.
#[derive(Clone, Debug)]
pub struct PrometheusSettings {
    /// Its address, with any path in front of `/api/v1`; without credentials.
    pub url: String,
    /// Which kin of Prometheus answers there.
    pub flavour: Flavour,
    /// Who we are.
    pub auth: Auth,
    /// Whom we trust and what we show of ourselves beneath HTTP.
    pub tls: Tls,
    /// The way out, where it is not the environment's.
    pub proxy: Option<Proxy>,
    /// Headers for every request, such as the tenant of a shared store; values are secrets.
    pub headers: Vec<(String, Secret)>,
    /// Parameters for every query; values are secrets.
    pub query_parameters: Vec<(String, Secret)>,
    /// How long one request may take, body included.
    pub timeout: Duration,
    /// Requests at once.
    pub concurrency: usize,
    /// How often a request is repeated that failed for a passing reason.
    pub retries: u32,
    /// The wait before the first repetition; it doubles with each.
    pub retry_delay: Duration,
    /// Whether answers are asked for compressed.
    pub compression: Compression,
    /// Whether raw counters are read as chunks.
    pub raw_chunks: RawChunks,
    /// Which counter is demand, and what its labels mean.
    pub mapping: Mapping,
    /// Counters beside it: what was rejected, what a cache answered.
    pub companions: Vec<Companion>,
    /// How demand is read from the counter.
    pub reading: Reading,
}

/// Whether answers are asked for compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// Not from this machine, where it only costs time; otherwise yes.
    #[default]
    Auto,
    /// Yes.
    Gzip,
    /// No.
    Off,
}

/// Whether raw counters are read as chunks (`/api/v1/read`) instead of being queried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RawChunks {
    /// Where the server is a Prometheus that reads from no others; if it hands out none, they are queried.
    #[default]
    Auto,
    /// Also from other kinds of servers.
    On,
    /// Never.
    Off,
}

/// A text that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// Settings that cannot work.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SettingsError {
    /// The address is none.
    #[error(
        "the Prometheus address `{0}` must be an http or https URL such as `http://localhost:9090`"
    )]
    Url(String),
    /// The address holds a password, which would end in logs.
    #[error(
        "the Prometheus address for `{0}` must not hold credentials; give them as a token or as user and password"
    )]
    Credentials(String),
    /// A number is out of its range.
    #[error("the Prometheus setting `{name}` must be between {min} and {max}, got `{value}`")]
    Range {
        /// Which.
        name: &'static str,
        /// The least.
        min: u64,
        /// The most.
        max: u64,
        /// What was given.
        value: u64,
    },
    /// A value does not fit.
    #[error("the Prometheus setting `{name}` must {rule}, got `{value}`")]
    Unfit {
        /// Which.
        name: &'static str,
        /// What it must do.
        rule: &'static str,
        /// What was given.
        value: String,
    },
    /// A certificate or a key cannot be read.
    #[error("cannot read the certificate or key from `{origin}`: {reason}")]
    Pem {
        /// Where it came from.
        origin: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A header cannot be sent.
    #[error(
        "the header `{0}` cannot be sent: its name or its value holds characters that HTTP forbids"
    )]
    Header(String),
    /// A metric or label name is none.
    #[error("`{0}` is no Prometheus name")]
    Name(String),
    /// A label matcher is none.
    #[error("`{0}` is no label matcher such as `reporter=\"source\"`")]
    Matcher(String),
    /// Nothing maps a label to a descriptor.
    #[error("the mapping of `{0}` names no label")]
    NoLabels(String),
    /// Two rules write the same descriptor key or read the same label.
    #[error("the mapping names `{0}` twice")]
    Twice(String),
    /// The HTTP client cannot be made.
    #[error("cannot set up the HTTP client: {0}")]
    Client(String),
}

impl PrometheusSettings {
    /// Settings for the counter `mapping` at `url`; everything else at its default.
    pub fn new(url: impl Into<String>, mapping: Mapping) -> Self {
        Self {
            url: url.into(),
            flavour: Flavour::default(),
            auth: Auth::default(),
            tls: Tls::default(),
            proxy: None,
            headers: Vec::new(),
            query_parameters: Vec::new(),
            timeout: Duration::from_secs(60),
            concurrency: 4,
            retries: 4,
            retry_delay: Duration::from_millis(250),
            compression: Compression::Auto,
            raw_chunks: RawChunks::default(),
            mapping,
            companions: Vec::new(),
            reading: Reading::Auto,
        }
    }

    /// Whether these settings can work; the parsed address.
    ///
    /// # Errors
    /// [`SettingsError`] names the first setting that cannot.
    pub fn check(&self) -> Result<Url, SettingsError> {
        let url = check_url(&self.url)?;
        check_range("concurrency", self.concurrency as u64, 1, CONCURRENCY_MAX as u64)?;
        check_range("retries", u64::from(self.retries), 0, u64::from(RETRIES_MAX))?;
        check_range("timeout_ms", self.timeout.as_millis() as u64, 1, 3_600_000)?;
        check_range("retry_delay_ms", self.retry_delay.as_millis() as u64, 1, 60_000)?;
        self.flavour.check(url.path())?;
        self.auth.check()?;
        self.check_parameters()?;
        self.mapping.check()?;
        companion::check(&self.companions, &self.mapping)?;
        Ok(url)
    }

    fn check_parameters(&self) -> Result<(), SettingsError> {
        let own = self.flavour.parameters();
        let is_taken = |name: &str| {
            TAKEN_PARAMETERS.contains(&name) || own.iter().any(|(taken, _)| *taken == name)
        };
        let mut names = self.query_parameters.iter().map(|(name, _)| name);
        let Some(name) = names.find(|name| name.is_empty() || is_taken(name)) else {
            return Ok(());
        };
        let rule = "name no parameter that is set by us or by the flavour";
        Err(SettingsError::Unfit { name: "query_parameters", rule, value: name.clone() })
    }

    pub(super) fn wants_gzip(&self, url: &Url) -> bool {
        match self.compression {
            Compression::Auto => !is_loopback(url),
            Compression::Gzip => true,
            Compression::Off => false,
        }
    }
}

impl Secret {
    /// A secret; white space around it, as files have it at their end, is no part of it.
    pub fn new(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Whether the address is this machine's own.
pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn check_url(text: &str) -> Result<Url, SettingsError> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    // The text may hold a password, so only a part of it that cannot is repeated.
    let shown = text.rsplit('@').next().unwrap_or_default();
    let url = url.ok_or_else(|| SettingsError::Url(shown.to_owned()))?;
    if !url.username().is_empty() || url.password().is_some() {
        let host = url.host_str().unwrap_or_default();
        return Err(SettingsError::Credentials(host.to_owned()));
    }
    Ok(url)
}

fn check_range(name: &'static str, value: u64, min: u64, max: u64) -> Result<(), SettingsError> {
    if (min..=max).contains(&value) {
        return Ok(());
    }
    Err(SettingsError::Range { name, min, max, value })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prometheus::flavour::Thanos;

    fn error(change: impl FnOnce(&mut PrometheusSettings)) -> String {
        let mut settings = PrometheusSettings::new("http://localhost:9090", Mapping::nginx());
        change(&mut settings);
        settings.check().unwrap_err().to_string()
    }

    #[test]
    fn the_defaults_are_sound() {
        let settings =
            PrometheusSettings::new("https://metrics.example.com/prom", Mapping::nginx());
        let url = settings.check().unwrap();
        assert!(settings.wants_gzip(&url));
    }

    #[test]
    fn answers_from_this_machine_are_not_compressed() {
        for url in ["http://localhost:9090", "http://127.0.0.1:1", "http://[::1]:9090"] {
            let settings = PrometheusSettings::new(url, Mapping::nginx());
            assert!(!settings.wants_gzip(&settings.check().unwrap()), "{url}");
        }
    }

    #[test]
    fn a_secret_is_never_printed() {
        let secret = Secret::new("hunter2\n");
        assert_eq!(
            (secret.reveal(), format!("{secret} {secret:?}")),
            ("hunter2", "*** ***".to_owned())
        );
        let mut settings = PrometheusSettings::new("http://localhost", Mapping::nginx());
        settings.auth = Auth::Basic { user: "me".to_owned(), password: secret.clone() };
        settings.headers.push(("X-Key".to_owned(), secret));
        assert!(!format!("{settings:?}").contains("hunter2"));
    }

    #[test]
    fn settings_that_cannot_work_are_named() {
        assert!(error(|s| s.url = "localhost:9090".to_owned()).contains("`localhost:9090`"));
        let with_password = error(|s| s.url = "http://me:hunter2@prom:9090".to_owned());
        assert!(with_password.contains("`prom`") && !with_password.contains("hunter2"));
        assert_eq!(
            error(|s| s.concurrency = 0),
            "the Prometheus setting `concurrency` must be between 1 and 20, got `0`"
        );
        assert!(error(|s| s.timeout = Duration::ZERO).contains("`timeout_ms`"));
        let parameter = |name: &str| vec![(name.to_owned(), Secret::new("1"))];
        let taken = error(|s| s.query_parameters = parameter("step"));
        assert!(taken.contains("`query_parameters`") && taken.ends_with("got `step`"), "{taken}");
        let dedup = error(|s| {
            s.flavour = Flavour::Thanos(Thanos::default());
            s.query_parameters = parameter("dedup");
        });
        assert!(dedup.ends_with("got `dedup`"), "{dedup}");
    }
}
