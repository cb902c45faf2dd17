//! Why a document cannot be read, edited or written.
//!
//! Where the limiter has words for a fault, they are used, so that a search for its log line finds ours. Nothing here
//! decides; each error names its place and has advice.

use std::fmt;

use thiserror::Error;
use tidewright_core::LimitKey;

use crate::document::DOCUMENT_BYTES_MAX;

/// A document that cannot be read, edited or written.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum DocumentError {
    /// Larger than Kubernetes stores.
    #[error(
        "the document has `{bytes}` bytes, more than the `{DOCUMENT_BYTES_MAX}` of a ConfigMap"
    )]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// Not UTF-8.
    #[error("the document is no UTF-8 text at byte `{offset}`")]
    NotText {
        /// The first byte that is wrong.
        offset: usize,
    },
    /// No YAML.
    #[error("cannot read {place} as YAML: {problem}")]
    Syntax {
        /// Where the parser gave up.
        place: Place,
        /// What the parser said.
        problem: String,
    },
    /// YAML without anything that a limiter would load.
    #[error("the document holds no limiter file: neither `domain` nor a ConfigMap with one")]
    NoLimiterFile,
    /// The limiter would not load it, or an edit of it would be ambiguous.
    #[error("`{key}` in {place}: {rule}")]
    Refused {
        /// Where.
        place: Place,
        /// The key whose value is at fault.
        key: String,
        /// The rule.
        rule: Rule,
    },
    /// An inner file whose bytes could not be matched with the outer ones.
    #[error("cannot find the text of `{file}` again in {place}")]
    Unaligned {
        /// Where the file starts.
        place: Place,
        /// The data key.
        file: String,
    },
    /// A change names a limit that the document does not have.
    #[error("the document has no limit `{0}`")]
    UnknownLimit(LimitKey),
    /// Two changes name the same limit.
    #[error("the limit `{0}` was given two numbers")]
    ChangedTwice(LimitKey),
    /// The number cannot be changed where it stands.
    #[error("cannot change the number of `{key}` in line `{line}`: {why}")]
    Fixed {
        /// The limit.
        key: LimitKey,
        /// The line of its descriptor.
        line: usize,
        /// Why not.
        why: Fixed,
    },
    /// A limit cannot be added where it belongs.
    #[error("cannot add the limit `{key}`: {why}")]
    Unplaceable {
        /// The limit.
        key: LimitKey,
        /// Why not.
        why: Unplaceable,
    },
    /// The result did not read back as what was meant.
    #[error("the written document does not read back: the limit `{0}` differs")]
    ReadBack(LimitKey),
    /// The result did not read back with as many limits.
    #[error("the written document has `{found}` limits instead of `{expected}`")]
    ReadBackCount {
        /// Limits meant.
        expected: usize,
        /// Limits read.
        found: usize,
    },
    /// A limit of another domain, without a descriptor or with an empty value, in a new document.
    #[error("the limit `{key}` cannot stand in a new document of the domain `{domain}`")]
    Misplaced {
        /// The limit.
        key: LimitKey,
        /// The domain of the document.
        domain: String,
    },
}

/// A rule that the limiter, or a safe edit, asks of a document.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Rule {
    /// The domain is missing or empty.
    #[error("config file cannot have empty domain")]
    EmptyDomain,
    /// Two files have the same domain.
    #[error("duplicate domain '{0}' in config file")]
    DuplicateDomain(String),
    /// A descriptor without a key.
    #[error("descriptor has empty key")]
    EmptyKey,
    /// Two descriptors of one list match the same.
    #[error("duplicate descriptor composite key '{0}'")]
    DuplicateDescriptor(String),
    /// No unit of time.
    #[error("invalid rate limit unit '{0}'")]
    InvalidUnit(String),
    /// A unit beside `unlimited: true`.
    #[error("should not specify rate limit unit when unlimited")]
    UnitOfUnlimited,
    /// An item of `replaces` without a name.
    #[error("should not have an empty replaces entry")]
    EmptyReplaces,
    /// A descriptor that replaces itself.
    #[error("replaces should not contain name of same descriptor")]
    ReplacesItself,
    /// `share_threshold` without a wildcard.
    #[error(
        "share_threshold can only be used with wildcard values (containing '*'), but found key '{0}'"
    )]
    ShareWithoutWildcard(String),
    /// A key that the limiter does not know.
    #[error("config error, unknown key '{0}'")]
    UnknownKey(String),
    /// A key that is no text.
    #[error("config error, key is not of type string: {0}")]
    KeyNotText(String),
    /// A list of something else than maps.
    #[error("config error, yaml file contains list of type other than map: {0}")]
    ListOfOther(String),
    /// A fraction, an exponent, a number beyond 64 bits, an explicit tag.
    #[error("error checking config: `{0}` is no text, whole number or boolean")]
    Scalar(String),
    /// A value of another type than the key has.
    #[error("error loading config file: cannot read `{value}` as {wanted}")]
    Type {
        /// The value.
        value: String,
        /// What the key takes.
        wanted: &'static str,
    },
    /// A key that comes twice in one map.
    #[error("the key comes twice: the limiter takes the last one, so an edit would be ambiguous")]
    KeyTwice,
    /// Aliases that repeat so much that the document would be larger than any real one.
    #[error("aliases make the document too large to check")]
    Endless,
}

