//! The models that repeat, and those of intermittent demand, beside statsforecast; and what they do with gaps.

use tidewright_models::FitError;
use tidewright_models::intermittent::DemandKind;
use tidewright_models::mstl::Mstl;
use tidewright_models::named::step_model;
use tidewright_models::repeat::{Average, Drift, Mean, Repeat};
use tidewright_models::steps::{Past, StepFitted, StepForecast, StepForecaster};
use tidewright_numerics::Random;

use super::{assert_close, cases, count, numbers};

const GAP: f64 = f64::NAN;

fn fit(model: &dyn StepForecaster, values: &[f64], seasons: &[usize]) -> Box<dyn StepFitted> {
    let past = Past::new(values, seasons).expect("a past");
    model.fit(&past).expect("a fit")
}

fn ahead(name: &str, values: &[f64], seasons: &[usize], steps: usize) -> StepForecast {
    let model = step_model(name).expect("a name that is known");
    fit(model.as_ref(), values, seasons).predict(steps)
}

#[test]
fn forecasts_are_those_of_statsforecast() {
    for case in cases("repeat/repeat.json.gz") {
        let name = case["model"].as_str().unwrap();
        let (point, deviation) = (numbers(&case["point"]), numbers(&case["deviation"]));
        let found = ahead(name, &numbers(&case["y"]), &[count(&case["season"])], point.len());
        assert_close(&found.point, &point, 1e-10, name);
        if !deviation.is_empty() {
            assert_close(&found.deviation, &deviation, 1e-10, name);
        }
    }
}

#[test]
fn the_shortest_and_the_longest_season_are_told_apart() {
    let values: Vec<f64> = (0..40).map(|i| f64::from(i % 4) + 10.0 * f64::from(i % 12)).collect();
    let point = |name: &str| ahead(name, &values, &[4, 12, 30], 4).point;
    assert_eq!(point("snaive"), values[36..]);
    assert_eq!(point("snaive-long"), values[28..32]);
    assert_eq!(point("naive"), [values[39]; 4]);
}

#[test]
fn a_phase_that_was_missed_repeats_what_was_known_of_it_and_is_less_sure() {
    let mut values: Vec<f64> = (0..48).map(|i| f64::from(i % 4) + f64::from(i * i % 7)).collect();
    let whole = ahead("snaive", &values, &[4], 8);
    values[45] = GAP;
    let gappy = ahead("snaive", &values, &[4], 8);
    assert_eq!(gappy.point[1], values[41]);
    assert_eq!(gappy.point[0], whole.point[0]);
    let grown = gappy.deviation[1] / gappy.deviation[0];
    assert!((grown - 2f64.sqrt()).abs() < 1e-12, "{grown}");
}

#[test]
fn a_phase_that_was_never_seen_lies_between_its_neighbours() {
    let values: Vec<f64> =
        (0..24).map(|i| if i % 4 == 1 { GAP } else { f64::from(i % 4) }).collect();
    assert_eq!(ahead("snaive", &values, &[4], 4).point, [0.0, 1.0, 2.0, 3.0]);
}

#[test]
fn a_median_window_ignores_a_burst() {
    let mut values: Vec<f64> = (0..40).map(|i| f64::from(i % 4)).collect();
    values[33] = 900.0;
    let mean = Repeat::window().over(5, Average::Mean);
    let median = Repeat::window().over(5, Average::Median);
    assert_eq!(fit(&median, &values, &[4]).predict(4).point, [0.0, 1.0, 2.0, 3.0]);
    assert!(fit(&mean, &values, &[4]).predict(4).point[1] > 100.0);
}

#[test]
fn a_window_of_a_level_that_walks_is_the_less_sure_the_farther_it_looks() {
    let walk = |i: usize| ((i / 4) % 5) as f64 * ((i / 20) % 3) as f64 + (i / 40) as f64;
    let values: Vec<f64> = (0..400).map(walk).collect();
    let deviation = ahead("window", &values, &[4], 12).deviation;
    assert!(deviation[0] < deviation[4] && deviation[4] < deviation[8]);
}

#[test]
fn one_value_is_too_few_for_any_of_them() {
    for name in ["snaive", "window", "naive", "mean", "drift", "croston", "tsb"] {
        let past = [GAP, 3.0, GAP];
        let error = step_model(name).unwrap().fit(&Past::new(&past, &[]).unwrap()).unwrap_err();
        assert_eq!(error, FitError::TooFew { rows: 1 }, "{name}");
    }
}

#[test]
fn a_line_goes_on_across_a_gap_at_its_end() {
    let values = [1.0, 2.0, GAP, 4.0, 5.0, GAP];
    let forecast = fit(&Drift, &values, &[]).predict(2);
    assert_eq!(forecast.point, [7.0, 8.0]);
    assert_eq!(forecast.deviation, [0.0, 0.0]);
}

