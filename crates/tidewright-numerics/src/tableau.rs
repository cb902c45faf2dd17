//! A symmetric system under principal pivots, with two right sides.
//!
//! Pivoting on `k` exchanges the `k`th unknown for the `k`th equation (the sweep operator: Goodnight 1979). Once a set `A`
//! is pivoted, its rows hold the inverse of its block and its solutions, the others the Schur complement and what their
//! equations are off by; pivoting again on `k` takes it back. Which set is wanted is not decided here.

use crate::simd::{Lanes, Lines, WIDTH};

/// A pivot below this share of its first value is round-off, not information.
const PIVOT_SHARE_MIN: f64 = 1e-13;

/// The system `S z = right` under the pivots taken so far.
#[derive(Clone, Debug, Default)]
pub struct Tableau {
    n: usize,
    /// Row length: `n`, padded to whole lines.
    width: usize,
    cells: Lines,
    /// The diagonal as it was given: what a pivot is measured against.
    diagonal: Lines,
    /// -1 where a row is pivoted, 1 elsewhere: a column is its row times these.
    turned: Lines,
    first: Lines,
    second: Lines,
    row: Lines,
    factors: Lines,
}

impl Tableau {
    /// Starts anew with `n` unknowns, everything zero.
    pub fn reset(&mut self, n: usize) {
        self.n = n;
        self.width = n.next_multiple_of(WIDTH);
        self.cells.reset(n * self.width);
        let Self { diagonal, turned, first, second, row, factors, .. } = self;
        for line in [diagonal, turned, first, second, row, factors] {
            line.reset(self.width);
        }
        self.turned.fill(1.0);
    }

    /// How many unknowns.
    pub const fn len(&self) -> usize {
        self.n
    }

    /// Whether there is no unknown.
    pub const fn is_empty(&self) -> bool {
        self.n == 0
    }

    /// A row of the system, padded.
    #[inline]
    pub fn row(&self, i: usize) -> &[f64] {
        &self.cells[i * self.width..][..self.width]
    }

    /// A row of the system to be written, before the first pivot.
    #[inline]
    pub fn row_mut(&mut self, i: usize) -> &mut [f64] {
        &mut self.cells[i * self.width..][..self.width]
    }

    /// To be called once the rows are written and before the first pivot.
    pub fn seal(&mut self) {
        for i in 0..self.n {
            self.diagonal[i] = self.cells[i * self.width + i];
        }
    }

    /// The first right side: of a pivoted unknown its solution, of another what its equation is off by.
    #[inline]
    pub fn first(&self) -> &[f64] {
        &self.first
    }

    /// The first right side to be written, before the first pivot.
    #[inline]
    pub fn first_mut(&mut self) -> &mut [f64] {
        &mut self.first
    }

    /// The second right side, like the first; may be changed in any row that is not pivoted.
    #[inline]
    pub fn second(&self) -> &[f64] {
        &self.second
    }

    /// The second right side to be written in rows that are not pivoted.
    #[inline]
    pub fn second_mut(&mut self) -> &mut [f64] {
        &mut self.second
    }

    /// Whether `k` is pivoted.
    #[inline]
    pub fn is_pivoted(&self, k: usize) -> bool {
        self.turned[k] < 0.0
    }

    /// Pivots on `k`, or takes the pivot back; false, and nothing done, if `k` is a combination of what is pivoted.
    #[inline(always)]
    pub fn pivot<L: Lanes>(&mut self, k: usize) -> bool {
        let width = self.width;
        let pivot = self.cells[k * width + k];
        if !self.is_pivoted(k) && (pivot.is_nan() || pivot <= PIVOT_SHARE_MIN * self.diagonal[k]) {
            return false;
        }
        let inverse = 1.0 / pivot;
        let by_inverse = L::splat(inverse);
        self.row.copy_from_slice(&self.cells[k * width..][..width]);
        // The column before the pivot, by symmetry; its own entry must stay.
        let turn = if self.is_pivoted(k) { -1.0 } else { 1.0 };
        let lines = self.row.rows_mut().iter_mut().zip(self.factors.rows_mut());
        for ((row, factor), turned) in lines.zip(self.turned.rows()) {
            let line = L::load(row);
            line.mul(L::load(turned)).mul(L::splat(turn)).store(factor);
            line.mul(by_inverse).store(row);
        }
        self.factors[k] = 0.0;
        match width / WIDTH {
            1 => self.subtract::<L, 1>(k, inverse),
            2 => self.subtract::<L, 2>(k, inverse),
            3 => self.subtract::<L, 3>(k, inverse),
            4 => self.subtract::<L, 4>(k, inverse),
            _ => self.subtract_long::<L>(k, inverse),
        }
        self.row[k] = inverse;
        self.cells[k * width..][..width].copy_from_slice(&self.row);
        for side in [&mut self.first, &mut self.second] {
            let solved = side[k] * inverse;
            for (right, factor) in side.rows_mut().iter_mut().zip(self.factors.rows()) {
                L::load(factor).mul_sub_from(L::splat(solved), L::load(right)).store(right);
            }
            side[k] = solved;
        }
        self.turned[k] = -self.turned[k];
        true
    }

