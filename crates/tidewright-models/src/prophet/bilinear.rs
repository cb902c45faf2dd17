//! Models with a column that scales the trend: residuals, gradient and curvature from the moments alone.
//!
//! On segment `j` the model is `(p + q t) (1 + x'scaling) + x'adding`, bilinear in the trend and the columns, so the
//! residual sum of squares and its derivatives need no row. One pass over the moments yields all of them; the moments are
//! much larger than anything else here and read once.

use tidewright_numerics::simd::{Kernel, Lanes, Lines, WIDTH, run};

use super::loss::{Local, Loss, Order};
use super::moments::Statistics;
use super::priors::Priors;

/// Half the residual sum of squares as a function of the unknowns: columns, rate, offset, bends.
#[derive(Debug)]
pub(crate) struct Bilinear<'a> {
    statistics: &'a Statistics,
    priors: &'a Priors,
    /// Coefficients of the columns that scale, padded; of those that add.
    scaling: Lines,
    adding: Lines,
    mixed: bool,
    lines: Vec<Line>,
    /// `sum t^a x x' scaling` with `sum t^a x`, `[segments][3][stride]`.
    w: Lines,
    /// `sum t^a x x' adding`, `[segments][2][stride]`.
    z: Lines,
    /// `sum (p + q t)^2 x x'` and `sum (p + q t) x x'`, `[stride][stride]`.
    twice: Lines,
    once: Lines,
}

/// The trend on a segment, and the sums that belong to it alone.
#[derive(Clone, Copy, Debug, Default)]
struct Line {
    p: f64,
    q: f64,
    /// `sum t^a (1 + x'scaling)^2`.
    squares: [f64; 3],
    /// `sum t^a (1 + x'scaling) (x'adding - y)`.
    pulls: [f64; 2],
}

/// Derivatives by offset and rate, summed over a segment and all after it.
#[derive(Default)]
struct Tail {
    pp: f64,
    pq: f64,
    qq: f64,
    by_p: f64,
    by_q: f64,
    pb: Lines,
    qb: Lines,
    by_b: Lines,
}

impl<'a> Bilinear<'a> {
    pub(crate) fn new(statistics: &'a Statistics, priors: &'a Priors) -> Self {
        let (stride, segments) = (statistics.moments.stride, statistics.moments.segments());
        let mixed = priors.scaled.contains(&0.0);
        let square = stride * stride;
        Self {
            statistics,
            priors,
            scaling: Lines::zeros(stride),
            adding: Lines::zeros(stride),
            mixed,
            lines: vec![Line::default(); segments],
            w: Lines::zeros(segments * 3 * stride),
            z: Lines::zeros(if mixed { segments * 2 * stride } else { 0 }),
            twice: Lines::zeros(square),
            once: Lines::zeros(if mixed { square } else { 0 }),
        }
    }

    const fn columns(&self) -> usize {
        self.priors.scaled.len()
    }

    fn settle(&mut self, x: &[f64]) {
        let k = self.columns();
        for (c, (x, scaled)) in x.iter().zip(&self.priors.scaled).enumerate() {
            self.scaling[c] = scaled * x;
            self.adding[c] = (1.0 - scaled) * x;
        }
        let (mut p, mut q) = (x[k + 1], x[k]);
        (self.lines[0].p, self.lines[0].q) = (p, q);
        let bends = self.statistics.moments.knots.iter().zip(&x[k + 2..]);
        for (line, (knot, bend)) in self.lines[1..].iter_mut().zip(bends) {
            p -= knot * bend;
            q += bend;
            (line.p, line.q) = (p, q);
        }
    }
}

impl Loss for Bilinear<'_> {
    fn rows(&self) -> f64 {
        self.statistics.moments.rows as f64
    }

    fn square(&self) -> f64 {
        self.statistics.cross.square
    }

    fn move_to(&mut self, x: &[f64]) -> f64 {
        self.settle(x);
        let stride = self.statistics.moments.stride;
        0.5 * self.statistics.cross.square
            + if stride == 0 { self.trend_alone() } else { run(Pass { loss: self }) }
    }

    fn is_quadratic(&self) -> bool {
        false
    }

    fn local(&self, order: Order, out: &mut Local) {
        run(Derive { loss: self, order, out });
    }
}

