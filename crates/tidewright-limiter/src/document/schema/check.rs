//! The limiter's first look at a file: every key must be known, every scalar text, a whole number, a boolean or nothing.
//!
//! The look is flat: a known key in a wrong place passes. What stands below `metadata` is the user's own and passes too.

use super::super::source::File;
use crate::error::{DocumentError, Rule};
use crate::yaml::{Content, Field, Node, Value};

/// All keys that the limiter knows.
const KEYS: [&str; 16] = [
    "domain",
    "key",
    "value",
    "descriptors",
    "rate_limit",
    "unit",
    "requests_per_unit",
    "unlimited",
    "shadow_mode",
    "quota_mode",
    "name",
    "replaces",
    "detailed_metric",
    "value_to_metric",
    "share_threshold",
    "metadata",
];

/// How many fields are looked at, aliases followed: a document of the largest size has fewer bytes than that.
const FIELDS_MAX: usize = 1 << 20;

/// Looks at all keys and scalars below `root`.
pub(super) fn check(file: &File<'_>, root: &Node) -> Result<(), DocumentError> {
    Look { file, fields: 0 }.map(root)
}

struct Look<'a> {
    file: &'a File<'a>,
    fields: usize,
}

impl Look<'_> {
    fn map(&mut self, node: &Node) -> Result<(), DocumentError> {
        for field in self.file.fields(node, false)?.iter() {
            self.field(field)?;
        }
        Ok(())
    }

    fn field(&mut self, field: &Field<'_>) -> Result<(), DocumentError> {
        self.fields += 1;
        if self.fields > FIELDS_MAX {
            return Err(self.refused(field, Rule::Endless));
        }
        if !KEYS.contains(&field.name) {
            return Err(self.refused(field, Rule::UnknownKey(field.name.to_owned())));
        }
        match &field.value.content {
            _ if field.name == "metadata" => Ok(()),
            Content::Scalar(scalar) if scalar.value() == Value::Refused => {
                Err(self.refused(field, Rule::Scalar(field.value.label())))
            }
            Content::Scalar(_) => Ok(()),
            Content::Map(_) => self.map(field.value),
            Content::List(items) => items.iter().try_for_each(|item| match &item.content {
                Content::Map(_) => self.map(item),
                _ => Err(self.file.refused(item, field.name, Rule::ListOfOther(item.label()))),
            }),
        }
    }

    fn refused(&self, field: &Field<'_>, rule: Rule) -> DocumentError {
        self.file.refused(field.value, field.name, rule)
    }
}
