//! The table against the law itself: by Fourier's inversion, by simulation, and where it is known in closed form.

use std::f64::consts::{PI, TAU};

use tidewright_numerics::{Random, normal_cdf};

use super::*;

/// How far a score lies from the exact one: what the probability misses, over the density there. Gil-Pelaez (1951), with
/// the part of the law that has no density taken out.
fn miss(score: f64, width: f64, bends: f64, noise: f64) -> f64 {
    let unit = ((1.0 - noise * noise) * 1.5 / bends).sqrt();
    let still = (-bends).exp();
    // Fine enough for the tails of bends, far enough for noise to have silenced what is left.
    let step = TAU / 4.0 / (110.0 + 24.0 * (bends / 1.5).sqrt());
    let terms = (8.5 * unit / noise / step) as usize;
    let (mut beyond, mut density) = (0.5 * score / unit * (1.0 - still), 0.5 * (1.0 - still));
    for term in 1..=terms {
        let v = term as f64 * step;
        let moved = (bends * (v.atan() / v - 1.0)).exp() - still;
        let weight = (-0.5 * (noise / unit * v).powi(2)).exp() * moved;
        let (sin, cos) = (v * score / unit).sin_cos();
        beyond += weight * sin / v;
        density += weight * cos;
    }
    let normal = (-0.5 * (score / noise).powi(2)).exp() / TAU.sqrt() / noise;
    let below = still * normal_cdf(score / noise) + 0.5 * (1.0 - still) + step / PI * beyond;
    (below - 0.5 - 0.5 * width) / (still * normal + step / PI / unit * density)
}

fn check(width: f64, most: f64) {
    let band = Band::new(width).unwrap();
    let mut random = Random::new(7);
    let mut misses: Vec<f64> = (0..400)
        .map(|_| {
            let bends = 10f64.powf(5.0 * random.uniform() - 3.0);
            let noise = 0.04 + 0.96 * random.uniform();
            let score = band.score(bends, noise);
            miss(score, width, bends, noise).abs()
        })
        .collect();
    misses.sort_by(f64::total_cmp);
    assert!(misses[200] < 1e-5, "the median is {}", misses[200]);
    assert!(misses[380] < 1e-3, "one in twenty is {}", misses[380]);
    assert!(misses[399] < most, "the largest is {}", misses[399]);
}

#[test]
fn half_of_all_futures_lie_in_the_band_of_a_half() {
    check(0.5, 4e-3);
}

#[test]
fn scores_of_prophets_own_width_are_exact_to_a_thousandth() {
    check(0.8, 4e-3);
}

#[test]
fn scores_of_wide_bands_are_exact_to_a_thousandth_too() {
    check(0.95, 4e-3);
    check(0.99, 2e-2);
}

/// One future: bends as they come, then noise; in units of a bend's mean size.
fn future(bends: f64, noise: f64, random: &mut Random) -> f64 {
    let (mut strayed, mut at) = (0.0, 0.0);
    loop {
        at -= random.uniform().ln() / bends;
        if at > 1.0 {
            return strayed + noise * random.normal();
        }
        let bend = (random.uniform() / random.uniform()).ln();
        strayed += bend * (1.0 - at);
    }
}

#[test]
fn as_many_simulated_futures_lie_in_the_band_as_it_promises() {
    let mut random = Random::new(12);
    let draws = 20_000;
    for (bends, noise) in [(0.05f64, 0.3), (0.5, 0.2), (3.0, 0.5), (12.0, 1.0), (40.0, 0.1)] {
        let deviation = (bends / 1.5 + noise * noise).sqrt();
        let futures: Vec<f64> = (0..draws).map(|_| future(bends, noise, &mut random)).collect();
        for width in [0.5, 0.8, 0.95, 0.99] {
            let reach = Band::new(width).unwrap().score(bends, noise / deviation) * deviation;
            let inside = futures.iter().filter(|future| future.abs() <= reach).count();
            let share = inside as f64 / f64::from(draws);
            let chance = 4.0 * (width * (1.0 - width) / f64::from(draws)).sqrt();
            assert!((share - width).abs() < chance, "{share}, not {width}, at {bends} and {noise}");
        }
    }
}

#[test]
fn the_trends_band_opens_once_a_bend_is_likely_enough() {
    let band = Band::new(0.8).unwrap();
    let opens = -(0.8f64.ln());
    assert!(band.score(0.9 * opens, 0.0) < 1e-3);
    assert!(band.score(0.5 * opens, 0.0) < 1e-6);
    assert!(band.score(1.5 * opens, 0.0) > 0.05);
}

#[test]
fn noise_alone_and_very_many_bends_are_normal() {
    for width in [0.2, 0.8, 0.98] {
        let band = Band::new(width).unwrap();
        for bends in [0.0, 1e-9, 0.3, 17.0, 1e6, f64::INFINITY] {
            let score = band.score(bends, 1.0);
            assert!((score - band.normal()).abs() < 2e-5, "{score} at {bends}");
        }
        assert!((band.score(1e7, 0.0) / band.normal() - 1.0).abs() < 1e-5);
    }
}

#[test]
fn a_width_is_a_share() {
    for width in [0.0, 1.0, -0.5, f64::NAN] {
        assert!(Band::new(width).is_err());
    }
}
