//! One step of the general search: the local quadratic with priors and lasso, minimised exactly.
//!
//! What has no lasso is eliminated, then the path of the bends is walked down to the price that the noise variance sets.
//! The result is checked against the conditions of its optimum; where a tie or a nearly singular system misled the walk,
//! the active-set method of `lasso` decides.

use tidewright_numerics::Tableau;
use tidewright_numerics::simd::{Kernel, Lanes, Lines, WIDTH, run};

use super::lasso;
use super::loss::Local;
use super::path::{End, Settle, Walk, solution};
use super::priors::Priors;

/// A condition may be missed by this share of the terms that cancel in it.
const SLACK: f64 = 1e-10;
/// Beyond this share a correction is worth its price.
const CLOSE: f64 = 1e-14;

/// Storage for steps, used again and again.
#[derive(Debug, Default)]
pub(crate) struct Quadratic {
    tableau: Tableau,
    sign: Lines,
    /// Curvature with priors and ridge.
    h: Lines,
    /// The same with what has no lasso eliminated.
    left: Lines,
    slope: Lines,
    goal: Lines,
}

/// A step that was computed but not yet taken.
#[derive(Debug)]
pub(crate) struct Step {
    /// Where it leads.
    pub(crate) x: Vec<f64>,
    /// What the local quadratic promises, in units of `v F`.
    pub(crate) promise: f64,
}

impl Quadratic {
    /// The step from `x` at a noise variance and a relative ridge; `None` if the quadratic has no minimum.
    pub(crate) fn step(
        &mut self,
        local: &Local,
        x: &[f64],
        priors: &Priors,
        (variance, ridge): (f64, f64),
    ) -> Option<Step> {
        let lambda = variance / priors.tau;
        run(Prepare { quadratic: self, local, x, priors, variance, ridge });
        let free = priors.ridge.len();
        let mut next = run(Solve { quadratic: self, guess: &x[free..], free, lambda });
        let mut reached = run(Product { matrix: &self.h, x: &next });
        // Where columns scale, the next step corrects this one anyway.
        let close = if priors.is_linear() { CLOSE } else { SLACK };
        if !self.holds((&next, &reached), free, lambda, close) {
            run(Refine { quadratic: self, x: &mut next, reached: &reached, free, lambda });
            reached = run(Product { matrix: &self.h, x: &next });
        }
        if !self.holds((&next, &reached), free, lambda, SLACK) {
            next = self.by_active_set(x, free, lambda)?;
            reached = run(Product { matrix: &self.h, x: &next });
        }
        let mut promise = lambda * (size(&x[free..]) - size(&next[free..x.len()]));
        for i in 0..x.len() {
            // `h x` is the goal and the slope together.
            let step = next[i] - x[i];
            let bent = reached[i] - self.goal[i] - self.slope[i];
            promise -= step * (self.slope[i] + 0.5 * bent);
        }
        let finite = promise.is_finite();
        finite.then(|| Step { x: next[..x.len()].to_vec(), promise })
    }

    /// Whether the conditions of the optimum hold but for a share of the terms that cancel in them.
    fn holds(
        &self,
        (next, reached): (&[f64], &[f64]),
        free: usize,
        lambda: f64,
        share: f64,
    ) -> bool {
        let n = free + self.tableau.len();
        let each = |i: usize| {
            let (slope, x) = (self.goal[i] - reached[i], next[i]);
            let noise = share * (lambda + reached[i].abs() + self.goal[i].abs());
            match (i < free, x == 0.0) {
                (true, _) => slope.abs() <= noise,
                (false, true) => slope.abs() <= lambda + noise,
                (false, false) => (slope - lambda * x.signum()).abs() <= noise,
            }
        };
        (0..n).all(each)
    }

    fn by_active_set(&self, x: &[f64], free: usize, lambda: f64) -> Option<Lines> {
        let n = x.len();
        let width = n.next_multiple_of(WIDTH);
        let mut h: Vec<f64> =
            self.h.chunks_exact(width).flat_map(|row| row[..n].iter().copied()).collect();
        let mut goal = Lines::from(&self.goal[..n]);
        lasso::solve(&mut h, &mut goal[..n], free, lambda, &x[free..]).ok()?;
        Some(goal)
    }
}

