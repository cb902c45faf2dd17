//! The replay gate: a cut has to prove itself on days that the rule had not seen.
//!
//! It looks at the smaller of the proposed limit and the one that the same rule makes of the days before: if either
//! would have rejected more clean requests than the current limit does, beyond the budget, the current limit stays. So it
//! does if that holds for two weeks of clean history: what comes once a week may lie outside of the held-back days.
//! A raise rejects no more than the current limit, so it passes by itself.

use tidewright_core::{Decision, Guards, Proposal, Reason, ReplayReport};

/// Adds the replay to a proposal and holds a cut that it does not bear out; `None` means nothing could be replayed.
pub fn gate(mut proposal: Proposal, replay: Option<ReplayReport>, guards: &Guards) -> Proposal {
    if proposal.decision == Decision::Lower
        && let Some(reason) = objection(replay.as_ref(), guards)
    {
        proposal.decision = Decision::Hold;
        proposal.wish = Decision::Hold;
        proposal.reason = reason;
        proposal.proposed = proposal.current_limit();
    }
    proposal.replay = replay;
    proposal
}

fn objection(replay: Option<&ReplayReport>, guards: &Guards) -> Option<Reason> {
    let Some(replay) = replay.filter(|replay| replay.proposed.windows > 0) else {
        return Some(Reason::NoReplay);
    };
    let held_back = replay.held_back.map_or(0.0, |held_back| held_back.replay.rejected_ratio());
    let rejected_ratio = replay.proposed.rejected_ratio().max(held_back);
    let current_ratio = replay.current.map_or(0.0, |current| current.rejected_ratio());
    let history = replay.history.map(|history| (history.proposed_ratio, history.current_ratio));
    let budget_ratio = guards.replay_budget_ratio;
    let too_many = |(rejected, current): &(f64, f64)| *rejected > current + budget_ratio;
    let mut tried = [Some((rejected_ratio, current_ratio)), history].into_iter().flatten();
    let (rejected_ratio, current_ratio) = tried.find(too_many)?;
    Some(Reason::ReplayGate { rejected_ratio, current_ratio, budget_ratio })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::estimate;
    use crate::proposal::{
        propose,
        tests::{learned, terms},
    };
    use tidewright_core::{
        HeldBack, Limit, LimitKey, Policy, Replay, Setting, TimeSpan, Timestamp, Unit,
    };

    fn replayed(rejected: f64) -> Replay {
        Replay { windows: 2880, demand: 1e6, rejected, ..Replay::default() }
    }

    fn report(current: f64, proposed: f64, held_back: f64) -> ReplayReport {
        ReplayReport {
            span: TimeSpan { start: Timestamp::from_secs(0), end: Timestamp::from_secs(172_800) },
            current: Some(replayed(current)),
            proposed: replayed(proposed),
            current_raw: None,
            proposed_raw: replayed(proposed),
            history: None,
            counted_over_limit: None,
            held_back: Some(HeldBack {
                limit: Limit::per_minute(900),
                replay: replayed(held_back),
            }),
        }
    }

    /// Decision and reason for a current limit where demand asks for 1300 a minute.
    fn check(current: u32, replay: Option<ReplayReport>) -> (Decision, &'static str, u32) {
        let policy = Policy::default();
        let key = LimitKey::new("edge", [("PARTNER", Some("p"))]);
        let current = Some(Setting::Limited(Limit::per_minute(current)));
        let terms = terms(Unit::Minute, &policy);
        let proposal = propose(key, current, estimate(learned(1000.0, 28.0), &terms), &terms);
        let proposal = gate(proposal, replay, &policy.guards);
        let number = proposal.proposed.map_or(0, |limit| limit.requests_per_unit);
        (proposal.decision, proposal.reason.code(), number)
    }

    #[test]
    fn a_cut_that_would_have_rejected_clean_requests_is_held() {
        assert_eq!(
            check(3000, Some(report(0.0, 101.0, 0.0))),
            (Decision::Hold, "replay_gate", 3000)
        );
        assert_eq!(
            check(3000, Some(report(0.0, 0.0, 101.0))),
            (Decision::Hold, "replay_gate", 3000)
        );
    }

    #[test]
    fn a_cut_that_two_weeks_of_history_speak_against_is_held() {
        let history = |proposed_ratio| {
            let history = tidewright_core::HistoryReplay { current_ratio: 0.0, proposed_ratio };
            Some(ReplayReport { history: Some(history), ..report(0.0, 0.0, 0.0) })
        };
        assert_eq!(check(3000, history(0.001)), (Decision::Hold, "replay_gate", 3000));
        assert_eq!(check(3000, history(0.0001)).0, Decision::Lower);
    }

    #[test]
    fn a_cut_within_the_budget_passes() {
        assert_eq!(check(3000, Some(report(0.0, 99.0, 0.0))).0, Decision::Lower);
        assert_eq!(check(3000, Some(report(50.0, 149.0, 149.0))).0, Decision::Lower);
    }

    #[test]
    fn a_cut_without_a_replay_is_held() {
        assert_eq!(check(3000, None), (Decision::Hold, "no_replay", 3000));
    }

    #[test]
    fn a_raise_needs_no_replay() {
        assert_eq!(check(1000, None), (Decision::Raise, "demand_above_limit", 1300));
    }
}
