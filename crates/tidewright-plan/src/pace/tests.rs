//! Pace by examples, and its laws for any sequence of runs.

use proptest::prelude::*;
use tidewright_core::{
    Decision, Limit, LimitKey, LimitMemory, PlanMemory, Policy, Proposal, Reason, Remark, Setting,
    Stretch, Timestamp,
};

use super::*;

const HOUR: i64 = 3600;

fn key() -> LimitKey {
    LimitKey::new("edge", [("PARTNER", Some("p"))])
}

fn hour(hours: i64) -> Timestamp {
    Timestamp::from_secs(hours * HOUR)
}

/// A proposal to take `current` to `target`.
fn wish(current: u32, target: u32) -> Proposal {
    let setting = Some(Setting::Limited(Limit::per_minute(current)));
    let decision = if target < current { Decision::Lower } else { Decision::Raise };
    Proposal {
        decision,
        wish: decision,
        proposed: Some(Limit::per_minute(target)),
        ..Proposal::held(key(), setting, Reason::DemandAboveLimit)
    }
}

fn seen(stretches: &[(i64, i64, u32, Decision)]) -> PlanMemory {
    let stretch = |&(since, until, number, wish): &(i64, i64, u32, Decision)| Stretch {
        since: hour(since),
        until: hour(until),
        number: Some(number),
        wish,
        wished_max: None,
    };
    let limit = LimitMemory { stretches: stretches.iter().map(stretch).collect() };
    PlanMemory {
        first_seen: Some(hour(0)),
        limits: [(key(), limit)].into(),
        ..PlanMemory::default()
    }
}

/// What becomes of a wish at an hour: the number and the reason's code.
fn check(wish: Proposal, memory: &PlanMemory, at: i64) -> (u32, &'static str) {
    let policy = Policy::default();
    let paced = pace(wish, &Watch { at: hour(at), policy: &policy, memory });
    let number = paced.proposed.map_or(0, |limit| limit.requests_per_unit);
    let code = if paced.decision == Decision::Hold { paced.reason.code() } else { "changed" };
    (number, code)
}

#[test]
fn a_raise_is_fast_and_never_more_than_doubles_in_a_day() {
    let nothing = PlanMemory::default();
    assert_eq!(check(wish(1000, 1500), &nothing, 0), (1500, "changed"));
    assert_eq!(check(wish(1000, 5000), &nothing, 0), (2000, "changed"));
    let risen = seen(&[(0, 10, 1000, Decision::Raise), (11, 20, 2000, Decision::Raise)]);
    assert_eq!(check(wish(2000, 5000), &risen, 21), (2000, "day_used_up"));
    assert_eq!(check(wish(2000, 5000), &risen, 36), (4000, "changed"));
}

#[test]
fn a_cut_waits_until_every_run_of_a_day_wished_it() {
    let first = check(wish(1000, 400), &PlanMemory::default(), 0);
    assert_eq!(first, (1000, "awaits_agreement"));
    let agreed = seen(&[(0, 23, 1000, Decision::Lower)]);
    assert_eq!(check(wish(1000, 400), &agreed, 23), (1000, "awaits_agreement"));
    assert_eq!(check(wish(1000, 400), &agreed, 24), (800, "changed"));
    let doubted = seen(&[
        (0, 10, 1000, Decision::Lower),
        (11, 11, 1000, Decision::Hold),
        (12, 30, 1000, Decision::Lower),
    ]);
    assert_eq!(check(wish(1000, 400), &doubted, 31), (1000, "awaits_agreement"));
}

#[test]
fn a_collapse_in_traffic_lowers_the_limit_one_step_at_a_time() {
    let lowered = seen(&[(0, 30, 1000, Decision::Lower), (31, 40, 800, Decision::Lower)]);
    assert_eq!(check(wish(800, 400), &lowered, 41), (800, "day_used_up"));
    assert_eq!(check(wish(800, 400), &lowered, 56), (640, "changed"));
}

