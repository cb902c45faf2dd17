//! One run: which, when, in what mode, and what it decided.

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

use crate::decision::LimitPlan;
use crate::time::Timestamp;

/// How far a run may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Synthetic or file data, files out.
    Local,
    /// Real metrics in, preview and report out.
    Testing,
    /// Real metrics in, guarded writes out.
    Production,
}

/// The name of a run: sorts by the moment as of which it ran.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(Arc<str>);

/// What a run leaves behind before anything is written elsewhere.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRecord {
    /// Which run.
    pub id: RunId,
    /// When it started, by the clock on the wall.
    pub started: Timestamp,
    /// The moment as of which it decided.
    pub at: Timestamp,
    /// How far it could reach.
    pub mode: Mode,
    /// SHA-256, in hex, over everything that the decision depends on: demand, document, policy.
    pub inputs_hash: String,
    /// What it decided.
    pub plan: LimitPlan,
}

/// A text that names no mode.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{0}` is no mode; use local, testing or production")]
pub struct ModeError(String);

impl Mode {
    /// Reads a mode in any case.
    ///
    /// # Errors
    /// [`ModeError`] if it is none.
    pub fn parse(text: &str) -> Result<Self, ModeError> {
        let all = [Self::Local, Self::Testing, Self::Production];
        let found = all.into_iter().find(|mode| mode.name().eq_ignore_ascii_case(text));
        found.ok_or_else(|| ModeError(text.to_owned()))
    }

    /// The word in a configuration file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Testing => "testing",
            Self::Production => "production",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl RunId {
    /// The name of a run as of `at` on inputs with this hash: equal inputs make equal names.
    pub fn new(at: Timestamp, inputs_hash: &str) -> Self {
        let moment = crate::time::Zone::utc().strftime(at, "%Y%m%dT%H%M%SZ");
        Self(format!("{moment}-{}", inputs_hash.get(..8).unwrap_or(inputs_hash)).into())
    }

    /// A name that was stored.
    pub fn stored(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_inputs_make_equal_names() {
        let at = Timestamp::parse("2026-11-20T08:00:00Z").unwrap();
        assert_eq!(RunId::new(at, "0123456789abcdef").to_string(), "20261120T080000Z-01234567");
    }

    #[test]
    fn modes_read_in_any_case() {
        assert_eq!(Mode::parse("Testing"), Ok(Mode::Testing));
        assert!(Mode::parse("prd1").is_err());
    }
}
