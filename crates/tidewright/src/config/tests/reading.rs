//! What a right file means.

use super::*;

#[test]
fn a_mode_and_an_empty_entry_are_enough() {
    let settings =
        settings("DEPLOYMENT: {MODE: local}\nENVIRONMENTS: {local: {APPLY_TO_MINIKUBE: false}}\n");
    assert_eq!(settings.source, Source::Mock);
    assert_eq!(settings.places.output_dir, PathBuf::from("output"));
    assert_eq!(settings.places.store, PathBuf::from(".tidewright/runs.db"));
    assert_eq!(settings.prometheus.timeout, Duration::from_secs(30));
    assert_eq!(settings.prometheus.concurrency, 4);
    assert_eq!(settings.document.configmap, "ratelimit-config");
    assert_eq!(settings.at, Some(Timestamp::parse("2026-11-16T00:00:00Z").unwrap()));
}

#[test]
fn the_case_of_keys_does_not_matter() {
    let settings = settings(
        "deployment: {mode: Local}\nEnvironments: {LOCAL: {Rate_Calculation: {SAFETY_MARGIN: 2}}}\n",
    );
    assert_eq!(settings.policy.safety_margin, 2.0);
}

#[test]
fn an_environment_is_laid_over_common_and_its_lists_replace() {
    let settings = settings(
        "DEPLOYMENT: {MODE: local}\n\
         ENVIRONMENTS: {local: {RATE_CALCULATION: {safety_margin: 2}, EXCLUSIONS: {partners: [b]}}}\n\
         COMMON: {RATE_CALCULATION: {safety_margin: 1.5, cache_ratio: 1.1}, EXCLUSIONS: {partners: [a], paths: [/x]}}\n",
    );
    let policy = settings.policy;
    assert_eq!((policy.safety_margin, policy.cache_ratio), (2.0, 1.1));
    assert_eq!(
        (policy.exclusions.partners, policy.exclusions.paths),
        (vec!["b".into()], vec!["/x".into()])
    );
}

#[test]
fn maps_of_data_are_merged_and_their_keys_keep_their_case() {
    let paths = |partner: &str, path: &str| {
        format!(
            "EXCLUSIONS: {{conditional_exclusions: {{partner_paths: {{{partner}: [{path}]}}}}}}"
        )
    };
    let settings = settings(&format!(
        "DEPLOYMENT: {{MODE: local}}\nENVIRONMENTS: {{local: {{{}}}}}\nCOMMON: {{{}}}\n",
        paths("Beta", "/b"),
        paths("alpha", "/a")
    ));
    let partners: Vec<_> = settings.policy.exclusions.partner_paths.into_keys().collect();
    assert_eq!(partners, ["Beta", "alpha"]);
}

#[test]
fn names_stay_texts_whatever_they_look_like() {
    let settings = common("  EXCLUSIONS: {partners: [no, 007, 1.10, \"null\"]}\n");
    assert_eq!(settings.policy.exclusions.partners, ["no", "007", "1.10", "null"]);
}

#[test]
fn numbers_count_their_unit_and_durations_bring_theirs() {
    let policy = common("  DAYS_TO_INSPECT: 36h\n  PRIME_TIME_CONFIG: {min_duration: 90}\n").policy;
    assert_eq!(policy.learn.inspect, Duration::from_hours(36));
    assert_eq!(policy.prime.min_duration, Duration::from_mins(90));
}

#[test]
fn without_detection_all_day_is_prime() {
    let lines = "  PRIME_TIME_CONFIG: {percentile_threshold: 80, detection_method: none}\n";
    assert_eq!(common(lines).policy.prime.percentile, None);
}

#[test]
fn local_mode_makes_data_up_unless_there_is_a_source() {
    let source = |lines: &str| common(lines).source;
    assert_eq!(source("  OUTPUT_DIR: x\n"), Source::Mock);
    assert_eq!(source("  TRAFFIC: {csv: a.csv}\n"), Source::Csv("a.csv".into()));
    assert_eq!(source("  PROMETHEUS_URL: http://p\n"), Source::Prometheus("http://p".into()));
    assert_eq!(source("  PROMETHEUS_URL: http://p\n  USE_MOCK_DATA: true\n"), Source::Mock);
}

