//! A backtest as a picture: how far each model was off by how far a step lies ahead, and over series.
//!
//! Both panels show MASE, or sMAPE where nothing has one. What a model errs beyond a few times the best of the others is
//! cut off rather than let it press the others flat, and the picture says so.

use tidewright_core::{Backtest, ModelBacktest};

use super::axis;
use super::page::{Card, Key, LEFT, page, picture};
use super::panel::{Panel, tenth, tick_at};
use super::scale::{HEIGHT, WIDTH};
use crate::backtest::{curves, ranked};
use crate::number;
use crate::path::Path;

/// Pixels of the panel with the curves.
const CURVES_PX: u32 = 300;
/// Pixels of a model's row in the panel of series: its name, and its box below.
const ROW_PX: u32 = 46;
/// Where the name stands in its row, and between what its box lies.
const NAME_PX: u32 = 15;
const BOX_PX: [f64; 2] = [22.0, 38.0];

/// The reach of a panel in units of the best model's.
const REACH: f64 = 4.0;

/// Air between what is drawn and the end of a panel.
const AIR: f64 = 1.06;

/// Shares of the series that lie below the whiskers, the box and its middle.
const CUTS: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// Colours; the models after them have the same ones dashed.
const COLOURS: usize = 8;

/// Pixels of a letter in a legend, about, and of its mark with the air around it.
const LETTER_PX: u32 = 7;
const MARK_PX: u32 = 42;

/// The backtest as one SVG picture; `notes` are written below it.
pub fn backtest_svg(found: &Backtest, notes: &[String]) -> String {
    picture(std::iter::once(card(found)), notes)
}

/// The backtest as one HTML page.
pub fn backtest_html(found: &Backtest, notes: &[String]) -> String {
    let models = number::plural(found.models.len(), "model");
    page(format!("Backtest of {models}"), vec![card(found)], notes)
}

/// A model and what is known of its errors on single series.
struct Row<'a> {
    place: usize,
    model: &'a ModelBacktest,
    mean: f64,
    cuts: [f64; CUTS.len()],
}

fn card(found: &Backtest) -> Card {
    let (main, is_low) = steps(found);
    let (part, is_left) = series(found);
    let cut = "What is off by more than a few times the best model is cut off.".to_owned();
    Card {
        name: Some(main.title.clone()),
        facts: format!(
            "{} series, {} steps ahead, origins per series: {}",
            number::whole(found.series.len()),
            number::whole(found.horizon),
            number::whole(found.folds),
        ),
        note: (is_low || is_left).then_some(cut),
        legend: legend(found),
        main,
        parts: vec![part],
    }
}

/// The class of a model's colour.
fn colour(place: usize) -> String {
    format!("m{}", place % COLOURS)
}

/// The class of a model's line.
fn line_class(place: usize) -> String {
    let dashed = if (place / COLOURS) % 2 == 1 { " dashed" } else { "" };
    format!("model{dashed} {}", colour(place))
}

fn legend(found: &Backtest) -> Vec<Key> {
    let mut x = LEFT;
    let key = |(place, model): (usize, &ModelBacktest)| {
        let at = x;
        x += MARK_PX + LETTER_PX * model.model.chars().count() as u32;
        Key { class: line_class(place), word: model.model.clone(), x: at }
    };
    found.models.iter().enumerate().map(key).collect()
}

/// Errors by step, and whether some were cut off.
fn steps(found: &Backtest) -> (Panel, bool) {
    let (name, curves) = curves(found);
    let tops: Vec<f64> =
        curves.iter().filter_map(|curve| highest(curve.iter().flatten())).collect();
    let (high, is_cut) = reach(&tops);
    let last = (found.horizon.max(2) - 1) as f64;
    let x = |step: f64| WIDTH * (step - 1.0) / last;
    let y = |value: f64| HEIGHT * (1.0 - value / high).max(-1.0);
    let line = |(place, curve): (usize, &Vec<Option<f64>>)| {
        let mut path = Path::default();
        let known = curve.iter().zip(1..).filter_map(|(value, step)| Some((step, (*value)?)));
        let points: Vec<(f64, f64)> =
            known.map(|(step, value)| (x(f64::from(step)), y(value))).collect();
        match points[..] {
            // A single step has no line; a level one stands for it.
            [(_, y)] => path.dash(0.0, WIDTH, y),
            _ => path.polyline(points.into_iter()),
        }
        (line_class(place), path.finish())
    };
    let px = |value: f64| tenth(y(value) / HEIGHT * f64::from(CURVES_PX));
    let steps = axis::numbers(1.0, found.horizon.max(2) as f64, 1.0, "");
    let whole = steps.into_iter().filter(|(step, _)| step.fract() == 0.0);
    let panel = Panel {
        place: None,
        title: format!("{name} by how many steps ahead"),
        description: format!("{name} of each model by how many steps ahead"),
        height: CURVES_PX,
        shapes: curves.iter().enumerate().map(line).collect(),
        numbers: axis::numbers(0.0, high, 1.0, "").into_iter().map(|it| (px(it.0), it.1)).collect(),
        labels: Vec::new(),
        ticks: whole.map(|(step, text)| tick_at(x(step), text)).collect(),
        now: None,
    };
    (panel, is_cut)
}

