//! What is known beside demand, and limits that count more than one series.

use tidewright_core::{
    CacheFrom, CacheSide, CacheSides, Calendar, Effect, Event, Recurrence, Remark, Selector,
    Suspicion, Zone,
};

use super::*;

/// The proposal for the first limit of a document.
async fn first(world: &World, policy: Policy) -> Proposal {
    run_with(world, policy).await.unwrap().planned.record.plan.proposals.remove(0)
}

fn raw_document(entries: &str) -> Option<Vec<u8>> {
    Some(format!("domain: edge\ndescriptors:\n{entries}").into_bytes())
}

fn number(proposal: &Proposal) -> u32 {
    proposal.estimate.as_ref().unwrap().limit.requests_per_unit
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_without_a_value_is_made_for_the_value_that_needs_most() {
    let entries = "  - key: PARTNER\n    rate_limit: {unit: minute, requests_per_unit: 900}\n  \
                   - key: PARTNER\n    value: big\n    rate_limit: {unit: minute, requests_per_unit: 9000}\n";
    let world = World {
        series: vec![
            ("big", rhythm(15, 4000.0)),
            ("a", rhythm(15, 500.0)),
            ("b", rhythm(15, 1000.0)),
        ],
        document: raw_document(entries),
        ..World::default()
    };
    let proposal = first(&world, unpaced()).await;
    assert!((1_950..=2_200).contains(&number(&proposal)), "{}", number(&proposal));
    let told = Remark::EachValue { values: 2, decisive: "b".to_owned() };
    assert!(proposal.remarks.contains(&told), "{:?}", proposal.remarks);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wildcard_that_shares_its_counter_is_made_for_the_sum() {
    let entries = "  - key: PARTNER\n    value: \"a*\"\n    share_threshold: true\n    \
                   rate_limit: {unit: minute, requests_per_unit: 900}\n";
    let world = World {
        series: vec![
            ("a1", rhythm(15, 500.0)),
            ("a2", rhythm(15, 500.0)),
            ("b", rhythm(15, 500.0)),
        ],
        document: raw_document(entries),
        ..World::default()
    };
    let proposal = first(&world, unpaced()).await;
    assert!((1_950..=2_200).contains(&number(&proposal)), "{}", number(&proposal));
    assert!(proposal.remarks.contains(&Remark::SumOf { series: 2 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_raise_that_rests_on_rejected_requests_asks_first_and_is_released_by_a_word() {
    let mut values = rhythm(15, 1000.0);
    let mut rejected = vec![0.0; values.len()];
    // Retries double the busy hours of the last week.
    for minute in (8 * DAY..15 * DAY).filter(|minute| (600..840).contains(&(minute % DAY))) {
        values[minute] *= 2.0;
        rejected[minute] = values[minute] / 2.0;
    }
    let world = World {
        series: vec![("a", values)],
        document: document(&[("a", 2_050)]),
        signals: vec![(Signal::Rejected, "a", rejected)],
        ..World::default()
    };
    let proposal = first(&world, unpaced()).await;
    assert!(
        matches!(proposal.reason, Reason::AwaitsApproval(Suspicion::RestsOnRejected { .. })),
        "{:?}",
        proposal.reason
    );
    let asked = proposal.on_approval.unwrap().requests_per_unit;
    assert!(asked > 3_000, "{asked}");
    let approval = Approval {
        key: proposal.key.clone(),
        up_to: asked,
        by: "kim".to_owned(),
        at: now(),
        until: now().plus_millis(1),
    };
    world.save_approval("memory", &approval).await.unwrap();
    let released = first(&world, unpaced()).await;
    assert_eq!((released.decision, released.proposed), (Decision::Raise, proposal.on_approval));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_partner_that_rises_with_its_errors_is_asked_about() {
    let mut values = rhythm(15, 1000.0);
    let mut errors: Vec<f64> = values.iter().map(|value| 0.01 * value).collect();
    for minute in 12 * DAY + 700..15 * DAY {
        values[minute] *= 2.0;
        errors[minute] = 0.4 * values[minute];
    }
    let world = |errors: Vec<f64>| World {
        series: vec![("a", values.clone()), ("b", rhythm(15, 700.0))],
        document: document(&[("a", 2_050)]),
        signals: vec![(Signal::ClientErrors, "a", errors)],
        ..World::default()
    };
    let suspect = first(&world(errors), unpaced()).await;
    assert!(matches!(suspect.reason, Reason::AwaitsApproval(Suspicion::RiseWithErrors { .. })));
    let calm = first(&world(vec![0.0; 15 * DAY]), unpaced()).await;
    assert_eq!(calm.decision, Decision::Raise);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cache_between_metric_and_limiter_is_measured() {
    let values = rhythm(15, 1000.0);
    let hits = values.iter().map(|value| 0.75 * value).collect();
    let world = World {
        document: document(&[("a", 2_050)]),
        signals: vec![(Signal::CacheLookups, "a", values.clone()), (Signal::CacheHits, "a", hits)],
        series: vec![("a", values)],
        ..World::default()
    };
    let cache = CacheSides { metric: CacheSide::Before, limiter: CacheSide::After };
    let proposal = first(&world, Policy { cache, ..unpaced() }).await;
    let arithmetic = proposal.estimate.as_ref().unwrap().arithmetic;
    assert!((arithmetic.cache_ratio - 0.25).abs() < 1e-9);
    assert!(matches!(arithmetic.cache_from, CacheFrom::Measured { .. }));
    assert!((480..=560).contains(&number(&proposal)), "{}", number(&proposal));
}

fn event(effect: Effect, days: std::ops::Range<i64>) -> Policy {
    let moment = |day: i64| now().plus_millis(day * 86_400_000);
    let event = Event {
        name: "sale".to_owned(),
        selector: Selector::default(),
        effect,
        first: TimeSpan { start: moment(days.start), end: moment(days.end) },
        recurrence: Recurrence::Once,
        zone: Zone::utc(),
    };
    Policy { calendar: Calendar { events: vec![event] }, ..unpaced() }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_ahead_is_planned_for_and_one_that_is_over_is_forgotten() {
    let mut values = rhythm(15, 1000.0);
    values[12 * DAY..14 * DAY].iter_mut().for_each(|value| *value *= 3.0);
    let world = World {
        series: vec![("a", rhythm(15, 1000.0))],
        document: document(&[("a", 2_050)]),
        ..World::default()
    };
    let ahead = first(&world, event(Effect::Expect(2.0), 3..4)).await;
    assert!((3_900..=4_400).contains(&number(&ahead)), "{}", number(&ahead));
    let over = World {
        series: vec![("a", values)],
        document: document(&[("a", 2_050)]),
        ..World::default()
    };
    let over = first(&over, event(Effect::Ignore, -3..-1)).await;
    assert_eq!(over.reason, Reason::InsideInterval);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_is_held_to_what_the_limiter_counted() {
    let values = rhythm(15, 1000.0);
    let over: Vec<f64> = values.iter().map(|value| (value - 1_000.0).max(0.0)).collect();
    let world = |over: Vec<f64>| World {
        series: vec![("a", values.clone())],
        document: document(&[("a", 1_000)]),
        signals: vec![(Signal::OverLimit, "a", over)],
        ..World::default()
    };
    let told = |proposal: &Proposal| {
        proposal.remarks.iter().any(|remark| matches!(remark, Remark::ReplayError { .. }))
    };
    let exact = first(&world(over), unpaced()).await;
    let replay = exact.replay.unwrap();
    assert_eq!(replay.counted_over_limit, replay.current_raw.map(|replay| replay.rejected));
    assert!(!told(&exact));
    assert!(told(&first(&world(vec![0.0; 15 * DAY]), unpaced()).await));
}
