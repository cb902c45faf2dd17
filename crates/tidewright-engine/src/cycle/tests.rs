//! Whole cycles over fake ports that write down what is asked of them.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use tidewright_core::{
    Approval, Clock, Decision, DemandMethod, Frame, Grid, MetricSource, Mode, Pacing, Pause,
    Policy, PortFuture, Progress, SeriesKey, Signal, Signals, Silent, Store, Timestamp,
};
use tidewright_limiter::ObjectName;

use super::*;

mod beside;
mod guarded;

const DAY: usize = 1440;

/// A world that answers from memory and keeps a diary.
#[derive(Default)]
struct World {
    /// Partner and its requests per minute, over whole days until [`now`].
    series: Vec<(&'static str, Vec<f64>)>,
    document: Option<Vec<u8>>,
    diary: Mutex<Vec<String>>,
    broken: Option<PortErrorKind>,
    full: AtomicBool,
    memory: Mutex<PlanMemory>,
    /// What is known beside demand, by partner.
    signals: Vec<(Signal, &'static str, Vec<f64>)>,
}

fn now() -> Timestamp {
    Timestamp::parse("2026-11-20T00:00:00Z").unwrap()
}

impl World {
    fn note(&self, what: impl Into<String>) {
        self.diary.lock().unwrap().push(what.into());
    }

    /// Each signal with one column, whatever partners have none of it.
    fn signals(&self, grid: Grid) -> Signals {
        let mut signals = Signals::default();
        for (signal, partner, values) in &self.signals {
            let before = vec![0.0; grid.len() - values.len()];
            let key = SeriesKey::new([("PARTNER", *partner)]);
            let frame = Frame::new(grid, vec![key], [before, values.clone()].concat()).unwrap();
            signals = signals.with(*signal, frame);
        }
        signals
    }

    fn diary(&self) -> Vec<String> {
        self.diary.lock().unwrap().clone()
    }
}

impl MetricSource for World {
    fn describe(&self) -> String {
        "memory".to_owned()
    }

    fn fetch_demand<'a>(
        &'a self,
        request: &'a DemandRequest,
        _progress: &'a dyn Progress,
    ) -> PortFuture<'a, DemandFrame> {
        Box::pin(async move {
            self.note("fetch");
            if let Some(kind) = self.broken {
                return Err(PortError::new(kind, "the world is in the way"));
            }
            let grid = Grid::windows(request.span, request.window_ms).unwrap();
            let keys =
                self.series.iter().map(|(partner, _)| SeriesKey::new([("PARTNER", *partner)]));
            let column = |values: &Vec<f64>| {
                let before = grid.len().saturating_sub(values.len());
                let measured = values[values.len() - (grid.len() - before)..].to_vec();
                [vec![f64::NAN; before], measured].concat()
            };
            let values = self.series.iter().flat_map(|(_, values)| column(values)).collect();
            let frame = Frame::new(grid, keys.collect(), values).unwrap();
            Ok(DemandFrame {
                frame,
                method: DemandMethod::Synthetic,
                method_note: "from memory".to_owned(),
                scrape_interval_ms: None,
                warnings: Vec::new(),
                includes_rejected: true,
                signals: self.signals(grid),
            })
        })
    }
}

impl LimitTarget for World {
    fn describe(&self) -> String {
        "memory".to_owned()
    }

    fn load(&self) -> PortFuture<'_, Option<Vec<u8>>> {
        Box::pin(async { Ok(self.document.clone()) })
    }

    fn apply<'a>(&'a self, document: &'a [u8]) -> PortFuture<'a, Applied> {
        Box::pin(async move {
            self.note(format!("apply {}", String::from_utf8_lossy(document)));
            Ok(Applied { place: "memory".to_owned(), changed: true })
        })
    }
}

impl Store for World {
    fn save_run<'a>(&'a self, run: &'a RunRecord) -> PortFuture<'a, ()> {
        Box::pin(async move {
            if self.full.load(Ordering::Relaxed) {
                return Err(PortError::new(PortErrorKind::Refused, "no space"));
            }
            self.note(format!("save {}", run.id));
            Ok(())
        })
    }

