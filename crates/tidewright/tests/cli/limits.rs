//! `limits explain` and `limits replay`: what the last run decided, by name, for people and for machines.

use serde_json::Value;

use crate::desk::{Desk, ODD_DOCUMENT, word};
use crate::traffic;

const LIMIT: &str = "CUSTOMER_ID_1:/api_v3/service/configurations/action/servebydevice";

/// A folder in which a run on the odd document is recorded.
fn desk() -> Desk {
    let desk = Desk::with_issue_config();
    desk.put("limits.yaml", ODD_DOCUMENT);
    desk.run("limits plan --current limits.yaml").done();
    desk
}

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error} in:\n{text}"))
}

#[test]
fn a_limit_is_explained_line_by_line() {
    let text = desk().run(&format!("limits explain {LIMIT}")).done();
    for words in ["2,000/min", "WHY", "× 1.2", "× 1.3", "rounding", "UTC", "REPLAY"] {
        assert!(text.contains(words), "`{words}` is missing in:\n{text}");
    }
}

#[test]
fn a_name_with_its_domain_finds_the_same_limit() {
    let desk = desk();
    let plain = desk.run(&format!("limits explain {LIMIT}")).done();
    assert_eq!(desk.run(&format!("limits explain edge/{LIMIT}")).done(), plain);
}

#[test]
fn a_colon_inside_a_value_is_escaped() {
    let desk = Desk::with_issue_config();
    let document = "domain: edge\ndescriptors:\n  - key: PARTNER\n    value: '10.0.0.1:80'\n    \
        rate_limit: {unit: minute, requests_per_unit: 5}\n";
    desk.put("limits.yaml", document);
    desk.run("limits plan --current limits.yaml").done();
    let explained = desk.run(r"limits explain 10.0.0.1\:80 --output json").json();
    assert_eq!(word(&explained, "/name"), r"10.0.0.1\:80");
    desk.run("limits explain 10.0.0.1:80").refused(&["no limit is named", r"10.0.0.1\:80"]);
}

#[test]
fn an_unknown_name_is_refused_with_the_known_ones() {
    desk().run("limits explain nobody").refused(&["no limit is named `nobody`", LIMIT]);
}

#[test]
fn a_misspelt_name_is_answered_with_the_nearest() {
    let misspelt = "CUSTOMER_ID_4:/api_v3/service/userassetrule/action/gett";
    let meant = "CUSTOMER_ID_4:/api_v3/service/userassetrule/action/get";
    let ended = desk().run(&format!("limits explain {misspelt}"));
    ended.refused(&["no limit is named", &format!("did you mean `{meant}`?")]);
}

#[test]
fn without_a_record_there_is_nothing_to_explain() {
    let desk = Desk::with_issue_config();
    for line in ["limits explain A", "limits replay"] {
        desk.run(line).refused(&["no run is recorded", "tidewright run"]);
    }
}

#[test]
fn a_replay_tells_what_each_limit_would_have_rejected() {
    let desk = desk();
    let all = desk.run("limits replay").done();
    assert!(all.contains("REJECTED"), "{all}");
    let one = desk.run(&format!("limits replay {LIMIT} --output json")).json();
    assert_eq!(one.pointer("/plan/proposals").and_then(Value::as_array).map(Vec::len), Some(1));
    assert!(one.pointer("/plan/proposals/0/replay/current").is_some(), "{one}");
    desk.run("limits replay nobody").refused(&["no limit is named `nobody`"]);
}

#[test]
fn json_and_yaml_say_the_same() {
    let desk = desk();
    let lines = ["limits plan", "limits replay", &format!("limits explain {LIMIT}"), "run"];
    for line in lines {
        let json = desk.run(&format!("{line} --output json")).json();
        let text = desk.run(&format!("{line} --output yaml")).done();
        assert_eq!(yaml(&text), json, "{line}");
    }
}

#[test]
fn a_run_on_a_prometheus_that_was_a_flag_is_read_without_it() {
    let (desk, metrics) = (traffic::desk(), traffic::healthy());
    traffic::run(&desk, &metrics).done();
    let text = desk.run("limits explain A:/rise --config config.yaml").done();
    assert!(text.contains(&metrics.url()), "{text}");
    desk.run("limits replay --config config.yaml").done();
    desk.run("config check --config config.yaml").refused(&["`PROMETHEUS_URL` must be set"]);
}

#[test]
fn explain_and_replay_compute_nothing_again() {
    let desk = desk();
    desk.put("limits.yaml", "no longer a document");
    desk.run(&format!("limits explain {LIMIT}")).done();
    desk.run("limits replay").done();
}
