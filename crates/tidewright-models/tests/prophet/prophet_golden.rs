//! Held against Prophet 1.5.0: cases made by the original, with its data, changepoints, log posteriors and forecasts.
//!
//! Stan's optimisers stop short of the optimum, so the measure is the objective (never above the better of Prophet's
//! two) and the conditions of the optimum; values agree only as far as Stan had converged, which each case states. What
//! Prophet decides before it fits must agree exactly: seasons, scaling, changepoints, columns, prior scales.

use std::io::Read;

use serde_json::Value;
use tidewright_core::{Grid, SeasonalityMode, Timestamp};
use tidewright_models::prophet::{
    Covariates, GridPlan, Growth, History, Holiday, Intervals, ProphetFit, Scaling, Settings,
    Switch, Uncertainty, fit_history, optimality_of,
};

const WHOLE: &str = "a golden case is whole";

/// How far Stan stopped from the optimum, as a share of the scale.
#[derive(Clone, Copy)]
struct Tolerance {
    /// The forecast within the history.
    past: f64,
    /// The forecast after it.
    future: f64,
    /// Trend and seasons, which may trade against each other.
    parts: f64,
}

struct Golden {
    json: Value,
    times: Vec<Timestamp>,
    values: Vec<f64>,
    settings: Settings,
}

fn load(name: &str) -> Value {
    let path = format!("{}/tests/data/golden/{name}.json.gz", env!("CARGO_MANIFEST_DIR"));
    let mut text = String::new();
    let file = std::fs::File::open(path).expect(WHOLE);
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).expect(WHOLE);
    serde_json::from_str(&text).expect(WHOLE)
}

fn numbers(value: &Value) -> Vec<f64> {
    let each = value.as_array().expect(WHOLE).iter();
    each.map(|number| number.as_f64().unwrap_or(f64::NAN)).collect()
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect(WHOLE)
}

fn moments(value: &Value) -> Vec<Timestamp> {
    numbers(value).into_iter().map(|secs| Timestamp::from_secs(secs as i64)).collect()
}

fn text(value: &Value) -> String {
    value.as_str().expect(WHOLE).to_owned()
}

fn golden(name: &str) -> Golden {
    let json = load(name);
    let series = load(&format!("series_{}", text(&json["series"])));
    let mut at = 0;
    let steps = numbers(&series["t"]).into_iter();
    let times = steps.map(|step| {
        at += step as i64;
        Timestamp::from_secs(at)
    });
    let times = times.collect();
    let mut values = numbers(&series["y"]);
    if let Some(mirror) = json["mirror"].as_f64() {
        values.iter_mut().for_each(|value| *value = mirror - *value);
    }
    Golden { settings: settings(&json), json, times, values }
}

/// What was asked of Prophet; what it makes of it is not given away.
fn settings(json: &Value) -> Settings {
    let asked = &json["settings"];
    let mode = match asked["seasonality_mode"].as_str() {
        Some("multiplicative") => SeasonalityMode::Multiplicative,
        _ => SeasonalityMode::Additive,
    };
    let mut settings = Settings::automatic(mode);
    settings.growth = match json["growth"].as_str() {
        Some("logistic") => Growth::Logistic,
        Some("flat") => Growth::Flat,
        _ => Growth::Linear,
    };
    if asked["scaling"] == "minmax" {
        settings.scaling = Scaling::MinMax;
    }
    let switch = |value: &Value| match value.as_bool() {
        Some(true) => Switch::On,
        Some(false) => Switch::Off,
        None => Switch::Auto,
    };
    settings.yearly_seasonality = switch(&asked["yearly_seasonality"]);
    settings.weekly_seasonality = switch(&asked["weekly_seasonality"]);
    settings.daily_seasonality = switch(&asked["daily_seasonality"]);
    if let Some(scale) = asked["changepoint_prior_scale"].as_f64() {
        settings.changepoint_prior_scale = scale;
    }
    if let Some(count) = asked["n_changepoints"].as_u64() {
        settings.n_changepoints = count as usize;
    }
    if json["case"] == "peyton_custom_monthly" {
        settings = settings.season("monthly", 30.5, 5);
    }
    settings.holidays = holidays(json);
    settings
}

