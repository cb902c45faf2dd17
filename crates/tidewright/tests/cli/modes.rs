//! Testing mode previews and writes to its own folders; what this version cannot do safely is refused.

use crate::desk::{Desk, ODD_DOCUMENT};
use crate::traffic::{self, CONFIG};

const PARTNER: &str = "CUSTOMER_ID_1";
const PATH: &str = "/api_v3/service/configurations/action/servebydevice";

/// A folder with the odd document and a week of demand for one of its limits.
fn desk() -> Desk {
    let desk = Desk::new();
    let config = CONFIG.replace("LOG_LEVEL: debug", "TRAFFIC: {csv: traffic.csv}");
    desk.put("config.yaml", config);
    desk.put("limits.yaml", ODD_DOCUMENT);
    desk.put("traffic.csv", traffic::csv(&[(PARTNER, PATH)]));
    desk
}

const LINE: &str = "run --config config.yaml --current limits.yaml --at 2026-11-16T00:00:00Z";

#[test]
fn testing_mode_without_the_present_limits_is_refused() {
    let desk = desk();
    let before = desk.all_files();
    for line in ["run --config config.yaml", "limits plan --config config.yaml"] {
        desk.run(line).refused(&["testing mode needs the present limits", "--current limits.yaml"]);
    }
    assert_eq!(desk.all_files(), before);
}

#[test]
fn production_mode_is_refused() {
    let desk = Desk::new();
    desk.put("config.yaml", include_str!("../../../../config/production-config.yaml"));
    desk.put("limits.yaml", ODD_DOCUMENT);
    let before = desk.all_files();
    for line in ["run --config config.yaml", "run --config config.yaml --current limits.yaml"] {
        desk.run(line).refused(&["production mode writes to a cluster", "use testing mode"]);
    }
    assert_eq!(desk.all_files(), before);
}

#[test]
fn testing_mode_shows_the_plan_the_impact_and_a_diff() {
    let stdout = desk().run(LINE).done();
    for words in ["CUSTOMER_ID_1:", "raise", "--- a/limits.yaml", "+++ b/limits.yaml"] {
        assert!(stdout.contains(words), "`{words}` is missing in:\n{stdout}");
    }
    let diff: Vec<&str> = stdout.lines().skip_while(|line| !line.starts_with("+++")).collect();
    let count = |sign| diff.iter().skip(1).filter(|line| line.starts_with(sign)).count();
    assert_eq!((count('-'), count('+')), (1, 1), "{diff:#?}");
    assert!(stdout.contains("WOULD") || stdout.contains("REJECTED"), "no impact in:\n{stdout}");
}

#[test]
fn testing_mode_writes_its_report_and_a_preview_and_nothing_else() {
    let desk = desk();
    let before = desk.files();
    desk.run(LINE).done();
    assert_eq!(desk.names("output"), ["testing_configmap.yaml"]);
    let name = "testing_report_20261116T000000Z";
    assert_eq!(desk.names("reports"), [format!("{name}.html"), format!("{name}.md")]);
    let after = desk.files();
    assert_eq!(after.len(), before.len() + 3);
    assert!(before.iter().all(|(path, bytes)| after.get(path) == Some(bytes)));
    let report = desk.text(&format!("reports/{name}.md"));
    assert!(report.contains(PATH) && report.contains("--- a/limits.yaml"), "{report}");
}

#[test]
fn without_reports_only_the_preview_is_written() {
    let desk = desk();
    let config = desk
        .text("config.yaml")
        .replace("  testing:\n", "  testing:\n    GENERATE_REPORTS: false\n");
    desk.put("config.yaml", config);
    desk.run(LINE).done();
    assert!(desk.names("reports").is_empty());
    assert_eq!(desk.names("output"), ["testing_configmap.yaml"]);
}

#[test]
fn a_second_run_finds_its_own_document_unchanged() {
    let desk = desk();
    desk.run(LINE).done();
    let first = desk.files();
    desk.run(LINE).done();
    assert!(desk.files() == first, "files differ between two equal runs");
}

#[test]
fn the_demand_of_a_file_and_of_prometheus_decide_alike() {
    let (desk, metrics) = (traffic::desk(), traffic::healthy());
    let from_metrics = traffic::decisions(&traffic::run(&desk, &metrics).json());
    let config = CONFIG.replace("LOG_LEVEL: debug", "TRAFFIC: {csv: traffic.csv}");
    desk.put("config.yaml", config);
    desk.put("traffic.csv", traffic::csv(&traffic::PAIRS));
    let from_file = traffic::decisions(&desk.run(&format!("{LINE} --output json")).json());
    assert_eq!(from_file, from_metrics);
}
