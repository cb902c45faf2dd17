//! Demand: the traces and a synthetic one, split into pairs by shares that drift, with and without what happens to them.

use std::f64::consts::TAU;

use tidewright_core::{TimeSpan, Timestamp};

use super::counter::{self, Asked};
use super::event::{Event, EventKind, Placed, Places, Role};
use super::{DAYS_SHORT, END, EstateSettings, Pair};
use crate::chance::Chance;
use crate::trace::{self, DAY};

/// The small trace has 43 requests a minute; a platform's partner has more.
const NASA_SCALE: u64 = 50;
/// Shorter silences of the small trace are nights.
const REAL_OUTAGE_MINUTES: usize = 60;
/// The synthetic level, in requests per minute.
const SYNTHETIC_LEVEL: f64 = 4_000.0;

const ROLES: [Role; 5] = [Role::Launch, Role::SlowAttack, Role::Outage, Role::Bursts, Role::Bursts];
const PATHS: [&str; 3] = ["/api/v3/configurations/list", "/api/v3/playback", "/api/v3/assets/get"];

/// Where demand comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The public web site.
    Nasa,
    /// The public message stream.
    Twitter,
    /// A synthetic week: seasons, weekend and noise.
    Synthetic,
}

/// What was asked of a pair, minute by minute, and what would have been asked without incidents.
#[derive(Clone, Debug, PartialEq)]
pub struct Truth {
    /// The first minute.
    pub start: Timestamp,
    /// Without incidents and the slow attack, with the launch; `None` where the real trace itself has an outage.
    pub clean: Vec<Option<u64>>,
    /// As it really happened, rejected requests included.
    pub actual: Vec<u64>,
    /// What happened.
    pub events: Vec<Event>,
}

impl Truth {
    /// From the first minute to the end of the last.
    pub fn span(&self) -> TimeSpan {
        TimeSpan { start: self.start, end: self.moment(self.actual.len()) }
    }

    /// The start of a minute.
    pub fn moment(&self, minute: usize) -> Timestamp {
        self.start.plus_millis(minute as i64 * 60_000)
    }

    /// What was asked from minute `from` up to minute `to`.
    pub fn asked(&self, from: usize, to: usize) -> u64 {
        self.actual[from..to].iter().sum()
    }
}

/// All pairs of an estate: five of the real traces, in turn more of the one or of the other, and two of the synthetic one.
pub(super) fn pairs(settings: EstateSettings) -> Vec<Pair> {
    let nasa = 2 + settings.seed as usize % 2;
    let mut chance = Chance::new(settings.seed, "gap");
    let gap =
        Gap { before_end: chance.between(DAY * 3, DAY * 5), minutes: chance.between(60, 150) };
    let roles = |first: usize| move |i: usize| ROLES[(first + i + settings.seed as usize) % 5];
    let short = EstateSettings { days: DAYS_SHORT.min(settings.days), ..settings };
    let calm = |i: usize| [Role::Bursts, Role::Calm][i];
    let mut pairs = split((Origin::Nasa, nasa), settings, gap, roles(0));
    pairs.extend(split((Origin::Twitter, 5 - nasa), settings, gap, roles(nasa)));
    pairs.extend(split((Origin::Synthetic, 2), short, gap, calm));
    pairs
}

fn split(
    (origin, count): (Origin, usize),
    settings: EstateSettings,
    gap: Gap,
    role: impl Fn(usize) -> Role,
) -> Vec<Pair> {
    let total = total(origin, settings);
    let shares: Vec<_> = (0..count).map(|i| Share::new(settings.seed, origin, i)).collect();
    let sums: Vec<f64> =
        (0..total.len()).map(|t| shares.iter().map(|share| share.at(t)).sum()).collect();
    let pair = |(i, share): (usize, &Share)| {
        let part = |(t, total): (usize, &u64)| *total as f64 * share.at(t) / sums[t];
        let base: Vec<u64> = total.iter().enumerate().map(|t| part(t).round() as u64).collect();
        let mut chance = Chance::new(settings.seed, &format!("events of {origin:?} {i}"));
        let mut places = Places { base: &base, taken: real_outages(origin, &total) };
        places.taken.push(gap.placed(base.len()));
        places.play(role(i), &mut chance);
        let taken = places.taken;
        let truth = happen(&base, &taken);
        build((origin, i), settings.seed, truth)
    };
    shares.iter().enumerate().map(pair).collect()
}

