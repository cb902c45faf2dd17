//! Series to be fitted: each seed another one.

use std::f64::consts::TAU;

use tidewright_numerics::Random;

/// Nearly normal, and cheap: benchmarks should not wait for their data.
fn noise(random: &mut Random) -> f64 {
    let sum: f64 = (0..4).map(|_| random.uniform()).sum();
    (sum - 2.0) * 3f64.sqrt()
}

/// Counts around a daily wave, with noise and one spike in a hundred.
pub(crate) fn seed_like(seed: u64, len: usize) -> Vec<f64> {
    let mut random = Random::new(seed);
    let phase = random.uniform();
    let value = |i: usize| {
        let level = 50.0 + 20.0 * (TAU * (i as f64 / 1440.0 + phase)).sin();
        let spike = if random.uniform() < 0.01 { 100.0 } else { 0.0 };
        (level + level.sqrt() * noise(&mut random) + spike).max(0.0).round()
    };
    (0..len).map(value).collect()
}

/// Two daily harmonics, quieter weekends, level shifts and a rate that changes every few hours.
pub(crate) fn rich(seed: u64, len: usize) -> Vec<f64> {
    let mut random = Random::new(seed ^ 0x5eed);
    let day = len as f64 / 7.0;
    let phase = random.uniform();
    let shifts: Vec<(f64, f64)> = (0..3)
        .map(|_| (random.uniform() * 0.8 * len as f64, 0.7 + 0.6 * random.uniform()))
        .collect();
    let (mut level, mut rate) = (200.0, 0.0);
    let value = |i: usize| {
        if i.is_multiple_of(len / 28) {
            rate = 60.0 / day * noise(&mut random);
        }
        level = f64::clamp(level + rate, 60.0, 500.0);
        let at = i as f64 / day + phase;
        let wave = 1.0 + 0.5 * (TAU * at).sin() + 0.2 * (2.0 * TAU * at).cos();
        let weekend = if (5.0..7.0).contains(&(at % 7.0)) { 0.7 } else { 1.0 };
        let shifted: f64 =
            shifts.iter().filter(|(from, _)| i as f64 >= *from).map(|(_, by)| by).product();
        let mean = level * wave * weekend * shifted;
        (mean + 2.0 * mean.max(0.0).sqrt() * noise(&mut random)).max(0.0)
    };
    (0..len).map(value).collect()
}

/// The same with one row in twenty missing.
pub(crate) fn with_gaps(values: &[f64], seed: u64) -> Vec<f64> {
    let mut random = Random::new(seed);
    let each = values.iter().map(|value| if random.uniform() < 0.05 { f64::NAN } else { *value });
    each.collect()
}
