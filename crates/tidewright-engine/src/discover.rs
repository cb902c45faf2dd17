//! What the demand of a run shows beside its decisions: who has traffic and no limit, which limits have none, which are
//! never near and which are hit day after day.
//!
//! It looks at demand as it was measured, incidents included: a limit that only an incident has come near is not called
//! far away. It decides nothing; what may be added is decided like every other limit.

mod missing;

use std::borrow::Cow;

use tidewright_core::{
    DemandFrame, Discovery, Grid, HitDaily, Limit, LimitKey, NeverNear, Reason, Setting, Stranger,
    Unit,
};
use tidewright_limiter::aggregate;

pub(crate) use missing::missing_keys;

use crate::case::Case;
use crate::matching::{Columns, Counter, Flow};
use crate::order::WINDOW_MS;
use crate::stream::sum;

/// Below this part of its limit demand is never near it.
const NEAR_RATIO: f64 = 0.3;

/// Entries of each list; a person reads no more of them, and scanners make thousands of strangers.
const ENTRIES_MAX: usize = 200;

const DAY_MS: i64 = 86_400_000;

/// Looks at all demand beside all limits.
pub(crate) fn discover(demand: &DemandFrame, cases: &[Case]) -> Discovery {
    let frame = &demand.frame;
    let limits = || cases.iter().filter(|case| case.current.is_some());
    let columns = Columns::new(frame, limits().map(|case| &case.key));
    let mut matched = vec![false; frame.keys().len()];
    let mut discovery = Discovery { days: measured_days(demand), ..Discovery::default() };
    for case in limits() {
        match columns.of(&case.key, case.shares) {
            Ok(flow) => {
                flow.columns().for_each(|column| matched[column] = true);
                look(demand, case, &flow, &mut discovery);
            }
            Err(Reason::NoTraffic) => discovery.idle.push(case.key.clone()),
            Err(_) => {}
        }
    }
    let strangers: Vec<usize> = (0..matched.len()).filter(|column| !matched[*column]).collect();
    discovery.strangers = missing_keys(frame, &strangers, cases)
        .into_iter()
        .map(|(key, counter)| stranger(demand, key, &counter))
        .filter(|stranger| stranger.requests > 0.0)
        .collect();
    order(&mut discovery);
    discovery
}

/// The most requests first, and no more than a person reads.
fn order(discovery: &mut Discovery) {
    let Discovery { strangers, never_near, hit_daily, idle, .. } = discovery;
    strangers.sort_by(|a, b| b.requests.total_cmp(&a.requests).then_with(|| a.key.cmp(&b.key)));
    never_near.sort_by(|a, b| b.requests.total_cmp(&a.requests).then_with(|| a.key.cmp(&b.key)));
    hit_daily.sort_by(|a, b| b.above.total_cmp(&a.above).then_with(|| a.key.cmp(&b.key)));
    discovery.strangers_total = strangers.len();
    strangers.truncate(ENTRIES_MAX);
    never_near.truncate(ENTRIES_MAX);
    hit_daily.truncate(ENTRIES_MAX);
    idle.truncate(ENTRIES_MAX);
}

/// How near demand comes to a limit with a number.
fn look(demand: &DemandFrame, case: &Case, flow: &Flow, discovery: &mut Discovery) {
    let Some(Setting::Limited(limit)) = case.current else { return };
    if limit.requests_per_unit == 0 || limit.unit.secs() * 1000 < WINDOW_MS {
        return;
    }
    // Each value of an open descriptor has a counter of its own; the busiest one tells.
    let counters: Vec<&Counter> = match flow {
        Flow::One(counter) => vec![counter],
        Flow::Each(counters) => counters.iter().map(|(_, counter)| counter).collect(),
    };
    let most = f64::from(limit.requests_per_unit);
    let seen = counters.into_iter().filter_map(|counter| near(demand, counter, limit));
    let Some(seen) = seen.max_by(|a, b| a.peak.total_cmp(&b.peak)) else { return };
    let key = case.key.clone();
    if seen.peak < NEAR_RATIO * most {
        discovery.never_near.push(NeverNear {
            key,
            limit,
            peak: seen.peak,
            requests: seen.requests,
        });
    } else if 2 * seen.days_hit > seen.days {
        let Near { days_hit, days, above, .. } = seen;
        discovery.hit_daily.push(HitDaily { key, limit, days_hit, days, above });
    }
}

/// What one counter of the limiter has seen beside its limit.
struct Near {
    peak: f64,
    requests: f64,
    above: f64,
    days_hit: usize,
    days: usize,
}

fn near(demand: &DemandFrame, counter: &Counter, limit: Limit) -> Option<Near> {
    let minutes = sum(demand, counter, 0);
    let (grid, windows) = windows(&minutes, demand.frame.grid(), limit.unit)?;
    let most = f64::from(limit.requests_per_unit);
    let mut near = Near { peak: 0.0, requests: 0.0, above: 0.0, days_hit: 0, days: 0 };
    let mut days = Days::default();
    for (index, count) in windows.iter().enumerate().filter(|(_, count)| !count.is_nan()) {
        near.peak = near.peak.max(*count);
        near.requests += count;
        near.above += (count - most).max(0.0);
        days.see(day(&grid, index), *count > most);
    }
    (near.days_hit, near.days) = (days.marked, days.all);
    (near.days > 0).then_some(near)
}

fn windows<'v>(minutes: &'v [f64], grid: &Grid, unit: Unit) -> Option<(Grid, Cow<'v, [f64]>)> {
    if unit == Unit::Minute {
        return Some((*grid, Cow::Borrowed(minutes)));
    }
    aggregate(minutes, grid, unit).map(|(grid, values)| (grid, Cow::Owned(values)))
}

fn stranger(demand: &DemandFrame, key: LimitKey, counter: &Counter) -> Stranger {
    let minutes = sum(demand, counter, 0);
    let grid = demand.frame.grid();
    let (mut requests, mut peak, mut days) = (0.0, 0.0_f64, Days::default());
    for (index, count) in minutes.iter().enumerate().filter(|(_, count)| **count > 0.0) {
        requests += count;
        peak = peak.max(*count);
        days.see(day(grid, index), true);
    }
    Stranger { key, requests, peak, active_days: days.marked }
}

/// Days while they pass by, in their order.
#[derive(Default)]
struct Days {
    last: Option<i64>,
    is_marked: bool,
    all: usize,
    marked: usize,
}

impl Days {
    fn see(&mut self, day: i64, marks: bool) {
        if self.last != Some(day) {
            (self.last, self.is_marked) = (Some(day), false);
            self.all += 1;
        }
        if marks && !self.is_marked {
            self.is_marked = true;
            self.marked += 1;
        }
    }
}

fn day(grid: &Grid, index: usize) -> i64 {
    grid.timestamp(index).as_millis().div_euclid(DAY_MS)
}

fn measured_days(demand: &DemandFrame) -> f64 {
    let frame = &demand.frame;
    let first = |column| frame.column(column).iter().position(|count: &f64| !count.is_nan());
    let first = (0..frame.keys().len()).filter_map(first).min().unwrap_or(frame.grid().len());
    frame.grid().slice(first, frame.grid().len()).span().days()
}

#[cfg(test)]
mod tests;
