//! What an operator wants: the numbers and rules by which limits are decided, checked and without a file format.

use std::collections::BTreeMap;
use std::time::Duration;

use thiserror::Error;

use crate::calendar::Calendar;
use crate::limit::LimitKey;
use crate::quantile::Quantile;
use crate::selector::Selector;
use crate::time::Zone;

/// Everything that shapes a decision about a limit.
#[derive(Clone, Debug)]
pub struct Policy {
    /// How history is read and learned.
    pub learn: LearnPolicy,
    /// How prime time is found.
    pub prime: PrimePolicy,
    /// The quantile of clean demand in prime time that sets the base.
    pub peak_quantile: Quantile,
    /// The quantile of the forecast horizon's maximum that sets the base.
    pub forecast_quantile: Quantile,
    /// Another formula whose number is shown beside; the decision stays with v2.
    pub beside: Option<Formula>,
    /// How values are combined where a limit counts each value by itself.
    pub combination: Combination,
    /// Requests seen by the limiter for each request counted by the metric, where that is not measured.
    pub cache_ratio: f64,
    /// On which side of the cache metric and limiter stand.
    pub cache: CacheSides,
    /// What is left free above the base: 1.3 leaves 30 %.
    pub safety_margin: f64,
    /// How the number is rounded.
    pub rounding: Rounding,
    /// What may be proposed.
    pub bounds: Bounds,
    /// What may be proposed for some limits; the more precise rule wins, then the later one.
    pub bounds_rules: Vec<BoundsRule>,
    /// What stands behind the limits, and how much of it.
    pub destinations: Vec<Destination>,
    /// What people know beforehand.
    pub calendar: Calendar,
    /// Whose limits are left alone.
    pub exclusions: Exclusions,
    /// Limits that keep their number.
    pub pins: Vec<Selector>,
    /// What must hold before a number changes.
    pub guards: Guards,
}

/// How history is read and learned.
#[derive(Clone, Debug)]
pub struct LearnPolicy {
    /// How much history is fetched at the most; as much as holds four weekly cycles by default.
    pub history_max: Duration,
    /// The latest part of it, which sets the base.
    pub inspect: Duration,
    /// Which model forecasts.
    pub model: DemandModel,
    /// Whether Prophet is fitted at all; if not, nothing tells incidents, and where it was to forecast, seasonal naive does.
    pub prophet: bool,
    /// How seasons join the trend.
    pub seasonality: SeasonalityMode,
    /// Whether a weekly season is wanted (fitted from 14 days of history on).
    pub weekly: bool,
    /// Whether a daily season is wanted.
    pub daily: bool,
}

/// Which model forecasts what a limit has to hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DemandModel {
    /// The average of autoregressions, weighted by how each would have forecast the series.
    #[default]
    Auto,
    /// Prophet.
    Prophet,
    /// What was seen at the same time of other days.
    SeasonalNaive,
}

/// How seasons join the trend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SeasonalityMode {
    /// Seasons add to the trend.
    Additive,
    /// Seasons scale the trend.
    Multiplicative,
}

/// How prime time is found.
#[derive(Clone, Debug)]
pub struct PrimePolicy {
    /// The percentile (0..100) of the daily profile above which time is prime; `None` makes all day prime.
    pub percentile: Option<f64>,
    /// Shorter windows are dropped, shorter pauses closed.
    pub min_duration: Duration,
    /// Whose wall clock.
    pub zone: Zone,
}

/// How a limit is rounded; the step shrinks for small numbers, so that rounding moves a limit by 5 % at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rounding {
    /// To multiples of 100.
    NearestHundred,
    /// To multiples of 50.
    NearestFifty,
    /// To multiples of 10.
    NearestTen,
    /// To the next whole number.
    None,
}

/// What may be proposed, in requests per minute; scaled to the unit of a limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Never propose less.
    pub min: f64,
    /// Never propose more.
    pub max: f64,
}

/// What may be proposed for some limits; per minute, scaled to the unit of a limit. What is `None` is left to other rules.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BoundsRule {
    /// What it is called, such as the name of a tier.
    pub name: String,
    /// Which limits.
    pub selector: Selector,
    /// Never propose less.
    pub min: Option<f64>,
    /// Never propose more.
    pub max: Option<f64>,
    /// What a contract promises: never propose less, and say why.
    pub floor: Option<f64>,
    /// Whether the limit may be raised at all: not for login or one-time codes.
    pub never_raise: Option<bool>,
}

/// The bounds of one limit.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitBounds {
    /// Minimum (of floor and rules) and maximum, in requests per minute.
    pub bounds: Bounds,
    /// The rule that holds the number up by contract, if its floor is the minimum.
    pub floor_rule: Option<String>,
    /// The rule that forbids a raise.
    pub never_raise_rule: Option<String>,
}

/// What stands behind some limits, and how much it carries.
#[derive(Clone, Debug, PartialEq)]
pub struct Destination {
    /// Its name.
    pub name: String,
    /// The limits in front of it.
    pub selector: Selector,
    /// What it carries, in requests per minute.
    pub capacity: f64,
}