fn holidays(json: &Value) -> Vec<Holiday> {
    let each = json["holidays"].as_array().into_iter().flatten();
    let holiday = |day: &Value| Holiday {
        holiday: text(&day["holiday"]),
        ds: Timestamp::from_secs(number(&day["ds"]) as i64),
        lower_window: number(&day["lower_window"]) as i32,
        upper_window: number(&day["upper_window"]) as i32,
        prior_scale: None,
    };
    each.map(holiday).collect()
}

impl Golden {
    /// Capacity and floor, where the case has them, for so many rows.
    fn covariates(&self, rows: usize) -> Covariates {
        let mut covariates = Covariates::none();
        for name in ["cap", "floor"] {
            if let Some(level) = self.json[name].as_f64() {
                covariates = covariates.with(name, vec![level; rows]);
            }
        }
        covariates
    }

    /// The better of Prophet's two optimisers, as an objective to be minimised.
    fn objective(&self) -> f64 {
        -number(&self.json["log_posterior"]).max(number(&self.json["log_posterior_newton"]))
    }

    fn check_decisions(&self, fit: &ProphetFit) {
        let (json, settings) = (&self.json, fit.settings());
        let seasons =
            settings.seasonalities.iter().zip(json["seasonalities"].as_array().expect(WHOLE));
        for (ours, theirs) in seasons {
            assert_eq!(ours.name, text(&theirs["name"]));
            assert_eq!(ours.period, number(&theirs["period"]));
            assert_eq!(ours.fourier_order as f64, number(&theirs["fourier_order"]));
        }
        let features: Vec<(&str, f64)> = fit.features().collect();
        let names = json["feature_columns"].as_array().expect(WHOLE);
        assert_eq!(features.len(), names.len());
        for ((name, scale), (theirs, prior)) in
            features.iter().zip(names.iter().zip(numbers(&json["prior_scales"])))
        {
            assert_eq!(Some(*name), text(theirs).split("_delim_").next());
            assert_eq!(*scale, prior);
        }
        assert_eq!(fit.scale(), number(&json["y_scale"]));
        assert_eq!(fit.first().as_secs(), number(&json["start"]) as i64);
        assert_eq!(
            (fit.last().as_secs() - fit.first().as_secs()) as f64,
            number(&json["t_scale_s"])
        );
        assert_eq!(fit.rows() as f64, number(&json["n"]));
        self.check_changepoints(fit);
    }

    /// Where there is nothing to bend, Prophet puts a dummy that bends nothing; under flat growth it puts all.
    fn check_changepoints(&self, fit: &ProphetFit) {
        let span = number(&self.json["t_scale_s"]);
        let theirs = numbers(&self.json["changepoints_t"]);
        let ours: Vec<f64> = fit
            .changepoints()
            .map(|(moment, _)| (moment.as_secs() - fit.first().as_secs()) as f64 / span)
            .collect();
        if self.settings.growth == Growth::Flat || self.settings.n_changepoints == 0 {
            assert!(ours.is_empty());
            return;
        }
        assert_eq!(ours.len(), theirs.len());
        assert!(ours.iter().zip(theirs).all(|(a, b)| (a - b).abs() < 1e-12));
    }

