//! From demand and a document to proposals: the part of a cycle that only computes.

use std::collections::HashMap;

use tidewright_core::{
    DemandFrame, Evidence, Frame, LimitKey, Progress, Proposal, Reason, SeriesKey, Setting, Unit,
};
use tidewright_limiter::{Document, Entry};
use tidewright_plan::{keep_lone_rises, screen, unit_reason};

use crate::case::{Case, Decided};
use crate::error::EngineError;
use crate::learn::Course;
use crate::matching::Columns;
use crate::order::{Order, WINDOW_MS};
use crate::pool;

/// What was decided.
pub(crate) struct Decisions {
    pub proposals: Vec<Proposal>,
    pub evidence: Vec<Option<Evidence>>,
    pub unmatched: usize,
}

/// Decides about all limits of a document.
pub(crate) fn decide(
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
        Case { key, current, unit, shadow_mode: entry.shadow_mode, held }
    };
    document.entries().iter().map(case).collect()
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
    Case { key, current: None, unit: Unit::Minute, shadow_mode: false, held }
}
