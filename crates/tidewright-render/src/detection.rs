//! What a detector says of the rows of series: as CSV, a line for each row; as a summary for people; and one row explained.
//!
//! Numbers of CSV are written so that they read back as the same numbers. What could not be said is left empty.

use std::fmt::Write as _;

use tidewright_core::{Band, Direction, PointState, Severity, Timestamp, Verdict};

use crate::forecast::{UniqueId, quoted};
use crate::layout::{Align, Columns, shorten, visible};
use crate::number;

/// Alarms of a series that a summary lists; CSV and JSON hold all of them.
const ALARMS_MAX: usize = 50;

/// Below this many columns a moment is not cut.
const MOMENT_MIN: usize = 20;

/// One row, and what is said of it.
#[derive(Clone, Debug)]
pub struct JudgedRow<'a> {
    /// The series; `None` where the input named none.
    pub unique_id: Option<&'a str>,
    /// Its time.
    pub time: Timestamp,
    /// Its value; `None` for a gap.
    pub value: Option<f64>,
    /// What is said of it.
    pub verdict: Verdict,
    /// What each view makes of it; nothing where nobody asked.
    pub views: Vec<ViewFigures>,
}

/// What one way of looking at a row makes of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ViewFigures {
    /// Its name.
    pub name: &'static str,
    /// By how much the row departs from what it expects, in the series' unit.
    pub departure: f64,
    /// The departure from which on a row is not normal.
    pub edge: f64,
    /// `-ln` of the probability of as much.
    pub surprise: f64,
    /// The surprise at the edge.
    pub needed: f64,
    /// What its surprise counts for in the alarm; 0 if it is scored only.
    pub share: f64,
}

/// What became of one series.
#[derive(Clone, Debug, Default)]
pub struct WatchedSeries {
    /// The series; `None` where the input named none.
    pub name: Option<String>,
    /// Rows in all.
    pub rows: usize,
    /// Of which without a value.
    pub gaps: usize,
    /// Of which not later than the one before.
    pub late: usize,
    /// Of which had too little history before them.
    pub learning: usize,
    /// The rows that alarmed.
    pub alarms: Vec<AlarmRow>,
}

/// A row that alarmed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AlarmRow {
    /// When.
    pub time: Timestamp,
    /// Its value; `None` if a row without one alarms.
    pub value: Option<f64>,
    /// What is said of it.
    pub verdict: Verdict,
}

impl WatchedSeries {
    /// Counts a row.
    pub fn count(&mut self, row: &JudgedRow<'_>) {
        self.rows += 1;
        match row.verdict.state {
            PointState::Gap => self.gaps += 1,
            PointState::Late => self.late += 1,
            PointState::Learning => self.learning += 1,
            PointState::Judged => {}
        }
        if row.verdict.alarm >= 1.0 {
            self.alarms.push(AlarmRow { time: row.time, value: row.value, verdict: row.verdict });
        }
    }
}

/// The first line of the CSV.
pub fn judged_csv_header(unique_id: UniqueId) -> String {
    let id = if unique_id == UniqueId::Shown { "unique_id," } else { "" };
    format!(
        "{id}timestamp,value,expected,lower,upper,score,alarm,probability,direction,severity,detector,state\n"
    )
}

/// The line of a row.
pub fn judged_csv(out: &mut String, row: &JudgedRow<'_>) {
    if let Some(id) = row.unique_id {
        out.push_str(&quoted(id));
        out.push(',');
    }
    let Verdict { state, score, alarm, band, surprise, severity } = row.verdict;
    let _ = write!(out, "{}", row.time);
    let edge = |of: fn(Band) -> f64| band.map(of);
    let edges = [edge(|it| it.expected), edge(|it| it.lower), edge(|it| it.upper)];
    let probability = surprise.map(|it| it.probability);
    let before = [row.value].into_iter().chain(edges);
    for cell in before.chain([score, Some(alarm), probability]) {
        out.push(',');
        if let Some(value) = cell.filter(|value| value.is_finite()) {
            number::exact(out, value);
        }
    }
    let words = [
        surprise.map_or("", |it| it.direction.as_str()),
        severity.map_or("", Severity::as_str),
        surprise.map_or("", |it| it.detector),
        state.as_str(),
    ];
    for word in words {
        out.push(',');
        out.push_str(word);
    }
    out.push('\n');
}

