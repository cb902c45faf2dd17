//! One cycle over the limits of one document: fetch, learn, decide, record, write.

use std::collections::HashMap;

use tidewright_core::{
    Applied, Clock, DemandFrame, DemandRequest, Evidence, Frame, Limit, LimitKey, LimitPlan,
    LimitTarget, MetricSource, Mode, Policy, PortError, PortErrorKind, Progress, Proposal, Reason,
    RunId, RunRecord, Setting, Store, TimeSpan, Timestamp, Unit,
};
use tidewright_limiter::{Document, ObjectName, create};
use tidewright_plan::{keep_lone_rises, screen, unit_reason};
use tracing::{debug, info};

use crate::error::EngineError;
use crate::inputs;
use crate::learn::Course;
use crate::matching::Columns;
use crate::pool;

/// The length of the windows that are fetched: the limiter's shortest that scrapes can measure.
const WINDOW_MS: i64 = 60_000;

/// The world, as one cycle sees it.
#[derive(Clone, Copy)]
pub struct Ports<'a> {
    /// Where demand is read.
    pub source: &'a dyn MetricSource,
    /// Where the current limits are; `None` where there are none yet.
    pub current: Option<&'a dyn LimitTarget>,
    /// Where the new limits are written; `None` to write nothing.
    pub output: Option<&'a dyn LimitTarget>,
    /// Where the run is recorded.
    pub store: &'a dyn Store,
    /// What time it is on the wall.
    pub clock: &'a dyn Clock,
    /// Who watches.
    pub progress: &'a dyn Progress,
}

/// What one cycle is asked to do.
#[derive(Clone, Debug)]
pub struct Order {
    /// The moment as of which to decide.
    pub at: Timestamp,
    /// How far it may reach; recorded with the run.
    pub mode: Mode,
    /// By which rules.
    pub policy: Policy,
    /// Where a document that does not exist yet would live.
    pub place: DocumentPlace,
}

/// Where a document that does not exist yet would live.
#[derive(Clone, Debug)]
pub struct DocumentPlace {
    /// The ConfigMap.
    pub object: ObjectName,
    /// The limiter's domain.
    pub domain: String,
}

/// What one cycle did.
#[derive(Debug)]
pub struct Outcome {
    /// What was recorded.
    pub record: RunRecord,
    /// What to draw for each proposal, in the same order; `None` where there is no demand.
    pub evidence: Vec<Option<Evidence>>,
    /// The document as it was.
    pub old_document: Option<Vec<u8>>,
    /// The document as it should be; `None` if there is nothing to write in one.
    pub new_document: Option<Vec<u8>>,
    /// What was written, if anything was to be.
    pub applied: Option<Applied>,
}

/// One limit on its way to a proposal.
pub(crate) struct Case {
    pub key: LimitKey,
    pub current: Option<Setting>,
    pub unit: Unit,
    pub shadow_mode: bool,
    /// Why its number cannot change whatever its demand.
    pub held: Option<Reason>,
}

/// A proposal with its drawing.
pub(crate) type Decided = (Proposal, Option<Evidence>);

/// Runs one cycle.
///
/// # Errors
/// [`EngineError`]; unless it is [`EngineError::Apply`], nothing was written but the record.
pub async fn run_limits(ports: &Ports<'_>, order: &Order) -> Result<Outcome, EngineError> {
    let started = ports.clock.now();
    let (old_document, document) = current_limits(ports).await?;
    let demand = fetch(ports, order.history()).await?;
    let decide = || decide(&demand, document.as_ref(), order, ports.progress);
    let hash = || inputs::hash(order.at, &order.policy, old_document.as_deref(), &demand);
    let (decided, inputs_hash) = tokio::task::block_in_place(|| pool::both(decide, hash));
    let decided = decided?;
    let plan = plan(ports, order, &demand, (decided.proposals, decided.unmatched));
    let new_document = new_document(document.as_ref(), &plan, &order.place)?;
    let id = RunId::new(order.at, &inputs_hash);
    let record = RunRecord { id, started, at: order.at, mode: order.mode, inputs_hash, plan };
    if ports.progress.is_cancelled() {
        return Err(EngineError::Cancelled);
    }
    ports.store.save_run(&record).await.map_err(EngineError::Store)?;
    info!(run_id = %record.id, limits = record.plan.proposals.len(), "run recorded");
    let applied = match (ports.output, &new_document) {
        (Some(output), Some(document)) => Some(apply(output, document).await?),
        _ => None,
    };
    Ok(Outcome { record, evidence: decided.evidence, old_document, new_document, applied })
}

