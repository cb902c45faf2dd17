//! Demand that is made up from a seed: for a first look without any metrics, and for tests that must know the truth.
//!
//! The rule: a count is a pure function of (settings, series, absolute minute). Equal settings give equal bytes on
//! every platform, and two spans agree where they overlap. Only addition, multiplication, division and square roots
//! are used, which IEEE 754 rounds alike everywhere; no function of the C library is. It imitates traffic well enough
//! to look at and to judge by; it is no model of anybody's real traffic.

mod chance;
mod demand;
mod event;
mod shape;
mod signals;

use tidewright_core::{
    DemandFrame, DemandMethod, DemandRequest, Frame, Grid, MetricSource, PortError, PortErrorKind,
    PortFuture, Progress, SeriesKey, Signals, TimeSpan, Timestamp,
};

pub use event::{Event, EventKind};

use demand::Pair;
use signals::TOLD;

/// The finest window: counts are made minute by minute.
const MINUTE_MS: i64 = 60_000;

/// The most counts of one answer: 1,000 pairs over four weeks of minutes, 320 MB.
const COUNTS_MAX: usize = 40_000_000;

/// Which series are made up, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntheticSettings {
    /// Where all chance comes from.
    pub seed: u64,
    /// The moment that events are placed by: as of which the run decides.
    pub anchor: Timestamp,
    /// Partners; each calls each path.
    pub partners: Vec<String>,
    /// Paths.
    pub paths: Vec<String>,
    /// The descriptor keys of partner and path.
    pub keys: [String; 2],
    /// Whether anything happens.
    pub events: Events,
}

/// Whether anything happens besides seasons, noise and recurring peaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Events {
    /// Spikes, an incident, an outage, a launch, a slow attack and a gap.
    #[default]
    Injected,
    /// Nothing.
    None,
}

/// Demand that is made up from a seed.
#[derive(Clone, Debug)]
pub struct SyntheticSource {
    settings: SyntheticSettings,
    pairs: Vec<Pair>,
}

/// What is true of a series, for tests that judge by it.
#[derive(Clone, Debug, PartialEq)]
pub struct Truth {
    /// Demand in each minute of the span without incidents and gaps; the launch and recurring peaks are in it.
    pub clean: Vec<f64>,
    /// What was injected within the span, by time.
    pub events: Vec<Event>,
}

impl SyntheticSettings {
    /// The partners and paths of local mode, with events placed by `anchor`.
    pub fn new(seed: u64, anchor: Timestamp) -> Self {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            seed,
            anchor,
            partners: owned(&["CUSTOMER_ID_1", "CUSTOMER_ID_3", "CUSTOMER_ID_4"]),
            paths: owned(&[
                "/api_v3/service/configurations/action/servebydevice",
                "/api_v3/service/ENDPOINT_8playbackcontext",
                "/api_v3/service/userassetrule/action/list",
            ]),
            keys: ["PARTNER".to_owned(), "PATH".to_owned()],
            events: Events::default(),
        }
    }
}

impl SyntheticSource {
    /// A source of these series.
    pub fn new(settings: SyntheticSettings) -> Self {
        let pairs = pairs(&settings);
        Self { settings, pairs }
    }

    /// The series, partner by partner.
    pub fn keys(&self) -> impl Iterator<Item = &SeriesKey> {
        self.pairs.iter().map(Pair::key)
    }

    /// What is true of a series over the whole minutes of `span`; `None` if there is no such series.
    pub fn truth(&self, key: &SeriesKey, span: TimeSpan) -> Option<Truth> {
        let pair = self.pairs.iter().find(|pair| pair.key() == key)?;
        let minutes = minutes(span);
        Some(Truth { clean: pair.clean(minutes.clone()), events: pair.events(minutes) })
    }

