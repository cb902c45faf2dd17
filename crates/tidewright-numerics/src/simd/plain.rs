//! Eight numbers as an array: what every machine can do, and what the wide instructions are tested against.

use super::{Lanes, WIDTH};

/// Eight numbers in an array.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plain([f64; WIDTH]);

impl Plain {
    #[inline(always)]
    fn zip(self, other: Self, each: impl Fn(f64, f64) -> f64) -> Self {
        Self(std::array::from_fn(|i| each(self.0[i], other.0[i])))
    }
}

impl Lanes for Plain {
    #[inline(always)]
    fn splat(x: f64) -> Self {
        Self([x; WIDTH])
    }

    #[inline(always)]
    fn load(from: &[f64; WIDTH]) -> Self {
        Self(*from)
    }

    #[inline(always)]
    fn store(self, to: &mut [f64; WIDTH]) {
        *to = self.0;
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.zip(other, |a, b| a * b)
    }

    #[inline(always)]
    fn div(self, other: Self) -> Self {
        self.zip(other, |a, b| a / b)
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        self.zip(other, |a, b| if a < b { a } else { b })
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        self.zip(other, |a, b| if a > b { a } else { b })
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, addend: Self) -> Self {
        // Not `f64::mul_add`: without the instruction that is a slow library call.
        self.mul(factor).add(addend)
    }

    #[inline(always)]
    fn mul_sub_from(self, factor: Self, addend: Self) -> Self {
        addend.sub(self.mul(factor))
    }

    #[inline(always)]
    fn or_zero(self) -> Self {
        Self(self.0.map(|x| if x.is_nan() { 0.0 } else { x }))
    }

    #[inline(always)]
    fn or_zero_above(self, most: Self) -> Self {
        self.zip(most, |x, most| if x > 0.0 && x <= most { x } else { 0.0 })
    }

    #[inline(always)]
    fn gaps(self) -> u8 {
        let mut bits = 0;
        for (i, x) in self.0.iter().enumerate() {
            bits |= u8::from(x.is_nan()) << i;
        }
        bits
    }

    #[inline(always)]
    fn round(self) -> Self {
        Self(self.0.map(f64::round_ties_even))
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        Self(self.0.map(f64::sqrt))
    }

    #[inline(always)]
    fn sum(self) -> f64 {
        let [a, b, c, d, e, f, g, h] = self.0;
        ((a + e) + (c + g)) + ((b + f) + (d + h))
    }
}
