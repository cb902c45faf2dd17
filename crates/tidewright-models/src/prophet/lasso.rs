//! The quadratic problem with a lasso on its last unknowns, solved exactly.
//!
//! Minimises `1/2 x'Hx - b'x + lambda |x_bent|_1`, where the first `free` unknowns carry no lasso. They are eliminated by
//! Cholesky; what remains goes through an active set with signs (feature-sign search: Lee, Battle, Raina and Ng 2006).
//! Exact to round-off in a few small factorisations; coordinate descent would crawl, for neighbouring hinges are almost
//! parallel.

use tidewright_numerics::{NotPositive, factor, solve_lower, solve_upper};

/// Rounds in which several unknowns may wake at once; afterwards only the worst, which cannot cycle.
const CROWD_ROUNDS: usize = 12;
/// Far more than any problem needed; a guard, not a tuning.
const ROUNDS_MAX: usize = 400;
/// A gradient this share above the threshold is round-off, not a violation.
const SLACK: f64 = 1e-9;

/// Solves in place: `h` (upper triangle) is destroyed, `b` becomes the solution; `start` guesses the lasso part.
pub(crate) fn solve(
    h: &mut [f64],
    b: &mut [f64],
    free: usize,
    lambda: f64,
    start: &[f64],
) -> Result<(), NotPositive> {
    let n = b.len();
    factor(h, n, free)?;
    solve_lower(h, n, free, b);
    let mut bent = Bent::new(h, &b[free..], lambda, start);
    bent.search()?;
    b[free..].copy_from_slice(&bent.x);
    solve_upper(h, n, free, b);
    Ok(())
}

/// The reduced problem in the unknowns under the lasso.
struct Bent {
    n: usize,
    /// Symmetric, full.
    s: Vec<f64>,
    c: Vec<f64>,
    lambda: f64,
    x: Vec<f64>,
    /// -1, 0 or 1; 0 sleeps. A sleeping unknown is 0.
    sign: Vec<f64>,
    /// `s x`.
    sx: Vec<f64>,
}

impl Bent {
    fn new(h: &[f64], c: &[f64], lambda: f64, start: &[f64]) -> Self {
        let n = c.len();
        let full = h.len().isqrt();
        let at = |i: usize, j: usize| h[(full - n + i) * full + full - n + j];
        let s = (0..n * n).map(|ij| at((ij / n).min(ij % n), (ij / n).max(ij % n))).collect();
        let sign = start.iter().map(|x| if *x == 0.0 { 0.0 } else { x.signum() }).collect();
        Self { n, s, c: c.to_vec(), lambda, x: start.to_vec(), sign, sx: vec![0.0; n] }
    }

    fn search(&mut self) -> Result<(), NotPositive> {
        for round in 0..ROUNDS_MAX {
            let goal = self.goal()?;
            if self.agrees(&goal) {
                self.x.copy_from_slice(&goal);
                self.multiply();
                if !self.wake(round < CROWD_ROUNDS) {
                    break;
                }
            } else {
                self.approach(&goal);
            }
        }
        Ok(())
    }

    /// The minimum over the awake unknowns with their signs held.
    fn goal(&self) -> Result<Vec<f64>, NotPositive> {
        let awake: Vec<usize> = (0..self.n).filter(|&i| self.sign[i] != 0.0).collect();
        let k = awake.len();
        let mut goal = vec![0.0; self.n];
        // Nearly parallel hinges of a short history: a ridge far below the data's resolution parts them.
        let mut ridge = 0.0;
        loop {
            let mut block: Vec<f64> = awake
                .iter()
                .flat_map(|&i| awake.iter().map(move |&j| self.s[i * self.n + j]))
                .collect();
            (0..k).for_each(|i| block[i * k + i] *= 1.0 + ridge);
            let mut z: Vec<f64> =
                awake.iter().map(|&i| self.c[i] - self.lambda * self.sign[i]).collect();
            match factor(&mut block, k, k) {
                Ok(()) => {
                    solve_lower(&block, k, k, &mut z);
                    solve_upper(&block, k, k, &mut z);
                    awake.iter().zip(z).for_each(|(&i, z)| goal[i] = z);
                    return Ok(goal);
                }
                Err(error) if ridge > 1e-7 => return Err(error),
                Err(_) => ridge = (ridge * 10.0).max(1e-13),
            }
        }
    }

    fn agrees(&self, goal: &[f64]) -> bool {
        goal.iter().zip(&self.sign).all(|(z, sign)| z * sign >= 0.0)
    }