impl Bilinear<'_> {
    /// Without columns the pass has nothing to read.
    fn trend_alone(&mut self) -> f64 {
        let mut half = 0.0;
        for (j, line) in self.lines.iter_mut().enumerate() {
            line.squares = self.statistics.moments.ones[j];
            line.pulls = self.statistics.cross.ones[j].map(|y| -y);
            half += line.half_residual();
        }
        half
    }
}

impl Line {
    fn half_residual(&self) -> f64 {
        let Self { p, q, squares: [s0, s1, s2], pulls: [y0, y1] } = *self;
        0.5 * (p * p * s0 + 2.0 * p * q * s1 + q * q * s2) + p * y0 + q * y1
    }
}

/// One pass over the moments at new unknowns.
struct Pass<'p, 'a> {
    loss: &'p mut Bilinear<'a>,
}

impl Kernel for Pass<'_, '_> {
    /// Half the residual sum without the values' own squares.
    type Output = f64;

    #[inline(always)]
    fn run<L: Lanes>(self) -> f64 {
        let loss = self.loss;
        loss.twice.fill(0.0);
        loss.once.fill(0.0);
        let mut half = 0.0;
        for j in 0..loss.lines.len() {
            half += loss.segment::<L>(j);
        }
        half
    }
}

impl Bilinear<'_> {
    #[inline(always)]
    fn segment<L: Lanes>(&mut self, j: usize) -> f64 {
        let stride = self.statistics.moments.stride;
        for line in 0..stride / WIDTH {
            self.scale::<L>(j, line);
            if self.mixed {
                self.add::<L>(j, line);
            }
        }
        self.finish::<L>(j)
    }

    /// One line of columns: moments times the scaling coefficients, and the curvature of the scaling columns.
    #[inline(always)]
    fn scale<L: Lanes>(&mut self, j: usize, line: usize) {
        let moments = &*self.statistics.moments;
        let (stride, size) = (moments.stride, moments.stride / WIDTH);
        let Line { p, q, .. } = self.lines[j];
        let (pp, pq, qq) = (L::splat(p * p), L::splat(2.0 * p * q), L::splat(q * q));
        let square = stride * size;
        let rows = &moments.pairs.rows()[j * 3 * square..][..3 * square];
        let (zero, rest) = rows.split_at(square);
        let (one, two) = rest.split_at(square);
        let edges = &moments.edges.rows()[j * 3 * size..];
        let (mut w0, mut w1) = (L::load(&edges[line]), L::load(&edges[size + line]));
        let mut w2 = L::load(&edges[2 * size + line]);
        let twice = self.twice.rows_mut();
        for (c, beta) in self.scaling[..moments.columns].iter().enumerate() {
            let at = c * size + line;
            let (m0, m1, m2) = (L::load(&zero[at]), L::load(&one[at]), L::load(&two[at]));
            let beta = L::splat(*beta);
            w0 = beta.mul_add(m0, w0);
            w1 = beta.mul_add(m1, w1);
            w2 = beta.mul_add(m2, w2);
            let sum = m2.mul_add(qq, m1.mul_add(pq, m0.mul_add(pp, L::load(&twice[at]))));
            sum.store(&mut twice[at]);
        }
        let w = &mut self.w.rows_mut()[j * 3 * size..];
        w0.store(&mut w[line]);
        w1.store(&mut w[size + line]);
        w2.store(&mut w[2 * size + line]);
    }

    /// The same for the coefficients that add.
    #[inline(always)]
    fn add<L: Lanes>(&mut self, j: usize, line: usize) {
        let moments = &*self.statistics.moments;
        let (stride, size) = (moments.stride, moments.stride / WIDTH);
        let Line { p, q, .. } = self.lines[j];
        let (p, q) = (L::splat(p), L::splat(q));
        let square = stride * size;
        let rows = &moments.pairs.rows()[j * 3 * square..][..2 * square];
        let (zero, one) = rows.split_at(square);
        let [mut z0, mut z1] = [L::splat(0.0); 2];
        let once = self.once.rows_mut();
        for (c, beta) in self.adding[..moments.columns].iter().enumerate() {
            let at = c * size + line;
            let (m0, m1) = (L::load(&zero[at]), L::load(&one[at]));
            let beta = L::splat(*beta);
            z0 = beta.mul_add(m0, z0);
            z1 = beta.mul_add(m1, z1);
            m1.mul_add(q, m0.mul_add(p, L::load(&once[at]))).store(&mut once[at]);
        }
        let z = &mut self.z.rows_mut()[j * 2 * size..];
        z0.store(&mut z[line]);
        z1.store(&mut z[size + line]);
    }

    /// The sums that belong to a segment alone, and its part of the residual sum.
    #[inline(always)]
    fn finish<L: Lanes>(&mut self, j: usize) -> f64 {
        let Statistics { moments, cross } = self.statistics;
        let stride = moments.stride;
        let (scaling, adding) = (&*self.scaling, &*self.adding);
        let mut squares = moments.ones[j];
        for (a, square) in squares.iter_mut().enumerate() {
            let w = &self.w[(j * 3 + a) * stride..][..stride];
            *square += dot::<L>(scaling, moments.edge(j, a)) + dot::<L>(scaling, w);
        }
        let mut pulls = [0.0; 2];
        for (a, pull) in pulls.iter_mut().enumerate() {
            *pull = -cross.ones[j][a] - dot::<L>(scaling, cross.edge(j, a));
        }
        let mut added = 0.0;
        if self.mixed {
            let z = &self.z[j * 2 * stride..][..2 * stride];
            for (a, pull) in pulls.iter_mut().enumerate() {
                let z = &z[a * stride..][..stride];
                *pull += dot::<L>(adding, moments.edge(j, a)) + dot::<L>(scaling, z);
            }
            added = 0.5 * dot::<L>(adding, &z[..stride]) - dot::<L>(adding, cross.edge(j, 0));
        }
        let line = &mut self.lines[j];
        (line.squares, line.pulls) = (squares, pulls);
        line.half_residual() + added
    }
}

