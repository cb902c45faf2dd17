//! Laws that every fit obeys, whatever the numbers: gaps, units, the calendar, and no number that is none.

use proptest::prelude::*;
use tidewright_core::{Grid, SeasonalityMode, Timestamp};
use tidewright_models::clean;
use tidewright_models::noise::{Noise, peak_quantile};
use tidewright_models::prophet::{
    Extrapolation, GridPlan, ProphetFit, Settings, Sliding, fit_rows, optimality,
};
use tidewright_models::{FitError, NaiveFit};
use tidewright_numerics::Random;

const STEP_MS: i64 = 900_000;
const WEEK: usize = 7 * 96;

fn grid(start_secs: i64, len: usize) -> Grid {
    Grid::new(Timestamp::from_secs(start_secs), STEP_MS, len).expect("a positive step")
}

fn settings(mode: SeasonalityMode) -> Settings {
    Settings::new(mode).daily()
}

/// A week by quarter-hours with growth, a daily wave and noise.
fn traffic(seed: u64) -> Vec<f64> {
    long_traffic(seed, WEEK)
}

fn long_traffic(seed: u64, len: usize) -> Vec<f64> {
    let mut random = Random::new(seed);
    let value = |i: usize| {
        let wave = 1.0 + 0.4 * (i as f64 / 96.0 * std::f64::consts::TAU).sin();
        (100.0 + 0.05 * i as f64) * wave + 5.0 * random.normal()
    };
    (0..len).map(value).collect()
}

fn times(grid: &Grid) -> Vec<Timestamp> {
    (0..grid.len()).map(|index| grid.timestamp(index)).collect()
}

fn curve(fit: &ProphetFit, grid: &Grid) -> Vec<f64> {
    let mut out = Vec::new();
    fit.predict_into(grid, None, &mut out);
    out
}

fn modes() -> impl Strategy<Value = SeasonalityMode> {
    prop_oneof![Just(SeasonalityMode::Additive), Just(SeasonalityMode::Multiplicative)]
}

