//! Which label carries which descriptor: by the values that both have, and by names only where there are none.
//!
//! Values may be written differently on both sides. Each step that joins them is kept only if it joins some and parts
//! none; what no step may join is told.

mod joins;

use std::collections::{BTreeMap, BTreeSet};

use tidewright_core::{MappedLabel, MetricLabels, Mismatch, SeriesKey};

use super::wanted::{Wanted, WantedDescriptor};

/// Labels that say who was scraped, not what was asked for.
const SCRAPE: [&str; 12] = [
    "instance",
    "job",
    "pod",
    "pod_name",
    "container",
    "node",
    "le",
    "quantile",
    "replica",
    "prometheus_replica",
    "prometheus",
    "__replica__",
];

/// Labels that say what came of a request.
const STATUS: [&str; 7] = [
    "response_code",
    "status",
    "code",
    "status_code",
    "http_status",
    "http_code",
    "http_status_code",
];

/// Words for the same thing.
const KIN: [&[&str]; 4] = [
    &["remoteaddress", "remoteaddr", "clientip", "sourceip", "ip", "address"],
    &[
        "partner", "tenant", "customer", "client", "consumer", "account", "merchant", "vendor",
        "org", "user", "apikey", "app", "team",
    ],
    &["path", "uri", "url", "route", "endpoint", "handler", "operation", "resource", "api"],
    &["method", "verb"],
];

/// How much a name weighs beside the share of values that are found.
const NAME_WEIGHT: f64 = 0.25;

/// Cache statuses, as nginx and CDNs write them.
const CACHE_STATUS: [&str; 8] =
    ["HIT", "MISS", "BYPASS", "EXPIRED", "STALE", "UPDATING", "REVALIDATED", "DYNAMIC"];

/// Values of a label that is mapped although most limits do not name its descriptor.
const OTHER_VALUES_MAX: usize = 50;

/// The labels that carry the wanted descriptors, in their order; a label carries one descriptor only.
pub(super) fn map_labels(wanted: &Wanted, labels: &MetricLabels) -> Vec<MappedLabel> {
    let mut mapped = assign(&wanted.descriptors, labels);
    if mapped.is_empty() {
        return mapped;
    }
    let main: Vec<String> = mapped.iter().map(|label| label.label.clone()).collect();
    let others = assign(&wanted.others, labels).into_iter();
    mapped.extend(others.filter(|other| {
        let few = labels.values.get(&other.label).is_some_and(|it| it.len() <= OTHER_VALUES_MAX);
        few && !main.contains(&other.label) && is_everywhere(&other.label, &main, labels)
    }));
    mapped
}

/// Whether every series that has the main labels has this one, too.
fn is_everywhere(label: &str, main: &[String], labels: &MetricLabels) -> bool {
    let has =
        |series: &SeriesKey, label: &str| series.label(label).is_some_and(|it| !it.is_empty());
    labels.listed.as_ref().is_some_and(|listed| {
        let counted = listed.iter().filter(|series| main.iter().all(|label| has(series, label)));
        { counted }.all(|series| has(series, label))
    })
}

/// A label that is mapped already, with how its values differ from the document's.
pub(super) fn remap(mapped: &MappedLabel, wanted: &Wanted, labels: &MetricLabels) -> MappedLabel {
    let descriptors = wanted.descriptors.iter().chain(&wanted.others);
    let descriptor = { descriptors }.find(|it| it.key == mapped.descriptor);
    let values = labels.values.get(&mapped.label);
    let (Some(descriptor), Some(values)) = (descriptor, values) else { return mapped.clone() };
    let joined = joins::join(descriptor, values);
    let (matched, all) = (joined.matched, descriptor.values.len());
    // A step that would join them is no part of this mapping.
    let apart = |it: Mismatch| {
        let joined = it.rewrite.as_ref().is_some_and(|step| mapped.rewrites.contains(step));
        Mismatch { joined, ..it }
    };
    let mismatches = joined.mismatches.into_iter().map(apart).collect();
    MappedLabel { mismatches, matched, values: all, ..mapped.clone() }
}