/// For each series its rows, and the alarms among them.
pub fn watched_table(all: &[WatchedSeries], width: usize) -> String {
    let parts: Vec<String> = all.iter().map(|series| watched(series, width)).collect();
    parts.join("\n")
}

fn watched(series: &WatchedSeries, width: usize) -> String {
    let title = series.name.as_ref().map(|name| shorten(&visible(name), width) + "\n");
    let mut facts = vec![number::plural(series.rows, "row")];
    let counts = [(series.learning, "to learn from first"), (series.late, "late")];
    facts.extend((series.gaps > 0).then(|| number::plural(series.gaps, "gap")));
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    facts.extend(counts.map(|(count, word)| format!("{} {word}", number::whole(count))));
    facts.push(match series.alarms.len() {
        0 => "no alarms".to_owned(),
        count => number::plural(count, "alarm"),
    });
    let mut out = format!("{}  {}\n", title.unwrap_or_default(), facts.join(", "));
    if series.alarms.is_empty() {
        return out;
    }
    let left = ["at"].map(|title| (title, Align::Left));
    let right = ["value", "expected", "normal", "score", "chance"].map(|it| (it, Align::Right));
    let words = ["severity", "by"].map(|title| (title, Align::Left));
    let mut table = Columns::new(left.into_iter().chain(right).chain(words).collect());
    series.alarms.iter().take(ALARMS_MAX).for_each(|alarm| table.row(&cells(alarm)));
    for line in table.render(width.saturating_sub(2), MOMENT_MIN).lines() {
        let _ = writeln!(out, "  {line}");
    }
    if let Some(more) = series.alarms.len().checked_sub(ALARMS_MAX).filter(|more| *more > 0) {
        let _ = writeln!(out, "  and {}; CSV holds all", number::plural(more, "more alarm"));
    }
    out
}

fn cells(alarm: &AlarmRow) -> Vec<String> {
    let verdict = alarm.verdict;
    let figure = |value: Option<f64>| value.map_or_else(|| number::NONE.to_owned(), number::about);
    let normal = verdict.band.map(normal).unwrap_or_else(|| number::NONE.to_owned());
    let surprise = verdict.surprise;
    let by = surprise.map(|it| format!("{} {}", it.detector, it.direction.as_str()));
    vec![
        alarm.time.to_string(),
        figure(alarm.value),
        figure(verdict.band.map(|band| band.expected)),
        normal,
        verdict.score.map_or_else(|| number::NONE.to_owned(), |score| format!("{score:.2}")),
        surprise.map_or_else(|| number::NONE.to_owned(), |it| number::share(it.probability)),
        verdict.severity.map_or(number::NONE, Severity::as_str).to_owned(),
        by.unwrap_or_else(|| number::NONE.to_owned()),
    ]
}

fn normal(band: Band) -> String {
    let end =
        |value: f64| if value.is_finite() { number::about(value) } else { number::NONE.to_owned() };
    format!("{} to {}", end(band.lower), end(band.upper))
}

/// Why a row was judged as it was.
pub fn judged_text(row: &JudgedRow<'_>, width: usize) -> String {
    let verdict = row.verdict;
    let name = row.unique_id.map(|id| format!("{} ", shorten(&visible(id), width / 2)));
    let mut out = format!("{}at {}: {}\n", name.unwrap_or_default(), row.time, sentence(row));
    if let (Some(value), Some(band)) = (row.value, verdict.band) {
        let expected = number::figure(band.expected);
        let _ = writeln!(
            out,
            "  value {}, expected {expected}, normal from {}",
            number::figure(value),
            normal(band)
        );
    }
    if row.views.is_empty() {
        return out;
    }
    let right = ["departs by", "normal up to", "surprise", "alarms from", "chance in 4 hours"];
    let header = [("view", Align::Left)].into_iter();
    let mut table = Columns::new(header.chain(right.map(|it| (it, Align::Right))).collect());
    for view in &row.views {
        let needed =
            if view.share > 0.0 { format!("{:.2}", view.needed) } else { "scored only".to_owned() };
        table.row(&[
            view.name.to_owned(),
            number::figure(view.departure),
            number::figure(view.edge),
            format!("{:.2}", view.surprise),
            needed,
            number::share((-view.surprise).exp()),
        ]);
    }
    for line in table.render(width.saturating_sub(2), MOMENT_MIN).lines() {
        let _ = writeln!(out, "  {line}");
    }
    out
}

