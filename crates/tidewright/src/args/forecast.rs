//! What can be typed after `forecast`. Flags of the model bear Prophet's own names.
//!
//! Single values are checked here; what spans flags, files and lists is read in `command::forecast`.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, ValueEnum};
use tidewright_core::Zone;
use tidewright_engine::ForecastModel;
use tidewright_models::onward::STEPS_MAX;

use crate::config::parse_span;

/// Draws beyond this change no digit that anybody reads.
const DRAWS_MAX: usize = 100_000;

/// Longer steps than a year tell nothing that can be forecast.
const STEP_MAX: Duration = Duration::from_hours(366 * 24);

/// Fourier orders beyond this are not seasons but noise.
const ORDER_MAX: usize = 500;

/// Flags of `forecast`.
#[derive(Args, Debug)]
pub(crate) struct ForecastArguments {
    /// The CSV file with the history; `-` reads stdin
    #[arg(long, value_name = "FILE", required_unless_present = "load_model")]
    pub input: Option<PathBuf>,
    /// How far to forecast: a number of steps, a span such as `7d`, or `short` (7 days of hours), `medium` (30 days of
    /// days) or `long` (90 days of weeks), which take longer steps where the history has shorter ones
    #[arg(long, value_name = "STEPS|SPAN|short|medium|long", required_unless_present = "future")]
    pub horizon: Option<HorizonWord>,
    /// The moments to forecast, with their cap, floor, regressors and conditions: a CSV file with `ds`, and `unique_id`
    /// where series differ
    #[arg(long, value_name = "FILE")]
    pub future: Option<PathBuf>,
    #[arg(long, value_name = "NAME", default_value = "auto", help = model_help())]
    pub model: String,
    /// The length of the season in steps, instead of days, weeks and years
    #[arg(long, value_name = "STEPS", value_parser = clap::value_parser!(u32).range(2..=1_000_000))]
    pub season: Option<u32>,
    /// The least and the largest value there can be, such as `0..` or `0..100`: no forecast leaves it
    #[arg(long, value_name = "MIN..MAX", allow_hyphen_values = true)]
    pub data_range: Option<DataRange>,
    /// Write the fitted models to this file
    #[arg(long, value_name = "FILE", conflicts_with = "load_model")]
    pub save_model: Option<PathBuf>,
    /// Forecast from models that were saved, without their history
    #[arg(long, value_name = "FILE", conflicts_with = "input")]
    pub load_model: Option<PathBuf>,
    /// Say which models stand behind each forecast, with their weights; beside CSV on stderr
    #[arg(long)]
    pub explain: bool,
    /// Print one line of JSON on stderr: CPU microseconds per series for fit, noise and forecast
    #[arg(long)]
    pub timings: bool,
    /// How to print the result
    #[arg(long, value_enum, default_value = "table")]
    pub output: ForecastOutput,
    #[command(flatten)]
    pub steps: StepArguments,
    #[command(flatten)]
    pub plot: PlotArguments,
    #[command(flatten)]
    pub prophet: ModelArguments,
    #[command(flatten)]
    pub bands: BandArguments,
}

/// Flags of steps.
#[derive(Args, Debug)]
#[command(next_help_heading = "Steps")]
pub(crate) struct StepArguments {
    /// Bring each history to equal steps first, such as `5m`, `1h`, `1d` or `1w`: points at unequal distances, or too many
    #[arg(long, value_name = "SPAN", value_parser = step)]
    pub every: Option<Duration>,
    /// What becomes of the points of a step [default: mean]
    #[arg(long, value_enum)]
    pub aggregate: Option<AggregateWord>,
    /// Whose days and weeks steps of `1d` and `1w` are, such as `Europe/Paris` [default: UTC]
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    pub time_zone: Option<Zone>,
}

/// Flags of pictures.
#[derive(Args, Debug)]
#[command(next_help_heading = "Pictures")]
pub(crate) struct PlotArguments {
    /// Draw history, forecast and bands, and with `--components` each of those: `FILE.svg` or `FILE.html`
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,
    /// Draw only this series; by default the first twelve
    #[arg(long, value_name = "ID", requires = "plot")]
    pub series: Option<String>,
}

