//! A new document: a ConfigMap with one limiter file.
//!
//! Equal limits give equal bytes: limits are sorted, nothing changes from run to run, and all texts are quoted, since
//! the limiter refuses or misreads several kinds of plain ones. The result is read back before it is returned.

use std::fmt::{self, Write};

use thiserror::Error;
use tidewright_core::{Descriptor, Limit, LimitKey, Setting};

use crate::document::{Document, Entry};
use crate::error::DocumentError;

/// The longest name of a Kubernetes object.
const NAME_LETTERS_MAX: usize = 253;

/// The longest name of a namespace.
const NAMESPACE_LETTERS_MAX: usize = 63;

/// The name of a Kubernetes object.
// Invariant: both parts are names that Kubernetes takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectName {
    name: String,
    namespace: String,
}

/// A text that Kubernetes does not take as a name.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{0}` is no Kubernetes name; use lower-case letters, digits and `-`")]
pub struct ObjectNameError(String);

impl ObjectName {
    /// An object by its name and namespace.
    ///
    /// # Errors
    /// [`ObjectNameError`] if Kubernetes takes one of them for no name.
    pub fn new(name: &str, namespace: &str) -> Result<Self, ObjectNameError> {
        let labels = |text: &str| text.split('.').all(is_label);
        if name.len() > NAME_LETTERS_MAX || !labels(name) {
            return Err(ObjectNameError(name.to_owned()));
        }
        if namespace.len() > NAMESPACE_LETTERS_MAX || !is_label(namespace) {
            return Err(ObjectNameError(namespace.to_owned()));
        }
        Ok(Self { name: name.to_owned(), namespace: namespace.to_owned() })
    }

    /// The object's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its namespace.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }
}

/// A new ConfigMap whose data key `config.yaml` sets these limits.
///
/// # Errors
/// [`DocumentError::Misplaced`] for a limit of another domain or without a descriptor; another [`DocumentError`] if the
/// limiter would not load the result, for instance because a limit comes twice.
pub fn create(
    object: &ObjectName,
    domain: &str,
    limits: &[(LimitKey, Limit)],
) -> Result<Vec<u8>, DocumentError> {
    if let Some((key, _)) = limits.iter().find(|(key, _)| !fits(key, domain)) {
        return Err(DocumentError::Misplaced { key: key.clone(), domain: domain.to_owned() });
    }
    let mut limits = limits.to_vec();
    limits.sort_by(|(one, _), (other, _)| one.cmp(other));
    if let Some([(key, _), _]) = limits.array_windows().find(|[one, next]| one.0 == next.0) {
        return Err(DocumentError::ChangedTwice(key.clone()));
    }
    let text = write(object, domain, &limits);
    read_back(&text, &limits)?;
    Ok(text.into_bytes())
}

/// Labels of Kubernetes names: letters, digits and inner hyphens.
fn is_label(text: &str) -> bool {
    let letters = text.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-');
    letters && !text.is_empty() && !text.starts_with('-') && !text.ends_with('-')
}

/// An empty value would read back as no value, which matches everything.
fn fits(key: &LimitKey, domain: &str) -> bool {
    let named = |descriptor: &Descriptor| descriptor.value.as_deref() != Some("");
    *key.domain == *domain && !key.path.is_empty() && key.path.iter().all(named)
}

fn write(object: &ObjectName, domain: &str, limits: &[(LimitKey, Limit)]) -> String {
    let (name, namespace) = (Quoted(&object.name), Quoted(&object.namespace));
    let mut text = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n  namespace: {namespace}\n  \
         labels:\n    app.kubernetes.io/managed-by: \"tidewright\"\ndata:\n  config.yaml: |\n    \
         domain: {}\n",
        Quoted(domain)
    );
    match limits {
        [] => text.push_str("    descriptors: []\n"),
        limits => write_list(&mut text, limits, 0),
    }
    text
}

/// Writes what stands below the first `depth` descriptors, which `limits` have in common.
fn write_list(text: &mut String, limits: &[(LimitKey, Limit)], depth: usize) {
    line(text, depth, "descriptors:");
    for group in limits.chunk_by(|(one, _), (next, _)| one.path[depth] == next.path[depth]) {
        write_descriptor(text, group, depth);
    }
}

/// Writes one descriptor: its own limit, which sorts first, and what stands below it.
fn write_descriptor(text: &mut String, group: &[(LimitKey, Limit)], depth: usize) {
    let Descriptor { key, value } = &group[0].0.path[depth];
    line(text, depth, &format!("  - key: {}", Quoted(key)));
    if let Some(value) = value {
        line(text, depth, &format!("    value: {}", Quoted(value)));
    }
    let own = group.iter().take_while(|(key, _)| key.path.len() == depth + 1).count();
    let (own, below) = group.split_at(own);
    for (_, limit) in own {
        line(text, depth, "    rate_limit:");
        line(text, depth, &format!("      unit: {}", limit.unit));
        line(text, depth, &format!("      requests_per_unit: {}", limit.requests_per_unit));
    }
    if !below.is_empty() {
        write_list(text, below, depth + 1);
    }
}

/// Appends a line at the indentation of a level; the first one lies inside `config.yaml`.
fn line(text: &mut String, depth: usize, content: &str) {
    text.extend(std::iter::repeat_n(' ', 4 * (depth + 1)));
    text.push_str(content);
    text.push('\n');
}

fn read_back(text: &str, limits: &[(LimitKey, Limit)]) -> Result<(), DocumentError> {
    let document = Document::parse(text.as_bytes())?;
    let (expected, found) = (limits.len(), document.entries().len());
    if expected != found {
        return Err(DocumentError::ReadBackCount { expected, found });
    }
    let differs = |((key, limit), entry): &(&(LimitKey, Limit), &Entry)| {
        entry.key != *key || entry.setting != Setting::Limited(*limit)
    };
    match limits.iter().zip(document.entries()).find(differs) {
        Some(((key, _), _)) => Err(DocumentError::ReadBack(key.clone())),
        None => Ok(()),
    }
}

/// A text as a double-quoted scalar.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for letter in self.0.chars() {
            match letter {
                '"' | '\\' => write!(f, "\\{letter}")?,
                _ if is_plain(letter) => f.write_char(letter)?,
                _ => write!(f, "\\U{:08x}", u32::from(letter))?,
            }
        }
        f.write_char('"')
    }
}

/// Letters that may stand for themselves: no controls, line separators, byte order marks or non-characters.
fn is_plain(letter: char) -> bool {
    let special = matches!(letter, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}');
    !letter.is_control() && !special
}

#[cfg(test)]
mod tests;
