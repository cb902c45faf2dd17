//! How the process ends: exit codes, and the chain of an error printed once.
//!
//! 0 done or held, 1 our fault, 2 the user's, 4 the world's, 130 interrupted. (3, for drift, arrives with
//! `limits check`.)

use std::error::Error;
use std::process::ExitCode;

use tidewright_core::{PortError, PortErrorKind};
use tidewright_engine::EngineError;
use tidewright_limiter::DocumentError;
use tidewright_source::csv_file::CsvError;

use crate::config::Faults;

/// Who has to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blame {
    /// A defect of this program.
    Ours,
    /// What the user asked for cannot be done.
    Users,
    /// A dependency could not be reached or answered nonsense.
    Worlds,
    /// Somebody pressed Ctrl-C.
    Interrupted,
}

/// A mistake in what the user asked for.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Mistake {
    message: String,
    hint: String,
}

/// Something that is configured cannot be used; the examination has said what.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` of the checks failed")]
pub(crate) struct Sick(pub usize);

impl Mistake {
    /// What is wrong, and what to do about it.
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }
}

impl Blame {
    /// The exit code.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Ours => 1,
            Self::Users => 2,
            Self::Worlds => 4,
            Self::Interrupted => 130,
        }
    }

    /// Who has to act on this error: the first of its causes that knows.
    pub(crate) fn of(error: &anyhow::Error) -> Self {
        error.chain().find_map(blame).unwrap_or(Self::Ours)
    }
}

fn blame(cause: &(dyn Error + 'static)) -> Option<Blame> {
    if cause.is::<Mistake>() || cause.is::<Faults>() || cause.is::<DocumentError>() {
        return Some(Blame::Users);
    }
    if cause.is::<Sick>() {
        return Some(Blame::Worlds);
    }
    if cause.is::<CsvError>() {
        return Some(Blame::Users);
    }
    match cause.downcast_ref::<EngineError>() {
        Some(EngineError::Cancelled) => return Some(Blame::Interrupted),
        // The document was read without a fault, so a new one that fails is our doing.
        Some(EngineError::NewDocument(_)) => return Some(Blame::Ours),
        Some(EngineError::Fit { .. } | EngineError::Forecast { .. }) => return Some(Blame::Users),
        _ => {}
    }
    Some(match cause.downcast_ref::<PortError>()?.kind() {
        PortErrorKind::Refused => Blame::Users,
        PortErrorKind::Transient | PortErrorKind::Conflict | PortErrorKind::Corrupt => {
            Blame::Worlds
        }
    })
}

/// Prints the chain of an error and its hints to stderr, and returns the exit code.
#[expect(clippy::print_stderr, reason = "this is where errors reach the user")]
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    let blame = Blame::of(error);
    if let Some(faults) = error.downcast_ref::<Faults>() {
        eprintln!("{faults}");
    } else {
        eprintln!("error: {}", error_text(error));
        error.chain().filter_map(hint).for_each(|hint| eprintln!("hint: {hint}"));
    }
    ExitCode::from(blame.code())
}

/// The chain of an error on one line.
pub(crate) fn error_text(error: &anyhow::Error) -> String {
    let mut told: Vec<String> = error.chain().map(ToString::to_string).collect();
    // Ours never contain their cause, but those of libraries often do.
    told.dedup_by(|cause, error| error.ends_with(cause.as_str()));
    told.join(": ")
}

fn hint(cause: &(dyn Error + 'static)) -> Option<String> {
    let mistake = cause.downcast_ref::<Mistake>().map(|mistake| mistake.hint.clone());
    let port = || cause.downcast_ref::<PortError>()?.advice().map(str::to_owned);
    let document = || cause.downcast_ref::<DocumentError>().map(|error| error.hint().to_owned());
    let csv = || cause.downcast_ref::<CsvError>().map(|error| error.hint().to_owned());
    let engine = || cause.downcast_ref::<EngineError>().and_then(engine_hint);
    mistake.or_else(port).or_else(document).or_else(csv).or_else(engine)
}

fn engine_hint(error: &EngineError) -> Option<String> {
    let hint = match error {
        EngineError::Fit { .. } => "give the series more rows with a value, or leave it out",
        EngineError::Forecast { .. } => "ask for a shorter horizon",
        _ => return None,
    };
    Some(hint.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(error: impl Into<anyhow::Error>, code: u8) {
        assert_eq!(Blame::of(&error.into()).code(), code);
    }

    #[test]
    fn each_kind_of_error_has_its_exit_code() {
        check(Mistake::new("no", "yes"), 2);
        check(EngineError::Cancelled, 130);
        check(PortError::new(PortErrorKind::Transient, "down"), 4);
        check(PortError::new(PortErrorKind::Corrupt, "html"), 4);
        check(PortError::new(PortErrorKind::Refused, "no right"), 2);
        check(anyhow::anyhow!("a surprise"), 1);
        let source = PortError::new(PortErrorKind::Transient, "down");
        check(EngineError::Source { place: "prometheus".to_owned(), source }, 4);
    }

    #[test]
    fn a_cause_that_its_error_already_tells_is_told_once() {
        let error = anyhow::anyhow!("no database").context("code 26: no database").context("a");
        assert_eq!(error_text(&error), "a: code 26: no database");
    }
}