/// What is asked of Prophet beside its forecast.
#[derive(Args, Debug)]
#[command(next_help_heading = "Prophet's columns")]
pub(crate) struct BandArguments {
    /// Add Prophet's columns: `yhat`, `trend`, each seasonality, holiday and regressor, with `_lower` and `_upper`
    #[arg(long)]
    pub components: bool,
    /// Add `yhat`, `yhat_lower` and `yhat_upper`, which hold this share of the future by Prophet's own law [default: 0.8]
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub interval_width: Option<f64>,
    /// How those bounds are found: `exact`, or a number of draws such as `1000` [default: exact]
    #[arg(long, value_name = "exact|N")]
    pub uncertainty: Option<UncertaintyWord>,
    /// The seed of the draws [default: 0]
    #[arg(long, value_name = "N", requires = "uncertainty")]
    pub seed: Option<u64>,
}

/// Flags of Prophet's model.
#[derive(Args, Debug)]
#[command(next_help_heading = "Prophet's model")]
pub(crate) struct ModelArguments {
    /// The trend's shape; `logistic` needs a cap [default: linear]
    #[arg(long, value_enum)]
    pub growth: Option<GrowthWord>,
    /// Where logistic growth ends, if the input has no column `cap`
    #[arg(long, value_name = "N", value_parser = number, allow_negative_numbers = true)]
    pub cap: Option<f64>,
    /// Where logistic growth begins, if the input has no column `floor` [default: 0]
    #[arg(long, value_name = "N", value_parser = number, allow_negative_numbers = true)]
    pub floor: Option<f64>,
    /// The moments at which the trend may bend: a list such as 2026-01-01,2026-03-01, or a CSV file with the column `ds`
    #[arg(long, value_name = "LIST|FILE", conflicts_with_all = ["n_changepoints", "changepoint_range"])]
    pub changepoints: Option<String>,
    /// At how many moments the trend may bend [default: 25]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=1_000))]
    pub n_changepoints: Option<u32>,
    /// In which first share of the history it may bend [default: 0.8]
    #[arg(long, value_name = "SHARE", value_parser = share_or_all)]
    pub changepoint_range: Option<f64>,
    /// How easily it bends [default: 0.05]
    #[arg(long, value_name = "SCALE", value_parser = positive)]
    pub changepoint_prior_scale: Option<f64>,
    /// A yearly season: auto, on, off or its Fourier order [default: auto]
    #[arg(long, value_name = "auto|on|off|N")]
    pub yearly_seasonality: Option<SeasonSwitch>,
    /// A weekly season: auto, on, off or its Fourier order [default: auto]
    #[arg(long, value_name = "auto|on|off|N")]
    pub weekly_seasonality: Option<SeasonSwitch>,
    /// A daily season: auto, on, off or its Fourier order [default: auto]
    #[arg(long, value_name = "auto|on|off|N")]
    pub daily_seasonality: Option<SeasonSwitch>,
    /// A season of your own, `name=monthly,period=30.5,order=5`, and `prior_scale=`, `mode=`, `condition=COLUMN`; repeatable
    #[arg(long, value_name = "SPEC")]
    pub seasonality: Vec<String>,
    /// How seasons join the trend [default: additive]
    #[arg(long, value_enum)]
    pub seasonality_mode: Option<ModeWord>,
    /// How large seasons may be [default: 10]
    #[arg(long, value_name = "SCALE", value_parser = positive)]
    pub seasonality_prior_scale: Option<f64>,
    /// Holidays and events: a CSV file with `holiday,ds`, and `lower_window`, `upper_window`, `prior_scale` where wanted
    #[arg(long, value_name = "FILE")]
    pub holidays: Option<PathBuf>,
    /// How holidays join the trend [default: as seasons do]
    #[arg(long, value_enum, requires = "holidays")]
    pub holidays_mode: Option<ModeWord>,
    /// How large their effects, and those of regressors, may be [default: 10]
    #[arg(long, value_name = "SCALE", value_parser = positive)]
    pub holidays_prior_scale: Option<f64>,
    /// A column that explains the value, `NAME`, and `prior_scale=`, `standardize=auto|yes|no`, `mode=`; repeatable
    #[arg(long, value_name = "SPEC")]
    pub regressor: Vec<String>,
    /// What values are divided by: their largest, or the distance from their least to their largest [default: absmax]
    #[arg(long, value_enum)]
    pub scaling: Option<ScalingWord>,
}

/// How to print a forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ForecastOutput {
    /// For people
    Table,
    /// Columns `ds,mean,lo-80,hi-80,lo-95,hi-95`
    Csv,
    /// For machines
    Json,
    /// For both
    Yaml,
}

/// What becomes of the points of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AggregateWord {
    /// Their sum: counts
    Sum,
    /// Their mean: rates and levels
    Mean,
    /// The largest: capacities
    Max,
}

