//! Bad documents: each is refused with its place, its rule and what to do, before anything is fetched or written.

use crate::desk::Desk;
use crate::traffic::{self, DOCUMENT};

/// A run on this document is refused, and every file is as it was.
fn refused(document: impl AsRef<[u8]>, said: &[&str]) {
    let (desk, metrics) = (traffic::desk(), traffic::healthy());
    desk.put("limits.yaml", document);
    let before = desk.files();
    traffic::run(&desk, &metrics).refused(said);
    assert!(desk.files() == before, "a run that was refused changed files");
    assert_eq!(metrics.asked(), [], "nothing is asked before the document is understood");
}

/// The document with one number written otherwise.
fn with_number(number: &str) -> String {
    DOCUMENT.replacen("requests_per_unit: 100}", &format!("requests_per_unit: {number}}}"), 1)
}

#[test]
fn a_document_that_is_missing_is_refused() {
    let (desk, metrics) = (traffic::desk(), traffic::healthy());
    let before = desk.files();
    let line = traffic::line(&metrics.url()).replace("limits.yaml", "none.yaml");
    desk.run(&line).refused(&["`none.yaml`", "there is no such document"]);
    assert!(desk.files() == before, "a run that was refused changed files");
}

#[test]
fn a_document_that_is_empty_is_refused() {
    refused("", &["`limits.yaml`", "holds no limiter file"]);
    refused("# only a comment\n", &["`limits.yaml`", "holds no limiter file"]);
}

#[test]
fn a_document_that_is_no_yaml_is_refused() {
    refused("domain: edge\ndescriptors: [", &["`limits.yaml`", "line `2`", "as YAML"]);
    refused(
        "domain: edge\n\tdescriptors: []\n",
        &["`limits.yaml`", "found a tab", "tabs cannot indent"],
    );
    refused(b"domain: \xff\xfe\n", &["`limits.yaml`", "no UTF-8 text at byte `8`"]);
}

#[test]
fn a_document_of_something_else_is_refused() {
    refused("apiVersion: v1\nkind: Secret\ndata: {a: b}\n", &["holds no limiter file"]);
    refused("<html><body>not found</body></html>", &["`limits.yaml`"]);
}

#[test]
fn a_document_with_duplicate_keys_is_refused() {
    let twice = DOCUMENT.replacen("unit: minute", "unit: hour, unit: minute", 1);
    refused(twice, &["`unit` in line `7`", "the key comes twice"]);
}

#[test]
fn a_document_with_duplicate_descriptors_is_refused() {
    let twice = DOCUMENT.replacen("value: /fall", "value: /rise", 1);
    refused(twice, &["line `8`", "duplicate descriptor composite key"]);
}

#[test]
fn a_document_larger_than_a_mebibyte_is_refused() {
    let large = format!("{DOCUMENT}#{}\n", "x".repeat(1 << 20));
    refused(large, &["more than the `1048576` of a ConfigMap", "split it"]);
    refused(vec![b'#'; 9 << 20], &["larger than 8 MiB"]);
}

#[test]
fn scalars_that_the_limiter_would_refuse_are_refused() {
    for number in ["1.5", "1e3", "99999999999999999999", "-1", "many", "\"100\"", "4294967296"] {
        refused(
            with_number(number),
            &["`requests_per_unit` in line `7`", number.trim_matches('"')],
        );
    }
}

#[test]
fn keys_and_units_that_the_limiter_would_refuse_are_refused() {
    let unit = DOCUMENT.replacen("unit: minute", "unit: fortnight", 1);
    refused(unit, &["line `7`", "invalid rate limit unit 'fortnight'"]);
    let key = DOCUMENT.replacen("rate_limit:", "rate_limits:", 1);
    refused(key, &["line `7`", "unknown key 'rate_limits'"]);
}

#[test]
fn a_folder_in_place_of_the_document_is_refused() {
    let desk = Desk::with_issue_config();
    desk.run("run --current config").refused(&["`config`", "it is a folder"]);
}