    /// The largest difference of any column of the forecast, within the history and after it, as a share of the scale
    /// (of 1 where it scales the trend).
    fn check_forecast(&self, fit: &ProphetFit, tolerance: Tolerance) {
        let times = moments(&self.json["forecast_t"]);
        let inside = times.iter().take_while(|moment| **moment <= fit.last()).count();
        let covariates = self.covariates(times.len());
        let parts =
            fit.components(&times, &covariates, &Uncertainty::default()).expect("a forecast");
        for (name, theirs) in self.json["forecast"].as_object().expect(WHOLE) {
            let Some(column) = parts.column(name) else {
                let beside = ["cap", "floor", "yhat_newton", "yhat_lower", "yhat_upper"];
                assert!(beside.contains(&name.as_str()) || name.starts_with("trend_"), "{name}");
                continue;
            };
            let unit = if self.scales(name) { 1.0 } else { fit.scale() };
            let pairs = column.point.iter().zip(numbers(theirs));
            let far: Vec<f64> = pairs.map(|(a, b)| (a - b).abs() / unit).collect();
            let most = |far: &[f64]| far.iter().copied().fold(0.0, f64::max);
            let (past, future) = (most(&far[..inside]), most(&far[inside..]));
            let (past_max, future_max) = if name == "yhat" {
                (tolerance.past, tolerance.future)
            } else {
                (tolerance.parts, tolerance.parts)
            };
            assert!(past <= past_max, "{name} differs by {past} of the scale in the past");
            assert!(future <= future_max, "{name} differs by {future} of the scale in the future");
        }
    }

    fn scales(&self, column: &str) -> bool {
        let multiplicative = self.json["settings"]["seasonality_mode"] == "multiplicative";
        column == "multiplicative_terms"
            || (multiplicative && ["daily", "weekly", "yearly"].contains(&column))
    }

    /// In the history, a band by Prophet's 1,000 draws is as wide as ours, but for those draws' chance.
    fn check_bands(&self, fit: &ProphetFit) {
        let all = moments(&self.json["forecast_t"]);
        let inside = all.iter().take_while(|moment| **moment <= fit.last()).count();
        let covariates = self.covariates(inside);
        let sigma = number(&self.json["sigma_obs"]) * fit.scale() / fit.sigma();
        let forecast = &self.json["forecast"];
        let mean = |lower: &[f64], upper: &[f64]| -> f64 {
            lower.iter().zip(upper).take(inside).map(|(low, high)| high - low).sum()
        };
        let theirs = mean(&numbers(&forecast["yhat_lower"]), &numbers(&forecast["yhat_upper"]));
        for method in [Intervals::Exact, Intervals::Sampled { draws: 1000, seed: 1 }] {
            let uncertainty = Uncertainty { interval_width: 0.8, method };
            let parts = fit.components(&all[..inside], &covariates, &uncertainty).expect("bands");
            let yhat = parts.column("yhat").expect("the forecast");
            let ratio = mean(&yhat.lower, &yhat.upper) * sigma / theirs;
            assert!((0.97..1.03).contains(&ratio), "{method:?}: {ratio} as wide as Prophet's");
        }
    }

    fn check_fit(&self, fit: &ProphetFit, residual_max: f64) {
        let covariates = self.covariates(self.times.len());
        let history = History { times: &self.times, values: &self.values, covariates: &covariates };
        let measured = optimality_of(fit, &history).expect("the history that was fitted");
        let size = self.objective().abs();
        assert!((measured.objective - fit.objective()).abs() <= 1e-8 * size, "{measured:?}");
        let excess = fit.objective() - self.objective();
        assert!(excess <= 1e-6 * size, "{excess} nats above Prophet's");
        assert!(measured.residual <= residual_max, "{measured:?}");
    }
}

/// Fits a case and holds it against Prophet; the tolerances are how far Stan's forecast was from the optimum's: within
/// the history, after it, and of trend and seasons.
fn check(name: &str, tolerances: [f64; 3]) {
    check_to(name, tolerances, 1e-8);
}

fn check_to(name: &str, [past, future, parts]: [f64; 3], residual_max: f64) {
    let tolerance = Tolerance { past, future, parts };
    let golden = golden(name);
    let covariates = golden.covariates(golden.times.len());
    let history = History { times: &golden.times, values: &golden.values, covariates: &covariates };
    let fit = fit_history(&history, &golden.settings).expect("a golden case can be fitted");
    golden.check_decisions(&fit);
    golden.check_fit(&fit, residual_max);
    golden.check_forecast(&fit, tolerance);
    golden.check_bands(&fit);
    if let Some(shared) = on_grid(&golden) {
        golden.check_fit(&shared, residual_max);
        assert!((shared.objective() - fit.objective()).abs() <= 1e-9 * fit.objective().abs());
    }
}

