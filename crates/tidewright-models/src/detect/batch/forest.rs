//! Isolation forest (Liu, Ting and Zhou 2008): what few random cuts part from the rest is odd.
//!
//! Each tree cuts a small sample of the rows at random, column and place, until every row is alone or the tree is as high
//! as a balanced one would be. The score of a row is `2^(-E(h) / c(n))`: `h` its depth in a tree, plus `c` of the rows
//! that were left uncut with it; `c(n)` the depth to be expected among `n`. Near 1 is odd, below 0.5 is ordinary.
//!
//! Columns need no scale in common. Each cut sees one column, so what is odd only in how columns go together stays unseen.
//! The same rows, settings and seed give the same forest to the last bit.

mod tree;

use tidewright_numerics::Random;

use super::{BatchError, Rows};
use tree::Tree;

pub use tree::path_length;

/// More trees than this change no ranking and only cost time.
const TREES_MAX: usize = 10_000;

/// The shape of a forest; by default what its authors found to be enough: 100 trees of 256 rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForestSettings {
    /// How many trees: 1 to 10,000.
    pub trees: usize,
    /// How many rows each tree sees: 2 to 256, or all of them if there are fewer.
    pub sample: usize,
}

/// Trees, ready to score rows.
#[derive(Clone, Debug)]
pub struct IsolationForest {
    trees: Vec<Tree>,
    columns: usize,
    /// The sum of depths over all trees that is to be expected of a row.
    expected: f64,
}

impl Default for ForestSettings {
    fn default() -> Self {
        Self { trees: 100, sample: tree::SAMPLE_MAX }
    }
}

impl IsolationForest {
    /// Grows a forest from rows.
    ///
    /// # Errors
    ///
    /// If a setting is out of its range.
    pub fn fit(
        rows: Rows<'_>,
        settings: ForestSettings,
        mut random: Random,
    ) -> Result<Self, BatchError> {
        let ForestSettings { trees, sample } = settings;
        let holds = (1..=TREES_MAX).contains(&trees);
        BatchError::unless(holds, "trees", "must be between 1 and 10000", trees as f64)?;
        let holds = (2..=tree::SAMPLE_MAX).contains(&sample);
        BatchError::unless(holds, "sample", "must be between 2 and 256", sample as f64)?;
        let size = sample.min(rows.len());
        let mut order: Vec<usize> = (0..rows.len()).collect();
        let mut grow = || {
            draw(&mut order, size, &mut random);
            // The tree puts its rows in another order, which the next draw does not mind.
            Tree::grow(rows, &mut order[..size], &mut random)
        };
        let trees: Vec<Tree> = (0..trees).map(|_| grow()).collect();
        let expected = path_length(size) * trees.len() as f64;
        Ok(Self { trees, columns: rows.columns(), expected })
    }

    /// How odd a row is: near 1 is odd, below 0.5 is ordinary.
    ///
    /// # Errors
    ///
    /// If it has another number of columns than the rows learned from, or a value that is not finite.
    pub fn score(&self, row: &[f64]) -> Result<f64, BatchError> {
        Rows::one(row, self.columns)?;
        let depth: f64 = self.trees.iter().map(|tree| tree.depth(row)).sum();
        Ok(self.score_at(depth))
    }

    /// How odd each row is: what [`IsolationForest::score`] says of it, for less.
    ///
    /// # Errors
    ///
    /// If the rows have another number of columns than those learned from.
    pub fn score_rows(&self, rows: Rows<'_>) -> Result<Vec<f64>, BatchError> {
        rows.expect_columns(self.columns)?;
        let mut sums = vec![0.0; rows.len()];
        // A piece of the rows stays in the nearest cache while every tree goes over it.
        let piece = (tree::NEAR / self.columns).max(tree::ABREAST);
        for (sums, values) in sums.chunks_mut(piece).zip(rows.values().chunks(piece * self.columns))
        {
            self.trees.iter().for_each(|tree| tree.add_depths(values, self.columns, sums));
        }
        Ok(sums.into_iter().map(|depth| self.score_at(depth)).collect())
    }

    /// The score of a row by the sum of its depths over all trees.
    fn score_at(&self, depth: f64) -> f64 {
        // A single row makes trees without a cut, which tell nothing.
        if self.expected > 0.0 { (-depth / self.expected).exp2() } else { 0.5 }
    }
}

/// Puts a sample without repetition first (the beginning of Fisher and Yates' shuffle).
fn draw(order: &mut [usize], size: usize, random: &mut Random) {
    for place in 0..size {
        order.swap(place, place + below(order.len() - place, random));
    }
}

