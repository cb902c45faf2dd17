//! The outer document's text and the files in it: from a byte to a line, from an inner byte to an outer one.
//!
//! A limiter file is either the whole document or the text of a scalar in a ConfigMap. In the second case its letters
//! were aligned with the bytes of the document. Nothing here knows what a file says.

use std::borrow::Cow;
use std::ops::Range;

use super::Digits;
use crate::error::{DocumentError, Fixed, Place, Rule};
use crate::yaml::{Fields, FieldsError, Node};

/// The text of a document, and where its lines start.
#[derive(Debug)]
pub(super) struct Source<'a> {
    pub(super) text: &'a str,
    lines: Vec<usize>,
}

/// A limiter file and where it stands in the document.
#[derive(Debug)]
pub(super) struct File<'a> {
    source: &'a Source<'a>,
    text: Cow<'a, str>,
    /// Its key in the ConfigMap, and for each byte of its text the place in the document; `None` if it is the document.
    inner: Option<Inner>,
}

/// How a file stands in a ConfigMap.
#[derive(Debug)]
pub(super) struct Inner {
    pub(super) name: String,
    pub(super) places: Vec<usize>,
    /// Whether each of its lines is one of the document.
    pub(super) keeps_lines: bool,
    /// Whether an anchor gives the same text to another place.
    pub(super) shared: bool,
}

impl<'a> Source<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self { text, lines: ends.map(|(offset, _)| offset + 1).collect() }
    }

    /// The line of a byte, from 1.
    fn line(&self, offset: usize) -> usize {
        self.lines.partition_point(|start| *start <= offset) + 1
    }
}

impl<'a> File<'a> {
    /// The document itself, as a file.
    pub(super) fn whole(source: &'a Source<'a>) -> Self {
        Self { source, text: Cow::Borrowed(source.text), inner: None }
    }

    /// The text of a data key.
    pub(super) fn inside(source: &'a Source<'a>, text: String, inner: Inner) -> Self {
        Self { source, text: Cow::Owned(text), inner: Some(inner) }
    }

    /// Whether an edit of this file would change another place, too.
    pub(super) fn is_shared(&self) -> bool {
        self.inner.as_ref().is_some_and(|inner| inner.shared)
    }

    /// The line of the document for a byte of this file, from 1.
    pub(super) fn line(&self, offset: usize) -> usize {
        self.source.line(self.outer(offset))
    }

    /// The place of a byte of this file.
    pub(super) fn place(&self, offset: usize) -> Place {
        let inside = self.inner.as_ref().filter(|inner| !inner.keeps_lines).map(|inner| {
            let before = self.text.get(..offset).unwrap_or(&self.text);
            (inner.name.clone(), before.matches('\n').count() + 1)
        });
        Place { line: self.line(offset), inside }
    }

    /// The bytes of a number in the document.
    pub(super) fn digits(&self, inner: &Range<usize>) -> Digits {
        if inner.is_empty() {
            return Err(Fixed::NoNumber);
        }
        let outer = self.outer(inner.start)..self.outer(inner.end - 1) + 1;
        match self.source.text.get(outer.clone()) == self.text.get(inner.clone()) {
            true => Ok(outer),
            false => Err(Fixed::Escaped),
        }
    }

    /// The fields of a map of this file.
    pub(super) fn fields<'n>(
        &self,
        node: &'n Node,
        shared: bool,
    ) -> Result<Fields<'n>, DocumentError> {
        Fields::of(node, shared).map_err(|error| match error {
            FieldsError::NoMap(node) => {
                let rule = Rule::Type { value: node.label(), wanted: "a map" };
                self.refused(node, &node.label(), rule)
            }
            FieldsError::NoText(key) => {
                self.refused(key, &key.label(), Rule::KeyNotText(key.label()))
            }
            FieldsError::Twice(key) => self.refused(key, &key.label(), Rule::KeyTwice),
        })
    }

    /// That the limiter, or a safe edit, refuses the value of `key` at `node`.
    pub(super) fn refused(&self, node: &Node, key: &str, rule: Rule) -> DocumentError {
        DocumentError::Refused { place: self.place(node.span.start), key: key.to_owned(), rule }
    }

    /// Whether a line of this file is a line of the document.
    pub(super) fn keeps_lines(&self) -> bool {
        self.inner.as_ref().is_none_or(|inner| inner.keeps_lines)
    }

    /// Whether a list or a map stands between brackets or braces.
    pub(super) fn is_flow(&self, node: &Node) -> bool {
        self.text[..].get(node.span.start..).is_some_and(|rest| rest.starts_with(['[', '{']))
    }

    /// The byte of the document for one of this file.
    pub(super) fn outer(&self, offset: usize) -> usize {
        match &self.inner {
            None => offset,
            Some(inner) => {
                inner.places.get(offset).or(inner.places.last()).copied().unwrap_or_default()
            }
        }
    }
}
