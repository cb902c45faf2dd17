//! Models whose columns all add to the trend: one quadratic for every noise variance, solved along a single path.
//!
//! With `A` the matrix of all columns (features, `t`, 1, hinges) the optimum at noise variance `v` minimises
//! `1/2 x'(A'A + vD)x - (A'y)'x + v/tau |bends|_1`. `A'A` belongs to the layout, not to the series: what has no lasso is
//! eliminated from it once, for a variance of reference, because the priors' `vD` is a millionth beside it. A series then
//! costs a product, a walk along the path of its bends down to its own variance, and one or two corrections that put the
//! true `vD` in. Where `vD` matters (columns that the rows cannot tell apart) this shortcut is not offered, and whatever
//! does not satisfy the conditions of the optimum in the end is refused: then the general search takes over.

use std::ops::Range;

use tidewright_numerics::Tableau;
use tidewright_numerics::simd::{Kernel, Lanes, Lines, WIDTH, run};

use super::loss::{Local, Loss, Order};
use super::moments::{Cross, Moments};
use super::path::{End, Walk, solution};
use super::priors::Priors;

/// The variance for which what has no lasso is eliminated; of values that are at most 1.
const VARIANCE_OF_REFERENCE: f64 = 1e-2;
/// Eliminated in advance only what outweighs its prior so much, at the variance of reference: corrections then win four
/// digits each.
const WEIGHT_MIN: f64 = 1e4;
/// Corrections before the result is given up; two are usual.
const CORRECTIONS_MAX: usize = 12;
/// Relative change of the variance below which it stands: the step that found it so small has squared it.
const VARIANCE_STEP_MIN: f64 = 1e-9;
/// Equations missed by less than this share of a bend's price are met by the correction that found it.
const MISS_MAX: f64 = 1e-7;
/// Per row, what sums of scaled values are off by in any case.
const ROUND_OFF: f64 = 1e-13;
/// A bend's gradient may exceed its bound by this share: round-off.
const SLACK: f64 = 1e-9;

/// `A'A` of a layout, and the same with all but the bends eliminated.
#[derive(Clone, Debug)]
pub(crate) struct Gram {
    /// All unknowns: columns, rate, offset, bends.
    pub(crate) unknowns: usize,
    /// Those without a lasso.
    pub(crate) free: usize,
    /// Row length: `unknowns`, padded.
    pub(crate) width: usize,
    /// `A'A`.
    pub(crate) full: Lines,
    /// After pivots on everything without a lasso; empty where that must wait for the variance.
    reduced: Lines,
}

/// A solution and its noise variance.
#[derive(Debug)]
pub(crate) struct LinearOptimum {
    pub(crate) x: Vec<f64>,
    pub(crate) variance: f64,
    pub(crate) residual: f64,
}

impl Gram {
    /// The system of a layout.
    pub(crate) fn new(moments: &Moments, priors: &Priors) -> Self {
        let free = moments.columns + 2;
        let unknowns = free + moments.knots.len();
        let width = unknowns.next_multiple_of(WIDTH);
        let mut gram = Self {
            unknowns,
            free,
            width,
            full: Lines::zeros(unknowns * width),
            reduced: Lines::default(),
        };
        gram.write_columns(moments);
        gram.write_hinges(moments);
        gram.mirror();
        gram.reduce(priors);
        gram
    }

    fn at(&mut self, row: usize, column: usize) -> &mut f64 {
        &mut self.full[row * self.width + column]
    }

    fn write_columns(&mut self, moments: &Moments) {
        let (k, stride) = (moments.columns, moments.stride);
        for c in 0..k {
            let row = &moments.whole[c * stride..][..k];
            self.full[c * self.width..][..k].copy_from_slice(row);
        }
        for j in 0..moments.segments() {
            for c in 0..k {
                *self.at(c, k) += moments.edge(j, 1)[c];
                *self.at(c, k + 1) += moments.edge(j, 0)[c];
            }
            let [zero, one, two] = moments.ones[j];
            *self.at(k, k) += two;
            *self.at(k, k + 1) += one;
            *self.at(k + 1, k + 1) += zero;
        }
    }

