//! How long fitting, forecasting and the quantile of a maximum take for one series on a shared grid.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use tidewright_core::{Grid, Quantile, SeasonalityMode, Timestamp};
use tidewright_models::noise::{Noise, peak_quantile};
use tidewright_models::prophet::{GridPlan, Settings};
use tidewright_numerics::Random;

/// Minutes of traffic: a daily wave, counting noise, one spike in a hundred.
fn traffic(len: usize) -> Vec<f64> {
    let mut random = Random::new(1);
    let value = |i: usize| {
        let angle = i as f64 / 1440.0 * std::f64::consts::TAU;
        let level = 50.0 + 20.0 * angle.sin() + 5.0 * (2.0 * angle).cos();
        let spike = if random.uniform() < 0.01 { 100.0 } else { 0.0 };
        (level + level.sqrt() * random.normal() + spike).max(0.0).round()
    };
    (0..len).map(value).collect()
}

fn plan(len: usize, mode: SeasonalityMode) -> GridPlan {
    let grid = Grid::new(Timestamp::from_secs(0), 60_000, len).expect("a positive step");
    let settings = Settings::new(mode).daily().weekly().identifiable(grid.span().days());
    GridPlan::new(grid, &settings)
}

fn fits(criterion: &mut Criterion) {
    for len in [10_080, 40_320] {
        let values = traffic(len);
        let mut gappy = values.clone();
        gappy.iter_mut().step_by(97).for_each(|value| *value = f64::NAN);
        for mode in [SeasonalityMode::Additive, SeasonalityMode::Multiplicative] {
            let plan = plan(len, mode);
            let id = |name: &str| format!("{name}/{mode:?}/{len}");
            criterion.bench_function(&id("fit"), |bencher| {
                bencher.iter(|| plan.fit(black_box(&values)));
            });
            criterion.bench_function(&id("fit_gaps"), |bencher| {
                bencher.iter(|| plan.fit(black_box(&gappy)));
            });
            criterion.bench_function(&id("fit_robust"), |bencher| {
                bencher.iter(|| plan.fit_robust(black_box(&values)));
            });
        }
    }
}

fn futures(criterion: &mut Criterion) {
    let values = traffic(10_080);
    let plan = plan(10_080, SeasonalityMode::Multiplicative);
    let fit = plan.fit(&values).expect("a week can be fitted");
    let mut expected = Vec::new();
    fit.predict_into(plan.grid(), None, &mut expected);
    let noise = Noise::learn(&expected, &values);
    let outlook = fit.outlook(&plan.grid().following(10_080), Some(0.3));
    let level = Quantile::new(0.95).expect("a probability");
    let day = plan.grid().following(1440);
    criterion.bench_function("forecast/1440", |bencher| {
        bencher.iter(|| fit.predict_into(black_box(&day), None, &mut expected));
    });
    criterion.bench_function("noise/10080", |bencher| {
        bencher.iter(|| Noise::learn(black_box(&outlook.expected), &values));
    });
    criterion.bench_function("peak_quantile/10080", |bencher| {
        bencher.iter(|| peak_quantile(black_box(&outlook), &noise, level));
    });
    criterion.bench_function("plan/10080", |bencher| {
        bencher.iter(|| GridPlan::new(*plan.grid(), plan.settings()));
    });
}

criterion_group!(benches, fits, futures);
criterion_main!(benches);
