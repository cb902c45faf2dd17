//! Our side of `benches/against/statsforecast`: forecasts by step models, and what each cost.
//!
//! `step_forecasts < REQUEST.json`: `{"models": [...], "seasons": [...], "horizon": N, "series": [[...], ...]}`, `null` for a
//! gap. One JSON line comes out: for each model the points, the deviations and the microseconds of this thread's processor
//! time, one entry for each series, or the series' error. Not part of the product.

use std::io::Read;
use std::process::ExitCode;

use cpu_time::ThreadTime;
use serde_json::{Map, Value, json};
use tidewright_models::named::step_model;
use tidewright_models::steps::{Past, StepForecaster};

/// What is asked for.
struct Request {
    models: Vec<String>,
    seasons: Vec<usize>,
    horizon: usize,
    series: Vec<Vec<f64>>,
}

fn main() -> ExitCode {
    match answer() {
        Ok(line) => {
            emit(&line);
            ExitCode::SUCCESS
        }
        Err(message) => {
            complain(&message);
            ExitCode::from(2)
        }
    }
}

#[expect(clippy::print_stdout, reason = "the script beside it reads this line")]
fn emit(line: &Value) {
    println!("{line}");
}

#[expect(clippy::print_stderr, reason = "a person reads this line")]
fn complain(message: &str) {
    eprintln!("error: {message}\nhint: step_forecasts < REQUEST.json");
}

fn answer() -> Result<Value, String> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).map_err(|error| format!("cannot read: {error}"))?;
    let request: Value =
        serde_json::from_str(&text).map_err(|error| format!("no JSON: {error}"))?;
    let request = Request::of(&request).ok_or("the request lacks a part")?;
    let mut answers = Map::new();
    for name in &request.models {
        let model = step_model(name).ok_or_else(|| format!("no model is called `{name}`"))?;
        let each = request.series.iter().map(|values| request.ask(model.as_ref(), values));
        answers.insert(name.clone(), each.collect());
    }
    Ok(Value::Object(answers))
}

impl Request {
    fn of(request: &Value) -> Option<Self> {
        let list = |value: &Value| -> Option<Vec<f64>> {
            Some(value.as_array()?.iter().map(|v| v.as_f64().unwrap_or(f64::NAN)).collect())
        };
        let names =
            request["models"].as_array()?.iter().map(|name| Some(name.as_str()?.to_owned()));
        Some(Self {
            models: names.collect::<Option<_>>()?,
            seasons: list(&request["seasons"])?.iter().map(|season| *season as usize).collect(),
            horizon: request["horizon"].as_u64()? as usize,
            series: request["series"].as_array()?.iter().map(list).collect::<Option<_>>()?,
        })
    }

    /// One series' forecast by one model, cold.
    fn ask(&self, model: &dyn StepForecaster, values: &[f64]) -> Value {
        let begun = ThreadTime::now();
        let forecast = Past::new(values, &self.seasons)
            .and_then(|past| model.fit(&past))
            .map(|fitted| (fitted.predict(self.horizon), fitted.describe()));
        let micros = begun.elapsed().as_secs_f64() * 1e6;
        match forecast {
            Ok((forecast, chosen)) => json!({
                "point": forecast.point, "deviation": forecast.deviation, "micros": micros, "chosen": chosen,
            }),
            Err(error) => json!({ "error": error.to_string() }),
        }
    }
}
