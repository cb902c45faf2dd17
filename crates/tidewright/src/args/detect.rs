//! What can be typed after `detect`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use tidewright_core::{Timestamp, Zone};
use tidewright_models::detect::names;

use super::forecast::{number, positive, zone};

/// Flags of `detect`.
#[derive(Args, Debug)]
pub(crate) struct DetectArguments {
    /// The CSV file with the series; `-` reads stdin, as `--stream` does without this
    #[arg(long, value_name = "FILE", required_unless_present = "stream")]
    pub input: Option<PathBuf>,
    #[arg(long, value_name = "NAME", default_value = "auto", help = detector_help())]
    pub detector: String,
    /// How to print the result [default: table; csv with `--stream`]
    #[arg(long, value_enum)]
    pub output: Option<DetectOutput>,
    /// Answer each line at once, as it comes; a bad one is told on stderr, and the stream goes on
    #[arg(long, conflicts_with_all = ["plot", "explain"])]
    pub stream: bool,
    /// Go on from this file if it exists, and save to it at the end: the answers are those of one long run
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Say why the rows of this moment were judged as they were, such as 2026-11-20T08:00:00Z; beside CSV on stderr
    #[arg(long, value_name = "TIME", value_parser = Timestamp::parse)]
    pub explain: Option<Timestamp>,
    /// Draw values, what was expected and the alarms of the first twelve series: `FILE.html` or `FILE.svg`
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,
    #[command(flatten)]
    pub alarms: AlarmArguments,
}

/// Flags of alarms.
#[derive(Args, Debug)]
#[command(next_help_heading = "Alarms")]
pub(crate) struct AlarmArguments {
    /// The surprise that alarms, as a natural logarithm: higher is quieter [default: 3.5]
    #[arg(long, value_name = "N", value_parser = positive)]
    pub level: Option<f64>,
    /// Hours after an event in which nothing alarms [default: 8]
    #[arg(long, value_name = "HOURS", value_parser = not_negative)]
    pub quiet_hours: Option<f64>,
    /// Alarms a week and series: so many at once, and as many again in each week; others are held below 1
    #[arg(long, value_name = "N", value_parser = positive)]
    pub alert_budget: Option<f64>,
    /// What alarms of these series count for when their severity is told: 2 for what must not fail [default: 1]
    #[arg(long, value_name = "N", value_parser = positive)]
    pub weight: Option<f64>,
    /// The least value there can be: one below it alarms, and nothing is learned from it
    #[arg(long, value_name = "N", value_parser = number, allow_negative_numbers = true)]
    pub min: Option<f64>,
    /// The largest value there can be
    #[arg(long, value_name = "N", value_parser = number, allow_negative_numbers = true)]
    pub max: Option<f64>,
    /// Where days begin and weekends are, such as `Europe/Paris` [default: UTC]
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    pub time_zone: Option<Zone>,
}

/// How to print what was detected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DetectOutput {
    /// For people: for each series its rows and its alarms
    Table,
    /// For machines: an object for each row; with `--stream` one on each line
    Json,
    /// The same for both
    Yaml,
    /// A line for each row
    Csv,
}

fn detector_help() -> String {
    let names: Vec<&str> = names().collect();
    format!("The detector: one of {}; docs/detect.md tells more", names.join(", "))
}

fn not_negative(text: &str) -> Result<f64, String> {
    let value = number(text)?;
    if value < 0.0 { Err("must not be negative".to_owned()) } else { Ok(value) }
}
