//! From a node of the file to a value, by the rule of its key.
//!
//! A complaint says the rule and the value; it never repeats a text that may be a secret.

use std::collections::BTreeMap;
use std::time::Duration;

use tidewright_core::{Mode, Quantile, Timestamp, Zone};

use super::form;
use super::key::{Bare, Form, PairForm, Rule, Table};
use super::nearest::nearest;
use super::record;
use super::span;
use super::value::Value;
use super::yaml::{Entry, Kind, Node};

/// Why a node is not what its rule asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Complaint {
    pub(super) line: usize,
    /// The part of the value that is meant, such as an entry of a map; empty for the whole.
    pub(super) part: String,
    /// Goes after the name of the key: "must be ..., got ...".
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

/// Reads `node`, or complains about everything in it that is wrong.
pub(super) fn read(rule: &Rule, node: &Node) -> Result<Value, Vec<Complaint>> {
    match rule {
        Rule::Texts { .. } => texts(rule, node).map(Value::Texts),
        Rule::Lists(_) => entries(rule, node, texts).map(Value::Lists),
        Rule::Pairs { form, .. } => {
            let read = |rule: &Rule, node: &Node| text(rule, node).map_err(|one| vec![one]);
            let pairs = entries(rule, node, read)?;
            pairs_in_form(*form, node, pairs).map(Value::Pairs)
        }
        Rule::Records(table) => record::list(rule, table, node).map(Value::Records),
        Rule::Named(table) => record::named(rule, table, node).map(Value::Named),
        _ => scalar(rule, node).map_err(|one| vec![one]),
    }
}

/// The rule in words; it follows "must be".
pub(super) fn describe(rule: &Rule) -> String {
    match rule {
        Rule::Flag(_) => "true or false".to_owned(),
        Rule::Number { min, max, .. } => format!("a number between {min} and {max}"),
        Rule::Whole { min, max: u64::MAX, .. } => format!("a whole number of {min} or more"),
        Rule::Whole { min, max, .. } => format!("a whole number between {min} and {max}"),
        Rule::Quantile(_) => "a number between 0 and 1, both excluded".to_owned(),
        Rule::Span { bare, min, max, .. } => describe_span(*bare, *min, *max),
        Rule::Moment(_) => "a time like `2026-11-20T08:00:00Z`".to_owned(),
        Rule::Zone(_) => "an IANA time zone like `Europe/Paris`".to_owned(),
        Rule::Mode(_) => "local, testing or production".to_owned(),
        Rule::Word { words: [only], .. } => format!("`{only}`"),
        Rule::Word { words, .. } => format!("one of {}", words.join(", ")),
        Rule::Text { form, .. } => form::describe(*form).to_owned(),
        Rule::Secret(_) => "set outside the file".to_owned(),
        Rule::Texts { form: Form::Day, .. } => {
            "a list of dates like `2026-12-25`, or `12-25` for every year".to_owned()
        }
        Rule::Texts { .. } => "a list of texts".to_owned(),
        Rule::Pairs { form: PairForm::Labels, .. } => "a map of texts to label names".to_owned(),
        Rule::Pairs { form: PairForm::Constants, .. } => "a map of texts to texts".to_owned(),
        Rule::Pairs { form: PairForm::Headers, .. } => {
            "a map of header names to texts, without credentials".to_owned()
        }
        Rule::Pairs { form: PairForm::Parameters, .. } => {
            "a map of parameters to texts, without credentials".to_owned()
        }
        Rule::Lists(_) => "a map of texts to lists of texts".to_owned(),
        Rule::Records(Table { shorthand: Some(short), .. }) => {
            format!("a list of texts ({short}) or of maps with {}", field_names(rule))
        }
        Rule::Records(_) => format!("a list of maps with {}", field_names(rule)),
        Rule::Named(Table { shorthand: Some(short), .. }) => {
            format!("a map of names to texts ({short})")
        }
        Rule::Named(_) => format!("a map of names to maps with {}", field_names(rule)),
    }
}