    /// A hinge at `s` is `max(t - s, 0)`: sums over the segments after it.
    fn write_hinges(&mut self, moments: &Moments) {
        let (k, free) = (moments.columns, self.free);
        let mut ones = [0.0; 3];
        let mut edges = vec![[0.0; 2]; k];
        for (l, s) in moments.knots.iter().enumerate().rev() {
            let later = l + 1;
            ones.iter_mut().zip(moments.ones[later]).for_each(|(sum, one)| *sum += one);
            let [zero, one, two] = ones;
            for (c, edge) in edges.iter_mut().enumerate() {
                edge[0] += moments.edge(later, 0)[c];
                edge[1] += moments.edge(later, 1)[c];
                *self.at(c, free + l) = edge[1] - s * edge[0];
            }
            *self.at(k, free + l) = two - s * one;
            *self.at(k + 1, free + l) = one - s * zero;
            for (earlier, knot) in moments.knots[..=l].iter().enumerate() {
                *self.at(free + earlier, free + l) = two - (s + knot) * one + s * knot * zero;
            }
        }
    }

    fn mirror(&mut self) {
        for row in 0..self.unknowns {
            for column in 0..row {
                self.full[row * self.width + column] = self.full[column * self.width + row];
            }
        }
    }

    fn reduce(&mut self, priors: &Priors) {
        let mut tableau = Tableau::default();
        tableau.reset(self.unknowns);
        for (i, row) in self.full.chunks_exact(self.width).enumerate() {
            tableau.row_mut(i).copy_from_slice(row);
        }
        for (i, d) in priors.ridge.iter().enumerate() {
            tableau.row_mut(i)[i] += VARIANCE_OF_REFERENCE * d;
        }
        tableau.seal();
        if run(Eliminate { tableau: &mut tableau, ridge: &priors.ridge }) {
            self.reduced = Lines::zeros(self.unknowns * self.width);
            for (i, row) in self.reduced.chunks_exact_mut(self.width).enumerate() {
                row.copy_from_slice(tableau.row(i));
            }
        }
    }

    /// `A'y` of a series, padded.
    pub(crate) fn right_side(&self, moments: &Moments, cross: &Cross) -> Lines {
        let k = moments.columns;
        let mut b = Lines::zeros(self.width);
        b[..k].copy_from_slice(&cross.whole[..k]);
        let (mut zero, mut one) = (0.0, 0.0);
        for (j, ones) in cross.ones.iter().enumerate().rev() {
            zero += ones[0];
            one += ones[1];
            if let Some(l) = j.checked_sub(1) {
                b[self.free + l] = one - moments.knots[l] * zero;
            }
        }
        (b[k], b[k + 1]) = (one, zero);
        b
    }

    /// The optimum of one series, or `None` if only the general search can be sure of it.
    pub(crate) fn solve(
        &self,
        moments: &Moments,
        cross: &Cross,
        priors: &Priors,
    ) -> Option<LinearOptimum> {
        if self.reduced.is_empty() {
            return None;
        }
        let rows = moments.rows as f64;
        let mean = cross.sum() / rows;
        let least = cross.variance_min(moments.rows);
        // Around the mean, nothing large cancels.
        let mut b = self.right_side(moments, cross);
        let offset = self.free - 1;
        for (b, row) in b.iter_mut().zip(self.full.chunks_exact(self.width)) {
            *b -= mean * row[offset];
        }
        let square = cross.square - rows * mean * mean;
        let mut optimum = run(Solve {
            gram: self,
            b: &b,
            square,
            rows,
            mean: mean + cross.shift,
            least,
            priors,
        })?;
        optimum.x[offset] += mean + cross.shift;
        Some(optimum)
    }
}

/// Pivots on everything without a lasso; false if a prior would matter for it.
struct Eliminate<'a> {
    tableau: &'a mut Tableau,
    ridge: &'a [f64],
}

impl Kernel for Eliminate<'_> {
    type Output = bool;

    #[inline(always)]
    fn run<L: Lanes>(self) -> bool {
        for (i, ridge) in self.ridge.iter().enumerate() {
            let left = self.tableau.row(i)[i];
            if left <= WEIGHT_MIN * VARIANCE_OF_REFERENCE * ridge || !self.tableau.pivot::<L>(i) {
                return false;
            }
        }
        true
    }
}

/// One series on a reduced system.
struct Solve<'a> {
    gram: &'a Gram,
    /// Of values around their mean.
    b: &'a Lines,
    square: f64,
    rows: f64,
    /// What has been taken from each value.
    mean: f64,
    /// The least noise variance.
    least: f64,
    priors: &'a Priors,
}

