//! From settings to adapters: which source, which store, as of when. The only place that knows all of them.

mod prometheus;
mod traffic;

use anyhow::{Context, Result};
use tidewright_core::{Candidate, Clock, MetricSource, Timestamp};
use tidewright_source::csv_file::CsvSource;
use tidewright_source::prometheus::PrometheusSource;
use tidewright_source::synthetic::{SyntheticSettings, SyntheticSource};
use tidewright_store::SqliteStore;

use crate::config::{Loaded, Settings, Source, TrafficPreset};
use crate::exit::Mistake;

/// The source of demand.
pub(crate) fn source(settings: &Settings) -> Result<Box<dyn MetricSource>> {
    Ok(match &settings.source {
        Source::Mock => Box::new(SyntheticSource::new(SyntheticSettings::new(
            settings.mock.seed,
            settings.mock.at,
        ))),
        Source::Csv(path) => Box::new(CsvSource::new(path)),
        Source::Prometheus(url) => Box::new(prometheus(settings, url)?),
    })
}

/// The source of demand where it is a Prometheus.
pub(crate) fn prometheus(settings: &Settings, url: &str) -> Result<PrometheusSource> {
    let prometheus = prometheus::settings(settings, url)?;
    PrometheusSource::new(prometheus)
        .map_err(|error| Mistake::new(error.to_string(), "see `tidewright config show`").into())
}

/// Who looks around in a Prometheus; which counter is demand does not matter yet.
pub(crate) fn explorer(settings: &Settings, url: &str) -> Result<PrometheusSource> {
    let mut settings = settings.clone();
    settings.traffic.preset = TrafficPreset::Nginx;
    prometheus(&settings, url)
}

/// The counter of demand as it is configured.
pub(crate) fn counter(settings: &Settings) -> Candidate {
    traffic::counter(&traffic::mapping(&settings.traffic))
}

/// Where runs are recorded.
pub(crate) async fn store(settings: &Settings) -> Result<SqliteStore> {
    SqliteStore::open(&settings.places.store).await.context("cannot open the record of runs")
}

/// The moment as of which to decide: what was asked for (synthetic data have a fixed one), or now.
pub(crate) fn moment(settings: &Settings, clock: &dyn Clock) -> Timestamp {
    settings.at.unwrap_or_else(|| clock.now())
}

/// What a reader of the result should know of the configuration.
pub(crate) fn notes(loaded: &Loaded) -> Vec<String> {
    let others = loaded.notices.iter().filter(|notice| notice.idle.is_empty());
    let idle: Vec<&str> =
        loaded.notices.iter().flat_map(|notice| &notice.idle).map(String::as_str).collect();
    let idle = (!idle.is_empty()).then(|| {
        format!(
            "without effect in this version: {} (see `tidewright config check`)",
            idle.join(", ")
        )
    });
    others.map(ToString::to_string).chain(idle).collect()
}

#[cfg(test)]
mod tests;
