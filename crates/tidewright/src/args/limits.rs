//! What can be typed about limits: plan them, let a plan happen, take it back, and ask what was decided and done.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use tidewright_core::{LimitName, RevisionId, Timestamp};

use super::examples::{
    APPLY_EXAMPLES, APPROVE_EXAMPLES, DIFF_EXAMPLES, DRIFT_EXAMPLES, EXPLAIN_EXAMPLES,
    HISTORY_EXAMPLES, PAUSE_EXAMPLES, PLAN_EXAMPLES, REPLAY_EXAMPLES, RESUME_EXAMPLES,
    REVIEW_EXAMPLES, ROLLBACK_EXAMPLES,
};
use super::{ConfigArguments, Output, PlanArguments};
use crate::config::parse_span;

/// Longer than this, a person means for ever and should say so in the configuration.
const DURATION_MAX: Duration = Duration::from_hours(10 * 366 * 24);

/// What can be asked about limits.
#[derive(Debug, Subcommand)]
pub(crate) enum LimitsCommand {
    /// Decide and record, but write no document and no report
    #[command(after_help = PLAN_EXAMPLES)]
    Plan(SaveArguments),
    /// Show a saved plan
    #[command(after_help = REVIEW_EXAMPLES)]
    Show(ReviewArguments),
    /// Show the arithmetic and the reason of one limit of the last recorded run, line by line
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(ExplainArguments),
    /// Show what the current and the proposed limits of the last recorded run would have rejected
    #[command(after_help = REPLAY_EXAMPLES)]
    Replay(ReplayArguments),
    /// Look for limits that are unsafe, were edited by hand or have drifted; exit code 3 if there is one
    #[command(after_help = DRIFT_EXAMPLES)]
    Check(DriftArguments),
    /// Show the diff that `apply` would make, and change nothing
    #[command(after_help = DIFF_EXAMPLES)]
    Diff(DiffArguments),
    /// Apply a saved plan exactly as it was reviewed; exit code 3 if the document has moved on since
    #[command(after_help = APPLY_EXAMPLES)]
    Apply(ApplyArguments),
    /// Let the next runs raise one limit of the last recorded run as far as a number
    #[command(after_help = APPROVE_EXAMPLES)]
    Approve(ApproveArguments),
    /// Stop all changes
    #[command(after_help = PAUSE_EXAMPLES)]
    Pause(PauseArguments),
    /// Let changes go on
    #[command(after_help = RESUME_EXAMPLES)]
    Resume(ResumeArguments),
    /// List what was applied and taken back
    #[command(after_help = HISTORY_EXAMPLES)]
    History(HistoryArguments),
    /// Put the numbers of before an applied plan back
    #[command(after_help = ROLLBACK_EXAMPLES)]
    Rollback(RollbackArguments),
}

/// Where a document is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TargetPlace {
    /// A file.
    File(PathBuf),
}

/// Flags of `limits plan`.
#[derive(Args, Debug)]
pub(crate) struct SaveArguments {
    #[command(flatten)]
    pub plan: PlanArguments,
    /// Put the plan aside in this file, to be reviewed and applied
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
}

/// Flags of `limits show`.
#[derive(Args, Debug)]
pub(crate) struct ReviewArguments {
    /// The saved plan
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// How to print the result
    #[arg(long, value_enum, default_value = "table")]
    pub output: Output,
}

/// Flags of `limits explain`.
#[derive(Args, Debug)]
pub(crate) struct ExplainArguments {
    /// The limit: `[domain/]VALUE[:VALUE...]`, with `:` inside a value written `\:`
    #[arg(value_name = "LIMIT", value_parser = LimitName::parse)]
    pub limit: LimitName,
    #[command(flatten)]
    pub config: ConfigArguments,
    /// How to print the result
    #[arg(long, value_enum, default_value = "table")]
    pub output: Output,
}

/// Flags of `limits replay`.
#[derive(Args, Debug)]
pub(crate) struct ReplayArguments {
    /// Only this limit: `[domain/]VALUE[:VALUE...]`
    #[arg(value_name = "LIMIT", value_parser = LimitName::parse)]
    pub limit: Option<LimitName>,
    #[command(flatten)]
    pub config: ConfigArguments,
    /// How to print the result
    #[arg(long, value_enum, default_value = "table")]
    pub output: Output,
}

/// Flags of `limits check`.
#[derive(Args, Debug)]
pub(crate) struct DriftArguments {
    /// Compare the present document with this saved plan instead of deciding anew
    #[arg(long = "plan", value_name = "FILE", conflicts_with_all = ["prometheus_url", "formula"])]
    pub plan_file: Option<PathBuf>,
    #[command(flatten)]
    pub plan: PlanArguments,
}

/// A saved plan, and what of it is wanted where.
#[derive(Args, Debug)]
pub(crate) struct WantedArguments {
    /// The saved plan
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Only this limit, and also if it waits for approval; may be repeated
    #[arg(long, value_name = "LIMIT", value_parser = LimitName::parse)]
    pub only: Vec<LimitName>,
    /// Write to `file:PATH`; by default to the document that the plan was made for
    #[arg(long, value_name = "PLACE", value_parser = TargetPlace::parse)]
    pub target: Option<TargetPlace>,
    /// The file that holds the present limits; by default the document that the plan was made for
    #[arg(long, value_name = "FILE")]
    pub current: Option<PathBuf>,
}

