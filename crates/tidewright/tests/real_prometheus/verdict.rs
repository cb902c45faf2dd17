//! Whether a run was right, given what the same binary makes of the clean truth. Each fault is a sentence.

use serde_json::Value;
use tidewright_testkit::estate::{DAYS_SHORT, Estate, Event, EventKind, Pair};

use crate::run::{Run, number, word};
use crate::scene::{self, Scene};

/// How far a limit may lie from that of the clean truth.
const TOLERANCE: f64 = 0.1;
/// A launch doubles demand; a limit that follows it grows by more than this.
const LAUNCH_RAISE_MIN: f64 = 1.3;

/// The limits of the document that no pair of the estate matches, and why they are held.
const OTHERS: [(&str, &str); 4] = [
    ("<PARTNER>", "no_traffic"),
    ("batch", "no_traffic"),
    ("slow*", "not_estimable"),
    ("DEEP:/deep:POST", "not_estimable"),
];

/// Pairs whose right answer is open: a real rush of two days, then the launch, and gaps between them. With and without the
/// injected bursts the rush is told from a new level one time and not the other.
const OPEN: [(u64, &str); 1] = [(9, "NASA_1:/api/v3/playback")];

/// Faults in the limits of the estate's pairs.
pub(crate) fn limits(estate: &Estate, reference: &Run, found: &Run) -> Vec<String> {
    let fault = |pair: &Pair| {
        let name = pair.name();
        let (Some(reference), Some(found)) =
            (reference.proposals.get(&name), found.proposals.get(&name))
        else {
            return Some(format!("{name}: there is no proposal"));
        };
        let scene = scene::scene(estate, pair);
        let fault = limit(pair, scene, reference, found)?;
        Some(format!("{name} ({scene:?}, {:?}): {fault}", pair_story(pair)))
    };
    let is_open = |pair: &&Pair| OPEN.contains(&(estate.seed, pair.name().as_str()));
    estate.pairs.iter().filter(|pair| !is_open(pair)).filter_map(fault).collect()
}

/// Faults in limits of others: they are held.
pub(crate) fn others(found: &Run) -> Vec<String> {
    let fault = |(name, code): &(&str, &str)| {
        let proposal = found.proposals.get(*name);
        let held = proposal.is_some_and(|proposal| {
            word(proposal, "/decision") == "hold" && word(proposal, "/reason/code") == *code
        });
        (!held).then(|| format!("{name} should be held as {code}: {proposal:?}"))
    };
    OTHERS.iter().filter_map(fault).collect()
}

/// Faults in the bytes: the file is left alone, and what would be written differs in digits only.
pub(crate) fn bytes(found: &Run) -> Vec<String> {
    let mut faults = Vec::new();
    if found.document_after != found.document {
        faults.push("the current document was changed in testing mode".to_owned());
    }
    let lines = |sign: char| -> Vec<&str> {
        let marked = found.report.lines().skip_while(|line| !line.starts_with("@@"));
        marked.filter_map(|line| line.strip_prefix(sign)).collect()
    };
    let (removed, added) = (lines('-'), lines('+'));
    let equal = |(old, new): (&&str, &&str)| {
        number_removed(old) == number_removed(new) && found.document.contains(*old)
    };
    let changed = found.proposals.values().filter(|p| word(p, "/decision") != "hold").count();
    if removed.len() != changed || added.len() != changed {
        faults.push(format!("{changed} limits change, but {} lines do", removed.len()));
    }
    if !removed.iter().zip(&added).all(equal) {
        faults.push(format!("more than digits would change: {removed:?} to {added:?}"));
    }
    faults
}

/// A line of a limit without its number.
fn number_removed(line: &str) -> Option<(&str, &str)> {
    let (before, rest) = line.split_once("requests_per_unit:")?;
    Some((before, rest.trim_start().trim_start_matches(|c: char| c.is_ascii_digit())))
}

