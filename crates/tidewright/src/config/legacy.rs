//! Names of the predecessor's configurations, and what they mean here.
//!
//! An old name takes effect and is told as a notice; a name that never had an effect is told as such.

use tidewright_core::Mode;

use super::yaml::{Entry, Kind, Node};

/// What became of an old key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Renamed(&'static str),
    Gone(&'static str),
}

/// The root key that named the environment before there were modes.
pub(super) const ROOT_MODE: &str = "ENV";

/// The root section by which the predecessor corrected `COMMON` for one mode.
pub(super) const OVERRIDES: &str = "DEPLOYMENT_OVERRIDES";

/// Old names of keys that have an effect.
const RENAMED: [(&str, &str); 10] = [
    ("CACHE_RATIO", "RATE_CALCULATION.cache_ratio"),
    ("CONFIGMAP_NAME", "OPERATOR_CONFIG.configmap_name"),
    ("EXCLUDE_PARTNERS", "EXCLUSIONS.partners"),
    ("EXCLUDE_PATHS", "EXCLUSIONS.paths"),
    ("EXCLUSIONS.global_partners", "EXCLUSIONS.partners"),
    ("EXCLUSIONS.global_paths", "EXCLUSIONS.paths"),
    ("PROMETHEUS_PASSWORD", "PROMETHEUS_AUTH.password"),
    ("PROMETHEUS_TOKEN", "PROMETHEUS_AUTH.bearer_token"),
    ("PROMETHEUS_USERNAME", "PROMETHEUS_AUTH.username"),
    ("RATE_CALCULATION.cache_adjustment_factor", "RATE_CALCULATION.cache_ratio"),
];

const OF_FORMULA_V3: &str =
    "formula v2 has no such factor; a limit follows the demand that was measured";
const OF_PRIME_TIME: &str = "prime time is found by its percentile and its least duration";
const MULTIPLIERS: &str = "a limit follows the demand that was measured; `BOUNDS` bounds it, and an event of `EVENTS` that expects more raises it";

/// Old names of keys and of whole sections that have none, and why.
const GONE: [(&str, &str); 30] = [
    ("ANOMALY_CONFIG", "incidents are found by themselves, and `EVENTS` says what people know"),
    ("AWS_REGION", "requests are signed for `PROMETHEUS_AUTH.sigv4.region`, where there is one"),
    (
        "CACHE_CONFIG",
        "the cache is measured by `CACHE`, or else `RATE_CALCULATION.cache_ratio` holds",
    ),
    ("EKS_CLUSTER_NAME", "clusters are named by `KUBERNETES_CONTEXT`"),
    ("ENV", "`DEPLOYMENT.MODE` says how far a run may reach"),
    ("ENV_NAME", "`DEPLOYMENT.ENVIRONMENT` names the installation"),
    ("LOGGING", "`LOG_LEVEL` says how much is told, and messages go to stderr"),
    ("MONITORING.health_check", "nothing listens yet whose health could be asked for"),
    (
        "MONITORING.slack_webhook",
        "nothing is sent to a chat yet; keep the address out of the file, since it is a secret",
    ),
    (
        "PARTNER_CONFIGS",
        "all limits of the current document are looked at, whatever partners and APIs are listed \
         here; `EXCLUSIONS` and `PINS` leave some alone, and multipliers have no counterpart",
    ),
    ("PARTNER_MULTIPLIERS", MULTIPLIERS),
    ("PATH_MULTIPLIERS", MULTIPLIERS),
    (
        "PERFORMANCE",
        "`PROMETHEUS_CONCURRENCY` and `PROMETHEUS_TIMEOUT` bound requests; memory and CPU are \
         bounded where the process runs",
    ),
    ("PRIME_TIME_CONFIG.consistency_check", OF_PRIME_TIME),
    ("PRIME_TIME_CONFIG.max_prime_periods", OF_PRIME_TIME),
    ("PRIME_TIME_CONFIG.min_traffic_threshold", OF_PRIME_TIME),
    ("PROPHET_CONFIG.changepoint_prior_scale", "the model's own default holds"),
    ("PROPHET_CONFIG.interval_width", "reports show 80 and 95 % bands"),
    ("PROPHET_CONFIG.mcmc_samples", "bands are computed without drawing samples"),
    ("PROPHET_CONFIG.yearly_seasonality", "history is too short for a yearly season"),
    ("RATE_CALCULATION.cache_hit_threshold", OF_FORMULA_V3),
    ("RATE_CALCULATION.enable_cache_adjustment", OF_FORMULA_V3),
    ("RATE_CALCULATION.peak_multiplier", OF_FORMULA_V3),
    ("RATE_CALCULATION.spike_threshold_high", OF_FORMULA_V3),
    ("RATE_CALCULATION.spike_threshold_medium", OF_FORMULA_V3),
    ("RATE_CALCULATION.variability_threshold_high", OF_FORMULA_V3),
    ("RATE_CALCULATION.variability_threshold_medium", OF_FORMULA_V3),
    ("SECURITY", "rights are granted where the process runs"),
    ("SELECTIVE_UPDATE", "only numbers of the current document change, always"),
    ("TRICKSTER_ENV", "`PROMETHEUS_URL` says who is asked"),
];

