//! Finds the limiter files of a document: the document itself, or data keys of ConfigMaps.
//!
//! Other Kubernetes objects, other data keys and annotations are not looked at. A data key that ends in `.yaml` or
//! `.yml` must be YAML, since the limiter would stumble over it; it is a limiter file if it has a `domain` or
//! `descriptors`. A key of any other name needs both.

use std::rc::Rc;

use granit_parser::ScalarStyle;

use super::DOCUMENT_BYTES_MAX;
use super::align::align;
use super::source::{File, Inner, Source};
use crate::error::{DocumentError, Rule};
use crate::yaml::{self, Content, Field, Node, Scalar, SyntaxError};

/// The limiter files of a document with their content, at least one.
pub(super) fn files<'a>(
    source: &'a Source<'a>,
) -> Result<Vec<(File<'a>, Rc<Node>)>, DocumentError> {
    let whole = File::whole(source);
    let roots = yaml::read(source.text, usize::MAX).map_err(|error| unreadable(&whole, error))?;
    let mut files = Vec::new();
    if let Some(root) = roots.first().filter(|root| is_bare(root)) {
        files.push((whole, Rc::clone(root)));
    } else {
        let mut finder = Finder { source, whole, spent: 0, files };
        for root in &roots {
            finder.document(root)?;
        }
        files = finder.files;
    }
    if files.is_empty() { Err(DocumentError::NoLimiterFile) } else { Ok(files) }
}

/// Collects files from Kubernetes objects.
struct Finder<'a> {
    source: &'a Source<'a>,
    whole: File<'a>,
    /// Fields and bytes looked at; without aliases never more than the document has bytes.
    spent: usize,
    files: Vec<(File<'a>, Rc<Node>)>,
}

impl Finder<'_> {
    fn document(&mut self, node: &Node) -> Result<(), DocumentError> {
        let items = value_of(node, "items").map(|items| &items.content);
        match (text_of(node, "kind"), items) {
            (Some("List"), Some(Content::List(items))) => {
                items.iter().try_for_each(|item| self.object(item))
            }
            _ => self.object(node),
        }
    }

    fn object(&mut self, node: &Node) -> Result<(), DocumentError> {
        let Content::Map(pairs) = &node.content else { return Ok(()) };
        self.spend(pairs.len(), node, "items")?;
        match text_of(node, "kind") {
            Some("ConfigMap") => self.config_map(node),
            _ => Ok(()),
        }
    }

    fn config_map(&mut self, node: &Node) -> Result<(), DocumentError> {
        let object = self.whole.fields(node, false)?;
        let Some(data) = object.find("data") else { return Ok(()) };
        if data.value.scalar().is_some() {
            return Ok(());
        }
        for field in self.whole.fields(data.value, data.shared)?.iter() {
            self.data(field)?;
        }
        Ok(())
    }

    fn data(&mut self, field: &Field<'_>) -> Result<(), DocumentError> {
        let Some(scalar) = field.value.scalar() else { return Ok(()) };
        self.spend(scalar.text.len() + 1, field.value, field.name)?;
        let must_be_yaml = is_yaml(field.name);
        let root = match yaml::read(&scalar.text, 1) {
            Ok(roots) => roots.into_iter().next(),
            Err(_) if !must_be_yaml => None,
            Err(error) => return Err(unreadable(&self.file(field, scalar)?, error)),
        };
        let keys = |root: &Rc<Node>| ["domain", "descriptors"].map(|key| has(root, key));
        let wanted = |root: &Rc<Node>| match keys(root) {
            [true, true] => true,
            [false, false] => false,
            _ => must_be_yaml,
        };
        if let Some(root) = root.filter(wanted) {
            self.files.push((self.file(field, scalar)?, root));
        }
        Ok(())
    }

    fn spend(&mut self, amount: usize, node: &Node, key: &str) -> Result<(), DocumentError> {
        self.spent += amount;
        match self.spent > DOCUMENT_BYTES_MAX {
            true => Err(self.whole.refused(node, key, Rule::Endless)),
            false => Ok(()),
        }
    }
}

impl<'a> Finder<'a> {
    fn file(&self, field: &Field<'_>, scalar: &Scalar) -> Result<File<'a>, DocumentError> {
        let span = field.value.span.clone();
        let raw = self.source.text.get(span.clone()).unwrap_or_default();
        let places = align(raw, scalar.style, &scalar.text).ok_or_else(|| {
            let place = self.whole.place(span.start);
            DocumentError::Unaligned { place, file: field.name.to_owned() }
        })?;
        let inner = Inner {
            name: field.name.to_owned(),
            places: places.into_iter().map(|place| span.start + place).collect(),
            keeps_lines: scalar.style == ScalarStyle::Literal,
            shared: field.shared,
        };
        Ok(File::inside(self.source, scalar.text.clone(), inner))
    }
}

fn unreadable(file: &File<'_>, error: SyntaxError) -> DocumentError {
    DocumentError::Syntax { place: file.place(error.offset), problem: error.problem }
}

/// A file of the limiter has no `kind`; an object of Kubernetes has.
fn is_bare(root: &Node) -> bool {
    !has(root, "kind") && (has(root, "domain") || has(root, "descriptors"))
}

fn is_yaml(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with(".yaml") || name.ends_with(".yml")
}

fn has(node: &Node, key: &str) -> bool {
    value_of(node, key).is_some()
}

fn text_of<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    value_of(node, key)?.scalar().map(|scalar| scalar.text.as_str())
}

/// A first look at a map that may be anything; nothing is refused here.
fn value_of<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    let Content::Map(pairs) = &node.content else { return None };
    let named = |node: &Node| node.scalar().is_some_and(|scalar| scalar.text == key);
    pairs.iter().find(|(name, _)| named(name)).map(|(_, value)| value.as_ref())
}
