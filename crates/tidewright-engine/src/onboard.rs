//! The first look at a server of metrics: which counter is demand, and which of its labels carry the limits' descriptors.
//!
//! The rule: evidence before names. A counter is proposed because its labels have the values that the document has and
//! because it rises; names only break ties. A few cheap questions narrow thousands of metrics down to a handful that are
//! summed. Nothing is decided about limits here, and nothing is written.

mod coverage;
mod doubles;
mod examine;
mod labels;
mod names;
mod wanted;

use tidewright_core::{
    Candidate, Coverage, Layout, MetricExplorer, MetricLabels, Onboarding, PortError, Rejected,
    SumRequest, Timestamp,
};
use tidewright_limiter::Document;

use crate::error::EngineError;
use coverage::cover;
use doubles::{Twice, twice};
pub use examine::examine;
use labels::{cache_label, map_labels, status_label};
use wanted::Wanted;

/// Metrics whose labels are looked at: the counters of a large exporter, and of a few of them.
const CLOSE_MAX: usize = 60;

/// Counters that are summed: each costs the server a day of samples.
const SUMMED_MAX: usize = 5;

/// Counters that are shown.
const CANDIDATES_MAX: usize = 5;

/// Series of a counter that is summed over a whole day; a larger one is summed over an hour.
const DAY_SERIES_MAX: u64 = 20_000;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// A counter on its way to a candidate.
struct Draft {
    candidate: Candidate,
    labels: MetricLabels,
    coverage: Coverage,
}

/// Looks for demand of the limits of `document`, or of any partners and paths without one.
///
/// # Errors
/// [`EngineError::Source`] if the server does not answer.
pub async fn onboard(
    explorer: &dyn MetricExplorer,
    document: Option<&Document>,
    at: Timestamp,
) -> Result<Onboarding, EngineError> {
    let unread = |source: PortError| EngineError::Source { place: explorer.place(), source };
    let metrics = explorer.fetch_metrics(at).await.map_err(unread)?;
    let close = names::plausible(&metrics, CLOSE_MAX);
    let labels = match close.as_slice() {
        [] => std::collections::BTreeMap::new(),
        names => explorer.fetch_labels(names, at).await.map_err(unread)?,
    };
    let wanted = Wanted::of(document.map(Document::entries));
    let drafts = labels.into_iter().filter_map(|(metric, labels)| draft(metric, labels, &wanted));
    let mut drafts: Vec<Draft> = drafts.collect();
    drafts.sort_by(|one, other| other.candidate.score.total_cmp(&one.candidate.score));
    drafts.truncate(SUMMED_MAX);
    for draft in &mut drafts {
        measure(explorer, draft, &wanted, at).await.map_err(unread)?;
    }
    drafts.retain(|draft| draft.candidate.requests_per_day > 0.0);
    drafts.sort_by(|one, other| other.candidate.score.total_cmp(&one.candidate.score));
    let mut notes = Vec::new();
    let mut pace = None;
    if let Some(best) = drafts.first_mut() {
        single(explorer, best, &wanted, at).await.map_err(unread)?;
        let selector = selector(&best.candidate);
        pace = explorer.fetch_pace(&selector, at).await.map_err(unread)?;
        notes.extend(best.labels.cut.then(|| {
            format!("`{}` has labels with more values than were looked at", best.candidate.metric)
        }));
    }
    notes.extend(preference(&drafts));
    notes.extend(metrics.cut.then(|| "the server has more metrics than were listed".to_owned()));
    let coverage =
        drafts.first().map_or_else(|| wanted.uncovered(), |draft| draft.coverage.clone());
    Ok(Onboarding {
        place: explorer.place(),
        at,
        looked_at: (metrics.kinds.len(), close.len()),
        candidates: drafts.into_iter().map(|draft| draft.candidate).take(CANDIDATES_MAX).collect(),
        coverage,
        pace,
        limiter: names::limiter(&metrics),
        roles: wanted.roles(),
        notes,
    })
}

/// A metric whose labels can carry the descriptors that are wanted.
fn draft(metric: String, labels: MetricLabels, wanted: &Wanted) -> Option<Draft> {
    let mapped = map_labels(wanted, &labels);
    if mapped.is_empty() {
        return None;
    }
    let layout = names::layout(&metric);
    let status = status_label(&labels);
    let rejected = rejected(&metric, layout, status.as_deref(), &labels);
    let shares = mapped.iter().map(|label| match label.values {
        0 => 0.5,
        values => label.matched as f64 / values as f64,
    });
    let share = shares.sum::<f64>() / wanted.descriptors.len().max(1) as f64;
    let constants = wanted.constants(&mapped);
    let candidate = Candidate {
        layout,
        matchers: Vec::new(),
        constants,
        series: labels.series,
        requests_per_day: 0.0,
        limits_with_traffic: 0,
        traffic_matched: 0.0,
        rejected,
        cache: cache_label(&labels),
        score: share + 0.1 * names::prior(&metric),
        labels: mapped,
        status,
        metric,
    };
    Some(Draft { candidate, labels, coverage: Coverage::default() })
}

