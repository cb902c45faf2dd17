//! Files on a real disk: what is there after success, after failure, and in the middle.
//!
//! The tests hold for root too, who may write where others may not.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed, which is what it is for")]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;
use tidewright_core::{GuardedTarget, LimitTarget, PortErrorKind, RevisionId, Timestamp};
use tidewright_files::{FILE_BYTES_MAX, FileTarget, ReportFolder, read_whole, write_whole};

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_file_is_replaced_and_nothing_is_left_beside_it() {
    let folder = folder();
    let path = folder.path().join("map.yaml");
    write_whole(&path, b"old, and longer").unwrap();
    write_whole(&path, b"new").unwrap();
    assert_eq!(read_whole(&path).unwrap().as_deref(), Some(b"new".as_slice()));
    assert_eq!(names(folder.path()), ["map.yaml"]);
}

#[test]
fn the_rights_of_a_replaced_file_stay() {
    let folder = folder();
    let path = folder.path().join("map.yaml");
    write_whole(&path, b"old").unwrap();
    for wanted in [0o600, 0o664, 0o755] {
        fs::set_permissions(&path, fs::Permissions::from_mode(wanted)).unwrap();
        write_whole(&path, b"new").unwrap();
        assert_eq!(mode(&path), wanted);
    }
}

#[test]
fn a_new_file_may_be_read_by_whoever_the_mask_allows() {
    let folder = folder();
    let plain = folder.path().join("plain");
    fs::write(&plain, b"").unwrap();
    let path = folder.path().join("map.yaml");
    write_whole(&path, b"new").unwrap();
    assert_eq!(mode(&path), mode(&plain));
}

#[test]
fn a_link_stays_a_link_to_the_file_that_is_written() {
    let folder = folder();
    let (file, link) = (folder.path().join("file"), folder.path().join("link"));
    fs::write(&file, b"old").unwrap();
    symlink(&file, &link).unwrap();
    write_whole(&link, b"new").unwrap();
    assert!(link.is_symlink());
    assert_eq!(fs::read(&file).unwrap(), b"new");
}

#[test]
fn a_missing_folder_is_refused() {
    let folder = folder();
    let error = write_whole(&folder.path().join("none/map.yaml"), b"x").unwrap_err();
    assert_eq!(error.kind(), PortErrorKind::Refused);
    assert_eq!(error.advice(), Some("create its folder first, or name another path"));
}

#[test]
fn a_file_in_place_of_the_folder_is_refused() {
    let folder = folder();
    let file = folder.path().join("file");
    fs::write(&file, b"old").unwrap();
    let error = write_whole(&file.join("map.yaml"), b"x").unwrap_err();
    assert_eq!(error.kind(), PortErrorKind::Refused);
    let error = ReportFolder::new(&file).write("report.md", b"x").unwrap_err();
    assert_eq!(error.kind(), PortErrorKind::Refused);
    assert_eq!(fs::read(&file).unwrap(), b"old");
}

#[test]
fn a_folder_in_place_of_the_file_is_refused() {
    let folder = folder();
    let error = write_whole(folder.path(), b"x").unwrap_err();
    assert_eq!((error.kind(), error.advice()), refused("it is a folder; name a file"));
    let error = read_whole(folder.path()).unwrap_err();
    assert_eq!((error.kind(), error.advice()), refused("it is a folder; name a file"));
}

#[test]
fn a_device_is_refused_and_not_replaced() {
    let folder = folder();
    let link = folder.path().join("null");
    symlink("/dev/null", &link).unwrap();
    let error = write_whole(&link, b"x").unwrap_err();
    assert_eq!((error.kind(), error.advice()), refused("it is no regular file; name another path"));
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}

fn refused(hint: &str) -> (PortErrorKind, Option<&str>) {
    (PortErrorKind::Refused, Some(hint))
}

#[test]
fn a_missing_file_reads_as_none_and_a_huge_one_is_refused() {
    let folder = folder();
    let path = folder.path().join("map.yaml");
    assert_eq!(read_whole(&path).unwrap(), None);
    fs::File::create(&path).unwrap().set_len(FILE_BYTES_MAX + 1).unwrap();
    let error = read_whole(&path).unwrap_err();
    assert_eq!(error.kind(), PortErrorKind::Refused);
    assert!(error.to_string().ends_with("which is larger than 8 MiB"), "{error}");
}

#[test]
fn a_report_keeps_to_its_folder() {
    let folder = folder();
    let reports = ReportFolder::new(folder.path().join("deep/reports"));
    let path = reports.write("report.md", b"# report").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"# report");
    for name in ["../report.md", "/etc/report.md", "a/b.md", "", ".."] {
        assert_eq!(reports.write(name, b"x").unwrap_err().kind(), PortErrorKind::Refused, "{name}");
    }
}

