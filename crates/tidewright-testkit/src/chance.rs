//! Chance that repeats itself: a small generator whose numbers depend on a seed and a name only.
//!
//! The generator is `SplitMix64` (Steele, Lea and Flood, 2014): 64 bits of state, equal on every platform. It is good enough
//! to place events and to shake numbers in tests, and for nothing else.

/// A stream of numbers for one purpose.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The stream of `purpose` in the world `seed`: a new purpose never disturbs the numbers of another.
    pub fn new(seed: u64, purpose: &str) -> Self {
        let start = mix(seed.wrapping_add(1));
        Self(purpose.bytes().fold(start, |state, byte| mix(state ^ u64::from(byte))))
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A whole number in `low..high`.
    pub fn between(&mut self, low: usize, high: usize) -> usize {
        low + (self.number() % (high - low) as u64) as usize
    }

    /// A number in `low..high`.
    pub fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.number() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn mix(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_seeds_give_equal_numbers_and_other_purposes_give_others() {
        let first = |seed, purpose| Chance::new(seed, purpose).number();
        assert_eq!(first(7, "shares"), first(7, "shares"));
        assert_ne!(first(7, "shares"), first(7, "events"));
        assert_ne!(first(7, "shares"), first(8, "shares"));
    }

    #[test]
    fn numbers_stay_in_their_range() {
        let mut chance = Chance::new(1, "range");
        for _ in 0..1000 {
            assert!((3..9).contains(&chance.between(3, 9)));
            assert!((0.5..1.5).contains(&chance.uniform(0.5, 1.5)));
        }
    }
}