#[test]
fn the_mean_moves_on_as_if_all_had_been_there_from_the_start() {
    let mut fitted = fit(&Mean, &[1.0, 2.0, 6.0], &[]);
    fitted.update(Some(7.0));
    fitted.update(None);
    assert!((fitted.predict(1).point[0] - 4.0).abs() < 1e-12);
}

#[test]
fn demand_that_stays_away_is_forgotten_by_one_method_and_not_by_the_other() {
    let mut values: Vec<f64> = (0..60).map(|i| if i % 5 == 0 { 10.0 } else { 0.0 }).collect();
    values.extend([0.0; 60]);
    assert!(ahead("croston", &values, &[], 1).point[0] > 1.5);
    assert!(ahead("tsb", &values, &[], 1).point[0] < 0.01);
}

#[test]
fn a_gap_is_neither_demand_nor_its_absence() {
    let values: Vec<f64> = (0..60).map(|i| if i % 5 == 0 { f64::from(i) } else { 0.0 }).collect();
    let mut gappy = values.clone();
    (0..20).for_each(|i| gappy.insert(i * 3 + 1, GAP));
    for name in ["croston", "tsb"] {
        assert_eq!(ahead(name, &gappy, &[], 3), ahead(name, &values, &[], 3));
    }
}

#[test]
fn demand_is_told_by_how_often_it_comes_and_how_its_sizes_vary() {
    let series = |every: usize, sizes: [f64; 3]| -> Vec<f64> {
        (0..90).map(|i| if i % every == 0 { sizes[i / every % 3] } else { 0.0 }).collect()
    };
    let check = |values: &[f64], kind| assert_eq!(DemandKind::of(values), kind);
    check(&series(1, [5.0, 6.0, 7.0]), DemandKind::Smooth);
    check(&series(1, [1.0, 1.0, 30.0]), DemandKind::Erratic);
    check(&series(4, [5.0, 6.0, 7.0]), DemandKind::Intermittent);
    check(&series(4, [1.0, 1.0, 30.0]), DemandKind::Lumpy);
    assert!(DemandKind::Lumpy.is_intermittent() && !DemandKind::Erratic.is_intermittent());
    check(&[0.0, GAP, 0.0], DemandKind::Intermittent);
}

#[test]
fn seasons_that_are_taken_off_come_back_on() {
    let wave =
        |i: usize| [0.0, 5.0, 9.0, 5.0][i % 4] + [0.0, 20.0, 0.0][(i / 4) % 3] + 0.01 * i as f64;
    let values: Vec<f64> = (0..240).map(wave).collect();
    let model = Mstl::around("mstl-drift", Box::new(Drift));
    let forecast = fit(&model, &values, &[4, 12]).predict(24);
    for (step, point) in forecast.point.iter().enumerate() {
        assert!((point - wave(240 + step)).abs() < 0.5, "{point} at {step}");
    }
}

#[test]
fn a_step_on_takes_the_season_along() {
    let values: Vec<f64> = (0..60).map(|i| f64::from(i % 4) + f64::from(i * i % 7)).collect();
    let model = Mstl::around("mstl-naive", Box::new(Repeat::naive()));
    let mut fitted = fit(&model, &values, &[4]);
    let before = fitted.predict(6).point;
    fitted.update(Some(before[0] + 10.0));
    let after = fitted.predict(5).point;
    for (before, after) in before[1..].iter().zip(after) {
        assert!((after - before - 10.0).abs() < 1e-9, "{after} after {before}");
    }
}

#[test]
fn mstl_without_a_season_that_came_twice_is_its_inner_model() {
    let values: Vec<f64> = (0..30).map(|i| f64::from(i * i % 11)).collect();
    let model = Mstl::around("mstl-drift", Box::new(Drift));
    let (found, inner) = (fit(&model, &values, &[24]), fit(&Drift, &values, &[]));
    assert_eq!(found.predict(9), inner.predict(9));
    assert_eq!(found.describe(), inner.describe());
}

#[test]
fn noise_that_went_into_the_seasons_widens_the_future() {
    let (mut misses, mut widths) = (Vec::new(), Vec::new());
    for seed in 0..40 {
        let mut random = Random::new(seed);
        let noise: Vec<f64> = (0..504 + 48).map(|_| random.normal()).collect();
        let model = Mstl::around("mstl-mean", Box::new(Mean));
        let forecast = fit(&model, &noise[..504], &[24, 168]).predict(48);
        misses.extend(forecast.point.iter().zip(&noise[504..]).map(|(a, b)| (a - b).powi(2)));
        widths.extend(forecast.deviation.iter().map(|width| width.powi(2)));
    }
    let ratio = widths.iter().sum::<f64>() / misses.iter().sum::<f64>();
    assert!((0.8..1.5).contains(&ratio), "{ratio}");
}
