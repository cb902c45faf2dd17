//! Dense Cholesky on flat, row-major slices: `A = R' R`, made in place in the upper triangle.
//!
//! For the dozens of rows that a seasonal model has: right-looking, so that every inner loop runs along a row. It can
//! stop after the first `pivots` rows, which leaves the Schur complement of that block in the rest. Only the upper
//! triangle is read. A matrix that is not positive definite is an answer ([`NotPositive`]), not a panic and not a NaN.

use std::fmt;

/// A pivot below this share of its diagonal element is round-off, not information.
const PIVOT_SHARE_MIN: f64 = 1e-15;

/// The matrix is not positive definite: the pivot of this row was not positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotPositive {
    /// The row of the first pivot that is not positive.
    pub row: usize,
}

impl fmt::Display for NotPositive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the matrix is not positive definite at row `{}`", self.row)
    }
}

impl std::error::Error for NotPositive {}

/// Replaces the first `pivots` rows of an `n x n` matrix by their rows of `R`, the rest by the Schur complement.
///
/// # Errors
/// [`NotPositive`] names the row where it fails; the matrix is then half done.
pub fn factor(a: &mut [f64], n: usize, pivots: usize) -> Result<(), NotPositive> {
    let diagonal: Vec<f64> = (0..pivots).map(|i| a[i * n + i]).collect();
    for row in 0..pivots {
        let (done, rest) = a.split_at_mut((row + 1) * n);
        let pivot_row = &mut done[row * n + row..];
        let pivot = pivot_row[0];
        if pivot.is_nan() || pivot <= PIVOT_SHARE_MIN * diagonal[row].abs() {
            return Err(NotPositive { row });
        }
        let inverse = 1.0 / pivot.sqrt();
        pivot_row.iter_mut().for_each(|x| *x *= inverse);
        for (i, target) in rest.chunks_exact_mut(n).enumerate() {
            let tail = &pivot_row[i + 1..];
            subtract_scaled(&mut target[row + 1 + i..], tail, tail[0]);
        }
    }
    Ok(())
}

/// Solves `R' x = b` for the first `pivots` unknowns in place and reduces the rest of `b` by them.
pub fn solve_lower(r: &[f64], n: usize, pivots: usize, b: &mut [f64]) {
    for i in 0..pivots {
        let row = &r[i * n + i..(i + 1) * n];
        let (head, tail) = b[i..].split_at_mut(1);
        head[0] /= row[0];
        subtract_scaled(tail, &row[1..], head[0]);
    }
}

/// Solves the first `pivots` rows of `R x = b` in place; the unknowns after them are given.
pub fn solve_upper(r: &[f64], n: usize, pivots: usize, b: &mut [f64]) {
    for i in (0..pivots).rev() {
        let row = &r[i * n + i..(i + 1) * n];
        let known: f64 = row[1..].iter().zip(&b[i + 1..]).map(|(x, y)| x * y).sum();
        b[i] = (b[i] - known) / row[0];
    }
}

fn subtract_scaled(target: &mut [f64], row: &[f64], factor: f64) {
    target.iter_mut().zip(row).for_each(|(t, x)| *t -= factor * x);
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: [f64; 9] = [4.0, 2.0, 0.6, 2.0, 5.0, 1.0, 0.6, 1.0, 3.0];
    const WANT: [f64; 3] = [1.0, -2.0, 0.5];

    fn right_side() -> Vec<f64> {
        A.chunks(3).map(|row| row.iter().zip(WANT).map(|(a, x)| a * x).sum()).collect()
    }

    #[test]
    fn a_system_is_solved() {
        let (mut r, mut x) = (A, right_side());
        factor(&mut r, 3, 3).unwrap();
        solve_lower(&r, 3, 3, &mut x);
        solve_upper(&r, 3, 3, &mut x);
        assert!(x.iter().zip(WANT).all(|(x, want)| (x - want).abs() < 1e-14));
    }

    #[test]
    fn a_system_is_solved_by_way_of_its_schur_complement() {
        let (mut r, mut x) = (A, right_side());
        factor(&mut r, 3, 2).unwrap();
        solve_lower(&r, 3, 2, &mut x);
        x[2] /= r[8];
        solve_upper(&r, 3, 2, &mut x);
        assert!(x.iter().zip(WANT).all(|(x, want)| (x - want).abs() < 1e-14));
    }

    #[test]
    fn a_singular_matrix_is_named_by_its_row() {
        let mut a = [1.0, 1.0, 1.0, 1.0];
        assert_eq!(factor(&mut a, 2, 2), Err(NotPositive { row: 1 }));
        assert_eq!(factor(&mut [f64::NAN], 1, 1), Err(NotPositive { row: 0 }));
    }
}
