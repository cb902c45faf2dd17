//! Which documents are read, and as what.

use super::*;

const INNER: &str = "domain: d\ndescriptors:\n- key: K\n  value: \"v: 'x'\"\n  rate_limit: {unit: minute, requests_per_unit: 70}\n";

fn check(text: &str, expected: &[&str]) {
    assert_eq!(limits(text), expected, "{text}");
}

/// A ConfigMap whose `config.yaml` is written as `scalar`.
fn config_map(scalar: &str) -> String {
    format!("kind: ConfigMap\napiVersion: v1\ndata:\n  config.yaml: {scalar}\n")
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("\n    {line}")).collect()
}

const READ: &[&str] = &["d/v\\: 'x' = 70/minute"];

#[test]
fn a_bare_file_is_read() {
    check(INNER, READ);
    check(&format!("\u{feff}{INNER}"), READ);
    check(&INNER.replace('\n', "\r\n"), READ);
    check(&format!("%YAML 1.1\n---\n{INNER}...\n"), READ);
}

#[test]
fn a_config_map_is_read_in_any_scalar_style() {
    for header in ["|", "|-", "|+", "|2  # two", ">"] {
        let text = match header {
            ">" => INNER.replace('\n', "\n\n"),
            _ => INNER.to_owned(),
        };
        check(&config_map(&format!("{header}{}", indented(&text))), READ);
    }
    let flow = r#"{domain: d, descriptors: [{key: K, value: "v: ''x''", rate_limit:
    {unit: minute, requests_per_unit: 70}}]}"#;
    check(&config_map(&format!("'{flow}'")), READ);
}

#[test]
fn a_config_map_is_read_as_kubectl_prints_it() {
    let escaped = format!("{INNER:?}").replace("\\'", "'");
    check(&config_map(&escaped), READ);
    let (map, data) =
        ("\t\"kind\": \"ConfigMap\"", format!("\t\"data\": {{\"config.yaml\": {escaped}}}"));
    let json = format!("{{\n{map},\n{data}\n}}\n");
    check(&json, READ);
    check(&format!("{{\"kind\": \"List\", \"items\": [{{\"kind\": \"Pod\"}}, {json}]}}"), READ);
}

#[test]
fn other_documents_of_a_stream_are_left_alone() {
    let map = config_map(&format!("|{}", indented(INNER)));
    check(
        &format!("kind: Secret\ndata: {{config.yaml: 'domain: [x'}}\n---\n{map}---\n- 1\n"),
        READ,
    );
}

#[test]
fn other_data_keys_are_left_alone() {
    let map = config_map(&format!("|{}", indented(INNER)));
    check(
        &format!("{map}  notes.txt: 'domain: [x'\n  app.yaml: 'port: 1.5'\n  empty.yaml: ''\n"),
        READ,
    );
    check(&format!("{map}  prose: 'domain: d'\nbinaryData:\n  x: AAAA\n"), READ);
}

#[test]
fn several_files_are_read_in_their_order() {
    let other = INNER.replace("domain: d", "domain: e");
    let map = config_map(&format!("|{}\n  other: |{}", indented(INNER), indented(&other)));
    check(&map, &["d/v\\: 'x' = 70/minute", "e/v\\: 'x' = 70/minute"]);
}

#[test]
fn scalars_mean_what_the_limiter_makes_of_them() {
    let value = |value: &str| {
        INNER
            .replace("\"v: 'x'\"", value)
            .replace("requests_per_unit: 70", "requests_per_unit: 0x10")
    };
    check(&value("0123"), &["d/0123 = 16/minute"]);
    check(&value("yes"), &["d/yes = 16/minute"]);
    check(&value("2026-11-20"), &["d/2026-11-20 = 16/minute"]);
    check(&value("a #b"), &["d/a = 16/minute"]);
    check(&value("'1e3'"), &["d/1e3 = 16/minute"]);
    for nothing in ["~", "null", "", "''"] {
        check(&value(nothing), &["d/<K> = 16/minute"]);
    }
}

#[test]
fn a_number_that_is_not_written_is_zero_and_unlimited_has_none() {
    check(&file("{unit: hour}"), &["d/v = 0/hour"]);
    check(&file("{unlimited: yes}"), &["d/v = unlimited"]);
    check(&file("~"), &[]);
}

#[test]
fn merge_keys_and_aliases_are_followed() {
    let text = "domain: d\ndescriptors:\n- &one {key: K, value: a, rate_limit: &l {unit: day, requests_per_unit: 5}}\n\
                - {<<: *one, value: b}\n- {key: K, value: c, rate_limit: *l}\n";
    check(text, &["d/a = 5/day", "d/b = 5/day", "d/c = 5/day"]);
}

#[test]
fn the_odd_document_is_read_whole() {
    let found: Vec<String> = parse(ODD)
        .entries()
        .iter()
        .map(|entry| {
            let flags = [
                (entry.shadow_mode, " shadow"),
                (entry.quota_mode, " quota"),
                (entry.share_threshold, " shared counter"),
                (entry.fixed().is_some(), " fixed"),
            ];
            let flags: String = flags.iter().filter(|(on, _)| *on).map(|(_, name)| *name).collect();
            format!("{} {}{flags}\n", entry.line, show(entry))
        })
        .collect();
    assert_eq!(found.concat(), include_str!("../../../tests/data/odd-configmap.txt"));
}

#[test]
fn equal_composite_keys_of_different_levels_are_no_duplicates() {
    let number = "rate_limit: {unit: day, requests_per_unit: 5}";
    let text = format!(
        "domain: d\ndescriptors:\n- {{key: a, descriptors: [{{key: b, {number}}}]}}\n- {{key: a.b, {number}}}\n"
    );
    check(&text, &["d/<a>:<b> = 5/day", "d/<a.b> = 5/day"]);
}

#[test]
fn deep_nesting_is_read() {
    let depth = 30;
    let mut text = "domain: d\n".to_owned();
    for level in 0..depth {
        let indent = "  ".repeat(2 * level);
        text += &format!("{indent}descriptors:\n{indent}  - key: K{level}\n");
        text += &format!("{indent}    value: v\n");
    }
    text += &format!(
        "{}    rate_limit: {{unit: day, requests_per_unit: 1}}\n",
        "  ".repeat(2 * depth - 2)
    );
    assert_eq!(parse(&text).entries()[0].key.path.len(), depth);
}
