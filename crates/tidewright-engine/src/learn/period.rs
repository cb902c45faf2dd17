//! A stretch of history in the windows of one unit: what can be learned of a series in it.

use std::ops::Range;
use std::sync::OnceLock;

use tidewright_core::{
    Axis, CacheFrom, DemandStatistics, Grid, PeakForecast, Policy, PrimeTime, Remark,
    SeasonalityMode, TimeSpan, Timestamp,
};
use tidewright_models::NaiveFit;
use tidewright_models::clean::{Expectation, expect};
use tidewright_models::noise::{Noise, highest, peak_quantile};
use tidewright_models::prophet::{Extrapolation, GridPlan, Settings};
use tidewright_plan::{Demand, Learned, Windows, prime_time, statistics, unseen_factor};

const DAY_MS: f64 = 86_400_000.0;
/// From this much history on a week is forecast.
const DAYS_FOR_A_WEEK: f64 = 14.0;
/// The horizon with that much history, in days, and with less.
const HORIZON_DAYS: (f64, f64) = (7.0, 1.0);
/// The trend may run this far from its last level over the horizon: a plan is made every day, so growth is followed
/// rather than guessed.
const TREND_RATIO_MAX: f64 = 0.1;
/// However wide the noise, the forecast stays within the highest clean windows, times what the model grows, at most like the trend.
/// A tail drawn further is not known, and swings with every incident; the safety margin is there for it.
const GROWTH_MAX: f64 = 1.0 + TREND_RATIO_MAX;
/// A larger share of gaps is worth a remark.
const GAPS_RATIO_TOLD: f64 = 0.02;

/// A stretch of history and what all series in it share.
pub(super) struct Period {
    pub windows: Windows,
    inspected: TimeSpan,
    future: Grid,
    settings: Option<Settings>,
    /// Plans for forecasts and for cleaning, with a weekly season and without; each is built when a series needs it.
    plans: [[OnceLock<GridPlan>; 2]; 2],
}

/// What a plan is for: the past is explained with bends up to its end, the future extrapolated from earlier ones.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Forecast,
    Cleaning,
}

/// One series in the windows of a period.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub raw: &'a [f64],
    pub clean: &'a [f64],
    /// Clean history at the level of today, where it differs.
    pub level: Option<&'a [f64]>,
}

/// What was learned of a series.
pub(super) struct Lesson {
    pub learned: Learned,
    pub remarks: Vec<Remark>,
    pub future: Option<Future>,
}

/// The model of a forecast.
pub(super) enum Model {
    Prophet(Settings),
    SeasonalNaive,
}

/// The forecast, step by step.
pub(super) struct Future {
    pub median: Vec<f64>,
    /// The standard deviation of noise.
    pub scale: Vec<f64>,
    peak: PeakForecast,
    model: Model,
    trend: Extrapolation,
}

impl<'a> Seen<'a> {
    /// The first `len` windows, as they were seen then: at the level that they had.
    pub(super) fn until(&self, len: usize) -> Seen<'a> {
        Seen { raw: &self.raw[..len], clean: &self.clean[..len], level: None }
    }
}

impl Period {
    pub(super) fn new(grid: Grid, policy: &Policy) -> Self {
        let span = grid.span();
        let long = span.days() >= DAYS_FOR_A_WEEK;
        let horizon_days = if long { HORIZON_DAYS.0 } else { HORIZON_DAYS.1 };
        let steps = (horizon_days * DAY_MS / grid.step_ms() as f64).ceil() as usize;
        Self {
            windows: Windows::new(grid, &policy.prime.zone),
            inspected: TimeSpan { start: span.end - policy.learn.inspect, end: span.end },
            future: grid.following(steps.max(1)),
            settings: policy.learn.prophet.then(|| Settings::new(policy.learn.seasonality)),
            plans: Default::default(),
        }
    }

