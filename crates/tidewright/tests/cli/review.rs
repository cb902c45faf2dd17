//! A plan from hand to hand: saved, shown, compared, applied, listed, and taken back.

use std::fs::File;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::desk::{Desk, Ended, word};
use crate::traffic::{self, CONFIG, DOCUMENT};

const AT: &str = "--config config.yaml --at 2026-11-16T00:00:00Z";

/// A folder with a document, six days of demand for its limits, and a saved plan: `/rise` is raised, `/fall` is held
/// until a person or a day has agreed.
pub(crate) fn desk() -> Desk {
    let desk = without_plan();
    desk.run(&format!("limits plan {AT} --current limits.yaml --save p.json")).done();
    desk
}

/// The same before anything was planned.
pub(crate) fn without_plan() -> Desk {
    let desk = Desk::new();
    let config = CONFIG.replace("LOG_LEVEL: debug", "TRAFFIC: {csv: traffic.csv}");
    desk.put("config.yaml", config);
    desk.put("limits.yaml", DOCUMENT);
    desk.put("traffic.csv", traffic::csv(&traffic::PAIRS));
    desk
}

fn apply(desk: &Desk, flags: &str) -> Ended {
    desk.run(&format!("limits apply p.json --config config.yaml {flags}"))
}

fn history(desk: &Desk) -> Vec<Value> {
    let history = desk.run("limits history --config config.yaml --output json").json();
    history.as_array().expect("a history is a list").clone()
}

/// The number that a saved plan has for a limit under `pointer`.
fn planned(desk: &Desk, name: &str, pointer: &str) -> u64 {
    let plan: Value = serde_json::from_str(&desk.text("p.json")).expect("a plan is JSON");
    let limits = plan["limits"].as_array().expect("a plan lists its limits");
    let limit = limits.iter().find(|limit| limit["name"] == name).expect("the plan has the limit");
    limit.pointer(pointer).and_then(Value::as_u64).expect("the plan has the number")
}

/// The request is refused with this code and these words, and every file is as it was.
#[track_caller]
fn refused(desk: &Desk, ended: impl FnOnce() -> Ended, code: i32, said: &[&str]) {
    let before = desk.files();
    let ended = ended();
    ended.failed(code, said);
    assert!(ended.stderr.contains("hint: "), "no hint in:\n{}", ended.stderr);
    assert!(desk.files() == before, "a request that was refused changed files");
}

#[test]
fn a_saved_plan_shows_what_the_run_printed() {
    let desk = without_plan();
    let line = format!("limits plan {AT} --current limits.yaml --save p.json --output json");
    let printed = desk.run(&line).json();
    assert_eq!(desk.run("limits show p.json --output json").json(), printed);
    let table = desk.run("limits show p.json").done();
    for words in ["A:/rise", "raise", "4 limits: 2 raised", "put aside at", "`limits.yaml`"] {
        assert!(table.contains(words), "`{words}` is missing in:\n{table}");
    }
}

#[test]
fn one_limit_is_applied_to_another_file_and_nothing_else_changes() {
    let desk = desk();
    let number = planned(&desk, "A:/rise", "/proposed/requests_per_unit");
    let diff = desk.run("limits diff p.json --config config.yaml --only A:/rise").done();
    assert!(diff.contains("requests_per_unit: 100") && diff.contains(&format!(": {number}")));
    let stdout = apply(&desk, "--only A:/rise --target file:out.yaml").done();
    assert!(stdout.contains("1 limit changed in `out.yaml`"), "{stdout}");
    let old = "requests_per_unit: 100}";
    let expected = DOCUMENT.replacen(old, &format!("requests_per_unit: {number}}}"), 1);
    assert_eq!((desk.text("out.yaml"), desk.text("limits.yaml")), (expected, DOCUMENT.to_owned()));
}

#[test]
fn applying_again_finds_nothing_to_do() {
    let desk = desk();
    apply(&desk, "").done();
    let before = desk.files();
    let again = apply(&desk, "").done();
    assert!(again.starts_with("nothing to do: 2 limits had the number"), "{again}");
    assert!(desk.files() == before && history(&desk).len() == 1);
    assert_eq!(desk.run("limits diff p.json --config config.yaml").done(), "");
}

