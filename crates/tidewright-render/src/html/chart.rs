//! One limit's chart: history with what was masked, prime time, the forecast, the held-back days, and the marks.
//!
//! Shapes stretch with the page, words do not: paths live in a plot that is stretched, labels stand beside it at
//! percentages of its width. It draws what it was given and computes no demand.

mod labels;

use tidewright_core::{
    Bucket, DayClass, Evidence, Mark, PrimeTime, PrimeWindow, Proposal, TimeSpan, Timestamp, Zone,
};

use self::labels::{Level, flags, grid, levels, limits, percent, ticks};
use super::scale::{HEIGHT, Scale};
use crate::marks;
use crate::number;
use crate::path::Path;

/// How far above the data a limit may lie and still be drawn; a larger one would press the data flat.
const LIMIT_TO_DATA_MAX: f64 = 3.0;

/// Everything that the chart's template fills in.
pub(super) struct Chart {
    pub(super) description: String,
    pub(super) prime: String,
    pub(super) history: String,
    pub(super) masked: String,
    pub(super) band: String,
    pub(super) median: String,
    pub(super) has_future: bool,
    pub(super) now_percent: String,
    pub(super) held_back: Option<(String, String)>,
    pub(super) left_out_bars: String,
    pub(super) kept_bars: String,
    pub(super) flags: Vec<(String, String)>,
    pub(super) levels: Vec<Level>,
    pub(super) grid: Vec<(String, String)>,
    pub(super) ticks: Vec<(String, &'static str, String)>,
}

/// The chart of a proposal; `None` if there is no history to draw.
pub(super) fn chart(proposal: &Proposal, evidence: &Evidence, zone: &Zone) -> Option<Chart> {
    let (first, last) = (evidence.history.first()?, evidence.history.last()?);
    let past = TimeSpan { start: first.start, end: last.start.plus_millis(evidence.bucket_ms) };
    let future_end =
        evidence.forecast.last().map(|band| band.start.plus_millis(evidence.bucket_ms));
    let future_end = future_end.map_or(past.end, |end| end.max(past.end));
    let scale = Scale::new(past, future_end, top(proposal, evidence));
    let prime = proposal.estimate.as_ref().map(|it| prime_bars(&it.prime, &scale));
    let (band, median) = forecast(evidence, &scale);
    Some(Chart {
        description: description(proposal, past),
        prime: prime.unwrap_or_default(),
        history: history(evidence, &scale),
        masked: masked(evidence, &scale),
        has_future: future_end > past.end,
        now_percent: percent(scale.now_x()),
        held_back: evidence.held_back.map(|span| bracket(span, &scale)),
        levels: levels(proposal, &scale),
        grid: grid(&scale),
        ticks: ticks(&scale, zone),
        left_out_bars: mark_bars(&proposal.marks, false, &scale),
        kept_bars: mark_bars(&proposal.marks, true, &scale),
        flags: flags(&proposal.marks, &scale),
        band,
        median,
    })
}

/// The largest number of the plot: all data, and the limits that are not far above them.
fn top(proposal: &Proposal, evidence: &Evidence) -> f64 {
    let kept = evidence.history.iter().filter_map(|bucket| bucket.max);
    let data = kept.chain(evidence.forecast.iter().map(|band| band.high));
    let data = data.fold(0.0_f64, |top, value| top.max(f64::from(value)));
    let limits = limits(proposal).into_iter().map(|(_, _, value)| value);
    let limits = limits.filter(|value| data <= 0.0 || *value <= LIMIT_TO_DATA_MAX * data);
    limits.fold(data, f64::max) * 1.08
}

/// The area between the smallest and the largest count of each bucket; a gap parts it.
fn history(evidence: &Evidence, scale: &Scale) -> String {
    let mut path = Path::default();
    let measured = |bucket: &Bucket| bucket.min.is_some() && bucket.max.is_some();
    for run in evidence.history.chunk_by(|left, right| measured(left) == measured(right)) {
        if !measured(&run[0]) {
            continue;
        }
        let middle = |bucket: &Bucket| scale.x(bucket.start.plus_millis(evidence.bucket_ms / 2));
        let point = |bucket: &Bucket, value: Option<f32>| {
            (middle(bucket), scale.y(f64::from(value.unwrap_or_default())))
        };
        let upper = run.iter().map(|bucket| point(bucket, bucket.max));
        let lower = run.iter().rev().map(|bucket| point(bucket, bucket.min));
        path.outline(upper.chain(lower));
    }
    path.finish()
}

fn masked(evidence: &Evidence, scale: &Scale) -> String {
    let mut path = Path::default();
    for bucket in &evidence.history {
        if let Some(value) = bucket.masked {
            let middle = bucket.start.plus_millis(evidence.bucket_ms / 2);
            path.jump(scale.x(middle), scale.y(f64::from(value)));
            path.dot();
        }
    }
    path.finish()
}

/// The band and the median of the forecast.
fn forecast(evidence: &Evidence, scale: &Scale) -> (String, String) {
    let point = |start: Timestamp, value: f32| {
        (scale.x(start.plus_millis(evidence.bucket_ms / 2)), scale.y(f64::from(value)))
    };
    let (mut band, mut median) = (Path::default(), Path::default());
    let upper = evidence.forecast.iter().map(|it| point(it.start, it.high));
    let lower = evidence.forecast.iter().rev().map(|it| point(it.start, it.low));
    band.outline(upper.chain(lower));
    median.polyline(evidence.forecast.iter().map(|it| point(it.start, it.point)));
    (band.finish(), median.finish())
}

/// Nothing where all time is prime: a plot that is shaded all over says no more than one that is not.
fn prime_bars(prime: &PrimeTime, scale: &Scale) -> String {
    let mut path = Path::default();
    if [&prime.weekday, &prime.weekend].iter().all(|it| it.as_slice() == [PrimeWindow::ALL_DAY]) {
        return path.finish();
    }
    let days = prime.zone.local(scale.start()).day - 1..=prime.zone.local(scale.end()).day;
    for day in days {
        let midnight = prime.zone.midnight(day);
        let class = DayClass::of(prime.zone.local(midnight));
        for window in prime.windows(class) {
            let start = midnight.plus_millis(i64::from(window.start) * 60_000);
            let end = start.plus_millis(i64::from(window.minutes()) * 60_000);
            path.bar(scale.x(start), scale.x(end), HEIGHT);
        }
    }
    path.finish()
}

/// The line over the held-back days, and where its label ends.
fn bracket(span: TimeSpan, scale: &Scale) -> (String, String) {
    let (left, right) = (scale.x(span.start), scale.x(span.end));
    let (left, right) = (left.round(), right.round());
    (format!("M{left} 70V20H{right}V70"), percent(left))
}

/// A bar over each marked stretch, those that were left out and those that were kept apart.
fn mark_bars(marks: &[Mark], kept: bool, scale: &Scale) -> String {
    let mut path = Path::default();
    for mark in marks.iter().filter(|mark| marks::is_kept(mark.kind) == kept) {
        // What lasts lies lower, so that an incident within it stays visible.
        let y = if kept { 420.0 } else { 370.0 };
        path.dash(scale.x(mark.span.start), scale.x(mark.span.end), y);
    }
    path.finish()
}

fn description(proposal: &Proposal, past: TimeSpan) -> String {
    let limits = limits(proposal).into_iter();
    let limits = limits.map(|(_, word, value)| format!(", {word} {}", number::count(value)));
    let masked = proposal.estimate.as_ref().map_or(0, |it| it.statistics.masked);
    format!(
        "Requests to {} over {}{}, {} masked",
        proposal.key.name(),
        number::days((past.days() * 10.0).round() / 10.0),
        limits.collect::<String>(),
        number::plural(masked, "window")
    )
}
