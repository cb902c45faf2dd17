//! Demand for a run: rows of counts, summed per window.
//!
//! Rows may come in any order. A window of a series that holds fewer rows than is usual for that series is a gap, since
//! half a window's rows would look like half its demand. Rows that lie further apart than the windows are refused.

use std::collections::HashMap;
use std::fs::File;
use std::path::PathBuf;

use tidewright_core::{
    DemandFrame, DemandMethod, DemandRequest, Frame, Grid, MetricSource, PortError, PortErrorKind,
    PortFuture, Progress, SeriesKey,
};

use super::error::CsvError;
use super::signals::{Beside, SignalColumns};
use super::table::Table;

/// The most windows of all series together, counted once more for each signal of a series: 1,000 series over four weeks of minutes, 480 MB.
const WINDOWS_MAX: usize = 40_000_000;

/// How many rows are read between two looks at the progress.
const ROWS_PER_LOOK: u64 = 10_000;

const HINT: &str =
    "name the columns ds,y and one for each descriptor key, such as ds,PARTNER,PATH,y";

/// Demand from a CSV file: a time (`ds` or `timestamp`), a count (`y`, `value` or `requests`), and one column per
/// descriptor key. Columns that are named as signals are (`rejected`, `client_errors`, `server_errors`,
/// `cache_lookups`, `cache_hits`, `over_limit`) are optional; the count includes what was rejected.
#[derive(Clone, Debug)]
pub struct CsvSource {
    path: PathBuf,
}

/// Which columns hold what.
struct Columns {
    moment: usize,
    value: usize,
    labels: Vec<usize>,
    signals: SignalColumns,
}

/// The windows of one series: what was summed, and how many rows it came from.
struct Windows {
    key: SeriesKey,
    sums: Vec<f64>,
    rows: Vec<u32>,
    beside: Beside,
}

/// The series of a file while it is read.
struct Sums {
    grid: Grid,
    by_cells: HashMap<String, usize>,
    windows: Vec<Windows>,
    signals: SignalColumns,
    /// Columns of all series together, of demand and beside it.
    columns: usize,
}

impl CsvSource {
    /// Demand from the file at `path`, which is opened by each fetch anew.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    fn fetch(
        &self,
        request: &DemandRequest,
        progress: &dyn Progress,
    ) -> Result<DemandFrame, PortError> {
        let grid = Grid::windows(request.span, request.window_ms)
            .map_err(|cause| self.refuse(PortErrorKind::Refused).caused_by(cause))?;
        let sums = self.read(grid, progress).map_err(|cause| self.port(cause))?;
        if progress.is_cancelled() {
            return Err(self.refuse(PortErrorKind::Transient).hint("it was stopped"));
        }
        self.frame(sums)
    }

    fn read(&self, grid: Grid, progress: &dyn Progress) -> Result<Sums, CsvError> {
        let name = self.describe();
        let file = File::open(&self.path);
        let file = file.map_err(|source| CsvError::Read { file: name.clone(), source })?;
        let mut table = Table::open(file, &name)?;
        let columns = columns(&table)?;
        let mut sums = Sums::new(grid, columns.signals.clone());
        progress.begin("reading rows", 0);
        let mut rows = 0;
        while table.advance()? {
            sums.add(&table, &columns)?;
            rows += 1;
            if rows % ROWS_PER_LOOK == 0 {
                progress.advance(ROWS_PER_LOOK);
                if progress.is_cancelled() {
                    break;
                }
            }
        }
        Ok(sums)
    }

    fn frame(&self, mut sums: Sums) -> Result<DemandFrame, PortError> {
        if let Some(apart) = sums.rows_apart().filter(|&apart| apart > 1) {
            let (step, apart) = (sums.grid.step_ms() / 1000, apart as i64);
            let doing = format!(
                "cannot read demand from `{}`: its rows lie `{}` s apart, a window has `{step}` s",
                self.describe(),
                apart * step
            );
            let hint = "use a file with at least one row per window";
            return Err(PortError::new(PortErrorKind::Refused, doing).hint(hint));
        }
        sums.windows.sort_by(|a, b| a.key.cmp(&b.key));
        let doubtful: usize = sums.windows.iter_mut().map(Windows::settle).sum();
        let (mut beside, mut values) = (Vec::new(), Vec::new());
        for windows in sums.windows {
            beside.push((windows.key, windows.beside));
            values.extend(windows.sums);
        }
        let keys = beside.iter().map(|(key, _)| key.clone()).collect();
        let corrupt = |cause| self.refuse(PortErrorKind::Corrupt).caused_by(cause);
        let signals = sums.signals.frames(sums.grid, &mut beside).map_err(corrupt)?;
        let frame = Frame::new(sums.grid, keys, values).map_err(corrupt)?;
        let warning = format!(
            "{doubtful} windows hold more rows than usual, which were added up: were files joined?"
        );
        Ok(DemandFrame {
            frame,
            method: DemandMethod::File,
            method_note: "rows of a file, summed per window".to_owned(),
            scrape_interval_ms: None,
            warnings: if doubtful > 0 { vec![warning] } else { Vec::new() },
            includes_rejected: true,
            signals,
        })
    }

    fn refuse(&self, kind: PortErrorKind) -> PortError {
        PortError::new(kind, format!("cannot read demand from `{}`", self.describe()))
    }

    fn port(&self, cause: CsvError) -> PortError {
        let kind = match cause {
            CsvError::Read { .. } | CsvError::TooLarge { .. } => PortErrorKind::Refused,
            _ => PortErrorKind::Corrupt,
        };
        let hint = cause.hint();
        self.refuse(kind).caused_by(cause).hint(hint)
    }
}