fn size(bends: &[f64]) -> f64 {
    bends.iter().map(|bend| bend.abs()).sum()
}

/// Writes curvature, slope and goal with priors and ridge.
struct Prepare<'a> {
    quadratic: &'a mut Quadratic,
    local: &'a Local,
    x: &'a [f64],
    priors: &'a Priors,
    variance: f64,
    ridge: f64,
}

impl Kernel for Prepare<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Quadratic { h, slope, goal, .. } = self.quadratic;
        let n = self.x.len();
        h.clone_from(&self.local.hessian);
        slope.clone_from(&self.local.gradient);
        let width = n.next_multiple_of(WIDTH);
        for (i, d) in self.priors.ridge.iter().enumerate() {
            h[i * width + i] += self.variance * d;
            slope[i] += self.variance * d * self.x[i];
        }
        if self.ridge > 0.0 {
            (0..n).for_each(|i| h[i * width + i] *= 1.0 + self.ridge);
        }
        *goal = Product { matrix: h, x: &Lines::from(self.x) }.run::<L>();
        for (goal, slope) in goal.rows_mut().iter_mut().zip(slope.rows()) {
            L::load(goal).sub(L::load(slope)).store(goal);
        }
    }
}

/// A square matrix of padded rows times a padded vector.
struct Product<'a> {
    matrix: &'a Lines,
    x: &'a Lines,
}

impl Kernel for Product<'_> {
    type Output = Lines;

    #[inline(always)]
    fn run<L: Lanes>(self) -> Lines {
        let mut out = Lines::zeros(self.x.len());
        let rows = self.matrix.rows().chunks_exact(self.x.len() / WIDTH);
        for (out, row) in out.iter_mut().zip(rows) {
            let mut sum = L::splat(0.0);
            for (a, x) in row.iter().zip(self.x.rows()) {
                sum = L::load(a).mul_add(L::load(x), sum);
            }
            *out = sum.sum();
        }
        out
    }
}

/// Eliminates what has no lasso and walks the path of the rest.
struct Solve<'a> {
    quadratic: &'a mut Quadratic,
    /// Bends with the signs that the solution may well have.
    guess: &'a [f64],
    free: usize,
    lambda: f64,
}

impl Kernel for Solve<'_> {
    type Output = Lines;

    #[inline(always)]
    fn run<L: Lanes>(self) -> Lines {
        let Quadratic { tableau, sign, h, goal, left, .. } = self.quadratic;
        let (width, free) = (goal.len(), self.free);
        let n = h.len() / width;
        left.clone_from(h);
        let mut x = goal.clone();
        if !eliminate::<L>(left, &mut x, free) {
            // No minimum along the way; the check will find out.
            x.fill(f64::NAN);
            return x;
        }
        let lambda = self.lambda;
        load(tableau, left, (&x[free..n], free));
        sign.reset(n - free);
        for (sign, guess) in sign.iter_mut().zip(self.guess) {
            *sign = if *guess == 0.0 { 0.0 } else { guess.signum() };
        }
        if !(Settle { tableau, sign, lambda }).run::<L>() {
            load(tableau, left, (&x[free..n], free));
            Walk::new(tableau, sign, End::At(lambda)).run::<L>();
        }
        solution(tableau, sign, lambda, &mut x[free..n]);
        substitute::<L>(left, &mut x, free);
        x
    }
}

/// Corrects a solution by what its equations are still off by, with the factors at hand.
struct Refine<'a> {
    quadratic: &'a Quadratic,
    x: &'a mut Lines,
    /// `h x`.
    reached: &'a Lines,
    free: usize,
    lambda: f64,
}

