//! What made-up demand promises.

use tidewright_core::{Known, Signal, Silent};

use super::*;

const DAY_MS: i64 = 86_400_000;

fn anchor() -> Timestamp {
    Timestamp::parse("2026-11-20T08:00:00Z").unwrap()
}

fn source(seed: u64) -> SyntheticSource {
    SyntheticSource::new(SyntheticSettings::new(seed, anchor()))
}

fn quiet(seed: u64) -> SyntheticSource {
    let settings = SyntheticSettings::new(seed, anchor());
    SyntheticSource::new(SyntheticSettings { events: Events::None, ..settings })
}

fn back(days: i64) -> TimeSpan {
    TimeSpan { start: anchor().plus_millis(-days * DAY_MS), end: anchor() }
}

fn frame(source: &SyntheticSource, span: TimeSpan, window_ms: i64) -> Frame {
    source.frames(&DemandRequest { span, window_ms }, &Silent).unwrap().0
}

/// The bits of all counts; a gap is a gap, whichever NaN the compiler makes of it.
fn bits(frame: &Frame) -> Vec<u64> {
    let bits = |value: &f64| if value.is_nan() { u64::MAX } else { value.to_bits() };
    (0..frame.keys().len()).flat_map(|i| frame.column(i)).map(bits).collect()
}

