//! One proposal for machines.

use serde::Serialize;
use tidewright_core::{Beside, Descriptor, Limit, Mark, MarkKind, Proposal, Setting};

use super::{EstimateV1, NoteV1, ReplayReportV1, SpanV1};
use crate::next::next;

/// What should become of one limit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProposalV1 {
    /// The name by which commands know the limit.
    pub name: String,
    /// The limiter's domain.
    pub domain: String,
    /// The descriptors that lead to it.
    pub path: Vec<DescriptorV1>,
    /// What the document says now.
    pub current: Option<SettingV1>,
    /// `create`, `raise`, `lower` or `hold`.
    pub decision: &'static str,
    /// What demand asks for, whatever guards made of it: `create`, `raise`, `lower` or `hold`.
    pub wish: &'static str,
    /// The limit afterwards.
    pub proposed: Option<LimitV1>,
    /// The change relative to the current number.
    pub change_ratio: Option<f64>,
    /// Why.
    pub reason: NoteV1,
    /// What would have to happen for it to change; null where nothing is held.
    pub next: Option<String>,
    /// The number that a person may release, where it waits for one.
    pub on_approval: Option<LimitV1>,
    /// What another formula gives, where one was asked for.
    pub beside: Option<BesideV1>,
    /// What else the reader should know.
    pub remarks: Vec<NoteV1>,
    /// What the formula gave.
    pub estimate: Option<EstimateV1>,
    /// What stood out in the history.
    pub marks: Vec<MarkV1>,
    /// What the limits would have rejected.
    pub replay: Option<ReplayReportV1>,
}

/// What another formula gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BesideV1 {
    /// `v1`, `v2` or `v3`.
    pub formula: &'static str,
    /// Its number; null where it has none.
    pub limit: Option<LimitV1>,
}

/// One step of a descriptor path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DescriptorV1 {
    /// The descriptor's key.
    pub key: String,
    /// Its value; null where each value is counted by itself.
    pub value: Option<String>,
}

/// So many requests per unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LimitV1 {
    /// The number.
    pub requests_per_unit: u32,
    /// `second`, `minute`, `hour`, `day`, `week`, `month` or `year`.
    pub unit: &'static str,
}

/// A limit, or none on purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum SettingV1 {
    /// A number per unit.
    Limited(LimitV1),
    /// `unlimited: true`.
    Unlimited {
        /// Always true.
        unlimited: bool,
    },
}

/// A marked stretch of history.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MarkV1 {
    /// `spike`, `outage`, `launch`, `decline`, `slow_rise` or `gap`.
    pub kind: &'static str,
    /// When.
    pub span: SpanV1,
    /// How many times the expected demand.
    pub ratio: Option<f64>,
}

impl From<&Proposal> for ProposalV1 {
    fn from(proposal: &Proposal) -> Self {
        Self {
            name: proposal.key.name(),
            domain: proposal.key.domain.to_string(),
            path: proposal.key.path.iter().map(DescriptorV1::from).collect(),
            current: proposal.current.map(SettingV1::from),
            decision: proposal.decision.name(),
            wish: proposal.wish.name(),
            proposed: proposal.proposed.map(LimitV1::from),
            change_ratio: proposal.change_ratio(),
            reason: NoteV1::from(&proposal.reason),
            next: next(proposal),
            on_approval: proposal.on_approval.map(LimitV1::from),
            beside: proposal.beside.map(BesideV1::from),
            remarks: proposal.remarks.iter().map(NoteV1::from).collect(),
            estimate: proposal.estimate.as_ref().map(EstimateV1::from),
            marks: proposal.marks.iter().map(MarkV1::from).collect(),
            replay: proposal.replay.as_ref().map(ReplayReportV1::from),
        }
    }
}

impl From<Beside> for BesideV1 {
    fn from(beside: Beside) -> Self {
        Self { formula: beside.formula.name(), limit: beside.limit.map(LimitV1::from) }
    }
}

impl From<&Descriptor> for DescriptorV1 {
    fn from(descriptor: &Descriptor) -> Self {
        let value = descriptor.value.as_deref().map(str::to_owned);
        Self { key: descriptor.key.to_string(), value }
    }
}

impl From<Limit> for LimitV1 {
    fn from(limit: Limit) -> Self {
        Self { requests_per_unit: limit.requests_per_unit, unit: limit.unit.name() }
    }
}

impl From<Setting> for SettingV1 {
    fn from(setting: Setting) -> Self {
        match setting {
            Setting::Limited(limit) => Self::Limited(limit.into()),
            Setting::Unlimited => Self::Unlimited { unlimited: true },
        }
    }
}

impl From<&Mark> for MarkV1 {
    fn from(mark: &Mark) -> Self {
        let kind = match mark.kind {
            MarkKind::Spike => "spike",
            MarkKind::Outage => "outage",
            MarkKind::Launch => "launch",
            MarkKind::Decline => "decline",
            MarkKind::SlowRise => "slow_rise",
            MarkKind::Gap => "gap",
        };
        Self { kind, span: mark.span.into(), ratio: mark.ratio }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::to_json;

    #[test]
    fn unlimited_is_no_number() {
        let text = to_json(&SettingV1::from(Setting::Unlimited));
        assert_eq!(text, "{\n  \"unlimited\": true\n}\n");
    }

    #[test]
    fn a_limit_tells_its_unit() {
        let text = to_json(&SettingV1::from(Setting::Limited(Limit::per_minute(500))));
        assert_eq!(text, "{\n  \"requests_per_unit\": 500,\n  \"unit\": \"minute\"\n}\n");
    }
}
