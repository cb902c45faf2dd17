//! Which value holds: `flag > environment > file > default`, and for safety keys the safest of them all.

use std::collections::BTreeSet;
use std::sync::Arc;

use tidewright_core::{Mode, Timestamp};

use super::conflict::Conflict;
use super::draft::Draft;
use super::fault::{Fault, Notice, Origin};
use super::key::{Effect, Form, Key, Rule};
use super::keys;
use super::reader;
use super::sift::{Given, Layer, Sifted};
use super::value::Value;
use super::yaml::Node;

/// Reads an environment variable.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What the command line says.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    flags: Vec<(&'static str, String)>,
    at: Option<Timestamp>,
    reads: Reads,
}

/// What a command reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Reads {
    /// Demand, for which a source must be named.
    #[default]
    Demand,
    /// What an earlier run recorded.
    Record,
}

/// What holds for a key.
#[derive(Clone, Debug)]
pub(super) struct Resolved {
    pub(super) key: &'static Key,
    pub(super) value: Option<Value>,
    pub(super) origin: Origin,
}

/// Values of all keys for one mode, in the order of the table.
#[derive(Debug)]
pub(super) struct Resolution {
    pub(super) values: Vec<Resolved>,
    pub(super) faults: Vec<Fault>,
    pub(super) notices: Vec<Notice>,
    pub(super) spoiled: BTreeSet<&'static str>,
}

impl Overrides {
    /// With the value of a flag, if it was given; the flag's row in the table says which key it sets.
    #[must_use]
    pub fn flag(mut self, name: &'static str, value: Option<String>) -> Self {
        debug_assert!(keys::all().any(|key| key.flag == Some(name)), "`{name}` sets no key");
        self.flags.extend(value.map(|value| (name, value)));
        self
    }

    /// With the moment as of which to decide, if it was given.
    #[must_use]
    pub fn at(mut self, at: Option<Timestamp>) -> Self {
        self.at = at;
        self
    }

    /// For a command that only reads what an earlier run recorded: its source of demand may have been a flag.
    #[must_use]
    pub fn of_record(mut self) -> Self {
        self.reads = Reads::Record;
        self
    }

    pub(super) fn needs_source(&self) -> bool {
        self.reads == Reads::Demand
    }

    /// The moment as of which to decide.
    pub(super) fn moment(&self) -> Option<Timestamp> {
        self.at
    }

    fn of(&self, flag: &str) -> Option<&str> {
        self.flags.iter().find(|(name, _)| *name == flag).map(|(_, value)| value.as_str())
    }
}

/// What the file alone says for `mode`.
pub(super) fn of_file(sifted: &Sifted, mode: Mode) -> Resolution {
    let empty = Layer::new();
    let corrections = sifted.overrides.get(&mode).unwrap_or(&empty);
    let over = sifted.environments.get(&mode).unwrap_or(&empty);
    let values = keys::all().map(|key| {
        let base = sifted.common.get(key.path).or_else(|| sifted.deployment.get(key.path));
        let base = merge(base, corrections.get(key.path));
        let given = merge(base.as_ref(), over.get(key.path));
        match given {
            Some(Given { value, line }) => {
                Resolved { key, value: Some(value), origin: sifted.origin(line) }
            }
            None => Resolved { key, value: default(key, mode), origin: Origin::Default },
        }
    });
    Resolution {
        values: values.collect(),
        faults: Vec::new(),
        notices: Vec::new(),
        spoiled: sifted.spoiled.clone(),
    }
}

fn merge(base: Option<&Given>, over: Option<&Given>) -> Option<Given> {
    match (base, over.cloned()) {
        (Some(base), Some(over)) => {
            Some(Given { value: over.value.over(&base.value), line: over.line })
        }
        (base, over) => over.or_else(|| base.cloned()),
    }
}

fn default(key: &Key, mode: Mode) -> Option<Value> {
    reader::read(&key.rule, &Node::plain(key.default_in(mode)?)).ok()
}

impl Resolution {
    /// Lays the environment and then the flags over the file.
    pub(super) fn overlay(&mut self, overrides: &Overrides, env: Env<'_>) {
        for index in 0..self.values.len() {
            let key = self.values[index].key;
            let variable = key.env.and_then(|name| Some((name, env(name)?)));
            let variable = variable.filter(|(_, text)| !text.trim().is_empty());
            let flag = key.flag.and_then(|name| Some((name, overrides.of(name)?.to_owned())));
            let outer = [
                variable.map(|(name, text)| (Origin::Environment(name), text)),
                flag.map(|(name, text)| (Origin::Flag(name), text)),
            ];
            for (origin, text) in outer.into_iter().flatten() {
                match self.read(key, &origin, &text) {
                    Some(value) => self.lay(index, origin, value),
                    None => drop(self.spoiled.insert(key.path)),
                }
            }
        }
    }

    fn read(&mut self, key: &'static Key, origin: &Origin, text: &str) -> Option<Value> {
        if let Rule::Secret(_) = key.rule {
            return Some(Value::Secret(text.trim().to_owned()));
        }
        let complaints = match reader::read(&key.rule, &Node::plain(text)) {
            Ok(value) => return Some(value),
            Err(complaints) => complaints,
        };
        self.faults.extend(complaints.into_iter().map(|complaint| Fault {
            origin: origin.clone(),
            key: key.path.to_owned(),
            message: format!("`{}` {}", key.path, complaint.message),
            hint: complaint.hint.unwrap_or_else(|| key.way_out()),
        }));
        None
    }

