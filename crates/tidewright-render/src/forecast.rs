//! Forecasts as CSV in the field's long form, and as a short text with a plot of one line per series.
//!
//! Moments are RFC 3339 in UTC, which every reader of this field understands; numbers are written so that they read
//! back as the same numbers.

mod explanation;

use std::fmt::Write as _;

use tidewright_core::{Explanation, Forecast, SeriesKey};

use crate::layout::{Align, Columns, shorten, visible};
use crate::number;

pub use explanation::explanation_text;

/// The label that holds the name of a series which came from a file.
const UNIQUE_ID: &str = "unique_id";

/// The levels behind `lo-80`, `hi-80`, `lo-95` and `hi-95`.
const BANDS: [f64; 4] = [0.1, 0.9, 0.025, 0.975];

/// The letters of the plot, from low to high.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The widest plot: a wider one is harder to read, not easier.
const PLOT_WIDTH_MAX: usize = 96;

/// Below this many columns the name of a component is not cut.
const NAME_MIN: usize = 12;

/// About how many bytes a moment takes.
const MOMENT_BYTES: usize = 21;

/// About how many bytes a number takes with its comma.
const CELL_BYTES: usize = 20;

/// Whether series are named in the output: as in the input that they came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UniqueId {
    /// The input had a column `unique_id`.
    Shown,
    /// It had none.
    Absent,
}

impl UniqueId {
    /// The name of a series, if names are shown.
    pub(crate) fn of(self, key: &SeriesKey) -> Option<String> {
        (self == Self::Shown).then(|| name(key))
    }
}

/// One series' forecast and the columns beside it.
#[derive(Clone, Debug)]
pub struct ForecastView<'a> {
    /// The forecast.
    pub forecast: &'a Forecast,
    /// Further columns, one number for each future point; none where nobody asked for them.
    pub columns: Vec<ForecastColumn<'a>>,
    /// Why it is what it is, where somebody asked for that.
    pub explanation: Option<&'a Explanation>,
}

/// One column beside a forecast.
#[derive(Clone, Debug)]
pub struct ForecastColumn<'a> {
    /// Its name.
    pub name: String,
    /// Its numbers.
    pub values: &'a [f64],
}

/// Forecasts as `unique_id,ds,mean,lo-80,hi-80,lo-95,hi-95` and the columns beside them: a header, and the rows of one
/// series after the other, so that nobody needs to hold them all.
#[derive(Clone, Debug)]
pub struct ForecastCsv {
    unique_id: UniqueId,
    columns: Vec<String>,
}

impl<'a> ForecastView<'a> {
    /// A forecast with nothing beside it.
    pub const fn plain(forecast: &'a Forecast) -> Self {
        Self { forecast, columns: Vec::new(), explanation: None }
    }

    fn column(&self, name: &str) -> Option<&'a [f64]> {
        self.columns.iter().find(|column| column.name == name).map(|column| column.values)
    }
}

impl ForecastCsv {
    /// With every column that one of the series has, in the order of their first appearance.
    pub fn of<'a>(
        views: impl IntoIterator<Item = &'a ForecastView<'a>>,
        unique_id: UniqueId,
    ) -> Self {
        let mut columns: Vec<String> = Vec::new();
        for column in views.into_iter().flat_map(|view| &view.columns) {
            if !columns.contains(&column.name) {
                columns.push(column.name.clone());
            }
        }
        Self { unique_id, columns }
    }

    /// The first line.
    pub fn header(&self) -> String {
        let id = if self.unique_id == UniqueId::Shown { "unique_id," } else { "" };
        let columns = self.columns.iter().map(|name| format!(",{}", quoted(name)));
        format!("{id}ds,mean,lo-80,hi-80,lo-95,hi-95{}\n", columns.collect::<String>())
    }

    /// The rows of one series; what it does not have is left empty.
    pub fn rows(&self, view: &ForecastView<'_>) -> String {
        let forecast = view.forecast;
        let prefix =
            self.unique_id.of(forecast.key()).map(|id| quoted(&id) + ",").unwrap_or_default();
        let bands = BANDS.iter().map(|level| forecast.quantile(*level));
        let columns = self.columns.iter().map(|name| view.column(name));
        let cells: Vec<Option<&[f64]>> =
            std::iter::once(Some(forecast.point())).chain(bands).chain(columns).collect();
        let row_bytes = prefix.len() + MOMENT_BYTES + CELL_BYTES * cells.len();
        let mut out = String::with_capacity(forecast.axis().len() * row_bytes);
        for i in 0..forecast.axis().len() {
            out.push_str(&prefix);
            let _ = write!(out, "{}", forecast.axis().timestamp(i));
            for cell in &cells {
                out.push(',');
                if let Some(values) = cell {
                    number::exact(&mut out, values[i]);
                }
            }
            out.push('\n');
        }
        out
    }
}

/// The forecasts for people: where each goes, its lowest, its highest and its ceiling, and the same of its components.
pub fn forecast_table<'a, 'b: 'a>(
    views: impl IntoIterator<Item = &'a ForecastView<'b>>,
    unique_id: UniqueId,
    width: usize,
) -> String {
    let parts = views.into_iter().map(|view| one(view, unique_id, width));
    parts.collect::<Vec<_>>().join("\n")
}

fn one(view: &ForecastView<'_>, unique_id: UniqueId, width: usize) -> String {
    let forecast = view.forecast;
    let (axis, point) = (forecast.axis(), forecast.point());
    let title = unique_id
        .of(forecast.key())
        .map(|id| shorten(&visible(&id), width) + "\n")
        .unwrap_or_default();
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
    let why = view.explanation.map(|explanation| explanation_text(explanation, width));
    out + &components(view, width) + &why.unwrap_or_default()
}

/// Each column beside the forecast by its first, last, lowest and highest number.
fn components(view: &ForecastView<'_>, width: usize) -> String {
    let figures = |values: &[f64]| {
        let ends = [values.first(), values.last()].map(|it| it.copied().unwrap_or(0.0));
        [ends[0], ends[1], lowest(values).1, highest(values).1].map(number::figure)
    };
    // A component without a band of its own would be told three times.
    let is_told = |column: &&ForecastColumn<'_>| {
        let of = ["_lower", "_upper"].iter().find_map(|end| column.name.strip_suffix(end));
        of.and_then(|name| view.column(name)).is_none_or(|point| point != column.values)
    };
    let told: Vec<&ForecastColumn<'_>> = view.columns.iter().filter(is_told).collect();
    if told.is_empty() {
        return String::new();
    }
    let mut header = vec![("component", Align::Left)];
    header.extend(["first", "last", "lowest", "highest"].map(|title| (title, Align::Right)));
    let mut table = Columns::new(header);
    for column in told {
        let name = [column.name.clone()];
        table.row(&name.into_iter().chain(figures(column.values)).collect::<Vec<_>>());
    }
    let indented = |line: &str| format!("  {line}\n");
    table.render(width.saturating_sub(2), NAME_MIN).lines().map(indented).collect()
}

fn name(key: &SeriesKey) -> String {
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
pub(crate) fn quoted(text: &str) -> String {
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