fn assign(wanted: &[WantedDescriptor], labels: &MetricLabels) -> Vec<MappedLabel> {
    let mut pairs = Vec::new();
    for (place, descriptor) in wanted.iter().enumerate() {
        for (label, values) in labels.values.iter().filter(|(label, _)| is_content(label)) {
            if let Some((score, mapped)) = map_one(descriptor, label, values) {
                pairs.push((score, place, mapped));
            }
        }
    }
    pairs.sort_by(|(one, ..), (other, ..)| other.total_cmp(one));
    let mut chosen: BTreeMap<usize, MappedLabel> = BTreeMap::new();
    for (_, place, mapped) in pairs {
        let is_free = chosen.values().all(|other| other.label != mapped.label);
        if is_free {
            chosen.entry(place).or_insert(mapped);
        }
    }
    chosen.into_values().collect()
}

/// The label with the HTTP status.
pub(super) fn status_label(labels: &MetricLabels) -> Option<String> {
    let is_status =
        |value: &String| value.len() == 3 && value.starts_with(|c: char| ('1'..='5').contains(&c));
    let has = |label: &&str| {
        let values = labels.values.get(*label);
        values.is_some_and(|values| !values.is_empty() && values.iter().any(is_status))
    };
    STATUS.iter().copied().find(has).map(str::to_owned)
}

/// The label that says whether a cache answered, and which of its values say that it did.
pub(super) fn cache_label(labels: &MetricLabels) -> Option<(String, Vec<String>)> {
    let known = |value: &&String| CACHE_STATUS.iter().any(|word| word.eq_ignore_ascii_case(value));
    let found = labels.values.iter().find(|(label, values)| {
        label.to_ascii_lowercase().contains("cache") && values.iter().any(|value| known(&value))
    });
    let (label, values) = found?;
    let hits = values.iter().filter(|value| value.eq_ignore_ascii_case("HIT")).cloned().collect();
    Some((label.clone(), hits))
}

fn is_content(label: &str) -> bool {
    !label.starts_with("__") && !SCRAPE.contains(&label) && !STATUS.contains(&label)
}

/// A label as the carrier of a descriptor, and how well it suits.
fn map_one(
    wanted: &WantedDescriptor,
    label: &str,
    values: &BTreeSet<String>,
) -> Option<(f64, MappedLabel)> {
    let alike = likeness(&wanted.key, label);
    let joined = joins::join(wanted, values);
    let share = match wanted.values.len() {
        0 if alike > 0.5 => 0.5,
        0 => 0.0,
        all => joined.matched as f64 / all as f64,
    };
    let found = joined.matched > 0 || (wanted.values.is_empty() && alike > 0.5);
    let mapped = MappedLabel {
        descriptor: wanted.key.clone(),
        label: label.to_owned(),
        rewrites: joined.rewrites,
        mismatches: joined.mismatches,
        matched: joined.matched,
        values: wanted.values.len(),
    };
    found.then_some((share + NAME_WEIGHT * alike, mapped))
}

/// How much two names mean the same, from 0 to 1.
fn likeness(descriptor: &str, label: &str) -> f64 {
    let bare = |name: &str| -> String {
        name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
    };
    let (descriptor, label) = (bare(descriptor), bare(label));
    if descriptor == label {
        return 1.0;
    }
    let kin = |name: &str| {
        KIN.iter().position(|words| {
            words.iter().any(|word| name == *word || (word.len() > 3 && name.contains(word)))
        })
    };
    match (kin(&descriptor), kin(&label)) {
        (Some(one), Some(other)) if one == other => 0.8,
        _ if descriptor.len() > 3 && label.contains(&descriptor) => 0.8,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_same_thing_are_alike() {
        assert!(likeness("PARTNER", "partner") > likeness("PARTNER", "tenant_id"));
        assert!(
            likeness("remote_address", "client_ip") > 0.5
                && likeness(":path", "request_path") > 0.5
        );
        assert!(likeness("PARTNER", "path") < 0.1 && likeness("x", "shard") < 0.1);
    }
}
