//! What a run adds to the memory of a document.

use std::time::Duration;

use tidewright_core::{Decision, LimitMemory, LimitPlan, PlanMemory, Proposal, Stretch, Timestamp};

/// Runs further apart than this do not make one stretch: nobody saw what was between them.
const APART_MAX: Duration = Duration::from_hours(7 * 24);

/// The memory after a run; a run as of a moment that was remembered already adds nothing.
#[must_use]
pub fn remember(mut memory: PlanMemory, plan: &LimitPlan) -> PlanMemory {
    memory.first_seen = Some(memory.first_seen.map_or(plan.at, |seen| seen.min(plan.at)));
    for proposal in &plan.proposals {
        let limit = memory.limits.entry(proposal.key.clone()).or_default();
        add(limit, proposal, plan.at);
    }
    memory
}

fn add(limit: &mut LimitMemory, proposal: &Proposal, at: Timestamp) {
    let number = proposal.current_limit().map(|limit| limit.requests_per_unit);
    let wish = proposal.wish;
    let wished = proposal.estimate.as_ref().filter(|_| wish != Decision::Hold);
    let wished_max = wished.map(|estimate| estimate.limit.requests_per_unit);
    match limit.stretches.last_mut() {
        Some(last) if at <= last.until => {}
        Some(last)
            if (last.number, last.wish) == (number, wish) && at <= last.until + APART_MAX =>
        {
            last.until = at;
            last.wished_max = last.wished_max.max(wished_max);
        }
        _ => limit.stretches.push(Stretch { since: at, until: at, number, wish, wished_max }),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use tidewright_core::{DemandMethod, Limit, LimitKey, Reason, Setting, TimeSpan};

    fn plan(at: Timestamp, proposal: Proposal) -> LimitPlan {
        LimitPlan {
            at,
            source: String::new(),
            document: None,
            history: TimeSpan { start: at, end: at },
            method: DemandMethod::File,
            method_note: String::new(),
            warnings: Vec::new(),
            proposals: vec![proposal],
            unmatched: 0,
        }
    }

    /// The memory after a run that made one proposal.
    pub(crate) fn remembered(memory: PlanMemory, proposal: Proposal, at: Timestamp) -> PlanMemory {
        remember(memory, &plan(at, proposal))
    }

    fn seen(runs: &[(i64, u32, Decision)]) -> Vec<(i64, i64, Option<u32>)> {
        let key = LimitKey::new("edge", [("PATH", Some("/a"))]);
        let run = |memory, &(hour, number, wish): &(i64, u32, Decision)| {
            let current = Some(Setting::Limited(Limit::per_minute(number)));
            let held = Proposal::held(key.clone(), current, Reason::InsideInterval);
            remembered(memory, Proposal { wish, ..held }, Timestamp::from_secs(hour * 3600))
        };
        let memory = runs.iter().fold(PlanMemory::default(), run);
        let hours = |stretch: &Stretch| {
            (stretch.since.as_secs() / 3600, stretch.until.as_secs() / 3600, stretch.number)
        };
        memory.of(&key).iter().map(hours).collect()
    }

    #[test]
    fn runs_that_see_and_wish_the_same_make_one_stretch() {
        use Decision::{Hold, Lower};
        let same = seen(&[(0, 5, Hold), (1, 5, Hold), (2, 5, Lower), (3, 4, Lower)]);
        assert_eq!(same, [(0, 1, Some(5)), (2, 2, Some(5)), (3, 3, Some(4))]);
    }

    #[test]
    fn a_run_as_of_an_earlier_moment_adds_nothing() {
        use Decision::Hold;
        assert_eq!(seen(&[(5, 5, Hold), (3, 9, Hold), (5, 7, Hold)]), [(5, 5, Some(5))]);
    }

    #[test]
    fn runs_that_lie_far_apart_do_not_speak_for_the_time_between() {
        use Decision::Lower;
        let apart = seen(&[(0, 5, Lower), (200, 5, Lower)]);
        assert_eq!(apart, [(0, 0, Some(5)), (200, 200, Some(5))]);
    }
}
