//! Growth towards a capacity: residuals, gradient and curvature of a logistic trend, row by row.
//!
//! The trend is `cap / (1 + exp(-z))` with the line `z = k t + c + sum delta_l (t - s_l)+`. That is Stan's model: its
//! offsets after each changepoint keep the trend continuous, and so does a hinge; its offset `m` is where the line
//! crosses zero, so that `c = -k m` and the normal prior on `m` becomes one on `c/k`. In `z` every unknown is linear,
//! which leaves one smooth function between the unknowns and the data, and no division in it.

use std::sync::Arc;

use tidewright_numerics::Table;
use tidewright_numerics::simd::{Kernel, Lanes, Lines, run};

use super::loss::{Local, Loss, Order};
use super::newton::{Goal, Optimum, minimise};
use super::priors::Priors;

/// The rows of a history under logistic growth.
#[derive(Debug)]
pub(crate) struct Course {
    /// Columns row by row, each of `stride` numbers.
    pub(crate) features: Lines,
    pub(crate) stride: usize,
    pub(crate) times: Vec<f64>,
    /// Scaled, above the floor.
    pub(crate) values: Vec<f64>,
    /// Scaled, above the floor.
    pub(crate) caps: Vec<f64>,
    pub(crate) knots: Arc<[f64]>,
    /// The rows at which segments begin, and the end.
    pub(crate) bounds: Vec<usize>,
}

/// Half the residual sum of squares as a function of the unknowns: columns, rate, the line at time 0, bends.
struct Logistic<'a> {
    course: &'a Course,
    priors: &'a Priors,
    /// The precision of the prior on the offset `m`.
    offset_ridge: f64,
    /// `sum x x'`, where no column scales the trend.
    still: Lines,
    /// What the place of the last move is, row by row.
    rows: Vec<Row>,
}

/// One row at a place.
#[derive(Clone, Copy, Debug, Default)]
struct Row {
    /// The share of the capacity.
    share: f64,
    trend: f64,
    /// What the columns multiply the trend by, and what they add.
    factor: f64,
    added: f64,
    /// Model less data.
    miss: f64,
}

impl Course {
    fn table<'a>(&self, features: &'a [f64]) -> Table<'a> {
        Table { rows: features, stride: self.stride }
    }
}

/// The best optimum over starts from either direction of growth.
pub(crate) fn optimum(course: &Course, priors: &Priors) -> Optimum {
    let columns = priors.columns();
    let offset_ridge = priors.ridge[columns + 1];
    // The offset's prior is no ridge on `c`; the loss brings it.
    let mut without = priors.clone();
    without.ridge[columns + 1] = 0.0;
    let mut loss = Logistic::new(course, &without, offset_ridge);
    let ends = start(course, ends_line(course), columns);
    let all = start(course, regression_line(course), columns);
    let mut best = minimise(&mut loss, &without, &ends, Goal::Exact);
    // Between growth and decline lies a wall, the prior on `c/k`: no search can cross it.
    if all[columns].signum() != best.x[columns].signum() {
        let other = minimise(&mut loss, &without, &all, Goal::Exact);
        best = if other.objective < best.objective { other } else { best };
    }
    best
}

/// Prophet's start: the line through the first and the last value.
fn ends_line(course: &Course) -> (f64, f64) {
    let last = course.times.len() - 1;
    let (first, mut rate) = (logit(course, 0), logit(course, last) - logit(course, 0));
    if rate.abs() < 0.01 {
        rate = 0.05;
    }
    (rate, first)
}

/// The straight line that fits the logits of all values best.
fn regression_line(course: &Course) -> (f64, f64) {
    let count = course.times.len() as f64;
    let logits: Vec<f64> = (0..course.times.len()).map(|row| logit(course, row)).collect();
    let middle = course.times.iter().sum::<f64>() / count;
    let level = logits.iter().sum::<f64>() / count;
    let pairs = || course.times.iter().zip(&logits).map(|(t, z)| (t - middle, z - level));
    let spread: f64 = pairs().map(|(t, _)| t * t).sum();
    let rate = pairs().map(|(t, z)| t * z).sum::<f64>() / spread;
    let rate = if rate.abs() < 0.01 { 0.01_f64.copysign(rate) } else { rate };
    (rate, level - rate * middle)
}

/// The line's value at a row whose trend is the value, kept off the limits.
fn logit(course: &Course, row: usize) -> f64 {
    let share = (course.values[row] / course.caps[row]).clamp(0.01, 0.99);
    (share / (1.0 - share)).ln()
}

