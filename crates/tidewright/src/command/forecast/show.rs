//! Forecasts on stdout.
//!
//! CSV is rendered a few series at a time: what a million rows need is never held whole.

use anyhow::Result;
use tidewright_engine::{FailedSeries, SeriesForecast, in_order};
use tidewright_models::prophet::ComponentColumn;
use tidewright_render::{
    ForecastColumn, ForecastCsv, ForecastV1, ForecastView, UniqueId, explanation_text,
    forecast_table, to_json, to_yaml,
};

use crate::args::ForecastOutput;
use crate::command::{print, tell, width};
use crate::exit::chain_text;

/// Which of Prophet's columns are shown where not all are wanted.
const YHAT: &str = "yhat";

/// What is shown beside the forecasts themselves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beside {
    /// All of Prophet's columns, instead of its `yhat`, where it has any.
    pub components: bool,
    /// Which models stand behind each forecast.
    pub explanations: bool,
}

/// Prints the forecasts; a series without one is named where the form has a place for it.
pub(super) fn show(
    output: ForecastOutput,
    made: &[Result<SeriesForecast, FailedSeries>],
    beside: Beside,
) -> Result<()> {
    let made: Vec<_> = made.iter().map(|made| made.as_ref().map(|it| view(it, beside))).collect();
    let views: Vec<&ForecastView<'_>> = made.iter().flatten().collect();
    let named = views.iter().any(|view| view.forecast.key().label("unique_id").is_some());
    let unique_id = if named { UniqueId::Shown } else { UniqueId::Absent };
    let wire = || -> Vec<ForecastV1> {
        made.iter().map(|made| wire(made.as_ref().map_err(|it| *it), unique_id)).collect()
    };
    match output {
        ForecastOutput::Table => print(&forecast_table(views, unique_id, width())),
        ForecastOutput::Json => print(&to_json(&wire())),
        ForecastOutput::Yaml => print(&to_yaml(&wire())),
        ForecastOutput::Csv => {
            let csv = ForecastCsv::of(views.iter().copied(), unique_id);
            print(&csv.header())?;
            in_order(&views, |view| csv.rows(view), |rows| print(&rows))?;
            views.iter().for_each(|view| tell_explanation(view));
            Ok(())
        }
    }
}

fn wire(made: Result<&ForecastView<'_>, &FailedSeries>, unique_id: UniqueId) -> ForecastV1 {
    match made {
        Ok(view) => ForecastV1::new(view, unique_id),
        Err(failed) => ForecastV1::failed(&failed.key, chain_text(&failed.error), unique_id),
    }
}

/// CSV has no place for it, so it goes to stderr.
fn tell_explanation(view: &ForecastView<'_>) {
    let Some(explanation) = view.explanation else { return };
    let name = view.forecast.key().label("unique_id");
    name.into_iter().for_each(tell);
    tell(explanation_text(explanation, width()).trim_end());
}

fn view(made: &SeriesForecast, beside: Beside) -> ForecastView<'_> {
    let columns = made.components.iter().flat_map(|components| &components.columns);
    let (yhat, others): (Vec<_>, Vec<_>) = columns.partition(|column| column.name == YHAT);
    let shown = yhat.into_iter().chain(others.into_iter().filter(|_| beside.components));
    ForecastView {
        forecast: &made.forecast,
        columns: shown.flat_map(three).collect(),
        explanation: beside.explanations.then_some(&made.explanation),
    }
}

/// A component's point and the ends of its band, in Prophet's names.
fn three(column: &ComponentColumn) -> [ForecastColumn<'_>; 3] {
    let ends = [("", &column.point), ("_lower", &column.lower), ("_upper", &column.upper)];
    ends.map(|(end, values)| ForecastColumn { name: format!("{}{end}", column.name), values })
}
