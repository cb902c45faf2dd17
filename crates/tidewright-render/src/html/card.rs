//! One limit in full: its chart, why it was decided so, the arithmetic, and what the limits would have rejected.

use askama::Template;
use tidewright_core::{Decision, Evidence, Mark, Proposal, Replay, ReplayReport, Zone};

use super::chart::{Chart, chart};
use super::prose::Prose;
use crate::account::{Line, arithmetic, data};
use crate::marks::{self, MARKS_MAX, weightiest};
use crate::next::next;
use crate::number;
use crate::report::Report;
use crate::words;

#[derive(Template)]
#[template(path = "card.html")]
struct Card<'a> {
    id: usize,
    name: Prose,
    domain: &'a str,
    decision: &'static str,
    glyph: &'static str,
    change: String,
    why: Prose,
    next: Option<Prose>,
    unit: String,
    chart: Option<Chart>,
    marks: Vec<MarkRow>,
    marks_more: usize,
    remarks: Vec<Prose>,
    arithmetic: Vec<Line>,
    data: Vec<Line>,
    replay: Option<ReplayPart>,
}

/// A line of the legend under the chart.
struct MarkRow {
    kept: bool,
    word: &'static str,
    when: String,
    note: String,
}

/// What the limits would have rejected.
struct ReplayPart {
    days: String,
    demand: String,
    bars: Vec<Bar>,
    raw: Option<String>,
}

/// One limit's rejections as a bar and as figures.
struct Bar {
    name: &'static str,
    limit: String,
    percent: String,
    rejected: String,
    detail: String,
}

/// The chart with its legend and its marks, apart from a card.
#[derive(Template)]
#[template(source = r#"{% include "figure.html" %}{% include "marks.html" %}"#, ext = "html")]
struct Figure {
    unit: String,
    chart: Chart,
    marks: Vec<MarkRow>,
    marks_more: usize,
}

/// The chart of a proposal with its legend and its marks; `None` if there is no history to draw.
pub(super) fn figure(proposal: &Proposal, evidence: &Evidence, zone: &Zone) -> Option<String> {
    let chart = chart(proposal, evidence, zone)?;
    let (marks, marks_more) = mark_rows(proposal, zone);
    let figure = Figure { unit: unit(proposal), chart, marks, marks_more };
    Some(figure.render().expect("a template of plain fields renders into memory"))
}

/// The card of the proposal at this place of the plan.
pub(super) fn render(report: &Report<'_>, place: usize) -> String {
    let plan = &report.run.plan;
    let proposal = &plan.proposals[place];
    let zone = words::zone_of(plan, proposal);
    let evidence = report.evidence.get(place).and_then(Option::as_ref);
    let estimate = proposal.estimate.as_ref();
    let (marks, marks_more) = mark_rows(proposal, &zone);
    let remarks = proposal.remarks.iter().map(|remark| Prose::new(&remark.to_string()));
    let card = Card {
        id: place,
        name: Prose::name(&proposal.key.name()),
        domain: &proposal.key.domain,
        decision: proposal.decision.name(),
        glyph: glyph(proposal.decision),
        change: change(proposal),
        why: Prose::new(&words::why(proposal)),
        next: next(proposal).map(|next| Prose::new(&next)),
        unit: unit(proposal),
        chart: evidence.and_then(|evidence| chart(proposal, evidence, &zone)),
        marks,
        marks_more,
        remarks: remarks.collect(),
        arithmetic: estimate.map(arithmetic).unwrap_or_default(),
        data: estimate.map(data).unwrap_or_default(),
        replay: proposal.replay.as_ref().map(|report| replay(proposal, report, &zone)),
    };
    card.render().expect("a template of plain fields renders into memory")
}

/// The marks that weigh most, and how many more there are.
fn mark_rows(proposal: &Proposal, zone: &Zone) -> (Vec<MarkRow>, usize) {
    let row = |mark: &Mark| MarkRow {
        kept: marks::is_kept(mark.kind),
        word: marks::word(mark.kind),
        when: words::span(zone, mark.span),
        note: marks::note(mark),
    };
    let rows = weightiest(&proposal.marks, MARKS_MAX).into_iter().map(row);
    (rows.collect(), proposal.marks.len().saturating_sub(MARKS_MAX))
}

/// The unit of its windows, for people.
fn unit(proposal: &Proposal) -> String {
    let limit = proposal.estimate.as_ref().map(|it| it.limit).or(proposal.proposed);
    limit.map(|it| it.unit.to_string()).unwrap_or_default()
}

/// A shape for a decision, so that it does not rest on colour.
pub(super) const fn glyph(decision: Decision) -> &'static str {
    match decision {
        Decision::Create => "+",
        Decision::Raise => "▲",
        Decision::Lower => "▼",
        Decision::Hold => "=",
    }
}

fn change(proposal: &Proposal) -> String {
    if proposal.decision.changes() {
        number::change(proposal.change_ratio())
    } else {
        String::new()
    }
}

fn replay(proposal: &Proposal, report: &ReplayReport, zone: &Zone) -> ReplayPart {
    let rule = report.held_back.as_ref();
    let (current, proposed) =
        (number::setting(proposal.current), number::limit_or_none(proposal.proposed));
    let rows = [
        ("now", current, report.current.as_ref()),
        ("proposed", proposed, Some(&report.proposed)),
        ("as of then", number::limit_or_none(rule.map(|it| it.limit)), rule.map(|it| &it.replay)),
    ];
    let most = rows.iter().filter_map(|(_, _, replay)| replay.map(Replay::rejected_ratio));
    let most = most.fold(0.0, f64::max);
    let bars = rows.into_iter().filter_map(|(name, limit, replay)| {
        replay.map(|replay| bar(name, limit, replay, (most, zone)))
    });
    ReplayPart {
        days: words::span(zone, report.span),
        demand: number::count(report.proposed.demand),
        bars: bars.collect(),
        raw: raw(report),
    }
}

fn bar(name: &'static str, limit: String, replay: &Replay, (most, zone): (f64, &Zone)) -> Bar {
    let part = if most > 0.0 { replay.rejected_ratio() / most } else { 0.0 };
    let detail = match replay.windows_hit {
        0 => String::new(),
        hit => format!(
            "in {}, worst {}",
            number::plural(hit, "window"),
            words::worst(Some(replay), zone)
        ),
    };
    let (percent, rejected) = (format!("{:.1}", part * 100.0), words::rejected(Some(replay)));
    Bar { name, limit, percent, rejected, detail }
}

/// What incidents would have added, where they add something, and what the limiter counted, where it tells.
fn raw(report: &ReplayReport) -> Option<String> {
    let now = words::rejected(report.current_raw.as_ref());
    let proposed = words::rejected(Some(&report.proposed_raw));
    let differs = report.proposed_raw.rejected > report.proposed.rejected
        || report.current_raw.map(|it| it.rejected) > report.current.map(|it| it.rejected);
    let raw = differs.then(|| format!("With incidents included: now {now}, proposed {proposed}."));
    let counted = report.counted_over_limit.map(number::count);
    let counted = counted.map(|it| format!("The limiter itself counted {it} over the limit."));
    let told: Vec<String> = raw.into_iter().chain(counted).collect();
    (!told.is_empty()).then(|| told.join(" "))
}
