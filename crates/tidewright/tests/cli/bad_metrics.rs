//! Bad answers of a Prometheus: the run fails or holds, no limit is lowered by them, and no file is touched by a failure.

use std::time::Duration;

use tidewright_testkit::faulty::{Act, FaultyEndpoint, Reply};

use crate::desk::{Desk, word};
use crate::traffic::{self, decisions, demand, demand_of, demand_with, prometheus};

/// Longer than any test may take: an answer that comes after it does not come.
const NEVER: Duration = Duration::from_secs(600);

/// The run fails so, says so, and leaves every file and the record as they were.
fn fails(desk: &Desk, url: &str, code: i32, said: &[&str]) {
    let before = desk.files();
    let ended = desk.run(&traffic::line(url));
    ended.failed(code, said);
    assert!(ended.stderr.contains("error: "), "no error in:\n{}", ended.stderr);
    assert!(desk.files() == before, "a run that failed changed files");
    desk.run("limits replay --config config.yaml").refused(&["no run is recorded"]);
}

/// The same for an answer to the question for demand.
fn answer_fails(answer: Act, code: i32, said: &[&str]) -> FaultyEndpoint {
    let metrics = prometheus(vec![answer]);
    fails(&traffic::desk(), &metrics.url(), code, said);
    metrics
}

/// The run ends well and nothing is lowered; what was decided about each limit.
fn holds(metrics: &FaultyEndpoint) -> Vec<String> {
    let run = traffic::run(&traffic::desk(), metrics).json();
    decisions(&run)
}

/// How often demand was asked for.
fn asked(metrics: &FaultyEndpoint) -> usize {
    let asked = metrics.asked();
    asked.iter().filter(|asked| asked.line.contains("query=last_over_time")).count()
}

const IN_HEALTH: [&str; 4] =
    ["A:/fall wishes lower", "A:/rise raise", "B:/fall wishes lower", "B:/rise raise"];
const RISES: [&str; 4] =
    ["A:/fall wishes lower", "A:/rise raise", "B:/fall hold no_traffic", "B:/rise hold no_traffic"];

#[test]
fn in_health_limits_rise_and_fall() {
    let desk = traffic::desk();
    let run = traffic::run(&desk, &traffic::healthy()).json();
    assert_eq!(decisions(&run), IN_HEALTH);
    let new = desk.text("output/testing_configmap.yaml");
    assert!(new.starts_with("# Kept by hand.\n") && new.contains("# too much"), "{new}");
}

#[test]
fn a_prometheus_that_is_down_ends_with_4() {
    let url = traffic::healthy().url();
    fails(&traffic::desk(), &url, 4, &["cannot reach the server", "hint: check the address"]);
}

#[test]
fn a_prometheus_that_hangs_up_ends_with_4() {
    answer_fails(Act::HangUp, 4, &["cannot reach the server"]);
}

#[test]
fn a_slow_prometheus_ends_with_4_after_the_time_out() {
    let desk = traffic::desk();
    desk.put("config.yaml", traffic::CONFIG.replace("20s", "300ms"));
    let metrics = prometheus(vec![Act::Wait(NEVER, demand())]);
    fails(&desk, &metrics.url(), 4, &["no answer within `300` ms", "hint: raise the time-out"]);
}

#[test]
fn a_refused_query_ends_with_2_and_the_servers_words() {
    for (status, kind) in [(400, "bad_data"), (422, "execution")] {
        let reply = Reply::error(status, kind, "parse error: unexpected end");
        let said = [&status.to_string(), "parse error: unexpected end", "hint: "];
        let metrics = answer_fails(Act::Reply(reply), 2, &said);
        assert_eq!(asked(&metrics), 1, "a clear no is not asked for again");
    }
}

#[test]
fn a_refused_login_ends_with_2_and_says_where_the_token_comes_from() {
    for status in [401, 403] {
        answer_fails(Act::Reply(Reply::html(status)), 2, &[&status.to_string(), "token"]);
    }
}

#[test]
fn a_busy_prometheus_is_asked_again_and_then_ends_with_4() {
    for status in [429, 503] {
        let busy = Reply::error(status, "unavailable", "too busy").with_header("Retry-After: 0");
        let metrics = answer_fails(Act::Reply(busy), 4, &[&status.to_string(), "too busy"]);
        assert_eq!(asked(&metrics), 5, "{status}");
    }
}

#[test]
fn a_prometheus_that_was_busy_for_a_moment_is_no_failure() {
    let busy = Reply::error(503, "unavailable", "too busy").with_header("Retry-After: 0");
    let metrics = prometheus(vec![Act::Reply(busy), Act::Reply(demand())]);
    assert_eq!(holds(&metrics), IN_HEALTH);
    assert_eq!(asked(&metrics), 2);
}