/// How far to forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HorizonWord {
    /// So many steps.
    Steps(usize),
    /// As many steps as cover a span.
    Span(Duration),
    /// A span of days at the steps that suit it.
    Preset {
        /// Its name.
        name: &'static str,
        /// The span.
        span: Duration,
        /// The steps, if those of the history are not longer.
        step: Duration,
    },
}

/// How something joins the trend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModeWord {
    /// It adds to it
    Additive,
    /// It scales it
    Multiplicative,
}

/// The trend's shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum GrowthWord {
    /// Straight between bends
    Linear,
    /// From a floor to a cap
    Logistic,
    /// Level
    Flat,
}

/// What values are divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScalingWord {
    /// The largest absolute value
    Absmax,
    /// The distance from the least to the largest
    Minmax,
}

/// Whether there is a season.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SeasonSwitch {
    /// Where the history holds two of its cycles and its rows lie closer than one.
    Auto,
    /// With Prophet's own Fourier order.
    On,
    /// None.
    Off,
    /// With this Fourier order.
    Order(usize),
}

/// How bounds are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UncertaintyWord {
    /// By arithmetic.
    Exact,
    /// From this many draws.
    Draws(usize),
}

/// The values that there can be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct DataRange {
    /// The least; minus infinity if there is none.
    pub min: f64,
    /// The largest; infinity if there is none.
    pub max: f64,
}

impl ModelArguments {
    /// The flags that were given, but for the one that `auto` takes too.
    pub(crate) fn given(&self) -> Vec<&'static str> {
        let given = [
            ("--growth", self.growth.is_some()),
            ("--cap", self.cap.is_some()),
            ("--floor", self.floor.is_some()),
            ("--changepoints", self.changepoints.is_some()),
            ("--n-changepoints", self.n_changepoints.is_some()),
            ("--changepoint-range", self.changepoint_range.is_some()),
            ("--changepoint-prior-scale", self.changepoint_prior_scale.is_some()),
            ("--yearly-seasonality", self.yearly_seasonality.is_some()),
            ("--weekly-seasonality", self.weekly_seasonality.is_some()),
            ("--daily-seasonality", self.daily_seasonality.is_some()),
            ("--seasonality", !self.seasonality.is_empty()),
            ("--seasonality-prior-scale", self.seasonality_prior_scale.is_some()),
            ("--holidays", self.holidays.is_some()),
            ("--holidays-mode", self.holidays_mode.is_some()),
            ("--holidays-prior-scale", self.holidays_prior_scale.is_some()),
            ("--regressor", !self.regressor.is_empty()),
            ("--scaling", self.scaling.is_some()),
        ];
        given.into_iter().filter(|(_, given)| *given).map(|(flag, _)| flag).collect()
    }
}

impl BandArguments {
    /// The flags that were given.
    pub(crate) fn given(&self) -> Vec<&'static str> {
        let given = [
            ("--components", self.components),
            ("--interval-width", self.interval_width.is_some()),
            ("--uncertainty", self.uncertainty.is_some()),
        ];
        given.into_iter().filter(|(_, given)| *given).map(|(flag, _)| flag).collect()
    }
}

impl HorizonWord {
    const PRESETS: [Self; 3] = [
        Self::Preset { name: "short", span: days(7), step: Duration::from_hours(1) },
        Self::Preset { name: "medium", span: days(30), step: days(1) },
        Self::Preset { name: "long", span: days(90), step: days(7) },
    ];
}

const fn days(days: u64) -> Duration {
    Duration::from_hours(24 * days)
}

impl FromStr for HorizonWord {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_named = |preset: &Self| matches!(preset, Self::Preset { name, .. } if *name == text);
        if let Some(preset) = Self::PRESETS.into_iter().find(is_named) {
            return Ok(preset);
        }
        let rule = || {
            format!(
                "must be a number of steps from 1 to {STEPS_MAX}, a span such as `7d`, or short, medium or long"
            )
        };
        if let Ok(steps) = text.parse::<usize>() {
            return Some(Self::Steps(steps))
                .filter(|_| (1..=STEPS_MAX).contains(&steps))
                .ok_or_else(rule);
        }
        let span = parse_span(text).filter(|span| !span.is_zero());
        span.map(Self::Span).ok_or_else(rule)
    }
}

impl FromStr for SeasonSwitch {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "auto" => Ok(Self::Auto),
            "on" | "true" => Ok(Self::On),
            "off" | "false" => Ok(Self::Off),
            other => match other.parse() {
                Ok(order @ 1..=ORDER_MAX) => Ok(Self::Order(order)),
                _ => Err(format!("must be auto, on, off or a Fourier order from 1 to {ORDER_MAX}")),
            },
        }
    }
}

