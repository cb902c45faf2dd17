//! Series for a forecast, from the field's long form.

use std::collections::HashMap;
use std::io::Read;

use tidewright_core::{Panel, Series, SeriesKey, Timestamp};

use super::axis::place;
use super::error::CsvError;
use super::table::Table;

/// The most series of a file.
pub const SERIES_MAX: usize = 100_000;

const HINT: &str = "name the columns unique_id,ds,y, or ds,y, or timestamp,value";

/// Which columns hold what.
struct Columns {
    id: Option<usize>,
    moment: usize,
    value: usize,
}

/// One series while it is read.
struct Rows {
    id: String,
    moments: Vec<Timestamp>,
    values: Vec<f64>,
}

/// Reads series from `unique_id,ds,y`, `ds,y` or `timestamp,value`; `file` is the name in messages.
///
/// The times of each series must ascend. Equally spaced ones become a grid, the firsts of months a calendar, with gaps
/// filled; any others stay where they are. A series' key has the label `unique_id`, if the file has that column.
///
/// # Errors
/// [`CsvError`] at the first fault.
pub fn read_series(reader: impl Read, file: &str) -> Result<Panel, CsvError> {
    let mut table = Table::open(reader, file)?;
    let columns = columns(&table)?;
    let mut all: Vec<Rows> = Vec::new();
    let mut by_id: HashMap<String, usize> = HashMap::new();
    let mut last = 0;
    while table.advance()? {
        let id = columns.id.map_or("", |column| table.cell(column));
        if all.get(last).is_none_or(|rows| rows.id != id) {
            last = *by_id.entry(id.to_owned()).or_insert(all.len());
        }
        if last == all.len() {
            if last == SERIES_MAX {
                return Err(table.too_large(SERIES_MAX, "series"));
            }
            all.push(Rows { id: id.to_owned(), moments: Vec::new(), values: Vec::new() });
        }
        push(&mut all[last], &table, &columns)?;
    }
    Ok(Panel { series: all.into_iter().map(|rows| series(rows, &columns)).collect() })
}

fn columns(table: &Table<'_>) -> Result<Columns, CsvError> {
    let columns = Columns {
        id: table.column(&["unique_id"])?,
        moment: table.needed(&["ds", "timestamp"], "a column must hold the time", HINT)?,
        value: table.needed(&["y", "value"], "a column must hold the value", HINT)?,
    };
    if table.columns().len() > 2 + usize::from(columns.id.is_some()) {
        return Err(table.header("no other columns are known", HINT));
    }
    Ok(columns)
}

fn push(rows: &mut Rows, table: &Table<'_>, columns: &Columns) -> Result<(), CsvError> {
    let moment = table.moment(columns.moment)?;
    match rows.moments.last() {
        Some(&last) if moment == last => {
            let hint = "keep one row per series and time";
            return Err(table.bad(columns.moment, "each time may come once in a series", hint));
        }
        Some(&last) if moment < last => {
            let hint = "sort the file by series and time";
            return Err(table.bad(columns.moment, "the times of a series must ascend", hint));
        }
        _ => {}
    }
    rows.moments.push(moment);
    rows.values.push(table.value(columns.value)?.unwrap_or(f64::NAN));
    Ok(())
}

fn series(rows: Rows, columns: &Columns) -> Series {
    let labels = columns.id.map(|_| ("unique_id", rows.id));
    let (axis, values) = place(rows.moments, rows.values);
    Series::new(SeriesKey::new(labels), axis, values).expect(
        "`place` keeps moments and values in pairs, and each value was checked to be finite",
    )
}