fn assert_close(a: &[f64], b: &[f64], tolerance: f64) {
    let far = a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(far <= tolerance, "{far} apart");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn gaps_are_dropped_as_if_the_rows_had_never_been(
        seed in 0..1000u64,
        mode in modes(),
        run in 0..WEEK - 120,
        each in 2..40usize,
    ) {
        let mut values = traffic(seed);
        values[run..run + 100].fill(f64::NAN);
        values.iter_mut().step_by(each).for_each(|value| *value = f64::NAN);
        let grid = grid(0, WEEK);
        let shared = GridPlan::new(grid, &settings(mode)).fit(&values).expect("enough rows");
        let generic = fit_rows(&times(&grid), &values, &settings(mode)).expect("enough rows");
        let gap = (shared.objective() - generic.objective()).abs();
        prop_assert!(gap <= 1e-7 * generic.objective().abs().max(1.0), "{gap}");
        prop_assert!(optimality(&shared, &times(&grid), &values).residual <= 1e-6);
        assert_close(&curve(&shared, &grid), &curve(&generic, &grid), 1e-2);
    }

    #[test]
    fn a_change_of_units_changes_nothing_else(seed in 0..1000u64, mode in modes(), unit in 1e-3..1e6f64) {
        let values = traffic(seed);
        let scaled: Vec<f64> = values.iter().map(|value| value * unit).collect();
        let grid = grid(0, WEEK);
        let plan = GridPlan::new(grid, &settings(mode));
        let (one, other) = (plan.fit(&values).expect("a fit"), plan.fit(&scaled).expect("a fit"));
        let back: Vec<f64> = curve(&other, &grid).iter().map(|value| value / unit).collect();
        assert_close(&curve(&one, &grid), &back, 1e-3);
    }

    #[test]
    fn a_shift_in_time_changes_nothing_else(seed in 0..1000u64, mode in modes(), start in -1_000_000_000..2_000_000_000i64) {
        let values = traffic(seed);
        let (here, there) = (grid(0, WEEK), grid(start, WEEK));
        let one = GridPlan::new(here, &settings(mode)).fit(&values).expect("a fit");
        let other = fit_rows(&times(&there), &values, &settings(mode)).expect("a fit");
        assert_close(&curve(&one, &here), &curve(&other, &there), 1e-3);
    }

    #[test]
    fn a_window_that_slides_is_fitted_as_if_it_had_always_stood_there(
        seed in 0..1000u64,
        mode in modes(),
        steps in prop::collection::vec(1..9usize, 1..12),
        gap in prop::option::of(0..40usize),
    ) {
        let total: usize = steps.iter().sum();
        let mut values = long_traffic(seed, WEEK + total);
        if let Some(gap) = gap.filter(|gap| *gap < total) {
            values[WEEK + gap] = f64::NAN;
        }
        let plan = GridPlan::new(grid(0, WEEK), &settings(mode));
        let mut sliding = Sliding::new(&plan, &values[..WEEK]).expect("a fit");
        let mut at = 0;
        for by in steps {
            sliding.advance(&plan, &values[at..at + WEEK + by]).expect("a fit");
            at += by;
        }
        let there = grid(at as i64 * STEP_MS / 1000, WEEK);
        let anew = GridPlan::new(there, &settings(mode)).fit(&values[at..]).expect("a fit");
        let gap = (sliding.fit().objective() - anew.objective()).abs();
        prop_assert!(gap <= 1e-8 * anew.objective().abs().max(1.0), "{gap}");
        prop_assert_eq!(sliding.start(), there.start());
        assert_close(&curve(sliding.fit(), &there), &curve(&anew, &there), 1e-2);
    }

    #[test]
    fn no_number_that_is_none_comes_out(
        values in prop::collection::vec(
            prop_oneof![
                4 => 0.0..1e3f64,
                2 => Just(f64::NAN),
                2 => Just(0.0),
                1 => Just(1e9),
                1 => -10.0..10.0f64,
            ],
            0..200,
        ),
        mode in modes(),
    ) {
        let grid = grid(0, values.len());
        let settings = settings(mode).identifiable(grid.span().days());
        let Ok(course) = clean::expect(&GridPlan::new(grid, &settings), &values) else { return Ok(()) };
        prop_assert!(course.expected.iter().all(|value| value.is_finite()));
        let outlook = course.fit.outlook(&grid.following(96), Some(0.3));
        prop_assert!(outlook.expected.iter().all(|value| value.is_finite()));
        let noise = Noise::learn(&course.expected, &values);
        let level = tidewright_core::Quantile::new(0.99).expect("a probability");
        prop_assert!(peak_quantile(&outlook, &noise, level).is_finite());
    }
}

#[test]
fn an_unchanging_series_is_expected_to_stay() {
    for level in [0.0, 7.0, 1e12] {
        let grid = grid(0, 96);
        let fit = GridPlan::new(grid, &settings(SeasonalityMode::Multiplicative))
            .fit(&[level; 96])
            .expect("a constant is a fit");
        assert_close(&curve(&fit, &grid.following(96)), &[level; 96], 1e-9 * level.max(1.0));
    }
}

#[test]
fn few_rows_are_fitted_and_too_few_refused() {
    let plan = GridPlan::new(grid(0, 4), &Settings::new(SeasonalityMode::Additive));
    assert!(plan.fit(&[1.0, 2.0, f64::NAN, f64::NAN]).is_ok());
    let refused = plan.fit(&[1.0, f64::NAN, f64::NAN, f64::NAN]).map(|_| ());
    assert_eq!(refused, Err(FitError::TooFew { rows: 1 }));
    let refused = plan.fit(&[1.0]).map(|_| ());
    assert_eq!(refused, Err(FitError::Length { points: 4, values: 1 }));
    let refused = plan.fit(&[1.0, f64::INFINITY, 2.0, 3.0]).map(|_| ());
    assert_eq!(refused, Err(FitError::NotFinite));
    assert!(GridPlan::new(grid(0, 0), &settings(SeasonalityMode::Additive)).fit(&[]).is_err());
}

