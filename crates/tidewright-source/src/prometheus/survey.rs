//! Looks around in a Prometheus that nobody has described yet: names, labels, sums, pace.
//!
//! The rule: cheap questions first (the index, not the samples), a size before its content, and every answer cut at a
//! named limit that the result tells. It reads what is there and judges nothing.

mod answer;

use std::collections::{BTreeMap, BTreeSet};

use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use tidewright_core::{
    Grid, MetricExplorer, MetricLabels, Metrics, Pace, PortFuture, SeriesKey, SumRequest, Sums,
    TimeSpan, Timestamp,
};

use super::PrometheusSource;
use super::decode::{DecodeError, Labels, MatrixSink};
use super::failure::QueryError;
use super::measure::{Numbers, measure};

/// Names that are listed: a server with more holds those of a whole company.
const METRICS_MAX: usize = 50_000;

/// Series of one metric that are listed with all their labels; beyond it only the labels' values are.
const SERIES_LISTED_MAX: u64 = 2_000;

/// Labels of one metric that are looked into: Istio's have 25.
const LABELS_MAX: usize = 30;

/// Values of one label that are listed: a document names a few thousand at the most.
const VALUES_MAX: usize = 20_000;

/// Sums of one question, the largest first.
const SUMS_MAX: usize = 20_000;

/// How much of one list is read, in bytes; a longer one counts as cut.
const LIST_BYTES_MAX: usize = 16 << 20;

/// How far back names and labels are looked for.
const DAY_MS: i64 = 86_400_000;
const HOUR_MS: i64 = 3_600_000;

/// How far back the oldest sample is looked for, and in which steps: no more than 28 days are ever read.
const DEPTH_MS: i64 = 35 * DAY_MS;
const DEPTH_STEP_MS: i64 = 6 * HOUR_MS;

/// How the newest sample is looked for: in the last hour closely, then in the last ten days.
const FRESH_STEP_MS: i64 = 60_000;
const STALE_SPAN_MS: i64 = 10 * DAY_MS;

/// Keeps each series of an answer at one moment.
#[derive(Default)]
struct Rises(Vec<(SeriesKey, f64)>);

impl MatrixSink for Rises {
    fn take(&mut self, labels: &Labels, values: &[f64]) -> Result<(), DecodeError> {
        if let Some(value) = values.last().filter(|value| !value.is_nan()) {
            self.0.push((SeriesKey::new(labels.iter()), *value));
        }
        Ok(())
    }
}

impl PrometheusSource {
    async fn metrics(&self, at: Timestamp) -> Result<Metrics, QueryError> {
        let limit = METRICS_MAX.to_string();
        let pairs = [("limit", limit.as_str())];
        let mut names = self.strings("label/__name__/values", &pairs, day_before(at)).await?;
        let cut = names.len() >= METRICS_MAX;
        names.truncate(METRICS_MAX);
        // Not every kin of Prometheus knows what its metrics are; their names tell most of it.
        let kinds = self.client.list("metadata", &pairs, LIST_BYTES_MAX).await;
        let kinds = kinds.map_or_else(|_| BTreeMap::new(), |body| answer::kinds(&body));
        let kind = |name: &str| kinds.get(name).copied().unwrap_or_default();
        let kinds = names.into_iter().map(|name| (kind(&name), name));
        Ok(Metrics { kinds: kinds.map(|(kind, name)| (name, kind)).collect(), cut })
    }

    async fn labels(
        &self,
        metrics: &[String],
        at: Timestamp,
    ) -> Result<BTreeMap<String, MetricLabels>, QueryError> {
        let sizes = self.sizes(metrics, at).await?;
        let look = |(metric, series): (String, u64)| async move {
            let labels = if series <= SERIES_LISTED_MAX {
                self.listed(&metric, series, at).await?
            } else {
                self.by_label(&metric, series, at).await?
            };
            Ok::<_, QueryError>((metric, labels))
        };
        stream::iter(sizes)
            .map(look)
            .buffer_unordered(self.settings.concurrency)
            .try_collect()
            .await
    }

