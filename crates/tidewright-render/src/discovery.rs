//! What a run has seen beside its decisions, for people: traffic without a limit, limits without traffic, limits that are
//! never near, limits that are hit day after day.
//!
//! One list of sections serves the terminal, Markdown and HTML; each is ranked by what it costs requests.

use tidewright_core::{Discovery, HitDaily, NeverNear, Stranger};

use crate::layout::{Align, Columns};
use crate::number;

/// Rows of a section in a terminal: a screen holds them all.
const ROWS_TABLE_MAX: usize = 10;

/// Rows of a section in a report.
const ROWS_REPORT_MAX: usize = 50;

/// The narrowest that a name becomes.
const NAME_WIDTH_MIN: usize = 16;

/// One of the four lists.
pub(crate) struct Section {
    pub(crate) title: &'static str,
    /// What it means, in a sentence.
    pub(crate) about: &'static str,
    pub(crate) header: Vec<(&'static str, Align)>,
    pub(crate) rows: Vec<Vec<String>>,
    /// How many more there are.
    pub(crate) more: usize,
}

/// All lists that are not empty, at `width`.
pub fn discovery_table(discovery: &Discovery, width: usize) -> String {
    let table = |section: Section| {
        let mut columns = Columns::new(section.header);
        section.rows.iter().for_each(|row| columns.row(row));
        let more = match section.more {
            0 => String::new(),
            more => format!("and {} more\n", number::whole(more)),
        };
        let head = format!("{}: {}\n", section.title, section.about);
        head + &columns.render(width, NAME_WIDTH_MIN) + &more
    };
    let tables: Vec<String> = sections(discovery, ROWS_TABLE_MAX).into_iter().map(table).collect();
    tables.join("\n")
}

/// How long each list is, in one line; `None` where all are empty.
pub fn discovery_summary(discovery: &Discovery) -> Option<String> {
    let counts = [
        (discovery.strangers_total, "without a limit"),
        (discovery.idle.len(), "without traffic"),
        (discovery.never_near.len(), "never near"),
        (discovery.hit_daily.len(), "hit daily"),
    ];
    let told = counts.into_iter().filter(|(count, _)| *count > 0);
    let told: Vec<String> =
        told.map(|(count, word)| format!("{} {word}", number::whole(count))).collect();
    (!told.is_empty()).then(|| format!("beside the plan: {}", told.join(", ")))
}

/// The lists for a report.
pub(crate) fn report_sections(discovery: Option<&Discovery>) -> Vec<Section> {
    discovery.map_or(Vec::new(), |discovery| sections(discovery, ROWS_REPORT_MAX))
}

fn sections(discovery: &Discovery, rows_max: usize) -> Vec<Section> {
    let all = [strangers(discovery), hit_daily(discovery), never_near(discovery), idle(discovery)];
    let cut = |mut section: Section| {
        section.more += section.rows.len().saturating_sub(rows_max);
        section.rows.truncate(rows_max);
        section
    };
    all.into_iter().filter(|section| !section.rows.is_empty()).map(cut).collect()
}

fn strangers(discovery: &Discovery) -> Section {
    let row = |it: &Stranger| {
        let days = number::whole(it.active_days);
        vec![it.key.name(), per_day(it.requests, discovery.days), number::count(it.peak), days]
    };
    Section {
        title: "Without a limit",
        about: "traffic that no limit of the document matches; `--add-missing` proposes one where it lasts",
        header: vec![
            ("TRAFFIC", Align::Left),
            ("REQUESTS/DAY", Align::Right),
            ("BUSIEST MINUTE", Align::Right),
            ("DAYS", Align::Right),
        ],
        rows: discovery.strangers.iter().map(row).collect(),
        more: discovery.strangers_total - discovery.strangers.len(),
    }
}

fn hit_daily(discovery: &Discovery) -> Section {
    let row = |it: &HitDaily| {
        let days = format!("{} of {}", it.days_hit, it.days);
        vec![it.key.name(), number::limit(it.limit), days, per_day(it.above, discovery.days)]
    };
    Section {
        title: "Hit daily",
        about: "demand exceeds the limit on most days",
        header: vec![
            ("LIMIT", Align::Left),
            ("NOW", Align::Right),
            ("DAYS", Align::Right),
            ("ABOVE IT/DAY", Align::Right),
        ],
        rows: discovery.hit_daily.iter().map(row).collect(),
        more: 0,
    }
}

fn never_near(discovery: &Discovery) -> Section {
    let row = |it: &NeverNear| {
        let part = number::share(it.peak / f64::from(it.limit.requests_per_unit));
        vec![it.key.name(), number::limit(it.limit), number::count(it.peak), part]
    };
    Section {
        title: "Never near",
        about: "the busiest window stays below 30 % of the limit, so that it protects from little",
        header: vec![
            ("LIMIT", Align::Left),
            ("NOW", Align::Right),
            ("BUSIEST", Align::Right),
            ("OF IT", Align::Right),
        ],
        rows: discovery.never_near.iter().map(row).collect(),
        more: 0,
    }
}

fn idle(discovery: &Discovery) -> Section {
    Section {
        title: "Without traffic",
        about: "the metric has no series for these limits: they may be left over, or never match",
        header: vec![("LIMIT", Align::Left)],
        rows: discovery.idle.iter().map(|key| vec![key.name()]).collect(),
        more: 0,
    }
}

fn per_day(requests: f64, days: f64) -> String {
    if days > 0.0 { number::count(requests / days) } else { number::NONE.to_owned() }
}

#[cfg(test)]
mod tests {
    use tidewright_core::{Limit, LimitKey};

    use super::*;

    fn key(path: &str) -> LimitKey {
        LimitKey::new("edge", [("PARTNER", Some("a")), ("PATH", Some(path))])
    }

    #[test]
    fn each_list_has_its_table_and_the_summary_counts_them() {
        let limit = Limit::per_minute(100);
        let discovery = Discovery {
            days: 10.0,
            strangers: vec![Stranger {
                key: key("/n"),
                requests: 5000.0,
                peak: 9.0,
                active_days: 10,
            }],
            strangers_total: 3,
            idle: vec![key("/gone")],
            never_near: vec![NeverNear { key: key("/calm"), limit, peak: 12.0, requests: 9.0 }],
            hit_daily: vec![HitDaily {
                key: key("/busy"),
                limit,
                days_hit: 9,
                days: 10,
                above: 50.0,
            }],
        };
        let text = discovery_table(&discovery, 80);
        for part in ["a:/n", "500", "and 2 more", "a:/gone", "12.0 %", "9 of 10"] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
        assert_eq!(
            discovery_summary(&discovery).as_deref(),
            Some(
                "beside the plan: 3 without a limit, 1 without traffic, 1 never near, 1 hit daily"
            )
        );
        assert_eq!(discovery_summary(&Discovery::default()), None);
        assert_eq!(discovery_table(&Discovery::default(), 80), "");
    }
}
