//! Held against statsforecast 2.1.1, and to the laws of any step model.

use proptest::prelude::*;
use serde_json::Value as Json;
use tidewright_numerics::Random;

use super::search::Found;
use super::*;

const WHOLE: &str = "a reference is whole";

fn cases() -> Vec<Json> {
    let path = format!("{}/tests/data/theta/statsforecast.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect(WHOLE);
    serde_json::from_str::<Json>(&text).expect(WHOLE).as_array().expect(WHOLE).clone()
}

fn numbers(value: &Json) -> Vec<f64> {
    let each = value.as_array().expect(WHOLE).iter();
    each.map(|number| number.as_f64().expect(WHOLE)).collect()
}

fn season(case: &Json) -> usize {
    case["season"].as_u64().expect(WHOLE) as usize
}

fn models(case: &Json) -> impl Iterator<Item = (Variant, &Json)> {
    Variant::ALL.into_iter().zip(case["models"].as_array().expect(WHOLE))
}

#[test]
fn the_recursions_forecast_what_statsforecast_does_from_its_own_parameters() {
    for case in cases() {
        let measured = Measured::new(&numbers(&case["values"]), 5).unwrap();
        let (period, unit) = (season(&case), measured.unit);
        for (variant, model) in models(&case) {
            let number = |key: &str| model[key].as_f64().expect(WHOLE);
            let Adjusted { values, season, .. } = Adjusted::new(&measured, period);
            let joined = season.as_ref().map(|(joined, _)| *joined);
            let want = match model["season"].as_str() {
                Some("additive") => Some(Joined::Added),
                Some(_) => Some(Joined::Multiplied),
                None => None,
            };
            assert_eq!(joined, want, "{}", case["name"]);
            let found = Found {
                variant,
                alpha: number("alpha"),
                share: 1.0 - 1.0 / number("theta"),
                first_level: number("level") / unit,
                line: search::line_through(&values),
                squares: 0.0,
            };
            let forecast = ThetaFit::follow(&found, &values, season).scaled(unit).predict(30);
            for (found, want) in forecast.point.iter().zip(numbers(&model["mean"])) {
                assert!(
                    (found / want - 1.0).abs() < 1e-8,
                    "{} {variant:?}: {found}, not {want}",
                    case["name"]
                );
            }
        }
    }
}

#[test]
fn no_squared_error_is_above_statsforecasts() {
    for case in cases() {
        let measured = Measured::new(&numbers(&case["values"]), 5).unwrap();
        let values = Adjusted::new(&measured, season(&case)).values;
        let mean = values.iter().map(|value| value.abs()).sum::<f64>() / values.len() as f64;
        for (variant, model) in models(&case) {
            let ours = search::best(&Origins::every(&values, ERRORS_FROM), &[variant]).squares
                / mean
                * measured.unit;
            let theirs = model["mse"].as_f64().expect(WHOLE);
            assert!(
                ours <= theirs * (1.0 + 1e-7),
                "{} {variant:?}: {ours}, not {theirs}",
                case["name"]
            );
        }
    }
}

#[test]
fn a_gap_widens_and_what_comes_after_it_is_what_was_expected() {
    let values: Vec<f64> =
        (0..60).map(|i| 50.0 + f64::from(i % 4) + f64::from(i * 7 % 5)).collect();
    for variant in Variant::ALL {
        let mut fit = fit_next(&values, 4, &[variant]).unwrap();
        let before = fit.predict(8);
        fit.update(None);
        fit.update(None);
        let after = fit.predict(6);
        for step in 0..6 {
            assert!((after.point[step] / before.point[step + 2] - 1.0).abs() < 1e-12);
            assert!((after.deviation[step] / before.deviation[step + 2] - 1.0).abs() < 1e-12);
        }
    }
}

#[test]
fn gaps_within_the_past_are_no_values() {
    let mut values: Vec<f64> = (0..200).map(|i| 100.0 + 0.5 * f64::from(i)).collect();
    values[..3].fill(f64::NAN);
    values[50..60].fill(f64::NAN);
    let forecast = fit_automatic(&values, &[]).unwrap().predict(5);
    for (step, point) in forecast.point.iter().enumerate() {
        assert!((point - (200.0 + 0.5 * step as f64)).abs() < 1.0, "{point}");
    }
}

#[test]
fn too_few_and_too_large_values_are_refused() {
    assert_eq!(fit_automatic(&[1.0; 4], &[]).unwrap_err(), FitError::TooFew { rows: 4 });
    assert_eq!(fit_automatic(&[1e200; 9], &[]).unwrap_err(), FitError::NotFinite);
}

#[test]
fn numbers_that_no_fit_told_are_refused() {
    let values: Vec<f64> = (0..40).map(|i| f64::from(i % 4)).collect();
    let numbers = fit_automatic(&values, &[4]).unwrap().numbers();
    assert!(Theta.restore(&numbers).is_some());
    assert!(Theta.restore(&numbers[..11]).is_none());
    assert!(Theta.restore(&[]).is_none());
    let wrong = [
        (0, 4.0),
        (1, 3.0),
        (1, 0.0),
        (2, 1.0),
        (2, 0.0),
        (3, 1.0),
        (4, 0.0),
        (4, 1.5),
        (9, -1.0),
        (10, f64::NAN),
    ];
    for (place, number) in wrong {
        let mut broken = numbers.clone();
        broken[place] = number;
        assert!(Theta.restore(&broken).is_none(), "number {place} was {number}");
    }
}

/// Values of any size and sign with gaps among them.
fn any_values() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![4 => -1.0..1.0, 1 => Just(0.0), 1 => Just(f64::NAN), 1 => Just(5.0)];
    let unit = prop_oneof![Just(1e-9), Just(1.0), Just(1e12)];
    (prop::collection::vec(value, 1..90), unit, prop_oneof![Just(0.0), Just(3.0)]).prop_map(
        |(values, unit, lift)| values.into_iter().map(|value: f64| (value + lift) * unit).collect(),
    )
}

