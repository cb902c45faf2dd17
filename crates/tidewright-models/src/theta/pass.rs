//! What eight values of `alpha` leave to be explained, in one run over the values.
//!
//! The forecast is `l + k z` with `k = 1 - 1/theta` and `z = A (1-alpha)^i + B (1 - (1-alpha)^(i+1)) / alpha` (Fiorucci et
//! al. 2016, equation 8). The level is a known number plus a share `d` of the first level, so errors are
//! `q - l0 d - k z`, and the sums of their products are all that least squares need. At a gap the level goes on as it was
//! expected to, which adds to `z`; the line stays where it is. From one origin, `z` grows by `B` per step.

use tidewright_numerics::simd::{Kernel, Lanes, WIDTH, run};

use crate::origins::Origins;

/// The line through values: `A + B t`, `t` from 1 on.
pub(super) type Line = [f64; 2];

/// Products over the places of one step ahead, one per `alpha`: of `q` and `d`, and of each with `z`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Products {
    pub(super) qq: [f64; WIDTH],
    pub(super) qd: [f64; WIDTH],
    pub(super) dd: [f64; WIDTH],
    pub(super) qz: [f64; WIDTH],
    pub(super) dz: [f64; WIDTH],
    pub(super) zz: [f64; WIDTH],
}

/// The products of eight values of `alpha` at each step that is judged; `lines` holds the line before each value.
pub(super) fn products(
    origins: &Origins<'_>,
    lines: &[Line],
    alphas: &[f64; WIDTH],
) -> Vec<Products> {
    run(Pass { origins, lines, alphas })
}

struct Pass<'a> {
    origins: &'a Origins<'a>,
    lines: &'a [Line],
    alphas: &'a [f64; WIDTH],
}

impl Kernel for Pass<'_> {
    type Output = Vec<Products>;

    #[inline(always)]
    fn run<L: Lanes>(self) -> Vec<Products> {
        let values = self.origins.values();
        let (alpha, one) = (L::load(self.alphas), L::splat(1.0));
        let keep = one.sub(alpha);
        let rate = one.div(alpha);
        let zero = L::splat(0.0);
        let steps = self.origins.ahead() / self.origins.pace();
        let mut sums = vec![[zero; 6]; steps];
        let mut level = alpha.mul(L::splat(values[0]));
        let (mut power, mut share, mut drift) = (keep, keep, zero);
        let mut next = self.origins.first();
        for (at, (value, [a, b])) in values.iter().zip(self.lines).enumerate().skip(1) {
            let after = power.mul(keep);
            let slope = one.sub(after).mul(rate).mul(L::splat(*b));
            let pull = L::splat(*a).mul_add(power, slope);
            power = after;
            if at == next {
                next += self.origins.stride();
                self.add_products(at, [level, share, pull.add(drift)], &mut sums);
            }
            if value.is_nan() {
                drift = alpha.mul_add(pull, drift);
                continue;
            }
            level = alpha.mul_add(L::splat(*value).sub(level), level);
            share = share.mul(keep);
            drift = drift.mul(keep);
        }
        sums.into_iter().map(Products::of).collect()
    }
}

impl Products {
    #[inline(always)]
    fn of<L: Lanes>(sums: [L; 6]) -> Self {
        let mut out = Self::default();
        sums[0].store(&mut out.qq);
        sums[1].store(&mut out.qd);
        sums[2].store(&mut out.dd);
        sums[3].store(&mut out.qz);
        sums[4].store(&mut out.dz);
        sums[5].store(&mut out.zz);
        out
    }
}

impl Pass<'_> {
    /// Adds the products of the errors from one origin to those of each step.
    #[inline(always)]
    fn add_products<L: Lanes>(&self, at: usize, [level, d, first]: [L; 3], sums: &mut [[L; 6]]) {
        let slope = L::splat(self.lines[at][1]);
        let pace = self.origins.pace();
        for ((round, value), sums) in self.origins.judged(at).enumerate().zip(sums) {
            if value.is_nan() {
                continue;
            }
            let step = (round * pace + pace - 1) as f64;
            let (q, z) = (L::splat(*value).sub(level), L::splat(step).mul_add(slope, first));
            sums[0] = q.mul_add(q, sums[0]);
            sums[1] = q.mul_add(d, sums[1]);
            sums[2] = d.mul_add(d, sums[2]);
            sums[3] = q.mul_add(z, sums[3]);
            sums[4] = d.mul_add(z, sums[4]);
            sums[5] = z.mul_add(z, sums[5]);
        }
    }
}
