//! How many limits a core decides with a replay over a week of minutes, once series are learned: prime time, statistics
//! of the week and of the days before the held-back ones, the formula for both, replays of three limits over clean and
//! raw demand, the gate. `cargo bench -p tidewright-engine`

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tidewright_core::{
    CacheFrom, Grid, HeldBack, Limit, LimitKey, PeakForecast, Policy, Proposal, ReplayReport,
    Setting, TimeSpan, Timestamp, Unit,
};
use tidewright_limiter::replay;
use tidewright_plan::{
    Demand, Learned, Terms, Windows, admit, estimate, gate, prime_time, propose, statistics,
};

/// Minutes of a week.
const WEEK: usize = 10_080;
/// Minutes of the days that are held back.
const HELD_BACK: usize = 2 * 1440;

/// A week of one series, cleaned.
struct Week {
    whole: Windows,
    past: Windows,
    raw: Vec<f64>,
    clean: Vec<f64>,
}

fn week(policy: &Policy) -> Week {
    let grid = Grid::new(Timestamp::from_secs(0), 60_000, WEEK).expect("a minute is positive");
    let count = |minute: usize| {
        let season = (minute as f64 / 1440.0 * std::f64::consts::TAU).sin();
        (500.0 + 300.0 * season + (minute * 7919 % 101) as f64).round()
    };
    let raw: Vec<f64> = (0..WEEK).map(count).collect();
    let masked = |(minute, count): (usize, &f64)| if minute % 997 < 10 { f64::NAN } else { *count };
    let windows = |grid| Windows::new(grid, &policy.prime.zone);
    let past = windows(grid.slice(0, WEEK - HELD_BACK));
    Week { whole: windows(grid), past, clean: raw.iter().enumerate().map(masked).collect(), raw }
}

fn learn(windows: &Windows, raw: &[f64], clean: &[f64], policy: &Policy) -> Learned {
    let demand = Demand { windows, raw, clean };
    let end = windows.grid().end();
    let inspected = TimeSpan { start: end - policy.learn.inspect, end };
    let prime = prime_time(&demand, inspected, &policy.prime);
    let statistics = statistics(&demand, inspected, &prime, policy.peak_quantile);
    let statistics = statistics.expect("the week was measured");
    let (quantile, value) = (policy.forecast_quantile, 1.05 * statistics.peak.value);
    let forecast = Some(PeakForecast { quantile, value, horizon_days: 1.0 });
    Learned {
        statistics,
        prime,
        forecast,
        model: "prophet".to_owned(),
        peak_without_rejected: None,
        event_factor: 1.0,
        unseen_factor: 1.0,
        cache: CacheFrom::Configured,
    }
}

fn decide(week: &Week, key: &LimitKey, current: Setting, policy: &Policy) -> Proposal {
    let Week { whole, past, raw, clean } = week;
    let at = whole.grid().end();
    let learned = learn(whole, raw, clean, policy);
    let terms = Terms::of(key, Unit::Minute, policy);
    let held = admit(&learned.statistics, Unit::Minute, at, policy);
    assert!(held.is_none(), "the bench decides a limit that nothing holds");
    let proposal = propose(key.clone(), Some(current), estimate(learned, &terms), &terms);
    let from = past.grid().len();
    let rule = learn(past, &raw[..from], &clean[..from], policy);
    let rule = estimate(rule, &terms).limit;
    let grid = whole.grid().slice(from, WEEK - from);
    let on = |demand: &[f64], limit: Limit| replay(demand, &grid, limit.requests_per_unit);
    let (raw, clean) = (&raw[from..], &clean[from..]);
    let proposed = proposal.estimate.as_ref().expect("it was estimated").limit;
    let now = proposal.current_limit();
    let report = ReplayReport {
        span: grid.span(),
        current: now.map(|limit| on(clean, limit)),
        proposed: on(clean, proposed),
        current_raw: now.map(|limit| on(raw, limit)),
        proposed_raw: on(raw, proposed),
        history: None,
        counted_over_limit: None,
        held_back: Some(HeldBack { limit: rule, replay: on(clean, rule) }),
    };
    gate(proposal, Some(report), &policy.guards)
}

fn bench(criterion: &mut Criterion) {
    let policy = Policy::default();
    let week = week(&policy);
    let key = LimitKey::new("edge", [("PARTNER", Some("a")), ("PATH", Some("/list"))]);
    let current = Setting::Limited(Limit::per_minute(900));
    let mut group = criterion.benchmark_group("engine");
    group.throughput(Throughput::Elements(1));
    group.bench_function("decide_with_replay_over_a_week", |bencher| {
        bencher.iter(|| decide(black_box(&week), &key, current, &policy));
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
