//! `config check` and `config show`: a configuration as people and programs read it.
//!
//! Every value is shown with where it came from; a secret is shown as set.

use serde::Serialize;

use super::fault::{Faults, Notice, Origin};
use super::key::Effect;
use super::resolve::Resolved;
use super::settings::Source;
use super::{Fault, Loaded};

/// Columns of a line before the value; the longest name of a key and a gap fit in.
const NAME_WIDTH: usize = 24;
/// Columns of the value, so that a line with its origin stays within 80.
const VALUE_WIDTH: usize = 34;

/// A key with its value, as `config show` tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The path of the key.
    pub key: &'static str,
    /// The value, an item a line; empty where nothing is set.
    pub value: Vec<String>,
    /// Where it came from.
    pub origin: Origin,
    /// The line of each item, where items have lines of their own.
    pub lines: Vec<usize>,
    /// Why the key has no effect, if it has none.
    pub idle: Option<String>,
}

impl Shown {
    pub(super) fn new(resolved: &Resolved) -> Self {
        let idle = match resolved.key.effect {
            Effect::Now => None,
            Effect::Later(step) => Some(format!("no effect yet, comes {step}")),
            Effect::Moot(reason) => Some(format!("no effect, {reason}")),
        };
        Self {
            key: resolved.key.path,
            value: resolved.value.as_ref().map(super::value::Value::shown).unwrap_or_default(),
            origin: resolved.origin.clone(),
            lines: resolved.value.as_ref().map(super::value::Value::lines).unwrap_or_default(),
            idle,
        }
    }
}

/// `config check` for people, where nothing is wrong.
pub fn check_text(file_name: &str, loaded: &Loaded) -> String {
    let set = loaded.values.iter().filter(|shown| shown.origin != Origin::Default).count();
    let mode = loaded.settings.mode;
    let source = source(&loaded.settings.source);
    let mut text = format!("{file_name} is right: {mode} mode, {source}, {set} keys set\n");
    for notice in &loaded.notices {
        text.push_str(&format!("{notice}\n"));
    }
    text
}

fn source(source: &Source) -> String {
    match source {
        Source::Mock => "synthetic data".to_owned(),
        Source::Csv(path) => format!("data from `{}`", path.display()),
        Source::Prometheus(url) => format!("data from `{url}`"),
    }
}

/// `config show` for people: keys below their groups, each with value and origin.
pub fn show_text(file_name: &str, loaded: &Loaded) -> String {
    let mut text = format!("# {file_name}, {} mode\n", loaded.settings.mode);
    let mut group = "";
    for shown in &loaded.values {
        let (home, leaf) = shown.key.rsplit_once('.').unwrap_or(("", shown.key));
        if home != group && !home.is_empty() {
            text.push_str(&format!("{home}\n"));
        }
        group = home;
        let indent = if home.is_empty() { "" } else { "  " };
        text.push_str(&lines(&format!("{indent}{leaf}"), shown));
    }
    let is_idle = loaded.values.iter().any(|shown| shown.idle.is_some());
    let foot =
        if is_idle { "* no effect in this version; docs/configuration.md says why\n" } else { "" };
    text + foot
}

fn lines(name: &str, shown: &Shown) -> String {
    let mark = if shown.idle.is_some() { " *" } else { "" };
    let first = shown.value.first().map_or("-", String::as_str);
    let origin = shown.lines.first().map_or_else(|| place(&shown.origin), |line| line_text(*line));
    let mut text = format!("{name:<NAME_WIDTH$}{first:<VALUE_WIDTH$}  {origin}{mark}\n");
    for (index, item) in shown.value.iter().enumerate().skip(1) {
        let line = match shown.lines.get(index) {
            Some(line) => format!("{:NAME_WIDTH$}{item:<VALUE_WIDTH$}  {}", "", line_text(*line)),
            None => format!("{:NAME_WIDTH$}{item}", ""),
        };
        text.push_str(&format!("{line}\n"));
    }
    text
}

