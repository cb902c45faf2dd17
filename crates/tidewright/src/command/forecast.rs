//! `tidewright forecast`: the series of a CSV file, some steps ahead.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Result;
use tidewright_core::{Panel, SeasonalityMode};
use tidewright_engine::{ForecastModel, ForecastOrder, ForecastResult, forecast as forecast_panel};
use tidewright_render::{ForecastV1, UniqueId, forecast_csv, forecast_table, to_json, to_yaml};
use tidewright_source::csv_file::read_series;

use super::{print, tell, width};
use crate::args::{ForecastArguments, ForecastOutput, Model, Seasonality};
use crate::exit::Mistake;
use crate::progress::Bars;

/// Forecasts each series of the file.
pub(crate) async fn forecast(arguments: ForecastArguments, stop: Arc<AtomicBool>) -> Result<()> {
    let panel = read(&arguments.input)?;
    let order = order(&arguments);
    let progress = Bars::new(stop);
    let work = || anyhow::Ok(forecast_panel(&panel, &order, &progress)?);
    let result = tokio::task::block_in_place(work)?;
    drop(progress);
    if arguments.timings {
        tell(&result.timings.to_json());
    }
    show(arguments.output, &result)
}

fn read(path: &Path) -> Result<Panel> {
    let name = path.display().to_string();
    let opened: Box<dyn Read> = if name == "-" {
        Box::new(std::io::stdin().lock())
    } else {
        let hint = "name a CSV file with the columns ds,y, or `-` for stdin";
        Box::new(
            File::open(path)
                .map_err(|error| Mistake::new(format!("cannot read `{name}`: {error}"), hint))?,
        )
    };
    Ok(read_series(opened, &name)?)
}

fn order(arguments: &ForecastArguments) -> ForecastOrder {
    ForecastOrder {
        horizon: arguments.horizon as usize,
        season: arguments.season.map(|steps| steps as usize),
        model: match arguments.model {
            Model::Auto => ForecastModel::Auto,
            Model::Prophet => ForecastModel::Prophet,
            Model::SeasonalNaive => ForecastModel::SeasonalNaive,
        },
        seasonality: match arguments.seasonality_mode {
            Seasonality::Additive => SeasonalityMode::Additive,
            Seasonality::Multiplicative => SeasonalityMode::Multiplicative,
        },
    }
}

fn show(output: ForecastOutput, result: &ForecastResult) -> Result<()> {
    let forecasts = &result.forecasts;
    let named = forecasts.iter().any(|forecast| forecast.key().label("unique_id").is_some());
    let unique_id = if named { UniqueId::Shown } else { UniqueId::Absent };
    let wire = || -> Vec<ForecastV1> {
        forecasts.iter().map(|forecast| ForecastV1::new(forecast, unique_id)).collect()
    };
    match output {
        ForecastOutput::Table => print(&forecast_table(forecasts, unique_id, width())),
        ForecastOutput::Csv => print(&forecast_csv(forecasts, unique_id)),
        ForecastOutput::Json => print(&to_json(&wire())),
        ForecastOutput::Yaml => print(&to_yaml(&wire())),
    }
}
