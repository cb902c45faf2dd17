//! What a first look at a server of metrics has found, for people: counters, the mapping with its evidence, and what it
//! covers.
//!
//! Troubles come before what is well, and long lists end with how much more there is.

use tidewright_core::{
    Candidate, Coverage, Covered, Difference, MappedLabel, Mismatch, Onboarding, Pace, Rejected,
    Rewrite,
};

use crate::layout::{Align, Columns, wrap};
use crate::number;

/// Limits, and combinations without one, that are listed: a screen of each.
const ROWS_MAX: usize = 15;

/// The narrowest that a name becomes.
const NAME_WIDTH_MIN: usize = 16;

const DAY_MS: f64 = 86_400_000.0;

/// All of it, at `width`.
pub fn onboarding_table(onboarding: &Onboarding, width: usize) -> String {
    let (all, close) = onboarding.looked_at;
    let mut text = format!(
        "{} of {} at {} looked at closely\n",
        number::plural(close, "counter"),
        number::plural(all, "metric"),
        onboarding.place
    );
    let Some(best) = onboarding.candidates.first() else { return text };
    text += &format!("\n{}", candidates(&onboarding.candidates, width));
    text += &format!("\n{}", mapping(best, width));
    text += &sentences(best, onboarding.pace, &onboarding.limiter)
        .chain(onboarding.notes.iter().cloned())
        .flat_map(|sentence| wrap(&format!("- {sentence}"), width))
        .map(|line| line + "\n")
        .collect::<String>();
    text + "\n" + &coverage_table(&onboarding.coverage, width)
}

/// Which limits have traffic, and which traffic has limits.
pub fn coverage_table(coverage: &Coverage, width: usize) -> String {
    let share = if coverage.requests > 0.0 { coverage.matched / coverage.requests } else { 0.0 };
    let mut text = format!(
        "{} of {} have traffic; {} of {} requests a day have a limit\n",
        number::whole(coverage.with_traffic()),
        number::plural(coverage.limits.len(), "limit"),
        number::share(share),
        number::count(coverage.requests),
    );
    text += &limits(coverage, width);
    text + &strangers(coverage, width)
}

fn candidates(candidates: &[Candidate], width: usize) -> String {
    let mut columns = Columns::new(vec![
        ("COUNTER", Align::Left),
        ("SCORE", Align::Right),
        ("LIMITS", Align::Right),
        ("MATCHED", Align::Right),
        ("REQUESTS/DAY", Align::Right),
        ("SERIES", Align::Right),
        ("REJECTED", Align::Left),
    ]);
    for candidate in candidates {
        columns.row(&[
            candidate.metric.clone(),
            format!("{:.2}", candidate.score),
            number::whole(candidate.limits_with_traffic),
            number::share(candidate.traffic_matched),
            number::count(candidate.requests_per_day),
            number::whole(candidate.series as usize),
            rejected(candidate.rejected).to_owned(),
        ]);
    }
    columns.render(width, NAME_WIDTH_MIN)
}

const fn rejected(rejected: Rejected) -> &'static str {
    match rejected {
        Rejected::Seen => "seen",
        Rejected::ByLayout => "counted",
        Rejected::Behind => "missing",
        Rejected::Unknown => "unknown",
    }
}

fn mapping(best: &Candidate, width: usize) -> String {
    let mut columns = Columns::new(vec![
        ("DESCRIPTOR", Align::Left),
        ("LABEL", Align::Left),
        ("VALUES FOUND", Align::Left),
        ("STEPS", Align::Left),
    ]);
    for label in &best.labels {
        columns.row(&[
            label.descriptor.clone(),
            label.label.clone(),
            evidence(label),
            steps(label),
        ]);
    }
    for (descriptor, value) in &best.constants {
        let always = format!("always `{value}`");
        columns.row(&[descriptor.clone(), number::NONE.to_owned(), always, String::new()]);
    }
    columns.render_flowing(width, NAME_WIDTH_MIN)
}

/// How many values of the document a label has.
pub(crate) fn evidence(label: &MappedLabel) -> String {
    match label.values {
        0 => "by its name".to_owned(),
        all => format!("{} of {}", number::whole(label.matched), number::whole(all)),
    }
}

fn steps(label: &MappedLabel) -> String {
    let steps: Vec<String> = label.rewrites.iter().map(ToString::to_string).collect();
    if steps.is_empty() { "none".to_owned() } else { steps.join(", ") }
}

