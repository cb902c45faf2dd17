//! One panel: its shapes, what is written beside and below it, and what it is called.

use askama::Template;
use tidewright_core::{TimeSpan, Timestamp};

use super::axis::{self, Tick};
use super::scale::{HEIGHT, Scale, WIDTH, columns, thinned};
use super::{PartUnit, Plot, PlotPart};
use crate::path::Path;

/// The least share of the width that the future takes.
const FUTURE_SHARE_MIN: f64 = 0.05;

/// How far a band may widen a panel beyond its lines, in their spread: a wider one is cut off rather than let it press
/// the lines flat.
const BAND_REACH: f64 = 0.6;

/// Observed points up to which each is a dot that can be told from its neighbours, and a dot at all.
const DOTS_LARGE_MAX: usize = 600;
const DOTS_MAX: usize = 6_000;

/// Points of a forecast up to which its line is broad.
const BROAD_MAX: usize = 200;

/// Pixels of the panel with the forecast, and of each other.
const HEIGHT_PX: [u32; 2] = [300, 150];

/// Labels nearer to an edge than this stand inside of it.
const EDGE: f64 = 0.03 * WIDTH;

const DAY_MS: f64 = 86_400_000.0;

/// Everything that the template of a panel fills in.
#[derive(Template)]
#[template(path = "plot_panel.html")]
pub(super) struct Panel {
    /// Where it stands in a picture of its own; nothing where a page sets it.
    pub(super) place: Option<Place>,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) height: u32,
    /// Class and path of each shape, lowest first.
    pub(super) shapes: Vec<(String, String)>,
    /// Pixels down and text.
    pub(super) numbers: Vec<(String, String)>,
    /// Pixels down and text of what stands inside.
    pub(super) labels: Vec<(u32, String)>,
    /// Percent across, anchor and text.
    pub(super) ticks: Vec<(String, &'static str, String)>,
    /// Percent across of the end of the history.
    pub(super) now: Option<String>,
}

/// Pixels of a panel in a picture.
pub(super) struct Place {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) width: u32,
}

/// What the main panel shows, and what it leaves out.
pub(super) struct Main {
    pub(super) panel: Panel,
    /// Whether only the last part of the history is drawn.
    pub(super) is_cut: bool,
}

/// History, fit and forecast.
pub(super) fn main(plot: &Plot<'_>) -> Main {
    let (span, is_cut) = span(plot);
    let drawn = |points: &[(Timestamp, f64)]| -> Vec<(Timestamp, f64)> {
        points.iter().copied().filter(|(at, _)| *at >= span.start).collect()
    };
    let (history, fitted) = (drawn(&plot.history), drawn(&plot.fitted));
    let scale = main_scale(plot, span, &history, &fitted);
    let mut shapes = bands(plot, &scale);
    let line = |points: &[(Timestamp, f64)]| {
        let points = points.iter().map(|(at, value)| scale.point(*at, *value)).collect();
        let mut path = Path::default();
        path.polyline(thinned(points).into_iter());
        path.finish()
    };
    // A fit that turns every week would hide the dots of years.
    shapes.push(("fitted".to_owned(), line(&fitted)));
    shapes.push(observed(&history, &scale));
    let median = if plot.forecast.axis().len() <= BROAD_MAX { "median" } else { "median fine" };
    shapes.push((median.to_owned(), line(&forecast_points(plot))));
    let title = plot.name.clone().unwrap_or_else(|| "forecast".to_owned());
    let panel = Panel {
        place: None,
        description: format!("History and forecast: {title}"),
        title,
        height: HEIGHT_PX[0],
        shapes,
        numbers: numbers(&scale, HEIGHT_PX[0], 1.0, ""),
        labels: Vec::new(),
        ticks: ticks(&scale, axis::moments(span)),
        now: now(plot, &scale),
    };
    Main { panel, is_cut }
}

/// One component.
pub(super) fn part(plot: &Plot<'_>, part: &PlotPart<'_>) -> Panel {
    let span = part_span(part);
    let inside: Vec<usize> =
        (0..part.times.len()).filter(|&i| span.start <= part.times[i]).collect();
    let values = inside.iter().map(|&i| part.point[i]);
    let lines = Scale::new(span, values);
    let banded = inside.iter().flat_map(|&i| [part.lower[i], part.upper[i]]);
    let scale = widened(lines, banded);
    let points = |values: &[f64]| -> Vec<(f64, f64)> {
        inside.iter().map(|&i| scale.point(part.times[i], values[i])).collect()
    };
    let mut band = Path::default();
    if part.lower != part.upper {
        let lower = thinned(points(part.lower)).into_iter().rev();
        band.outline(thinned(points(part.upper)).into_iter().chain(lower));
    }
    let mut line = Path::default();
    line.polyline(thinned(points(part.point)).into_iter());
    let (factor, unit) = match part.unit {
        PartUnit::Value => (1.0, ""),
        PartUnit::Share => (100.0, " %"),
    };
    let ticks_of = part.period_days.map_or_else(|| axis::moments(span), |it| axis::turn(span, it));
    Panel {
        place: None,
        title: part.name.replace('_', " "),
        description: format!("The component {}", part.name),
        height: HEIGHT_PX[1],
        shapes: vec![("band80".to_owned(), band.finish()), ("part".to_owned(), line.finish())],
        numbers: numbers(&scale, HEIGHT_PX[1], factor, unit),
        labels: Vec::new(),
        ticks: ticks(&scale, ticks_of),
        now: if part.period_days.is_some() { None } else { now(plot, &scale) },
    }
}