/// A formula by which a limit is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Formula {
    /// The predecessor's first one.
    V1,
    /// This product's.
    V2,
    /// The predecessor's last one.
    V3,
}

/// How values are combined where a limit counts each value by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Combination {
    /// The value that needs most decides.
    Largest,
    /// This quantile over the values decides: some of them will be limited.
    Quantile(Quantile),
}

/// On which side of a cache something stands: before it all requests pass, after it only those that it could not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CacheSide {
    /// Between client and cache.
    Before,
    /// Between cache and server.
    After,
}

/// On which side of the cache metric and limiter stand; on the same one there is nothing to correct.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CacheSides {
    /// Where the metric counts.
    pub metric: CacheSide,
    /// Where the limiter counts.
    pub limiter: CacheSide,
}

/// Whose limits are left alone.
#[derive(Clone, Debug)]
pub struct Exclusions {
    /// The descriptor key that names a partner.
    pub partner_descriptor: String,
    /// The descriptor key that names a path.
    pub path_descriptor: String,
    /// All limits of these partners.
    pub partners: Vec<String>,
    /// All limits of these paths.
    pub paths: Vec<String>,
    /// These paths of these partners.
    pub partner_paths: BTreeMap<String, Vec<String>>,
    /// These partners, while their clean peak stays below [`Guards::low_traffic_threshold`].
    pub low_traffic: Vec<String>,
}

/// What must hold before a number changes.
#[derive(Clone, Copy, Debug)]
pub struct Guards {
    /// Peak demand in requests per minute below which a `low_traffic` partner is left alone.
    pub low_traffic_threshold: f64,
    /// History without which no limit is lowered.
    pub history_for_cut: Duration,
    /// The share of clean requests on the held-back days that a cut may reject beyond what the current limit rejects.
    pub replay_budget_ratio: f64,
    /// A series whose last sample is older than this is stale.
    pub stale_after: Duration,
    /// The latest part of history that the replay gate keeps from its fit.
    pub hold_back: Duration,
    /// How fast numbers may move, in wall time.
    pub pacing: Pacing,
    /// Whether nothing changes at all.
    pub paused: bool,
}

/// How fast numbers may move, in wall time: the same for a cycle every five minutes and every six hours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pacing {
    /// A limit rises by this share within 24 hours at the most: 1 doubles it.
    pub raise_per_day: f64,
    /// A limit falls by this share within 24 hours at the most.
    pub lower_per_day: f64,
    /// How long every run has to wish a cut before it is made.
    pub agreement: Duration,
    /// The least time between two changes of one limit.
    pub between_changes: Duration,
    /// A limit is lowered only where it lies this share above what is computed: less protects nothing and flaps.
    pub lower_slack: f64,
    /// How many limits may change on the day after a document was seen first; the safest come first.
    pub first_day_changes: usize,
}

/// A text that names no rounding method.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{0}` is no rounding method; use nearest_hundred, nearest_fifty, nearest_ten or none")]
pub struct RoundingError(String);

impl Rounding {
    /// All methods with their names.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::NearestHundred, "nearest_hundred"),
        (Self::NearestFifty, "nearest_fifty"),
        (Self::NearestTen, "nearest_ten"),
        (Self::None, "none"),
    ];

    /// Reads a method by its name.
    ///
    /// # Errors
    /// [`RoundingError`] if it is none.
    pub fn parse(text: &str) -> Result<Self, RoundingError> {
        let found = Self::ALL.into_iter().find(|(_, name)| *name == text);
        found.map(|(method, _)| method).ok_or_else(|| RoundingError(text.to_owned()))
    }

    /// The name in a configuration file.
    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(method, _)| *method == self).map_or("none", |(_, name)| name)
    }

    /// The widest step.
    pub const fn step(self) -> u32 {
        match self {
            Self::NearestHundred => 100,
            Self::NearestFifty => 50,
            Self::NearestTen => 10,
            Self::None => 1,
        }
    }
}

const DAY: Duration = Duration::from_hours(24);

impl Default for LearnPolicy {
    fn default() -> Self {
        Self {
            history_max: 28 * DAY,
            inspect: 7 * DAY,
            model: DemandModel::default(),
            prophet: true,
            seasonality: SeasonalityMode::Multiplicative,
            weekly: true,
            daily: true,
        }
    }
}

impl Default for PrimePolicy {
    fn default() -> Self {
        Self { percentile: Some(75.0), min_duration: Duration::from_mins(60), zone: Zone::utc() }
    }
}

impl Default for Exclusions {
    fn default() -> Self {
        Self {
            partner_descriptor: "PARTNER".to_owned(),
            path_descriptor: "PATH".to_owned(),
            partners: Vec::new(),
            paths: Vec::new(),
            partner_paths: BTreeMap::new(),
            low_traffic: Vec::new(),
        }
    }
}

impl Default for Guards {
    fn default() -> Self {
        Self {
            low_traffic_threshold: 100.0,
            history_for_cut: 14 * DAY,
            // One clean request in ten thousand: below what a client notices beside its own errors.
            replay_budget_ratio: 0.0001,
            stale_after: Duration::from_mins(30),
            hold_back: 2 * DAY,
            pacing: Pacing::default(),
            paused: false,
        }
    }
}

