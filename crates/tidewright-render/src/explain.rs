//! One limit explained line by line: a reader can redo the arithmetic with a pocket calculator.

use std::fmt::Write as _;

use tidewright_core::{
    Estimate, LimitPlan, Mark, Proposal, Remark, Replay, ReplayReport, RunRecord, Zone,
};

use crate::account::{Line, arithmetic, data};
use crate::layout::{Align, pad, visible, wrap};
use crate::marks;
use crate::next::next;
use crate::number;
use crate::words;

/// How wide prose is set: readable in any terminal.
const PROSE_WIDTH: usize = 78;

/// How wide the name of a line is, and its sum and result together.
const LINE_WIDTHS: [usize; 2] = [12, PROSE_WIDTH - 12];

/// How far a sum reaches into the room of its result.
const SUM_WIDTH: usize = 51;

/// Everything that led to a proposal, with times in the zone of its prime time.
pub fn explain(run: &RunRecord, proposal: &Proposal) -> String {
    let plan = &run.plan;
    let zone = words::zone_of(plan, proposal);
    let mut out = format!("{}\n", visible(&proposal.key.to_string()));
    let _ = writeln!(out, "run {} as of {}, mode {}", run.id, zone.format(run.at), run.mode);
    out += &paragraph("WHY", &words::why(proposal));
    out += &next(proposal).map_or(String::new(), |next| paragraph("WHAT NEXT", &next));
    out += &numbers(proposal);
    out += &remarks(&proposal.remarks);
    out += &stood_out(&proposal.marks, &zone);
    if let Some(report) = &proposal.replay {
        out += &replay(proposal, report, &zone);
    }
    out + &sources(plan, proposal.estimate.as_ref(), &zone)
}

fn paragraph(title: &str, text: &str) -> String {
    let lines = wrap(text, PROSE_WIDTH).into_iter().map(|line| format!("  {line}\n"));
    format!("\n{title}\n{}", lines.collect::<String>())
}

fn numbers(proposal: &Proposal) -> String {
    let Some(estimate) = &proposal.estimate else {
        return paragraph("ARITHMETIC", "nothing could be computed");
    };
    let unit = estimate.limit.unit;
    let mut out = format!("\nARITHMETIC (requests per {unit})\n");
    out.extend(arithmetic(estimate).iter().map(line));
    out += "\nDECISION\n";
    let change = number::change(proposal.change_ratio());
    let current =
        Line { name: "current", how: String::new(), value: number::setting(proposal.current) };
    let decision = format!("{}: {}", words::decision(proposal), proposal.reason);
    let proposed = Line {
        name: "proposed",
        how: format!("change {change}"),
        value: number::limit_or_none(proposal.proposed),
    };
    let beside = proposal.beside.map(|beside| Line {
        name: "beside",
        how: format!("formula {}, for comparison", beside.formula.name()),
        value: number::limit_or_none(beside.limit),
    });
    out += &line(&current);
    out += &line(&proposed);
    out.extend(beside.iter().map(line));
    out + &indented(&decision)
}

/// A line with its result at the right edge; a long sum goes on below.
fn line(line: &Line) -> String {
    let [name_width, rest_width] = LINE_WIDTHS;
    let sum_width = if line.value.is_empty() { rest_width } else { SUM_WIDTH };
    let mut how = wrap(&line.how, sum_width).into_iter();
    let first = how.next().unwrap_or_default();
    let room = rest_width.saturating_sub(first.chars().count()).max(line.value.chars().count() + 1);
    let name = pad(line.name, name_width, Align::Left);
    let value = format!("{:>room$}", line.value);
    let mut out = format!("  {name}{first}{value}");
    out.truncate(out.trim_end().len());
    out.push('\n');
    out.extend(how.map(|rest| format!("  {}{rest}\n", " ".repeat(name_width))));
    out
}

fn indented(text: &str) -> String {
    wrap(text, PROSE_WIDTH).into_iter().map(|line| format!("  {line}\n")).collect()
}