fn start(course: &Course, (rate, offset): (f64, f64), columns: usize) -> Vec<f64> {
    let mut x = vec![0.0; columns + 2 + course.knots.len()];
    (x[columns], x[columns + 1]) = (rate, offset);
    x
}

impl<'a> Logistic<'a> {
    fn new(course: &'a Course, priors: &'a Priors, offset_ridge: f64) -> Self {
        let mut still = Lines::default();
        if priors.is_linear() && course.stride > 0 {
            still = Lines::zeros(course.stride * course.stride);
            let ones = vec![1.0; course.times.len()];
            course.table(&course.features).add_outer(0..ones.len(), &ones, &mut still);
        }
        let rows = vec![Row::default(); course.times.len()];
        Self { course, priors, offset_ridge, still, rows }
    }

    /// The columns by which the model answers to their coefficients, where some scale the trend.
    fn scaled_features(&self) -> Lines {
        let mut features = self.course.features.clone();
        let rows = features.chunks_exact_mut(self.course.stride.max(1));
        for (out, row) in rows.zip(&self.rows) {
            for (x, scaled) in out.iter_mut().zip(&self.priors.scaled) {
                *x *= 1.0 + scaled * (row.trend - 1.0);
            }
        }
        features
    }

    fn weights(&self, weight: impl Fn(&Row) -> f64) -> Vec<f64> {
        self.rows.iter().map(weight).collect()
    }

    /// `sum w t^a`, segment by segment.
    fn sums<const N: usize>(&self, weight: impl Fn(&Row) -> f64) -> Vec<[f64; N]> {
        let each = self.course.bounds.windows(2).map(|range| {
            let mut sums = [0.0; N];
            for row in range[0]..range[1] {
                let mut factor = weight(&self.rows[row]);
                for sum in &mut sums {
                    *sum += factor;
                    factor *= self.course.times[row];
                }
            }
            sums
        });
        each.collect()
    }

    /// `sum w t^a x` for `a` in 0..=1, segment by segment.
    fn edges(&self, features: &Lines, weight: impl Fn(&Row) -> f64) -> Lines {
        let (stride, bounds) = (self.course.stride, &self.course.bounds);
        let (weights, times) = (self.weights(weight), &self.course.times);
        let mut edges = Lines::zeros((bounds.len() - 1) * 2 * stride);
        let segments = bounds.windows(2).zip(edges.chunks_exact_mut((2 * stride).max(1)));
        for (range, edge) in segments {
            let (table, rows) = (self.course.table(features), range[0]..range[1]);
            let beside = (&weights[rows.clone()], &times[rows.clone()]);
            table.add_powers::<2>(rows, beside, edge);
        }
        edges
    }

    fn write_columns(&self, features: &Lines, out: &mut Local) {
        let (columns, stride) = (self.priors.columns(), self.course.stride);
        if columns == 0 {
            return;
        }
        let mut gradient = Lines::zeros(stride);
        let (table, rows) = (self.course.table(features), 0..self.rows.len());
        table.add_weighted(rows.clone(), &self.weights(|row| row.miss), &mut gradient);
        out.gradient[..columns].copy_from_slice(&gradient[..columns]);
        let mut outer = self.still.clone();
        if outer.is_empty() {
            outer = Lines::zeros(stride * stride);
            table.add_outer(rows, &vec![1.0; self.rows.len()], &mut outer);
        }
        for (i, row) in outer.chunks_exact(stride).take(columns).enumerate() {
            out.row_mut(i)[..columns].copy_from_slice(&row[..columns]);
        }
    }

    /// What the columns and the line have in common.
    fn mixed(&self, features: &Lines, order: Order) -> Lines {
        let mut edges = self.edges(features, Row::slope);
        if !self.priors.is_linear() && order == Order::Newton {
            let own = self.edges(features, |row| row.miss * (1.0 - row.share));
            let stride = self.course.stride;
            for (edge, own) in edges.chunks_exact_mut(stride).zip(own.chunks_exact(stride)) {
                for ((sum, own), scaled) in edge.iter_mut().zip(own).zip(&self.priors.scaled) {
                    *sum += scaled * own;
                }
            }
        }
        edges
    }

