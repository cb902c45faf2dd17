//! Requests that are counted twice: by both ends of a connection, by two Prometheus servers, by two scrapes of one
//! target.
//!
//! The rule: a label parts the same requests, not different ones, only where its values have equal sums for nearly all
//! traffic, combination by combination. Two servers that share a load never are that equal.

use std::collections::{BTreeMap, BTreeSet};

use tidewright_core::{MetricLabels, SeriesKey, Sums};

/// Labels of servers that keep the same samples for safety, and of scrapes that may overlap.
const COPIES: [&str; 9] = [
    "prometheus_replica",
    "__replica__",
    "replica",
    "prometheus",
    "receive_replica",
    "ruler_replica",
    "monitor",
    "job",
    "scrape_job",
];

/// Which end of a connection counts, at Istio.
const REPORTER: &str = "reporter";

/// How far sums of the same requests lie apart over a day: one scrape, or one restart of a server.
const APART_RATIO_MAX: f64 = 0.03;

/// How much of the traffic must be counted equally to be the same.
const SAME_SHARE_MIN: f64 = 0.8;

/// Of the series that differ in one label only.
const COPIED_SHARE_MIN: f64 = 0.8;

/// What keeps requests from being counted twice.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Twice {
    /// The value of the label that is kept.
    pub(super) keep: String,
    /// Why, for people.
    pub(super) why: String,
}

/// Labels that may part the same requests.
pub(super) fn suspects(labels: &MetricLabels) -> Vec<String> {
    let several = |label: &&str| labels.values.get(*label).is_some_and(|values| values.len() > 1);
    let copies =
        COPIES.iter().copied().filter(|label| several(label) && may_be_copies(labels, label));
    let reporter = Some(REPORTER).filter(several);
    reporter.into_iter().chain(copies).map(str::to_owned).collect()
}

/// Whether most series exist once for each value of the label, as far as all are known.
fn may_be_copies(labels: &MetricLabels, label: &str) -> bool {
    let Some(listed) = &labels.listed else { return true };
    let mut groups: BTreeMap<SeriesKey, BTreeSet<&str>> = BTreeMap::new();
    for series in listed {
        let others = SeriesKey::new(series.labels().filter(|(name, _)| *name != label));
        groups.entry(others).or_default().insert(series.label(label).unwrap_or_default());
    }
    let copied = groups.values().filter(|values| values.len() > 1).count();
    copied as f64 >= COPIED_SHARE_MIN * groups.len() as f64
}

/// Whether the values of `label` part the same requests; `sums` are by it and by the mapped labels.
pub(super) fn twice(label: &str, labels: &MetricLabels, sums: &Sums) -> Option<Twice> {
    let mut by_value: BTreeMap<&str, f64> = BTreeMap::new();
    let mut by_others: BTreeMap<SeriesKey, Vec<f64>> = BTreeMap::new();
    for (series, rise) in &sums.rises {
        let others = SeriesKey::new(series.labels().filter(|(name, _)| *name != label));
        *by_value.entry(series.label(label).unwrap_or_default()).or_default() += rise;
        by_others.entry(others).or_default().push(*rise);
    }
    let (keep, _) = by_value.iter().rev().max_by(|(_, one), (_, other)| one.total_cmp(other))?;
    let keep = (*keep).to_owned();
    let values: Vec<&str> = by_value.keys().copied().collect();
    let values = values.join("`, `");
    if label == REPORTER && labels.values.get(label).is_some_and(|values| values.len() > 1) {
        // Both ends of a connection report; where both saw the traffic, its source stands nearer to the limiter.
        let both =
            by_value.get("source").is_some_and(|rise| *rise >= 0.5 * by_value[keep.as_str()]);
        let keep = if both { "source".to_owned() } else { keep };
        let why =
            format!("both ends of a connection report (`{values}`), so that one must be chosen");
        return Some(Twice { keep, why });
    }
    let total: f64 = by_others.values().flatten().sum();
    let equal: f64 = by_others.values().filter(|rises| are_equal(rises)).flatten().sum();
    (by_value.len() > 1 && total > 0.0 && equal >= SAME_SHARE_MIN * total).then(|| {
        let why = format!("`{values}` have counted the same requests");
        Twice { keep, why }
    })
}

fn are_equal(rises: &[f64]) -> bool {
    let (low, high) = rises
        .iter()
        .fold((f64::INFINITY, 0.0_f64), |(low, high), rise| (low.min(*rise), high.max(*rise)));
    rises.len() > 1 && high - low <= APART_RATIO_MAX * high
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(label: &str, rises: &[(&str, &str, f64)]) -> Sums {
        let key = |(path, value, rise): &(&str, &str, f64)| {
            (SeriesKey::new([("path", *path), (label, *value)]), *rise)
        };
        Sums { rises: rises.iter().map(key).collect(), cut: false }
    }

    fn labels(sums: &Sums) -> MetricLabels {
        let mut labels = MetricLabels::default();
        for (label, value) in sums.rises.iter().flat_map(|(key, _)| key.labels()) {
            labels.values.entry(label.to_owned()).or_default().insert(value.to_owned());
        }
        labels
    }

    fn kept(label: &str, rises: &[(&str, &str, f64)]) -> Option<String> {
        let sums = sums(label, rises);
        twice(label, &labels(&sums), &sums).map(|twice| twice.keep)
    }

    #[test]
    fn two_servers_that_counted_the_same_are_told_from_two_that_share_the_load() {
        let same = [("/a", "x", 1000.0), ("/a", "y", 1010.0), ("/b", "x", 50.0), ("/b", "y", 50.0)];
        assert_eq!(kept("replica", &same), Some("y".to_owned()));
        let shared =
            [("/a", "x", 1000.0), ("/a", "y", 1100.0), ("/b", "x", 50.0), ("/b", "y", 40.0)];
        assert_eq!(kept("replica", &shared), None);
    }

    #[test]
    fn the_source_reports_unless_only_the_destination_saw_the_traffic() {
        let both = [("/a", "source", 900.0), ("/a", "destination", 1000.0)];
        assert_eq!(kept("reporter", &both), Some("source".to_owned()));
        let one = [("/a", "source", 10.0), ("/a", "destination", 1000.0)];
        assert_eq!(kept("reporter", &one), Some("destination".to_owned()));
    }

    #[test]
    fn a_label_whose_series_have_no_twins_is_no_suspect() {
        let mut all = labels(&sums("job", &[("/a", "x", 1.0), ("/b", "y", 1.0)]));
        all.listed = Some(vec![
            SeriesKey::new([("path", "/a"), ("job", "x"), ("instance", "1")]),
            SeriesKey::new([("path", "/a"), ("job", "y"), ("instance", "2")]),
        ]);
        assert_eq!(suspects(&all), Vec::<String>::new());
        all.listed = Some(vec![
            SeriesKey::new([("path", "/a"), ("job", "x"), ("instance", "1")]),
            SeriesKey::new([("path", "/a"), ("job", "y"), ("instance", "1")]),
        ]);
        assert_eq!(suspects(&all), ["job"]);
    }
}
