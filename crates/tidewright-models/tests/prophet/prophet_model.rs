//! The whole model as its users see it: what is dropped, sorted, standardised, marked and refused, and what a forecast is
//! made of.

use tidewright_core::{SeasonalityMode, Timestamp};
use tidewright_models::FitError;
use tidewright_models::prophet::{
    Components, Covariates, DataRange, DecodeError, Growth, History, Holiday, Intervals,
    ProphetFit, Regressor, Scaling, Settings, Standardize, Uncertainty, fit_history, fit_rows,
    optimality_of,
};
use tidewright_numerics::Random;

const DAY: i64 = 86_400;
const DAYS: usize = 140;

fn days(count: usize) -> Vec<Timestamp> {
    (0..count as i64).map(|day| Timestamp::from_secs(day * DAY)).collect()
}

/// Growth, a weekly wave and noise.
fn traffic(seed: u64) -> Vec<f64> {
    let mut random = Random::new(seed);
    let value = |day: usize| {
        let wave = (day as f64 / 7.0 * std::f64::consts::TAU).sin();
        100.0 + 0.3 * day as f64 + 8.0 * wave + random.normal()
    };
    (0..DAYS).map(value).collect()
}

fn additive() -> Settings {
    Settings::automatic(SeasonalityMode::Additive)
}

fn regressor(name: &str, standardize: Standardize, mode: SeasonalityMode) -> Regressor {
    Regressor { name: name.to_owned(), prior_scale: 10.0, standardize, mode }
}

fn fair(day: i64) -> Holiday {
    Holiday {
        holiday: "fair".to_owned(),
        ds: Timestamp::from_secs(day * DAY),
        lower_window: -1,
        upper_window: 1,
        prior_scale: None,
    }
}

fn fit(values: &[f64], covariates: &Covariates, settings: &Settings) -> ProphetFit {
    let times = days(values.len());
    let history = History { times: &times, values, covariates };
    let fit = fit_history(&history, settings).expect("a fit");
    let measured = optimality_of(&fit, &history).expect("the history that was fitted");
    assert!(measured.residual < 1e-6, "{measured:?}");
    fit
}

fn apart(fit: &ProphetFit, times: &[Timestamp], covariates: &Covariates) -> Components {
    fit.components(times, covariates, &Uncertainty::default()).expect("a forecast")
}

fn points<'a>(parts: &'a Components, name: &str) -> &'a [f64] {
    &parts.column(name).unwrap_or_else(|| panic!("no column `{name}`")).point
}

fn assert_close(a: &[f64], b: &[f64], tolerance: f64) {
    assert_eq!(a.len(), b.len());
    let far = a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(far <= tolerance, "{far} apart");
}

fn error(values: &[f64], covariates: &Covariates, settings: &Settings) -> String {
    let times = days(values.len());
    let history = History { times: &times, values, covariates };
    fit_history(&history, settings).expect_err("a mistake").to_string()
}

#[test]
fn rows_may_come_in_any_order() {
    let (times, values) = (days(DAYS), traffic(1));
    let order: Vec<usize> = (0..DAYS).map(|row| row * 37 % DAYS).collect();
    let mixed_times: Vec<Timestamp> = order.iter().map(|&row| times[row]).collect();
    let mixed_values: Vec<f64> = order.iter().map(|&row| values[row]).collect();
    let one = fit_rows(&times, &values, &additive()).expect("a fit");
    let other = fit_rows(&mixed_times, &mixed_values, &additive()).expect("a fit");
    assert_eq!(one.encode(), other.encode());
}

#[test]
fn rows_without_a_value_are_dropped_before_anything_is_decided() {
    let (mut times, mut values) = (days(DAYS), traffic(2));
    let prices: Vec<f64> = (0..DAYS).map(|day| (day % 5) as f64).collect();
    let mut settings = additive();
    settings.regressors = vec![regressor("price", Standardize::Auto, SeasonalityMode::Additive)];
    let plain = fit(&values, &Covariates::none().with("price", prices.clone()), &settings);
    // What stands beside a gap does not matter, nor do gaps at the ends.
    let mut longer = prices;
    times.insert(0, Timestamp::from_secs(-5 * DAY));
    values.insert(0, f64::NAN);
    longer.insert(0, f64::NAN);
    times.push(Timestamp::from_secs(900 * DAY));
    values.push(f64::NAN);
    longer.push(f64::INFINITY);
    let covariates = Covariates::none().with("price", longer);
    let history = History { times: &times, values: &values, covariates: &covariates };
    let gappy = fit_history(&history, &settings).expect("a fit");
    assert_eq!(plain.encode(), gappy.encode());
}