fn truth(source: &SyntheticSource, index: usize, days: i64) -> Truth {
    let key = source.keys().nth(index).unwrap().clone();
    source.truth(&key, back(days)).unwrap()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[test]
fn equal_seeds_give_equal_bytes_and_others_do_not() {
    let of = |seed| bits(&frame(&source(seed), back(7), MINUTE_MS));
    assert_eq!(of(1), of(1));
    assert_ne!(of(1), of(2));
}

/// A change of this number changes what every local run prints.
#[test]
fn the_bytes_of_a_seed_do_not_drift() {
    let frame = frame(&source(42), back(28), MINUTE_MS);
    let digest = bits(&frame).into_iter().fold(0_u64, |sum, bits| sum.rotate_left(5) ^ bits);
    assert_eq!(format!("{digest:016x}"), "b8b72200de9a85b2");
}

fn signals(source: &SyntheticSource, span: TimeSpan) -> (Frame, Signals) {
    source.frames(&DemandRequest { span, window_ms: MINUTE_MS }, &Silent).unwrap()
}

#[test]
fn what_is_told_beside_demand_is_a_part_of_it_and_does_not_drift() {
    let (frame, signals) = signals(&source(42), back(28));
    let mut digest = 0_u64;
    for (signal, told) in signals.iter() {
        for (i, key) in told.keys().iter().enumerate() {
            let demand = frame.keys().iter().position(|other| other == key).unwrap();
            let parts = told.column(i).iter().zip(frame.column(demand));
            let fits = |(part, count): (&f64, &f64)| {
                count.is_nan() == part.is_nan() && (part.is_nan() || (0.0..=*count).contains(part))
            };
            assert!({ parts }.all(fits), "{signal:?} {key}");
        }
        digest = bits(told).into_iter().fold(digest, |sum, bits| sum.rotate_left(5) ^ bits);
    }
    assert_eq!(format!("{digest:016x}"), "5b33c7d160fed8ed");
}

#[test]
fn an_incident_is_rejected_and_an_attack_shows_in_errors_of_its_callers() {
    let source = source(7);
    let (frame, signals) = signals(&source, back(7));
    let share = |signal, index: usize, kind| {
        let key = source.keys().nth(index).unwrap();
        let event = truth(&source, index, 7).events.into_iter().find(|event| event.kind == kind);
        let minute = frame.grid().index_of(event.unwrap().span.end.plus_millis(-1)).unwrap();
        signals.column(signal, key).unwrap()[minute] / frame.column(index)[minute]
    };
    let rejected = share(Signal::Rejected, 3, EventKind::Incident);
    assert!((rejected - 1.0 / 3.0).abs() < 0.01, "{rejected}");
    let errors = share(Signal::ClientErrors, 4, EventKind::SlowAttack);
    assert!((0.2..0.4).contains(&errors), "{errors}");
    let quiet = source.keys().next().unwrap();
    assert_eq!(signals.counts(Signal::Rejected, quiet), Known::Zero);
    assert_eq!(signals.counts(Signal::OverLimit, quiet), Known::Unknown);
    assert!(signals.column(Signal::CacheHits, quiet).is_some());
}

#[test]
fn spans_agree_where_they_overlap() {
    let (long, short) =
        (frame(&source(3), back(9), MINUTE_MS), frame(&source(3), back(4), MINUTE_MS));
    for i in 0..long.keys().len() {
        let tail = &long.column(i)[5 * 1440..];
        let equal = tail.iter().zip(short.column(i)).all(|(a, b)| a.to_bits() == b.to_bits());
        assert!(equal && tail.len() == short.column(i).len(), "{}", long.keys()[i]);
    }
}

#[test]
fn counts_are_whole_and_never_negative() {
    let frame = frame(&source(4), back(14), MINUTE_MS);
    let measured = |i| frame.column(i).iter().filter(|value| !value.is_nan());
    assert!((0..9).flat_map(measured).all(|&count| count >= 0.0 && count.fract() == 0.0));
}

#[test]
fn an_hour_is_the_sum_of_its_minutes_and_a_gap_if_one_is() {
    let (minutes, hours) =
        (frame(&source(5), back(7), MINUTE_MS), frame(&source(5), back(7), 3_600_000));
    for i in 0..9 {
        let sums = minutes.column(i).chunks(60).map(|hour| hour.iter().sum::<f64>());
        assert!(
            sums.zip(hours.column(i)).all(
                |(sum, &hour)| sum.to_bits() == hour.to_bits() || sum.is_nan() && hour.is_nan()
            )
        );
    }
    assert!(hours.column(0).iter().any(|hour| hour.is_nan()));
}

#[test]
fn a_quiet_source_measures_its_truth() {
    let source = quiet(6);
    let frame = frame(&source, back(10), MINUTE_MS);
    for i in 0..9 {
        assert_eq!(frame.column(i), truth(&source, i, 10).clean.as_slice());
    }
}

#[test]
fn truth_differs_from_what_is_measured_only_inside_unclean_events() {
    let source = source(7);
    let frame = frame(&source, back(14), MINUTE_MS);
    for i in 0..9 {
        let truth = truth(&source, i, 14);
        let unclean: Vec<_> = truth.events.iter().filter(|event| !event.kind.is_clean()).collect();
        for (j, (&measured, &clean)) in frame.column(i).iter().zip(&truth.clean).enumerate() {
            let moment = frame.grid().timestamp(j);
            let inside = unclean.iter().any(|event| event.span.contains(moment));
            assert!(inside || measured.to_bits() == clean.to_bits(), "{moment}");
        }
    }
}

#[test]
fn weekends_are_quieter_than_weekdays() {
    let source = quiet(8);
    let day = |text| {
        let start = Timestamp::parse(text).unwrap();
        let span = TimeSpan { start, end: start.plus_millis(DAY_MS) };
        let key = source.keys().next().unwrap().clone();
        mean(&source.truth(&key, span).unwrap().clean)
    };
    assert!(day("2026-11-15") < 0.9 * day("2026-11-11"));
}

#[test]
fn levels_reach_from_hundreds_to_thousands_and_one_pair_is_low() {
    let source = quiet(9);
    let means: Vec<f64> = (0..9).map(|i| mean(&truth(&source, i, 7).clean)).collect();
    assert!(means[..8].iter().all(|&mean| mean > 250.0 && mean < 6_000.0), "{means:?}");
    assert!(means[8] < 20.0, "{means:?}");
}

#[test]
fn a_launch_lasts_and_is_clean() {
    let (launched, quiet) = (source(10), quiet(10));
    for i in 0..3 {
        let (with, without) = (truth(&launched, i, 5), truth(&quiet, i, 5));
        let ratio = mean(&with.clean) / mean(&without.clean);
        assert!((ratio - 1.8).abs() < 0.01, "{ratio}");
        assert!(with.events.iter().any(|event| event.kind == EventKind::Launch));
    }
    assert!(truth(&launched, 3, 5).events.iter().all(|event| event.kind != EventKind::Launch));
}

#[test]
fn every_kind_of_event_happens_within_two_weeks() {
    let source = source(11);
    let kinds: std::collections::BTreeSet<EventKind> =
        (0..9).flat_map(|i| truth(&source, i, 14).events).map(|event| event.kind).collect();
    assert_eq!(kinds.len(), 7, "{kinds:?}");
}

#[test]
fn a_window_below_a_minute_is_refused() {
    let request = DemandRequest { span: back(1), window_ms: 1_000 };
    let error = source(1).frames(&request, &Silent).unwrap_err();
    assert_eq!(error.kind(), PortErrorKind::Refused);
    assert_eq!(error.advice(), Some("synthetic demand comes in whole minutes"));
}

#[test]
fn a_span_without_end_is_refused() {
    let end = Timestamp::from_millis(i64::MAX / 2);
    let span = TimeSpan { start: Timestamp::from_millis(0), end };
    let error =
        source(1).frames(&DemandRequest { span, window_ms: MINUTE_MS }, &Silent).unwrap_err();
    assert_eq!(error.advice(), Some("ask for fewer days, partners or paths"));
}