fn field_names(rule: &Rule) -> String {
    let names: Vec<&str> = rule.fields().iter().map(|field| field.path).collect();
    names.join(", ")
}

fn describe_span(bare: Option<Bare>, min: Duration, max: Duration) -> String {
    let (min, max) = (span::format(min), span::format(max));
    let unit = bare.map(|bare| format!("a number of {} or ", bare.name())).unwrap_or_default();
    format!("{unit}a duration like `30s`, `5m` or `7d`, between {min} and {max}")
}

fn scalar(rule: &Rule, node: &Node) -> Result<Value, Complaint> {
    let Kind::Scalar { text: written, plain } = &node.kind else {
        return Err(complain(rule, node));
    };
    if let Rule::Secret(_) = rule {
        return Err(refuse_secret(node));
    }
    let wants_plain = matches!(
        rule,
        Rule::Flag(_) | Rule::Number { .. } | Rule::Whole { .. } | Rule::Quantile(_)
    );
    if wants_plain && !plain {
        let hint = Some("write it without quotes".to_owned());
        return Err(Complaint { hint, ..complain(rule, node) });
    }
    if let Rule::Text { .. } = rule {
        return text(rule, node).map(Value::Text);
    }
    let value = typed(rule, written);
    value.ok_or_else(|| Complaint { hint: slip(rule, written), ..complain(rule, node) })
}

fn typed(rule: &Rule, text: &str) -> Option<Value> {
    match rule {
        Rule::Flag(_) => flag(text).map(Value::Flag),
        Rule::Number { min, max, .. } => {
            number(text).filter(|value| (*min..=*max).contains(value)).map(Value::Number)
        }
        Rule::Whole { min, max, .. } => {
            let value = text.parse().ok();
            value.filter(|value| (*min..=*max).contains(value)).map(Value::Whole)
        }
        Rule::Quantile(_) => {
            number(text).and_then(|value| Quantile::new(value).ok()).map(Value::Quantile)
        }
        Rule::Span { bare, min, max, .. } => {
            let counted = |bare: Bare| {
                let secs = number(text).filter(|count| *count >= 0.0)? * bare.secs();
                Duration::try_from_secs_f64(secs).ok()
            };
            let value = span::parse(text).or_else(|| bare.and_then(counted));
            value.filter(|value| (*min..=*max).contains(value)).map(Value::Span)
        }
        Rule::Moment(_) => Timestamp::parse(text).ok().map(Value::Moment),
        Rule::Zone(_) => Zone::named(text).ok().map(Value::Zone),
        Rule::Mode(_) => Mode::parse(text).ok().map(Value::Mode),
        Rule::Word { words, .. } => {
            words.iter().find(|word| word.eq_ignore_ascii_case(text)).map(|word| Value::Word(word))
        }
        _ => None,
    }
}

