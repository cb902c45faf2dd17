//! Traffic in a few words: a rhythm of the day, its height, and what happens to it.
//!
//! A series is a pure function of its description, its seed and the moment at which its history ends. Counts are drawn
//! minute by minute, wider than Poisson's law as real traffic is. It imitates traffic well enough to judge decisions
//! by; it is no model of anybody's real traffic.

mod ago;
mod event;
mod rhythm;

pub use ago::{Ago, AgoError};
pub use event::Event;
pub use rhythm::Rhythm;

use serde::Deserialize;
use tidewright_core::{Grid, Timestamp, Zone};
use tidewright_numerics::{Random, stable_seed};

/// Below this mean a count is drawn one event at a time: the normal law would be wrong.
const MEAN_LOW: f64 = 30.0;
/// Days differ by this much, one standard deviation.
const DAY_RATIO: f64 = 0.02;

/// A series in a few words.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Traffic {
    /// Whose and where to: `partner:/path`.
    pub pair: String,
    /// The mean at the height of an ordinary weekday at the end of history, in requests per minute.
    pub peak: f64,
    /// The course of a day.
    #[serde(default)]
    pub rhythm: Rhythm,
    /// Saturdays and Sundays, in weekdays.
    #[serde(default = "one")]
    pub weekend: f64,
    /// The part of the noise that does not average out with more traffic.
    #[serde(default = "ordinary_noise")]
    pub noise: f64,
    /// Growth per day: 0.02 is 2 %.
    #[serde(default)]
    pub growth: f64,
    /// How long before the end of history it started; nothing is measured before.
    pub starts: Option<Ago>,
    /// How long before the end of history it ended; nothing is measured after.
    pub ends: Option<Ago>,
    /// What the limiter lets through, in requests per minute: what is above is answered 429.
    pub capped_at: Option<f64>,
    /// How often a rejected request is sent again.
    #[serde(default)]
    pub retries: f64,
    /// What happens to it.
    #[serde(default)]
    pub events: Vec<Event>,
}

/// Where and when traffic is painted.
#[derive(Clone, Copy, Debug)]
pub struct Canvas<'a> {
    /// The minutes of history.
    pub grid: Grid,
    /// Whose wall clock the rhythm follows.
    pub zone: &'a Zone,
    /// Where chance comes from.
    pub seed: u64,
    /// Whether rejected requests are counted.
    pub includes_rejected: bool,
}

/// What is measured of a series, NaN for a gap.
#[derive(Clone, Debug, Default)]
pub struct Painted {
    /// Requests per minute.
    pub counts: Vec<f64>,
    /// Those that were answered 429.
    pub rejected: Vec<f64>,
    /// Those that were answered 4xx but 429.
    pub client_errors: Vec<f64>,
    /// Those that were answered 5xx.
    pub server_errors: Vec<f64>,
}

const fn one() -> f64 {
    1.0
}

const fn ordinary_noise() -> f64 {
    0.05
}

impl Traffic {
    /// Traffic of an ordinary kind: this height, this rhythm, nothing happens.
    pub fn ordinary(pair: &str, peak: f64, rhythm: Rhythm) -> Self {
        Self {
            pair: pair.to_owned(),
            peak,
            rhythm,
            weekend: 1.0,
            noise: ordinary_noise(),
            growth: 0.0,
            starts: None,
            ends: None,
            capped_at: None,
            retries: 0.0,
            events: Vec::new(),
        }
    }

    /// Partner and path.
    pub fn names(&self) -> (&str, &str) {
        self.pair.split_once(':').unwrap_or((&self.pair, ""))
    }

    /// What is measured of it.
    pub fn paint(&self, canvas: &Canvas<'_>) -> Painted {
        let chance = |purpose| Random::new(stable_seed(canvas.seed, &self.pair, purpose));
        let (mut noise, mut days, mut losses) = (chance("noise"), chance("days"), chance("losses"));
        let mut painted = Painted::default();
        let (mut today, mut day_factor) = (i32::MIN, 1.0);
        for index in 0..canvas.grid.len() {
            let local = canvas.zone.local(canvas.grid.timestamp(index));
            if local.day != today {
                (today, day_factor) = (local.day, 1.0 + DAY_RATIO * days.normal());
            }
            let mean = self.mean(canvas, canvas.grid.timestamp(index)) * day_factor;
            let demand = count(mean, self.noise, &mut noise);
            painted.push(self.measured(canvas, index, demand, losses.uniform()));
        }
        painted
    }

    /// Expected demand at a moment.
    fn mean(&self, canvas: &Canvas<'_>, moment: Timestamp) -> f64 {
        let end = canvas.grid.end();
        let late: i64 = self.active(end, moment).map(Event::clock_millis).sum();
        let shown = moment.plus_millis(-late);
        let local = canvas.zone.local(shown);
        let days_ago = (end.as_millis() - moment.as_millis()) as f64 / 86_400_000.0;
        let week = if local.is_weekend() { self.weekend } else { 1.0 };
        let usual = self.peak
            * self.rhythm.at(local.minute_of_day)
            * week
            * (1.0 + self.growth).powf(-days_ago);
        let happened = self.active(end, moment);
        happened.fold(usual, |mean, event| event.applied(mean, end, moment))
    }

    fn active(&self, end: Timestamp, moment: Timestamp) -> impl Iterator<Item = &Event> {
        self.events.iter().filter(move |event| event.is_active(end, moment))
    }

