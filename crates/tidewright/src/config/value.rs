//! Values: what a rule makes of a node, how a value goes to its place and how it is shown.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use tidewright_core::{Mode, Quantile, Timestamp, Zone};

use super::draft::Draft;
use super::key::Rule;
use super::record::{self, Record};
use super::span;

/// A value that its rule let pass.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Flag(bool),
    Number(f64),
    Whole(u64),
    Quantile(Quantile),
    Span(Duration),
    Moment(Timestamp),
    Zone(Zone),
    Mode(Mode),
    Word(&'static str),
    Text(String),
    Secret(String),
    Texts(Vec<String>),
    Pairs(BTreeMap<String, String>),
    Lists(BTreeMap<String, Vec<String>>),
    Records(Vec<Record>),
    Named(Vec<Record>),
}

impl Value {
    /// This value over `base`: maps are merged key by key, everything else replaces.
    pub(super) fn over(self, base: &Self) -> Self {
        match (self, base) {
            (Self::Pairs(over), Self::Pairs(base)) => Self::Pairs(merged(base, over)),
            (Self::Lists(over), Self::Lists(base)) => Self::Lists(merged(base, over)),
            (Self::Named(over), Self::Named(base)) => Self::Named(record::merged(base, over)),
            (over, _) => over,
        }
    }

    /// Puts the value where its rule says.
    pub(super) fn put(&self, rule: &Rule, draft: &mut Draft) {
        match (rule, self.clone()) {
            (Rule::Flag(set), Self::Flag(value)) => set(draft, value),
            (Rule::Number { set, .. }, Self::Number(value)) => set(draft, value),
            (Rule::Whole { set, .. }, Self::Whole(value)) => set(draft, value),
            (Rule::Quantile(set), Self::Quantile(value)) => set(draft, value),
            (Rule::Span { set, .. }, Self::Span(value)) => set(draft, value),
            (Rule::Moment(set), Self::Moment(value)) => set(draft, value),
            (Rule::Zone(set), Self::Zone(value)) => set(draft, value),
            (Rule::Mode(set), Self::Mode(value)) => set(draft, value),
            (Rule::Word { set, .. }, Self::Word(value)) => set(draft, value),
            (Rule::Text { set, .. }, Self::Text(value))
            | (Rule::Secret(set), Self::Secret(value)) => set(draft, value),
            (Rule::Texts { set, .. }, Self::Texts(value)) => set(draft, value),
            (Rule::Pairs { set, .. }, Self::Pairs(value)) => set(draft, value),
            (Rule::Lists(set), Self::Lists(value)) => set(draft, value),
            (Rule::Records(table), Self::Records(records))
            | (Rule::Named(table), Self::Named(records)) => record::put(table, &records, draft),
            (rule, value) => debug_assert!(false, "{rule:?} let {value:?} pass"),
        }
    }

    /// The parts to show, one on a line where there are many.
    pub(super) fn shown(&self) -> Vec<String> {
        match self {
            Self::Texts(items) => items.clone(),
            Self::Pairs(pairs) => {
                pairs.iter().map(|(key, text)| format!("{key}: {text}")).collect()
            }
            Self::Lists(lists) => {
                lists.iter().map(|(key, items)| format!("{key}: {}", items.join(", "))).collect()
            }
            Self::Records(records) | Self::Named(records) => {
                records.iter().map(Record::shown).collect()
            }
            single => vec![single.to_string()],
        }
    }

    /// The line of each part that is shown, where parts have lines of their own.
    pub(super) fn lines(&self) -> Vec<usize> {
        match self {
            Self::Records(records) | Self::Named(records) => {
                records.iter().map(|record| record.line).collect()
            }
            _ => Vec::new(),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(value) => value.fmt(f),
            Self::Number(value) => value.fmt(f),
            Self::Whole(value) => value.fmt(f),
            Self::Quantile(value) => value.fmt(f),
            Self::Span(value) => f.write_str(&span::format(*value)),
            Self::Moment(value) => value.fmt(f),
            Self::Zone(value) => f.write_str(value.name()),
            Self::Mode(value) => value.fmt(f),
            Self::Word(value) => f.write_str(value),
            Self::Text(value) => f.write_str(value),
            Self::Secret(_) => f.write_str("(set, not shown)"),
            many => f.write_str(&many.shown().join("; ")),
        }
    }
}

fn merged<T: Clone>(base: &BTreeMap<String, T>, over: BTreeMap<String, T>) -> BTreeMap<String, T> {
    let mut all = base.clone();
    all.extend(over);
    all
}
