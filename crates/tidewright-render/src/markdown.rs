//! The report as Markdown, for pull requests, tickets and terminals.
//!
//! Text from outside is escaped, so that a name cannot break a table or become markup.

use std::fmt::Write as _;

use tidewright_core::Proposal;

use crate::account::{Line, arithmetic};
use crate::discovery::{Section, report_sections};
use crate::layout::Align;
use crate::marks::{self, MARKS_MAX, weightiest};
use crate::number;
use crate::report::{Report, by_interest};
use crate::table::{summary, totals};
use crate::words;

/// Limits that are told in full: more than that is read in the HTML report.
const FULL_MAX: usize = 50;

/// The report as Markdown.
pub fn markdown(report: &Report<'_>) -> String {
    let (run, plan) = (report.run, &report.run.plan);
    let zone = words::plan_zone(plan);
    let order = by_interest(&plan.proposals);
    let mut out = format!("# Rate limits as of {}\n\n{}.\n\n", zone.format(run.at), summary(plan));
    out += &facts(report);
    out += &bullets("Notes", report.notes);
    out += &bullets("Warnings of the source", &plan.warnings);
    out += &impact(report);
    let changes = order.iter().map(|&place| &plan.proposals[place]);
    let (changed, held): (Vec<_>, Vec<_>) = changes.partition(|it| it.decision.changes());
    out += &table("Changes", &changed);
    out += &table("Held", &held);
    out += &beside(report);
    out += &full(report, &changed);
    out + &diff(report.diff.unwrap_or_default())
}

fn facts(report: &Report<'_>) -> String {
    let (run, plan) = (report.run, &report.run.plan);
    let zone = words::plan_zone(plan);
    let method = format!("{}: {}", words::method(plan.method), plan.method_note);
    let document = plan.document.clone().unwrap_or_else(|| "none".to_owned());
    let facts = [
        ("Mode", run.mode.name().to_owned()),
        ("Demand from", plan.source.clone()),
        ("Read by", method),
        ("History", words::span(&zone, plan.history)),
        ("Current limits from", document),
        ("Series without a limit", number::whole(plan.unmatched)),
        ("Run", run.id.to_string()),
    ];
    let lines = facts.into_iter().map(|(name, value)| format!("- {name}: {}\n", escaped(&value)));
    lines.collect()
}

fn bullets(title: &str, texts: &[String]) -> String {
    if texts.is_empty() {
        return String::new();
    }
    let lines = texts.iter().map(|text| format!("- {}\n", escaped(text)));
    format!("\n## {title}\n\n{}", lines.collect::<String>())
}

fn beside(report: &Report<'_>) -> String {
    let section = |section: Section| {
        let titles: Vec<&str> = section.header.iter().map(|(title, _)| *title).collect();
        let rule = section.header.iter().map(|(_, align)| match align {
            Align::Left => "---|",
            Align::Right => "---:|",
        });
        let row = |row: &Vec<String>| {
            let cells: Vec<String> = row.iter().map(|cell| escaped(cell)).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        let more = match section.more {
            0 => String::new(),
            more => format!("\nAnd {} more.\n", number::whole(more)),
        };
        format!(
            "\n## {}\n\n{}.\n\n| {} |\n|{}\n{}{more}",
            section.title,
            capital(section.about),
            titles.join(" | "),
            rule.collect::<String>(),
            section.rows.iter().map(row).collect::<String>()
        )
    };
    report_sections(report.discovery).into_iter().map(section).collect()
}

/// A sentence as it begins.
fn capital(text: &str) -> String {
    let first: String = text.chars().take(1).flat_map(char::to_uppercase).collect();
    first + text.chars().as_str().get(1..).unwrap_or_default()
}

fn impact(report: &Report<'_>) -> String {
    let rows = totals(&report.run.plan);
    if rows.is_empty() {
        return String::new();
    }
    let head = "\n## Impact\n\n| Total | Now | Proposed | Change |\n|---|---:|---:|---:|\n";
    let rows = rows.into_iter().map(|row| format!("| {} |\n", row.join(" | ")));
    head.to_owned() + &rows.collect::<String>()
}

fn table(title: &str, proposals: &[&Proposal]) -> String {
    if proposals.is_empty() {
        return String::new();
    }
    let mut out = format!(
        "\n## {title}\n\n| Limit | Current | Proposed | Change | Rejected now | Rejected proposed | Why |\n\
         |---|---:|---:|---:|---:|---:|---|\n"
    );
    for proposal in proposals {
        let replay = proposal.replay.as_ref();
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} |",
            code(&proposal.key.name()),
            number::setting(proposal.current),
            number::limit_or_none(proposal.proposed),
            number::change(proposal.change_ratio()),
            words::rejected(replay.and_then(|it| it.current.as_ref())),
            words::rejected(replay.map(|it| &it.proposed)),
            escaped(&words::reason(proposal))
        );
    }
    out
}

