//! Prophet's negative log posterior as a function of the moments, with its gradient and curvature.
//!
//! For noise variance `v`, residual sum of squares `R`, rate `k`, offset `m`, bends `delta` and coefficients `beta`
//! (values scaled to at most 1, time to 0..=1, constants dropped as Stan drops them):
//!
//! `F = n/2 ln v + R/(2v) + 2v + k^2/50 + m^2/50 + sum |delta|/tau + sum beta^2/(2 s^2)`
//!
//! On segment `j` the model is `(p + q t) (1 + x'beta_scaled) + x'beta_added`: bilinear, so `R` needs the moments only.
//! Unknowns stand in the order beta, k, m, delta.

use super::design::Priors;
use super::statistics::Statistics;

/// Prophet's normal prior on rate and offset has the deviation 5.
pub(crate) const TREND_RIDGE: f64 = 1.0 / 25.0;

/// The part of the objective that does not change while it is minimised.
#[derive(Debug)]
pub(crate) struct Objective<'a> {
    pub(crate) statistics: &'a Statistics,
    /// Fourier columns.
    pub(crate) columns: usize,
    /// 1 where a column scales the trend, 0 where it adds to it; padded like a row, first entry unused.
    scaled: Vec<f64>,
    /// Prior precision of beta, k and m.
    pub(crate) ridge: Vec<f64>,
    /// Scale of the Laplace prior on bends.
    pub(crate) tau: f64,
}

/// The model at one set of unknowns: what value, gradient and curvature share.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) x: Vec<f64>,
    /// Half the residual sum of squares.
    pub(crate) half_residual: f64,
    p: Vec<f64>,
    q: Vec<f64>,
    /// (1, beta of scaled columns).
    scaling: Vec<f64>,
    /// (0, beta of added columns).
    adding: Vec<f64>,
    /// `[segments][3][stride]`: pairs times `scaling`.
    w: Vec<f64>,
    /// `[segments][2][stride]`: pairs times `adding`.
    z: Vec<f64>,
}

/// The local quadratic: gradient and upper triangle of the curvature of `R/2`.
#[derive(Debug)]
pub(crate) struct Curvature {
    pub(crate) gradient: Vec<f64>,
    pub(crate) hessian: Vec<f64>,
}

/// How much of the second derivative is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    /// Without the residual's own curvature: never indefinite.
    GaussNewton,
    /// All of it.
    Newton,
}

impl<'a> Objective<'a> {
    pub(crate) fn new(statistics: &'a Statistics, priors: &Priors) -> Self {
        let mut ridge = priors.precision.clone();
        ridge.extend([TREND_RIDGE; 2]);
        let mut scaled = vec![0.0; statistics.stride];
        for (slot, scales) in scaled[1..].iter_mut().zip(&priors.scales) {
            *slot = if *scales { 1.0 } else { 0.0 };
        }
        Self { statistics, columns: priors.precision.len(), scaled, ridge, tau: priors.tau }
    }

    /// How many unknowns.
    pub(crate) fn unknowns(&self) -> usize {
        self.free() + self.statistics.knots.len()
    }

    /// How many of them carry no Laplace prior: beta, k, m.
    pub(crate) const fn free(&self) -> usize {
        self.columns + 2
    }

    /// Whether the model is linear in its unknowns.
    pub(crate) fn is_linear(&self) -> bool {
        self.scaled.iter().all(|mask| *mask == 0.0)
    }

    /// `F` at noise variance `v`.
    pub(crate) fn value(&self, place: &Place, v: f64) -> f64 {
        let rows = self.statistics.rows as f64;
        0.5 * rows * v.ln() + place.half_residual / v + 2.0 * v + self.penalty(&place.x)
    }

    /// The part of `F` that comes from priors on the unknowns.
    pub(crate) fn penalty(&self, x: &[f64]) -> f64 {
        let (smooth, bends) = x.split_at(self.free());
        let ridge: f64 = smooth.iter().zip(&self.ridge).map(|(x, d)| d * x * x).sum();
        0.5 * ridge + bends.iter().map(|delta| delta.abs()).sum::<f64>() / self.tau
    }

    /// The noise variance at which `F` is stationary for these residuals: `R = n v + 4 v^2`, without cancellation.
    pub(crate) fn variance(&self, place: &Place) -> f64 {
        let (rows, residual) = (self.statistics.rows as f64, 2.0 * place.half_residual.max(0.0));
        2.0 * residual / (rows + (rows * rows + 16.0 * residual).sqrt())
    }

