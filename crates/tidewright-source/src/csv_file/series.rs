//! Series for a forecast, from the field's long form, and what is known of their future.

use std::collections::HashMap;
use std::io::Read;

use tidewright_core::{Panel, Progress, Series, SeriesKey, Timestamp};

use super::axis::{axis, fill};
use super::error::{CsvError, ONE_ROW};
use super::table::Table;
use super::times::Times;
use super::wanted::{Wanted, WantedColumn};

/// The most series of a file.
pub const SERIES_MAX: usize = 100_000;

/// How many rows are read between two looks at the progress.
pub(super) const ROWS_PER_LOOK: u64 = 10_000;

const HINT: &str = "name the columns unique_id,ds,y, or ds,y, or timestamp,value";

const OTHER_HINT: &str = "remove it, or ask for it: `cap` and `floor` by logistic growth, others as a regressor or a condition";

/// Series and the columns beside them.
#[derive(Clone, Debug)]
pub struct SeriesFile {
    /// The series.
    pub panel: Panel,
    /// For each series its wanted columns, in the order they were wanted: one number for each point of the series'
    /// axis, NaN where it has no row; none at all where the file lacks an optional column.
    pub columns: Vec<Vec<Vec<f64>>>,
}

/// What is known of one series' future.
#[derive(Clone, Debug, PartialEq)]
pub struct FutureRows {
    /// Whose; `None` where the file has no such column and so speaks of every series.
    pub unique_id: Option<String>,
    /// Ascending moments.
    pub times: Vec<Timestamp>,
    /// The wanted columns, one number for each moment; none at all where the file lacks an optional column.
    pub columns: Vec<Vec<f64>>,
}

/// What a file tells.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tense {
    /// Values, and columns beside them.
    Past,
    /// Only columns.
    Future,
}

/// Which columns hold what.
pub(super) struct Columns<'a> {
    pub(super) id: Option<usize>,
    pub(super) moment: usize,
    pub(super) value: Option<usize>,
    wanted: Wanted<'a>,
}

/// One series while it is read.
struct Rows {
    id: String,
    times: Times,
    /// Whether each time came after the one before it.
    ascends: bool,
    values: Vec<f64>,
    columns: Vec<Vec<f64>>,
}

/// Reads series from `unique_id,ds,y`, `ds,y` or `timestamp,value`, and the `wanted` columns beside them; `file` is the
/// name in messages.
///
/// The rows of a series may come in any order, each time once. Equally spaced ones become a grid, the firsts of months a calendar, with gaps
/// filled; any others stay where they are. A series' key has the label `unique_id`, if the file has that column. Where
/// `progress` says to stop, what has been read until then comes back.
///
/// # Errors
/// [`CsvError`] at the first fault.
pub fn read_series(
    reader: impl Read,
    file: &str,
    wanted: &[WantedColumn],
    progress: &dyn Progress,
) -> Result<SeriesFile, CsvError> {
    let mut table = Table::open(reader, file)?;
    let columns = columns(&table, wanted, Tense::Past)?;
    let rows = sorted(read(&mut table, &columns, progress)?, file)?;
    let placed = rows.into_iter().map(|rows| place(rows, columns.id.is_some()));
    let (series, columns) = placed.unzip();
    Ok(SeriesFile { panel: Panel { series }, columns })
}

/// Reads `unique_id,ds` or `ds` and the `wanted` columns for moments to come.
///
/// # Errors
/// [`CsvError`] at the first fault; an empty cell is one.
pub fn read_future(
    reader: impl Read,
    file: &str,
    wanted: &[WantedColumn],
    progress: &dyn Progress,
) -> Result<Vec<FutureRows>, CsvError> {
    let mut table = Table::open(reader, file)?;
    let columns = columns(&table, wanted, Tense::Future)?;
    let rows = sorted(read(&mut table, &columns, progress)?, file)?;
    let future = |rows: Rows| FutureRows {
        unique_id: columns.id.map(|_| rows.id),
        times: rows.times.into_moments(),
        columns: rows.columns,
    };
    Ok(rows.into_iter().map(future).collect())
}

pub(super) fn columns<'a>(
    table: &Table<'_>,
    wanted: &'a [WantedColumn],
    tense: Tense,
) -> Result<Columns<'a>, CsvError> {
    let value = || table.needed(&["y", "value"], "a column must hold the value", HINT);
    let columns = Columns {
        id: table.column(&["unique_id"])?,
        moment: table.needed(&["ds", "timestamp"], "a column must hold the time", HINT)?,
        value: (tense == Tense::Past).then(value).transpose()?,
        wanted: Wanted::find(table, wanted)?,
    };
    let known = [columns.id, columns.value].iter().flatten().count() + 1 + columns.wanted.found();
    if table.columns().len() > known {
        return Err(table.header("no other columns are known", OTHER_HINT));
    }
    Ok(columns)
}