/// Sums a counter and judges it by what its traffic covers.
async fn measure(
    explorer: &dyn MetricExplorer,
    draft: &mut Draft,
    wanted: &Wanted,
    at: Timestamp,
) -> Result<(), PortError> {
    let candidate = &mut draft.candidate;
    let ask = sum_request(candidate, &[], at);
    let sums = explorer.fetch_sums(&ask).await?;
    let per_day = DAY_MS as f64 / ask.span_ms as f64;
    draft.coverage = cover(candidate, &sums, per_day, wanted);
    let coverage = &draft.coverage;
    candidate.requests_per_day = coverage.requests;
    candidate.limits_with_traffic = coverage.with_traffic();
    candidate.traffic_matched =
        if coverage.requests > 0.0 { coverage.matched / coverage.requests } else { 0.0 };
    candidate.score = score(candidate, wanted);
    Ok(())
}

/// From 0 to 1. Limits with traffic weigh most: they are what the counter is wanted for. Rejected requests weigh more
/// than a name, since without them demand ends at the limit that it should set.
fn score(candidate: &Candidate, wanted: &Wanted) -> f64 {
    let limits = match wanted.measurable() {
        0 => candidate.labels.len() as f64 / wanted.descriptors.len().max(1) as f64,
        limits => candidate.limits_with_traffic as f64 / limits as f64,
    };
    let rejected = match candidate.rejected {
        Rejected::Seen | Rejected::ByLayout => 1.0,
        Rejected::Unknown => 0.4,
        Rejected::Behind => 0.0,
    };
    let name = names::prior(&candidate.metric);
    (0.6 * limits.min(1.0) + 0.15 * candidate.traffic_matched + 0.15 * rejected + 0.1 * name)
        .clamp(0.0, 1.0)
}

/// Makes sure that every request is counted once.
async fn single(
    explorer: &dyn MetricExplorer,
    draft: &mut Draft,
    wanted: &Wanted,
    at: Timestamp,
) -> Result<(), PortError> {
    for label in doubles::suspects(&draft.labels) {
        let ask = sum_request(&draft.candidate, &[&label], at);
        let sums = explorer.fetch_sums(&ask).await?;
        if let Some(Twice { keep, why }) = twice(&label, &draft.labels, &sums) {
            draft.candidate.matchers.push((format!("{label}={keep:?}"), why));
        }
    }
    if draft.candidate.matchers.is_empty() {
        return Ok(());
    }
    measure(explorer, draft, wanted, at).await
}

fn sum_request(candidate: &Candidate, beside: &[&str], at: Timestamp) -> SumRequest {
    let own = candidate.labels.iter().map(|label| label.label.as_str());
    let by = own.chain(beside.iter().copied()).map(str::to_owned).collect();
    let span_ms = if candidate.series <= DAY_SERIES_MAX { DAY_MS } else { HOUR_MS };
    SumRequest { selector: selector(candidate), by, at, span_ms }
}

/// The counter with its matchers, as PromQL selects it.
fn selector(candidate: &Candidate) -> String {
    let present = candidate.labels.iter().map(|label| format!("{}!=\"\"", label.label));
    let matchers = candidate.matchers.iter().map(|(matcher, _)| matcher.clone());
    format!("{}{{{}}}", candidate.metric, present.chain(matchers).collect::<Vec<_>>().join(","))
}

fn rejected(metric: &str, layout: Layout, status: Option<&str>, labels: &MetricLabels) -> Rejected {
    let has_429 = status.and_then(|label| labels.values.get(label));
    match layout {
        _ if has_429.is_some_and(|values| values.contains("429")) => Rejected::Seen,
        _ if names::is_behind(metric) => Rejected::Behind,
        Layout::Istio | Layout::Nginx | Layout::Limiter => Rejected::ByLayout,
        Layout::Envoy | Layout::Custom => Rejected::Unknown,
    }
}

/// Why the first candidate stands before the second, where rejected requests made the difference.
fn preference(drafts: &[Draft]) -> Option<String> {
    let [best, second, ..] = drafts else { return None };
    let (best, second) = (&best.candidate, &second.candidate);
    let holds = |it: &Candidate| matches!(it.rejected, Rejected::Seen | Rejected::ByLayout);
    let alike = best.limits_with_traffic <= second.limits_with_traffic;
    (alike && holds(best) && !holds(second)).then(|| {
        format!(
            "`{}` stands before `{}` because rejected requests are in it: without them demand \
             could never exceed the present limit",
            best.metric, second.metric
        )
    })
}

#[cfg(test)]
mod tests;
