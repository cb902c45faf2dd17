//! What a plan would do if it were applied: totals, and the largest changes.

use std::collections::BTreeMap;

use tidewright_core::{LimitPlan, Proposal, Unit};

use super::NAME_WIDTH_MIN;
use crate::layout::{Align, Columns};
use crate::number;
use crate::report::{Pair, Totals, by_interest};

/// How many changes are named: as many as fit under the totals on one screen.
const TOP_CHANGES: usize = 10;

/// Totals now and proposed, and the largest changes.
pub fn impact_table(plan: &LimitPlan, width: usize) -> String {
    let mut columns = Columns::new(vec![
        ("TOTAL", Align::Left),
        ("NOW", Align::Right),
        ("PROPOSED", Align::Right),
        ("CHANGE", Align::Right),
    ]);
    for row in totals(plan) {
        columns.row(&row);
    }
    columns.render(width, NAME_WIDTH_MIN) + "\n" + &top(plan, width)
}

/// The rows of the totals: name, now, proposed, change.
pub(crate) fn totals(plan: &LimitPlan) -> Vec<Vec<String>> {
    let mut rows: Vec<_> = sums(&plan.proposals)
        .into_iter()
        .map(|(unit, (now, proposed))| {
            let change = (now > 0.0).then(|| proposed / now - 1.0);
            let (now, proposed) = (number::count(now), number::count(proposed));
            vec![format!("sum of limits per {unit}"), now, proposed, number::change(change)]
        })
        .collect();
    let totals = Totals::of(&plan.proposals);
    if totals.limits > 0 {
        rows.extend(rejected("clean", &totals.clean));
        rows.extend(rejected("as measured", &totals.raw));
    }
    rows
}

fn rejected(of: &str, pair: &Pair) -> [Vec<String>; 2] {
    let change = |now: f64, proposed: f64| (now > 0.0).then(|| proposed / now - 1.0);
    let requests = change(pair.now, pair.proposed);
    let windows = change(pair.hit_now as f64, pair.hit_proposed as f64);
    [
        vec![
            format!("rejected, {of}"),
            pair.of_demand(pair.now),
            pair.of_demand(pair.proposed),
            number::change(requests),
        ],
        vec![
            format!("windows hit, {of}"),
            number::whole(pair.hit_now),
            number::whole(pair.hit_proposed),
            number::change(windows),
        ],
    ]
}

/// The sums of the current and the proposed numbers, unit by unit: different windows do not add up.
fn sums(proposals: &[Proposal]) -> BTreeMap<Unit, (f64, f64)> {
    let mut sums: BTreeMap<Unit, (f64, f64)> = BTreeMap::new();
    for proposal in proposals {
        if let Some(limit) = proposal.current_limit() {
            sums.entry(limit.unit).or_default().0 += f64::from(limit.requests_per_unit);
        }
        if let Some(limit) = proposal.proposed {
            sums.entry(limit.unit).or_default().1 += f64::from(limit.requests_per_unit);
        }
    }
    sums
}

fn top(plan: &LimitPlan, width: usize) -> String {
    let changes = by_interest(&plan.proposals).into_iter().map(|place| &plan.proposals[place]);
    let changes: Vec<_> = changes.filter(|proposal| proposal.decision.changes()).collect();
    if changes.is_empty() {
        return "nothing changes\n".to_owned();
    }
    let mut columns = Columns::new(vec![
        ("LARGEST CHANGES", Align::Left),
        ("CURRENT", Align::Right),
        ("PROPOSED", Align::Right),
        ("CHANGE", Align::Right),
        ("REJECTED", Align::Right),
    ]);
    changes.iter().take(TOP_CHANGES).for_each(|proposal| columns.row(&cells(proposal)));
    let more = changes.len().saturating_sub(TOP_CHANGES);
    let more = if more > 0 { format!("and {} more\n", number::whole(more)) } else { String::new() };
    columns.render(width, NAME_WIDTH_MIN)
        + &more
        + "REJECTED: clean requests on the held-back days, now > proposed\n"
}

fn cells(proposal: &Proposal) -> Vec<String> {
    let replay = proposal.replay.as_ref();
    let count = |rejected: Option<f64>| rejected.map_or(number::NONE.to_owned(), number::count);
    let now = count(replay.and_then(|it| it.current).map(|it| it.rejected));
    let proposed = count(replay.map(|it| it.proposed.rejected));
    vec![
        proposal.key.name(),
        number::setting(proposal.current),
        number::limit_or_none(proposal.proposed),
        number::change(proposal.change_ratio()),
        format!("{now} > {proposed}"),
    ]
}
