//! Which limits do harm today, or could: they reject clean requests, or allow what was ruled out.
//!
//! Limits that somebody set aside on purpose (excluded, pinned, blocked, unlimited) are not judged by bounds.

use tidewright_core::{Destination, Finding, FindingKind, Limit, Policy, Proposal, Reason};

/// Everything unsafe about the limits of now, in the order of the document.
pub(super) fn hazards(proposals: &[Proposal], policy: &Policy) -> Vec<Finding> {
    let of = |proposal: &Proposal| -> Vec<Finding> {
        let Some(limit) = proposal.current_limit() else { return Vec::new() };
        let harm = rejecting(proposal, policy);
        let rest = if is_set_aside(&proposal.reason) {
            None
        } else {
            out_of_bounds(proposal, limit, policy).or_else(|| too_much(proposal, limit, policy))
        };
        harm.into_iter().chain(rest).collect()
    };
    proposals.iter().flat_map(of).collect()
}

const fn is_set_aside(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::Excluded { .. } | Reason::Pinned { .. } | Reason::Blocked | Reason::Unlimited
    )
}

fn finding(proposal: &Proposal, should_be: Option<Limit>, why: String) -> Finding {
    let (key, current) = (proposal.key.clone(), proposal.current);
    Finding { key, kind: FindingKind::Unsafe, current, should_be, why }
}

/// More clean requests than a cut may reject are rejected already.
fn rejecting(proposal: &Proposal, policy: &Policy) -> Option<Finding> {
    let replay = proposal.replay.as_ref()?.current?;
    if replay.rejected_ratio() <= policy.guards.replay_budget_ratio {
        return None;
    }
    let better = proposal.estimate.as_ref().map(|estimate| estimate.limit);
    let current = proposal.current_limit()?;
    let better = better.filter(|it| current.requests_per_unit < it.requests_per_unit);
    let why = format!(
        "it would have rejected {:.0} clean requests of the held-back days, {:.2} %",
        replay.rejected,
        replay.rejected_ratio() * 100.0
    );
    Some(finding(proposal, better, why))
}

/// Outside what may be proposed: below the minimum, below the floor of a contract, above the maximum.
fn out_of_bounds(proposal: &Proposal, limit: Limit, policy: &Policy) -> Option<Finding> {
    let rule = policy.bounds_of(&proposal.key);
    let (min, max) = (rule.bounds.min, rule.bounds.max);
    let rate = per_minute(limit);
    let (bound, why) = match rule.floor_rule {
        _ if rate > max => (max, format!("it is above the maximum of {max:.0} a minute")),
        Some(rule) if rate < min => {
            (min, format!("it is below the {min:.0} a minute that `{rule}` promises"))
        }
        None if rate < min => (min, format!("it is below the minimum of {min:.0} a minute")),
        _ => return None,
    };
    Some(finding(proposal, at_rate(bound, limit), why))
}

/// A limit that alone lets more through than what stands behind it carries.
fn too_much(proposal: &Proposal, limit: Limit, policy: &Policy) -> Option<Finding> {
    let rate = per_minute(limit);
    let behind = |it: &&Destination| it.selector.matches(&proposal.key, &policy.exclusions);
    let overrun = policy.destinations.iter().filter(behind).find(|it| rate > it.capacity)?;
    let why = format!(
        "it lets {rate:.0} a minute through to `{}`, which carries {:.0}",
        overrun.name, overrun.capacity
    );
    Some(finding(proposal, at_rate(overrun.capacity, limit), why))
}

fn per_minute(limit: Limit) -> f64 {
    f64::from(limit.requests_per_unit) * 60.0 / limit.unit.secs() as f64
}

/// The limit of the same unit that lets so many a minute through; `None` where that is no number of a document.
fn at_rate(rate: f64, like: Limit) -> Option<Limit> {
    let number = (rate * like.unit.secs() as f64 / 60.0).round();
    let fits = (0.0..=f64::from(u32::MAX)).contains(&number);
    fits.then_some(Limit { requests_per_unit: number as u32, unit: like.unit })
}
