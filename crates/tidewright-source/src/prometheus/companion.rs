//! Counters beside demand: what the limiter rejected, what it counted as over its limit, what reached a cache and what
//! went on.
//!
//! The rules:
//! - a counter that has no sample tells nothing: that is a warning, and its signal is not known;
//! - where a series of it has none, it counted nothing if somebody who exports the counter was scraped then, and is not
//!   known otherwise: silence is a zero only where there is a witness. Witnesses are its own series, those of demand from
//!   the same job, and `up`;
//! - a series of demand that it never shows had none of it, if there was a witness nearly all the time and every series of the
//!   counter found its own; otherwise that one is not known;
//! - a value that the limiter cut at a dot belongs to nobody: neither the whole value nor what is left of it is known;
//! - what is added to demand is known or makes a gap: demand is never what is left when a part of it is missing.

mod settle;

use tidewright_core::{DemandFrame, Frame, Grid, Known, Progress, SeriesKey, Signal, Signals};

use super::edges::{Targets, target_of};
use super::failure::QueryError;
use super::promql::{escaped, pattern};
use super::reading::duration;
use super::settings::SettingsError;
use super::{
    Beginning, DecodeError, Fetch, Labels, Mapping, MatrixSink, Measured, PrometheusSource,
    Reading, moments, warnings,
};

use self::settle::{Settled, added, cache};

/// Instances of the jobs of one counter, for the size of queries; more of them only make answers longer.
const INSTANCES_ASSUMED: u64 = 100;

/// What a counter beside demand counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tells {
    /// Requests that were rejected; demand that does not include them gets them added.
    Rejected,
    /// Requests that the limiter counted as over their limit.
    OverLimit,
    /// Requests in front of the cache.
    CacheBefore,
    /// Requests that the cache could not answer, so that they went on.
    CacheAfter,
}

/// A counter beside demand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Companion {
    /// What it counts.
    pub tells: Tells,
    /// Which counter, and which of its labels carry the descriptors of demand.
    pub counter: Mapping,
}

/// Keeps when the targets of an answer to `up` were scraped.
struct Up(Targets);

impl Tells {
    /// The word for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::OverLimit => "over_limit",
            Self::CacheBefore => "cache_before",
            Self::CacheAfter => "cache_after",
        }
    }
}

impl Companion {
    /// A counter that tells this; whatever else its mapping says its labels tell is left aside.
    pub fn new(tells: Tells, counter: Mapping) -> Self {
        let counter = Mapping { status: None, flags: None, cache: None, ..counter };
        Self { tells, counter }
    }
}

impl MatrixSink for Up {
    fn take(&mut self, labels: &Labels, values: &[f64]) -> Result<(), DecodeError> {
        let Some(name) = target_of(labels) else { return Ok(()) };
        // A target that could not be reached is 0, which is no scrape.
        let scraped: Vec<f64> =
            values.iter().map(|&value| if value > 0.0 { value } else { f64::NAN }).collect();
        let target = self.0.find(&name);
        self.0.witness(target, &scraped);
        Ok(())
    }
}

/// Whether these can stand beside `demand`.
pub(super) fn check(companions: &[Companion], demand: &Mapping) -> Result<(), SettingsError> {
    let unfit = |rule, tells: Tells| {
        let value = tells.name().to_owned();
        Err(SettingsError::Unfit { name: "companions", rule, value })
    };
    let has = |tells| companions.iter().filter(|companion| companion.tells == tells).count();
    for companion in companions {
        companion.counter.check()?;
        if has(companion.tells) > 1 {
            return unfit("name one counter for each thing to tell", companion.tells);
        }
        if !companion.counter.describes_as(demand) {
            return unfit("map the same descriptor keys as demand", companion.tells);
        }
    }
    match (has(Tells::CacheBefore), has(Tells::CacheAfter)) {
        (1, 0) => unfit("name both counters of the cache or none", Tells::CacheBefore),
        (0, 1) => unfit("name both counters of the cache or none", Tells::CacheAfter),
        _ => Ok(()),
    }
}

/// What labels were to tell and do not: of nobody, or of some series of demand.
pub(super) fn untold(mapping: &Mapping, demand: &Frame, signals: &Signals) -> Vec<String> {
    let by_status = [Signal::Rejected, Signal::ClientErrors, Signal::ServerErrors];
    let partly = by_status.into_iter().filter(|signal| signals.frame(*signal).is_some());
    let partly = partly.filter_map(|signal| {
        let is_unknown = |key: &&SeriesKey| signals.counts(signal, key) == Known::Unknown;
        let count = demand.keys().iter().filter(is_unknown).count();
        let name = signal.name();
        (count > 0).then(|| {
            format!("`{name}` is not known of {count} series: not all of their counters tell it")
        })
    });
    silent(mapping, signals).into_iter().chain(partly).collect()
}

/// What was configured to be told by a label, and is told by no counter.
fn silent(mapping: &Mapping, signals: &Signals) -> Vec<String> {
    let is_told = |signal| signals.frame(signal).is_some();
    let status = mapping.status.as_ref().filter(|rule| !rule.guessed);
    let status = status.filter(|_| !is_told(Signal::ServerErrors)).map(|rule| &rule.label);
    let flags = mapping.flags.as_ref().filter(|_| mapping.status.is_none());
    let flags = flags.filter(|_| !is_told(Signal::Rejected));
    let cache = mapping.cache.as_ref().filter(|rule| !rule.guessed);
    let cache = cache.filter(|_| !is_told(Signal::CacheLookups)).map(|rule| &rule.label);
    let told = |label: &String| format!("no counter tells anything in its label `{label}`");
    [status, flags, cache].into_iter().flatten().map(told).collect()
}