    fn multiply(&mut self) {
        for (row, sx) in self.s.chunks_exact(self.n.max(1)).zip(&mut self.sx) {
            *sx = row.iter().zip(&self.x).map(|(s, x)| s * x).sum();
        }
    }

    /// Wakes the sleepers whose gradient the lasso cannot hold; false if there is none.
    fn wake(&mut self, crowd: bool) -> bool {
        let excess = |i: usize| {
            let slope = self.sx[i] - self.c[i];
            let noise = 2e-14 * (self.sx[i].abs() + self.c[i].abs());
            slope.abs() - self.lambda * (1.0 + SLACK) - noise
        };
        let asleep = (0..self.n).filter(|&i| self.sign[i] == 0.0);
        let candidates: Vec<(usize, f64)> =
            asleep.map(|i| (i, excess(i))).filter(|(_, excess)| *excess > 0.0).collect();
        let Some(&(worst, most)) = candidates.iter().max_by(|a, b| a.1.total_cmp(&b.1)) else {
            return false;
        };
        for (i, excess) in candidates {
            if i == worst || (crowd && excess >= 0.5 * most) {
                self.sign[i] = (self.c[i] - self.sx[i]).signum();
            }
        }
        true
    }

    /// Goes towards the goal as far as the objective falls, stopping only where an unknown reaches zero.
    fn approach(&mut self, goal: &[f64]) {
        self.multiply();
        let step: Vec<f64> = goal.iter().zip(&self.x).map(|(z, x)| z - x).collect();
        let rows = self.s.chunks_exact(self.n);
        let s_step: Vec<f64> = rows.map(|row| dot(row, &step)).collect();
        let (linear, curve) = (dot(&step, &self.sx) - dot(&step, &self.c), dot(&step, &s_step));
        let norm = |a: f64| self.x.iter().zip(&step).map(|(x, d)| (x + a * d).abs()).sum::<f64>();
        let value = |a: f64| a * (linear + 0.5 * a * curve) + self.lambda * norm(a);
        let crossings =
            self.x.iter().zip(&step).filter(|(x, d)| *x * *d < 0.0).map(|(x, d)| -x / d);
        let stops = crossings.filter(|a| *a < 1.0).chain([1.0]);
        let best = stops.map(|a| (a, value(a))).min_by(|a, b| a.1.total_cmp(&b.1));
        let far = best.filter(|(_, reached)| *reached < value(0.0)).map_or(0.0, |(a, _)| a);
        for (i, d) in step.iter().enumerate() {
            let moved = self.x[i] + far * d;
            // The one that blocks lands on zero but for round-off.
            let blocked = far > 0.0 && moved.abs() <= 1e-12 * self.x[i].abs();
            self.x[i] = if blocked { 0.0 } else { moved };
            self.sign[i] = if self.x[i] == 0.0 { 0.0 } else { self.x[i].signum() };
        }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The largest violation of the conditions of the optimum.
    fn violation(h: &[f64], b: &[f64], x: &[f64], free: usize, lambda: f64) -> f64 {
        let n = b.len();
        let slope = |i: usize| dot(&h[i * n..(i + 1) * n], x) - b[i];
        let each = (0..n).map(|i| match (i < free, x[i] == 0.0) {
            (true, _) => slope(i).abs(),
            (false, true) => (slope(i).abs() - lambda).max(0.0),
            (false, false) => (slope(i) + lambda * x[i].signum()).abs(),
        });
        each.fold(0.0, f64::max)
    }

    proptest! {
        #[test]
        fn the_conditions_of_the_optimum_hold(
            a in prop::collection::vec(-1.0..1.0f64, 12 * 12),
            b in prop::collection::vec(-1.0..1.0f64, 12),
            lambda in 0.001..0.5f64,
        ) {
            let n = 12;
            let mut h: Vec<f64> = (0..n * n)
                .map(|ij| (0..n).map(|k| a[ij / n * n + k] * a[ij % n * n + k]).sum())
                .collect();
            (0..n).for_each(|i| h[i * n + i] += 0.01);
            let mut x = b.clone();
            solve(&mut h.clone(), &mut x, 4, lambda, &[0.0; 8]).unwrap();
            let size = x.iter().map(|x| x.abs()).fold(1.0, f64::max);
            prop_assert!(violation(&h, &b, &x, 4, lambda) < 1e-9 * size);
        }
    }
}
