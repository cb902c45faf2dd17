//! How the siblings of a new limit are written, and the lines of one written so.

use std::{fmt, iter};

use granit_parser::ScalarStyle;
use tidewright_core::{Descriptor, Limit};

use super::super::source::File;
use super::field;
use crate::create::Quoted;
use crate::yaml::{Content, Node, is_plain_text};

/// How far things are indented where no sibling shows it.
const INDENT: usize = 2;

/// How an item is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Style {
    /// The column of its dash.
    pub(super) dash: usize,
    /// From the dash to its fields.
    content: usize,
    /// From a map's name to its fields.
    map: usize,
    /// From `descriptors` to the dashes below it.
    list: usize,
    /// Whether it stands between braces on one line.
    flow: bool,
    /// Whether its limit does.
    flow_limit: bool,
    /// Whether its key is written without quotes.
    plain_key: bool,
}

impl Style {
    /// The style of an item; `None` if nothing can be added behind it in that style.
    pub(super) fn of(file: &File<'_>, text: &str, item: &Node) -> Option<Self> {
        let (line, column) = place(file, text, item.span.start)?;
        let before = &line[..column];
        let dash = before.trim_end().strip_suffix('-')?;
        if !dash.chars().all(|letter| letter == ' ') {
            return None;
        }
        let flow = file.is_flow(item);
        let last = file.outer(item.span.end.saturating_sub(1));
        if flow && text.get(file.outer(item.span.start)..last)?.contains('\n') {
            return None;
        }
        let child = |name: &str| {
            let value = field(item, name).filter(|it| !file.is_flow(it) && !it.is_aliased())?;
            first_column(file, text, value)?.checked_sub(column)
        };
        let key = field(item, "key")?.scalar()?;
        Some(Self {
            dash: dash.len(),
            content: column - dash.len(),
            map: child("rate_limit").filter(|indent| *indent > 0).unwrap_or(INDENT),
            list: child("descriptors").unwrap_or(INDENT),
            flow,
            flow_limit: field(item, "rate_limit").is_some_and(|limit| file.is_flow(limit)),
            plain_key: key.style == ScalarStyle::Plain,
        })
    }

    /// A descriptor's key as the siblings write theirs.
    fn key(&self, key: &str) -> String {
        let is_word = key.chars().all(|letter| letter.is_ascii_alphabetic() || letter == '_');
        if self.plain_key && is_word && is_plain_text(key) {
            return key.to_owned();
        }
        Quoted(key).to_string()
    }
}

/// The column of a map's first field, or of a list's first dash.
fn first_column(file: &File<'_>, text: &str, value: &Node) -> Option<usize> {
    match &value.content {
        Content::Map(pairs) => Some(place(file, text, pairs.first()?.0.span.start)?.1),
        Content::List(items) => {
            let (line, column) = place(file, text, items.first()?.span.start)?;
            line[..column].rfind('-')
        }
        Content::Scalar(_) => None,
    }
}

/// The line of the document that a byte of the file stands in, and its column there.
fn place<'t>(file: &File<'_>, text: &'t str, offset: usize) -> Option<(&'t str, usize)> {
    let outer = file.outer(offset);
    let start = text[..outer].rfind('\n').map_or(0, |at| at + 1);
    let line = text[start..].lines().next()?;
    Some((line, outer - start))
}

/// A limit between braces.
struct Braced(Limit);

impl fmt::Display for Braced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Limit { unit, requests_per_unit } = self.0;
        write!(f, "{{unit: {unit}, requests_per_unit: {requests_per_unit}}}")
    }
}

/// The lines of a new item: a descriptor for each step, the limit at the last.
pub(super) fn lines(path: &[Descriptor], limit: Limit, style: &Style) -> Vec<String> {
    let [descriptor, below @ ..] = path else { return Vec::new() };
    let indent =
        |columns: usize, text: String| iter::repeat_n(' ', columns).collect::<String>() + &text;
    let key = style.key(&descriptor.key);
    let value = descriptor.value.as_ref().map(|value| Quoted(value).to_string());
    if style.flow && below.is_empty() {
        let value = value.map_or(String::new(), |value| format!("value: {value}, "));
        let item = format!("- {{key: {key}, {value}rate_limit: {}}}", Braced(limit));
        return vec![indent(style.dash, item)];
    }
    let gap: String = iter::repeat_n(' ', style.content - 1).collect();
    let fields = style.dash + style.content;
    let mut lines = vec![indent(style.dash, format!("-{gap}key: {key}"))];
    lines.extend(value.map(|value| indent(fields, format!("value: {value}"))));
    if below.is_empty() && style.flow_limit {
        lines.push(indent(fields, format!("rate_limit: {}", Braced(limit))));
    } else if below.is_empty() {
        lines.push(indent(fields, "rate_limit:".to_owned()));
        lines.push(indent(fields + style.map, format!("unit: {}", limit.unit)));
        let number = format!("requests_per_unit: {}", limit.requests_per_unit);
        lines.push(indent(fields + style.map, number));
    } else {
        lines.push(indent(fields, "descriptors:".to_owned()));
        let nested = Style { dash: fields + style.list, flow: false, ..style.clone() };
        lines.extend(self::lines(below, limit, &nested));
    }
    lines
}
