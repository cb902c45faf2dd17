//! How the process ends: exit codes, and the chain of an error printed once.
//!
//! 0 done or held, 1 our fault, 2 the user's, 3 somebody should look (findings, a stale plan, a pause), 4 the world's,
//! 130 interrupted.

use std::error::Error;
use std::process::ExitCode;

use tidewright_core::{ForecastError, PortError, PortErrorKind};
use tidewright_engine::{ApplyError, EngineError, SavedError, WatchError};
use tidewright_limiter::DocumentError;
use tidewright_models::FitError;
use tidewright_models::regular::RegularError;
use tidewright_source::csv_file::CsvError;

use crate::config::{Faults, span_text};

/// Who has to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blame {
    /// A defect of this program.
    Ours,
    /// What the user asked for cannot be done.
    Users,
    /// Nobody is at fault, and somebody should look: limits have moved, or are not as they should be.
    Reviewers,
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

/// A look at limits found something.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` findings")]
pub(crate) struct Found(pub usize);

/// Somebody stopped a stream; what was answered stays.
#[derive(Debug, thiserror::Error)]
#[error("stopped before the end of the stream")]
pub(crate) struct Stopped;

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
            Self::Reviewers => 3,
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
    if cause.is::<Found>() {
        return Some(Blame::Reviewers);
    }
    if let Some(error) = cause.downcast_ref::<ApplyError>() {
        return blame_of_change(error);
    }
    if cause.is::<Stopped>() {
        return Some(Blame::Interrupted);
    }
    if cause.is::<Sick>() {
        return Some(Blame::Worlds);
    }
    if cause.is::<CsvError>() || cause.is::<SavedError>() || cause.is::<WatchError>() {
        return Some(Blame::Users);
    }
    match cause.downcast_ref::<EngineError>() {
        Some(EngineError::Cancelled) => return Some(Blame::Interrupted),
        // The document was read without a fault, so a new one that fails is our doing.
        Some(EngineError::NewDocument(_)) => return Some(Blame::Ours),
        Some(
            EngineError::Fit { .. }
            | EngineError::Horizon { .. }
            | EngineError::Forecast { .. }
            | EngineError::TooFar { .. }
            | EngineError::Steps { .. }
            | EngineError::FutureSeries { .. }
            | EngineError::FutureRow { .. },
        ) => return Some(Blame::Users),
        _ => {}
    }
    Some(match cause.downcast_ref::<PortError>()?.kind() {
        PortErrorKind::Refused => Blame::Users,
        PortErrorKind::Transient | PortErrorKind::Conflict | PortErrorKind::Corrupt => {
            Blame::Worlds
        }
    })
}

/// Who has to act where a document was not changed; `None` leaves it to the cause.
fn blame_of_change(error: &ApplyError) -> Option<Blame> {
    match error {
        ApplyError::Stale { .. }
        | ApplyError::Vanished { .. }
        | ApplyError::Old { .. }
        | ApplyError::Frozen { .. }
        | ApplyError::Paused { .. } => Some(Blame::Reviewers),
        ApplyError::Write { source, .. } | ApplyError::Record(source)
            if source.kind() == PortErrorKind::Conflict =>
        {
            Some(Blame::Reviewers)
        }
        ApplyError::Held { .. }
        | ApplyError::Unknown { .. }
        | ApplyError::Created { .. }
        | ApplyError::Home(_) => Some(Blame::Users),
        // The document was read without a fault, so a new one that fails is our doing, unless its number is fixed.
        ApplyError::NewDocument(
            DocumentError::Fixed { .. } | DocumentError::Unplaceable { .. },
        ) => Some(Blame::Users),
        ApplyError::NewDocument(_) => Some(Blame::Ours),
        ApplyError::Read { .. }
        | ApplyError::Document { .. }
        | ApplyError::Memory(_)
        | ApplyError::Record(_)
        | ApplyError::Write { .. }
        | ApplyError::Mark(_) => None,
    }
}

/// Prints the chain of an error and its hints to stderr, and returns the exit code.
#[expect(clippy::print_stderr, reason = "this is where errors reach the user")]
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    let blame = Blame::of(error);
    if let Some(faults) = error.downcast_ref::<Faults>() {
        eprintln!("{faults}");
    } else {
        eprintln!("error: {}", error_text(error));
        hints(error.as_ref()).iter().for_each(|hint| eprintln!("hint: {hint}"));
    }
    ExitCode::from(blame.code())
}

/// The chain of an error on one line.
pub(crate) fn error_text(error: &anyhow::Error) -> String {
    chain_text(error.as_ref())
}