#[test]
fn a_page_of_a_proxy_ends_with_4() {
    let said = ["not what a range query returns", "<html>", "a proxy or a sign-in page"];
    answer_fails(Act::Reply(Reply::html(200)), 4, &said);
    let down = Reply::html(502).with_header("Retry-After: 0");
    answer_fails(Act::Reply(down), 4, &["502"]);
}

#[test]
fn a_truncated_answer_ends_with_4() {
    let mut cut = demand();
    cut.body.truncate(cut.body.len() / 2);
    answer_fails(Act::Reply(cut), 4, &["the answer ended early"]);
    answer_fails(Act::Half(demand()), 4, &["broke in the middle of the answer"]);
}

#[test]
fn an_answer_that_broke_once_is_asked_for_again() {
    let metrics = prometheus(vec![Act::Half(demand()), Act::Reply(demand())]);
    assert_eq!(holds(&metrics), IN_HEALTH);
}

#[test]
fn a_series_that_comes_twice_ends_with_4() {
    answer_fails(
        Act::Reply(demand_of(&[0, 1, 2, 3, 1])),
        4,
        &["comes twice in one answer", "/fall"],
    );
}

#[test]
fn points_out_of_order_end_with_4() {
    let mut reply = demand();
    let secs = |minutes: i64| format!("[{},", traffic::AT_SECS - minutes * 60);
    let text = String::from_utf8_lossy(&reply.body).into_owned();
    let swapped = text.replacen(&secs(10), "[@,", 1).replacen(&secs(11), &secs(10), 1);
    reply.body = swapped.replacen("[@,", &secs(11), 1).into_bytes();
    answer_fails(Act::Reply(reply), 4, &["out of order or twice", "/rise"]);
}

#[test]
fn values_that_are_no_numbers_are_gaps() {
    // The first day of one counter is lost, and the whole of another.
    let early = |minute: i64, value: i64| match minute {
        0..700 => "NaN".to_owned(),
        700..1440 => "+Inf".to_owned(),
        _ => format!("{value}"),
    };
    let metrics = prometheus(vec![Act::Reply(demand_with(0, early))]);
    let desk = traffic::desk();
    let run = traffic::run(&desk, &metrics).json();
    assert_eq!(decisions(&run), IN_HEALTH);
    assert!(run["plan"]["warnings"].to_string().contains("740 infinite values"), "{run}");
}

#[test]
fn a_series_of_gaps_holds_its_limit() {
    let metrics = prometheus(vec![Act::Reply(demand_with(1, |_, _| "NaN".to_owned()))]);
    let decisions = holds(&metrics);
    assert!(decisions[0].starts_with("A:/fall hold "), "{decisions:?}");
    assert_eq!(decisions[1..], IN_HEALTH[1..]);
}

#[test]
fn a_series_that_ended_holds_its_limit() {
    let ends = |minute: i64, value: i64| {
        if minute < 5 * 1440 { format!("{value}") } else { "NaN".to_owned() }
    };
    let decisions = holds(&prometheus(vec![Act::Reply(demand_with(1, ends))]));
    assert_eq!(decisions[0], "A:/fall hold stale");
    assert_eq!(decisions[1..], IN_HEALTH[1..]);
}

#[test]
fn a_remark_on_the_query_is_kept_and_told() {
    let mut reply = demand();
    reply.body.pop();
    reply.body.extend(b",\"warnings\":[\"PromQL warning: not a counter\"]}");
    let desk = traffic::desk();
    let run = traffic::run(&desk, &prometheus(vec![Act::Reply(reply)])).json();
    assert_eq!(word(&run, "/plan/warnings/0"), "PromQL warning: not a counter");
    let report = desk.text("reports/testing_report_20261116T000000Z.md");
    assert!(report.contains("PromQL warning: not a counter"), "{report}");
}

#[test]
fn without_any_sample_all_limits_are_held() {
    let nothing = || vec![Act::Reply(Reply::matrix(&[]))];
    let never_measured =
        FaultyEndpoint::start(vec![("query", nothing())]).expect("there is a free port");
    for metrics in [never_measured, prometheus(nothing())] {
        let desk = traffic::desk();
        let decisions = decisions(&traffic::run(&desk, &metrics).json());
        assert!(decisions.iter().all(|told| told.ends_with("hold no_traffic")), "{decisions:?}");
        assert_eq!(desk.text("output/testing_configmap.yaml"), traffic::DOCUMENT);
    }
}

#[test]
fn where_half_of_the_series_are_missing_their_limits_are_held() {
    assert_eq!(holds(&prometheus(vec![Act::Reply(demand_of(&[0, 1]))])), RISES);
}