#[test]
fn a_moment_may_have_two_values() {
    let (mut times, mut values) = (days(DAYS), traffic(3));
    times.extend_from_slice(&days(DAYS));
    values.extend(traffic(4));
    let both = fit_rows(&times, &values, &additive()).expect("a fit");
    assert_eq!(both.rows(), 2 * DAYS);
    assert!(both.value(times[70]).is_finite());
}

#[test]
fn a_regressor_is_standardised_unless_it_is_a_flag() {
    let mut values = traffic(5);
    let prices: Vec<f64> = (0..DAYS).map(|day| 3.0 + (day * day % 11) as f64).collect();
    let flags: Vec<f64> = (0..DAYS).map(|day| f64::from(u8::from(day % 9 == 0))).collect();
    for (value, (price, flag)) in values.iter_mut().zip(prices.iter().zip(&flags)) {
        *value += 2.0 * price + 30.0 * flag;
    }
    let parts = |price: Vec<f64>, flag: Vec<f64>| {
        let mut settings = additive();
        settings.regressors = ["price", "flag"]
            .map(|name| regressor(name, Standardize::Auto, SeasonalityMode::Additive))
            .to_vec();
        let covariates = Covariates::none().with("price", price).with("flag", flag);
        let fit = fit(&values, &covariates, &settings);
        apart(&fit, &days(DAYS), &covariates)
    };
    let one = parts(prices.clone(), flags.clone());
    // Another unit and another zero change nothing of what is standardised.
    let cents: Vec<f64> = prices.iter().map(|price| 100.0 * price - 7.0).collect();
    let other = parts(cents, flags.clone());
    assert_close(points(&one, "yhat"), points(&other, "yhat"), 1e-6);
    let effect = points(&one, "flag");
    assert!((effect[0] - 30.0).abs() < 1.5 && effect[1] == 0.0, "{}", effect[0]);
    let price = points(&one, "price");
    assert!((price[3] - price[0] - 2.0 * (prices[3] - prices[0])).abs() < 0.5);
    let mean = price.iter().sum::<f64>() / DAYS as f64;
    assert!(mean.abs() < 1e-9, "an effect is told against the mean");
    let both = points(&one, "extra_regressors_additive");
    let sums: Vec<f64> = price.iter().zip(effect).map(|(a, b)| a + b).collect();
    assert_close(both, &sums, 1e-12);
}

#[test]
fn a_regressor_that_never_changes_is_taken_as_it_is() {
    let mut settings = additive();
    settings.regressors = vec![regressor("same", Standardize::Yes, SeasonalityMode::Additive)];
    let covariates = Covariates::none().with("same", vec![4.0; DAYS]);
    let values = traffic(6);
    assert!(fit(&values, &covariates, &settings).value(days(DAYS)[9]).is_finite());
}

#[test]
fn an_event_has_an_effect_for_each_day_of_its_window() {
    let mut values = traffic(7);
    for fair in [30, 61, 90] {
        for (offset, effect) in [(-1_i64, 10.0), (0, 40.0), (1, -15.0)] {
            values[(fair + offset) as usize] += effect;
        }
    }
    let mut settings = additive();
    settings.holidays = [30, 61, 90, 150].map(fair).to_vec();
    let fit = fit(&values, &Covariates::none(), &settings);
    // The one to come is marked too.
    let parts = apart(&fit, &days(160), &Covariates::none());
    let effect = points(&parts, "fair");
    for day in [30, 61, 90, 150] {
        for (at, want) in [(day - 1, 10.0), (day, 40.0), (day + 1, -15.0), (day + 2, 0.0)] {
            assert!((effect[at] - want).abs() < 2.0, "day {at}: {}", effect[at]);
        }
    }
    assert_eq!(points(&parts, "holidays"), effect);
}

#[test]
fn an_event_that_scales_is_a_share_of_the_trend() {
    let mut values = traffic(8);
    [30, 61, 90].iter().for_each(|&day| values[day] *= 1.5);
    let mut settings = additive();
    settings.holidays_mode = Some(SeasonalityMode::Multiplicative);
    settings.holidays = [30, 61, 90].map(fair).to_vec();
    let parts =
        apart(&fit(&values, &Covariates::none(), &settings), &days(DAYS), &Covariates::none());
    assert!((points(&parts, "fair")[61] - 0.5).abs() < 0.05);
    assert_eq!(points(&parts, "multiplicative_terms"), points(&parts, "fair"));
}

