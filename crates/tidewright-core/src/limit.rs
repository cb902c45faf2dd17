//! Limits, and the names by which people and documents know them.

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

use crate::time::Timestamp;

/// The window over which a limiter counts, as envoyproxy/ratelimit knows them; aligned to the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// One second.
    Second,
    /// 60 seconds.
    Minute,
    /// 3600 seconds.
    Hour,
    /// 86,400 seconds, from midnight UTC.
    Day,
    /// Seven days, from Thursday 00:00 UTC since the epoch was one.
    Week,
    /// 30 days.
    Month,
    /// 365 days.
    Year,
}

/// So many requests per window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limit {
    /// The number in the document; 0 blocks everything.
    pub requests_per_unit: u32,
    /// The window.
    pub unit: Unit,
}

/// What a descriptor of the document sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Setting {
    /// A number per window.
    Limited(Limit),
    /// `unlimited: true`.
    Unlimited,
}

/// One step of a descriptor path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Descriptor {
    /// The descriptor's key, such as `PARTNER`.
    pub key: Arc<str>,
    /// The value that it matches; `None` matches each value with a counter of its own.
    pub value: Option<Arc<str>>,
}

/// Which limit: a domain and the path of descriptors that leads to it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LimitKey {
    /// The limiter's domain.
    pub domain: Arc<str>,
    /// From the root down.
    pub path: Arc<[Descriptor]>,
}

/// A limit as a person names it: `[domain/]VALUE[:VALUE...]`, with `:` inside a value written `\:`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitName {
    text: String,
    readings: Vec<(Option<String>, Vec<String>)>,
}

/// A text that names no unit.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{0}` is no unit of a rate limit; use second, minute, hour, day, week, month or year")]
pub struct UnitError(String);

/// A text that names no limit.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{0}` names no limit; write `VALUE:VALUE`, for example `CUSTOMER_ID_1:/api/list`")]
pub struct NameError(String);

impl Unit {
    /// All units, from the shortest.
    pub const ALL: [Self; 7] =
        [Self::Second, Self::Minute, Self::Hour, Self::Day, Self::Week, Self::Month, Self::Year];

    /// Reads a unit in any case.
    ///
    /// # Errors
    /// [`UnitError`] if it is none.
    pub fn parse(text: &str) -> Result<Self, UnitError> {
        let unit = Self::ALL.into_iter().find(|unit| unit.name().eq_ignore_ascii_case(text));
        unit.ok_or_else(|| UnitError(text.to_owned()))
    }

    /// The word in a document.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// The length of the window in seconds.
    pub const fn secs(self) -> i64 {
        match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 3_600,
            Self::Day => 86_400,
            Self::Week => 7 * 86_400,
            Self::Month => 30 * 86_400,
            Self::Year => 365 * 86_400,
        }
    }

    /// The start of the window that holds `moment`.
    pub const fn window(self, moment: Timestamp) -> Timestamp {
        moment.align_down(self.secs() * 1000)
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Limit {
    /// `requests` per minute.
    pub const fn per_minute(requests: u32) -> Self {
        Self { requests_per_unit: requests, unit: Unit::Minute }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.requests_per_unit, self.unit)
    }
}

impl LimitKey {
    /// A key from a domain and `(key, value)` pairs.
    pub fn new<'a>(
        domain: &str,
        path: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
    ) -> Self {
        let descriptor = |(key, value): (&str, Option<&str>)| Descriptor {
            key: key.into(),
            value: value.map(Into::into),
        };
        Self { domain: domain.into(), path: path.into_iter().map(descriptor).collect() }
    }

    /// The value of the descriptor with this key (in any case), if it has one.
    pub fn value_of(&self, key: &str) -> Option<&str> {
        let found = self.path.iter().find(|descriptor| descriptor.key.eq_ignore_ascii_case(key))?;
        found.value.as_deref()
    }

    /// `VALUE:VALUE`, without the domain; a descriptor without a value shows as `<KEY>`.
    pub fn name(&self) -> String {
        let value = |descriptor: &Descriptor| match &descriptor.value {
            Some(value) => value.replace('\\', r"\\").replace(':', r"\:"),
            None => format!("<{}>", descriptor.key),
        };
        self.path.iter().map(value).collect::<Vec<_>>().join(":")
    }
}

impl fmt::Display for LimitKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.domain, self.name())
    }
}

impl LimitName {
    /// Reads a name; a `/` may end the domain or belong to the first value, so both readings are kept.
    ///
    /// # Errors
    /// [`NameError`] if a value is empty.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let mut readings = vec![(None, values(text))];
        if let Some((domain, rest)) = text.split_once('/')
            && !domain.is_empty()
            && !domain.contains(':')
        {
            readings.push((Some(domain.to_owned()), values(rest)));
        }
        readings.retain(|(_, values)| values.iter().all(|value| !value.is_empty()));
        if readings.is_empty() {
            return Err(NameError(text.to_owned()));
        }
        Ok(Self { text: text.to_owned(), readings })
    }

    /// Whether this is a name of `key`.
    pub fn matches(&self, key: &LimitKey) -> bool {
        self.readings.iter().any(|(domain, values)| {
            domain.as_deref().is_none_or(|domain| domain == &*key.domain)
                && values.len() == key.path.len()
                && values.iter().zip(key.path.iter()).all(|(value, descriptor)| {
                    match &descriptor.value {
                        Some(wanted) => **wanted == **value,
                        None => *value == format!("<{}>", descriptor.key),
                    }
                })
        })
    }
}

impl fmt::Display for LimitName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Splits at each `:` that is not escaped, and takes the escapes away.
fn values(text: &str) -> Vec<String> {
    let mut values = vec![String::new()];
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            ':' => values.push(String::new()),
            '\\' => values.last_mut().into_iter().for_each(|value| value.extend(letters.next())),
            _ => values.last_mut().into_iter().for_each(|value| value.push(letter)),
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> LimitKey {
        LimitKey::new("edge", [("PARTNER", Some("a:b")), ("PATH", Some("/list"))])
    }

    #[test]
    fn a_limit_is_found_by_the_name_it_shows() {
        assert_eq!(key().name(), r"a\:b:/list");
        assert!(LimitName::parse(&key().name()).unwrap().matches(&key()));
        assert!(LimitName::parse(&key().to_string()).unwrap().matches(&key()));
        assert!(!LimitName::parse(r"other/a\:b:/list").unwrap().matches(&key()));
        assert!(LimitName::parse("a:").is_err());
    }

    #[test]
    fn a_path_alone_is_no_domain() {
        let key = LimitKey::new("edge", [("PATH", Some("/list"))]);
        assert!(LimitName::parse("/list").unwrap().matches(&key));
        assert!(LimitName::parse("edge//list").unwrap().matches(&key));
    }

    #[test]
    fn units_read_in_any_case_and_align_to_the_epoch() {
        assert_eq!(Unit::parse("MINUTE"), Ok(Unit::Minute));
        assert!(Unit::parse("fortnight").is_err());
        let noon = Timestamp::parse("2026-11-20T12:34:56Z").unwrap();
        assert_eq!(Unit::Hour.window(noon).to_string(), "2026-11-20T12:00:00Z");
    }
}
