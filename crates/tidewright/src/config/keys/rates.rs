//! Keys of the decision: what is learned, how the limit is made of it, and what holds it back.

use std::time::Duration;

use tidewright_core::{DemandModel, Formula, Rounding, SeasonalityMode};

use crate::config::form;
use crate::config::key::{Bare, Form, Key, Rule};

const DAY: Duration = Duration::from_hours(24);
/// The largest number that a limiter's document can hold.
const LIMIT_MAX: u64 = u32::MAX as u64;

pub(super) static LEARNING: [Key; 12] = [
    Key::new(
        "DAYS_TO_INSPECT",
        Rule::Span {
            bare: Some(Bare::Days),
            min: DAY,
            max: Duration::from_hours(24 * 365),
            set: |draft, span| draft.settings.policy.learn.inspect = span,
        },
        "The latest part of the history, which sets the base.",
    )
    .default("7"),
    Key::new(
        "HISTORY_DAYS",
        Rule::Span {
            bare: Some(Bare::Days),
            min: DAY,
            max: Duration::from_hours(24 * 365),
            set: |draft, span| draft.settings.policy.learn.history_max = span,
        },
        "How much history is fetched at the most; four weekly cycles by default.",
    )
    .default("28"),
    Key::new(
        "FORECAST_MODEL",
        Rule::Word {
            words: &["auto", "prophet", "seasonal-naive"],
            set: |draft, word| draft.settings.policy.learn.model = model(word),
        },
        "The model that forecasts the days that a limit has to hold. Where no season was seen twice, seasonal naive does.",
    )
    .default("auto"),
    Key::new(
        "PROPHET_CONFIG.enabled",
        Rule::Flag(|draft, on| draft.settings.policy.learn.prophet = on),
        "The Prophet model is fitted: to tell incidents, and to forecast where it is the model. If not, no incidents are \
         told, and seasonal naive forecasts in its place.",
    )
    .default("true"),
    Key::new(
        "PROPHET_CONFIG.seasonality_mode",
        Rule::Word {
            words: &["additive", "multiplicative"],
            set: |draft, word| draft.settings.policy.learn.seasonality = seasonality(word),
        },
        "Whether seasons add to the trend or scale it.",
    )
    .default("multiplicative"),
    Key::new(
        "PROPHET_CONFIG.weekly_seasonality",
        Rule::Flag(|draft, on| draft.settings.policy.learn.weekly = on),
        "A weekly season is fitted, from 14 days of history on.",
    )
    .default("true"),
    Key::new(
        "PROPHET_CONFIG.daily_seasonality",
        Rule::Flag(|draft, on| draft.settings.policy.learn.daily = on),
        "A daily season is fitted.",
    )
    .default("true"),
    Key::new(
        "PROPHET_CONFIG.uncertainty_samples",
        Rule::Whole { min: 0, max: 1_000_000, set: |_, _| {} },
        "How many samples the predecessor drew for its bands.",
    )
    .moot("bands are computed without drawing samples"),
    Key::new(
        "PRIME_TIME_CONFIG.percentile_threshold",
        Rule::Number {
            min: 0.0,
            max: 100.0,
            set: |draft, percent| draft.settings.policy.prime.percentile = Some(percent),
        },
        "The percentile of the daily profile above which time is prime.",
    )
    .default("75"),
    // After the threshold, so that `none` clears it.
    Key::new(
        "PRIME_TIME_CONFIG.detection_method",
        Rule::Word {
            words: &["dynamic", "none"],
            set: |draft, word| {
                let prime = &mut draft.settings.policy.prime;
                prime.percentile = prime.percentile.filter(|_| word == "dynamic");
            },
        },
        "`dynamic` finds prime time in the data, weekdays and weekends apart; `none` makes all day \
         prime.",
    )
    .default("dynamic"),
    Key::new(
        "PRIME_TIME_CONFIG.min_duration",
        Rule::Span {
            bare: Some(Bare::Minutes),
            min: Duration::from_mins(1),
            max: DAY,
            set: |draft, span| draft.settings.policy.prime.min_duration = span,
        },
        "Shorter windows of prime time are dropped and shorter pauses closed.",
    )
    .default("60"),
    Key::new(
        "PRIME_TIME_CONFIG.timezone",
        Rule::Zone(|draft, zone| draft.settings.policy.prime.zone = zone),
        "Whose wall clock tells days, weekends and prime time, and shows times in reports.",
    )
    .default("UTC"),
];

