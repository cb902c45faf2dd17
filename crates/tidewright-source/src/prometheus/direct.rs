//! Takes answers that already are demand: `increase` and configured queries.
//!
//! The rule: series that differ in what their labels tell (another status, say) are added up; several that do not are
//! refused rather than added up in silence.

use std::collections::HashSet;

use super::columns::{Columns, add_any};
use super::decode::{DecodeError, Labels, MatrixSink};
use super::mapping::Mapping;

/// The part of the demand that one answer holds.
#[derive(Debug)]
pub(super) struct DirectPart<'a> {
    mapping: &'a Mapping,
    scale: f64,
    columns: Columns,
    taken: HashSet<String>,
    left_out: usize,
}

/// All of the demand.
#[derive(Debug)]
pub(super) struct Direct {
    pub(super) columns: Columns,
    /// The most series of one answer that carry no descriptor values.
    pub(super) left_out: usize,
}

impl<'a> DirectPart<'a> {
    /// For `windows` windows, each number multiplied by `scale`.
    pub(super) fn new(mapping: &'a Mapping, scale: f64, windows: usize) -> Self {
        let columns = Columns::new(windows);
        Self { mapping, scale, columns, taken: HashSet::new(), left_out: 0 }
    }

    /// Whether the answer held no series at all.
    pub(super) fn is_empty(&self) -> bool {
        self.columns.is_empty() && self.left_out == 0
    }
}

impl MatrixSink for DirectPart<'_> {
    fn take(&mut self, labels: &Labels, values: &[f64]) -> Result<(), DecodeError> {
        let Some(key) = self.mapping.key(labels) else {
            self.left_out += 1;
            return Ok(());
        };
        let (told, count) = self.mapping.values(labels);
        if !self.taken.insert(told) {
            let is_same = labels.len() <= count;
            let error = if is_same { DecodeError::Duplicate } else { DecodeError::Ambiguous };
            return Err(error(key.to_string()));
        }
        let place = self.columns.place(&key, self.mapping.meaning(labels));
        for &column in place.columns() {
            for (sum, value) in self.columns.column_mut(column).iter_mut().zip(values) {
                // A configured query may be below zero by rounding or by mistake; demand is not.
                add_any(sum, if *value < 0.0 { 0.0 } else { value * self.scale });
            }
        }
        Ok(())
    }
}

impl Direct {
    pub(super) fn new(windows: usize) -> Self {
        Self { columns: Columns::new(windows), left_out: 0 }
    }

    /// Takes over a part whose first window is `from`.
    pub(super) fn merge(&mut self, from: usize, part: &DirectPart<'_>) {
        self.left_out = self.left_out.max(part.left_out);
        for (local, column) in self.columns.adopt(&part.columns).into_iter().enumerate() {
            let values = part.columns.column(local);
            self.columns.column_mut(column)[from..from + values.len()].copy_from_slice(values);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::mapping::LabelRule;
    use super::*;

    fn take(labels: &[(&str, &str)], part: &mut DirectPart<'_>) -> Result<(), DecodeError> {
        part.take(&Labels::from_pairs(labels.iter().copied()), &[1.0, f64::NAN, -1.0])
    }

    #[test]
    fn parts_are_scaled_and_put_where_they_belong() {
        let mapping = Mapping::nginx();
        let mut part = DirectPart::new(&mapping, 60.0, 3);
        take(&[("partner", "p"), ("path", "/")], &mut part).unwrap();
        take(&[("partner", "p")], &mut part).unwrap();
        let mut whole = Direct::new(5);
        whole.merge(2, &part);
        let column = whole.columns.column(0);
        assert!(column[0].is_nan() && column[1].is_nan() && column[3].is_nan());
        assert_eq!((column[2], column[4], whole.left_out), (60.0, 0.0, 1));
    }

    #[test]
    fn series_that_differ_in_their_status_are_added_up_and_told_apart() {
        let mapping = Mapping::istio("source", vec![LabelRule::new("PATH", "path")]);
        let mut part = DirectPart::new(&mapping, 1.0, 3);
        for code in ["200", "429", "429 again"] {
            let flags = if code == "429" { "RL" } else { "-" };
            let labels = [("path", "/"), ("response_code", code), ("response_flags", flags)];
            take(&labels, &mut part).unwrap();
        }
        let mut whole = Direct::new(3);
        whole.merge(0, &part);
        assert_eq!(whole.columns.column(0)[0], 3.0);
        assert_eq!(whole.columns.column(1)[0], 1.0);
        let again = take(
            &[("path", "/"), ("response_code", "200"), ("response_flags", "-"), ("pod", "b")],
            &mut part,
        );
        assert!(matches!(again, Err(DecodeError::Ambiguous(_))));
    }

    #[test]
    fn two_series_for_one_tuple_are_refused() {
        let mapping = Mapping::nginx();
        let mut part = DirectPart::new(&mapping, 1.0, 3);
        take(&[("partner", "p"), ("path", "/")], &mut part).unwrap();
        let key = r#"{PARTNER="p",PATH="/"}"#.to_owned();
        let twice = take(&[("partner", "p"), ("path", "/")], &mut part);
        assert_eq!(twice, Err(DecodeError::Duplicate(key.clone())));
        let with_code = take(&[("partner", "p"), ("path", "/"), ("code", "200")], &mut part);
        assert_eq!(with_code, Err(DecodeError::Ambiguous(key)));
    }
}
