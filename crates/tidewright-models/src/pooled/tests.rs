//! What a pooled regression finds, and that no series is worse off for its company.

use proptest::prelude::*;
use tidewright_core::{Axis, Grid, Horizon, Levels, Panel, Series, SeriesKey, Silent, Timestamp};
use tidewright_numerics::Random;

use super::ridge::Products;
use super::*;
use crate::named::forecaster;
use crate::{FitContext, Forecaster};

const MODEL: PooledRegression = PooledRegression { pool: None };

/// Days and weeks of a size of their own, with noise.
fn hours(len: usize, seed: u64) -> Vec<f64> {
    let mut random = Random::new(seed);
    let size = 10.0 * (1.0 + seed as f64);
    let day = |i: usize| 3.0 + (i as f64 / 24.0 * std::f64::consts::TAU).sin();
    let week = |i: usize| if i % 168 > 120 { 0.6 } else { 1.0 };
    (0..len).map(|i| size * (day(i) * week(i) + 0.1 * random.normal())).collect()
}

fn past<'a>(values: &'a [f64], seasons: &'a [usize]) -> Past<'a> {
    Past::new(values, seasons).unwrap().asked(24)
}

fn series(id: &str, start: i64, values: Vec<f64>) -> Series {
    let grid = Grid::new(Timestamp::from_secs(start * 3600), 3_600_000, values.len()).unwrap();
    Series::new(SeriesKey::new([("unique_id", id)]), Axis::Grid(grid), values).unwrap()
}

/// Points and lower bounds of a day ahead, in the order of the panel; none where there is no forecast.
fn forecasts(panel: &Panel) -> Vec<Option<(Vec<f64>, Vec<f64>)>> {
    let ctx = FitContext { seed: 0, progress: &Silent, horizon: 24 };
    let model = forecaster("pooled-regression", None).unwrap();
    let learned: Option<Box<dyn Forecaster>> = model.learn(panel, &ctx);
    let fits = learned.as_ref().unwrap_or(&model).fit(panel, &ctx);
    let one = |(fitted, series): (Result<Box<dyn crate::Fitted>, FitError>, &Series)| {
        let Axis::Grid(grid) = series.axis() else { panic!("a grid") };
        let horizon = Horizon { axis: Axis::Grid(grid.following(24)) };
        let made = fitted.ok()?.predict(&horizon, &Levels::default()).unwrap();
        Some((made.point().to_vec(), made.quantile(0.025).unwrap().to_vec()))
    };
    fits.into_iter().zip(&panel.series).map(one).collect()
}

#[test]
fn coefficients_are_those_of_the_normal_equations() {
    // Columns x, targets y: x'x = [15 2; 2 26], its mean diagonal 41/2, a quarter of which is 41/8. The solutions of
    // (x'x + 41/8) b = x'y were worked out in fractions: 29368/39833, 3232/39833 and -21384/39833, 35928/39833.
    let rows = [[1, 2, 1, 0], [3, -1, 2, -3], [0, 4, -1, 5], [2, 2, 4, 1], [-1, 1, 0, 2]];
    let mut products = Products::new(2, 2);
    let mut others = Products::new(2, 2);
    for (index, row) in rows.iter().enumerate() {
        let part = if index < 3 { &mut products } else { &mut others };
        part.add(&row.map(f64::from));
    }
    products.extend(others);
    let found = products.solve(0.25).unwrap();
    let wanted = [29_368.0, 3232.0, -21_384.0, 35_928.0].map(|x| x / 39_833.0);
    assert!(found.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-14), "{found:?}");
}

#[test]
fn products_of_many_rows_are_those_of_all_of_them() {
    let mut products = Products::new(1, 1);
    (0..1000).for_each(|i| products.add(&[f64::from(i % 7), 2.0 * f64::from(i % 7)]));
    assert!((products.solve(0.0).unwrap()[0] - 2.0).abs() < 1e-12);
}

