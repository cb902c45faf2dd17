//! What a detector says of series as a picture: values, the band in which they were expected, and the alarms.

use tidewright_core::{Band, TimeSpan, Timestamp};

use super::axis;
use super::page::{Card, Key, LEFT, page, picture};
use super::panel::{Panel, numbers, observed, ticks, widened};
use super::scale::{Scale, thinned};
use crate::number;
use crate::path::Path;

/// Pixels of a panel.
const HEIGHT_PX: u32 = 300;

/// What the shapes of a panel are, and pixels of each word.
const WORDS: [(&str, &str, u32); 5] = [
    ("observed", "observed", 92),
    ("crowd", "observed, least to largest", 192),
    ("fitted", "expected", 88),
    ("band80", "normal", 78),
    ("alarm", "alarm", 70),
];

/// One series to draw.
#[derive(Clone, Debug, Default)]
pub struct DetectionPlot {
    /// The series; `None` where the input named none.
    pub name: Option<String>,
    /// Its rows with a value, by ascending time.
    pub points: Vec<JudgedPoint>,
}

/// One row of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JudgedPoint {
    /// When.
    pub time: Timestamp,
    /// Its value.
    pub value: f64,
    /// What was expected; `None` where nothing was.
    pub band: Option<Band>,
    /// Whether it alarmed.
    pub is_alarm: bool,
}

/// The series as one SVG picture; `notes` are written below them.
pub fn detection_svg(plots: &[DetectionPlot], notes: &[String]) -> String {
    picture(plots.iter().map(card), notes)
}

/// The series as one HTML page.
pub fn detection_html(plots: &[DetectionPlot], notes: &[String]) -> String {
    let title = match plots {
        [DetectionPlot { name: Some(name), .. }] => format!("Anomalies of {name}"),
        [_] => "Anomalies".to_owned(),
        all => format!("Anomalies of {} series", number::whole(all.len())),
    };
    page(title, plots.iter().map(card).collect(), notes)
}

fn card(plot: &DetectionPlot) -> Card {
    let main = panel(plot);
    let alarms = plot.points.iter().filter(|point| point.is_alarm).count();
    let told = [number::plural(plot.points.len(), "point"), number::plural(alarms, "alarm")];
    Card {
        name: plot.name.clone(),
        facts: told.join(", "),
        note: None,
        legend: legend(&main),
        main,
        parts: Vec::new(),
    }
}

fn panel(plot: &DetectionPlot) -> Panel {
    let points = &plot.points;
    let moment = |point: Option<&JudgedPoint>| point.map(|it| it.time).unwrap_or_default();
    let span = TimeSpan { start: moment(points.first()), end: moment(points.last()) };
    let bands = || points.iter().filter_map(|point| point.band);
    let edges = bands().flat_map(|band| [band.lower, band.upper]).filter(|edge| edge.is_finite());
    let scale = widened(Scale::new(span, points.iter().map(|point| point.value)), edges);
    let values: Vec<(Timestamp, f64)> = points.iter().map(|it| (it.time, it.value)).collect();
    let title = plot.name.clone().unwrap_or_else(|| "series".to_owned());
    Panel {
        place: None,
        description: format!("Values, what was expected, and alarms: {title}"),
        title,
        height: HEIGHT_PX,
        shapes: vec![
            ("band80".to_owned(), band(points, &scale)),
            ("fitted".to_owned(), expected(points, &scale)),
            observed(&values, &scale),
            ("alarm".to_owned(), alarms(points, &scale)),
        ],
        numbers: numbers(&scale, HEIGHT_PX, 1.0, ""),
        labels: Vec::new(),
        ticks: ticks(&scale, axis::moments(span)),
        now: None,
    }
}

/// The area of what was normal, in as many pieces as there are runs of rows of which something was expected.
fn band(points: &[JudgedPoint], scale: &Scale) -> String {
    let mut path = Path::default();
    for run in points.split(|point| point.band.is_none()).filter(|run| !run.is_empty()) {
        let edge = |of: fn(Band) -> f64| {
            let of = |it: &JudgedPoint| Some(scale.point(it.time, of(it.band?)));
            thinned(run.iter().filter_map(of).collect()).into_iter()
        };
        path.outline(edge(|it| it.upper).chain(edge(|it| it.lower).rev()));
    }
    path.finish()
}

fn expected(points: &[JudgedPoint], scale: &Scale) -> String {
    let mut path = Path::default();
    for run in points.split(|point| point.band.is_none()).filter(|run| !run.is_empty()) {
        let of = |it: &JudgedPoint| Some(scale.point(it.time, it.band?.expected));
        path.polyline(thinned(run.iter().filter_map(of).collect()).into_iter());
    }
    path.finish()
}

fn alarms(points: &[JudgedPoint], scale: &Scale) -> String {
    let mut path = Path::default();
    for point in points.iter().filter(|point| point.is_alarm) {
        let (x, y) = scale.point(point.time, point.value);
        path.jump(x, y);
        path.dot();
    }
    path.finish()
}

fn legend(panel: &Panel) -> Vec<Key> {
    let mut x = LEFT;
    let mut keys = Vec::new();
    for (class, word, width) in WORDS {
        let is_it = |shape: &str| shape.split(' ').next() == Some(class);
        if panel.shapes.iter().any(|(shape, path)| is_it(shape) && !path.is_empty()) {
            keys.push(Key { class: class.to_owned(), word: word.to_owned(), x });
            x += width;
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot(points: i64) -> DetectionPlot {
        let point = |minute: i64| JudgedPoint {
            time: Timestamp::from_secs(minute * 60),
            value: minute as f64,
            band: (minute % 10 > 2).then_some(Band {
                expected: 3.0,
                lower: f64::NEG_INFINITY,
                upper: 1e300,
            }),
            is_alarm: minute == 7,
        };
        DetectionPlot { name: Some("<a>".to_owned()), points: (0..points).map(point).collect() }
    }

    #[test]
    fn values_band_and_alarms_are_drawn_and_named() {
        let page = detection_html(&[plot(60)], &["a note".to_owned()]);
        for part in
            ["class=\"alarm\"", "class=\"band80\"", "class=\"fitted\"", "class=\"observed\""]
        {
            assert!(page.contains(part), "no {part}");
        }
        for words in ["Anomalies of &#60;a&#62;", "60 points, 1 alarm", ">alarm</li>", "a note"] {
            assert!(page.contains(words), "no {words} in:\n{page}");
        }
        assert!(!page.contains("NaN") && !page.contains("inf"));
        assert!(detection_svg(&[plot(60)], &[]).contains("class=\"alarm\""));
    }

    #[test]
    fn an_empty_series_and_a_crowd_have_a_picture() {
        assert!(detection_html(&[plot(0)], &[]).contains("0 points, 0 alarms"));
        let crowd = detection_html(&[plot(50_000)], &[]);
        assert!(crowd.contains("class=\"crowd\"") && crowd.len() < 500_000, "{}", crowd.len());
    }
}