#[test]
fn a_number_that_moved_makes_the_whole_plan_stale() {
    let desk = desk();
    let moved = DOCUMENT.replacen("requests_per_unit: 100}", "requests_per_unit: 120}", 1);
    desk.put("limits.yaml", &moved);
    let said = ["`limits.yaml` have changed", "`edge/A:/rise` is `120/minute`", "plan again"];
    refused(&desk, || apply(&desk, ""), 3, &said);
    refused(&desk, || apply(&desk, "--target file:out.yaml"), 3, &said);
    assert_eq!(history(&desk), Vec::<Value>::new());
    // What has not moved may still be applied.
    apply(&desk, "--only B:/rise").done();
}

#[test]
fn a_document_that_is_gone_makes_the_plan_stale() {
    let desk = desk();
    std::fs::rename(desk.path("limits.yaml"), desk.path("moved.yaml")).expect("the file is ours");
    refused(&desk, || apply(&desk, ""), 3, &["`limits.yaml` is no longer there", "--current"]);
    apply(&desk, "--current moved.yaml --target file:out.yaml").done();
}

#[test]
fn bytes_of_today_stay_and_only_numbers_change() {
    let desk = desk();
    let today = format!("# a line of today\n{DOCUMENT}");
    desk.put("limits.yaml", &today);
    let ended = apply(&desk, "--only A:/rise");
    assert!(ended.stderr.contains("not, byte for byte, the document of the plan"));
    let number = planned(&desk, "A:/rise", "/proposed/requests_per_unit");
    let expected = today.replacen("unit: 100}", &format!("unit: {number}}}"), 1);
    assert_eq!(desk.text("limits.yaml"), expected, "{ended:?}");
}

#[test]
fn a_limit_that_waits_is_released_by_its_name_and_a_persons() {
    let desk = desk();
    let number = planned(&desk, "A:/fall", "/on_approval/requests_per_unit");
    apply(&desk, "--only A:/fall --by ann").done();
    assert!(desk.text("limits.yaml").contains(&format!("requests_per_unit: {number}}}}} # too")));
    let line = "limits history A:/fall --config config.yaml --output json";
    let made = desk.run(line).json()[0].clone();
    assert_eq!((word(&made, "/by").as_str(), made["written"].as_bool()), ("ann", Some(true)));
}

#[test]
fn a_limit_that_is_held_without_a_number_is_refused_with_its_reason() {
    let desk = without_plan();
    desk.put("limits.yaml", DOCUMENT.replacen("value: /fall", "value: /none", 1));
    desk.run(&format!("limits plan {AT} --current limits.yaml --save p.json")).done();
    let said = ["holds `edge/A:/none`", "the metric has no series for this limit"];
    refused(&desk, || apply(&desk, "--only A:/none"), 2, &said);
    refused(&desk, || apply(&desk, "--only A:/nonne"), 2, &["did you mean `A:/none`?"]);
}

#[test]
fn an_old_plan_is_stale_unless_it_may_be_older() {
    let desk = desk();
    let plan = desk.text("p.json");
    let created: Value = serde_json::from_str(&plan).expect("a plan is JSON");
    let created = word(&created, "/created_at");
    desk.put("p.json", plan.replace(&created, "2020-01-01T00:00:00Z"));
    refused(&desk, || apply(&desk, ""), 3, &["more than `24` hours ago", "--max-age"]);
    apply(&desk, "--max-age 3650d").done();
}

#[test]
fn what_is_no_plan_is_refused_with_what_is_wrong() {
    let desk = desk();
    desk.put("other.json", "{\"version\": \"v9\"}");
    let hint = "limits plan --save FILE";
    let line = |command: &str, file: &str| desk.run(&format!("limits {command} {file}"));
    refused(&desk, || line("show", "none.json"), 2, &["no saved plan at `none.json`", hint]);
    refused(&desk, || line("show", "other.json"), 2, &["`other.json`", "`v9`", hint]);
    refused(&desk, || line("show", "limits.yaml"), 2, &["this is no saved plan", "line 1"]);
}

