//! From a Prometheus that nobody prepared to a first plan, in two commands and without an edit.
//!
//! The estate is odd on purpose: a counter with a name of its own, labels called `who` and `what`, two Prometheus servers
//! that keep the same samples, query strings, decoys, and a document with descriptors of its own. The time is printed and
//! never judged: it says more about the machine than about the program.

use std::f64::consts::TAU;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Instant;

use serde_json::Value;
use tidewright_core::{TimeSpan, Timestamp};
use tidewright_testkit::prometheus::{Blocks, Prometheus, Text};

const DAY: i64 = 86_400;
const END: i64 = 1_763_164_800;
const START: i64 = END - 7 * DAY;
const SCRAPE: usize = 60;

const TENANTS: [&str; 5] = ["acme", "bolt", "cargo", "delta", "epsilon"];
const ROUTES: [&str; 6] =
    ["/v1/list", "/v1/get", "/v1/search?q=a", "/v1/search?q=b", "/v1/users/17", "/v1/new"];
const PODS: [&str; 4] = ["edge-0", "edge-1", "edge-2", "edge-3"];
const REPLICAS: [&str; 2] = ["a", "b"];

const DOCUMENT: &str = r#"apiVersion: v1
kind: ConfigMap
metadata: {name: ratelimit-config, namespace: istio-system}
data:
  config.yaml: |
    domain: shop
    descriptors:
    - key: remote_address      # each client by itself
      rate_limit: {unit: second, requests_per_unit: 50}
    - key: tenant
      value: acme
      descriptors:
      - key: route
        value: /v1/list
        rate_limit:
          unit: minute
          requests_per_unit: 900
      - {key: route, value: "/v1/search", rate_limit: {unit: minute, requests_per_unit: 4000}}
      - {key: route, value: "/v1/users/{id}", rate_limit: {unit: minute, requests_per_unit: 700}}
      - {key: route, value: "/v1/get?format=json", rate_limit: {unit: minute, requests_per_unit: 100}}
    - key: tenant
      value: bolt
      descriptors:
      - {key: route, value: "/v1/list", rate_limit: {unlimited: true}}
      - {key: route, value: "/v1/*", share_threshold: true, rate_limit: {unit: minute, requests_per_unit: 90000}}
      - key: route
        value: /v1/gone
        rate_limit: {unit: minute, requests_per_unit: 10}
    - key: tenant
      value: cargo
      rate_limit: {unit: hour, requests_per_unit: 500000}
      descriptors:
      - key: route
        value: /v1/get
        descriptors:
        - {key: method, value: POST, rate_limit: {unit: minute, requests_per_unit: 5}}
"#;

/// Requests a second that one pod serves of a pair.
fn rate(tenant: usize, route: usize) -> f64 {
    0.5 + tenant as f64 + 0.7 * route as f64
}

/// What a counter of this rate shows: it swings by half over each day.
fn counted(rate: f64, at: i64) -> u64 {
    let (since, day) = ((at - START) as f64, DAY as f64);
    let swing = 0.5 * day / TAU * (1.0 - (TAU * since / day).cos());
    (rate * (since + swing)) as u64
}

fn series(
    text: &mut Text,
    piece: TimeSpan,
    metric: &str,
    labels: &[(&str, &str)],
    (rate, offset): (f64, i64),
) -> io::Result<()> {
    text.series(metric, labels);
    let first = piece.start.as_secs() + offset;
    for at in (first..piece.end.as_secs()).step_by(SCRAPE) {
        text.sample(at * 1000, counted(rate, at))?;
    }
    Ok(())
}

fn world(piece: TimeSpan, text: &mut Text) -> io::Result<()> {
    for (pod, name) in PODS.iter().enumerate() {
        for (tenant, who) in TENANTS.iter().enumerate() {
            for (route, what) in ROUTES.iter().enumerate() {
                for (replica, copy) in REPLICAS.iter().enumerate() {
                    let labels = [
                        ("who", *who),
                        ("what", *what),
                        ("pod", *name),
                        ("instance", *name),
                        ("job", "edge"),
                        ("prometheus_replica", *copy),
                    ];
                    // Two servers scrape the same target at different moments.
                    let offset = 7 * pod as i64 + 11 * replica as i64;
                    series(text, piece, "edge_calls", &labels, (rate(tenant, route), offset))?;
                }
            }
        }
    }
    for handler in ["/metrics", "/healthz"] {
        let labels = [("handler", handler), ("code", "200"), ("job", "edge")];
        series(text, piece, "http_requests_total", &labels, (900.0, 3))?;
    }
    series(text, piece, "go_gc_cycles_total", &[("job", "edge")], (1.0, 3))?;
    let behind = [("who", "acme"), ("what", "/v1/list"), ("job", "backend")];
    series(text, piece, "edge_upstream_calls", &behind, (4.0, 5))
}

fn run(folder: &Path, line: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidewright"));
    command.args(line.split_whitespace()).current_dir(folder);
    command.env_clear().env("HOME", folder).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn proposal<'a>(plan: &'a Value, name: &str) -> &'a Value {
    let all = plan["plan"]["proposals"].as_array().expect("a plan lists its proposals");
    all.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("no {name} in {plan}"))
}

