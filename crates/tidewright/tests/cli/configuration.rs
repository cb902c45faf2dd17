//! `config check`, `show` and `reference`: the file of the issue is right, and a wrong one is told all its faults at once.

use crate::desk::{Desk, ODD_DOCUMENT};

const FAULTY: &str = include_str!("../data/faulty-config.yaml");

fn faulty() -> Desk {
    let desk = Desk::new();
    desk.put("faulty.yaml", FAULTY);
    desk
}

#[test]
fn the_file_of_the_issue_is_right() {
    let desk = Desk::with_issue_config();
    let text = desk.run("config check --config config/config.yaml").done();
    assert!(text.contains("config/config.yaml is right: local mode"), "{text}");
    assert!(text.contains("config/config.yaml:56: `PROPHET_CONFIG.uncertainty_samples`"), "{text}");
}

#[test]
fn the_file_of_the_issue_is_shown_with_the_origin_of_each_value() {
    let text = Desk::with_issue_config().run("config show").done();
    let shown = |key: &str, value: &str, origin: &str| {
        let is_meant = |line: &&str| [key, value, origin].iter().all(|word| line.contains(word));
        assert!(text.lines().any(|line| is_meant(&line)), "`{key}` in:\n{text}");
    };
    shown("cache_ratio", "1.2", "line 37");
    shown("HISTORY_DAYS", "28", "default");
}

#[test]
fn all_faults_of_a_file_are_told_with_their_lines() {
    let ended = faulty().run("config check --config faulty.yaml");
    ended.refused(&[
        "faulty.yaml:3: `DEPLOYMENT.ENVIRONMNT` is not a known key",
        "did you mean `DEPLOYMENT.ENVIRONMENT`?",
        "faulty.yaml:21: `COMMON.RATE_CALCULATION.cache_ration`",
        "faulty.yaml:33: `COMMON.PRIME_TIME_CONFIG.percentile_threshold`",
        "between 0 and 100, got `130`",
    ]);
    assert!(!ended.stderr.contains("hunter2"), "a secret is shown:\n{}", ended.stderr);
}

#[test]
fn every_command_that_needs_a_configuration_refuses_a_faulty_one() {
    let desk = faulty();
    let before = desk.all_files();
    for line in ["run", "limits plan", "limits replay", "limits explain A", "doctor", "config show"]
    {
        desk.run(&format!("{line} --config faulty.yaml")).refused(&["faulty.yaml:3:"]);
    }
    assert_eq!(desk.all_files(), before);
}

#[test]
fn faults_are_data_when_json_is_asked_for() {
    let ended = faulty().run("config check --config faulty.yaml --output json");
    assert_eq!(ended.code, Some(2));
    let faults: serde_json::Value = serde_json::from_str(&ended.stdout).expect("stdout is JSON");
    assert!(faults.to_string().contains("cache_ration"), "{faults}");
}

#[test]
fn what_is_right_is_data_too() {
    let desk = Desk::with_issue_config();
    desk.run("config check --output json").json();
    desk.run("config show --output json").json();
}

#[test]
fn a_file_that_is_missing_empty_or_no_yaml_is_refused() {
    let desk = Desk::new();
    desk.put("empty.yaml", "");
    desk.put("open.yaml", "DEPLOYMENT: {MODE: local\nCOMMON: [");
    desk.run("run").refused(&["config/config.yaml: cannot read `config/config.yaml`"]);
    desk.run("run --config empty.yaml").refused(&["empty.yaml: the file is empty"]);
    desk.run("run --config open.yaml").refused(&["open.yaml:"]);
}

#[test]
fn a_file_of_the_predecessor_is_right_and_says_what_became_of_its_keys() {
    let desk = Desk::new();
    desk.put("old.yaml", include_str!("../data/predecessor-config.yaml"));
    let text = desk.run("config check --config old.yaml").done();
    assert!(text.contains("old.yaml:112: `PARTNER_CONFIGS` has no effect: "), "{text}");
    assert!(text.contains("`formula_version: v3` is shown beside; formula v2 decides"), "{text}");
}