#[test]
fn an_exactly_periodic_series_ends_at_the_floor_of_the_noise() {
    let grid = grid(0, WEEK);
    let wave = |i: usize| 10.0 + (i as f64 / 96.0 * std::f64::consts::TAU).sin();
    let values: Vec<f64> = (0..WEEK).map(wave).collect();
    for mode in [SeasonalityMode::Additive, SeasonalityMode::Multiplicative] {
        let fit = GridPlan::new(grid, &settings(mode)).fit(&values).expect("a fit");
        assert_close(&curve(&fit, &grid), &values, 1e-2);
    }
}

#[test]
fn a_capped_trend_says_so_and_stays_near_its_last_level() {
    let values: Vec<f64> = (0..WEEK).map(|i| 100.0 + i as f64).collect();
    let grid = grid(0, WEEK);
    let settings = Settings::new(SeasonalityMode::Additive);
    let fit = GridPlan::new(grid, &settings).fit(&values).expect("a fit");
    let mut out = Vec::new();
    let future = grid.following(WEEK);
    assert_eq!(fit.predict_into(&future, None, &mut out), Extrapolation::Free);
    assert!(out[WEEK - 1] > 1400.0);
    assert_eq!(fit.predict_into(&future, Some(0.1), &mut out), Extrapolation::Capped);
    assert!((out[WEEK - 1] - 1.1 * fit.trend(fit.last())).abs() < 1e-6);
}

#[test]
fn values_by_blocks_are_the_values_one_by_one() {
    for mode in [SeasonalityMode::Additive, SeasonalityMode::Multiplicative] {
        let grid = grid(1_700_000_000, WEEK);
        let fit = GridPlan::new(grid, &settings(mode)).fit(&traffic(1)).expect("a fit");
        let wide = Grid::new(grid.start(), STEP_MS, 2 * WEEK).expect("a positive step");
        let singly: Vec<f64> = times(&wide).iter().map(|moment| fit.value(*moment)).collect();
        assert_close(&curve(&fit, &wide), &singly, 1e-8);
    }
}

#[test]
fn incidents_do_not_bend_what_is_expected() {
    let truth = traffic(3);
    let mut values = truth.clone();
    values[200..224].fill(0.0);
    [90, 350, 500].iter().for_each(|&at| values[at..at + 3].iter_mut().for_each(|v| *v *= 5.0));
    let plan = GridPlan::new(grid(0, WEEK), &settings(SeasonalityMode::Multiplicative).in_sample());
    let course = clean::expect(&plan, &values).expect("a fit");
    let undisturbed = clean::expect(&plan, &truth).expect("a fit");
    let worst = course.expected.iter().zip(&undisturbed.expected).map(|(a, b)| (a / b - 1.0).abs());
    assert!(worst.fold(0.0, f64::max) < 0.05);
    assert!((200..224).all(|row| course.trimmed.contains(&row)));
    assert!((course.scale.at(100.0) / 5.0 - 1.0).abs() < 0.2);
}

#[test]
fn a_launch_near_the_end_leaves_the_days_before_it_alone() {
    let truth = traffic(4);
    let mut values = truth.clone();
    values[WEEK - 144..].iter_mut().for_each(|value| *value *= 2.0);
    let plan = GridPlan::new(grid(0, WEEK), &settings(SeasonalityMode::Multiplicative).in_sample());
    let course = clean::expect(&plan, &values).expect("a fit");
    let misses = (0..WEEK - 144).map(|i| (course.expected[i] / truth[i] - 1.0).abs());
    let far = misses.filter(|miss| *miss > 0.25).count();
    assert!(far <= 24, "{far} quarter-hours are expected wrongly");
}

#[test]
fn naive_agrees_with_prophet_on_a_quiet_series() {
    let grid = grid(0, WEEK);
    let values = traffic(5);
    let naive = NaiveFit::new(&tidewright_core::Axis::Grid(grid), &values).expect("a fit");
    let fit = GridPlan::new(grid, &settings(SeasonalityMode::Multiplicative))
        .fit(&values)
        .expect("a fit");
    let middle = grid.timestamp(WEEK / 2);
    assert!((naive.value(middle) / fit.value(middle) - 1.0).abs() < 0.1);
}
