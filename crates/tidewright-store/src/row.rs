//! A run as it is stored: columns to search by, and JSON for the rest.
//!
//! The rule: what a version wrote stays readable. A change of these types that old rows do not survive gets a new
//! [`FORMAT`], a reader for the old one, and a stored file of it under `tests/data/`. Numbers, words and moments have
//! one form each. Nothing here knows which database holds the rows.

mod estimate;
mod limit;
pub(crate) mod memory;
mod moment;
mod number;
mod proposal;
mod reason;
mod remark;
mod replay;
mod revision;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use tidewright_core::{
    DemandMethod, LimitPlan, Mode, ModeError, Proposal, QuantileError, RunId, RunRecord, TimeError,
    TimeSpan, Timestamp,
};

pub(crate) use proposal::ProposalRow;
pub(crate) use revision::RevisionRow;

/// The version of the rows that this program writes.
pub(crate) const FORMAT: i64 = 2;

/// The columns of a run.
#[derive(Debug)]
pub(crate) struct RunRow {
    pub(crate) id: String,
    pub(crate) started_ms: i64,
    pub(crate) at_ms: i64,
    pub(crate) mode: String,
    pub(crate) inputs_hash: String,
    pub(crate) format: i64,
    pub(crate) plan: String,
}

/// A plan without its proposals, which have rows of their own.
#[derive(Debug, Serialize, Deserialize)]
struct PlanRow {
    at: i64,
    source: String,
    document: Option<String>,
    history: SpanRow,
    method: MethodRow,
    method_note: String,
    warnings: Vec<String>,
    unmatched: usize,
}

/// A span, in milliseconds since the epoch.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct SpanRow {
    start: i64,
    end: i64,
}

/// A row that cannot be a part of a run.
#[derive(Debug, Error)]
pub(crate) enum RowError {
    #[error("the row has format `{0}`, this program knows up to `{FORMAT}`")]
    Newer(i64),
    #[error("a revision comes from `{0}`, which is neither `plan` nor `undo`")]
    Origin(String),
    #[error("a document cannot be unpacked")]
    Packed(#[source] std::io::Error),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Mode(#[from] ModeError),
    #[error(transparent)]
    Time(#[from] TimeError),
    #[error(transparent)]
    Quantile(#[from] QuantileError),
}

/// A type of words that mirrors a core enum without fields; a variant that one of them lacks does not compile.
macro_rules! words {
    ($row:ident, $core:ident, $($variant:ident),+ $(,)?) => {
        #[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum $row { $($variant),+ }

        impl From<$core> for $row {
            fn from(value: $core) -> Self {
                match value { $($core::$variant => Self::$variant),+ }
            }
        }

        impl From<$row> for $core {
            fn from(row: $row) -> Self {
                match row { $($row::$variant => Self::$variant),+ }
            }
        }
    };
}
use words;

/// A type that mirrors a core enum field by field; a variant or a field that one of them lacks does not compile. Its
/// variants are listed by kind: words, words around one value, words with named fields.
macro_rules! mirror {
    (
        $(#[$doc:meta])* $row:ident, $core:ident,
        [$($word:ident),*],
        [$($around:ident($inner:ty)),*],
        [$($variant:ident { $($field:ident: $type:ty),+ }),*]
    ) => {
        $(#[$doc])*
        #[derive(Debug, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum $row {
            $($word,)*
            $($around($inner),)*
            $($variant { $($field: $type),+ },)*
        }

        impl From<$core> for $row {
            fn from(value: $core) -> Self {
                match value {
                    $($core::$word => Self::$word,)*
                    $($core::$around(inner) => Self::$around(inner.into()),)*
                    $($core::$variant { $($field),+ } => Self::$variant { $($field: $field.into()),+ },)*
                }
            }
        }

        impl From<$row> for $core {
            fn from(row: $row) -> Self {
                match row {
                    $($row::$word => Self::$word,)*
                    $($row::$around(inner) => Self::$around(inner.into()),)*
                    $($row::$variant { $($field),+ } => Self::$variant { $($field: $field.into()),+ },)*
                }
            }
        }
    };
}
use mirror;

words!(MethodRow, DemandMethod, Edges, Increase, Query, File, Synthetic);

impl RunRow {
    /// The columns of a run.
    pub(crate) fn of(run: &RunRecord) -> Result<Self, RowError> {
        Ok(Self {
            id: run.id.to_string(),
            started_ms: run.started.as_millis(),
            at_ms: run.at.as_millis(),
            mode: run.mode.name().to_owned(),
            inputs_hash: run.inputs_hash.clone(),
            format: FORMAT,
            plan: serde_json::to_string(&PlanRow::from(&run.plan))?,
        })
    }

    /// The run of these columns and the JSON of its proposals.
    pub(crate) fn into_record(self, proposals: &[String]) -> Result<RunRecord, RowError> {
        check_format(self.format)?;
        let plan: PlanRow = serde_json::from_str(&self.plan)?;
        let proposals =
            proposals.iter().map(|json| ProposalRow::read(json)).collect::<Result<_, _>>()?;
        Ok(RunRecord {
            id: RunId::stored(&self.id),
            started: Timestamp::from_millis(self.started_ms),
            at: Timestamp::from_millis(self.at_ms),
            mode: Mode::parse(&self.mode)?,
            inputs_hash: self.inputs_hash,
            plan: plan.into_plan(proposals),
        })
    }
}

/// Refuses what a newer program wrote.
pub(crate) const fn check_format(format: i64) -> Result<(), RowError> {
    if format > FORMAT { Err(RowError::Newer(format)) } else { Ok(()) }
}

impl From<&LimitPlan> for PlanRow {
    fn from(plan: &LimitPlan) -> Self {
        Self {
            at: plan.at.as_millis(),
            source: plan.source.clone(),
            document: plan.document.clone(),
            history: plan.history.into(),
            method: plan.method.into(),
            method_note: plan.method_note.clone(),
            warnings: plan.warnings.clone(),
            unmatched: plan.unmatched,
        }
    }
}

impl PlanRow {
    fn into_plan(self, proposals: Vec<Proposal>) -> LimitPlan {
        LimitPlan {
            at: Timestamp::from_millis(self.at),
            source: self.source,
            document: self.document,
            history: self.history.into(),
            method: self.method.into(),
            method_note: self.method_note,
            warnings: self.warnings,
            proposals,
            unmatched: self.unmatched,
        }
    }
}

impl From<TimeSpan> for SpanRow {
    fn from(span: TimeSpan) -> Self {
        Self { start: span.start.as_millis(), end: span.end.as_millis() }
    }
}

impl From<SpanRow> for TimeSpan {
    fn from(row: SpanRow) -> Self {
        Self { start: Timestamp::from_millis(row.start), end: Timestamp::from_millis(row.end) }
    }
}