    /// How many series each metric has now, or had within the last day where nothing is newer.
    async fn sizes(
        &self,
        metrics: &[String],
        at: Timestamp,
    ) -> Result<BTreeMap<String, u64>, QueryError> {
        let names = metrics.join("|");
        for range in ["1h", "1d"] {
            let query =
                format!("count by (__name__) (last_over_time({{__name__=~{names:?}}}[{range}]))");
            let counts = self.rises(&query, at).await?;
            if !counts.is_empty() {
                let size = |(key, count): (SeriesKey, f64)| {
                    key.label("__name__").map(|name| (name.to_owned(), count as u64))
                };
                return Ok(counts.into_iter().filter_map(size).collect());
            }
        }
        Ok(BTreeMap::new())
    }

    /// All series of one metric.
    async fn listed(
        &self,
        metric: &str,
        series: u64,
        at: Timestamp,
    ) -> Result<MetricLabels, QueryError> {
        let (start, end) = (seconds(at.plus_millis(-HOUR_MS)), seconds(at));
        let pairs = [("match[]", metric), ("start", &start), ("end", &end)];
        let body = self.client.list("series", &pairs, LIST_BYTES_MAX).await?;
        let Some(listed) = answer::series(&body) else {
            return self.by_label(metric, series, at).await;
        };
        let mut values: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (label, value) in listed.iter().flat_map(SeriesKey::labels) {
            values.entry(label.to_owned()).or_default().insert(value.to_owned());
        }
        Ok(MetricLabels { series, values, listed: Some(listed), cut: false })
    }

    /// Only the labels of one metric, and what values they have.
    async fn by_label(
        &self,
        metric: &str,
        series: u64,
        at: Timestamp,
    ) -> Result<MetricLabels, QueryError> {
        let hour = TimeSpan { start: at.plus_millis(-HOUR_MS), end: at };
        let mut names = self.strings("labels", &[("match[]", metric)], hour).await?;
        names.retain(|name| !matches!(name.as_str(), "__name__" | "le" | "quantile"));
        let mut labels =
            MetricLabels { series, cut: names.len() > LABELS_MAX, ..MetricLabels::default() };
        let limit = VALUES_MAX.to_string();
        for name in names.into_iter().take(LABELS_MAX) {
            let path = format!("label/{name}/values");
            let values =
                self.strings(&path, &[("match[]", metric), ("limit", &limit)], hour).await?;
            labels.cut |= values.len() >= VALUES_MAX;
            labels.values.insert(name, values.into_iter().take(VALUES_MAX).collect());
        }
        Ok(labels)
    }

    async fn sums(&self, ask: &SumRequest) -> Result<Sums, QueryError> {
        let SumRequest { selector, by, span_ms, at } = ask;
        let sum = format!("sum by ({}) (increase({selector}[{}s]))", by.join(","), span_ms / 1000);
        let mut rises = self.rises(&format!("topk({SUMS_MAX}, {sum})"), *at).await?;
        let cut = rises.len() >= SUMS_MAX;
        rises.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(Sums { rises, cut })
    }

    async fn pace(&self, selector: &str, at: Timestamp) -> Result<Option<Pace>, QueryError> {
        let hour = TimeSpan { start: at.plus_millis(-HOUR_MS), end: at };
        let measured = match measure(&self.client, selector, hour).await? {
            None => measure(&self.client, selector, day_before(at)).await?,
            measured => measured,
        };
        let Some(measured) = measured else { return Ok(None) };
        let counts = self.row(&format!("count({selector})"), (at, DEPTH_STEP_MS, DEPTH_MS)).await?;
        let oldest = counts.iter().position(|count| !count.is_nan()).unwrap_or(counts.len());
        let steps = counts.len().saturating_sub(oldest + 1) as i64;
        let age_ms = self.age(selector, at).await?;
        Ok(Some(Pace {
            interval_ms: measured.interval_ms,
            depth_ms: steps * DEPTH_STEP_MS,
            age_ms,
        }))
    }

