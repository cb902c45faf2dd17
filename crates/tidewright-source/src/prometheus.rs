//! Demand from the HTTP API of Prometheus and its kin (Thanos, Mimir, VictoriaMetrics).
//!
//! The counter is measured, a way to read it is chosen, and its range queries are cut into chunks that the server
//! accepts, run a few at a time, decoded while they arrive and merged in the order of time. The rule: windows are
//! aligned to the epoch and whole; memory is the frame and a few chunks; what was read, and how exactly, is said in the
//! result. It only reads, and it decides nothing about limits.

mod auth;
mod client;
mod columns;
mod companion;
mod decode;
mod direct;
mod edges;
mod failure;
mod flavour;
mod mapping;
mod measure;
mod pieces;
mod probe;
mod promql;
mod raw;
mod reading;
mod remote;
mod settings;
mod survey;
mod transport;

use futures::stream::{FuturesOrdered, StreamExt as _};
use tidewright_core::{
    DemandFrame, DemandMethod, DemandRequest, Frame, Grid, MetricSource, PortFuture, Progress,
    SeriesError, Signals, TimeSpan,
};

pub use self::auth::{Auth, SigV4, TokenCommand};
use self::client::Client;
use self::columns::Columns;
pub use self::companion::{Companion, Tells};
pub use self::decode::{DecodeError, Labels, MatrixDecoder, MatrixSink, Notes};
use self::direct::{Direct, DirectPart};
use self::edges::{Edges, EdgesPart, Targets};
use self::failure::QueryError;
pub use self::flavour::{Flavour, Resolution, Thanos};
pub use self::mapping::{CacheRule, LabelRule, Mapping, StatusRule};
use self::measure::{Measured, measure};
use self::pieces::{Piece, Reader, Tally};
pub use self::probe::{Check, Finding, Health};
use self::reading::{Choice, Task, choose, query};
pub use self::reading::{Reading, Yields};
use self::remote::Selection;
pub use self::settings::{Compression, PrometheusSettings, RawChunks, Secret, SettingsError};
pub use self::transport::{ClientCertificate, Pem, Proxy, Tls};

/// Points of one series in one query; Prometheus refuses more than 11,000, edges included.
const POINTS_MAX: usize = 10_000;

/// Samples of one query. Prometheus refuses more than 50 million; this keeps an answer near 25 MB, so that a few at a
/// time fit into memory on both sides and an attempt that fails costs little.
const SAMPLES_MAX: u64 = 1_000_000;

/// Counters that are assumed where none could be counted, as for a query of one's own.
const COUNTERS_ASSUMED: u64 = 1000;

/// How often is looked whether the work should stop.
const CANCEL_POLL: std::time::Duration = std::time::Duration::from_millis(100);

/// Demand from a Prometheus.
#[derive(Debug)]
pub struct PrometheusSource {
    client: Client,
    settings: PrometheusSettings,
}

/// What one fetch has come to.
#[derive(Debug)]
struct Fetched {
    columns: Columns,
    /// The windows of the columns.
    grid: Grid,
    told: Told,
    left_out: usize,
    /// When each target was scraped, where raw counters were read.
    targets: Option<Targets>,
}

/// What was said beside the numbers of one fetch.
#[derive(Debug, Default)]
struct Told {
    notes: Notes,
    /// What was too large for the server.
    too_large: Option<String>,
    /// Windows whose answers were not whole, in the order of time.
    partial: Vec<Grid>,
}

/// One fetch: what to ask, in which windows, for whom.
#[derive(Clone, Copy)]
struct Fetch<'a> {
    query: &'a str,
    /// Whose selector the query holds.
    mapping: Option<&'a Mapping>,
    /// What the labels of its answers mean.
    labels: &'a Mapping,
    /// What is read as raw chunks instead of being queried.
    remote: Option<&'a Selection>,
    grid: Grid,
    counters: u64,
    progress: &'a dyn Progress,
}

/// What a fetch begins with.
enum Beginning {
    /// The first answer that holds anything: months without data before it cost no memory.
    AtData,
    /// The first window, with what is known of scrapes already.
    AtGrid(Option<Targets>),
}

