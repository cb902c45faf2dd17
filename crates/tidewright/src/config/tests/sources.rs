//! Kinds of Prometheus, ways to show who we are, the way there, and what stands beside demand.

use tidewright_core::CacheSide;

use super::*;

const AT_AMAZON: &str =
    "  PROMETHEUS_AUTH: {sigv4: {region: eu-west-3, access_key: AKID, secret_key_file: /k}}\n";

fn prometheus(lines: &str) -> Prometheus {
    common(lines).prometheus
}

fn check_told(lines: &str, expected: &str) {
    let text = told(&format!("{HEAD}  {lines}\n"));
    assert!(text.contains(expected) && text.contains("hint: "), "{text}");
}

#[test]
fn each_kin_of_prometheus_has_its_own_settings() {
    let flavour = |lines: &str| prometheus(&format!("  {lines}\n")).flavour;
    assert_eq!(flavour("PROMETHEUS_TIMEOUT: 30s"), Flavour::Prometheus);
    let (dedup, partial_response, coarseness) = (true, false, Coarseness::Raw);
    assert_eq!(
        flavour("PROMETHEUS_FLAVOUR: Thanos"),
        Flavour::Thanos { dedup, partial_response, coarseness }
    );
    assert_eq!(
        flavour(
            "PROMETHEUS_FLAVOUR: thanos\n  PROMETHEUS_THANOS: {dedup: false, partial_response: true, max_source_resolution: 5m}"
        ),
        Flavour::Thanos {
            dedup: false,
            partial_response: true,
            coarseness: Coarseness::FiveMinutes
        }
    );
    let tenant = Some("team-a".to_owned());
    assert_eq!(
        flavour("PROMETHEUS_FLAVOUR: cortex\n  PROMETHEUS_TENANT: team-a"),
        Flavour::Mimir { tenant }
    );
    let tenant = Some("7:2".to_owned());
    assert_eq!(
        flavour("PROMETHEUS_FLAVOUR: victoriametrics\n  PROMETHEUS_TENANT: 7:2"),
        Flavour::VictoriaMetrics { tenant }
    );
    assert_eq!(flavour("PROMETHEUS_FLAVOUR: trickster"), Flavour::Trickster);
}

#[test]
fn settings_of_another_kin_are_refused() {
    check_told(
        "PROMETHEUS_TENANT: a",
        "`PROMETHEUS_TENANT` must be absent where `PROMETHEUS_FLAVOUR` is `prometheus`, got `a`",
    );
    check_told("PROMETHEUS_THANOS: {dedup: true}", "`PROMETHEUS_THANOS` must be absent where");
    check_told(
        "PROMETHEUS_FLAVOUR: mimir\n  PROMETHEUS_TENANT: a\n  PROMETHEUS_AUTH: {headers: {x-scope-orgid: b}}",
        "`PROMETHEUS_TENANT` must be absent beside the header `x-scope-orgid`, got `a`",
    );
    check_told("PROMETHEUS_FLAVOUR: tanos", "did you mean `thanos`?");
}

#[test]
fn a_request_is_signed_where_a_region_is_named() {
    let Auth::SigV4(sigv4) = prometheus(AT_AMAZON).auth else { panic!("not signed") };
    assert_eq!((sigv4.region.as_str(), sigv4.service.as_str()), ("eu-west-3", "aps"));
    assert_eq!((sigv4.access_key.as_str(), sigv4.session_token), ("AKID", None));
    assert_eq!(sigv4.secret_key, SecretSource::File("/k".into()));
}

#[test]
fn the_keys_of_a_machine_at_amazon_sign_nothing_by_themselves() {
    let loaded =
        load(HEAD, "c.yaml", &Overrides::default(), &env_of("AWS_SECRET_ACCESS_KEY", "hunter2"))
            .unwrap();
    assert_eq!(loaded.settings.prometheus.auth, Auth::None);
    assert!(!show_text("c", &loaded).contains("hunter2"));
}

#[test]
fn half_a_key_is_refused() {
    check_told("PROMETHEUS_AUTH: {sigv4: {region: a}}", "got no name of a key");
    check_told("PROMETHEUS_AUTH: {sigv4: {region: a, access_key: b}}", "got no secret key");
    check_told("PROMETHEUS_AUTH: {sigv4: {secret_key_file: /k}}", "got no region");
    check_told("PROMETHEUS_AUTH: {sigv4: {secret_key: hunter2}}", "must not stand in the file");
}

#[test]
fn a_command_may_print_the_token() {
    let lines = "  PROMETHEUS_AUTH: {token_command: [gcloud, auth, print-access-token], token_lifetime: 30m}\n";
    let Auth::TokenCommand(token) = prometheus(lines).auth else { panic!("no command") };
    assert_eq!((token.command.len(), token.lifetime), (3, Duration::from_mins(30)));
    check_told("PROMETHEUS_AUTH: {token_command: gcloud}", "put it in brackets");
}

#[test]
fn there_is_one_way_to_show_who_we_are() {
    check_told(
        "PROMETHEUS_AUTH: {token_command: [a], username: b, password_file: /c, sigv4: {region: d, access_key: e, secret_key_file: /f}}",
        "must hold one way to show who we are, got a user name and a region to sign for and a token command",
    );
}