    /// The line's own part and what it has in common with the columns: sums over a segment and all after it.
    fn write_line(&self, features: &Lines, order: Order, out: &mut Local) {
        let own = order.own();
        let pulls: Vec<[f64; 2]> = self.sums(|row| row.miss * row.slope());
        let squares: Vec<[f64; 3]> = self.sums(|row| {
            let slope = row.slope();
            slope * (slope + own * row.miss * (1.0 - 2.0 * row.share))
        });
        let edges = self.mixed(features, order);
        let (columns, free) = (self.priors.columns(), self.priors.ridge.len());
        let stride = self.course.stride;
        let (mut pull, mut square, mut edge) = ([0.0; 2], [0.0; 3], vec![0.0; 2 * stride]);
        for j in (0..pulls.len()).rev() {
            add(&mut pull, &pulls[j]);
            add(&mut square, &squares[j]);
            add(&mut edge, &edges[j * 2 * stride..][..2 * stride]);
            let Some(l) = j.checked_sub(1) else { break };
            let (s, [zero, one, two]) = (self.course.knots[l], square);
            out.gradient[free + l] = pull[1] - s * pull[0];
            let row = out.row_mut(free + l);
            (0..columns).for_each(|c| row[c] = edge[stride + c] - s * edge[c]);
            (row[columns], row[columns + 1]) = (two - s * one, one - s * zero);
            for (earlier, knot) in self.course.knots[..=l].iter().enumerate() {
                row[free + earlier] = two - (s + knot) * one + s * knot * zero;
            }
        }
        (out.gradient[columns], out.gradient[columns + 1]) = (pull[1], pull[0]);
        out.row_mut(columns)[..columns].copy_from_slice(&edge[stride..][..columns]);
        out.row_mut(columns + 1)[..columns].copy_from_slice(&edge[..columns]);
        out.row_mut(columns)[columns] = square[2];
        out.row_mut(columns + 1)[columns] = square[1];
        out.row_mut(columns + 1)[columns + 1] = square[0];
    }

    /// The place where the line crosses zero.
    fn offset(&self, x: &[f64]) -> f64 {
        let (k, c) = (x[self.priors.columns()], x[self.priors.columns() + 1]);
        if c == 0.0 { 0.0 } else { -c / k }
    }
}

impl Row {
    /// How the model answers to its line.
    fn slope(&self) -> f64 {
        self.trend * (1.0 - self.share) * self.factor
    }
}

impl Loss for Logistic<'_> {
    fn rows(&self) -> f64 {
        self.rows.len() as f64
    }

    fn square(&self) -> f64 {
        self.course.values.iter().map(|y| y * y).sum()
    }

    fn move_to(&mut self, x: &[f64]) -> f64 {
        let course = self.course;
        let (columns, free) = (self.priors.columns(), self.priors.ridge.len());
        run(Effects { course, priors: self.priors, x, rows: &mut self.rows });
        let (mut p, mut q, mut half) = (x[columns + 1], x[columns], 0.0);
        for (segment, range) in course.bounds.windows(2).enumerate() {
            if let Some(l) = segment.checked_sub(1) {
                p -= course.knots[l] * x[free + l];
                q += x[free + l];
            }
            for index in range[0]..range[1] {
                let row = &mut self.rows[index];
                row.share = 1.0 / (1.0 + (-p - q * course.times[index]).exp());
                row.trend = course.caps[index] * row.share;
                row.miss = row.trend * row.factor + row.added - course.values[index];
                half += 0.5 * row.miss * row.miss;
            }
        }
        half
    }

    fn is_quadratic(&self) -> bool {
        false
    }

    fn local(&self, order: Order, out: &mut Local) {
        let scaled = (!self.priors.is_linear()).then(|| self.scaled_features());
        let features = scaled.as_ref().unwrap_or(&self.course.features);
        self.write_columns(features, out);
        self.write_line(features, order, out);
        out.mirror();
    }

    fn belief(&self, x: &[f64]) -> f64 {
        0.5 * self.offset_ridge * self.offset(x).powi(2)
    }

    /// The prior on `m = -c/k`, as a sum of squares has it: never indefinite.
    fn add_belief(&self, x: &[f64], variance: f64, out: &mut Local) {
        let columns = self.priors.columns();
        let (m, weight) = (self.offset(x), variance * self.offset_ridge);
        let by = [-m / x[columns], -1.0 / x[columns]];
        for (i, by_i) in by.iter().enumerate() {
            out.gradient[columns + i] += weight * m * by_i;
            for (j, by_j) in by.iter().enumerate() {
                out.row_mut(columns + i)[columns + j] += weight * by_i * by_j;
            }
        }
    }
}

fn add(sums: &mut [f64], more: &[f64]) {
    sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
}

/// What the columns of each row multiply the trend by, and what they add.
struct Effects<'a> {
    course: &'a Course,
    priors: &'a Priors,
    x: &'a [f64],
    rows: &'a mut [Row],
}

