//! What eight values of `alpha` leave to be explained, in one run over the values.
//!
//! The forecast is `l + k z` with `k = 1 - 1/theta` and `z = A (1-alpha)^i + B (1 - (1-alpha)^(i+1)) / alpha` (Fiorucci et
//! al. 2016, equation 8). The level is a known number plus a share `d` of the first level, so errors are
//! `q - l0 d - k z`, and the sums of their products are all that least squares need. At a gap the level goes on as it was
//! expected to, which adds to `z`; the line stays where it is.

use tidewright_numerics::simd::{Kernel, Lanes, WIDTH, run};

/// Errors before this one are the first level's fault.
pub(super) const ERRORS_FROM: usize = 3;

/// The line through values: `A + B t`, `t` from 1 on.
pub(super) type Line = [f64; 2];

/// Products over the steps, one per `alpha`: of `q` and `d`, and of each with `z`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Products {
    pub(super) qq: [f64; WIDTH],
    pub(super) qd: [f64; WIDTH],
    pub(super) dd: [f64; WIDTH],
    pub(super) qz: [f64; WIDTH],
    pub(super) dz: [f64; WIDTH],
    pub(super) zz: [f64; WIDTH],
}

/// The products of eight values of `alpha`; `lines` holds the line before each value.
pub(super) fn products(values: &[f64], lines: &[Line], alphas: &[f64; WIDTH]) -> Products {
    run(Pass { values, lines, alphas })
}

struct Pass<'a> {
    values: &'a [f64],
    lines: &'a [Line],
    alphas: &'a [f64; WIDTH],
}

impl Kernel for Pass<'_> {
    type Output = Products;

    #[inline(always)]
    fn run<L: Lanes>(self) -> Products {
        let (alpha, one) = (L::load(self.alphas), L::splat(1.0));
        let keep = one.sub(alpha);
        let rate = one.div(alpha);
        let zero = L::splat(0.0);
        let mut sums = [zero; 6];
        let mut level = alpha.mul(L::splat(self.values[0]));
        let (mut power, mut share, mut drift) = (keep, keep, zero);
        for (i, (value, [a, b])) in self.values.iter().zip(self.lines).enumerate().skip(1) {
            let after = power.mul(keep);
            let slope = one.sub(after).mul(rate).mul(L::splat(*b));
            let pull = L::splat(*a).mul_add(power, slope);
            power = after;
            if value.is_nan() {
                drift = alpha.mul_add(pull, drift);
                continue;
            }
            let value = L::splat(*value);
            let (q, d, z) = (value.sub(level), share, pull.add(drift));
            if i >= ERRORS_FROM {
                sums[0] = q.mul_add(q, sums[0]);
                sums[1] = q.mul_add(d, sums[1]);
                sums[2] = d.mul_add(d, sums[2]);
                sums[3] = q.mul_add(z, sums[3]);
                sums[4] = d.mul_add(z, sums[4]);
                sums[5] = z.mul_add(z, sums[5]);
            }
            level = alpha.mul_add(q, level);
            share = share.mul(keep);
            drift = drift.mul(keep);
        }
        let mut out = Products::default();
        sums[0].store(&mut out.qq);
        sums[1].store(&mut out.qd);
        sums[2].store(&mut out.dd);
        sums[3].store(&mut out.qz);
        sums[4].store(&mut out.dz);
        sums[5].store(&mut out.zz);
        out
    }
}
