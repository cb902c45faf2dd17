//! Series on which fits break: each gives finite numbers that make sense, by a grid's plan and by rows alike.

use proptest::prelude::*;
use tidewright_core::{Grid, SeasonalityMode, Timestamp};
use tidewright_models::FitError;
use tidewright_models::prophet::{
    Covariates, GridPlan, Growth, History, ProphetFit, Scaling, Settings, Uncertainty, fit_history,
    fit_rows,
};
use tidewright_numerics::Random;

const HOUR_MS: i64 = 3_600_000;
const MODES: [SeasonalityMode; 2] = [SeasonalityMode::Additive, SeasonalityMode::Multiplicative];

fn hours(count: usize) -> Grid {
    Grid::new(Timestamp::from_secs(0), HOUR_MS, count).expect("a positive step")
}

fn moments(grid: &Grid) -> Vec<Timestamp> {
    (0..grid.len()).map(|index| grid.timestamp(index)).collect()
}

/// The fits of a series by both paths and in both modes, held to be finite everywhere, bands included.
fn fits(values: &[f64], settings: impl Fn(SeasonalityMode) -> Settings) -> Vec<ProphetFit> {
    let grid = hours(values.len());
    let mut fits = Vec::new();
    for settings in MODES.map(settings) {
        let shared = GridPlan::new(grid, &settings).fit(values).expect("a fit");
        let rows = fit_rows(&moments(&grid), values, &settings).expect("a fit");
        let gap = (shared.objective() - rows.objective()).abs();
        let same = shared.objective() == rows.objective();
        let size = rows.objective().abs().max(1.0);
        assert!(same || gap <= 1e-6 * size, "{} and {}", shared.objective(), rows.objective());
        fits.extend([shared, rows]);
    }
    fits.iter().for_each(|fit| assert_finite(fit, &grid));
    fits
}

fn assert_finite(fit: &ProphetFit, grid: &Grid) {
    let (past, future) = (moments(grid), moments(&grid.following(48)));
    for times in [past, future] {
        let none = Covariates::none();
        let parts = fit.components(&times, &none, &Uncertainty::default()).expect("a forecast");
        for column in parts.columns {
            let all = column.point.iter().chain(&column.lower).chain(&column.upper);
            assert!(all.into_iter().all(|value| value.is_finite()), "{}", column.name);
        }
    }
    assert!(fit.sigma().is_finite() && fit.sigma() > 0.0);
}

fn worst(fit: &ProphetFit, values: &[f64]) -> f64 {
    let grid = hours(values.len());
    let misses = values.iter().enumerate().map(|(i, y)| (fit.value(grid.timestamp(i)) - y).abs());
    misses.fold(0.0, f64::max)
}

fn daily(mode: SeasonalityMode) -> Settings {
    Settings::new(mode).daily()
}

fn wave(hour: usize) -> f64 {
    (hour as f64 / 24.0 * std::f64::consts::TAU).sin()
}

#[test]
fn a_constant_stays() {
    for level in [1.0, -3.0, 1e-9, 1e12] {
        for fit in fits(&[level; 96], daily) {
            let later = fit.value(Timestamp::from_secs(200 * 3600));
            assert!((later - level).abs() <= 1e-12 * level.abs());
        }
    }
}

#[test]
fn nothing_stays_nothing() {
    for fit in fits(&[0.0; 96], daily) {
        assert_eq!((fit.value(Timestamp::from_secs(0)), fit.scale()), (0.0, 1.0));
    }
}

#[test]
fn an_exact_period_is_found_though_no_noise_is_left() {
    let values: Vec<f64> = (0..240).map(|hour| 100.0 + 30.0 * wave(hour)).collect();
    for fit in fits(&values, daily) {
        assert!(worst(&fit, &values) < 0.1, "{}", worst(&fit, &values));
    }
}

#[test]
fn an_exact_line_is_found() {
    let values: Vec<f64> = (0..240).map(|hour| 5.0 + 0.25 * hour as f64).collect();
    for fit in fits(&values, daily) {
        assert!(worst(&fit, &values) < 0.1, "{}", worst(&fit, &values));
    }
}

#[test]
fn fewer_rows_than_unknowns_are_left_to_the_priors() {
    let values: Vec<f64> = (0..12).map(|hour| f64::from(hour * 7 % 5)).collect();
    for fit in fits(&values, |mode| daily(mode).weekly().yearly()) {
        assert!(fit.value(Timestamp::from_secs(6 * 3600)).abs() < 10.0);
    }
}

#[test]
fn a_dead_level_with_a_weekly_season_ends() {
    let mut random = Random::new(1);
    let value = |hour: usize| {
        let alive = hour < 60 && random.uniform() > 0.25;
        if alive { 100.0 + 40.0 * wave(hour) + 3.0 * random.normal() } else { 0.0 }
    };
    let values: Vec<f64> = (0..168).map(value).collect();
    // Several optima: the two paths may find different ones, but both must end.
    let grid = hours(values.len());
    for settings in MODES.map(|mode| daily(mode).weekly()) {
        assert_finite(&GridPlan::new(grid, &settings).fit(&values).expect("a fit"), &grid);
        assert_finite(&fit_rows(&moments(&grid), &values, &settings).expect("a fit"), &grid);
    }
}

