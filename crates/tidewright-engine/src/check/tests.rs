//! Findings of made-up plans.

use tidewright_core::{
    Bounds, BoundsRule, Destination, Glob, Limit, NumberChange, Reason, Replay, ReplayReport,
    RevisionId, RevisionOrigin, RunId, Selector, TimeSpan, Unit,
};

use super::*;

fn at() -> Timestamp {
    Timestamp::from_secs(0)
}

fn key(path: &str) -> LimitKey {
    LimitKey::new("edge", [("PATH", Some(path))])
}

fn held(number: u32, unit: Unit, reason: Reason) -> Proposal {
    let limit = Limit { requests_per_unit: number, unit };
    Proposal::held(key("/a"), Some(Setting::Limited(limit)), reason)
}

fn policy() -> Policy {
    let limit = Some(Glob::new("/a"));
    let floor = BoundsRule {
        name: "gold".to_owned(),
        selector: Selector { limit: limit.clone(), ..Selector::default() },
        floor: Some(300.0),
        ..BoundsRule::default()
    };
    let destination = Destination {
        name: "db".to_owned(),
        selector: Selector { limit, ..Selector::default() },
        capacity: 5_000.0,
    };
    Policy {
        bounds: Bounds { min: 100.0, max: 9_000.0 },
        bounds_rules: vec![floor],
        destinations: vec![destination],
        ..Policy::default()
    }
}

/// What is unsafe about a limit: what it should be, and why.
#[track_caller]
fn check(proposal: Proposal, expected: Option<(Option<u32>, &str)>) {
    let found = hazards(&[proposal], &policy());
    let found =
        found.first().map(|it| (it.should_be.map(|it| it.requests_per_unit), it.why.as_str()));
    assert_eq!(found, expected);
}

#[test]
fn a_limit_outside_what_may_be_proposed_is_unsafe_in_its_own_unit() {
    check(held(1_000, Unit::Minute, Reason::InsideInterval), None);
    check(
        held(250, Unit::Minute, Reason::InsideInterval),
        Some((Some(300), "it is below the 300 a minute that `gold` promises")),
    );
    check(
        held(600_000, Unit::Hour, Reason::InsideInterval),
        Some((Some(540_000), "it is above the maximum of 9000 a minute")),
    );
}

#[test]
fn a_limit_above_what_its_destination_carries_is_unsafe() {
    check(
        held(6_000, Unit::Minute, Reason::InsideInterval),
        Some((Some(5_000), "it lets 6000 a minute through to `db`, which carries 5000")),
    );
}

#[test]
fn a_limit_that_was_set_aside_is_not_judged_by_bounds() {
    check(held(7, Unit::Minute, Reason::Excluded { rule: String::new() }), None);
    check(held(0, Unit::Minute, Reason::Blocked), None);
}

#[test]
fn a_limit_that_rejects_clean_requests_is_unsafe() {
    let mut proposal = held(1_000, Unit::Minute, Reason::InsideInterval);
    let replay = |rejected| Replay { demand: 100_000.0, rejected, ..Replay::default() };
    let report = |rejected| ReplayReport {
        span: TimeSpan { start: at(), end: at() },
        current: Some(replay(rejected)),
        proposed: replay(0.0),
        current_raw: None,
        proposed_raw: replay(0.0),
        history: None,
        counted_over_limit: None,
        held_back: None,
    };
    proposal.replay = Some(report(2_500.0));
    check(
        proposal.clone(),
        Some((None, "it would have rejected 2500 clean requests of the held-back days, 2.50 %")),
    );
    proposal.replay = Some(report(10.0));
    check(proposal, None);
}

fn revision(id: &str, place: &str, to: u32, written: bool) -> Revision {
    let change = NumberChange { key: key("/a"), from: None, to: Limit::per_minute(to) };
    Revision {
        id: RevisionId::stored(id),
        at: at(),
        origin: RevisionOrigin::Plan(RunId::stored("run")),
        by: "ann".to_owned(),
        place: place.to_owned(),
        changes: vec![change],
        written,
    }
}

/// What an edit by hand is measured by.
#[track_caller]
fn check_edited(now: u32, revisions: &[Revision], expected: Option<u32>) {
    let settings = [(key("/a"), Setting::Limited(Limit::per_minute(now)))];
    let found = edited("limits.yaml", &settings, revisions);
    let found = found.first().and_then(|it| it.should_be).map(|it| it.requests_per_unit);
    assert_eq!(found, expected);
}

#[test]
fn an_edit_by_hand_is_told_from_our_own() {
    let ours = || revision("1", "limits.yaml", 150, true);
    check_edited(150, &[ours()], None);
    check_edited(170, &[ours()], Some(150));
    check_edited(170, &[], None);
    check_edited(170, &[revision("1", "other.yaml", 150, true)], None);
}

#[test]
fn the_last_revision_that_arrived_counts() {
    let first = || revision("1", "limits.yaml", 150, true);
    let interrupted = || revision("2", "limits.yaml", 200, false);
    check_edited(150, &[first(), interrupted()], None);
    check_edited(200, &[first(), interrupted()], None);
    check_edited(170, &[first(), interrupted()], Some(150));
    check_edited(150, &[first(), revision("2", "limits.yaml", 200, true)], Some(200));
}

#[test]
fn what_would_change_or_waits_for_a_person_has_drifted() {
    let mut proposal = held(1_000, Unit::Minute, Reason::InsideInterval);
    assert_eq!(drifted(&proposal), None);
    proposal.on_approval = Some(Limit::per_minute(1_200));
    let finding = drifted(&proposal).unwrap();
    assert_eq!(finding.should_be, Some(Limit::per_minute(1_200)));
    let limit = reviewed(&proposal);
    assert!(behind(&limit, proposal.current).is_some());
    let changed = Some(Setting::Limited(Limit::per_minute(1_100)));
    assert!(behind(&limit, changed).unwrap().why.ends_with("since the plan was made"));
    assert_eq!(behind(&limit, Some(Setting::Limited(Limit::per_minute(1_200)))), None);
}