impl PrometheusSource {
    /// A source for these settings; nothing is asked of the server yet.
    ///
    /// # Errors
    /// [`SettingsError`] names the setting that cannot work.
    pub fn new(settings: PrometheusSettings) -> Result<Self, SettingsError> {
        Ok(Self { client: Client::new(&settings)?, settings })
    }

    async fn fetch(
        &self,
        request: &DemandRequest,
        progress: &dyn Progress,
    ) -> Result<DemandFrame, QueryError> {
        let grid = Grid::windows(request.span, request.window_ms)
            .map_err(|error| unusable_window(&error))?;
        let PrometheusSettings { mapping, reading, .. } = &self.settings;
        let measured = self.measure(mapping, grid).await?;
        let Some(choice) = self.choose((mapping, reading), grid, measured)? else {
            return Ok(nothing(grid));
        };
        let counters = measured.map_or(COUNTERS_ASSUMED, |measured| measured.counters.max(1));
        let own = (choice.method != DemandMethod::Query).then_some(mapping);
        let query = choice.query.as_str();
        let fetch =
            Fetch { query, mapping: own, labels: mapping, remote: None, grid, counters, progress };
        let (mut fetched, way) = self.read_demand(fetch, &choice, measured).await?;
        check_labels(&fetched, mapping)?;
        let (warnings, targets) = (warnings(&fetched), fetched.targets.take());
        let (frame, signals) = frames(fetched)?;
        let demand = DemandFrame {
            warnings: [warnings, companion::untold(mapping, &frame, &signals)].concat(),
            frame,
            method: choice.method,
            method_note: self.note(format!("{}{way}", choice.note)),
            scrape_interval_ms: measured.map(|measured| measured.interval_ms),
            includes_rejected: mapping.includes_rejected,
            signals,
        };
        self.accompany(demand, targets, progress).await
    }

    async fn read(
        &self,
        fetch: Fetch<'_>,
        choice: &Choice,
        beginning: Beginning,
    ) -> Result<Fetched, QueryError> {
        match choice.method {
            DemandMethod::Edges => self.fetch_edges(fetch, beginning).await,
            _ => self.fetch_direct(fetch, choice.scale, beginning).await,
        }
    }

    fn note(&self, reading: String) -> String {
        match self.settings.flavour.note() {
            Some(more) => format!("{reading}; {more}"),
            None => reading,
        }
    }

    async fn measure(&self, mapping: &Mapping, grid: Grid) -> Result<Option<Measured>, QueryError> {
        if grid.is_empty() {
            return Ok(None);
        }
        measure(&self.client, &mapping.selector(), grid.span()).await
    }

    /// How to read; `None` where there is nothing to read.
    fn choose(
        &self,
        (mapping, reading): (&Mapping, &Reading),
        grid: Grid,
        measured: Option<Measured>,
    ) -> Result<Option<Choice>, QueryError> {
        let (flavour, window_ms) = (&self.settings.flavour, grid.step_ms());
        match (measured, reading) {
            _ if grid.is_empty() => Ok(None),
            (Some(measured), _) => {
                let task = Task { mapping, flavour, window_ms, windows: grid.len(), measured };
                choose(reading, task).map(Some)
            }
            // A query of one's own may read other metrics than the mapped one.
            (None, Reading::Query { promql, yields }) => {
                query(promql, *yields, None, window_ms).map(Some)
            }
            (None, _) => Ok(None),
        }
    }

