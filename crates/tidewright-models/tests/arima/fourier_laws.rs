//! Waves with ARIMA errors: against statsmodels' regression on the true waves, and what holds for every series.

use proptest::prelude::*;
use serde_json::Value;
use tidewright_models::arima::{Arima, FourierArma, FourierFit, Limits};
use tidewright_models::steps::{Past, StepFitted, StepForecaster};
use tidewright_numerics::Random;

fn fit(values: &[f64], seasons: &[usize]) -> FourierFit {
    FourierFit::new(values, seasons, &Limits::default()).expect("a fit")
}

fn numbers(list: &Value) -> Vec<f64> {
    // `null` is a gap.
    list.as_array().expect("a list").iter().map(|x| x.as_f64().unwrap_or(f64::NAN)).collect()
}

#[test]
fn the_forecast_is_that_of_a_regression_on_the_true_waves() {
    let reference: Value =
        serde_json::from_str(include_str!("../data/arima/fourier.json")).expect("JSON");
    let fitted = fit(&numbers(&reference["values"]), &[24, 168]);
    let forecast = fitted.predict(48);
    let (means, deviations) = (numbers(&reference["mean"]), numbers(&reference["deviation"]));
    for h in 0..48 {
        let miss = (forecast.point[h] - means[h]).abs() / deviations[h];
        assert!(miss < 0.3, "{h} {miss} {}", fitted.describe());
        let ratio = forecast.deviation[h] / deviations[h];
        assert!((ratio - 1.0).abs() < 0.04, "{h} {ratio} {}", fitted.describe());
    }
}

#[test]
fn a_season_far_beyond_any_lag_is_followed() {
    let mut random = Random::new(8);
    let wave = |i: usize| 30.0 * (i as f64 * std::f64::consts::TAU / 1440.0).sin();
    let values: Vec<f64> = (0..1440 * 3).map(|i| 200.0 + wave(i) + random.normal()).collect();
    let seasons = [1440];
    let past = Past::new(&values, &seasons).unwrap();
    for model in [&FourierArma::default() as &dyn StepForecaster, &Arima::default()] {
        let fitted = model.fit(&past).unwrap();
        assert!(fitted.describe().contains("waves [1440: "), "{}", fitted.describe());
        let forecast = fitted.predict(1440);
        let miss = |h: usize| (forecast.point[h] - 200.0 - wave(1440 * 3 + h)).abs();
        assert!((0..1440).all(|h| miss(h) < 1.5), "{}", fitted.describe());
        let back = model.restore(&fitted.numbers()).expect("its own numbers");
        assert_eq!(back.predict(20), fitted.predict(20));
    }
}

#[test]
fn noise_has_few_waves_and_a_constant_has_none() {
    let mut random = Random::new(3);
    let noise: Vec<f64> = (0..600).map(|_| random.normal()).collect();
    let count = |fitted: &FourierFit| fitted.describe().split(' ').next().map(str::to_owned);
    let waves: usize = count(&fit(&noise, &[24, 168])).unwrap().parse().unwrap();
    assert!(waves <= 3, "{waves}");
    let constant = fit(&[5.0; 200], &[24]);
    assert_eq!(count(&constant).unwrap(), "0");
    assert_eq!((constant.predict(2).point[1], constant.predict(2).deviation[1]), (5.0, 0.0));
}

#[test]
fn an_update_with_what_was_expected_changes_nothing_but_the_time() {
    let mut random = Random::new(4);
    let wave = |i: usize| 9.0 * (i as f64 * std::f64::consts::TAU / 24.0).cos();
    let values: Vec<f64> = (0..500).map(|i| wave(i) + random.normal()).collect();
    let mut fitted = fit(&values, &[24]);
    let ahead = fitted.predict(5);
    fitted.update(Some(ahead.point[0]));
    let after = fitted.predict(4);
    assert!((0..4).all(|h| (after.point[h] - ahead.point[h + 1]).abs() < 1e-8));
    fitted.update(None);
    assert!((fitted.predict(1).point[0] - after.point[1]).abs() < 1e-8);
}

#[test]
fn impossible_numbers_are_refused() {
    let values: Vec<f64> = (0..300).map(|i| f64::from(i % 24) + f64::from(i * 7919 % 13)).collect();
    let numbers = fit(&values, &[24]).numbers();
    let model = FourierArma::default();
    assert!(model.restore(&numbers).is_some());
    assert!(model.restore(&[]).is_none() && model.restore(&numbers[..9]).is_none());
    for (place, bad) in [(0, 3.0), (0, -1.5), (2, 0.0), (3, 0.5), (4, -1.0), (5, 0.0), (6, 24.0)] {
        let mut numbers = numbers.clone();
        numbers[place] = bad;
        assert!(model.restore(&numbers).is_none(), "{place} {bad}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn any_series_yields_a_finite_forecast_or_an_error(
        values in prop::collection::vec(prop_oneof![6 => -9.0..9.0f64, 1 => Just(f64::NAN)], 1..120),
        power in -9i32..12,
        season in 2usize..9,
    ) {
        let values: Vec<f64> = values.iter().map(|x| x * 10f64.powi(power)).collect();
        let seasons = [season, season * 3];
        if let Ok(past) = Past::new(&values, &seasons)
            && let Ok(fitted) = FourierArma::default().fit(&past)
        {
            let forecast = fitted.predict(40);
            prop_assert!(forecast.point.iter().all(|x| x.is_finite()));
            prop_assert!(forecast.deviation.iter().all(|x| x.is_finite() && *x >= 0.0));
            let back = FourierArma::default().restore(&fitted.numbers()).expect("its own numbers");
            prop_assert_eq!(back.predict(9), fitted.predict(9));
        }
    }
}