proptest! {
    #[test]
    fn any_series_has_a_finite_forecast_or_too_few_values(values in any_values(), season in 2_usize..9) {
        match fit_automatic(&values, &[season]) {
            Err(error) => prop_assert!(matches!(error, FitError::TooFew { rows: 0..=4 }), "{}", error),
            Ok(mut fit) => {
                fit.update(Some(-values.iter().copied().fold(0.0, f64::max)));
                fit.update(None);
                let forecast = fit.predict(40);
                prop_assert!(forecast.point.iter().all(|point| point.is_finite()));
                prop_assert!(forecast.deviation.iter().all(|width| width.is_finite() && *width >= 0.0));
                let back = Theta.restore(&fit.numbers()).expect("a fit's own numbers");
                prop_assert_eq!(back.predict(40), forecast);
                prop_assert_eq!(back.describe(), fit.describe());
            }
        }
    }
}

#[test]
fn a_season_is_taken_away_as_it_joins() {
    let check = |join: fn(f64, f64) -> f64, want: Joined| {
        let value = |i: u32| join(100.0 + f64::from(i), f64::from(i % 8) / 10.0);
        let values: Vec<f64> = (0..240).map(value).collect();
        let fit = fit_automatic(&values, &[8]).unwrap();
        assert_eq!(fit.season(), Some(want));
        for (step, point) in (240..).zip(fit.predict(8).point) {
            assert!((point / value(step) - 1.0).abs() < 0.01, "{point}, not {}", value(step));
        }
    };
    check(|level, wave| level + 30.0 * wave, Joined::Added);
    check(|level, wave| level * (1.0 + wave), Joined::Multiplied);
}

#[test]
fn a_first_level_that_was_forgotten_long_ago_stays_what_it_was() {
    let mut random = Random::new(12);
    // Days with a week and a year: what is judged begins two years after the first value.
    let mut level = 8.0;
    let value = |day: u32| {
        level += 0.02 * random.normal() - 0.002 * (level - 8.0);
        level + f64::from(day % 7) * 0.1 + 0.3 * random.normal()
    };
    let mut values: Vec<f64> = (0..2_900).map(value).collect();
    // A gap soon after the first value is taken for what that level lets expect.
    values[9] = f64::NAN;
    let fit = fit_automatic(&values, &[7, 365]).expect("seven years of days");
    let forecast = fit.predict(30);
    assert!(forecast.point.iter().all(|point| (5.0..12.0).contains(point)), "{forecast:?}");
    assert!(forecast.deviation.iter().all(|deviation| *deviation < 3.0), "{forecast:?}");
}

#[test]
fn a_season_that_moves_widens_the_band() {
    // A day that comes a little later each day: its mean over the past is not how it looks now.
    let value = |i: f64| 100.0 + 10.0 * (std::f64::consts::TAU * i / 24.0 - i / 500.0).sin();
    let values: Vec<f64> = (0..720).map(|i| value(f64::from(i))).collect();
    let forecast = fit_automatic(&values, &[24]).expect("thirty days of hours").predict(48);
    let steps = forecast.point.iter().zip(&forecast.deviation).zip(720..);
    let inside = steps
        .filter(|((point, width), i)| (value(f64::from(*i)) - **point).abs() <= 1.96 * **width);
    assert!(inside.count() >= 44, "{forecast:?}");
}
