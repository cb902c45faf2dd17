//! Results for machines: the `...V1` types behind `--output json` and `--output yaml`.
//!
//! Names and meanings are stable: a field may be added, none is renamed, retyped or removed. Units are part of a name
//! or stand beside the number; moments are RFC 3339 in UTC; ratios are not percentages. The time on the wall is left
//! out, so that equal inputs give equal bytes. Core types are converted by hand and never serialised themselves.

mod backtest;
mod change;
mod detection;
mod discovery;
mod estimate;
mod explanation;
mod finding;
mod forecast;
mod plan_file;
mod proposal;
mod reason;
mod replay;
mod word;

use std::collections::BTreeMap;

use serde::Serialize;
use tidewright_core::{DemandMethod, Discovery, LimitPlan, RunRecord, TimeSpan};

pub use backtest::{
    BacktestV1, ByHorizonV1, ModelBacktestV1, NotForecastV1, PinballV1, ScoresV1, SeriesScoresV1,
    SpreadV1,
};
pub use change::{ChangeV1, NumberChangeV1, OriginV1, RevisionV1};
pub use detection::{VerdictV1, ViewV1};
pub use discovery::{DiscoveryV1, HitDailyV1, NeverNearV1, StrangerV1};
pub use estimate::{
    ArithmeticV1, CacheV1, EstimateV1, IntervalV1, PeakForecastV1, PeakV1, PrimeTimeV1,
    StatisticsV1,
};
pub use explanation::{ExplanationV1, MemberV1};
pub use finding::{CheckV1, FindingV1};
pub use forecast::ForecastV1;
pub use plan_file::{PlanFile, PlanFileError};
pub use proposal::{BesideV1, DescriptorV1, LimitV1, MarkV1, ProposalV1, SettingV1};
pub use reason::{DetailV1, NoteV1};
pub use replay::{HeldBackV1, HistoryReplayV1, ReplayReportV1, ReplayV1, WorstV1};
pub use word::{ApprovalV1, PauseV1};

use crate::report::Tally;

/// One run and what it decided.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunV1 {
    /// Always `v1`.
    pub version: &'static str,
    /// The run's name.
    pub id: String,
    /// The moment as of which it decided.
    pub at: String,
    /// `local`, `testing` or `production`.
    pub mode: &'static str,
    /// SHA-256 over everything that the decision depends on.
    pub inputs_hash: String,
    /// What it decided.
    pub plan: PlanV1,
    /// What it has seen beside; only the run itself knows, no record does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discovery: Option<DiscoveryV1>,
}

/// What was decided about all limits of one document.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlanV1 {
    /// The moment as of which it was decided.
    pub at: String,
    /// Where demand was read.
    pub source: String,
    /// Where the current limits were read.
    pub document: Option<String>,
    /// The history that was asked for.
    pub history: SpanV1,
    /// `edges`, `increase`, `query`, `file` or `synthetic`.
    pub demand_method: &'static str,
    /// Why demand was read that way, and how exact it is.
    pub demand_method_note: String,
    /// Warnings of the source.
    pub warnings: Vec<String>,
    /// Series with traffic that no limit matches.
    pub unmatched_series: usize,
    /// How many limits changed.
    pub summary: SummaryV1,
    /// One for each limit, in the order of the document.
    pub proposals: Vec<ProposalV1>,
}

/// How many limits changed, and why the others did not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SummaryV1 {
    /// All limits.
    pub limits: usize,
    /// Those with a larger number.
    pub raised: usize,
    /// Those with a smaller number.
    pub lowered: usize,
    /// Those that are new.
    pub created: usize,
    /// Those that stay.
    pub held: usize,
    /// Those that stay, by the code of their reason.
    pub held_by_reason: BTreeMap<&'static str, usize>,
}

/// A half-open span of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SpanV1 {
    /// The first moment inside.
    pub start: String,
    /// The first moment after it.
    pub end: String,
}

/// A result as indented JSON, with a line end.
pub fn to_json<T: Serialize>(result: &T) -> String {
    let text = serde_json::to_string_pretty(result);
    text.expect("results have string keys and nothing else that JSON could refuse") + "\n"
}

/// A result as JSON on one line.
pub fn to_json_line<T: Serialize>(result: &T) -> String {
    let text = serde_json::to_string(result);
    text.expect("results have string keys and nothing else that JSON could refuse") + "\n"
}

/// A result as YAML.
pub fn to_yaml<T: Serialize>(result: &T) -> String {
    serde_saphyr::to_string(result).expect("results are plain maps, lists and scalars")
}

impl From<&RunRecord> for RunV1 {
    fn from(run: &RunRecord) -> Self {
        Self {
            version: "v1",
            id: run.id.to_string(),
            at: run.at.to_string(),
            mode: run.mode.name(),
            inputs_hash: run.inputs_hash.clone(),
            plan: PlanV1::from(&run.plan),
            discovery: None,
        }
    }
}

impl RunV1 {
    /// With what the run has seen beside its decisions.
    #[must_use]
    pub fn beside(mut self, discovery: &Discovery) -> Self {
        self.discovery = Some(discovery.into());
        self
    }
}

impl From<&LimitPlan> for PlanV1 {
    fn from(plan: &LimitPlan) -> Self {
        Self {
            at: plan.at.to_string(),
            source: plan.source.clone(),
            document: plan.document.clone(),
            history: SpanV1::from(plan.history),
            demand_method: method(plan.method),
            demand_method_note: plan.method_note.clone(),
            warnings: plan.warnings.clone(),
            unmatched_series: plan.unmatched,
            summary: SummaryV1::from(plan),
            proposals: plan.proposals.iter().map(ProposalV1::from).collect(),
        }
    }
}

impl From<&LimitPlan> for SummaryV1 {
    fn from(plan: &LimitPlan) -> Self {
        let tally = Tally::of(&plan.proposals);
        Self {
            limits: plan.proposals.len(),
            raised: tally.raised,
            lowered: tally.lowered,
            created: tally.created,
            held: tally.held,
            held_by_reason: tally.held_by.into_iter().collect(),
        }
    }
}

impl From<TimeSpan> for SpanV1 {
    fn from(span: TimeSpan) -> Self {
        Self { start: span.start.to_string(), end: span.end.to_string() }
    }
}

const fn method(method: DemandMethod) -> &'static str {
    match method {
        DemandMethod::Edges => "edges",
        DemandMethod::Increase => "increase",
        DemandMethod::Query => "query",
        DemandMethod::File => "file",
        DemandMethod::Synthetic => "synthetic",
    }
}
