//! What seasonal autoregressions find, and that nothing breaks them.

use proptest::prelude::*;
use tidewright_numerics::Random;

use super::*;

const KINDS: [SeasonalAr; 4] = [
    SeasonalAr {
        name: "a",
        explained: Explained::Value,
        around: Around::Zero,
        lags: Lags::Neighbours,
    },
    SeasonalAr {
        name: "b",
        explained: Explained::Logarithm,
        around: Around::Zero,
        lags: Lags::Sums,
    },
    SeasonalAr {
        name: "c",
        explained: Explained::Value,
        around: Around::Cycle { of: Season::Longest, half_life: 3.0 },
        lags: Lags::Few,
    },
    SeasonalAr {
        name: "d",
        explained: Explained::Logarithm,
        around: Around::Cycle { of: Season::Longest, half_life: 8.0 },
        lags: Lags::Few,
    },
];

fn hours(len: usize) -> Vec<f64> {
    let mut random = Random::new(3);
    let wave = |i: usize| 100.0 + 40.0 * (i as f64 / 24.0 * std::f64::consts::TAU).sin();
    let week = |i: usize| if i % 168 > 120 { 0.6 } else { 1.0 };
    (0..len).map(|i| wave(i) * week(i) + 2.0 * random.normal()).collect()
}

#[test]
fn each_kind_sees_day_and_week_come_again() {
    let values = hours(960 + 48);
    let past = Past::new(&values[..960], &[24, 168]).unwrap();
    for kind in KINDS {
        let forecast = kind.fit(&past).unwrap().predict(48);
        let pairs = forecast.point.iter().zip(&values[960..]);
        let miss = pairs.map(|(point, value)| (point - value).abs()).sum::<f64>() / 48.0;
        assert!(miss < 4.0, "{} {miss}", kind.name);
        assert!(forecast.deviation.iter().all(|d| *d > 0.5 && *d < 20.0), "{}", kind.name);
    }
}

#[test]
fn an_autoregression_is_found() {
    let mut random = Random::new(8);
    let mut values = vec![0.0; 3000];
    for i in 2..3000 {
        values[i] = 0.6 * values[i - 1] + 0.2 * values[i - 2] + random.normal();
    }
    let model = SeasonalAr { lags: Lags::Few, ..KINDS[0] };
    let fitted = model.learn(&Past::new(&values, &[]).unwrap()).unwrap();
    let forecast = fitted.predict(3);
    let (last, before) = (values[2999], values[2998]);
    assert!((forecast.point[0] - 0.6 * last - 0.2 * before).abs() < 0.15);
    // Var(h = 2) = (1 + 0.6^2), of an innovation of variance 1.
    assert!((forecast.deviation[0] - 1.0).abs() < 0.06);
    assert!((forecast.deviation[1] - 1.36_f64.sqrt()).abs() < 0.08);
}

#[test]
fn a_constant_stays_what_it_is() {
    for kind in KINDS {
        let forecast = kind.fit(&Past::new(&[5.0; 400], &[24, 168]).unwrap()).unwrap().predict(30);
        assert!(forecast.point.iter().all(|point| (point - 5.0).abs() < 1e-3), "{}", kind.name);
    }
}

#[test]
fn logarithms_of_negative_values_are_refused() {
    let values = [1.0, -2.0, 3.0];
    let refused = KINDS[1].fit(&Past::new(&values, &[]).unwrap()).unwrap_err();
    assert_eq!(refused, FitError::Negative { value: -2.0 });
}

#[test]
fn an_update_is_what_a_longer_past_would_have_known() {
    let values = hours(500);
    for kind in KINDS {
        let mut fitted = kind.learn(&Past::new(&values[..480], &[24, 168]).unwrap()).unwrap();
        let expected = fitted.predict(20).point;
        let mut blind = fitted.clone();
        values[480..].iter().for_each(|value| fitted.update(Some(*value)));
        (0..20).for_each(|_| blind.update(None));
        let later = fitted.predict(1).point[0];
        assert!((later - expected[0]).abs() < 60.0);
        // Without news its own forecast is all it knows.
        let mut all = expected.clone();
        all.extend(blind.predict(5).point);
        let whole =
            kind.learn(&Past::new(&values[..480], &[24, 168]).unwrap()).unwrap().predict(25);
        all.iter().zip(&whole.point).for_each(|(a, b)| assert!((a - b).abs() < 1e-6));
    }
}

proptest! {
    #[test]
    fn whatever_it_is_fed_it_answers_with_numbers_or_an_error(
        mut values in prop::collection::vec(prop_oneof![
            4 => -1e12..1e12_f64, 4 => 0.0..100.0_f64, 1 => Just(f64::NAN), 1 => Just(0.0), 1 => Just(1e-9)], 1..120),
        season in 2_usize..15,
    ) {
        values.push(1.0);
        let seasons = [season, 3 * season];
        let past = Past::new(&values, &seasons).unwrap();
        for kind in KINDS {
            let Ok(fitted) = kind.fit(&past) else { continue };
            let forecast = fitted.predict(40);
            prop_assert!(forecast.point.iter().chain(&forecast.deviation).all(|x| x.is_finite()));
            let back = kind.restore(&fitted.numbers()).expect("these are its numbers");
            prop_assert_eq!(back.predict(40), forecast);
            prop_assert!(kind.restore(&fitted.numbers()[1..]).is_none());
        }
    }
}
