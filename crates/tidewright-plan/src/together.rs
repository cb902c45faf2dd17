//! Rules that look at all limits at once: who rises alone, what stands behind them, how much a first day may change.

use tidewright_core::{
    Decision, Limit, LimitKey, Mark, MarkKind, PlanMemory, Policy, Proposal, Reason, Remark,
    Suspicion, TimeSpan,
};

use crate::guard::{Watch, hold};

/// Rises that begin within this time of one another belong together.
const TOGETHER_MS: i64 = 86_400_000;
/// A share of errors that is so much higher than before rose,
const ERRORS_ROSE_BY: f64 = 0.02;
/// if it also is so many times higher.
const ERRORS_ROSE_TIMES: f64 = 2.0;
/// A fall elsewhere explains a rise if it is at least this part of it.
const MOVED_SHARE: f64 = 0.7;
/// The first day of a document.
const FIRST_DAY: std::time::Duration = std::time::Duration::from_hours(24);

/// A lasting shift of one series, with what stood beside it.
#[derive(Clone, Debug)]
pub struct Shift {
    /// Whose.
    pub key: LimitKey,
    /// Launch, slow rise or decline.
    pub mark: Mark,
    /// By how many requests a minute demand moved.
    pub moved: f64,
    /// The share of 4xx answers, 429 included, before the shift and since; `None` where nothing is known of answers.
    pub errors: Option<(f64, f64)>,
}

/// What makes a person look at the rise of `key`, if anything does.
pub fn suspicion(key: &LimitKey, shifts: &[Shift]) -> Option<Suspicion> {
    let own = shifts.iter().filter(|shift| shift.key == *key && rises(&shift.mark));
    own.filter(|shift| is_alone(shift, shifts)).find_map(suspect)
}

/// The remark for a limit whose rise came from other paths of the same partner.
pub fn moved(key: &LimitKey, shifts: &[Shift], policy: &Policy) -> Option<Remark> {
    let own = |shift: &&Shift| shift.key == *key && rises(&shift.mark);
    shifts.iter().filter(own).any(|rise| is_moved(rise, shifts, policy)).then_some(Remark::Moved)
}

/// Holds the raises that what stands behind them could not carry, the largest first.
pub fn spare_destinations(proposals: &mut [Proposal], policy: &Policy) {
    for destination in &policy.destinations {
        let behind =
            |proposal: &Proposal| destination.selector.matches(&proposal.key, &policy.exclusions);
        let peaks: f64 = proposals.iter().filter(|p| behind(p)).map(peak_per_minute).sum();
        let raise = |p: &Proposal| if behind(p) { raise_per_minute(p) } else { 0.0 };
        let all: f64 = proposals.iter().map(raise).sum();
        let (capacity, needed) = (destination.capacity, peaks + all);
        let mut by_size: Vec<usize> = (0..proposals.len()).collect();
        by_size.retain(|&index| raise(&proposals[index]) > 0.0);
        by_size.sort_by(|&a, &b| raise(&proposals[b]).total_cmp(&raise(&proposals[a])));
        let mut left = needed;
        for index in by_size {
            if left <= capacity {
                break;
            }
            left -= raise(&proposals[index]);
            let destination = destination.name.clone();
            let reason = Reason::DestinationFull { destination, capacity, needed };
            hold_at(proposals, index, reason);
        }
    }
}

/// On the first day of a document, only the safest changes are made.
pub fn spare_first_day(proposals: &mut [Proposal], watch: &Watch<'_>) {
    let first_seen = watch.memory.first_seen;
    if first_seen.is_some_and(|seen| seen + FIRST_DAY <= watch.at) {
        return;
    }
    let allowed = watch.policy.guards.pacing.first_day_changes;
    let made = changed_limits(watch.memory, proposals);
    let mut changes: Vec<usize> =
        (0..proposals.len()).filter(|&index| proposals[index].decision.changes()).collect();
    // Where nothing is limited yet there is nothing to spare.
    if proposals.iter().all(|proposal| proposal.current.is_none()) {
        return;
    }
    changes.sort_by(|&a, &b| risk(&proposals[a]).total_cmp(&risk(&proposals[b])));
    for index in changes.into_iter().skip(allowed.saturating_sub(made)) {
        hold_at(proposals, index, Reason::FirstDay { allowed });
    }
}

