//! Entries of a list or of a map: each a small map of fields that have rows like any key.
//!
//! A field is read, checked, suggested and documented as keys are; only what makes an entry an entry is here: its place
//! in the list, fields that are missing, unknown or given twice.

use super::draft::Draft;
use super::key::{Key, Rule, Table};
use super::nearest::nearest;
use super::reader::{self, Complaint};
use super::value::Value;
use super::yaml::{Entry, Kind, Node};

/// An entry that its table let pass.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Record {
    /// Its name, where it stands in a map.
    pub(super) name: Option<String>,
    /// Its place among all entries, also those with faults.
    index: usize,
    pub(super) line: usize,
    fields: Vec<Field>,
}

/// A field of an entry, with its value.
#[derive(Clone, Debug, PartialEq)]
struct Field {
    name: &'static str,
    line: usize,
    value: Value,
}

/// Where an entry stands, for faults that show only beside other fields or keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Spot {
    /// What goes behind the key: `[2]`, or `.gold`, or `[2].from`.
    pub(super) label: String,
    pub(super) line: usize,
    /// What the entry is called in a map.
    pub(super) name: String,
    fields: Vec<(&'static str, usize)>,
}

impl Record {
    /// The fields as people read them, on one line.
    pub(super) fn shown(&self) -> String {
        let fields = self.fields.iter().map(|field| format!("{}: {}", field.name, field.value));
        let fields = fields.collect::<Vec<_>>().join(", ");
        self.name.as_ref().map_or(fields.clone(), |name| format!("{name}: {fields}"))
    }

    fn spot(&self) -> Spot {
        let label = match &self.name {
            Some(name) => format!(".{name}"),
            None => format!("[{}]", self.index),
        };
        let fields = self.fields.iter().map(|field| (field.name, field.line)).collect();
        Spot { label, line: self.line, name: self.name.clone().unwrap_or_default(), fields }
    }

    fn value(&self, field: &Key) -> Option<Value> {
        let given = self.fields.iter().find(|given| given.name == field.path);
        let default = || reader::read(&field.rule, &Node::plain(field.default?)).ok();
        given.map(|given| given.value.clone()).or_else(default)
    }
}

impl Spot {
    /// The place of one field, or of the entry where the field is absent.
    pub(super) fn at(&self, field: &str) -> Self {
        let line = self.fields.iter().find(|(name, _)| *name == field).map(|(_, line)| *line);
        let label = format!("{}.{field}", self.label);
        Self { label, line: line.unwrap_or(self.line), ..self.clone() }
    }
}

/// Puts the fields of each entry where their rows say, and then the entry where its table says.
pub(super) fn put(table: &Table, records: &[Record], draft: &mut Draft) {
    for record in records {
        for field in table.fields {
            if let Some(value) = record.value(field) {
                value.put(&field.rule, draft);
            }
        }
        (table.each)(draft, record.spot());
    }
}

/// The entries of a map over those of another, by name.
pub(super) fn merged(base: &[Record], over: Vec<Record>) -> Vec<Record> {
    let is_kept = |record: &&Record| over.iter().all(|other| other.name != record.name);
    let mut all: Vec<Record> = base.iter().filter(is_kept).cloned().collect();
    all.extend(over);
    all
}

/// Reads a list of entries, or complains about everything in it that is wrong.
pub(super) fn list(rule: &Rule, table: &Table, node: &Node) -> Result<Vec<Record>, Vec<Complaint>> {
    let Kind::List(items) = &node.kind else {
        let single = matches!(node.kind, Kind::Map(_));
        let hint = single.then(|| "begin each entry with `- `".to_owned());
        return Err(vec![Complaint { hint, ..reader::complain(rule, node) }]);
    };
    let (records, complaints) = gathered(items.iter().enumerate().map(|item| one_of(table, item)));
    if complaints.is_empty() { Ok(records) } else { Err(complaints) }
}

/// The entries of a list that are right by themselves: what they say together is judged even beside others that are not.
pub(super) fn sound(table: &Table, node: &Node) -> Vec<Record> {
    let Kind::List(items) = &node.kind else { return Vec::new() };
    gathered(items.iter().enumerate().map(|item| one_of(table, item))).0
}

fn one_of(table: &Table, (index, node): (usize, &Node)) -> Result<Record, Vec<Complaint>> {
    let record = entry(table, node).map_err(|all| below(all, &format!("[{index}]")))?;
    Ok(Record { index, ..record })
}

