//! From demand, a document and a memory to proposals: the part of a cycle that only computes.

use std::collections::BTreeMap;

use tidewright_core::{
    DemandFrame, Discovery, Evidence, Frame, LimitKey, PlanMemory, Progress, Proposal, Reason,
    SeriesKey, Setting, Stranger, Unit,
};
use tidewright_limiter::{Document, Entry};
use tidewright_plan::{
    Shift, Watch, guard, keep_lone_rises, moved, screen, spare_destinations, spare_first_day,
    suspicion, unit_reason,
};

use crate::case::{Case, Decided};
use crate::discover::discover;
use crate::error::EngineError;
use crate::learn::{Course, Task};
use crate::matching::{Columns, Counter, Flow};
use crate::order::{Order, WINDOW_MS};
use crate::pool;

/// Days on which traffic must have come before a limit is proposed for it: a scan or a test comes on one.
const ACTIVE_DAYS_MIN: usize = 3;

/// Limits that one run adds, those with the most requests first: a person must be able to read them.
const ADDED_MAX: usize = 50;

/// What was decided.
pub(crate) struct Decisions {
    pub proposals: Vec<Proposal>,
    pub evidence: Vec<Option<Evidence>>,
    /// For each column of demand, whether a limit counts it.
    pub matched: Vec<bool>,
    /// What demand shows beside it.
    pub discovery: Discovery,
}

/// What is decided on.
#[derive(Clone, Copy)]
pub(crate) struct Inputs<'a> {
    pub demand: &'a DemandFrame,
    pub document: Option<&'a Document>,
    pub memory: &'a PlanMemory,
    pub order: &'a Order,
}

/// Decides about all limits of a document.
pub(crate) fn decide(
    inputs: &Inputs<'_>,
    progress: &dyn Progress,
) -> Result<Decisions, EngineError> {
    let Inputs { demand, order, .. } = *inputs;
    let mut cases = cases(inputs);
    let discovery = discover(demand, &cases);
    if order.add_missing {
        cases.extend(missing(&discovery, order));
    }
    let (flows, matched) = flows(&cases, &demand.frame);
    let units =
        cases.iter().zip(&flows).filter(|(_, flow)| flow.is_ok()).map(|(case, _)| case.unit);
    let course = Course::new(demand, order, units);
    let mut decided: Vec<Option<Decided>> = cases
        .iter()
        .zip(&flows)
        .map(|(case, flow)| Some(Decided::held(case, flow.as_ref().err()?.clone())))
        .collect();
    let work = work(&cases, &flows, &course);
    progress.begin("learning", work.len() as u64);
    let learned = pool::map(&work, progress, |(counter, tasks)| course.decide(counter, tasks))?;
    for ((_, tasks), results) in work.iter().zip(learned) {
        tasks.iter().zip(results).for_each(|(task, result)| decided[task.index] = Some(result));
    }
    let decided = decided.into_iter().flatten().collect();
    let (proposals, evidence) = guarded(decided, inputs);
    Ok(Decisions { proposals, evidence, matched, discovery })
}

/// What each limit counts, or why it is held; and for each column, whether a limit counts it.
fn flows(cases: &[Case], frame: &Frame) -> (Vec<Result<Flow, Reason>>, Vec<bool>) {
    let columns = Columns::new(frame, cases.iter().map(|case| &case.key));
    let mut matched = vec![false; frame.keys().len()];
    let flow = |case: &Case| {
        let flow = columns.of(&case.key, case.shares);
        flow.iter().flat_map(Flow::columns).for_each(|column| matched[column] = true);
        case.held.clone().map_or(flow, Err)
    };
    (cases.iter().map(flow).collect(), matched)
}

/// Series that are to be learned, each with the limits that it decides about: what the calendar says may differ.
fn work<'a>(
    cases: &'a [Case],
    flows: &'a [Result<Flow, Reason>],
    course: &Course<'_>,
) -> Vec<(&'a Counter, Vec<Task<'a>>)> {
    let mut work: BTreeMap<(&Counter, Vec<usize>), Vec<Task<'_>>> = BTreeMap::new();
    for (index, (case, flow)) in cases.iter().zip(flows).enumerate() {
        let Ok(flow) = flow else { continue };
        let (counter, decisive) = course.decisive(flow);
        let task = Task { index, case, flow, decisive };
        work.entry((counter, course.events(&case.key))).or_default().push(task);
    }
    work.into_iter().map(|((counter, _), tasks)| (counter, tasks)).collect()
}

/// What becomes of the decisions once they are seen beside one another, beside the calendar and what earlier runs saw.
fn guarded(decided: Vec<Decided>, inputs: &Inputs<'_>) -> (Vec<Proposal>, Vec<Option<Evidence>>) {
    let Inputs { order, memory, .. } = *inputs;
    let shifts: Vec<Shift> = decided.iter().flat_map(|each| each.shifts.clone()).collect();
    let watch = Watch { at: order.at, policy: &order.policy, memory };
    let (mut proposals, evidence): (Vec<_>, Vec<_>) = decided
        .into_iter()
        .map(|Decided { mut proposal, evidence, .. }| {
            proposal.remarks.extend(moved(&proposal.key, &shifts, &order.policy));
            let suspicion = suspicion(&proposal.key, &shifts);
            (guard(proposal, suspicion, &watch), evidence)
        })
        .unzip();
    spare_destinations(&mut proposals, &order.policy);
    spare_first_day(&mut proposals, &watch);
    keep_lone_rises(proposals.iter_mut().map(|proposal: &mut Proposal| &mut proposal.marks));
    (proposals, evidence)
}

/// The limits of the document; without one, a limit per minute for each series.
fn cases(inputs: &Inputs<'_>) -> Vec<Case> {
    let order = inputs.order;
    let Some(document) = inputs.document else {
        return inputs.demand.frame.keys().iter().map(|key| new_case(key, order)).collect();
    };
    let case = |entry: &Entry| {
        let unit = match entry.setting {
            Setting::Limited(limit) => limit.unit,
            Setting::Unlimited => Unit::Minute,
        };
        let fixed = entry.fixed().map(|why| Reason::NotEditable { why: why.to_string() });
        let held = screen(&entry.key, Some(entry.setting), &order.policy.exclusions)
            .or_else(|| unit_reason(unit, WINDOW_MS))
            .or(fixed);
        let (key, current) = (entry.key.clone(), Some(entry.setting));
        let (shadow_mode, shares) = (entry.shadow_mode, entry.share_threshold);
        Case { key, current, unit, shadow_mode, shares, held }
    };
    document.entries().iter().map(case).collect()
}

/// The limits that traffic without one would have, where it has come on several days.
fn missing<'a>(discovery: &'a Discovery, order: &'a Order) -> impl Iterator<Item = Case> + 'a {
    let lasting = discovery.strangers.iter().filter(|it| it.active_days >= ACTIVE_DAYS_MIN);
    let busy = lasting.filter(|it| it.peak >= order.policy.guards.low_traffic_threshold);
    let case = |stranger: &Stranger| {
        let (key, held) =
            (stranger.key.clone(), screen(&stranger.key, None, &order.policy.exclusions));
        Case { key, current: None, unit: Unit::Minute, shadow_mode: false, shares: false, held }
    };
    busy.take(ADDED_MAX).map(case).filter(|case| case.held.is_none())
}

fn new_case(series: &SeriesKey, order: &Order) -> Case {
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
    Case { key, current: None, unit: Unit::Minute, shadow_mode: false, shares: false, held }
}
