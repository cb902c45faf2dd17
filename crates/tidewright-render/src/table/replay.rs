//! What the limits would have rejected on days that the rule had not seen, one limit a row.

use tidewright_core::{LimitPlan, Proposal, Replay, ReplayReport, TimeSpan, Zone};

use super::NAME_WIDTH_MIN;
use crate::layout::{Align, Columns, wrap};
use crate::number;
use crate::report::Totals;
use crate::words;

/// All limits that were replayed: demand, rejections now and proposed, windows hit, and the worst window.
pub fn replay_table(plan: &LimitPlan, width: usize) -> String {
    let mut columns = Columns::new(vec![
        ("LIMIT", Align::Left),
        ("DEMAND", Align::Right),
        ("REJECTED NOW", Align::Right),
        ("PROPOSED", Align::Right),
    ]);
    let common = common_span(plan);
    for proposal in &plan.proposals {
        if let Some(report) = &proposal.replay {
            let zone = words::zone_of(plan, proposal);
            let own_days = (common != Some(report.span)).then_some(report.span);
            columns.row_with_note(&cells(proposal, report), note(report, own_days, &zone));
        }
    }
    let days = common.map(|span| words::span(&words::plan_zone(plan), span));
    let days = days.map_or_else(String::new, |days| format!(" {days}"));
    let title = format!("Clean demand of the held-back days{days}");
    let (title, total) = (wrap(&title, width).join("\n"), wrap(&total(plan), width).join("\n"));
    format!("{title}\n\n{}\n{total}\n", columns.render(width, NAME_WIDTH_MIN))
}

/// The held-back days, if they are the same for all limits.
fn common_span(plan: &LimitPlan) -> Option<TimeSpan> {
    let mut spans = plan.proposals.iter().filter_map(|proposal| Some(proposal.replay?.span));
    let first = spans.next()?;
    spans.all(|span| span == first).then_some(first)
}

fn cells(proposal: &Proposal, report: &ReplayReport) -> Vec<String> {
    vec![
        proposal.key.name(),
        number::count(report.proposed.demand),
        words::rejected(report.current.as_ref()),
        words::rejected(Some(&report.proposed)),
    ]
}

/// The days, where they are a limit's own, and what was hit.
fn note(report: &ReplayReport, own_days: Option<TimeSpan>, zone: &Zone) -> String {
    let days = own_days.map(|span| words::span(zone, span));
    let now = report.current.as_ref().and_then(|replay| hit("now", replay, zone));
    let proposed = hit("proposed", &report.proposed, zone);
    let parts: Vec<String> = days.into_iter().chain(now).chain(proposed).collect();
    parts.join("; ")
}

fn hit(name: &str, replay: &Replay, zone: &Zone) -> Option<String> {
    let windows = number::plural(replay.windows_hit, "window");
    let worst = words::worst(Some(replay), zone);
    (replay.windows_hit > 0).then(|| format!("{name} hits {windows}, worst {worst}"))
}

fn total(plan: &LimitPlan) -> String {
    let totals = Totals::of(&plan.proposals);
    let (clean, raw) = (totals.clean, totals.raw);
    format!(
        "{} of {} replayed: {} requests, rejected now {}, proposed {}; as measured, incidents \
         included: now {}, proposed {}",
        number::whole(totals.limits),
        number::plural(plan.proposals.len(), "limit"),
        number::count(clean.demand),
        clean.of_demand(clean.now),
        clean.of_demand(clean.proposed),
        raw.of_demand(raw.now),
        raw.of_demand(raw.proposed)
    )
}