    fn load_memory<'a>(&'a self, _place: &'a str) -> PortFuture<'a, PlanMemory> {
        Box::pin(async { Ok(self.memory.lock().unwrap().clone()) })
    }

    fn save_memory<'a>(&'a self, _place: &'a str, memory: &'a PlanMemory) -> PortFuture<'a, ()> {
        Box::pin(async {
            self.note("remember");
            self.memory.lock().unwrap().clone_from(memory);
            Ok(())
        })
    }

    fn save_approval<'a>(&'a self, _place: &'a str, approval: &'a Approval) -> PortFuture<'a, ()> {
        Box::pin(async {
            self.memory.lock().unwrap().approvals.push(approval.clone());
            Ok(())
        })
    }

    fn save_pause<'a>(&'a self, pause: Option<&'a Pause>) -> PortFuture<'a, ()> {
        Box::pin(async move {
            self.memory.lock().unwrap().pause = pause.cloned();
            Ok(())
        })
    }

    fn load_latest_run(&self) -> PortFuture<'_, Option<RunRecord>> {
        Box::pin(async { Ok(None) })
    }

    fn load_run<'a>(&'a self, _id: &'a RunId) -> PortFuture<'a, Option<RunRecord>> {
        Box::pin(async { Ok(None) })
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        now()
    }
}

