//! Reads YAML into a tree that remembers the line of every key and value.
//!
//! Scalars keep their text and whether they were quoted; what a text means is decided by the rule of its key, so that a
//! partner called `no` or `007` stays what it is. Nothing here knows a key, and nothing here reads a file.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, Span};

/// Deeper nesting than any configuration needs; it keeps the walk over the tree off the end of the stack.
const DEPTH_MAX: usize = 32;
/// More nodes than any configuration needs; it stops aliases that multiply.
const NODES_MAX: usize = 100_000;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) line: usize,
    pub(super) kind: Kind,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Scalar { text: String, plain: bool },
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key with its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) line: usize,
    pub(super) value: Node,
}

/// Why a text is not one tree.
#[derive(Debug)]
pub(super) struct SyntaxFault {
    pub(super) line: usize,
    pub(super) message: String,
    pub(super) hint: String,
}

impl Node {
    /// A text as a person types it outside a file.
    pub(super) fn plain(text: &str) -> Self {
        Self { line: 0, kind: Kind::Scalar { text: text.trim().to_owned(), plain: true } }
    }

    /// Whether nothing was written: `KEY:`, `KEY: ~` or `KEY: null`.
    pub(super) fn is_nothing(&self) -> bool {
        matches!(&self.kind, Kind::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    fn size(&self) -> usize {
        match &self.kind {
            Kind::Scalar { .. } => 1,
            Kind::List(items) => 1 + items.iter().map(Self::size).sum::<usize>(),
            Kind::Map(entries) => 1 + entries.iter().map(|entry| entry.value.size()).sum::<usize>(),
        }
    }
}

/// Reads one document; `None` if there is nothing but comments.
pub(super) fn parse(text: &str) -> Result<Option<Node>, SyntaxFault> {
    let mut tree = Tree::default();
    for next in Parser::new_from_str(text) {
        let (event, span) = next.map_err(|error| {
            let line = error.marker().line();
            SyntaxFault { line, message: describe(&error.info()), hint: advise(text, line) }
        })?;
        tree.take(event, span)?;
    }
    Ok(tree.root)
}

fn describe(info: &str) -> String {
    format!("the file is not YAML: {}", info.lines().next().unwrap_or_default())
}

/// A tab is invisible, so it is looked for first.
fn advise(text: &str, line: usize) -> String {
    let near = text.lines().skip(line.saturating_sub(2)).take(2);
    let has_tab = |line: &str| line.chars().take_while(|c| c.is_whitespace()).any(|c| c == '\t');
    if near.into_iter().any(has_tab) {
        "indent with spaces: YAML allows no tabs there".to_owned()
    } else {
        "check indentation, quotes and colons on this line and the one above".to_owned()
    }
}

/// The tree while it grows.
#[derive(Default)]
struct Tree {
    open: Vec<Open>,
    root: Option<Node>,
    documents: usize,
    anchors: HashMap<usize, Node>,
    nodes: usize,
}

/// A list or map whose end was not yet seen.
struct Open {
    node: Node,
    anchor: usize,
    key: Option<(String, usize)>,
}

impl Tree {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), SyntaxFault> {
        let line = span.start.line();
        match event {
            Event::DocumentStart(..) => self.start_document(line),
            Event::Scalar(text, style, anchor, _) => {
                let plain = style == ScalarStyle::Plain;
                let kind = Kind::Scalar { text: text.into_owned(), plain };
                self.count(line, 1)?;
                self.add(Node { line, kind }, anchor)
            }
            Event::SequenceStart(_, anchor, _) => self.start(line, Kind::List(Vec::new()), anchor),
            Event::MappingStart(_, anchor, _) => self.start(line, Kind::Map(Vec::new()), anchor),
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => {
                let Some(target) = self.anchors.get(&anchor).cloned() else {
                    return Err(fault(line, "an alias stands inside its own anchor"));
                };
                self.count(line, target.size())?;
                self.add(Node { line, ..target }, 0)
            }
            _ => Ok(()),
        }
    }

    fn start_document(&mut self, line: usize) -> Result<(), SyntaxFault> {
        self.documents += 1;
        if self.documents > 1 {
            return Err(fault(line, "the file holds more than one YAML document"));
        }
        Ok(())
    }

    fn start(&mut self, line: usize, kind: Kind, anchor: usize) -> Result<(), SyntaxFault> {
        if self.open.len() >= DEPTH_MAX {
            return Err(fault(line, &format!("nesting is deeper than {DEPTH_MAX} levels")));
        }
        self.count(line, 1)?;
        self.open.push(Open { node: Node { line, kind }, anchor, key: None });
        Ok(())
    }

    fn count(&mut self, line: usize, nodes: usize) -> Result<(), SyntaxFault> {
        self.nodes += nodes;
        if self.nodes > NODES_MAX {
            return Err(fault(line, &format!("the file holds more than {NODES_MAX} values")));
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), SyntaxFault> {
        match self.open.pop() {
            Some(done) => self.add(done.node, done.anchor),
            None => Ok(()),
        }
    }

    fn add(&mut self, node: Node, anchor: usize) -> Result<(), SyntaxFault> {
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(Open { node: parent, key, .. }) = self.open.last_mut() else {
            self.root = Some(node).filter(|node| !node.is_nothing());
            return Ok(());
        };
        match (&mut parent.kind, key.take()) {
            (Kind::List(items), _) => items.push(node),
            (Kind::Map(entries), Some((name, line))) => {
                entries.push(Entry { key: name, line, value: node });
            }
            (_, _) => *key = Some(name_of(node)?),
        }
        Ok(())
    }
}

fn name_of(node: Node) -> Result<(String, usize), SyntaxFault> {
    match node.kind {
        Kind::Scalar { text, .. } => Ok((text, node.line)),
        _ => Err(fault(node.line, "a key must be a text, not a list or a map")),
    }
}

fn fault(line: usize, message: &str) -> SyntaxFault {
    SyntaxFault {
        line,
        message: message.to_owned(),
        hint: "write one plain map of keys, as in the samples".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let result = match parse(text) {
            Ok(Some(node)) => outline(&node),
            Ok(None) => "nothing".to_owned(),
            Err(fault) => format!("{}: {} ({})", fault.line, fault.message, fault.hint),
        };
        assert!(result.contains(expected), "{result}");
    }

    fn outline(node: &Node) -> String {
        let line = node.line;
        match &node.kind {
            Kind::Scalar { text, plain: true } => format!("{text}@{line}"),
            Kind::Scalar { text, plain: false } => format!("'{text}'@{line}"),
            Kind::List(items) => {
                format!("[{}]", items.iter().map(outline).collect::<Vec<_>>().join(" "))
            }
            Kind::Map(entries) => {
                let pair = |entry: &Entry| {
                    format!("{}@{}={}", entry.key, entry.line, outline(&entry.value))
                };
                format!("{{{}}}", entries.iter().map(pair).collect::<Vec<_>>().join(" "))
            }
        }
    }

    #[test]
    fn every_key_and_value_knows_its_line() {
        check("A: 1\nB:\n  - x\n  - 'y'\n", "{A@1=1@1 B@2=[x@3 'y'@4]}");
    }

    #[test]
    fn an_alias_repeats_its_anchor() {
        check("A: &a [1]\nB: *a\n", "{A@1=[1@1] B@2=[1@1]}");
    }

    #[test]
    fn comments_alone_are_nothing() {
        check("# only talk\n", "nothing");
        check("", "nothing");
    }

    #[test]
    fn a_tab_is_told_as_such() {
        check("A:\n\tB: 1\n", "indent with spaces");
    }

    #[test]
    fn a_second_document_is_refused() {
        check("A: 1\n---\nB: 2\n", "2: the file holds more than one YAML document");
    }

    #[test]
    fn a_list_is_no_key() {
        check("? [a]\n: 1\n", "a key must be a text");
    }

    #[test]
    fn aliases_that_multiply_are_stopped() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let below = format!("*a{}, ", level - 1).repeat(10);
            text.push_str(&format!("a{level}: &a{level} [{below}]\n"));
        }
        check(&text, "more than 100000 values");
    }

    #[test]
    fn bottomless_nesting_is_stopped() {
        check(&"[".repeat(200), "");
        check(&format!("{}{}", "[".repeat(40), "]".repeat(40)), "nesting is deeper than 32");
    }
}
