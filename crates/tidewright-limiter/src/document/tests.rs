//! What all tests of documents share: the odd document, and short forms for limits. Each rule is tested below.

mod edits;
mod refusals;
mod shapes;

use tidewright_core::{LimitKey, Setting};

use super::{Document, Entry};

/// A document with every shape at once.
const ODD: &str = include_str!("../../tests/data/odd-configmap.yaml");

fn parse(text: &str) -> Document {
    match Document::parse(text.as_bytes()) {
        Ok(document) => document,
        Err(error) => panic!("{error}\n{text}"),
    }
}

/// `name = number/unit` for each limit of a document.
fn limits(text: &str) -> Vec<String> {
    parse(text).entries().iter().map(show).collect()
}

fn show(entry: &Entry) -> String {
    match entry.setting {
        Setting::Limited(limit) => format!("{} = {limit}", entry.key),
        Setting::Unlimited => format!("{} = unlimited", entry.key),
    }
}

/// The smallest file with one limit, around a `rate_limit` in flow style.
fn file(rate_limit: &str) -> String {
    format!("domain: d\ndescriptors:\n  - key: K\n    value: v\n    rate_limit: {rate_limit}\n")
}

fn key(path: &[(&str, &str)]) -> LimitKey {
    LimitKey::new("d", path.iter().map(|(key, value)| (*key, Some(*value))))
}
