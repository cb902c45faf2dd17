//! A YAML stream as trees whose nodes know where they stand in the source.
//!
//! The parser splits text into events; this file only stacks them. Aliases are resolved by sharing the node, which is
//! then marked: an edit there would change more than one place. What a scalar means is not decided here.

mod fields;
mod scalar;

use std::cell::Cell;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span, Tag, options};

pub(crate) use fields::{Field, Fields, FieldsError};
pub(crate) use scalar::{Value, is_plain_text};

/// How deep a document may nest, aliases followed: limits need two or three levels, and recursion needs an end.
const DEPTH_MAX: usize = 128;

/// How much of a text a message shows: a message is one line, while a text may be a whole file.
const LABEL_LETTERS_MAX: usize = 80;

/// A value of the document.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) content: Content,
    /// Where it stands, in bytes of the source; empty where a value was left out.
    pub(crate) span: Range<usize>,
    depth: usize,
    aliased: Cell<bool>,
}

/// What a node holds.
#[derive(Debug)]
pub(crate) enum Content {
    Scalar(Scalar),
    List(Vec<Rc<Node>>),
    Map(Vec<(Rc<Node>, Rc<Node>)>),
}

/// A scalar after escapes and folding.
#[derive(Debug)]
pub(crate) struct Scalar {
    pub(crate) text: String,
    pub(crate) style: ScalarStyle,
    tag: Option<String>,
}

/// A text that is no YAML.
#[derive(Debug)]
pub(crate) struct SyntaxError {
    pub(crate) offset: usize,
    pub(crate) problem: String,
}

/// Reads the first `most` documents of a stream; what follows is not looked at.
pub(crate) fn read(source: &str, most: usize) -> Result<Vec<Rc<Node>>, SyntaxError> {
    let mut stack = Stack::default();
    let options = options! { emit_comments: false };
    for event in Parser::new_from_str_with_options(source, options) {
        let (event, span) = event.map_err(|error| syntax(&error))?;
        stack.push(event, &span)?;
        if stack.roots.len() == most {
            break;
        }
    }
    Ok(stack.roots)
}

impl Node {
    /// The scalar, if it is one.
    pub(crate) fn scalar(&self) -> Option<&Scalar> {
        match &self.content {
            Content::Scalar(scalar) => Some(scalar),
            Content::List(_) | Content::Map(_) => None,
        }
    }

    /// Whether an alias stands for this node somewhere.
    pub(crate) fn is_aliased(&self) -> bool {
        self.aliased.get()
    }

    /// How it reads in a message.
    pub(crate) fn label(&self) -> String {
        let short = |text: &str| text.chars().take(LABEL_LETTERS_MAX).collect::<String>();
        match &self.content {
            Content::Scalar(scalar) if scalar.style == ScalarStyle::Plain => short(&scalar.text),
            Content::Scalar(scalar) => format!("'{}'", short(&scalar.text)),
            Content::List(_) => "[...]".to_owned(),
            Content::Map(_) => "{...}".to_owned(),
        }
    }
}

/// The collections that are open, and the documents that are complete.
#[derive(Default)]
struct Stack {
    open: Vec<Open>,
    anchors: HashMap<usize, Rc<Node>>,
    roots: Vec<Rc<Node>>,
}

/// A collection whose end has not come yet.
struct Open {
    start: usize,
    anchor: usize,
    children: Vec<Rc<Node>>,
}

impl Stack {
    fn push(&mut self, event: Event<'_>, span: &Span) -> Result<(), SyntaxError> {
        let range = span.byte_range().unwrap_or_default();
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag.as_deref().map(Tag::suffix).map(str::to_owned);
                let scalar = Scalar { text: text.into_owned(), style, tag };
                self.add(Content::Scalar(scalar), range, anchor)
            }
            Event::SequenceStart(_, anchor, _) | Event::MappingStart(_, anchor, _) => {
                self.open.push(Open { start: range.start, anchor, children: Vec::new() });
                Ok(())
            }
            Event::SequenceEnd => self.close(range.end, Content::List),
            Event::MappingEnd => self.close(range.end, |nodes| Content::Map(pairs(nodes))),
            Event::Alias(anchor) => self.alias(anchor, range.start),
            _ => Ok(()),
        }
    }

    fn close(
        &mut self,
        end: usize,
        content: impl Fn(Vec<Rc<Node>>) -> Content,
    ) -> Result<(), SyntaxError> {
        match self.open.pop() {
            Some(open) => self.add(content(open.children), open.start..end, open.anchor),
            None => Ok(()),
        }
    }

    /// Anchors are known once their node is complete, so that no node can contain itself.
    fn alias(&mut self, anchor: usize, offset: usize) -> Result<(), SyntaxError> {
        let Some(node) = self.anchors.get(&anchor).cloned() else {
            return Err(SyntaxError { offset, problem: "an anchor contains itself".to_owned() });
        };
        node.aliased.set(true);
        self.place(node);
        Ok(())
    }

    fn add(
        &mut self,
        content: Content,
        span: Range<usize>,
        anchor: usize,
    ) -> Result<(), SyntaxError> {
        let depth = depth(&content);
        if depth > DEPTH_MAX {
            let problem = format!("nested deeper than {DEPTH_MAX} levels");
            return Err(SyntaxError { offset: span.start, problem });
        }
        let node = Rc::new(Node { content, span, depth, aliased: Cell::new(false) });
        if anchor > 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        self.place(node);
        Ok(())
    }

    fn place(&mut self, node: Rc<Node>) {
        match self.open.last_mut() {
            Some(open) => open.children.push(node),
            None => self.roots.push(node),
        }
    }
}

fn syntax(error: &ScanError) -> SyntaxError {
    SyntaxError { offset: error.marker().byte_offset().unwrap_or(0), problem: error.info() }
}

fn pairs(nodes: Vec<Rc<Node>>) -> Vec<(Rc<Node>, Rc<Node>)> {
    let mut nodes = nodes.into_iter();
    std::iter::from_fn(|| nodes.next().zip(nodes.next())).collect()
}

fn depth(content: &Content) -> usize {
    let deepest = match content {
        Content::Scalar(_) => None,
        Content::List(nodes) => nodes.iter().map(|node| node.depth).max(),
        Content::Map(pairs) => pairs.iter().map(|(key, value)| key.depth.max(value.depth)).max(),
    };
    deepest.unwrap_or(0) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_problem(source: &str, expected: &str) {
        let error = read(source, usize::MAX).unwrap_err();
        assert!(error.problem.contains(expected), "{}", error.problem);
    }

    #[test]
    fn an_anchor_that_contains_itself_is_refused() {
        check_problem("a: &x [*x]\n", "contains itself");
    }

    #[test]
    fn an_unknown_anchor_is_refused() {
        check_problem("a: *x\n", "unknown anchor");
    }

    #[test]
    fn nesting_has_an_end_also_through_aliases() {
        check_problem(&"[".repeat(200), "");
        let level = |i: usize| format!("a{i}: &a{i} [*a{}]\n", i - 1);
        let chain: String = (1..200).map(level).collect();
        check_problem(&format!("a0: &a0 [1]\n{chain}"), "nested deeper than 128 levels");
    }

    #[test]
    fn what_follows_the_first_document_is_not_looked_at() {
        assert_eq!(read("a: 1\n---\nb: [\n", 1).unwrap().len(), 1);
        assert!(read("a: 1\n---\nb: [\n", 2).is_err());
    }
}