#[inline(always)]
fn dot<L: Lanes>(a: &[f64], b: &[f64]) -> f64 {
    let mut sum = L::splat(0.0);
    for (a, b) in Lines::rows_of(a).iter().zip(Lines::rows_of(b)) {
        sum = L::load(a).mul_add(L::load(b), sum);
    }
    sum.sum()
}

#[inline(always)]
fn grow<L: Lanes>(sums: &mut Lines, line: usize, value: L) {
    let sum = &mut sums.rows_mut()[line];
    L::load(sum).add(value).store(sum);
}

/// Gradient and curvature at the place of the last pass.
struct Derive<'p, 'a> {
    loss: &'p Bilinear<'a>,
    order: Order,
    out: &'p mut Local,
}

impl Kernel for Derive<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Self { loss, order, out } = self;
        let stride = loss.statistics.moments.stride;
        let lines = || Lines::zeros(stride);
        let mut tail = Tail { pb: lines(), qb: lines(), by_b: lines(), ..Tail::default() };
        for j in (0..loss.lines.len()).rev() {
            loss.add_segment::<L>(j, order, &mut tail);
            if j > 0 {
                loss.write_bend(j - 1, &tail, out);
            }
        }
        loss.write_line(&tail, out);
        loss.write_columns(out);
        out.mirror();
    }
}

