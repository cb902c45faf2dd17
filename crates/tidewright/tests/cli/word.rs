//! What people say, and what a look at the limits of today finds: approve, pause, resume, check.

use serde_json::Value;

use crate::desk::{Desk, proposals, word};
use crate::review::{desk, without_plan};

const AT: &str = "--config config.yaml --at 2026-11-16T00:00:00Z";

fn plan(desk: &Desk) -> Value {
    desk.run(&format!("limits plan {AT} --current limits.yaml --output json")).json()
}

/// What was decided about a limit, and why.
fn decided(run: &Value, name: &str) -> (String, String) {
    let proposal = proposals(run).remove(name).expect("the plan has the limit");
    (word(&proposal, "/decision"), word(&proposal, "/reason/code"))
}

/// The kinds of the findings, by name of the limit.
fn findings(check: &Value) -> Vec<(String, String)> {
    let findings = check["findings"].as_array().expect("a check lists its findings");
    findings.iter().map(|it| (word(it, "/name"), word(it, "/kind"))).collect()
}

fn check(desk: &Desk, flags: &str) -> (Option<i32>, Value) {
    let ended = desk.run(&format!("limits check --output json {flags}"));
    let value = serde_json::from_str(&ended.stdout);
    (ended.code, value.unwrap_or_else(|error| panic!("{error} in {ended:?}")))
}

#[test]
fn an_approval_is_known_to_the_next_run() {
    let desk = desk();
    let hash = |run: &Value| word(run, "/inputs_hash");
    let before = plan(&desk);
    assert_eq!(hash(&plan(&desk)), hash(&before), "equal inputs give equal hashes");
    let said = desk.run(&format!("limits approve A:/rise --to 900 --by ann {AT}")).done();
    assert!(
        said.starts_with("approved by ann: `A:/rise` as far as 900 in `limits.yaml`"),
        "{said}"
    );
    assert_ne!(hash(&plan(&desk)), hash(&before));
}

#[test]
fn only_what_waits_is_approved_unless_a_number_is_named() {
    let desk = desk();
    let line = format!("limits approve A:/rise {AT}");
    desk.run(&line).refused(&["`A:/rise` does not wait for approval", "--to"]);
    let word = desk.run(&format!("{line} --to 900 --for 7d --output json")).json();
    assert_eq!(
        (word["up_to"].as_u64(), word["until"].as_str()),
        (Some(900), Some("2026-11-23T00:00:00Z"))
    );
    let cut = format!("limits approve A:/fall {AT}");
    desk.run(&cut).refused(&["need no approval to lower it", "limits apply --only"]);
    desk.run(&format!("limits approve nobody {AT}")).refused(&["no limit is named `nobody`"]);
    without_plan().run("limits approve A --config config.yaml").refused(&["no run is recorded"]);
}

#[test]
fn an_approval_needs_a_document_to_speak_of() {
    let desk = Desk::with_issue_config();
    let run = desk.run("limits plan --output json").json();
    let name = proposals(&run).into_keys().next().expect("the plan has limits");
    desk.run(&format!("limits approve {name} --to 9")).refused(&["no document", "--current FILE"]);
}

#[test]
fn a_pause_holds_every_limit_and_stops_every_plan() {
    let desk = desk();
    let paused = desk.run(&format!("limits pause --why incident-7 --by ann {AT}")).done();
    assert_eq!(paused, "paused by ann, until `tidewright limits resume`: incident-7\n");
    let run = plan(&desk);
    for name in ["A:/rise", "A:/fall", "B:/rise", "B:/fall"] {
        assert_eq!(decided(&run, name).0, "hold", "{name}");
    }
    assert_eq!(decided(&run, "A:/rise").1, "paused");
    let before = desk.files();
    let ended = desk.run("limits apply p.json --config config.yaml");
    ended.failed(3, &["paused by ann: incident-7", "limits resume"]);
    assert!(desk.files() == before, "a pause was passed over");
    let resumed = desk.run("limits resume --config config.yaml").done();
    assert!(resumed.starts_with("resumed; paused by ann"), "{resumed}");
    assert_eq!(desk.run("limits resume --config config.yaml").done(), "nothing was paused\n");
    desk.run("limits apply p.json --config config.yaml").done();
}

