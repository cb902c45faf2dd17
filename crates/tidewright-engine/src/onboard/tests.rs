//! Tests of the first look at servers that nobody prepared.

use std::collections::BTreeMap;

use tidewright_core::{
    Candidate, Covered, MetricExplorer, MetricKind, MetricLabels, Metrics, Onboarding, Pace,
    PortFuture, Rejected, SeriesKey, SumRequest, Sums, Timestamp,
};
use tidewright_limiter::Document;

use super::onboard;

/// Series with their rise of a day, by metric.
#[derive(Default)]
struct World(BTreeMap<String, Vec<(SeriesKey, f64)>>);

impl World {
    fn with(mut self, metric: &str, series: &[(&[(&str, &str)], f64)]) -> Self {
        let series =
            series.iter().map(|(labels, rise)| (SeriesKey::new(labels.iter().copied()), *rise));
        self.0.insert(metric.to_owned(), series.collect());
        self
    }

    fn sums(&self, ask: &SumRequest) -> Sums {
        let (metric, matchers) = ask.selector.split_once('{').unwrap();
        let matchers = matchers.trim_end_matches('}').split(',');
        let wanted: Vec<(&str, &str)> = matchers
            .filter_map(|it| it.split_once("=\"").filter(|(label, _)| !label.ends_with('!')))
            .map(|(label, value)| (label, value.trim_end_matches('"')))
            .collect();
        let mut rises: BTreeMap<SeriesKey, f64> = BTreeMap::new();
        for (key, rise) in &self.0[metric] {
            if wanted.iter().all(|(label, value)| key.label(label) == Some(value)) {
                let by = ask.by.iter().filter_map(|label| Some((label, key.label(label)?)));
                *rises.entry(SeriesKey::new(by)).or_default() += rise;
            }
        }
        Sums { rises: rises.into_iter().collect(), cut: false }
    }
}

impl MetricExplorer for World {
    fn place(&self) -> String {
        "a made-up server".to_owned()
    }

    fn fetch_metrics(&self, _at: Timestamp) -> PortFuture<'_, Metrics> {
        let kinds = self.0.keys().map(|name| (name.clone(), MetricKind::Unknown)).collect();
        Box::pin(async move { Ok(Metrics { kinds, cut: false }) })
    }

    fn fetch_labels<'a>(
        &'a self,
        metrics: &'a [String],
        _at: Timestamp,
    ) -> PortFuture<'a, BTreeMap<String, MetricLabels>> {
        let look = |name: &String| {
            let listed: Vec<SeriesKey> = self.0[name].iter().map(|(key, _)| key.clone()).collect();
            let mut labels =
                MetricLabels { series: listed.len() as u64, ..MetricLabels::default() };
            for (label, value) in listed.iter().flat_map(SeriesKey::labels) {
                labels.values.entry(label.to_owned()).or_default().insert(value.to_owned());
            }
            labels.listed = Some(listed);
            (name.clone(), labels)
        };
        let found = metrics.iter().map(look).collect();
        Box::pin(async move { Ok(found) })
    }

    fn fetch_sums<'a>(&'a self, ask: &'a SumRequest) -> PortFuture<'a, Sums> {
        Box::pin(async move { Ok(self.sums(ask)) })
    }

    fn fetch_pace<'a>(&'a self, _: &'a str, _: Timestamp) -> PortFuture<'a, Option<Pace>> {
        let pace = Pace { interval_ms: 30_000, depth_ms: 86_400_000, age_ms: 0 };
        Box::pin(async move { Ok(Some(pace)) })
    }

    fn fetch_time(&self) -> PortFuture<'_, Option<Timestamp>> {
        Box::pin(async { Ok(None) })
    }
}