impl Default for Pacing {
    fn default() -> Self {
        Self {
            // A launch must not wait: twice as much a day is faster than platforms grow.
            raise_per_day: 1.0,
            // In a week a fifth a day takes a limit to a fifth: slow enough for somebody to notice.
            lower_per_day: 0.2,
            agreement: DAY,
            between_changes: Duration::from_hours(6),
            lower_slack: 0.25,
            first_day_changes: 5,
        }
    }
}

impl Pacing {
    /// No pacing at all: what a backtest wants, and nobody's production.
    pub const OFF: Self = Self {
        raise_per_day: f64::INFINITY,
        lower_per_day: 1.0,
        agreement: Duration::ZERO,
        between_changes: Duration::ZERO,
        lower_slack: 0.0,
        first_day_changes: usize::MAX,
    };
}

impl Policy {
    /// The bounds of one limit: for each of them the most precise rule that has one, else the general ones. A floor by
    /// contract lifts the minimum; the maximum wins over both.
    pub fn bounds_of(&self, key: &LimitKey) -> LimitBounds {
        let mut rules: Vec<&BoundsRule> = self.bounds_rules.iter().collect();
        rules.retain(|rule| rule.selector.matches(key, &self.exclusions));
        // The sort is stable: of two rules that are equally precise the later one comes last, and the last one wins.
        rules.sort_by_key(|rule| rule.selector.precision());
        let min = rules.iter().rev().find_map(|rule| rule.min).unwrap_or(self.bounds.min);
        let max = rules.iter().rev().find_map(|rule| rule.max).unwrap_or(self.bounds.max);
        let floor = rules.iter().rev().find_map(|rule| Some((rule.floor?, &rule.name)));
        let floor = floor.filter(|(floor, _)| min < *floor);
        let raise = rules.iter().rev().find_map(|rule| Some((rule.never_raise?, &rule.name)));
        LimitBounds {
            bounds: Bounds { min: floor.map_or(min, |(floor, _)| floor), max },
            floor_rule: floor.map(|(_, name)| name.clone()),
            never_raise_rule: raise.filter(|(never, _)| *never).map(|(_, name)| name.clone()),
        }
    }
}

impl Formula {
    /// The name in a configuration file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
            Self::V3 => "v3",
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            learn: LearnPolicy::default(),
            prime: PrimePolicy::default(),
            peak_quantile: Quantile::new(0.99).unwrap_or(Quantile::MEDIAN),
            forecast_quantile: Quantile::new(0.95).unwrap_or(Quantile::MEDIAN),
            beside: None,
            combination: Combination::Largest,
            cache_ratio: 1.0,
            cache: CacheSides { metric: CacheSide::Before, limiter: CacheSide::Before },
            safety_margin: 1.3,
            rounding: Rounding::NearestHundred,
            bounds: Bounds { min: 100.0, max: 100_000.0 },
            bounds_rules: Vec::new(),
            destinations: Vec::new(),
            calendar: Calendar::default(),
            exclusions: Exclusions::default(),
            pins: Vec::new(),
            guards: Guards::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_quantiles_are_those_of_the_formula() {
        let policy = Policy::default();
        assert_eq!((policy.peak_quantile.get(), policy.forecast_quantile.get()), (0.99, 0.95));
    }

    #[test]
    fn the_more_precise_rule_wins_bound_by_bound() {
        let glob = |text: &str| Some(crate::selector::Glob::new(text));
        let rule = |name: &str, partner: &str, path: Option<&str>| BoundsRule {
            name: name.to_owned(),
            selector: Selector { partner: glob(partner), path: path.and_then(glob), limit: None },
            ..BoundsRule::default()
        };
        let bounds_rules = vec![
            BoundsRule {
                max: Some(900.0),
                never_raise: Some(true),
                ..rule("login", "p*", Some("/login"))
            },
            BoundsRule { max: Some(5000.0), floor: Some(300.0), ..rule("gold", "p1", None) },
            BoundsRule { never_raise: Some(false), ..rule("p1 login", "p1", Some("/login")) },
        ];
        let policy = Policy { bounds_rules, ..Policy::default() };
        let of = |partner, path| {
            policy.bounds_of(&LimitKey::new(
                "edge",
                [("PARTNER", Some(partner)), ("PATH", Some(path))],
            ))
        };
        let gold = of("p1", "/list");
        assert_eq!(gold.bounds, Bounds { min: 300.0, max: 5000.0 });
        assert_eq!(gold.floor_rule.as_deref(), Some("gold"));
        assert_eq!(of("p2", "/login").never_raise_rule.as_deref(), Some("login"));
        assert_eq!(of("p1", "/login").never_raise_rule, None);
        assert_eq!(of("q", "/list").bounds, policy.bounds);
    }

    #[test]
    fn a_rounding_method_reads_back() {
        for (method, name) in Rounding::ALL {
            assert_eq!(Rounding::parse(name), Ok(method));
            assert_eq!(method.name(), name);
        }
        assert!(Rounding::parse("up").is_err());
    }
}
