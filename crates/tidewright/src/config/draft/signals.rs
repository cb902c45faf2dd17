//! Counters beside demand while they are being filled in, and what labels and counters say together.

use std::collections::BTreeMap;

use tidewright_core::CacheSides;

use super::Draft;
use crate::config::conflict::Conflict;
use crate::config::nearest::nearest;
use crate::config::record::Spot;
use crate::config::settings::{Counter, CounterOf, Traffic, TrafficPreset};

/// What the keys of counters beside demand say, each with its place in the file.
#[derive(Debug, Default)]
pub(in crate::config) struct CountersDraft(Vec<(Spot, CounterParts)>);

/// What single fields say about a counter.
#[derive(Debug, Default)]
pub(in crate::config) struct CounterParts {
    pub(in crate::config) preset: Option<&'static str>,
    pub(in crate::config) metric: Option<String>,
    pub(in crate::config) matchers: Option<String>,
    pub(in crate::config) labels: BTreeMap<String, String>,
}

const COUNTERS: &[&str] = &["TRAFFIC.counters"];
const HITS: &[&str] = &["CACHE.hit_statuses", "CACHE.status_label", "TRAFFIC.preset"];
const CACHE: &[&str] = &["CACHE.status_label", "TRAFFIC.counters"];
const SIDES: &[&str] = &[
    "CACHE.status_label",
    "CACHE.hit_statuses",
    "TRAFFIC.counters",
    "CACHE.metric_counts",
    "CACHE.limiter_counts",
];
const REJECTED: &[&str] = &["TRAFFIC.includes_rejected"];

impl Draft {
    /// The counter that was being read is whole; its name is what it counts.
    pub(in crate::config) fn end_counter(&mut self, spot: Spot) {
        let parts = self.take_entry().counter;
        self.counters.0.push((spot, parts));
    }
}

impl CountersDraft {
    pub(super) fn join(self) -> Vec<Counter> {
        self.0.into_iter().filter_map(|(spot, parts)| parts.join(&spot.name)).collect()
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(spot, _)| spot.name == name)
    }

    /// Counters that count nothing known, or half of something; labels that say the same.
    pub(super) fn conflicts(&self, traffic: &Traffic) -> Vec<Conflict> {
        let each = self.0.iter().filter_map(|(spot, parts)| conflict(spot, parts));
        let all = [self.half_a_cache(), self.cache_twice(traffic), hits_of_nothing(traffic)];
        each.chain(all.into_iter().flatten()).collect()
    }

    /// Demand without what was rejected, and nothing that tells it; a cache that is measured for nothing.
    pub(super) fn surprises(&self, traffic: &Traffic, sides: CacheSides) -> Vec<Conflict> {
        let all = [self.untold_rejections(traffic), self.idle_cache(traffic, sides)];
        all.into_iter().flatten().collect()
    }

    fn untold_rejections(&self, traffic: &Traffic) -> Option<Conflict> {
        let signals = &traffic.signals;
        let is_told = self.has("rejected")
            || signals.status_label.is_some()
            || signals.flags_label.is_some()
            || traffic.preset == TrafficPreset::Istio;
        (!signals.includes_rejected && !is_told).then(|| {
            Conflict::new(
                REJECTED,
                "`TRAFFIC.includes_rejected` is false and nothing tells what was rejected",
                "name a counter of it, `TRAFFIC.counters.rejected`",
            )
        })
    }

    fn idle_cache(&self, traffic: &Traffic, sides: CacheSides) -> Option<Conflict> {
        let cache = &traffic.signals.cache;
        let is_told = cache.label.is_some() || cache.hits.is_some() || self.has("cache_before");
        (is_told && sides.metric == sides.limiter).then(|| {
            Conflict::new(
                SIDES,
                "what the cache answers changes no limit: metric and limiter are on one side of it",
                "set `CACHE.metric_counts` and `CACHE.limiter_counts` if they are not",
            )
        })
    }

    fn half_a_cache(&self) -> Option<Conflict> {
        let (given, missing) = match (self.has("cache_before"), self.has("cache_after")) {
            (true, false) => ("cache_before", "cache_after"),
            (false, true) => ("cache_after", "cache_before"),
            _ => return None,
        };
        let (spot, _) = self.0.iter().find(|(spot, _)| spot.name == given)?;
        let message = format!("must stand beside `{missing}`, got nothing there");
        let hint = "what the cache answered is the difference of the two";
        Some(Conflict::of_entry(COUNTERS, spot.clone(), &message, hint))
    }

    fn cache_twice(&self, traffic: &Traffic) -> Option<Conflict> {
        let label = traffic.signals.cache.label.as_ref().filter(|_| self.has("cache_before"))?;
        Some(Conflict::new(
            CACHE,
            format!(
                "`CACHE.status_label` must be absent beside counters of the cache, got `{label}`"
            ),
            "keep the label or the two counters",
        ))
    }
}

fn hits_of_nothing(traffic: &Traffic) -> Option<Conflict> {
    let cache = &traffic.signals.cache;
    let has_label = cache.label.is_some() || traffic.preset == TrafficPreset::Nginx;
    let hits = cache.hits.as_ref()?;
    if hits.is_empty() {
        let message = "`CACHE.hit_statuses` must name at least one status, got an empty list";
        return Some(Conflict::new(HITS, message, "write `[HIT]`, or remove it"));
    }
    (!has_label).then(|| {
        let message = "`CACHE.status_label` must be set beside `CACHE.hit_statuses`, got nothing";
        Conflict::new(HITS, message, "name the label that tells what the cache made of a request")
    })
}

fn conflict(spot: &Spot, parts: &CounterParts) -> Option<Conflict> {
    let names = CounterOf::ALL.map(|(_, name)| name);
    if !names.contains(&spot.name.as_str()) {
        let hint = nearest(&spot.name, names).map_or_else(
            || format!("known here: {}", names.join(", ")),
            |meant| format!("did you mean `{meant}`?"),
        );
        return Some(Conflict::of_entry(COUNTERS, spot.clone(), "is not a known counter", hint));
    }
    match (&parts.metric, parts.preset) {
        (Some(metric), Some(_)) => Some(Conflict::of_entry(
            COUNTERS,
            spot.at("metric"),
            &format!("must be absent beside `preset`, got `{metric}`"),
            "keep one of the two",
        )),
        (None, None) => Some(Conflict::of_entry(
            COUNTERS,
            spot.at("metric"),
            "must be the name of a metric, got nothing",
            "name the counter, or write `ratelimit` for the limiter's own",
        )),
        (None, Some(_)) if spot.name.starts_with("cache") => Some(Conflict::of_entry(
            COUNTERS,
            spot.at("preset"),
            "must be absent here: the limiter knows no cache",
            "name the counter in `metric`",
        )),
        _ => None,
    }
}

impl CounterParts {
    fn join(self, name: &str) -> Option<Counter> {
        let (of, _) = CounterOf::ALL.into_iter().find(|(_, known)| *known == name)?;
        let Self { metric, matchers, labels, .. } = self;
        Some(Counter { of, metric, matchers, labels })
    }
}