/// A line with a dash; what is too long goes on below, further in.
fn bullet(text: &str) -> String {
    let lines = wrap(text, PROSE_WIDTH - 2).into_iter().enumerate();
    lines.map(|(i, line)| format!("  {} {line}\n", if i == 0 { "-" } else { " " })).collect()
}

fn remarks(remarks: &[Remark]) -> String {
    if remarks.is_empty() {
        return String::new();
    }
    let lines = remarks.iter().map(|remark| bullet(&remark.to_string()));
    format!("\nREMARKS\n{}", lines.collect::<String>())
}

fn stood_out(marks: &[Mark], zone: &Zone) -> String {
    if marks.is_empty() {
        return String::new();
    }
    let line = |mark: &Mark| {
        let when = words::span(zone, mark.span);
        bullet(&format!("{} {when}: {}", marks::word(mark.kind), marks::note(mark)))
    };
    format!("\nWHAT STOOD OUT\n{}", marks.iter().map(line).collect::<String>())
}

fn replay(proposal: &Proposal, report: &ReplayReport, zone: &Zone) -> String {
    let days = words::span(zone, report.span);
    let mut out = format!("\nREPLAY on days that were not fitted\n  {days}\n");
    let demand = number::count(report.proposed.demand);
    let windows = number::plural(report.proposed.windows, "window");
    out += &indented(&format!("clean demand: {demand} requests in {windows}"));
    let (current, proposed) =
        (number::setting(proposal.current), number::limit_or_none(proposal.proposed));
    let rule = report.held_back.as_ref();
    let lines = [
        ("now", current.clone(), report.current.as_ref()),
        ("proposed", proposed.clone(), Some(&report.proposed)),
        (
            "as of then",
            rule.map_or_else(String::new, |it| number::limit(it.limit)),
            rule.map(|it| &it.replay),
        ),
    ];
    out.extend(
        lines.iter().filter_map(|(name, limit, it)| Some(outcome(name, limit, (*it)?, zone))),
    );
    out += "  as measured, incidents included\n";
    let lines = [
        ("now", current, report.current_raw.as_ref()),
        ("proposed", proposed, Some(&report.proposed_raw)),
    ];
    out.extend(
        lines.iter().filter_map(|(name, limit, it)| Some(outcome(name, limit, (*it)?, zone))),
    );
    if let Some(history) = report.history.filter(|it| it.proposed_ratio > 0.0) {
        let share = |ratio: f64| format!("{:.3} %", 100.0 * ratio);
        let (now, proposed) = (share(history.current_ratio), share(history.proposed_ratio));
        out += &indented(&format!(
            "two weeks of clean history: now rejects {now}, proposed {proposed}"
        ));
    }
    if let Some(counted) = report.counted_over_limit {
        let counted = number::count(counted);
        out += &indented(&format!("the limiter itself counted {counted} over the limit"));
    }
    if rule.is_some() {
        out +=
            &indented("as of then: what the same formula made of the days before, tried on these");
    }
    out
}

fn outcome(name: &str, limit: &str, replay: &Replay, zone: &Zone) -> String {
    let rejected = words::rejected(Some(replay));
    let mut out = format!("    {name:<10}{limit:>14}  rejects {rejected}");
    if replay.windows_hit > 0 {
        let hit = number::plural(replay.windows_hit, "window");
        let _ = write!(out, " in {hit},\n{:30}worst {}", "", words::worst(Some(replay), zone));
    }
    out + "\n"
}

fn sources(plan: &LimitPlan, estimate: Option<&Estimate>, zone: &Zone) -> String {
    let mut out = "\nDATA\n".to_owned();
    let mut text = |name, how: String| out += &line(&Line { name, how, value: String::new() });
    text("source", plan.source.clone());
    text("read by", format!("{}: {}", words::method(plan.method), plan.method_note));
    text("asked for", words::span(zone, plan.history));
    text("document", plan.document.clone().unwrap_or_else(|| "none".to_owned()));
    out.extend(estimate.iter().flat_map(|estimate| data(estimate)).map(|it| line(&it)));
    out
}
