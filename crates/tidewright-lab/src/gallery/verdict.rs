//! Whether a decision is the expected one, of the product and of the predecessor's `v3`.

use tidewright_core::{Decision, Frame, Policy, Proposal, SeriesKey, Unit, Zone};
use tidewright_engine::Planned;
use tidewright_plan::legacy::{V3, v3};
use tidewright_plan::{Demand, Windows, prime_time};

use super::play::Played;
use super::story::{Expected, Story};
use crate::text::{table, thousands};

/// The part of history that the predecessor looks at, in minutes.
const V3_MINUTES: usize = 7 * 1440;
/// A number this close to the current one is no change to the predecessor, in percent.
const V3_DEVIATION_PERCENT: f64 = 10.0;

/// How right the answers for one limit are.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Which limit: `partner:/path`.
    pub limit: String,
    /// The product's.
    pub ours: Answer,
    /// The predecessor's.
    pub v3: Answer,
}

/// One answer for one limit.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What to do.
    pub decision: Decision,
    /// The number afterwards, where there is one.
    pub number: Option<u32>,
    /// Why, as a word and as a sentence; the predecessor has no reasons.
    pub reason: Option<(String, String)>,
    /// What is wrong with it; right if empty.
    pub faults: Vec<String>,
}

/// Judges both answers for one limit.
pub(super) fn judge(expected: &Expected, planned: &Planned, demand: &Frame) -> Verdict {
    let key = expected.key();
    let proposals = &planned.record.plan.proposals;
    let proposal = proposals.iter().find(|proposal| proposal.key == key);
    Verdict {
        limit: expected.limit.clone(),
        ours: judged(expected, proposal.map_or_else(silence, answer)),
        v3: judged(expected, v3_answer(expected, demand)),
    }
}

/// The product said nothing about the limit, so nothing happens to it.
const fn silence() -> Answer {
    Answer { decision: Decision::Hold, number: None, reason: None, faults: Vec::new() }
}

fn answer(proposal: &Proposal) -> Answer {
    let remarks = proposal.remarks.iter().map(|remark| format!("; {remark}"));
    let sentence = proposal.reason.to_string() + &remarks.collect::<String>();
    Answer {
        decision: proposal.decision,
        number: proposal.proposed.map(|limit| limit.requests_per_unit),
        reason: Some((proposal.reason.code().to_owned(), sentence)),
        faults: Vec::new(),
    }
}

/// What `v3` makes of the latest week. It knows no reason to hold: it holds where it has no number or hardly another.
fn v3_answer(expected: &Expected, demand: &Frame) -> Answer {
    let number = v3_number(expected, demand);
    let current = match expected.setting() {
        Some(tidewright_core::Setting::Limited(limit)) => Some(limit.requests_per_unit),
        _ => None,
    };
    let decision = match (number, current) {
        (None, _) => Decision::Hold,
        (Some(_), None) if expected.unlimited => Decision::Lower,
        (Some(_), None) => Decision::Create,
        (Some(new), Some(old)) if is_near(new, old) => Decision::Hold,
        (Some(new), Some(old)) if new > old => Decision::Raise,
        (Some(_), Some(_)) => Decision::Lower,
    };
    Answer { decision, number: number.or(current), reason: None, faults: Vec::new() }
}

fn is_near(new: u32, old: u32) -> bool {
    let deviation = 100.0 * (f64::from(new) - f64::from(old)) / f64::from(old);
    deviation.abs() <= V3_DEVIATION_PERCENT
}

/// Its number per minute, in the unit of the limit.
fn v3_number(expected: &Expected, demand: &Frame) -> Option<u32> {
    let (partner, path) = expected.names();
    let key = SeriesKey::new([("PARTNER", partner), ("PATH", path)]);
    let column = demand.keys().iter().position(|each| *each == key)?;
    let len = demand.grid().len();
    let from = len.saturating_sub(V3_MINUTES);
    let minutes = &demand.column(column)[from..];
    let windows = Windows::new(demand.grid().slice(from, len - from), &Zone::utc());
    let shown = Demand { windows: &windows, raw: minutes, clean: minutes };
    let prime = prime_time(&shown, windows.grid().span(), &Policy::default().prime);
    let limit = v3(&windows, minutes, &prime, &V3::default())?;
    let unit = expected.unit().unwrap_or(Unit::Minute);
    let number = f64::from(limit.number) * unit.secs() as f64 / 60.0;
    Some(number.round() as u32)
}

/// The answer with what is wrong with it.
fn judged(expected: &Expected, mut answer: Answer) -> Answer {
    let name = answer.decision.name();
    if !expected.decision.iter().any(|right| right == name) {
        answer.faults.push(format!("decided {name}, expected {}", expected.decision.join(" or ")));
    }
    if let Some((code, _)) = &answer.reason
        && !expected.reason.is_empty()
        && !expected.reason.contains(code)
    {
        answer.faults.push(format!("reason {code}, expected {}", expected.reason.join(" or ")));
    }
    if let (Some([low, high]), Some(number)) = (expected.number, answer.number)
        && answer.decision.changes()
        && !(low..=high).contains(&number)
    {
        answer.faults.push(format!("number {number}, expected {low} to {high}"));
    }
    answer
}