    /// Takes the pivot's row out of all others, which are `N` lines long: then it stays in registers.
    #[inline(always)]
    fn subtract<L: Lanes, const N: usize>(&mut self, k: usize, inverse: f64) {
        let mut pivot = [L::splat(0.0); N];
        for (pivot, row) in pivot.iter_mut().zip(self.row.rows()) {
            *pivot = L::load(row);
        }
        let rows = self.cells.rows_mut().as_chunks_mut::<N>().0;
        for (i, (cells, factor)) in rows.iter_mut().zip(self.factors.iter()).enumerate() {
            if i == k {
                continue;
            }
            let by = L::splat(*factor);
            for (cell, pivot) in cells.iter_mut().zip(pivot) {
                by.mul_sub_from(pivot, L::load(cell)).store(cell);
            }
            // Last: a vector that is read right after one of its numbers was written must wait for it.
            cells.as_flattened_mut()[k] = -factor * inverse;
        }
    }

    /// The same for rows of any length.
    #[inline(always)]
    fn subtract_long<L: Lanes>(&mut self, k: usize, inverse: f64) {
        let rows = self.cells.rows_mut().chunks_exact_mut(self.width / WIDTH);
        for (i, (cells, factor)) in rows.zip(self.factors.iter()).enumerate() {
            if i == k {
                continue;
            }
            let by = L::splat(*factor);
            for (cell, row) in cells.iter_mut().zip(self.row.rows()) {
                by.mul_sub_from(L::load(row), L::load(cell)).store(cell);
            }
            cells.as_flattened_mut()[k] = -factor * inverse;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::simd::{Kernel, Level, run_at};

    struct Pivots<'a>(&'a mut Tableau, &'a [usize]);

    impl Kernel for Pivots<'_> {
        type Output = ();

        #[inline(always)]
        fn run<L: Lanes>(self) {
            self.1.iter().for_each(|&k| assert!(self.0.pivot::<L>(k)));
        }
    }

    /// `A'A + I/10` of a square matrix.
    fn positive(a: &[f64], n: usize) -> Vec<f64> {
        let dot = |i: usize, j: usize| (0..n).map(|k| a[k * n + i] * a[k * n + j]).sum::<f64>();
        (0..n * n).map(|c| dot(c / n, c % n) + if c / n == c % n { 0.1 } else { 0.0 }).collect()
    }

    fn tableau(s: &[f64], b: &[f64]) -> Tableau {
        let mut tableau = Tableau::default();
        tableau.reset(b.len());
        s.chunks(b.len())
            .enumerate()
            .for_each(|(i, row)| tableau.row_mut(i)[..b.len()].copy_from_slice(row));
        tableau.first_mut()[..b.len()].copy_from_slice(b);
        tableau.second_mut()[..b.len()].iter_mut().for_each(|x| *x = 1.0);
        tableau.seal();
        tableau
    }

    proptest! {
        #[test]
        fn pivots_on_all_unknowns_solve_the_system(
            a in prop::collection::vec(-1.0..1.0f64, 121),
            b in prop::collection::vec(-1.0..1.0f64, 11),
        ) {
            let s = positive(&a, 11);
            for level in Level::available() {
                let mut t = tableau(&s, &b);
                let order = [3, 0, 7, 10, 1, 2, 9, 8, 4, 6, 5];
                run_at(*level, Pivots(&mut t, &order));
                for (row, want) in s.chunks(11).zip(&b) {
                    let got: f64 = row.iter().zip(t.first()).map(|(s, z)| s * z).sum();
                    prop_assert!((got - want).abs() < 1e-9);
                    let got: f64 = row.iter().zip(t.second()).map(|(s, z)| s * z).sum();
                    prop_assert!((got - 1.0).abs() < 1e-9);
                }
            }
        }

        #[test]
        fn a_pivot_taken_twice_is_undone(
            a in prop::collection::vec(-1.0..1.0f64, 81),
            b in prop::collection::vec(-1.0..1.0f64, 9),
        ) {
            let before = tableau(&positive(&a, 9), &b);
            let mut after = before.clone();
            run_at(Level::best(), Pivots(&mut after, &[2, 5, 8, 5, 2, 8]));
            for i in 0..9 {
                let rows = before.row(i).iter().zip(after.row(i)).take(9);
                rows.for_each(|(x, y)| assert!((x - y).abs() < 1e-9));
                prop_assert!((before.first()[i] - after.first()[i]).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn a_combination_of_what_is_pivoted_is_refused() {
        struct Twice<'a>(&'a mut Tableau);
        impl Kernel for Twice<'_> {
            type Output = (bool, bool);
            fn run<L: Lanes>(self) -> (bool, bool) {
                (self.0.pivot::<L>(0), self.0.pivot::<L>(1))
            }
        }
        let mut t = tableau(&[1.0, 2.0, 2.0, 4.0], &[1.0, 1.0]);
        assert_eq!(run_at(Level::best(), Twice(&mut t)), (true, false));
    }
}
