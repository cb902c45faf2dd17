//! What a run has seen beside its decisions, for machines.

use serde::Serialize;
use tidewright_core::{Discovery, HitDaily, LimitKey, NeverNear, Stranger};

use super::LimitV1;

/// What a run has seen beside its decisions; each list begins with what matters most.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DiscoveryV1 {
    /// Days in which anything was measured.
    pub days: f64,
    /// Traffic that no limit matches.
    pub without_limit: Vec<StrangerV1>,
    /// How many combinations there are without a limit, also of those that are not listed.
    pub without_limit_total: usize,
    /// The names of limits without traffic.
    pub without_traffic: Vec<String>,
    /// Limits whose demand stays below 30 % of them.
    pub never_near: Vec<NeverNearV1>,
    /// Limits that demand exceeds on most days.
    pub hit_daily: Vec<HitDailyV1>,
}

/// Traffic that no limit matches.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StrangerV1 {
    /// The name of the limit that it would have.
    pub name: String,
    /// Requests in all of the history.
    pub requests: f64,
    /// Requests of the busiest minute.
    pub peak_per_minute: f64,
    /// Days with traffic.
    pub active_days: usize,
}

/// A limit whose demand stays far below it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NeverNearV1 {
    /// Its name.
    pub name: String,
    /// What it is.
    pub limit: LimitV1,
    /// Requests of the busiest window.
    pub peak: f64,
    /// Requests in all of the history.
    pub requests: f64,
}

/// A limit that demand exceeds on most days.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HitDailyV1 {
    /// Its name.
    pub name: String,
    /// What it is.
    pub limit: LimitV1,
    /// Days with a window above it.
    pub days_hit: usize,
    /// Days in which anything was measured.
    pub days: usize,
    /// Requests above it in all of the history.
    pub requests_above: f64,
}

impl From<&Discovery> for DiscoveryV1 {
    fn from(discovery: &Discovery) -> Self {
        Self {
            days: discovery.days,
            without_limit: discovery.strangers.iter().map(StrangerV1::from).collect(),
            without_limit_total: discovery.strangers_total,
            without_traffic: discovery.idle.iter().map(LimitKey::name).collect(),
            never_near: discovery.never_near.iter().map(NeverNearV1::from).collect(),
            hit_daily: discovery.hit_daily.iter().map(HitDailyV1::from).collect(),
        }
    }
}

impl From<&Stranger> for StrangerV1 {
    fn from(it: &Stranger) -> Self {
        let Stranger { requests, peak, active_days, .. } = *it;
        Self { name: it.key.name(), requests, peak_per_minute: peak, active_days }
    }
}

impl From<&NeverNear> for NeverNearV1 {
    fn from(it: &NeverNear) -> Self {
        let NeverNear { limit, peak, requests, .. } = *it;
        Self { name: it.key.name(), limit: limit.into(), peak, requests }
    }
}

impl From<&HitDaily> for HitDailyV1 {
    fn from(it: &HitDaily) -> Self {
        let HitDaily { limit, days_hit, days, above, .. } = *it;
        Self { name: it.key.name(), limit: limit.into(), days_hit, days, requests_above: above }
    }
}
