//! The path of a lasso: every solution of `1/2 x'Sx - c'x + lambda |x|_1` from none awake down to where it should end.
//!
//! As lambda falls the solution moves in straight pieces; at each kink one unknown wakes or falls asleep, which is one
//! pivot (least angle regression with the lasso's modification: Efron, Hastie, Johnstone and Tibshirani 2004). So lambda
//! need not be known before: where the price of bends is the noise variance over a prior scale, the walk ends on the piece
//! where the residuals that are left say that very variance.
//!
//! In exact arithmetic a solution; near ties round-off may lose one unknown, so whoever needs certainty checks the
//! conditions afterwards.

use tidewright_numerics::Tableau;
use tidewright_numerics::simd::{Kernel, Lanes, Lines};

/// Kinks per unknown before the walk gives up: real problems wake each about once.
const KINKS_MAX: usize = 12;

/// Where a path ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    /// At this lambda.
    At(f64),
    /// Where lambda is the noise variance over `tau`.
    Variance {
        /// Observed rows.
        rows: f64,
        /// Scale of the Laplace prior.
        tau: f64,
        /// The residual sum of squares while all sleep.
        residual: f64,
        /// The variance that is never undercut.
        least: f64,
    },
}

/// A walk along the path of a tableau whose first right side is `c` and whose second is zero.
pub(crate) struct Walk<'a> {
    pub(crate) tableau: &'a mut Tableau,
    /// -1, 0 or 1 per unknown, padded: who is awake, and on which side.
    pub(crate) sign: &'a mut Lines,
    /// The first unknown with a lasso; those before it are pivoted already.
    pub(crate) from: usize,
    pub(crate) end: End,
}

/// What changes at a kink.
#[derive(Clone, Copy)]
struct Kink {
    lambda: f64,
    unknown: usize,
    /// The sign with which it wakes; 0 if it falls asleep.
    sign: f64,
    /// The sign that it had before.
    before: f64,
}

/// Below it there is no other.
const NO_KINK: Kink = Kink { lambda: 0.0, unknown: 0, sign: 0.0, before: 0.0 };

impl End {
    /// The lambda at which the piece with these sums would end.
    fn on_piece(self, explained: f64, spread: f64) -> f64 {
        match self {
            Self::At(lambda) => lambda,
            Self::Variance { rows, tau, residual, least } => {
                // The residual sum is `left + spread lambda^2`; the variance's closed form is `rows v + 4 v^2`.
                let left = (residual - explained).max(0.0);
                let curve = 4.0 * tau * tau - spread;
                let linear = rows * tau;
                let root = (linear * linear + 4.0 * curve * left).max(0.0).sqrt();
                (2.0 * left / (linear + root)).max(least / tau)
            }
        }
    }
}

impl Kernel for Walk<'_> {
    /// The lambda at the end.
    type Output = f64;

    #[inline(always)]
    fn run<L: Lanes>(mut self) -> f64 {
        let n = self.tableau.len();
        let start = Lines::from(self.tableau.first());
        self.sign.reset(n);
        let mut next = NO_KINK;
        for (unknown, c) in start[..n].iter().enumerate().skip(self.from) {
            let (lambda, sign) = (c.abs(), 1f64.copysign(*c));
            next = if lambda > next.lambda {
                Kink { lambda, unknown, sign, before: 0.0 }
            } else {
                next
            };
        }
        let mut able = Lines::zeros(n);
        able[..n].fill(1.0);
        for _ in 0..KINKS_MAX * n.max(1) {
            let (explained, spread) = self.sums::<L>(&start);
            let end = self.end.on_piece(explained, spread);
            if end >= next.lambda {
                return end;
            }
            if !self.turn::<L>(next) {
                // A combination of those awake may never wake.
                able[next.unknown] = 0.0;
            }
            next = self.next_kink(next, &able);
        }
        let (explained, spread) = self.sums::<L>(&start);
        self.end.on_piece(explained, spread).max(next.lambda)
    }
}