/// What can be done about an error, as each of its causes advises.
pub(crate) fn hints(error: &(dyn Error + 'static)) -> Vec<String> {
    anyhow::Chain::new(error).filter_map(hint).collect()
}

/// An error and its causes on one line.
pub(crate) fn chain_text(error: &(dyn Error + 'static)) -> String {
    let mut told: Vec<String> = anyhow::Chain::new(error).map(ToString::to_string).collect();
    // Ours never contain their cause, but those of libraries often do.
    told.dedup_by(|cause, error| error.ends_with(cause.as_str()));
    told.join(": ")
}

fn hint(cause: &(dyn Error + 'static)) -> Option<String> {
    let mistake = cause.downcast_ref::<Mistake>().map(|mistake| mistake.hint.clone());
    let port = || cause.downcast_ref::<PortError>()?.advice().map(str::to_owned);
    let document = || cause.downcast_ref::<DocumentError>().map(|error| error.hint().to_owned());
    let csv = || cause.downcast_ref::<CsvError>().map(|error| error.hint().to_owned());
    let saved = || cause.downcast_ref::<SavedError>().map(saved_hint);
    let watch = || cause.downcast_ref::<WatchError>().map(watch_hint);
    let engine = || cause.downcast_ref::<EngineError>().and_then(engine_hint);
    let change = || cause.downcast_ref::<ApplyError>().and_then(change_hint);
    mistake
        .or_else(port)
        .or_else(document)
        .or_else(csv)
        .or_else(saved)
        .or_else(watch)
        .or_else(engine)
        .or_else(change)
}

fn saved_hint(error: &SavedError) -> String {
    let hint = match error {
        SavedError::NotModels => "name a file that `--save-model` wrote",
        SavedError::Version { .. } => "use the version that saved them, or a later one",
        SavedError::Damaged | SavedError::Model { .. } => "save them again from their history",
    };
    hint.to_owned()
}

fn watch_hint(error: &WatchError) -> String {
    let hint = match error {
        WatchError::Full { .. } => {
            "split the series among several runs, each with a state of its own"
        }
        WatchError::NotStates => "name a file that `--state` wrote, or one that does not exist yet",
        WatchError::Version { .. } => "use the version that saved it, or a later one",
        WatchError::Damaged | WatchError::State { .. } => {
            "remove the file to begin anew, and read the history again"
        }
    };
    hint.to_owned()
}

fn engine_hint(error: &EngineError) -> Option<String> {
    let hint = match error {
        EngineError::Fit { source: FitError::Irregular { step }, .. } => {
            return Some(format!("give it equal steps, such as `--every {}`", span_text(*step)));
        }
        EngineError::Fit { source, .. } => fit_hint(source),
        EngineError::Steps { source: RegularError::Finer { points, .. }, .. } => {
            return Some(format!("take steps of `{}` or longer", span_text(*points)));
        }
        EngineError::Steps { source: RegularError::Scattered { .. }, .. } => {
            "take longer steps, or leave out the points that lie far from all others"
        }
        EngineError::Steps { .. } => "give the series a longer history, or take shorter steps",
        EngineError::Horizon { horizon_max: 0, .. } => {
            "ask for fewer origins with `--folds`, or nearer ones with `--step`"
        }
        EngineError::Horizon { horizon_max, folds, .. } => {
            return Some(format!("the longest horizon with `--folds {folds}` is `{horizon_max}`"));
        }
        EngineError::FutureSeries { .. } => {
            "give each series rows of its own, or leave the column `unique_id` out where they are the same for all"
        }
        EngineError::FutureRow { .. } => {
            "write one row for each step that is forecast, or leave `--horizon` out to forecast the rows that are there"
        }
        EngineError::Forecast {
            source: ForecastError::OffGrid(_) | ForecastError::Behind(_),
            ..
        } => {
            "write moments that lie on its steps after its end, or leave `--future` out and ask for a `--horizon`"
        }
        EngineError::Forecast { .. } | EngineError::TooFar { .. } => "ask for a shorter horizon",
        _ => return None,
    };
    Some(hint.to_owned())
}

fn fit_hint(error: &FitError) -> &'static str {
    match error {
        FitError::Changepoint(_) => "name moments between the first and the last row with a value",
        FitError::MissingColumn { .. } => "add the column to the file, with a value in each row",
        FitError::Covariate { .. } => "write a number that keeps the rule into that row",
        FitError::Setting { .. } | FitError::Name { .. } => {
            "`tidewright forecast --help` tells what each flag takes"
        }
        FitError::NotFinite => "leave out values that are too large to be squared",
        _ => "give the series more rows with a value, or leave it out",
    }
}

fn change_hint(error: &ApplyError) -> Option<String> {
    let hint = match error {
        ApplyError::Stale { .. } => "nothing was written; plan again and review what is new",
        ApplyError::Vanished { .. } => {
            "name the file that holds the present limits with `--current FILE`"
        }
        ApplyError::Old { .. } => "plan again, or let it be older with `--max-age`",
        ApplyError::Paused { .. } => "`tidewright limits resume` lets changes go on",
        ApplyError::Held { .. } => {
            "leave it out, or set its number by hand; `limits show` tells what waits for approval"
        }
        ApplyError::Unknown { .. } => "`tidewright limits show` lists the limits of the plan",
        ApplyError::Frozen { .. } => "leave it out with `--only`, or apply when the freeze is over",
        ApplyError::Created { .. } => "remove the limit from the document by hand",
        ApplyError::Home(_) => "save the plan again with the configuration of today",
        ApplyError::Mark(_) => {
            "mend the store; the next command that reads it finds the new numbers in place"
        }
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
        check(Found(2), 3);
        check(Stopped, 130);
        let paused = ApplyError::Paused { by: "ann".to_owned(), why: "7".to_owned() };
        check(paused, 3);
        for (kind, code) in [(PortErrorKind::Conflict, 3), (PortErrorKind::Refused, 2)] {
            let source = PortError::new(kind, "no");
            check(ApplyError::Write { place: "limits.yaml".to_owned(), source }, code);
        }
        check(EngineError::Source { place: "prometheus".to_owned(), source }, 4);
    }

    #[test]
    fn a_cause_that_its_error_already_tells_is_told_once() {
        let error = anyhow::anyhow!("no database").context("code 26: no database").context("a");
        assert_eq!(error_text(&error), "a: code 26: no database");
    }
}
