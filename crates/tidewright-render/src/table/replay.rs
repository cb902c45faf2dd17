//! What the limits would have rejected on days that the rule had not seen, one limit a row.

use tidewright_core::{LimitPlan, Proposal, ReplayReport, Zone};

use super::NAME_WIDTH_MIN;
use crate::layout::{Align, Columns, wrap};
use crate::number;
use crate::report::Totals;
use crate::words;

/// All limits that were replayed: demand, rejections now and proposed, and the worst window.
pub fn replay_table(plan: &LimitPlan, width: usize) -> String {
    let mut columns = Columns::new(vec![
        ("LIMIT", Align::Left),
        ("DEMAND", Align::Right),
        ("REJECTED NOW", Align::Right),
        ("PROPOSED", Align::Right),
        ("HIT", Align::Right),
    ]);
    for proposal in &plan.proposals {
        if let Some(report) = &proposal.replay {
            let note = note(report, &words::zone_of(plan, proposal));
            columns.row_with_note(cells(proposal, report), note);
        }
    }
    let mut out = columns.render(width, NAME_WIDTH_MIN);
    out += "\nclean demand of the held-back days; HIT: windows with a rejection, now > proposed\n";
    let total = total(plan);
    out + &wrap(&total, width).join("\n") + "\n"
}

fn cells(proposal: &Proposal, report: &ReplayReport) -> Vec<String> {
    let hit_now =
        report.current.map_or_else(|| number::NONE.to_owned(), |it| number::whole(it.windows_hit));
    vec![
        proposal.key.name(),
        number::count(report.proposed.demand),
        words::rejected(report.current.as_ref()),
        words::rejected(Some(&report.proposed)),
        format!("{hit_now} > {}", number::whole(report.proposed.windows_hit)),
    ]
}

/// The days and, where there is one, the worst window of each limit.
fn note(report: &ReplayReport, zone: &Zone) -> String {
    let days = words::span(zone, report.span);
    let worst = |name: &str, replay| match words::worst(replay, zone) {
        text if text == number::NONE => String::new(),
        text => format!("; worst {name}: {text}"),
    };
    let now = worst("now", report.current.as_ref());
    days + &now + &worst("proposed", Some(&report.proposed))
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
