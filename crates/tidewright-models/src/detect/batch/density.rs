//! DBSCAN (Ester, Kriegel, Sander and Xu 1996): rows in dense company belong together, the rest is noise.
//!
//! A row with at least `neighbours_min` rows within `eps`, itself among them, is a core. Cores within `eps` of each other
//! share a cluster, other rows join the first cluster that reaches them, and what no core reaches is noise: the anomaly.
//! Distances are Euclidean, so columns must share a scale. Time grows with the square of the rows where most lie within
//! `eps` of each other in the widest column; otherwise only those that do are compared.

use super::{BatchError, Rows};

/// How dense company must be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dbscan {
    // Invariant: above 0 and finite.
    eps: f64,
    // Invariant: at least 1.
    neighbours_min: usize,
}

/// Where a row belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// To a cluster; they are numbered from 0 in the order of their first cores.
    Cluster(usize),
    /// To none: the row is alone.
    Noise,
}

impl Dbscan {
    /// Rows are neighbours up to a distance of `eps`, and a core has at least `neighbours_min` of them, itself included.
    ///
    /// # Errors
    ///
    /// If `eps` is not above 0 and finite, or `neighbours_min` is 0.
    pub fn new(eps: f64, neighbours_min: usize) -> Result<Self, BatchError> {
        let holds = eps.is_finite() && eps > 0.0;
        BatchError::unless(holds, "eps", "must be above 0", eps)?;
        let rule = "must be at least 1";
        BatchError::unless(neighbours_min > 0, "neighbours_min", rule, neighbours_min as f64)?;
        Ok(Self { eps, neighbours_min })
    }

    /// Labels each row.
    pub fn label(&self, rows: Rows<'_>) -> Vec<Label> {
        let ranked = Ranked::new(rows, self.eps);
        let is_core: Vec<bool> = (0..rows.len())
            .map(|row| ranked.neighbours(row).take(self.neighbours_min).count())
            .map(|count| count == self.neighbours_min)
            .collect();
        let mut labels = vec![Label::Noise; rows.len()];
        let mut clusters = 0;
        for first in 0..rows.len() {
            if is_core[first] && labels[first] == Label::Noise {
                spread(&ranked, &is_core, first, Label::Cluster(clusters), &mut labels);
                clusters += 1;
            }
        }
        labels
    }

    /// Labels the members of a group at one time by a single value each; NaN is a gap, without a label.
    ///
    /// # Errors
    ///
    /// If no member has a value, or one is infinite.
    pub fn label_members(&self, values: &[f64]) -> Result<Vec<Option<Label>>, BatchError> {
        if let Some(row) = values.iter().position(|value| value.is_infinite()) {
            return Err(BatchError::NotFinite { row, column: 0 });
        }
        let known: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
        let mut labels = self.label(Rows::new(&known, 1)?).into_iter();
        Ok(values.iter().map(|value| if value.is_nan() { None } else { labels.next() }).collect())
    }
}

/// Gives the label to all that can be reached from a core.
fn spread(ranked: &Ranked<'_>, is_core: &[bool], first: usize, label: Label, labels: &mut [Label]) {
    labels[first] = label;
    let mut cores = vec![first];
    while let Some(core) = cores.pop() {
        for row in ranked.neighbours(core) {
            if labels[row] == Label::Noise {
                labels[row] = label;
                cores.extend(is_core[row].then_some(row));
            }
        }
    }
}

/// Rows in the order of the column in which they lie farthest apart: neighbours are near each other in it.
struct Ranked<'a> {
    rows: Rows<'a>,
    eps: f64,
    column: usize,
    /// Rows by their value in that column.
    order: Vec<usize>,
    /// Those values, ascending.
    keys: Vec<f64>,
}