/// Names of environments that the predecessor took for a mode.
const ENVIRONMENTS: [(&str, Mode); 6] = [
    ("orp2", Mode::Local),
    ("dev", Mode::Local),
    ("development", Mode::Local),
    ("staging", Mode::Testing),
    ("test", Mode::Testing),
    ("prod", Mode::Production),
];

/// What became of the key at this path.
pub(super) fn fate(path: &str) -> Option<Fate> {
    let is_meant = |old: &str| old.eq_ignore_ascii_case(path);
    let renamed = RENAMED.into_iter().find(|(old, _)| is_meant(old));
    let gone = || GONE.into_iter().find(|(old, _)| is_meant(old));
    renamed.map(|(_, new)| Fate::Renamed(new)).or_else(|| gone().map(|(_, why)| Fate::Gone(why)))
}

/// The mode that an old name of an environment means.
pub(super) fn mode(name: &str) -> Option<Mode> {
    let old = ENVIRONMENTS.into_iter().find(|(old, _)| old.eq_ignore_ascii_case(name));
    Mode::parse(name).ok().or(old.map(|(_, mode)| mode))
}

/// A value in its present form, and how the old form was read.
type Reading = (Node, String);

/// The name of an environment where a mode is meant.
pub(super) fn without_old_mode(node: &Node) -> Option<Reading> {
    let Kind::Scalar { text, .. } = &node.kind else { return None };
    let meant = mode(text).filter(|_| Mode::parse(text).is_err())?;
    let reading = format!("is `{text}`, the name of an environment; it is read as `{meant}`");
    Some((Node { line: node.line, ..Node::plain(meant.name()) }, reading))
}

/// The old form of `partner_paths` had a level of environments above the partners: keeps those of `mode`.
pub(super) fn without_environments(node: &Node, wanted: Mode) -> Option<Reading> {
    let Kind::Map(entries) = &node.kind else { return None };
    let is_environment = |entry: &Entry| matches!(entry.value.kind, Kind::Map(_));
    if !entries.iter().any(is_environment) {
        return None;
    }
    let mut kept = Vec::new();
    for entry in entries {
        match &entry.value.kind {
            Kind::Map(partners) if mode(&entry.key) == Some(wanted) => {
                kept.extend(partners.iter().cloned());
            }
            Kind::Map(_) if mode(&entry.key).is_some() => {}
            _ => kept.push(entry.clone()),
        }
    }
    let reading = format!("has the old form with environments; that of {wanted} mode is read");
    Some((Node { line: node.line, kind: Kind::Map(kept) }, reading))
}

#[cfg(test)]
mod tests {
    use super::super::keys;
    use super::*;

    #[test]
    fn every_new_name_is_in_the_table_and_no_old_one_is() {
        for (old, new) in RENAMED {
            assert!(keys::find(old).is_none() && keys::find(new).is_some(), "{old}: {new}");
        }
        for (old, _) in GONE {
            assert!(keys::find(old).is_none() && !keys::is_group(old), "{old}");
        }
    }
}
