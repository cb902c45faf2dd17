//! The fields of a map, merge keys (`<<`) included.
//!
//! A name that comes twice is an error here although the limiter silently takes the last one: an edit would have to
//! guess which one is meant. A field that came through a merge key or below an alias is marked as shared.

use std::collections::HashMap;

use granit_parser::ScalarStyle;

use super::{Content, Node, Value};

/// One field of a map.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: &'a Node,
    /// Whether the value stands for more than one place of the document.
    pub(crate) shared: bool,
    merged: bool,
}

/// The fields of a map, each name once, in their order.
#[derive(Debug, Default)]
pub(crate) struct Fields<'a> {
    list: Vec<Field<'a>>,
    index: HashMap<&'a str, usize>,
}

/// Why a map has no clear fields, and where.
#[derive(Debug)]
pub(crate) enum FieldsError<'a> {
    NoMap(&'a Node),
    NoText(&'a Node),
    Twice(&'a Node),
}

impl<'a> Fields<'a> {
    /// The fields of `node`; `shared` if the node itself is.
    pub(crate) fn of(node: &'a Node, shared: bool) -> Result<Self, FieldsError<'a>> {
        let Content::Map(pairs) = &node.content else {
            return Err(FieldsError::NoMap(node));
        };
        let shared = shared || node.is_aliased();
        let mut fields = Self::default();
        for (key, value) in pairs {
            fields.add(key, value, shared)?;
        }
        Ok(fields)
    }

    /// The field of that name.
    pub(crate) fn find(&self, name: &str) -> Option<Field<'a>> {
        self.index.get(name).map(|&at| self.list[at])
    }

    /// All fields in their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Field<'a>> {
        self.list.iter()
    }

    fn add(&mut self, key: &'a Node, value: &'a Node, shared: bool) -> Result<(), FieldsError<'a>> {
        let scalar = key.scalar().ok_or(FieldsError::NoText(key))?;
        if scalar.text == "<<" && scalar.style == ScalarStyle::Plain {
            return self.merge(key, value);
        }
        if scalar.value() != Value::Text {
            return Err(FieldsError::NoText(key));
        }
        let shared = shared || value.is_aliased() || key.is_aliased();
        let field = Field { name: &scalar.text, value, shared, merged: false };
        match self.index.get(field.name) {
            Some(&at) if self.list[at].merged => self.list[at] = field,
            Some(_) => return Err(FieldsError::Twice(key)),
            None => self.push(field),
        }
        Ok(())
    }

    /// Fields from elsewhere. They may be overridden further down; overriding what stands above is read differently by
    /// different libraries, so that counts as a name that comes twice. One source only: lists of sources could be
    /// nested into work without end.
    fn merge(&mut self, key: &'a Node, source: &'a Node) -> Result<(), FieldsError<'a>> {
        for field in Self::of(source, true)?.list {
            if self.index.contains_key(field.name) {
                return Err(FieldsError::Twice(key));
            }
            self.push(Field { merged: true, ..field });
        }
        Ok(())
    }

    fn push(&mut self, field: Field<'a>) {
        self.index.insert(field.name, self.list.len());
        self.list.push(field);
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    fn check(source: &str, expected: &[(&str, &str, bool)]) {
        let roots = read(source, 1).unwrap();
        let Content::Map(pairs) = &roots[0].content else { panic!("no map") };
        let fields = Fields::of(&pairs.last().unwrap().1, false).unwrap();
        let found: Vec<_> =
            fields.iter().map(|field| (field.name, field.value.label(), field.shared)).collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(name, value, shared)| (*name, (*value).to_owned(), *shared))
            .collect();
        assert_eq!(found, expected);
    }

    fn refused(source: &str) -> bool {
        let roots = read(source, 1).unwrap();
        Fields::of(&roots[0], false).is_err()
    }

    #[test]
    fn merged_fields_are_shared_and_own_fields_below_win() {
        check(
            "a: &a {x: 1, v: 2}\nb: {<<: *a, v: 3, z: 4}",
            &[("x", "1", true), ("v", "3", false), ("z", "4", false)],
        );
    }

    #[test]
    fn fields_below_an_alias_are_shared() {
        check("a: &a {x: 1}\nb: *a", &[("x", "1", true)]);
        check("a: &a 1\nb: {x: *a, v: 2}", &[("x", "1", true), ("v", "2", false)]);
    }

    #[test]
    fn a_name_that_comes_twice_is_refused() {
        assert!(refused("{a: 1, \"a\": 2}"));
        assert!(refused("{a: 1, <<: {a: 2}}"));
        assert!(!refused("{<<: {a: 2}, a: 1}"));
    }

    #[test]
    fn a_name_that_is_no_text_is_refused() {
        assert!(refused("{1: 1}"));
        assert!(refused("{[a]: 1}"));
        assert!(refused("{<<: 5}"));
    }
}