/// A place on the way, with what the corrections need.
struct Place {
    x: Lines,
    sign: Lines,
    variance: f64,
    /// How fast the residuals grow with lambda squared on this piece of the path.
    spread: f64,
    residual: f64,
}

impl Kernel for Solve<'_> {
    type Output = Option<LinearOptimum>;

    #[inline(always)]
    fn run<L: Lanes>(self) -> Option<LinearOptimum> {
        let (gram, tau) = (self.gram, self.priors.tau);
        let (free, width, bends) = (gram.free, gram.width, gram.unknowns - gram.free);
        // Without a bend.
        let mut right = self.b.clone();
        right[free..].fill(0.0);
        let still = self.product::<L>(&gram.reduced, &right, 0..gram.unknowns);
        let explained: f64 = right[..free].iter().zip(&still[..free]).map(|(b, x)| b * x).sum();
        let residual = self.square - explained;
        let mut tableau = Tableau::default();
        tableau.reset(bends);
        for i in 0..bends {
            let row = &gram.reduced[(free + i) * width + free..][..bends];
            tableau.row_mut(i)[..bends].copy_from_slice(row);
            tableau.first_mut()[i] = self.b[free + i] + still[free + i];
        }
        tableau.seal();
        let mut sign = Lines::default();
        let end = End::Variance { rows: self.rows, tau, residual, least: self.least };
        let lambda = Walk::new(&mut tableau, &mut sign, end).run::<L>();
        let mut x = right;
        solution(&tableau, &sign, lambda, &mut x[free..]);
        x[free..].iter_mut().for_each(|bend| *bend = -*bend);
        let moved = self.product::<L>(&gram.reduced, &x, 0..free);
        x[..free].copy_from_slice(&moved[..free]);
        x[free..].iter_mut().for_each(|bend| *bend = -*bend);
        let spread = sign.iter().zip(tableau.second()).map(|(sign, second)| sign * second).sum();
        let mut place = Place { x, sign, variance: tau * lambda, spread, residual };
        for _ in 0..CORRECTIONS_MAX {
            if self.correct::<L>(&tableau, &mut place) {
                return self.accept::<L>(place);
            }
        }
        None
    }
}

