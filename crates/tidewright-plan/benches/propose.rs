//! How many limits are decided per second from statistics: `cargo bench -p tidewright-plan`.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tidewright_core::{
    CacheFrom, DemandStatistics, Limit, LimitKey, Peak, PeakForecast, Policy, PrimeTime, Quantile,
    Setting, Timestamp, Unit, Zone,
};
use tidewright_plan::{Learned, Terms, admit, estimate, propose, screen};

fn learned(peak: f64) -> Learned {
    let quantile = Quantile::new(0.99).expect("0.99 is a quantile");
    let last_seen = Timestamp::from_secs(28 * 86_400);
    let peak = Peak { quantile, value: peak, windows: 2000, maximum: peak, maximum_at: last_seen };
    let statistics = DemandStatistics {
        windows: 40_320,
        gaps: 0,
        masked: 0,
        history_days: 28.0,
        last_seen,
        peak,
    };
    let forecast = Some(PeakForecast { quantile, value: peak.value * 1.1, horizon_days: 7.0 });
    Learned {
        statistics,
        prime: PrimeTime::always(Zone::utc()),
        forecast,
        model: "prophet".to_owned(),
        peak_without_rejected: None,
        event_factor: 1.0,
        unseen_factor: 1.0,
        cache: CacheFrom::Configured,
    }
}

fn decide(criterion: &mut Criterion) {
    let policy = Policy::default();
    let key =
        LimitKey::new("edge", [("PARTNER", Some("CUSTOMER_ID_1")), ("PATH", Some("/api_v3/list"))]);
    let current = Some(Setting::Limited(Limit::per_minute(900)));
    let learned = learned(1000.0);
    let mut group = criterion.benchmark_group("plan");
    group.throughput(Throughput::Elements(1));
    group.bench_function("decide_from_statistics", |bencher| {
        bencher.iter(|| {
            let (key, learned) = (black_box(&key).clone(), black_box(&learned).clone());
            let at = learned.statistics.last_seen;
            let held = screen(&key, current, &policy.exclusions)
                .or_else(|| admit(&learned.statistics, Unit::Minute, at, &policy));
            assert!(held.is_none(), "the bench decides a limit that nothing holds");
            let terms = Terms::of(&key, Unit::Minute, &policy);
            propose(key, current, estimate(learned, &terms), &terms)
        });
    });
    group.finish();
}

criterion_group!(benches, decide);
criterion_main!(benches);
