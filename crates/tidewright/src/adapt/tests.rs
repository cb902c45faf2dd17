//! A configuration as its source takes it: every key of Prometheus and of its traffic ends where it has an effect.

use tidewright_source::prometheus::{
    Auth, Flavour, LabelRule, Mapping, PrometheusSettings, RawChunks, StatusRule, Tells,
};

use super::prometheus;
use crate::config::{Overrides, load};

/// The settings of a file with these lines in `COMMON`; they can work.
fn settings(lines: &str) -> PrometheusSettings {
    let settings = unchecked(lines).unwrap();
    settings.check().unwrap();
    settings
}

fn unchecked(lines: &str) -> anyhow::Result<PrometheusSettings> {
    let text =
        format!("DEPLOYMENT: {{MODE: local}}\nENVIRONMENTS: {{local: }}\nCOMMON:\n{lines}\n");
    let loaded = load(&text, "c.yaml", &Overrides::default(), &|_| None)?;
    prometheus::settings(&loaded.settings, "https://prometheus.example.com")
}

#[test]
fn without_a_word_the_presets_hold() {
    assert_eq!(settings("  DAYS_TO_INSPECT: 7").mapping, Mapping::nginx());
    let istio = settings("  TRAFFIC: {preset: istio}").mapping;
    assert!(istio.status.is_some() && istio.flags.as_deref() == Some("response_flags"));
}

#[test]
fn labels_tell_what_they_are_said_to() {
    let lines = "  TRAFFIC: {status_label: code, includes_rejected: false}\n  CACHE: {hit_statuses: [HIT, STALE]}";
    let mapping = settings(lines).mapping;
    assert_eq!(mapping.status, Some(StatusRule::new("code")));
    assert!(!mapping.includes_rejected);
    let cache = mapping.cache.unwrap();
    assert_eq!((cache.label.as_str(), cache.hits.len()), ("cache_status", 2));
    let own = settings("  CACHE: {status_label: cached}").mapping.cache.unwrap();
    assert_eq!(
        (own.label.as_str(), own.hits.contains("HIT"), own.guessed),
        ("cached", true, false)
    );
}

#[test]
fn counters_beside_demand_have_its_labels_unless_they_have_their_own() {
    let lines = "  TRAFFIC:\n    labels: {PARTNER: who, PATH: route}\n    rewrites: {PATH: [strip_query]}\n    counters:\n      \
                 rejected: {metric: denied_total, matchers: 'job=\"edge\"'}\n      \
                 over_limit: {preset: ratelimit, labels: {PARTNER: key2, PATH: key3}}";
    let found = settings(lines);
    let [rejected, over] = &found.companions[..] else { panic!("{:?}", found.companions) };
    assert_eq!((rejected.tells, over.tells), (Tells::Rejected, Tells::OverLimit));
    assert_eq!(rejected.counter.labels, found.mapping.labels);
    assert!(rejected.counter.selector().contains("job=\"edge\""));
    let limiter = &over.counter.labels[0];
    assert_eq!(
        (limiter.label.as_str(), limiter.strip_prefix.as_deref()),
        ("key2", Some("PARTNER_"))
    );
    assert_eq!(over.counter.labels[1].rewrites.len(), 1);
    assert_eq!(over.counter.metric, Mapping::over_limit().metric);
}

#[test]
fn the_limiters_own_counter_needs_no_more_than_its_name() {
    let found = settings("  TRAFFIC: {counters: {over_limit: ratelimit}}");
    assert_eq!(found.companions[0].counter.labels, Mapping::over_limit().labels);
    let usual = LabelRule::prefixed("PARTNER", "key1", "PARTNER_");
    assert_eq!(found.companions[0].counter.labels[0], usual);
}

#[test]
fn each_kin_of_prometheus_is_asked_as_it_wants() {
    let thanos = "  PROMETHEUS_FLAVOUR: thanos\n  PROMETHEUS_THANOS: {dedup: false}\n  PROMETHEUS_PARAMETERS: {storeMatch: a}";
    let found = settings(thanos);
    let Flavour::Thanos(thanos) = found.flavour else { panic!("no Thanos") };
    assert!(!thanos.dedup && !thanos.partial_response);
    assert_eq!(found.query_parameters[0].0, "storeMatch");
    assert_eq!(found.raw_chunks, RawChunks::Auto);
    assert_eq!(settings("  PROMETHEUS_CHUNKS: off").raw_chunks, RawChunks::Off);
    let mimir = settings("  PROMETHEUS_FLAVOUR: mimir\n  PROMETHEUS_TENANT: team-a").flavour;
    assert_eq!(mimir, Flavour::Mimir { tenant: Some("team-a".to_owned()) });
}

#[test]
fn secrets_and_certificates_come_from_their_files() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).display().to_string();
    std::fs::write(path("key"), "hunter2\n").unwrap();
    std::fs::write(path("ca"), "-----BEGIN CERTIFICATE-----\n").unwrap();
    let found = settings(&format!(
        "  PROMETHEUS_AUTH: {{sigv4: {{region: eu-west-3, access_key: AKID, secret_key_file: '{}'}}}}\n  \
         PROMETHEUS_TLS: {{ca_file: '{}'}}\n  PROMETHEUS_PROXY: {{url: http://proxy:3128}}",
        path("key"),
        path("ca")
    ));
    let Auth::SigV4(key) = &found.auth else { panic!("not signed") };
    assert_eq!((key.service.as_str(), key.access_key.as_str()), ("aps", "AKID"));
    assert_eq!(found.tls.authorities.as_ref().map(|pem| pem.origin.clone()), Some(path("ca")));
    assert!(found.proxy.is_some() && !format!("{found:?}").contains("hunter2"));
}

#[test]
fn a_file_that_is_missing_is_told_with_its_name() {
    let told = |lines: &str| unchecked(lines).unwrap_err().to_string();
    let token = told("  PROMETHEUS_AUTH: {bearer_token_file: /nowhere/token}");
    assert!(token.starts_with("cannot read the secret in `/nowhere/token`: "), "{token}");
    let ca = told("  PROMETHEUS_TLS: {ca_file: /nowhere/ca}");
    assert!(ca.starts_with("cannot read the certificate or key in `/nowhere/ca`: "), "{ca}");
}

#[test]
fn a_constant_of_demand_gives_way_to_a_label_of_the_counter() {
    let lines = "  TRAFFIC:\n    preset: custom\n    metric: hits_total\n    labels: {PATH: route}\n    constants: {PARTNER: shop}\n    \
                 counters:\n      rejected: {metric: a_total}\n      over_limit: {metric: b_total, labels: {PATH: p, PARTNER: q}}";
    let found = settings(lines).companions;
    assert_eq!(found[0].counter.constants, [("PARTNER".to_owned(), "shop".to_owned())]);
    assert!(found[1].counter.constants.is_empty());
}
