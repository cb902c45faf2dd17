//! What stands around an estate's traffic: an edge that tells statuses, a limiter that counts in fixed windows, a cache, a
//! backend behind both.
//!
//! What became of each request is known minute by minute, and every part exports its own counters of it: the edge sees all
//! requests, the limiter those over its limit, the cache those that were let through, the backend those as well and no
//! rejected one. Nothing is decided here: limits are given.

use std::io;

use tidewright_core::{TimeSpan, Timestamp};

use super::counter::{self, Counter, Named, Process, Scrape};
use super::event::EventKind;
use super::{Estate, Pair};
use crate::chance::Chance;
use crate::prometheus::Text;

/// All requests, by `response_code` and `cache_status`.
pub const EDGE_METRIC: &str = "edge_requests_total";
/// Requests that were let through, without a status.
pub const BACKEND_METRIC: &str = "backend_requests_total";
/// All requests, as the limiter names it.
pub const TOTAL_HITS_METRIC: &str = "ratelimit_service_rate_limit_total_hits";
/// Requests over their limit, as the limiter names it.
pub const OVER_LIMIT_METRIC: &str = "ratelimit_service_rate_limit_over_limit";
/// Requests in front of the cache and behind it.
pub const CACHE_METRICS: [&str; 2] = ["cache_requests_before_total", "cache_requests_after_total"];

/// One request in so many fails by its own fault, or by the server's.
const CLIENT_ERROR_EVERY: u64 = 50;
const SERVER_ERROR_EVERY: u64 = 120;
/// So many of five good requests are answered by the cache.
const HITS_OF_FIVE: u64 = 3;

/// What became of the requests of one pair, minute by minute.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// All of them.
    pub asked: Vec<u64>,
    /// Over the limit.
    pub rejected: Vec<u64>,
    /// Answered 404.
    pub client_errors: Vec<u64>,
    /// Answered 500.
    pub server_errors: Vec<u64>,
    /// Let through, so that they reached the cache.
    pub lookups: Vec<u64>,
    /// Answered by the cache.
    pub hits: Vec<u64>,
}

/// One pair on the platform.
#[derive(Clone, Debug)]
pub struct Served {
    /// The partner.
    pub partner: String,
    /// The path.
    pub path: String,
    /// The first minute.
    pub start: Timestamp,
    /// What became of its requests.
    pub outcome: Outcome,
    /// Requests per minute that the limiter lets through.
    pub limit: u64,
    /// When nobody scraped its edge.
    pub gaps: Vec<TimeSpan>,
    /// When a process that counts its requests was restarted.
    pub restarts: Vec<Timestamp>,
    exports: Vec<Export>,
}

/// Traffic with what stands around it.
#[derive(Clone, Debug)]
pub struct Platform {
    /// The partners and paths.
    pub pairs: Vec<Served>,
    limiter: Process,
}

/// One counter with its name.
#[derive(Clone, Debug)]
struct Export {
    metric: &'static str,
    job: &'static str,
    labels: Vec<(&'static str, String)>,
    process: Process,
    counter: Counter,
}

impl Outcome {
    fn of(asked: &[u64], limit: u64) -> Self {
        let mut all = Self { asked: asked.to_vec(), ..Self::default() };
        for asked in asked {
            let rejected = asked.saturating_sub(limit);
            let lookups = asked - rejected;
            let client_errors = lookups / CLIENT_ERROR_EVERY;
            let server_errors = lookups / SERVER_ERROR_EVERY;
            all.rejected.push(rejected);
            all.lookups.push(lookups);
            all.client_errors.push(client_errors);
            all.server_errors.push(server_errors);
            all.hits.push((lookups - client_errors - server_errors) * HITS_OF_FIVE / 5);
        }
        all
    }

    /// Good requests that the cache did not answer.
    fn misses(&self) -> Vec<u64> {
        let good = |minute: usize| {
            self.lookups[minute] - self.client_errors[minute] - self.server_errors[minute]
        };
        (0..self.asked.len()).map(|minute| good(minute) - self.hits[minute]).collect()
    }

    /// What the cache let through.
    fn behind(&self) -> Vec<u64> {
        self.lookups.iter().zip(&self.hits).map(|(lookups, hits)| lookups - hits).collect()
    }
}

impl Platform {
    /// The platform of an estate, on which each pair has this limit per minute.
    pub fn new(estate: &Estate, limit: impl Fn(&Pair) -> u64) -> Self {
        let mut chance = Chance::new(estate.seed, "limiter");
        let limiter = Process {
            instance: "10.9.0.1:9102".to_owned(),
            start: estate.span().start,
            restarts: vec![
                estate.span().start.plus_millis(chance.between(1, 9) as i64 * 36_000_000),
            ],
            offset: chance.uniform(0.0, 1.0),
        };
        let pairs = estate.pairs.iter().enumerate();
        let pairs = pairs.map(|place| Served::new(place, limit(place.1), estate.seed, &limiter));
        Self { pairs: pairs.collect(), limiter }
    }

