//! The counts of one series: level x rhythm x events, with noise.
//!
//! Noise is wider than Poisson's, as real traffic is: variance = mean + (0.03 x mean)^2. A minute's noise is drawn once,
//! so that clean and measured counts differ only where something happened.

use std::ops::Range;

use tidewright_core::SeriesKey;

use super::chance::Chance;
use super::event::{self, Event, EventKind, Happening};
use super::shape::{DAY, Shape};
use super::signals::{Beside, TOLD};
use super::{Events, SyntheticSettings};

/// Where a pair stands in the settings: it decides what happens to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) partner: usize,
    pub(super) path: usize,
}

/// One series.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    key: SeriesKey,
    level: f64,
    shape: Shape,
    noise: Chance,
    days: Chance,
    spikes: Option<Chance>,
    recurring: Option<Recurring>,
    schedule: Vec<Happening>,
    beside: Beside,
}

/// A peak in the same minutes of every day.
#[derive(Clone, Copy, Debug)]
struct Recurring {
    minute: i64,
    minutes: i64,
    factor: f64,
}

/// A cron job in the night: it more than triples what little there is.
const CRON: Recurring = Recurring { minute: 180, minutes: 12, factor: 3.5 };

/// The mean of the pair with hardly any traffic, per minute.
const LEVEL_LOW: f64 = 6.0;

/// Means lie between this and its sum with the range, per minute.
const LEVEL_MIN: f64 = 300.0;
const LEVEL_RANGE: f64 = 2_700.0;

/// The part of the noise that does not average out with more traffic.
const NOISE_RATIO: f64 = 0.03;

/// Days differ by this much, one sigma.
const DAY_RATIO: f64 = 0.02;

impl Pair {
    pub(super) fn new(key: SeriesKey, place: Place, settings: &SyntheticSettings) -> Self {
        let labels = key.labels().fold(Chance::new(settings.seed), |chance, (name, value)| {
            chance.fork(name).fork(value)
        });
        let (partners, paths) = (settings.partners.len(), settings.paths.len());
        let low = partners * paths > 1 && (place.partner, place.path) == (partners - 1, paths - 1);
        let level = LEVEL_MIN + LEVEL_RANGE * labels.fork("level").uniform(0);
        let spikes = (settings.events == Events::Injected).then(|| labels.fork("spikes"));
        Self {
            key,
            level: if low { LEVEL_LOW } else { level },
            shape: Shape::new(labels.fork("shape")),
            noise: labels.fork("noise"),
            days: labels.fork("days"),
            spikes,
            recurring: ((place.partner, place.path) == (0, 2)).then_some(CRON),
            schedule: event::schedule(place, settings),
            beside: Beside { chance: labels.fork("beside"), is_cached: place.path == 0 },
        }
    }

    pub(super) const fn key(&self) -> &SeriesKey {
        &self.key
    }

    /// Counts without incidents and gaps.
    pub(super) fn clean(&self, minutes: Range<i64>) -> Vec<f64> {
        minutes.map(|minute| self.count(minute, self.clean_mean(minute))).collect()
    }

    /// Counts as they are measured, NaN in a gap.
    pub(super) fn measured(&self, minutes: Range<i64>) -> Vec<f64> {
        let mut counts = self.clean(minutes.clone());
        let happenings = self.happenings(&minutes);
        for happening in happenings.iter().filter(|happening| !happening.kind.is_clean()) {
            let inside = happening.start.max(minutes.start)..happening.end.min(minutes.end);
            for minute in inside {
                counts[(minute - minutes.start) as usize] = self.disturbed(minute, &happenings);
            }
        }
        counts
    }

    /// What the counts of these minutes, as they were measured, were made of.
    pub(super) fn told(&self, minutes: Range<i64>, counts: &[f64]) -> [Vec<f64>; TOLD.len()] {
        let happenings = self.happenings(&minutes);
        self.beside.columns(minutes, counts, &happenings)
    }

    /// What happens within a span, by time.
    pub(super) fn events(&self, minutes: Range<i64>) -> Vec<Event> {
        let mut events: Vec<Event> = self
            .happenings(&minutes)
            .into_iter()
            .chain(self.recurrences(&minutes))
            .filter_map(|happening| happening.within(&minutes))
            .collect();
        events.sort_by_key(|event| (event.span.start, event.kind));
        events
    }

    fn disturbed(&self, minute: i64, happenings: &[Happening]) -> f64 {
        let now = happenings.iter().filter(|happening| happening.contains(minute));
        let unclean = now.filter(|happening| !happening.kind.is_clean());
        let mean = unclean
            .clone()
            .fold(self.clean_mean(minute), |mean, happening| mean * happening.factor_at(minute));
        let gap = unclean.clone().any(|happening| happening.kind == EventKind::Gap);
        if gap { f64::NAN } else { self.count(minute, mean) }
    }

    fn clean_mean(&self, minute: i64) -> f64 {
        let season = self.level * self.shape.at(minute) * self.day_factor(minute);
        let launched = self
            .schedule
            .iter()
            .filter(|happening| happening.kind == EventKind::Launch && happening.contains(minute));
        let mean = launched.fold(season, |mean, launch| mean * launch.factor);
        match self.recurring {
            Some(peak) if peak.contains(minute) => mean * peak.factor,
            _ => mean,
        }
    }

    /// From the middle of one day to the middle of the next it moves along a line.
    fn day_factor(&self, minute: i64) -> f64 {
        let shifted = minute - DAY / 2;
        let (day, part) = (shifted.div_euclid(DAY), shifted.rem_euclid(DAY) as f64 / DAY as f64);
        let of = |day| self.days.normal(day);
        1.0 + DAY_RATIO * (of(day) * (1.0 - part) + of(day + 1) * part)
    }

    fn count(&self, minute: i64, mean: f64) -> f64 {
        let wide = NOISE_RATIO * mean;
        let sigma = (mean + wide * wide).sqrt();
        let count = (mean + sigma * self.noise.normal(minute)).round();
        // Not `max`: of -0 and 0 it may return either, as the optimiser likes.
        if count > 0.0 { count } else { 0.0 }
    }

    fn happenings(&self, minutes: &Range<i64>) -> Vec<Happening> {
        let mut all = self.schedule.clone();
        if let Some(chance) = self.spikes {
            all.extend(days(minutes).filter_map(|day| event::spike(chance, day)));
        }
        all
    }

    fn recurrences(&self, minutes: &Range<i64>) -> impl Iterator<Item = Happening> {
        let peak = self.recurring;
        days(minutes).filter_map(move |day| {
            let Recurring { minute, minutes, factor } = peak?;
            let start = day * DAY + minute;
            let kind = EventKind::RecurringPeak;
            Some(Happening { kind, start, end: start + minutes, factor })
        })
    }
}

impl Recurring {
    const fn contains(self, minute: i64) -> bool {
        let of_day = minute.rem_euclid(DAY);
        self.minute <= of_day && of_day < self.minute + self.minutes
    }
}

/// The days that a span touches, counted since the epoch. No event of a day reaches into the next.
fn days(minutes: &Range<i64>) -> Range<i64> {
    minutes.start.div_euclid(DAY)..minutes.end.div_euclid(DAY) + 1
}
