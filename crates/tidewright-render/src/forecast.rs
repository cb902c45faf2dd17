//! Forecasts as CSV in the field's long form, and as a short text with a plot of one line per series.
//!
//! Moments are RFC 3339 in UTC, which every reader of this field understands; numbers are written so that they read
//! back as the same numbers.

use std::fmt::Write as _;

use tidewright_core::Forecast;

use crate::layout::{shorten, visible};
use crate::number;

/// The label that holds the name of a series which came from a file.
const UNIQUE_ID: &str = "unique_id";

/// The levels behind `lo-80`, `hi-80`, `lo-95` and `hi-95`.
const BANDS: [f64; 4] = [0.1, 0.9, 0.025, 0.975];

/// The letters of the plot, from low to high.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The widest plot: a wider one is harder to read, not easier.
const PLOT_WIDTH_MAX: usize = 96;

/// Whether series are named in the output: as in the input that they came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UniqueId {
    /// The input had a column `unique_id`.
    Shown,
    /// It had none.
    Absent,
}

impl UniqueId {
    /// The name of a forecast's series, if names are shown.
    pub(crate) fn of(self, forecast: &Forecast) -> Option<String> {
        (self == Self::Shown).then(|| name(forecast))
    }
}

/// The forecasts as `unique_id,ds,mean,lo-80,hi-80,lo-95,hi-95`; a quantile that one does not carry is left empty.
pub fn forecast_csv(forecasts: &[Forecast], unique_id: UniqueId) -> String {
    let mut out = String::new();
    if unique_id == UniqueId::Shown {
        out.push_str("unique_id,");
    }
    out.push_str("ds,mean,lo-80,hi-80,lo-95,hi-95\n");
    for forecast in forecasts {
        let prefix = unique_id.of(forecast).map(|id| quoted(&id) + ",").unwrap_or_default();
        let bands = BANDS.map(|level| forecast.quantile(level));
        for (i, point) in forecast.point().iter().enumerate() {
            out.push_str(&prefix);
            let _ = write!(out, "{},{point}", forecast.axis().timestamp(i));
            for band in bands {
                out.push(',');
                let _ = band.map(|band| write!(out, "{}", band[i]));
            }
            out.push('\n');
        }
    }
    out
}

/// The forecasts for people: where each goes, its lowest, its highest and its ceiling.
pub fn forecast_table(forecasts: &[Forecast], unique_id: UniqueId, width: usize) -> String {
    let parts = forecasts.iter().map(|forecast| one(forecast, unique_id, width));
    parts.collect::<Vec<_>>().join("\n")
}

fn one(forecast: &Forecast, unique_id: UniqueId, width: usize) -> String {
    let (axis, point) = (forecast.axis(), forecast.point());
    let title =
        unique_id.of(forecast).map(|id| shorten(&visible(&id), width) + "\n").unwrap_or_default();
    if point.is_empty() {
        return format!("{title}  no future points\n");
    }
    let when = |i: usize| axis.timestamp(i).to_string();
    let points = number::plural(point.len(), "point");
    let mut out = format!("{title}  {points}, {} to {}\n", when(0), when(point.len() - 1));
    let _ = writeln!(out, "  {}", plot(point, width.saturating_sub(2)));
    let (low, high) = (lowest(point), highest(point));
    let mut line = |name: &str, (i, value): (usize, f64)| {
        let _ = writeln!(out, "  {name:<14}{:>14}  at {}", number::figure(value), when(i));
    };
    line("lowest median", low);
    line("highest median", high);
    if let Some(ceiling) = forecast.quantile(0.975) {
        line("highest 97.5 %", highest(ceiling));
    }
    out
}

fn name(forecast: &Forecast) -> String {
    let key = forecast.key();
    key.label(UNIQUE_ID).map_or_else(|| key.to_string(), str::to_owned)
}

/// One letter for each bucket of points, by its largest.
fn plot(values: &[f64], width: usize) -> String {
    let letters = values.len().min(width.clamp(8, PLOT_WIDTH_MAX));
    let bucket = |i: usize| &values[i * values.len() / letters..(i + 1) * values.len() / letters];
    let tops: Vec<f64> = (0..letters).map(|i| highest(bucket(i)).1).collect();
    let (low, high) = (lowest(&tops).1, highest(&tops).1);
    let scale = if high > low { (BARS.len() - 1) as f64 / (high - low) } else { 0.0 };
    tops.iter().map(|top| BARS[((top - low) * scale).round() as usize]).collect()
}

fn lowest(values: &[f64]) -> (usize, f64) {
    let pairs = values.iter().copied().enumerate();
    pairs.min_by(|left, right| left.1.total_cmp(&right.1)).unwrap_or((0, 0.0))
}

fn highest(values: &[f64]) -> (usize, f64) {
    let pairs = values.iter().copied().enumerate();
    pairs.reduce(|best, next| if next.1 > best.1 { next } else { best }).unwrap_or((0, 0.0))
}

/// A field of CSV, in quotes where it needs them.
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_comma_is_quoted() {
        assert_eq!(quoted("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(quoted("a b"), "a b");
    }

    #[test]
    fn a_plot_shows_each_buckets_top() {
        assert_eq!(plot(&[0.0, 7.0, 3.0], 8), "▁█▄");
        assert_eq!(plot(&[5.0; 3], 8), "▁▁▁");
    }
}
