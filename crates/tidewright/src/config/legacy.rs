//! Names of the predecessor's configurations, and what they mean here.
//!
//! An old name takes effect and is told as a notice; a name that never had an effect is told as such.

use tidewright_core::Mode;

use super::yaml::{Kind, Node};

/// What became of an old key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Renamed(&'static str),
    Gone(&'static str),
}

/// The root key that named the environment before there were modes.
pub(super) const ROOT_MODE: &str = "ENV";

const FATES: [(&str, Fate); 12] = [
    ("CACHE_RATIO", Fate::Renamed("RATE_CALCULATION.cache_ratio")),
    ("EXCLUDE_PARTNERS", Fate::Renamed("EXCLUSIONS.partners")),
    ("EXCLUDE_PATHS", Fate::Renamed("EXCLUSIONS.paths")),
    ("RATE_CALCULATION.cache_adjustment_factor", Fate::Renamed("RATE_CALCULATION.cache_ratio")),
    ("EXCLUSIONS.global_partners", Fate::Renamed("EXCLUSIONS.partners")),
    ("EXCLUSIONS.global_paths", Fate::Renamed("EXCLUSIONS.paths")),
    ("PROMETHEUS_TOKEN", Fate::Renamed("PROMETHEUS_AUTH.bearer_token")),
    ("PROMETHEUS_USERNAME", Fate::Renamed("PROMETHEUS_AUTH.username")),
    ("PROMETHEUS_PASSWORD", Fate::Renamed("PROMETHEUS_AUTH.password")),
    ("PROPHET_CONFIG.changepoint_prior_scale", Fate::Gone("the model's own default holds")),
    ("PROPHET_CONFIG.interval_width", Fate::Gone("reports show 80 and 95 % bands")),
    ("PROPHET_CONFIG.yearly_seasonality", Fate::Gone("history is too short for a yearly season")),
];

/// Names of environments that the predecessor took for a mode.
const ENVIRONMENTS: [(&str, Mode); 5] = [
    ("orp2", Mode::Local),
    ("dev", Mode::Local),
    ("development", Mode::Local),
    ("staging", Mode::Testing),
    ("prod", Mode::Production),
];

/// What became of the key at this path.
pub(super) fn fate(path: &str) -> Option<Fate> {
    FATES.into_iter().find(|(old, _)| old.eq_ignore_ascii_case(path)).map(|(_, fate)| fate)
}

/// The mode that an old name of an environment means.
pub(super) fn mode(name: &str) -> Option<Mode> {
    let old = ENVIRONMENTS.into_iter().find(|(old, _)| old.eq_ignore_ascii_case(name));
    Mode::parse(name).ok().or(old.map(|(_, mode)| mode))
}

/// The old form of `partner_paths` had a level of environments above the partners: keeps those of `mode`.
pub(super) fn without_environments(node: &Node, wanted: Mode) -> Option<Node> {
    let Kind::Map(entries) = &node.kind else { return None };
    let is_environment = |node: &Node| matches!(node.kind, Kind::Map(_));
    if !entries.iter().any(|entry| is_environment(&entry.value)) {
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
    Some(Node { line: node.line, kind: Kind::Map(kept) })
}

#[cfg(test)]
mod tests {
    use super::super::keys;
    use super::*;

    #[test]
    fn every_new_name_is_in_the_table_and_no_old_one_is() {
        for (old, fate) in FATES {
            assert!(keys::find(old).is_none(), "{old}");
            if let Fate::Renamed(new) = fate {
                assert!(keys::find(new).is_some(), "{new}");
            }
        }
    }
}
