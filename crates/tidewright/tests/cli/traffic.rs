//! A Prometheus whose answers are known to the byte, and a document for it: one limit that must rise, one that must fall,
//! for each of two partners.
//!
//! In health a run raises two limits and wishes to lower two; that is what makes "nothing was lowered" worth telling
//! where the answers are bad.

use std::fmt::Write as _;

use serde_json::Value;
use tidewright_testkit::faulty::{Act, FaultyEndpoint, Reply};

use crate::desk::{Desk, Ended, proposals, word};

/// 2026-11-16T00:00:00Z, as of which all runs decide.
pub(crate) const AT_SECS: i64 = 1_794_787_200;
/// Few enough that all windows fit into one query, which makes the answer one text.
const DAYS: i64 = 6;
const MINUTES: i64 = DAYS * 1440;
/// The series, each with its usual requests per minute.
const SERIES: [(&str, &str, f64); 4] =
    [("A", "/rise", 1000.0), ("A", "/fall", 200.0), ("B", "/rise", 3000.0), ("B", "/fall", 400.0)];

/// The configuration of all tests with traffic; it lets a limit be lowered after three days, so that faults could.
pub(crate) const CONFIG: &str = "\
DEPLOYMENT: {MODE: testing}
ENVIRONMENTS:
  testing:
    LOG_LEVEL: debug
    HISTORY_DAYS: 6
    DAYS_TO_INSPECT: 3
    PROMETHEUS_TIMEOUT: 20s
    GUARDS: {history_days_for_cut: 3, hold_back_days: 1}
    RATE_CALCULATION: {min_rate_limit: 1}
";

/// The document of all tests with traffic.
pub(crate) const DOCUMENT: &str = "\
# Kept by hand.
domain: edge
descriptors:
  - key: PARTNER
    value: A
    descriptors:
      - {key: PATH, value: /rise, rate_limit: {unit: minute, requests_per_unit: 100}}
      - {key: PATH, value: /fall, rate_limit: {unit: minute, requests_per_unit: 90000}} # too much
  - key: PARTNER
    value: B
    descriptors:
      - {key: PATH, value: /rise, rate_limit: {unit: minute, requests_per_unit: 300}}
      - {key: PATH, value: /fall, rate_limit: {unit: minute, requests_per_unit: 80000}}
";

/// A folder with the configuration, the document, and a document from an earlier run.
pub(crate) fn desk() -> Desk {
    let desk = Desk::new();
    desk.put("config.yaml", CONFIG);
    desk.put("limits.yaml", DOCUMENT);
    desk.put("output/testing_configmap.yaml", "domain: written earlier\n");
    desk
}

/// What is typed to run on the metrics at `url`.
pub(crate) fn line(url: &str) -> String {
    format!(
        "run --config config.yaml --current limits.yaml --at 2026-11-16T00:00:00Z \
         --prometheus-url {url} --output json"
    )
}

/// The pairs of all series.
pub(crate) const PAIRS: [(&str, &str); 4] =
    [("A", "/rise"), ("A", "/fall"), ("B", "/rise"), ("B", "/fall")];

/// Demand as a file of rows: each pair with the requests of its minutes.
pub(crate) fn csv(pairs: &[(&str, &str)]) -> String {
    let mut rows = "ds,PARTNER,PATH,y\n".to_owned();
    for (partner, path) in pairs {
        let known = SERIES.iter().find(|series| (&series.0, &series.1) == (partner, path));
        let usual = known.map_or(5000.0, |(.., usual)| *usual);
        for minute in 0..MINUTES {
            let secs = AT_SECS - (MINUTES - minute) * 60;
            let requests = requests(usual, minute);
            writeln!(rows, "{secs},{partner},{path},{requests}").expect("a text grows");
        }
    }
    rows
}

/// What a run decided, one text for each limit by name: `A:/rise raise`, `A:/fall wishes lower`, `B:/fall hold no_traffic`.
pub(crate) fn decisions(run: &Value) -> Vec<String> {
    let told = |(name, proposal): (String, Value)| match word(&proposal, "/decision").as_str() {
        // What would fall as soon as every run of a day wished it.
        "hold" if word(&proposal, "/reason/code") == "awaits_agreement" => {
            format!("{name} wishes {}", word(&proposal, "/wish"))
        }
        "hold" => format!("{name} hold {}", word(&proposal, "/reason/code")),
        decision => format!("{name} {decision}"),
    };
    proposals(run).into_iter().map(told).collect()
}

/// A run on these metrics.
pub(crate) fn run(desk: &Desk, metrics: &FaultyEndpoint) -> Ended {
    desk.run(&line(&metrics.url()))
}

/// A Prometheus that measures well and answers the question for demand so.
pub(crate) fn prometheus(demand: Vec<Act>) -> FaultyEndpoint {
    let one = |value: &str| vec![Act::Reply(body(&format!("{{\"metric\":{{}},{}}}", last(value))))];
    let rules = vec![
        // The order matters: the name of one question occurs inside another.
        ("query=quantile", one("20")),
        ("query=count", one("4")),
        ("query=last_over_time", demand),
    ];
    FaultyEndpoint::start(rules).expect("there is a free port")
}

/// A Prometheus in health.
pub(crate) fn healthy() -> FaultyEndpoint {
    prometheus(vec![Act::Reply(demand())])
}

/// The answer to the question for demand: every counter, whole.
pub(crate) fn demand() -> Reply {
    demand_of(&[0, 1, 2, 3])
}

/// The same for some of the counters only.
pub(crate) fn demand_of(series: &[usize]) -> Reply {
    let all: Vec<String> =
        series.iter().map(|&index| counter(index, |_, value| format!("{value}"))).collect();
    body(&all.join(","))
}

/// The same with the values of one counter rewritten by minute.
pub(crate) fn demand_with(odd: usize, rewrite: impl Fn(i64, i64) -> String) -> Reply {
    let plain = |_: i64, value: i64| format!("{value}");
    let all = (0..SERIES.len())
        .map(|index| if index == odd { counter(index, &rewrite) } else { counter(index, plain) });
    body(&all.collect::<Vec<_>>().join(","))
}

/// One counter as JSON, each value written by `write` from its minute and its count.
pub(crate) fn counter(index: usize, write: impl Fn(i64, i64) -> String) -> String {
    let (partner, path, usual) = SERIES[index];
    let (mut count, mut points) = (0, String::new());
    for minute in 0..=MINUTES {
        let secs = AT_SECS - (MINUTES - minute) * 60;
        let comma = if minute == 0 { "" } else { "," };
        write!(points, "{comma}[{secs},\"{}\"]", write(minute, count)).expect("a text grows");
        count += requests(usual, minute);
    }
    format!(
        "{{\"metric\":{{\"partner\":\"{partner}\",\"path\":\"{path}\"}},\"values\":[{points}]}}"
    )
}

/// A whole answer around series that are written already.
pub(crate) fn body(series: &str) -> Reply {
    let data = format!("{{\"resultType\":\"matrix\",\"result\":[{series}]}}");
    Reply::json(200, format!("{{\"status\":\"success\",\"data\":{data}}}"))
}

/// One point at the last moment of a measurement.
fn last(value: &str) -> String {
    format!("\"values\":[[{AT_SECS},\"{value}\"]]")
}

/// The requests of one minute: a day's wave and some noise that repeats.
fn requests(usual: f64, minute: i64) -> i64 {
    let wave = 1.0 + 0.4 * (minute as f64 / 1440.0 * std::f64::consts::TAU).sin();
    let noise = 1.0 + (minute * 7919 % 101) as f64 / 1000.0;
    (usual * wave * noise) as i64
}
