//! How a value that was measured is written where a document names it: without its query, in lower case, with `{id}` for
//! numbers.
//!
//! The rule: only measured values are rewritten, never a document. A pattern is read from the left without any going
//! back, so that no value, however long, takes more than one look at each of its letters per part of the pattern.

use std::borrow::Cow;
use std::fmt;

use thiserror::Error;

/// What stands between the two sides of a pattern.
const ARROW: &str = "->";

/// What [`Rewrite::CollapseIds`] writes for an identifier, as OpenAPI templates do.
const ID: &str = "{id}";

/// Hexadecimal digits from which on a part of a path is an identifier and no word: `cafe` is one, a hash is not.
const HEX_DIGITS_MIN: usize = 12;

/// One step from a measured value to the value in the document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rewrite {
    /// `/list?page=2` becomes `/list`.
    StripQuery,
    /// `/list/` becomes `/list`.
    StripTrailingSlash,
    /// `/List` becomes `/list`.
    LowerCase,
    /// `/users/123` becomes `/users/{id}`: numbers, UUIDs and hashes.
    CollapseIds,
    /// What fits the pattern becomes the other text.
    Pattern(Pattern),
}

/// A pattern, and what becomes of what fits it: `/users/* -> /users/{id}`.
///
/// `*` is a part without `/`, `**` any text; on the right side each stands for what the one on the left has found.
// Invariant: the right side has no more wildcards than the left one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pattern {
    from: Vec<Part>,
    to: Vec<Part>,
}

/// A piece of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Part {
    Text(String),
    Segment,
    Anything,
}

/// A text that is no rewriting.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum RewriteError {
    /// Neither a word nor a pattern.
    #[error(
        "`{0}` must be strip_query, strip_trailing_slash, lower_case, collapse_ids or a pattern such as `/users/* -> /users/{{id}}`"
    )]
    Unknown(String),
    /// The right side asks for what the left one has not found.
    #[error("the right side of `{0}` must not have more `*` than the left one")]
    Wildcards(String),
}

impl Rewrite {
    /// The steps that have a word.
    pub const WORDS: [(&'static str, Self); 4] = [
        ("strip_query", Self::StripQuery),
        ("strip_trailing_slash", Self::StripTrailingSlash),
        ("lower_case", Self::LowerCase),
        ("collapse_ids", Self::CollapseIds),
    ];

    /// Reads a word or a pattern.
    ///
    /// # Errors
    /// [`RewriteError`] if it is neither.
    pub fn parse(text: &str) -> Result<Self, RewriteError> {
        let text = text.trim();
        if let Some((_, step)) = Self::WORDS.iter().find(|(word, _)| *word == text) {
            return Ok(step.clone());
        }
        let unknown = || RewriteError::Unknown(text.to_owned());
        let (from, to) = text.split_once(ARROW).ok_or_else(unknown)?;
        let (from, to) = (parts(from.trim()), parts(to.trim()));
        if from.is_empty() || to.is_empty() {
            return Err(unknown());
        }
        if wildcards(&to) > wildcards(&from) {
            return Err(RewriteError::Wildcards(text.to_owned()));
        }
        Ok(Self::Pattern(Pattern { from, to }))
    }

    /// That `prefix` stands in front of each value and is no part of it.
    pub fn without_prefix(prefix: &str) -> Self {
        let from = vec![Part::Text(prefix.to_owned()), Part::Anything];
        Self::Pattern(Pattern { from, to: vec![Part::Anything] })
    }

    /// That one value is written differently in the document.
    pub fn literal(from: &str, to: &str) -> Self {
        let text = |text: &str| vec![Part::Text(text.to_owned())];
        Self::Pattern(Pattern { from: text(from), to: text(to) })
    }

    /// The value as the document writes it; as it is where the step does not fit it.
    pub fn apply<'a>(&self, value: &'a str) -> Cow<'a, str> {
        match self {
            Self::StripQuery => {
                let end = value.find(['?', '#']).filter(|end| *end > 0).unwrap_or(value.len());
                Cow::Borrowed(&value[..end])
            }
            Self::StripTrailingSlash => {
                let bare = value.trim_end_matches('/');
                Cow::Borrowed(if bare.is_empty() { value } else { bare })
            }
            Self::LowerCase if value.chars().any(char::is_uppercase) => {
                Cow::Owned(value.to_lowercase())
            }
            Self::LowerCase => Cow::Borrowed(value),
            Self::CollapseIds => collapse_ids(value),
            Self::Pattern(pattern) => pattern.apply(value).map_or(Cow::Borrowed(value), Cow::Owned),
        }
    }

    /// All steps, one after the other.
    pub fn apply_all<'a>(steps: &[Self], value: &'a str) -> Cow<'a, str> {
        steps.iter().fold(Cow::Borrowed(value), |value, step| match value {
            Cow::Borrowed(value) => step.apply(value),
            Cow::Owned(value) => Cow::Owned(step.apply(&value).into_owned()),
        })
    }
}

impl fmt::Display for Rewrite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pattern(pattern) => {
                write!(f, "{} {ARROW} {}", text(&pattern.from), text(&pattern.to))
            }
            step => {
                let word = Self::WORDS.iter().find(|(_, other)| other == step);
                f.write_str(word.map_or("", |(word, _)| word))
            }
        }
    }
}

