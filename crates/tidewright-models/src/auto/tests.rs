//! What `auto` forecasts, how wide it says that is, and that it comes back from its numbers.

use proptest::prelude::*;
use tidewright_numerics::Random;

use super::*;

fn hours(len: usize) -> Vec<f64> {
    let mut random = Random::new(3);
    let wave = |i: usize| 100.0 + 40.0 * (i as f64 / 24.0 * std::f64::consts::TAU).sin();
    let week = |i: usize| if i % 168 > 120 { 0.6 } else { 1.0 };
    (0..len).map(|i| wave(i) * week(i) + 3.0 * random.normal()).collect()
}

fn mean_miss(forecast: &StepForecast, came: &[f64]) -> f64 {
    let misses = forecast.point.iter().zip(came).map(|(point, value)| (point - value).abs());
    misses.sum::<f64>() / came.len() as f64
}

#[test]
fn it_misses_little_more_than_the_noise() {
    let values = hours(960 + 48);
    let past = Past::new(&values[..960], &[24, 168]).unwrap().asked(48);
    let fitted = learn(&past).unwrap();
    // The mean absolute value of this noise is 2.4.
    assert!(mean_miss(&fitted.predict(48), &values[960..]) < 3.1);
    let weight: f64 = fitted.members().iter().map(|member| member.weight).sum();
    assert!((weight - 1.0).abs() < 1e-9);
    assert!(
        fitted.members().iter().all(|member| member.backtest_mase.is_some_and(|mase| mase > 0.1))
    );
}

#[test]
fn its_band_holds_what_it_says() {
    let values = hours(3000);
    let (mut inside, mut all) = (0, 0);
    for origin in (960..2900).step_by(97) {
        let past = Past::new(&values[..origin], &[24, 168]).unwrap().asked(48);
        let fitted = learn(&past).unwrap();
        let forecast = fitted.predict(48);
        let score = tidewright_numerics::student_quantile(0.975, fitted.law().freedom);
        for (step, value) in values[origin..origin + 48].iter().enumerate() {
            let far = (value - forecast.point[step]).abs();
            inside += usize::from(far <= score * forecast.deviation[step]);
            all += 1;
        }
    }
    let share = f64::from(u32::try_from(inside).unwrap()) / f64::from(all);
    assert!((0.92..0.99).contains(&share), "{share}");
}

#[test]
fn minutes_are_forecast_as_minutes() {
    let mut random = Random::new(6);
    let level = |i: usize| 200.0 + 90.0 * (i as f64 / 1440.0 * std::f64::consts::TAU).sin();
    let peak = |i: usize| if i % 60 < 2 { 1.5 } else { 1.0 };
    let values: Vec<f64> =
        (0..6 * 1440).map(|i| level(i) * peak(i) + 5.0 * random.normal()).collect();
    let past = Past::new(&values[..5 * 1440], &[1440, 10_080]).unwrap().asked(1440);
    let fitted = learn(&past).unwrap();
    let forecast = fitted.predict(1440);
    // The mean absolute value of this noise is 4.
    assert!(mean_miss(&forecast, &values[5 * 1440..]) < 5.5);
    let ahead = Past::new(&values[..5 * 1440 + 90], &[1440, 10_080]).unwrap().asked(60);
    let mut followed = fitted;
    values[5 * 1440..5 * 1440 + 90].iter().for_each(|value| followed.update(Some(*value)));
    let (fresh, followed) = (learn(&ahead).unwrap().predict(60), followed.predict(60));
    let came = &values[5 * 1440 + 90..][..60];
    assert!(mean_miss(&followed, came) < 1.5 * mean_miss(&fresh, came) + 1.0);
}

#[test]
fn an_update_goes_on_where_the_forecast_was() {
    let values = hours(960);
    let past = Past::new(&values[..900], &[24, 168]).unwrap().asked(24);
    let mut fitted = learn(&past).unwrap();
    values[900..].iter().for_each(|value| fitted.update(Some(*value)));
    let whole = learn(&Past::new(&values, &[24, 168]).unwrap().asked(24)).unwrap();
    let (later, fresh) = (fitted.predict(24), whole.predict(24));
    let pairs = later.point.iter().zip(&fresh.point);
    assert!(pairs.map(|(a, b)| (a - b).abs()).sum::<f64>() / 24.0 < 3.0);
}

#[test]
fn a_count_is_never_negative_and_a_balance_may_be() {
    let values: Vec<f64> = (0..200).map(|i| f64::from(i % 7 == 0) * 3.0).collect();
    let fitted = learn(&Past::new(&values, &[24]).unwrap()).unwrap();
    assert!(fitted.predict(50).point.iter().all(|point| *point >= 0.0));
    assert_eq!(fitted.law().least, 0.0);
    let values: Vec<f64> = values.iter().map(|value| value - 1.0).collect();
    assert_eq!(learn(&Past::new(&values, &[24]).unwrap()).unwrap().law().least, f64::NEG_INFINITY);
}

#[test]
fn a_constant_stays_what_it_is() {
    for len in [2, 30, 400] {
        let values = vec![5.0; len];
        let forecast =
            learn(&Past::new(&values, &[24, 168]).unwrap().asked(30)).unwrap().predict(30);
        assert!(forecast.point.iter().all(|point| (point - 5.0).abs() < 1e-3), "{len}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn whatever_it_is_fed_it_answers_with_numbers(
        mut values in prop::collection::vec(prop_oneof![
            4 => -1e9..1e9_f64, 4 => 0.0..100.0_f64, 1 => Just(f64::NAN), 1 => Just(0.0)], 1..160),
        season in 2_usize..60,
        horizon in 1_usize..40,
    ) {
        values.push(1.0);
        let seasons = [season, 3 * season];
        let past = Past::new(&values, &seasons).unwrap().asked(horizon);
        if past.observed() < 2 {
            prop_assert_eq!(learn(&past).unwrap_err(), FitError::TooFew { rows: 1 });
            return Ok(());
        }
        let mut fitted = learn(&past).unwrap();
        for round in 0..3 {
            let forecast = fitted.predict(horizon);
            prop_assert!(forecast.point.iter().chain(&forecast.deviation).all(|x| x.is_finite()));
            let numbers = fitted.numbers();
            let back = Auto.restore(&numbers).expect("these are its numbers");
            prop_assert_eq!(back.predict(horizon), forecast);
            prop_assert!(Auto.restore(&numbers[..numbers.len() - 1]).is_none());
            fitted.update((round != 1).then_some(values[0]).filter(|value| !value.is_nan()));
        }
    }
}
