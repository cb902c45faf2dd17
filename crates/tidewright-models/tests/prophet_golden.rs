//! Held against Prophet 1.5.0: cases made by the original, with its data, changepoints, log posteriors and forecasts.
//!
//! Stan's optimisers stop short of the optimum, so the measure is the objective (never above the better of Prophet's
//! two) and the conditions of the optimum; values only agree as far as Stan had converged.

use std::io::Read;

use serde_json::Value;
use tidewright_core::{Grid, SeasonalityMode, Timestamp};
use tidewright_models::prophet::{
    GridPlan, ProphetFit, Seasonality, Settings, fit_rows, optimality,
};

struct Golden {
    times: Vec<Timestamp>,
    values: Vec<f64>,
    step_secs: Option<i64>,
    settings: Settings,
    /// The better of Prophet's two optimisers, as an objective to be minimised.
    objective: f64,
    scale: f64,
    forecast: Vec<(Timestamp, f64)>,
}

fn golden(name: &str) -> Golden {
    let path = format!("{}/tests/data/{name}.json.gz", env!("CARGO_MANIFEST_DIR"));
    let mut text = String::new();
    let file = std::fs::File::open(path).expect("a golden case is whole");
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).expect("a golden case is whole");
    let json: Value = serde_json::from_str(&text).expect("a golden case is whole");
    let moments = |value: &Value| -> Vec<Timestamp> {
        let secs = value.as_array().expect("a golden case is whole").iter();
        secs.map(|t| Timestamp::from_secs(t.as_i64().expect("a golden case is whole"))).collect()
    };
    let values = numbers(&json["y"]);
    let (start, step) = (
        json["start"].as_i64().expect("a golden case is whole"),
        json["step"].as_i64().expect("a golden case is whole"),
    );
    let irregular = moments(&json["times"]);
    let regular = irregular.is_empty();
    let on_grid = (0..values.len() as i64).map(|i| Timestamp::from_secs(start + i * step));
    let posteriors = [&json["log_posterior"], &json["log_posterior_newton"]];
    let forecast = &json["forecast"];
    Golden {
        times: if regular { on_grid.collect() } else { irregular },
        values,
        step_secs: regular.then_some(step),
        settings: settings(&json),
        objective: posteriors
            .iter()
            .map(|p| -p.as_f64().expect("a golden case is whole"))
            .fold(f64::INFINITY, f64::min),
        scale: json["y_scale"].as_f64().expect("a golden case is whole"),
        forecast: moments(&forecast["t"]).into_iter().zip(numbers(&forecast["yhat"])).collect(),
    }
}

fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .expect("a golden case is whole")
        .iter()
        .map(|y| y.as_f64().unwrap_or(f64::NAN))
        .collect()
}

fn settings(json: &Value) -> Settings {
    let mut settings = Settings::new(SeasonalityMode::Additive);
    for season in json["seasonalities"].as_array().expect("a golden case is whole") {
        let mode = match season[3].as_str() {
            Some("multiplicative") => SeasonalityMode::Multiplicative,
            _ => SeasonalityMode::Additive,
        };
        settings.seasonalities.push(Seasonality {
            period: season[0].as_f64().expect("a golden case is whole"),
            fourier_order: season[1].as_u64().expect("a golden case is whole") as usize,
            prior_scale: season[2].as_f64().expect("a golden case is whole"),
            mode,
            condition: None,
            name: format!("season {}", settings.seasonalities.len()),
        });
    }
    settings
}

fn check_fit(golden: &Golden, fit: &ProphetFit, tolerance: f64, path: &str) {
    let measured = optimality(fit, &golden.times, &golden.values);
    let far = golden.forecast.iter().map(|(moment, yhat)| (fit.value(*moment) - yhat).abs());
    let far = far.fold(0.0, f64::max) / golden.scale;
    assert!((measured.objective - fit.objective()).abs() <= 1e-8 * fit.objective().abs());
    assert!(fit.objective() <= golden.objective + 1e-6 * golden.objective.abs(), "{path}");
    assert!(measured.residual <= 1e-6, "{path}: {measured:?}");
    assert!(far <= tolerance, "{path}: values differ by {far} of the scale");
}

fn check(name: &str, tolerance: f64) {
    let golden = golden(name);
    let generic =
        fit_rows(&golden.times, &golden.values, &golden.settings).expect("a golden case is whole");
    check_fit(&golden, &generic, tolerance, "rows");
    let Some(step) = golden.step_secs else { return };
    let grid = Grid::new(golden.times[0], step * 1000, golden.values.len())
        .expect("a golden case is whole");
    let shared =
        GridPlan::new(grid, &golden.settings).fit(&golden.values).expect("a golden case is whole");
    check_fit(&golden, &shared, tolerance, "grid");
    assert!((shared.objective() - generic.objective()).abs() <= 1e-9 * generic.objective().abs());
}

#[test]
fn monthly_air_passengers_additive() {
    check("air_additive", 0.02);
}

#[test]
fn monthly_air_passengers_multiplicative() {
    check("air_multiplicative", 0.02);
}

#[test]
fn a_month_of_hours() {
    check("hourly_month", 0.02);
}

#[test]
fn monthly_retail_sales() {
    check("retail_default", 0.02);
}

#[test]
fn a_week_of_minutes_additive() {
    check("minute_week_additive", 0.02);
}

#[test]
fn a_week_of_minutes_multiplicative() {
    check("minute_week_multiplicative", 0.02);
}

#[test]
fn eight_years_of_days_with_two_seasons() {
    check("peyton_default", 0.02);
}
