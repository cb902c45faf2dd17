//! Adds limits to a document in place: whole lines behind the last of their siblings, in the siblings' own style.
//!
//! The rule: no byte that was there changes. Where siblings are written so that a line cannot be added (between braces,
//! behind an anchor, in a quoted file), the limit is refused with that reason. The result is read back: every old limit
//! as it was, and the new one beside them.

mod style;

use std::rc::Rc;

use tidewright_core::{Descriptor, Limit, LimitKey, Setting};

use super::source::{File, Source};
use super::{Document, envelope};
use crate::error::{DocumentError, Unplaceable};
use crate::yaml::{Content, Node};
use style::{Style, lines};

/// Where a line goes, and what it continues.
struct Spot {
    /// The byte of the document behind the last line of what it follows.
    offset: usize,
    style: Style,
    /// How many descriptors of the limit are there already.
    depth: usize,
}

/// A list of descriptors while it is looked through.
#[derive(Clone, Copy)]
struct Level<'a, 's> {
    file: &'a File<'s>,
    list: &'a Node,
    depth: usize,
}

impl Document {
    /// The document with these limits beside those that it has, every other byte as it is.
    ///
    /// # Errors
    /// [`DocumentError::Unplaceable`] if a limit is there already or cannot be added in the style of its siblings;
    /// another [`DocumentError`] if the limiter would not load the result.
    pub fn with_entries(&self, limits: &[(LimitKey, Limit)]) -> Result<Vec<u8>, DocumentError> {
        let mut document = self.clone();
        for (key, limit) in limits {
            let text = document.added(key, *limit)?;
            let next = Self::parse(text.as_bytes())?;
            document.check_added(&next, key, *limit)?;
            document = next;
        }
        Ok(document.text.into_bytes())
    }

    fn added(&self, key: &LimitKey, limit: Limit) -> Result<String, DocumentError> {
        let refused = |why| DocumentError::Unplaceable { key: key.clone(), why };
        let is_empty = |descriptor: &Descriptor| descriptor.value.as_deref() == Some("");
        if key.path.is_empty() || key.path.iter().any(is_empty) {
            return Err(refused(Unplaceable::Nameless));
        }
        let source = Source::new(&self.text);
        let files = envelope::files(&source)?;
        let found = files.iter().find(|(_, root)| text(root, "domain") == Some(&*key.domain));
        let (file, root) = found.ok_or_else(|| refused(Unplaceable::Domain))?;
        if !file.keeps_lines() || file.is_shared() {
            return Err(refused(Unplaceable::Style));
        }
        let list = field(root, "descriptors").ok_or_else(|| refused(Unplaceable::Style))?;
        let spot = Level { file, list, depth: 0 }.spot(&self.text, key).map_err(refused)?;
        let added = lines(&key.path[spot.depth..], limit, &spot.style);
        let (before, after) = self.text.split_at(spot.offset);
        let ending = if before.contains("\r\n") { "\r\n" } else { "\n" };
        let bridge = if before.ends_with('\n') { "" } else { ending };
        let added: String = added.iter().map(|line| format!("{line}{ending}")).collect();
        Ok(format!("{before}{bridge}{added}{after}"))
    }

    /// Whether `next` has all limits of this document as they were, and the new one.
    fn check_added(&self, next: &Self, key: &LimitKey, limit: Limit) -> Result<(), DocumentError> {
        let (expected, found) = (self.entries.len() + 1, next.entries.len());
        if expected != found {
            return Err(DocumentError::ReadBackCount { expected, found });
        }
        let (new, old): (Vec<_>, Vec<_>) = next.entries.iter().partition(|entry| entry.key == *key);
        if new.iter().any(|entry| entry.setting != Setting::Limited(limit)) {
            return Err(DocumentError::ReadBack(key.clone()));
        }
        let same = |(old, entry): &(&super::Entry, &&super::Entry)| {
            old.key == entry.key && old.setting == entry.setting && old.flags() == entry.flags()
        };
        match self.entries.iter().zip(&old).find(|pair| !same(pair)) {
            Some((entry, _)) => Err(DocumentError::ReadBack(entry.key.clone())),
            None => Ok(()),
        }
    }
}

impl<'a> Level<'a, '_> {
    /// Where the limit goes: into the deepest list that its path leads to.
    fn spot(self, text: &str, key: &LimitKey) -> Result<Spot, Unplaceable> {
        let items = self.items()?;
        let wanted = &key.path[self.depth];
        let Some(parent) = items.iter().find(|item| is(item, wanted)) else {
            let last = items.last().ok_or(Unplaceable::Style)?;
            let style = Style::of(self.file, text, last).ok_or(Unplaceable::Style)?;
            return Ok(Spot {
                offset: self.behind(text, last, style.dash),
                style,
                depth: self.depth,
            });
        };
        if self.depth + 1 == key.path.len() {
            return Err(Unplaceable::Exists);
        }
        let list = field(parent, "descriptors").ok_or(Unplaceable::Leaf)?;
        Level { list, depth: self.depth + 1, ..self }.spot(text, key)
    }

    /// The items of a list that is written line by line.
    fn items(self) -> Result<Vec<&'a Rc<Node>>, Unplaceable> {
        if self.list.is_aliased() {
            return Err(Unplaceable::Shared);
        }
        match &self.list.content {
            Content::List(items) if !self.file.is_flow(self.list) => Ok(items.iter().collect()),
            _ => Err(Unplaceable::Style),
        }
    }

    /// Behind the last line of an item, and the comments that are indented like it.
    fn behind(self, text: &str, item: &Node, dash: usize) -> usize {
        let last = last_byte(self.file, item, item.span.start).unwrap_or(item.span.start);
        let end_of_line =
            |from: usize| text[from..].find('\n').map_or(text.len(), |at| from + at + 1);
        let mut offset = end_of_line(self.file.outer(last));
        while let Some(line) = text[offset..].lines().next() {
            let comment = line.trim_start();
            if !comment.starts_with('#') || line.len() - comment.len() <= dash {
                break;
            }
            offset = end_of_line(offset);
        }
        offset
    }
}

/// The last byte that a node has in its file; an alias has its text elsewhere and is passed over.
fn last_byte(file: &File<'_>, node: &Node, from: usize) -> Option<usize> {
    let own = || node.span.end.checked_sub(1).filter(|last| !node.span.is_empty() && *last >= from);
    match &node.content {
        _ if node.span.start < from => None,
        Content::Scalar(_) => own(),
        _ if file.is_flow(node) => own(),
        Content::List(items) => items.iter().filter_map(|item| last_byte(file, item, from)).max(),
        Content::Map(pairs) => {
            let nodes = pairs.iter().flat_map(|(name, value)| [name, value]);
            nodes.filter_map(|node| last_byte(file, node, from)).max()
        }
    }
}

/// Whether a list's item is this descriptor.
fn is(item: &Node, wanted: &Descriptor) -> bool {
    let value = text(item, "value").filter(|value| !value.is_empty());
    text(item, "key") == Some(&*wanted.key) && value == wanted.value.as_deref()
}

fn text<'n>(node: &'n Node, name: &str) -> Option<&'n str> {
    field(node, name)?.scalar().map(|scalar| scalar.text.as_str())
}

/// A field that stands in the map itself.
fn field<'n>(node: &'n Node, name: &str) -> Option<&'n Rc<Node>> {
    let Content::Map(pairs) = &node.content else { return None };
    let named = |key: &Node| key.scalar().is_some_and(|scalar| scalar.text == name);
    pairs.iter().find(|(key, _)| named(key)).map(|(_, value)| value)
}

#[cfg(test)]
mod tests;
