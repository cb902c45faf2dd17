//! What a limit has to hold: the forecast of the days ahead, and the quantile of their maximum.
//!
//! The course comes from the model that the policy names; plans are shared by all series of a period.

use std::fmt;
use std::sync::OnceLock;

use tidewright_core::{
    Axis, DemandModel, Grid, LearnPolicy, PeakForecast, Policy, SeasonalityMode,
};
use tidewright_models::NaiveFit;
use tidewright_models::auto::{self, Tried};
use tidewright_models::noise::{Noise, Outlook, highest, peak_quantile};
use tidewright_models::prophet::{Extrapolation, GridPlan, Settings};
use tidewright_models::steps::{Past, StepFitted};
use tidewright_plan::Windows;

const DAY_MS: i64 = 86_400_000;
/// The trend may run this far from its last level over the horizon: a plan is made every day, so growth is followed
/// rather than guessed.
const TREND_RATIO_MAX: f64 = 0.1;
/// However wide the noise, the forecast stays within the highest clean windows, times what the model grows, at most like the trend.
/// A tail drawn further is not known, and swings with every incident; the safety margin is there for it.
const GROWTH_MAX: f64 = 1.0 + TREND_RATIO_MAX;

/// The models of a period.
pub(super) struct Models {
    learn: LearnPolicy,
    /// Prophet's plans for forecasts and for cleaning, with a weekly season and without; each is built when a series
    /// needs it.
    plans: [[OnceLock<GridPlan>; 2]; 2],
}

/// What a plan is for: the past is explained with bends up to its end, the future extrapolated from earlier ones.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Forecast,
    Cleaning,
}

/// The seasons that a history shows.
#[derive(Clone, Copy)]
struct Seasons {
    daily: bool,
    weekly: bool,
}

/// The forecast, step by step.
pub(super) struct Future {
    pub median: Vec<f64>,
    /// The standard deviation of noise.
    pub scale: Vec<f64>,
    pub peak: PeakForecast,
    pub model: Model,
    pub trend: Extrapolation,
}

/// The model of a forecast.
pub(super) enum Model {
    Auto { members: String, weekly: bool },
    Prophet(Settings),
    SeasonalNaive,
}

/// What a model is asked.
#[derive(Clone, Copy)]
struct Asked<'a> {
    windows: &'a Windows,
    /// Clean values of these windows.
    history: &'a [f64],
    future: &'a Grid,
    seasons: Seasons,
}

/// What a model says of the days ahead.
struct Foreseen {
    outlook: Outlook,
    noise: Noise,
    model: Model,
    /// The highest that is expected to the highest that was.
    growth: f64,
}

impl Models {
    pub(super) fn new(policy: &Policy) -> Self {
        Self { learn: policy.learn.clone(), plans: Default::default() }
    }

    /// The plan that tells what a series would have done undisturbed; `None` where there is too little to fit.
    pub(super) fn cleaning(&self, windows: &Windows, raw: &[f64]) -> Option<&GridPlan> {
        self.plan(Use::Cleaning, windows, self.seasons(windows, raw)?)
    }

    /// The forecast from clean history; `None` if nothing was seen.
    pub(super) fn forecast(
        &self,
        windows: &Windows,
        history: &[f64],
        future: &Grid,
        policy: &Policy,
    ) -> Option<Future> {
        let Foreseen { outlook, noise, model, growth } = self
            .seasons(windows, history)
            .map(|seasons| Asked { windows, history, future, seasons })
            .and_then(|asked| match self.learn.model {
                DemandModel::Auto => self.averaged(asked),
                DemandModel::Prophet => self.prophet(asked),
                DemandModel::SeasonalNaive => None,
            })
            .or_else(|| repeated(windows, history, future))?;
        let quantile = policy.forecast_quantile;
        let growth = if growth.is_finite() { growth.clamp(1.0, GROWTH_MAX) } else { 1.0 };
        let most = growth * highest(history);
        let value = peak_quantile(&outlook, &noise, quantile).clamp(0.0, most);
        let horizon_days = future.span().days();
        let scale = outlook.expected.iter().map(|level| noise.scale().at(*level)).collect();
        let peak = PeakForecast { quantile, value, horizon_days };
        Some(Future { peak, model, trend: outlook.extrapolation, median: outlook.expected, scale })
    }

    /// The course of an average of autoregressions. What its minutes stray by and what it grows are read from Prophet's
    /// fit to all of the history: three trials say too little of maxima, which then swing with every incident.
    fn averaged(&self, asked: Asked<'_>) -> Option<Foreseen> {
        let Asked { windows, history, future, seasons } = asked;
        let day = (DAY_MS / windows.grid().step_ms()).max(1) as usize;
        let lengths = [(seasons.daily, day), (seasons.weekly, 7 * day)];
        let lengths: Vec<usize> =
            lengths.iter().filter(|(seen, _)| *seen).map(|(_, steps)| *steps).collect();
        let past = Past::new(history, &lengths).ok()?.asked(future.len());
        let Tried { fitted, expected, observed } =
            auto::learn_among(&past, &auto::is_autoregression).ok()?;
        let course = fitted.predict(future.len()).point;
        let (noise, growth, trend) = match self.prophet(asked) {
            Some(fit) => (fit.noise, fit.growth, fit.outlook.extrapolation),
            None => (Noise::learn(&expected, &observed), 1.0, Extrapolation::Free),
        };
        let outlook = Outlook { expected: course, drift: 0.0, extrapolation: trend };
        let model = Model::Auto { members: fitted.describe(), weekly: seasons.weekly };
        Some(Foreseen { outlook, noise, model, growth })
    }