    /// What a robust model expects of a series; `None` where there is too little to fit.
    pub(super) fn expect(&self, raw: &[f64], policy: &Policy) -> Option<Expectation> {
        expect(self.plan(Use::Cleaning, raw, policy)?, raw).ok()
    }

    /// Everything that a limit rests on; `None` if nothing was measured in the inspected days.
    pub(super) fn learn(&self, seen: &Seen<'_>, policy: &Policy) -> Option<Lesson> {
        let demand = Demand { windows: &self.windows, raw: seen.raw, clean: seen.clean };
        let prime = prime_time(&demand, self.inspected, &policy.prime);
        let statistics = statistics(&demand, self.inspected, &prime, policy.peak_quantile)?;
        let history = seen.level.unwrap_or(seen.clean);
        let future = self.forecast(history, policy);
        let remarks = remarks(future.as_ref(), &statistics, policy);
        let forecast = future.as_ref().map(|future| future.peak);
        let model = future.as_ref().map_or_else(|| "none".to_owned(), |future| future.model.name());
        let learned = Learned {
            statistics,
            prime,
            forecast,
            model,
            peak_without_rejected: None,
            event_factor: 1.0,
            unseen_factor: unseen_factor(&self.windows, history, statistics.history_days),
            cache: CacheFrom::Configured,
        };
        Some(Lesson { learned, remarks, future })
    }

    /// The peak of other clean values in the same prime time; `None` if none of them lies there.
    pub(super) fn peak(&self, clean: &[f64], prime: &PrimeTime, policy: &Policy) -> Option<f64> {
        let demand = Demand { windows: &self.windows, raw: clean, clean };
        let found = statistics(&demand, self.inspected, prime, policy.peak_quantile);
        found.map(|statistics| statistics.peak.value)
    }

    /// The windows that set the base.
    pub(super) fn inspected(&self) -> Range<usize> {
        self.windows.range(self.inspected)
    }

    /// The end of the days ahead that a limit has to hold.
    pub(super) fn horizon_end(&self) -> Timestamp {
        self.future.end()
    }

    fn forecast(&self, history: &[f64], policy: &Policy) -> Option<Future> {
        let plan = self.plan(Use::Forecast, history, policy);
        let fit = plan.and_then(|plan| Some((plan, plan.fit(history).ok()?)));
        let (outlook, noise, model, growth) = match fit {
            Some((plan, fit)) => {
                let expected = plan.expected(&fit);
                let noise = Noise::learn(&expected, history);
                let outlook = fit.outlook(&self.future, Some(TREND_RATIO_MAX));
                let growth = peak_of(&outlook.expected) / peak_of(&expected);
                (outlook, noise, Model::Prophet(fit.settings().clone()), growth)
            }
            None => {
                let fit = NaiveFit::new(&Axis::Grid(*self.windows.grid()), history).ok()?;
                (fit.outlook(&self.future), fit.noise().clone(), Model::SeasonalNaive, 1.0)
            }
        };
        let quantile = policy.forecast_quantile;
        let growth = if growth.is_finite() { growth.clamp(1.0, GROWTH_MAX) } else { 1.0 };
        let most = growth * highest(history);
        let value = peak_quantile(&outlook, &noise, quantile).clamp(0.0, most);
        let horizon_days = self.future.span().days();
        let scale = outlook.expected.iter().map(|level| noise.scale().at(*level)).collect();
        let peak = PeakForecast { quantile, value, horizon_days };
        Some(Future { peak, model, trend: outlook.extrapolation, median: outlook.expected, scale })
    }

