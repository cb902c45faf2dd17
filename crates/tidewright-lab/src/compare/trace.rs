//! Two real traces of requests per minute, which travel with this crate (`data/README.md` names their source).

use std::io::Read;

use flate2::read::GzDecoder;
use tidewright_core::Timestamp;

/// Minutes in a day.
pub(super) const DAY: usize = 1440;
/// Minutes in a week.
pub(super) const WEEK: usize = 7 * DAY;

const NASA: &[u8] = include_bytes!("../../data/nasa.csv.gz");
const TWITTER: &[u8] = include_bytes!("../../data/twitter.csv.gz");

/// Requests per minute, as they were measured, outages included.
pub(super) struct Trace {
    pub name: &'static str,
    pub start: Timestamp,
    pub counts: Vec<f64>,
}

/// Both.
pub(super) fn all() -> [Trace; 2] {
    [read("nasa", NASA), read("twitter", TWITTER)]
}

fn read(name: &'static str, compressed: &[u8]) -> Trace {
    let mut text = String::new();
    GzDecoder::new(compressed).read_to_string(&mut text).expect("the trace travels with the crate");
    let mut rows = text.lines().skip(1).map(|line| {
        let (moment, count) = line.split_once(',').expect("the trace has two columns");
        (moment, count.parse().expect("the trace holds numbers"))
    });
    let (first, count) = rows.next().expect("the trace has rows");
    let start = Timestamp::parse(first).expect("the trace starts at a moment");
    Trace { name, start, counts: [count].into_iter().chain(rows.map(|(_, count)| count)).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_traces_have_the_length_and_the_height_that_they_are_said_to_have() {
        let found = all().map(|trace| {
            let top = trace.counts.iter().copied().fold(0.0, f64::max);
            (trace.counts.len() / WEEK, trace.start.to_string(), top)
        });
        let nasa = (5, "1995-07-01T04:00:00Z".to_owned(), 409.0);
        let twitter = (2, "2021-04-01T00:00:00Z".to_owned(), 18_006.0);
        assert_eq!(found, [nasa, twitter]);
    }
}
