//! One tree of a forest: at most 255 cuts, each at a fixed place, so that a row goes down without a branch.
//!
//! The cuts below the one at `i` are at `2 i` and `2 i + 1`, the first at 1. Where a tree ends early the places below it
//! send every row to the left, and what it ends with stands in the leftmost place of the lowest level.

use tidewright_numerics::Random;

use super::{Rows, below};

/// Levels of cuts.
const HEIGHT: u32 = 8;
/// Places of cuts, the one at 0 not used, and as many ends.
const PLACES: usize = 1 << HEIGHT;
/// As many rows as a balanced tree of that height holds: its authors' choice, above which they saw no gain.
pub(super) const SAMPLE_MAX: usize = PLACES;
/// Rows that go down side by side, because each step of one waits for the step before.
pub(super) const ABREAST: usize = 8;
/// Numbers of which half the nearest cache of usual machines is full (16 kB).
pub(super) const NEAR: usize = 2048;

/// Euler and Mascheroni's constant.
const EULER: f64 = 0.577_215_664_901_532_9;

/// The cuts of one tree.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    cuts: Box<[Cut; PLACES]>,
    /// The depth at each end, with what would have followed for the rows left there.
    depths: Box<[f64; PLACES]>,
    /// How many levels have any cut.
    height: u32,
}

/// Rows above `at` in a column go to the right.
#[derive(Clone, Copy, Debug)]
struct Cut {
    at: f64,
    column: usize,
}

/// A cut that sends all to the left.
const NONE: Cut = Cut { at: f64::INFINITY, column: 0 };

/// What one branch is grown from.
struct Branch<'a> {
    /// The rows that got there.
    sample: &'a mut [usize],
    place: usize,
    depth: u32,
}

/// How deep a row is expected to lie in a tree of `size` rows: that of a failed search (Preiss 1999).
pub fn path_length(size: usize) -> f64 {
    match size {
        0 | 1 => 0.0,
        2 => 1.0,
        _ => {
            let others = (size - 1) as f64;
            2.0 * (others.ln() + EULER) - 2.0 * others / size as f64
        }
    }
}

impl Tree {
    /// Grows a tree from the sampled rows, at most [`SAMPLE_MAX`] of them, which end up in another order.
    pub(super) fn grow(rows: Rows<'_>, sample: &mut [usize], random: &mut Random) -> Self {
        let height = sample.len().next_power_of_two().ilog2().min(HEIGHT);
        let (cuts, depths) = (Box::new([NONE; PLACES]), Box::new([0.0; PLACES]));
        let mut tree = Self { cuts, depths, height };
        let mut columns: Vec<usize> = (0..rows.columns()).collect();
        let mut open = vec![Branch { sample, place: 1, depth: 0 }];
        while let Some(Branch { sample, place, depth }) = open.pop() {
            let cut = if depth < height { cut(rows, sample, &mut columns, random) } else { None };
            let Some(cut) = cut else {
                let end = tree.end(place << (height - depth));
                tree.depths[end] = f64::from(depth) + path_length(sample.len());
                continue;
            };
            tree.cuts[place] = cut;
            let (left, right) = part(rows, sample, cut);
            open.push(Branch { sample: right, place: 2 * place + 1, depth: depth + 1 });
            open.push(Branch { sample: left, place: 2 * place, depth: depth + 1 });
        }
        tree
    }

    /// How deep a row lies.
    #[inline]
    pub(super) fn depth(&self, row: &[f64]) -> f64 {
        let place = (0..self.height).fold(1, |place, _| self.below(place, row));
        self.depths[self.end(place)]
    }

    /// Adds how deep each row lies to its sum.
    pub(super) fn add_depths(&self, values: &[f64], columns: usize, sums: &mut [f64]) {
        let (bundles, rest) = sums.as_chunks_mut::<ABREAST>();
        let begin = bundles.len() * ABREAST * columns;
        for (values, sums) in values.chunks_exact(ABREAST * columns).zip(bundles) {
            let mut places = [1; ABREAST];
            for _ in 0..self.height {
                for (row, place) in places.iter_mut().enumerate() {
                    *place = self.below(*place, &values[row * columns..]);
                }
            }
            for (sum, place) in sums.iter_mut().zip(places) {
                *sum += self.depths[self.end(place)];
            }
        }
        for (row, sum) in values[begin..].chunks_exact(columns).zip(rest) {
            *sum += self.depth(row);
        }
    }

