//! Laws of any series: nothing panics, nothing that is no number comes out, a saved model goes on as if it had not been.

use proptest::prelude::*;
use tidewright_models::mstl::Mstl;
use tidewright_models::named::step_model;
use tidewright_models::repeat::Mean;
use tidewright_models::steps::{Past, StepForecaster};
use tidewright_models::stl::{Stl, bridge};

use super::assert_close;

const NAMES: [&str; 11] = [
    "mstl",
    "mstl-theta",
    "snaive",
    "snaive-long",
    "window",
    "window-long",
    "naive",
    "drift",
    "mean",
    "croston",
    "tsb",
];

fn models() -> Vec<Box<dyn StepForecaster>> {
    let mstl = Mstl::around("mstl-mean", Box::new(Mean));
    let named = NAMES.iter().map(|name| step_model(name).expect("a known name"));
    named.chain([Box::new(mstl) as Box<dyn StepForecaster>]).collect()
}

/// A series of some size, some of it missing, constant in places, with zeros.
fn series() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![
        6 => -1.0..1.0f64,
        1 => Just(0.0),
        1 => Just(1.0),
        1 => Just(f64::NAN),
    ];
    let unit = prop_oneof![Just(1e-9), Just(1.0), Just(1e12)];
    (prop::collection::vec(value, 1..90), unit)
        .prop_map(|(values, unit)| values.iter().map(|value| value * unit).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_model_answers_with_numbers_or_says_why_not(values in series(), season in 2..9usize) {
        let seasons = [season, 3 * season];
        let Ok(past) = Past::new(&values, &seasons) else { return Ok(()) };
        for model in models() {
            let Ok(fitted) = model.fit(&past) else { continue };
            let forecast = fitted.predict(20);
            prop_assert_eq!((forecast.point.len(), forecast.deviation.len()), (20, 20));
            prop_assert!(forecast.point.iter().all(|point| point.is_finite()), "{}", model.name());
            prop_assert!(forecast.deviation.iter().all(|width| width.is_finite() && *width >= 0.0));
            let later = 3 * season;
            prop_assert!(forecast.deviation.iter().zip(forecast.deviation.iter().skip(later)).all(|(a, b)| a <= b));
        }
    }

    #[test]
    fn a_saved_model_goes_on_as_if_it_had_not_been(
        values in series(),
        more in prop::collection::vec(prop::option::of(-5.0..5.0f64), 0..12),
    ) {
        let Ok(past) = Past::new(&values, &[4, 8]) else { return Ok(()) };
        for model in models() {
            let Ok(mut fitted) = model.fit(&past) else { continue };
            let (early, late) = more.split_at(more.len() / 2);
            early.iter().for_each(|value| fitted.update(*value));
            let numbers = fitted.numbers();
            prop_assert!(numbers.iter().all(|number| number.is_finite()));
            let mut restored = model.restore(&numbers).expect("these are numbers of a fit");
            late.iter().for_each(|value| { fitted.update(*value); restored.update(*value); });
            prop_assert_eq!(fitted.predict(13), restored.predict(13), "{}", model.name());
            prop_assert_eq!(fitted.describe(), restored.describe());
        }
    }

    #[test]
    fn what_came_later_counts_as_if_it_had_been_there_from_the_start(values in series(), split in 30..80usize) {
        let split = split.min(values.len());
        let names = ["snaive", "window", "window-long", "naive", "mean", "croston", "tsb"];
        for model in names.map(|name| step_model(name).expect("a known name")) {
            let Ok(early) = Past::new(&values[..split], &[4, 8]) else { return Ok(()) };
            let whole = Past::new(&values, &[4, 8]).expect("more of the same");
            let (Ok(mut fitted), Ok(wanted)) = (model.fit(&early), model.fit(&whole)) else { continue };
            let later = values[split..].iter().map(|value| Some(*value).filter(|v| !v.is_nan()));
            later.for_each(|value| fitted.update(value));
            let (found, wanted) = (fitted.predict(11).point, wanted.predict(11).point);
            assert_close(&found, &wanted, 1e-9, model.name());
        }
    }

    #[test]
    fn numbers_that_no_fit_wrote_are_refused(values in series(), cut in 0..400usize, place in 0..400usize) {
        let Ok(past) = Past::new(&values, &[4, 8]) else { return Ok(()) };
        // What the models inside refuse is told where they are tested.
        for model in models().iter().filter(|model| !["mstl", "mstl-theta"].contains(&model.name())) {
            let Ok(fitted) = model.fit(&past) else { continue };
            let numbers = fitted.numbers();
            let cut = &numbers[..cut % numbers.len()];
            prop_assert!(model.restore(cut).is_none(), "{} {cut:?}", model.name());
            let mut broken = numbers.clone();
            broken[place % numbers.len()] = f64::NAN;
            prop_assert!(model.restore(&broken).is_none(), "{} {broken:?}", model.name());
        }
    }

    #[test]
    fn a_season_that_repeats_exactly_is_taken_off_exactly(
        cycle in prop::collection::vec(-9.0..9.0f64, 2..9),
        cycles in 2..12usize,
        level in -1e6..1e6f64,
        robust in any::<bool>(),
    ) {
        let values: Vec<f64> = (0..cycle.len() * cycles).map(|i| level + cycle[i % cycle.len()]).collect();
        let stl = Stl::new(cycle.len(), 7);
        let parts = if robust { stl.robust() } else { stl }.decompose(&values).unwrap();
        let mean = level + cycle.iter().sum::<f64>() / cycle.len() as f64;
        for (i, trend) in parts.trend.iter().enumerate() {
            prop_assert!((trend - mean).abs() < 1e-7 && (trend + parts.seasonal[i] - values[i]).abs() < 1e-7);
        }
    }

    #[test]
    fn a_bridge_touches_nothing_but_gaps(values in series(), season in 1..9usize) {
        for (bridged, value) in bridge(&values, season).iter().zip(&values) {
            prop_assert!(bridged == value || (value.is_nan() && bridged.is_finite()));
        }
    }
}
