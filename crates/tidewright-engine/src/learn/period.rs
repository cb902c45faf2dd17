//! A stretch of history in the windows of one unit: what can be learned of a series in it.

use std::ops::Range;

use tidewright_core::{
    CacheFrom, DemandStatistics, Grid, Policy, PrimeTime, Remark, TimeSpan, Timestamp,
};
use tidewright_models::clean::{Expectation, expect};
use tidewright_models::prophet::Extrapolation;
use tidewright_plan::{Demand, Learned, Windows, prime_time, statistics, unseen_factor};

use super::future::{Future, Model, Models};

const DAY_MS: f64 = 86_400_000.0;
/// From this much history on a week is forecast.
const DAYS_FOR_A_WEEK: f64 = 14.0;
/// The horizon with that much history, in days, and with less.
const HORIZON_DAYS: (f64, f64) = (7.0, 1.0);
/// A larger share of gaps is worth a remark.
const GAPS_RATIO_TOLD: f64 = 0.02;

/// A stretch of history and what all series in it share.
pub(super) struct Period {
    pub windows: Windows,
    inspected: TimeSpan,
    future: Grid,
    models: Models,
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
            models: Models::new(policy),
        }
    }

    /// What a robust model expects of a series; `None` where there is too little to fit.
    pub(super) fn expect(&self, raw: &[f64]) -> Option<Expectation> {
        expect(self.models.cleaning(&self.windows, raw)?, raw).ok()
    }

    /// Everything that a limit rests on; `None` if nothing was measured in the inspected days.
    pub(super) fn learn(&self, seen: &Seen<'_>, policy: &Policy) -> Option<Lesson> {
        let demand = Demand { windows: &self.windows, raw: seen.raw, clean: seen.clean };
        let prime = prime_time(&demand, self.inspected, &policy.prime);
        let statistics = statistics(&demand, self.inspected, &prime, policy.peak_quantile)?;
        let history = seen.level.unwrap_or(seen.clean);
        let future = self.models.forecast(&self.windows, history, &self.future, policy);
        let remarks = remarks(future.as_ref(), &statistics, policy);
        let forecast = future.as_ref().map(|future| future.peak);
        let model =
            future.as_ref().map_or_else(|| "none".to_owned(), |future| future.model.to_string());
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
