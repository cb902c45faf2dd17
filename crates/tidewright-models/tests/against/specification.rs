//! A specification in plain JSON, as `benches/against/prophet` writes it, and the settings and rows that it means.
//!
//! The real Prophet reads the same JSON (`specification.py`), so both sides fit the same rows with the same settings.
//! A key that is missing is a broken file: these files are made by a script, and whoever reads them panics.

use serde_json::Value;
use tidewright_core::{SeasonalityMode, Timestamp};
use tidewright_models::prophet::{
    Covariates, Growth, Holiday, Regressor, Scaling, Seasonality, Settings, Standardize,
};

const WHOLE: &str = "a specification is whole";

/// The settings of a case.
pub(crate) fn settings(case: &Value) -> Settings {
    let mut settings = Settings::new(SeasonalityMode::Additive);
    settings.growth = match text(&case["growth"]) {
        "flat" => Growth::Flat,
        "logistic" => Growth::Logistic,
        _ => Growth::Linear,
    };
    settings.scaling =
        if text(&case["scaling"]) == "minmax" { Scaling::MinMax } else { Scaling::AbsMax };
    settings.changepoints = case["changepoints"].as_array().map(|given| moments(given));
    settings.n_changepoints = whole(&case["n_changepoints"]) as usize;
    settings.changepoint_range = number(&case["changepoint_range"]);
    settings.changepoint_prior_scale = number(&case["changepoint_prior_scale"]);
    settings.holidays_mode = case["holidays_mode"].as_str().map(mode_named);
    settings.seasonalities = list(&case["seasonalities"]).map(seasonality).collect();
    settings.holidays = list(&case["holidays"]).map(holiday).collect();
    settings.regressors = list(&case["regressors"]).map(regressor).collect();
    settings
}

/// The moment of each of `rows` rows.
pub(crate) fn times(case: &Value, rows: usize) -> Vec<Timestamp> {
    let (start, step) = (whole(&case["start"]), whole(&case["step"]));
    if case["times"].is_null() {
        return (0..rows as i64).map(|row| Timestamp::from_secs(start + row * step)).collect();
    }
    let mut moment = 0;
    let steps = list(&case["times"]).map(whole);
    let sums = steps.map(|step| {
        moment += step;
        Timestamp::from_secs(moment)
    });
    sums.collect()
}

/// The columns beside moments and values.
pub(crate) fn covariates(case: &Value) -> Covariates {
    let columns = case["covariates"].as_object().into_iter().flatten();
    columns.fold(Covariates::none(), |all, (name, column)| all.with(name, numbers(column)))
}

/// An array of numbers; `null` is NaN.
pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    list(value).map(|number| number.as_f64().unwrap_or(f64::NAN)).collect()
}

/// The elements of an array; none where there is no array.
pub(crate) fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// A string.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().expect(WHOLE)
}

/// A number.
pub(crate) fn number(value: &Value) -> f64 {
    value.as_f64().expect(WHOLE)
}

/// Seconds, as moments.
pub(crate) fn moments(seconds: &[Value]) -> Vec<Timestamp> {
    seconds.iter().map(|second| Timestamp::from_secs(whole(second))).collect()
}

fn whole(value: &Value) -> i64 {
    value.as_i64().expect(WHOLE)
}

fn mode(value: &Value) -> SeasonalityMode {
    mode_named(text(value))
}

fn mode_named(name: &str) -> SeasonalityMode {
    match name {
        "multiplicative" => SeasonalityMode::Multiplicative,
        _ => SeasonalityMode::Additive,
    }
}

fn seasonality(season: &Value) -> Seasonality {
    Seasonality {
        name: text(&season["name"]).to_owned(),
        period: number(&season["period"]),
        fourier_order: whole(&season["fourier_order"]) as usize,
        prior_scale: number(&season["prior_scale"]),
        mode: mode(&season["mode"]),
        condition: season["condition"].as_str().map(str::to_owned),
    }
}

fn holiday(day: &Value) -> Holiday {
    Holiday {
        holiday: text(&day["holiday"]).to_owned(),
        ds: Timestamp::from_secs(whole(&day["ds"])),
        lower_window: whole(&day["lower_window"]) as i32,
        upper_window: whole(&day["upper_window"]) as i32,
        prior_scale: day["prior_scale"].as_f64(),
    }
}

fn regressor(column: &Value) -> Regressor {
    Regressor {
        name: text(&column["name"]).to_owned(),
        prior_scale: number(&column["prior_scale"]),
        standardize: match column["standardize"].as_bool() {
            Some(true) => Standardize::Yes,
            Some(false) => Standardize::No,
            None => Standardize::Auto,
        },
        mode: mode(&column["mode"]),
    }
}