    /// Counts and answers of one minute with this demand: count, rejected, 4xx, 5xx.
    fn measured(&self, canvas: &Canvas<'_>, index: usize, demand: f64, luck: f64) -> [f64; 4] {
        let (end, moment) = (canvas.grid.end(), canvas.grid.timestamp(index));
        let ago = end.as_millis() - moment.as_millis();
        let before = self.starts.is_some_and(|starts| starts.millis() < ago);
        let after = self.ends.is_some_and(|ends| ago <= ends.millis());
        let lost = self.active(end, moment).map(Event::missing).fold(0.0, f64::max);
        if before || after || luck < lost {
            return [f64::NAN; 4];
        }
        let over = self.capped_at.map_or(0.0, |cap| (demand - cap).max(0.0));
        let refused = (over * (1.0 + self.retries)).round();
        let sum = |share: fn(&Event) -> f64| -> f64 { self.active(end, moment).map(share).sum() };
        let rejected = refused + (demand * sum(Event::rejected)).round();
        let passed = demand - over;
        let counted = if canvas.includes_rejected { passed + refused } else { passed };
        let errors = |share: f64| (passed * share).round();
        [counted, rejected, errors(sum(Event::client_errors)), errors(sum(Event::server_errors))]
    }
}

impl Painted {
    fn push(&mut self, [count, rejected, client_errors, server_errors]: [f64; 4]) {
        self.counts.push(count);
        self.rejected.push(rejected);
        self.client_errors.push(client_errors);
        self.server_errors.push(server_errors);
    }
}

/// A count with this mean: Poisson's noise and a part that grows with the mean.
fn count(mean: f64, noise: f64, random: &mut Random) -> f64 {
    if mean < MEAN_LOW {
        return poisson(mean, random);
    }
    let spread = (mean + (noise * mean).powi(2)).sqrt();
    (mean + spread * random.normal()).round().max(0.0)
}

/// Knuth's way: events until their waiting times fill the minute.
fn poisson(mean: f64, random: &mut Random) -> f64 {
    let (limit, mut product, mut events) = ((-mean).exp(), random.uniform(), 0.0);
    while product > limit {
        product *= random.uniform();
        events += 1.0;
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: usize = 1440;

    fn paint(traffic: &Traffic, days: usize) -> Painted {
        let start = Timestamp::parse("2026-03-02T00:00:00Z").unwrap();
        let grid = Grid::new(start, 60_000, days * DAY).unwrap();
        let zone = Zone::utc();
        traffic.paint(&Canvas { grid, zone: &zone, seed: 1, includes_rejected: true })
    }

    fn mean(counts: &[f64]) -> f64 {
        counts.iter().sum::<f64>() / counts.len() as f64
    }

    #[test]
    fn flat_traffic_has_its_height_and_repeats_itself() {
        for peak in [4.0, 400.0] {
            let traffic = Traffic::ordinary("a:/x", peak, Rhythm::Flat);
            let counts = paint(&traffic, 3).counts;
            assert!((mean(&counts) / peak - 1.0).abs() < 0.05, "{}", mean(&counts));
            assert_eq!(counts, paint(&traffic, 3).counts);
        }
    }

    #[test]
    fn an_event_multiplies_while_it_lasts() {
        let mut traffic = Traffic::ordinary("a:/x", 100.0, Rhythm::Flat);
        traffic.events = vec![Event {
            times: Some(5.0),
            lasts: Some(Ago::minutes(30)),
            ..Event::at(Ago::minutes(60))
        }];
        let counts = paint(&traffic, 1).counts;
        assert!(mean(&counts[DAY - 60..DAY - 30]) > 450.0);
        assert!(mean(&counts[DAY - 30..]) < 110.0 && mean(&counts[..DAY - 60]) < 110.0);
    }

    #[test]
    fn growth_ends_at_the_height() {
        let traffic = Traffic { growth: 0.1, ..Traffic::ordinary("a:/x", 1000.0, Rhythm::Flat) };
        let counts = paint(&traffic, 14).counts;
        assert!((mean(&counts[13 * DAY..]) / 953.0 - 1.0).abs() < 0.06);
        assert!(mean(&counts[..DAY]) < 300.0);
    }

    #[test]
    fn what_a_limiter_rejects_is_counted_with_its_retries() {
        let capped = Traffic {
            capped_at: Some(60.0),
            retries: 1.0,
            noise: 0.0,
            ..Traffic::ordinary("a:/x", 100.0, Rhythm::Flat)
        };
        let painted = paint(&capped, 1);
        assert!((mean(&painted.counts) / 140.0 - 1.0).abs() < 0.03);
        assert!((mean(&painted.rejected) / 80.0 - 1.0).abs() < 0.05);
    }

    #[test]
    fn what_was_not_there_was_not_measured() {
        let young = Traffic {
            starts: Some(Ago::minutes(600)),
            ends: Some(Ago::minutes(60)),
            ..Traffic::ordinary("a:/x", 100.0, Rhythm::Day)
        };
        let counts = paint(&young, 1).counts;
        let seen: Vec<usize> = (0..DAY).filter(|index| !counts[*index].is_nan()).collect();
        assert_eq!((seen.first(), seen.last(), seen.len()), (Some(&840), Some(&1379), 540));
    }
}
