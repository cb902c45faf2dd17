//! What is proposed, one limit a row.

use tidewright_core::{Formula, LimitPlan, Proposal};

use super::rows::Rows;
use crate::layout::{Align, wrap};
use crate::number;
use crate::report::Tally;
use crate::words;

/// All limits with what is proposed and why, and how many of each.
pub fn plan_table(plan: &LimitPlan, width: usize) -> String {
    let mut header = vec![
        ("LIMIT", Align::Left),
        ("CURRENT", Align::Right),
        ("PROPOSED", Align::Right),
        ("CHANGE", Align::Right),
    ];
    let beside = plan.proposals.iter().find_map(|proposal| proposal.beside);
    header.extend(beside.map(|beside| (title(beside.formula), Align::Right)));
    header.push(("DECISION", Align::Left));
    let mut rows = Rows::new(header, "REASON", width);
    for proposal in &plan.proposals {
        let mut cells = cells(proposal);
        let other = proposal.beside.and_then(|beside| beside.limit);
        cells.extend(beside.map(|_| number::limit_or_none(other)));
        cells.push(proposal.decision.name().to_owned());
        rows.row(cells, words::reason(proposal));
    }
    let summary = format!("\n{}\n", wrap(&summary(plan), width).join("\n"));
    rows.render() + &summary + &closing(plan, width)
}

fn cells(proposal: &Proposal) -> Vec<String> {
    vec![
        proposal.key.name(),
        number::setting(proposal.current),
        number::limit_or_none(proposal.proposed),
        number::change(proposal.change_ratio()),
    ]
}

/// Over the column of another formula's numbers.
const fn title(formula: Formula) -> &'static str {
    match formula {
        Formula::V1 => "BY V1",
        Formula::V2 => "BY V2",
        Formula::V3 => "BY V3",
    }
}

/// `9 limits: 2 raised, 1 lowered, 1 created, 5 held (4 inside_interval, 1 no_traffic)`.
pub(crate) fn summary(plan: &LimitPlan) -> String {
    let tally = Tally::of(&plan.proposals);
    let by = tally.held_by.iter().map(|(code, count)| format!("{} {code}", number::whole(*count)));
    let by = by.collect::<Vec<_>>().join(", ");
    format!(
        "{}: {} raised, {} lowered, {} created, {} held{}",
        number::plural(plan.proposals.len(), "limit"),
        number::whole(tally.raised),
        number::whole(tally.lowered),
        number::whole(tally.created),
        number::whole(tally.held),
        if by.is_empty() { by } else { format!(" ({by})") }
    )
}

fn closing(plan: &LimitPlan, width: usize) -> String {
    let unmatched = (plan.unmatched > 0)
        .then(|| format!("{} series with traffic match no limit", number::whole(plan.unmatched)));
    let warnings = plan.warnings.iter().map(|warning| format!("warning: {warning}"));
    let lines = unmatched.into_iter().chain(warnings);
    lines.map(|line| wrap(&line, width).join("\n") + "\n").collect()
}
