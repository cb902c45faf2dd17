//! How a Prometheus is reached: where, which kin of it, who we are.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// How Prometheus is reached.
#[derive(Clone, Debug)]
pub struct Prometheus {
    /// Its base URL, also where another source is in use.
    pub url: Option<String>,
    /// Which kin of Prometheus answers there.
    pub flavour: Flavour,
    /// How we show who we are.
    pub auth: Auth,
    /// Whom we trust, and what we show of ourselves beneath HTTP.
    pub tls: Tls,
    /// The way out, where it is not the environment's.
    pub proxy: Option<Proxy>,
    /// Further headers, such as a tenant.
    pub headers: BTreeMap<String, String>,
    /// Further parameters of each query.
    pub parameters: BTreeMap<String, String>,
    /// The longest that one request may take.
    pub timeout: Duration,
    /// How many requests run at once.
    pub concurrency: usize,
    /// Whether raw counters are read as chunks.
    pub chunks: Chunks,
}

/// Whether raw counters are read as chunks instead of being queried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Chunks {
    /// Where the server is known to hand them out whole.
    #[default]
    Auto,
    /// Wherever it hands them out.
    On,
    /// Never.
    Off,
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
    /// With a signature of each request, as Amazon asks for.
    SigV4(SigV4),
    /// With a token that a command prints.
    TokenCommand(TokenCommand),
}

/// A key of Amazon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigV4 {
    /// Where the workspace is.
    pub region: String,
    /// Which service is asked.
    pub service: String,
    /// The name of the key.
    pub access_key: String,
    /// The key.
    pub secret_key: SecretSource,
    /// What goes with a key that was lent for a while.
    pub session_token: Option<SecretSource>,
}

/// A command that prints a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenCommand {
    /// The program and its arguments; no shell reads them.
    pub command: Vec<String>,
    /// How long a token is good for.
    pub lifetime: Duration,
}

/// Which kin of Prometheus answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// Prometheus itself, and managed services that speak like it.
    Prometheus,
    /// Thanos Query or its front end.
    Thanos {
        /// Whether replicas of one Prometheus are merged.
        dedup: bool,
        /// Whether a read may go on while a store is down.
        partial_response: bool,
        /// How coarse samples may be.
        coarseness: Coarseness,
    },
    /// Mimir or Cortex.
    Mimir {
        /// Whose data.
        tenant: Option<String>,
    },
    /// VictoriaMetrics.
    VictoriaMetrics {
        /// Whose data.
        tenant: Option<String>,
    },
    /// Trickster, a cache in front of a Prometheus.
    Trickster,
}

/// How coarse samples may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Coarseness {
    /// As the server chooses.
    Auto,
    /// As they were scraped.
    Raw,
    /// One of five minutes.
    FiveMinutes,
    /// One of an hour.
    Hour,
}

/// Whom we trust, and what we show of ourselves beneath HTTP.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// The authorities to trust instead of the system's.
    pub authorities: Option<PathBuf>,
    /// Our certificate and its key.
    pub client: Option<(PathBuf, PathBuf)>,
}

/// A proxy for everything but this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// Its address, without credentials.
    pub url: String,
    /// Hosts, domains and networks that are reached without it.
    pub except: Vec<String>,
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