/// What is wrong with the product's answers, a line for each fault.
pub fn fault_lines(played: &[Played]) -> String {
    let verdicts =
        played.iter().flat_map(|it| it.verdicts.iter().map(move |verdict| (it, verdict)));
    let lines = verdicts.flat_map(|(it, verdict)| {
        let Story { id, seed, .. } = &it.story;
        let why = why(&verdict.ours);
        let line = move |fault: &String| {
            format!("wrong: {id} (seed {seed}), {}: {fault}{why}\n", verdict.limit)
        };
        verdict.ours.faults.iter().map(line)
    });
    lines.collect()
}

/// How many stories and limits are right.
pub fn score_lines(played: &[Played]) -> String {
    let stories = |is_right: fn(&Played) -> bool| played.iter().filter(|it| is_right(it)).count();
    let verdicts = || played.iter().flat_map(|it| &it.verdicts);
    let limits = |answer: fn(&Verdict) -> &Answer| {
        verdicts().filter(|verdict| answer(verdict).faults.is_empty()).count()
    };
    let line = |what: &str, (ours, v3): (usize, usize), all: usize| {
        format!("{what} decided right: {ours} of {all}; by the predecessor's v3: {v3} of {all}\n")
    };
    let stories = (stories(Played::is_right), stories(Played::is_v3_right));
    let limits = (limits(|verdict| &verdict.ours), limits(|verdict| &verdict.v3));
    line("stories", stories, played.len()) + &line("limits", limits, verdicts().count())
}

/// All stories with their answers, and how many are right.
pub fn verdict_table(played: &[Played]) -> String {
    let head = ["story", "limit", "now", "expected", "decided", "reason", "number", "", "v3", ""];
    let rows: Vec<Vec<String>> = played.iter().flat_map(rows).collect();
    [table(&head, &rows), "\n".to_owned(), score_lines(played), fault_lines(played)].concat()
}

fn why(answer: &Answer) -> String {
    answer.reason.as_ref().map_or_else(String::new, |(_, sentence)| format!(" ({sentence})"))
}

fn rows(played: &Played) -> Vec<Vec<String>> {
    let limits = played.story.limits.iter().zip(&played.verdicts);
    let row = |(expected, verdict): (&Expected, &Verdict)| {
        let number = |number: Option<u32>| number.map_or_else(|| "-".to_owned(), |n| n.to_string());
        let mark = |answer: &Answer| if answer.faults.is_empty() { "right" } else { "WRONG" };
        let reason = verdict.ours.reason.as_ref().map_or("-", |(code, _)| code);
        vec![
            played.story.id.clone(),
            verdict.limit.clone(),
            if expected.unlimited { "unlimited".to_owned() } else { number(expected.now) },
            expected.decision.join("|"),
            verdict.ours.decision.name().to_owned(),
            reason.to_owned(),
            number(verdict.ours.number),
            mark(&verdict.ours).to_owned(),
            format!("{} {}", verdict.v3.decision.name(), number(verdict.v3.number)),
            mark(&verdict.v3).to_owned(),
        ]
    };
    limits.map(row).collect()
}

/// What the document says, for people.
pub(super) fn current(expected: &Expected) -> String {
    match (expected.unlimited, expected.now, expected.unit()) {
        (true, ..) => "unlimited".to_owned(),
        (false, Some(number), Ok(unit)) => format!("{} a {unit}", thousands(number)),
        _ => "no limit yet".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(text: &str) -> Expected {
        serde_saphyr::from_str(&format!("limit: 'a:/x'\nbecause: so\n{text}")).unwrap()
    }

    fn answer(decision: Decision, number: u32, code: &str) -> Answer {
        let reason = Some((code.to_owned(), code.to_owned()));
        Answer { decision, number: Some(number), reason, faults: Vec::new() }
    }

    #[test]
    fn decision_reason_and_number_are_judged() {
        let expected =
            expected("now: 5\ndecision: [raise]\nreason: [demand_above_limit]\nnumber: [10, 20]");
        let faults = |answer| judged(&expected, answer).faults;
        assert!(faults(answer(Decision::Raise, 15, "demand_above_limit")).is_empty());
        assert_eq!(
            faults(answer(Decision::Raise, 25, "demand_above_limit")),
            ["number 25, expected 10 to 20"]
        );
        assert_eq!(
            faults(answer(Decision::Hold, 5, "stale")),
            ["decided hold, expected raise", "reason stale, expected demand_above_limit"]
        );
    }

    #[test]
    fn the_predecessor_holds_only_where_it_has_no_other_number() {
        let start = tidewright_core::Timestamp::from_secs(0);
        let grid = tidewright_core::Grid::new(start, 60_000, 1440).unwrap();
        let key = SeriesKey::new([("PARTNER", "a"), ("PATH", "/x")]);
        let demand = |count| Frame::new(grid, vec![key.clone()], vec![count; 1440]).unwrap();
        let decided = |now: &str, count| {
            v3_answer(&expected(&format!("{now}\ndecision: [hold]")), &demand(count)).decision
        };
        // 1,000 x 4.32 = 4,300.
        assert_eq!(decided("now: 1000", 1000.0), Decision::Raise);
        assert_eq!(decided("now: 4200", 1000.0), Decision::Hold);
        assert_eq!(decided("now: 9000", 1000.0), Decision::Lower);
        assert_eq!(decided("now: 9000", f64::NAN), Decision::Hold);
        assert_eq!(decided("now: 0", 1000.0), Decision::Raise);
        assert_eq!(decided("unlimited: true", 1000.0), Decision::Lower);
        assert_eq!(decided("unit: hour\nnow: 258000", 1000.0), Decision::Hold);
    }
}
