//! What is known beside moments and values: named columns with one number per row.
//!
//! `cap` and `floor` of logistic growth, regressors, and the conditions of seasons (0 and 1). NaN is a missing number.
//! Which columns are needed, and what must hold in them, the settings say.

use std::borrow::Cow;

use tidewright_core::Timestamp;

use crate::FitError;

/// Named columns, one number per row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Covariates {
    columns: Vec<(String, Vec<f64>)>,
}

/// A series and what is known beside it.
#[derive(Clone, Copy, Debug)]
pub struct History<'a> {
    /// The moment of each row, in any order.
    pub times: &'a [Timestamp],
    /// The value of each row; NaN is a gap.
    pub values: &'a [f64],
    /// Columns of the same length.
    pub covariates: &'a Covariates,
}

impl Covariates {
    /// No columns.
    pub const fn none() -> Self {
        Self { columns: Vec::new() }
    }

    /// With a column, in the place of one of that name.
    #[must_use]
    pub fn with(mut self, name: &str, values: Vec<f64>) -> Self {
        self.columns.retain(|(given, _)| given != name);
        self.columns.push((name.to_owned(), values));
        self
    }

    /// The same columns at some of their rows.
    #[must_use]
    pub fn rows(&self, rows: &[usize]) -> Self {
        let pick =
            |values: &[f64]| rows.iter().filter_map(|&row| values.get(row).copied()).collect();
        let each = self.columns.iter().map(|(name, values)| (name.clone(), pick(values)));
        Self { columns: each.collect() }
    }

    /// These rows and then those of `later`, in the columns that both have.
    #[must_use]
    pub fn followed_by(&self, later: &Self) -> Self {
        let both = |(name, values): &(String, Vec<f64>)| {
            let rest = later.column(name)?;
            Some((name.clone(), values.iter().chain(rest).copied().collect()))
        };
        Self { columns: self.columns.iter().filter_map(both).collect() }
    }

    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&[f64]> {
        let found = self.columns.iter().find(|(given, _)| given == name);
        found.map(|(_, values)| values.as_slice())
    }

    /// A column that must be there, with as many rows as there are moments.
    pub(crate) fn required(&self, name: &str, points: usize) -> Result<&[f64], FitError> {
        let column = || name.to_owned();
        let values =
            self.column(name).ok_or_else(|| FitError::MissingColumn { column: column() })?;
        if values.len() != points {
            return Err(FitError::ColumnLength { column: column(), points, values: values.len() });
        }
        Ok(values)
    }

    /// Whether there is no column.
    pub const fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }
}

/// The rows of given columns that count: in which order, and what is asked of their numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Selection<'a, 'r> {
    pub(crate) covariates: &'a Covariates,
    /// How many rows were given.
    pub(crate) points: usize,
    /// Those that count, in the order of the model's; `None` if all do, as they come.
    pub(crate) rows: Option<&'r [usize]>,
}

impl<'a> Selection<'a, '_> {
    /// The numbers of a column, each of which keeps a rule.
    pub(crate) fn column(
        &self,
        name: &str,
        rule: &'static str,
        keeps: impl Fn(f64) -> bool,
    ) -> Result<Cow<'a, [f64]>, FitError> {
        let values = self.pick(self.covariates.required(name, self.points)?);
        match values.iter().position(|value| !keeps(*value)) {
            None => Ok(values),
            Some(at) => {
                let (column, row, value) = (name.to_owned(), self.row(at), values[at]);
                Err(FitError::Covariate { column, row, rule, value })
            }
        }
    }

    /// Those of all things, one per row, that count.
    pub(crate) fn pick<T: Copy>(&self, all: &'a [T]) -> Cow<'a, [T]> {
        match self.rows {
            None => Cow::Borrowed(all),
            Some(rows) => rows.iter().map(|&row| all[row]).collect(),
        }
    }

    /// The number of one that counts among all rows that were given.
    pub(crate) fn row(&self, at: usize) -> usize {
        self.rows.map_or(at, |rows| rows[at])
    }
}