fn build((origin, i): (Origin, usize), seed: u64, truth: Truth) -> Pair {
    let partner = format!("{origin:?}_{}", i / 2 + 1).to_uppercase();
    let path = PATHS[i % 2 + usize::from(origin == Origin::Synthetic)].to_owned();
    let asked = Asked { truth: &truth, seed, name: &format!("{partner} {path}") };
    let counters = counter::counters(&asked);
    Pair { partner, path, origin, truth, counters }
}

/// When nothing of the estate was scraped.
#[derive(Clone, Copy)]
struct Gap {
    before_end: usize,
    minutes: usize,
}

impl Gap {
    fn placed(self, len: usize) -> Placed {
        let from = len - self.before_end;
        Placed { kind: EventKind::ScrapeGap, from, to: from + self.minutes, factor: 1.0 }
    }
}

/// A share of a trace that drifts by a fifth over some days.
struct Share {
    weight: f64,
    period: f64,
    phase: f64,
}

impl Share {
    fn new(seed: u64, origin: Origin, i: usize) -> Self {
        let mut chance = Chance::new(seed, &format!("share of {origin:?} {i}"));
        let weight = chance.uniform(0.5, 1.5);
        let period = chance.uniform(6.0, 12.0) * DAY as f64;
        Self { weight, period, phase: chance.uniform(0.0, TAU) }
    }

    fn at(&self, minute: usize) -> f64 {
        self.weight * (1.0 + 0.2 * (minute as f64 / self.period * TAU + self.phase).sin())
    }
}

/// Requests per minute of all pairs of an origin together; the last minute ends at [`END`].
fn total(origin: Origin, settings: EstateSettings) -> Vec<u64> {
    let minutes = settings.days * DAY;
    match origin {
        Origin::Nasa => {
            let trace = trace::nasa();
            trace[trace.len() - minutes..].iter().map(|count| count * NASA_SCALE).collect()
        }
        Origin::Twitter => {
            let trace = trace::twitter();
            let rotation = Chance::new(settings.seed, "rotation").between(0, 14) * DAY;
            let first = minute_of(END) - minutes + rotation;
            (first..first + minutes).map(|minute| trace[minute % trace.len()]).collect()
        }
        Origin::Synthetic => {
            let mut noise = Chance::new(settings.seed, "noise");
            let first = minute_of(END) - minutes;
            let count = |minute| synthetic(minute) * noise.uniform(0.85, 1.15);
            (first..first + minutes).map(count).map(|count| count.round() as u64).collect()
        }
    }
}

fn minute_of(moment: Timestamp) -> usize {
    (moment.as_secs() / 60) as usize
}

/// A day with two humps and a quieter week-end; minutes count from a Thursday.
fn synthetic(minute: usize) -> f64 {
    let day = minute as f64 / DAY as f64 * TAU;
    let season = 1.0 - 0.5 * day.cos() + 0.15 * (2.0 * day).sin();
    let weekend = matches!(minute / DAY % 7, 2 | 3);
    SYNTHETIC_LEVEL * season * if weekend { 0.7 } else { 1.0 }
}

/// Silences of the small trace that are longer than a night.
fn real_outages(origin: Origin, total: &[u64]) -> Vec<Placed> {
    if origin != Origin::Nasa {
        return Vec::new();
    }
    let mut outages = Vec::new();
    let mut from = 0;
    for (minute, count) in total.iter().chain([&1]).enumerate() {
        if *count == 0 {
            continue;
        }
        if minute - from >= REAL_OUTAGE_MINUTES {
            let kind = EventKind::RealOutage;
            outages.push(Placed { kind, from, to: minute, factor: 0.0 });
        }
        from = minute + 1;
    }
    outages
}

