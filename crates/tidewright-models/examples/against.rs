//! Our side of `benches/against/prophet`: fits series from a file and prints what each cost.
//!
//! `against SPECIFICATION.json VALUES.f64 FIRST COUNT [AHEAD]`: the specification is JSON (see `specification.py`
//! there) with its number of `rows`; the values are little-endian doubles, series after series. Every series is fitted
//! once, from memory that was not touched since it was read, and its processor time taken on this thread; with `AHEAD` so
//! many rows are forecast too. On a grid with settings that allow it one plan serves all series, otherwise each is summed row
//! by row. One JSON line comes out, with the forecast of the first series. Not part of the product.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::process::ExitCode;

use cpu_time::ThreadTime;
use serde_json::{Value, json};
use tidewright_core::{Grid, Timestamp};
use tidewright_models::FitError;
use tidewright_models::prophet::{
    Band, BandedValues, Covariates, ForecastPlan, GridPlan, History, ProphetFit, Settings,
    fit_history,
};

#[path = "../tests/against/specification.rs"]
mod specification;

/// Prophet's own width.
const INTERVAL_WIDTH: f64 = 0.8;

/// What is asked for on the command line.
struct Request {
    case: Value,
    values: Vec<f64>,
    rows: usize,
    ahead: usize,
}

/// How series are fitted.
enum Way {
    /// What all of them have in common was summed once.
    Shared(Box<GridPlan>),
    /// Row by row.
    Generic(Box<Settings>, Vec<Timestamp>, Covariates),
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match measure(&arguments) {
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
    eprintln!("error: {message}\nhint: against SPECIFICATION.json VALUES.f64 FIRST COUNT [AHEAD]");
}

fn measure(arguments: &[String]) -> Result<Value, String> {
    let request = read(arguments)?;
    let begun = ThreadTime::now();
    let (way, outlook) = (Way::of(&request)?, outlook(&request)?);
    let plan_us = micros(begun);
    let (mut fit_us, mut predict_us, mut objectives) = (Vec::new(), Vec::new(), Vec::new());
    let (mut forecast, mut shown) = (BandedValues::default(), None);
    for series in request.values.chunks_exact(request.rows) {
        let begun = ThreadTime::now();
        let fit = way.fit(series).map_err(|error| error.to_string())?;
        fit_us.push(micros(begun));
        objectives.push(fit.objective());
        if request.ahead > 0 {
            let begun = ThreadTime::now();
            outlook.forecast_into(&fit, &mut forecast);
            predict_us.push(micros(begun));
            shown.get_or_insert_with(|| forecast.clone());
        }
    }
    Ok(json!({
        "plan_us": plan_us, "fit_us": fit_us, "predict_us": predict_us, "objective": objectives,
        "yhat": shown.as_ref().map(|rows| &rows.point),
        "yhat_lower": shown.as_ref().map(|rows| &rows.lower),
        "yhat_upper": shown.as_ref().map(|rows| &rows.upper),
    }))
}

fn micros(begun: ThreadTime) -> f64 {
    begun.elapsed().as_secs_f64() * 1e6
}

fn read(arguments: &[String]) -> Result<Request, String> {
    let [case, values, first, count, ahead @ ..] = arguments else {
        return Err(format!("there must be four or five arguments, got `{}`", arguments.len()));
    };
    let number = |text: &String| text.parse::<usize>().map_err(|_| format!("`{text}` is no count"));
    let text = std::fs::read(case).map_err(|error| format!("cannot read `{case}`: {error}"))?;
    let case: Value =
        serde_json::from_slice(&text).map_err(|error| format!("cannot parse `{case}`: {error}"))?;
    let rows = specification::number(&case["rows"]) as usize;
    let ahead = ahead.first().map_or(Ok(0), number)?;
    let (from, wanted) = (number(first)? * rows, number(count)? * rows);
    let values = doubles(values, from, wanted)
        .map_err(|error| format!("cannot read `{wanted}` values from `{values}`: {error}"))?;
    Ok(Request { case, values, rows, ahead })
}

/// So many of a file's doubles, from the `from`th on.
fn doubles(path: &str, from: usize, count: usize) -> io::Result<Vec<f64>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(8 * from as u64))?;
    let mut bytes = vec![0; 8 * count];
    file.read_exact(&mut bytes)?;
    let (doubles, _) = bytes.as_chunks::<8>();
    Ok(doubles.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect())
}

impl Way {
    fn of(request: &Request) -> Result<Self, String> {
        let settings = specification::settings(&request.case);
        let times = specification::times(&request.case, request.rows);
        if !request.case["times"].is_null() || !settings.shares_a_grid() {
            let covariates = specification::covariates(&request.case);
            return Ok(Self::Generic(Box::new(settings), times, covariates));
        }
        let step = times[1].as_millis() - times[0].as_millis();
        let grid = Grid::new(times[0], step, times.len()).map_err(|error| error.to_string())?;
        Ok(Self::Shared(Box::new(GridPlan::new(grid, &settings))))
    }

    fn fit(&self, values: &[f64]) -> Result<ProphetFit, FitError> {
        match self {
            Self::Shared(plan) => plan.fit(values),
            Self::Generic(settings, times, covariates) => {
                fit_history(&History { times, values, covariates }, settings)
            }
        }
    }
}

/// The plan of the rows after the last, `step` apart, with bands as wide as Prophet's.
fn outlook(request: &Request) -> Result<ForecastPlan, String> {
    let settings = specification::settings(&request.case);
    let times = specification::times(&request.case, request.rows);
    let step = specification::number(&request.case["step"]) as i64 * 1000;
    let start = times[times.len() - 1].plus_millis(step);
    let grid = Grid::new(start, step, request.ahead).map_err(|error| error.to_string())?;
    let band = Band::new(INTERVAL_WIDTH).map_err(|error| error.to_string())?;
    Ok(GridPlan::new(grid, &settings).ahead(grid, band))
}