fn look(world: &World, document: Option<&str>) -> Onboarding {
    let document = document.map(|text| Document::parse(text.as_bytes()).unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let at = Timestamp::from_secs(1_700_000_000);
    runtime.block_on(onboard(world, document.as_ref(), at)).unwrap()
}

/// What a candidate says, in one line.
fn told(candidate: &Candidate) -> String {
    let labels = candidate.labels.iter().map(|label| {
        let steps: Vec<String> = label.rewrites.iter().map(ToString::to_string).collect();
        format!("{}={}[{}]", label.descriptor, label.label, steps.join("; "))
    });
    let matchers = candidate.matchers.iter().map(|(matcher, _)| matcher.clone());
    let all: Vec<String> = labels.chain(matchers).collect();
    format!("{} {}", candidate.metric, all.join(" "))
}

const PAIRS: &str = "domain: edge
descriptors:
  - key: tenant
    value: acme
    descriptors:
      - {key: route, value: /list, rate_limit: {unit: minute, requests_per_unit: 10}}
      - {key: route, value: /get, rate_limit: {unit: minute, requests_per_unit: 10}}
      - {key: route, value: /gone, rate_limit: {unit: minute, requests_per_unit: 10}}
  - key: tenant
    value: bolt
    descriptors:
      - {key: route, value: '/list?x=1', rate_limit: {unit: minute, requests_per_unit: 10}}
  - key: remote_address
    rate_limit: {unit: second, requests_per_unit: 3}
";

#[test]
fn the_counter_whose_labels_have_the_documents_values_is_found_whatever_its_name() {
    let world = World::default()
        .with("http_requests_total", &[(&[("handler", "/metrics"), ("code", "200")], 9e9)])
        .with(
            "shop_calls",
            &[
                (&[("who", "acme"), ("what", "/list?page=1"), ("pod", "a")], 100.0),
                (&[("who", "acme"), ("what", "/get"), ("pod", "a")], 50.0),
                (&[("who", "bolt"), ("what", "/list"), ("pod", "b")], 25.0),
                (&[("who", "zorn"), ("what", "/new"), ("pod", "b")], 25.0),
            ],
        );
    let found = look(&world, Some(PAIRS));
    let best = &found.candidates[0];
    assert_eq!(told(best), "shop_calls tenant=who[] route=what[strip_query]");
    assert_eq!(
        (best.limits_with_traffic, best.requests_per_day, best.traffic_matched),
        (2, 200.0, 0.75)
    );
    let states: Vec<&Covered> = found.coverage.limits.iter().map(|(_, covered)| covered).collect();
    assert!(matches!(states[0], Covered::Traffic(requests) if *requests == 100.0));
    assert!(matches!(states[2], Covered::Nothing));
    assert!(
        matches!(states[3], Covered::Never(mismatch) if mismatch.measured == "/list"),
        "{states:?}"
    );
    assert!(matches!(states[4], Covered::Unmapped(key) if key == "remote_address"));
    let strangers: Vec<String> =
        found.coverage.strangers.iter().map(|(key, _)| key.name()).collect();
    assert_eq!(strangers, ["bolt:/list", "zorn:/new"]);
}

#[test]
fn a_pair_of_servers_is_counted_once() {
    let series = |replica: &'static str, rise: f64| {
        ([("who", "acme"), ("what", "/list"), ("prometheus_replica", replica)], rise)
    };
    let (a, b) = (series("a", 1000.0), series("b", 1001.0));
    let world = World::default().with("shop_calls", &[(&a.0, a.1), (&b.0, b.1)]);
    let found = look(&world, Some(PAIRS));
    let best = &found.candidates[0];
    assert_eq!(told(best), "shop_calls tenant=who[] route=what[] prometheus_replica=\"b\"");
    assert_eq!(best.requests_per_day, 1001.0);
}

#[test]
fn a_counter_with_rejected_requests_stands_before_one_behind_the_limiter() {
    let labels = |code: &'static str| [("who", "acme"), ("what", "/list"), ("code", code)];
    let world = World::default()
        .with("edge_requests_total", &[(&labels("200"), 80.0), (&labels("429"), 20.0)])
        .with("edge_upstream_requests_total", &[(&labels("200"), 80.0)]);
    let found = look(&world, Some(PAIRS));
    let names: Vec<&str> = found.candidates.iter().map(|it| it.metric.as_str()).collect();
    assert_eq!(names, ["edge_requests_total", "edge_upstream_requests_total"]);
    let best = &found.candidates[0];
    assert_eq!((best.rejected, best.status.as_deref()), (Rejected::Seen, Some("code")));
    assert!(found.notes[0].contains("rejected requests are in it"), "{:?}", found.notes);
}

#[test]
fn the_limiters_own_counter_loses_its_prefixes() {
    let world = World::default().with(
        "ratelimit_service_rate_limit_total_hits",
        &[
            (&[("domain", "edge"), ("key1", "tenant_acme"), ("key2", "route_/list")], 100.0),
            (&[("domain", "edge"), ("key1", "tenant_acme"), ("key2", "route_/get")], 100.0),
        ],
    );
    let found = look(&world, Some(PAIRS));
    let expected = "ratelimit_service_rate_limit_total_hits \
                    tenant=key1[tenant_** -> **] route=key2[route_** -> **]";
    assert_eq!(told(&found.candidates[0]), expected);
}

#[test]
fn a_constant_descriptor_needs_no_label() {
    let document = "domain: edge
descriptors:
  - key: generic_key
    value: shop
    descriptors:
      - key: tenant
        value: acme
        descriptors:
          - {key: route, value: /list, rate_limit: {unit: minute, requests_per_unit: 10}}
";
    let world =
        World::default().with("shop_calls", &[(&[("who", "acme"), ("what", "/list")], 7.0)]);
    let found = look(&world, Some(document));
    let best = &found.candidates[0];
    assert_eq!(best.constants, [("generic_key".to_owned(), "shop".to_owned())]);
    assert_eq!(best.limits_with_traffic, 1);
}

#[test]
fn without_a_document_names_decide() {
    let world = World::default()
        .with("a_requests_total", &[(&[("customer", "1"), ("request_path", "/x")], 5.0)])
        .with("b_requests_total", &[(&[("shard", "1"), ("zone", "x")], 500.0)]);
    let found = look(&world, None);
    assert_eq!(
        told(&found.candidates[0]),
        "a_requests_total PARTNER=customer[] PATH=request_path[]"
    );
    assert_eq!(found.candidates.len(), 1);
}

#[test]
fn a_server_without_a_candidate_says_so() {
    let world = World::default().with("go_threads_total", &[(&[("who", "acme")], 5.0)]);
    let found = look(&world, Some(PAIRS));
    assert!(found.candidates.is_empty() && found.coverage.limits.len() == 5);
}
