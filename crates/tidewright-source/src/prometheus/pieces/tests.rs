//! Tests of how a stretch is divided. That pieces hold what the whole holds is tested on a real server.

use std::time::Duration;

use tidewright_core::Timestamp;

use super::*;

fn hours(count: usize) -> Stretch {
    let windows = Grid::new(Timestamp::from_secs(0), 60_000, 60 * count).unwrap();
    Stretch { from: 100, windows, timeouts: 0 }
}

#[test]
fn halves_meet_and_end_at_an_hour() {
    let [later, earlier] = hours(3).halves(1).unwrap();
    assert_eq!((earlier.from, earlier.windows.len()), (100, 90));
    assert_eq!((later.from, later.windows.len(), later.timeouts), (190, 90, 1));
    assert_eq!(later.windows.start(), earlier.windows.end());
    let odd = Stretch { windows: hours(3).windows.slice(0, 91), ..hours(3) };
    let [later, earlier] = odd.halves(0).unwrap();
    assert_eq!((earlier.windows.len(), later.windows.len()), (45, 46));
    assert!(hours(1).halves(0).is_none());
    let day = Grid::new(Timestamp::from_secs(0), 86_400_000, 1).unwrap();
    assert!(Stretch { windows: day, ..hours(1) }.halves(0).is_none());
}

#[test]
fn what_was_too_large_is_told_once_with_its_numbers() {
    let tally = Tally::default();
    assert_eq!(tally.warning(), None);
    let windows = hours(2).windows;
    tally.refuse(&QueryError::Timeout(Duration::from_millis(5)), windows);
    assert_eq!(
        tally.too_many.load(Ordering::Relaxed),
        usize::MAX,
        "a time-out says nothing of size"
    );
    let (status, message) = (reqwest::StatusCode::PAYLOAD_TOO_LARGE, "no".to_owned());
    tally.refuse(&QueryError::Refused { status, message, hint: None }, windows);
    tally.instead(2);
    tally.instead(2);
    assert_eq!(tally.too_many.load(Ordering::Relaxed), 120);
    let expected = "2 queries were too large for the server (`no answer within `5` ms`): 4 smaller ones were asked instead";
    assert_eq!(tally.warning().as_deref(), Some(expected));
}
