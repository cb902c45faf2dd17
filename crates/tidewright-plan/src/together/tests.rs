//! Several limits beside one another: who rises alone, who has to wait for the others.

use tidewright_core::{Destination, Selector, Setting, Timestamp, Unit};

use super::*;
use crate::formula::{Terms, estimate};
use crate::proposal::{propose, tests::learned};

const DAY: i64 = 86_400;

fn key(partner: &str, path: &str) -> LimitKey {
    LimitKey::new("edge", [("PARTNER", Some(partner)), ("PATH", Some(path))])
}

fn shift(key: LimitKey, kind: MarkKind, day: i64, errors: Option<(f64, f64)>) -> Shift {
    let span =
        TimeSpan { start: Timestamp::from_secs(day * DAY), end: Timestamp::from_secs(20 * DAY) };
    Shift { key, mark: Mark { kind, span, ratio: Some(2.0) }, moved: 100.0, errors }
}

#[test]
fn one_that_rises_with_its_errors_is_suspect_and_several_are_growth() {
    use MarkKind::Launch;
    let alone = shift(key("a", "/x"), Launch, 5, Some((0.01, 0.3)));
    let check = |others: &[Shift]| {
        let shifts: Vec<Shift> = others.iter().cloned().chain([alone.clone()]).collect();
        suspicion(&alone.key, &shifts)
    };
    let suspect = Some(Suspicion::RiseWithErrors { before: 0.01, after: 0.3 });
    assert_eq!(check(&[]), suspect);
    assert_eq!(check(&[shift(key("b", "/x"), Launch, 5, None)]), None);
    assert_eq!(check(&[shift(key("b", "/x"), Launch, 9, None)]), suspect);
    assert_eq!(check(&[shift(key("b", "/x"), MarkKind::Decline, 5, None)]), suspect);
}

#[test]
fn a_rise_without_errors_is_growth_and_a_slow_one_is_asked_about_where_nothing_is_known() {
    let check = |kind, errors| {
        let shift = shift(key("a", "/x"), kind, 5, errors);
        suspicion(&shift.key.clone(), &[shift])
    };
    assert_eq!(check(MarkKind::Launch, Some((0.01, 0.011))), None);
    assert_eq!(check(MarkKind::Launch, None), None);
    assert_eq!(check(MarkKind::SlowRise, Some((0.02, 0.02))), None);
    assert_eq!(check(MarkKind::SlowRise, None), Some(Suspicion::LoneSlowRise { ratio: 2.0 }));
}

#[test]
fn traffic_that_moved_between_paths_of_a_partner_is_told() {
    let rise = shift(key("a", "/new"), MarkKind::Launch, 5, None);
    let fall = shift(key("a", "/old"), MarkKind::Decline, 5, None);
    let other = shift(key("b", "/old"), MarkKind::Decline, 5, None);
    let policy = Policy::default();
    assert_eq!(moved(&rise.key, &[rise.clone(), fall], &policy), Some(Remark::Moved));
    assert_eq!(moved(&rise.key, &[rise.clone(), other], &policy), None);
}

/// A limit that demand asks to change from `current`, where it needs 1300.
fn change(name: &str, current: u32, policy: &Policy) -> Proposal {
    let key = key(name, "/x");
    let terms = Terms::of(&key, Unit::Minute, policy);
    let current = Some(Setting::Limited(Limit::per_minute(current)));
    propose(key.clone(), current, estimate(learned(1000.0, 28.0), &terms), &terms)
}

fn codes(proposals: &[Proposal]) -> Vec<&'static str> {
    proposals.iter().map(|proposal| proposal.reason.code()).collect()
}

#[test]
fn the_largest_raise_waits_where_the_destination_could_not_carry_all() {
    let capacity = 3000.0;
    let selector = Selector::default();
    let destination = Destination { name: "billing".to_owned(), selector, capacity };
    let policy = Policy { destinations: vec![destination], ..Policy::default() };
    // Peaks of 1000 each; raises of 300 and 700 a minute.
    let mut both = vec![change("a", 1000, &policy), change("b", 600, &policy)];
    spare_destinations(&mut both, &policy);
    assert_eq!(codes(&both), ["demand_above_limit", "demand_above_limit"]);
    let mut tight = policy.clone();
    tight.destinations[0].capacity = 2900.0;
    let mut both = vec![change("a", 1000, &tight), change("b", 600, &tight)];
    spare_destinations(&mut both, &tight);
    assert_eq!(codes(&both), ["demand_above_limit", "destination_full"]);
    assert_eq!(both[1].on_approval, Some(Limit::per_minute(1300)));
}

#[test]
fn the_first_day_makes_the_safest_changes_only() {
    let mut policy = Policy::default();
    policy.guards.pacing.first_day_changes = 2;
    let watch = |memory, at| Watch { at: Timestamp::from_secs(at), policy: &policy, memory };
    let proposals = || {
        vec![
            change("cut", 9000, &policy),
            change("far", 200, &policy),
            change("near", 1000, &policy),
            change("mid", 600, &policy),
        ]
    };
    let nothing = PlanMemory::default();
    let mut first = proposals();
    spare_first_day(&mut first, &watch(&nothing, 0));
    assert_eq!(
        codes(&first),
        ["first_day", "first_day", "demand_above_limit", "demand_above_limit"]
    );
    let known = PlanMemory { first_seen: Some(Timestamp::from_secs(0)), ..PlanMemory::default() };
    let mut second = proposals();
    spare_first_day(&mut second, &watch(&known, DAY - 1));
    assert_eq!(codes(&second).iter().filter(|code| **code == "first_day").count(), 2);
    let mut later = proposals();
    spare_first_day(&mut later, &watch(&known, DAY));
    assert!(!codes(&later).contains(&"first_day"));
}