/// Errors over series, and whether some were cut off.
fn series(found: &Backtest) -> (Panel, bool) {
    let name = curves(found).0;
    let rows = rows(found, name == "MASE");
    let tops: Vec<f64> = rows.iter().map(|row| row.cuts[4].max(row.mean)).collect();
    let (high, is_cut) = reach(&tops);
    let height = ROW_PX * rows.len().max(1) as u32;
    let x = |value: f64| (WIDTH * value / high).min(1.1 * WIDTH);
    let ticks = axis::numbers(0.0, high, 1.0, "");
    let mut grid = Path::default();
    for (value, _) in &ticks {
        grid.polyline([(x(*value), 0.0), (x(*value), HEIGHT)].into_iter());
    }
    let mut shapes = vec![("grid".to_owned(), grid.finish())];
    for (i, row) in (0..).zip(&rows) {
        let y = |px: f64| HEIGHT * (f64::from(i * ROW_PX) + px) / f64::from(height);
        shapes.extend(marks(row, x, y));
    }
    let labels = (0..).zip(&rows).map(|(i, row)| (i * ROW_PX + NAME_PX, label(row))).collect();
    let title = match found.series.len() {
        1 => format!("{name} of each model"),
        count => format!(
            "{name} over {} series: the mean (dot), the middle half (box), nine tenths (line)",
            number::whole(count)
        ),
    };
    let panel = Panel {
        place: None,
        description: title.clone(),
        title,
        height,
        shapes,
        numbers: Vec::new(),
        labels,
        ticks: ticks.into_iter().map(|(value, text)| tick_at(x(value), text)).collect(),
        now: None,
    };
    (panel, is_cut)
}

/// The models with errors, the best first.
fn rows(found: &Backtest, has_mase: bool) -> Vec<Row<'_>> {
    let row = |model| {
        let model: &ModelBacktest = model;
        let place = found.models.iter().position(|it| it.model == model.model)?;
        let errors = model.series.iter().map(|it| &it.scores);
        let mut errors: Vec<f64> = errors
            .filter_map(|scores| if has_mase { scores.mase } else { Some(scores.smape) })
            .collect();
        errors.sort_by(f64::total_cmp);
        let mean = errors.iter().sum::<f64>() / errors.len() as f64;
        let cuts = CUTS.map(|share| cut(&errors, share));
        (!errors.is_empty()).then_some(Row { place, model, mean, cuts })
    };
    ranked(found).into_iter().filter_map(row).collect()
}

/// Line, box, middle and mean of a row; a bar where there is but one series.
fn marks(row: &Row<'_>, x: impl Fn(f64) -> f64, y: impl Fn(f64) -> f64) -> Vec<(String, String)> {
    let colour = colour(row.place);
    let [top, bottom] = BOX_PX.map(&y);
    let middle = f64::midpoint(top, bottom);
    let area = |left: f64, right: f64| {
        let mut path = Path::default();
        path.outline([(left, top), (right, top), (right, bottom), (left, bottom)].into_iter());
        (format!("box {colour}"), path.finish())
    };
    if row.model.series.len() == 1 {
        return vec![area(0.0, x(row.mean))];
    }
    let [low, left, median, right, high] = row.cuts.map(&x);
    let line = |from: (f64, f64), to: (f64, f64)| {
        let mut path = Path::default();
        path.polyline([from, to].into_iter());
        (format!("whisker {colour}"), path.finish())
    };
    let mut dot = Path::default();
    dot.jump(x(row.mean), middle);
    dot.dot();
    vec![
        line((low, middle), (left, middle)),
        line((right, middle), (high, middle)),
        area(left, right),
        line((median, top), (median, bottom)),
        ("mean".to_owned(), dot.finish()),
    ]
}

fn label(row: &Row<'_>) -> String {
    format!("{}  {:.3}", row.model.model, row.mean)
}

/// How far a panel reaches that shows these largest errors, and whether it cuts some off.
fn reach(tops: &[f64]) -> (f64, bool) {
    let least = tops.iter().copied().fold(f64::INFINITY, f64::min);
    let most = highest(tops.iter()).unwrap_or(0.0);
    let high = if least > 0.0 { most.min(REACH * least) } else { most };
    // Without any error, or any model, there is still a panel.
    (if high > 0.0 { AIR * high } else { 1.0 }, high < most)
}

fn highest<'a>(values: impl Iterator<Item = &'a f64>) -> Option<f64> {
    values.copied().reduce(f64::max)
}

/// The value below which a share of ascending values lies, between neighbours.
fn cut(ascending: &[f64], share: f64) -> f64 {
    let Some(last) = ascending.len().checked_sub(1) else { return 0.0 };
    let place = share * last as f64;
    let below = place as usize;
    let above = (below + 1).min(last);
    ascending[below] + (place - below as f64) * (ascending[above] - ascending[below])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panel_reaches_as_far_as_errors_do_unless_one_model_is_far_off() {
        assert_eq!(reach(&[1.0, 3.0]), (3.0 * AIR, false));
        assert_eq!(reach(&[1.0, 300.0]), (4.0 * AIR, true));
        assert_eq!(reach(&[0.0, 5.0]), (5.0 * AIR, false));
        assert_eq!(reach(&[]), (1.0, false));
    }

    #[test]
    fn a_share_lies_below_its_cut() {
        assert_eq!(CUTS.map(|share| cut(&[0.0, 10.0, 20.0], share)), [1.0, 5.0, 10.0, 15.0, 19.0]);
        assert_eq!(cut(&[7.0], 0.95), 7.0);
    }

    #[test]
    fn models_after_the_eighth_share_colours_and_are_dashed() {
        assert_eq!([line_class(1), line_class(9)], ["model m1", "model dashed m1"]);
    }
}
