//! Laws of the detector: what alarms, what does not, and what it must not know.

use proptest::prelude::*;
use tidewright_numerics::Random;

use super::*;

const MINUTE_MS: i64 = 60_000;

/// Days of five minutes with a daily wave and noise; the value of each row may be changed.
fn days(
    days: i64,
    mut change: impl FnMut(i64, f64) -> Option<f64>,
) -> Vec<(Timestamp, Option<f64>)> {
    let mut random = Random::new(7);
    let row = |row: i64| {
        let wave = (row as f64 / 288.0 * std::f64::consts::TAU).sin();
        let value = 100.0 + 30.0 * wave + 2.0 * random.normal();
        (Timestamp::from_millis(row * 5 * MINUTE_MS), change(row, value))
    };
    (0..288 * days).map(row).collect()
}

fn watch(rows: &[(Timestamp, Option<f64>)]) -> Vec<Verdict> {
    watch_with(Settings::default(), rows)
}

fn watch_with(settings: Settings, rows: &[(Timestamp, Option<f64>)]) -> Vec<Verdict> {
    let mut detector = Detector::new(Arc::new(settings));
    rows.iter().map(|(time, value)| detector.update(*time, *value)).collect()
}

fn alarms(verdicts: &[Verdict]) -> Vec<usize> {
    let rows = verdicts.iter().enumerate();
    rows.filter(|(_, verdict)| verdict.alarm >= 1.0).map(|(row, _)| row).collect()
}

#[test]
fn a_spike_a_drop_and_an_outage_alarm_once_each() {
    let verdicts = watch(&days(21, |row, value| match row {
        4000 => Some(value + 60.0),
        4800..4830 => Some(value - 50.0),
        5500..5560 => Some(0.0),
        _ => Some(value),
    }));
    let found = alarms(&verdicts);
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!(found[0], 4000);
    assert!((4800..4803).contains(&found[1]) && (5500..5503).contains(&found[2]), "{found:?}");
    let spike = verdicts[4000].surprise.unwrap();
    assert_eq!(spike.direction, Direction::Up);
    assert!(spike.probability < 0.01);
    assert_eq!(verdicts[4800].surprise.unwrap().direction, Direction::Down);
}

#[test]
fn the_score_stays_up_while_it_lasts_and_the_band_holds_what_is_usual() {
    let verdicts = watch(&days(21, |row, value| {
        Some(if (5000..5036).contains(&row) { value + 80.0 } else { value })
    }));
    assert!(verdicts[5000..5036].iter().all(|verdict| verdict.score > Some(1.0)));
    assert!(verdicts[5000..5036].iter().all(|verdict| verdict.severity.is_some()));
    let usual = &verdicts[3000..5000];
    assert!(usual.iter().filter(|verdict| verdict.score > Some(1.0)).count() < 10);
    let band = usual[0].band.unwrap();
    assert!(band.lower < band.expected && band.expected < band.upper);
}

#[test]
fn a_flat_line_is_quiet_until_it_moves() {
    let flat: Vec<_> = (0..2000)
        .map(|row| {
            (Timestamp::from_millis(row * 5 * MINUTE_MS), Some(if row < 1900 { 5.0 } else { 6.0 }))
        })
        .collect();
    let found = alarms(&watch(&flat));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!((1900..1910).contains(&found[0]), "{found:?}");
}

#[test]
fn gaps_late_and_double_rows_say_nothing_and_change_nothing() {
    let plain = days(10, |_, value| Some(value));
    let mut rows = plain.clone();
    rows.insert(2001, (plain[2000].0, Some(900.0)));
    rows.insert(2002, (plain[1500].0, Some(900.0)));
    rows.insert(2003, (plain[2000].0, None));
    rows.insert(2004, (plain[2000].0, Some(f64::NAN)));
    let verdicts = watch(&rows);
    let states: Vec<_> = verdicts[2001..2005].iter().map(|verdict| verdict.state).collect();
    assert_eq!(states, [PointState::Late, PointState::Late, PointState::Gap, PointState::Gap]);
    assert!(verdicts[2001..2005].iter().all(|verdict| verdict.score.is_none()));
    let mut rest = verdicts;
    rest.drain(2001..2005);
    assert_eq!(rest, watch(&plain));
}