#[test]
fn series_of_one_kind_teach_one_another_the_day_and_the_week() {
    let made: Vec<Vec<f64>> = (0..30).map(|seed| hours(744, seed)).collect();
    let pasts: Vec<Past<'_>> = made.iter().map(|it| past(&it[..720], &[24, 168])).collect();
    let together = MODEL.learn(&pasts).unwrap();
    // In standard deviations of the noise: what is perfectly known is missed by 0.8, the last day repeated by 1.13.
    let miss = |model: &dyn StepForecaster, of: usize| {
        let one = |(seed, past): (usize, &Past<'_>)| {
            let path = model.fit(past).unwrap().predict(24).point;
            let misses = path.iter().zip(&made[seed][720..]).map(|(a, b)| (a - b).abs());
            misses.sum::<f64>() / 24.0 / (1.0 + seed as f64)
        };
        pasts.iter().enumerate().take(of).map(one).sum::<f64>() / of as f64
    };
    let (company, alone) = (miss(together.as_ref(), 30), miss(&MODEL, 10));
    assert!(company < 0.95 && company < 0.9 * alone, "{company} {alone}");
}

#[test]
fn short_series_learn_from_long_ones() {
    let mut random = Random::new(5);
    let mut wandering = |len: usize| {
        let mut level: f64 = 0.0;
        let next = |_| {
            level = 0.5 * level + random.normal();
            100.0 + level
        };
        (0..len).map(next).collect::<Vec<f64>>()
    };
    let long: Vec<Vec<f64>> = (0..20).map(|_| wandering(400)).collect();
    let short = wandering(20);
    let mut pasts: Vec<Past<'_>> = long.iter().map(|it| past(it, &[])).collect();
    pasts.push(past(&short, &[]));
    let model = MODEL.learn(&pasts).unwrap();
    let point = model.fit(&past(&short, &[])).unwrap().predict(1).point[0];
    let mean = short.iter().sum::<f64>() / 20.0;
    let (last, wanted) = (short[19] - mean, 0.5 * (short[19] - mean));
    assert!((point - mean - wanted).abs() < 0.3 * last.abs().max(1.0), "{point} {mean} {last}");
}

#[test]
fn nine_tenths_of_the_future_lie_inside_their_band() {
    let made: Vec<Vec<f64>> = (0..40).map(|seed| hours(744, seed)).collect();
    let pasts: Vec<Past<'_>> = made.iter().map(|it| past(&it[..720], &[24, 168])).collect();
    let model = MODEL.learn(&pasts).unwrap();
    let mut inside = 0;
    for (values, past) in made.iter().zip(&pasts) {
        let fitted = model.fit(past).unwrap();
        let forecast = fitted.predict(24);
        let bounds = [0.05, 0.95].map(|level| fitted.law().quantiles(&forecast, level));
        let held = (0..24).filter(|i| (bounds[0][*i]..bounds[1][*i]).contains(&values[720 + i]));
        inside += held.count();
    }
    let share = f64::from(inside as u32) / 960.0;
    assert!((0.86..0.99).contains(&share), "{share}");
}

#[test]
fn the_phase_of_a_clock_is_known_to_series_that_start_apart() {
    // Each hour has its own jump, of a random walk that no lag could tell: only the clock says when.
    let walk = |seed: u64, start: usize, len: usize| -> Vec<f64> {
        let mut random = Random::new(seed);
        let mut level = 0.0;
        let step = |i: usize| {
            let clock = ((start + i) as f64 / 24.0 * std::f64::consts::TAU).sin();
            level += 0.02 * random.normal();
            level + clock
        };
        (0..len).map(step).collect()
    };
    let starts = [0, 5, 11, 17, 22];
    let panel = Panel {
        series: (0..5)
            .map(|i| series(&i.to_string(), starts[i] as i64, walk(i as u64, starts[i], 300)))
            .collect(),
    };
    for (index, made) in forecasts(&panel).into_iter().enumerate() {
        let last = panel.series[index].raw()[299];
        let clock = |i: usize| ((starts[index] + i) as f64 / 24.0 * std::f64::consts::TAU).sin();
        let (point, _) = made.unwrap();
        let misses =
            point.iter().enumerate().map(|(i, x)| (x - last + clock(299) - clock(300 + i)).abs());
        assert!(misses.sum::<f64>() / 24.0 < 0.15, "{index}");
    }
}