#[test]
fn certificates_come_in_pairs_and_proxies_with_an_address() {
    let lines = "  PROMETHEUS_TLS: {ca_file: /ca, certificate_file: ~/c, key_file: /k}\n  PROMETHEUS_PROXY: {url: http://proxy:3128, except: [.local]}\n";
    let found = prometheus(lines);
    assert_eq!(found.tls.authorities, Some("/ca".into()));
    assert_eq!(found.tls.client, Some(("~/c".into(), "/k".into())));
    assert_eq!(
        found.proxy,
        Some(Proxy { url: "http://proxy:3128".into(), except: vec![".local".into()] })
    );
    check_told("PROMETHEUS_TLS: {key_file: /k}", "got a key without its certificate");
    check_told("PROMETHEUS_PROXY: {except: [a]}", "`PROMETHEUS_PROXY.url` must be set beside");
    check_told(
        "PROMETHEUS_PROXY: {url: 'http://me:hunter2@proxy'}",
        "got a value that is not shown",
    );
}

#[test]
fn parameters_of_queries_hold_no_credentials() {
    let found = prometheus("  PROMETHEUS_PARAMETERS: {storeMatch: a}\n").parameters;
    assert_eq!(found["storeMatch"], "a");
    check_told(
        "PROMETHEUS_PARAMETERS: {api_key: hunter2}",
        "must not hold credentials in the file, got a value that is not shown",
    );
}

#[test]
fn labels_tell_what_became_of_requests() {
    let lines = "  TRAFFIC: {status_label: code, flags_label: flags, includes_rejected: false}\n  CACHE: {status_label: cached, hit_statuses: [HIT, STALE], metric_counts: before, limiter_counts: after}\n";
    let settings = common(lines);
    let signals = settings.traffic.signals;
    assert_eq!(
        (signals.status_label.as_deref(), signals.flags_label.as_deref()),
        (Some("code"), Some("flags"))
    );
    assert!(!signals.includes_rejected);
    assert_eq!(signals.cache.label.as_deref(), Some("cached"));
    assert_eq!(signals.cache.hits, Some(vec!["HIT".into(), "STALE".into()]));
    assert_eq!(settings.policy.cache.limiter, CacheSide::After);
    check_told("TRAFFIC: {status_label: a-b}", "must be the name of a label, got `a-b`");
}

#[test]
fn counters_stand_beside_demand_by_what_they_count() {
    let lines = "  TRAFFIC:\n    counters:\n      over_limit: ratelimit\n      rejected: {metric: denied_total, matchers: 'job=\"edge\"', labels: {PARTNER: who}}\n";
    let counters = common(lines).traffic.signals.counters;
    assert_eq!((counters[0].of, counters[0].metric.as_deref()), (CounterOf::OverLimit, None));
    assert_eq!(
        (counters[1].of, counters[1].metric.as_deref()),
        (CounterOf::Rejected, Some("denied_total"))
    );
    assert_eq!(
        (counters[1].matchers.as_deref(), counters[1].labels["PARTNER"].as_str()),
        (Some("job=\"edge\""), "who")
    );
}

#[test]
fn a_counter_that_counts_nothing_known_is_refused() {
    check_common(
        "  TRAFFIC:\n    counters:\n      overlimit: ratelimit\n",
        "c.yaml:7: `TRAFFIC.counters.overlimit` is not a known counter\n  hint: did you mean `over_limit`?",
    );
    check_told(
        "TRAFFIC: {counters: {rejected: {matchers: 'a=\"1\"'}}}",
        "`TRAFFIC.counters.rejected.metric` must be the name of a metric, got nothing",
    );
    check_told(
        "TRAFFIC: {counters: {cache_after: {metric: a}}}",
        "`TRAFFIC.counters.cache_after` must stand beside `cache_before`",
    );
    check_told(
        "TRAFFIC: {counters: {rejected: {metric: a, labels: {PARTNER: a-b}}}}",
        "`COMMON.TRAFFIC.counters.rejected.labels.PARTNER` must be the name of a label",
    );
}

#[test]
fn the_cache_is_told_once() {
    let both = "{cache_before: {metric: a}, cache_after: {metric: b}}";
    check_told(
        &format!("CACHE: {{status_label: c}}\n  TRAFFIC: {{counters: {both}}}"),
        "`CACHE.status_label` must be absent beside counters of the cache, got `c`",
    );
    check_told(
        "CACHE: {hit_statuses: [HIT]}\n  TRAFFIC: {preset: istio}",
        "`CACHE.status_label` must be set beside",
    );
    check_told("CACHE: {hit_statuses: []}", "must name at least one status");
}

#[test]
fn demand_that_leaves_rejected_requests_out_is_told_where_nothing_tells_them() {
    let text = format!("{HEAD}  TRAFFIC: {{includes_rejected: false}}\n");
    assert!(notices(&text)[0].contains("nothing tells what was rejected"), "{:?}", notices(&text));
    let told = text.replace("false}", "false, status_label: code}");
    assert!(notices(&told).is_empty());
}

#[test]
fn a_cache_that_changes_no_limit_is_told() {
    let text = format!("{HEAD}  CACHE: {{status_label: cached}}\n");
    assert!(notices(&text)[0].contains("changes no limit: metric and limiter are on one side"));
    let needed = text.replace("cached}", "cached, limiter_counts: after}");
    assert!(notices(&needed).is_empty());
}
