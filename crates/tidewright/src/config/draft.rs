//! Settings while they are being filled in, key by key, and the rules that join several keys.
//!
//! Every field starts at a harmless value and is set by its row in the table; only what one key alone cannot say is
//! decided here.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use tidewright_core::{Mode, Policy, Timestamp};

use super::resolve::Overrides;
use super::settings::{
    Auth, DocumentNames, Log, LogLevel, Mock, Places, Prometheus, QueryYields, Safety, Secret,
    SecretSource, Settings, Source, Traffic, TrafficPreset, TrafficReading,
};

/// Settings with the loose ends that a single key leaves.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) settings: Settings,
    pub(super) auth: AuthParts,
    pub(super) use_mock: Option<bool>,
    pub(super) csv: Option<PathBuf>,
    pub(super) method: &'static str,
    pub(super) query: Option<String>,
    pub(super) query_yields: QueryYields,
}

/// What single keys say about credentials.
#[derive(Debug, Default)]
pub(super) struct AuthParts {
    pub(super) bearer_token: Option<Secret>,
    pub(super) bearer_token_file: Option<PathBuf>,
    pub(super) username: Option<String>,
    pub(super) password: Option<Secret>,
    pub(super) password_file: Option<PathBuf>,
}

/// Keys that do not go together; the first that somebody set is blamed.
#[derive(Debug)]
pub(super) struct Conflict {
    pub(super) keys: &'static [&'static str],
    pub(super) message: String,
    pub(super) hint: &'static str,
}

const DAY: Duration = Duration::from_hours(24);

impl Draft {
    pub(super) fn new() -> Self {
        Self {
            settings: blank(),
            auth: AuthParts::default(),
            use_mock: None,
            csv: None,
            method: "auto",
            query: None,
            query_yields: QueryYields::Rate,
        }
    }

    /// Keys of one file that contradict each other in this mode.
    pub(super) fn contradictions(&self) -> Vec<Conflict> {
        let checks = [
            Self::bounds_cross,
            Self::inspect_exceeds_history,
            Self::nothing_left_to_fit,
            Self::mock_in_production,
            Self::query_and_method,
        ];
        checks.into_iter().filter_map(|check| check(self)).collect()
    }

    /// What is missing for a run, or too much, with the environment and the flags.
    pub(super) fn gaps(&self, overrides: &Overrides) -> Vec<Conflict> {
        let source = if overrides.needs_source() { self.no_source() } else { None };
        source.into_iter().chain(self.two_ways_in()).chain(self.half_a_login()).collect()
    }

    /// The settings, with the loose ends joined.
    pub(super) fn finish(self, at: Option<Timestamp>) -> Settings {
        let source = self.source();
        let reading = self.reading();
        let mut settings = self.settings;
        let mock_at = (source == Source::Mock).then_some(settings.mock.at);
        settings.at = at.or(mock_at);
        settings.source = source;
        settings.traffic.reading = reading;
        settings.prometheus.auth = self.auth.join();
        settings
    }

    fn source(&self) -> Source {
        match (&self.csv, &self.settings.prometheus.url) {
            _ if self.use_mock == Some(true) => Source::Mock,
            (Some(path), _) => Source::Csv(path.clone()),
            (None, Some(url)) => Source::Prometheus(url.clone()),
            (None, None) => Source::Mock,
        }
    }

    fn reading(&self) -> TrafficReading {
        match (&self.query, self.method) {
            (Some(promql), _) => {
                TrafficReading::Query { promql: promql.clone(), yields: self.query_yields }
            }
            (None, "edges") => TrafficReading::Edges,
            (None, "increase") => TrafficReading::Increase,
            (None, _) => TrafficReading::Auto,
        }
    }

    fn bounds_cross(&self) -> Option<Conflict> {
        let bounds = self.settings.policy.bounds;
        (bounds.min > bounds.max).then(|| Conflict {
            keys: &["RATE_CALCULATION.min_rate_limit", "RATE_CALCULATION.max_rate_limit"],
            message: format!(
                "`RATE_CALCULATION.min_rate_limit` must not exceed \
                 `RATE_CALCULATION.max_rate_limit`, got `{}` and `{}`",
                bounds.min, bounds.max
            ),
            hint: "swap the two, or set both in the same section",
        })
    }

    fn inspect_exceeds_history(&self) -> Option<Conflict> {
        let learn = &self.settings.policy.learn;
        (learn.inspect > learn.history_max).then(|| Conflict {
            keys: &["DAYS_TO_INSPECT", "HISTORY_DAYS"],
            message: format!(
                "`DAYS_TO_INSPECT` must not exceed `HISTORY_DAYS`, got `{}` and `{}`",
                days(learn.inspect),
                days(learn.history_max)
            ),
            hint: "the days that set the base are the latest part of the history; raise `HISTORY_DAYS`",
        })
    }

    fn nothing_left_to_fit(&self) -> Option<Conflict> {
        let policy = &self.settings.policy;
        (policy.guards.hold_back >= policy.learn.history_max).then(|| Conflict {
            keys: &["GUARDS.hold_back_days", "HISTORY_DAYS"],
            message: format!(
                "`GUARDS.hold_back_days` must be less than `HISTORY_DAYS`, got `{}` and `{}`",
                days(policy.guards.hold_back),
                days(policy.learn.history_max)
            ),
            hint: "a limit is replayed on days that were not fitted, so some must be left to fit",
        })
    }

