//! A backtest for people: one row for each model, the best of each column marked, and below it whatever keeps figures
//! from being compared; and the same by how far a step lies ahead.
//!
//! A model that made fewer forecasts than another is shown and never marked: it may have had the easier series.

mod csv;
mod notes;

use std::cmp::Ordering;

use tidewright_core::{Backtest, ModelBacktest, Scores};

use crate::layout::{Align, Columns, wrap};
use crate::number::{self, NONE};

pub use csv::{backtest_csv, backtest_steps_csv};

/// From this width on there is room for the spread of MASE.
const SPREAD_WIDTH: usize = 120;

/// Below this many columns the name of a model is not cut.
const NAME_MIN: usize = 10;

/// The most rows of errors by step: a longer horizon is shown in stretches.
const STRETCHES_MAX: usize = 12;

/// What the bands promise.
const BANDS: [f64; 2] = [0.8, 0.95];

/// One column of figures.
struct Column {
    title: &'static str,
    /// What is written.
    text: fn(&ModelBacktest) -> Option<String>,
    /// How far it is from perfect; `None` where nothing is best.
    miss: Option<fn(&ModelBacktest) -> Option<f64>>,
}

/// The models, the best by MASE first, and those that made fewer forecasts last.
pub fn backtest_table(found: &Backtest, width: usize) -> String {
    let columns: Vec<Column> =
        columns().into_iter().filter(|it| width >= SPREAD_WIDTH || it.title != SPREAD).collect();
    let best: Vec<Option<f64>> = columns.iter().map(|column| best(found, column)).collect();
    let mut header = vec![("MODEL", Align::Left)];
    header.extend(columns.iter().map(|column| (column.title, Align::Right)));
    let mut table = Columns::new(header);
    for model in ranked(found) {
        let cells = columns.iter().zip(&best).map(|(column, best)| {
            let text = (column.text)(model).unwrap_or_else(|| NONE.to_owned());
            let is_best = best.is_some() && is_whole(found, model) && miss(column, model) == *best;
            // A blank where others have a mark keeps digits under digits.
            let mark = if is_best { "*" } else { "\u{a0}" };
            if column.miss.is_some() { text + mark } else { text }
        });
        table.row(&std::iter::once(model.model.clone()).chain(cells).collect::<Vec<_>>());
    }
    let rows = table.render(width, NAME_MIN).replace('\u{a0}', " ");
    let rows: String = rows.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    let lines = notes::notes(found).into_iter().flat_map(|note| wrap(&note, width));
    let notes: String = lines.map(|line| line + "\n").collect();
    format!("{rows}\n{notes}")
}

/// MASE by how far a step lies ahead, one column for each model; sMAPE where nothing has a MASE.
pub fn backtest_steps_table(found: &Backtest, width: usize) -> String {
    let (name, curves) = curves(found);
    let mut header = vec![(format!("{name} AT STEP"), Align::Left)];
    header.extend(found.models.iter().map(|model| (model.model.clone(), Align::Right)));
    let mut table = Columns::new(header);
    let stretch = found.horizon.div_ceil(STRETCHES_MAX).max(1);
    for from in (0..found.horizon).step_by(stretch) {
        let to = found.horizon.min(from + stretch);
        let steps = if to - from > 1 { format!("{}-{to}", from + 1) } else { to.to_string() };
        let cells = curves.iter().map(|curve| {
            let known: Vec<f64> = curve[from..to].iter().copied().flatten().collect();
            let mean = known.iter().sum::<f64>() / known.len() as f64;
            if known.is_empty() { NONE.to_owned() } else { error(mean) }
        });
        table.row(&std::iter::once(steps).chain(cells).collect::<Vec<_>>());
    }
    table.render(width, NAME_MIN)
}

/// The error of each step of each model, and what it is called.
pub(crate) fn curves(found: &Backtest) -> (&'static str, Vec<Vec<Option<f64>>>) {
    let has_mase = found.models.iter().flat_map(|it| &it.steps).any(|step| step.mase.is_some());
    let curve = |model: &ModelBacktest| {
        let figure = model.steps.iter().map(|it| if has_mase { it.mase } else { it.smape });
        figure.collect()
    };
    (if has_mase { "MASE" } else { "sMAPE" }, found.models.iter().map(curve).collect())
}