fn full(report: &Report<'_>, changed: &[&Proposal]) -> String {
    let mut out = String::new();
    for proposal in changed.iter().take(FULL_MAX) {
        out += &one(report, proposal);
    }
    let more = changed.len().saturating_sub(FULL_MAX);
    if more > 0 {
        let _ = writeln!(out, "\n{} more changes are in the table above.", number::whole(more));
    }
    if out.is_empty() { out } else { format!("\n## Why\n{out}") }
}

fn one(report: &Report<'_>, proposal: &Proposal) -> String {
    let zone = words::zone_of(&report.run.plan, proposal);
    let mut out =
        format!("\n### {}\n\n{}\n", code(&proposal.key.name()), escaped(&words::why(proposal)));
    if let Some(estimate) = &proposal.estimate {
        let _ = writeln!(
            out,
            "\n| Step | How | Requests per {} |\n|---|---|---:|",
            estimate.limit.unit
        );
        out.extend(arithmetic(estimate).iter().map(step));
    }
    let remarks = proposal.remarks.iter().map(ToString::to_string);
    let marks = weightiest(&proposal.marks, MARKS_MAX).into_iter().map(|mark| {
        let (word, when) = (marks::word(mark.kind), words::span(&zone, mark.span));
        format!("{word} {when}: {}", marks::note(mark))
    });
    let more = proposal.marks.len().saturating_sub(MARKS_MAX);
    let more = (more > 0).then(|| format!("and {} that weigh less", number::whole(more)));
    let lines = remarks.chain(marks).chain(more).map(|text| format!("- {}\n", escaped(&text)));
    let lines: String = lines.collect();
    if lines.is_empty() { out } else { format!("{out}\n{lines}") }
}

fn step(line: &Line) -> String {
    format!("| {} | {} | {} |\n", line.name, escaped(&line.how), line.value)
}

fn diff(diff: &str) -> String {
    if diff.is_empty() {
        return String::new();
    }
    // A fence longer than any in the document cannot be closed by it.
    let fence = "`".repeat(longest_run(diff).max(2) + 1);
    format!("\n## Diff\n\n{fence}diff\n{diff}{fence}\n")
}

/// Plain text in which nothing is markup, on one line.
fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('|', "\\|");
    text.replace(['\r', '\n'], " ")
}

/// A name between more backticks than it holds itself.
fn code(text: &str) -> String {
    let fence = "`".repeat(longest_run(text) + 1);
    let blank = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    let text = text.replace('|', "\\|").replace(['\r', '\n'], " ");
    format!("{fence}{blank}{text}{blank}{fence}")
}

/// The longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_break_its_table() {
        assert_eq!(code("a|b"), "`a\\|b`");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(escaped("<b>|\n"), "&lt;b>\\| ");
    }

    #[test]
    fn a_diff_cannot_close_its_fence() {
        assert!(diff("+```\n").contains("\n````diff\n+```\n````\n"));
    }
}