fn flag(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

/// What was probably meant.
fn slip(rule: &Rule, text: &str) -> Option<String> {
    let meant = match rule {
        Rule::Word { words, .. } => nearest(text, words.iter().copied()),
        Rule::Mode(_) => nearest(text, ["local", "testing", "production"]),
        Rule::Flag(_) if matches!(text.to_lowercase().as_str(), "yes" | "on") => Some("true"),
        Rule::Flag(_) if matches!(text.to_lowercase().as_str(), "no" | "off") => Some("false"),
        Rule::Span { bare: None, .. } if number(text).is_some() => {
            return Some(format!("add a unit, such as `{text}s`"));
        }
        _ => None,
    };
    meant.map(|word| format!("did you mean `{word}`?"))
}

fn text(rule: &Rule, node: &Node) -> Result<String, Complaint> {
    let Kind::Scalar { text, .. } = &node.kind else {
        return Err(complain(rule, node));
    };
    let is_fit = match rule {
        Rule::Text { form, .. } | Rule::Texts { form, .. } => form::fits(*form, text),
        _ => form::fits(Form::Any, text),
    };
    if node.is_nothing() || !is_fit {
        return Err(complain(rule, node));
    }
    Ok(text.clone())
}

fn texts(rule: &Rule, node: &Node) -> Result<Vec<String>, Vec<Complaint>> {
    let Kind::List(items) = &node.kind else {
        let single = matches!(node.kind, Kind::Scalar { .. }) && !node.is_nothing();
        let hint = match (rule, &node.kind) {
            _ if single => Some("put it in brackets: `[...]`"),
            (Rule::Lists(_), Kind::Map(_)) => {
                Some("a level of environments must have the names of modes, or go")
            }
            _ => None,
        };
        let hint = hint.map(str::to_owned);
        return Err(vec![Complaint { hint, ..complain(rule, node) }]);
    };
    let mut complaints = Vec::new();
    let read = items.iter().map(|item| text(rule, item));
    let texts = read.filter_map(|result| result.map_err(|fault| complaints.push(fault)).ok());
    let texts = texts.collect();
    if complaints.is_empty() { Ok(texts) } else { Err(complaints) }
}

/// Reads a map whose keys are data; the same key twice is a fault, since one of the two would be lost.
fn entries<T>(
    rule: &Rule,
    node: &Node,
    read: impl Fn(&Rule, &Node) -> Result<T, Vec<Complaint>>,
) -> Result<BTreeMap<String, T>, Vec<Complaint>> {
    let Kind::Map(entries) = &node.kind else {
        return Err(vec![complain(rule, node)]);
    };
    let mut complaints = Vec::new();
    let mut map = BTreeMap::new();
    for entry in entries {
        let fresh = !map.contains_key(&entry.key);
        if !fresh {
            complaints.push(twice(entry));
        }
        match read(rule, &entry.value) {
            Ok(value) => drop(map.insert(entry.key.clone(), value)),
            Err(faults) => complaints.extend(
                faults.into_iter().map(|fault| Complaint { part: entry.key.clone(), ..fault }),
            ),
        }
    }
    if complaints.is_empty() { Ok(map) } else { Err(complaints) }
}

pub(super) fn twice(entry: &Entry) -> Complaint {
    Complaint {
        line: entry.line,
        part: entry.key.clone(),
        message: "is given twice".to_owned(),
        hint: Some("keep one of the two; the other would be lost".to_owned()),
    }
}

fn pairs_in_form(
    form: PairForm,
    node: &Node,
    pairs: BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Vec<Complaint>> {
    let complaints = pairs.iter().filter_map(|(key, text)| form::fault_of_pair(form, key, text));
    let complaints: Vec<_> = complaints
        .map(|(part, message, hint)| Complaint {
            line: line_of(node, &part),
            part,
            message,
            hint: Some(hint.to_owned()),
        })
        .collect();
    if complaints.is_empty() { Ok(pairs) } else { Err(complaints) }
}

fn line_of(node: &Node, key: &str) -> usize {
    let Kind::Map(entries) = &node.kind else { return node.line };
    entries.iter().find(|entry| entry.key == key).map_or(node.line, |entry| entry.line)
}

fn refuse_secret(node: &Node) -> Complaint {
    Complaint {
        line: node.line,
        part: String::new(),
        message: "must not stand in the file, got a value that is not shown".to_owned(),
        hint: None,
    }
}

pub(super) fn complain(rule: &Rule, node: &Node) -> Complaint {
    let message = format!("must be {}, got {}", describe(rule), got(rule, node));
    let hint = node.is_nothing().then(|| "write a value, or remove the line".to_owned());
    Complaint { line: node.line, part: String::new(), message, hint }
}

fn got(rule: &Rule, node: &Node) -> String {
    match &node.kind {
        _ if node.is_nothing() => "nothing".to_owned(),
        Kind::List(_) => "a list".to_owned(),
        Kind::Map(_) => "a map".to_owned(),
        Kind::Scalar { text, .. } if form::may_be_secret(rule, text) => {
            "a value that is not shown".to_owned()
        }
        Kind::Scalar { text, plain: true } => format!("`{text}`"),
        Kind::Scalar { text, plain: false } => format!("`\"{text}\"`"),
    }
}