#[test]
fn a_season_holds_where_its_condition_does() {
    let open: Vec<f64> = (0..DAYS).map(|day| f64::from(u8::from(day < 84))).collect();
    let mut values = traffic(9);
    for (day, value) in values.iter_mut().enumerate().skip(84) {
        *value -= 8.0 * (day as f64 / 7.0 * std::f64::consts::TAU).sin();
    }
    let mut settings = Settings::new(SeasonalityMode::Additive).season("open_week", 7.0, 2);
    settings.seasonalities[0].condition = Some("open".to_owned());
    let covariates = Covariates::none().with("open", open);
    let fit = fit(&values, &covariates, &settings);
    let parts = apart(&fit, &days(DAYS), &covariates);
    let season = points(&parts, "open_week");
    let peak = (std::f64::consts::TAU * 2.0 / 7.0).sin() * 8.0;
    assert!((season[16] - peak).abs() < 1.0, "{}", season[16]);
    assert!(season[84..].iter().all(|effect| *effect == 0.0));
}

#[test]
fn a_forecast_is_its_trend_scaled_and_added_to() {
    let mut settings = Settings::new(SeasonalityMode::Multiplicative).weekly();
    settings.scaling = Scaling::MinMax;
    settings.regressors = vec![regressor("price", Standardize::Auto, SeasonalityMode::Additive)];
    let prices: Vec<f64> = (0..DAYS).map(|day| (day % 5) as f64).collect();
    let covariates = Covariates::none().with("price", prices);
    let values = traffic(10);
    let fit = fit(&values, &covariates, &settings);
    let parts = apart(&fit, &days(DAYS), &covariates);
    // What stands above the floor is what seasons scale.
    let floor = values.iter().copied().fold(f64::INFINITY, f64::min);
    let made: Vec<f64> = points(&parts, "trend")
        .iter()
        .zip(points(&parts, "multiplicative_terms"))
        .zip(points(&parts, "additive_terms"))
        .map(|((trend, scaled), added)| floor + (trend - floor) * (1.0 + scaled) + added)
        .collect();
    assert_close(points(&parts, "yhat"), &made, 1e-9);
    assert_close(points(&parts, "multiplicative_terms"), points(&parts, "weekly"), 0.0);
    assert_close(points(&parts, "additive_terms"), points(&parts, "price"), 0.0);
    assert_close(
        &fit.predict(&days(DAYS), &covariates).expect("a forecast"),
        points(&parts, "yhat"),
        1e-9,
    );
    let names: Vec<&str> = parts.columns.iter().map(|column| column.name.as_str()).collect();
    let groups = ["extra_regressors_additive", "additive_terms", "multiplicative_terms", "yhat"];
    assert_eq!(names, [&["trend", "weekly", "price"][..], &groups].concat());
}

#[test]
fn the_trend_bends_where_it_is_told_to() {
    let times = days(DAYS);
    let values: Vec<f64> = (0..DAYS).map(|day| 50.0 + 2.0 * (day as f64 - 60.0).max(0.0)).collect();
    let mut settings = Settings::new(SeasonalityMode::Additive);
    settings.changepoints = Some(vec![times[100], times[60]]);
    let fit = fit(&values, &Covariates::none(), &settings);
    let bends: Vec<(Timestamp, f64)> = fit.changepoints().collect();
    assert_eq!([bends[0].0, bends[1].0], [times[60], times[100]]);
    assert!((bends[0].1 / (2.0 * (DAYS - 1) as f64) - 1.0).abs() < 0.01 && bends[1].1.abs() < 1.0);
    settings.changepoints = Some(vec![Timestamp::from_secs(-1)]);
    assert_eq!(
        error(&values, &Covariates::none(), &settings),
        "changepoints must lie within the history, got `1969-12-31T23:59:59Z`"
    );
    settings.changepoints = Some(Vec::new());
    assert_eq!(fit_rows(&times, &values, &settings).expect("a fit").changepoints().count(), 0);
}

