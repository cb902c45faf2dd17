//! Rows of a CSV file, one at a time, with their cells checked.

use std::io::{self, BufReader, Read};

use csv::StringRecord;
use flate2::read::MultiGzDecoder;
use tidewright_core::Timestamp;

use super::error::CsvError;

/// The most rows of a file: 1,000 series over two weeks of minutes.
pub const ROWS_MAX: usize = 20_000_000;

/// The most bytes of a file, unpacked: 100 for each of [`ROWS_MAX`]. It stops a small file that unpacks without end.
pub const BYTES_MAX: u64 = 2_000_000_000;

/// The first bytes of every gzip file.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Enough bytes to tell text from what is none.
const HEAD_BYTES: usize = 512;

/// Letters of a line that a message shows.
const SHOWN_MAX: usize = 80;

/// The last second of the year 9999, beyond which a number cannot be seconds.
const EPOCH_SECS_MAX: f64 = 253_402_300_799.0;

const NO_MOMENT: &str = "the time must be a date or seconds since 1970";

/// An open file, on one of its rows.
pub(super) struct Table<'a> {
    file: &'a str,
    reader: csv::Reader<Box<dyn Read + 'a>>,
    columns: Vec<String>,
    record: StringRecord,
    rows: usize,
}

impl<'a> Table<'a> {
    pub(super) fn open(input: impl Read + 'a, file: &'a str) -> Result<Self, CsvError> {
        let unpacked = unpack(input);
        let unpacked =
            unpacked.map_err(|source| CsvError::Read { file: file.to_owned(), source })?;
        let (whole, found) =
            look(unpacked).map_err(|source| CsvError::Read { file: file.to_owned(), source })?;
        if let Some(found) = found {
            return Err(CsvError::Other { file: file.to_owned(), found });
        }
        let capped = Capped { input: whole, left: BYTES_MAX };
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::Headers)
            .from_reader(Box::new(BufReader::new(capped)) as Box<dyn Read + 'a>);
        let header = reader.headers().map(|names| names.iter().map(str::to_owned).collect());
        let columns = header.map_err(|source| fault(file, 1, source))?;
        let table = Self { file, reader, columns, record: StringRecord::new(), rows: 0 };
        table.check_names()?;
        Ok(table)
    }

    pub(super) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Goes on to the next row; `false` at the end.
    pub(super) fn advance(&mut self) -> Result<bool, CsvError> {
        let more = self.reader.read_record(&mut self.record);
        let more =
            more.map_err(|source| fault(self.file, self.reader.position().line(), source))?;
        self.rows += usize::from(more);
        if self.rows > ROWS_MAX {
            return Err(self.too_large(ROWS_MAX, "rows"));
        }
        if !more && self.rows == 0 {
            return Err(CsvError::Empty { file: self.file.to_owned() });
        }
        Ok(more)
    }

    /// Goes on to a row that came by itself, as line `number`.
    pub(super) fn take_line(&mut self, line: &[u8], number: u64) -> Result<(), CsvError> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .buffer_capacity(line.len().max(1))
            .from_reader(line);
        let read = reader.read_record(&mut self.record);
        read.map_err(|source| match fault(self.file, number, source) {
            CsvError::Row { file, source, .. } => CsvError::Row { file, line: number, source },
            other => other,
        })?;
        let mut position = csv::Position::new();
        position.set_line(number);
        self.record.set_position(Some(position));
        if self.record.len() == self.columns.len() {
            return Ok(());
        }
        let (file, rule) = (self.file.to_owned(), "each line must have as many cells as the first");
        let value = String::from_utf8_lossy(line);
        let value = value.trim_end().chars().take(SHOWN_MAX).collect();
        Err(CsvError::Line { file, line: number, rule, value })
    }

    pub(super) fn cell(&self, column: usize) -> &str {
        // Trimmed here and not by the reader, which would copy each row.
        self.record.get(column).unwrap_or_default().trim()
    }

    /// The column with one of these names, in any case.
    pub(super) fn column(&self, names: &[&str]) -> Result<Option<usize>, CsvError> {
        let is_named = |column: &String| names.iter().any(|name| column.eq_ignore_ascii_case(name));
        let mut found = (0..self.columns.len()).filter(|&i| is_named(&self.columns[i]));
        match (found.next(), found.next()) {
            (found, None) => Ok(found),
            _ => Err(self.header("one column must hold this, not two", "remove or rename one")),
        }
    }

    /// A column that must be there.
    pub(super) fn needed(
        &self,
        names: &[&str],
        rule: &'static str,
        hint: &'static str,
    ) -> Result<usize, CsvError> {
        self.column(names)?.ok_or_else(|| self.header(rule, hint))
    }

    pub(super) fn moment(&self, column: usize) -> Result<Timestamp, CsvError> {
        let text = self.cell(column);
        moment(text).map_err(|rule| {
            let hint = "write it like 2026-11-20T08:00:00Z or 2026-11-20, or as seconds since 1970";
            self.bad(column, rule, hint)
        })
    }

    /// The number in a cell; `None` for a gap.
    pub(super) fn value(&self, column: usize) -> Result<Option<f64>, CsvError> {
        let text = self.cell(column);
        if text.is_empty() || text.eq_ignore_ascii_case("nan") {
            return Ok(None);
        }
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Some(value)),
            _ => {
                let hint = "write it with a decimal point, or leave it empty for a gap";
                Err(self.bad(column, "the value must be a finite number", hint))
            }
        }
    }

    /// 1 for `true`, 0 for `false`; `None` for a gap.
    pub(super) fn flag(&self, column: usize) -> Result<Option<f64>, CsvError> {
        let text = self.cell(column);
        let is = |words: [&str; 3]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
        match text {
            "" => Ok(None),
            _ if is(["true", "1", "1.0"]) => Ok(Some(1.0)),
            _ if is(["false", "0", "0.0"]) => Ok(Some(0.0)),
            _ => {
                let hint = "write `true` where the season applies and `false` where it does not";
                Err(self.bad(column, "a condition must be true or false", hint))
            }
        }
    }

    /// The count in a cell; `None` for a gap.
    pub(super) fn count(&self, column: usize) -> Result<Option<f64>, CsvError> {
        let value = self.value(column)?;
        if value.is_some_and(|value| value < 0.0) {
            let hint = "write counts of requests per row, not differences";
            return Err(self.bad(column, "a count must not be negative", hint));
        }
        Ok(value)
    }

    /// The fault of a cell of this row.
    pub(super) fn bad(&self, column: usize, rule: &'static str, hint: &'static str) -> CsvError {
        CsvError::Cell {
            file: self.file.to_owned(),
            line: self.record.position().map_or(0, csv::Position::line),
            column: self.columns.get(column).cloned().unwrap_or_default(),
            rule,
            value: self.cell(column).to_owned(),
            hint,
        }
    }

    /// The fault of the first line.
    pub(super) fn header(&self, rule: &'static str, hint: &'static str) -> CsvError {
        let value = self.columns.join(",");
        CsvError::Header { file: self.file.to_owned(), rule, value, hint }
    }

    /// The fault of a first line without a column that was asked for.
    pub(super) fn missing(&self, column: &str) -> CsvError {
        let value = self.columns.join(",");
        CsvError::Missing { file: self.file.to_owned(), column: column.to_owned(), value }
    }

    pub(super) fn too_large(&self, max: usize, what: &'static str) -> CsvError {
        CsvError::TooLarge { file: self.file.to_owned(), max, what }
    }

    fn check_names(&self) -> Result<(), CsvError> {
        if let [only] = self.columns.as_slice()
            && only.contains([';', '\t'])
        {
            let hint =
                "write commas instead of semicolons or tabs, and numbers with a decimal point";
            return Err(self.header("columns must be separated by commas", hint));
        }
        let mut names: Vec<_> = self.columns.iter().map(|name| name.to_ascii_lowercase()).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(
                self.header("each column must have a name of its own", "rename one of them")
            );
        }
        Ok(())
    }
}

