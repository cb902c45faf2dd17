//! What can be typed: commands, flags, help with examples. What it means is decided in `command`.

mod backtest;
mod detect;
mod examples;
mod forecast;
mod limits;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use tidewright_core::Timestamp;

pub(crate) use backtest::{BacktestArguments, BacktestOutput};
pub(crate) use detect::{AlarmArguments, DetectArguments, DetectOutput};
use examples::{
    BACKTEST_EXAMPLES, CHECK_EXAMPLES, CONFIG_EXAMPLES, DETECT_EXAMPLES, DOCTOR_EXAMPLES, EXAMPLES,
    FORECAST_EXAMPLES, INIT_EXAMPLES, LIMITS_EXAMPLES, REFERENCE_EXAMPLES, RUN_EXAMPLES,
    SHOW_EXAMPLES,
};
pub(crate) use forecast::{
    AggregateWord, BandArguments, DataRange, ForecastArguments, ForecastOutput, GrowthWord,
    HorizonWord, ModeWord, ModelArguments, ScalingWord, SeasonSwitch, StepArguments,
    UncertaintyWord,
};
pub(crate) use limits::{
    ApplyArguments, ApproveArguments, DiffArguments, DriftArguments, ExplainArguments,
    HistoryArguments, LimitsCommand, PauseArguments, ReplayArguments, ResumeArguments,
    ReviewArguments, RollbackArguments, SaveArguments, TargetPlace, WantedArguments,
};

/// The configuration file that is read where none is named.
pub(crate) const CONFIG_DEFAULT: &str = "config/config.yaml";

/// Learns the tide of a platform's traffic and sets the gates.
///
/// Reads the history of each partner and path from Prometheus, forecasts it, and says what the rate limit should be,
/// why, and what it would have rejected.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Look at a Prometheus and a document, and print the configuration that follows
    #[command(after_help = INIT_EXAMPLES)]
    Init(InitArguments),
    /// Run one cycle in the configured mode: the main job
    #[command(after_help = RUN_EXAMPLES)]
    Run(RunArguments),
    /// Plan limits, let plans happen, take them back, and read what was decided and done
    #[command(subcommand, after_help = LIMITS_EXAMPLES)]
    Limits(LimitsCommand),
    /// Forecast the series of a CSV file
    #[command(after_help = FORECAST_EXAMPLES)]
    Forecast(Box<ForecastArguments>),
    /// Compare models by how well they would have forecast the past of the series of a CSV file
    #[command(after_help = BACKTEST_EXAMPLES)]
    Backtest(BacktestArguments),
    /// Say how odd each row of a CSV file is, or of a stream, by the rows before it
    #[command(after_help = DETECT_EXAMPLES)]
    Detect(Box<DetectArguments>),
    /// Check everything that is configured, and say how to mend it
    #[command(after_help = DOCTOR_EXAMPLES)]
    Doctor(DoctorArguments),
    /// Check, show or document the configuration
    #[command(subcommand, after_help = CONFIG_EXAMPLES)]
    Config(ConfigCommand),
}

/// Where the configuration is, and what is laid over it.
#[derive(Args, Debug)]
pub(crate) struct ConfigArguments {
    /// The configuration file
    #[arg(long, value_name = "FILE", default_value = CONFIG_DEFAULT)]
    pub config: PathBuf,
}

/// Flags of everything that plans limits.
#[derive(Args, Debug)]
pub(crate) struct PlanArguments {
    #[command(flatten)]
    pub config: ConfigArguments,
    /// Decide as of this moment, such as 2026-11-20T08:00:00Z; now, or the fixed moment of synthetic data, by default
    #[arg(long, value_name = "TIME", value_parser = Timestamp::parse)]
    pub at: Option<Timestamp>,
    /// Read metrics from this Prometheus
    #[arg(long, value_name = "URL")]
    pub prometheus_url: Option<String>,
    /// The file that holds the limiter's present document, as `kubectl get configmap -o yaml` prints it
    #[arg(long, value_name = "FILE")]
    pub current: Option<PathBuf>,
    /// Propose limits for traffic that no limit of the document matches, where it lasts
    #[arg(long)]
    pub add_missing: bool,
    /// Show the number of the predecessor's formula v1 or v3 beside each limit; v2 decides
    #[arg(long, value_name = "VERSION")]
    pub formula: Option<String>,
    /// How to print the result
    #[arg(long, value_enum, default_value = "table")]
    pub output: Output,
}

/// Flags of `init`.
#[derive(Args, Debug)]
pub(crate) struct InitArguments {
    /// The Prometheus to look at; its token, if it asks for one, comes in PROMETHEUS_TOKEN
    #[arg(long, value_name = "URL")]
    pub prometheus_url: Option<String>,
    /// The file that holds the limiter's present document; without one, all traffic is planned for
    #[arg(long, value_name = "FILE")]
    pub current: Option<PathBuf>,
    /// Look as of this moment, such as 2026-11-20T08:00:00Z; now by default
    #[arg(long, value_name = "TIME", value_parser = Timestamp::parse)]
    pub at: Option<Timestamp>,
    /// Write the configuration to this file instead of stdout
    #[arg(long, value_name = "FILE")]
    pub output_file: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long, requires = "output_file")]
    pub yes: bool,
}

/// Flags of `run`.
#[derive(Args, Debug)]
pub(crate) struct RunArguments {
    #[command(flatten)]
    pub plan: PlanArguments,
    /// Change nothing in a cluster, whatever the configuration says
    #[arg(long)]
    pub dry_run: bool,
}

/// Flags of `doctor`.
#[derive(Args, Debug)]
pub(crate) struct DoctorArguments {
    #[command(flatten)]
    pub config: ConfigArguments,
    /// Check this Prometheus
    #[arg(long, value_name = "URL")]
    pub prometheus_url: Option<String>,
    /// Check this document
    #[arg(long, value_name = "FILE")]
    pub current: Option<PathBuf>,
    /// Check as of this moment, such as 2026-11-20T08:00:00Z; now by default
    #[arg(long, value_name = "TIME", value_parser = Timestamp::parse)]
    pub at: Option<Timestamp>,
}

/// What can be asked about the configuration.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Tell all faults of the file, each with its line
    #[command(after_help = CHECK_EXAMPLES)]
    Check(ConfigShowArguments),
    /// Show each value and where it came from
    #[command(after_help = SHOW_EXAMPLES)]
    Show(ConfigShowArguments),
    /// Print the reference of all keys, as Markdown
    #[command(after_help = REFERENCE_EXAMPLES)]
    Reference,
}

/// Flags of `config check` and `config show`.
#[derive(Args, Debug)]
pub(crate) struct ConfigShowArguments {
    #[command(flatten)]
    pub config: ConfigArguments,
    /// How to print the result
    #[arg(long, value_enum, default_value = "table")]
    pub output: TextOrJson,
}

/// How to print a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people
    Table,
    /// For machines
    Json,
    /// For both
    Yaml,
}

/// How to print a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TextOrJson {
    /// For people
    Table,
    /// For machines
    Json,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }
}