impl Kernel for Effects<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Course { features, stride, .. } = self.course;
        let (mut scaling, mut adding) = (Lines::zeros(*stride), Lines::zeros(*stride));
        for (c, scaled) in self.priors.scaled.iter().enumerate() {
            scaling[c] = scaled * self.x[c];
            adding[c] = (1.0 - scaled) * self.x[c];
        }
        for (index, row) in self.rows.iter_mut().enumerate() {
            let (mut factor, mut added) = (L::splat(0.0), L::splat(0.0));
            let columns = Lines::rows_of(&features[index * stride..][..*stride]);
            for (x, (scaling, adding)) in
                columns.iter().zip(scaling.rows().iter().zip(adding.rows()))
            {
                let x = L::load(x);
                factor = x.mul_add(L::load(scaling), factor);
                added = x.mul_add(L::load(adding), added);
            }
            (row.factor, row.added) = (1.0 + factor.sum(), added.sum());
        }
    }
}

#[cfg(test)]
mod tests {
    use tidewright_core::SeasonalityMode;
    use tidewright_numerics::Random;

    use super::*;

    /// Rows with a column that adds, one that scales, capacities that differ and two places to bend.
    fn course() -> (Course, Priors) {
        let mut random = Random::new(4);
        let count = 60;
        let mut features = Lines::zeros(count * 8);
        for row in features.chunks_exact_mut(8) {
            (row[0], row[1]) = (random.normal(), random.normal());
        }
        let times: Vec<f64> = (0..count).map(|row| row as f64 / 59.0).collect();
        let caps: Vec<f64> = (0..count).map(|row| 1.0 + 0.01 * row as f64).collect();
        let values =
            times.iter().map(|t| 0.9 / (1.0 + (2.0 - 5.0 * t).exp()) + 0.02 * random.normal());
        let values = values.collect();
        let bounds = vec![0, 20, 41, count];
        let knots = [times[20], times[41]].into();
        let mut priors = Priors::new(0.05);
        priors.add(1, 10.0, SeasonalityMode::Additive);
        priors.add(1, 2.0, SeasonalityMode::Multiplicative);
        (Course { features, stride: 8, times, values, caps, knots, bounds }, priors)
    }

    /// Slopes by differences of values, curvature by differences of slopes.
    fn difference(f: impl Fn(&[f64]) -> f64, x: &[f64], i: usize) -> f64 {
        let step = 1e-5;
        let at = |by: f64| {
            let mut x = x.to_vec();
            x[i] += by;
            f(&x)
        };
        (at(step) - at(-step)) / (2.0 * step)
    }

    #[test]
    fn gradient_and_curvature_are_those_of_the_residuals() {
        let (course, priors) = course();
        let x = [0.05, -0.1, 3.0, -1.2, 0.7, -0.4];
        let mut loss = Logistic::new(&course, &priors, 0.04);
        let mut local = Local::zeros(x.len());
        loss.move_to(&x);
        loss.local(Order::Newton, &mut local);
        let value = |x: &[f64]| Logistic::new(&course, &priors, 0.04).move_to(x);
        let slope = |x: &[f64], i: usize| {
            let mut loss = Logistic::new(&course, &priors, 0.04);
            let mut local = Local::zeros(x.len());
            loss.move_to(x);
            loss.local(Order::Newton, &mut local);
            local.gradient[i]
        };
        for i in 0..x.len() {
            let want = difference(value, &x, i);
            assert!((local.gradient[i] - want).abs() < 1e-7, "{i}: {want}");
            for j in 0..x.len() {
                let want = difference(|x| slope(x, i), &x, j);
                let found = local.row_mut(i)[j];
                assert!((found - want).abs() < 1e-6, "{i} {j}: {found}, not {want}");
            }
        }
    }

    #[test]
    fn the_prior_on_the_offset_has_its_slope() {
        let (course, priors) = course();
        let x = [0.0, 0.0, 3.0, -1.2, 0.0, 0.0];
        let loss = Logistic::new(&course, &priors, 0.04);
        let mut local = Local::zeros(x.len());
        loss.add_belief(&x, 0.5, &mut local);
        for i in 0..x.len() {
            let want = 0.5 * difference(|x| loss.belief(x), &x, i);
            assert!((local.gradient[i] - want).abs() < 1e-9, "{i}: {want}");
        }
    }

    #[test]
    fn decline_is_found_where_the_ends_promise_growth() {
        let (mut course, priors) = course();
        for (value, t) in course.values.iter_mut().zip(&course.times) {
            *value = 0.9 / (1.0 + (4.0 * t - 2.0).exp());
        }
        course.values[59] = 1.2;
        let found = optimum(&course, &priors);
        assert!(found.x[2] < 0.0, "{:?}", found.x);
    }
}
