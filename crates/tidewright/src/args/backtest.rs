//! What can be typed after `backtest`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::forecast::StepArguments;

/// Flags of `backtest`.
#[derive(Args, Debug)]
pub(crate) struct BacktestArguments {
    /// The CSV file with the history; `-` reads stdin
    #[arg(long, value_name = "FILE")]
    pub input: PathBuf,
    /// How many steps to forecast from each origin
    #[arg(long, value_name = "STEPS", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub horizon: u32,
    /// The models to compare, such as `auto,ets` [default: auto,ets,theta,arima,mstl,prophet,snaive]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub models: Vec<String>,
    /// From how many origins each series is forecast
    #[arg(long, value_name = "N", default_value = "3", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub folds: u32,
    /// Steps from one origin to the next [default: the horizon, so that no step is judged twice]
    #[arg(long, value_name = "STEPS", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub step: Option<u32>,
    /// The length of the season in steps, for models and for the units of errors, instead of days, weeks and years
    #[arg(long, value_name = "STEPS", value_parser = clap::value_parser!(u32).range(2..=1_000_000))]
    pub season: Option<u32>,
    /// Backtest only this series, as if the file held no other; repeatable
    #[arg(long, value_name = "ID")]
    pub series: Vec<String>,
    /// Show errors by how many steps lie ahead, too; in CSV instead. JSON and YAML always hold them
    #[arg(long)]
    pub by_horizon: bool,
    /// The seed of models that draw, and of the draws of series behind the spread of figures
    #[arg(long, value_name = "N", default_value = "0")]
    pub seed: u64,
    /// Draw errors by step, and over series: `FILE.svg` or `FILE.html`
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,
    /// How to print the result
    #[arg(long, value_enum, default_value = "table")]
    pub output: BacktestOutput,
    #[command(flatten)]
    pub steps: StepArguments,
}

/// How to print a backtest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BacktestOutput {
    /// For people: a row for each model
    Table,
    /// For machines: all of it, by step and by series
    Json,
    /// The same for both
    Yaml,
    /// For spreadsheets: a row for each model
    Csv,
}