    /// The model at `x`.
    pub(crate) fn place(&self, x: &[f64]) -> Place {
        let (stride, segments) = (self.statistics.stride, self.statistics.segments());
        let (p, q) = self.lines(x);
        let (mut scaling, mut adding) = (vec![0.0; stride], vec![0.0; stride]);
        scaling[0] = 1.0;
        for c in 1..=self.columns {
            scaling[c] = self.scaled[c] * x[c - 1];
            adding[c] = (1.0 - self.scaled[c]) * x[c - 1];
        }
        let (w, z) = (vec![0.0; segments * 3 * stride], vec![0.0; segments * 2 * stride]);
        let mut place = Place { x: x.to_vec(), half_residual: 0.0, p, q, scaling, adding, w, z };
        for j in 0..segments {
            self.multiply(&mut place, j);
            place.half_residual += self.half_residual(&place, j);
        }
        place.half_residual += 0.5 * self.statistics.square;
        place
    }

    /// Offset and rate of the trend on each segment.
    fn lines(&self, x: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let (k, m) = (x[self.columns], x[self.columns + 1]);
        let (mut p, mut q) = (vec![m], vec![k]);
        for (l, (knot, delta)) in self.statistics.knots.iter().zip(&x[self.free()..]).enumerate() {
            p.push(p[l] - knot * delta);
            q.push(q[l] + delta);
        }
        (p, q)
    }

    fn multiply(&self, place: &mut Place, j: usize) {
        let stride = self.statistics.stride;
        for a in 0..3 {
            let out = &mut place.w[(j * 3 + a) * stride..][..stride];
            add_product(self.statistics.pairs(j, a), &place.scaling, out);
        }
        for a in 0..2 {
            let out = &mut place.z[(j * 2 + a) * stride..][..stride];
            add_product(self.statistics.pairs(j, a), &place.adding, out);
        }
    }

    fn half_residual(&self, place: &Place, j: usize) -> f64 {
        let [p, q] = [place.p[j], place.q[j]];
        let [q0, q1, q2] = [0, 1, 2].map(|a| dot(&place.scaling, self.w(place, j, a)));
        let [y0, y1] = [0, 1].map(|a| dot(&place.scaling, self.statistics.cross(j, a)));
        let [z0, z1] = [0, 1].map(|a| dot(&place.scaling, self.z(place, j, a)));
        let added = 0.5 * dot(&place.adding, self.z(place, j, 0))
            - dot(&place.adding, self.statistics.cross(j, 0));
        0.5 * (p * p * q0 + 2.0 * p * q * q1 + q * q * q2) + p * (z0 - y0) + q * (z1 - y1) + added
    }