#[test]
fn two_commands_lead_from_an_unprepared_server_to_a_plan() {
    let span = TimeSpan { start: Timestamp::from_secs(START), end: Timestamp::from_secs(END) };
    let blocks = Blocks::filled(span, world).expect("history can be made");
    let server = Prometheus::start(blocks).expect("Prometheus starts");
    let folder = tempfile::tempdir().expect("there is room");
    fs::write(folder.path().join("odd.yaml"), DOCUMENT).expect("there is room");
    let at = Timestamp::from_secs(END);

    let started = Instant::now();
    let init = run(
        folder.path(),
        &format!("init --prometheus-url {} --current odd.yaml --at {at}", server.url()),
    );
    let (config, told) = (text(&init.stdout), text(&init.stderr));
    println!("init took {:.1?}\n{told}\n{config}", started.elapsed());
    assert_eq!(init.status.code(), Some(0));
    fs::write(folder.path().join("config.yaml"), &config).expect("there is room");
    let plan =
        run(folder.path(), &format!("limits plan --config config.yaml --at {at} --output json"));
    println!("both took {:.1?}\n{}", started.elapsed(), text(&plan.stderr));
    assert_eq!(plan.status.code(), Some(0));

    let check = run(folder.path(), "config check --config config.yaml");
    assert_eq!(check.status.code(), Some(0), "{}", text(&check.stdout));
    for part in [
        "metric: \"edge_calls\"",
        "prometheus_replica=\\\"",
        "\"tenant\": \"who\"",
        "\"route\": \"what\"",
        "- \"strip_query\"",
        "- \"/v1/users/* -> /v1/users/{id}\"",
        "partner_descriptor: \"tenant\"",
    ] {
        assert!(config.contains(part), "`{part}` is not in\n{config}");
    }
    for part in [
        "never matches: `/v1/get` is measured",
        "no label carries `remote_address`",
        "epsilon:/v1/new",
    ] {
        assert!(told.contains(part), "`{part}` is not in\n{told}");
    }
    judge(&serde_json::from_slice(&plan.stdout).expect("the plan is JSON"));
    add_missing(folder.path(), at);
    doctor(folder.path(), &config, at);
}

/// Traffic without a limit gets one, as the neighbours are written, and nothing else changes.
fn add_missing(folder: &Path, at: Timestamp) {
    let line = format!("run --config config.yaml --at {at} --add-missing --output json");
    let added = run(folder, &line);
    assert_eq!(added.status.code(), Some(0), "{}", text(&added.stderr));
    let document = fs::read_to_string(folder.join("output/testing_configmap.yaml"));
    let document = document.expect("a run writes its document");
    let added: Value = serde_json::from_slice(&added.stdout).expect("the plan is JSON");
    let proposals = added["plan"]["proposals"].as_array().expect("a plan lists its proposals");
    let created = proposals.iter().filter(|it| it["decision"] == "create");
    let names: Vec<&str> = created.filter_map(|it| it["name"].as_str()).collect();
    assert!(!names.is_empty(), "no limit is proposed for traffic without one");
    for name in names {
        let route = name.rsplit(':').next().unwrap_or_default();
        assert!(document.contains(&format!("value: \"{route}\"")), "{name} in\n{document}");
    }
    let mut lines = document.lines();
    let mut kept =
        |line: &&str| line.contains("requests_per_unit") || lines.any(|new| new == *line);
    assert!(DOCUMENT.lines().all(|line| kept(&line)), "{document}");
    assert_eq!(added["discovery"]["without_limit_total"], 12);
}

/// What is configured is found good, and what is spoiled is told with its remedy.
fn doctor(folder: &Path, config: &str, at: Timestamp) {
    let told = |config: &str, code: i32| {
        fs::write(folder.join("doctor.yaml"), config).expect("there is room");
        let ended = run(folder, &format!("doctor --config doctor.yaml --at {at}"));
        assert_eq!(ended.status.code(), Some(code), "{}", text(&ended.stdout));
        text(&ended.stdout)
    };
    let good = told(config, 0);
    for part in
        ["tenant from `who`", "6 of 10 limits have traffic", "never matches", "below 14 days"]
    {
        assert!(good.contains(part), "`{part}` is not in\n{good}");
    }
    let twice = told(&config.replace("matchers:", "# matchers:"), 4);
    assert!(twice.contains("add the matcher `prometheus_replica=\"a\"`"), "{twice}");
    let unmapped = told(&config.replace(": \"what\"", ": \"wat\""), 4);
    assert!(unmapped.contains("`edge_calls` has no label `wat`"), "{unmapped}");
}

/// The plan counts each request once, and holds what it cannot know.
fn judge(plan: &Value) {
    let list = proposal(plan, "acme:/v1/list");
    let peak = list["estimate"]["arithmetic"]["base"].as_f64();
    let peak = peak.unwrap_or_else(|| panic!("no base in {list}"));
    // Four pods, a minute, and half above the mean at the height of the day.
    let truth = rate(0, 0) * 4.0 * 60.0 * 1.5;
    assert!((0.9..1.2).contains(&(peak / truth)), "{peak} against {truth}");
    let search = proposal(plan, "acme:/v1/search");
    assert!(search["estimate"].is_object(), "{search}");
    for held in ["<remote_address>", "bolt:/v1/gone", "acme:/v1/get?format=json", "bolt:/v1/list"] {
        assert_eq!(proposal(plan, held)["decision"], "hold", "{held}");
    }
}
