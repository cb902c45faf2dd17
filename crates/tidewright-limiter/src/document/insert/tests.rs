//! Tests of added limits: what they look like, what is refused, and that nothing else changes.

use proptest::prelude::*;
use tidewright_core::{Limit, LimitKey};

use super::super::Document;
use crate::error::{DocumentError, Unplaceable};

const ODD: &str = include_str!("../../../../../tests/data/odd-configmap.yaml");

fn key(domain: &str, path: &[(&str, &str)]) -> LimitKey {
    LimitKey::new(domain, path.iter().map(|(key, value)| (*key, Some(*value))))
}

fn added(document: &str, path: &[(&str, &str)]) -> Result<String, DocumentError> {
    let parsed = Document::parse(document.as_bytes()).unwrap();
    let bytes = parsed.with_entries(&[(key("edge", path), Limit::per_minute(70))])?;
    Ok(String::from_utf8(bytes).unwrap())
}

/// The lines that were added, and that all others are as they were.
fn new_lines(document: &str, path: &[(&str, &str)]) -> String {
    let after = added(document, path).unwrap();
    let start = document.bytes().zip(after.bytes()).take_while(|(one, other)| one == other).count();
    // Equal beginnings of lines may belong to the line before or after; go back to where a line begins.
    let start = after[..start].rfind('\n').map_or(0, |at| at + 1);
    let end = start + after.len() - document.len();
    assert_eq!(format!("{}{}", &after[..start], &after[end..]), document);
    after[start..end].to_owned()
}

fn refused(document: &str, path: &[(&str, &str)]) -> Unplaceable {
    match added(document, path) {
        Err(DocumentError::Unplaceable { why, .. }) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_limit_is_added_below_its_parent_as_its_siblings_are_written() {
    let found = new_lines(ODD, &[("PARTNER", "CUSTOMER_ID_4"), ("PATH", "/new")]);
    let expected = r#"          - key: PATH
            value: "/new"
            rate_limit:
              unit: minute
              requests_per_unit: 70
"#;
    assert_eq!(found, expected);
}

#[test]
fn a_limit_without_a_parent_brings_one() {
    let document = "domain: edge\ndescriptors:\n- key: PARTNER\n  value: a\n  descriptors:\n  - key: PATH\n    value: /x\n    rate_limit:\n        unit: minute\n        requests_per_unit: 1\n";
    let found = new_lines(document, &[("PARTNER", "b"), ("PATH", "/new")]);
    let expected = "- key: PARTNER\n  value: \"b\"\n  descriptors:\n  - key: PATH\n    value: \"/new\"\n    rate_limit:\n      unit: minute\n      requests_per_unit: 70\n";
    assert_eq!(found, expected);
}

#[test]
fn siblings_between_braces_get_one_between_braces() {
    let document = "domain: edge\r\ndescriptors:\r\n  - {key: PATH, value: /a, rate_limit: {unit: minute, requests_per_unit: 1}} # a\r\n    # still about a";
    let after = added(document, &[("PATH", "/b \"c\"")]).unwrap();
    let expected = "\r\n  - {key: PATH, value: \"/b \\\"c\\\"\", rate_limit: {unit: minute, requests_per_unit: 70}}\r\n";
    assert_eq!(after, format!("{document}{expected}"));
}

#[test]
fn a_limit_between_braces_stays_so() {
    let document = "domain: edge\ndescriptors:\n- key: PATH\n  value: a\n  rate_limit: {unit: minute, requests_per_unit: 1}\n";
    let found = new_lines(document, &[("PATH", "b")]);
    let expected =
        "- key: PATH\n  value: \"b\"\n  rate_limit: {unit: minute, requests_per_unit: 70}\n";
    assert_eq!(found, expected);
}

#[test]
fn several_limits_are_added_one_after_the_other() {
    let document = Document::parse(ODD.as_bytes()).unwrap();
    let new: Vec<_> = ["/n1", "/n2"]
        .map(|path| (key("edge", &[("PARTNER", "NEW"), ("PATH", path)]), Limit::per_minute(7)))
        .into();
    let after = Document::parse(&document.with_entries(&new).unwrap()).unwrap();
    assert_eq!(after.entries().len(), document.entries().len() + 2);
}

#[test]
fn what_cannot_be_added_in_style_is_refused() {
    let limit = "rate_limit: {unit: minute, requests_per_unit: 1}";
    let path = [("PATH", "/b")];
    let check =
        |document: &str, why: Unplaceable| assert_eq!(refused(document, &path), why, "{document}");
    check(
        &format!("domain: edge\ndescriptors: [{{key: PATH, value: /a, {limit}}}]\n"),
        Unplaceable::Style,
    );
    check(
        &format!("domain: edge\ndescriptors:\n  -\n    key: PATH\n    value: /a\n    {limit}\n"),
        Unplaceable::Style,
    );
    check("domain: edge\ndescriptors: []\n", Unplaceable::Style);
    check("domain: other\ndescriptors: []\n", Unplaceable::Domain);
    check("domain: edge\ndescriptors:\n  - key: PATH\n    value: /b\n", Unplaceable::Exists);
    let leaf = format!("domain: edge\ndescriptors:\n  - key: PATH\n    value: /b\n    {limit}\n");
    assert_eq!(refused(&leaf, &[("PATH", "/b"), ("METHOD", "GET")]), Unplaceable::Leaf);
    assert_eq!(refused(&leaf, &[("PATH", "")]), Unplaceable::Nameless);
    let tenant = added(ODD, &[("PARTNER", "a")]).is_ok();
    assert!(tenant);
    let quoted = Document::parse(ODD.as_bytes()).unwrap();
    let foreign =
        quoted.with_entries(&[(key("partner-api", &[("TENANT", "x")]), Limit::per_minute(1))]);
    assert!(matches!(foreign, Err(DocumentError::Unplaceable { why: Unplaceable::Style, .. })));
}

#[test]
fn a_shared_list_is_refused() {
    let document = "domain: edge\ndescriptors:\n  - key: PARTNER\n    value: a\n    descriptors: &list\n      - key: PATH\n        value: /a\n        rate_limit: {unit: minute, requests_per_unit: 1}\n  - key: PARTNER\n    value: b\n    descriptors: *list\n";
    assert_eq!(refused(document, &[("PARTNER", "b"), ("PATH", "/b")]), Unplaceable::Shared);
}

proptest! {
    #[test]
    fn an_added_limit_reads_back_and_nothing_else_changes(
        partner in "[ -~é客]{1,20}",
        path in "[ -~é客]{1,20}",
        number in any::<u32>(),
    ) {
        let document = Document::parse(ODD.as_bytes()).unwrap();
        let key = key("edge", &[("PARTNER", &partner), ("PATH", &path)]);
        let limit = Limit { requests_per_unit: number, ..Limit::per_minute(0) };
        let bytes = document.with_entries(&[(key.clone(), limit)]).unwrap();
        let after = Document::parse(&bytes).unwrap();
        prop_assert!(after.entries().iter().any(|entry| entry.key == key));
        prop_assert_eq!(after.entries().len(), document.entries().len() + 1);
        let text = String::from_utf8(bytes).unwrap();
        let kept: Vec<&str> = ODD.lines().collect();
        let mut lines = text.lines();
        prop_assert!(kept.iter().all(|line| lines.any(|other| other == *line)));
    }
}
