//! Which counter is demand, what its labels mean and which counters stand beside it, as a source takes it.

use tidewright_core::{Candidate, MappedLabel, Rewrite};
use tidewright_source::prometheus::{
    CacheRule, Companion, LabelRule, Mapping, Reading, StatusRule, Tells, Yields,
};

use crate::config::{self, Counter, CounterOf, Signals, TrafficPreset, TrafficReading};

/// The labels of the Istio preset, which Istio does not have by itself: added by a Telemetry resource.
const ISTIO_LABELS: [(&str, &str); 2] = [("PARTNER", "partner"), ("PATH", "path")];
/// The end of a connection that counts at a gateway.
const ISTIO_REPORTER: &str = "source";
/// What caches call a request that they answered.
const HIT: &str = "HIT";

/// Which counter is demand, and what its labels mean.
pub(super) fn mapping(traffic: &config::Traffic) -> Mapping {
    let own = &traffic.labels;
    let rule = |(key, label): (&String, &String)| LabelRule::new(key, label);
    let own: Vec<LabelRule> = own.iter().map(rule).collect();
    let mut mapping = match traffic.preset {
        TrafficPreset::Nginx => relabelled(Mapping::nginx(), own),
        TrafficPreset::Istio if own.is_empty() => {
            let usual = ISTIO_LABELS.map(|(key, label)| LabelRule::new(key, label));
            Mapping::istio(ISTIO_REPORTER, usual.into())
        }
        TrafficPreset::Istio => Mapping::istio(ISTIO_REPORTER, own),
        TrafficPreset::Ratelimit => {
            relabelled(Mapping::ratelimit(), own.into_iter().map(of_limiter).collect())
        }
        TrafficPreset::Custom => Mapping::custom("", own),
    };
    for rule in &mut mapping.labels {
        rule.rewrites = traffic.rewrites.get(&rule.descriptor).cloned().unwrap_or_default();
    }
    let constants = traffic.constants.iter();
    mapping.constants = constants.map(|(key, value)| (key.clone(), value.clone())).collect();
    if let Some(metric) = &traffic.metric {
        mapping.metric.clone_from(metric);
    }
    let mapping = telling(mapping, &traffic.signals);
    match &traffic.matchers {
        Some(matchers) => mapping.matching(matchers),
        None => mapping,
    }
}

/// What the labels tell beside descriptors, where it is not as by the preset.
fn telling(preset: Mapping, signals: &Signals) -> Mapping {
    let label = signals.cache.label.clone();
    let hits = signals.cache.hits.clone();
    let cache = match (label, preset.cache) {
        (Some(label), _) => {
            Some(CacheRule::new(label, hits.unwrap_or_else(|| vec![HIT.to_owned()])))
        }
        (None, Some(usual)) => Some(match hits {
            Some(hits) => CacheRule { hits: hits.into_iter().collect(), ..usual },
            None => usual,
        }),
        (None, None) => None,
    };
    Mapping {
        status: signals.status_label.clone().map(StatusRule::new).or(preset.status),
        flags: signals.flags_label.clone().or(preset.flags),
        cache,
        includes_rejected: signals.includes_rejected,
        ..preset
    }
}

/// The counters beside demand; where their labels are not named, they are as for demand.
pub(super) fn companions(traffic: &config::Traffic, demand: &Mapping) -> Vec<Companion> {
    let counters = traffic.signals.counters.iter();
    counters.map(|counter| Companion::new(tells(counter.of), beside(counter, demand))).collect()
}

fn beside(counter: &Counter, demand: &Mapping) -> Mapping {
    let own = counter.labels.iter().map(|(key, label)| LabelRule::new(key, label));
    let mut mapping = match &counter.metric {
        None => relabelled(Mapping::over_limit(), own.map(of_limiter).collect()),
        // Series without the labels are read, too: what they count belongs to nobody, and must not look like nothing.
        Some(metric) if counter.labels.is_empty() => {
            Mapping::plain(metric, &[], demand.labels.clone())
        }
        Some(metric) => Mapping::plain(metric, &[], own.collect()),
    };
    for rule in &mut mapping.labels {
        let same = demand.labels.iter().find(|other| other.descriptor == rule.descriptor);
        rule.rewrites = same.map(|other| other.rewrites.clone()).unwrap_or_default();
    }
    let is_own = |key: &String| mapping.labels.iter().any(|rule| rule.descriptor == *key);
    let constants = demand.constants.iter().filter(|(key, _)| !is_own(key));
    mapping.constants = constants.cloned().collect();
    match &counter.matchers {
        Some(matchers) => mapping.matching(matchers),
        None => mapping,
    }
}

const fn tells(of: CounterOf) -> Tells {
    match of {
        CounterOf::Rejected => Tells::Rejected,
        CounterOf::OverLimit => Tells::OverLimit,
        CounterOf::CacheBefore => Tells::CacheBefore,
        CounterOf::CacheAfter => Tells::CacheAfter,
    }
}

/// The limiter's labels hold `KEY_value`.
fn of_limiter(rule: LabelRule) -> LabelRule {
    let prefix = format!("{}_", rule.descriptor);
    LabelRule { strip_prefix: Some(prefix), ..rule }
}

/// The counter as its mapping is known.
pub(super) fn counter(mapping: &Mapping) -> Candidate {
    let label = |rule: &LabelRule| {
        let prefix = rule.strip_prefix.as_deref().map(Rewrite::without_prefix);
        MappedLabel {
            descriptor: rule.descriptor.clone(),
            label: rule.label.clone(),
            rewrites: prefix.into_iter().chain(rule.rewrites.iter().cloned()).collect(),
            mismatches: Vec::new(),
            matched: 0,
            values: 0,
        }
    };
    let labels = mapping.labels.iter().map(label).collect();
    let matchers = mapping.matchers.iter().map(|matcher| (matcher.clone(), String::new()));
    Candidate {
        matchers: matchers.collect(),
        constants: mapping.constants.clone(),
        ..Candidate::mapped(mapping.metric.clone(), labels)
    }
}

/// A preset with labels of one's own, if there are any; its matchers ask for labels that it would not have then.
fn relabelled(preset: Mapping, own: Vec<LabelRule>) -> Mapping {
    if own.is_empty() {
        return preset;
    }
    let Mapping { labels, matchers, .. } = Mapping::custom("", own);
    Mapping { labels, matchers, ..preset }
}

/// How demand is read.
pub(super) fn reading(reading: &TrafficReading) -> Reading {
    match reading {
        TrafficReading::Auto => Reading::Auto,
        TrafficReading::Edges => Reading::Edges,
        TrafficReading::Increase => Reading::Increase,
        TrafficReading::Query { promql, yields } => Reading::Query {
            promql: promql.clone(),
            yields: match yields {
                config::QueryYields::Rate => Yields::Rate,
                config::QueryYields::Count => Yields::Count,
            },
        },
    }
}
