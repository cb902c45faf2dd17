//! From settings to adapters: which source, which store, as of when. The only place that knows all of them.

use anyhow::{Context, Result};
use tidewright_core::{Clock, MetricSource, Timestamp};
use tidewright_source::csv_file::CsvSource;
use tidewright_source::prometheus::{
    Auth, LabelRule, Mapping, PrometheusSettings, PrometheusSource, Reading, Secret, Yields,
};
use tidewright_source::synthetic::{SyntheticSettings, SyntheticSource};
use tidewright_store::SqliteStore;

use crate::config::{self, Loaded, SecretSource, Settings, Source, TrafficPreset, TrafficReading};
use crate::exit::Mistake;

/// The labels of the Istio preset, which Istio does not have by itself: added by a Telemetry resource.
const ISTIO_LABELS: [(&str, &str); 2] = [("PARTNER", "partner"), ("PATH", "path")];
/// The end of a connection that counts at a gateway.
const ISTIO_REPORTER: &str = "source";

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
    let ours = &settings.prometheus;
    let prometheus = PrometheusSettings {
        auth: auth(&ours.auth)?,
        headers: ours
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), Secret::new(value)))
            .collect(),
        timeout: ours.timeout,
        concurrency: ours.concurrency,
        reading: reading(&settings.traffic.reading),
        ..PrometheusSettings::new(url, mapping(&settings.traffic))
    };
    PrometheusSource::new(prometheus)
        .map_err(|error| Mistake::new(error.to_string(), "see `tidewright config show`").into())
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

fn auth(auth: &config::Auth) -> Result<Auth> {
    let load = |secret: &SecretSource| -> Result<Secret> {
        let loaded = secret.load().map_err(|error| {
            Mistake::new(
                format!("cannot read the secret: {error}"),
                "check PROMETHEUS_AUTH and the file's rights",
            )
        })?;
        Ok(Secret::new(loaded.expose()))
    };
    Ok(match auth {
        config::Auth::None => Auth::None,
        config::Auth::Bearer(token) => Auth::Bearer(load(token)?),
        config::Auth::Basic { username, password } => {
            Auth::Basic { user: username.clone(), password: load(password)? }
        }
    })
}

fn mapping(traffic: &config::Traffic) -> Mapping {
    let own = &traffic.labels;
    let rule = |(key, label): (&String, &String)| LabelRule::new(key, label);
    let own: Vec<LabelRule> = own.iter().map(rule).collect();
    let mut mapping = match traffic.preset {
        TrafficPreset::Nginx => relabelled(Mapping::nginx(), own),
        TrafficPreset::Istio if own.is_empty() => {
            let usual = ISTIO_LABELS.map(|(key, label)| LabelRule::new(key, label));
            Mapping::istio(ISTIO_REPORTER, usual.into())
        }
        TrafficPreset::Istio => Mapping::istio(ISTIO_REPORTER, own),
        TrafficPreset::Ratelimit => {
            // The limiter's labels hold `KEY_value`.
            let prefixed = |rule: LabelRule| {
                let prefix = format!("{}_", rule.descriptor);
                LabelRule { strip_prefix: Some(prefix), ..rule }
            };
            relabelled(Mapping::ratelimit(), own.into_iter().map(prefixed).collect())
        }
        TrafficPreset::Custom => Mapping::custom("", own),
    };
    for rule in &mut mapping.labels {
        rule.rewrites = traffic.rewrites.get(&rule.descriptor).cloned().unwrap_or_default();
    }
    let constants = traffic.constants.iter();
    mapping.constants = constants.map(|(key, value)| (key.clone(), value.clone())).collect();
    if let Some(metric) = &traffic.metric {
        mapping.metric.clone_from(metric);
    }
    match &traffic.matchers {
        Some(matchers) => mapping.matching(matchers),
        None => mapping,
    }
}

/// A preset with labels of one's own, if there are any; its matchers ask for labels that it would not have then.
fn relabelled(preset: Mapping, own: Vec<LabelRule>) -> Mapping {
    if own.is_empty() {
        return preset;
    }
    let Mapping { labels, matchers, .. } = Mapping::custom("", own);
    Mapping { labels, matchers, ..preset }
}

fn reading(reading: &TrafficReading) -> Reading {
    match reading {
        TrafficReading::Auto => Reading::Auto,
        TrafficReading::Edges => Reading::Edges,
        TrafficReading::Increase => Reading::Increase,
        TrafficReading::Query { promql, yields } => Reading::Query {
            promql: promql.clone(),
            yields: match yields {
                config::QueryYields::Rate => Yields::Rate,
                config::QueryYields::Count => Yields::Count,
            },
        },
    }
}
