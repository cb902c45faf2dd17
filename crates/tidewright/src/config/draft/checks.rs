//! What two or more keys say together: contradictions of a file, and what a run would miss.

use std::time::Duration;

use tidewright_core::Mode;

use super::Draft;
use crate::config::conflict::Conflict;
use crate::config::resolve::Overrides;

const DAY: Duration = Duration::from_hours(24);

impl Draft {
    /// Keys of one file that contradict each other in this mode.
    pub(in crate::config) fn contradictions(&self) -> Vec<Conflict> {
        let checks = [
            Self::bounds_cross,
            Self::inspect_exceeds_history,
            Self::nothing_left_to_fit,
            Self::mock_in_production,
            Self::query_and_method,
            Self::custom_without_counter,
            Self::broken_rewrites,
            Self::unmapped_rewrites,
        ];
        let alone = checks.into_iter().filter_map(|check| check(self));
        let policy = &self.settings.policy;
        alone
            .chain(self.calendar.conflicts(&policy.prime.zone))
            .chain(self.scopes.conflicts(policy.bounds))
            .chain(self.flavour.conflicts(&self.settings.prometheus.headers))
            .chain(self.counters.conflicts(&self.settings.traffic))
            .collect()
    }

    /// What is missing for a run, or too much, with the environment and the flags.
    pub(in crate::config) fn gaps(&self, overrides: &Overrides) -> Vec<Conflict> {
        let source = if overrides.needs_source() { self.no_source() } else { None };
        source.into_iter().chain(self.auth.conflicts()).collect()
    }

    /// What goes together in a way that may surprise.
    pub(in crate::config) fn surprises(&self) -> Vec<Conflict> {
        let beside = self.settings.policy.beside.map(|formula| {
            Conflict::new(
                &["RATE_CALCULATION.formula_version"],
                format!("the number of `formula_version: {}` is shown beside", formula.name()),
                "formula v2 decides",
            )
        });
        let policy = &self.settings.policy;
        let bounds = self.scopes.surprises(policy.bounds);
        let signals = self.counters.surprises(&self.settings.traffic, policy.cache);
        beside.into_iter().chain(bounds).chain(signals).collect()
    }

    fn bounds_cross(&self) -> Option<Conflict> {
        let bounds = self.settings.policy.bounds;
        (bounds.min > bounds.max).then(|| {
            Conflict::new(
                &["RATE_CALCULATION.min_rate_limit", "RATE_CALCULATION.max_rate_limit"],
                format!(
                    "`RATE_CALCULATION.min_rate_limit` must not exceed \
                 `RATE_CALCULATION.max_rate_limit`, got `{}` and `{}`",
                    bounds.min, bounds.max
                ),
                "swap the two, or set both in the same section",
            )
        })
    }

    fn inspect_exceeds_history(&self) -> Option<Conflict> {
        let learn = &self.settings.policy.learn;
        (learn.inspect > learn.history_max).then(|| {
            Conflict::new(
                &["DAYS_TO_INSPECT", "HISTORY_DAYS"],
                format!(
                    "`DAYS_TO_INSPECT` must not exceed `HISTORY_DAYS`, got `{}` and `{}`",
                    days(learn.inspect),
                    days(learn.history_max)
                ),
                "the days that set the base are the latest of the history; raise `HISTORY_DAYS`",
            )
        })
    }

    fn nothing_left_to_fit(&self) -> Option<Conflict> {
        let policy = &self.settings.policy;
        (policy.guards.hold_back >= policy.learn.history_max).then(|| {
            Conflict::new(
                &["GUARDS.hold_back_days", "HISTORY_DAYS"],
                format!(
                    "`GUARDS.hold_back_days` must be less than `HISTORY_DAYS`, got `{}` and `{}`",
                    days(policy.guards.hold_back),
                    days(policy.learn.history_max)
                ),
                "a limit is replayed on days that were not fitted, so some must be left to fit",
            )
        })
    }

    fn mock_in_production(&self) -> Option<Conflict> {
        let is_mock = self.use_mock == Some(true);
        (is_mock && self.settings.mode == Mode::Production).then(|| {
            Conflict::new(
                &["USE_MOCK_DATA"],
                "`USE_MOCK_DATA` must be false in production mode, got `true`",
                "limits from synthetic data never reach production; use local mode to try them",
            )
        })
    }

    fn no_source(&self) -> Option<Conflict> {
        let may_make_up = match self.use_mock {
            Some(on) => on,
            None => self.settings.mode == Mode::Local,
        };
        let has_source = self.csv.is_some() || self.settings.prometheus.url.is_some();
        (!has_source && !may_make_up).then(|| {
            Conflict::new(
                &["USE_MOCK_DATA", "DEPLOYMENT.MODE", "PROMETHEUS_URL", "TRAFFIC.csv"],
                format!(
                    "`PROMETHEUS_URL` must be set in {} mode without synthetic data, got nothing",
                    self.settings.mode
                ),
                "set `PROMETHEUS_URL`, here or in the environment, or `TRAFFIC.csv`",
            )
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
        Some(Conflict::new(&["TRAFFIC.method", "TRAFFIC.query"], message, hint))
    }
}

fn days(span: Duration) -> f64 {
    span.as_secs_f64() / DAY.as_secs_f64()
}
