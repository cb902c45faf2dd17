//! Looks a Prometheus over for `doctor`: is it there, what is it, and does it hold what we need?
//!
//! The rule: each check ends with what was found and, where that is not good, with its remedy; a check that fails ends
//! those that build on it, never the program.

use serde::Deserialize;
use tidewright_core::{Grid, TimeSpan, Timestamp};

use super::PrometheusSource;
use super::failure::{QueryError, chain};
use super::measure::{Numbers, measure};
use super::reading::duration;

const HOUR_MS: i64 = 3_600_000;

/// How far back the oldest sample is looked for, and in which steps: the engine reads 28 days at the most.
const DEPTH_DAYS_MAX: i64 = 60;
const DEPTH_STEP_MS: i64 = 6 * HOUR_MS;

/// Below this no weekly season can be learnt.
const DEPTH_DAYS_WANTED: f64 = 14.0;

/// Below this the base rests on less than a week.
const DEPTH_DAYS_LEAST: f64 = 7.0;

/// The longest interval at which demand per minute can be read.
const INTERVAL_MS_WANTED: i64 = 60_000;

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Whether it answers queries.
    Reachable,
    /// Which version it is.
    Version,
    /// How often the counter is scraped.
    ScrapeInterval,
    /// How many counters there are.
    Counters,
    /// How far the counter reaches back.
    History,
}

/// How good it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// As it should be.
    Good,
    /// Usable, with less.
    Doubtful,
    /// Not usable.
    Failed,
}

/// What a check has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub check: Check,
    /// How good it is.
    pub health: Health,
    /// What was found, for people.
    pub found: String,
    /// What to do about it.
    pub remedy: Option<String>,
}

/// The answer to `/api/v1/status/buildinfo`.
#[derive(Deserialize)]
struct BuildInfo {
    data: Build,
}

#[derive(Deserialize)]
struct Build {
    version: String,
}

impl PrometheusSource {
    /// Looks the server over, as of `at`.
    pub async fn probe(&self, at: Timestamp) -> Vec<Finding> {
        let mut findings = Vec::new();
        match self.ping(at).await {
            Ok(()) => findings.push(good(Check::Reachable, self.client.base().to_string())),
            Err(error) => return vec![failed(Check::Reachable, &error)],
        }
        findings.push(self.probe_version().await);
        match self.probe_counter(at).await {
            Ok(more) => findings.extend(more),
            Err(error) => findings.push(failed(Check::Counters, &error)),
        }
        findings
    }

    async fn ping(&self, at: Timestamp) -> Result<(), QueryError> {
        self.numbers("vector(1)", at, 1).await.map(drop)
    }

    /// Not every kin of Prometheus tells its version, and none is needed.
    async fn probe_version(&self) -> Finding {
        let body = self.client.small("status/buildinfo").await.unwrap_or_default();
        let build = serde_json::from_slice::<BuildInfo>(&body);
        let version = build.map_or_else(|_| "not told".to_owned(), |info| info.data.version);
        good(Check::Version, version)
    }

    async fn probe_counter(&self, at: Timestamp) -> Result<Vec<Finding>, QueryError> {
        let selector = self.settings.mapping.selector();
        let span = TimeSpan { start: at.plus_millis(-HOUR_MS), end: at };
        let Some(measured) = measure(&self.client, &selector, span).await? else {
            return Ok(vec![no_counter(&selector)]);
        };
        let query = format!("count({selector})");
        let steps = DEPTH_DAYS_MAX * 24 * HOUR_MS / DEPTH_STEP_MS;
        let counts = self.numbers(&query, at, steps as usize + 1).await?;
        let found = counts.iter().position(|count| !count.is_nan()).unwrap_or(counts.len());
        let depth_ms = counts.len().saturating_sub(found + 1) as i64 * DEPTH_STEP_MS;
        Ok(vec![
            good(Check::Counters, format!("{} of `{selector}`", measured.counters)),
            interval(measured.interval_ms),
            depth(depth_ms),
        ])
    }

    /// The numbers of a query at `count` moments up to `at`, which are round: a cache in between rounds what is not.
    async fn numbers(
        &self,
        query: &str,
        at: Timestamp,
        count: usize,
    ) -> Result<Vec<f64>, QueryError> {
        let last = at.align_down(DEPTH_STEP_MS);
        let start = last.plus_millis(-(count as i64 - 1) * DEPTH_STEP_MS);
        let grid = Grid::new(start, DEPTH_STEP_MS, count).expect("the step is six hours");
        let (numbers, _) = self.client.range(query, grid, Numbers::default).await?;
        Ok(numbers.0)
    }
}

const fn good(check: Check, found: String) -> Finding {
    Finding { check, health: Health::Good, found, remedy: None }
}

fn failed(check: Check, error: &QueryError) -> Finding {
    Finding { check, health: Health::Failed, found: chain(error), remedy: error.remedy() }
}

fn no_counter(selector: &str) -> Finding {
    Finding {
        check: Check::Counters,
        health: Health::Failed,
        found: format!("no sample of `{selector}` in the last hour"),
        remedy: Some(
            "check the metric and the matchers of the mapping, and that it is scraped".to_owned(),
        ),
    }
}

fn interval(interval_ms: i64) -> Finding {
    let found = format!("every {}", duration(interval_ms));
    if interval_ms <= INTERVAL_MS_WANTED {
        return good(Check::ScrapeInterval, found);
    }
    let remedy = "scrape at least once a minute: limits per minute cannot be read otherwise";
    let check = Check::ScrapeInterval;
    Finding { check, health: Health::Doubtful, found, remedy: Some(remedy.to_owned()) }
}

fn depth(depth_ms: i64) -> Finding {
    let days = depth_ms as f64 / (24 * HOUR_MS) as f64;
    let found = format!("{days:.1} days");
    if days >= DEPTH_DAYS_WANTED {
        return good(Check::History, found);
    }
    let lost = if days < DEPTH_DAYS_LEAST {
        "below 7 days not even every day of the week was seen once, and no limit is cut"
    } else {
        "below 14 days no weekly season is learnt and no limit is cut; 28 are read where there are"
    };
    let remedy = format!("{lost}; keep more history (`--storage.tsdb.retention.time`)");
    let check = Check::History;
    Finding { check, health: Health::Doubtful, found, remedy: Some(remedy) }
}
