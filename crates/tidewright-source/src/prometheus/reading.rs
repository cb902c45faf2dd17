//! How demand is read from a counter: the ways, and the choice among them.
//!
//! The rule: a way that cannot work at the measured scrape interval is refused with its reason, and whatever is chosen
//! says why and how exact it is. Nothing is fetched here.

use tidewright_core::DemandMethod;

use super::failure::QueryError;
use super::flavour::Flavour;
use super::mapping::Mapping;
use super::measure::Measured;

/// Points of raw counters that are still read one by one: about 0.8 GB of text and, at what one Prometheus core
/// encodes, some ten seconds. Beyond it the sum is left to the server.
const EDGE_POINTS_MAX: u64 = 40_000_000;

/// How demand is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reading {
    /// By the measured scrape interval and the number of counters.
    #[default]
    Auto,
    /// Each counter at the window edges, differenced here.
    Edges,
    /// `sum by (...) (increase(...))` in the server.
    Increase,
    /// A query of one's own.
    Query {
        /// The query; its series must carry the mapped labels.
        promql: String,
        /// What its numbers are.
        yields: Yields,
    },
}

/// What the numbers of a query are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Yields {
    /// Requests per second.
    Rate,
    /// Requests per window.
    Count,
}

/// A reading that works.
#[derive(Debug, PartialEq)]
pub(super) struct Choice {
    pub(super) method: DemandMethod,
    pub(super) query: String,
    /// What each number is multiplied by.
    pub(super) scale: f64,
    pub(super) note: String,
}

/// What is to be read, in which windows, from how much.
#[derive(Clone, Copy)]
pub(super) struct Task<'a> {
    pub(super) mapping: &'a Mapping,
    pub(super) flavour: &'a Flavour,
    pub(super) window_ms: i64,
    pub(super) windows: usize,
    pub(super) measured: Measured,
}

/// The reading for what was measured.
pub(super) fn choose(reading: &Reading, task: Task<'_>) -> Result<Choice, QueryError> {
    match reading {
        Reading::Auto => choose_best(task),
        Reading::Edges => edges(task, "as configured"),
        Reading::Increase => increase(task, "as configured"),
        Reading::Query { promql, yields } => {
            query(promql, *yields, Some(task.measured), task.window_ms)
        }
    }
}

fn choose_best(task: Task<'_>) -> Result<Choice, QueryError> {
    let points = task.measured.counters * task.windows as u64;
    let counters = task.measured.counters;
    if task.flavour.resolution_ms(task.window_ms) > 0 {
        return increase(task, "downsampled counters cannot be read at edges");
    }
    if points <= EDGE_POINTS_MAX || !fits_increase(task) {
        return edges(task, &format!("{counters} counters are few enough to be read one by one"));
    }
    increase(task, &format!("{counters} counters are too many to be read one by one"))
}

const fn fits_increase(task: Task<'_>) -> bool {
    2 * task.measured.interval_ms <= task.window_ms
}

fn edges(task: Task<'_>, why: &str) -> Result<Choice, QueryError> {
    let Task { mapping, flavour, window_ms, measured, .. } = task;
    let interval = duration(measured.interval_ms);
    if flavour.resolution_ms(window_ms) > 0 {
        return Err(QueryError::Unusable {
            reason: "downsampled counters cannot be read at the edges of windows".to_owned(),
            hint: "read by `increase`, or ask Thanos for raw samples: a `max_source_resolution` of `0s`"
                .to_owned(),
        });
    }
    if measured.interval_ms > window_ms {
        let window = duration(window_ms);
        return Err(QueryError::Unusable {
            reason: format!(
                "windows of `{window}` cannot be read from counters that are scraped every `{interval}`"
            ),
            hint: "scrape more often, or use a limit with a longer unit".to_owned(),
        });
    }
    Ok(Choice {
        method: DemandMethod::Edges,
        query: format!(
            "last_over_time({}[{}])",
            mapping.selector(),
            duration(measured.look_back_ms())
        ),
        scale: 1.0,
        note: format!(
            "each counter at the window edges, because {why}: nothing is extrapolated, but each instance's windows may lie up to one scrape interval (`{interval}`) early"
        ),
    })
}