/// Reads a map of entries, or complains about everything in it that is wrong.
pub(super) fn named(
    rule: &Rule,
    table: &Table,
    node: &Node,
) -> Result<Vec<Record>, Vec<Complaint>> {
    let Kind::Map(entries) = &node.kind else {
        return Err(vec![reader::complain(rule, node)]);
    };
    let (records, complaints) = gathered(entries.iter().enumerate().map(|(index, given)| {
        if entries[..index].iter().any(|other| other.key == given.key) {
            return Err(vec![reader::twice(given)]);
        }
        let record = entry(table, &given.value).map_err(|all| below(all, &given.key))?;
        Ok(Record { name: Some(given.key.clone()), index, line: given.line, ..record })
    }));
    if complaints.is_empty() { Ok(records) } else { Err(complaints) }
}

fn gathered(
    read: impl Iterator<Item = Result<Record, Vec<Complaint>>>,
) -> (Vec<Record>, Vec<Complaint>) {
    let (mut records, mut complaints) = (Vec::new(), Vec::new());
    for result in read {
        match result {
            Ok(record) => records.push(record),
            Err(all) => complaints.extend(all),
        }
    }
    (records, complaints)
}

/// What a complaint is about, seen from further out.
fn below(complaints: Vec<Complaint>, label: &str) -> Vec<Complaint> {
    let lift = |complaint: Complaint| {
        let part = match complaint.part.as_str() {
            "" => label.to_owned(),
            part => format!("{label}.{part}"),
        };
        Complaint { part, ..complaint }
    };
    complaints.into_iter().map(lift).collect()
}

fn entry(table: &Table, node: &Node) -> Result<Record, Vec<Complaint>> {
    let shorthand = table.shorthand.filter(|_| matches!(node.kind, Kind::Scalar { .. }));
    let given = shorthand
        .map(|name| vec![Entry { key: name.to_owned(), line: node.line, value: node.clone() }]);
    let entries = match (&node.kind, &given) {
        (_, Some(one)) => one,
        (Kind::Map(entries), None) => entries,
        _ => return Err(vec![no_entry(table, node)]),
    };
    let mut complaints = Vec::new();
    let mut fields: Vec<Field> = Vec::new();
    for entry in entries {
        match field(table, entry, &fields) {
            Ok(field) => fields.push(field),
            Err(all) => complaints.extend(all),
        }
    }
    complaints.extend(missing(table, node, entries));
    if complaints.is_empty() {
        Ok(Record { name: None, index: 0, line: node.line, fields })
    } else {
        Err(complaints)
    }
}

fn field(table: &Table, entry: &Entry, before: &[Field]) -> Result<Field, Vec<Complaint>> {
    let known = table.fields.iter().find(|field| field.path.eq_ignore_ascii_case(&entry.key));
    let Some(key) = known else { return Err(vec![unknown(table, entry)]) };
    if before.iter().any(|field| field.name == key.path) {
        return Err(vec![reader::twice(entry)]);
    }
    let value = reader::read(&key.rule, &entry.value).map_err(|all| {
        let advised = all.into_iter().map(|complaint| {
            let hint = complaint.hint.clone().or_else(|| Some(key.way_out()));
            Complaint { hint, ..complaint }
        });
        below(advised.collect(), key.path)
    })?;
    Ok(Field { name: key.path, line: entry.line, value })
}

fn missing(table: &Table, node: &Node, entries: &[Entry]) -> Vec<Complaint> {
    let is_given =
        |field: &&Key| entries.iter().any(|entry| entry.key.eq_ignore_ascii_case(field.path));
    let absent = table.fields.iter().filter(|field| field.is_required && !is_given(field));
    let complaint = |field: &Key| Complaint {
        line: node.line,
        part: field.path.to_owned(),
        message: format!("must be {}, got nothing", reader::describe(&field.rule)),
        hint: Some(format!("add `{}:` to this entry", field.path)),
    };
    absent.map(complaint).collect()
}

fn unknown(table: &Table, entry: &Entry) -> Complaint {
    let names = || table.fields.iter().map(|field| field.path);
    let hint = match nearest(&entry.key, names()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("known here: {}", names().collect::<Vec<_>>().join(", ")),
    };
    Complaint {
        line: entry.line,
        part: entry.key.clone(),
        message: "is not a known key".to_owned(),
        hint: Some(hint),
    }
}

fn no_entry(table: &Table, node: &Node) -> Complaint {
    let names: Vec<&str> = table.fields.iter().map(|field| field.path).collect();
    Complaint {
        line: node.line,
        part: String::new(),
        message: format!("must be a map with {}", names.join(", ")),
        hint: Some("write `FIELD: value` lines below it".to_owned()),
    }
}