pub(super) static LIMIT: [Key; 9] = [
    Key::new(
        "RATE_CALCULATION.formula_version",
        Rule::Word {
            words: &["v1", "v2", "v3"],
            set: |draft, word| draft.settings.policy.beside = beside(word),
        },
        "`v2` decides, always; with `v1` or `v3` the number of that formula is shown beside.",
    )
    .default("v2")
    .flag("--formula"),
    Key::new(
        "RATE_CALCULATION.peak_quantile",
        Rule::Quantile(|draft, level| draft.settings.policy.peak_quantile = level),
        "The quantile of clean demand in prime time that sets the base.",
    )
    .default("0.99"),
    Key::new(
        "RATE_CALCULATION.forecast_quantile",
        Rule::Quantile(|draft, level| draft.settings.policy.forecast_quantile = level),
        "The quantile of the largest demand ahead that sets the base, where it is higher.",
    )
    .default("0.95"),
    Key::new(
        "RATE_CALCULATION.combination",
        Rule::Text {
            form: Form::Combination,
            set: |draft, text| {
                let policy = &mut draft.settings.policy;
                policy.combination = form::combination(&text).unwrap_or(policy.combination);
            },
        },
        "Where a limit counts each value by itself: the value that needs most decides, or this \
         quantile over the values, above which some are limited.",
    )
    .default("largest"),
    Key::new(
        "RATE_CALCULATION.cache_ratio",
        Rule::Number {
            min: 0.01,
            max: 100.0,
            set: |draft, ratio| draft.settings.policy.cache_ratio = ratio,
        },
        "Requests that the limiter sees for each request that the metric counts, where that is not \
         measured.",
    )
    .default("1"),
    Key::new(
        "RATE_CALCULATION.safety_margin",
        Rule::Number {
            min: 1.0,
            max: 10.0,
            set: |draft, margin| draft.settings.policy.safety_margin = margin,
        },
        "What is left free above the base: `1.3` leaves 30 %.",
    )
    .default("1.3"),
    Key::new(
        "RATE_CALCULATION.rounding_method",
        Rule::Word {
            words: &["nearest_hundred", "nearest_fifty", "nearest_ten", "none"],
            set: |draft, word| draft.settings.policy.rounding = rounding(word),
        },
        "How a limit is rounded; the step shrinks for small limits, so that rounding moves none by \
         more than 5 %.",
    )
    .default("nearest_hundred"),
    Key::new(
        "RATE_CALCULATION.min_rate_limit",
        Rule::Whole {
            min: 1,
            max: LIMIT_MAX,
            set: |draft, rate| draft.settings.policy.bounds.min = rate as f64,
        },
        "Never propose less, in requests per minute; scaled to the unit of a limit.",
    )
    .default("100"),
    Key::new(
        "RATE_CALCULATION.max_rate_limit",
        Rule::Whole {
            min: 1,
            max: LIMIT_MAX,
            set: |draft, rate| draft.settings.policy.bounds.max = rate as f64,
        },
        "Never propose more, in requests per minute; scaled to the unit of a limit.",
    )
    .default("100000"),
];