impl Walk<'_> {
    /// What those awake explain at lambda 0, and how fast it is lost.
    #[inline(always)]
    fn sums<L: Lanes>(&self, start: &Lines) -> (f64, f64) {
        let (mut explained, mut spread) = (L::splat(0.0), L::splat(0.0));
        let sides =
            Lines::rows_of(self.tableau.first()).iter().zip(Lines::rows_of(self.tableau.second()));
        for ((sign, start), (first, second)) in self.sign.rows().iter().zip(start.rows()).zip(sides)
        {
            let sign = L::load(sign);
            spread = sign.mul_add(L::load(second), spread);
            let awake = sign.mul(sign).mul(L::load(first));
            explained = awake.mul_add(L::load(start), explained);
        }
        (explained.sum(), spread.sum())
    }

    /// Wakes or puts to sleep; false if that cannot be.
    #[inline(always)]
    fn turn<L: Lanes>(&mut self, kink: Kink) -> bool {
        let Kink { unknown, sign, .. } = kink;
        debug_assert_eq!(kink.before, self.sign[unknown]);
        if sign == 0.0 {
            self.tableau.pivot::<L>(unknown);
            self.tableau.second_mut()[unknown] -= self.sign[unknown];
            self.sign[unknown] = 0.0;
            return true;
        }
        self.tableau.second_mut()[unknown] += sign;
        if !self.tableau.pivot::<L>(unknown) {
            self.tableau.second_mut()[unknown] -= sign;
            return false;
        }
        self.sign[unknown] = sign;
        true
    }

    /// The first kink below the last one.
    #[inline(always)]
    fn next_kink(&self, last: Kink, able: &Lines) -> Kink {
        let mut top = NO_KINK;
        let (first, second) = (self.tableau.first(), self.tableau.second());
        let below = |lambda: f64| if lambda <= last.lambda && lambda > 0.0 { lambda } else { 0.0 };
        for unknown in self.from..self.tableau.len() {
            let (a, d, before) = (first[unknown], second[unknown], self.sign[unknown]);
            let (lambda, sign) = if before == 0.0 {
                // Its gradient reaches the upper or the lower bound.
                let (up, down) = (below(a / (1.0 + d)), below(a / (d - 1.0)));
                // Who has just left a bound stands on it still.
                let left = if unknown == last.unknown { last.before } else { 0.0 };
                let (up, down) =
                    (if left > 0.0 { 0.0 } else { up }, if left < 0.0 { 0.0 } else { down });
                if up > down { (up * able[unknown], 1.0) } else { (down * able[unknown], -1.0) }
            } else if unknown == last.unknown {
                (0.0, 0.0)
            } else {
                (below(a / d), 0.0)
            };
            if lambda > top.lambda {
                top = Kink { lambda, unknown, sign, before };
            }
        }
        top
    }
}

/// Writes the solution at `lambda` of a walk that ended there.
pub(crate) fn solution(tableau: &Tableau, sign: &[f64], lambda: f64, out: &mut [f64]) {
    let sides = tableau.first().iter().zip(tableau.second());
    for ((x, sign), (first, second)) in out.iter_mut().zip(sign).zip(sides) {
        *x = if *sign == 0.0 { 0.0 } else { first - lambda * second };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tidewright_numerics::simd::run;

    use super::*;

    const N: usize = 11;

    fn positive(a: &[f64]) -> Vec<f64> {
        let dot = |i: usize, j: usize| (0..N).map(|k| a[k * N + i] * a[k * N + j]).sum::<f64>();
        (0..N * N).map(|c| dot(c / N, c % N) + if c / N == c % N { 0.01 } else { 0.0 }).collect()
    }

    fn walk(s: &[f64], c: &[f64], end: End) -> (f64, Vec<f64>) {
        let (mut tableau, mut sign) = (Tableau::default(), Lines::default());
        tableau.reset(N);
        s.chunks(N).enumerate().for_each(|(i, row)| tableau.row_mut(i)[..N].copy_from_slice(row));
        tableau.first_mut()[..N].copy_from_slice(c);
        tableau.seal();
        let lambda = run(Walk { tableau: &mut tableau, sign: &mut sign, from: 0, end });
        let mut x = vec![0.0; N];
        solution(&tableau, &sign, lambda, &mut x);
        (lambda, x)
    }

    /// The largest violation of the conditions of the optimum.
    fn violation(s: &[f64], c: &[f64], x: &[f64], lambda: f64) -> f64 {
        let slope =
            |i: usize| c[i] - s[i * N..][..N].iter().zip(x).map(|(s, x)| s * x).sum::<f64>();
        let each = (0..N).map(|i| match x[i] {
            0.0 => (slope(i).abs() - lambda).max(0.0),
            x => (slope(i) - lambda * x.signum()).abs(),
        });
        each.fold(0.0, f64::max)
    }

    proptest! {
        #[test]
        fn a_walk_ends_at_the_optimum(
            a in prop::collection::vec(-1.0..1.0f64, N * N),
            c in prop::collection::vec(-1.0..1.0f64, N),
            lambda in 0.001..0.5f64,
        ) {
            let s = positive(&a);
            let (end, x) = walk(&s, &c, End::At(lambda));
            let size = x.iter().map(|x| x.abs()).fold(1.0, f64::max);
            prop_assert_eq!(end, lambda);
            let off = violation(&s, &c, &x, lambda);
            prop_assert!(off < 1e-9 * size, "{off} {size} {lambda}");
        }

        #[test]
        fn a_walk_meets_the_variance_that_its_residuals_say(
            a in prop::collection::vec(-1.0..1.0f64, N * N),
            c in prop::collection::vec(-1.0..1.0f64, N),
            tau in 0.01..1.0f64,
        ) {
            let s = positive(&a);
            let (rows, residual) = (50.0, 30.0);
            let (lambda, x) = walk(&s, &c, End::Variance { rows, tau, residual, least: 1e-8 });
            let fitted: f64 = (0..N).map(|i| x[i] * s[i * N..][..N].iter().zip(&x).map(|(s, x)| s * x).sum::<f64>()).sum();
            let left = residual - 2.0 * c.iter().zip(&x).map(|(c, x)| c * x).sum::<f64>() + fitted;
            let v = tau * lambda;
            let size = x.iter().map(|x| x.abs()).fold(1.0, f64::max);
            let off = violation(&s, &c, &x, lambda);
            prop_assert!(off < 1e-9 * size, "{off} {size} {lambda}");
            prop_assert!((left - rows * v - 4.0 * v * v).abs() < 1e-8 * residual || v <= 1e-8, "{left} {v}");
        }
    }
}