fn read(
    table: &mut Table<'_>,
    columns: &Columns<'_>,
    progress: &dyn Progress,
) -> Result<Vec<Rows>, CsvError> {
    progress.begin("reading", 0);
    let mut all: Vec<Rows> = Vec::new();
    let mut by_id: HashMap<String, usize> = HashMap::new();
    let (mut last, mut unseen) = (0, 0);
    while table.advance()? {
        let id = columns.id.map_or("", |column| table.cell(column));
        if all.get(last).is_none_or(|rows| rows.id != id) {
            last = *by_id.entry(id.to_owned()).or_insert(all.len());
        }
        if last == all.len() {
            if last == SERIES_MAX {
                return Err(table.too_large(SERIES_MAX, "series"));
            }
            all.push(Rows::new(id, columns, all.last()));
        }
        all[last].push(table, columns)?;
        unseen += 1;
        if unseen == ROWS_PER_LOOK {
            progress.advance(unseen);
            unseen = 0;
            if progress.is_cancelled() {
                break;
            }
        }
    }
    Ok(all)
}

impl Rows {
    /// A series that has no row yet; most are as long as the one before.
    fn new(id: &str, columns: &Columns<'_>, before: Option<&Self>) -> Self {
        let room = before.map_or(0, |rows| rows.values.len());
        Self {
            id: id.to_owned(),
            times: Times::new(),
            ascends: true,
            values: Vec::with_capacity(room),
            columns: vec![Vec::with_capacity(room); columns.wanted.count()],
        }
    }

    fn push(&mut self, table: &Table<'_>, columns: &Columns<'_>) -> Result<(), CsvError> {
        let moment = table.moment(columns.moment)?;
        match self.times.last() {
            Some(last) if moment == last => {
                let rule = "each time may come once in a series";
                return Err(table.bad(columns.moment, rule, ONE_ROW));
            }
            last => self.ascends &= last.is_none_or(|last| last < moment),
        }
        self.times.push(moment);
        let value = columns.value.map(|column| table.value(column)).transpose()?;
        if let Some(value) = value {
            self.values.push(value.unwrap_or(f64::NAN));
        }
        // Who has no value is not learned from, so nothing need be known beside it; the future has none at all.
        columns.wanted.push(table, value != Some(None), &mut self.columns)
    }

    /// The same by time, and the first time that comes twice.
    fn by_time(self) -> (Self, Option<Timestamp>) {
        let moments = self.times.into_moments();
        let mut order: Vec<usize> = (0..moments.len()).collect();
        order.sort_by_key(|&row| moments[row]);
        let twice = order.windows(2).find(|pair| moments[pair[0]] == moments[pair[1]]);
        let twice = twice.map(|pair| moments[pair[0]]);
        let mut times = Times::new();
        order.iter().for_each(|&row| times.push(moments[row]));
        let pick = |values: Vec<f64>| -> Vec<f64> {
            order.iter().filter_map(|&row| values.get(row).copied()).collect()
        };
        let columns = self.columns.into_iter().map(pick).collect();
        (Self { times, values: pick(self.values), columns, ascends: true, ..self }, twice)
    }
}

/// The rows of each series by time.
fn sorted(all: Vec<Rows>, file: &str) -> Result<Vec<Rows>, CsvError> {
    let sort = |rows: Rows| match rows.ascends {
        true => Ok(rows),
        false => match rows.by_time() {
            (rows, None) => Ok(rows),
            (rows, Some(moment)) => {
                Err(CsvError::Twice { file: file.to_owned(), series: rows.id, moment })
            }
        },
    };
    all.into_iter().map(sort).collect()
}

fn place(rows: Rows, has_id: bool) -> (Series, Vec<Vec<f64>>) {
    let key = SeriesKey::new(has_id.then_some(("unique_id", rows.id)));
    let (axis, moments) = axis(rows.times);
    let fit = |mut values: Vec<f64>| match &moments {
        _ if values.is_empty() => values,
        Some(moments) => fill(&axis, moments, &values),
        None => {
            values.shrink_to_fit();
            values
        }
    };
    let (values, columns) = (fit(rows.values), rows.columns.into_iter().map(fit).collect());
    let series = Series::new(key, axis, values).expect(
        "`fill` keeps moments and values in pairs, and each value was checked to be finite",
    );
    (series, columns)
}
