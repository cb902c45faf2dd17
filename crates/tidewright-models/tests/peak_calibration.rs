//! The quantile of a horizon's maximum, held against futures of which the truth is known.
//!
//! For noise like counts, lognormal and autocorrelated noise: over many simulated series, the share of futures whose
//! maximum stays below the 0.95 quantile, and how far that quantile lies from the true one.

use tidewright_core::{Grid, Quantile, SeasonalityMode, Timestamp};
use tidewright_models::noise::{Noise, peak_quantile};
use tidewright_models::prophet::{GridPlan, Settings};
use tidewright_numerics::{Random, median, quantile};

const HISTORY: usize = 7 * 1440;
const AHEAD: usize = 1440;
const STEP_MS: i64 = 60_000;
const SERIES: usize = 40;
const FUTURES: usize = 200;

/// What happens to a level; the state lasts from one minute to the next.
type Disturb = fn(&mut Random, &mut f64, f64) -> f64;

fn level(index: usize) -> f64 {
    let angle = index as f64 / 1440.0 * std::f64::consts::TAU;
    100.0 + 40.0 * angle.sin() + 10.0 * (2.0 * angle).cos()
}

fn run(random: &mut Random, disturb: Disturb, from: usize, len: usize) -> Vec<f64> {
    let mut state = random.normal();
    (from..from + len).map(|index| disturb(random, &mut state, level(index))).collect()
}

fn maximum(values: &[f64]) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}

/// The 0.95 quantile of the next day's maximum, as learned from one simulated week.
fn learned(plan: &GridPlan, values: &[f64]) -> f64 {
    let fit = plan.fit(values).expect("a simulated week can be fitted");
    let mut expected = Vec::new();
    fit.predict_into(plan.grid(), None, &mut expected);
    let outlook = fit.outlook(&plan.grid().following(AHEAD), Some(0.3));
    let wanted = Quantile::new(0.95).expect("a probability");
    peak_quantile(&outlook, &Noise::learn(&expected, values), wanted)
}

fn check(disturb: Disturb) {
    let mut random = Random::new(42);
    let futures: Vec<f64> =
        (0..FUTURES).map(|_| maximum(&run(&mut random, disturb, HISTORY, AHEAD))).collect();
    let truth = quantile(&futures, 0.95).expect("there are futures");
    let grid = Grid::new(Timestamp::from_secs(0), STEP_MS, HISTORY).expect("a positive step");
    let plan = GridPlan::new(grid, &Settings::new(SeasonalityMode::Multiplicative).daily());
    let peaks: Vec<f64> =
        (0..SERIES).map(|_| learned(&plan, &run(&mut random, disturb, 0, HISTORY))).collect();
    let below = |peak: &f64| futures.iter().filter(|future| *future <= peak).count() as f64;
    let coverage = peaks.iter().map(below).sum::<f64>() / (FUTURES * SERIES) as f64;
    let ratio = median(&peaks).expect("there are series") / truth;
    assert!((0.88..=0.99).contains(&coverage), "{coverage} of the futures stay below");
    assert!((0.9..=1.1).contains(&ratio), "the median quantile is {ratio} of the true one");
}

#[test]
fn counts_scatter_by_their_root() {
    check(|random, _, level| (level + level.sqrt() * random.normal()).max(0.0).round());
}

#[test]
fn lognormal_disturbances_scale_with_the_level() {
    check(|random, _, level| level * (0.2 * random.normal() - 0.02).exp());
}

#[test]
fn disturbances_that_last_come_in_clusters() {
    check(|random, state, level| {
        *state = 0.9 * *state + 0.436 * random.normal();
        level * (1.0 + 0.15 * *state)
    });
}