#[tokio::test]
async fn a_document_is_written_only_where_bytes_differ() {
    let folder = folder();
    let path = folder.path().join("map.yaml");
    let target = FileTarget::new(&path);
    assert_eq!(target.load().await.unwrap(), None);
    assert!(target.apply(b"one").await.unwrap().changed);
    let applied = target.apply(b"one").await.unwrap();
    assert_eq!((applied.changed, applied.place), (false, path.display().to_string()));
    assert_eq!(target.load().await.unwrap(), Some(b"one".to_vec()));
}

/// The shell limits the size of files for this child, so that its write fails in the middle.
#[test]
fn a_write_that_fails_in_the_middle_leaves_the_old_file_alone() {
    let folder = folder();
    let path = folder.path().join("map.yaml");
    fs::write(&path, b"old").unwrap();
    let script = "ulimit -f 8; trap '' XFSZ; exec \"$0\" --exact child_that_writes_too_much";
    let test = std::env::current_exe().unwrap();
    let child = Command::new("sh").arg("-c").arg(script).arg(test).env(CHILD, &path).output();
    let output = child.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(names(folder.path()), ["map.yaml", "map.yaml.refused"]);
}

const CHILD: &str = "TIDEWRIGHT_TEST_WRITES_TO";

/// Does nothing unless another test starts it with a path.
#[test]
fn child_that_writes_too_much() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    let path = Path::new(&path);
    let error = write_whole(path, &vec![b'x'; 1 << 20]).unwrap_err();
    assert_eq!(error.advice(), Some("no space is left for it; free some and run again"));
    fs::write(path.with_extension("yaml.refused"), b"").unwrap();
}

#[tokio::test]
async fn a_document_is_replaced_only_where_it_is_still_the_one_that_was_read() {
    let folder = folder();
    let path = folder.path().join("deep/map.yaml");
    let target = FileTarget::new(&path);
    assert!(target.replace(None, b"one").await.unwrap().changed);
    assert!(target.replace(Some(b"one"), b"two").await.unwrap().changed);
    for before in [None, Some(b"one".as_slice())] {
        let error = target.replace(before, b"three").await.unwrap_err();
        assert_eq!(error.kind(), PortErrorKind::Conflict);
        assert!(error.to_string().ends_with("somebody else changed it"), "{error}");
    }
    assert_eq!(fs::read(&path).unwrap(), b"two");
    assert_eq!(names(path.parent().unwrap()), ["map.yaml"]);
}

#[tokio::test]
async fn of_many_replacements_at_once_one_arrives() {
    let folder = folder();
    let path = folder.path().join("map.yaml");
    fs::write(&path, b"old").unwrap();
    let replace = |i: usize| {
        let path = path.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let document = format!("new {i}").into_bytes();
            let done = runtime.block_on(FileTarget::new(path).replace(Some(b"old"), &document));
            done.map(|_| document)
        })
    };
    let threads: Vec<_> = (0..8).map(replace).collect();
    let done: Vec<_> = threads.into_iter().filter_map(|it| it.join().unwrap().ok()).collect();
    assert_eq!(done, [fs::read(&path).unwrap()]);
}

#[tokio::test]
async fn a_copy_stands_beside_its_document() {
    let folder = folder();
    let path = folder.path().join("map.yaml");
    let target = FileTarget::new(&path);
    let id = RevisionId::new(Timestamp::from_secs(0), "0123abcdef");
    let place = target.back_up(b"old", &id).await.unwrap();
    target.back_up(b"old", &id).await.unwrap();
    let copy = "map.yaml.bak-19700101T000000Z-0123abcd";
    assert_eq!(place, folder.path().join(copy).display().to_string());
    assert_eq!(names(folder.path()), [copy]);
}

#[tokio::test]
async fn only_the_latest_copies_are_kept_and_only_ours_are_removed() {
    let folder = folder();
    let target = FileTarget::new(folder.path().join("map.yaml"));
    let foreign = ["map.yaml.bak", "map.yaml.bak-2020", "other.yaml.bak-19700101T000000Z-01234567"];
    foreign.iter().for_each(|name| fs::write(folder.path().join(name), b"theirs").unwrap());
    for day in 0..30 {
        let id = RevisionId::new(Timestamp::from_secs(day * 86_400), "0123abcdef");
        target.back_up(b"old", &id).await.unwrap();
    }
    let left = names(folder.path());
    assert_eq!(left.len(), 20 + foreign.len());
    assert!(foreign.iter().all(|name| left.contains(&(*name).to_owned())), "{left:?}");
    assert!(left.contains(&"map.yaml.bak-19700130T000000Z-0123abcd".to_owned()));
    assert!(!left.contains(&"map.yaml.bak-19700110T000000Z-0123abcd".to_owned()));
}