    /// Writes what a Prometheus that scrapes like `scrape` has stored of `piece`.
    ///
    /// # Errors
    /// When the text cannot be written.
    pub fn write(&self, scrape: Scrape, piece: TimeSpan, text: &mut Text) -> io::Result<()> {
        let mut exports: Vec<(&Export, &[TimeSpan])> = Vec::new();
        for pair in &self.pairs {
            exports.extend(pair.exports.iter().map(|export| (export, pair.gaps.as_slice())));
        }
        exports.sort_by_key(|(export, _)| export.metric);
        for (export, gaps) in exports {
            // The limiter has a Prometheus of its own mind: it is scraped while the edge is not.
            let gaps = if export.job == "ratelimit" { &[] } else { gaps };
            export.write(gaps, scrape, (piece, &mut *text))?;
        }
        let labels = [("job", "ratelimit"), ("instance", self.limiter.instance.as_str())];
        let up = Counter::of(&self.limiter, "200", &[1]);
        up.write_steady(&Named { metric: "up", labels: &labels, gaps: &[] }, scrape, (piece, text))
    }
}

impl Export {
    fn write(
        &self,
        gaps: &[TimeSpan],
        scrape: Scrape,
        (piece, text): (TimeSpan, &mut Text),
    ) -> io::Result<()> {
        let own = [("job", self.job), ("instance", self.process.instance.as_str())];
        let labels = self.labels.iter().map(|(name, value)| (*name, value.as_str()));
        let labels: Vec<(&str, &str)> = labels.chain(own).collect();
        let named = Named { metric: self.metric, labels: &labels, gaps };
        self.counter.write_as(&named, scrape, (piece, text))
    }
}

impl Served {
    fn new((number, pair): (usize, &Pair), limit: u64, seed: u64, limiter: &Process) -> Self {
        let mut chance = Chance::new(seed, &format!("platform of {}", pair.name()));
        let mut process = |host: &str| Process {
            instance: format!("10.8.{number}.{host}"),
            start: pair.truth.start,
            restarts: counter::restarts(&pair.truth, &mut chance),
            offset: chance.uniform(0.0, 1.0),
        };
        let (edge, backend) = (process("1:9113"), process("2:8080"));
        // All pairs are counted by one limiter, on its clock.
        let limiter = Process { start: pair.truth.start, ..limiter.clone() };
        let outcome = Outcome::of(&pair.truth.actual, limit);
        let all = [&edge.restarts, &backend.restarts, &limiter.restarts];
        Self {
            partner: pair.partner.clone(),
            path: pair.path.clone(),
            start: pair.truth.start,
            limit,
            gaps: pair.events(EventKind::ScrapeGap).map(|gap| gap.span).collect(),
            restarts: all.into_iter().flatten().copied().collect(),
            exports: exports(pair, &outcome, [edge, backend, limiter]),
            outcome,
        }
    }
}

fn exports(pair: &Pair, outcome: &Outcome, [edge, backend, limiter]: [Process; 3]) -> Vec<Export> {
    let names = || vec![("partner", pair.partner.clone()), ("path", pair.path.clone())];
    let status = |code: &'static str, cache: &str, counts: &[u64]| {
        let more = [("response_code", code.to_owned()), ("cache_status", cache.to_owned())];
        let labels = names().into_iter().chain(more).filter(|(_, value)| !value.is_empty());
        let counter = Counter::of(&edge, code, counts);
        let process = edge.clone();
        Export { metric: EDGE_METRIC, job: "edge", labels: labels.collect(), process, counter }
    };
    let plain = |metric, job, process: &Process, counts: &[u64]| Export {
        metric,
        job,
        labels: names(),
        process: process.clone(),
        counter: Counter::of(process, "200", counts),
    };
    let limited = |metric, code, counts: &[u64]| Export {
        labels: vec![
            ("domain", "edge".to_owned()),
            ("key1", format!("PARTNER_{}", pair.partner)),
            ("key2", format!("PATH_{}", pair.path)),
        ],
        counter: Counter::of(&limiter, code, counts),
        ..plain(metric, "ratelimit", &limiter, counts)
    };
    vec![
        status("200", "HIT", &outcome.hits),
        status("200", "MISS", &outcome.misses()),
        status("404", "MISS", &outcome.client_errors),
        status("500", "MISS", &outcome.server_errors),
        status("429", "", &outcome.rejected),
        limited(TOTAL_HITS_METRIC, "200", &outcome.asked),
        limited(OVER_LIMIT_METRIC, "429", &outcome.rejected),
        plain(BACKEND_METRIC, "backend", &backend, &outcome.lookups),
        plain(CACHE_METRICS[0], "edge", &edge, &outcome.lookups),
        plain(CACHE_METRICS[1], "edge", &edge, &outcome.behind()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::{END, EstateSettings};

    #[test]
    fn every_request_has_one_outcome_and_the_limiter_counts_in_windows() {
        let estate = Estate::new(EstateSettings::short(6));
        let platform = Platform::new(&estate, |_| 300);
        let mut rejected = 0;
        for (served, pair) in platform.pairs.iter().zip(&estate.pairs) {
            let Outcome { asked, lookups, .. } = &served.outcome;
            assert_eq!(asked, &pair.truth.actual);
            for minute in 0..asked.len() {
                assert_eq!(lookups[minute], asked[minute].min(300));
                rejected += served.outcome.rejected[minute];
            }
            let edge = served.exports.iter().filter(|export| export.metric == EDGE_METRIC);
            let counted: u64 = edge.map(|export| export.counter.total(END)).sum();
            assert_eq!(counted, asked.iter().sum::<u64>(), "{}", pair.name());
        }
        assert!(rejected > 1000);
    }
}
