//! Lists of `key=value` that one flag takes: `name=monthly,period=30.5,order=5`.
//!
//! Each key may come once, and every key must be known; a fault names flag, key, rule and value.

use std::collections::BTreeMap;

use crate::exit::Mistake;

/// The parts of one such list.
#[derive(Debug)]
pub(super) struct Specification<'a> {
    flag: &'static str,
    example: &'static str,
    /// What stands before the first key.
    head: Option<&'a str>,
    pairs: BTreeMap<&'a str, &'a str>,
}

impl<'a> Specification<'a> {
    /// Takes a list apart; `example` is what the hint of a fault shows.
    pub(super) fn parse(
        flag: &'static str,
        text: &'a str,
        example: &'static str,
        keys: &[&str],
    ) -> Result<Self, Mistake> {
        let mut found = Self { flag, example, head: None, pairs: BTreeMap::new() };
        for (place, part) in text.split(',').map(str::trim).enumerate() {
            let Some((key, value)) = part.split_once('=') else {
                if place > 0 || part.is_empty() {
                    return Err(found.fault("a part", "must be written `key=value`", part));
                }
                found.head = Some(part);
                continue;
            };
            let (key, value) = (key.trim(), value.trim());
            if !keys.contains(&key) {
                let rule = format!("must be one of {}", keys.join(", "));
                return Err(found.fault("a key", &rule, key));
            }
            if found.pairs.insert(key, value).is_some() {
                return Err(found.fault(&format!("`{key}`"), "must come once", value));
            }
        }
        Ok(found)
    }

    /// What stands before the first key.
    pub(super) const fn head(&self) -> Option<&'a str> {
        self.head
    }

    /// The text of a key.
    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        self.pairs.get(key).copied().filter(|value| !value.is_empty())
    }

    /// The text of a key that must be there.
    pub(super) fn needed(&self, key: &str) -> Result<&'a str, Mistake> {
        self.text(key).ok_or_else(|| self.fault(&format!("`{key}`"), "must be given", ""))
    }

    /// A number above 0.
    pub(super) fn positive(&self, key: &str) -> Result<Option<f64>, Mistake> {
        let Some(text) = self.text(key) else { return Ok(None) };
        match text.parse::<f64>() {
            Ok(value) if value > 0.0 && value.is_finite() => Ok(Some(value)),
            _ => Err(self.fault(&format!("`{key}`"), "must be a number above 0", text)),
        }
    }

    /// One of a few words.
    pub(super) fn word<T: Copy>(
        &self,
        key: &str,
        words: &[(&str, T)],
    ) -> Result<Option<T>, Mistake> {
        let Some(text) = self.text(key) else { return Ok(None) };
        let found = words.iter().find(|(word, _)| text.eq_ignore_ascii_case(word));
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let rule = format!("must be {}", names.join(" or "));
        found
            .map(|(_, value)| Some(*value))
            .ok_or_else(|| self.fault(&format!("`{key}`"), &rule, text))
    }

    /// A mistake in this flag.
    pub(super) fn fault(&self, what: &str, rule: &str, value: &str) -> Mistake {
        let message = format!("`{}`: {what} {rule}, got `{value}`", self.flag);
        Mistake::new(message, format!("write it like `{} {}`", self.flag, self.example))
    }
}
