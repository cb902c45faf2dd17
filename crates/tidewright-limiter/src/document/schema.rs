//! The limiter's schema: the limits of one file, refused where the limiter would refuse to load it.
//!
//! First comes the limiter's own look at all keys and scalars, then its reading of the tree. Rules and words are those
//! of envoyproxy/ratelimit. A field that it ignores where it stands is ignored here.

mod check;
mod typed;

use std::collections::HashSet;
use std::sync::Arc;

use tidewright_core::{Descriptor, LimitKey};

use super::Entry;
use super::source::File;
use crate::error::{DocumentError, Rule};
use crate::yaml::{Field, Fields, Node};
use typed::Typed;

/// The limits of one file, in its order. `domains` are those of all files that the limiter loads together.
pub(super) fn entries(
    file: &File<'_>,
    root: &Node,
    domains: &mut HashSet<String>,
) -> Result<Vec<Entry>, DocumentError> {
    check::check(file, root)?;
    let typed = Typed { file };
    let fields = file.fields(root, file.is_shared())?;
    let domain = typed.text(fields.find("domain"))?.unwrap_or_default();
    let at = fields.find("domain").map_or(root, |field| field.value);
    if domain.is_empty() {
        return Err(file.refused(at, "domain", Rule::EmptyDomain));
    }
    if !domains.insert(domain.clone()) {
        return Err(file.refused(at, "domain", Rule::DuplicateDomain(domain)));
    }
    let level = Level { composite: domain.clone(), path: Vec::new() };
    let mut reader = Reader { typed, domain: domain.into(), entries: Vec::new() };
    reader.descriptors(fields.find("descriptors"), &level)?;
    Ok(reader.entries)
}

/// Walks the tree of one file.
struct Reader<'a> {
    typed: Typed<'a>,
    domain: Arc<str>,
    entries: Vec<Entry>,
}

/// How far down the tree: the limiter's name for the place, and ours.
struct Level {
    composite: String,
    path: Vec<Descriptor>,
}

impl Reader<'_> {
    fn descriptors(
        &mut self,
        list: Option<Field<'_>>,
        parent: &Level,
    ) -> Result<(), DocumentError> {
        let mut siblings = HashSet::new();
        for (node, shared) in self.typed.list(list)? {
            let fields = self.typed.file.fields(node, shared)?;
            let level = self.level(node, &fields, parent)?;
            if !siblings.insert(level.composite.clone()) {
                let rule = Rule::DuplicateDescriptor(level.composite);
                return Err(self.typed.file.refused(node, "key", rule));
            }
            self.descriptor(node, &fields, &level)?;
        }
        Ok(())
    }

    fn descriptor(
        &mut self,
        node: &Node,
        fields: &Fields<'_>,
        level: &Level,
    ) -> Result<(), DocumentError> {
        let [shadow_mode, quota_mode, share_threshold, _, _] = self.typed.flags(fields)?;
        let has_wildcard = level.value().is_some_and(|value| value.contains('*'));
        if share_threshold && !has_wildcard {
            let rule = Rule::ShareWithoutWildcard(level.name());
            return Err(self.typed.file.refused(node, "share_threshold", rule));
        }
        if let Some((setting, digits)) = self.typed.rate_limit(fields.find("rate_limit"))? {
            let path = level.path.clone().into();
            let key = LimitKey { domain: Arc::clone(&self.domain), path };
            let line = self.typed.file.line(node.span.start);
            let entry =
                Entry { key, setting, shadow_mode, quota_mode, share_threshold, line, digits };
            self.entries.push(entry);
        }
        self.descriptors(fields.find("descriptors"), level)
    }

    /// The level that a descriptor opens.
    fn level(
        &self,
        node: &Node,
        fields: &Fields<'_>,
        parent: &Level,
    ) -> Result<Level, DocumentError> {
        let key = self.typed.text(fields.find("key"))?.filter(|key| !key.is_empty());
        let value = self.typed.text(fields.find("value"))?.filter(|value| !value.is_empty());
        let Some(key) = key else {
            return Err(self.typed.file.refused(node, "key", Rule::EmptyKey));
        };
        Ok(parent.below(Descriptor { key: key.into(), value: value.map(Into::into) }))
    }
}

impl Level {
    fn below(&self, descriptor: Descriptor) -> Self {
        let mut path = self.path.clone();
        path.push(descriptor);
        let mut level = Self { composite: String::new(), path };
        level.composite = format!("{}.{}", self.composite, level.name());
        level
    }

    fn value(&self) -> Option<&str> {
        self.path.last()?.value.as_deref()
    }

    /// The limiter's name of the last descriptor: `key_value`, or `key` alone.
    fn name(&self) -> String {
        match self.path.last() {
            Some(Descriptor { key, value: Some(value) }) => format!("{key}_{value}"),
            Some(Descriptor { key, value: None }) => key.to_string(),
            None => String::new(),
        }
    }
}