#[test]
fn growth_stays_between_its_limits() {
    let mut random = Random::new(12);
    let rise = |day: usize| 20.0 + 60.0 / (1.0 + (-(day as f64 - 70.0) / 12.0).exp());
    let values: Vec<f64> = (0..DAYS).map(|day| rise(day) + random.normal()).collect();
    let mut settings = additive();
    settings.growth = Growth::Logistic;
    let limits = |rows: usize| {
        Covariates::none().with("cap", vec![80.0; rows]).with("floor", vec![20.0; rows])
    };
    let fit = fit(&values, &limits(DAYS), &settings);
    let parts = apart(&fit, &days(2 * DAYS), &limits(2 * DAYS));
    let trend = parts.column("trend").expect("the trend");
    let all = trend.point.iter().chain(&trend.lower).chain(&trend.upper);
    assert!(all.into_iter().all(|level| (20.0..=80.0).contains(level)));
    let truth: Vec<f64> = (0..2 * DAYS).map(rise).collect();
    assert_close(&trend.point, &truth, 3.0);
    // Another capacity from then on.
    let raised = Covariates::none().with("cap", vec![140.0]).with("floor", vec![20.0]);
    let later = fit.predict(&[Timestamp::from_secs(279 * DAY)], &raised).expect("a forecast");
    assert!(later[0] > 130.0, "{later:?}");
}

#[test]
fn a_flat_trend_is_a_level() {
    let mut settings = additive();
    settings.growth = Growth::Flat;
    let values = traffic(13);
    let parts =
        apart(&fit(&values, &Covariates::none(), &settings), &days(300), &Covariates::none());
    let trend = parts.column("trend").expect("the trend");
    assert!(trend.point.iter().all(|level| *level == trend.point[0]));
    assert_eq!((&trend.lower, &trend.upper), (&trend.point, &trend.point));
}

#[test]
fn what_is_missing_is_named() {
    let values = traffic(14);
    let mut settings = additive();
    settings.growth = Growth::Logistic;
    assert_eq!(settings.columns_needed(), ["cap"]);
    assert_eq!(error(&values, &Covariates::none(), &settings), "column `cap` is missing");
    let short = Covariates::none().with("cap", vec![200.0; 3]);
    assert_eq!(error(&values, &short, &settings), "column `cap` has `3` rows for `140` points");
    let mut caps = vec![200.0; DAYS];
    caps[17] = -1.0;
    let low = Covariates::none().with("cap", caps.clone());
    assert_eq!(
        error(&values, &low, &settings),
        "`cap` must be greater than the floor, got `-1` in row `17`"
    );
    caps[17] = f64::NAN;
    let gap = Covariates::none().with("cap", caps);
    assert_eq!(
        error(&values, &gap, &settings),
        "`cap` must be a finite number, got `NaN` in row `17`"
    );
}

#[test]
fn what_stands_beside_a_value_must_be_a_number() {
    let values = traffic(15);
    let mut settings = additive();
    settings.regressors = vec![regressor("price", Standardize::Auto, SeasonalityMode::Additive)];
    let mut prices = vec![1.0; DAYS];
    prices[5] = f64::NAN;
    let covariates = Covariates::none().with("price", prices);
    assert_eq!(
        error(&values, &covariates, &settings),
        "`price` must be a finite number, got `NaN` in row `5`"
    );
    let mut settings = Settings::new(SeasonalityMode::Additive).weekly();
    settings.seasonalities[0].condition = Some("open".to_owned());
    let covariates = Covariates::none().with("open", vec![0.5; DAYS]);
    assert_eq!(
        error(&values, &covariates, &settings),
        "`open` must be 0 or 1, got `0.5` in row `0`"
    );
}

#[test]
fn a_future_needs_the_same_columns() {
    let mut settings = additive();
    settings.regressors = vec![regressor("price", Standardize::Auto, SeasonalityMode::Additive)];
    let covariates =
        Covariates::none().with("price", (0..DAYS).map(|day| (day % 3) as f64).collect());
    let fit = fit(&traffic(16), &covariates, &settings);
    let missing = FitError::MissingColumn { column: "price".to_owned() };
    assert_eq!(fit.predict(&days(3), &Covariates::none()), Err(missing));
}

#[test]
fn equal_seeds_give_equal_bands_whatever_the_order_of_rows() {
    let fit = fit(&traffic(17), &Covariates::none(), &additive());
    let times = days(DAYS + 60);
    let sampled = |times: &[Timestamp], seed: u64| {
        let method = Intervals::Sampled { draws: 200, seed };
        let uncertainty = Uncertainty { interval_width: 0.8, method };
        fit.components(times, &Covariates::none(), &uncertainty).expect("bands")
    };
    let (one, again, other) = (sampled(&times, 1), sampled(&times, 1), sampled(&times, 2));
    assert_eq!(one, again);
    assert_ne!(one, other);
    let backwards: Vec<Timestamp> = times.iter().rev().copied().collect();
    let turned = sampled(&backwards, 1);
    let lower = |parts: &Components| parts.column("yhat").expect("the forecast").lower.clone();
    assert_eq!(lower(&one), lower(&turned).into_iter().rev().collect::<Vec<_>>());
}