    /// The place that a row comes to from another.
    #[inline(always)]
    fn below(&self, place: usize, row: &[f64]) -> usize {
        // No place reaches the end: taking the remainder spares the check.
        let cut = &self.cuts[place % PLACES];
        2 * place + usize::from(row[cut.column] > cut.at)
    }

    #[inline(always)]
    fn end(&self, place: usize) -> usize {
        (place - (1 << self.height)) % PLACES
    }
}

/// A random cut of a random column in which the rows differ; `None` if there is no such column.
fn cut(
    rows: Rows<'_>,
    sample: &[usize],
    columns: &mut [usize],
    random: &mut Random,
) -> Option<Cut> {
    if sample.len() < 2 {
        return None;
    }
    for drawn in 0..columns.len() {
        columns.swap(drawn, drawn + below(columns.len() - drawn, random));
        let column = columns[drawn];
        let values = sample.iter().map(|row| rows.row(*row)[column]);
        let ends = (f64::INFINITY, f64::NEG_INFINITY);
        let (low, high) = values.fold(ends, |(low, high), x| {
            (if x < low { x } else { low }, if x > high { x } else { high })
        });
        if low < high {
            let share = random.uniform();
            let at = low * (1.0 - share) + high * share;
            // Round-off may take it to an end or beyond; there must be a row on either side.
            return Some(Cut { at: if low <= at && at < high { at } else { low }, column });
        }
    }
    None
}

/// Those that go to the left, then those that go to the right.
fn part<'a>(
    rows: Rows<'_>,
    sample: &'a mut [usize],
    cut: Cut,
) -> (&'a mut [usize], &'a mut [usize]) {
    let mut left = 0;
    for next in 0..sample.len() {
        sample.swap(next, left);
        left += usize::from(rows.row(sample[left])[cut.column] <= cut.at);
    }
    sample.split_at_mut(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expected_depth_is_that_of_the_paper() {
        // By hand: c(3) = 2 (ln 2 + 0.5772...) - 4/3.
        let expected = [(0, 0.0), (1, 0.0), (2, 1.0), (3, 1.207_392_357_589_623)];
        for (size, expected) in expected {
            assert!((path_length(size) - expected).abs() < 1e-12, "{size}");
        }
        assert!((path_length(256) - 10.244_770_920_119_917).abs() < 1e-12);
    }

    #[test]
    fn each_row_of_the_sample_ends_where_the_tree_left_it() {
        let mut random = Random::new(5);
        for size in [1, 2, 3, 5, 17, 100, 256] {
            let values: Vec<f64> = (0..3 * size).map(|_| random.normal()).collect();
            let rows = Rows::new(&values, 3).unwrap();
            let mut sample: Vec<usize> = (0..size).collect();
            let tree = Tree::grow(rows, &mut sample, &mut random);
            let mut reached = vec![0; PLACES];
            for row in rows.iter() {
                let place = (0..tree.height).fold(1, |place, _| tree.below(place, row));
                reached[tree.end(place)] += 1;
            }
            for (end, count) in reached.iter().enumerate().filter(|(_, count)| **count > 0) {
                let depth = tree.depths[end] - path_length(*count);
                assert!((depth - depth.round()).abs() < 1e-9, "{size} {end} {count}");
                assert!(*count == 1 || (depth - f64::from(tree.height)).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn a_cut_leaves_rows_on_either_side() {
        let mut random = Random::new(5);
        let values = [1.0, 1f64.next_up()];
        let rows = Rows::new(&values, 1).unwrap();
        for _ in 0..100 {
            let cut = cut(rows, &[0, 1], &mut [0], &mut random).unwrap();
            assert_eq!(cut.at, 1.0);
        }
    }
}
