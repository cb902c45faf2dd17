//! A second look: whether a counter that is mapped already still carries what the document asks for.

use tidewright_core::{Candidate, Examination, MetricExplorer, MetricLabels, PortError, Timestamp};
use tidewright_limiter::Document;

use super::doubles::{self, Twice, twice};
use super::labels::remap;
use super::wanted::Wanted;
use super::{DAY_MS, cover, names, selector, sum_request};
use crate::error::EngineError;

/// Looks at `counter`, whose mapping is known, beside a document.
///
/// # Errors
/// [`EngineError::Source`] if the server does not answer.
pub async fn examine(
    explorer: &dyn MetricExplorer,
    counter: &Candidate,
    document: Option<&Document>,
    at: Timestamp,
) -> Result<Examination, EngineError> {
    let looked = look(explorer, counter, document, at).await;
    looked.map_err(|source| EngineError::Source { place: explorer.place(), source })
}

async fn look(
    explorer: &dyn MetricExplorer,
    counter: &Candidate,
    document: Option<&Document>,
    at: Timestamp,
) -> Result<Examination, PortError> {
    let wanted = Wanted::of(document.map(Document::entries));
    let metric = std::slice::from_ref(&counter.metric);
    let labels = explorer.fetch_labels(metric, at).await?.remove(&counter.metric);
    let labels: MetricLabels = labels.unwrap_or_default();
    let mut counter = Candidate { series: labels.series, ..counter.clone() };
    for label in &mut counter.labels {
        *label = remap(label, &wanted, &labels);
    }
    let has = |label: &&str| labels.values.contains_key(*label);
    let mapped = counter.labels.iter().map(|label| label.label.as_str());
    let missing = mapped.filter(|label| !has(label)).map(str::to_owned).collect();
    let ask = sum_request(&counter, &[], at);
    let per_day = DAY_MS as f64 / ask.span_ms as f64;
    let coverage = cover(&counter, &explorer.fetch_sums(&ask).await?, per_day, &wanted);
    let mut found = Vec::new();
    for label in doubles::suspects(&labels) {
        let is_chosen = counter.matchers.iter().any(|(matcher, _)| matcher.starts_with(&label));
        if is_chosen {
            continue;
        }
        let sums = explorer.fetch_sums(&sum_request(&counter, &[&label], at)).await?;
        if let Some(Twice { keep, why }) = twice(&label, &labels, &sums) {
            found.push((format!("{label}={keep:?}"), why));
        }
    }
    Ok(Examination {
        missing,
        labels: labels.values.into_keys().collect(),
        coverage,
        twice: found,
        pace: explorer.fetch_pace(&selector(&counter), at).await?,
        limiter: names::limiter(&explorer.fetch_metrics(at).await?),
        time: explorer.fetch_time().await?,
    })
}