    fn w<'p>(&self, place: &'p Place, j: usize, a: usize) -> &'p [f64] {
        &place.w[(j * 3 + a) * self.statistics.stride..][..self.statistics.stride]
    }

    fn z<'p>(&self, place: &'p Place, j: usize, a: usize) -> &'p [f64] {
        &place.z[(j * 2 + a) * self.statistics.stride..][..self.statistics.stride]
    }

    /// Gradient and curvature of `R/2` at a place, without the residual's own curvature: never indefinite.
    pub(crate) fn curvature(&self, place: &Place) -> Curvature {
        let n = self.unknowns();
        let mut out = Curvature { gradient: vec![0.0; n], hessian: vec![0.0; n * n] };
        self.write_trend(place, Order::GaussNewton, &mut out);
        self.write_seasons(place, &mut out);
        out
    }

    /// Adds the residual's own curvature at the same place: only what the trend and the seasons have in common differs.
    pub(crate) fn sharpen(&self, place: &Place, out: &mut Curvature) {
        self.write_trend(place, Order::Newton, out);
    }

    /// Everything but the curvature of the seasons among themselves; overwrites what was there.
    fn write_trend(&self, place: &Place, order: Order, out: &mut Curvature) {
        let mut tail = Tail::new(self.statistics.stride);
        for j in (0..self.statistics.segments()).rev() {
            self.add_segment(place, j, order, &mut tail);
            if j > 0 {
                self.write_bend(j - 1, &tail, out);
            }
        }
        self.write_line(&tail, out);
    }

    /// Adds the derivatives of one segment by its own offset and rate.
    fn add_segment(&self, place: &Place, j: usize, order: Order, tail: &mut Tail) {
        let (p, q) = (place.p[j], place.q[j]);
        let [w0, w1, w2] = [0, 1, 2].map(|a| self.w(place, j, a));
        let [z0, z1] = [0, 1].map(|a| self.z(place, j, a));
        let [u0, u1] = [0, 1].map(|a| self.statistics.cross(j, a));
        let scaling = &place.scaling;
        let [q0, q1, q2] = [w0, w1, w2].map(|w| dot(scaling, w));
        let [pull0, pull1] = [(z0, u0), (z1, u1)].map(|(z, u)| dot(scaling, z) - dot(scaling, u));
        tail.pp += q0;
        tail.pq += q1;
        tail.qq += q2;
        tail.by_p += p * q0 + q * q1 + pull0;
        tail.by_q += p * q1 + q * q2 + pull1;
        let own = if order == Order::Newton { 1.0 } else { 0.0 };
        for c in 1..=self.columns {
            let (fit0, fit1) = (p * w0[c] + q * w1[c], p * w1[c] + q * w2[c]);
            let (miss0, miss1) = (fit0 + z0[c] - u0[c], fit1 + z1[c] - u1[c]);
            let mask = self.scaled[c];
            tail.pb[c] += mask * (fit0 + own * miss0) + (1.0 - mask) * w0[c];
            tail.qb[c] += mask * (fit1 + own * miss1) + (1.0 - mask) * w1[c];
            tail.by_b[c] += mask * (p * miss0 + q * miss1) + (1.0 - mask) * miss0;
        }
    }

    /// The derivatives by a bend: those of all segments after it, along a hinge.
    fn write_bend(&self, l: usize, tail: &Tail, out: &mut Curvature) {
        let (n, knots) = (self.unknowns(), &self.statistics.knots);
        let (row, s) = (self.free() + l, knots[l]);
        out.gradient[row] = tail.by_q - s * tail.by_p;
        for c in 0..self.columns {
            out.hessian[c * n + row] = tail.qb[c + 1] - s * tail.pb[c + 1];
        }
        out.hessian[self.columns * n + row] = tail.qq - s * tail.pq;
        out.hessian[(self.columns + 1) * n + row] = tail.pq - s * tail.pp;
        for (earlier, knot) in knots[..=l].iter().enumerate() {
            out.hessian[(self.free() + earlier) * n + row] =
                tail.qq - (s + knot) * tail.pq + s * knot * tail.pp;
        }
    }

    fn write_line(&self, tail: &Tail, out: &mut Curvature) {
        let (n, k) = (self.unknowns(), self.columns);
        out.gradient[k] = tail.by_q;
        out.gradient[k + 1] = tail.by_p;
        out.hessian[k * n + k] = tail.qq;
        out.hessian[k * n + k + 1] = tail.pq;
        out.hessian[(k + 1) * n + k + 1] = tail.pp;
        for c in 0..k {
            out.gradient[c] = tail.by_b[c + 1];
            out.hessian[c * n + k] = tail.qb[c + 1];
            out.hessian[c * n + k + 1] = tail.pb[c + 1];
        }
    }

    fn write_seasons(&self, place: &Place, out: &mut Curvature) {
        let (n, stride, linear) = (self.unknowns(), self.statistics.stride, self.is_linear());
        for j in 0..self.statistics.segments() {
            let (p, q) = (place.p[j], place.q[j]);
            let moments = [0, 1, 2].map(|a| self.statistics.pairs(j, a));
            for c in 1..=self.columns {
                let [m0, m1, m2] =
                    moments.map(|m| &m[c * stride + c..c * stride + 1 + self.columns]);
                let target = &mut out.hessian[(c - 1) * n + c - 1..];
                if linear {
                    target.iter_mut().zip(m0).for_each(|(h, m)| *h += m);
                    continue;
                }
                let mask = self.scaled[c];
                for (i, h) in target[..m0.len()].iter_mut().enumerate() {
                    let once = p * m0[i] + q * m1[i];
                    let twice = p * once + q * (p * m1[i] + q * m2[i]);
                    let other = self.scaled[c + i];
                    let (both, one) = (mask * other, mask * (1.0 - other) + other * (1.0 - mask));
                    *h += both * twice + one * once + (1.0 - both - one) * m0[i];
                }
            }
        }
    }
}

/// Sums of derivatives over a segment and all after it.
struct Tail {
    pp: f64,
    pq: f64,
    qq: f64,
    by_p: f64,
    by_q: f64,
    pb: Vec<f64>,
    qb: Vec<f64>,
    by_b: Vec<f64>,
}

impl Tail {
    fn new(stride: usize) -> Self {
        let zeros = || vec![0.0; stride];
        let (pb, qb, by_b) = (zeros(), zeros(), zeros());
        Self { pp: 0.0, pq: 0.0, qq: 0.0, by_p: 0.0, by_q: 0.0, pb, qb, by_b }
    }
}

/// Adds a symmetric matrix times a vector, row by row of the vector's entries that are not 0.
fn add_product(matrix: &[f64], vector: &[f64], out: &mut [f64]) {
    for (row, x) in matrix.chunks_exact(out.len()).zip(vector).filter(|(_, x)| **x != 0.0) {
        out.iter_mut().zip(row).for_each(|(sum, a)| *sum += x * a);
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}
