//! The arithmetic of an estimate, line by line: each line shows its sum and its result, so that a reader can redo it
//! with a pocket calculator. The same lines go into `explain`, Markdown and HTML.

use tidewright_core::{Arithmetic, Base, BoundEffect, CacheFrom, Estimate, PeakForecast};

use crate::number::{about, count, figure, limit, percent, plural, share, whole};
use crate::words;

/// One line: what it is, how it comes about, what it gives.
pub(crate) struct Line {
    pub(crate) name: &'static str,
    pub(crate) how: String,
    pub(crate) value: String,
}

impl Line {
    fn new(name: &'static str, how: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name, how: how.into(), value: value.into() }
    }
}

/// From demand to limit.
pub(crate) fn arithmetic(estimate: &Estimate) -> Vec<Line> {
    let sums = &estimate.arithmetic;
    let mut lines = measured(estimate);
    lines.push(match &sums.forecast {
        Some(forecast) => forecast_line(forecast),
        None => Line::new("forecast", "there is none", "–"),
    });
    lines.push(Line::new("base", base_note(sums), figure(sums.base)));
    let expected = sums.base * sums.event_factor;
    if sums.event_factor != 1.0 {
        lines.push(Line::new("event", times(sums.base, sums.event_factor), figure(expected)));
    }
    let counted = expected * sums.cache_ratio;
    lines.push(Line::new("cache", cache_note(expected, sums), figure(counted)));
    let possible = counted * sums.unseen_factor;
    if sums.unseen_factor != 1.0 {
        lines.push(Line::new("unseen", unseen_note(counted, sums), figure(possible)));
    }
    lines.extend([
        Line::new("margin", times(possible, sums.safety_margin), figure(sums.unrounded)),
        Line::new("rounding", rounding_note(sums), figure(sums.rounded)),
        Line::new("bounds", bounds_note(sums), limit(estimate.limit)),
        Line::new("interval", "a current limit in here stays as it is", interval(estimate)),
    ]);
    let without = estimate.without_rejected.map(limit);
    let how = "the same without the windows in which requests were rejected";
    lines.extend(without.map(|without| Line::new("lower bound", how, without)));
    lines
}

/// What was measured, and how well.
pub(crate) fn data(estimate: &Estimate) -> Vec<Line> {
    let it = &estimate.statistics;
    let ratio = |part: usize| share(part as f64 / it.windows.max(1) as f64);
    let zone = &estimate.prime.zone;
    let confidence = estimate.confidence;
    vec![
        Line::new("windows", "asked for", whole(it.windows)),
        Line::new("gaps", format!("{} of them", ratio(it.gaps)), whole(it.gaps)),
        Line::new("masked", format!("{}, as incidents", ratio(it.masked)), whole(it.masked)),
        Line::new(
            "history",
            format!("the last measured window ended {}", zone.format(it.last_seen)),
            format!("{:.1} days", it.history_days),
        ),
        Line::new("prime time", words::prime(&estimate.prime), ""),
        Line::new("model", estimate.model.clone(), ""),
        Line::new("confidence", confidence.level(), format!("{:.2}", confidence.get())),
    ]
}

fn unseen_note(counted: f64, sums: &Arithmetic) -> String {
    format!("{}, for what a short history has not shown", times(counted, sums.unseen_factor))
}

fn measured(estimate: &Estimate) -> Vec<Line> {
    let peak = &estimate.statistics.peak;
    let quantile = percent(peak.quantile.get());
    let windows = plural(peak.windows, "clean prime-time window");
    let when = estimate.prime.zone.format(peak.maximum_at);
    vec![
        Line::new("peak", format!("{quantile} quantile of {windows}"), figure(peak.value)),
        Line::new("maximum", format!("largest clean window, {when}"), figure(peak.maximum)),
    ]
}

fn forecast_line(forecast: &PeakForecast) -> Line {
    let quantile = percent(forecast.quantile.get());
    let days = crate::number::days(forecast.horizon_days);
    Line::new(
        "forecast",
        format!("{quantile} quantile of the maximum of the next {days}"),
        figure(forecast.value),
    )
}

fn base_note(sums: &Arithmetic) -> &'static str {
    match (sums.base_from, sums.forecast) {
        (Base::Forecast, _) => "the larger of peak and forecast: the forecast",
        (Base::Peak, Some(_)) => "the larger of peak and forecast: the peak",
        (Base::Peak, None) => "the peak",
    }
}

fn times(value: f64, factor: f64) -> String {
    format!("{} × {}", figure(value), figure(factor))
}

fn cache_note(value: f64, sums: &Arithmetic) -> String {
    let sum = times(value, sums.cache_ratio);
    match sums.cache_from {
        CacheFrom::Configured => sum,
        CacheFrom::Measured { lookups, hits } => {
            format!("{sum}, measured: {} of {} lookups hit", count(hits), count(lookups))
        }
    }
}

fn rounding_note(sums: &Arithmetic) -> String {
    let way = if sums.rounded >= sums.unrounded { "up" } else { "down" };
    match sums.rounding_step {
        0 | 1 => format!("{way} to a whole number"),
        step => format!("{way} to a multiple of {step}"),
    }
}

fn bounds_note(sums: &Arithmetic) -> String {
    let (min, max) = (figure(sums.bound_min), figure(sums.bound_max));
    match sums.bound_effect {
        BoundEffect::Inside => format!("inside {min} to {max}"),
        BoundEffect::Floored => format!("lifted to the floor of {min} to {max}"),
        BoundEffect::Capped => format!("capped at the ceiling of {min} to {max}"),
    }
}

fn interval(estimate: &Estimate) -> String {
    format!("{} to {}", about(estimate.interval.lower), about(estimate.interval.upper))
}
