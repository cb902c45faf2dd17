//! How long one limit takes over a week of minutes: 3,000 replays a second and core, deciding included, are asked for.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use tidewright_core::{Grid, Timestamp, Unit};
use tidewright_limiter::{aggregate, replay};

/// Minutes of a week.
const WEEK: usize = 10_080;

fn week() -> (Grid, Vec<f64>) {
    let grid = Grid::new(Timestamp::from_secs(0), 60_000, WEEK);
    let demand = |minute: usize| match minute % 997 {
        0 => f64::NAN,
        _ => 500.0 + 300.0 * (minute as f64 / 1440.0 * std::f64::consts::TAU).sin(),
    };
    (grid.expect("a minute is a positive step"), (0..WEEK).map(demand).map(f64::round).collect())
}

fn week_of_minutes(criterion: &mut Criterion) {
    let (grid, windows) = week();
    for (name, limit) in [("rejects nothing", 900), ("rejects a third", 650)] {
        let _ = criterion.bench_function(&format!("replay a week of minutes, {name}"), |bencher| {
            bencher.iter(|| replay(black_box(&windows), &grid, limit));
        });
    }
    let _ = criterion.bench_function("aggregate a week of minutes into hours", |bencher| {
        bencher.iter(|| aggregate(black_box(&windows), &grid, Unit::Hour));
    });
}

criterion_group!(benches, week_of_minutes);
criterion_main!(benches);
