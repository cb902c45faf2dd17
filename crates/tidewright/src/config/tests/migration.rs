//! Files of the predecessor: everything in them is read, or told; nothing is dropped in silence.

use std::collections::BTreeSet;

use super::*;
use crate::config::yaml::{Kind, Node};

const OLD_FILE: &str = include_str!("../../../tests/data/predecessor-config.yaml");

/// Entries below `path` that became no value and that no notice names, by their lines.
fn dropped(node: &Node, path: &str, is_known: &dyn Fn(&str, usize) -> bool) -> Vec<usize> {
    let Kind::Map(entries) = &node.kind else { return Vec::new() };
    let path_of =
        |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    let open = entries.iter().filter(|entry| {
        !is_known(&path_of(&entry.key), entry.line) && !is_known("", entry.value.line)
    });
    let lines = open.map(|entry| match entry.value.kind {
        Kind::Map(_) => dropped(&entry.value, &path_of(&entry.key), is_known),
        _ => vec![entry.line],
    });
    lines.flatten().collect()
}

#[test]
fn nothing_in_a_file_of_the_predecessor_is_dropped_in_silence() {
    let sifted = sift_text(OLD_FILE, "old.yaml").unwrap();
    let layers = [&sifted.deployment, &sifted.common].into_iter();
    let layers = layers.chain(sifted.environments.values()).chain(sifted.overrides.values());
    let read: BTreeSet<usize> =
        layers.flat_map(|layer| layer.values().map(|given| given.line)).collect();
    let told: BTreeSet<&String> = sifted.notices.iter().flat_map(|notice| &notice.idle).collect();
    let root = yaml::parse(OLD_FILE).unwrap().unwrap();
    let is_known = |path: &str, line: usize| {
        if path.is_empty() { read.contains(&line) } else { told.contains(&path.to_owned()) }
    };
    assert_eq!(dropped(&root, "", &is_known), Vec::<usize>::new());
    // The check itself can tell: without what was told, much is missing.
    let only_read = |path: &str, line: usize| path.is_empty() && read.contains(&line);
    assert!(dropped(&root, "", &only_read).len() > 20);
}

#[test]
fn a_file_of_the_predecessor_says_what_it_means_here() {
    let loaded = load(OLD_FILE, "old.yaml", &Overrides::default(), &no_env).unwrap();
    insta::assert_snapshot!(check_text("old.yaml", &loaded));
}

#[test]
fn a_file_of_the_predecessor_keeps_its_exclusions_and_numbers() {
    let settings = settings(OLD_FILE);
    let policy = &settings.policy;
    assert_eq!(settings.mode, Mode::Testing);
    assert_eq!(policy.exclusions.partners, ["internal_probe"]);
    assert_eq!(policy.exclusions.paths, ["/health", "/ping"]);
    assert_eq!(policy.exclusions.partner_paths["partner_b"], ["/preview", "/beta"]);
    assert_eq!(policy.exclusions.partner_paths.len(), 1);
    assert_eq!((policy.cache_ratio, policy.safety_margin), (1.1, 1.4));
    assert_eq!(settings.document.configmap, "blue-limits");
    assert_eq!(settings.log.level, LogLevel::Warn);
    assert_eq!(policy.beside, Some(tidewright_core::Formula::V3));
}

#[test]
fn overrides_lie_between_common_and_the_environment() {
    let text = "DEPLOYMENT: {MODE: local}\n\
                ENVIRONMENTS: {local: {RATE_CALCULATION: {safety_margin: 3}}}\n\
                COMMON: {RATE_CALCULATION: {safety_margin: 1, cache_ratio: 1}}\n\
                DEPLOYMENT_OVERRIDES: {local: {COMMON: {RATE_CALCULATION: {safety_margin: 2, cache_ratio: 2}}}}\n";
    let policy = settings(text).policy;
    assert_eq!((policy.safety_margin, policy.cache_ratio), (3.0, 2.0));
}

#[test]
fn overrides_of_anything_but_common_are_refused() {
    let text = format!("{HEAD}DEPLOYMENT_OVERRIDES: {{local: {{PROMETHEUS_URL: http://p}}}}\n");
    check(
        &text,
        "c.yaml:5: `DEPLOYMENT_OVERRIDES.local.PROMETHEUS_URL` is not a known key\n  \
         hint: only `COMMON` stands here; use `ENVIRONMENTS.local`",
    );
}

#[test]
fn the_name_of_an_environment_is_read_as_its_mode() {
    let text = "DEPLOYMENT: {MODE: dev}\nENVIRONMENTS: {dev: {OUTPUT_DIR: x}}\n";
    let loaded = load_text(text).unwrap();
    assert_eq!(loaded.settings.mode, Mode::Local);
    assert_eq!(loaded.settings.places.output_dir, PathBuf::from("x"));
    assert_eq!(
        notices(text),
        [
            "c.yaml:1: `DEPLOYMENT.MODE` is `dev`, the name of an environment; it is read as `local`",
            "c.yaml:2: `ENVIRONMENTS.dev` is an old name; it is read as `ENVIRONMENTS.local`",
        ]
    );
}

#[test]
fn an_environment_that_is_no_mode_is_refused_where_it_hides_exclusions() {
    let text = format!(
        "{HEAD}  EXCLUSIONS:\n    conditional_exclusions:\n      partner_paths:\n        blue: {{A: [/a]}}\n"
    );
    let told = told(&text);
    assert!(told.contains("partner_paths.blue` must be a map of texts to lists"), "{told}");
    assert!(told.contains("hint: a level of environments must have the names of modes"), "{told}");
}

#[test]
fn a_section_without_effect_is_told_once_and_not_searched() {
    let text = format!("{HEAD}  CACHE_CONFIG: {{enabled: true, anything: [1]}}\n");
    assert_eq!(
        notices(&text),
        [
            "c.yaml:5: `COMMON.CACHE_CONFIG` has no effect: the cache is measured by `CACHE`, or else \
             `RATE_CALCULATION.cache_ratio` holds"
        ]
    );
}