fn increase(task: Task<'_>, why: &str) -> Result<Choice, QueryError> {
    let Task { mapping, flavour, window_ms, measured, .. } = task;
    let resolution_ms = flavour.resolution_ms(window_ms);
    if 2 * resolution_ms > window_ms {
        let (window, resolution) = (duration(window_ms), duration(resolution_ms));
        return Err(QueryError::Unusable {
            reason: format!("windows of `{window}` cannot be read from samples of `{resolution}`"),
            hint: "ask Thanos for raw samples: a `max_source_resolution` of `0s`".to_owned(),
        });
    }
    let (window, interval) = (duration(window_ms), duration(measured.interval_ms));
    if !fits_increase(task) {
        return Err(QueryError::Unusable {
            reason: format!(
                "`increase` over `{window}` needs two scrapes per window, and there is one every `{interval}`"
            ),
            hint: "read by edges, or scrape at least twice per window".to_owned(),
        });
    }
    let unseen = 100 * measured.interval_ms / window_ms;
    let exactness = if flavour.extrapolates() {
        format!(
            "up to {unseen} % of each window (one scrape interval of `{interval}`) is extrapolated"
        )
    } else {
        format!(
            "it counts from the last sample before each window and extrapolates nothing, so that windows may lie up to one scrape interval (`{interval}`) early"
        )
    };
    Ok(Choice {
        method: DemandMethod::Increase,
        query: format!(
            "sum by ({}) (increase({}[{window}]))",
            mapping.grouping(),
            mapping.selector()
        ),
        scale: 1.0,
        note: format!(
            "`increase` in the server, because {why}: {exactness}, an instance that misses scrapes is missing from the sum, and so is what a counter was born with"
        ),
    })
}

/// A configured query; where nothing could be measured, it is taken as it is.
pub(super) fn query(
    promql: &str,
    yields: Yields,
    measured: Option<Measured>,
    window_ms: i64,
) -> Result<Choice, QueryError> {
    let interval = measured.map_or(0, |measured| measured.interval_ms);
    if promql.trim().is_empty() {
        return Err(QueryError::Unusable {
            reason: "the configured query is empty".to_owned(),
            hint: "write a query whose series carry the mapped labels, or let the source choose"
                .to_owned(),
        });
    }
    if let Some(range) = ranges(promql).into_iter().find(|range| *range < 2 * interval) {
        let (range, interval) = (duration(range), duration(interval));
        return Err(QueryError::Unusable {
            reason: format!(
                "the configured query looks back `{range}`, which needs two scrapes, and there is one every `{interval}`"
            ),
            hint:
                "use a range of at least two scrape intervals, or let the source choose the reading"
                    .to_owned(),
        });
    }
    let (scale, unit) = match yields {
        Yields::Rate => (window_ms as f64 / 1000.0, "requests per second"),
        Yields::Count => (1.0, "requests per window"),
    };
    Ok(Choice {
        method: DemandMethod::Query,
        query: promql.to_owned(),
        scale,
        note: format!(
            "the configured query, taken as {unit} at the end of each window; how exact it is, it alone decides"
        ),
    })
}

/// The look-backs in a query, `[5m]`, in milliseconds; subqueries `[1h:1m]` and what stands in strings are not meant.
fn ranges(promql: &str) -> Vec<i64> {
    let mut ranges = Vec::new();
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in promql.char_indices() {
        let inside = quote.is_some();
        match c {
            _ if escaped => escaped = false,
            '\\' if inside => escaped = true,
            '"' | '\'' | '`' if quote.is_none() => quote = Some(c),
            _ if quote == Some(c) => quote = None,
            '[' if !inside => ranges.extend(range_at(&promql[at + 1..])),
            _ => {}
        }
    }
    ranges
}

fn range_at(text: &str) -> Option<i64> {
    parse_duration(text.split(']').next()?.trim())
}

/// A PromQL duration such as `1h30m`, in milliseconds.
fn parse_duration(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut total = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        total += number.checked_mul(unit_ms(&rest[..end])?)?;
        rest = &rest[end..];
    }
    (total > 0).then_some(total)
}

fn unit_ms(unit: &str) -> Option<i64> {
    Some(match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        "w" => 7 * 86_400_000,
        "y" => 365 * 86_400_000,
        _ => return None,
    })
}

