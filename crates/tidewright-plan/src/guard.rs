//! What a limit has to pass before it changes, beside its own demand: people's word, the calendar, suspicion, pace.
//!
//! The rules stand in the order in which they are asked. Each of them can only hold a change or make it smaller, and a
//! change that waits for a person says which number would be released.

use tidewright_core::{
    Approval, Decision, Effect, Limit, PlanMemory, Policy, Proposal, Reason, Remark, Suspicion,
    Timestamp,
};

use crate::pace::pace;

/// Beyond this part of the number, a raise does not rest on windows in which requests were rejected.
const RESTS_ON_REJECTED: f64 = 0.95;

/// What one run knows when it guards its proposals.
#[derive(Clone, Copy, Debug)]
pub struct Watch<'a> {
    /// As of when it decides.
    pub at: Timestamp,
    /// By which rules.
    pub policy: &'a Policy,
    /// What earlier runs saw.
    pub memory: &'a PlanMemory,
}

/// Holds or paces a change; `suspicion` is what the series beside it make of its rise.
pub fn guard(proposal: Proposal, suspicion: Option<Suspicion>, watch: &Watch<'_>) -> Proposal {
    if !proposal.decision.changes() {
        return proposal;
    }
    if let Some(reason) = stopped(&proposal, watch) {
        return hold(proposal, reason, None);
    }
    let proposal = match proposal.decision {
        Decision::Raise => released(proposal, suspicion, watch),
        _ => proposal,
    };
    pace(proposal, watch)
}

/// Leaves the limit as it is; `on_approval` is the number that a person may release.
pub(crate) fn hold(mut proposal: Proposal, reason: Reason, on_approval: Option<Limit>) -> Proposal {
    proposal.decision = Decision::Hold;
    proposal.reason = reason;
    proposal.on_approval = on_approval;
    proposal.proposed = proposal.current_limit();
    proposal
}

/// Why nothing of this limit changes now, whatever it is.
fn stopped(proposal: &Proposal, watch: &Watch<'_>) -> Option<Reason> {
    let (policy, key) = (watch.policy, &proposal.key);
    if let Some(pause) = &watch.memory.pause {
        return Some(Reason::Paused { by: pause.by.clone(), why: pause.why.clone() });
    }
    if policy.guards.paused {
        let (by, why) = ("the configuration".to_owned(), "`PAUSED` is true".to_owned());
        return Some(Reason::Paused { by, why });
    }
    let concerns = |selector: &tidewright_core::Selector| selector.matches(key, &policy.exclusions);
    let mut events = policy.calendar.at(watch.at, concerns);
    if let Some(freeze) = events.find(|occurrence| occurrence.event.effect == Effect::Freeze) {
        let (event, until) = (freeze.event.name.clone(), freeze.span.end);
        return Some(Reason::Frozen { event, until });
    }
    if let Some(pin) = policy.pins.iter().find(|pin| concerns(pin)) {
        return Some(Reason::Pinned { rule: format!("PINS: {pin}") });
    }
    let never = policy.bounds_of(key).never_raise_rule;
    never.filter(|_| proposal.decision == Decision::Raise).map(|rule| Reason::NeverRaise { rule })
}

/// A raise as far as nobody has to be asked, or as far as somebody said yes.
fn released(mut proposal: Proposal, suspicion: Option<Suspicion>, watch: &Watch<'_>) -> Proposal {
    let rests = rests_on_rejected(&proposal);
    let Some(suspicion) = suspicion.or(rests) else { return proposal };
    let (Some(asked), Some(current)) = (proposal.proposed, proposal.current_limit()) else {
        return proposal;
    };
    if let Some(Approval { up_to, by, at, .. }) = watch.memory.approval(&proposal.key)
        && *up_to > current.requests_per_unit
    {
        let requests_per_unit = asked.requests_per_unit.min(*up_to);
        proposal.proposed = Some(Limit { requests_per_unit, ..asked });
        proposal.remarks.push(Remark::Approved { by: by.clone(), at: *at });
        return proposal;
    }
    // What windows without a rejection ask for needs nobody's word.
    if let (Suspicion::RestsOnRejected { without }, Some(estimate)) =
        (suspicion, &proposal.estimate)
        && f64::from(current.requests_per_unit) < estimate.interval.lower * ratio(without, asked)
        && current.requests_per_unit < without
    {
        proposal.proposed = Some(Limit { requests_per_unit: without, ..asked });
        proposal.on_approval = Some(asked);
        return proposal;
    }
    hold(proposal, Reason::AwaitsApproval(suspicion), Some(asked))
}

fn rests_on_rejected(proposal: &Proposal) -> Option<Suspicion> {
    let estimate = proposal.estimate.as_ref()?;
    let without = estimate.without_rejected?;
    let rests = ratio(without.requests_per_unit, estimate.limit) < RESTS_ON_REJECTED;
    rests.then_some(Suspicion::RestsOnRejected { without: without.requests_per_unit })
}

fn ratio(number: u32, of: Limit) -> f64 {
    f64::from(number) / f64::from(of.requests_per_unit.max(1))
}

#[cfg(test)]
mod tests;
