//! Random numbers by counting: the same question always gets the same answer, in any order.
//!
//! The mixing function is `SplitMix64`'s finaliser (Steele, Lea, Flood: "Fast splittable pseudorandom number generators",
//! 2014). Integers in, integers out, so it is the same on every platform.

/// A source of chance for one purpose of one series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) const fn new(seed: u64) -> Self {
        Self(mix(seed))
    }

    /// Chance of its own for a text; equal texts get equal chance.
    pub(super) fn fork(self, name: &str) -> Self {
        name.bytes().fold(Self(mix(self.0)), |chance, byte| Self(chance.bits(i64::from(byte))))
    }

    /// 64 random bits for a moment.
    pub(super) const fn bits(self, moment: i64) -> u64 {
        mix(self.0 ^ (moment as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// A number from 0 to just below 1 for a moment.
    pub(super) fn uniform(self, moment: i64) -> f64 {
        // 53 bits, all of which a double holds.
        (self.bits(moment) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number that is normal enough: mean 0, variance 1, from -4.9 to 4.9.
    pub(super) fn normal(self, moment: i64) -> f64 {
        let first = self.bits(moment);
        // The sum of eight uniform numbers of 16 bits, each of variance 1 / 12.
        let sum = quarters(first) + quarters(mix(first));
        let centred = sum as f64 / 65_536.0 - (4.0 - 4.0 / 65_536.0);
        centred * NORMAL_SCALE
    }
}

/// The square root of 12 / 8.
const NORMAL_SCALE: f64 = 1.224_744_871_391_589;

const fn mix(mut bits: u64) -> u64 {
    bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// The sum of the four 16-bit numbers in 64 bits.
const fn quarters(bits: u64) -> u64 {
    (bits & 0xffff) + (bits >> 16 & 0xffff) + (bits >> 32 & 0xffff) + (bits >> 48)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_numbers_have_mean_0_and_variance_1() {
        let chance = Chance::new(7);
        let numbers: Vec<f64> = (0..100_000).map(|i| chance.normal(i)).collect();
        let mean = numbers.iter().sum::<f64>() / 1e5;
        let variance = numbers.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 1e5;
        assert!(mean.abs() < 0.01 && (variance - 1.0).abs() < 0.02, "{mean} {variance}");
    }

    #[test]
    fn chance_does_not_depend_on_the_platform() {
        let chance = Chance::new(42).fork("PARTNER");
        assert_eq!(chance.bits(-1), 8_818_267_189_321_263_775);
    }
}