fn sentences<'a>(
    best: &'a Candidate,
    pace: Option<Pace>,
    limiter: &'a [String],
) -> impl Iterator<Item = String> + 'a {
    let matchers =
        best.matchers.iter().map(|(matcher, why)| format!("only `{matcher}` is counted: {why}"));
    let told = std::iter::once(best.rejected.sentence().to_owned());
    let status = best.status.iter().map(|label| format!("`{label}` holds the HTTP status"));
    let cache = best.cache.iter().map(|(label, hits)| {
        format!("`{label}` tells what a cache did; `{}` is a hit", hits.join("`, `"))
    });
    let own = (!limiter.is_empty()).then(|| {
        format!("the limiter's own counters are there: {}", number::plural(limiter.len(), "metric"))
    });
    let joins = best.labels.iter().flat_map(|label| label.mismatches.iter().filter(|it| it.joined));
    let joins = joins.map(|it| format!("{}: {}", joined(it), it.difference.sentence()));
    matchers.chain(told).chain(status).chain(cache).chain(own).chain(joins).chain(pace.map(paced))
}

fn paced(pace: Pace) -> String {
    let seconds = pace.interval_ms as f64 / 1000.0;
    let depth = number::days(pace.depth_ms as f64 / DAY_MS);
    let short = if (pace.depth_ms as f64) < 14.0 * DAY_MS {
        ": below 14 days no limit is cut and no weekly season is learnt"
    } else {
        ""
    };
    format!("scraped every {} s, {depth} of history{short}", number::figure(seconds))
}

fn joined(mismatch: &Mismatch) -> String {
    let Mismatch { written, measured, rewrite, .. } = mismatch;
    let step = rewrite.as_ref().map(Rewrite::to_string).unwrap_or_default();
    format!("`{measured}` becomes `{written}` by `{step}`")
}

fn limits(coverage: &Coverage, width: usize) -> String {
    let mut rows: Vec<_> = coverage.limits.iter().collect();
    rows.sort_by(|(one, a), (other, b)| rank(a).total_cmp(&rank(b)).then(one.cmp(other)));
    let mut columns = Columns::new(vec![
        ("LIMIT", Align::Left),
        ("REQUESTS/DAY", Align::Right),
        ("", Align::Left),
    ]);
    for (key, covered) in rows.iter().take(ROWS_MAX) {
        let requests = match covered {
            Covered::Traffic(requests) => number::count(*requests),
            _ => number::NONE.to_owned(),
        };
        columns.row(&[key.name(), requests, limit_trouble(covered)]);
    }
    if rows.is_empty() {
        return String::new();
    }
    format!("\n{}{}", columns.render_flowing(width, 32), more(rows.len()))
}

/// Troubles first, then the most traffic.
fn rank(covered: &Covered) -> f64 {
    match covered {
        Covered::Never(_) => -3.0,
        Covered::Unmapped(_) => -2.0,
        Covered::Nothing => -1.0,
        Covered::Traffic(requests) => 1.0 / (1.0 + requests),
    }
}

/// What is wrong with a limit, and what mends it; empty where nothing is.
pub fn limit_trouble(covered: &Covered) -> String {
    match covered {
        Covered::Traffic(_) => String::new(),
        Covered::Nothing => "no traffic in the last day".to_owned(),
        Covered::Unmapped(key) => format!("no label carries `{key}`"),
        Covered::Never(mismatch) => format!(
            "never matches: `{}` is measured, {}; {}",
            mismatch.measured,
            mismatch.difference.sentence(),
            remedy(mismatch)
        ),
    }
}

/// What mends a limit that can never match.
pub(crate) fn remedy(mismatch: &Mismatch) -> String {
    let Mismatch { measured, rewrite, difference, .. } = mismatch;
    match (difference, rewrite) {
        (Difference::QueryInDocument, Some(step)) => format!(
            "Envoy's `:path` carries the query string: write the limit as `{measured}` and strip the query there, or \
             count all of it here with the step `{step}`"
        ),
        (Difference::TemplateInMetric, _) => {
            "expose the path itself, or write the limit as the template".to_owned()
        }
        (_, Some(step)) => format!("the step `{step}` joins them"),
        (Difference::QueryInDocument, None) => format!(
            "Envoy's `:path` carries the query string: write the limit as `{measured}` and strip the query there"
        ),
        (_, None) => format!("write it as `{measured}`, which stands in the document already"),
    }
}

fn strangers(coverage: &Coverage, width: usize) -> String {
    if coverage.strangers.is_empty() {
        return String::new();
    }
    let mut columns = Columns::new(vec![
        ("WITHOUT A LIMIT", Align::Left),
        ("REQUESTS/DAY", Align::Right),
        ("SHARE", Align::Right),
    ]);
    for (key, requests) in coverage.strangers.iter().take(ROWS_MAX) {
        let share = number::share(requests / coverage.requests);
        columns.row(&[key.name(), number::count(*requests), share]);
    }
    format!("\n{}{}", columns.render(width, NAME_WIDTH_MIN), more(coverage.strangers_total))
}

fn more(rows: usize) -> String {
    match rows.saturating_sub(ROWS_MAX) {
        0 => String::new(),
        more => format!("and {} more\n", number::whole(more)),
    }
}
