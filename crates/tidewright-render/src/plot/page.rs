//! Panels under one another: as one SVG picture, or as one HTML page that loads nothing.

use askama::Template;

use super::Plot;
use super::panel::{Main, Panel, Place, main, part};
use crate::html::STYLE;
use crate::number;

/// Pixels across a picture.
const PICTURE: u32 = 1120;
/// Pixels left of its panels, for numbers.
const LEFT: u32 = 72;
/// Pixels right of them.
const RIGHT: u32 = 24;
/// Pixels above a panel, for its name.
const ABOVE: u32 = 34;
/// Pixels below it, for moments and air.
const BELOW: u32 = 34;
/// Pixels above the first panel of a series, for its legend.
const LEGEND: u32 = 26;

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

/// One series on the page.
struct Card {
    name: Option<String>,
    facts: String,
    note: Option<String>,
    legend: Vec<Key>,
    main: Panel,
    parts: Vec<Panel>,
}

/// A word of the legend with the class of what it explains, and where it stands in a picture.
struct Key {
    class: &'static str,
    word: &'static str,
    x: u32,
}

/// The series as one SVG picture; `notes` are written below them.
pub fn plot_svg(plots: &[Plot<'_>], notes: &[String]) -> String {
    let mut y = 12;
    let (mut legends, mut titles, mut panels, mut said) = (vec![], vec![], vec![], vec![]);
    for plot in plots {
        let Main { panel, is_cut } = main(plot);
        legends.push((y + ABOVE + LEGEND - 12, legend(&panel)));
        let parts = plot.parts.iter().map(|it| part(plot, it));
        for (i, mut panel) in std::iter::once(panel).chain(parts).enumerate() {
            titles.push((y + ABOVE - 12, panel.title.clone()));
            y += ABOVE + if i == 0 { LEGEND } else { 0 };
            panel.place = Some(Place { x: LEFT, y, width: PICTURE - LEFT - RIGHT });
            y += panel.height + BELOW;
            panels.push(panel);
        }
        if is_cut {
            said.push(cut_note(plot));
        }
    }
    said.dedup();
    let lines = said.iter().chain(notes).zip(1..).map(|(text, i)| (y + 18 * i, text.clone()));
    let notes: Vec<(u32, String)> = lines.collect();
    let height = y + 18 * notes.len() as u32 + 16;
    let style = PLOT_STYLE;
    let picture = Picture { style, width: PICTURE, height, legends, titles, notes, panels };
    picture.render().expect("a template of plain fields renders into memory") + "\n"
}

/// The series as one HTML page.
pub fn plot_html(plots: &[Plot<'_>], notes: &[String]) -> String {
    let page = Page {
        style: STYLE,
        plot_style: PLOT_STYLE,
        title: match plots {
            [Plot { name: Some(name), .. }] => format!("Forecast of {name}"),
            [_] => "Forecast".to_owned(),
            all => format!("Forecasts of {} series", number::whole(all.len())),
        },
        notes,
        cards: plots.iter().map(card).collect(),
    };
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
            keys.push(Key { class, word, x });
            x += width;
        }
    }
    keys
}
