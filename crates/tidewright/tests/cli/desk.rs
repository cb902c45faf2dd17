//! A folder to work in, lines typed in it, and what came of them.

use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The file of the issue, which the samples hold word for word.
pub(crate) const ISSUE_CONFIG: &str = include_str!("../../../../config/config.yaml");
/// Limits in every shape that the limiter reads.
pub(crate) const ODD_DOCUMENT: &str = include_str!("../../../../tests/data/odd-configmap.yaml");

/// The folder of the record of runs, which every run may touch.
const RECORD: &str = ".tidewright";

/// A folder of its own; it goes with the test.
#[derive(Debug)]
pub(crate) struct Desk {
    folder: TempDir,
}

/// How a process ended, and what it said.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Its exit code; `None` if a signal killed it.
    pub(crate) code: Option<i32>,
    /// The data.
    pub(crate) stdout: String,
    /// The talk.
    pub(crate) stderr: String,
}

impl Desk {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("there is room for a temporary folder") }
    }

    /// A folder with the configuration of the issue where it is looked for.
    pub(crate) fn with_issue_config() -> Self {
        let desk = Self::new();
        desk.put("config/config.yaml", ISSUE_CONFIG);
        desk
    }

    /// The path of a file in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts a file into the folder.
    pub(crate) fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        let folder = path.parent().expect("a file is in a folder");
        fs::create_dir_all(folder).expect("the folder can be made");
        fs::write(path, bytes).expect("there is room for a file");
    }

    /// The text of a file that must be there.
    pub(crate) fn text(&self, name: &str) -> String {
        let read = fs::read_to_string(self.path(name));
        read.unwrap_or_else(|error| panic!("`{name}` should be readable text: {error}"))
    }

    /// Every file but the record of runs, with its bytes: what must be equal where nothing may be written.
    pub(crate) fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = files(self.folder.path());
        files.retain(|path, _| !path.starts_with(self.path(RECORD)));
        files
    }

    /// Every file, the record of runs included.
    pub(crate) fn all_files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        files(self.folder.path())
    }

    /// The names of the files in one folder, in order.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let found = files(&self.path(folder)).into_keys();
        let name = |path: PathBuf| {
            path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
        };
        found.map(name).collect()
    }

    /// The program with the arguments of `line`, which are split at blanks; no variable of the outside reaches it.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tidewright"));
        command.args(line.split_whitespace()).current_dir(self.folder.path());
        command.env_clear().env("HOME", self.folder.path());
        command
    }

    /// Types a line and waits for its end.
    pub(crate) fn run(&self, line: &str) -> Ended {
        Ended::of(&self.command(line).output().expect("the program starts"))
    }

    /// Types a line and gives it `input` to read.
    pub(crate) fn run_with_input(&self, line: &str, input: &[u8]) -> Ended {
        let mut command = self.command(line);
        let mut child = piped(command.stdin(Stdio::piped()));
        let mut stdin = child.stdin.take().expect("stdin is a pipe");
        stdin.write_all(input).expect("the program reads its input");
        drop(stdin);
        Ended::of(&child.wait_with_output().expect("the program ends"))
    }

    /// Types a line and does not wait.
    pub(crate) fn start(&self, line: &str) -> Child {
        piped(&mut self.command(line))
    }
}

impl Ended {
    /// From what the operating system tells.
    pub(crate) fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            code: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }

    /// It ended well; what it printed.
    pub(crate) fn done(self) -> String {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        self.stdout
    }

    /// It ended well and printed JSON.
    pub(crate) fn json(self) -> Value {
        let stdout = self.done();
        serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error} in:\n{stdout}"))
    }

    /// It failed with this code, printed no data, and said all of this.
    pub(crate) fn failed(&self, code: i32, said: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:#?}");
        assert_eq!(self.stdout, "", "a failure prints no data");
        for words in said {
            assert!(self.stderr.contains(words), "`{words}` is not said in:\n{}", self.stderr);
        }
    }

    /// It failed for a mistake of the user, and said all of this and what to do about it.
    pub(crate) fn refused(&self, said: &[&str]) {
        self.failed(2, said);
        assert!(self.stderr.contains("hint: "), "no hint in:\n{}", self.stderr);
    }
}

/// The proposals of a run, by the name of their limit.
pub(crate) fn proposals(run: &Value) -> BTreeMap<String, Value> {
    let proposals = run["plan"]["proposals"].as_array().expect("a plan lists its proposals");
    let named = |proposal: &Value| (word(proposal, "/name"), proposal.clone());
    proposals.iter().map(named).collect()
}

/// A text inside a JSON value, empty if there is none.
pub(crate) fn word(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or("").to_owned()
}

fn piped(command: &mut Command) -> Child {
    let spawned = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    spawned.expect("the program starts")
}

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found = BTreeMap::new();
    for path in entries.map(|entry| entry.path()) {
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            match fs::read(&path) {
                Ok(bytes) => drop(found.insert(path, bytes)),
                // A program that still runs may have taken away what it had only for a while.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => panic!("`{}` should be readable: {error}", path.display()),
            }
        }
    }
    found
}
