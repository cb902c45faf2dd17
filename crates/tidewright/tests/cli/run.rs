//! `run` in local mode: the same bytes each time, and only numbers change in a document.

use serde_json::Value;

use crate::desk::{Desk, ODD_DOCUMENT, proposals, word};
use crate::traffic;

const WRITTEN: [&str; 3] =
    ["output/local_configmap.yaml", "output/report.html", "output/report.md"];

/// The text without its digits: all that an edit of numbers leaves.
fn without_digits(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_ascii_digit()).collect()
}

#[test]
fn two_runs_on_the_file_of_the_issue_leave_the_same_bytes() {
    let desk = Desk::with_issue_config();
    let first = (desk.run("run --config config/config.yaml").done(), desk.files());
    let second = (desk.run("run --config config/config.yaml").done(), desk.files());
    assert_eq!(first.0, second.0);
    assert!(first.1 == second.1, "files differ between two equal runs");
    let written: Vec<_> = WRITTEN.iter().map(|name| desk.path(name)).collect();
    assert!(written.iter().all(|path| first.1.contains_key(path)), "{:?}", first.1.keys());
}

#[test]
fn two_runs_in_two_folders_leave_the_same_bytes() {
    let desks = [Desk::with_issue_config(), Desk::with_issue_config()];
    let [one, two] = desks.each_ref().map(|desk| {
        desk.run("run").done();
        WRITTEN.map(|name| desk.text(name))
    });
    assert_eq!(one, two);
}

#[test]
fn a_run_leaves_its_three_files_and_nothing_beside_them() {
    let desk = Desk::with_issue_config();
    let stdout = desk.run("run").done();
    assert_eq!(desk.names("output"), ["local_configmap.yaml", "report.html", "report.md"]);
    assert_eq!(desk.files().len(), 4, "{:?}", desk.files().keys());
    for name in WRITTEN {
        assert!(stdout.contains(&format!("written: {name}")), "{stdout}");
    }
}

#[test]
fn only_digits_of_changed_limits_differ_from_the_current_document() {
    let desk = Desk::with_issue_config();
    desk.put("limits.yaml", ODD_DOCUMENT);
    let run = desk.run("run --current limits.yaml --output json").json();
    let new = desk.text("output/local_configmap.yaml");
    assert_eq!(without_digits(&new), without_digits(ODD_DOCUMENT));
    let changed = ODD_DOCUMENT.lines().zip(new.lines()).filter(|(old, new)| old != new).count();
    assert_eq!(run.pointer("/plan/summary/raised").and_then(Value::as_u64), Some(changed as u64));
    assert!(changed > 0, "the run should change something");
    assert_eq!(desk.text("limits.yaml"), ODD_DOCUMENT, "the current document is only read");
}

#[test]
fn the_report_names_every_limit_and_where_things_came_from() {
    let desk = Desk::with_issue_config();
    desk.put("limits.yaml", ODD_DOCUMENT);
    let run = desk.run("run --current limits.yaml --output json").json();
    let (report, page) = (desk.text("output/report.md"), desk.text("output/report.html"));
    // Long names may break anywhere on a narrow page.
    let page = page.replace("<wbr>", "");
    assert!(report.contains("limits.yaml") && page.contains("limits.yaml"));
    for proposal in proposals(&run).values() {
        let path = proposal["path"].as_array().expect("a limit has a path");
        let values = path.iter().map(|step| word(step, "/value"));
        for value in values.filter(|value| value.starts_with("/api")) {
            assert!(report.contains(&value) && page.contains(&value), "`{value}` is not told");
        }
    }
}

#[test]
fn run_and_limits_plan_decide_the_same() {
    let desk = Desk::with_issue_config();
    desk.put("limits.yaml", ODD_DOCUMENT);
    for flags in ["--output json", "--output json --current limits.yaml"] {
        let run = desk.run(&format!("run {flags}")).json();
        let plan = desk.run(&format!("limits plan {flags}")).json();
        assert_eq!(run, plan, "{flags}");
    }
    let (desk, metrics) = (traffic::desk(), traffic::healthy());
    let run = traffic::line(&metrics.url());
    let plan = run.replacen("run", "limits plan", 1);
    assert_eq!(desk.run(&run).json(), desk.run(&plan).json());
}

#[test]
fn limits_plan_leaves_nothing_but_its_record() {
    let desk = Desk::with_issue_config();
    let before = desk.files();
    let stdout = desk.run("limits plan").done();
    assert_eq!(desk.files(), before);
    assert!(!stdout.contains("written:"), "{stdout}");
    desk.run("limits replay").done();
}

#[test]
fn another_moment_decides_anew() {
    let desk = Desk::with_issue_config();
    let usual = desk.run("limits plan --output json").json();
    let other = desk.run("limits plan --output json --at 2026-10-01T12:00:00Z").json();
    assert_eq!(word(&usual, "/at"), "2026-11-16T00:00:00Z");
    assert_eq!(word(&other, "/at"), "2026-10-01T12:00:00Z");
    assert_ne!(word(&usual, "/id"), word(&other, "/id"));
}
