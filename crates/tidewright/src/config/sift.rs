//! Sorts the entries of a file into layers of values: the deployment, the common section, one layer for each mode.
//!
//! Every entry ends as a value, a notice or a fault; none is dropped in silence.

mod place;
mod sections;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use tidewright_core::Mode;

use super::fault::{Fault, Notice, Origin};
use super::key::{Key, Rule};
use super::keys;
use super::legacy::{self, Fate};
use super::reader::{self, Complaint};
use super::record;
use super::value::Value;
use super::yaml::{Entry, Kind, Node};
use place::{Place, SECTIONS, Target, suggest};

/// Values of one section, by path.
pub(super) type Layer = BTreeMap<&'static str, Given>;

/// A value and its line.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) value: Value,
    pub(super) line: usize,
}

/// A file, sorted.
#[derive(Debug)]
pub(super) struct Sifted {
    pub(super) deployment: Layer,
    pub(super) common: Layer,
    /// The predecessor's corrections of `common`.
    pub(super) overrides: HashMap<Mode, Layer>,
    pub(super) environments: HashMap<Mode, Layer>,
    pub(super) faults: Vec<Fault>,
    pub(super) notices: Vec<Notice>,
    /// Keys that have a value with a fault: nothing should be concluded from their absence.
    pub(super) spoiled: BTreeSet<&'static str>,
    /// Old keys without effect: why, on which line, and which.
    gone: Vec<(&'static str, usize, String)>,
    file: Arc<str>,
}

/// Sorts the entries of the root.
pub(super) fn sift(root: &Node, file: &str) -> Sifted {
    let mut sifted = Sifted {
        deployment: Layer::new(),
        common: Layer::new(),
        overrides: HashMap::new(),
        environments: HashMap::new(),
        faults: Vec::new(),
        notices: Vec::new(),
        spoiled: BTreeSet::new(),
        gone: Vec::new(),
        file: file.into(),
    };
    let entries = sifted.entries(root, "the file", "");
    // The mode first: an old form of one key depends on it.
    let (modes, rest): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| names_mode(entry));
    for entry in modes.into_iter().chain(rest) {
        sifted.section(entry);
    }
    sifted.tell_gone();
    sifted
}

fn names_mode(entry: &Entry) -> bool {
    [keys::DEPLOYMENT, legacy::ROOT_MODE].iter().any(|name| name.eq_ignore_ascii_case(&entry.key))
}

impl Sifted {
    /// The mode that the file names.
    pub(super) fn mode(&self) -> Option<Mode> {
        match self.deployment.get(keys::MODE)?.value {
            Value::Mode(mode) => Some(mode),
            _ => None,
        }
    }

    pub(super) fn origin(&self, line: usize) -> Origin {
        Origin::File { name: self.file.clone(), line }
    }

    fn layer(&mut self, target: Target) -> &mut Layer {
        match target {
            Target::Deployment => &mut self.deployment,
            Target::Common => &mut self.common,
            Target::Override(mode) => self.overrides.entry(mode).or_default(),
            Target::Environment(mode) => self.environments.entry(mode).or_default(),
        }
    }

    fn walk(&mut self, node: &Node, place: &Place<'_>) {
        let shown = format!("`{}`", place.shown());
        for entry in self.entries(node, &shown, &place.shown()) {
            self.entry(entry, place);
        }
    }

    fn entry(&mut self, entry: &Entry, place: &Place<'_>) {
        let path = place.path(&entry.key);
        let shown = place.below(&entry.key);
        let is_deployment = place.target == Target::Deployment;
        let allowed = |key: &&Key| is_deployment == (key.group() == keys::DEPLOYMENT);
        if let Some(key) = keys::find(&path).filter(allowed) {
            return self.value(key, &shown, &entry.value, place.target);
        }
        if keys::is_group(&path) && !path.eq_ignore_ascii_case(keys::DEPLOYMENT) {
            let inner = Place { section: place.section, prefix: path, target: place.target };
            return self.walk(&entry.value, &inner);
        }
        match legacy::fate(&path) {
            Some(Fate::Gone(reason)) => self.gone.push((reason, entry.line, shown)),
            Some(Fate::Renamed(new)) => {
                self.notice(entry.line, format!("`{shown}` is an old name; it is read as `{new}`"));
                if let Some(key) = keys::find(new) {
                    self.value(key, &shown, &entry.value, place.target);
                }
            }
            None => self.unknown(entry, place),
        }
    }

