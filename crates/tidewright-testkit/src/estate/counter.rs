//! Counters: how what was asked is counted by instance and response code, and what a scrape sees of it.
//!
//! A counter's value is a function of the moment, so any piece of history can be written by itself. Requests are spread evenly
//! inside their minute. A restart sets the counters of its instance back to zero; a code is not exported before its first
//! request, and not again before the first one after a restart.

use std::io;

use tidewright_core::{TimeSpan, Timestamp};

use super::demand::Truth;
use super::event::EventKind;
use super::{DAYS, Pair};
use crate::chance::Chance;
use crate::prometheus::Text;
use crate::trace::DAY;

/// The metric that counts requests.
pub const METRIC: &str = "service_nginx_request_time_s_count";

/// One request in so many fails, where failures are counted.
const FAILURE_EVERY: u64 = 400;
/// One request in so many of a burst is rejected.
const REJECTION_EVERY: u64 = 3;
/// How often an instance is restarted in a long history.
const RESTARTS: usize = 4;

/// How often Prometheus scrapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scrape {
    /// Every 30 seconds.
    Every30s,
    /// Every 60 seconds.
    Every60s,
}

/// One exported counter: an instance and a response code.
#[derive(Clone, Debug)]
pub struct Counter {
    instance: String,
    code: &'static str,
    start: Timestamp,
    /// Requests up to the start of each minute, and up to the end of the last one.
    totals: Vec<u64>,
    /// When its process was restarted, ascending.
    restarts: Vec<Timestamp>,
    /// What it had counted before history starts.
    before: u64,
    /// From 0 to 1: where in the interval its instance is scraped.
    offset: f64,
}

/// What exports counters: where it is, when it was restarted, when it is scraped.
#[derive(Clone, Debug)]
pub(super) struct Process {
    pub(super) instance: String,
    pub(super) start: Timestamp,
    pub(super) restarts: Vec<Timestamp>,
    pub(super) offset: f64,
}

/// How a counter is named, and when nobody scraped it.
pub(super) struct Named<'a> {
    pub(super) metric: &'a str,
    pub(super) labels: &'a [(&'a str, &'a str)],
    pub(super) gaps: &'a [TimeSpan],
}

/// A pair whose counters are wanted.
pub(super) struct Asked<'a> {
    pub(super) truth: &'a Truth,
    pub(super) seed: u64,
    pub(super) name: &'a str,
}

impl Scrape {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Every30s, Self::Every60s];

    /// The time between scrapes.
    pub const fn millis(self) -> i64 {
        match self {
            Self::Every30s => 30_000,
            Self::Every60s => 60_000,
        }
    }

    /// The value of the label `scrape`.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Every30s => "30s",
            Self::Every60s => "60s",
        }
    }
}

impl Counter {
    /// A counter of a process that had counted nothing before history starts; only code `200` is exported before its
    /// first request. `counts` holds the requests of each minute.
    pub(super) fn of(process: &Process, code: &'static str, counts: &[u64]) -> Self {
        let mut totals = vec![0];
        for count in counts {
            totals.push(totals[totals.len() - 1] + count);
        }
        let Process { instance, start, restarts, offset } = process.clone();
        Self { instance, code, start, totals, restarts, before: 0, offset }
    }

    /// What the instance exports at a moment; `None` if it does not export this code.
    pub fn value(&self, moment: Timestamp) -> Option<u64> {
        let restart = self.restarts.iter().rev().find(|restart| **restart <= moment);
        let value = match restart {
            Some(restart) => self.total(moment) - self.total(*restart),
            None => self.before + self.total(moment),
        };
        (value > 0 || self.code == "200").then_some(value)
    }

    /// Requests from the start of history up to a moment, restarts or not.
    pub(super) fn total(&self, moment: Timestamp) -> u64 {
        let millis = (moment.as_millis() - self.start.as_millis()).max(0) as usize;
        let minute = (millis / 60_000).min(self.totals.len() - 1);
        let end = self.totals[(minute + 1).min(self.totals.len() - 1)];
        let part = (end - self.totals[minute]) * (millis % 60_000) as u64 / 60_000;
        self.totals[minute] + part
    }

    /// Writes the samples of a piece of history.
    pub(super) fn write(
        &self,
        pair: &Pair,
        scrape: Scrape,
        labels: &[(&str, &str)],
        (piece, text): (TimeSpan, &mut Text),
    ) -> io::Result<()> {
        let own = [("code", self.code), ("instance", self.instance.as_str())];
        let pair_labels = [("partner", pair.partner.as_str()), ("path", pair.path.as_str())];
        let gaps: Vec<TimeSpan> = pair.events(EventKind::ScrapeGap).map(|gap| gap.span).collect();
        let labels = &[&own, &pair_labels, labels].concat();
        self.write_as(&Named { metric: METRIC, labels, gaps: &gaps }, scrape, (piece, text))
    }

    /// Writes the samples of a piece of history under this name.
    pub(super) fn write_as(
        &self,
        named: &Named<'_>,
        scrape: Scrape,
        (piece, text): (TimeSpan, &mut Text),
    ) -> io::Result<()> {
        text.series(named.metric, named.labels);
        for moment in self.scrapes(scrape, piece) {
            let seen = !named.gaps.iter().any(|gap| gap.contains(moment));
            if let Some(value) = self.value(moment).filter(|_| seen) {
                text.sample(moment.as_millis(), value)?;
            }
        }
        Ok(())
    }