impl Pattern {
    fn apply(&self, value: &str) -> Option<String> {
        let mut found = captures(&self.from, value)?.into_iter();
        let mut result = String::with_capacity(value.len());
        for part in &self.to {
            match part {
                Part::Text(text) => result.push_str(text),
                Part::Segment | Part::Anything => result.push_str(found.next().unwrap_or_default()),
            }
        }
        (!result.is_empty()).then_some(result)
    }
}

/// What each wildcard has found, if all of `value` fits. A text after a wildcard is looked for from the left, the last
/// one stands at the end.
fn captures<'a>(pattern: &[Part], value: &'a str) -> Option<Vec<&'a str>> {
    let mut found = Vec::new();
    let mut rest = value;
    let mut open: Option<&Part> = None;
    for (index, part) in pattern.iter().enumerate() {
        let Part::Text(text) = part else {
            open = Some(part);
            continue;
        };
        let is_last = index + 1 == pattern.len();
        let at = match open.take() {
            None => rest.starts_with(text.as_str()).then_some(0)?,
            Some(wildcard) => {
                let at = if is_last {
                    rest.strip_suffix(text.as_str())?.len()
                } else {
                    rest.find(text.as_str())?
                };
                found.push(fitting(wildcard, &rest[..at])?);
                at
            }
        };
        rest = &rest[at + text.len()..];
    }
    match open {
        Some(wildcard) => found.push(fitting(wildcard, rest)?),
        None if !rest.is_empty() => return None,
        None => {}
    }
    Some(found)
}

fn fitting<'a>(wildcard: &Part, text: &'a str) -> Option<&'a str> {
    let fits = !text.is_empty() && (*wildcard == Part::Anything || !text.contains('/'));
    fits.then_some(text)
}

fn parts(text: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let (part, len) = match rest {
            _ if rest.starts_with("**") => (Part::Anything, 2),
            _ if letter == '*' => (Part::Segment, 1),
            _ => {
                let end = rest.find('*').unwrap_or(rest.len());
                (Part::Text(rest[..end].to_owned()), end)
            }
        };
        parts.push(part);
        rest = &rest[len..];
    }
    parts
}

fn wildcards(parts: &[Part]) -> usize {
    parts.iter().filter(|part| !matches!(part, Part::Text(_))).count()
}

fn text(parts: &[Part]) -> String {
    let text = |part: &Part| match part {
        Part::Text(text) => text.clone(),
        Part::Segment => "*".to_owned(),
        Part::Anything => "**".to_owned(),
    };
    parts.iter().map(text).collect()
}

fn collapse_ids(path: &str) -> Cow<'_, str> {
    if !path.split('/').any(is_id) {
        return Cow::Borrowed(path);
    }
    let parts: Vec<&str> =
        path.split('/').map(|part| if is_id(part) { ID } else { part }).collect();
    Cow::Owned(parts.join("/"))
}

/// Whether a part of a path is made by a machine: a number, a UUID, a long hexadecimal number.
fn is_id(part: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let hex = part.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let has_digit = part.bytes().any(|byte| byte.is_ascii_digit());
    let length = part.bytes().filter(u8::is_ascii_hexdigit).count();
    digits(part) || (hex && has_digit && length >= HEX_DIGITS_MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(step: &str, value: &str, expected: &str) {
        let step = Rewrite::parse(step).unwrap();
        assert_eq!(step.apply(value), expected, "{step} on {value}");
        assert_eq!(Rewrite::parse(&step.to_string()), Ok(step));
    }

    #[test]
    fn the_words_do_what_they_say() {
        check("strip_query", "/list?page=2", "/list");
        check("strip_query", "?page=2", "?page=2");
        check("strip_trailing_slash", "/list//", "/list");
        check("strip_trailing_slash", "/", "/");
        check("lower_case", "/List", "/list");
        check("collapse_ids", "/users/123/cafe", "/users/{id}/cafe");
        check("collapse_ids", "/o/6fa459ea-ee8a-3ca4-894e-db77e160355e", "/o/{id}");
    }

    #[test]
    fn a_star_is_one_part_of_a_path_and_two_are_any_text() {
        check("/users/* -> /users/{id}", "/users/anna", "/users/{id}");
        check("/users/* -> /users/{id}", "/users/anna/orders", "/users/anna/orders");
        check("/users/*/orders -> /orders/*", "/users/anna/orders", "/orders/anna");
        check("/static/** -> /static", "/static/a/b.css", "/static");
        check("PARTNER_** -> **", "PARTNER_p/1", "p/1");
        check("/a -> /b", "/a", "/b");
        check("/a -> /b", "/ab", "/ab");
        check("a*b*c -> *-*", "axbyc", "x-y");
    }

    #[test]
    fn steps_follow_each_other() {
        let steps = ["strip_query", "lower_case", "/u/* -> /u/{name}"]
            .map(|step| Rewrite::parse(step).unwrap());
        assert_eq!(Rewrite::apply_all(&steps, "/U/Anna?x=1"), "/u/{name}");
        assert_eq!(Rewrite::without_prefix("P_").apply("P_1"), "1");
        assert_eq!(Rewrite::literal("/a", "/b").apply("/a"), "/b");
    }

    #[test]
    fn what_is_no_rewriting_is_refused() {
        assert!(matches!(Rewrite::parse("strip"), Err(RewriteError::Unknown(_))));
        assert!(matches!(Rewrite::parse("/a -> "), Err(RewriteError::Unknown(_))));
        assert!(matches!(Rewrite::parse("/a -> /*"), Err(RewriteError::Wildcards(_))));
    }
}