    fn frames(
        &self,
        request: &DemandRequest,
        progress: &dyn Progress,
    ) -> Result<(Frame, Signals), PortError> {
        let grid = self.grid(request)?;
        let mut values = Vec::with_capacity(grid.len() * self.pairs.len());
        let mut told = [(); TOLD.len()].map(|()| (Vec::new(), Vec::new()));
        progress.begin("making up demand", self.pairs.len() as u64);
        for pair in &self.pairs {
            if progress.is_cancelled() {
                return Err(PortError::new(PortErrorKind::Transient, "stopped making up demand"));
            }
            let counts = pair.measured(minutes(grid.span()));
            let per_window = (request.window_ms / MINUTE_MS) as usize;
            values.extend(counts.chunks_exact(per_window).map(sum));
            let columns = pair.told(minutes(grid.span()), &counts);
            for ((keys, sums), column) in told.iter_mut().zip(columns) {
                // A signal that a series never showed has no column: there was none of it.
                if column.iter().any(|&count| count > 0.0) {
                    keys.push(pair.key().clone());
                    sums.extend(column.chunks_exact(per_window).map(sum));
                }
            }
            progress.advance(1);
        }
        let keys = self.pairs.iter().map(|pair| pair.key().clone()).collect();
        let frame = |keys, values| {
            let frame = Frame::new(grid, keys, values);
            frame.map_err(|cause| refuse("make up demand").caused_by(cause))
        };
        let mut signals = Signals::default();
        for (signal, (keys, sums)) in TOLD.into_iter().zip(told) {
            signals = signals.with(signal, frame(keys, sums)?);
        }
        Ok((frame(keys, values)?, signals))
    }

    fn grid(&self, request: &DemandRequest) -> Result<Grid, PortError> {
        let window = request.window_ms;
        if window <= 0 || window % MINUTE_MS != 0 {
            let doing = format!("make up demand in windows of `{window}` ms");
            return Err(refuse(&doing).hint("synthetic demand comes in whole minutes"));
        }
        let grid = Grid::windows(request.span, window)
            .map_err(|cause| refuse("make up demand").caused_by(cause))?;
        if minutes(grid.span()).count().saturating_mul(self.pairs.len()) > COUNTS_MAX {
            let doing = format!("make up demand for `{:.0}` days", request.span.days());
            return Err(refuse(&doing).hint("ask for fewer days, partners or paths"));
        }
        Ok(grid)
    }
}

impl MetricSource for SyntheticSource {
    fn describe(&self) -> String {
        format!("synthetic data (seed {})", self.settings.seed)
    }

    fn fetch_demand<'a>(
        &'a self,
        request: &'a DemandRequest,
        progress: &'a dyn Progress,
    ) -> PortFuture<'a, DemandFrame> {
        Box::pin(async move {
            let (frame, signals) = self.frames(request, progress)?;
            Ok(DemandFrame {
                frame,
                method: DemandMethod::Synthetic,
                method_note: "made up from a seed, exact to the request".to_owned(),
                scrape_interval_ms: None,
                warnings: Vec::new(),
                includes_rejected: true,
                signals,
            })
        })
    }
}

fn pairs(settings: &SyntheticSettings) -> Vec<Pair> {
    let names = settings.partners.iter().enumerate().flat_map(|(i, partner)| {
        settings.paths.iter().enumerate().map(move |(j, path)| ((i, partner), (j, path)))
    });
    let [partner_key, path_key] = &settings.keys;
    let pair = |((i, partner), (j, path)): ((usize, &String), (usize, &String))| {
        let key = SeriesKey::new([(partner_key, partner), (path_key, path)]);
        Pair::new(key, demand::Place { partner: i, path: j }, settings)
    };
    names.map(pair).collect()
}

/// The whole minutes of a span, counted from the epoch.
fn minutes(span: TimeSpan) -> std::ops::Range<i64> {
    let first = span.start.plus_millis(MINUTE_MS - 1).as_millis().div_euclid(MINUTE_MS);
    first..span.end.as_millis().div_euclid(MINUTE_MS).max(first)
}

/// The bits of a NaN that was added to differ between platforms, so a gap is always the same NaN.
fn sum(window: &[f64]) -> f64 {
    let sum: f64 = window.iter().sum();
    if sum.is_nan() { f64::NAN } else { sum }
}

fn refuse(doing: &str) -> PortError {
    PortError::new(PortErrorKind::Refused, format!("cannot {doing}"))
}

#[cfg(test)]
mod tests;
