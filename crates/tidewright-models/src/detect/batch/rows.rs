//! Rows of finite numbers, checked once.

use super::BatchError;

/// At least one row of at least one column, row by row, all values finite.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    // Invariant: whole rows of `columns` finite values, none of the counts 0.
    values: &'a [f64],
    columns: usize,
}

impl<'a> Rows<'a> {
    /// Takes `values` as rows of `columns` each.
    ///
    /// # Errors
    ///
    /// If there are no rows or no columns, if the last row is not whole, or if a value is NaN or infinite.
    pub fn new(values: &'a [f64], columns: usize) -> Result<Self, BatchError> {
        if columns == 0 {
            return Err(BatchError::NoColumns);
        }
        if values.is_empty() {
            return Err(BatchError::NoRows);
        }
        if !values.len().is_multiple_of(columns) {
            return Err(BatchError::Ragged { values: values.len(), columns });
        }
        match values.iter().position(|value| !value.is_finite()) {
            Some(at) => Err(BatchError::NotFinite { row: at / columns, column: at % columns }),
            None => Ok(Self { values, columns }),
        }
    }

    /// Takes one row, to be judged by what was learned from rows of `expected` columns.
    pub(super) fn one(row: &'a [f64], expected: usize) -> Result<Self, BatchError> {
        if row.len() != expected {
            return Err(BatchError::Columns { expected, found: row.len() });
        }
        Self::new(row, expected)
    }

    /// Refuses rows of another number of columns than those learned from.
    pub(super) fn expect_columns(&self, expected: usize) -> Result<(), BatchError> {
        let found = self.columns;
        if found == expected { Ok(()) } else { Err(BatchError::Columns { expected, found }) }
    }

    /// How many rows there are.
    pub const fn len(&self) -> usize {
        self.values.len() / self.columns
    }

    /// Never: there is at least one row.
    pub const fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// How many values each row has.
    pub const fn columns(&self) -> usize {
        self.columns
    }

    /// All values, row by row.
    pub const fn values(&self) -> &'a [f64] {
        self.values
    }

    /// One row.
    pub fn row(&self, index: usize) -> &'a [f64] {
        &self.values[index * self.columns..][..self.columns]
    }

    /// Row by row.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'a [f64]> + use<'a> {
        self.values.chunks_exact(self.columns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[f64], columns: usize, expected: impl Into<Option<BatchError>>) {
        assert_eq!(Rows::new(values, columns).err(), expected.into());
    }

    #[test]
    fn no_rows_are_refused() {
        check(&[], 3, BatchError::NoRows);
    }

    #[test]
    fn no_columns_are_refused() {
        check(&[1.0], 0, BatchError::NoColumns);
        check(&[], 0, BatchError::NoColumns);
    }

    #[test]
    fn half_a_row_is_refused() {
        check(&[1.0, 2.0, 3.0], 2, BatchError::Ragged { values: 3, columns: 2 });
    }

    #[test]
    fn a_value_that_is_not_finite_is_named_by_its_place() {
        check(&[1.0, 2.0, f64::NAN, 4.0], 2, BatchError::NotFinite { row: 1, column: 0 });
        check(&[1.0, f64::INFINITY], 1, BatchError::NotFinite { row: 1, column: 0 });
    }

    #[test]
    fn rows_come_back_as_they_were() {
        let rows = Rows::new(&[1.0, 2.0, 3.0, 4.0], 2).unwrap();
        assert_eq!((rows.len(), rows.columns(), rows.row(1)), (2, 2, &[3.0, 4.0][..]));
        assert_eq!(rows.iter().count(), 2);
    }
}