fn limit(pair: &Pair, scene: Scene, reference: &Value, found: &Value) -> Option<String> {
    let is = |code| held(found, code);
    match scene {
        Scene::Unlimited => return (!is("unlimited")).then(|| told(found)),
        Scene::Blocked => return (!is("blocked")).then(|| told(found)),
        // How it is decided comes later; that it is seen is asked for now.
        _ if pair.has(EventKind::SlowAttack) => return not_reported(found),
        _ => {}
    }
    let sizes = (estimate(reference), estimate(found));
    let (Some(wanted), Some(got)) = sizes else { return Some(format!("no estimate: {sizes:?}")) };
    let ratio = got / wanted;
    if (ratio - 1.0).abs() > TOLERANCE {
        let (found, truth) = (told(found), told(reference));
        return Some(format!(
            "{got} instead of {wanted}, {ratio:.3} times; {found}; clean truth {truth}"
        ));
    }
    let right = match word(found, "/decision") {
        "hold" => held_rightly(pair, reference, found),
        _ => number(found, "/proposed/requests_per_unit") == Some(got),
    };
    if !right || (pair.has(EventKind::Launch) && !followed_the_launch(found)) {
        return Some(format!("clean truth {}; found {}", told(reference), told(found)));
    }
    None
}

fn held_rightly(pair: &Pair, reference: &Value, found: &Value) -> bool {
    let current = number(found, "/current/requests_per_unit").unwrap_or(0.0);
    let bound = |end| number(reference, end).unwrap_or(f64::NAN);
    let (lower, upper) = (bound("/estimate/interval/lower"), bound("/estimate/interval/upper"));
    match word(found, "/reason/code") {
        "inside_interval" => {
            lower * (1.0 - TOLERANCE) <= current && current <= upper * (1.0 + TOLERANCE)
        }
        // The first run that wishes a cut.
        "awaits_agreement" => {
            word(found, "/wish") == "lower" && upper * (1.0 - TOLERANCE) <= current
        }
        "short_history" => pair.truth.span().days() <= DAYS_SHORT as f64 && current > lower,
        // The gate looks at the last days, and those of the clean truth say the same.
        "replay_gate" => held(reference, "replay_gate"),
        _ => false,
    }
}

fn followed_the_launch(found: &Value) -> bool {
    let ratio = || Some(estimate(found)? / number(found, "/current/requests_per_unit")?);
    word(found, "/decision") == "raise" && ratio().is_some_and(|ratio| ratio > LAUNCH_RAISE_MIN)
}

fn not_reported(found: &Value) -> Option<String> {
    let marks = found.pointer("/marks").and_then(Value::as_array);
    let mut kinds = marks.into_iter().flatten().map(|mark| word(mark, "/kind"));
    let seen = kinds.any(|kind| kind == "slow_rise");
    (!seen).then(|| format!("the slow attack is not reported; {}", told(found)))
}

fn held(proposal: &Value, code: &str) -> bool {
    word(proposal, "/decision") == "hold" && word(proposal, "/reason/code") == code
}

fn estimate(proposal: &Value) -> Option<f64> {
    number(proposal, "/estimate/limit/requests_per_unit")
}

/// What a developer must know of a proposal that is wrong.
fn told(proposal: &Value) -> String {
    let number = |pointer| number(proposal, pointer).unwrap_or(f64::NAN);
    let marks = proposal.pointer("/marks").and_then(Value::as_array);
    let marks: Vec<String> = marks
        .into_iter()
        .flatten()
        .map(|mark| format!("{} {}", word(mark, "/kind"), word(mark, "/span/start")))
        .collect();
    format!(
        "{} from {} to {} by {} ({}), peak {}, forecast {}, marks {marks:?}",
        word(proposal, "/decision"),
        number("/current/requests_per_unit"),
        number("/estimate/limit/requests_per_unit"),
        word(proposal, "/reason/code"),
        word(proposal, "/estimate/model"),
        number("/estimate/statistics/peak/value"),
        number("/estimate/arithmetic/forecast/value"),
    )
}

fn pair_story(pair: &Pair) -> Vec<String> {
    let event =
        |event: &Event| format!("{:?} x{:.1} {}", event.kind, event.factor, event.span.start);
    pair.truth.events.iter().map(event).collect()
}
