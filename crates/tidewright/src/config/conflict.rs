//! Values that are right by themselves and wrong together.

use super::record::Spot;

/// Keys that do not go together; the first that somebody set is blamed.
#[derive(Debug)]
pub(super) struct Conflict {
    pub(super) keys: &'static [&'static str],
    /// The entry that is meant, where the first key holds entries.
    pub(super) spot: Option<Spot>,
    pub(super) message: String,
    pub(super) hint: String,
}

impl Conflict {
    /// Keys that do not go together.
    pub(super) fn new(
        keys: &'static [&'static str],
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self { keys, spot: None, message: message.into(), hint: hint.into() }
    }

    /// An entry of the first key that does not go together with itself or with the other keys; the message follows its
    /// name.
    pub(super) fn of_entry(
        keys: &'static [&'static str],
        spot: Spot,
        message: &str,
        hint: impl Into<String>,
    ) -> Self {
        let message = format!("`{}{}` {message}", keys[0], spot.label);
        Self { keys, spot: Some(spot), message, hint: hint.into() }
    }
}