    async fn fetch_edges(
        &self,
        fetch: Fetch<'_>,
        beginning: Beginning,
    ) -> Result<Fetched, QueryError> {
        let Fetch { grid, labels, .. } = fetch;
        let fresh_from = |from: usize| Edges::new(grid.len() - from, grid.step_ms());
        let mut whole = match beginning {
            Beginning::AtData => None,
            Beginning::AtGrid(None) => Some((0, fresh_from(0))),
            Beginning::AtGrid(Some(targets)) => Some((0, fresh_from(0).witnessed_by(targets))),
        };
        // One moment more than windows: the last edge of one chunk is the first of the next.
        let moments = |windows: Grid| moments(windows, 0, windows.len() + 1);
        let fresh = |windows: Grid| EdgesPart::new(labels, windows.len());
        let merge = |from: usize, part: EdgesPart<'_>| {
            if whole.is_none() && part.is_empty() {
                return;
            }
            let (first, whole) = whole.get_or_insert_with(|| (from, fresh_from(from)));
            whole.merge(from - *first, part);
        };
        let told = self.fetch_chunks(fetch, &moments, &fresh, merge).await?;
        let (first, whole) = whole.unwrap_or_else(|| (0, fresh_from(0)));
        let Edges { columns, targets, left_out, .. } = whole;
        let grid = grid.slice(first, grid.len() - first);
        Ok(Fetched { columns, grid, told, left_out, targets: Some(targets) })
    }

    async fn fetch_direct(
        &self,
        fetch: Fetch<'_>,
        scale: f64,
        beginning: Beginning,
    ) -> Result<Fetched, QueryError> {
        let Fetch { grid, labels, .. } = fetch;
        let mut whole = match &beginning {
            Beginning::AtData => None,
            Beginning::AtGrid(_) => Some((0, Direct::new(grid.len()))),
        };
        let targets = match beginning {
            Beginning::AtGrid(targets) => targets,
            Beginning::AtData => None,
        };
        // What happened in a window is known at its end.
        let moments = |windows: Grid| moments(windows, 1, windows.len());
        let fresh = |windows: Grid| DirectPart::new(labels, scale, windows.len());
        let merge = |from: usize, part: DirectPart<'_>| {
            if whole.is_none() && part.is_empty() {
                return;
            }
            let (first, whole) =
                whole.get_or_insert_with(|| (from, Direct::new(grid.len() - from)));
            whole.merge(from - *first, &part);
        };
        let told = self.fetch_chunks(fetch, &moments, &fresh, merge).await?;
        let (first, whole) = whole.unwrap_or_else(|| (0, Direct::new(grid.len())));
        let grid = grid.slice(first, grid.len() - first);
        let Direct { columns, left_out } = whole;
        Ok(Fetched { columns, grid, told, left_out, targets })
    }

    /// Asks for every chunk, a few at a time, and merges the parts in the order of time.
    async fn fetch_chunks<S: MatrixSink + Send>(
        &self,
        fetch: Fetch<'_>,
        moments: &(dyn Fn(Grid) -> Grid + Sync),
        fresh: &(dyn Fn(Grid) -> S + Sync),
        mut merge: impl FnMut(usize, S),
    ) -> Result<Told, QueryError> {
        let Fetch { query, mapping, remote, grid, counters, progress, .. } = fetch;
        let mut waiting = chunks(grid, counters).into_iter();
        progress.begin("fetch", waiting.len() as u64);
        let tally = Tally::default();
        let reader =
            Reader { client: &self.client, query, mapping, remote, moments, fresh, tally: &tally };
        let ask = |(from, windows): (usize, Grid)| reader.read(from, windows);
        let mut running: FuturesOrdered<_> =
            waiting.by_ref().take(self.settings.concurrency).map(ask).collect();
        let mut told = Told::default();
        while let Some(pieces) = running.next().await {
            for Piece { from, windows, sink, notes } in pieces? {
                merge(from, sink);
                told.add(windows, notes);
            }
            progress.advance(1);
            running.extend(waiting.next().map(ask));
        }
        told.too_large = tally.warning();
        Ok(told)
    }
}

impl MetricSource for PrometheusSource {
    fn describe(&self) -> String {
        format!("{} at {}", self.settings.flavour.name(), self.client.base())
    }

    fn fetch_demand<'a>(
        &'a self,
        request: &'a DemandRequest,
        progress: &'a dyn Progress,
    ) -> PortFuture<'a, DemandFrame> {
        let work = until_cancelled(self.fetch(request, progress), progress);
        Box::pin(async move {
            let PrometheusSettings { mapping, flavour, .. } = &self.settings;
            let (metric, name, base) = (&mapping.metric, flavour.name(), self.client.base());
            let doing = || format!("cannot read `{metric}` from {name} at `{base}`");
            work.await.map_err(|error| error.at_port(doing()))
        })
    }
}

impl Notes {
    /// Takes over the notes of another answer to the same query.
    fn add(&mut self, other: Self) {
        self.infinite += other.infinite;
        self.partial = self.partial.take().or(other.partial);
        for warning in other.warnings {
            if !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
    }
}

impl Told {
    fn add(&mut self, windows: Grid, notes: Notes) {
        if notes.partial.is_some() {
            self.partial.push(windows);
        }
        self.notes.add(notes);
    }

