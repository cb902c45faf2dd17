//! Measures a counter before it is read: how often it is scraped and how many there are.
//!
//! The rule: a few cheap queries spread over the whole span, and their median, so that one outage does not pass for the
//! rule. Where there is no sample at all the answer is `None`, not an error: an empty history is a finding.

use futures::future::try_join;
use tidewright_core::{Grid, TimeSpan, Timestamp};

use super::client::Client;
use super::decode::{DecodeError, Labels, MatrixSink};
use super::failure::QueryError;
use super::reading::duration;

/// Moments at which is measured: enough that some of them lie outside any outage.
const MOMENTS: i64 = 24;

/// How far each measurement looks back: at least two scrapes up to an interval of five minutes.
const LOOK_BACK_MS: i64 = 600_000;

/// Scrape intervals that people configure, in seconds. A measured interval close to one of them is that one: the number
/// of scrapes that fall into a look-back differs by one by chance.
const USUAL_SECS: [i64; 9] = [1, 5, 10, 15, 20, 30, 60, 120, 300];

/// How close is close.
const USUAL_RATIO_MAX: f64 = 0.12;

/// Back-filled and simulated scrapes fall on whole seconds; measuring beside them keeps both ends of a look-back from
/// counting.
const OFFSET_MS: i64 = 457;

/// What a counter looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Measured {
    /// The time between two scrapes.
    pub(super) interval_ms: i64,
    /// The most counters at any of the moments.
    pub(super) counters: u64,
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
    let grid = moments(span, OFFSET_MS);
    let range = duration(LOOK_BACK_MS);
    let scrapes = format!("quantile(0.5, count_over_time({selector}[{range}]))");
    let counters = format!("count(last_over_time({selector}[{range}]))");
    let fetch = |query: String| async move {
        let (numbers, _) = client.range(&query, grid, Numbers::default).await?;
        Ok::<_, QueryError>(numbers.0)
    };
    let (scrapes, counters) = try_join(fetch(scrapes), fetch(counters)).await?;
    let counters = counters.into_iter().filter(|count| !count.is_nan()).fold(0.0, f64::max) as u64;
    Ok(median(scrapes).map(|scrapes| Measured { interval_ms: interval_ms(scrapes), counters }))
}

/// The latest part of the span that holds any sample.
async fn locate(
    client: &Client,
    selector: &str,
    span: TimeSpan,
) -> Result<Option<TimeSpan>, QueryError> {
    let grid = moments(span, 0);
    let query = format!("count(last_over_time({selector}[{}]))", duration(grid.step_ms()));
    let (numbers, _) = client.range(&query, grid, Numbers::default).await?;
    let last = numbers.0.iter().rposition(|count| !count.is_nan());
    Ok(last.map(|step| {
        let end = grid.timestamp(step);
        TimeSpan { start: end.plus_millis(-grid.step_ms()), end }
    }))
}

/// Equally spaced moments of which the last is the end of the span.
fn moments(span: TimeSpan, offset_ms: i64) -> Grid {
    let step_ms = (span.millis() / MOMENTS).max(1000);
    let count = (span.millis() / step_ms).max(1);
    let first: Timestamp = span.end.plus_millis(offset_ms - (count - 1) * step_ms);
    Grid::new(first, step_ms, count as usize).expect("a step is at least a second")
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
    fn the_moments_end_with_the_span() {
        let span = TimeSpan { start: Timestamp::from_secs(0), end: Timestamp::from_secs(86_400) };
        let grid = moments(span, 0);
        assert_eq!((grid.len(), grid.timestamp(23)), (24, span.end));
        let short = TimeSpan { start: Timestamp::from_millis(0), end: Timestamp::from_millis(10) };
        assert_eq!((moments(short, 0).len(), moments(short, 0).start()), (1, short.end));
    }

    #[test]
    fn gaps_do_not_count_for_the_median() {
        assert_eq!(median(vec![f64::NAN, 20.0, 1.0, 20.0]), Some(20.0));
        assert_eq!(median(vec![f64::NAN]), None);
    }
}