/// Why a number cannot be changed where it stands.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, Hash)]
pub enum Fixed {
    /// An anchor shares it with other limits.
    #[error("an anchor shares it with other places")]
    Shared,
    /// `requests_per_unit` is not written out, or the limit is `unlimited`.
    #[error("there is no `requests_per_unit`")]
    NoNumber,
    /// Its digits stand as escapes in the outer document.
    #[error("its digits are written as escapes")]
    Escaped,
}

/// Why a limit cannot be added.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, Hash)]
pub enum Unplaceable {
    /// It has no descriptor, or one with an empty value.
    #[error("it has no descriptor, or an empty value")]
    Nameless,
    /// No file of the document has its domain.
    #[error("the document has no file with this domain")]
    Domain,
    /// Its descriptors are there already.
    #[error("the document has these descriptors already")]
    Exists,
    /// Its parent has no list of descriptors.
    #[error("the descriptor above it has no `descriptors`")]
    Leaf,
    /// An anchor shares the list with other places.
    #[error("an anchor shares the list with other places")]
    Shared,
    /// Its siblings are not written line by line.
    #[error("its siblings are not written line by line")]
    Style,
}

/// Where something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line of the document, from 1.
    pub line: usize,
    /// The file inside a ConfigMap and its own line, where the document keeps that file on fewer lines.
    pub inside: Option<(String, usize)>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line `{}`", self.line)?;
        match &self.inside {
            Some((file, line)) => write!(f, " (line `{line}` of its `{file}`)"),
            None => Ok(()),
        }
    }
}

impl DocumentError {
    /// What the reader can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => {
                "split it into several domains, each in a ConfigMap of its own"
            }
            Self::NotText { .. } => "save the document as UTF-8",
            Self::Syntax { .. } => {
                "mend the line; values with `*`, `: ` or ` #` need quotes, and tabs cannot indent"
            }
            Self::NoLimiterFile => {
                "pass the limiter's YAML file, or its ConfigMap as `kubectl get -o yaml` prints it"
            }
            Self::Refused { rule, .. } => rule.hint(),
            Self::Unaligned { .. } => "write the file as a block scalar (`config.yaml: |`)",
            Self::UnknownLimit(_) | Self::ChangedTwice(_) => {
                "the document may have changed since it was read; read it again"
            }
            Self::Fixed { why, .. } => why.hint(),
            Self::Unplaceable { why, .. } => why.hint(),
            Self::ReadBack(_) | Self::ReadBackCount { .. } => {
                "nothing was written; this is a fault of ours, please report it with the document"
            }
            Self::Misplaced { .. } => {
                "write one document for each domain, and leave no descriptor or value empty"
            }
        }
    }
}

impl Rule {
    /// What the reader can do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::EmptyDomain => "set `domain` to the one that the Envoy filter sends",
            Self::DuplicateDomain(_) => "give each file a domain of its own",
            Self::EmptyKey => "name the descriptor entry that the Envoy filter sends",
            Self::DuplicateDescriptor(_) => {
                "remove one of the two; a composite key is `key_value` in one list"
            }
            Self::InvalidUnit(_) => "use second, minute, hour, day, week, month or year",
            Self::UnitOfUnlimited => "remove `unit`, or `unlimited`",
            Self::EmptyReplaces => "give each item of `replaces` a `name`",
            Self::ReplacesItself => "name another limit, or remove the item",
            Self::ShareWithoutWildcard(_) => "put a `*` into `value`, or remove `share_threshold`",
            Self::UnknownKey(_) => {
                "correct the spelling; the limiter refuses keys it does not know"
            }
            Self::KeyNotText(_) => "quote the key",
            Self::ListOfOther(_) => "write each item as a map, such as `- key: PARTNER`",
            Self::Scalar(_) => "quote the value if it is a text, or write a whole number",
            Self::Type { .. } => "write the number or boolean plainly and without quotes",
            Self::KeyTwice => "keep the one that is meant",
            Self::Endless => "write the descriptors out instead of using aliases",
        }
    }
}

impl Unplaceable {
    const fn hint(self) -> &'static str {
        match self {
            Self::Nameless => "give each descriptor a key, and a value or none",
            Self::Domain => "add the limit to the document of its domain",
            Self::Exists => "add `rate_limit` to the descriptor by hand",
            Self::Leaf => "add `descriptors` to the descriptor above it by hand",
            Self::Shared => "write the list out instead of using an alias",
            Self::Style => "write the list as lines that begin with `- `, one item below the other",
        }
    }
}

impl Fixed {
    const fn hint(self) -> &'static str {
        match self {
            Self::Shared => "give this limit a number of its own instead of an alias",
            Self::NoNumber => "write `requests_per_unit` into the document first",
            Self::Escaped => "write the digits plainly",
        }
    }
}
