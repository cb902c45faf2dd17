//! Seeds and the random numbers that follow from them.
//!
//! A series' chance comes from the run's seed, its key and its model, never from the order of work, so that a run
//! gives the same numbers on any number of threads and on any machine. Not for secrets.

use crate::normal::normal_quantile;

/// The seed of one series under one model: FNV-1a over the parts, then mixed.
pub fn stable_seed(seed: u64, key: &str, model: &str) -> u64 {
    let mut hash = seed ^ 0xcbf2_9ce4_8422_2325;
    // 0xff never occurs in UTF-8, so it parts the key from the model without doubt.
    for byte in key.bytes().chain([0xff]).chain(model.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    mix(hash)
}

/// A small generator of repeatable numbers (`SplitMix64`, Steele, Lea and Flood 2014).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A generator that gives the same numbers for the same seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub const fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// The next number strictly between 0 and 1.
    pub fn uniform(&mut self) -> f64 {
        ((self.bits() >> 12) as f64 + 0.5) / (1u64 << 52) as f64
    }

    /// The next standard normal number.
    pub fn normal(&mut self) -> f64 {
        normal_quantile(self.uniform())
    }
}

const fn mix(bits: u64) -> u64 {
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_depends_on_each_of_its_parts() {
        let seed = stable_seed(1, "a", "prophet");
        assert_eq!(seed, stable_seed(1, "a", "prophet"));
        assert_ne!(seed, stable_seed(2, "a", "prophet"));
        assert_ne!(seed, stable_seed(1, "ap", "rophet"));
    }

    #[test]
    fn normal_numbers_have_the_moments_of_the_law() {
        let mut random = Random::new(7);
        let draws: Vec<f64> = (0..20_000).map(|_| random.normal()).collect();
        let mean = draws.iter().sum::<f64>() / 20_000.0;
        let variance = draws.iter().map(|z| z * z).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05);
    }
}