impl<'a> Ranked<'a> {
    fn new(rows: Rows<'a>, eps: f64) -> Self {
        let range = |column: usize| {
            let values = rows.iter().map(|row| row[column]);
            let ends = (f64::INFINITY, f64::NEG_INFINITY);
            let (low, high) = values.fold(ends, |(low, high), x| (low.min(x), high.max(x)));
            high - low
        };
        let widest = (0..rows.columns()).map(|column| (range(column), column));
        let column = widest.max_by(|a, b| a.0.total_cmp(&b.0)).map_or(0, |(_, column)| column);
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by(|a, b| rows.row(*a)[column].total_cmp(&rows.row(*b)[column]));
        let keys = order.iter().map(|row| rows.row(*row)[column]).collect();
        Self { rows, eps, column, order, keys }
    }

    /// All rows within `eps` of a row, itself included.
    fn neighbours(&self, of: usize) -> impl Iterator<Item = usize> {
        let (from, key) = (self.rows.row(of), self.rows.row(of)[self.column]);
        let begin = self.keys.partition_point(|other| key - other > self.eps);
        let end = self.keys.partition_point(|other| other - key <= self.eps);
        let near = self.order[begin..end].iter().copied();
        near.filter(move |row| distance(from, self.rows.row(*row)) <= self.eps)
    }
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(values: &[f64], eps: f64, neighbours_min: usize) -> Vec<Option<usize>> {
        let labels = Dbscan::new(eps, neighbours_min).unwrap().label_members(values).unwrap();
        let number = |label: Option<Label>| match label.unwrap() {
            Label::Cluster(number) => Some(number),
            Label::Noise => None,
        };
        labels.into_iter().map(number).collect()
    }

    #[test]
    fn the_pod_that_is_alone_is_noise() {
        assert_eq!(
            label(&[10.0, 10.5, 11.0, 40.0, 9.5], 1.0, 3),
            [Some(0), Some(0), Some(0), None, Some(0)]
        );
    }

    #[test]
    fn two_kinds_of_members_are_two_clusters_in_the_order_of_their_first_cores() {
        assert_eq!(label(&[20.0, 1.0, 21.0, 2.0], 1.0, 2), [Some(0), Some(1), Some(0), Some(1)]);
    }

    #[test]
    fn a_row_between_two_clusters_joins_the_first() {
        // 2 is within reach of both cores, 1 and 3, and has too few neighbours to be one.
        let values = [0.5, 0.5, 1.0, 2.0, 3.0, 3.5, 3.5];
        let expected = [Some(0), Some(0), Some(0), Some(0), Some(1), Some(1), Some(1)];
        assert_eq!(label(&values, 1.0, 4), expected);
    }

    #[test]
    fn the_edge_of_the_distance_is_inside() {
        assert_eq!(label(&[0.0, 1.0], 1.0, 2), [Some(0), Some(0)]);
        assert_eq!(label(&[0.0, 1.0], 0.999, 2), [None, None]);
    }

    #[test]
    fn copies_keep_each_other_company() {
        assert_eq!(label(&[3.0; 4], 0.1, 4), [Some(0); 4]);
    }

    #[test]
    fn fewer_rows_than_a_core_needs_are_all_noise() {
        assert_eq!(label(&[1.0, 1.0], 1.0, 5), [None, None]);
        assert_eq!(label(&[1.0], 1.0, 1), [Some(0)]);
    }

    #[test]
    fn a_gap_has_no_label() {
        let dbscan = Dbscan::new(1.0, 1).unwrap();
        let labels = dbscan.label_members(&[f64::NAN, 1.0]).unwrap();
        assert_eq!(labels, [None, Some(Label::Cluster(0))]);
        assert_eq!(dbscan.label_members(&[f64::NAN]), Err(BatchError::NoRows));
        let infinite = BatchError::NotFinite { row: 1, column: 0 };
        assert_eq!(dbscan.label_members(&[f64::NAN, f64::INFINITY]), Err(infinite));
    }

    #[test]
    fn settings_that_cannot_be_are_refused() {
        for (eps, least) in [(0.0, 1), (f64::NAN, 1), (f64::INFINITY, 1), (1.0, 0)] {
            assert!(matches!(Dbscan::new(eps, least), Err(BatchError::Setting { .. })));
        }
    }
}