    /// The plan for a series with this history; `None` if no model is to be fitted.
    fn plan(&self, purpose: Use, history: &[f64], policy: &Policy) -> Option<&GridPlan> {
        let settings = self.settings.as_ref()?;
        let step_days = self.windows.grid().step_ms() as f64 / DAY_MS;
        let seen = self.days_seen(history);
        let daily = policy.learn.daily && step_days < 0.5 && seen.iter().sum::<usize>() >= 2;
        let weekly = policy.learn.weekly && seen.iter().all(|&days| days >= 2);
        let build = || {
            let settings = if daily { settings.clone().daily() } else { settings.clone() };
            let settings = if weekly { settings.weekly() } else { settings };
            let settings = match purpose {
                Use::Cleaning => settings.in_sample(),
                Use::Forecast => steady(settings, step_days),
            };
            GridPlan::new(*self.windows.grid(), &settings)
        };
        let plan = &self.plans[purpose as usize][usize::from(weekly)];
        (daily || weekly).then(|| plan.get_or_init(build))
    }

    /// How many Mondays, Tuesdays, ... were measured for at least half of the day: what was not seen twice cannot be
    /// told from chance, however long the history.
    fn days_seen(&self, history: &[f64]) -> [usize; 7] {
        let half = (0.5 * DAY_MS / self.windows.grid().step_ms() as f64) as usize;
        let mut seen = [0; 7];
        let (mut today, mut measured) = (i32::MIN, 0);
        for (local, _) in
            self.windows.local().iter().zip(history).filter(|(_, value)| !value.is_nan())
        {
            measured = if local.day == today { measured + 1 } else { 1 };
            today = local.day;
            seen[usize::from(local.weekday)] += usize::from(measured == half.max(1));
        }
        seen
    }
}

/// The prior on bends is set for some points an hour at most: sixty minutes of them outweigh it, the trend then bends
/// after whatever the seasons leave over, and the forecast runs on along the last bend.
fn steady(settings: Settings, step_days: f64) -> Settings {
    let points_an_hour = (1.0 / (24.0 * step_days)).max(1.0);
    let changepoint_prior_scale = settings.changepoint_prior_scale / points_an_hour;
    Settings { changepoint_prior_scale, ..settings }
}

fn peak_of(expected: &[f64]) -> f64 {
    expected.iter().copied().fold(0.0, f64::max)
}

impl Model {
    /// Whether a weekly season is part of it; the seasonal naive model says of itself what it repeats.
    fn knows_weeks(&self) -> bool {
        match self {
            Self::Prophet(settings) => {
                settings.seasonalities.iter().any(|season| season.period > 1.0)
            }
            Self::SeasonalNaive => true,
        }
    }

    /// `prophet (multiplicative; daily, weekly)`, for people.
    fn name(&self) -> String {
        let Self::Prophet(settings) = self else { return "seasonal naive".to_owned() };
        let mode = match settings.seasonality_mode {
            SeasonalityMode::Additive => "additive",
            SeasonalityMode::Multiplicative => "multiplicative",
        };
        let name = |period: f64| if period > 1.0 { "weekly" } else { "daily" };
        let seasons: Vec<_> =
            settings.seasonalities.iter().map(|season| name(season.period)).collect();
        format!("prophet ({mode}; {})", seasons.join(", "))
    }
}

fn remarks(future: Option<&Future>, statistics: &DemandStatistics, policy: &Policy) -> Vec<Remark> {
    let days = statistics.history_days;
    let gaps = statistics.gaps as f64 / statistics.windows.max(1) as f64;
    let capped = future.is_some_and(|future| future.trend == Extrapolation::Capped);
    let naive = future.is_some_and(|future| matches!(future.model, Model::SeasonalNaive));
    let no_week = policy.learn.weekly && future.is_some_and(|future| !future.model.knows_weeks());
    [
        no_week.then_some(Remark::NoWeeklySeason { days }),
        capped.then_some(Remark::TrendCapped),
        future.is_none().then_some(Remark::NoForecast),
        naive.then_some(Remark::SeasonalNaive),
        (gaps > GAPS_RATIO_TOLD).then_some(Remark::Gaps { ratio: gaps }),
    ]
    .into_iter()
    .flatten()
    .collect()
}
