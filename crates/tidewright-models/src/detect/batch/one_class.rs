//! One-class SVM (Schölkopf, Platt, Shawe-Taylor, Smola and Williamson 2001): a boundary around most of the rows.
//!
//! Minimises `a'Ka / 2` over `0 <= a <= 1`, `sum a = nu n`, with `K = exp(-gamma |x - y|^2)`; a row is outside where
//! `sum a K(x_i, x) - rho` is below 0. The scale of `a` is LIBSVM's, so decisions are comparable with those of LIBSVM and of
//! scikit-learn. At most a share `nu` of the rows learned from is left outside, and at least as many hold the boundary up.
//!
//! Distances are Euclidean: bring columns to one scale first. Few outliers among the rows learned from are enough to draw
//! the boundary around them if `nu` is smaller than their share.

mod points;
mod solve;

use super::{BatchError, Rows};
use points::Points;
use solve::Solution;

/// What is wanted of the boundary.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OneClassSettings {
    /// The largest share of rows to be left outside: above 0, at most 1. By default 0.5, as in LIBSVM.
    pub nu: f64,
    /// How fast nearness falls with the square of the distance, above 0; `None` for `1 / (columns * variance of all values)`.
    pub gamma: Option<f64>,
    /// How far decisions may be from those of the optimum, above 0: about this much, their scale being `nu n`.
    pub tolerance: f64,
}

/// The rows that hold the boundary up, with their weights.
#[derive(Clone, Debug)]
pub struct OneClassSvm {
    support: Points,
    weights: Vec<f64>,
    rho: f64,
}

impl Default for OneClassSettings {
    fn default() -> Self {
        Self { nu: 0.5, gamma: None, tolerance: 1e-3 }
    }
}

impl OneClassSvm {
    /// Learns a boundary from rows.
    ///
    /// # Errors
    ///
    /// If a setting is out of its range, or if the solver does not come to an end.
    pub fn fit(rows: Rows<'_>, settings: OneClassSettings) -> Result<Self, BatchError> {
        let OneClassSettings { nu, tolerance, .. } = settings;
        BatchError::unless(nu > 0.0 && nu <= 1.0, "nu", "must be above 0, at most 1", nu)?;
        let gamma = settings.gamma.unwrap_or_else(|| usual_gamma(rows));
        let holds = gamma.is_finite() && gamma > 0.0;
        BatchError::unless(holds, "gamma", "must be above 0", gamma)?;
        let holds = tolerance.is_finite() && tolerance > 0.0;
        BatchError::unless(holds, "tolerance", "must be above 0", tolerance)?;
        let points = Points::new(rows.iter(), rows.columns(), gamma);
        let Solution { weights, rho } = solve::solve(&points, nu, tolerance)?;
        let held = |(row, weight): (_, &f64)| (*weight > 0.0).then_some((row, *weight));
        let (kept, weights): (Vec<&[f64]>, Vec<f64>) =
            rows.iter().zip(&weights).filter_map(held).unzip();
        Ok(Self { support: Points::new(kept.into_iter(), rows.columns(), gamma), weights, rho })
    }

    /// How far inside the boundary a row lies; below 0 it is outside.
    ///
    /// # Errors
    ///
    /// If it has another number of columns than the rows learned from, or a value that is not finite.
    pub fn decision(&self, row: &[f64]) -> Result<f64, BatchError> {
        Rows::one(row, self.support.columns())?;
        Ok(self.support.weigh(&self.support.place(row), &self.weights) - self.rho)
    }

    /// How far inside the boundary each row lies.
    ///
    /// # Errors
    ///
    /// If the rows have another number of columns than those learned from.
    pub fn decision_rows(&self, rows: Rows<'_>) -> Result<Vec<f64>, BatchError> {
        rows.expect_columns(self.support.columns())?;
        let decide = |row| self.support.weigh(&self.support.place(row), &self.weights) - self.rho;
        Ok(rows.iter().map(decide).collect())
    }

    /// How many rows hold the boundary up: time and memory of a decision are in proportion.
    pub const fn support(&self) -> usize {
        self.weights.len()
    }

    /// The offset of the boundary.
    pub const fn rho(&self) -> f64 {
        self.rho
    }
}