impl Solve<'_> {
    /// Some rows of a square matrix of padded rows times a vector.
    #[inline(always)]
    fn product<L: Lanes>(&self, matrix: &Lines, x: &Lines, rows: Range<usize>) -> Lines {
        let mut out = Lines::zeros(self.gram.width);
        let lines = self.gram.width / WIDTH;
        let matrix = matrix.rows()[rows.start * lines..rows.end * lines].chunks_exact(lines);
        for (out, row) in out[rows].iter_mut().zip(matrix) {
            let mut sum = L::splat(0.0);
            for (a, x) in row.iter().zip(x.rows()) {
                sum = L::load(a).mul_add(L::load(x), sum);
            }
            *out = sum.sum();
        }
        out
    }

    /// What is left of the equations `A'(y - Ax) = v D x + v/tau sign` before the bends' own part, and the residual sum.
    #[inline(always)]
    fn miss<L: Lanes>(&self, place: &mut Place) -> Lines {
        let mut miss = self.product::<L>(&self.gram.full, &place.x, 0..self.gram.unknowns);
        let (mut outer, mut inner) = (0.0, 0.0);
        for ((miss, b), x) in miss.iter_mut().zip(self.b.iter()).zip(place.x.iter()) {
            let fitted = *miss;
            *miss = b - fitted;
            outer += b * x;
            inner += *miss * x;
        }
        place.residual = self.square - outer - inner;
        let offset = self.gram.free - 1;
        for (i, ridge) in self.priors.ridge.iter().enumerate() {
            let shift = if i == offset { self.mean } else { 0.0 };
            miss[i] -= place.variance * ridge * (place.x[i] + shift);
        }
        miss
    }

    /// One Newton step for unknowns and variance on this piece of the path; true once both stand.
    #[inline(always)]
    fn correct<L: Lanes>(&self, tableau: &Tableau, place: &mut Place) -> bool {
        let (free, tau) = (self.gram.free, self.priors.tau);
        let before = place.variance;
        let mut miss = self.miss::<L>(place);
        place.variance = self.next_variance(place);
        let lambda = place.variance / tau;
        // The bends that sleep stay asleep; those awake pay their price.
        let bends = miss[free..].iter_mut().zip(place.sign.iter());
        bends.for_each(|(miss, sign)| *miss = sign.abs() * (*miss - lambda * sign));
        let largest = miss.iter().fold(0.0, |largest: f64, miss| largest.max(miss.abs()));
        let mut smooth = miss.clone();
        smooth[free..].fill(0.0);
        let moved = self.product::<L>(&self.gram.reduced, &smooth, free..self.gram.unknowns);
        let mut bent = Lines::zeros(tableau.len());
        for (i, bent) in bent.iter_mut().enumerate().take(tableau.len()) {
            *bent = place.sign[i].abs() * (miss[free + i] + moved[free + i]);
        }
        for (i, step) in smooth[free..].iter_mut().enumerate().take(tableau.len()) {
            if place.sign[i] != 0.0 {
                *step = -tableau.row(i).iter().zip(bent.iter()).map(|(a, b)| a * b).sum::<f64>();
            }
        }
        let step = self.product::<L>(&self.gram.reduced, &smooth, 0..free);
        place.x[..free].iter_mut().zip(step.iter()).for_each(|(x, step)| *x += step);
        place.x[free..].iter_mut().zip(&smooth[free..]).for_each(|(x, step)| *x -= step);
        let stands = (place.variance / before - 1.0).abs() <= VARIANCE_STEP_MIN;
        stands && largest <= MISS_MAX * lambda + ROUND_OFF * self.rows
    }

    /// The variance by Newton's rule on `rows v + 4 v^2 = R(v)`, whose right side grows with the price of bends.
    #[inline(always)]
    fn next_variance(&self, place: &Place) -> f64 {
        let (v, tau) = (place.variance, self.priors.tau);
        let slope = self.rows + 8.0 * v - 2.0 * v / (tau * tau) * place.spread;
        let gap = place.residual.max(0.0) - self.rows * v - 4.0 * v * v;
        let next = if slope > 0.5 * self.rows { v + gap / slope } else { v + gap / self.rows };
        next.max(self.least).max(0.1 * v)
    }

    /// The place, if the conditions of the optimum hold for its bends: signs, and bounds of those asleep.
    #[inline(always)]
    fn accept<L: Lanes>(&self, mut place: Place) -> Option<LinearOptimum> {
        let free = self.gram.free;
        let lambda = place.variance / self.priors.tau;
        let miss = self.miss::<L>(&mut place);
        let noise = 1e-13 * (self.rows * self.square).sqrt();
        let each = |i: usize| match place.sign[i] {
            0.0 => miss[free + i].abs() <= lambda * (1.0 + SLACK) + noise,
            sign => place.x[free + i] * sign >= 0.0,
        };
        (0..self.gram.unknowns - free).all(each).then(|| LinearOptimum {
            x: place.x[..self.gram.unknowns].to_vec(),
            variance: place.variance,
            residual: place.residual,
        })
    }
}

/// The same system for the general search, which needs no reduction.
#[derive(Debug)]
pub(crate) struct LinearLoss<'a> {
    gram: &'a Gram,
    rows: f64,
    square: f64,
    least: f64,
    shift: f64,
    b: Lines,
    gradient: Lines,
}

impl<'a> LinearLoss<'a> {
    pub(crate) fn new(gram: &'a Gram, moments: &Moments, cross: &Cross) -> Self {
        let (b, gradient) = (gram.right_side(moments, cross), Lines::zeros(gram.width));
        let (rows, square) = (moments.rows as f64, cross.square);
        let least = cross.variance_min(moments.rows);
        Self { gram, rows, square, least, shift: cross.shift, b, gradient }
    }
}

impl Loss for LinearLoss<'_> {
    fn rows(&self) -> f64 {
        self.rows
    }

    fn square(&self) -> f64 {
        self.square
    }

    fn move_to(&mut self, x: &[f64]) -> f64 {
        let mut half = 0.5 * self.square;
        let mut x = x.to_vec();
        x[self.gram.free - 1] -= self.shift;
        for (i, row) in self.gram.full.chunks_exact(self.gram.width).enumerate() {
            let fitted: f64 = row.iter().zip(&x).map(|(a, x)| a * x).sum();
            self.gradient[i] = fitted - self.b[i];
            half += x[i] * (0.5 * fitted - self.b[i]);
        }
        half
    }

    fn is_quadratic(&self) -> bool {
        true
    }

    fn variance_min(&self) -> f64 {
        self.least
    }

    fn local(&self, _: Order, out: &mut Local) {
        out.gradient.copy_from_slice(&self.gradient);
        out.hessian.copy_from_slice(&self.gram.full);
    }
}
