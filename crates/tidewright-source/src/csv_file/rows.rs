//! The rows of a file as they stand in it, for those who see a series once: neither sorted nor brought to an axis.
//!
//! The columns are those of series. Times may come twice and go backwards. A file is read as a whole; lines that come one
//! by one are each read by itself, so that a bad one costs no other.

use std::fmt;
use std::io::{BufRead, Read};

use tidewright_core::{Progress, Timestamp};

use super::error::CsvError;
use super::series::{Columns, ROWS_PER_LOOK, Tense, columns};
use super::table::Table;

/// The most bytes of a line that comes by itself: a name and two numbers need a hundredth of it.
pub const LINE_BYTES_MAX: u64 = 64 << 10;

/// One row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row<'a> {
    /// The series; `None` where the file has no such column.
    pub unique_id: Option<&'a str>,
    /// Its time.
    pub time: Timestamp,
    /// Its value; `None` for a gap.
    pub value: Option<f64>,
}

/// Reads rows from `unique_id,ds,y`, `ds,y` or `timestamp,value` and hands them on in the order of the file; `file` is the
/// name in messages. Where `progress` says to stop, it ends.
///
/// # Errors
/// [`CsvError`] at the first fault, or what `sink` refuses.
pub fn read_rows<E: From<CsvError>>(
    reader: impl Read,
    file: &str,
    progress: &dyn Progress,
    mut sink: impl FnMut(Row<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let mut table = Table::open(reader, file)?;
    let places = Places::of(&table)?;
    progress.begin("reading", 0);
    let mut unseen = 0;
    while table.advance()? {
        sink(places.row(&table)?)?;
        unseen += 1;
        if unseen == ROWS_PER_LOOK {
            progress.advance(unseen);
            unseen = 0;
            if progress.is_cancelled() {
                break;
            }
        }
    }
    Ok(())
}

/// Rows that come line by line, under a first line that names the columns.
pub struct LiveRows<'a> {
    table: Table<'a>,
    places: Places,
    /// Lines so far.
    lines: u64,
}

/// Which columns hold what.
#[derive(Clone, Copy)]
struct Places {
    id: Option<usize>,
    moment: usize,
    value: usize,
}

impl<'a> LiveRows<'a> {
    /// Under this first line; `file` is the name in messages.
    ///
    /// # Errors
    /// [`CsvError`] if it does not name the columns.
    pub fn under(header: Vec<u8>, file: &'a str) -> Result<Self, CsvError> {
        let table = Table::open(std::io::Cursor::new(header), file)?;
        let places = Places::of(&table)?;
        Ok(Self { table, places, lines: 1 })
    }

    /// Whether the lines name series.
    pub const fn has_ids(&self) -> bool {
        self.places.id.is_some()
    }

    /// The row of the next line; `None` for an empty line.
    ///
    /// # Errors
    /// [`CsvError`] if it is no row; the next may be one.
    pub fn read(&mut self, line: &[u8]) -> Result<Option<Row<'_>>, CsvError> {
        self.lines += 1;
        if line.trim_ascii().is_empty() {
            return Ok(None);
        }
        self.table.take_line(line, self.lines)?;
        self.places.row(&self.table).map(Some)
    }

    /// The next line of `input`, cut where it is too long to be a row; `None` at the end.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn next_line(input: &mut impl BufRead) -> std::io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        input.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line)?;
        if line.len() as u64 == LINE_BYTES_MAX && line.last() != Some(&b'\n') {
            input.skip_until(b'\n')?;
        }
        Ok((!line.is_empty()).then_some(line))
    }
}

impl fmt::Debug for LiveRows<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveRows").field("lines", &self.lines).finish_non_exhaustive()
    }
}

impl Places {
    fn of(table: &Table<'_>) -> Result<Self, CsvError> {
        let Columns { id, moment, value, .. } = columns(table, &[], Tense::Past)?;
        Ok(Self { id, moment, value: value.expect("what is past has a column of values") })
    }

    fn row<'t>(self, table: &'t Table<'_>) -> Result<Row<'t>, CsvError> {
        let unique_id = self.id.map(|column| table.cell(column));
        let (time, value) = (table.moment(self.moment)?, table.value(self.value)?);
        Ok(Row { unique_id, time, value })
    }
}

#[cfg(test)]
mod tests {
    use tidewright_core::Silent;

    use super::*;

    fn read(csv: &str) -> Result<Vec<(String, i64, Option<f64>)>, CsvError> {
        let mut rows = Vec::new();
        read_rows(csv.as_bytes(), "x.csv", &Silent, |row| {
            let id = row.unique_id.unwrap_or_default().to_owned();
            rows.push((id, row.time.as_secs(), row.value));
            Ok::<(), CsvError>(())
        })?;
        Ok(rows)
    }

    #[test]
    fn rows_come_as_they_stand() {
        let rows = read("unique_id,ds,y\na,60,1\nb,60,\na,0,nan\na,60,2\n").unwrap();
        let row = |id: &str, at, value| (id.to_owned(), at, value);
        let expected = [
            row("a", 60, Some(1.0)),
            row("b", 60, None),
            row("a", 0, None),
            row("a", 60, Some(2.0)),
        ];
        assert_eq!(rows, expected);
        let error = read("timestamp,value\n2014-04-01 00:00:00,1\n2014-04-01 00:05:00,x\n");
        assert!(error.unwrap_err().to_string().starts_with("`x.csv`, line 3, column `value`: "));
    }

    #[test]
    fn a_bad_line_costs_no_other() {
        let mut rows = LiveRows::under(b"ds,y\n".to_vec(), "-").unwrap();
        let mut read = |line: &str| match rows.read(line.as_bytes()) {
            Ok(row) => row.map_or_else(String::new, |row| format!("{:?}", row.value)),
            Err(error) => error.to_string(),
        };
        assert_eq!(read("60,1\r\n"), "Some(1.0)");
        assert_eq!(read("\n"), "");
        assert_eq!(
            read("\"120,1\n"),
            "`-`, line 4: each line must have as many cells as the first, got `\"120,1`"
        );
        assert_eq!(
            read("1,2,3\n"),
            "`-`, line 5: each line must have as many cells as the first, got `1,2,3`"
        );
        assert_eq!(read("180,"), "None");
    }

    #[test]
    fn a_line_without_end_is_cut() {
        let text = format!("{}\n60,1\n", "x".repeat(3 * LINE_BYTES_MAX as usize));
        let mut input = text.as_bytes();
        let first = LiveRows::next_line(&mut input).unwrap().unwrap();
        assert_eq!(first.len() as u64, LINE_BYTES_MAX);
        assert_eq!(LiveRows::next_line(&mut input).unwrap().unwrap(), b"60,1\n");
        assert_eq!(LiveRows::next_line(&mut input).unwrap(), None);
    }
}
