//! Columns beside time and value: a capacity, a regressor, a condition.
//!
//! Each is asked for by its name and checked cell by cell, in the history wherever there is a value and in the future
//! everywhere: a model can guess none of them.

use super::error::CsvError;
use super::table::Table;

/// A column that is wanted beside time and value.
#[derive(Clone, Debug, PartialEq)]
pub struct WantedColumn {
    /// Its name in the first line, in any case.
    pub name: String,
    /// What may stand in it.
    pub kind: ColumnKind,
    /// Whether a file may lack it; its numbers are none then.
    pub is_optional: bool,
}

/// What may stand in a column.
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnKind {
    /// Any finite number.
    Number,
    /// `true` or `false`, or 1 or 0.
    Flag,
    /// A number above this one.
    Above(f64),
    /// A number above that of another wanted column, or above 0 if the file lacks that.
    AboveColumn(String),
    /// A number below this one.
    Below(f64),
}

/// The wanted columns of an open file.
pub(super) struct Wanted<'a> {
    wanted: &'a [WantedColumn],
    columns: Vec<Option<usize>>,
}

const CAP_HINT: &str = "the cap is where growth ends and the floor where it began, 0 if none is given: write a cap above it";

impl<'a> Wanted<'a> {
    /// Finds them.
    pub(super) fn find(table: &Table<'_>, wanted: &'a [WantedColumn]) -> Result<Self, CsvError> {
        let find = |column: &WantedColumn| match table.column(&[&column.name])? {
            None if !column.is_optional => Err(table.missing(&column.name)),
            found => Ok(found),
        };
        let columns = wanted.iter().map(find).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { wanted, columns })
    }

    /// How many there are.
    pub(super) fn found(&self) -> usize {
        self.columns.iter().flatten().count()
    }

    /// How many were wanted.
    pub(super) const fn count(&self) -> usize {
        self.columns.len()
    }

    /// Adds the cells of the table's row, NaN for empty ones, which may be only where `needed` is false.
    pub(super) fn push(
        &self,
        table: &Table<'_>,
        needed: bool,
        values: &mut [Vec<f64>],
    ) -> Result<(), CsvError> {
        for ((wanted, column), values) in self.wanted.iter().zip(&self.columns).zip(values) {
            let Some(column) = *column else { continue };
            let value = match wanted.kind {
                ColumnKind::Flag => table.flag(column)?,
                _ => table.value(column)?,
            };
            if needed && value.is_none() {
                let hint = "write a value into each row: a model cannot guess it";
                return Err(table.bad(column, "this column must have a value here", hint));
            }
            self.check(wanted, value, table, column)?;
            values.push(value.unwrap_or(f64::NAN));
        }
        Ok(())
    }

    fn check(
        &self,
        wanted: &WantedColumn,
        value: Option<f64>,
        table: &Table<'_>,
        column: usize,
    ) -> Result<(), CsvError> {
        let value = value.unwrap_or(f64::NAN);
        let least = match &wanted.kind {
            ColumnKind::Above(least) => *least,
            ColumnKind::AboveColumn(name) => self.value(name, table)?,
            ColumnKind::Below(most) if value >= *most => {
                return Err(table.bad(column, "the floor must be below the cap", CAP_HINT));
            }
            _ => return Ok(()),
        };
        if value <= least {
            return Err(table.bad(column, "the cap must be above the floor", CAP_HINT));
        }
        Ok(())
    }

    /// The number in another wanted column of the same row: 0 without the column, NaN if it is empty.
    fn value(&self, name: &str, table: &Table<'_>) -> Result<f64, CsvError> {
        let place = self.wanted.iter().position(|wanted| wanted.name == name);
        match place.and_then(|place| self.columns[place]) {
            Some(column) => Ok(table.value(column)?.unwrap_or(f64::NAN)),
            None => Ok(0.0),
        }
    }
}
