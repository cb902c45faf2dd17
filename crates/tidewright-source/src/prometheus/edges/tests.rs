//! Tests of the arithmetic of counters: each is one counter table as a Prometheus would answer it.

use proptest::prelude::*;
use tidewright_core::{Grid, SeriesKey, Timestamp};

use super::super::mapping::Meaning;
use super::*;

const N: f64 = f64::NAN;

/// One counter: its instance, its response code, its value at each edge.
type Counter<'a> = (&'a str, &'a str, &'a [f64]);

/// The demand of one partner and path, read in chunks of `windows` windows.
fn demand(counters: &[Counter<'_>], windows: usize) -> Vec<Option<f64>> {
    let mapping = Mapping::nginx();
    let edges = counters[0].2.len();
    let mut whole = Edges::new(edges - 1, 60_000);
    for from in (0..edges - 1).step_by(windows) {
        let until = (from + windows).min(edges - 1);
        let mut part = EdgesPart::new(&mapping, until - from);
        for (instance, code, values) in counters {
            let values = &values[from..=until];
            if values.iter().all(|value| value.is_nan()) {
                continue;
            }
            let labels = [
                ("partner", "p"),
                ("path", "/"),
                ("job", "j"),
                ("instance", instance),
                ("code", code),
            ];
            part.take(&Labels::from_pairs(labels), values).unwrap();
        }
        whole.merge(from, part);
    }
    whole.columns.place(&SeriesKey::new([("PARTNER", "p"), ("PATH", "/")]), Meaning::default());
    let grid = Grid::new(Timestamp::from_secs(0), 60_000, edges - 1).unwrap();
    let (frame, _) = whole.columns.into_frames(grid).unwrap();
    frame.column(0).iter().map(|v| Some(*v).filter(|v| !v.is_nan())).collect()
}

/// The result must not depend on where the chunks are cut.
fn check(counters: &[Counter<'_>], expected: &[f64]) {
    let expected: Vec<_> = expected.iter().map(|v| Some(*v).filter(|v| !v.is_nan())).collect();
    for windows in 1..=expected.len() {
        assert_eq!(demand(counters, windows), expected, "chunks of {windows}");
    }
}

#[test]
fn instances_are_differenced_before_they_are_summed() {
    check(&[("a", "200", &[10.0, 15.0, 25.0]), ("b", "200", &[100.0, 101.0, 103.0])], &[6.0, 12.0]);
}

#[test]
fn after_a_reset_a_counter_counts_from_zero() {
    check(
        &[("a", "200", &[10.0, 15.0, 4.0, 6.0]), ("b", "200", &[1.0, 2.0, 3.0, 4.0])],
        &[6.0, 5.0, 3.0],
    );
}

#[test]
fn a_missed_scrape_makes_its_two_windows_a_gap_of_the_sum() {
    check(&[("a", "200", &[1.0, N, 5.0, 6.0]), ("b", "200", &[1.0, 2.0, 3.0, 4.0])], &[N, N, 2.0]);
}

#[test]
fn a_long_gap_of_a_counter_that_lives_through_stays_a_gap() {
    let (mut values, mut expected) = (vec![10.0], vec![]);
    values.extend([N; 30]);
    values.extend([500.0, 501.0]);
    expected.extend([N; 31]);
    expected.push(1.0);
    check(&[("a", "200", &values)], &expected);
}

#[test]
fn an_instance_that_was_scaled_down_for_hours_is_no_gap() {
    let (mut values, mut expected) = (vec![500.0], vec![]);
    values.extend([N; 30]);
    values.extend([3.0, 5.0]);
    expected.extend([1.0; 31]);
    expected.push(3.0);
    let steady: Vec<f64> = (0..values.len()).map(|i| i as f64).collect();
    check(&[("a", "200", &values), ("b", "200", &steady)], &expected);
}

#[test]
fn a_counter_that_ended_is_over() {
    check(
        &[("a", "200", &[1.0, 2.0, N, N]), ("b", "200", &[1.0, 2.0, 3.0, 4.0])],
        &[2.0, 1.0, 1.0],
    );
}

#[test]
fn a_counter_born_on_a_target_that_was_scraped_counts_from_zero() {
    check(
        &[("a", "200", &[1.0, 2.0, 3.0, 4.0]), ("a", "500", &[N, N, 7.0, 8.0])],
        &[1.0, 8.0, 2.0],
    );
}

#[test]
fn a_counter_born_with_its_target_counts_from_its_first_sample() {
    check(
        &[("a", "200", &[1.0, 2.0, 3.0, 4.0]), ("b", "200", &[N, N, 1000.0, 1001.0])],
        &[1.0, 1.0, 2.0],
    );
    check(&[("b", "200", &[N, N, 1000.0, 1001.0])], &[N, N, 1.0]);
}

#[test]
fn a_code_that_is_absent_after_a_restart_stood_still() {
    let counters: [Counter<'_>; 2] =
        [("a", "200", &[50.0, 60.0, 3.0, 8.0, 9.0]), ("a", "500", &[5.0, 6.0, N, N, 2.0])];
    check(&counters, &[11.0, 3.0, 5.0, 3.0]);
}

#[test]
fn a_series_that_comes_twice_is_an_error() {
    let mapping = Mapping::nginx();
    let mut part = EdgesPart::new(&mapping, 1);
    part.take(&Labels::from_pairs([("partner", "p"), ("path", "/")]), &[1.0, 2.0]).unwrap();
    let again = part.take(&Labels::from_pairs([("path", "/"), ("partner", "p")]), &[1.0, 2.0]);
    assert!(matches!(again, Err(DecodeError::Duplicate(_))));
}

proptest! {
    #[test]
    fn chunks_make_no_difference(
        values in prop::collection::vec(prop::collection::vec(prop_oneof![3 => 0_u32..50, 1 => Just(u32::MAX)], 12), 1..5),
        windows in 1_usize..11,
    ) {
        let tables: Vec<Vec<f64>> = values
            .iter()
            .map(|row| row.iter().map(|&v| if v == u32::MAX { N } else { f64::from(v) }).collect())
            .collect();
        let names = [("a", "200"), ("a", "500"), ("b", "200"), ("b", "500"), ("c", "200")];
        let counters: Vec<Counter<'_>> =
            tables.iter().zip(names).map(|(row, (instance, code))| (instance, code, row.as_slice())).collect();
        prop_assert_eq!(demand(&counters, windows), demand(&counters, 11));
    }
}