fn sentence(row: &JudgedRow<'_>) -> String {
    let verdict = row.verdict;
    match verdict.state {
        PointState::Gap => return "a gap: there is no value to judge".to_owned(),
        PointState::Late => {
            return "late: a row of this time or a later one came before it".to_owned();
        }
        PointState::Learning => {
            return "learning: there is too little history before it".to_owned();
        }
        PointState::Judged => {}
    }
    let score = verdict.score.unwrap_or_default();
    let side = verdict.surprise.map_or("", |it| match it.direction {
        Direction::Up => ", too high",
        Direction::Down => ", too low",
    });
    let side = if score >= 1.0 { side } else { "" };
    let severity = verdict.severity.map(|it| format!(", {}", it.as_str())).unwrap_or_default();
    let what = match (verdict.alarm >= 1.0, score >= 1.0) {
        (true, _) => "an alarm",
        (false, true) => "not normal, and no new alarm",
        (false, false) => "normal",
    };
    format!("{what}{side}{severity}; score {score:.2}, alarm {:.2}", verdict.alarm)
}

#[cfg(test)]
mod tests {
    use tidewright_core::Surprise;

    use super::*;

    fn row(verdict: Verdict) -> JudgedRow<'static> {
        let time = Timestamp::from_secs(1_400_000_000);
        JudgedRow { unique_id: Some("a,b"), time, value: Some(9.5), verdict, views: Vec::new() }
    }

    fn odd() -> Verdict {
        Verdict {
            state: PointState::Judged,
            score: Some(2.5),
            alarm: 1.25,
            band: Some(Band { expected: 5.0, lower: f64::NEG_INFINITY, upper: 6.5 }),
            surprise: Some(Surprise {
                probability: 0.001,
                direction: Direction::Up,
                detector: "jump",
            }),
            severity: Some(Severity::Warning),
        }
    }

    fn csv(verdict: Verdict) -> String {
        let mut out = String::new();
        judged_csv(&mut out, &row(verdict));
        out
    }

    #[test]
    fn every_column_has_its_cell() {
        let columns = judged_csv_header(UniqueId::Shown).matches(',').count();
        let line = csv(odd());
        assert_eq!(
            line,
            "\"a,b\",2014-05-13T16:53:20Z,9.5,5,,6.5,2.5,1.25,0.001,up,warning,jump,judged\n"
        );
        assert_eq!(line.matches(',').count(), columns + 1);
        let silent = csv(Verdict::silent(PointState::Late));
        assert_eq!(silent, "\"a,b\",2014-05-13T16:53:20Z,9.5,,,,,0,,,,,late\n");
    }

    #[test]
    fn a_summary_counts_rows_and_lists_alarms() {
        let mut series = WatchedSeries { name: Some("a".to_owned()), ..WatchedSeries::default() };
        series.count(&row(odd()));
        for state in [PointState::Gap, PointState::Late, PointState::Learning] {
            series.count(&row(Verdict::silent(state)));
        }
        let text = watched_table(&[series], 120);
        assert!(text.starts_with("a\n  4 rows, 1 gap, 1 to learn from first, 1 late, 1 alarm\n"));
        for word in
            ["2014-05-13T16:53:20Z", "9.5", "– to 6.5", "2.50", "0.10 %", "warning", "jump up"]
        {
            assert!(text.contains(word), "`{word}` is missing in:\n{text}");
        }
        assert_eq!(watched_table(&[WatchedSeries::default()], 80), "  0 rows, no alarms\n");
    }

    #[test]
    fn an_explanation_names_each_view() {
        let (name, share) = ("jump", 1.0);
        let view =
            ViewFigures { name, departure: 4.5, edge: 1.8, surprise: 6.9, needed: 4.0, share };
        let text = judged_text(&JudgedRow { views: vec![view], ..row(odd()) }, 100);
        assert!(
            text.starts_with(
                "a,b at 2014-05-13T16:53:20Z: an alarm, too high, warning; score 2.50"
            )
        );
        for word in ["normal from – to 6.5", "departs by", "4.5", "6.90", "4.00", "0.10 %"] {
            assert!(text.contains(word), "`{word}` is missing in:\n{text}");
        }
        let gap = judged_text(&row(Verdict::silent(PointState::Gap)), 100);
        assert!(gap.ends_with("a gap: there is no value to judge\n"), "{gap}");
    }
}
