//! Measures a counter before it is read: how often it is scraped and how many there are.
//!
//! The rule: a few cheap queries spread over the whole span, and their median, so that one outage does not pass for the
//! rule. Where there is no sample at all the answer is `None`, not an error: an empty history is a finding.

use futures::future::try_join;
use tidewright_core::{Grid, TimeSpan};

use super::client::Client;
use super::decode::{DecodeError, Labels, MatrixSink};
use super::failure::QueryError;
use super::reading::duration;

/// Moments at which is measured: enough that some of them lie outside any outage.
const MOMENTS: i64 = 24;

/// How far each measurement looks back: at least two scrapes up to an interval of five minutes. Back-filled and
/// simulated scrapes fall on whole seconds; slightly less than ten minutes keeps both ends of a look-back from counting.
const LOOK_BACK_MS: i64 = 600_000 - 457;

const DAY_SECS: i64 = 86_400;

/// Scrape intervals that people configure, in seconds. A measured interval close to one of them is that one: the number
/// of scrapes that fall into a look-back differs by one by chance.
const USUAL_SECS: [i64; 9] = [1, 5, 10, 15, 20, 30, 60, 120, 300];

/// How close is close.
const USUAL_RATIO_MAX: f64 = 0.12;

/// What a counter looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Measured {
    /// The time between two scrapes.
    pub(super) interval_ms: i64,
    /// The most counters at any of the moments.
    pub(super) counters: u64,
}

impl Measured {
    /// How far is looked back for the last scrape. Slightly above the interval: a missed scrape is a gap then, not a
    /// repetition of the one before.
    pub(super) fn look_back_ms(&self) -> i64 {
        self.interval_ms + (self.interval_ms / 10).max(1000)
    }
}

/// Keeps every number of an answer of one series.
#[derive(Default)]
pub(super) struct Numbers(pub(super) Vec<f64>);

impl MatrixSink for Numbers {
    fn take(&mut self, _labels: &Labels, values: &[f64]) -> Result<(), DecodeError> {
        self.0 = values.to_vec();
        Ok(())
    }
}

/// What the counters of `selector` look like within `span`.
pub(super) async fn measure(
    client: &Client,
    selector: &str,
    span: TimeSpan,
) -> Result<Option<Measured>, QueryError> {
    let found = measure_at(client, selector, span).await?;
    if found.is_some() {
        return Ok(found);
    }
    // Nothing at any of the moments: there may still be a short history between two of them.
    let Some(part) = locate(client, selector, span).await? else { return Ok(None) };
    measure_at(client, selector, part).await
}

async fn measure_at(
    client: &Client,
    selector: &str,
    span: TimeSpan,
) -> Result<Option<Measured>, QueryError> {
    let grid = moments(span);
    let range = duration(LOOK_BACK_MS);
    let scrapes = format!("quantile(0.5, count_over_time({selector}[{range}]))");
    let counters = format!("count(last_over_time({selector}[{range}]))");
    let (scrapes, counters) =
        try_join(fetch(client, &scrapes, grid), fetch(client, &counters, grid)).await?;
    let counters = counters.into_iter().filter(|count| !count.is_nan()).fold(0.0, f64::max) as u64;
    Ok(median(scrapes).map(|scrapes| Measured { interval_ms: interval_ms(scrapes), counters }))
}

/// The numbers of a query, one moment at a time where all of them are too large for the server.
async fn fetch(client: &Client, query: &str, grid: Grid) -> Result<Vec<f64>, QueryError> {
    match client.range(query, grid, Numbers::default).await {
        Err(error) if error.is_too_large() && !error.is_timeout() => {}
        answer => return answer.map(|(numbers, _)| numbers.0),
    }
    let mut all = Vec::with_capacity(grid.len());
    for moment in 0..grid.len() {
        let (numbers, _) = client.range(query, grid.slice(moment, 1), Numbers::default).await?;
        all.push(numbers.0.first().copied().unwrap_or(f64::NAN));
    }
    Ok(all)
}

/// The latest part of the span that holds any sample.
async fn locate(
    client: &Client,
    selector: &str,
    span: TimeSpan,
) -> Result<Option<TimeSpan>, QueryError> {
    let grid = moments(span);
    let query = format!("count(last_over_time({selector}[{}]))", duration(grid.step_ms()));
    let (numbers, _) = client.range(&query, grid, Numbers::default).await?;
    let last = numbers.0.iter().rposition(|count| !count.is_nan());
    Ok(last.map(|step| {
        let end = grid.timestamp(step);
        TimeSpan { start: end.plus_millis(-grid.step_ms()), end }
    }))
}

/// Moments that cover the span: the first lies in it, the last at or behind its end. They are multiples of a step that
/// divides the day, because caches in between round what is not.
fn moments(span: TimeSpan) -> Grid {
    let wanted_secs = (span.millis() / MOMENTS / 1000).max(1);
    let step_secs = (wanted_secs..DAY_SECS).find(|step| DAY_SECS % step == 0);
    let step_ms = step_secs.unwrap_or(DAY_SECS) * 1000;
    let first = span.start.align_down(step_ms).plus_millis(step_ms);
    let behind = span.end.plus_millis(step_ms - 1).align_down(step_ms);
    let count = (behind.as_millis() - first.as_millis()) / step_ms + 1;
    Grid::new(first, step_ms, count.max(1) as usize).expect("a step is at least a second")
}

fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.retain(|number| !number.is_nan());
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied()
}

fn interval_ms(scrapes: f64) -> i64 {
    let measured = LOOK_BACK_MS as f64 / scrapes.max(1.0);
    let distance = |usual: i64| (measured / (usual * 1000) as f64).ln().abs();
    let nearest = USUAL_SECS.into_iter().min_by(|a, b| distance(*a).total_cmp(&distance(*b)));
    match nearest.filter(|&usual| distance(usual) <= USUAL_RATIO_MAX) {
        Some(usual) => usual * 1000,
        None => (measured / 1000.0).ceil() as i64 * 1000,
    }
}

#[cfg(test)]
mod tests {
    use tidewright_core::Timestamp;

    use super::*;

    #[test]
    fn a_usual_interval_is_recognised_also_when_one_scrape_more_or_less_was_counted() {
        for (scrapes, seconds) in [
            (20.0, 30),
            (21.0, 30),
            (19.0, 30),
            (10.0, 60),
            (9.0, 60),
            (11.0, 60),
            (40.0, 15),
            (14.0, 43),
        ] {
            assert_eq!(interval_ms(scrapes), seconds * 1000, "{scrapes}");
        }
    }

    #[test]
    fn the_moments_are_round_and_cover_the_span() {
        let at = Timestamp::from_secs;
        let check = |start, end, (first, step, count): (i64, i64, usize)| {
            let grid = moments(TimeSpan { start: at(start), end: at(end) });
            assert_eq!((grid.start(), grid.step_ms(), grid.len()), (at(first), step * 1000, count));
        };
        check(0, 86_400, (3600, 3600, 24));
        check(100, 86_500, (3600, 3600, 25));
        check(0, 7 * 86_400, (28_800, 28_800, 21));
        check(0, 60 * 86_400, (86_400, 86_400, 60));
        check(59, 60, (60, 1, 1));
        let short = moments(TimeSpan { start: at(0), end: Timestamp::from_millis(10) });
        assert_eq!((short.len(), short.start()), (1, at(1)));
    }

    #[test]
    fn gaps_do_not_count_for_the_median() {
        assert_eq!(median(vec![f64::NAN, 20.0, 1.0, 20.0]), Some(20.0));
        assert_eq!(median(vec![f64::NAN]), None);
    }
}