    /// As above, but always 1.
    pub(super) fn write_steady(
        &self,
        named: &Named<'_>,
        scrape: Scrape,
        (piece, text): (TimeSpan, &mut Text),
    ) -> io::Result<()> {
        text.series(named.metric, named.labels);
        self.scrapes(scrape, piece).try_for_each(|moment| text.sample(moment.as_millis(), 1))
    }

    fn scrapes(&self, scrape: Scrape, piece: TimeSpan) -> impl Iterator<Item = Timestamp> {
        let step = scrape.millis();
        let start = piece.start.max(self.start).align_down(step);
        let first = start.plus_millis((self.offset * step as f64) as i64);
        let moments = (0..).map(move |k| first.plus_millis(k * step));
        moments
            .skip_while(move |moment| *moment < piece.start)
            .take_while(move |moment| *moment < piece.end)
    }
}

/// All counters of a pair: one to three instances, each with its codes.
pub(super) fn counters(asked: &Asked<'_>) -> Vec<Counter> {
    let mut chance = Chance::new(asked.seed, &format!("instances of {}", asked.name));
    let instances = [1, 1, 1, 1, 1, 1, 2, 3][chance.between(0, 8)];
    let fails = chance.between(0, 5) == 0;
    (0..instances)
        .flat_map(|i| {
            let base = Counter {
                instance: format!("10.{}.0.{}:9113", asked.seed, chance.between(1, 65_000)),
                code: "200",
                start: asked.truth.start,
                totals: Vec::new(),
                restarts: restarts(asked.truth, &mut chance),
                before: chance.between(0, 9_000_000) as u64,
                offset: chance.uniform(0.0, 1.0),
            };
            let codes = if fails && i == 0 { &["200", "429", "500"][..] } else { &["200", "429"] };
            count(asked.truth, (i, instances), codes.iter().map(|code| with_code(&base, code)))
        })
        .collect()
}

fn with_code(base: &Counter, code: &'static str) -> Counter {
    let before = if code == "200" { base.before } else { 0 };
    Counter { code, before, totals: vec![0], ..base.clone() }
}

/// When a process with this truth was restarted, ascending.
pub(super) fn restarts(truth: &Truth, chance: &mut Chance) -> Vec<Timestamp> {
    let millis = truth.actual.len() * 60_000;
    let count = RESTARTS * truth.actual.len() / (DAYS * DAY);
    let mut moments: Vec<Timestamp> = (0..count)
        .map(|_| truth.start.plus_millis(chance.between(600_000, millis) as i64))
        .collect();
    moments.sort();
    moments
}

/// Shares each minute out to instance `i` of `instances`, and there to the codes. Nothing is lost, nothing counted twice.
fn count(
    truth: &Truth,
    (i, instances): (u64, u64),
    counters: impl Iterator<Item = Counter>,
) -> Vec<Counter> {
    let mut counters: Vec<Counter> = counters.collect();
    let fails = counters.iter().any(|counter| counter.code == "500");
    let bursts: Vec<_> = truth.events.iter().filter(|e| e.kind == EventKind::Burst).collect();
    let mut asked_total = 0;
    for (minute, asked) in truth.actual.iter().enumerate() {
        let asked = asked * (i + 1) / instances - asked * i / instances;
        let moment = truth.moment(minute);
        let bursts = bursts.iter().any(|burst| burst.span.contains(moment));
        let rejected = if bursts { asked / REJECTION_EVERY } else { 0 };
        let before = asked_total / FAILURE_EVERY;
        asked_total += asked - rejected;
        let failed = if fails { asked_total / FAILURE_EVERY - before } else { 0 };
        for counter in &mut counters {
            let more = match counter.code {
                "429" => rejected,
                "500" => failed,
                _ => asked - rejected - failed,
            };
            counter.totals.push(counter.totals[minute] + more);
        }
    }
    counters.retain(|counter| counter.totals.last() > Some(&0));
    counters
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::{END, Estate, EstateSettings};

    #[test]
    fn counters_hold_every_request_that_was_asked() {
        for pair in Estate::new(EstateSettings::new(9)).pairs {
            let counted: u64 = pair.counters.iter().map(|counter| counter.total(END)).sum();
            assert_eq!(counted, pair.truth.asked(0, pair.truth.actual.len()), "{}", pair.name());
        }
    }

    #[test]
    fn a_restart_sets_a_counter_back_and_hides_a_code_that_was_not_asked_for() {
        let at = Timestamp::from_secs;
        let counter = Counter {
            instance: "a".to_owned(),
            code: "429",
            start: at(0),
            totals: vec![0, 60, 60, 90],
            restarts: vec![at(60)],
            before: 0,
            offset: 0.0,
        };
        let values = [0, 30, 59, 60, 119, 122, 180].map(|secs| counter.value(at(secs)));
        assert_eq!(values, [None, Some(30), Some(59), None, None, Some(1), Some(30)]);
    }

    #[test]
    fn scrapes_of_neighbouring_pieces_neither_overlap_nor_leave_a_hole() {
        let counter = Estate::new(EstateSettings::new(1)).pairs[0].counters[0].clone();
        let edge = END.plus_millis(-7_300);
        let pieces = [(END.plus_millis(-600_000), edge), (edge, END)];
        let moments = pieces.map(|(start, end)| {
            counter.scrapes(Scrape::Every30s, TimeSpan { start, end }).collect::<Vec<_>>()
        });
        let all: Vec<i64> = moments.concat().iter().map(|moment| moment.as_millis()).collect();
        assert_eq!(all.len(), 20);
        assert!(all.windows(2).all(|pair| pair[1] - pair[0] == 30_000));
    }
}