impl PrometheusSource {
    /// Puts beside demand what its companions count. `targets` are those of demand, on its grid.
    pub(super) async fn accompany(
        &self,
        mut demand: DemandFrame,
        targets: Option<Targets>,
        progress: &dyn Progress,
    ) -> Result<DemandFrame, QueryError> {
        if demand.frame.keys().is_empty() {
            return Ok(demand);
        }
        let mut before: Option<Settled> = None;
        let mut companions: Vec<&Companion> = self.settings.companions.iter().collect();
        companions.sort_by_key(|companion| companion.tells);
        for companion in companions {
            let read = self.read_companion(companion, &demand, targets.as_ref(), progress);
            let (settled, warnings) = read.await?;
            demand.warnings.extend(warnings);
            match (companion.tells, settled) {
                (_, None) => {}
                (Tells::CacheBefore, settled) => before = settled,
                (Tells::CacheAfter, Some(after)) => {
                    if let Some(before) = before.take() {
                        demand.signals = with_cache(demand.signals, &before, &after)?;
                    }
                }
                (Tells::OverLimit, Some(settled)) => {
                    demand.signals = settled.beside(demand.signals, Signal::OverLimit);
                }
                (Tells::Rejected, Some(settled)) => demand = with_rejected(demand, settled)?,
            }
        }
        Ok(demand)
    }

    async fn read_companion(
        &self,
        companion: &Companion,
        demand: &DemandFrame,
        targets: Option<&Targets>,
        progress: &dyn Progress,
    ) -> Result<(Option<Settled>, Vec<String>), QueryError> {
        let (counter, grid) = (&companion.counter, *demand.frame.grid());
        let (tells, metric) = (companion.tells.name(), &counter.metric);
        let silent = |why: &str| (None, vec![format!("`{tells}` is not known: {why}")]);
        let Some(measured) = self.measure(counter, grid).await? else {
            return Ok(silent(&format!("there is no sample of `{metric}` in this span")));
        };
        // Whatever demand is read by: these are born with their first event, which `increase` loses.
        let choice = match self.choose((counter, &Reading::Auto), grid, Some(measured)) {
            Ok(Some(choice)) => choice,
            Ok(None) => return Ok(silent("there is no window to read")),
            Err(error) => return Ok(silent(&error.to_string())),
        };
        let counters = measured.counters.max(1);
        let (query, mapping) = (choice.query.as_str(), Some(counter));
        let fetch =
            Fetch { query, mapping, labels: counter, remote: None, grid, counters, progress };
        let witnesses = self.witnesses((counter, measured), targets, fetch).await?;
        let fetched = self.read(fetch, &choice, Beginning::AtGrid(Some(witnesses))).await?;
        let mut told: Vec<String> = warnings(&fetched);
        told.iter_mut().for_each(|warning| *warning = format!("`{metric}`: {warning}"));
        let settled = Settled::new(fetched, &demand.frame)?;
        told.extend(settled.warning(metric));
        Ok((Some(settled), told))
    }

    /// When the targets of demand and those of the jobs that export a counter were scraped.
    async fn witnesses(
        &self,
        (counter, measured): (&Mapping, Measured),
        targets: Option<&Targets>,
        fetch: Fetch<'_>,
    ) -> Result<Targets, QueryError> {
        let grid = fetch.grid;
        // Not every kin of Prometheus lists label values by selector; then there is one witness less.
        let jobs = self.client.label_values("job", &counter.selector(), grid.span()).await;
        let jobs = jobs.unwrap_or_default();
        let witnesses = targets.cloned().unwrap_or_else(|| Targets::new(grid.len() + 1));
        let mut witnesses = witnesses.for_jobs(&jobs);
        if jobs.is_empty() {
            return Ok(witnesses);
        }
        let pattern: Vec<String> = jobs.iter().map(|job| pattern(job)).collect();
        let look_back = duration(measured.look_back_ms());
        let query =
            format!("last_over_time(up{{job=~\"{}\"}}[{look_back}])", escaped(&pattern.join("|")));
        let fetch = Fetch { query: &query, mapping: None, counters: INSTANCES_ASSUMED, ..fetch };
        let moments = |windows: Grid| moments(windows, 0, windows.len() + 1);
        let fresh = |windows: Grid| Up(Targets::new(windows.len() + 1));
        let merge = |from: usize, part: Up| {
            witnesses.merge(from, &part.0);
        };
        match self.fetch_chunks(fetch, &moments, &fresh, merge).await {
            Err(error) if error.is_passing() => Err(error),
            _ => Ok(witnesses),
        }
    }
}

/// Demand with what was rejected beside it, and added to it where demand lacks it.
fn with_rejected(mut demand: DemandFrame, settled: Settled) -> Result<DemandFrame, QueryError> {
    if !demand.includes_rejected {
        let added = added(demand.frame, &settled)?;
        demand.frame = added.frame;
        demand.includes_rejected = settled.is_known_of_all();
        demand.warnings.extend(added.warning);
    }
    demand.signals = settled.beside(demand.signals, Signal::Rejected);
    Ok(demand)
}

fn with_cache(signals: Signals, before: &Settled, after: &Settled) -> Result<Signals, QueryError> {
    let cache = cache(before, after)?;
    let signals = cache.lookups.beside(signals, Signal::CacheLookups);
    Ok(cache.hits.beside(signals, Signal::CacheHits))
}