/// One over columns times variance, of all values together; 1 if they do not differ.
fn usual_gamma(rows: Rows<'_>) -> f64 {
    let count = rows.values().len() as f64;
    let mean = rows.values().iter().sum::<f64>() / count;
    let variance = rows.values().iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    if variance > 0.0 { 1.0 / (rows.columns() as f64 * variance) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use tidewright_numerics::Random;

    use super::*;

    /// Normal noise in two columns.
    fn cloud(rows: usize) -> Vec<f64> {
        let mut random = Random::new(3);
        (0..2 * rows).map(|_| random.normal()).collect()
    }

    fn fitted(values: &[f64], nu: f64) -> OneClassSvm {
        let settings = OneClassSettings { nu, ..OneClassSettings::default() };
        OneClassSvm::fit(Rows::new(values, 2).unwrap(), settings).unwrap()
    }

    #[test]
    fn nu_is_the_share_outside_at_most_and_the_share_that_holds_at_least() {
        let values = cloud(500);
        let rows = Rows::new(&values, 2).unwrap();
        for nu in [0.02, 0.1, 0.5, 0.9] {
            let settings = OneClassSettings { nu, gamma: None, tolerance: 1e-6 };
            let svm = OneClassSvm::fit(rows, settings).unwrap();
            let decisions = svm.decision_rows(rows).unwrap();
            let outside = decisions.iter().filter(|decision| **decision < -1e-5).count();
            assert!(outside as f64 <= nu * 500.0 + 1e-9, "{nu} {outside}");
            assert!(svm.support() as f64 >= nu * 500.0 - 1e-9, "{nu} {}", svm.support());
        }
    }

    #[test]
    fn what_is_far_away_is_outside_and_the_middle_is_inside() {
        let svm = fitted(&cloud(500), 0.1);
        assert!(svm.decision(&[0.0, 0.0]).unwrap() > 0.0);
        assert!(svm.decision(&[6.0, 6.0]).unwrap() < 0.0);
        assert!((svm.decision(&[1e9, 1e9]).unwrap() + svm.rho()).abs() < 1e-9);
    }

    #[test]
    fn rows_that_are_all_alike_lie_on_the_boundary() {
        let svm = fitted(&[7.0; 40], 0.5);
        assert!(svm.decision(&[7.0, 7.0]).unwrap().abs() < 1e-9);
        assert!(svm.decision(&[9.0, 7.0]).unwrap() < -1.0);
    }

    #[test]
    fn a_constant_column_changes_nothing_but_the_usual_gamma() {
        let values = cloud(60);
        let constant: Vec<f64> = values.chunks(2).flat_map(|row| [row[0], row[1], 5.0]).collect();
        let settings = OneClassSettings { gamma: Some(0.5), ..OneClassSettings::default() };
        let without = OneClassSvm::fit(Rows::new(&values, 2).unwrap(), settings).unwrap();
        let with = OneClassSvm::fit(Rows::new(&constant, 3).unwrap(), settings).unwrap();
        let apart =
            without.decision(&[1.0, 2.0]).unwrap() - with.decision(&[1.0, 2.0, 5.0]).unwrap();
        assert!(apart.abs() < 1e-9);
    }

    #[test]
    fn one_row_and_all_of_the_rows_can_be_outside() {
        assert!(fitted(&[1.0, 2.0], 0.5).decision(&[1.0, 2.0]).unwrap().abs() < 1e-9);
        let svm = fitted(&cloud(9), 1.0);
        assert!(svm.support() == 9 && svm.rho().is_finite());
    }

    #[test]
    fn what_cannot_be_judged_is_refused() {
        let svm = fitted(&cloud(10), 0.5);
        let columns = BatchError::Columns { expected: 2, found: 3 };
        assert_eq!(svm.decision(&[1.0; 3]), Err(columns.clone()));
        assert_eq!(svm.decision_rows(Rows::new(&[1.0; 3], 3).unwrap()), Err(columns));
        let gap = BatchError::NotFinite { row: 0, column: 0 };
        assert_eq!(svm.decision(&[f64::NAN, 1.0]), Err(gap));
    }

    #[test]
    fn settings_that_cannot_be_are_refused() {
        let usual = OneClassSettings::default();
        let wrong = [
            OneClassSettings { nu: 0.0, ..usual },
            OneClassSettings { nu: 1.1, ..usual },
            OneClassSettings { nu: f64::NAN, ..usual },
            OneClassSettings { gamma: Some(0.0), ..usual },
            OneClassSettings { gamma: Some(f64::INFINITY), ..usual },
            OneClassSettings { tolerance: 0.0, ..usual },
        ];
        let values = cloud(10);
        for settings in wrong {
            let fitted = OneClassSvm::fit(Rows::new(&values, 2).unwrap(), settings);
            assert!(matches!(fitted, Err(BatchError::Setting { .. })), "{settings:?}");
        }
    }
}