    fn mock_in_production(&self) -> Option<Conflict> {
        let is_mock = self.use_mock == Some(true);
        (is_mock && self.settings.mode == Mode::Production).then(|| Conflict {
            keys: &["USE_MOCK_DATA"],
            message: "`USE_MOCK_DATA` must be false in production mode, got `true`".to_owned(),
            hint: "limits from synthetic data never reach production; use local mode to try them",
        })
    }

    fn no_source(&self) -> Option<Conflict> {
        let may_make_up = match self.use_mock {
            Some(on) => on,
            None => self.settings.mode == Mode::Local,
        };
        let has_source = self.csv.is_some() || self.settings.prometheus.url.is_some();
        (!has_source && !may_make_up).then(|| Conflict {
            keys: &["USE_MOCK_DATA", "DEPLOYMENT.MODE", "PROMETHEUS_URL", "TRAFFIC.csv"],
            message: format!(
                "`PROMETHEUS_URL` must be set in {} mode without synthetic data, got nothing",
                self.settings.mode
            ),
            hint: "set `PROMETHEUS_URL`, here or in the environment, or `TRAFFIC.csv`",
        })
    }

    fn two_ways_in(&self) -> Option<Conflict> {
        let has_token = self.auth.bearer_token.is_some() || self.auth.bearer_token_file.is_some();
        (has_token && self.auth.username.is_some()).then(|| Conflict {
            keys: &[
                "PROMETHEUS_AUTH.username",
                "PROMETHEUS_AUTH.bearer_token_file",
                "PROMETHEUS_AUTH.bearer_token",
            ],
            message: "`PROMETHEUS_AUTH` must hold a token or a user name, got both".to_owned(),
            hint: "remove one of the two, also from the environment",
        })
    }

    fn half_a_login(&self) -> Option<Conflict> {
        let has_password = self.auth.password.is_some() || self.auth.password_file.is_some();
        let missing = match (&self.auth.username, has_password) {
            (Some(_), false) => "a user name without a password",
            (None, true) => "a password without a user name",
            _ => return None,
        };
        Some(Conflict {
            keys: &[
                "PROMETHEUS_AUTH.username",
                "PROMETHEUS_AUTH.password_file",
                "PROMETHEUS_AUTH.password",
            ],
            message: format!(
                "`PROMETHEUS_AUTH` must hold both a user name and a password, got {missing}"
            ),
            hint: "set `PROMETHEUS_AUTH.username` and PROMETHEUS_PASSWORD or `password_file`",
        })
    }

    fn query_and_method(&self) -> Option<Conflict> {
        let (message, hint) = match (&self.query, self.method) {
            (None, "query") => (
                "`TRAFFIC.query` must be set where `TRAFFIC.method` is `query`, got nothing"
                    .to_owned(),
                "write the PromQL expression that yields demand",
            ),
            (Some(_), method @ ("edges" | "increase")) => (
                format!(
                    "`TRAFFIC.method` must be `query` or `auto` beside `TRAFFIC.query`, got `{method}`"
                ),
                "remove one of the two",
            ),
            _ => return None,
        };
        Some(Conflict { keys: &["TRAFFIC.method", "TRAFFIC.query"], message, hint })
    }
}

impl AuthParts {
    /// A secret from the environment wins over a file, as everywhere.
    fn join(self) -> Auth {
        let held = |secret: Option<Secret>, file: Option<PathBuf>| {
            secret.map(SecretSource::Held).or_else(|| file.map(SecretSource::File))
        };
        let token = held(self.bearer_token, self.bearer_token_file);
        let password = held(self.password, self.password_file);
        match (token, self.username, password) {
            (Some(token), _, _) => Auth::Bearer(token),
            (None, Some(username), Some(password)) => Auth::Basic { username, password },
            _ => Auth::None,
        }
    }
}

fn days(span: Duration) -> f64 {
    span.as_secs_f64() / DAY.as_secs_f64()
}

/// Where every row starts; the table's own test holds each of them against the defaults of the policy.
fn blank() -> Settings {
    Settings {
        mode: Mode::Local,
        policy: Policy::default(),
        source: Source::Mock,
        prometheus: Prometheus {
            url: None,
            auth: Auth::None,
            headers: BTreeMap::new(),
            timeout: Duration::ZERO,
            concurrency: 1,
        },
        traffic: Traffic {
            preset: TrafficPreset::Nginx,
            metric: None,
            matchers: None,
            labels: BTreeMap::new(),
            reading: TrafficReading::Auto,
        },
        mock: Mock { seed: 0, at: Timestamp::default() },
        at: None,
        current_file: None,
        document: DocumentNames {
            domain: String::new(),
            configmap: String::new(),
            namespace: String::new(),
        },
        places: Places {
            output_dir: PathBuf::new(),
            reports_dir: PathBuf::new(),
            store: PathBuf::new(),
        },
        log: Log { level: LogLevel::Info, verbose: false },
        safety: Safety {
            dry_run: true,
            preview_only: true,
            enable_updates: false,
            apply_to_minikube: false,
        },
        generate_reports: true,
    }
}
