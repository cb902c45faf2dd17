//! Panels under one another: as one SVG picture, or as one HTML page that loads nothing.

use askama::Template;

use super::Plot;
use super::panel::{Main, Panel, Place, main, part};
use crate::html::STYLE;
use crate::number;

/// Pixels across a picture.
const PICTURE: u32 = 1120;
/// Pixels left of its panels, for numbers.
pub(super) const LEFT: u32 = 72;
/// Pixels right of them.
const RIGHT: u32 = 24;
/// Pixels above a panel, for its name.
const ABOVE: u32 = 34;
/// Pixels below it, for moments and air.
const BELOW: u32 = 34;
/// Pixels above the first panel of a series, for its legend.
const LEGEND: u32 = 26;

/// Where the last key of a row may begin, from its left.
const KEYS_MAX: u32 = 880;

const PLOT_STYLE: &str = include_str!("../../templates/plot.css");

#[derive(Template)]
#[template(path = "plot.svg", escape = "html")]
struct Picture {
    style: &'static str,
    width: u32,
    height: u32,
    legends: Vec<(u32, Vec<Key>)>,
    titles: Vec<(u32, String)>,
    notes: Vec<(u32, String)>,
    panels: Vec<Panel>,
}

#[derive(Template)]
#[template(path = "plot.html")]
struct Page<'a> {
    style: &'static str,
    plot_style: &'static str,
    title: String,
    notes: &'a [String],
    cards: Vec<Card>,
}

/// One block of panels with a legend: a series, or the models of a backtest.
pub(super) struct Card {
    pub(super) name: Option<String>,
    pub(super) facts: String,
    pub(super) note: Option<String>,
    pub(super) legend: Vec<Key>,
    pub(super) main: Panel,
    pub(super) parts: Vec<Panel>,
}

/// A word of the legend with the class of what it explains, and where it stands in a picture.
pub(super) struct Key {
    pub(super) class: String,
    pub(super) word: String,
    pub(super) x: u32,
}

/// The series as one SVG picture; `notes` are written below them.
pub fn plot_svg(plots: &[Plot<'_>], notes: &[String]) -> String {
    picture(plots.iter().map(card), notes)
}

/// The series as one HTML page.
pub fn plot_html(plots: &[Plot<'_>], notes: &[String]) -> String {
    let title = match plots {
        [Plot { name: Some(name), .. }] => format!("Forecast of {name}"),
        [_] => "Forecast".to_owned(),
        all => format!("Forecasts of {} series", number::whole(all.len())),
    };
    page(title, plots.iter().map(card).collect(), notes)
}

/// Blocks under one another.
pub(super) fn picture(cards: impl Iterator<Item = Card>, notes: &[String]) -> String {
    let mut y = 12;
    let (mut legends, mut titles, mut panels, mut said) = (vec![], vec![], vec![], vec![]);
    for card in cards {
        let keys = rows(card.legend);
        let legend = LEGEND * keys.len().max(1) as u32;
        legends.extend((1..).zip(keys).map(|(i, row)| (y + ABOVE + LEGEND * i - 12, row)));
        for (i, mut panel) in std::iter::once(card.main).chain(card.parts).enumerate() {
            titles.push((y + ABOVE - 12, panel.title.clone()));
            y += ABOVE + if i == 0 { legend } else { 0 };
            panel.place = Some(Place { x: LEFT, y, width: PICTURE - LEFT - RIGHT });
            y += panel.height + BELOW;
            panels.push(panel);
        }
        said.extend(card.note);
    }
    said.dedup();
    let lines = said.iter().chain(notes).zip(1..).map(|(text, i)| (y + 18 * i, text.clone()));
    let notes: Vec<(u32, String)> = lines.collect();
    let height = y + 18 * notes.len() as u32 + 16;
    let style = PLOT_STYLE;
    let picture = Picture { style, width: PICTURE, height, legends, titles, notes, panels };
    picture.render().expect("a template of plain fields renders into memory") + "\n"
}

/// The keys of a legend in as many rows as they need.
fn rows(keys: Vec<Key>) -> Vec<Vec<Key>> {
    let mut rows: Vec<Vec<Key>> = Vec::new();
    let mut start = LEFT;
    for key in keys {
        if rows.is_empty() || key.x - start > KEYS_MAX {
            start = key.x;
            rows.push(Vec::new());
        }
        let x = LEFT + key.x - start;
        rows.last_mut().expect("a row was begun").push(Key { x, ..key });
    }
    rows
}

/// Blocks on a page.
pub(super) fn page(title: String, cards: Vec<Card>, notes: &[String]) -> String {
    let page = Page { style: STYLE, plot_style: PLOT_STYLE, title, notes, cards };
    page.render().expect("a template of plain fields renders into memory") + "\n"
}

fn card(plot: &Plot<'_>) -> Card {
    let Main { panel, is_cut } = main(plot);
    Card {
        name: plot.name.clone(),
        facts: facts(plot),
        note: is_cut.then(|| cut_note(plot)),
        legend: legend(&panel),
        main: panel,
        parts: plot.parts.iter().map(|it| part(plot, it)).collect(),
    }
}

fn facts(plot: &Plot<'_>) -> String {
    let axis = plot.forecast.axis();
    let future = number::plural(axis.len(), "future point");
    let past = match plot.history.len() {
        0 => String::new(),
        points => format!("{} observed, ", number::plural(points, "point")),
    };
    match axis.len() {
        0 => format!("{past}{future}"),
        len => {
            let (first, last) = (axis.timestamp(0), axis.timestamp(len - 1));
            format!("{past}{future} from {first} to {last}")
        }
    }
}

fn cut_note(plot: &Plot<'_>) -> String {
    let points = number::plural(plot.history.len(), "point");
    format!("Only the last part of the history of {points} is drawn beside the forecast.")
}

/// What the shapes of a panel are, for those that are there.
fn legend(panel: &Panel) -> Vec<Key> {
    const WORDS: [(&str, &str, u32); 6] = [
        ("observed", "observed", 92),
        ("crowd", "observed, least to largest", 192),
        ("fitted", "fit", 52),
        ("median", "forecast", 88),
        ("band80", "80 % of the future", 150),
        ("band95", "95 % of the future", 150),
    ];
    let mut x = LEFT;
    let mut keys = Vec::new();
    for (class, word, width) in WORDS {
        let drawn = panel
            .shapes
            .iter()
            .any(|(shape, path)| shape.split(' ').next() == Some(class) && !path.is_empty());
        if drawn {
            keys.push(Key { class: class.to_owned(), word: word.to_owned(), x });
            x += width;
        }
    }
    keys
}
