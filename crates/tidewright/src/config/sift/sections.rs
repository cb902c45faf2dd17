//! The sections at the left margin of a file, in today's form and in those of the predecessor.

use tidewright_core::Mode;

use super::Sifted;
use super::place::{Place, Target, join};
use crate::config::keys;
use crate::config::legacy::{self, Fate};
use crate::config::nearest::nearest;
use crate::config::yaml::{Entry, Node};

impl Sifted {
    /// Sorts one entry of the root.
    pub(super) fn section(&mut self, entry: &Entry) {
        match entry.key.to_uppercase().as_str() {
            keys::DEPLOYMENT => {
                let prefix = keys::DEPLOYMENT.to_owned();
                let place = Place { section: "", prefix, target: Target::Deployment };
                self.walk(&entry.value, &place);
            }
            "COMMON" => self.walk(&entry.value, &Place::top("COMMON", Target::Common)),
            "ENVIRONMENTS" => self.environments(&entry.value),
            legacy::ROOT_MODE => self.old_mode(entry),
            legacy::OVERRIDES => self.old_overrides(entry),
            _ => self.at_root(entry),
        }
    }

    fn environments(&mut self, node: &Node) {
        for (mode, section, value) in self.by_mode(node, "ENVIRONMENTS") {
            // An empty entry is an entry.
            self.layer(Target::Environment(mode));
            self.walk(value, &Place::top(&section, Target::Environment(mode)));
        }
    }

    /// The entries of a section that has one for each mode.
    fn by_mode<'n>(&mut self, node: &'n Node, name: &str) -> Vec<(Mode, String, &'n Node)> {
        let mut found = Vec::new();
        for entry in self.entries(node, &format!("`{name}`"), name) {
            let section = format!("{name}.{}", entry.key);
            if let Ok(mode) = Mode::parse(&entry.key) {
                found.push((mode, section, &entry.value));
            } else if let Some(mode) = legacy::mode(&entry.key) {
                let message = format!("`{section}` is an old name; it is read as `{name}.{mode}`");
                self.notice(entry.line, message);
                found.push((mode, section, &entry.value));
            } else {
                self.no_mode(entry, &section);
            }
        }
        found
    }

    fn no_mode(&mut self, entry: &Entry, section: &str) {
        let hint = match nearest(&entry.key, ["local", "testing", "production"]) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "rename it to the mode that it is for".to_owned(),
        };
        let message =
            format!("`{section}` must be local, testing or production, got `{}`", entry.key);
        self.fault(entry.line, section, message, hint);
    }

    fn old_overrides(&mut self, entry: &Entry) {
        let name = legacy::OVERRIDES;
        let message =
            format!("`{name}` is an old section; it is laid over `COMMON`, below `ENVIRONMENTS`");
        self.notice(entry.line, message);
        for (mode, section, value) in self.by_mode(&entry.value, name) {
            for inner in self.entries(value, &format!("`{section}`"), &section) {
                let place = join(&section, &inner.key);
                if inner.key.eq_ignore_ascii_case("COMMON") {
                    self.walk(&inner.value, &Place::top(&place, Target::Override(mode)));
                } else {
                    let message = format!("`{place}` is not a known key");
                    let hint = format!("only `COMMON` stands here; use `ENVIRONMENTS.{mode}`");
                    self.fault(inner.line, &place, message, hint);
                }
            }
        }
    }

    /// The predecessor's first files had no sections: known keys at the root count as common.
    fn at_root(&mut self, entry: &Entry) {
        let known = keys::find(&entry.key).is_some() || keys::is_group(&entry.key);
        let place = Place::top("", Target::Common);
        match legacy::fate(&entry.key) {
            None if !known => return self.unknown(entry, &place),
            Some(Fate::Gone(_)) => return self.entry(entry, &place),
            _ => {}
        }
        let message =
            format!("`{}` stands outside the sections; it is read as `COMMON.{0}`", entry.key);
        self.notice(entry.line, message);
        self.entry(entry, &place);
    }

    fn old_mode(&mut self, entry: &Entry) {
        let Some(key) = keys::find(keys::MODE) else { return };
        let message = format!("`{}` is an old name; it is read as `{}`", entry.key, key.path);
        self.notice(entry.line, message);
        self.value(key, &entry.key, &entry.value, Target::Deployment);
    }
}