    /// For people: which windows rest on nothing, because what was answered of them was not all.
    fn gaps(&self) -> Option<String> {
        let why = self.notes.partial.as_ref()?;
        let mut spans: Vec<TimeSpan> = Vec::new();
        for span in self.partial.iter().map(Grid::span) {
            match spans.last_mut() {
                Some(last) if last.end == span.start => last.end = span.end,
                _ => spans.push(span),
            }
        }
        let spans: Vec<_> =
            spans.iter().map(|span| format!("`{}..{}`", span.start, span.end)).collect();
        let spans = spans.join(", ");
        Some(format!("the windows of {spans} are gaps, because the answer was partial: {why}"))
    }
}

/// The work, unless its watcher wants it to stop, also while it waits for the server.
async fn until_cancelled<T>(
    work: impl Future<Output = Result<T, QueryError>>,
    progress: &dyn Progress,
) -> Result<T, QueryError> {
    let mut work = std::pin::pin!(work);
    while !progress.is_cancelled() {
        if let Ok(result) = tokio::time::timeout(CANCEL_POLL, &mut work).await {
            return result;
        }
    }
    Err(QueryError::Cancelled)
}

fn check_labels(fetched: &Fetched, mapping: &Mapping) -> Result<(), QueryError> {
    if fetched.left_out == 0 || !fetched.columns.is_empty() {
        return Ok(());
    }
    let labels = mapping.label_list();
    Err(QueryError::Unusable {
        reason: format!("no series carries values for all of the mapped labels `{labels}`"),
        hint: "check the mapping: the names of the labels, and the prefixes that are stripped"
            .to_owned(),
    })
}

impl Fetched {
    /// Windows whose answers were not whole are gaps.
    fn forget_partial(&mut self) {
        for part in &self.told.partial {
            if let Some(from) = self.grid.index_of(part.start()) {
                self.columns.forget(from, part.len());
            }
        }
    }
}

fn frames(mut fetched: Fetched) -> Result<(Frame, Signals), QueryError> {
    fetched.forget_partial();
    let Fetched { columns, grid, .. } = fetched;
    columns.into_frames(grid).map_err(|error| unusable_window(&error))
}

/// The grid in pieces that one query may ask for, each with the number of its first window.
fn chunks(grid: Grid, counters: u64) -> Vec<(usize, Grid)> {
    let windows = (SAMPLES_MAX / counters.max(1)).clamp(1, POINTS_MAX as u64) as usize;
    (0..grid.len()).step_by(windows).map(|from| (from, grid.slice(from, windows))).collect()
}

/// `count` moments from the edge `first` of these windows on.
fn moments(windows: Grid, first: usize, count: usize) -> Grid {
    let step_ms = windows.step_ms();
    Grid::new(windows.timestamp(first), step_ms, count).expect("the step of a grid is positive")
}

fn nothing(grid: Grid) -> DemandFrame {
    DemandFrame {
        frame: Frame::gaps(grid, Vec::new()),
        method: DemandMethod::Edges,
        method_note: "there is no sample of the counter in this span".to_owned(),
        scrape_interval_ms: None,
        warnings: Vec::new(),
        includes_rejected: true,
        signals: Signals::default(),
    }
}

fn warnings(fetched: &Fetched) -> Vec<String> {
    let Fetched { told, left_out, .. } = fetched;
    let Notes { warnings, partial, .. } = &told.notes;
    let others = warnings.iter().filter(|warning| Some(*warning) != partial.as_ref());
    let mut warnings: Vec<String> = others.cloned().collect();
    warnings.extend(told.gaps());
    warnings.extend(told.too_large.clone());
    if told.notes.infinite > 0 {
        warnings.push(format!("{} infinite values were read as gaps", told.notes.infinite));
    }
    if *left_out > 0 {
        warnings
            .push(format!("{left_out} series without values for all mapped labels were left out"));
    }
    warnings
}

fn unusable_window(error: &SeriesError) -> QueryError {
    QueryError::Unusable {
        reason: error.to_string(),
        hint: "a window must be a positive number of milliseconds".to_owned(),
    }
}

#[cfg(test)]
mod tests;