#[test]
fn a_plan_takes_the_place_of_a_plan_and_of_nothing_else() {
    let desk = desk();
    let line = |file: &str| format!("limits plan {AT} --current limits.yaml --save {file}");
    desk.run(&line("p.json")).done();
    refused(
        &desk,
        || desk.run(&line("limits.yaml")),
        2,
        &["`limits.yaml` exists", "no saved plan"],
    );
}

#[test]
fn a_freeze_holds_for_what_was_reviewed_before_it() {
    let desk = desk();
    let freeze = "    EVENTS: [{name: sale, from: 2026-11-16, effect: freeze}]\n";
    let config =
        desk.text("config.yaml").replace("    HISTORY_DAYS", &format!("{freeze}    HISTORY_DAYS"));
    desk.put("config.yaml", config);
    let frozen = || apply(&desk, "--at 2026-11-16T10:00:00Z");
    refused(&desk, frozen, 3, &["frozen by `sale` until `2026-11-17T00:00:00Z`", "--only"]);
    apply(&desk, "--at 2026-11-17T00:00:00Z").done();
}

#[test]
fn targets_are_files() {
    let desk = desk();
    for target in ["cluster:istio-system", "out.yaml", "file:-", "s3:bucket/key"] {
        let ended = apply(&desk, &format!("--target {target}"));
        ended.failed(2, &["file:PATH"]);
    }
    refused(&desk, || apply(&desk, "--target file:.tidewright"), 2, &["it is a folder"]);
}

#[test]
fn a_change_is_taken_back_to_the_byte() {
    let desk = desk();
    let rollback = || desk.run("limits rollback --config config.yaml --by bob");
    refused(&desk, rollback, 2, &["nothing to take back"]);
    apply(&desk, "").done();
    rollback().done();
    assert_eq!(desk.text("limits.yaml"), DOCUMENT);
    refused(&desk, rollback, 2, &["nothing to take back"]);
    let history = history(&desk);
    assert_eq!(word(&history[1], "/origin/undo"), word(&history[0], "/id"));
    let copies =
        desk.files().keys().filter(|path| path.display().to_string().contains(".bak-")).count();
    assert_eq!(copies, 2);
}

#[test]
fn what_somebody_changed_since_is_not_taken_back() {
    let desk = desk();
    apply(&desk, "--only A:/rise").done();
    let number = planned(&desk, "A:/rise", "/proposed/requests_per_unit");
    let edited = desk.text("limits.yaml").replacen(&format!("unit: {number}}}"), "unit: 7}", 1);
    desk.put("limits.yaml", &edited);
    let rollback = || desk.run("limits rollback --config config.yaml");
    refused(&desk, rollback, 3, &["`edge/A:/rise` is `7/minute`"]);
    let unknown = || desk.run("limits rollback 20200101T000000Z-01234567 --config config.yaml");
    refused(&desk, unknown, 2, &["there is no revision", "limits history"]);
}

#[test]
fn the_document_before_a_change_can_be_printed() {
    let desk = desk();
    apply(&desk, "").done();
    let id = word(&history(&desk)[0], "/id");
    let line = format!("limits history --document {id} --config config.yaml");
    assert_eq!(desk.run(&line).done(), DOCUMENT);
    assert_eq!(desk.text(&format!("limits.yaml.bak-{id}")), DOCUMENT);
}

#[test]
fn a_plan_without_a_document_makes_a_new_one() {
    let desk = Desk::with_issue_config();
    desk.run("limits plan --save p.json").done();
    let apply = |flags: &str| desk.run(&format!("limits apply p.json {flags}"));
    refused(&desk, || apply(""), 2, &["made without a document", "--target file:PATH"]);
    apply("--target file:out.yaml").done();
    let new = desk.text("out.yaml");
    assert!(new.contains("kind: ConfigMap") && new.contains("requests_per_unit:"), "{new}");
    assert!(apply("--target file:out.yaml").done().starts_with("nothing to do"));
}

