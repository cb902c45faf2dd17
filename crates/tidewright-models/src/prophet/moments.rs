//! All that the optimum depends on: sums over rows, segment by segment between changepoints.
//!
//! With features `x` (one per column: a sine, a holiday, a regressor) and time `t` in 0..=1, a segment needs
//! `sum t^a`, `sum t^a x` and `sum t^a x x'` of its rows, and `sum t^a y`, `sum t^a y x` of its values. Whoever knows
//! these can forget the rows. A model whose columns all add to the trend needs the products with `x'` and `y` over all
//! rows together only. Where rows come from is not decided here: a [`super::GridPlan`] shares its [`Moments`] between
//! series, [`super::fit_rows`] adds row by row.

use std::sync::Arc;

use tidewright_numerics::simd::{Lines, WIDTH};
use tidewright_numerics::{Outline, Table, dot};

use super::newton::VARIANCE_MIN;

/// How finely products of columns are summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Over all rows: enough where all columns add to the trend.
    Whole,
    /// By segment and power of time: where some column scales the trend.
    Segments,
}

/// Sums over rows that the values have no part in.
#[derive(Clone, Debug)]
pub(crate) struct Moments {
    /// Observed rows.
    pub(crate) rows: usize,
    /// Columns of features.
    pub(crate) columns: usize,
    /// The same, padded to whole lines: the length of every row below.
    pub(crate) stride: usize,
    /// Where the trend may bend, in 0..=1.
    pub(crate) knots: Arc<[f64]>,
    /// `sum t^a`, `[segments][3]`.
    pub(crate) ones: Vec<[f64; 3]>,
    /// `sum t^a x`, `[segments][3][stride]`.
    pub(crate) edges: Lines,
    /// `sum x x'` over all rows, `[stride][stride]`.
    pub(crate) whole: Lines,
    /// `sum t^a x x'`, `[segments][3][stride][stride]`; empty with [`Detail::Whole`].
    pub(crate) pairs: Lines,
}

/// Sums over rows that the scaled values have a part in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cross {
    /// `sum t^a y`, `[segments][2]`.
    pub(crate) ones: Vec<[f64; 2]>,
    /// `sum y x` over all rows, `[stride]`.
    pub(crate) whole: Lines,
    /// `sum t^a y x`, `[segments][2][stride]`; empty with [`Detail::Whole`].
    pub(crate) edges: Lines,
    /// `sum y^2`.
    pub(crate) square: f64,
    /// What has been taken from each value before it was summed.
    pub(crate) shift: f64,
}

/// What is known of one series once its rows are summed.
#[derive(Clone, Debug)]
pub(crate) struct Statistics {
    pub(crate) moments: Arc<Moments>,
    pub(crate) cross: Cross,
}

/// Rows of one segment, to be added: picked from a table of features, with the time of each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows<'a, I> {
    pub(crate) features: &'a [f64],
    pub(crate) picks: I,
    pub(crate) times: &'a [f64],
}

/// Picks of rows, to be gone through more than once.
pub(crate) trait Picks: Iterator<Item = usize> + Clone {}
impl<I: Iterator<Item = usize> + Clone> Picks for I {}

impl Moments {
    /// Room for sums, all zero.
    pub(crate) fn zeros(columns: usize, knots: Arc<[f64]>, detail: Detail) -> Self {
        let (stride, segments) = (columns.next_multiple_of(WIDTH), knots.len() + 1);
        let pairs = if detail == Detail::Segments { segments * 3 * stride * stride } else { 0 };
        Self {
            rows: 0,
            columns,
            stride,
            knots,
            ones: vec![[0.0; 3]; segments],
            edges: Lines::zeros(segments * 3 * stride),
            whole: Lines::zeros(stride * stride),
            pairs: Lines::zeros(pairs),
        }
    }

    /// How many segments the changepoints make.
    pub(crate) const fn segments(&self) -> usize {
        self.ones.len()
    }

    /// How finely products of columns are summed.
    pub(crate) fn detail(&self) -> Detail {
        if self.pairs.is_empty() { Detail::Whole } else { Detail::Segments }
    }

