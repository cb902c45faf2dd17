//! How fast a number may move, in wall time: the same law for a run every five minutes and every six hours.
//!
//! What counts are the numbers that earlier runs *saw* in the document, whoever wrote them. Within any 24 hours a limit
//! rises and falls by its share at the most, from the lowest and the highest number that stood in that time; a cut has
//! to be wished by every run for as long as the agreement says; two changes lie apart. Raising is fast, lowering slow.

use std::time::Duration;

use tidewright_core::{Decision, Limit, Pacing, Proposal, Reason, Remark, Stretch, Timestamp};

use crate::guard::{Watch, hold};

const DAY: Duration = Duration::from_hours(24);
/// A wish that nobody has repeated for this long is forgotten: the run that made it was not one of a row.
const SILENCE_MAX: Duration = Duration::from_hours(7 * 24);

/// A change as far as it may go now.
pub(crate) fn pace(proposal: Proposal, watch: &Watch<'_>) -> Proposal {
    let (Some(current), Some(target)) = (proposal.current_limit(), proposal.proposed) else {
        return proposal;
    };
    let pacing = &watch.policy.guards.pacing;
    let seen = watch.memory.of(&proposal.key);
    let lowers = proposal.decision == Decision::Lower;
    let (low, high) = seen_today(current.requests_per_unit, seen, watch.at);
    let furthest = if lowers {
        f64::from(high) * (1.0 - pacing.lower_per_day)
    } else {
        f64::from(low) * (1.0 + pacing.raise_per_day)
    };
    let paced = stepped(proposal, (current, target), furthest);
    if !paced.decision.changes() {
        return paced;
    }
    match too_soon(current.requests_per_unit, seen, watch.at, (lowers, pacing)) {
        // A person may release the step, not the whole way.
        Some(reason) => {
            let step = paced.proposed.filter(|_| lowers);
            hold(paced, reason, step)
        }
        None => paced,
    }
}

/// No further than `furthest`, which the target may not reach.
fn stepped(mut proposal: Proposal, (current, target): (Limit, Limit), furthest: f64) -> Proposal {
    let wanted = f64::from(target.requests_per_unit);
    let lowers = proposal.decision == Decision::Lower;
    if (lowers && furthest <= wanted) || (!lowers && wanted <= furthest) {
        return proposal;
    }
    let step = if lowers { furthest.ceil() } else { furthest.floor() };
    let step = Limit { requests_per_unit: step as u32, ..target };
    let (from, to) = (current.requests_per_unit, step.requests_per_unit);
    if (lowers && from <= to) || (!lowers && to <= from) {
        return hold(proposal, Reason::DayUsedUp, None);
    }
    proposal.proposed = Some(step);
    proposal.remarks.push(Remark::Paced { target: target.requests_per_unit });
    proposal
}

fn too_soon(
    current: u32,
    seen: &[Stretch],
    at: Timestamp,
    (lowers, pacing): (bool, &Pacing),
) -> Option<Reason> {
    if let Some((change, fell)) = last_change(current, seen, at) {
        // A cut that was wrong is taken back at once.
        let undoes_a_cut = fell && !lowers;
        if !undoes_a_cut && at < change + pacing.between_changes {
            return Some(Reason::ChangedLately {
                at: change,
                hours: hours(pacing.between_changes),
            });
        }
    }
    if !lowers || pacing.agreement.is_zero() {
        return None;
    }
    let since = agreed_since(seen, at);
    let agreed = since.is_some_and(|since| since + pacing.agreement <= at);
    (!agreed).then(|| Reason::AwaitsAgreement { since, hours: hours(pacing.agreement) })
}

/// When the current number was seen first, and whether it is lower than the one before; `None` if no other was seen.
fn last_change(current: u32, seen: &[Stretch], at: Timestamp) -> Option<(Timestamp, bool)> {
    let before = seen.iter().rposition(|stretch| stretch.number != Some(current))?;
    let since = seen.get(before + 1).map_or(at, |stretch| stretch.since);
    Some((since, seen[before].number.is_some_and(|number| current < number)))
}

/// Since when every run wished to lower the limit; `None` if the last one did not.
fn agreed_since(seen: &[Stretch], at: Timestamp) -> Option<Timestamp> {
    let mut since = None;
    let mut next = at;
    for stretch in seen.iter().rev() {
        if stretch.wish != Decision::Lower || stretch.until + SILENCE_MAX < next {
            break;
        }
        since = Some(stretch.since);
        next = stretch.since;
    }
    since
}

/// The lowest and the highest number that stood in the last 24 hours, as far as runs saw it.
fn seen_today(current: u32, seen: &[Stretch], at: Timestamp) -> (u32, u32) {
    let start = at - DAY;
    // The stretch before the first run of today: its number may have stood until then.
    let first = seen.iter().rposition(|stretch| stretch.since <= start).unwrap_or(0);
    let numbers = seen[first.min(seen.len())..].iter().filter_map(|stretch| stretch.number);
    numbers.fold((current, current), |(low, high), number| (low.min(number), high.max(number)))
}

fn hours(duration: Duration) -> f64 {
    duration.as_secs_f64() / 3600.0
}

#[cfg(test)]
mod tests;