/// Lays the events over the base.
fn happen(base: &[u64], taken: &[Placed]) -> Truth {
    let start = END.plus_millis(base.len() as i64 * -60_000);
    let events: Vec<Event> = taken.iter().map(|placed| placed.event(start)).collect();
    let mut truth = Truth { start, clean: Vec::new(), actual: Vec::new(), events };
    for (minute, count) in base.iter().enumerate() {
        let (clean, actual) = outcome(*count, truth.moment(minute), &truth.events);
        truth.clean.push(clean);
        truth.actual.push(actual);
    }
    truth
}

fn outcome(base: u64, moment: Timestamp, events: &[Event]) -> (Option<u64>, u64) {
    let now = || events.iter().filter(|event| event.span.contains(moment));
    let times = |kinds: fn(EventKind) -> bool| -> f64 {
        now().filter(|event| kinds(event.kind)).map(|event| event.factor_at(moment)).product()
    };
    let clean = (base as f64 * times(|kind| kind == EventKind::Launch)).round();
    let actual = (clean * times(|kind| kind != EventKind::Launch)).round();
    let known = now().all(|event| event.kind != EventKind::RealOutage);
    (known.then_some(clean as u64), actual as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::Estate;

    fn estate() -> Estate {
        Estate::new(EstateSettings::new(11))
    }

    #[test]
    fn pairs_of_a_trace_add_up_to_it_where_nothing_happens() {
        let pairs = estate().pairs;
        let nasa: Vec<_> = pairs.iter().filter(|pair| pair.origin == Origin::Nasa).collect();
        let calm = |minute: usize| {
            let moment = nasa[0].truth.moment(minute);
            let mut events = nasa.iter().flat_map(|pair| &pair.truth.events);
            !events.any(|event| event.span.contains(moment))
        };
        let trace = trace::nasa();
        for minute in (0..trace.len()).filter(|minute| calm(*minute)) {
            let sum: u64 = nasa.iter().map(|pair| pair.truth.actual[minute]).sum();
            assert!(sum.abs_diff(trace[minute] * NASA_SCALE) <= 3, "minute {minute}");
        }
    }

    #[test]
    fn incidents_are_in_what_happened_and_not_in_the_clean_truth() {
        for pair in estate().pairs {
            let minute = |event: &Event| {
                (event.span.start.as_secs() - pair.truth.start.as_secs()) as usize / 60
            };
            for event in pair.events(EventKind::Burst) {
                let (clean, actual) =
                    (pair.truth.clean[minute(event)], pair.truth.actual[minute(event)]);
                assert!(actual as f64 > 2.9 * clean.unwrap_or(0) as f64, "{event:?}");
            }
            for event in pair.events(EventKind::Outage) {
                let (clean, actual) =
                    (pair.truth.clean[minute(event)], pair.truth.actual[minute(event)]);
                assert!(actual == 0 && clean > Some(0), "{event:?}");
            }
        }
    }

    #[test]
    fn the_real_outage_is_unknown_demand() {
        let pairs = estate().pairs;
        let outages = pairs.iter().flat_map(|pair| pair.events(EventKind::RealOutage));
        assert!(outages.map(|event| event.span.days()).all(|days| (1.57..1.58).contains(&days)));
        let unknown = |pair: &Pair| pair.truth.clean.iter().filter(|clean| clean.is_none()).count();
        assert_eq!(pairs.iter().map(unknown).max(), Some(2263));
    }

    #[test]
    fn a_launch_is_in_the_clean_truth_and_a_slow_attack_is_not() {
        for pair in estate().pairs {
            let last =
                (pair.truth.clean.last().copied().flatten(), pair.truth.actual.last().copied());
            let (Some(clean), Some(actual)) = last else { panic!("the last minute is known") };
            let expected = if pair.has(EventKind::SlowAttack) { clean * 3 } else { clean };
            assert_eq!(actual, expected);
        }
    }
}