impl Order {
    /// The history that it rests on.
    fn history(&self) -> TimeSpan {
        TimeSpan { start: self.at - self.policy.learn.history_max, end: self.at }
    }
}

async fn current_limits(
    ports: &Ports<'_>,
) -> Result<(Option<Vec<u8>>, Option<Document>), EngineError> {
    let Some(target) = ports.current else { return Ok((None, None)) };
    let place = || target.describe();
    let unreadable = |source| EngineError::Current { place: place(), source };
    let missing = || {
        let missing = PortError::new(PortErrorKind::Refused, "there is no such document");
        unreadable(missing.hint(
            "name the file that holds the present limits, or leave it out to start from none",
        ))
    };
    let bytes = target.load().await.map_err(unreadable)?.ok_or_else(missing)?;
    let document = Document::parse(&bytes)
        .map_err(|source| EngineError::Document { place: place(), source })?;
    Ok((Some(bytes), Some(document)))
}

async fn fetch(ports: &Ports<'_>, span: TimeSpan) -> Result<DemandFrame, EngineError> {
    let request = DemandRequest { span, window_ms: WINDOW_MS };
    let unread = |source| EngineError::Source { place: ports.source.describe(), source };
    let demand = ports.source.fetch_demand(&request, ports.progress).await;
    if ports.progress.is_cancelled() {
        return Err(EngineError::Cancelled);
    }
    let demand = demand.map_err(unread)?;
    debug!(
        series = demand.frame.keys().len(),
        windows = demand.frame.grid().len(),
        "demand fetched"
    );
    if demand.frame.grid().step_ms() == WINDOW_MS { Ok(demand) } else { Err(EngineError::Grid) }
}

struct Decisions {
    proposals: Vec<Proposal>,
    evidence: Vec<Option<Evidence>>,
    unmatched: usize,
}

fn decide(
    demand: &DemandFrame,
    document: Option<&Document>,
    order: &Order,
    progress: &dyn Progress,
) -> Result<Decisions, EngineError> {
    let columns = Columns::new(&demand.frame);
    let cases = cases(document, &demand.frame, order);
    let mut by_column: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut decided: Vec<Option<Decided>> = Vec::with_capacity(cases.len());
    let mut matched = vec![false; demand.frame.keys().len()];
    for (index, case) in cases.iter().enumerate() {
        let column = columns.of(&case.key);
        column.iter().for_each(|&column| matched[column] = true);
        let held = case.held.clone().map_or_else(|| column.clone().err(), Some);
        if held.is_none() {
            column.iter().for_each(|&column| by_column.entry(column).or_default().push(index));
        }
        decided.push(
            held.map(|reason| (Proposal::held(case.key.clone(), case.current, reason), None)),
        );
    }
    let mut work: Vec<(usize, Vec<usize>)> = by_column.into_iter().collect();
    work.sort_unstable();
    progress.begin("learning", work.len() as u64);
    let units = work.iter().flat_map(|(_, indices)| indices.iter().map(|&index| cases[index].unit));
    let course = Course::new(&demand.frame, order, units);
    let learned = pool::map(&work, progress, |(column, indices)| {
        let cases: Vec<&Case> = indices.iter().map(|&index| &cases[index]).collect();
        course.decide(demand.frame.column(*column), &cases)
    })?;
    for ((_, indices), results) in work.iter().zip(learned) {
        indices.iter().zip(results).for_each(|(&index, result)| decided[index] = Some(result));
    }
    let (mut proposals, evidence): (Vec<_>, Vec<_>) = decided.into_iter().flatten().unzip();
    keep_lone_rises(proposals.iter_mut().map(|proposal: &mut Proposal| &mut proposal.marks));
    let unmatched = matched.iter().filter(|matched| !**matched).count();
    Ok(Decisions { proposals, evidence, unmatched })
}