/// What is drawn of time: all, or as much of the history as leaves the future its share.
fn span(plot: &Plot<'_>) -> (TimeSpan, bool) {
    let axis = plot.forecast.axis();
    let first = (!axis.is_empty()).then(|| axis.timestamp(0));
    let end = axis.len().checked_sub(1).map(|last| axis.timestamp(last));
    let start = plot.history.first().map(|(at, _)| *at).or(first).unwrap_or_default();
    let now = plot.history.last().map(|(at, _)| *at).or(first).unwrap_or(start);
    let end = end.map_or(now, |end| end.max(now));
    let future = (end.as_millis() - now.as_millis()) as f64;
    let most = (future / FUTURE_SHARE_MIN) as i64;
    let all = TimeSpan { start, end };
    let is_cut = future > 0.0 && all.millis() > most;
    (if is_cut { TimeSpan { start: end.plus_millis(-most), end } } else { all }, is_cut)
}

/// The last turn of what comes again, or all.
fn part_span(part: &PlotPart<'_>) -> TimeSpan {
    let (start, end) = (part.times.first(), part.times.last());
    let (start, end) = (start.copied().unwrap_or_default(), end.copied().unwrap_or_default());
    let turn = part.period_days.map(|days| end.plus_millis(-(days * DAY_MS) as i64));
    TimeSpan { start: turn.map_or(start, |turn| turn.max(start)), end }
}

fn main_scale(
    plot: &Plot<'_>,
    span: TimeSpan,
    history: &[(Timestamp, f64)],
    fitted: &[(Timestamp, f64)],
) -> Scale {
    let past = history.iter().chain(fitted).map(|(_, value)| *value);
    let lines = Scale::new(span, past.chain(plot.forecast.point().iter().copied()));
    let edges = [0.025, 0.975].into_iter().filter_map(|level| plot.forecast.quantile(level));
    widened(lines, edges.flatten().copied())
}

/// A scale that holds bands too, but for what reaches too far.
pub(super) fn widened(lines: Scale, band: impl Iterator<Item = f64>) -> Scale {
    let reach = BAND_REACH * (lines.high - lines.low);
    let (least, most) = (lines.low - reach, lines.high + reach);
    let edges = band.map(|value| value.clamp(least, most));
    let (low, high) =
        edges.fold((lines.low, lines.high), |(low, high), value| (low.min(value), high.max(value)));
    Scale { low, high, ..lines }
}

fn forecast_points(plot: &Plot<'_>) -> Vec<(Timestamp, f64)> {
    let axis = plot.forecast.axis();
    (0..axis.len()).map(|i| axis.timestamp(i)).zip(plot.forecast.point().iter().copied()).collect()
}

/// The area of 95 %, and within it that of 80 %.
fn bands(plot: &Plot<'_>, scale: &Scale) -> Vec<(String, String)> {
    let axis = plot.forecast.axis();
    let edge = |level: f64| -> Option<Vec<(f64, f64)>> {
        let row = plot.forecast.quantile(level)?;
        let points =
            row.iter().enumerate().map(|(i, value)| scale.point(axis.timestamp(i), *value));
        Some(thinned(points.collect()))
    };
    let band = |class: &str, low: f64, high: f64| {
        let (lower, upper) = (edge(low)?, edge(high)?);
        let mut path = Path::default();
        path.outline(upper.into_iter().chain(lower.into_iter().rev()));
        Some((class.to_owned(), path.finish()))
    };
    [band("band95", 0.025, 0.975), band("band80", 0.1, 0.9)].into_iter().flatten().collect()
}

/// What was observed: dots, or where these would hide one another the area between the least and the largest.
pub(super) fn observed(history: &[(Timestamp, f64)], scale: &Scale) -> (String, String) {
    let points = history.iter().map(|(at, value)| scale.point(*at, *value));
    let mut path = Path::default();
    if history.len() <= DOTS_MAX {
        points.for_each(|(x, y)| {
            path.jump(x, y);
            path.dot();
        });
        let class = if history.len() <= DOTS_LARGE_MAX { "observed" } else { "observed dense" };
        return (class.to_owned(), path.finish());
    }
    let columns = columns(points);
    let width = WIDTH / 1000.0;
    for run in columns.chunk_by(|left, right| right.x - left.x < 1.5 * width) {
        let (top, bottom) = (
            |it: &super::scale::Column| (it.x, it.low),
            |it: &super::scale::Column| (it.x, it.high),
        );
        path.outline(run.iter().map(top).chain(run.iter().rev().map(bottom)));
    }
    ("crowd".to_owned(), path.finish())
}

pub(super) fn numbers(
    scale: &Scale,
    height: u32,
    factor: f64,
    unit: &str,
) -> Vec<(String, String)> {
    let px = |value: f64| scale.y(value) / HEIGHT * f64::from(height);
    let lines = axis::numbers(scale.low, scale.high, factor, unit);
    lines.into_iter().map(|(value, text)| (tenth(px(value)), text)).collect()
}

pub(super) fn ticks(scale: &Scale, ticks: Vec<Tick>) -> Vec<(String, &'static str, String)> {
    ticks.into_iter().map(|tick| tick_at(scale.x(tick.at), tick.text)).collect()
}

/// What the template needs of a text below a panel.
pub(super) fn tick_at(x: f64, text: String) -> (String, &'static str, String) {
    let anchor = match x {
        left if left < EDGE => "start",
        right if right > WIDTH - EDGE => "end",
        _ => "middle",
    };
    (percent(x), anchor, text)
}

/// Where the history ends, if it is drawn and something follows.
fn now(plot: &Plot<'_>, scale: &Scale) -> Option<String> {
    let (last, _) = plot.history.last()?;
    let x = scale.x(*last);
    (x > 0.0 && x < WIDTH).then(|| percent(x))
}

fn percent(x: f64) -> String {
    let text = format!("{:.2}", x * 100.0 / WIDTH);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

pub(super) fn tenth(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}