#[test]
fn an_outage_of_the_collector_is_no_jump() {
    let verdicts = watch(&days(21, |row, value| (!(4000..4100).contains(&row)).then_some(value)));
    assert_eq!(alarms(&verdicts), Vec::<usize>::new());
}

#[test]
fn what_cannot_be_alarms_at_once_and_is_not_learned() {
    let settings = Settings { range: (0.0, 1000.0), ..Settings::default() };
    let odd = days(2, |row, value| Some(if row == 100 { -1.0 } else { value }));
    let verdicts = watch_with(settings.clone(), &odd);
    assert_eq!(alarms(&verdicts), [100]);
    assert!(verdicts[100].score > Some(1.0));
    let gap = days(2, |row, value| (row != 100).then_some(value));
    assert_eq!(watch_with(settings, &gap)[200].score, verdicts[200].score);
}

#[test]
fn severity_grows_with_the_alarm_and_with_time() {
    let verdicts = watch(&days(21, |row, value| {
        Some(if (5000..5036).contains(&row) { value + 80.0 } else { value })
    }));
    let (first, late) = (verdicts[5000].severity, verdicts[5030].severity);
    assert!(first >= Some(Severity::Warning) && late.is_some(), "{first:?} {late:?}");
    assert_eq!(verdicts[3000].severity, None);
}

#[test]
fn a_restored_detector_goes_on_as_if_it_had_never_stopped() {
    let rows = days(10, |row, value| Some(if row == 2500 { 3.0 * value } else { value }));
    let settings = Arc::new(Settings::default());
    let mut first = Detector::new(settings.clone());
    rows[..2000].iter().for_each(|(time, value)| {
        first.update(*time, *value);
    });
    let bytes = first.encode();
    let mut second = Detector::decode(settings.clone(), &bytes).unwrap();
    assert_eq!(second.encode(), bytes);
    for (time, value) in &rows[2000..] {
        assert_eq!(first.update(*time, *value), second.update(*time, *value));
    }
    let mut broken = bytes.clone();
    broken[40] ^= 1;
    assert!(Detector::decode(settings.clone(), &broken).is_err());
    assert!(Detector::decode(settings, &bytes[..100]).is_err());
}

#[test]
fn the_state_is_small() {
    assert!(size_of::<Detector>() <= 2048, "{}", size_of::<Detector>());
}

proptest! {
    #[test]
    fn no_verdict_knows_what_comes_after(cut in 1..2880_usize, odd in 0..2880_i64, by in -500.0..500.0_f64) {
        let rows = days(10, |row, value| Some(if row == odd { value + by } else { value }));
        let whole = watch(&rows);
        prop_assert_eq!(&whole[..cut], &watch(&rows[..cut])[..]);
    }

    #[test]
    fn any_rows_have_sane_verdicts(
        rows in prop::collection::vec((-1e6..1e9_f64, prop::option::of(prop::num::f64::ANY)), 0..400),
    ) {
        let mut detector = Detector::new(Arc::new(Settings::default()));
        for (seconds, value) in rows {
            let verdict = detector.update(Timestamp::from_millis((seconds * 1e3) as i64), value);
            prop_assert!(verdict.alarm >= 0.0 && verdict.alarm.is_finite());
            prop_assert!(verdict.score.is_none_or(|score| score >= 0.0 && score.is_finite()));
        }
    }

    #[test]
    fn units_do_not_matter(factor in 1e-3..1e3_f64, shift in -1e4..1e4_f64) {
        let rows = days(8, |row, value| Some(if row == 2000 { value + 60.0 } else { value }));
        let other: Vec<_> =
            rows.iter().map(|(time, value)| (*time, value.map(|value| value * factor + shift))).collect();
        for (one, two) in watch(&rows).iter().zip(watch(&other)) {
            prop_assert!((one.alarm - two.alarm).abs() < 1e-3 * (1.0 + one.alarm), "{} {}", one.alarm, two.alarm);
        }
    }
}
