//! A proposal as it is stored.

use serde::{Deserialize, Serialize};
use tidewright_core::{Beside, Decision, Formula, Mark, MarkKind, Proposal};

use super::estimate::EstimateRow;
use super::limit::{KeyRow, LimitRow, SettingRow};
use super::number::NumberRow;
use super::reason::ReasonRow;
use super::remark::RemarkRow;
use super::replay::ReplayReportRow;
use super::{RowError, SpanRow, words};

words!(DecisionRow, Decision, Create, Raise, Lower, Hold);
words!(FormulaRow, Formula, V1, V2, V3);
words!(MarkKindRow, MarkKind, Spike, Outage, Launch, Decline, SlowRise, Gap);

/// What should become of one limit.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ProposalRow {
    key: KeyRow,
    current: Option<SettingRow>,
    decision: DecisionRow,
    /// Rows of format 1 have none: what was decided was wished.
    wish: Option<DecisionRow>,
    proposed: Option<LimitRow>,
    reason: ReasonRow,
    on_approval: Option<LimitRow>,
    beside: Option<BesideRow>,
    remarks: Vec<RemarkRow>,
    estimate: Option<EstimateRow>,
    marks: Vec<MarkRow>,
    replay: Option<ReplayReportRow>,
}

/// What another formula gives.
#[derive(Debug, Serialize, Deserialize)]
struct BesideRow {
    formula: FormulaRow,
    limit: Option<LimitRow>,
}

/// A marked stretch of history.
#[derive(Debug, Serialize, Deserialize)]
struct MarkRow {
    kind: MarkKindRow,
    span: SpanRow,
    ratio: Option<NumberRow>,
}

impl ProposalRow {
    /// The JSON of a proposal.
    pub(crate) fn write(proposal: &Proposal) -> Result<String, RowError> {
        Ok(serde_json::to_string(&Self::from(proposal))?)
    }

    /// The proposal of this JSON.
    pub(crate) fn read(json: &str) -> Result<Proposal, RowError> {
        serde_json::from_str::<Self>(json)?.into_proposal()
    }

    fn into_proposal(self) -> Result<Proposal, RowError> {
        Ok(Proposal {
            key: self.key.into(),
            current: self.current.map(Into::into),
            decision: self.decision.into(),
            wish: self.wish.unwrap_or(self.decision).into(),
            proposed: self.proposed.map(Into::into),
            reason: self.reason.into(),
            on_approval: self.on_approval.map(Into::into),
            beside: self.beside.map(Into::into),
            remarks: self.remarks.into_iter().map(Into::into).collect(),
            estimate: self.estimate.map(EstimateRow::into_estimate).transpose()?,
            marks: self.marks.into_iter().map(Into::into).collect(),
            replay: self.replay.map(Into::into),
        })
    }
}

impl From<&Proposal> for ProposalRow {
    fn from(proposal: &Proposal) -> Self {
        Self {
            key: (&proposal.key).into(),
            current: proposal.current.map(Into::into),
            decision: proposal.decision.into(),
            wish: Some(proposal.wish.into()),
            proposed: proposal.proposed.map(Into::into),
            reason: proposal.reason.clone().into(),
            on_approval: proposal.on_approval.map(Into::into),
            beside: proposal.beside.map(Into::into),
            remarks: proposal.remarks.iter().cloned().map(Into::into).collect(),
            estimate: proposal.estimate.as_ref().map(Into::into),
            marks: proposal.marks.iter().copied().map(Into::into).collect(),
            replay: proposal.replay.map(Into::into),
        }
    }
}

impl From<Beside> for BesideRow {
    fn from(beside: Beside) -> Self {
        Self { formula: beside.formula.into(), limit: beside.limit.map(Into::into) }
    }
}

impl From<BesideRow> for Beside {
    fn from(row: BesideRow) -> Self {
        Self { formula: row.formula.into(), limit: row.limit.map(Into::into) }
    }
}

impl From<Mark> for MarkRow {
    fn from(mark: Mark) -> Self {
        Self { kind: mark.kind.into(), span: mark.span.into(), ratio: mark.ratio.map(Into::into) }
    }
}

impl From<MarkRow> for Mark {
    fn from(row: MarkRow) -> Self {
        Self { kind: row.kind.into(), span: row.span.into(), ratio: row.ratio.map(Into::into) }
    }
}