    fn prophet(&self, asked: Asked<'_>) -> Option<Foreseen> {
        let Asked { windows, history, future, seasons } = asked;
        let plan = self.plan(Use::Forecast, windows, seasons)?;
        let fit = plan.fit(history).ok()?;
        let expected = plan.expected(&fit);
        let noise = Noise::learn(&expected, history);
        let outlook = fit.outlook(future, Some(TREND_RATIO_MAX));
        let growth = highest_of(&outlook.expected) / highest_of(&expected);
        Some(Foreseen { outlook, noise, model: Model::Prophet(fit.settings().clone()), growth })
    }

    fn plan(&self, purpose: Use, windows: &Windows, seasons: Seasons) -> Option<&GridPlan> {
        let grid = windows.grid();
        let build = || {
            let settings = Settings::new(self.learn.seasonality);
            let settings = if seasons.daily { settings.daily() } else { settings };
            let settings = if seasons.weekly { settings.weekly() } else { settings };
            let settings = match purpose {
                Use::Cleaning => settings.in_sample(),
                Use::Forecast => steady(settings, grid.step_ms() as f64 / DAY_MS as f64),
            };
            GridPlan::new(*grid, &settings)
        };
        let plan = &self.plans[purpose as usize][usize::from(seasons.weekly)];
        self.learn.prophet.then(|| plan.get_or_init(build))
    }

    /// `None` if no season was seen twice.
    fn seasons(&self, windows: &Windows, history: &[f64]) -> Option<Seasons> {
        let seen = days_seen(windows, history);
        let several_a_day = 2 * windows.grid().step_ms() < DAY_MS;
        let daily = self.learn.daily && several_a_day && seen.iter().sum::<usize>() >= 2;
        let weekly = self.learn.weekly && seen.iter().all(|&days| days >= 2);
        (daily || weekly).then_some(Seasons { daily, weekly })
    }
}

/// What was seen at the same time of other days.
fn repeated(windows: &Windows, history: &[f64], future: &Grid) -> Option<Foreseen> {
    let fit = NaiveFit::new(&Axis::Grid(*windows.grid()), history).ok()?;
    let (outlook, noise) = (fit.outlook(future), fit.noise().clone());
    Some(Foreseen { outlook, noise, model: Model::SeasonalNaive, growth: 1.0 })
}

/// How many Mondays, Tuesdays, ... were measured for at least half of the day: what was not seen twice cannot be
/// told from chance, however long the history.
fn days_seen(windows: &Windows, history: &[f64]) -> [usize; 7] {
    let half = (DAY_MS / 2 / windows.grid().step_ms()) as usize;
    let mut seen = [0; 7];
    let (mut today, mut measured) = (i32::MIN, 0);
    for (local, _) in windows.local().iter().zip(history).filter(|(_, value)| !value.is_nan()) {
        measured = if local.day == today { measured + 1 } else { 1 };
        today = local.day;
        seen[usize::from(local.weekday)] += usize::from(measured == half.max(1));
    }
    seen
}

/// The prior on bends is set for some points an hour at most: sixty minutes of them outweigh it, the trend then bends
/// after whatever the seasons leave over, and the forecast runs on along the last bend.
fn steady(settings: Settings, step_days: f64) -> Settings {
    let points_an_hour = (1.0 / (24.0 * step_days)).max(1.0);
    let changepoint_prior_scale = settings.changepoint_prior_scale / points_an_hour;
    Settings { changepoint_prior_scale, ..settings }
}

fn highest_of(expected: &[f64]) -> f64 {
    expected.iter().copied().fold(0.0, f64::max)
}

impl Model {
    /// Whether a weekly season is part of it; the seasonal naive model says of itself what it repeats.
    pub(super) fn knows_weeks(&self) -> bool {
        match self {
            Self::Auto { weekly, .. } => *weekly,
            Self::Prophet(settings) => {
                settings.seasonalities.iter().any(|season| season.period > 1.0)
            }
            Self::SeasonalNaive => true,
        }
    }
}

/// `prophet (multiplicative; daily, weekly)`, for people.
impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = match self {
            Self::Auto { members, .. } => return write!(f, "auto ({members})"),
            Self::Prophet(settings) => settings,
            Self::SeasonalNaive => return f.write_str("seasonal naive"),
        };
        let mode = match settings.seasonality_mode {
            SeasonalityMode::Additive => "additive",
            SeasonalityMode::Multiplicative => "multiplicative",
        };
        let name = |period: f64| if period > 1.0 { "weekly" } else { "daily" };
        let seasons: Vec<_> =
            settings.seasonalities.iter().map(|season| name(season.period)).collect();
        write!(f, "prophet ({mode}; {})", seasons.join(", "))
    }
}
