//! Disks that are full and folders that are files: what was there is there still, and nothing is left half-written.
//!
//! The tests hold for root too, who may write where others may not.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use crate::desk::{Desk, Ended, ISSUE_CONFIG};
use crate::traffic::{self, DOCUMENT};

/// The configuration of the issue with one more key.
fn desk_with(key: &str) -> Desk {
    let desk = Desk::new();
    let own = format!("USE_MOCK_DATA: true\n    {key}\n");
    desk.put("config/config.yaml", ISSUE_CONFIG.replacen("USE_MOCK_DATA: true\n", &own, 1));
    desk.put("file", "somebody else's\n");
    desk
}

/// Runs where no file may grow beyond so many blocks of 512 bytes, which is what a full disk looks like to a writer.
fn run_with_room(desk: &Desk, blocks: u32, line: &str) -> Ended {
    let script = format!("ulimit -f {blocks}; trap '' XFSZ; exec \"$@\"");
    let program = desk.command(line);
    let mut shell = Command::new("sh");
    shell.args(["-c", &script, "sh"]).arg(program.get_program()).args(program.get_args());
    shell.current_dir(desk.path("")).env_clear().env("HOME", desk.path(""));
    Ended::of(&shell.output().expect("a shell starts"))
}

#[test]
fn a_file_in_place_of_the_output_folder_is_refused() {
    let desk = desk_with("OUTPUT_DIR: file");
    let before = desk.files();
    desk.run("run").refused(&["cannot write the new limits", "`file/local_configmap.yaml`"]);
    assert_eq!(desk.files(), before);
}

#[test]
fn a_file_in_place_of_the_folder_of_reports_is_refused() {
    let (desk, metrics) = (traffic::desk(), traffic::healthy());
    desk.put("reports", "somebody else's\n");
    traffic::run(&desk, &metrics).refused(&["`reports"]);
    assert_eq!(desk.text("reports"), "somebody else's\n");
    assert_eq!(desk.text("limits.yaml"), DOCUMENT);
}

#[test]
fn a_file_in_place_of_the_records_folder_is_refused_before_anything_is_written() {
    let desk = desk_with("STORE_PATH: file/runs.db");
    let before = desk.all_files();
    desk.run("run").refused(&["cannot open the record of runs", "`file/runs.db`"]);
    assert_eq!(desk.all_files(), before);
}

#[test]
fn a_record_that_is_no_database_is_left_alone() {
    let desk = desk_with("STORE_PATH: file");
    let before = desk.all_files();
    desk.run("run").failed(4, &["cannot open the record of runs", "hint: move the file away"]);
    assert_eq!(desk.all_files(), before);
}

#[test]
fn a_folder_in_place_of_a_report_is_refused() {
    let desk = desk_with("GENERATE_REPORTS: true");
    desk.put("output/report.md/file", "somebody else's\n");
    desk.run("run").refused(&["output/report.md`", "it is a folder"]);
    assert_eq!(desk.text("output/report.md/file"), "somebody else's\n");
}

#[test]
fn a_read_only_folder_is_refused() {
    let desk = Desk::with_issue_config();
    desk.put("output/local_configmap.yaml", "written earlier\n");
    let lock = |mode| {
        let rights = Permissions::from_mode(mode);
        fs::set_permissions(desk.path("output"), rights).expect("the folder is ours");
    };
    lock(0o555);
    let may_write_anyway = File::create(desk.path("output/probe")).is_ok();
    let ended = desk.run("run");
    lock(0o755);
    if may_write_anyway {
        // Rights do not bind root, whose run is as good as any.
        ended.done();
    } else {
        ended.refused(&["cannot write the new limits", "output"]);
        assert_eq!(desk.text("output/local_configmap.yaml"), "written earlier\n");
        assert_eq!(desk.names("output"), ["local_configmap.yaml"]);
    }
}

#[test]
fn a_disk_without_room_for_the_record_leaves_all_files_alone() {
    let (desk, metrics) = (traffic::desk(), traffic::healthy());
    let before = desk.files();
    let ended = run_with_room(&desk, 8, &traffic::line(&metrics.url()));
    ended.failed(4, &["error: cannot", "record", "hint: "]);
    assert_eq!(desk.files(), before);
}

#[test]
fn a_disk_without_room_for_the_document_leaves_the_old_one() {
    let (desk, metrics) = (traffic::desk(), traffic::healthy());
    let large = format!("{DOCUMENT}#{}\n", "x".repeat(900_000));
    desk.put("limits.yaml", large);
    let before = desk.files();
    let ended = run_with_room(&desk, 1000, &traffic::line(&metrics.url()));
    ended.failed(4, &["cannot write the new limits", "no space is left", "hint: "]);
    assert_eq!(desk.files(), before, "nothing is left beside the old document either");
    desk.run("limits replay --config config.yaml").done();
}

#[test]
fn a_disk_without_room_for_the_reports_leaves_the_old_ones() {
    let other = Desk::with_issue_config();
    other.run("run").done();
    let desk = Desk::with_issue_config();
    desk.put("output/report.html", "the old report\n");
    // The report is the largest file of a run: what it does not fit into is enough for the record.
    let blocks = other.text("output/report.html").len().div_ceil(512) as u32 - 1;
    let ended = run_with_room(&desk, blocks, "run");
    ended.failed(4, &["cannot write `output/report.html`", "no space is left"]);
    assert_eq!(desk.text("output/report.html"), "the old report\n");
    assert_eq!(desk.names("output"), ["local_configmap.yaml", "report.html", "report.md"]);
}

#[test]
fn a_result_that_cannot_be_printed_is_told() {
    let desk = Desk::with_issue_config();
    let full = File::options().write(true).open("/dev/full").expect("the device is there");
    let mut command = desk.command("run");
    let child = command.stdout(full).stderr(Stdio::piped()).spawn().expect("the program starts");
    let ended = Ended::of(&child.wait_with_output().expect("the program ends"));
    ended.failed(4, &["cannot print the result", "hint: "]);
    assert_eq!(desk.names("output"), ["local_configmap.yaml", "report.html", "report.md"]);
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let desk = Desk::with_issue_config();
    let mut child = desk.start("config reference");
    drop(child.stdout.take());
    let ended = Ended::of(&child.wait_with_output().expect("the program ends"));
    ended.done();
}
