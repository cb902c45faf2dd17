//! What holds for every ARIMA fit, whatever the series.

use proptest::prelude::*;
use tidewright_models::FitError;
use tidewright_models::arima::{Arima, ArimaFit, Limits, Order, Orders, fit_automatic, fit_orders};
use tidewright_models::steps::{Past, StepFitted, StepForecaster};
use tidewright_numerics::Random;

fn hours(seed: u64, n: usize) -> Vec<f64> {
    let mut random = Random::new(seed);
    let mut miss = 0.0;
    let wave = |i: usize| 20.0 * (i as f64 * std::f64::consts::TAU / 24.0).sin();
    (0..n)
        .map(|i| {
            miss = 0.7 * miss + random.normal();
            100.0 + wave(i) + miss
        })
        .collect()
}

fn automatic(values: &[f64], season: usize) -> ArimaFit {
    fit_automatic(values, season, &Limits::default()).expect("a fit")
}

fn finite(fit: &dyn StepFitted) {
    let forecast = fit.predict(60);
    assert_eq!((forecast.point.len(), forecast.deviation.len()), (60, 60));
    assert!(forecast.point.iter().all(|x| x.is_finite()), "{} {forecast:?}", fit.describe());
    assert!(forecast.deviation.iter().all(|x| x.is_finite() && *x >= 0.0), "{}", fit.describe());
    assert!(fit.numbers().iter().all(|x| x.is_finite()));
}

#[test]
fn a_daily_wave_is_found_again_the_next_days() {
    let values = hours(1, 24 * 30 + 48);
    let fit = automatic(&values[..24 * 30], 24);
    let forecast = fit.predict(48);
    for (h, point) in forecast.point.iter().enumerate() {
        let miss = (point - values[24 * 30 + h]).abs();
        assert!(miss < 6.0, "{h} {miss} {}", fit.describe());
    }
    assert!(forecast.deviation[0] < 1.6 && forecast.deviation[47] > forecast.deviation[0]);
}

#[test]
fn a_walk_goes_on_from_its_last_value_with_growing_doubt() {
    let mut random = Random::new(6);
    let mut at = 10.0;
    let values: Vec<f64> = (0..500)
        .map(|_| {
            at += random.normal();
            at
        })
        .collect();
    let fit = automatic(&values, 1);
    assert_eq!(fit.orders().plain().differences, 1, "{}", fit.describe());
    let deviation = fit.predict(25).deviation;
    assert!((deviation[24] / deviation[0] - 5.0).abs() < 1.5, "{deviation:?}");
}

#[test]
fn a_constant_and_a_line_and_a_perfect_season_go_on_without_doubt() {
    let expect = |values: &[f64], season: usize, next: f64| {
        let fit = automatic(values, season);
        let forecast = fit.predict(3);
        assert!((forecast.point[2] - next).abs() < 1e-9, "{} {forecast:?}", fit.describe());
        assert!(forecast.deviation[2] < 1e-6, "{} {forecast:?}", fit.describe());
    };
    expect(&[7.0; 30], 1, 7.0);
    expect(&[7.0; 100], 24, 7.0);
    expect(&(0..40).map(f64::from).collect::<Vec<_>>(), 1, 42.0);
    let week: Vec<f64> = (0..56).map(|i| f64::from(i % 7)).collect();
    expect(&week, 7, 2.0);
}

#[test]
fn one_point_is_an_error_and_few_points_are_a_forecast() {
    let few = |values: &[f64]| fit_automatic(values, 24, &Limits::default());
    assert_eq!(few(&[1.0]).unwrap_err(), FitError::TooFew { rows: 1 });
    assert_eq!(few(&[f64::NAN, 1.0, 2.0]).unwrap_err(), FitError::TooFew { rows: 2 });
    assert_eq!(few(&[1.0, f64::INFINITY]).unwrap_err(), FitError::NotFinite);
    for n in 3..60 {
        finite(&few(&hours(n, n as usize)).unwrap());
        finite(&fit_automatic(&hours(n, n as usize), 4, &Limits::default()).unwrap());
    }
}

#[test]
fn orders_that_a_series_cannot_bear_are_an_error() {
    let orders = Orders::seasonal(Order::new(1, 1, 1), Order::new(0, 1, 1), 24).unwrap();
    assert_eq!(fit_orders(&hours(1, 29), &orders).unwrap_err(), FitError::TooFew { rows: 29 });
    assert!(fit_orders(&hours(1, 60), &orders).is_ok());
}

