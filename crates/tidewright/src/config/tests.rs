//! The configuration as a whole: a text goes in, settings or faults come out.

use std::path::PathBuf;
use std::time::Duration;

use tidewright_core::{Rounding, Timestamp};

use super::*;

const ISSUE_FILE: &str = include_str!("../../../../config/config.yaml");
/// Local mode and room for one key of `COMMON` on line 5.
const HEAD: &str = "DEPLOYMENT: {MODE: local}\nENVIRONMENTS:\n  local:\nCOMMON:\n";

fn no_env(_: &str) -> Option<String> {
    None
}

fn env_of(name: &'static str, value: &'static str) -> impl Fn(&str) -> Option<String> {
    move |asked| (asked == name).then(|| value.to_owned())
}

fn load_text(text: &str) -> Result<Loaded, Faults> {
    load(text, "c.yaml", &Overrides::default(), &no_env)
}

fn told(text: &str) -> String {
    load_text(text).map_or_else(|faults| faults.to_string(), |_| "right".to_owned())
}

/// The lines of `COMMON` in `common` are refused with exactly `expected`.
fn check_common(common: &str, expected: &str) {
    assert_eq!(told(&format!("{HEAD}{common}")), expected);
}

/// The whole file is refused with exactly `expected`.
fn check(text: &str, expected: &str) {
    assert_eq!(told(text), expected);
}

/// The settings of a file that is right.
fn settings(text: &str) -> Settings {
    load_text(text).unwrap().settings
}

fn common(lines: &str) -> Settings {
    settings(&format!("{HEAD}{lines}"))
}

fn notices(text: &str) -> Vec<String> {
    load_text(text).unwrap().notices.iter().map(ToString::to_string).collect()
}

#[test]
fn the_file_of_the_issue_means_what_it_says() {
    let settings = settings(ISSUE_FILE);
    let policy = &settings.policy;
    assert_eq!((settings.mode, settings.source), (Mode::Local, Source::Mock));
    assert_eq!((policy.cache_ratio, policy.safety_margin), (1.2, 1.3));
    assert_eq!((policy.bounds.min, policy.bounds.max), (100.0, 100_000.0));
    assert_eq!(policy.rounding, Rounding::NearestHundred);
    assert_eq!(policy.exclusions.partners, ["test_partner", "dev_partner"]);
    assert_eq!(policy.exclusions.low_traffic, ["partner_123"]);
    assert_eq!(policy.exclusions.partner_paths["CUSTOMER_ID_3"], ["/admin/test"]);
    assert_eq!(policy.prime.min_duration, Duration::from_mins(60));
    assert_eq!((settings.log.level, settings.log.verbose), (LogLevel::Debug, true));
    assert_eq!(settings.document.namespace, "default");
    assert!(settings.safety.dry_run && settings.safety.preview_only);
}

#[test]
fn the_file_of_the_issue_is_shown_with_the_origin_of_each_value() {
    let loaded = load_text(ISSUE_FILE).unwrap();
    insta::assert_snapshot!(show_text("c.yaml", &loaded));
}

#[test]
fn the_file_of_the_issue_says_which_keys_have_no_effect_yet() {
    let loaded = load_text(ISSUE_FILE).unwrap();
    insta::assert_snapshot!(check_text("c.yaml", &loaded));
}

#[test]
fn the_file_of_the_issue_loads_in_every_mode() {
    for mode in ["testing", "production"] {
        let text = ISSUE_FILE.replace("MODE: \"local\"", &format!("MODE: \"{mode}\""));
        let settings = settings(&text);
        assert_eq!(settings.mode.name(), mode);
        assert!(matches!(settings.source, Source::Prometheus(_)));
        assert_eq!(settings.safety.dry_run, mode == "testing");
    }
}

#[test]
fn the_samples_load_and_their_modes_are_their_names() {
    let samples = [
        ("local", include_str!("../../../../config/local-config.yaml")),
        ("testing", include_str!("../../../../config/testing-config.yaml")),
        ("testing", include_str!("../../../../config/estate-config.yaml")),
        ("production", include_str!("../../../../config/production-config.yaml")),
    ];
    for (mode, text) in samples {
        assert_eq!(settings(text).mode.name(), mode);
        assert!(settings(text).safety.dry_run);
    }
}

#[test]
fn the_sample_with_everything_leaves_no_part_of_the_policy_out() {
    let policy = settings(include_str!("../../../../config/estate-config.yaml")).policy;
    let rules: Vec<_> = policy.bounds_rules.iter().map(|rule| rule.name.as_str()).collect();
    assert_eq!(
        rules,
        ["gold", "trial", "login", "one-time codes", "partner CUSTOMER_ID_3, path /api/export"]
    );
    assert_eq!((policy.destinations.len(), policy.pins.len()), (1, 2));
    assert_eq!(policy.calendar.events.len(), 7);
}

#[test]
fn a_dozen_faults_are_told_at_once() {
    let faults = load_text(include_str!("../../tests/data/faulty-config.yaml")).unwrap_err();
    insta::assert_snapshot!(faults);
}

mod calendar;
mod entries;
mod faults;
mod holding;
mod migration;
mod reading;
mod scopes;
mod sources;