/// The models, the best first: by MASE, else by sMAPE; after them those that made fewer forecasts.
pub(crate) fn ranked(found: &Backtest) -> Vec<&ModelBacktest> {
    let rank = |model: &ModelBacktest| {
        let missing = found.forecasts_max() - model.forecasts;
        let smape = of(model, |it| Some(it.smape));
        (missing, mase(model).unwrap_or(f64::INFINITY), smape.unwrap_or(f64::INFINITY))
    };
    let mut models: Vec<&ModelBacktest> = found.models.iter().collect();
    models.sort_by(|left, right| rank(left).partial_cmp(&rank(right)).unwrap_or(Ordering::Equal));
    models
}

const SPREAD: &str = "95% OF DRAWS";

fn columns() -> [Column; 12] {
    let scored = |title, text, miss| Column { title, text, miss: Some(miss) };
    [
        scored("MASE", |it| Some(error(mase(it)?)), mase),
        Column { title: SPREAD, text: spread, miss: None },
        scored(
            "xNAIVE",
            |it| Some(error(of(it, |it| it.naive_ratio)?)),
            |it| of(it, |it| it.naive_ratio),
        ),
        scored("OWA", |it| Some(error(of(it, |it| it.owa)?)), |it| of(it, |it| it.owa)),
        scored(
            "SMAPE",
            |it| Some(format!("{:.2}", of(it, |it| Some(it.smape))?)),
            |it| of(it, |it| Some(it.smape)),
        ),
        scored(
            "RMSE",
            |it| Some(size(of(it, |it| Some(it.rmse))?)),
            |it| of(it, |it| Some(it.rmse)),
        ),
        scored(
            "BIAS%",
            |it| Some(format!("{:+.1}", 100.0 * bias(it)?)),
            |it| Some(bias(it)?.abs()),
        ),
        scored("PINBALL", |it| Some(error(of(it, |it| it.pinball)?)), |it| of(it, |it| it.pinball)),
        scored(
            "IN80%",
            |it| Some(share(inside(it)?[0])),
            |it| Some((inside(it)?[0] - BANDS[0]).abs()),
        ),
        scored(
            "IN95%",
            |it| Some(share(inside(it)?[1])),
            |it| Some((inside(it)?[1] - BANDS[1]).abs()),
        ),
        scored("MSIS", |it| Some(size(of(it, |it| it.msis)?)), |it| of(it, |it| it.msis)),
        scored("CPU ms", |it| Some(size(cost(it)?)), cost),
    ]
}

fn of(model: &ModelBacktest, figure: fn(&Scores) -> Option<f64>) -> Option<f64> {
    model.scores.as_ref().and_then(figure)
}

fn mase(model: &ModelBacktest) -> Option<f64> {
    of(model, |it| it.mase)
}

fn bias(model: &ModelBacktest) -> Option<f64> {
    of(model, |it| it.bias_ratio)
}

fn inside(model: &ModelBacktest) -> Option<[f64; 2]> {
    model.scores.map(|it| [it.coverage80, it.coverage95])
}

/// What a model costs that could forecast something.
fn cost(model: &ModelBacktest) -> Option<f64> {
    model.scores.map(|_| model.cpu_ms)
}

fn spread(model: &ModelBacktest) -> Option<String> {
    model.mase_spread.map(|it| format!("{}-{}", error(it.low), error(it.high)))
}

fn miss(column: &Column, model: &ModelBacktest) -> Option<f64> {
    column.miss.and_then(|miss| miss(model))
}

/// Whether a model made as many forecasts as any other.
fn is_whole(found: &Backtest, model: &ModelBacktest) -> bool {
    model.forecasts == found.forecasts_max()
}

/// The least miss of a column, where there is somebody to compare with.
fn best(found: &Backtest, column: &Column) -> Option<f64> {
    let whole = found.models.iter().filter(|model| is_whole(found, model));
    let misses: Vec<f64> = whole.filter_map(|model| miss(column, model)).collect();
    (misses.len() > 1).then(|| misses.into_iter().fold(f64::INFINITY, f64::min))
}

/// A relative error: three decimals where it is near 1.
fn error(value: f64) -> String {
    if value < 100.0 { format!("{value:.3}") } else { number::count(value) }
}

/// A number whose size is unknown, in three digits or so.
fn size(value: f64) -> String {
    match value {
        small if small < 0.01 => format!("{small:.0e}"),
        small if small < 10.0 => format!("{small:.2}"),
        medium if medium < 100.0 => format!("{medium:.1}"),
        large if large < 1e6 => number::count(large),
        huge => format!("{huge:.1e}"),
    }
}

fn share(ratio: f64) -> String {
    format!("{:.1}", 100.0 * ratio)
}
