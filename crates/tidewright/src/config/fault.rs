//! What is wrong with a configuration, and what a reader of a right one should still know.
//!
//! All faults of a file are told at once; each names its place, its key, the rule, the value and a way out. A secret is
//! never part of a message.

use std::fmt;
use std::sync::Arc;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// The file as a whole: no line is to blame.
    WholeFile(Arc<str>),
    /// A line of the file.
    File {
        /// The file as it was named.
        name: Arc<str>,
        /// The line, from 1.
        line: usize,
    },
    /// An environment variable.
    Environment(&'static str),
    /// A command line flag.
    Flag(&'static str),
}

/// One thing that must change before the configuration can be used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Where the value was found.
    pub origin: Origin,
    /// Which key; empty where the file as a whole is meant.
    pub key: String,
    /// The rule and the value.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// Everything that must change, in the order of the file; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

/// Something that is allowed but may surprise.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Notice {
    /// Where the value was found.
    pub origin: Origin,
    /// What the reader should know.
    pub message: String,
    /// The keys that have no effect, where that is all there is to tell.
    pub idle: Vec<String>,
}

impl Notice {
    /// That keys have no effect (`" yet"` or for good), and why.
    pub(super) fn idle(origin: Origin, keys: Vec<String>, yet: &str, reason: &str) -> Self {
        let names: Vec<_> = keys.iter().map(|key| format!("`{key}`")).collect();
        let have = if keys.len() == 1 { "has" } else { "have" };
        let message = format!("{} {have} no effect{yet}: {reason}", names.join(", "));
        Self { origin, message, idle: keys }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::WholeFile(name) => f.write_str(name),
            Self::File { name, line } => write!(f, "{name}:{line}"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\n  hint: {}", self.origin, self.message, self.hint)
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            let gap = if index == 0 { "" } else { "\n" };
            write!(f, "{gap}{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.origin, self.message)
    }
}