impl Kernel for Refine<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Quadratic { tableau, sign, left, goal, .. } = self.quadratic;
        let free = self.free;
        let mut miss = goal.clone();
        for (miss, reached) in miss.iter_mut().zip(self.reached.iter()) {
            *miss -= reached;
        }
        for (miss, sign) in miss[free..].iter_mut().zip(sign.iter()) {
            *miss -= self.lambda * sign;
        }
        forward(left, &mut miss, free);
        let mut bends = Lines::zeros(tableau.len());
        for (i, bend) in bends.iter_mut().enumerate().take(tableau.len()) {
            *bend = sign[i].abs() * miss[free + i];
        }
        for i in 0..tableau.len() {
            let mut sum = L::splat(0.0);
            for (a, bend) in Lines::rows_of(tableau.row(i)).iter().zip(bends.rows()) {
                sum = L::load(a).mul_add(L::load(bend), sum);
            }
            miss[free + i] = sign[i].abs() * sum.sum();
        }
        substitute::<L>(left, &mut miss, free);
        for (x, step) in self.x.iter_mut().zip(miss.iter()) {
            *x += step;
        }
    }
}

/// Takes the eliminated unknowns out of a right side.
fn forward(h: &Lines, b: &mut [f64], free: usize) {
    let n = b.len();
    for i in 0..free {
        let row = &h[i * n..][..n];
        let share = b[i] / row[i];
        b[i + 1..].iter_mut().zip(&row[i + 1..]).for_each(|(b, a)| *b -= share * a);
    }
}

/// Fills a tableau with the part of a padded symmetric system from `free` on.
fn load(tableau: &mut Tableau, system: &Lines, (right, free): (&[f64], usize)) {
    let n = right.len();
    let width = (free + n).next_multiple_of(WIDTH);
    tableau.reset(n);
    for i in 0..n {
        // Only what stands right of the diagonal was kept up.
        let row = &system[(free + i) * width + free + i..][..n - i];
        tableau.row_mut(i)[i..n].copy_from_slice(row);
        for (j, value) in row.iter().enumerate().skip(1) {
            tableau.row_mut(i + j)[i] = *value;
        }
    }
    tableau.first_mut()[..n].copy_from_slice(right);
    tableau.seal();
}

/// Eliminates the first unknowns from a symmetric system, row by row; false if it is not positive there.
///
/// Of the rows below only what is right of the diagonal is kept up.
#[inline(always)]
fn eliminate<L: Lanes>(h: &mut Lines, b: &mut Lines, free: usize) -> bool {
    let lines = b.len() / WIDTH;
    for i in 0..free {
        let (done, below) = h.rows_mut().split_at_mut((i + 1) * lines);
        let row = &done[i * lines..];
        let pivot = row.as_flattened()[i];
        if pivot.is_nan() || pivot <= 0.0 {
            return false;
        }
        let inverse = 1.0 / pivot;
        for (j, target) in (i + 1..).zip(below.chunks_exact_mut(lines)) {
            let share = row.as_flattened()[j] * inverse;
            b[j] -= share * b[i];
            let (share, first) = (L::splat(share), j / WIDTH);
            for (cell, pivot) in target[first..].iter_mut().zip(&row[first..]) {
                share.mul_sub_from(L::load(pivot), L::load(cell)).store(cell);
            }
        }
    }
    true
}

/// The eliminated unknowns, once those after them are known.
#[inline(always)]
fn substitute<L: Lanes>(h: &Lines, x: &mut Lines, free: usize) {
    let lines = x.len() / WIDTH;
    for i in (0..free).rev() {
        let row = &h.rows()[i * lines..][..lines];
        let (pivot, right) = (row.as_flattened()[i], x[i]);
        // What is left of the pivot was never kept up: those unknowns do not count yet.
        let first = i / WIDTH;
        let mut sum = L::splat(0.0);
        for (a, x) in row[first..].iter().zip(&x.rows()[first..]) {
            sum = L::load(a).mul_add(L::load(x), sum);
        }
        let mut known = sum.sum() - pivot * right;
        for j in first * WIDTH..i {
            known -= row.as_flattened()[j] * x[j];
        }
        x[i] = (right - known) / pivot;
    }
}
