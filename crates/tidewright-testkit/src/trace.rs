//! Two real traces of requests per minute, which travel with this crate (`data/README.md` names their source).
//!
//! They are read as they were measured, outages included; scaling and splitting is the estate's job.

use std::io::Read;

use flate2::read::GzDecoder;

/// Minutes in a day.
pub const DAY: usize = 1440;

const NASA: &[u8] = include_bytes!("../data/nasa.csv.gz");
const TWITTER: &[u8] = include_bytes!("../data/twitter.csv.gz");

/// 15 days of a public web site from a Friday 04:00 UTC on, 31 requests a minute, with nights, week-ends and a real outage.
pub fn nasa() -> Vec<u64> {
    read(NASA)
}

/// 14 days of a public message stream from midnight on, 3,813 a minute, with a dozen sharp peaks a day: that is its nature.
pub fn twitter() -> Vec<u64> {
    read(TWITTER)
}

fn read(compressed: &[u8]) -> Vec<u64> {
    let mut text = String::new();
    GzDecoder::new(compressed).read_to_string(&mut text).expect("the trace travels with the crate");
    let count = |line: &str| {
        let (_, count) = line.split_once(',').expect("the trace has two columns");
        count.parse().expect("the trace holds whole numbers")
    };
    text.lines().skip(1).map(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_traces_have_the_length_and_the_level_that_they_are_said_to_have() {
        let mean = |trace: &[u64]| trace.iter().sum::<u64>() / trace.len() as u64;
        let (nasa, twitter) = (nasa(), twitter());
        assert_eq!((nasa.len(), twitter.len()), (15 * DAY, 14 * DAY));
        assert_eq!((mean(&nasa), mean(&twitter)), (31, 3813));
    }
}