/// Milliseconds as PromQL writes them, in the largest unit that needs no fraction.
pub(super) fn duration(millis: i64) -> String {
    let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s"), (1, "ms")];
    let fits = units.into_iter().find(|(length, _)| millis % length == 0);
    fits.map_or_else(String::new, |(length, unit)| format!("{}{unit}", millis / length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prometheus::flavour::{Resolution, Thanos};

    fn task(mapping: &Mapping, interval_ms: i64, counters: u64) -> Task<'_> {
        let measured = Measured { interval_ms, counters };
        Task {
            mapping,
            flavour: &Flavour::Prometheus,
            window_ms: 60_000,
            windows: 10_080,
            measured,
        }
    }

    fn check(reading: &Reading, interval_ms: i64, counters: u64, expected: &str) {
        let mapping = Mapping::nginx();
        let got = match choose(reading, task(&mapping, interval_ms, counters)) {
            Ok(choice) => choice.query,
            Err(error) => error.to_string(),
        };
        assert_eq!(got, expected);
    }

    const EDGES_30S: &str =
        r#"last_over_time(service_nginx_request_time_s_count{partner!="",path!=""}[33s])"#;
    const INCREASE: &str = r#"sum by (partner, path, cache_status) (increase(service_nginx_request_time_s_count{partner!="",path!=""}[1m]))"#;

    #[test]
    fn few_counters_are_read_at_the_edges_and_many_in_the_server() {
        check(&Reading::Auto, 30_000, 1000, EDGES_30S);
        check(&Reading::Auto, 30_000, 10_000, INCREASE);
    }

    #[test]
    fn one_scrape_per_window_leaves_only_the_edges() {
        let edges = EDGES_30S.replace("33s", "66s");
        check(&Reading::Auto, 60_000, 10_000, &edges);
        check(
            &Reading::Increase,
            60_000,
            1,
            "`increase` over `1m` needs two scrapes per window, and there is one every `1m`",
        );
        check(
            &Reading::Edges,
            90_000,
            1,
            "windows of `1m` cannot be read from counters that are scraped every `90s`",
        );
    }

    #[test]
    fn downsampled_counters_are_left_to_increase_in_long_windows_only() {
        let mapping = Mapping::nginx();
        let thanos = Thanos { max_source_resolution: Resolution::FiveMinutes, ..Thanos::default() };
        let flavour = &Flavour::Thanos(thanos);
        let read = |reading: &Reading, window_ms| {
            let task = Task { flavour, window_ms, ..task(&mapping, 30_000, 1) };
            choose(reading, task).map(|choice| choice.method).map_err(|error| error.to_string())
        };
        let minute = "windows of `1m` cannot be read from samples of `5m`";
        assert_eq!(read(&Reading::Auto, 60_000), Err(minute.to_owned()));
        assert_eq!(read(&Reading::Auto, 3_600_000), Ok(DemandMethod::Increase));
        assert!(read(&Reading::Edges, 3_600_000).unwrap_err().contains("downsampled"));
    }

    #[test]
    fn increase_says_whether_it_extrapolates() {
        let mapping = Mapping::nginx();
        let note = |flavour: &Flavour| {
            let task = Task { flavour, ..task(&mapping, 30_000, 1) };
            choose(&Reading::Increase, task).unwrap().note
        };
        assert!(note(&Flavour::Prometheus).contains("up to 50 % of each window"));
        let victoria = Flavour::VictoriaMetrics { tenant: None };
        assert!(note(&victoria).contains("extrapolates nothing"));
    }

    #[test]
    fn a_query_that_cannot_work_at_the_scrape_interval_is_refused() {
        let query =
            |promql: &str| Reading::Query { promql: promql.to_owned(), yields: Yields::Rate };
        check(&query("rate(x[2m])"), 60_000, 1, "rate(x[2m])");
        check(
            &query(r#"rate(x{a="[1s]"}[1m])"#),
            60_000,
            1,
            "the configured query looks back `1m`, which needs two scrapes, and there is one every `1m`",
        );
        check(&query(" \n"), 60_000, 1, "the configured query is empty");
        check(&query("max_over_time(y[1h:1m])"), 60_000, 1, "max_over_time(y[1h:1m])");
    }

    #[test]
    fn a_rate_is_multiplied_by_the_window() {
        let choice = query("rate(x[5m])", Yields::Rate, None, 60_000).unwrap();
        assert_eq!(choice.scale.to_bits(), 60.0_f64.to_bits());
    }

    #[test]
    fn durations_are_written_and_read_in_promql() {
        assert_eq!((duration(90_000), duration(3_600_000)), ("90s".to_owned(), "1h".to_owned()));
        assert_eq!(duration(16_500), "16500ms");
        assert_eq!(parse_duration("1h30m"), Some(5_400_000));
        assert_eq!(
            (parse_duration(""), parse_duration("5"), parse_duration("5x")),
            (None, None, None)
        );
    }
}