    /// A safety key moves towards its safe side only, whoever asks.
    fn lay(&mut self, index: usize, origin: Origin, value: Value) {
        let slot = &mut self.values[index];
        let safest = slot.key.safest.map(|text| reader::read(&slot.key.rule, &Node::plain(text)));
        let is_same = slot.value.as_ref() == Some(&value);
        match safest {
            Some(_) if is_same => {}
            Some(Ok(safest)) if value != safest => {
                let message = format!(
                    "`{}: {value}` is ignored: outside the file a run can only be made safer",
                    slot.key.path
                );
                self.notices.push(Notice { origin, message, idle: Vec::new() });
            }
            _ => (slot.value, slot.origin) = (Some(value), origin),
        }
    }

    /// Fills the settings in; `~/` stands for the home folder.
    pub(super) fn draft(&self, env: Env<'_>) -> Draft {
        let mut draft = Draft::new();
        for Resolved { key, value, .. } in &self.values {
            let Some(value) = value else { continue };
            at_home(&key.rule, value, env).put(&key.rule, &mut draft);
        }
        draft
    }

    /// Faults of keys that do not go together, unless one of them has a fault of its own.
    pub(super) fn judge(&mut self, conflicts: Vec<Conflict>) {
        for conflict in self.sound(conflicts) {
            let (origin, key) = self.blamed(&conflict);
            let Conflict { message, hint, .. } = conflict;
            self.faults.push(Fault { origin, key, message, hint });
        }
    }

    /// Notices of keys that go together in a way that may surprise.
    pub(super) fn warn(&mut self, conflicts: Vec<Conflict>) {
        for conflict in self.sound(conflicts) {
            let (origin, _) = self.blamed(&conflict);
            let message = format!("{}; {}", conflict.message, conflict.hint);
            self.notices.push(Notice { origin, message, idle: Vec::new() });
        }
    }

    fn sound(&self, mut conflicts: Vec<Conflict>) -> Vec<Conflict> {
        conflicts.retain(|conflict| conflict.keys.iter().all(|key| !self.spoiled.contains(key)));
        conflicts
    }

    /// Whose fault it is: the entry that is meant, or the first key that somebody set.
    fn blamed(&self, conflict: &Conflict) -> (Origin, String) {
        let mut all = conflict.keys.iter().filter_map(|path| self.of(path));
        let set = all.find(|one| one.origin != Origin::Default);
        match (set.map(|one| &one.origin), &conflict.spot) {
            (Some(Origin::File { name, .. }), Some(spot)) => (
                Origin::File { name: Arc::clone(name), line: spot.line },
                format!("{}{}", conflict.keys[0], spot.label),
            ),
            (origin, _) => {
                let key = set.map_or(conflict.keys[0], |one| one.key.path);
                (origin.cloned().unwrap_or(Origin::Default), key.to_owned())
            }
        }
    }

    /// What was set and does nothing, told once for each reason.
    pub(super) fn tell_idle(&mut self) {
        let mut told: Vec<(Effect, Vec<&Resolved>)> = Vec::new();
        for one in self.values.iter().filter(|one| matches!(one.origin, Origin::File { .. })) {
            match told.iter_mut().find(|(effect, _)| *effect == one.key.effect) {
                Some((_, all)) => all.push(one),
                None => told.push((one.key.effect, vec![one])),
            }
        }
        let notices = told.into_iter().filter_map(|(effect, all)| idle(effect, &all));
        self.notices.extend(notices.collect::<Vec<_>>());
    }

    /// A source that somebody asked for and that made-up data hide.
    pub(super) fn tell_hidden(&mut self) {
        let is_mock = |one: &Resolved| one.value == Some(Value::Flag(true));
        if !self.of("USE_MOCK_DATA").is_some_and(is_mock) {
            return;
        }
        for path in ["PROMETHEUS_URL", "TRAFFIC.csv"] {
            let Some(one) = self.of(path) else { continue };
            let is_asked = match one.origin {
                Origin::Flag(_) | Origin::Environment(_) => true,
                Origin::File { .. } => path == "TRAFFIC.csv",
                Origin::WholeFile(_) | Origin::Default => false,
            };
            if is_asked {
                let message = format!("`{path}` is not read while `USE_MOCK_DATA` is true");
                let origin = one.origin.clone();
                self.notices.push(Notice { origin, message, idle: Vec::new() });
            }
        }
    }

    fn of(&self, path: &str) -> Option<&Resolved> {
        self.values.iter().find(|one| one.key.path == path)
    }
}

fn idle(effect: Effect, all: &[&Resolved]) -> Option<Notice> {
    let origin = all.first()?.origin.clone();
    let keys = all.iter().map(|one| one.key.path.to_owned()).collect();
    match effect {
        Effect::Now => None,
        Effect::Later(step) => {
            let they_come = if all.len() == 1 { "it comes" } else { "they come" };
            Some(Notice::idle(origin, keys, " yet", &format!("{they_come} {step}")))
        }
        Effect::Moot(reason) => Some(Notice::idle(origin, keys, "", reason)),
    }
}

fn at_home(rule: &Rule, value: &Value, env: Env<'_>) -> Value {
    let Rule::Text { form: Form::Path, .. } = rule else { return value.clone() };
    let Value::Text(path) = value else { return value.clone() };
    match (path.strip_prefix("~/"), env("HOME")) {
        (Some(rest), Some(home)) => Value::Text(format!("{}/{rest}", home.trim_end_matches('/'))),
        _ => value.clone(),
    }
}
