//! One cycle over the limits of one document: fetch, learn, decide, record, write.
//!
//! Deciding leaves no trace: who only wants to know calls [`plan_limits`]. What earlier runs saw is read before, what
//! this one saw is remembered after its record and before anything is written.

use tidewright_core::{
    Applied, Decision, DemandFrame, DemandRequest, Discovery, Evidence, Limit, LimitKey, LimitPlan,
    LimitTarget, PlanMemory, PortError, PortErrorKind, Proposal, Reason, RunId, RunRecord,
    TimeSpan,
};
use tidewright_limiter::{Document, DocumentError, create};
use tidewright_plan::remember;
use tracing::{debug, info};

use crate::decide::{Decisions, Inputs, decide};
use crate::error::EngineError;
use crate::inputs;
use crate::order::{DocumentPlace, Order, Ports, WINDOW_MS};
use crate::pool;

/// What was decided, and on what.
#[derive(Debug)]
pub struct Planned {
    /// The run; nobody has recorded it yet.
    pub record: RunRecord,
    /// What to draw for each proposal, in the same order; `None` where there is no demand.
    pub evidence: Vec<Option<Evidence>>,
    /// The document as it was.
    pub old_document: Option<Vec<u8>>,
    /// The document as it should be; `None` if there is nothing to write in one.
    pub new_document: Option<Vec<u8>>,
    /// What demand shows beside the decisions.
    pub discovery: Discovery,
    /// What all runs up to now saw and people said.
    memory: PlanMemory,
}

/// What one cycle did.
#[derive(Debug)]
pub struct Outcome {
    /// What was decided, and is recorded.
    pub planned: Planned,
    /// What was written, if anything was to be.
    pub applied: Option<Applied>,
}

/// Runs one cycle.
///
/// # Errors
/// [`EngineError`]; unless it is [`EngineError::Apply`], nothing was written but the record.
pub async fn run_limits(ports: &Ports<'_>, order: &Order) -> Result<Outcome, EngineError> {
    let planned = plan_limits(ports, order).await?;
    let plan = &planned.record.plan;
    ports.store.save_run(&planned.record).await.map_err(EngineError::Store)?;
    if let Some(place) = &plan.document {
        let memory = remember(planned.memory.clone(), plan);
        ports.store.save_memory(place, &memory).await.map_err(EngineError::Store)?;
    }
    info!(run_id = %planned.record.id, limits = plan.proposals.len(), "run recorded");
    let applied = match (ports.output, &planned.new_document) {
        (Some(output), Some(document)) => Some(apply(output, document).await?),
        _ => None,
    };
    Ok(Outcome { planned, applied })
}

/// Decides, and leaves no trace.
///
/// # Errors
/// [`EngineError`], but none of those that come of recording and writing.
pub async fn plan_limits(ports: &Ports<'_>, order: &Order) -> Result<Planned, EngineError> {
    let started = ports.clock.now();
    let (old_document, document) = current_limits(ports).await?;
    let memory = load_memory(ports).await?;
    let then = memory.clone().as_of(order.at);
    let demand = fetch(ports, order.history()).await?;
    let inputs = Inputs { demand: &demand, document: document.as_ref(), memory: &then, order };
    let decide = || decide(&inputs, ports.progress);
    let hash = || inputs::hash(&inputs, old_document.as_deref());
    let (decided, inputs_hash) = tokio::task::block_in_place(|| pool::both(decide, hash));
    let Decisions { mut proposals, evidence, matched, discovery } = decided?;
    hold_unplaceable(document.as_ref(), &mut proposals);
    let unmatched = matched.iter().filter(|matched| !**matched).count();
    let plan = plan(ports, order, &demand, (proposals, unmatched));
    let new_document = new_document(document.as_ref(), &plan, &order.place)?;
    let id = RunId::new(order.at, &inputs_hash);
    let record = RunRecord { id, started, at: order.at, mode: order.mode, inputs_hash, plan };
    if ports.progress.is_cancelled() {
        return Err(EngineError::Cancelled);
    }
    Ok(Planned { record, evidence, old_document, new_document, discovery, memory })
}

/// What earlier runs saw of the document; a new one has no past.
async fn load_memory(ports: &Ports<'_>) -> Result<PlanMemory, EngineError> {
    let Some(target) = ports.current else { return Ok(PlanMemory::default()) };
    ports.store.load_memory(&target.describe()).await.map_err(EngineError::Store)
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

/// Holds new limits that cannot stand in the document as it is written.
fn hold_unplaceable(document: Option<&Document>, proposals: &mut [Proposal]) {
    let Some(document) = document else { return };
    for proposal in proposals.iter_mut().filter(|it| it.decision == Decision::Create) {
        let Some(limit) = proposal.proposed else { continue };
        let placed = document.with_entries(&[(proposal.key.clone(), limit)]);
        if let Err(DocumentError::Unplaceable { why, .. }) = placed {
            proposal.decision = Decision::Hold;
            proposal.proposed = None;
            proposal.reason = Reason::NotEditable { why: why.to_string() };
        }
    }
}

fn new_document(
    document: Option<&Document>,
    plan: &LimitPlan,
    place: &DocumentPlace,
) -> Result<Option<Vec<u8>>, EngineError> {
    let changed = plan.proposals.iter().filter(|proposal| proposal.decision.changes());
    let (added, changed): (Vec<_>, Vec<_>) =
        changed.partition(|proposal| proposal.decision == Decision::Create);
    let numbers = |proposals: Vec<&Proposal>| -> Vec<(LimitKey, Limit)> {
        let number = |it: &Proposal| Some((it.key.clone(), it.proposed?));
        proposals.into_iter().filter_map(number).collect()
    };
    let (added, changed) = (numbers(added), numbers(changed));
    let new = match document {
        Some(document) => {
            let changed: Vec<_> =
                changed.into_iter().map(|(key, limit)| (key, limit.requests_per_unit)).collect();
            let changed = document.with_numbers(&changed);
            changed.and_then(|bytes| Document::parse(&bytes)?.with_entries(&added))
        }
        None if added.is_empty() => return Ok(None),
        None => create(&place.object, &place.domain, &added),
    };
    new.map(Some).map_err(EngineError::NewDocument)
}

async fn apply(output: &dyn LimitTarget, document: &[u8]) -> Result<Applied, EngineError> {
    let applied = output.apply(document).await;
    applied.map_err(|source| EngineError::Apply { place: output.describe(), source })
}

#[cfg(test)]
mod tests;
