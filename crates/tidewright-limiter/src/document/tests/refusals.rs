//! What is refused, with which words and where.

use super::*;
use crate::document::DOCUMENT_BYTES_MAX;

fn check(text: &str, expected: &str) {
    let error = Document::parse(text.as_bytes()).unwrap_err();
    assert_eq!(error.to_string(), expected, "{text}");
    assert!(!error.hint().is_empty());
}

/// A file whose only descriptor has these further lines.
fn descriptor(lines: &str) -> String {
    format!("domain: d\ndescriptors:\n- key: K\n  {lines}\n")
}

#[test]
fn a_document_that_is_empty_or_something_else_is_refused() {
    let nothing = "the document holds no limiter file: neither `domain` nor a ConfigMap with one";
    for text in ["", " \n", "# nothing\n", "port: 1\n", "- 1\n", "hello", "kind: ConfigMap\n"] {
        check(text, nothing);
    }
    check("kind: ConfigMap\ndata:\n", nothing);
    check("kind: ConfigMap\ndata: {config.yaml: ''}\n", nothing);
    check("kind: Secret\ndata: {config.yaml: 'domain: d'}\n", nothing);
}

#[test]
fn a_document_that_is_no_text_or_too_large_is_refused() {
    let error = Document::parse(b"domain: \xff").unwrap_err();
    assert_eq!(error.to_string(), "the document is no UTF-8 text at byte `8`");
    let large = format!("{}#{}", file("{unit: day}"), "x".repeat(DOCUMENT_BYTES_MAX));
    let bytes = large.len();
    check(
        &large,
        &format!("the document has `{bytes}` bytes, more than the `1048576` of a ConfigMap"),
    );
}

#[test]
fn no_yaml_is_refused_with_its_line() {
    check(
        "domain: d\ndescriptors:\n\t- key: K\n",
        "cannot read line `3` as YAML: tabs disallowed within this context (block indentation)",
    );
    check(
        &descriptor("value: *x"),
        "cannot read line `4` as YAML: while parsing node, found unknown anchor",
    );
    let inner = "kind: ConfigMap\ndata:\n  config.yaml: |\n    domain: d\n    descriptors: [\n";
    let error = Document::parse(inner.as_bytes()).unwrap_err().to_string();
    assert!(error.starts_with("cannot read line `5` as YAML: "), "{error}");
}

#[test]
fn a_fault_in_an_escaped_file_tells_the_inner_line() {
    check(
        r#"{"kind": "ConfigMap", "data": {"config.yaml": "domain: d\ndescriptors:\n- key: ''\n"}}"#,
        "`key` in line `1` (line `3` of its `config.yaml`): descriptor has empty key",
    );
}

#[test]
fn domains_must_be_named_and_differ() {
    check("descriptors: []\n", "`domain` in line `1`: config file cannot have empty domain");
    check("\n\ndomain: ''\n", "`domain` in line `3`: config file cannot have empty domain");
    check("domain: ~\n", "`domain` in line `1`: config file cannot have empty domain");
    check(
        "kind: ConfigMap\ndata:\n  a.yaml: 'domain: d'\n  b.yaml: |\n    domain: d\n",
        "`domain` in line `5`: duplicate domain 'd' in config file",
    );
}

#[test]
fn descriptors_must_be_named_and_differ() {
    check("domain: d\ndescriptors:\n- value: v\n", "`key` in line `3`: descriptor has empty key");
    check(
        "domain: d\ndescriptors:\n- {key: a, value: b_c}\n- {key: a_b, value: c}\n",
        "`key` in line `4`: duplicate descriptor composite key 'd.a_b_c'",
    );
    check(
        "domain: d\ndescriptors:\n- key: a\n  descriptors: [{key: b}, {key: b, value: ~}]\n",
        "`key` in line `4`: duplicate descriptor composite key 'd.a.b'",
    );
}

#[test]
fn units_must_be_known() {
    let line = |words: &str| format!("`unit` in line `5`: {words}");
    check(&file("{unit: fortnight}"), &line("invalid rate limit unit 'fortnight'"));
    check(&file("{unit: ' minute'}"), &line("invalid rate limit unit ' minute'"));
    check(&file("{requests_per_unit: 5}"), &line("invalid rate limit unit ''"));
    check(&file("{}"), &line("invalid rate limit unit ''"));
    let unlimited = line("should not specify rate limit unit when unlimited");
    check(&file("{unlimited: true, unit: minute}"), &unlimited);
}

