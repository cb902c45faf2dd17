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
/// Rounds of [`Settle`] before a walk is quicker.
const SETTLE_ROUNDS: usize = 4;

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
    tableau: &'a mut Tableau,
    sign: &'a mut Lines,
    end: End,
    /// 0 for an unknown that may never wake.
    able: Lines,
    /// Where each would wake on the upper or fall asleep, and where it would wake on the lower bound.
    ups: Lines,
    downs: Lines,
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

impl<'a> Walk<'a> {
    /// `sign` will tell who is awake at the end, and on which side: -1, 0 or 1 per unknown.
    pub(crate) fn new(tableau: &'a mut Tableau, sign: &'a mut Lines, end: End) -> Self {
        let n = tableau.len();
        sign.reset(n);
        let mut able = Lines::zeros(n);
        able[..n].fill(1.0);
        Self { tableau, sign, end, able, ups: Lines::zeros(n), downs: Lines::zeros(n) }
    }
}

impl Kernel for Walk<'_> {
    /// The lambda at the end.
    type Output = f64;

    #[inline(always)]
    fn run<L: Lanes>(mut self) -> f64 {
        let n = self.tableau.len();
        let start = Lines::from(self.tableau.first());
        let mut next = NO_KINK;
        for (unknown, c) in start[..n].iter().enumerate() {
            let (lambda, sign) = (c.abs(), 1f64.copysign(*c));
            next = if lambda > next.lambda {
                Kink { lambda, unknown, sign, before: 0.0 }
            } else {
                next
            };
        }
        for _ in 0..KINKS_MAX * n.max(1) {
            let (explained, spread) = self.sums::<L>(&start);
            let end = self.end.on_piece(explained, spread);
            if end >= next.lambda {
                return end;
            }
            if !turn::<L>(self.tableau, self.sign, (next.unknown, next.sign)) {
                // A combination of those awake may never wake.
                self.able[next.unknown] = 0.0;
            }
            next = self.next_kink::<L>(next);
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

    /// The first kink below the last one.
    ///
    /// The gradient of an unknown that sleeps, `a - d lambda`, reaches the upper or the lower bound; one that is awake
    /// reaches zero at `a / d`.
    #[inline(always)]
    fn next_kink<L: Lanes>(&mut self, last: Kink) -> Kink {
        let (most, one) = (L::splat(last.lambda), L::splat(1.0));
        let sides =
            Lines::rows_of(self.tableau.first()).iter().zip(Lines::rows_of(self.tableau.second()));
        let out = self.ups.rows_mut().iter_mut().zip(self.downs.rows_mut());
        let who = self.sign.rows().iter().zip(self.able.rows());
        for (((first, second), (sign, able)), (up, down)) in sides.zip(who).zip(out) {
            let (a, d, sign) = (L::load(first), L::load(second), L::load(sign));
            let asleep = sign.mul_sub_from(sign, one);
            let (above, below) = (d.add(asleep), d.sub(asleep));
            // One division for both.
            let shared = a.div(above.mul(below)).mul(L::load(able));
            shared.mul(below).or_zero_above(most).store(up);
            shared.mul(above).mul(asleep).or_zero_above(most).store(down);
        }
        // Who has just moved stands on its bound still.
        let (unknown, awake) = (last.unknown, self.sign[last.unknown] != 0.0);
        if awake || last.before > 0.0 {
            self.ups[unknown] = 0.0;
        }
        if awake || last.before < 0.0 {
            self.downs[unknown] = 0.0;
        }
        self.highest()
    }

    fn highest(&self) -> Kink {
        let mut top = NO_KINK;
        for unknown in 0..self.tableau.len() {
            let (up, down) = (self.ups[unknown], self.downs[unknown]);
            let lambda = if up > down { up } else { down };
            if lambda > top.lambda {
                let before = self.sign[unknown];
                let side = if up > down { 1.0 } else { -1.0 };
                top =
                    Kink { lambda, unknown, sign: if before == 0.0 { side } else { 0.0 }, before };
            }
        }
        top
    }
}

/// The solution at one lambda from a guess of who is awake, without the path between.
///
/// Whoever contradicts the conditions of the optimum is turned, all at once, until none does (the primal-dual active set
/// method: Hintermueller, Ito and Kunisch 2002). From a good guess that takes a round or two; whether it ends is not
/// certain, so rounds are few.
pub(crate) struct Settle<'a> {
    pub(crate) tableau: &'a mut Tableau,
    /// The guess, and in the end who is awake.
    pub(crate) sign: &'a mut Lines,
    pub(crate) lambda: f64,
}

impl Kernel for Settle<'_> {
    /// Whether it ended.
    type Output = bool;

    #[inline(always)]
    fn run<L: Lanes>(self) -> bool {
        let Self { tableau, sign, lambda } = self;
        let n = tableau.len();
        for i in 0..n {
            tableau.second_mut()[i] = sign[i];
        }
        for i in 0..n {
            if sign[i] != 0.0 && !tableau.pivot::<L>(i) {
                return false;
            }
        }
        for _ in 0..SETTLE_ROUNDS {
            let wanted = wanted::<L>(tableau, sign, lambda);
            if wanted == *sign {
                return true;
            }
            for i in 0..n {
                if wanted[i] != sign[i] && !turn::<L>(tableau, sign, (i, wanted[i])) {
                    return false;
                }
            }
        }
        false
    }
}

/// Who should be awake, and on which side, by the solution at hand: each turn will make another one.
#[inline(always)]
fn wanted<L: Lanes>(tableau: &Tableau, sign: &Lines, lambda: f64) -> Lines {
    // Of those awake what they are, of the others their gradients.
    let mut at = Lines::zeros(tableau.len());
    let sides = Lines::rows_of(tableau.first()).iter().zip(Lines::rows_of(tableau.second()));
    for (out, (first, second)) in at.rows_mut().iter_mut().zip(sides) {
        L::splat(lambda).mul_sub_from(L::load(second), L::load(first)).store(out);
    }
    for (at, sign) in at.iter_mut().zip(sign.iter()) {
        *at = match *sign {
            0.0 if at.abs() > lambda => 1f64.copysign(*at),
            own if own * *at < 0.0 => 0.0,
            own => own,
        };
    }
    at
}

/// Wakes an unknown with a sign, or puts it to sleep with 0; false, and nothing done, if it cannot wake.
#[inline(always)]
fn turn<L: Lanes>(
    tableau: &mut Tableau,
    sign: &mut Lines,
    (unknown, wanted): (usize, f64),
) -> bool {
    if wanted == 0.0 {
        tableau.pivot::<L>(unknown);
        tableau.second_mut()[unknown] -= sign[unknown];
        sign[unknown] = 0.0;
        return true;
    }
    tableau.second_mut()[unknown] += wanted;
    if !tableau.pivot::<L>(unknown) {
        tableau.second_mut()[unknown] -= wanted;
        return false;
    }
    sign[unknown] = wanted;
    true
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
        let lambda = run(Walk::new(&mut tableau, &mut sign, end));
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
