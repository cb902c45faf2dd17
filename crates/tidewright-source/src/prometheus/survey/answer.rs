//! Decodes the small answers of a Prometheus: names, kinds, series, the time.
//!
//! The rule: an answer that is cut or is no JSON is `None`; what single entries lack is passed over.

use std::collections::BTreeMap;

use serde::Deserialize;
use tidewright_core::{MetricKind, SeriesKey, Timestamp};

#[derive(Deserialize)]
struct Answer<T> {
    data: T,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(rename = "type", default)]
    kind: String,
}

#[derive(Deserialize)]
struct Instant {
    result: (f64, String),
}

/// A list of texts.
pub(super) fn strings(body: &[u8]) -> Option<Vec<String>> {
    Some(serde_json::from_slice::<Answer<Vec<String>>>(body).ok()?.data)
}

/// Series with their labels; the name of the metric is no label.
pub(super) fn series(body: &[u8]) -> Option<Vec<SeriesKey>> {
    let answer: Answer<Vec<BTreeMap<String, String>>> = serde_json::from_slice(body).ok()?;
    let key = |labels: BTreeMap<String, String>| {
        SeriesKey::new(labels.into_iter().filter(|(label, _)| label != "__name__"))
    };
    Some(answer.data.into_iter().map(key).collect())
}

/// What metrics are. A family is spelt out into the names that its samples have.
pub(super) fn kinds(body: &[u8]) -> BTreeMap<String, MetricKind> {
    let answer = serde_json::from_slice::<Answer<BTreeMap<String, Vec<Metadata>>>>(body);
    let families = answer.map(|answer| answer.data).unwrap_or_default();
    let mut kinds = BTreeMap::new();
    for (family, metadata) in families {
        let kind = metadata.first().map_or("", |metadata| metadata.kind.as_str());
        match kind {
            "counter" => {
                kinds.insert(format!("{family}_total"), MetricKind::Counter);
                kinds.insert(family, MetricKind::Counter);
            }
            "histogram" | "summary" => {
                kinds.insert(format!("{family}_count"), MetricKind::Observations);
                kinds.insert(format!("{family}_bucket"), MetricKind::Gauge);
                kinds.insert(format!("{family}_sum"), MetricKind::Gauge);
                kinds.insert(family, MetricKind::Gauge);
            }
            "gauge" | "gaugehistogram" | "info" | "stateset" => {
                kinds.insert(family, MetricKind::Gauge);
            }
            _ => {}
        }
    }
    kinds
}

/// The moment of an answer to an instant query.
pub(super) fn moment(body: &[u8]) -> Option<Timestamp> {
    let answer: Answer<Instant> = serde_json::from_slice(body).ok()?;
    let (seconds, _) = answer.data.result;
    Some(Timestamp::from_millis((seconds * 1000.0) as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_tells_what_its_samples_are() {
        let body = br#"{"status":"success","data":{"http_requests":[{"type":"counter"}],
            "took_seconds":[{"type":"histogram","help":"x"}],"up":[{"type":"gauge"}],"x":[{"type":"unknown"}]}}"#;
        let kinds = kinds(body);
        assert_eq!(kinds.get("http_requests_total"), Some(&MetricKind::Counter));
        assert_eq!(kinds.get("took_seconds_count"), Some(&MetricKind::Observations));
        assert_eq!(kinds.get("took_seconds_bucket"), Some(&MetricKind::Gauge));
        assert_eq!((kinds.get("up"), kinds.get("x")), (Some(&MetricKind::Gauge), None));
    }

    #[test]
    fn a_cut_answer_is_none() {
        let body = br#"{"status":"success","data":[{"__name__":"x","path":"/a"}]}"#;
        assert_eq!(series(body), Some(vec![SeriesKey::new([("path", "/a")])]));
        assert_eq!(series(&body[..40]), None);
        assert_eq!(strings(br#"{"data":["a","b"]}"#), Some(vec!["a".to_owned(), "b".to_owned()]));
        let time = br#"{"status":"success","data":{"resultType":"scalar","result":[1700000000.5,"1700000000.5"]}}"#;
        assert_eq!(moment(time), Some(Timestamp::from_millis(1_700_000_000_500)));
    }
}