impl MetricSource for CsvSource {
    fn describe(&self) -> String {
        self.path.display().to_string()
    }

    fn fetch_demand<'a>(
        &'a self,
        request: &'a DemandRequest,
        progress: &'a dyn Progress,
    ) -> PortFuture<'a, DemandFrame> {
        Box::pin(async { self.fetch(request, progress) })
    }
}

fn columns(table: &Table<'_>) -> Result<Columns, CsvError> {
    let moment = table.needed(&["ds", "timestamp"], "a column must hold the time", HINT)?;
    let value = table.needed(&["y", "value", "requests"], "a column must hold the count", HINT)?;
    let signals = SignalColumns::find(table)?;
    let is_taken = |column: &usize| [moment, value].contains(column) || signals.holds(*column);
    let labels: Vec<usize> =
        (0..table.columns().len()).filter(|column| !is_taken(column)).collect();
    if labels.is_empty() || labels.iter().any(|&column| table.columns()[column].is_empty()) {
        return Err(table.header("each descriptor key must have a column with its name", HINT));
    }
    Ok(Columns { moment, value, labels, signals })
}

impl Sums {
    fn new(grid: Grid, signals: SignalColumns) -> Self {
        Self { grid, by_cells: HashMap::new(), windows: Vec::new(), signals, columns: 0 }
    }

    fn add(&mut self, table: &Table<'_>, columns: &Columns) -> Result<(), CsvError> {
        let moment = table.moment(columns.moment)?;
        let value = table.count(columns.value)?;
        let series = self.series(table, columns)?;
        let (window, windows) = (self.grid.index_of(moment), &mut self.windows[series]);
        self.columns += windows.beside.add(&self.signals, table, (window, self.grid.len()))?;
        if let Some(window) = window {
            windows.sums[window] += value.unwrap_or(f64::NAN);
            windows.rows[window] += 1;
        }
        self.check_size(table)
    }

    fn check_size(&self, table: &Table<'_>) -> Result<(), CsvError> {
        if self.columns.saturating_mul(self.grid.len()) > WINDOWS_MAX {
            return Err(table.too_large(WINDOWS_MAX, "windows of all series together"));
        }
        Ok(())
    }

    fn series(&mut self, table: &Table<'_>, columns: &Columns) -> Result<usize, CsvError> {
        let cells: Vec<&str> = columns.labels.iter().map(|&column| table.cell(column)).collect();
        // The separator cannot be typed by accident, so no two rows of cells join to one text.
        let joined = cells.join("\u{1f}");
        if let Some(&known) = self.by_cells.get(&joined) {
            return Ok(known);
        }
        self.columns += 1;
        self.check_size(table)?;
        let names = columns.labels.iter().map(|&column| table.columns()[column].as_str());
        let labels = names.zip(cells).filter(|(_, value)| !value.is_empty());
        let windows = Windows {
            key: SeriesKey::new(labels),
            sums: vec![0.0; self.grid.len()],
            rows: vec![0; self.grid.len()],
            beside: Beside::new(&self.signals),
        };
        self.by_cells.insert(joined, self.windows.len());
        self.windows.push(windows);
        Ok(self.windows.len() - 1)
    }

    /// The smallest distance of two windows with rows in any series; `None` if no series has two.
    fn rows_apart(&self) -> Option<usize> {
        self.windows.iter().filter_map(Windows::rows_apart).min()
    }
}

impl Windows {
    fn rows_apart(&self) -> Option<usize> {
        let filled = || (0..self.rows.len()).filter(|&i| self.rows[i] > 0);
        filled().zip(filled().skip(1)).map(|(window, next)| next - window).min()
    }

    /// Turns windows with too few rows into gaps, and counts those with too many.
    fn settle(&mut self) -> usize {
        let usual = self.usual_rows();
        let mut doubtful = 0;
        for (sum, &rows) in self.sums.iter_mut().zip(&self.rows) {
            // The bits of a NaN that was added to differ between platforms, so a gap is always the same NaN.
            if rows == 0 || usual.is_some_and(|usual| rows < usual) || sum.is_nan() {
                *sum = f64::NAN;
            }
            doubtful += usize::from(usual.is_some_and(|usual| rows > usual));
        }
        self.beside.settle(&self.sums);
        doubtful
    }

    /// How many rows at least half of the windows with rows have; `None` if rows come as they like.
    fn usual_rows(&self) -> Option<u32> {
        let mut filled: Vec<u32> = self.rows.iter().copied().filter(|&rows| rows > 0).collect();
        filled.sort_unstable();
        let runs = filled.chunk_by(|a, b| a == b);
        let longest = runs.max_by_key(|run| run.len())?;
        (2 * longest.len() >= filled.len()).then_some(longest[0])
    }
}
