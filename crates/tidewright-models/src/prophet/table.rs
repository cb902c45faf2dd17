//! The columns of rows at any moments, row by row, each padded to whole lines.
//!
//! A season costs one sine and cosine per row, eight rows at a time; its harmonics follow by turning. Events and
//! regressors are written one by one: they are few, or mostly zero. Phase 0 is the frame's.

use std::f64::consts::PI;
use std::ops::Range;

use tidewright_numerics::simd::{Kernel, Lanes, Lines, WIDTH, run};

use super::bound::Rows;
use super::design::{Block, Design, Source};
use super::fit::Frame;

/// Rows whose columns are in memory at a time, where one pass is enough.
pub(crate) const CHUNK: usize = 512;
/// Groups of eight rows that are turned before any is written, so that none waits for its own sine; an odd number keeps
/// columns out of one another's way in the cache.
const BATCH: usize = 9;
/// `sin(x)/x` in powers of `x^2`, by Taylor: to round-off up to a quarter turn.
const SINE: [f64; 12] = factorials(1.0, 1.0);
/// `cos(x)` likewise.
const COSINE: [f64; 12] = factorials(1.0, 0.0);

/// Rows and the design that makes columns of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table<'a> {
    pub(crate) rows: &'a Rows<'a>,
    pub(crate) frame: Frame,
    pub(crate) design: &'a Design,
}

/// The signed inverse factorials of `from`, `from + 2`, ...
const fn factorials(first: f64, from: f64) -> [f64; 12] {
    let mut all = [first; 12];
    let mut i = 1;
    while i < all.len() {
        let last = from + 2.0 * i as f64;
        all[i] = -all[i - 1] / (last * (last - 1.0));
        i += 1;
    }
    all
}

impl Table<'_> {
    /// The length of a row.
    pub(crate) fn stride(&self) -> usize {
        self.design.columns().next_multiple_of(WIDTH)
    }

    /// Hands out the columns of each row, one after another.
    pub(crate) fn each(&self, mut take: impl FnMut(usize, &[f64])) {
        let (stride, columns, count) =
            (self.stride(), self.design.columns(), self.rows.times.len());
        let mut features = Lines::zeros(CHUNK.min(count) * stride);
        for from in (0..count).step_by(CHUNK) {
            let part = from..count.min(from + CHUNK);
            self.write(
                part.clone(),
                &self.offsets(part.clone()),
                &mut features[..part.len() * stride],
            );
            for (at, index) in part.enumerate() {
                take(index, &features[at * stride..][..columns]);
            }
        }
    }

    /// How far some rows lie from phase 0.
    pub(crate) fn offsets(&self, range: Range<usize>) -> Vec<f64> {
        self.rows.times[range].iter().map(|moment| self.frame.offset_ms(*moment)).collect()
    }

    /// Writes the columns of some rows, which lie so far from phase 0; what pads a row in `out` is left as it is.
    pub(crate) fn write(&self, range: Range<usize>, offsets: &[f64], out: &mut [f64]) {
        let stride = self.stride();
        for (number, block) in self.design.blocks.iter().enumerate() {
            if let Source::Waves { harmonics, .. } = &block.source {
                let (column, orders) = (block.columns.start, harmonics.len());
                run(Waves { offsets, period: harmonics[0], orders, column, stride, out });
                self.hold(number, block, range.clone(), out);
                continue;
            }
            for (index, row) in range.clone().zip(out.chunks_exact_mut(stride)) {
                let known = self.rows.known(number, index).unwrap_or_default();
                block.write(self.rows.times[index], 0.0, known, &mut row[block.columns.clone()]);
            }
        }
    }

    /// Takes a season out where its condition does not hold.
    fn hold(&self, number: usize, block: &Block, range: Range<usize>, out: &mut [f64]) {
        let stride = self.stride();
        for (index, row) in range.zip(out.chunks_exact_mut(stride)) {
            match self.rows.known(number, index) {
                None => return,
                Some(factor) => row[block.columns.clone()].iter_mut().for_each(|x| *x *= factor),
            }
        }
    }
}

/// The harmonics of one season, from one turn per row.
struct Waves<'a> {
    offsets: &'a [f64],
    period: f64,
    orders: usize,
    column: usize,
    stride: usize,
    out: &'a mut [f64],
}

impl Kernel for Waves<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let mut columns = vec![[[0.0; WIDTH]; BATCH]; 2 * self.orders];
        let rows = self.out.chunks_mut(BATCH * WIDTH * self.stride);
        for (offsets, rows) in self.offsets.chunks(BATCH * WIDTH).zip(rows) {
            for (batch, offsets) in offsets.chunks(WIDTH).enumerate() {
                let mut eight = [0.0; WIDTH];
                eight[..offsets.len()].copy_from_slice(offsets);
                let (sin, cos) = turn(L::load(&eight).div(L::splat(self.period)));
                let (mut s, mut c) = (sin, cos);
                for pair in columns.chunks_exact_mut(2) {
                    s.store(&mut pair[0][batch]);
                    c.store(&mut pair[1][batch]);
                    (s, c) = (s.mul_add(cos, c.mul(sin)), s.mul_sub_from(sin, c.mul(cos)));
                }
            }
            for (order, pair) in columns.chunks_exact(2).enumerate() {
                // Waves come first among the columns, so that pairs stand at even places.
                let at = self.column / 2 + order;
                let waves = pair[0].as_flattened().iter().zip(pair[1].as_flattened());
                for (row, (sin, cos)) in rows.chunks_exact_mut(self.stride).zip(waves) {
                    row.as_chunks_mut().0[at] = [*sin, *cos];
                }
            }
        }
    }
}

/// Sine and cosine of so many full turns.
#[inline(always)]
fn turn<L: Lanes>(turns: L) -> (L, L) {
    // Half of the angle lies within a quarter turn, where Taylor's series is short.
    let half = turns.sub(turns.round()).mul(L::splat(PI));
    let square = half.mul(half);
    let (mut sine, mut cosine) = (L::splat(SINE[11]), L::splat(COSINE[11]));
    for i in (0..11).rev() {
        sine = sine.mul_add(square, L::splat(SINE[i]));
        cosine = cosine.mul_add(square, L::splat(COSINE[i]));
    }
    let sine = sine.mul(half);
    let twice = sine.add(sine);
    (twice.mul(cosine), twice.mul_sub_from(sine, L::splat(1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prophet::waves::sin_cos;

    #[test]
    fn a_season_turned_is_a_season_computed() {
        let offsets: Vec<f64> = (-20..21).map(|i| f64::from(i) * 987_654_321.0).collect();
        let (orders, stride, period) = (10, 24, 365.25 * 86_400_000.0);
        let mut out = vec![0.0; offsets.len() * stride];
        run(Waves { offsets: &offsets, period, orders, column: 2, stride, out: &mut out });
        for (offset, row) in offsets.iter().zip(out.chunks_exact(stride)) {
            for order in 0..orders {
                let (sin, cos) = sin_cos(period / (order + 1) as f64, *offset);
                let (s, c) = (row[2 + 2 * order], row[3 + 2 * order]);
                assert!((s - sin).abs() < 1e-13 && (c - cos).abs() < 1e-13, "{order} {offset}");
            }
            assert_eq!((row[0], row[1], row[22]), (0.0, 0.0, 0.0));
        }
    }
}