#[test]
fn a_wish_that_nobody_repeated_for_a_week_is_forgotten() {
    let long_ago = seen(&[(0, 30, 1000, Decision::Lower)]);
    assert_eq!(check(wish(1000, 900), &long_ago, 30 + 167).1, "changed");
    assert_eq!(check(wish(1000, 900), &long_ago, 30 + 169).1, "awaits_agreement");
}

#[test]
fn two_changes_lie_apart_but_a_wrong_cut_is_taken_back_at_once() {
    let raised = seen(&[(0, 30, 1000, Decision::Raise), (31, 32, 1100, Decision::Raise)]);
    assert_eq!(check(wish(1100, 1200), &raised, 33).1, "changed_lately");
    assert_eq!(check(wish(1100, 1200), &raised, 37), (1200, "changed"));
    let cut = seen(&[(0, 30, 1000, Decision::Lower), (31, 32, 800, Decision::Hold)]);
    assert_eq!(check(wish(800, 1000), &cut, 33), (1000, "changed"));
}

#[test]
fn a_step_on_the_way_says_where_it_leads() {
    let policy = Policy::default();
    let memory = PlanMemory::default();
    let watch = Watch { at: hour(0), policy: &policy, memory: &memory };
    let paced = pace(wish(1000, 5000), &watch);
    assert_eq!(paced.remarks, [Remark::Paced { target: 5000 }]);
}

/// Runs at any times, each wishing anything, each applied at once: what stood when.
fn simulate(runs: &[(u32, u32)], applied: &[bool]) -> Vec<(Timestamp, u32)> {
    let policy = Policy::default();
    let mut memory = PlanMemory::default();
    let (mut at, mut number) = (0, 1000);
    let mut stood = vec![(Timestamp::from_secs(0), number)];
    for (&(pause, target), applied) in runs.iter().zip(applied) {
        at += i64::from(pause) * 60;
        let now = Timestamp::from_secs(at);
        let asked = wish(number, target);
        let known = memory.clone().as_of(now);
        let paced = pace(asked.clone(), &Watch { at: now, policy: &policy, memory: &known });
        memory = crate::remember::tests::remembered(memory, asked, now);
        if let Some(limit) = paced.proposed.filter(|_| *applied) {
            number = limit.requests_per_unit;
        }
        stood.push((now, number));
    }
    stood
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn pacing_holds_for_any_sequence_of_run_times(
        runs in prop::collection::vec((1..3000_u32, 1..10_000_u32), 1..40),
        applied in prop::collection::vec(prop::bool::weighted(0.9), 40),
    ) {
        let stood = simulate(&runs, &applied);
        for (index, &(later, number)) in stood.iter().enumerate() {
            let day_before = later - DAY;
            // What stood at any time of the 24 hours before, the number at their start included.
            let from = stood[..index].iter().rposition(|(at, _)| *at <= day_before).unwrap_or(0);
            for &(_, earlier) in &stood[from..index] {
                prop_assert!(f64::from(number) <= 2.0 * f64::from(earlier));
                prop_assert!(f64::from(number) >= 0.8 * f64::from(earlier) - 1e-9);
            }
        }
        let changes: Vec<_> = stood.windows(2).filter(|pair| pair[0].1 != pair[1].1).collect();
        for pair in changes.windows(2) {
            let apart = pair[1][1].0.as_millis() - pair[0][1].0.as_millis();
            let undone = pair[0][1].1 < pair[0][0].1 && pair[1][1].1 > pair[1][0].1;
            prop_assert!(undone || apart >= 6 * HOUR * 1000);
        }
    }

    #[test]
    fn a_cut_was_wished_by_every_run_of_the_day_before(
        runs in prop::collection::vec((1..600_u32, 700..1300_u32), 1..40),
    ) {
        let stood = simulate(&runs, &[true; 40]);
        for index in 1..stood.len() {
            let (at, number) = stood[index];
            if number < stood[index - 1].1 {
                let day_before = at - DAY;
                prop_assert!(stood[1].0 <= day_before, "a cut on the first day");
                let within = (1..index).filter(|&run| stood[run].0 >= day_before);
                for run in within {
                    prop_assert!(runs[run - 1].1 < stood[run - 1].1, "a run wished otherwise");
                }
            }
        }
    }
}