/// Flags of `limits diff`.
#[derive(Args, Debug)]
pub(crate) struct DiffArguments {
    #[command(flatten)]
    pub wanted: WantedArguments,
    #[command(flatten)]
    pub config: ConfigArguments,
}

/// Flags of `limits apply`.
#[derive(Args, Debug)]
pub(crate) struct ApplyArguments {
    #[command(flatten)]
    pub wanted: WantedArguments,
    /// A plan that was saved longer ago is stale
    #[arg(long, value_name = "DURATION", default_value = "24h", value_parser = duration)]
    pub max_age: Duration,
    #[command(flatten)]
    pub said: SaidArguments,
}

/// Who says something, and when.
#[derive(Args, Debug)]
pub(crate) struct SaidArguments {
    /// Who says so; the user of this shell by default
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// As of this moment; now, or the fixed moment of synthetic data, by default
    #[arg(long, value_name = "TIME", value_parser = Timestamp::parse)]
    pub at: Option<Timestamp>,
    #[command(flatten)]
    pub config: ConfigArguments,
    /// How to print the result
    #[arg(long, value_enum, default_value = "table")]
    pub output: Output,
}

/// Flags of `limits approve`.
#[derive(Args, Debug)]
pub(crate) struct ApproveArguments {
    /// The limit: `[domain/]VALUE[:VALUE...]`
    #[arg(value_name = "LIMIT", value_parser = LimitName::parse)]
    pub limit: LimitName,
    /// As far as this number; by default the one that waits for approval
    #[arg(long, value_name = "REQUESTS")]
    pub to: Option<u32>,
    /// How long the word holds
    #[arg(long = "for", value_name = "DURATION", default_value = "24h", value_parser = duration)]
    pub holds: Duration,
    #[command(flatten)]
    pub said: SaidArguments,
}

/// Flags of `limits pause`.
#[derive(Args, Debug)]
pub(crate) struct PauseArguments {
    /// Why, for those who meet the pause
    #[arg(long, value_name = "TEXT")]
    pub why: String,
    /// How long; by default until `limits resume`
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    pub holds: Option<Duration>,
    #[command(flatten)]
    pub said: SaidArguments,
}

/// Flags of `limits resume`.
#[derive(Args, Debug)]
pub(crate) struct ResumeArguments {
    #[command(flatten)]
    pub config: ConfigArguments,
    /// How to print the result
    #[arg(long, value_enum, default_value = "table")]
    pub output: Output,
}

/// Flags of `limits history`.
#[derive(Args, Debug)]
pub(crate) struct HistoryArguments {
    /// Only revisions that changed this limit: `[domain/]VALUE[:VALUE...]`
    #[arg(value_name = "LIMIT", value_parser = LimitName::parse)]
    pub limit: Option<LimitName>,
    /// Print the document as it was before this revision
    #[arg(long, value_name = "REVISION", value_parser = revision, conflicts_with = "limit")]
    pub document: Option<RevisionId>,
    #[command(flatten)]
    pub config: ConfigArguments,
    /// How to print the result
    #[arg(long, value_enum, default_value = "table", conflicts_with = "document")]
    pub output: Output,
}

/// Flags of `limits rollback`.
#[derive(Args, Debug)]
pub(crate) struct RollbackArguments {
    /// The revision; by default the last one of a plan that was not yet taken back
    #[arg(value_name = "REVISION", value_parser = revision)]
    pub revision: Option<RevisionId>,
    #[command(flatten)]
    pub said: SaidArguments,
}

impl TargetPlace {
    /// Reads `file:PATH`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("file", "" | "-")) | None => Err("write `file:PATH`".to_owned()),
            Some(("file", path)) => Ok(Self::File(PathBuf::from(path))),
            Some(("cluster", _)) => Err("this version writes to `file:PATH` only".to_owned()),
            Some(_) => Err("write `file:PATH`; there are no other targets".to_owned()),
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "clap asks for a reader that may fail")]
fn revision(text: &str) -> Result<RevisionId, String> {
    Ok(RevisionId::stored(text))
}

fn duration(text: &str) -> Result<Duration, String> {
    let span = parse_span(text).filter(|span| !span.is_zero() && *span <= DURATION_MAX);
    span.ok_or_else(|| {
        "write a duration like `30m`, `24h` or `7d`, of ten years at the most".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_file() {
        assert_eq!(TargetPlace::parse("file:a:b"), Ok(TargetPlace::File(PathBuf::from("a:b"))));
        for text in ["", "limits.yaml", "file:", "file:-", "cluster:istio-system", "s3:bucket"] {
            assert!(TargetPlace::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_duration_is_longer_than_nothing() {
        assert_eq!(duration("1h30m"), Ok(Duration::from_mins(90)));
        for text in ["", "0s", "soon", "-1h", "24", "99999d"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
