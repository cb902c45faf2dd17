//! The examination of a Prometheus: is it there, does the mapping hold, is everything counted once and fresh.

use tidewright_core::{Covered, Examination, LimitTarget, Pace, Timestamp};
use tidewright_engine::examine;
use tidewright_files::FileTarget;
use tidewright_limiter::Document;
use tidewright_render::limit_trouble;
use tidewright_source::prometheus::{Check, Finding, Health};

use super::{Line, failed, good};
use crate::adapt;
use crate::config::Settings;
use crate::exit::error_text;
use crate::wall::WallClock;

/// Samples that are older have missed several scrapes at any usual interval.
const AGE_MS_MAX: i64 = 300_000;

/// Clocks further apart put demand into other windows than the limiter's.
const SKEW_MS_MAX: i64 = 30_000;

/// Labels that are listed where one is missing.
const LABELS_TOLD_MAX: usize = 12;

/// All lines about the server at `url`.
pub(super) async fn lines(settings: &Settings, url: &str) -> Vec<Line> {
    let source = match adapt::prometheus(settings, url) {
        Ok(source) => source,
        Err(error) => {
            return vec![failed("source", error_text(&error), "check `tidewright config show`")];
        }
    };
    let at = adapt::moment(settings, &WallClock);
    let mut lines: Vec<Line> = source.probe(at).await.into_iter().map(probed).collect();
    if lines.iter().any(|line| line.health == Health::Failed && line.what == "prometheus") {
        return lines;
    }
    let document = document(settings).await;
    match examine(&source, &adapt::counter(settings), document.as_ref(), at).await {
        Ok(found) => lines.extend(examined(settings, &found, at)),
        Err(error) => {
            lines.push(failed("mapping", error_text(&error.into()), "check the server's log"));
        }
    }
    lines
}

/// The document, if it can be read; what is wrong with it is told by a line of its own.
async fn document(settings: &Settings) -> Option<Document> {
    let target = FileTarget::new(settings.current_file.as_ref()?);
    let bytes = target.load().await.ok()??;
    Document::parse(&bytes).ok()
}

fn examined(settings: &Settings, found: &Examination, at: Timestamp) -> Vec<Line> {
    let mut lines = vec![mapping(settings, found)];
    if settings.current_file.is_some() && found.missing.is_empty() {
        lines.push(coverage(found));
    }
    lines.push(counted_once(found));
    lines.extend(found.pace.map(freshness));
    // A moment of the past is asked for, so that the two clocks do not meet.
    let now = settings.at.is_none().then_some(at);
    lines.extend(now.zip(found.time).map(|(ours, theirs)| clock(ours, theirs)));
    lines.push(limiter(found));
    lines
}

fn mapping(settings: &Settings, found: &Examination) -> Line {
    let counter = adapt::counter(settings);
    if found.missing.is_empty() {
        let pair = |label: &tidewright_core::MappedLabel| {
            format!("{} from `{}`", label.descriptor, label.label)
        };
        let labels: Vec<String> = counter.labels.iter().map(pair).collect();
        return good("mapping", labels.join(", "));
    }
    let there: Vec<&str> = found.labels.iter().take(LABELS_TOLD_MAX).map(String::as_str).collect();
    let there = if there.is_empty() {
        "there is no such metric now".to_owned()
    } else {
        format!("it has `{}`", there.join("`, `"))
    };
    failed(
        "mapping",
        format!("`{}` has no label `{}`", counter.metric, found.missing.join("`, `")),
        format!("{there}; set `TRAFFIC.labels`, or let `tidewright init` find the counter"),
    )
}

fn coverage(found: &Examination) -> Line {
    let coverage = &found.coverage;
    let share = if coverage.requests > 0.0 { coverage.matched / coverage.requests } else { 0.0 };
    let told = format!(
        "{} of {} limits have traffic, {:.1} % of the requests have a limit",
        coverage.with_traffic(),
        coverage.limits.len(),
        share * 100.0
    );
    if coverage.with_traffic() == 0 && !coverage.limits.is_empty() {
        let remedy =
            "the labels' values are not those of the document: `tidewright init` finds the mapping";
        return failed("coverage", told, remedy);
    }
    let never = coverage.limits.iter().find(|(_, it)| matches!(it, Covered::Never(_)));
    match never {
        Some((key, covered)) => {
            let remedy = format!("`{}` {}", key.name(), limit_trouble(covered));
            weak("coverage", told, remedy)
        }
        None => good("coverage", told),
    }
}

fn counted_once(found: &Examination) -> Line {
    match found.twice.first() {
        None => good("counted once", "no label parts the same requests".to_owned()),
        Some((matcher, why)) => {
            let remedy = format!("add the matcher `{matcher}` to `TRAFFIC.matchers`");
            failed("counted once", why.clone(), remedy)
        }
    }
}

fn freshness(pace: Pace) -> Line {
    let told = format!("the newest sample is {} s old", pace.age_ms / 1000);
    if pace.age_ms <= AGE_MS_MAX {
        return good("freshness", told);
    }
    let remedy =
        "see `up` and the targets of the server: limits are held once the samples are stale";
    weak("freshness", told, remedy.to_owned())
}

fn clock(ours: Timestamp, theirs: Timestamp) -> Line {
    let apart = (ours.as_millis() - theirs.as_millis()).abs();
    let told = format!("{:.1} s apart from the server", apart as f64 / 1000.0);
    if apart <= SKEW_MS_MAX {
        return good("clock", told);
    }
    weak(
        "clock",
        told,
        "synchronise both clocks (NTP): windows would be cut at other moments".to_owned(),
    )
}

fn limiter(found: &Examination) -> Line {
    let over = found.limiter.iter().any(|name| name.ends_with("_over_limit"));
    if over {
        return good("limiter", "it counts what is over its limits".to_owned());
    }
    let told = "its own counters are not there".to_owned();
    let remedy = "let it expose them (`USE_PROMETHEUS=true`) and scrape it: the replay is held to its `over_limit`";
    weak("limiter", told, remedy.to_owned())
}

const fn weak(what: &'static str, found: String, remedy: String) -> Line {
    Line { health: Health::Doubtful, what, found, remedy: Some(remedy) }
}

fn probed(finding: Finding) -> Line {
    let Finding { check, health, found, remedy } = finding;
    let what = match check {
        Check::Reachable => "prometheus",
        Check::Version => "version",
        Check::ScrapeInterval => "scrape interval",
        Check::Counters => "counters",
        Check::History => "history",
    };
    Line { health, what, found, remedy }
}