#[test]
fn simulated_bands_approach_the_law() {
    let fit = fit(&traffic(18), &Covariates::none(), &additive());
    let times: Vec<Timestamp> = days(DAYS + 120).into_iter().step_by(13).collect();
    let bands = |method| {
        let uncertainty = Uncertainty { interval_width: 0.9, method };
        fit.components(&times, &Covariates::none(), &uncertainty).expect("bands")
    };
    let law = bands(Intervals::Exact);
    let draws = bands(Intervals::Sampled { draws: 20_000, seed: 3 });
    let widest = |column: &str| {
        let column = law.column(column).expect("a band");
        column.upper.iter().zip(&column.lower).map(|(high, low)| high - low).fold(0.0, f64::max)
    };
    for name in ["yhat", "trend"] {
        let [exact, drawn] = [&law, &draws].map(|parts| parts.column(name).expect("a band"));
        assert_close(&exact.lower, &drawn.lower, 0.03 * widest(name));
        assert_close(&exact.upper, &drawn.upper, 0.03 * widest(name));
    }
}

#[test]
fn a_band_needs_a_width_and_futures() {
    let fit = fit(&traffic(19), &Covariates::none(), &additive());
    let refused = |interval_width, method| {
        let uncertainty = Uncertainty { interval_width, method };
        let parts = fit.components(&days(3), &Covariates::none(), &uncertainty);
        parts.expect_err("a mistake").to_string()
    };
    assert_eq!(
        refused(1.0, Intervals::Exact),
        "`interval_width` must be above 0 and below 1, got `1`"
    );
    assert_eq!(
        refused(0.8, Intervals::Sampled { draws: 0, seed: 0 }),
        "`uncertainty_samples` must be between 1 and 1000000, got `0`"
    );
}

#[test]
fn counts_are_never_negative() {
    let mut random = Random::new(20);
    let falling = |day: usize| (140.0 - day as f64 + 5.0 * random.normal()).max(0.0);
    let values: Vec<f64> = (0..DAYS).map(falling).collect();
    let fit = fit(&values, &Covariates::none(), &additive());
    let parts = apart(&fit, &days(300), &Covariates::none());
    assert!(points(&parts, "yhat").iter().any(|value| *value < 0.0));
    let held = parts.clone().within(DataRange::NOT_NEGATIVE);
    let yhat = held.column("yhat").expect("the forecast");
    let all = yhat.point.iter().chain(&yhat.lower).chain(&yhat.upper);
    assert!(all.into_iter().all(|value| *value >= 0.0));
    assert_eq!(points(&held, "trend"), points(&parts, "trend"));
}

/// Whatever comes later must read what format 1 has saved, and make the same forecast of it.
#[test]
fn a_model_saved_in_format_1_is_still_read() {
    let bytes = include_bytes!("../data/model_v1.bin");
    let fit = ProphetFit::decode(bytes).expect("format 1");
    let (values, covariates, settings) = saved();
    let again = self::fit(&values, &covariates, &settings);
    assert_eq!(fit.settings(), again.settings());
    let times = days(DAYS);
    let [old, new] =
        [&fit, &again].map(|fit| fit.predict(&times, &covariates).expect("a forecast"));
    assert_close(&old, &new, 1e-6);
    let mut damaged = bytes.to_vec();
    damaged[100] ^= 1;
    assert_eq!(ProphetFit::decode(&damaged).expect_err("damage"), DecodeError::Damaged);
}

/// The model of `model_v1.bin`, which has every kind of part.
fn saved() -> (Vec<f64>, Covariates, Settings) {
    let mut settings = Settings::automatic(SeasonalityMode::Multiplicative);
    settings = settings.season("open_month", 30.5, 2);
    settings.seasonalities[0].condition = Some("open".to_owned());
    settings.holidays = [30, 61, 90].map(fair).to_vec();
    settings.regressors = vec![regressor("price", Standardize::Auto, SeasonalityMode::Additive)];
    let covariates = Covariates::none()
        .with("open", (0..DAYS).map(|day| f64::from(u8::from(day % 4 != 0))).collect())
        .with("price", (0..DAYS).map(|day| (day * day % 11) as f64).collect());
    (traffic(21), covariates, settings)
}
