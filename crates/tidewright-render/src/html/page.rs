//! The page around the cards: head, summary, the table of all limits, and the diff.

use askama::Template;
use tidewright_core::{Decision, Limit, Proposal};

use super::card::glyph;
use super::prose::Prose;
use crate::discovery::{Section, report_sections};
use crate::number;
use crate::report::{Report, Tally, Totals};
use crate::table::totals;
use crate::words;

/// The longest diff that is shown; the whole of it is in the document.
const DIFF_BYTES_MAX: usize = 200_000;

pub(super) const STYLE: &str = include_str!("../../templates/style.css");

const SCRIPT: &str = include_str!("../../templates/script.js");

/// The hash by which the page's policy lets its one script run; a test holds it to the script.
const SCRIPT_HASH: &str = "sha256-KHhwLGDZqMQutFBs1u+lfuubSWLgPANoo2lA+oBTBP0=";

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    style: &'static str,
    script: &'static str,
    script_hash: &'static str,
    as_of: String,
    mode: &'static str,
    facts: Vec<(&'static str, Prose)>,
    tiles: Vec<Tile>,
    rejected: Option<Rejected>,
    held_by: Vec<(String, String, String)>,
    impact: Vec<Vec<Prose>>,
    warnings: Vec<Prose>,
    notes: Vec<Prose>,
    unmatched: usize,
    beside: Vec<Beside>,
    rows: Vec<Row>,
    cards: &'a [String],
    not_in_full: usize,
    diff: Vec<(char, &'a str)>,
    diff_is_cut: bool,
}

/// A number at the top of the page.
struct Tile {
    class: &'static str,
    glyph: &'static str,
    count: String,
    word: &'static str,
}

/// What the plan does to rejections of clean demand.
struct Rejected {
    now: Prose,
    proposed: Prose,
    demand: String,
}

/// One list of what was seen beside the decisions.
struct Beside {
    title: &'static str,
    about: &'static str,
    header: Vec<&'static str>,
    rows: Vec<Vec<Prose>>,
    more: usize,
}

/// A row of the table of all limits.
struct Row {
    link: Option<usize>,
    name: Prose,
    current: String,
    proposed: String,
    change: String,
    decision: &'static str,
    glyph: &'static str,
    reason: Prose,
    rejected: String,
    sort: [String; 4],
}

/// The page with these cards; the first `linked` limits of `order` get a link to theirs.
pub(super) fn render(
    report: &Report<'_>,
    order: &[usize],
    linked: usize,
    cards: &[String],
) -> String {
    let plan = &report.run.plan;
    let rows = order.iter().enumerate();
    let rows =
        rows.map(|(rank, &place)| row(&plan.proposals[place], (rank < linked).then_some(place)));
    let (diff, diff_is_cut) = diff(report.diff.unwrap_or_default());
    let page = Page {
        style: STYLE,
        script: SCRIPT,
        script_hash: SCRIPT_HASH,
        as_of: words::plan_zone(plan).format(report.run.at),
        mode: report.run.mode.name(),
        facts: facts(report),
        tiles: tiles(&plan.proposals),
        rejected: rejected(&plan.proposals),
        held_by: held_by(&plan.proposals),
        impact: totals(plan).iter().map(|row| prose(row)).collect(),
        warnings: prose(&plan.warnings),
        notes: prose(report.notes),
        unmatched: plan.unmatched,
        beside: beside(report),
        rows: rows.collect(),
        cards,
        not_in_full: order.len() - linked.min(order.len()),
        diff,
        diff_is_cut,
    };
    page.render().expect("a template of plain fields renders into memory") + "\n"
}

fn beside(report: &Report<'_>) -> Vec<Beside> {
    let list = |section: Section| Beside {
        title: section.title,
        about: section.about,
        header: section.header.iter().map(|(title, _)| *title).collect(),
        rows: section.rows.iter().map(|row| prose(row)).collect(),
        more: section.more,
    };
    report_sections(report.discovery).into_iter().map(list).collect()
}

fn prose(texts: &[String]) -> Vec<Prose> {
    texts.iter().map(|text| Prose::new(text)).collect()
}

fn facts(report: &Report<'_>) -> Vec<(&'static str, Prose)> {
    let (run, plan) = (report.run, &report.run.plan);
    let zone = words::plan_zone(plan);
    let method = format!("{}: {}", words::method(plan.method), plan.method_note);
    let document = plan.document.clone().unwrap_or_else(|| "none: all limits are new".to_owned());
    let facts = [
        ("Demand from", plan.source.clone()),
        ("Read by", method),
        ("History", words::span(&zone, plan.history)),
        ("Current limits from", document),
        ("Run", run.id.to_string()),
    ];
    facts.into_iter().map(|(name, value)| (name, Prose::new(&value))).collect()
}

fn tiles(proposals: &[Proposal]) -> Vec<Tile> {
    let tally = Tally::of(proposals);
    let tile = |decision: Decision, count, word| Tile {
        class: decision.name(),
        glyph: glyph(decision),
        count: number::whole(count),
        word,
    };
    vec![
        tile(Decision::Raise, tally.raised, "raised"),
        tile(Decision::Lower, tally.lowered, "lowered"),
        tile(Decision::Create, tally.created, "created"),
        tile(Decision::Hold, tally.held, "held"),
    ]
}

fn rejected(proposals: &[Proposal]) -> Option<Rejected> {
    let totals = Totals::of(proposals);
    let clean = totals.clean;
    (totals.limits > 0).then(|| Rejected {
        now: Prose::new(&clean.of_demand(clean.now)),
        proposed: Prose::new(&clean.of_demand(clean.proposed)),
        demand: number::count(clean.demand),
    })
}

/// Code, count and share of the most frequent reason.
fn held_by(proposals: &[Proposal]) -> Vec<(String, String, String)> {
    let tally = Tally::of(proposals);
    let most = tally.held_by.first().map_or(1, |(_, count)| *count) as f64;
    let bar = |(code, count): (&str, usize)| {
        let percent = format!("{:.1}", 100.0 * count as f64 / most);
        (code.replace('_', " "), number::whole(count), percent)
    };
    tally.held_by.into_iter().map(bar).collect()
}

fn row(proposal: &Proposal, link: Option<usize>) -> Row {
    let replay = proposal.replay.as_ref();
    let now = replay.and_then(|it| it.current).map(|it| it.rejected);
    let proposed = replay.map(|it| it.proposed.rejected);
    let text =
        |rejected: Option<f64>| rejected.map_or_else(|| number::NONE.to_owned(), number::count);
    let rejected = match proposed {
        Some(_) => format!("{} → {}", text(now), text(proposed)),
        None => number::NONE.to_owned(),
    };
    let sort = [
        per_minute(proposal.current_limit()),
        per_minute(proposal.proposed),
        proposal.change_ratio().map(|ratio| format!("{ratio:.4}")).unwrap_or_default(),
        now.map(|rejected| format!("{rejected:.0}")).unwrap_or_default(),
    ];
    Row {
        link,
        name: Prose::name(&proposal.key.name()),
        current: number::setting(proposal.current),
        proposed: number::limit_or_none(proposal.proposed),
        change: number::change(proposal.change_ratio()),
        decision: proposal.decision.name(),
        glyph: glyph(proposal.decision),
        reason: Prose::new(&words::reason(proposal)),
        rejected,
        sort,
    }
}

/// A limit by which limits of all units sort.
fn per_minute(limit: Option<Limit>) -> String {
    let rate = limit.map(|it| f64::from(it.requests_per_unit) * 60.0 / it.unit.secs() as f64);
    rate.map(|rate| format!("{rate:.0}")).unwrap_or_default()
}

/// The lines of a diff with the letter that tells their kind, and whether some were left out.
fn diff(text: &str) -> (Vec<(char, &str)>, bool) {
    let mut bytes = 0;
    let kind = |line: &str| match line.as_bytes() {
        [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] => ' ',
        [b'@', ..] => '@',
        [b'+', ..] => '+',
        [b'-', ..] => '-',
        _ => ' ',
    };
    let fits = |line: &&str| {
        bytes += line.len() + 1;
        bytes <= DIFF_BYTES_MAX
    };
    let lines: Vec<_> = text.lines().take_while(fits).map(|line| (kind(line), line)).collect();
    let is_cut = lines.len() < text.lines().count();
    (lines, is_cut)
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    /// Base64 of a SHA-256: 32 bytes make 43 letters and one `=`.
    fn base64(bytes: &[u8]) -> String {
        let letters = |chunk: &[u8]| {
            let word = chunk.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
            let word = word << (8 * (3 - chunk.len()));
            let shifts = [18, 12, 6, 0].into_iter().take(chunk.len() + 1);
            shifts
                .map(|shift| char::from(ALPHABET[(word >> shift) as usize & 63]))
                .collect::<Vec<_>>()
        };
        bytes.chunks(3).flat_map(letters).collect::<String>() + "="
    }

    #[test]
    fn the_policy_lets_exactly_this_script_run() {
        let hash = format!("sha256-{}", base64(&Sha256::digest(SCRIPT.as_bytes())));
        assert_eq!(SCRIPT_HASH, hash, "put this hash into SCRIPT_HASH");
    }

    #[test]
    fn a_diff_knows_its_lines() {
        let (lines, is_cut) = diff("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n c\n");
        let kinds: String = lines.iter().map(|(kind, _)| *kind).collect();
        assert_eq!((kinds.as_str(), is_cut), ("  @-+ ", false));
    }

    #[test]
    fn a_long_diff_is_cut_between_lines() {
        let text = "+0123456789\n".repeat(DIFF_BYTES_MAX / 10);
        let (lines, is_cut) = diff(&text);
        assert!(is_cut && lines.iter().all(|(_, line)| line.len() == 11));
    }
}