/// The same by a plan, where all moments lie on one grid.
fn on_grid(golden: &Golden) -> Option<ProphetFit> {
    let times = &golden.times;
    let step = times[1].as_millis() - times[0].as_millis();
    let regular = times.windows(2).all(|pair| pair[1].as_millis() - pair[0].as_millis() == step);
    if !regular || !golden.settings.shares_a_grid() {
        return None;
    }
    let grid = Grid::new(times[0], step, times.len()).expect("a positive step");
    let plan = GridPlan::new(grid, &golden.settings);
    Some(plan.fit(&golden.values).expect("a golden case can be fitted"))
}

#[test]
fn monthly_air_passengers_additive() {
    check("air_additive", [0.005, 0.005, 0.005]);
}

#[test]
fn monthly_air_passengers_multiplicative() {
    check("air_multiplicative", [0.005, 0.012, 0.012]);
}

#[test]
fn a_month_of_hours() {
    check("hourly_month", [0.0005, 0.0005, 0.0005]);
}

#[test]
fn monthly_retail_sales() {
    check("retail_default", [0.01, 0.015, 0.015]);
}

#[test]
fn a_week_of_minutes_additive() {
    check("minute_week_additive", [0.0005, 0.005, 0.005]);
}

/// One week, a season of the week and bends that can stand in for it: a flat valley, where digits come slowly.
#[test]
fn a_week_of_minutes_multiplicative() {
    check_to("minute_week_multiplicative", [0.002, 0.005, 0.005], 1e-6);
}

#[test]
fn eight_years_of_days_with_two_seasons() {
    check("peyton_default", [0.003, 0.0003, 0.003]);
}

#[test]
fn a_trend_that_bends_easily() {
    check("peyton_cps0.5", [0.003, 0.002, 0.003]);
}

#[test]
fn a_season_of_months() {
    check("peyton_custom_monthly", [0.003, 0.0005, 0.003]);
}

#[test]
fn events_with_windows() {
    check("peyton_holidays", [0.004, 0.001, 0.004]);
}

#[test]
fn from_the_smallest_value_to_the_largest() {
    check("peyton_minmax", [0.007, 0.001, 0.007]);
}

#[test]
fn a_trend_that_never_bends() {
    check("peyton_ncp0", [5e-5, 5e-5, 5e-5]);
}

/// No bend, no corner: Stan comes as close as its tolerance on the objective lets it.
#[test]
fn a_flat_trend() {
    check("peyton_flat", [1e-5, 1e-5, 1e-5]);
}

#[test]
fn outliers_are_fitted_like_any_other_row() {
    check("R_outliers1", [0.015, 0.006, 0.02]);
}

#[test]
fn growth_towards_a_capacity() {
    check("R_logistic", [0.001, 0.001, 0.001]);
}

#[test]
fn growth_between_a_floor_and_a_capacity() {
    check("R_logistic_floor", [0.003, 0.003, 0.003]);
}

/// Saturdays and Sundays were never seen: whatever is said of them is the prior's word, and Stan stops before it.
#[test]
fn days_without_weekends() {
    check("tests_daily", [0.02, 1.0, 0.6]);
}

/// The noise is a 200-millionth of the values: gradients of the bends' size drown in the values' own last digit, so that
/// the conditions cannot be told; the objective can.
#[test]
fn a_small_signal_on_a_large_offset() {
    check_to("tests_large", [1e-6, 1e-4, 1e-4], f64::INFINITY);
}

#[test]
fn three_days_by_five_minutes() {
    check("tests_subdaily", [0.1, 0.07, 0.15]);
}

#[test]
fn two_months_by_five_minutes() {
    check("yosemite_5min", [0.03, 0.02, 0.03]);
}