impl Bilinear<'_> {
    /// Adds the derivatives of one segment by its own offset and rate.
    #[inline(always)]
    fn add_segment<L: Lanes>(&self, j: usize, order: Order, tail: &mut Tail) {
        let Line { p, q, squares: [s0, s1, s2], pulls: [y0, y1] } = self.lines[j];
        tail.pp += s0;
        tail.pq += s1;
        tail.qq += s2;
        tail.by_p += p * s0 + q * s1 + y0;
        tail.by_q += p * s1 + q * s2 + y1;
        let size = self.scaling.len() / WIDTH;
        for line in 0..size {
            if self.mixed {
                self.add_mixed(j, line, order, tail);
            } else {
                self.add_scaling::<L>(j, line, order, tail);
            }
        }
    }

    /// One line of columns that all scale the trend.
    #[inline(always)]
    fn add_scaling<L: Lanes>(&self, j: usize, line: usize, order: Order, tail: &mut Tail) {
        let size = self.scaling.len() / WIDTH;
        let (p, q) = (L::splat(self.lines[j].p), L::splat(self.lines[j].q));
        let w = &self.w.rows()[j * 3 * size + line..];
        let (w0, w1, w2) = (L::load(&w[0]), L::load(&w[size]), L::load(&w[2 * size]));
        let u = &self.statistics.cross.edges.rows()[j * 2 * size + line..];
        let (u0, u1) = (L::load(&u[0]), L::load(&u[size]));
        let (fit0, fit1) = (p.mul_add(w0, q.mul(w1)), p.mul_add(w1, q.mul(w2)));
        let (miss0, miss1) = (fit0.sub(u0), fit1.sub(u1));
        let own = L::splat(order.own());
        grow(&mut tail.pb, line, own.mul_add(miss0, fit0));
        grow(&mut tail.qb, line, own.mul_add(miss1, fit1));
        grow(&mut tail.by_b, line, p.mul_add(miss0, q.mul(miss1)));
    }

    /// One line of columns of which some scale and some add.
    #[inline(always)]
    fn add_mixed(&self, j: usize, line: usize, order: Order, tail: &mut Tail) {
        let size = self.scaling.len() / WIDTH;
        let Line { p, q, .. } = self.lines[j];
        let w = |a: usize| &self.w.rows()[(j * 3 + a) * size + line];
        let z = |a: usize| &self.z.rows()[(j * 2 + a) * size + line];
        let u = |a: usize| &self.statistics.cross.edges.rows()[(j * 2 + a) * size + line];
        let own = order.own();
        for i in 0..WIDTH {
            let c = line * WIDTH + i;
            let Some(scaled) = self.priors.scaled.get(c) else { break };
            let (fit0, fit1) = (p * w(0)[i] + q * w(1)[i], p * w(1)[i] + q * w(2)[i]);
            let (miss0, miss1) = (fit0 + z(0)[i] - u(0)[i], fit1 + z(1)[i] - u(1)[i]);
            tail.pb[c] += scaled * (fit0 + own * miss0) + (1.0 - scaled) * w(0)[i];
            tail.qb[c] += scaled * (fit1 + own * miss1) + (1.0 - scaled) * w(1)[i];
            tail.by_b[c] += scaled * (p * miss0 + q * miss1) + (1.0 - scaled) * miss0;
        }
    }

    /// The derivatives by a bend: those of all segments after it, along a hinge; below the diagonal.
    #[inline(always)]
    fn write_bend(&self, l: usize, tail: &Tail, out: &mut Local) {
        let (k, knots) = (self.columns(), &self.statistics.moments.knots);
        let (row, s) = (k + 2 + l, knots[l]);
        out.gradient[row] = tail.by_q - s * tail.by_p;
        let target = out.row_mut(row);
        let columns = target[..k].iter_mut().zip(tail.qb.iter().zip(tail.pb.iter()));
        columns.for_each(|(h, (q, p))| *h = q - s * p);
        target[k] = tail.qq - s * tail.pq;
        target[k + 1] = tail.pq - s * tail.pp;
        let (level, slope) = (tail.qq - s * tail.pq, s * tail.pp - tail.pq);
        let hinges = target[k + 2..].iter_mut().zip(&knots[..=l]);
        hinges.for_each(|(h, knot)| *h = level + slope * knot);
    }

    #[inline(always)]
    fn write_line(&self, tail: &Tail, out: &mut Local) {
        let k = self.columns();
        out.gradient[..k].copy_from_slice(&tail.by_b[..k]);
        out.gradient[k] = tail.by_q;
        out.gradient[k + 1] = tail.by_p;
        let rate = out.row_mut(k);
        rate[..k].copy_from_slice(&tail.qb[..k]);
        rate[k] = tail.qq;
        let offset = out.row_mut(k + 1);
        offset[..k].copy_from_slice(&tail.pb[..k]);
        offset[k] = tail.pq;
        offset[k + 1] = tail.pp;
    }

    #[inline(always)]
    fn write_columns(&self, out: &mut Local) {
        let (k, stride) = (self.columns(), self.scaling.len());
        for c in 0..k {
            let target = &mut out.row_mut(c)[..=c];
            target.copy_from_slice(&self.twice[c * stride..][..=c]);
            if !self.mixed {
                continue;
            }
            let mask = self.priors.scaled[c];
            for (d, h) in target.iter_mut().enumerate() {
                let other = self.priors.scaled[d];
                let (both, one) = (mask * other, mask + other - 2.0 * mask * other);
                let at = c * stride + d;
                let none = (1.0 - both - one) * self.statistics.moments.whole[at];
                *h = both * *h + one * self.once[at] + none;
            }
        }
    }
}
