//! Noise around what was expected: its width at each level, its law, how it clusters, and what its maxima do.
//!
//! Traffic's noise is neither normal nor equally wide all day, so nothing is assumed of it but smoothness: the width is
//! a function of the level ([`Scale`]), the law of the standardised misses is the empirical one, and beyond its last
//! percent, where data end, a generalised Pareto tail goes on (Pickands 1975). Exceedances come in clusters; the extremal
//! index says how many of them count. Masked points (NaN) are not learned from: incidents are not noise.

mod peak;
mod saved;
mod scale;
mod tail;

pub use peak::{Outlook, highest, peak_quantile};
pub use scale::Scale;
pub(crate) use scale::{Room, sum};

use tidewright_core::Quantile;
use tidewright_numerics::{normal_quantile, quantile_sorted, sort};

use tail::Tail;

/// Steps of the kept law: its quantiles are exact to a thousandth.
const LAW_STEPS: usize = 1000;
/// Fewer misses than this say less about their law than the normal law does.
const MISSES_MIN: usize = 30;
/// The part of the misses that counts as tail, if it holds enough of them.
const TAIL_SHARE: f64 = 0.01;
/// Exceedances that a tail is learned from, where the data hold so many.
const EXCEEDANCES_MIN: f64 = 50.0;
/// The tail never begins below this quantile's complement.
const TAIL_SHARE_MAX: f64 = 0.1;

/// What is known about the noise of one series.
#[derive(Clone, Debug)]
pub struct Noise {
    scale: Scale,
    /// Quantiles of the standardised misses at equal steps.
    law: Vec<f64>,
    tail: Tail,
}

impl Noise {
    /// Learns the noise from what was expected and what was observed; NaN is a gap or masked.
    pub fn learn(expected: &[f64], observed: &[f64]) -> Self {
        let mut room = Room::default();
        let scale = Scale::learn_in(&mut room, expected, observed);
        let misses = scale.standardised(expected, observed);
        let mut sorted = room.misses;
        sorted.clear();
        sorted.extend(misses.iter().filter(|miss| !miss.is_nan()));
        if sorted.len() < MISSES_MIN {
            return Self::normal(scale);
        }
        sort(&mut sorted);
        let share = (EXCEEDANCES_MIN / sorted.len() as f64).clamp(TAIL_SHARE, TAIL_SHARE_MAX);
        let tail = Tail::learn(&misses, &sorted, share);
        Self { scale, law: law_of(&sorted), tail }
    }

    /// Normal noise of this width: where there is too little to learn a law from.
    fn normal(scale: Scale) -> Self {
        let draws = LAW_STEPS as f64;
        let normal: Vec<f64> =
            (0..LAW_STEPS).map(|i| normal_quantile((i as f64 + 0.5) / draws)).collect();
        let tail = Tail::learn(&[], &normal, 0.05);
        Self { scale, law: law_of(&normal), tail }
    }

    /// The width of the noise at each level.
    pub const fn scale(&self) -> &Scale {
        &self.scale
    }

    /// The share of exceedances that start a cluster of their own: 1 where high points come one by one.
    pub const fn extremal_index(&self) -> f64 {
        self.tail.extremal_index
    }

    /// The quantile of the noise where `level` is expected.
    pub fn quantile(&self, level: f64, quantile: Quantile) -> f64 {
        self.scale.at(level) * self.standard_quantile(quantile.get())
    }

    /// The quantile of the standardised noise.
    pub(crate) fn standard_quantile(&self, q: f64) -> f64 {
        if 1.0 - q < self.tail.share {
            return self.tail.beyond(1.0 - q);
        }
        quantile_sorted(&self.law, q).unwrap_or(0.0)
    }

    /// The probability that the standardised noise exceeds `z`.
    pub(crate) fn exceedance(&self, z: f64) -> f64 {
        if z > self.tail.from {
            return self.tail.exceedance(z);
        }
        let above = self.law.partition_point(|quantile| *quantile <= z);
        let Some(below) = above.checked_sub(1) else { return 1.0 };
        let (low, high) = (self.law[below], self.law[above.min(LAW_STEPS)]);
        let within = if high > low { (z - low) / (high - low) } else { 0.0 };
        1.0 - (below as f64 + within) / LAW_STEPS as f64
    }
}

fn law_of(sorted: &[f64]) -> Vec<f64> {
    let steps = (0..=LAW_STEPS).map(|i| i as f64 / LAW_STEPS as f64);
    steps.map(|q| quantile_sorted(sorted, q).unwrap_or(0.0)).collect()
}

#[cfg(test)]
mod tests {
    use tidewright_numerics::Random;

    use super::*;

    fn learned(n: usize, mut draw: impl FnMut() -> f64) -> Noise {
        let expected = vec![100.0; n];
        let observed: Vec<f64> = (0..n).map(|_| 100.0 + 10.0 * draw()).collect();
        Noise::learn(&expected, &observed)
    }

    fn check(noise: &Noise, q: f64, want: f64, tolerance: f64) {
        let found = noise.quantile(100.0, Quantile::new(q).unwrap());
        assert!((found - want).abs() < tolerance, "{found} at {q}, not {want}");
    }

    #[test]
    fn quantiles_of_normal_noise_are_found_beyond_the_data_too() {
        let mut random = Random::new(11);
        let noise = learned(10_000, || random.normal());
        check(&noise, 0.5, 0.0, 0.5);
        check(&noise, 0.025, -19.6, 1.0);
        check(&noise, 0.99, 23.3, 1.0);
        check(&noise, 0.99999, 42.6, 4.5);
    }

    #[test]
    fn few_points_are_taken_for_normal() {
        let mut sign = 1.0;
        let noise = learned(20, || {
            sign = -sign;
            sign
        });
        check(&noise, 0.975, 19.6, 0.6);
    }

    #[test]
    fn exceedance_and_quantile_are_each_others_inverse() {
        let mut random = Random::new(5);
        let noise = learned(2000, || -random.uniform().ln());
        for q in [0.01, 0.3, 0.5, 0.9, 0.985, 0.9999] {
            let back = 1.0 - noise.exceedance(noise.standard_quantile(q));
            assert!((back - q).abs() < 2e-3 * (1.0 - q).max(0.5), "{back} for {q}");
        }
    }

    #[test]
    fn clusters_are_noticed() {
        let mut random = Random::new(2);
        let mut state = 0.0;
        let noise = learned(10_000, || {
            state = 0.95 * state + (1.0f64 - 0.95 * 0.95).sqrt() * random.normal();
            state
        });
        assert!(noise.extremal_index() < 0.4, "{}", noise.extremal_index());
        let single = learned(10_000, || random.normal());
        assert!(single.extremal_index() > 0.8, "{}", single.extremal_index());
    }
}