#[test]
fn the_order_of_series_does_not_matter() {
    let named = |id: u64| series(&format!("s{id}"), 0, hours(400 + 13 * id as usize, id));
    let panel = Panel { series: (0..7).map(named).collect() };
    let mut turned = panel.clone();
    turned.series.reverse();
    turned.series.rotate_left(2);
    let (one, other) = (forecasts(&panel), forecasts(&turned));
    for (index, made) in one.iter().enumerate() {
        let key = panel.series[index].key();
        let place = turned.series.iter().position(|it| it.key() == key).unwrap();
        assert_eq!(made, &other[place]);
    }
}

#[test]
fn a_bad_series_costs_no_other_its_forecast() {
    let good = |id: u64| series(&format!("s{id}"), 0, hours(500, id));
    let mut gaps = hours(500, 9);
    gaps.iter_mut().step_by(3).for_each(|value| *value = f64::NAN);
    gaps[300..].fill(f64::NAN);
    let mut burst = hours(500, 8);
    burst[490] = 1e140;
    let bad = [
        ("flat", vec![5.0; 500]),
        ("gaps", gaps),
        ("none", vec![f64::NAN; 500]),
        ("huge", vec![1e200; 500]),
        ("short", vec![1.0, 2.0]),
        ("burst", burst),
    ];
    let mut panel = Panel { series: (0..6).map(good).collect() };
    let before = forecasts(&panel);
    panel.series.extend(bad.into_iter().map(|(id, values)| series(id, 0, values)));
    let after = forecasts(&panel);
    for (index, (before, after)) in before.iter().zip(&after).enumerate() {
        let (before, after) = (before.as_ref().unwrap(), after.as_ref().unwrap());
        let size = 10.0 * (1.0 + index as f64);
        // A tenth of the size is one standard deviation of the noise.
        let moved = before.0.iter().zip(&after.0).map(|(a, b)| (a - b).abs()).sum::<f64>() / 24.0;
        assert!(moved < 0.1 * size, "{index} {moved}");
        assert!(after.0.iter().zip(&after.1).all(|(point, low)| point - low < size));
    }
    assert_eq!(after[6].as_ref().unwrap().0, vec![5.0; 24]);
    assert!(after[7].is_some() && after[11].is_some());
    assert!(after[8].is_none() && after[9].is_none() && after[10].is_none());
}

#[test]
fn nothing_that_came_later_is_known() {
    let mut values = hours(500, 3);
    let known = MODEL.fit(&past(&values[..400], &[24])).unwrap().predict(24);
    values[400..].fill(1e9);
    let again = MODEL.fit(&past(&values, &[24]).earlier(100).unwrap()).unwrap().predict(24);
    assert_eq!(again, known);
}

#[test]
fn minutes_are_seen_as_buckets_and_forecast_one_by_one() {
    let mut random = Random::new(2);
    let day = |i: usize| 50.0 + 20.0 * (i as f64 / 1440.0 * std::f64::consts::TAU).sin();
    let values: Vec<f64> = (0..5 * 1440).map(|i| day(i) + random.normal()).collect();
    let fitted = MODEL.fit(&Past::new(&values, &[1440]).unwrap().asked(720)).unwrap();
    let made = fitted.predict(2000);
    let miss = made.point.iter().enumerate().map(|(i, x)| (x - day(i)).abs()).sum::<f64>() / 2000.0;
    assert!(miss < 1.5, "{miss}");
    assert!(fitted.describe().contains("of 8 steps each"), "{}", fitted.describe());
}

#[test]
fn a_constant_alone_stays_what_it_is() {
    let made = MODEL.fit(&past(&[5.0; 100], &[24])).unwrap().predict(30);
    assert_eq!((made.point, made.deviation), (vec![5.0; 30], vec![0.0; 30]));
}

#[test]
fn too_short_a_series_alone_is_refused() {
    let refused = MODEL.fit(&past(&[1.0, 2.0, 1.0, 4.0], &[])).unwrap_err();
    assert_eq!(refused, FitError::TooFew { rows: 4 });
}

#[test]
fn of_very_many_series_some_teach_and_all_are_forecast() {
    let made: Vec<Vec<f64>> = (0..5000).map(|seed| hours(40, seed)).collect();
    let pasts: Vec<Past<'_>> = made.iter().map(|values| past(values, &[])).collect();
    let model = MODEL.learn(&pasts).unwrap();
    let fitted = model.fit(&pasts[4999]).unwrap();
    assert!(fitted.describe().ends_with("learned from 2500 series"), "{}", fitted.describe());
}

