//! What silence means: each test is one counter beside one demand.

use tidewright_core::{Grid, Known, Timestamp};

use super::super::super::Told;
use super::super::super::columns::{Columns, GAP};
use super::super::super::mapping::Meaning;
use super::*;

const N: f64 = f64::NAN;

fn key(path: &str) -> SeriesKey {
    SeriesKey::new([("PATH", path)])
}

fn grid(len: usize) -> Grid {
    Grid::new(Timestamp::from_secs(0), 60_000, len).unwrap()
}

fn demand(columns: &[(&str, &[f64])]) -> Frame {
    let keys = columns.iter().map(|(path, _)| key(path)).collect();
    let values = columns.iter().flat_map(|(_, values)| values.iter().copied()).collect();
    Frame::new(grid(columns[0].1.len()), keys, values).unwrap()
}

/// A counter with these columns, whose job was scraped at these edges.
fn fetched(columns: &[(&str, &[f64])], edges: &[f64]) -> Fetched {
    let len = edges.len() - 1;
    let mut whole = Columns::new(len);
    for (path, values) in columns {
        let place = whole.place(&key(path), Meaning::default());
        whole.column_mut(place.columns()[0]).copy_from_slice(values);
    }
    let mut targets = Targets::new(edges.len()).for_jobs(&["j".to_owned()]);
    let target = targets.find("j\u{1f}i");
    targets.witness(target, edges);
    let (told, grid) = (Told::default(), grid(len));
    Fetched { columns: whole, grid, told, left_out: 0, targets: Some(targets) }
}

fn told(settled: Settled, path: &str) -> Option<Vec<Option<f64>>> {
    let signals = settled.beside(Signals::default(), Signal::OverLimit);
    match signals.counts(Signal::OverLimit, &key(path)) {
        Known::Unknown => None,
        Known::Zero => Some(Vec::new()),
        Known::Counts(counts) => {
            Some(counts.iter().map(|count| Some(*count).filter(|count| !count.is_nan())).collect())
        }
    }
}

#[test]
fn silence_is_zero_where_there_is_a_witness_and_not_known_elsewhere() {
    let demand = demand(&[("/a", &[9.0, 9.0, 9.0, N, 9.0])]);
    let counter = fetched(&[("/a", &[N, 4.0, GAP, 1.0, N])], &[1.0, 1.0, 1.0, 1.0, N, N]);
    let settled = Settled::new(counter, &demand).unwrap();
    assert_eq!(told(settled, "/a").unwrap(), [Some(0.0), Some(4.0), None, None, None]);
}

#[test]
fn a_series_that_is_never_shown_had_none_only_under_a_witness_that_hardly_slept() {
    let demand = demand(&[("/a", &[9.0, 9.0]), ("/b", &[9.0, 9.0])]);
    let shown: [(&str, &[f64]); 1] = [("/a", &[N, 4.0])];
    let absent = |edges: &[f64]| told(Settled::new(fetched(&shown, edges), &demand).unwrap(), "/b");
    assert_eq!(absent(&[1.0, 1.0, 1.0]), Some(vec![]));
    assert_eq!(absent(&[N, 1.0, 1.0]), None);
}

#[test]
fn one_sleep_in_a_hundred_windows_is_forgiven() {
    let (mut counts, mut edges) = ([4.0; 100], [1.0; 101]);
    (counts[0], edges[0]) = (N, N);
    let demand = demand(&[("/a", &[9.0; 100]), ("/b", &[9.0; 100])]);
    let absent = |edges: &[f64]| {
        told(Settled::new(fetched(&[("/a", &counts)], edges), &demand).unwrap(), "/b")
    };
    assert_eq!(absent(&edges), Some(vec![]));
    counts[1] = N;
    edges[1] = N;
    let settled = Settled::new(fetched(&[("/a", &counts)], &edges), &demand).unwrap();
    assert_eq!(told(settled, "/b"), None);
}

