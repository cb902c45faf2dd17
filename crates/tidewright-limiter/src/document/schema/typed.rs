//! Fields read as the types that the limiter gives them.
//!
//! Text takes any scalar as it is written (`0123`, `yes`, a date); a flag takes only a plain boolean, a number only a
//! plain whole number of 32 bits. A field that is absent or null keeps the limiter's default.

use tidewright_core::{Limit, Setting, Unit};

use super::super::Digits;
use super::super::source::File;
use crate::error::{DocumentError, Fixed, Rule};
use crate::yaml::{Content, Field, Fields, Node, Scalar, Value};

/// Reads fields of one file.
pub(super) struct Typed<'a> {
    pub(super) file: &'a File<'a>,
}

/// The flags of a descriptor, all of which must be booleans.
const FLAGS: [&str; 5] =
    ["shadow_mode", "quota_mode", "share_threshold", "detailed_metric", "value_to_metric"];

impl Typed<'_> {
    pub(super) fn text(&self, field: Option<Field<'_>>) -> Result<Option<String>, DocumentError> {
        let Some(field) = field.filter(is_set) else { return Ok(None) };
        match field.value.scalar() {
            Some(scalar) => Ok(Some(scalar.text.clone())),
            None => Err(self.mistyped(field, "text")),
        }
    }

    pub(super) fn flags(&self, fields: &Fields<'_>) -> Result<[bool; 5], DocumentError> {
        let mut flags = [false; 5];
        for (flag, name) in flags.iter_mut().zip(FLAGS) {
            *flag = self.flag(fields.find(name))?;
        }
        Ok(flags)
    }

    /// The items of a list, each with whether it is shared.
    pub(super) fn list<'n>(
        &self,
        field: Option<Field<'n>>,
    ) -> Result<Vec<(&'n Node, bool)>, DocumentError> {
        let Some(field) = field.filter(is_set) else { return Ok(Vec::new()) };
        match &field.value.content {
            Content::List(items) => {
                Ok(items.iter().map(|item| (item.as_ref(), field.shared)).collect())
            }
            _ => Err(self.mistyped(field, "a list")),
        }
    }

    /// What `rate_limit` sets, and where its digits stand.
    pub(super) fn rate_limit(
        &self,
        field: Option<Field<'_>>,
    ) -> Result<Option<(Setting, Digits)>, DocumentError> {
        let Some(field) = field.filter(is_set) else { return Ok(None) };
        if field.value.scalar().is_some() {
            return Err(self.mistyped(field, "a map"));
        }
        let fields = self.file.fields(field.value, field.shared)?;
        let (requests_per_unit, digits) = self.number(fields.find("requests_per_unit"))?;
        let unlimited = self.flag(fields.find("unlimited"))?;
        let unit = self.text(fields.find("unit"))?.unwrap_or_default();
        let at = fields.find("unit").map_or(field.value, |unit| unit.value);
        self.replaces(&fields)?;
        match (unlimited, Unit::parse(&unit)) {
            (true, _) if unit.is_empty() => Ok(Some((Setting::Unlimited, Err(Fixed::NoNumber)))),
            (true, _) => Err(self.file.refused(at, "unit", Rule::UnitOfUnlimited)),
            (false, Ok(unit)) => {
                Ok(Some((Setting::Limited(Limit { requests_per_unit, unit }), digits)))
            }
            (false, Err(_)) => Err(self.file.refused(at, "unit", Rule::InvalidUnit(unit))),
        }
    }

    fn flag(&self, field: Option<Field<'_>>) -> Result<bool, DocumentError> {
        let Some(field) = field.filter(is_set) else { return Ok(false) };
        match field.value.scalar().map(Scalar::value) {
            Some(Value::Bool(flag)) => Ok(flag),
            _ => Err(self.mistyped(field, "a boolean")),
        }
    }

    /// A number that is not written is 0 to the limiter.
    fn number(&self, field: Option<Field<'_>>) -> Result<(u32, Digits), DocumentError> {
        let Some(field) = field.filter(is_set) else { return Ok((0, Err(Fixed::NoNumber))) };
        let number = match field.value.scalar().map(Scalar::value) {
            Some(Value::Int(number)) => u32::try_from(number).ok(),
            _ => None,
        };
        let number =
            number.ok_or_else(|| self.mistyped(field, "a whole number from 0 to 4294967295"))?;
        let digits = match field.shared {
            true => Err(Fixed::Shared),
            false => self.file.digits(&field.value.span),
        };
        Ok((number, digits))
    }

    fn replaces(&self, fields: &Fields<'_>) -> Result<(), DocumentError> {
        let own = self.text(fields.find("name"))?.unwrap_or_default();
        for (node, shared) in self.list(fields.find("replaces"))? {
            let name = self.text(self.file.fields(node, shared)?.find("name"))?.unwrap_or_default();
            if name.is_empty() {
                return Err(self.file.refused(node, "replaces", Rule::EmptyReplaces));
            }
            if name == own {
                return Err(self.file.refused(node, "replaces", Rule::ReplacesItself));
            }
        }
        Ok(())
    }

    fn mistyped(&self, field: Field<'_>, wanted: &'static str) -> DocumentError {
        let rule = Rule::Type { value: field.value.label(), wanted };
        self.file.refused(field.value, field.name, rule)
    }
}

/// Whether a field holds anything: null leaves the default in place.
fn is_set(field: &Field<'_>) -> bool {
    field.value.scalar().is_none_or(|scalar| scalar.value() != Value::Null)
}