#[test]
fn a_pause_ends_by_itself() {
    let desk = desk();
    desk.run(&format!("limits pause --why x --for 10m {AT}")).done();
    let later =
        format!("limits plan {AT} --current limits.yaml --output json").replace("T00:00", "T00:10");
    assert_eq!(decided(&desk.run(&later).json(), "A:/rise").0, "raise");
    desk.run("limits apply p.json --config config.yaml").done();
}

#[test]
fn a_check_tells_what_is_unsafe_and_what_has_drifted_and_leaves_no_trace() {
    let desk = without_plan();
    let before = desk.files();
    let (code, found) = check(&desk, &format!("{AT} --current limits.yaml"));
    assert_eq!(code, Some(3));
    let found = findings(&found);
    for (name, kind) in [("A:/rise", "unsafe"), ("A:/rise", "drifted"), ("A:/fall", "drifted")] {
        assert!(found.contains(&(name.to_owned(), kind.to_owned())), "{name} {kind}: {found:?}");
    }
    assert!(desk.files() == before, "a check wrote something");
    desk.run("limits replay --config config.yaml").refused(&["no run is recorded"]);
    let table = desk.run(&format!("limits check {AT} --current limits.yaml"));
    assert!(table.stdout.contains("SHOULD BE") && table.stderr.contains("findings"), "{table:?}");
}

#[test]
fn a_check_of_good_limits_ends_well() {
    let desk = without_plan();
    let mut document = desk.text("limits.yaml");
    for (name, old) in
        [("A:/rise", 100), ("A:/fall", 90_000), ("B:/rise", 300), ("B:/fall", 80_000)]
    {
        let good =
            proposals(&plan(&desk))[name].pointer("/estimate/limit/requests_per_unit").cloned();
        let good = good.expect("every limit has traffic");
        document = document.replacen(&format!("unit: {old}}}"), &format!("unit: {good}}}"), 1);
    }
    desk.put("good.yaml", document);
    let (code, found) = check(&desk, &format!("{AT} --current good.yaml"));
    assert_eq!((code, findings(&found)), (Some(0), Vec::new()));
}

#[test]
fn an_edit_by_hand_is_told_from_our_own() {
    let desk = desk();
    desk.run("limits apply p.json --config config.yaml --by ann").done();
    let of_plan = "--plan p.json --config config.yaml";
    let edited =
        |found: &Value| findings(found).iter().filter(|(_, kind)| kind == "edited").count();
    assert_eq!(edited(&check(&desk, of_plan).1), 0);
    let ours = desk.text("limits.yaml");
    let theirs = ours.lines().map(|line| match line.contains("/rise") {
        true => line.replace("requests_per_unit: ", "requests_per_unit: 1"),
        false => line.to_owned(),
    });
    desk.put("limits.yaml", theirs.collect::<Vec<_>>().join("\n"));
    let (code, found) = check(&desk, of_plan);
    assert_eq!((code, edited(&found)), (Some(3), 2));
    let why = found["findings"].to_string();
    assert!(why.contains("of ann set"), "{why}");
    let (code, found) = check(&desk, &format!("{AT} --current limits.yaml"));
    assert_eq!((code, edited(&found)), (Some(3), 2));
}

#[test]
fn a_check_of_a_plan_that_is_not_applied_names_its_changes() {
    let desk = desk();
    let (code, found) = check(&desk, "--plan p.json --config config.yaml");
    let drifted = findings(&found).into_iter().filter(|(_, kind)| kind == "drifted").count();
    assert_eq!((code, drifted), (Some(3), 4), "{found}");
    let ended = desk.run("limits check --plan p.json --current none.yaml --config config.yaml");
    ended.failed(3, &["`none.yaml` is no longer there"]);
}