    /// `sum t^power x` of a segment.
    #[inline]
    pub(crate) fn edge(&self, segment: usize, power: usize) -> &[f64] {
        &self.edges[(segment * 3 + power) * self.stride..][..self.stride]
    }

    /// Adds rows of a segment, each as often as its weight says: -1 takes it out again.
    ///
    /// What is summed over all rows together is left to [`Moments::add_whole`].
    pub(crate) fn add(&mut self, segment: usize, rows: &Rows<'_, impl Picks>, weights: &[f64]) {
        let stride = self.stride;
        let table = Table { rows: rows.features, stride };
        let mut weights = weights.to_vec();
        let [zero, one, two] = &mut self.ones[segment];
        let count = weights.iter().sum::<f64>();
        self.rows = self.rows.wrapping_add_signed(count as isize);
        *zero += count;
        *one += dot(&weights, rows.times);
        let edges = &mut self.edges[segment * 3 * stride..][..3 * stride];
        table.add_powers::<3>(rows.picks.clone(), (&weights, rows.times), edges);
        for power in 0..3 {
            if !self.pairs.is_empty() {
                let pairs = &mut self.pairs[(segment * 3 + power) * stride * stride..];
                table.add_outer(rows.picks.clone(), &weights, &mut pairs[..stride * stride]);
            }
            weights.iter_mut().zip(rows.times).for_each(|(weight, t)| *weight *= t);
            if power == 1 {
                *two += weights.iter().sum::<f64>();
            }
        }
    }

    /// Adds rows to what is summed over all of them, where that is not the sum of what is known by segment.
    pub(crate) fn add_whole(&mut self, rows: &Rows<'_, impl Picks>, weight: f64) {
        if self.detail() == Detail::Whole {
            let weights = vec![weight; rows.times.len()];
            let table = Table { rows: rows.features, stride: self.stride };
            table.add_outer(rows.picks.clone(), &weights, &mut self.whole);
        }
    }

    /// Adds the rows between two prefix sums, each `weight` times.
    pub(crate) fn add_difference(
        &mut self,
        segment: usize,
        (low, high): (&Self, &Self),
        weight: f64,
    ) {
        let rows = high.rows - low.rows;
        self.rows = self.rows.wrapping_add_signed(weight as isize * rows as isize);
        let grow = |sums: &mut [f64], low: &[f64], high: &[f64]| {
            let pairs = low.iter().zip(high);
            sums.iter_mut().zip(pairs).for_each(|(sum, (low, high))| *sum += weight * (high - low));
        };
        let (edges, pairs) = (low.edges.len(), low.pairs.len());
        grow(&mut self.ones[segment], &low.ones[0], &high.ones[0]);
        grow(&mut self.edges[segment * edges..][..edges], &low.edges, &high.edges);
        grow(&mut self.pairs[segment * pairs..][..pairs], &low.pairs, &high.pairs);
    }

    /// To be called once all rows are added: what is known by segment is summed over all.
    pub(crate) fn seal(&mut self) {
        if self.detail() == Detail::Whole {
            return;
        }
        let square = self.stride * self.stride;
        self.whole.fill(0.0);
        for pairs in self.pairs.chunks_exact(3 * square) {
            self.whole.iter_mut().zip(&pairs[..square]).for_each(|(sum, pair)| *sum += pair);
        }
    }

    /// Turns sums over `u` into sums over `t = slope u + offset`.
    pub(crate) fn retime(&mut self, slope: f64, offset: f64) {
        let stride = self.stride;
        for ones in &mut self.ones {
            retime(ones, 1, slope, offset);
        }
        if stride > 0 {
            self.edges.chunks_exact_mut(3 * stride).for_each(|x| retime(x, stride, slope, offset));
            let square = stride * stride;
            self.pairs.chunks_exact_mut(3 * square).for_each(|x| retime(x, square, slope, offset));
        }
    }
}

impl Cross {
    /// Room for sums, all zero, in the shape of `moments`.
    pub(crate) fn zeros(moments: &Moments) -> Self {
        let (segments, stride) = (moments.segments(), moments.stride);
        let edges = if moments.detail() == Detail::Segments { segments * 2 * stride } else { 0 };
        Self {
            ones: vec![[0.0; 2]; segments],
            whole: Lines::zeros(stride),
            edges: Lines::zeros(edges),
            square: 0.0,
            shift: 0.0,
        }
    }