fn line_text(line: usize) -> String {
    format!("line {line}")
}

/// The origin without the file's name, which stands above.
fn place(origin: &Origin) -> String {
    match origin {
        Origin::Default => "default".to_owned(),
        Origin::WholeFile(_) => "file".to_owned(),
        Origin::File { line, .. } => line_text(*line),
        Origin::Environment(name) => format!("${name}"),
        Origin::Flag(name) => (*name).to_owned(),
    }
}

#[derive(Serialize)]
struct CheckV1<'a> {
    file: &'a str,
    valid: bool,
    mode: Option<&'static str>,
    faults: Vec<FaultV1<'a>>,
    notices: Vec<NoticeV1<'a>>,
}

#[derive(Serialize)]
struct FaultV1<'a> {
    origin: OriginV1<'a>,
    key: &'a str,
    message: &'a str,
    hint: &'a str,
}

#[derive(Serialize)]
struct NoticeV1<'a> {
    origin: OriginV1<'a>,
    message: &'a str,
    idle: bool,
}

#[derive(Serialize)]
struct ShowV1<'a> {
    file: &'a str,
    mode: &'static str,
    values: Vec<ValueV1<'a>>,
}

#[derive(Serialize)]
struct ValueV1<'a> {
    key: &'static str,
    value: &'a [String],
    origin: OriginV1<'a>,
    #[serde(skip_serializing_if = "<[usize]>::is_empty")]
    lines: &'a [usize],
    idle: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(tag = "from", rename_all = "lowercase")]
enum OriginV1<'a> {
    Default,
    File {
        name: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        line: Option<usize>,
    },
    Environment {
        name: &'a str,
    },
    Flag {
        name: &'a str,
    },
}

impl<'a> From<&'a Origin> for OriginV1<'a> {
    fn from(origin: &'a Origin) -> Self {
        match origin {
            Origin::Default => Self::Default,
            Origin::WholeFile(name) => Self::File { name, line: None },
            Origin::File { name, line } => Self::File { name, line: Some(*line) },
            Origin::Environment(name) => Self::Environment { name },
            Origin::Flag(name) => Self::Flag { name },
        }
    }
}

impl<'a> From<&'a Fault> for FaultV1<'a> {
    fn from(fault: &'a Fault) -> Self {
        let Fault { origin, key, message, hint } = fault;
        Self { origin: origin.into(), key, message, hint }
    }
}

impl<'a> From<&'a Notice> for NoticeV1<'a> {
    fn from(notice: &'a Notice) -> Self {
        let Notice { origin, message, idle } = notice;
        Self { origin: origin.into(), message, idle: !idle.is_empty() }
    }
}

impl<'a> From<&'a Shown> for ValueV1<'a> {
    fn from(shown: &'a Shown) -> Self {
        let Shown { key, value, origin, lines, idle } = shown;
        Self { key, value, origin: origin.into(), lines, idle: idle.as_deref() }
    }
}

/// `config check` for programs, where nothing is wrong.
pub fn check_json(file_name: &str, loaded: &Loaded) -> String {
    json(&CheckV1 {
        file: file_name,
        valid: true,
        mode: Some(loaded.settings.mode.name()),
        faults: Vec::new(),
        notices: loaded.notices.iter().map(NoticeV1::from).collect(),
    })
}

/// `config check` for programs, where something is.
pub fn faults_json(file_name: &str, faults: &Faults) -> String {
    json(&CheckV1 {
        file: file_name,
        valid: false,
        mode: None,
        faults: faults.0.iter().map(FaultV1::from).collect(),
        notices: Vec::new(),
    })
}

/// `config show` for programs.
pub fn show_json(file_name: &str, loaded: &Loaded) -> String {
    json(&ShowV1 {
        file: file_name,
        mode: loaded.settings.mode.name(),
        values: loaded.values.iter().map(ValueV1::from).collect(),
    })
}

fn json(value: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(value);
    text.expect("texts and numbers always have a JSON form") + "\n"
}
