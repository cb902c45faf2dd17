//! Forecasts on stdout.
//!
//! CSV is rendered a few series at a time: what a million rows need is never held whole.

use anyhow::Result;
use tidewright_engine::{SeriesForecast, in_order};
use tidewright_models::prophet::ComponentColumn;
use tidewright_render::{
    ForecastColumn, ForecastCsv, ForecastV1, ForecastView, UniqueId, forecast_table, to_json,
    to_yaml,
};

use crate::args::ForecastOutput;
use crate::command::{print, width};

/// Which of Prophet's columns are shown where not all are wanted.
const YHAT: &str = "yhat";

/// Prints the forecasts, with all of Prophet's columns or only its `yhat`, where it has any.
pub(super) fn show(output: ForecastOutput, made: &[SeriesForecast], all: bool) -> Result<()> {
    let views: Vec<ForecastView<'_>> = made.iter().map(|made| view(made, all)).collect();
    let named = made.iter().any(|made| made.forecast.key().label("unique_id").is_some());
    let unique_id = if named { UniqueId::Shown } else { UniqueId::Absent };
    let wire = || -> Vec<ForecastV1> {
        views.iter().map(|view| ForecastV1::new(view, unique_id)).collect()
    };
    match output {
        ForecastOutput::Table => print(&forecast_table(&views, unique_id, width())),
        ForecastOutput::Json => print(&to_json(&wire())),
        ForecastOutput::Yaml => print(&to_yaml(&wire())),
        ForecastOutput::Csv => {
            let csv = ForecastCsv::of(&views, unique_id);
            print(&csv.header())?;
            in_order(&views, |view| csv.rows(view), |rows| print(&rows))
        }
    }
}

fn view(made: &SeriesForecast, all: bool) -> ForecastView<'_> {
    let columns = made.components.iter().flat_map(|components| &components.columns);
    let (yhat, others): (Vec<_>, Vec<_>) = columns.partition(|column| column.name == YHAT);
    let shown = yhat.into_iter().chain(others.into_iter().filter(|_| all));
    ForecastView { forecast: &made.forecast, columns: shown.flat_map(three).collect() }
}

/// A component's point and the ends of its band, in Prophet's names.
fn three(column: &ComponentColumn) -> [ForecastColumn<'_>; 3] {
    let ends = [("", &column.point), ("_lower", &column.lower), ("_upper", &column.upper)];
    ends.map(|(end, values)| ForecastColumn { name: format!("{}{end}", column.name), values })
}
