//! `tidewright init` where it cannot succeed: what is said, the exit code, and that no file is touched.
//!
//! What it finds on a real server is judged in `real_onboarding.rs`.

use tidewright_core::Timestamp;
use tidewright_testkit::faulty::{Act, FaultyEndpoint, Reply};

use crate::desk::{Desk, ODD_DOCUMENT};

const AT: &str = "2026-11-20T08:00:00Z";

/// A server with these metrics, each of one series without a label of use.
fn server(metrics: &[&str]) -> FaultyEndpoint {
    let list = |items: Vec<String>| {
        let body = format!("{{\"status\":\"success\",\"data\":[{}]}}", items.join(","));
        vec![Act::Reply(Reply::json(200, body))]
    };
    let at = Timestamp::parse(AT).expect("a moment").as_secs();
    let sizes: Vec<String> =
        metrics.iter().map(|name| format!("{{\"__name__\":\"{name}\"}}")).collect();
    let samples = [(at, "1")];
    let series: Vec<(&str, &[(i64, &str)])> =
        sizes.iter().map(|labels| (labels.as_str(), samples.as_slice())).collect();
    let names = metrics.iter().map(|name| format!("\"{name}\"")).collect();
    let one = "{\"__name__\":\"x\",\"job\":\"edge\",\"instance\":\"a:80\"}".to_owned();
    let rules = vec![
        ("label/__name__/values", list(names)),
        ("metadata", vec![Act::Reply(Reply::error(404, "not_found", "no metadata here"))]),
        ("query_range", vec![Act::Reply(Reply::matrix(&series))]),
        ("series", list(vec![one])),
    ];
    FaultyEndpoint::start(rules).expect("there is a free port")
}

fn refused(metrics: &[&str], arguments: &str, said: &[&str]) {
    let (desk, server) = (Desk::new(), server(metrics));
    desk.put("odd.yaml", ODD_DOCUMENT);
    desk.put("there.yaml", "mine");
    let before = desk.all_files();
    let line = format!("init --prometheus-url {} --at {AT} {arguments}", server.url());
    desk.run(&line).refused(said);
    assert_eq!(desk.all_files(), before, "a refusal writes nothing");
}

#[test]
fn a_server_without_any_metric_is_told_from_one_without_a_counter() {
    refused(&[], "--current odd.yaml", &["has no metric with samples in the last day"]);
    let none = ["none of the `1` counters", "`odd.yaml`", "USE_PROMETHEUS=true"];
    refused(&["jobs_requests_total", "go_threads"], "--current odd.yaml", &none);
    refused(&["jobs_requests_total"], "", &["labels for a partner and a path"]);
}

#[test]
fn a_file_that_exists_is_not_replaced_without_a_word() {
    let said = ["`there.yaml` exists already", "--yes"];
    refused(&[], "--output-file there.yaml", &said);
}

#[test]
fn a_document_that_is_missing_or_broken_is_told() {
    refused(&[], "--current nowhere.yaml", &["there is no document `nowhere.yaml`"]);
    refused(&[], "--current there.yaml", &["cannot use the limits in `there.yaml`"]);
}

#[test]
fn a_server_that_cannot_be_reached_is_no_mistake_of_the_user() {
    let ended = Desk::new().run("init --prometheus-url http://127.0.0.1:1");
    ended.failed(4, &["cannot read the names of metrics", "hint: "]);
    Desk::new().run("init").refused(&["there is no Prometheus to look at"]);
}