    fn value(&mut self, key: &'static Key, shown: &str, node: &Node, target: Target) {
        let modern = match (&key.rule, self.mode()) {
            (Rule::Lists(_), Some(mode)) => legacy::without_environments(node, mode),
            (Rule::Mode(_), _) => legacy::without_old_mode(node),
            _ => None,
        };
        if let Some((_, reading)) = &modern {
            self.notice(node.line, format!("`{shown}` {reading}"));
        }
        let modern = modern.map(|(node, _)| node);
        let line = node.line;
        match reader::read(&key.rule, modern.as_ref().unwrap_or(node)) {
            Ok(value) => self.give(key, target, Given { value, line }),
            Err(complaints) => {
                self.keep_sound(key, target, node);
                for complaint in complaints {
                    self.complain(key, shown, complaint);
                }
            }
        }
    }

    /// Nothing should be concluded from a value with a fault, but entries without one can be judged.
    fn keep_sound(&mut self, key: &'static Key, target: Target, node: &Node) {
        let Rule::Records(table) = &key.rule else {
            self.spoiled.insert(key.path);
            return;
        };
        let value = Value::Records(record::sound(table, node));
        self.give(key, target, Given { value, line: node.line });
    }

    /// Two names of one key in one section: neither may be lost in silence.
    fn give(&mut self, key: &'static Key, target: Target, given: Given) {
        let Some(first) = self.layer(target).get(key.path).map(|first| first.line) else {
            self.layer(target).insert(key.path, given);
            return;
        };
        let message = format!("`{}` is given twice, first on line {first}", key.path);
        self.fault(given.line, key.path, message, "keep one of the two".to_owned());
    }

    /// The entries of a map; a name that stands there twice, in whatever case, is a fault.
    fn entries<'n>(&mut self, node: &'n Node, shown: &str, key: &str) -> Vec<&'n Entry> {
        let Kind::Map(entries) = &node.kind else {
            if !node.is_nothing() {
                let message = format!("{shown} must be a map of keys");
                self.fault(node.line, key, message, "write `KEY: value` lines below it".to_owned());
            }
            return Vec::new();
        };
        let mut first: BTreeMap<String, usize> = BTreeMap::new();
        let mut fresh = Vec::new();
        for entry in entries {
            let Some(line) = first.get(&entry.key.to_lowercase()) else {
                first.insert(entry.key.to_lowercase(), entry.line);
                fresh.push(entry);
                continue;
            };
            let name =
                if key.is_empty() { entry.key.clone() } else { format!("{key}.{}", entry.key) };
            let message = format!("`{name}` is given twice, first on line {line}");
            self.fault(entry.line, &name, message, "keep one of the two".to_owned());
        }
        fresh
    }

    fn unknown(&mut self, entry: &Entry, place: &Place<'_>) {
        let shown = place.below(&entry.key);
        let is_section = SECTIONS.iter().any(|name| name.eq_ignore_ascii_case(&entry.key));
        let hint = match suggest(&place.path(&entry.key), place) {
            _ if is_section => "it stands at the left margin, not below another section".to_owned(),
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "the reference page docs/configuration.md lists all keys".to_owned(),
        };
        self.fault(entry.line, &shown, format!("`{shown}` is not a known key"), hint);
    }

    /// What has no effect any more, told once for each reason.
    fn tell_gone(&mut self) {
        let mut gone = std::mem::take(&mut self.gone);
        while let Some((reason, line, _)) = gone.first().cloned() {
            let (same, others) = gone.into_iter().partition(|(other, ..)| *other == reason);
            let keys = Vec::into_iter(same).map(|(_, _, key)| key).collect();
            self.notices.push(Notice::idle(self.origin(line), keys, "", reason));
            gone = others;
        }
    }

    fn complain(&mut self, key: &Key, shown: &str, complaint: Complaint) {
        let name = match complaint.part.as_str() {
            part if part.is_empty() || part.starts_with('[') => format!("{shown}{part}"),
            part => format!("{shown}.{part}"),
        };
        let hint = complaint.hint.unwrap_or_else(|| key.way_out());
        self.fault(complaint.line, &name, format!("`{name}` {}", complaint.message), hint);
    }

    fn fault(&mut self, line: usize, key: &str, message: String, hint: String) {
        let origin = self.origin(line);
        self.faults.push(Fault { origin, key: key.to_owned(), message, hint });
    }

    fn notice(&mut self, line: usize, message: String) {
        let origin = self.origin(line);
        self.notices.push(Notice { origin, message, idle: Vec::new() });
    }
}