#[test]
fn an_answer_that_was_not_whole_is_no_silence() {
    let demand = demand(&[("/a", &[9.0, 9.0]), ("/b", &[9.0, 9.0])]);
    let mut partial = fetched(&[("/a", &[N, N])], &[1.0, 1.0, 1.0]);
    partial.told.partial.push(grid(2).slice(0, 1));
    let settled = Settled::new(partial, &demand).unwrap();
    assert_eq!(told(settled, "/a"), Some(vec![None, Some(0.0)]));
}

#[test]
fn a_witness_may_sleep_where_there_is_no_demand() {
    let demand = demand(&[("/a", &[N, 9.0]), ("/b", &[N, 9.0])]);
    let settled = Settled::new(fetched(&[("/a", &[N, 4.0])], &[N, 1.0, 1.0]), &demand).unwrap();
    assert_eq!(told(settled, "/b"), Some(vec![]));
}

#[test]
fn where_names_do_not_meet_silence_means_nothing() {
    let demand = demand(&[("/a", &[9.0]), ("/b", &[9.0])]);
    let counter = || fetched(&[("/a", &[4.0]), ("/A", &[1.0])], &[1.0, 1.0]);
    let settled = Settled::new(counter(), &demand).unwrap();
    assert!(settled.warning("x_total").unwrap().contains("1 series match none of demand"));
    assert_eq!(told(settled, "/b"), None);
    let mut unnamed = fetched(&[("/a", &[4.0])], &[1.0, 1.0]);
    unnamed.left_out = 1;
    let settled = Settled::new(unnamed, &demand).unwrap();
    assert!(!settled.is_known_of_all());
    assert_eq!(told(settled, "/a"), Some(vec![Some(4.0)]));
}

#[test]
fn a_value_that_was_cut_at_a_dot_makes_both_unknown() {
    let demand = demand(&[("/a", &[9.0]), ("/a.json", &[9.0]), ("/b", &[9.0])]);
    let settle = || Settled::new(fetched(&[("/a", &[4.0]), ("/b", &[1.0])], &[1.0, 1.0]), &demand);
    assert_eq!(told(settle().unwrap(), "/a"), None);
    assert_eq!(told(settle().unwrap(), "/a.json"), None);
    assert_eq!(told(settle().unwrap(), "/b"), Some(vec![Some(1.0)]));
    assert!(settle().unwrap().warning("x").unwrap().contains("2 of demand are not known"));
}

#[test]
fn what_is_added_is_known_or_makes_a_gap() {
    let demand = demand(&[("/a", &[9.0, 9.0, N]), ("/b", &[5.0, 5.0, 5.0])]);
    let counter = fetched(&[("/a", &[4.0, GAP, 1.0])], &[1.0, 1.0, 1.0, 1.0]);
    let settled = Settled::new(counter, &demand).unwrap();
    assert!(settled.is_known_of_all());
    let added = added(demand, &settled).unwrap();
    assert_eq!(added.frame.column(0)[0], 13.0);
    assert!(added.frame.column(0)[1..].iter().all(|value| value.is_nan()));
    assert_eq!(added.frame.column(1), [5.0; 3]);
    assert!(added.warning.unwrap().starts_with("1 windows of demand are gaps"));
}

#[test]
fn hits_are_what_did_not_go_on_where_both_counters_are_known() {
    let demand =
        demand(&[("/a", &[9.0, 9.0, 9.0]), ("/b", &[5.0, 5.0, 5.0]), ("/c", &[5.0, 5.0, 5.0])]);
    let edges = [1.0, 1.0, 1.0, 1.0];
    let before = fetched(&[("/a", &[9.0, 3.0, 8.0]), ("/b", &[5.0, 5.0, 5.0])], &edges);
    let before = Settled::new(before, &demand).unwrap();
    let after = Settled::new(fetched(&[("/a", &[2.0, 4.0, GAP])], &edges), &demand).unwrap();
    let cache = || cache(&before, &after).unwrap();
    assert_eq!(told(cache().hits, "/a"), Some(vec![Some(7.0), Some(0.0), None]));
    assert_eq!(told(cache().lookups, "/a"), Some(vec![Some(9.0), Some(3.0), None]));
    assert_eq!((told(cache().hits, "/b"), told(cache().lookups, "/c")), (None, None));
}