    /// From the newest sample until `at`.
    async fn age(&self, selector: &str, at: Timestamp) -> Result<i64, QueryError> {
        let newest = format!("max(timestamp({selector}))");
        for (step_ms, span_ms) in [(FRESH_STEP_MS, HOUR_MS), (HOUR_MS, STALE_SPAN_MS)] {
            let moments = self.row(&newest, (at, step_ms, span_ms)).await?;
            if let Some(newest) = moments.iter().rev().find(|moment| !moment.is_nan()) {
                return Ok((at.as_millis() - (newest * 1000.0) as i64).max(0));
            }
        }
        Ok(STALE_SPAN_MS)
    }

    async fn time(&self) -> Result<Option<Timestamp>, QueryError> {
        let body = self.client.list("query", &[("query", "time()")], LIST_BYTES_MAX).await?;
        Ok(answer::moment(&body))
    }

    /// What a query answers at one moment.
    async fn rises(&self, query: &str, at: Timestamp) -> Result<Vec<(SeriesKey, f64)>, QueryError> {
        let grid = Grid::new(at, 1000, 1).expect("a second is positive");
        Ok(self.client.range(query, grid, Rises::default).await?.0.0)
    }

    /// The numbers of a query of one series, from `span_ms` before `at` on.
    async fn row(
        &self,
        query: &str,
        (at, step_ms, span_ms): (Timestamp, i64, i64),
    ) -> Result<Vec<f64>, QueryError> {
        let steps = span_ms / step_ms;
        let start = at.plus_millis(-steps * step_ms);
        let grid = Grid::new(start, step_ms, steps as usize + 1).expect("steps are positive");
        Ok(self.client.range(query, grid, Numbers::default).await?.0.0)
    }

    /// A list of texts about what had samples within `span`.
    async fn strings(
        &self,
        path: &str,
        pairs: &[(&str, &str)],
        span: TimeSpan,
    ) -> Result<Vec<String>, QueryError> {
        let (start, end) = (seconds(span.start), seconds(span.end));
        let span = [("start", start.as_str()), ("end", end.as_str())];
        let pairs: Vec<_> = pairs.iter().copied().chain(span).collect();
        let body = self.client.list(path, &pairs, LIST_BYTES_MAX).await?;
        answer::strings(&body)
            .ok_or(QueryError::Decode(DecodeError::Truncated { bytes: body.len() as u64 }))
    }

    /// The work as a port answers it.
    async fn at_port<T>(
        &self,
        what: &str,
        work: impl Future<Output = Result<T, QueryError>>,
    ) -> Result<T, tidewright_core::PortError> {
        let place = self.client.base();
        work.await.map_err(|error| {
            error.at_port(format!("cannot read {what} from Prometheus at `{place}`"))
        })
    }
}

impl MetricExplorer for PrometheusSource {
    fn place(&self) -> String {
        self.client.base().to_string()
    }

    fn fetch_metrics(&self, at: Timestamp) -> PortFuture<'_, Metrics> {
        Box::pin(self.at_port("the names of metrics", self.metrics(at)))
    }

    fn fetch_labels<'a>(
        &'a self,
        metrics: &'a [String],
        at: Timestamp,
    ) -> PortFuture<'a, BTreeMap<String, MetricLabels>> {
        Box::pin(self.at_port("labels", self.labels(metrics, at)))
    }

    fn fetch_sums<'a>(&'a self, ask: &'a SumRequest) -> PortFuture<'a, Sums> {
        Box::pin(self.at_port("sums", self.sums(ask)))
    }

    fn fetch_pace<'a>(&'a self, selector: &'a str, at: Timestamp) -> PortFuture<'a, Option<Pace>> {
        Box::pin(self.at_port("the scrape interval", self.pace(selector, at)))
    }

    fn fetch_time(&self) -> PortFuture<'_, Option<Timestamp>> {
        Box::pin(self.at_port("the time", self.time()))
    }
}

const fn day_before(at: Timestamp) -> TimeSpan {
    TimeSpan { start: at.plus_millis(-DAY_MS), end: at }
}

fn seconds(moment: Timestamp) -> String {
    moment.as_secs().to_string()
}
