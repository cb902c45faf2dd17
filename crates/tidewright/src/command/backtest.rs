//! `tidewright backtest`: models forecast the past of the series of a CSV file, and are judged by what came.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Result;
use tidewright_core::{Backtest, Panel, Progress, Series};
use tidewright_engine::{
    BacktestOrder, Contender, Histories, Regularised, backtest as backtest_panel, regularise,
};
use tidewright_models::backtest::Origins;
use tidewright_models::named::{forecaster, models};
use tidewright_models::regular::Regular;
use tidewright_render::{
    BacktestV1, backtest_csv, backtest_html, backtest_steps_csv, backtest_steps_table,
    backtest_svg, backtest_table, to_json, to_yaml,
};
use tidewright_source::csv_file::read_series;

use super::forecast::{Canvas, equal_steps, tell_each};
use super::{open_or_stdin, print, width};
use crate::args::{BacktestArguments, BacktestOutput};
use crate::config::nearest;
use crate::exit::Mistake;
use crate::progress::Bars;

/// Where none are named: one of each kind. All that there are would take long, and say little more.
const MODELS_DEFAULT: [&str; 7] = ["auto", "ets", "theta", "arima", "mstl", "prophet", "snaive"];

/// Names in a hint before it becomes a list.
const NAMES_MAX: usize = 5;

/// Backtests each series of the file.
pub(crate) async fn backtest(arguments: BacktestArguments, stop: Arc<AtomicBool>) -> Result<()> {
    tokio::task::block_in_place(|| {
        check_output(&arguments)?;
        let canvas = arguments.plot.as_deref().map(Canvas::of).transpose()?;
        let order = order(&arguments)?;
        let regular = equal_steps(&arguments.steps)?;
        let progress = Bars::new(stop);
        let mut panel = read(&arguments.input, &progress)?;
        keep_wanted(&mut panel, &arguments.series)?;
        if let Some(regular) = regular {
            panel = at_steps(panel, &regular, &progress)?;
        }
        let found = backtest_panel(&panel, &order, &progress)?;
        drop(progress);
        check_judged(&found)?;
        if let Some(canvas) = canvas {
            canvas.write(|| backtest_svg(&found, &[]), || backtest_html(&found, &[]))?;
        }
        show(&arguments, &found)
    })
}

fn check_output(arguments: &BacktestArguments) -> Result<()> {
    let always = matches!(arguments.output, BacktestOutput::Json | BacktestOutput::Yaml);
    if arguments.by_horizon && always {
        let hint = "leave it out: JSON and YAML always hold the errors of each step";
        return Err(Mistake::new("`--by-horizon` goes with tables and CSV alone", hint).into());
    }
    Ok(())
}

fn order(arguments: &BacktestArguments) -> Result<BacktestOrder> {
    let season = arguments.season.map(|steps| steps as usize);
    let some = |number: u32| NonZeroUsize::new(number as usize).unwrap_or(NonZeroUsize::MIN);
    Ok(BacktestOrder {
        origins: Origins {
            horizon: some(arguments.horizon),
            folds: some(arguments.folds),
            step: arguments.step.map(some),
        },
        season,
        seed: arguments.seed,
        models: contenders(&arguments.models, season)?,
    })
}

/// The models of these names, or one of each kind.
fn contenders(names: &[String], season: Option<usize>) -> Result<Vec<Contender>> {
    let usual = || MODELS_DEFAULT.map(str::to_owned).to_vec();
    let names = if names.is_empty() { usual() } else { names.to_vec() };
    let mut found: Vec<Contender> = Vec::new();
    for name in names {
        if found.iter().any(|it| it.name == name) {
            let message = format!("`--models` names `{name}` twice");
            return Err(Mistake::new(message, "name each model once").into());
        }
        let model = forecaster(&name, season).ok_or_else(|| unknown(&name))?;
        found.push(Contender { name, model });
    }
    Ok(found)
}

fn unknown(name: &str) -> Mistake {
    let meant = nearest(name, models()).map(|known| format!("did you mean `{known}`? "));
    let known = models().collect::<Vec<_>>().join(", ");
    let hint = format!("{}the models are {known}", meant.unwrap_or_default());
    Mistake::new(format!("`--models` must name models, got `{name}`"), hint)
}

fn read(path: &Path, progress: &dyn Progress) -> Result<Panel> {
    let name = path.display().to_string();
    Ok(read_series(open_or_stdin(path)?, &name, &[], progress)?.panel)
}

/// The series at equal steps; those that have none are named, and an error where no other is left.
fn at_steps(panel: Panel, regular: &Regular, progress: &dyn Progress) -> Result<Panel> {
    let histories = Histories { panel, covariates: Vec::new() };
    let Regularised { histories, mut failed } = regularise(&histories, regular, progress)?;
    if histories.panel.series.is_empty() && !failed.is_empty() {
        return Err(failed.swap_remove(0).error.into());
    }
    tell_each(&failed.iter().collect::<Vec<_>>());
    Ok(histories.panel)
}

/// Leaves the series of these names, or all where none is named.
fn keep_wanted(panel: &mut Panel, names: &[String]) -> Result<()> {
    let id = |series: &Series| series.key().label("unique_id").unwrap_or_default().to_owned();
    let known: Vec<String> = panel.series.iter().map(id).collect();
    if let Some(name) = names.iter().find(|name| !known.contains(name)) {
        let more = if known.len() > NAMES_MAX { ", …" } else { "" };
        let hint =
            format!("the series are {}{more}", known[..known.len().min(NAMES_MAX)].join(", "));
        let message = format!("`--series` must name one of the series, got `{name}`");
        return Err(Mistake::new(message, hint).into());
    }
    if !names.is_empty() {
        panel.series.retain(|series| names.contains(&id(series)));
    }
    Ok(())
}

/// Refuses a backtest without a single judged forecast, by the first reason.
fn check_judged(found: &Backtest) -> Result<()> {
    if found.forecasts_max() > 0 {
        return Ok(());
    }
    let failed = found.models.iter().find_map(|it| Some((&it.model, it.failures.first()?)));
    let unjudged = found.shortfalls.first().map(|it| format!("`{}`: {}", it.series, it.why));
    let why = failed.map(|(model, it)| format!("`{model}` on `{}`: {}", it.series, it.why));
    let message = format!("no forecast could be judged: {}", why.or(unjudged).unwrap_or_default());
    let hint = "give the series more rows with a value, ask for fewer steps, or name other models";
    Err(Mistake::new(message, hint).into())
}

fn show(arguments: &BacktestArguments, found: &Backtest) -> Result<()> {
    match (arguments.output, arguments.by_horizon) {
        (BacktestOutput::Json, _) => print(&to_json(&BacktestV1::from(found))),
        (BacktestOutput::Yaml, _) => print(&to_yaml(&BacktestV1::from(found))),
        (BacktestOutput::Csv, false) => print(&backtest_csv(found)),
        (BacktestOutput::Csv, true) => print(&backtest_steps_csv(found)),
        (BacktestOutput::Table, false) => print(&backtest_table(found, width())),
        (BacktestOutput::Table, true) => {
            let steps = backtest_steps_table(found, width());
            print(&format!("{}\n{steps}", backtest_table(found, width())))
        }
    }
}