/// So many days of a daily rhythm around `level` with a little repeatable noise, ending now.
fn rhythm(days: usize, level: f64) -> Vec<f64> {
    let value = |minute: usize| {
        let wave = 1.0 - 0.5 * (minute as f64 / DAY as f64 * std::f64::consts::TAU).cos();
        let noise = ((minute as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as f64 / 2e7 - 0.42;
        (level * wave * (1.0 + 0.1 * noise)).round()
    };
    (0..days * DAY).map(value).collect()
}

fn document(limits: &[(&str, u32)]) -> Option<Vec<u8>> {
    let entry = |(partner, number): &(&str, u32)| {
        format!(
            "  - key: PARTNER\n    value: {partner}\n    rate_limit: {{unit: minute, requests_per_unit: {number}}}\n"
        )
    };
    let entries: String = limits.iter().map(entry).collect();
    Some(format!("domain: edge\ndescriptors:\n{entries}").into_bytes())
}

async fn run(world: &World) -> Result<Outcome, EngineError> {
    run_with(world, unpaced()).await
}

/// What demand asks for, at once.
fn unpaced() -> Policy {
    let mut policy = Policy::default();
    policy.guards.pacing = Pacing::OFF;
    policy
}

async fn run_with(world: &World, policy: Policy) -> Result<Outcome, EngineError> {
    run_order(world, policy, false).await
}

async fn run_order(
    world: &World,
    policy: Policy,
    add_missing: bool,
) -> Result<Outcome, EngineError> {
    run_at(world, policy, add_missing, now()).await
}

async fn run_at(
    world: &World,
    policy: Policy,
    add_missing: bool,
    at: Timestamp,
) -> Result<Outcome, EngineError> {
    let ports = Ports {
        source: world,
        current: world.document.is_some().then_some(world as &dyn LimitTarget),
        output: Some(world),
        store: world,
        clock: world,
        progress: &Silent,
    };
    let object = ObjectName::new("ratelimit-config", "istio-system").unwrap();
    let place = DocumentPlace { object, domain: "edge".to_owned() };
    run_limits(&ports, &Order { at, mode: Mode::Testing, policy, place, add_missing }).await
}

/// The decision, the reason and the number for the one limit of a document.
async fn decided(values: Vec<f64>, current: u32) -> (Decision, &'static str, u32) {
    let world = World {
        series: vec![("a", values)],
        document: document(&[("a", current)]),
        ..World::default()
    };
    let proposal = run(&world).await.unwrap().planned.record.plan.proposals.remove(0);
    (proposal.decision, proposal.reason.code(), proposal.proposed.unwrap().requests_per_unit)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_recorded_before_anything_is_written() {
    let world = World { series: vec![("a", rhythm(15, 1000.0))], ..World::default() };
    run(&world).await.unwrap();
    let diary = world.diary();
    assert_eq!(diary[0], "fetch");
    assert!(diary[1].starts_with("save 20261120T000000Z-") && diary[2].starts_with("apply "));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_when_the_record_cannot_be_kept() {
    let world = World { series: vec![("a", rhythm(15, 1000.0))], ..World::default() };
    world.full.store(true, Ordering::Relaxed);
    assert!(matches!(run(&world).await, Err(EngineError::Store(_))));
    assert_eq!(world.diary(), ["fetch"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_fails_ends_the_run_before_anything_is_decided() {
    let world = World { broken: Some(PortErrorKind::Transient), ..World::default() };
    assert!(matches!(run(&world).await, Err(EngineError::Source { .. })));
    assert_eq!(world.diary(), ["fetch"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_limit_is_held_a_low_one_raised_and_a_high_one_lowered() {
    // The peak is 1.5 times the level; x 1.3 for safety makes about 2,050.
    assert_eq!(decided(rhythm(15, 1000.0), 2_050).await.1, "inside_interval");
    let (decision, _, number) = decided(rhythm(15, 1000.0), 1_200).await;
    assert!(decision == Decision::Raise && (1_950..=2_200).contains(&number), "{number}");
    let (decision, reason, number) = decided(rhythm(15, 1000.0), 9_000).await;
    assert!(decision == Decision::Lower && (1_950..=2_200).contains(&number), "{reason} {number}");
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_data_is_never_a_reason_to_change() {
    let gaps = vec![f64::NAN; 15 * DAY];
    assert_eq!(decided(gaps, 900).await, (Decision::Hold, "no_traffic", 900));
    let mut stale = rhythm(15, 1000.0);
    stale[14 * DAY..].fill(f64::NAN);
    assert_eq!(decided(stale, 900).await, (Decision::Hold, "stale", 900));
    let mut thin = vec![f64::NAN; 15 * DAY];
    let measured = rhythm(1, 1000.0);
    thin[14 * DAY + DAY / 2..].copy_from_slice(&measured[DAY / 2..]);
    assert_eq!(decided(thin, 900).await, (Decision::Hold, "thin_data", 900));
}

#[tokio::test(flavor = "multi_thread")]
async fn traffic_without_a_limit_gets_one_where_that_is_asked_for() {
    let mut scan = vec![0.0; 15 * DAY];
    scan[10 * DAY..10 * DAY + 60].fill(9_000.0);
    let mut thin = vec![f64::NAN; 15 * DAY];
    thin[14 * DAY + 1300..].fill(500.0);
    let world = World {
        series: vec![
            ("a", rhythm(15, 1000.0)),
            ("new", rhythm(15, 1000.0)),
            ("scan", scan),
            ("thin", thin),
            ("tiny", rhythm(15, 1.0)),
        ],
        document: document(&[("a", 2_050)]),
        ..World::default()
    };
    let without = run(&world).await.unwrap().planned;
    assert_eq!(without.new_document, world.document);
    let strangers: Vec<String> =
        without.discovery.strangers.iter().map(|it| it.key.name()).collect();
    assert_eq!(strangers, ["new", "scan", "thin", "tiny"]);
    let with = run_order(&world, unpaced(), true).await.unwrap().planned;
    let text = String::from_utf8(with.new_document.unwrap()).unwrap();
    let old = String::from_utf8(world.document.clone().unwrap()).unwrap();
    let added = text.strip_prefix(&old).unwrap();
    assert!(added.contains("value: \"new\"") && added.lines().count() == 3, "{added}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_never_lowers_a_limit() {
    let mut values = rhythm(15, 1000.0);
    values[13 * DAY..13 * DAY + 600].fill(0.0);
    assert_eq!(decided(values, 2_050).await.1, "inside_interval");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_never_raises_a_limit_and_a_launch_does() {
    let mut burst = rhythm(15, 1000.0);
    burst[10 * DAY + 700..10 * DAY + 745].iter_mut().for_each(|value| *value *= 5.0);
    assert_eq!(decided(burst, 2_050).await.1, "inside_interval");
    let mut launch = rhythm(15, 1000.0);
    launch[12 * DAY + 700..].iter_mut().for_each(|value| *value *= 2.0);
    let (decision, _, number) = decided(launch, 2_050).await;
    assert!(decision == Decision::Raise && (3_900..=4_700).contains(&number), "{number}");
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_that_the_metric_says_nothing_about_are_held() {
    let world = World {
        series: vec![("a", rhythm(15, 1000.0))],
        document: document(&[("a", 2_050), ("b", 77)]),
        ..World::default()
    };
    let outcome = run(&world).await.unwrap();
    let reasons: Vec<_> =
        outcome.planned.record.plan.proposals.iter().map(|p| p.reason.code()).collect();
    assert_eq!(reasons, ["inside_interval", "no_traffic"]);
    assert_eq!(outcome.planned.new_document, world.document, "not a byte changes");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_answer_holds_every_limit() {
    let world = World { document: document(&[("a", 900)]), ..World::default() };
    let outcome = run(&world).await.unwrap();
    assert_eq!(outcome.planned.record.plan.proposals[0].reason.code(), "no_traffic");
}

#[tokio::test(flavor = "multi_thread")]
async fn hours_and_days_are_counted_in_their_own_windows() {
    let text = "domain: edge\ndescriptors:\n  - key: PARTNER\n    value: a\n    rate_limit: {unit: hour, requests_per_unit: 60000}\n";
    let world = World {
        series: vec![("a", rhythm(28, 1000.0))],
        document: Some(text.as_bytes().to_vec()),
        ..World::default()
    };
    let proposal = run(&world).await.unwrap().planned.record.plan.proposals.remove(0);
    // About 60 x 1,500 at the peak, x 1.3.
    let number = proposal.estimate.unwrap().limit.requests_per_unit;
    assert!((112_000..=126_000).contains(&number), "{number}");
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_inputs_give_equal_plans_for_any_number_of_threads() {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
    let series =
        names.iter().enumerate().map(|(i, name)| (*name, rhythm(9, 100.0 * (i + 1) as f64)));
    let world = World { series: series.collect(), ..World::default() };
    let demand = world
        .fetch_demand(
            &DemandRequest {
                span: TimeSpan { start: now().plus_millis(-9 * 86_400_000), end: now() },
                window_ms: WINDOW_MS,
            },
            &Silent,
        )
        .await
        .unwrap();
    let object = ObjectName::new("ratelimit-config", "istio-system").unwrap();
    let place = DocumentPlace { object, domain: "edge".to_owned() };
    let order = Order {
        at: now(),
        mode: Mode::Local,
        policy: Policy::default(),
        place,
        add_missing: false,
    };
    let decide_on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let (demand, order, memory) = (&demand, &order, &PlanMemory::default());
        let inputs = Inputs { demand, document: None, memory, order };
        pool.install(|| decide(&inputs, &Silent)).unwrap().proposals
    };
    assert_eq!(decide_on(1), decide_on(4));
}

#[tokio::test(flavor = "multi_thread")]
async fn excluded_pairs_get_no_limit() {
    let world = World {
        series: vec![("a", rhythm(15, 1000.0)), ("b", rhythm(15, 500.0))],
        ..World::default()
    };
    let mut policy = unpaced();
    policy.exclusions.partners = vec!["b".to_owned()];
    let outcome = run_with(&world, policy).await.unwrap();
    let document = String::from_utf8(outcome.planned.new_document.unwrap()).unwrap();
    assert!(document.contains("\"a\"") && !document.contains("\"b\""), "{document}");
}