/// A number from 0 up to `end`, not reached; how much one is preferred to another cannot be noticed.
fn below(end: usize, random: &mut Random) -> usize {
    ((u128::from(random.bits()) * end as u128) >> 64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Normal noise in two columns.
    fn cloud(rows: usize) -> Vec<f64> {
        let mut random = Random::new(3);
        (0..2 * rows).map(|_| random.normal()).collect()
    }

    fn grown(values: &[f64], seed: u64) -> IsolationForest {
        let rows = Rows::new(values, 2).unwrap();
        IsolationForest::fit(rows, ForestSettings::default(), Random::new(seed)).unwrap()
    }

    #[test]
    fn what_lies_outside_scores_above_what_lies_inside() {
        let forest = grown(&cloud(1000), 1);
        let (inside, outside) = (forest.score(&[0.0, 0.0]), forest.score(&[6.0, -6.0]));
        assert!(inside.unwrap() < 0.45 && outside.unwrap() > 0.7);
    }

    #[test]
    fn a_seed_gives_the_same_scores_and_another_seed_others() {
        let (values, row) = (cloud(400), [1.0, -2.0]);
        let score = |seed| grown(&values, seed).score(&row).unwrap();
        assert_eq!(score(1).to_bits(), score(1).to_bits());
        assert_ne!(score(1).to_bits(), score(2).to_bits());
    }

    #[test]
    fn many_rows_score_as_each_of_them_alone() {
        let values = cloud(1003);
        let forest = grown(&values, 1);
        let rows = Rows::new(&values, 2).unwrap();
        let together = forest.score_rows(rows).unwrap();
        for (row, together) in rows.iter().zip(together) {
            assert_eq!(forest.score(row).unwrap().to_bits(), together.to_bits());
        }
    }

    #[test]
    fn a_sample_holds_no_row_twice_and_any_row() {
        let (mut order, mut random) = ((0..50).collect::<Vec<usize>>(), Random::new(1));
        let mut seen = [0; 50];
        for _ in 0..1000 {
            draw(&mut order, 10, &mut random);
            order[..10].iter().for_each(|row| seen[*row] += 1);
            let mut sorted = order.clone();
            sorted.sort_unstable();
            assert!(sorted.into_iter().eq(0..50));
        }
        // Each of 50 is drawn 200 times of 1000, give or take 5 standard deviations of 12.6.
        assert!(seen.iter().all(|count| (137..=263).contains(count)), "{seen:?}");
    }

    #[test]
    fn rows_that_are_all_alike_are_all_ordinary() {
        let forest = grown(&[7.0; 600], 1);
        assert!((forest.score(&[7.0, 7.0]).unwrap() - 0.5).abs() < 1e-12);
    }

    #[test]
    fn a_constant_column_does_not_count() {
        let values: Vec<f64> = cloud(500).chunks(2).flat_map(|row| [row[0], 5.0]).collect();
        let forest = grown(&values, 1);
        let [inside, elsewhere] = [5.0, 500.0].map(|x| forest.score(&[0.1, x]).unwrap());
        assert_eq!(inside.to_bits(), elsewhere.to_bits());
    }

    #[test]
    fn few_rows_make_small_trees() {
        for rows in 1..5 {
            let score = grown(&cloud(rows), 1).score(&[0.0, 0.0]).unwrap();
            assert!(score > 0.0 && score <= 1.0, "{rows} {score}");
        }
    }

    #[test]
    fn rows_at_the_ends_of_what_a_number_can_be_are_cut_too() {
        let mut values = vec![-f64::MAX; 20];
        values.extend([f64::MAX; 2]);
        let forest = grown(&values, 1);
        let score = |x| forest.score(&[x, x]).unwrap();
        assert!(score(f64::MAX) > score(-f64::MAX));
    }

    #[test]
    fn what_cannot_be_judged_is_refused() {
        let forest = grown(&cloud(10), 1);
        let columns = BatchError::Columns { expected: 2, found: 1 };
        assert_eq!(forest.score(&[1.0]), Err(columns.clone()));
        assert_eq!(forest.score_rows(Rows::new(&[1.0], 1).unwrap()), Err(columns));
        let gap = BatchError::NotFinite { row: 0, column: 1 };
        assert_eq!(forest.score(&[1.0, f64::NAN]), Err(gap));
    }

    #[test]
    fn settings_that_cannot_be_are_refused() {
        let values = cloud(10);
        for (trees, sample) in [(0, 256), (10_001, 256), (100, 1), (100, 257)] {
            let rows = Rows::new(&values, 2).unwrap();
            let forest =
                IsolationForest::fit(rows, ForestSettings { trees, sample }, Random::new(1));
            assert!(matches!(forest, Err(BatchError::Setting { .. })));
        }
    }
}