fn values() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![6 => -1.0..1.0f64, 1 => Just(0.0), 1 => Just(1.0), 1 => Just(f64::NAN)];
    let unit = prop_oneof![Just(1e-9), Just(1.0), Just(1e12), Just(1e140)];
    (prop::collection::vec(value, 1..120), unit)
        .prop_map(|(values, unit)| values.iter().map(|value| value * unit).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_it_is_fed_it_answers_with_numbers_or_an_error(
        values in values(), season in 2..9usize, horizon in 1..30usize,
    ) {
        let seasons = [season, 3 * season];
        let Ok(past) = Past::new(&values, &seasons[..1 + season % 2]) else { return Ok(()) };
        let Ok(fitted) = MODEL.fit(&past.asked(horizon)) else { return Ok(()) };
        let made = fitted.predict(60);
        prop_assert!(made.point.iter().chain(&made.deviation).all(|x| x.is_finite()));
        let later = made.deviation.iter().skip(season);
        prop_assert!(made.deviation.iter().zip(later).all(|(a, b)| *a >= 0.0 && a <= b));
    }

    #[test]
    fn a_saved_model_goes_on_as_if_it_had_not_been(
        values in values(), more in prop::collection::vec(prop::option::of(-5.0..5.0f64), 0..12), cut in 0..2000usize,
    ) {
        let Ok(past) = Past::new(&values, &[4, 8]) else { return Ok(()) };
        let Ok(mut fitted) = MODEL.fit(&past) else { return Ok(()) };
        let numbers = fitted.numbers();
        let mut restored = MODEL.restore(&numbers).expect("these are its numbers");
        more.iter().for_each(|value| { fitted.update(*value); restored.update(*value); });
        prop_assert_eq!(fitted.predict(13), restored.predict(13));
        prop_assert_eq!((fitted.describe(), fitted.law()), (restored.describe(), restored.law()));
        prop_assert!(MODEL.restore(&numbers[..cut % numbers.len()]).is_none());
        let mut broken = numbers.clone();
        broken[cut % numbers.len()] = f64::NAN;
        prop_assert!(MODEL.restore(&broken).is_none());
    }

    #[test]
    fn what_came_later_moves_a_fitted_model_to_where_a_longer_past_stands(
        values in prop::collection::vec(prop_oneof![5 => -9.0..9.0f64, 1 => Just(f64::NAN)], 90..130), split in 60..80usize,
    ) {
        let (early, whole) = (past(&values[..split], &[4, 8]), past(&values, &[4, 8]));
        let model = MODEL.learn(&[whole]).expect("enough to learn from");
        let (mut moved, wanted) = (model.fit(&early).unwrap(), model.fit(&whole).unwrap());
        values[split..].iter().for_each(|value| moved.update(Some(*value).filter(|v| !v.is_nan())));
        for (a, b) in moved.predict(30).point.iter().zip(wanted.predict(30).point) {
            prop_assert!((a - b).abs() < 1e-9, "{} {}", a, b);
        }
    }

    #[test]
    fn a_series_is_forecast_in_its_own_unit_from_its_own_zero(
        seed in 0..1000u64, factor in 1e-6..1e6f64, shift in -100.0..100.0f64,
    ) {
        let (plain, other) = (hours(300, seed % 5), hours(280, 7));
        let moved: Vec<f64> = plain.iter().map(|value| factor * (value + shift)).collect();
        let forecast = |values: &[f64]| {
            let pasts = [past(values, &[24]), past(&other, &[24])];
            let model = MODEL.learn(&pasts).unwrap();
            [0, 1].map(|index| model.fit(&pasts[index]).unwrap().predict(40))
        };
        let ([one, beside_one], [two, beside_two]) = (forecast(&plain), forecast(&moved));
        for step in 0..40 {
            let wanted = factor * (one.point[step] + shift);
            prop_assert!((two.point[step] - wanted).abs() < 1e-6 * factor * 100.0);
            let width = factor * one.deviation[step];
            prop_assert!((two.deviation[step] - width).abs() < 1e-6 * width);
            prop_assert!((beside_one.point[step] - beside_two.point[step]).abs() < 1e-6);
        }
    }
}