#[test]
fn numbers_must_be_whole_plain_and_of_32_bits() {
    let number = |number: &str| file(&format!("{{unit: day, requests_per_unit: {number}}}"));
    let line = |words: &str| format!("`requests_per_unit` in line `5`: {words}");
    for value in ["5.0", "5.5", "1e3", "99999999999999999999"] {
        let words = format!("error checking config: `{value}` is no text, whole number or boolean");
        check(&number(value), &line(&words));
    }
    for value in ["-1", "4294967296", "'5'", "5k", "yes"] {
        let words = format!(
            "error loading config file: cannot read `{value}` as a whole number from 0 to 4294967295"
        );
        check(&number(value), &line(&words));
    }
}

#[test]
fn fractions_are_refused_wherever_they_stand() {
    for value in ["1e3", "1.5", "12e5", "9223372036854775808", "!!int '5'"] {
        let text = value.trim_start_matches("!!int ");
        check(
            &descriptor(&format!("value: {value}")),
            &format!(
                "`value` in line `4`: error checking config: `{text}` is no text, whole number or boolean"
            ),
        );
    }
    assert_eq!(limits(&descriptor("metadata: {anything: [1.5]}")), [""; 0]);
}

#[test]
fn keys_must_be_known_texts_and_come_once() {
    check(
        &descriptor("shadowmode: true"),
        "`shadowmode` in line `4`: config error, unknown key 'shadowmode'",
    );
    check(
        &descriptor("yes: true"),
        "`yes` in line `4`: config error, key is not of type string: yes",
    );
    let twice =
        "the key comes twice: the limiter takes the last one, so an edit would be ambiguous";
    check(&descriptor("value: a\n  value: b"), &format!("`value` in line `5`: {twice}"));
    check(
        "kind: ConfigMap\ndata:\n  a.yaml: 'domain: d'\n  a.yaml: 'domain: e'\n",
        &format!("`a.yaml` in line `4`: {twice}"),
    );
}

#[test]
fn types_must_fit() {
    let words = |value: &str, wanted: &str| {
        format!("error loading config file: cannot read `{value}` as {wanted}")
    };
    check(
        &descriptor("shadow_mode: 'true'"),
        &format!("`shadow_mode` in line `4`: {}", words("'true'", "a boolean")),
    );
    check(&descriptor("value: {}"), &format!("`value` in line `4`: {}", words("{...}", "text")));
    check(
        &descriptor("descriptors: {}"),
        &format!("`descriptors` in line `4`: {}", words("{...}", "a list")),
    );
    check(
        &descriptor("rate_limit: 5"),
        &format!("`rate_limit` in line `4`: {}", words("5", "a map")),
    );
    check(
        &descriptor("descriptors: [a]"),
        "`descriptors` in line `4`: config error, yaml file contains list of type other than map: a",
    );
}

#[test]
fn replacements_must_name_another_limit() {
    let rate_limit =
        |rest: &str| descriptor(&format!("rate_limit: {{unit: day, name: n, {rest}}}"));
    check(
        &rate_limit("replaces: [{}]"),
        "`replaces` in line `4`: should not have an empty replaces entry",
    );
    check(
        &rate_limit("replaces: [{name: m}, {name: n}]"),
        "`replaces` in line `4`: replaces should not contain name of same descriptor",
    );
}

#[test]
fn a_shared_threshold_needs_a_wildcard() {
    check(
        &descriptor("value: v\n  share_threshold: true"),
        "`share_threshold` in line `3`: share_threshold can only be used with wildcard values \
         (containing '*'), but found key 'K_v'",
    );
    assert!(limits(&descriptor("value: 'v*'\n  share_threshold: true")).is_empty());
}

#[test]
fn aliases_cannot_make_a_small_document_endless() {
    let level = |i: usize| format!("    a{i}: &a{i} {{descriptors: [*a{0}, *a{0}]}}\n", i - 1);
    let bomb: String = (1..40).map(level).collect();
    let text = format!(
        "domain: d\ndescriptors:\n- key: K\n  metadata:\n    a0: &a0 {{key: x}}\n{bomb}  descriptors: [*a39]\n"
    );
    let error = Document::parse(text.as_bytes()).unwrap_err().to_string();
    assert!(error.ends_with("aliases make the document too large to check"), "{error}");
    let files: String = (0..2000).map(|i| format!("  f{i}: *f\n")).collect();
    // The budget of 1,048,576 bytes ends in the 105th text of 10,000 bytes.
    let prose = "x".repeat(10_000);
    let text = format!("kind: ConfigMap\ndata:\n  f: &f {prose}\n{files}");
    check(&text, "`f103` in line `3`: aliases make the document too large to check");
}
