//! `e^x`, eight at a time.
//!
//! `x = k ln 2 + r` with a whole `k` and `|r| <= ln 2 / 2`: `e^r` by its Taylor series, of which the first term that is
//! left out is below 2e-16, and `2^k` by writing `k` where a number keeps its exponent. The usual two-part `ln 2` keeps
//! `r` exact (Cody and Waite 1980).

use std::f64::consts::LOG2_E;

use super::{Lanes, WIDTH};

/// Upper bits of `ln 2`, few enough that a whole multiple of them is exact.
const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
/// What they leave.
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// Beyond these the result would be no normal number.
const LEAST: f64 = -708.0;
const MOST: f64 = 709.0;
/// Added to a small whole number, it leaves that number in the lowest bits.
const WHOLE: f64 = 6_755_399_441_055_744.0;
/// Where the exponent begins among a number's bits, and what stands there for `2^0`.
const EXPONENT: u32 = 52;
const BIAS: u64 = 1023;
/// `1 / n!`, from 12 down to 0.
const SERIES: [f64; 13] = [
    1.0 / 479_001_600.0,
    1.0 / 39_916_800.0,
    1.0 / 3_628_800.0,
    1.0 / 362_880.0,
    1.0 / 40_320.0,
    1.0 / 5_040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    0.5,
    1.0,
    1.0,
];

/// `e^x` to a few units of the last place; `x` is held between -708 and 709, and NaN counts as -708.
#[inline(always)]
pub fn exp<L: Lanes>(x: L) -> L {
    let x = x.max(L::splat(LEAST)).min(L::splat(MOST));
    let k = x.mul(L::splat(LOG2_E)).round();
    let r = k.mul_sub_from(L::splat(LN_2_HIGH), x);
    let r = k.mul_sub_from(L::splat(LN_2_LOW), r);
    let mut sum = L::splat(SERIES[0]);
    for term in &SERIES[1..] {
        sum = sum.mul_add(r, L::splat(*term));
    }
    let mut powers = [0.0; WIDTH];
    k.add(L::splat(WHOLE)).store(&mut powers);
    for power in &mut powers {
        *power = f64::from_bits(power.to_bits().wrapping_add(BIAS) << EXPONENT);
    }
    sum.mul(L::load(&powers))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{Kernel, Level, run_at};

    struct Exp([f64; WIDTH]);

    impl Kernel for Exp {
        type Output = [f64; WIDTH];

        #[inline(always)]
        fn run<L: Lanes>(self) -> [f64; WIDTH] {
            let mut out = [0.0; WIDTH];
            exp(L::load(&self.0)).store(&mut out);
            out
        }
    }

    fn check(x: f64, expected: f64) {
        for level in Level::available() {
            for found in run_at(*level, Exp([x; WIDTH])) {
                assert!((found / expected - 1.0).abs() < 1e-15, "{level:?} {x} {found}");
            }
        }
    }

    #[test]
    fn it_agrees_with_the_standard_library() {
        (-7080..=7090).map(|tenth| f64::from(tenth) / 10.0).for_each(|x| check(x, x.exp()));
        check(0.0, 1.0);
        check(-1e-18, 1.0);
        check(0.346_573, 0.346_573f64.exp());
    }

    #[test]
    fn what_is_out_of_reach_is_held_at_the_ends() {
        check(f64::NEG_INFINITY, (-708f64).exp());
        check(f64::NAN, (-708f64).exp());
        check(f64::INFINITY, 709f64.exp());
    }
}
