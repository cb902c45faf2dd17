//! Held against statsforecast 2.1.1, against draws of the future, and to the laws of any step model.

use proptest::prelude::*;
use serde_json::Value as Json;
use tidewright_numerics::Random;

use super::state::State;
use super::*;

const WHOLE: &str = "a reference is whole";

fn cases() -> Vec<Json> {
    let path = format!("{}/tests/data/ets/statsforecast.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect(WHOLE);
    serde_json::from_str::<Json>(&text).expect(WHOLE).as_array().expect(WHOLE).clone()
}

fn numbers(value: &Json) -> Vec<f64> {
    let each = value.as_array().expect(WHOLE).iter();
    each.map(|number| number.as_f64().unwrap_or(f64::NAN)).collect()
}

fn season(case: &Json) -> usize {
    case["season"].as_u64().expect(WHOLE) as usize
}

fn fits(case: &Json) -> impl Iterator<Item = &Json> {
    case["each"].as_array().expect(WHOLE).iter().chain([&case["automatic"]])
}

fn kind(components: &str) -> Kind {
    let all = Kind::families(true, true).flatten();
    let text = |kind: &Kind| {
        let letters = kind.to_string().replace("ETS", "").replace(['(', ')', ','], "");
        letters.replace('d', "") + if letters.contains('d') { "D" } else { "N" }
    };
    all.into_iter().find(|kind| text(kind) == components).expect(WHOLE)
}

/// The model with the reference's gains and first states, after all values.
fn followed(case: &Json, fit: &Json) -> EtsFit {
    let kind = kind(fit["components"].as_str().expect(WHOLE));
    let par = numbers(&fit["par"]);
    let or = |number: f64, other: f64| if number.is_nan() { other } else { number };
    let gains = Gains {
        level: par[0],
        slope: or(par[1], 0.0),
        season: or(par[2], 0.0),
        damping: or(par[3], 1.0),
    };
    let (slope, rest) = match kind.trend {
        Trend::None => (0.0, &par[5..]),
        _ => (par[5], &par[6..]),
    };
    // The reference keeps the next step's index last.
    let seasons: Vec<f64> = rest.iter().rev().copied().collect();
    let seasons = if seasons.is_empty() { vec![0.0] } else { seasons };
    let start = EtsFit::new(kind, gains, State { level: par[4], slope, seasons });
    let mut state = start.following(&numbers(&case["values"])).numbers();
    state[5] = fit["sigma2"].as_f64().expect(WHOLE);
    EtsFit::restore(&state).expect("a fit's own numbers")
}

fn close(found: f64, want: f64, share: f64) -> bool {
    (found - want).abs() <= share * want.abs().max(1e-9)
}

#[test]
fn the_recursions_forecast_what_statsforecast_does_from_its_own_parameters() {
    for case in cases() {
        for fit in fits(&case) {
            // From the second step on it damps a slope by `phi + phi + phi^2 + ...`; the book has no `phi` twice.
            let damped = fit["components"].as_str().expect(WHOLE).ends_with('D');
            let forecast = followed(&case, fit).predict(if damped { 1 } else { 30 });
            for (found, want) in forecast.point.iter().zip(numbers(&fit["mean"])) {
                assert!(
                    close(*found, want, 1e-8),
                    "{} {}: {found}, not {want}",
                    case["name"],
                    fit["components"]
                );
            }
        }
    }
}

#[test]
fn deviations_are_statsforecasts_where_it_follows_the_book() {
    for case in cases() {
        for fit in fits(&case) {
            let components = fit["components"].as_str().expect(WHOLE);
            // Its MAA multiplies `alpha` by `beta`, its class 3 forgets to move the mean on, and a damped slope is off as
            // above: against the book, so these are held against draws below.
            let shares = components.starts_with('M');
            if components == "MAAN"
                || shares && (components.ends_with('D') || &components[2..3] == "M")
            {
                continue;
            }
            // Of added seasons with added errors it counts the rounds up to the last step at every step.
            let from = if !shares && &components[2..3] == "A" { 29 } else { 0 };
            let forecast = followed(&case, fit).predict(30);
            let pairs = forecast.deviation.iter().zip(numbers(&fit["deviation"])).enumerate();
            for (h, (found, want)) in pairs.skip(from) {
                assert!(
                    close(*found, want, 1e-6),
                    "{} {components} step {h}: {found}, not {want}",
                    case["name"]
                );
            }
        }
    }
}

#[test]
fn no_likelihood_is_below_statsforecasts() {
    for case in cases() {
        let fit = fit_likely(&numbers(&case["values"]), season(&case)).unwrap();
        let theirs = case["automatic"]["aicc"].as_f64().expect(WHOLE);
        let ours = fit.criterion();
        assert!(
            ours <= theirs + 0.02,
            "{}: {} with {ours}, not {theirs}",
            case["name"],
            fit.kind()
        );
    }
}

/// The deviation of each step, by drawing the future `draws` times.
fn drawn(fit: &EtsFit, steps: usize, draws: usize) -> Vec<f64> {
    let mut random = Random::new(5);
    let deviation = fit.predict(1).deviation[0] / fit.predict(1).point[0].abs();
    let (mut sums, mut squares) = (vec![0.0; steps], vec![0.0; steps]);
    for _ in 0..draws {
        let mut path = fit.clone();
        for step in 0..steps {
            // All kinds drawn here have errors that are shares.
            let value = path.predict(1).point[0] * (1.0 + deviation * random.normal());
            path.update(Some(value));
            sums[step] += value;
            squares[step] += value * value;
        }
    }
    let count = draws as f64;
    let spread = |(sum, square): (&f64, &f64)| (square / count - (sum / count).powi(2)).sqrt();
    sums.iter().zip(&squares).map(spread).collect()
}

#[test]
fn deviations_of_shares_are_those_of_drawn_futures() {
    for code in [3, 4, 5, 9, 10, 11, 12, 13, 14] {
        let kind = Kind::from_code(code).unwrap();
        let gains = Gains {
            level: 0.4,
            slope: if kind.trend == Trend::None { 0.0 } else { 0.05 },
            season: if kind.season == Season::None { 0.0 } else { 0.2 },
            damping: if kind.trend == Trend::Damped { 0.9 } else { 1.0 },
        };
        let seasons = match kind.season {
            Season::None => vec![0.0],
            Season::Additive => vec![-10.0, 0.0, 4.0, 6.0],
            Season::Multiplicative => vec![0.8, 1.0, 1.1, 1.1],
        };
        let slope = if kind.trend == Trend::None { 0.0 } else { 0.7 };
        let mut state = EtsFit::new(kind, gains, State { level: 100.0, slope, seasons }).numbers();
        state[5] = 0.05 * 0.05;
        let fit = EtsFit::restore(&state).unwrap();
        let drawn = drawn(&fit, 12, 4000);
        for (step, (found, drawn)) in fit.predict(12).deviation.iter().zip(&drawn).enumerate() {
            assert!(
                (found / drawn - 1.0).abs() < 0.06,
                "{kind} step {step}: {found}, drawn {drawn}"
            );
        }
    }
}

#[test]
fn a_gap_widens_and_observed_steps_narrow_again() {
    let mut random = Random::new(9);
    let mut level = 0.0;
    let mut walk = || {
        level += random.normal();
        level
    };
    let values: Vec<f64> = (0..60).map(|_| walk()).collect();
    let mut fit = fit_likely(&values, 1).unwrap();
    let before = fit.predict(8);
    fit.update(None);
    fit.update(None);
    let after = fit.predict(6);
    assert_eq!(after.point, before.point[2..]);
    for (after, before) in after.deviation.iter().zip(&before.deviation[2..]) {
        assert!((after / before - 1.0).abs() < 1e-9, "{after} is not {before}");
    }
    (0..3).for_each(|_| fit.update(Some(50.0)));
    let narrow = fit.predict(1).deviation[0];
    assert!(narrow < 1.01 * before.deviation[0], "{narrow}");
}

#[test]
fn a_regular_past_goes_on_as_it_was() {
    let check = |value: fn(usize) -> f64, season: usize, tolerance: f64| {
        let values: Vec<f64> = (0..120).map(value).collect();
        let forecast = fit_automatic(&values, season).unwrap().predict(10);
        for (step, (point, deviation)) in forecast.point.iter().zip(&forecast.deviation).enumerate()
        {
            let miss = (point - value(120 + step)).abs();
            assert!(
                miss <= tolerance && *deviation <= tolerance,
                "step {step}: {point} +- {deviation}"
            );
        }
    };
    check(|_| 7.0, 1, 1e-9);
    check(|_| 7.0, 12, 1e-9);
    check(|_| 0.0, 12, 1e-9);
    check(|i| 3.0 + 2.0 * i as f64, 1, 1e-6);
    check(|i| (i % 6) as f64, 6, 1e-9);
}

#[test]
fn too_few_and_too_large_values_are_refused() {
    assert_eq!(fit_automatic(&[1.0; 4], 1).unwrap_err(), FitError::TooFew { rows: 4 });
    assert_eq!(fit_automatic(&[1e200; 9], 1).unwrap_err(), FitError::NotFinite);
}

#[test]
fn numbers_that_no_fit_told_are_refused() {
    let numbers = fit_automatic(&[1.0, 3.0, 2.0, 4.0, 3.0, 5.0, 4.0], 1).unwrap().numbers();
    let broken = |place: usize, number: f64| {
        let mut broken = numbers.clone();
        broken[place] = number;
        Ets.restore(&broken).is_none()
    };
    assert!(Ets.restore(&numbers).is_some());
    assert!(Ets.restore(&numbers[..8]).is_none());
    assert!(Ets.restore(&[]).is_none());
    for (place, number) in [(0, 15.0), (0, 0.5), (0, -1.0), (1, 1.5), (4, f64::NAN), (5, -1.0)] {
        assert!(broken(place, number), "number {place} was {number}");
    }
    for (place, number) in [(6, -1.0), (8, 2.0), (9, f64::INFINITY)] {
        assert!(broken(place, number), "number {place} was {number}");
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
    fn any_series_has_a_finite_forecast_or_too_few_values(values in any_values(), season in 1_usize..9) {
        match fit_automatic(&values, season) {
            Err(error) => prop_assert!(matches!(error, FitError::TooFew { rows: 0..=4 }), "{}", error),
            Ok(mut fit) => {
                fit.update(Some(-values.iter().copied().fold(0.0, f64::max)));
                fit.update(None);
                let forecast = fit.predict(40);
                prop_assert!(forecast.point.iter().all(|point| point.is_finite()));
                prop_assert!(forecast.deviation.iter().all(|width| width.is_finite() && *width >= 0.0));
                let back = Ets.restore(&fit.numbers()).expect("a fit's own numbers");
                prop_assert_eq!(back.predict(40), forecast);
                prop_assert_eq!(back.describe(), fit.describe());
            }
        }
    }

    #[test]
    fn deviations_of_added_errors_never_shrink(values in any_values(), season in 1_usize..9) {
        let Ok(fit) = fit_automatic(&values, season) else { return Ok(()) };
        if fit.kind().errors == Errors::Additive {
            prop_assert!(fit.predict(40).deviation.is_sorted());
        }
    }

    #[test]
    fn the_unit_does_not_matter(values in any_values(), season in 1_usize..9) {
        let larger: Vec<f64> = values.iter().map(|value| value * 1024.0).collect();
        let (Ok(fit), Ok(large)) = (fit_automatic(&values, season), fit_automatic(&larger, season)) else { return Ok(()) };
        for (a, b) in fit.predict(12).point.iter().zip(large.predict(12).point) {
            prop_assert_eq!(*a * 1024.0, b);
        }
    }
}

/// Hours with a day, whose level wanders back and forth within hours: what lures a likelihood.
fn restless_days() -> Vec<f64> {
    let mut random = Random::new(23);
    let mut wiggle = 0.0;
    let mut value = |i: usize| {
        wiggle = 0.8 * wiggle + random.normal();
        let day = (i as f64 * std::f64::consts::TAU / 24.0).sin();
        50.0 + 10.0 * day + wiggle
    };
    (0..24 * 40 + 24).map(&mut value).collect()
}

#[test]
fn who_looks_a_day_ahead_follows_no_wiggle() {
    let values = restless_days();
    let error = |fit: &EtsFit, until: usize| {
        let misses = fit.predict(24).point.into_iter().zip(&values[until..]);
        misses.map(|(point, value)| (point - value).powi(2)).sum::<f64>()
    };
    let (mut ahead, mut likely) = (0.0, 0.0);
    for until in (24 * 30..24 * 40).step_by(17) {
        ahead += error(&fit_automatic(&values[..until], 24).unwrap(), until);
        likely += error(&fit_likely(&values[..until], 24).unwrap(), until);
    }
    assert!(ahead < 0.9 * likely, "{ahead} is not well below {likely}");
}

#[test]
fn widths_of_who_looks_ahead_are_those_of_its_errors() {
    let values = restless_days();
    // Ninety-five in a hundred errors lie within two deviations: counted over origins that the fit had not seen.
    let fit_until = |until: usize| fit_automatic(&values[..until], 24).unwrap().predict(24);
    let (mut within, mut count) = (0.0, 0.0);
    for until in (24 * 15..24 * 40).step_by(17) {
        let forecast = fit_until(until);
        let steps = forecast.point.iter().zip(&forecast.deviation).zip(&values[until..]);
        for ((point, deviation), value) in steps {
            within += if (value - point).abs() < 1.96 * deviation { 1.0 } else { 0.0 };
            count += 1.0;
        }
    }
    let share = within / count;
    assert!((0.92..0.99).contains(&share), "{share}");
}

#[test]
fn a_season_of_many_steps_is_learned_too() {
    let value = |i: usize| if (i / 60) % 24 < 8 { 5.0 } else { 9.0 };
    let values: Vec<f64> = (0..1440 * 5).map(value).collect();
    let forecast = fit_automatic(&values, 1440).unwrap().predict(1440);
    for (step, point) in forecast.point.iter().enumerate() {
        assert!((point - value(step)).abs() < 0.05, "minute {step}: {point}");
    }
}