/// The limits of the document; without one, a limit per minute for each series.
fn cases(document: Option<&Document>, frame: &Frame, order: &Order) -> Vec<Case> {
    let Some(document) = document else {
        return frame.keys().iter().map(|key| new_case(key, order)).collect();
    };
    let case = |entry: &tidewright_limiter::Entry| {
        let unit = match entry.setting {
            Setting::Limited(limit) => limit.unit,
            Setting::Unlimited => Unit::Minute,
        };
        let fixed = entry.fixed().map(|why| Reason::NotEditable { why: why.to_string() });
        let held = screen(&entry.key, Some(entry.setting), &order.policy.exclusions)
            .or_else(|| unit_reason(unit, WINDOW_MS))
            .or(fixed);
        let (key, current) = (entry.key.clone(), Some(entry.setting));
        Case { key, current, unit, shadow_mode: entry.shadow_mode, held }
    };
    document.entries().iter().map(case).collect()
}

fn new_case(series: &tidewright_core::SeriesKey, order: &Order) -> Case {
    // Partner before path, as documents nest them; what else there is follows by name.
    let exclusions = &order.policy.exclusions;
    let rank = |name: &str| match name {
        _ if name.eq_ignore_ascii_case(&exclusions.partner_descriptor) => 0,
        _ if name.eq_ignore_ascii_case(&exclusions.path_descriptor) => 1,
        _ => 2,
    };
    let mut labels: Vec<_> = series.labels().collect();
    labels.sort_by_key(|(name, _)| rank(name));
    let key = LimitKey::new(
        &order.place.domain,
        labels.into_iter().map(|(name, value)| (name, Some(value))),
    );
    let held = screen(&key, None, exclusions);
    Case { key, current: None, unit: Unit::Minute, shadow_mode: false, held }
}

fn plan(
    ports: &Ports<'_>,
    order: &Order,
    demand: &DemandFrame,
    (proposals, unmatched): (Vec<Proposal>, usize),
) -> LimitPlan {
    LimitPlan {
        at: order.at,
        source: ports.source.describe(),
        document: ports.current.map(LimitTarget::describe),
        history: order.history(),
        method: demand.method,
        method_note: demand.method_note.clone(),
        warnings: demand.warnings.clone(),
        proposals,
        unmatched,
    }
}

fn new_document(
    document: Option<&Document>,
    plan: &LimitPlan,
    place: &DocumentPlace,
) -> Result<Option<Vec<u8>>, EngineError> {
    let changed = plan.proposals.iter().filter(|proposal| proposal.decision.changes());
    let numbers: Vec<(LimitKey, Limit)> =
        changed.filter_map(|proposal| Some((proposal.key.clone(), proposal.proposed?))).collect();
    let new = match document {
        Some(document) => {
            let numbers: Vec<_> =
                numbers.into_iter().map(|(key, limit)| (key, limit.requests_per_unit)).collect();
            document.with_numbers(&numbers)
        }
        None if numbers.is_empty() => return Ok(None),
        None => create(&place.object, &place.domain, &numbers),
    };
    new.map(Some).map_err(EngineError::NewDocument)
}

async fn apply(output: &dyn LimitTarget, document: &[u8]) -> Result<Applied, EngineError> {
    let applied = output.apply(document).await;
    applied.map_err(|source| EngineError::Apply { place: output.describe(), source })
}

impl std::fmt::Debug for Ports<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ports").field("source", &self.source.describe()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