    /// Adds rows of a segment with their scaled values.
    pub(crate) fn add(&mut self, segment: usize, rows: &Rows<'_, impl Picks>, values: &[f64]) {
        let stride = self.whole.len();
        let table = Table { rows: rows.features, stride };
        self.square += dot(values, values);
        self.ones[segment][0] += Outline::of(values).sum;
        self.ones[segment][1] += dot(values, rows.times);
        if self.edges.is_empty() {
            table.add_weighted(rows.picks.clone(), values, &mut self.whole);
        } else {
            let edges = &mut self.edges[segment * 2 * stride..][..2 * stride];
            table.add_powers::<2>(rows.picks.clone(), (values, rows.times), edges);
        }
    }

    /// To be called once all rows are added: what is known by segment is summed over all.
    pub(crate) fn seal(&mut self) {
        let stride = self.whole.len();
        if self.edges.is_empty() {
            return;
        }
        self.whole.fill(0.0);
        for edges in self.edges.chunks_exact(2 * stride) {
            self.whole.iter_mut().zip(&edges[..stride]).for_each(|(sum, edge)| *sum += edge);
        }
    }

    /// `sum t^power y x` of a segment.
    #[inline]
    pub(crate) fn edge(&self, segment: usize, power: usize) -> &[f64] {
        let stride = self.whole.len();
        &self.edges[(segment * 2 + power) * stride..][..stride]
    }

    /// The least noise variance that the sums can tell from round-off: a share of the values' own variance.
    pub(crate) fn variance_min(&self, rows: usize) -> f64 {
        let (rows, sum) = (rows as f64, self.sum());
        let spread = (self.square - sum * sum / rows) / rows;
        // What has cancelled in `spread` is no variance.
        let noise = f64::EPSILON * self.square / rows;
        (VARIANCE_MIN * spread.min(1.0)).max(noise)
    }

    /// `sum y`, less what was taken.
    pub(crate) fn sum(&self) -> f64 {
        self.ones.iter().map(|ones| ones[0]).sum()
    }
}

/// Three sums for the powers 0 to 2 of one time, turned into those of another.
fn retime(sums: &mut [f64], size: usize, slope: f64, offset: f64) {
    let (zero, rest) = sums.split_at_mut(size);
    let (one, two) = rest.split_at_mut(size);
    for ((zero, one), two) in zero.iter().zip(one).zip(two) {
        *two = slope * slope * *two + 2.0 * slope * offset * *one + offset * offset * zero;
        *one = slope * *one + offset * zero;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_can_be_stretched_after_the_sums() {
        let features: Vec<f64> = (0..24).map(f64::from).collect();
        let sums = |times: [f64; 3]| {
            let mut moments = Moments::zeros(5, [].into(), Detail::Segments);
            moments.add(0, &Rows { features: &features, picks: 0..3, times: &times }, &[1.0; 3]);
            moments
        };
        let mut stretched = sums([0.1, 0.4, 0.9]);
        stretched.retime(2.0, -0.2);
        let direct = sums([0.0, 0.6, 1.6]);
        let close = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-11);
        assert!(close(&stretched.ones[0], &direct.ones[0]));
        assert!(close(&stretched.edges, &direct.edges));
        assert!(close(&stretched.pairs, &direct.pairs));
    }

    #[test]
    fn rows_can_be_taken_out_again() {
        let features: Vec<f64> = (0..24).map(f64::from).collect();
        let mut moments = Moments::zeros(8, [0.5].into(), Detail::Whole);
        let rows = Rows { features: &features, picks: 0..3, times: &[0.1, 0.4, 0.9] };
        moments.add(1, &rows, &[1.0; 3]);
        moments.add_whole(&rows, 1.0);
        assert_eq!((moments.rows, moments.ones[1][1]), (3, 1.4));
        moments.add(1, &rows, &[-1.0; 3]);
        moments.add_whole(&rows, -1.0);
        assert_eq!(moments.rows, 0);
        assert!(moments.whole.iter().all(|sum| *sum == 0.0));
    }
}