impl FromStr for UncertaintyWord {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.eq_ignore_ascii_case("exact") {
            return Ok(Self::Exact);
        }
        match text.strip_suffix("-samples").unwrap_or(text).parse() {
            Ok(draws @ 1..=DRAWS_MAX) => Ok(Self::Draws(draws)),
            _ => Err(format!("must be `exact` or a number of draws from 1 to {DRAWS_MAX}")),
        }
    }
}

impl FromStr for DataRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let rule = || "must be written like `0..`, `..100` or `0..100`".to_owned();
        let (min, max) = text.split_once("..").ok_or_else(rule)?;
        let bound = |text: &str, open: f64| match text.trim() {
            "" => Ok(open),
            text => number(text).map_err(|_| rule()),
        };
        let range = Self { min: bound(min, f64::NEG_INFINITY)?, max: bound(max, f64::INFINITY)? };
        match range.min < range.max {
            true => Ok(range),
            false => Err("must go from a smaller to a larger number".to_owned()),
        }
    }
}

fn step(text: &str) -> Result<Duration, String> {
    let step = parse_span(text).filter(|step| !step.is_zero() && *step <= STEP_MAX);
    step.ok_or_else(|| {
        "must be a span such as `5m`, `1h`, `1d` or `1w`, of a year at the most".to_owned()
    })
}

pub(super) fn zone(text: &str) -> Result<Zone, String> {
    Zone::named(text).map_err(|error| error.to_string())
}

fn model_help() -> String {
    let names: Vec<&str> = ForecastModel::names().collect();
    format!("The model: one of {}; docs/forecast.md tells more", names.join(", "))
}

pub(super) fn number(text: &str) -> Result<f64, String> {
    let value = text.trim().parse::<f64>().ok().filter(|value| value.is_finite());
    value.ok_or_else(|| "must be a finite number with a decimal point".to_owned())
}

pub(super) fn positive(text: &str) -> Result<f64, String> {
    let value = number(text)?;
    if value > 0.0 { Ok(value) } else { Err("must be above 0".to_owned()) }
}

fn share(text: &str) -> Result<f64, String> {
    let value = number(text)?;
    if value > 0.0 && value < 1.0 { Ok(value) } else { Err("must lie between 0 and 1".to_owned()) }
}

fn share_or_all(text: &str) -> Result<f64, String> {
    let value = number(text)?;
    if value > 0.0 && value <= 1.0 {
        Ok(value)
    } else {
        Err("must be above 0 and at most 1".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_open_where_nothing_is_written() {
        let range = |text: &str| text.parse::<DataRange>().map(|it| (it.min, it.max));
        assert_eq!(range("0.."), Ok((0.0, f64::INFINITY)));
        assert_eq!(range("..-1.5"), Ok((f64::NEG_INFINITY, -1.5)));
        assert_eq!(range("-1..1"), Ok((-1.0, 1.0)));
        for bad in ["0", "5..1", "a..", "1..1", "nan.."] {
            assert!(range(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_horizon_is_steps_a_span_or_a_word() {
        let word = |text: &str| text.parse::<HorizonWord>().ok();
        assert_eq!(word("48"), Some(HorizonWord::Steps(48)));
        assert_eq!(word("7d"), Some(HorizonWord::Span(days(7))));
        assert!(matches!(word("long"), Some(HorizonWord::Preset { step, .. }) if step == days(7)));
        for bad in ["0", "1000001", "-3", "7 d", "0s", "far", ""] {
            assert_eq!(word(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_switch_takes_prophets_words() {
        let switch = |text: &str| text.parse::<SeasonSwitch>().ok();
        assert_eq!(switch("auto"), Some(SeasonSwitch::Auto));
        assert_eq!(
            (switch("True"), switch("off")),
            (Some(SeasonSwitch::On), Some(SeasonSwitch::Off))
        );
        assert_eq!(switch("12"), Some(SeasonSwitch::Order(12)));
        assert_eq!((switch("0"), switch("maybe")), (None, None));
    }

    #[test]
    fn draws_may_be_called_samples() {
        let word = |text: &str| text.parse::<UncertaintyWord>().ok();
        assert_eq!(word("exact"), Some(UncertaintyWord::Exact));
        assert_eq!(
            (word("300"), word("300-samples")),
            (Some(UncertaintyWord::Draws(300)), Some(UncertaintyWord::Draws(300)))
        );
        assert_eq!(word("0"), None);
    }
}