#[test]
fn a_trailing_gap_is_doubted_as_a_forecast_of_it_is() {
    let mut values = hours(3, 24 * 20);
    let orders = Orders::seasonal(Order::new(1, 0, 0), Order::new(0, 1, 1), 24).unwrap();
    let fit = fit_orders(&values, &orders).unwrap();
    values.extend([f64::NAN; 10]);
    let later = fit_orders(&values, &orders).unwrap();
    let (want, found) = (fit.predict(20), later.predict(10));
    for h in 0..10 {
        assert!((found.point[h] - want.point[h + 10]).abs() < 1e-9);
        assert!((found.deviation[h] / want.deviation[h + 10] - 1.0).abs() < 1e-9);
    }
}

#[test]
fn gaps_cost_certainty() {
    let values = hours(9, 24 * 20);
    let orders = Orders::seasonal(Order::new(1, 0, 0), Order::new(0, 1, 1), 24).unwrap();
    let mut holed = values.clone();
    let n = holed.len();
    holed[n - 24..n - 1].fill(f64::NAN);
    let (whole, gapped) =
        (fit_orders(&values, &orders).unwrap(), fit_orders(&holed, &orders).unwrap());
    let (a, b) = (whole.predict(24), gapped.predict(24));
    assert!((5..24).all(|h| b.deviation[h] / gapped.sigma() > a.deviation[h] / whole.sigma()));
}

#[test]
fn updates_forecast_as_if_the_values_had_been_there_with_these_parameters() {
    let mut values = hours(4, 24 * 20);
    values[100] = f64::NAN;
    let mut fit = automatic(&values, 24);
    let ahead = fit.predict(5);
    fit.update(Some(ahead.point[0]));
    let after = fit.predict(4);
    for h in 0..4 {
        // What was expected came: nothing new but that it did.
        assert!((after.point[h] - ahead.point[h + 1]).abs() < 1e-8, "{h}");
        assert!(after.deviation[h] <= ahead.deviation[h + 1] + 1e-9);
    }
    fit.update(None);
    assert!((fit.predict(1).deviation[0] - after.deviation[1]).abs() < 1e-9);
}

#[test]
fn impossible_numbers_are_refused() {
    let numbers = automatic(&hours(2, 24 * 15), 24).numbers();
    assert!(Arima::default().restore(&numbers).is_some());
    assert!(Arima::default().restore(&numbers[1..]).is_none());
    assert!(Arima::default().restore(&numbers[..numbers.len() - 1]).is_none());
    assert!(Arima::default().restore(&[]).is_none());
    for (place, bad) in [(0, 0.5), (0, -1.0), (1, 9.0), (6, 1e9), (7, 2.0), (8, f64::NAN), (8, 5.0)]
    {
        let mut numbers = numbers.clone();
        numbers[place] = bad;
        assert!(Arima::default().restore(&numbers).is_none(), "{place} {bad}");
    }
}

fn any_series() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![
        6 => -100.0..100.0f64,
        1 => Just(f64::NAN),
        1 => Just(0.0),
    ];
    let scale = prop_oneof![Just(1e-9), Just(1.0), Just(1e12)];
    (prop::collection::vec(value, 1..90), scale)
        .prop_map(|(values, scale)| values.into_iter().map(|x| x * scale).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn any_series_yields_a_finite_forecast_or_an_error(values in any_series(), season in 1usize..9) {
        let seasons = if season > 1 { vec![season] } else { Vec::new() };
        if let Ok(past) = Past::new(&values, &seasons)
            && let Ok(fit) = Arima::default().fit(&past)
        {
            finite(fit.as_ref());
            let back = Arima::default().restore(&fit.numbers()).expect("its own numbers");
            prop_assert_eq!(back.predict(9), fit.predict(9));
            prop_assert_eq!(back.describe(), fit.describe());
        }
    }

    #[test]
    fn forecasts_scale_with_the_series(seed in 0u64..1000, power in -9i32..12) {
        let values = hours(seed, 200);
        let orders = Orders::new(Order::new(1, 0, 1)).unwrap().with_constant();
        let scale = 10f64.powi(power);
        let scaled: Vec<f64> = values.iter().map(|x| x * scale).collect();
        let (a, b) = (fit_orders(&values, &orders).unwrap(), fit_orders(&scaled, &orders).unwrap());
        let (a, b) = (a.predict(10), b.predict(10));
        for h in 0..10 {
            prop_assert!((b.point[h] / a.point[h] / scale - 1.0).abs() < 1e-5);
            prop_assert!((b.deviation[h] / a.deviation[h] / scale - 1.0).abs() < 1e-5);
        }
    }

    #[test]
    fn doubt_never_shrinks_with_distance(seed in 0u64..1000) {
        // With a season it may: what the past left unsure of one hour of the day is not that of the next.
        let fit = automatic(&hours(seed, 300), 1);
        let deviation = fit.predict(72).deviation;
        prop_assert!(deviation.windows(2).all(|pair| pair[1] >= pair[0] * (1.0 - 1e-6)));
    }
}