pub(super) static GUARDS: [Key; 11] = [
    Key::new(
        "EXCLUSIONS.partner_descriptor",
        Rule::Text {
            form: Form::Any,
            set: |draft, key| draft.settings.policy.exclusions.partner_descriptor = key,
        },
        "The descriptor key that names a partner.",
    )
    .default("PARTNER"),
    Key::new(
        "EXCLUSIONS.path_descriptor",
        Rule::Text {
            form: Form::Any,
            set: |draft, key| draft.settings.policy.exclusions.path_descriptor = key,
        },
        "The descriptor key that names a path.",
    )
    .default("PATH"),
    Key::new(
        "EXCLUSIONS.partners",
        Rule::Texts { form: Form::Any, set: |draft, names| draft.settings.policy.exclusions.partners = names },
        "Partners whose limits are left alone.",
    ),
    Key::new(
        "EXCLUSIONS.paths",
        Rule::Texts { form: Form::Any, set: |draft, paths| draft.settings.policy.exclusions.paths = paths },
        "Paths whose limits are left alone, for all partners.",
    ),
    Key::new(
        "EXCLUSIONS.low_traffic_threshold",
        Rule::Number {
            min: 0.0,
            max: LIMIT_MAX as f64,
            set: |draft, rate| draft.settings.policy.guards.low_traffic_threshold = rate,
        },
        "The clean peak in requests per minute below which a partner of `low_traffic` is left alone.",
    )
    .default("100"),
    Key::new(
        "EXCLUSIONS.conditional_exclusions.partner_paths",
        Rule::Lists(|draft, paths| draft.settings.policy.exclusions.partner_paths = paths),
        "Paths of single partners whose limits are left alone.",
    ),
    Key::new(
        "EXCLUSIONS.conditional_exclusions.low_traffic",
        Rule::Texts { form: Form::Any, set: |draft, names| draft.settings.policy.exclusions.low_traffic = names },
        "Partners whose limits are left alone while their peak is below the threshold.",
    ),
    Key::new(
        "GUARDS.history_days_for_cut",
        Rule::Span {
            bare: Some(Bare::Days),
            min: DAY,
            max: Duration::from_hours(24 * 365),
            set: |draft, span| draft.settings.policy.guards.history_for_cut = span,
        },
        "History without which no limit is lowered.",
    )
    .default("14"),
    Key::new(
        "GUARDS.replay_budget",
        Rule::Number {
            min: 0.0,
            max: 1.0,
            set: |draft, ratio| draft.settings.policy.guards.replay_budget_ratio = ratio,
        },
        "The share of clean requests on the held-back days that a cut may reject beyond what the \
         current limit rejects.",
    )
    .default("0.0001"),
    Key::new(
        "GUARDS.hold_back_days",
        Rule::Span {
            bare: Some(Bare::Days),
            min: Duration::from_hours(1),
            max: Duration::from_hours(24 * 365),
            set: |draft, span| draft.settings.policy.guards.hold_back = span,
        },
        "The latest days, which are kept from the fit and replayed.",
    )
    .default("2"),
    Key::new(
        "GUARDS.stale_after",
        Rule::Span {
            bare: None,
            min: Duration::from_mins(1),
            max: Duration::from_hours(24 * 7),
            set: |draft, span| draft.settings.policy.guards.stale_after = span,
        },
        "A series whose last sample is older holds its limit.",
    )
    .default("30m"),
];

fn model(word: &str) -> DemandModel {
    match word {
        "prophet" => DemandModel::Prophet,
        "seasonal-naive" => DemandModel::SeasonalNaive,
        _ => DemandModel::Auto,
    }
}

fn seasonality(word: &str) -> SeasonalityMode {
    if word == "additive" { SeasonalityMode::Additive } else { SeasonalityMode::Multiplicative }
}

fn rounding(word: &str) -> Rounding {
    Rounding::parse(word).unwrap_or(Rounding::NearestHundred)
}

fn beside(word: &str) -> Option<Formula> {
    match word {
        "v1" => Some(Formula::V1),
        "v3" => Some(Formula::V3),
        _ => None,
    }
}