/// What lets a file be read that is too large, without reading it.
struct Capped<R> {
    input: R,
    left: u64,
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        let left = self.left.checked_sub(read as u64).ok_or(io::ErrorKind::FileTooLarge)?;
        self.left = left;
        Ok(read)
    }
}

fn unpack<'a>(mut input: impl Read + 'a) -> io::Result<Box<dyn Read + 'a>> {
    let mut head = Vec::with_capacity(GZIP.len());
    input.by_ref().take(GZIP.len() as u64).read_to_end(&mut head)?;
    let packed = head == GZIP;
    let whole = io::Cursor::new(head).chain(input);
    Ok(if packed { Box::new(MultiGzDecoder::new(BufReader::new(whole))) } else { Box::new(whole) })
}

/// Looks at the beginning of a text, and says what it is like if it is like no CSV file.
fn look<'a>(mut input: impl Read + 'a) -> io::Result<(impl Read + 'a, Option<&'static str>)> {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    input.by_ref().take(HEAD_BYTES as u64).read_to_end(&mut head)?;
    let found = other(&head);
    Ok((io::Cursor::new(head).chain(input), found))
}

fn other(head: &[u8]) -> Option<&'static str> {
    let is_control = |byte: &u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
    if head.iter().any(is_control) {
        return Some("binary data");
    }
    let first = head.trim_ascii_start().first()?;
    matches!(first, b'{' | b'[').then_some("JSON")
}

fn fault(file: &str, line: u64, error: csv::Error) -> CsvError {
    let file = file.to_owned();
    if !error.is_io_error() {
        let line = error.position().map_or(line, csv::Position::line);
        return CsvError::Row { file, line, source: error };
    }
    match error.into_kind() {
        csv::ErrorKind::Io(source) => CsvError::Read { file, source },
        _ => CsvError::Read { file, source: io::ErrorKind::InvalidData.into() },
    }
}

/// A moment in any of the known forms, or the rule that it breaks.
fn moment(text: &str) -> Result<Timestamp, &'static str> {
    // What has a dash after four letters is no number, and most times are written so.
    if text.as_bytes().get(4) == Some(&b'-') {
        return Timestamp::parse(text).map_err(|_| NO_MOMENT);
    }
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'-');
    match text.parse::<f64>() {
        Ok(secs) if is_number => epoch(text, secs),
        _ => Timestamp::parse(text).map_err(|_| NO_MOMENT),
    }
}

fn epoch(text: &str, secs: f64) -> Result<Timestamp, &'static str> {
    if text.len() == 8 && (text.starts_with("19") || text.starts_with("20")) {
        return Err("a time of eight digits may be a date or seconds");
    }
    if secs.abs() > EPOCH_SECS_MAX {
        return Err("a time in numbers must be in seconds, not in milliseconds");
    }
    Ok(Timestamp::from_millis((secs * 1000.0).round() as i64))
}
