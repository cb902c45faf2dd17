//! Times as stories tell them: `3d4h30m`, in whole minutes.

use serde::Deserialize;
use thiserror::Error;

/// A length of time in whole minutes, read from texts such as `3d4h30m`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Ago(i64);

/// A text that is no length of time.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{0}` is no length of time; write days, hours and minutes such as `3d4h30m`")]
pub struct AgoError(String);

impl Ago {
    /// So many minutes.
    pub const fn minutes(minutes: i64) -> Self {
        Self(minutes)
    }

    /// So many days.
    pub const fn days(days: i64) -> Self {
        Self(days * 1440)
    }

    /// In milliseconds.
    pub const fn millis(self) -> i64 {
        self.0 * 60_000
    }
}

impl TryFrom<String> for Ago {
    type Error = AgoError;

    fn try_from(text: String) -> Result<Self, AgoError> {
        let mut minutes = 0;
        for part in text.split_inclusive(['d', 'h', 'm']) {
            let refused = || AgoError(text.clone());
            let unit = match part.chars().last() {
                Some('d') => 1440,
                Some('h') => 60,
                Some('m') => 1,
                _ => return Err(refused()),
            };
            let number: u32 = part[..part.len() - 1].parse().map_err(|_| refused())?;
            minutes += i64::from(number) * unit;
        }
        if text.is_empty() { Err(AgoError(text)) } else { Ok(Self(minutes)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_hours_and_minutes_add_up() {
        let read = |text: &str| Ago::try_from(text.to_owned());
        assert_eq!(read("3d4h30m"), Ok(Ago(3 * 1440 + 4 * 60 + 30)));
        assert_eq!(read("45m"), Ok(Ago(45)));
        for text in ["", "3", "3x", "-1d", "d"] {
            assert_eq!(read(text), Err(AgoError(text.to_owned())));
        }
    }
}