#[test]
fn a_small_wave_on_a_huge_offset_is_seen() {
    let mut random = Random::new(2);
    let values: Vec<f64> = (0..240).map(|hour| 1e9 + wave(hour) + 0.1 * random.normal()).collect();
    // The wave is a billionth of the scale; a column that scales the trend cannot be told from round-off.
    let settings = daily(SeasonalityMode::Additive);
    let shared = GridPlan::new(hours(240), &settings).fit(&values).expect("a fit");
    let rows = fit_rows(&moments(&hours(240)), &values, &settings).expect("a fit");
    assert_eq!(shared.objective(), rows.objective());
    for fit in [shared, rows] {
        assert!(worst(&fit, &values) < 0.5, "{}", worst(&fit, &values));
        assert!((0.08..0.12).contains(&fit.sigma()), "{}", fit.sigma());
        assert_finite(&fit, &hours(240));
    }
    for mode in MODES {
        let mut settings = daily(mode);
        settings.scaling = Scaling::MinMax;
        let fit = fit_rows(&moments(&hours(240)), &values, &settings).expect("a fit");
        assert!(worst(&fit, &values) < 0.5, "{}", worst(&fit, &values));
    }
}

#[test]
fn one_spike_takes_the_scale_but_not_the_rest() {
    let mut values: Vec<f64> = (0..240).map(|hour| 100.0 + 30.0 * wave(hour)).collect();
    values[100] = 1e6;
    for fit in fits(&values, daily) {
        assert_eq!(fit.scale(), 1e6);
    }
}

#[test]
fn two_points_make_a_line() {
    for fit in fits(&[1.0, 2.0], Settings::new) {
        assert!(worst(&fit, &[1.0, 2.0]) < 0.1);
    }
}

#[test]
fn one_point_is_too_few() {
    let (grid, settings) = (hours(3), daily(SeasonalityMode::Additive));
    let alone = [f64::NAN, 5.0, f64::NAN];
    let refused = FitError::TooFew { rows: 1 };
    assert_eq!(GridPlan::new(grid, &settings).fit(&alone).expect_err("one point"), refused);
    assert_eq!(fit_rows(&moments(&grid), &alone, &settings).expect_err("one point"), refused);
    let same = [Timestamp::from_secs(0); 4];
    let twice = fit_rows(&same, &[1.0, 2.0, 3.0, 4.0], &settings).expect_err("one moment");
    assert_eq!(twice, FitError::TooFew { rows: 4 });
}

#[test]
fn all_moments_may_come_many_times() {
    let times: Vec<Timestamp> = (0..400).map(|row| Timestamp::from_secs(row / 40 * 3600)).collect();
    let values: Vec<f64> = (0..400).map(|row| f64::from(row % 13)).collect();
    for mode in MODES {
        let fit = fit_rows(&times, &values, &Settings::new(mode)).expect("a fit");
        assert_finite(&fit, &hours(10));
    }
}

#[test]
fn values_too_large_to_square_are_refused() {
    let (grid, settings) = (hours(3), daily(SeasonalityMode::Additive));
    for wild in [f64::INFINITY, 1e200] {
        let values = [1.0, wild, 2.0];
        let shared = GridPlan::new(grid, &settings).fit(&values).expect_err("too large");
        let rows = fit_rows(&moments(&grid), &values, &settings).expect_err("too large");
        assert_eq!([shared, rows], [FitError::NotFinite, FitError::NotFinite]);
    }
}

#[test]
fn ten_million_rows_are_a_sum() {
    let times: Vec<Timestamp> = (0..10_000_000).map(Timestamp::from_secs).collect();
    let values: Vec<f64> = (0..10_000_000_u32).map(|row| f64::from(row % 1009) + 500.0).collect();
    let settings = Settings::new(SeasonalityMode::Additive).season("daily", 1.0, 1);
    let fit = fit_rows(&times, &values, &settings).expect("a fit");
    assert_eq!(fit.rows(), 10_000_000);
    assert!((fit.value(times[5_000_000]) - 1004.0).abs() < 1.0);
}

/// Values as a broken exporter might send them.
fn wild() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![
        4 => 0.0..1e3f64,
        2 => Just(f64::NAN),
        2 => Just(0.0),
        1 => Just(1e9),
        1 => Just(-1e-300),
        1 => -10.0..10.0f64,
    ];
    prop::collection::vec(value, 0..120)
}

fn growths() -> impl Strategy<Value = Growth> {
    prop_oneof![Just(Growth::Linear), Just(Growth::Logistic), Just(Growth::Flat)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_number_that_is_none_comes_out_of_any_growth(
        values in wild(),
        growth in growths(),
        multiplicative: bool,
        minmax: bool,
        step_ms in prop_oneof![Just(1_i64), Just(60_000), Just(HOUR_MS), Just(24 * HOUR_MS)],
    ) {
        let mut settings = Settings::automatic(MODES[usize::from(multiplicative)]);
        settings.growth = growth;
        settings.scaling = if minmax { Scaling::MinMax } else { Scaling::AbsMax };
        let times: Vec<Timestamp> =
            (0..values.len() as i64).map(|row| Timestamp::from_millis(row * step_ms)).collect();
        let caps = |rows: usize| Covariates::none().with("cap", vec![2e9; rows]);
        let covariates = caps(values.len());
        let history = History { times: &times, values: &values, covariates: &covariates };
        let Ok(fit) = fit_history(&history, &settings) else { return Ok(()) };
        let later: Vec<Timestamp> =
            (0..300).map(|row| Timestamp::from_millis(row * step_ms)).collect();
        let parts = fit.components(&later, &caps(300), &Uncertainty::default()).expect("a forecast");
        for column in parts.columns {
            let mut all = column.point.iter().chain(&column.lower).chain(&column.upper);
            prop_assert!(all.all(|value| value.is_finite()), "{}", column.name);
        }
        let back = ProphetFit::decode(&fit.encode()).expect("what was saved");
        prop_assert_eq!(back.encode(), fit.encode());
    }
}