#[test]
fn a_disk_without_room_leaves_the_document() {
    let desk = without_plan();
    desk.put("limits.yaml", format!("{DOCUMENT}#{}\n", "x".repeat(900_000)));
    desk.run(&format!("limits plan {AT} --current limits.yaml --save p.json")).done();
    let before = desk.files();
    let script = "ulimit -f 1000; trap '' XFSZ; exec \"$@\"";
    let program = desk.command("limits apply p.json --config config.yaml");
    let mut shell = Command::new("sh");
    shell.args(["-c", script, "sh"]).arg(program.get_program()).args(program.get_args());
    shell.current_dir(desk.path("")).env_clear().env("HOME", desk.path(""));
    let ended = Ended::of(&shell.output().expect("a shell starts"));
    ended.failed(4, &["cannot write the new limits", "no space is left"]);
    assert!(desk.files() == before, "something changed though there was no room");
    assert_eq!(history(&desk)[0]["written"].as_bool(), Some(false));
}

#[test]
fn of_many_applies_at_once_one_writes() {
    let desk = desk();
    let start = |_| desk.start("limits apply p.json --config config.yaml");
    let children: Vec<_> = (0..6).map(start).collect();
    let ended = children.into_iter().map(|child| child.wait_with_output().expect("it ends"));
    let codes: Vec<_> = ended.map(|output| Ended::of(&output).code).collect();
    assert!(codes.iter().all(|code| matches!(code, Some(0 | 3))), "{codes:?}");
    let written = history(&desk).iter().filter(|one| one["written"] == true).count();
    assert_eq!(written, 1);
    let number = planned(&desk, "A:/rise", "/proposed/requests_per_unit");
    assert!(desk.text("limits.yaml").contains(&format!("unit: {number}}}")));
}

#[test]
fn a_kill_between_record_and_write_leaves_the_old_document_and_a_second_try_works() {
    let desk = desk();
    // Whoever replaces a document of this folder waits for us, after it has copied the old one.
    let folder = File::open(desk.path("")).expect("the folder is ours");
    folder.lock().expect("nobody else holds it");
    let mut command = desk.command("limits apply p.json --config config.yaml");
    let mut child = command.stderr(Stdio::null()).spawn().expect("the program starts");
    let copied = || desk.files().keys().any(|path| path.display().to_string().contains(".bak-"));
    while !copied() {
        assert_eq!(
            child.try_wait().expect("it is our child"),
            None,
            "it ended before it was killed"
        );
        thread::sleep(Duration::from_millis(2));
    }
    child.kill().expect("it is our child");
    child.wait().expect("it is our child");
    folder.unlock().expect("the lock is ours");
    assert_eq!(desk.text("limits.yaml"), DOCUMENT);
    assert_eq!(history(&desk)[0]["written"].as_bool(), Some(false));
    apply(&desk, "").done();
    assert_ne!(desk.text("limits.yaml"), DOCUMENT);
}

#[test]
fn every_answer_reads_the_same_in_json_and_yaml() {
    let (json, yaml) = (desk(), desk());
    let lines = [
        "limits show p.json",
        "limits apply p.json --config config.yaml --by ann",
        "limits apply p.json --config config.yaml --by ann",
        "limits history --config config.yaml",
        "limits pause --why x --by ann --config config.yaml --at 2026-11-16T00:00:00Z",
        "limits resume --config config.yaml",
        "limits check --plan p.json --config config.yaml",
    ];
    for line in lines {
        let one: Value = serde_json::from_str(&json.run(&format!("{line} --output json")).stdout)
            .unwrap_or_else(|error| panic!("{line}: {error}"));
        let other: Value =
            serde_saphyr::from_str(&yaml.run(&format!("{line} --output yaml")).stdout)
                .unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(shape(&one), shape(&other), "{line}");
    }
}

/// A value without what the clock on the wall shows.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let timed = ["at", "id", "copy", "since"];
            let kept = fields.iter().filter(|(name, _)| !timed.contains(&name.as_str()));
            kept.map(|(name, value)| (name.clone(), shape(value))).collect()
        }
        Value::Array(items) => items.iter().map(shape).collect(),
        other => other.clone(),
    }
}
