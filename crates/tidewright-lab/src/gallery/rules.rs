//! The rules of a story: what differs from the product's usual policy, and what people said.

use serde::Deserialize;
use tidewright_core::{
    Bounds, BoundsRule, Calendar, Destination, Effect, Event, Glob, Policy, Recurrence, Selector,
    TimeSpan, Timestamp, Zone,
};

use crate::traffic::Ago;

/// What differs from the usual policy.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// The smallest and largest number per minute.
    pub bounds: Option<[f64; 2]>,
    /// The safety margin.
    pub safety_margin: Option<f64>,
    /// Requests seen by the limiter for each that is counted.
    pub cache_ratio: Option<f64>,
    /// Whose wall clock prime time follows.
    pub prime_zone: Option<String>,
    /// Bounds of some limits.
    pub scoped: Vec<Scoped>,
    /// What stands behind limits.
    pub destinations: Vec<Behind>,
    /// What people know beforehand.
    pub calendar: Vec<Planned>,
    /// Limits that keep their number.
    pub pins: Vec<Whose>,
    /// Partners that are left alone.
    pub excluded_partners: Vec<String>,
    /// Partners that are left alone while they are quiet.
    pub low_traffic: Vec<String>,
    /// What people released.
    pub approved: Vec<Released>,
    /// Whether somebody paused all changes.
    pub paused: bool,
}

/// Which limits; what is not given does not matter.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Whose {
    /// Of which partner.
    pub partner: Option<String>,
    /// To which path.
    pub path: Option<String>,
}

/// Bounds of some limits.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scoped {
    /// What the rule is called.
    pub name: String,
    /// Which limits.
    #[serde(default)]
    pub whose: Whose,
    /// Never propose less.
    pub min: Option<f64>,
    /// Never propose more.
    pub max: Option<f64>,
    /// What a contract promises.
    pub floor: Option<f64>,
    /// Whether the limit may be raised at all.
    pub never_raise: Option<bool>,
}

/// What stands behind limits.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Behind {
    /// Its name.
    pub name: String,
    /// Which limits.
    #[serde(default)]
    pub whose: Whose,
    /// What it carries, in requests per minute.
    pub capacity: f64,
}

/// An event of the calendar.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Planned {
    /// Its name.
    pub name: String,
    /// Which limits.
    #[serde(default)]
    pub whose: Whose,
    /// `keep`, `ignore`, `freeze` or `expect`.
    pub effect: String,
    /// How many times the usual is expected.
    #[serde(default)]
    pub times: f64,
    /// When it starts first.
    pub starts: String,
    /// How long it lasts.
    pub lasts: Ago,
    /// How it comes again.
    #[serde(default = "once")]
    pub comes: String,
    /// By whose wall clock.
    #[serde(default = "utc")]
    pub zone: String,
}

/// A person's word for a limit.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Released {
    /// Which: `partner:/path`.
    pub limit: String,
    /// Up to which number.
    pub up_to: u32,
    /// How long ago; it holds for a day.
    pub ago: Ago,
}

fn once() -> String {
    "once".to_owned()
}

fn utc() -> String {
    "UTC".to_owned()
}

impl Rules {
    /// The policy of the story.
    ///
    /// # Errors
    /// A sentence that names the wrong value.
    pub fn policy(&self) -> Result<Policy, String> {
        let mut policy = Policy::default();
        if let Some([min, max]) = self.bounds {
            policy.bounds = Bounds { min, max };
        }
        policy.safety_margin = self.safety_margin.unwrap_or(policy.safety_margin);
        policy.cache_ratio = self.cache_ratio.unwrap_or(policy.cache_ratio);
        if let Some(name) = &self.prime_zone {
            policy.prime.zone = zone(name)?;
        }
        policy.bounds_rules = self.scoped.iter().map(Scoped::rule).collect();
        policy.destinations = self.destinations.iter().map(Behind::destination).collect();
        let events: Result<_, String> = self.calendar.iter().map(Planned::event).collect();
        policy.calendar = Calendar { events: events? };
        policy.pins = self.pins.iter().map(Whose::selector).collect();
        policy.exclusions.partners.clone_from(&self.excluded_partners);
        policy.exclusions.low_traffic.clone_from(&self.low_traffic);
        policy.guards.paused = self.paused;
        Ok(policy)
    }
}

impl Whose {
    fn selector(&self) -> Selector {
        let glob = |text: &Option<String>| text.as_ref().map(Glob::new);
        Selector { partner: glob(&self.partner), path: glob(&self.path), limit: None }
    }
}

impl Scoped {
    fn rule(&self) -> BoundsRule {
        BoundsRule {
            name: self.name.clone(),
            selector: self.whose.selector(),
            min: self.min,
            max: self.max,
            floor: self.floor,
            never_raise: self.never_raise,
        }
    }
}

impl Behind {
    fn destination(&self) -> Destination {
        Destination {
            name: self.name.clone(),
            selector: self.whose.selector(),
            capacity: self.capacity,
        }
    }
}

impl Planned {
    fn event(&self) -> Result<Event, String> {
        let effect = match self.effect.as_str() {
            "keep" => Effect::Keep,
            "ignore" => Effect::Ignore,
            "freeze" => Effect::Freeze,
            "expect" => Effect::Expect(self.times),
            other => return Err(format!("`{other}` is no effect of an event")),
        };
        let start = Timestamp::parse(&self.starts).map_err(|error| error.to_string())?;
        let recurrence = Recurrence::ALL.into_iter().find(|(_, name)| *name == self.comes);
        let (recurrence, _) =
            recurrence.ok_or_else(|| format!("`{}` is no recurrence", self.comes))?;
        Ok(Event {
            name: self.name.clone(),
            selector: self.whose.selector(),
            effect,
            first: TimeSpan { start, end: start.plus_millis(self.lasts.millis()) },
            recurrence,
            zone: zone(&self.zone)?,
        })
    }
}

fn zone(name: &str) -> Result<Zone, String> {
    Zone::named(name).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(text: &str) -> Result<Policy, String> {
        serde_saphyr::from_str::<Rules>(text).unwrap().policy()
    }

    #[test]
    fn what_is_not_said_is_as_usual() {
        let usual = Policy::default();
        let policy = policy("scoped: [{name: gold, whose: {partner: gold}, floor: 5000}]").unwrap();
        assert_eq!(policy.safety_margin, usual.safety_margin);
        assert_eq!(policy.bounds_rules[0].floor, Some(5000.0));
    }

    #[test]
    fn what_nobody_knows_is_named() {
        let event = |effect: &str, comes: &str| {
            policy(&format!(
                "calendar: [{{name: x, effect: {effect}, comes: {comes}, starts: 2026-01-01, lasts: 1d}}]"
            ))
        };
        assert_eq!(event("hope", "once").unwrap_err(), "`hope` is no effect of an event");
        assert_eq!(event("keep", "never").unwrap_err(), "`never` is no recurrence");
        assert!(event("keep", "weekly").is_ok());
        assert!(policy("prime_zone: Mars/Olympus").is_err());
    }
}
