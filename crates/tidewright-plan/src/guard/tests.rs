//! Each rule by itself: what stops a change, what waits for a person, what a person's word releases.

use tidewright_core::{
    BoundsRule, Calendar, Event, Glob, LimitKey, Pause, Recurrence, Selector, Setting, TimeSpan,
    Unit, Zone,
};

use super::*;
use crate::formula::{Learned, Terms, estimate};
use crate::proposal::{propose, tests::learned};

const AT: Timestamp = Timestamp::from_secs(1_000_000);

fn key() -> LimitKey {
    LimitKey::new("edge", [("PARTNER", Some("p")), ("PATH", Some("/login"))])
}

/// What becomes of a raise from 1000 where demand asks for 1300 (or for `without` where nothing was rejected).
fn check(
    policy: &Policy,
    memory: &PlanMemory,
    (suspicion, without): (Option<Suspicion>, Option<f64>),
) -> (&'static str, u32, Option<u32>) {
    let learned = Learned { peak_without_rejected: without, ..learned(1000.0, 28.0) };
    let terms = Terms::of(&key(), Unit::Minute, policy);
    let current = Some(Setting::Limited(Limit::per_minute(1000)));
    let proposal = propose(key(), current, estimate(learned, &terms), &terms);
    assert_eq!(proposal.wish, Decision::Raise);
    let guarded = guard(proposal, suspicion, &Watch { at: AT, policy, memory });
    assert_eq!(guarded.wish, Decision::Raise);
    let code = if guarded.decision == Decision::Hold { guarded.reason.code() } else { "raised" };
    let number = |limit: Limit| limit.requests_per_unit;
    (code, guarded.proposed.map_or(0, number), guarded.on_approval.map(number))
}

fn nothing() -> PlanMemory {
    PlanMemory::default()
}

fn path(glob: &str) -> Selector {
    Selector { path: Some(Glob::new(glob)), ..Selector::default() }
}

#[test]
fn a_pause_stops_everything_whoever_set_it() {
    let pause = Pause { by: "kim".into(), why: "sale".into(), since: AT, until: None };
    let memory = PlanMemory { pause: Some(pause), ..nothing() };
    assert_eq!(check(&Policy::default(), &memory, (None, None)), ("paused", 1000, None));
    let mut policy = Policy::default();
    policy.guards.paused = true;
    assert_eq!(check(&policy, &nothing(), (None, None)).0, "paused");
}

#[test]
fn a_freeze_holds_while_it_lasts() {
    let freeze = |selector| Event {
        name: "freeze".to_owned(),
        selector,
        effect: Effect::Freeze,
        first: TimeSpan { start: AT, end: AT.plus_millis(1000) },
        recurrence: Recurrence::Once,
        zone: Zone::utc(),
    };
    let with = |event| Policy { calendar: Calendar { events: vec![event] }, ..Policy::default() };
    assert_eq!(check(&with(freeze(path("/login"))), &nothing(), (None, None)).0, "frozen");
    assert_eq!(check(&with(freeze(path("/other"))), &nothing(), (None, None)).0, "raised");
}

#[test]
fn a_pin_holds_and_login_is_never_raised() {
    let pinned = Policy { pins: vec![path("/log*")], ..Policy::default() };
    assert_eq!(check(&pinned, &nothing(), (None, None)).0, "pinned");
    let rule = BoundsRule {
        name: "login".to_owned(),
        selector: path("/login"),
        never_raise: Some(true),
        ..BoundsRule::default()
    };
    let never = Policy { bounds_rules: vec![rule], ..Policy::default() };
    assert_eq!(check(&never, &nothing(), (None, None)).0, "never_raise");
}

#[test]
fn a_suspect_rise_waits_for_a_persons_word() {
    let suspicion = Some(Suspicion::RiseWithErrors { before: 0.01, after: 0.3 });
    let policy = Policy::default();
    let waiting = check(&policy, &nothing(), (suspicion, None));
    assert_eq!(waiting, ("awaits_approval", 1000, Some(1300)));
    let approved = |up_to| {
        let approval = Approval { key: key(), up_to, by: "kim".into(), at: AT, until: AT };
        PlanMemory { approvals: vec![approval], ..nothing() }
    };
    assert_eq!(check(&policy, &approved(5000), (suspicion, None)), ("raised", 1300, None));
    assert_eq!(check(&policy, &approved(1100), (suspicion, None)), ("raised", 1100, None));
    // A word for less than there is says nothing.
    assert_eq!(check(&policy, &approved(900), (suspicion, None)).0, "awaits_approval");
}

#[test]
fn a_raise_that_rests_on_rejected_requests_waits_for_as_much_of_it_as_does() {
    let policy = Policy::default();
    let check = |without| check(&policy, &nothing(), (None, Some(without)));
    assert_eq!(check(600.0), ("awaits_approval", 1000, Some(1300)));
    assert_eq!(check(900.0), ("raised", 1200, Some(1300)));
    assert_eq!(check(999.0), ("raised", 1300, None));
}
