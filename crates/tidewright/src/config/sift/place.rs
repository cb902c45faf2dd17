//! Where a walk through the tree is, and which name somebody may have meant there.

use std::collections::BTreeSet;

use tidewright_core::Mode;

use crate::config::key::Key;
use crate::config::keys;
use crate::config::nearest::nearest;

/// What stands at the left margin.
pub(super) const SECTIONS: [&str; 3] = [keys::DEPLOYMENT, "ENVIRONMENTS", "COMMON"];

/// Where a walk through the tree is.
pub(super) struct Place<'a> {
    /// What stands before a path when it is shown, such as `COMMON`.
    pub(super) section: &'a str,
    pub(super) prefix: String,
    pub(super) target: Target,
}

/// The layer that a section fills.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Deployment,
    Common,
    Override(Mode),
    Environment(Mode),
}

impl<'a> Place<'a> {
    /// The beginning of a section.
    pub(super) fn top(section: &'a str, target: Target) -> Self {
        Self { section, prefix: String::new(), target }
    }

    /// The path of a name that stands here.
    pub(super) fn path(&self, name: &str) -> String {
        join(&self.prefix, name)
    }

    /// This place as messages name it.
    pub(super) fn shown(&self) -> String {
        join(self.section, &self.prefix)
    }

    /// A name that stands here as messages name it.
    pub(super) fn below(&self, name: &str) -> String {
        join(&self.shown(), name)
    }
}

/// Two parts of a path.
pub(super) fn join(before: &str, name: &str) -> String {
    match (before, name) {
        ("", _) => name.to_owned(),
        (_, "") => before.to_owned(),
        _ => format!("{before}.{name}"),
    }
}

/// The nearest known name: first beside the unknown one, then the same last part anywhere, then all paths.
pub(super) fn suggest(path: &str, place: &Place<'_>) -> Option<String> {
    let leaf = path.rsplit('.').next().unwrap_or(path);
    let beside = beside(&place.prefix);
    let sections = SECTIONS.iter().copied().filter(|_| place.shown().is_empty());
    let sibling = nearest(leaf, beside.iter().map(String::as_str).chain(sections));
    if let Some(name) = sibling {
        return Some(join(&place.prefix, name));
    }
    let elsewhere = nearest(leaf, keys::all().map(Key::leaf))?;
    let mut homes = keys::all().filter(|key| key.leaf() == elsewhere);
    homes.next().map(|key| key.path.to_owned())
}

/// Names that may stand directly below a prefix.
fn beside(prefix: &str) -> BTreeSet<String> {
    let below = |key: &Key| match prefix {
        "" => Some(key.path),
        _ => {
            let head = key.path.get(..prefix.len())?;
            let rest = key.path[prefix.len()..].strip_prefix('.')?;
            head.eq_ignore_ascii_case(prefix).then_some(rest)
        }
    };
    let names = keys::all().filter_map(below);
    names.filter_map(|rest| rest.split('.').next()).map(str::to_owned).collect()
}