#[test]
fn the_page_in_the_docs_is_what_the_program_prints() {
    let page = include_str!("../../../../docs/configuration.md");
    assert_eq!(Desk::new().run("config reference").done(), page);
}

#[test]
fn the_samples_are_right() {
    let desk = Desk::new();
    desk.put("local.yaml", include_str!("../../../../config/local-config.yaml"));
    desk.put("testing.yaml", include_str!("../../../../config/testing-config.yaml"));
    desk.put("production.yaml", include_str!("../../../../config/production-config.yaml"));
    desk.put("estate.yaml", include_str!("../../../../config/estate-config.yaml"));
    for (name, mode) in [
        ("local", "local"),
        ("testing", "testing"),
        ("production", "production"),
        ("estate", "testing"),
    ] {
        let text = desk.run(&format!("config check --config {name}.yaml")).done();
        assert!(text.contains(&format!("is right: {mode} mode")), "{text}");
    }
}

#[test]
fn doctor_tells_whether_the_limiter_can_be_reached() {
    let desk = Desk::with_issue_config();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let port = listener.local_addr().expect("it is bound").port();
    let config = desk.text("config/config.yaml");
    desk.put("config/config.yaml", format!("{config}  LIMITER_URL: http://127.0.0.1:{port}\n"));
    assert!(desk.run("doctor").done().contains(&format!("http://127.0.0.1:{port} can be reached")));
    drop(listener);
    let ended = desk.run("doctor");
    assert!(ended.stdout.contains("FAIL  limiter"), "{}", ended.stdout);
    assert!(ended.stdout.contains("-> check `LIMITER_URL`"), "{}", ended.stdout);
}

#[test]
fn doctor_says_what_is_well_and_how_to_mend_the_rest() {
    let desk = Desk::with_issue_config();
    let text = desk.run("doctor").done();
    assert!(
        text.contains("ok    configuration") && text.contains("ok    record of runs"),
        "{text}"
    );
    let ended = desk.run("doctor --current none.yaml");
    assert_eq!(ended.code, Some(4), "{ended:?}");
    assert!(ended.stdout.contains("FAIL  document") && ended.stdout.contains("-> "), "{ended:?}");
}

/// The decisions of a first plan on the odd document, with this flag and this variable, each with its limit.
fn proposals(flag: &str, paused: &str) -> Vec<serde_json::Value> {
    let desk = Desk::with_issue_config();
    desk.put("limits.yaml", ODD_DOCUMENT);
    let line = format!("limits plan --current limits.yaml --output json {flag}");
    let ended = desk.command(&line).env("PAUSED", paused).output().expect("the program starts");
    let plan: serde_json::Value = serde_json::from_slice(&ended.stdout).expect("stdout is JSON");
    plan["plan"]["proposals"].as_array().expect("a plan has proposals").clone()
}

fn decided(proposals: &[serde_json::Value]) -> Vec<String> {
    proposals.iter().map(|one| format!("{} {}", one["decision"], one["proposed"])).collect()
}

#[test]
fn another_formula_is_shown_beside_and_decides_nothing() {
    let (plain, with_v3) = (proposals("", ""), proposals("--formula v3", ""));
    assert_eq!(decided(&plain), decided(&with_v3));
    assert!(plain.iter().all(|one| one["beside"].is_null()));
    assert!(with_v3.iter().any(|one| one["beside"]["formula"] == "v3"));
    Desk::with_issue_config()
        .run("limits plan --formula v4")
        .refused(&["flag --formula: ", "must be one of v1, v2, v3, got `v4`"]);
}

#[test]
fn a_pause_in_the_environment_holds_every_limit() {
    let changes =
        |all: &[serde_json::Value]| all.iter().filter(|one| one["decision"] != "hold").count();
    assert!(changes(&proposals("", "")) > 0);
    assert_eq!(changes(&proposals("", "true")), 0);
}