#[test]
fn only_made_up_data_have_a_fixed_moment() {
    assert_eq!(common("  PROMETHEUS_URL: http://p\n").at, None);
    let at = common("  MOCK_DATA: {seed: 7, at: 2026-01-01}\n").at;
    assert_eq!(at, Some(Timestamp::parse("2026-01-01").unwrap()));
}

#[test]
fn a_query_is_read_with_what_it_yields() {
    let traffic =
        common("  TRAFFIC: {preset: istio, query: 'sum(rate(x[5m]))', query_yields: count}\n")
            .traffic;
    let promql = "sum(rate(x[5m]))".to_owned();
    assert_eq!(traffic.preset, TrafficPreset::Istio);
    assert_eq!(traffic.reading, TrafficReading::Query { promql, yields: QueryYields::Count });
}

#[test]
fn labels_and_matchers_are_read() {
    let traffic = common("  TRAFFIC: {matchers: 'seed=\"7\"', labels: {PARTNER: who}}\n").traffic;
    assert_eq!(traffic.matchers.as_deref(), Some("seed=\"7\""));
    assert_eq!(traffic.labels["PARTNER"], "who");
}

#[test]
fn old_names_take_effect_and_are_told() {
    let text = format!(
        "{HEAD}  RATE_CALCULATION: {{cache_adjustment_factor: 1.4}}\n  EXCLUSIONS: {{global_partners: [a], global_paths: [/x]}}\n"
    );
    let policy = settings(&text).policy;
    assert_eq!(policy.cache_ratio, 1.4);
    assert_eq!(
        (policy.exclusions.partners, policy.exclusions.paths),
        (vec!["a".into()], vec!["/x".into()])
    );
    assert_eq!(notices(&text).len(), 3);
    assert_eq!(
        notices(&text)[0],
        "c.yaml:5: `COMMON.RATE_CALCULATION.cache_adjustment_factor` is an old name; it is read as \
         `RATE_CALCULATION.cache_ratio`"
    );
}

#[test]
fn a_file_from_before_there_were_sections_is_read_as_common() {
    let text = "ENV: staging\nENVIRONMENTS: {testing: }\nPROMETHEUS_URL: http://p\nCACHE_RATIO: 1.3\nEXCLUDE_PARTNERS: [a]\n";
    let settings = settings(text);
    assert_eq!((settings.mode, settings.policy.cache_ratio), (Mode::Testing, 1.3));
    assert_eq!(settings.policy.exclusions.partners, ["a"]);
    assert_eq!(settings.source, Source::Prometheus("http://p".into()));
}

#[test]
fn partner_paths_may_have_the_old_level_of_environments() {
    let text = format!(
        "{HEAD}  EXCLUSIONS:\n    conditional_exclusions:\n      partner_paths:\n        dev: {{A: [/a]}}\n        production: {{B: [/b]}}\n"
    );
    let partners: Vec<_> = settings(&text).policy.exclusions.partner_paths.into_keys().collect();
    assert_eq!(partners, ["A"]);
    assert!(notices(&text)[0].contains("the old form with environments"));
}

#[test]
fn an_old_key_without_effect_is_told() {
    let text = format!("{HEAD}  PROPHET_CONFIG: {{interval_width: 0.95}}\n");
    assert_eq!(
        notices(&text),
        [
            "c.yaml:5: `COMMON.PROPHET_CONFIG.interval_width` has no effect: reports show 80 and 95 % bands"
        ]
    );
}

#[test]
fn a_loaded_file_has_a_form_for_programs() {
    let loaded = load_text(&format!("{HEAD}  MONITORING: {{enabled: true}}\n")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&check_json("c.yaml", &loaded)).unwrap();
    assert_eq!((json["valid"].as_bool(), json["mode"].as_str()), (Some(true), Some("local")));
    assert_eq!(json["notices"].as_array().map(Vec::len), Some(1));
    let json: serde_json::Value = serde_json::from_str(&show_json("c.yaml", &loaded)).unwrap();
    let mode = &json["values"][0];
    assert_eq!(
        (mode["key"].as_str(), mode["value"][0].as_str()),
        (Some("DEPLOYMENT.MODE"), Some("local"))
    );
    assert_eq!(
        (mode["origin"]["from"].as_str(), mode["origin"]["line"].as_u64()),
        (Some("file"), Some(1))
    );
}