fn hold_at(proposals: &mut [Proposal], index: usize, reason: Reason) {
    let (proposal, asked) = (proposals[index].clone(), proposals[index].proposed);
    proposals[index] = hold(proposal, reason, asked);
}

fn rises(mark: &Mark) -> bool {
    matches!(mark.kind, MarkKind::Launch | MarkKind::SlowRise)
}

/// Whether no other series rose at about the same time; several together are growth.
fn is_alone(rise: &Shift, shifts: &[Shift]) -> bool {
    let apart = |other: &Shift| {
        (other.mark.span.start.as_millis() - rise.mark.span.start.as_millis()).abs()
    };
    let slow = rise.mark.kind == MarkKind::SlowRise;
    let with_it = |other: &&Shift| {
        let near = apart(other) <= TOGETHER_MS || (slow && other.mark.kind == MarkKind::SlowRise);
        other.key != rise.key && rises(&other.mark) && near
    };
    !shifts.iter().any(|other| with_it(&other))
}

fn suspect(rise: &Shift) -> Option<Suspicion> {
    match rise.errors {
        Some((before, after)) => {
            let rose = after >= before + ERRORS_ROSE_BY && after >= ERRORS_ROSE_TIMES * before;
            rose.then_some(Suspicion::RiseWithErrors { before, after })
        }
        // A slow rise leaves the time to ask.
        None if rise.mark.kind == MarkKind::SlowRise => {
            rise.mark.ratio.map(|ratio| Suspicion::LoneSlowRise { ratio })
        }
        None => None,
    }
}

fn is_moved(rise: &Shift, shifts: &[Shift], policy: &Policy) -> bool {
    let partner =
        |key: &LimitKey| key.value_of(&policy.exclusions.partner_descriptor).map(str::to_owned);
    let fell = |other: &&Shift| {
        other.mark.kind == MarkKind::Decline
            && other.key != rise.key
            && partner(&other.key) == partner(&rise.key)
            && overlaps(other.mark.span, rise.mark.span)
    };
    let fallen: f64 = shifts.iter().filter(fell).map(|other| other.moved.abs()).sum();
    fallen > 0.0 && fallen >= MOVED_SHARE * rise.moved.abs()
}

fn overlaps(one: TimeSpan, other: TimeSpan) -> bool {
    one.start < other.end.plus_millis(TOGETHER_MS) && other.start < one.end.plus_millis(TOGETHER_MS)
}

fn per_minute(limit: Limit) -> f64 {
    f64::from(limit.requests_per_unit) * 60.0 / limit.unit.secs() as f64
}

fn peak_per_minute(proposal: &Proposal) -> f64 {
    proposal.estimate.as_ref().map_or(0.0, |estimate| {
        estimate.statistics.peak.value * 60.0 / estimate.limit.unit.secs() as f64
    })
}

fn raise_per_minute(proposal: &Proposal) -> f64 {
    match (proposal.decision, proposal.proposed) {
        (Decision::Raise, Some(to)) => {
            per_minute(to) - proposal.current_limit().map_or(0.0, per_minute)
        }
        _ => 0.0,
    }
}

/// How many limits carry another number than when they were seen first.
fn changed_limits(memory: &PlanMemory, proposals: &[Proposal]) -> usize {
    let changed = |proposal: &&Proposal| {
        let first = memory.of(&proposal.key).first().and_then(|stretch| stretch.number);
        let now = proposal.current_limit().map(|limit| limit.requests_per_unit);
        first.is_some() && first != now
    };
    proposals.iter().filter(changed).count()
}

/// A raise is safer than a new limit, that safer than a cut; of equals the one that is better known and smaller.
fn risk(proposal: &Proposal) -> f64 {
    let kind = match proposal.decision {
        Decision::Hold | Decision::Raise => 0.0,
        Decision::Create => 10.0,
        Decision::Lower => 20.0,
    };
    let known = proposal.estimate.as_ref().map_or(0.0, |estimate| estimate.confidence.get());
    let size = proposal.change_ratio().map_or(1.0, f64::abs);
    kind + (1.0 - known) + size / (1.0 + size)
}

#[cfg(test)]
mod tests;
