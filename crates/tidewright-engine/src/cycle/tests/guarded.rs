//! Runs that follow one another over one document and one memory.

use super::*;

/// What runs at these hours, each applied at once, make of the one limit of a document.
async fn over_time(values: Vec<f64>, current: u32, hours: &[i64]) -> Vec<(u32, &'static str)> {
    let mut world = World {
        series: vec![("a", values)],
        document: document(&[("a", current)]),
        ..World::default()
    };
    let mut seen = Vec::new();
    for hour in hours {
        let at = now().plus_millis(hour * 3_600_000);
        let outcome = run_at(&world, Policy::default(), false, at).await.unwrap();
        let proposal = &outcome.planned.record.plan.proposals[0];
        let number = proposal.proposed.unwrap().requests_per_unit;
        let code = if proposal.decision.changes() { "changed" } else { proposal.reason.code() };
        seen.push((number, code));
        world.document = outcome.planned.new_document;
    }
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_far_too_high_comes_down_a_step_a_day_once_runs_agreed_for_a_day() {
    let seen = over_time(rhythm(28, 1000.0), 4_000, &[0, 12, 23, 25, 30, 49, 80]).await;
    let waiting = (4_000, "awaits_agreement");
    assert_eq!(seen[..4], [waiting, waiting, waiting, (3_200, "changed")]);
    assert_eq!((seen[4].0, seen[5].0, seen[6]), (3_200, 3_200, (2_560, "changed")), "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_far_too_low_doubles_in_a_day_at_the_most() {
    // Demand asks for about 2,050.
    let seen = over_time(rhythm(15, 1000.0), 600, &[0, 1, 30]).await;
    assert_eq!((seen[0], seen[1].0), ((1_200, "changed"), 1_200));
    assert!((1_950..=2_200).contains(&seen[2].0), "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_remembered_after_its_record_and_before_anything_is_written() {
    let world = World {
        series: vec![("a", rhythm(15, 1000.0))],
        document: document(&[("a", 1_200)]),
        ..World::default()
    };
    run_with(&world, Policy::default()).await.unwrap();
    let diary = world.diary();
    assert!(
        diary[1].starts_with("save ") && diary[2] == "remember" && diary[3].starts_with("apply ")
    );
    let memory = world.memory.lock().unwrap().clone();
    assert_eq!((memory.first_seen, memory.limits.len()), (Some(now()), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_as_of_the_same_moment_decides_the_same_again() {
    let world = World {
        series: vec![("a", rhythm(28, 1000.0))],
        document: document(&[("a", 9_000)]),
        ..World::default()
    };
    let first = run_with(&world, Policy::default()).await.unwrap().planned.record;
    let again = run_with(&world, Policy::default()).await.unwrap().planned.record;
    assert_eq!((first.id, first.plan), (again.id, again.plan));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_only_wants_to_know_leaves_no_trace() {
    let world = World {
        series: vec![("a", rhythm(15, 1000.0))],
        document: document(&[("a", 1_200)]),
        ..World::default()
    };
    let ports = Ports {
        source: &world,
        current: Some(&world),
        output: Some(&world),
        store: &world,
        clock: &world,
        progress: &Silent,
    };
    let object = ObjectName::new("ratelimit-config", "istio-system").unwrap();
    let place = DocumentPlace { object, domain: "edge".to_owned() };
    let (mode, policy) = (Mode::Testing, Policy::default());
    let order = Order { at: now(), mode, policy, place, add_missing: false };
    let planned = plan_limits(&ports, &order).await.unwrap();
    assert_eq!(planned.record.plan.proposals[0].decision, Decision::Raise);
    assert_eq!(world.diary(), ["fetch"]);
    assert_eq!(*world.memory.lock().unwrap(), PlanMemory::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_holds_every_limit_and_says_who_and_why() {
    let world = World {
        series: vec![("a", rhythm(15, 1000.0))],
        document: document(&[("a", 1_200)]),
        ..World::default()
    };
    let (by, why) = ("kim".to_owned(), "sale".to_owned());
    let pause = Pause { by, why, since: now(), until: None };
    world.save_pause(Some(&pause)).await.unwrap();
    let proposal =
        run_with(&world, Policy::default()).await.unwrap().planned.record.plan.proposals.remove(0);
    assert_eq!(proposal.reason.to_string(), "all changes are paused by kim: sale");
    assert_eq!((proposal.decision, proposal.wish), (Decision::Hold, Decision::Raise));
}
