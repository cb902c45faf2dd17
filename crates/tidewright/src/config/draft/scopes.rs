//! Bounds of tiers, contracts and single limits while they are being filled in; destinations and pins.
//!
//! A contract is a rule for its partner; a rule takes from its tier what it does not say itself. Which of several rules
//! wins for a limit is decided by the policy, not here.

mod parts;

use tidewright_core::{Bounds, BoundsRule, Destination, Glob, Selector};

use super::{Draft, Entry};
use crate::config::conflict::Conflict;
use crate::config::nearest::nearest;
use crate::config::record::Spot;

pub(in crate::config) use parts::BoundsParts;

/// What the keys about some limits say, each entry with its place in the file.
#[derive(Debug, Default)]
pub(in crate::config) struct Scopes {
    tiers: Vec<(Spot, BoundsParts)>,
    contracts: Vec<Scope>,
    bounds: Vec<Scope>,
    destinations: Vec<(Spot, Destination)>,
    pins: Vec<(Spot, Selector)>,
}

/// A rule before its tier is looked up.
#[derive(Debug)]
struct Scope {
    keys: &'static [&'static str],
    spot: Spot,
    name: Option<String>,
    selector: Selector,
    parts: BoundsParts,
}

/// The key whose entry is blamed, and the others that have a say.
const TIERS: &[&str] =
    &["TIERS", "RATE_CALCULATION.min_rate_limit", "RATE_CALCULATION.max_rate_limit"];
const CONTRACTS: &[&str] = &["CONTRACTS", "TIERS"];
const BOUNDS: &[&str] =
    &["BOUNDS", "TIERS", "RATE_CALCULATION.min_rate_limit", "RATE_CALCULATION.max_rate_limit"];

const NO_SELECTOR: &str = "must name a `partner`, a `path` or a `limit`, got none of them";

impl Draft {
    /// The tier that was being read is whole.
    pub(in crate::config) fn end_tier(&mut self, spot: Spot) {
        let parts = self.take_entry().bounds;
        self.scopes.tiers.push((spot, parts));
    }

    /// The contract that was being read is whole; its name is its partner.
    pub(in crate::config) fn end_contract(&mut self, spot: Spot) {
        let parts = self.take_entry().bounds;
        let selector = Selector { partner: Some(Glob::new(&spot.name)), ..Selector::default() };
        let name = parts.tier.clone();
        self.scopes.contracts.push(Scope { keys: CONTRACTS, spot, name, selector, parts });
    }

    /// The bounds that were being read are whole.
    pub(in crate::config) fn end_bounds(&mut self, spot: Spot) {
        let Entry { name, selector, bounds: parts, .. } = self.take_entry();
        self.scopes.bounds.push(Scope { keys: BOUNDS, spot, name, selector, parts });
    }

    /// The destination that was being read is whole.
    pub(in crate::config) fn end_destination(&mut self, spot: Spot) {
        let Entry { name, selector, capacity, .. } = self.take_entry();
        let name = name.unwrap_or_default();
        self.scopes.destinations.push((spot, Destination { name, selector, capacity }));
    }

    /// The pin that was being read is whole.
    pub(in crate::config) fn end_pin(&mut self, spot: Spot) {
        let selector = self.take_entry().selector;
        self.scopes.pins.push((spot, selector));
    }
}

impl Scopes {
    /// The rules for the policy; where two are equally precise the later one wins, so contracts come first.
    pub(super) fn rules(&self) -> Vec<BoundsRule> {
        self.scopes().map(|scope| scope.rule(self.tier_of(&scope.parts))).collect()
    }

    pub(super) fn destinations(&self) -> Vec<Destination> {
        self.destinations.iter().map(|(_, destination)| destination.clone()).collect()
    }

    pub(super) fn pins(&self) -> Vec<Selector> {
        self.pins.iter().map(|(_, pin)| pin.clone()).collect()
    }

    /// Entries that contradict themselves, their tier or the bounds of all limits.
    pub(super) fn conflicts(&self, general: Bounds) -> Vec<Conflict> {
        let tiers = self.tiers.iter().filter_map(|(spot, tier)| {
            tier.empty(TIERS, spot).or_else(|| tier.crossed(None, general, (TIERS, spot)))
        });
        let unknown = self.scopes().filter_map(|scope| self.unknown_tier(scope));
        let bounds = self.bounds.iter().filter_map(|scope| self.wrong_bounds(scope, general));
        let all = tiers.chain(unknown).chain(bounds);
        all.chain(self.same_destinations()).chain(self.pins_of_all()).collect()
    }

    /// Floors that the ceiling cuts off.
    pub(super) fn surprises(&self, general: Bounds) -> Vec<Conflict> {
        let tiers = self.tiers.iter();
        let tiers = tiers.filter_map(|(spot, tier)| tier.cut_off(None, general, (TIERS, spot)));
        let bounds = self.bounds.iter().filter_map(|scope| {
            scope.parts.cut_off(self.tier_of(&scope.parts), general, (BOUNDS, &scope.spot))
        });
        tiers.chain(bounds).collect()
    }

    fn scopes(&self) -> impl Iterator<Item = &Scope> {
        self.contracts.iter().chain(&self.bounds)
    }

    fn tier_of(&self, parts: &BoundsParts) -> Option<&BoundsParts> {
        let name = parts.tier.as_ref()?;
        self.tiers.iter().find(|(spot, _)| spot.name == *name).map(|(_, tier)| tier)
    }

    fn unknown_tier(&self, scope: &Scope) -> Option<Conflict> {
        let name = scope.parts.tier.as_ref()?;
        if self.tier_of(&scope.parts).is_some() {
            return None;
        }
        let known: Vec<&str> = self.tiers.iter().map(|(spot, _)| spot.name.as_str()).collect();
        let hint = match nearest(name, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None if known.is_empty() => format!("add `{name}:` below `TIERS:`"),
            None => format!("the tiers are {}", known.join(", ")),
        };
        let message = format!("must be a tier of `TIERS`, got `{name}`");
        Some(Conflict::of_entry(scope.keys, scope.spot.at("tier"), &message, hint))
    }

    fn wrong_bounds(&self, scope: &Scope, general: Bounds) -> Option<Conflict> {
        let (parts, spot) = (&scope.parts, &scope.spot);
        if scope.selector == Selector::default() {
            let hint =
                "`RATE_CALCULATION` bounds all limits; here `limit: \"*\"` means all of them";
            return Some(Conflict::of_entry(BOUNDS, spot.clone(), NO_SELECTOR, hint));
        }
        let crossed = || parts.crossed(self.tier_of(parts), general, (BOUNDS, spot));
        parts.empty(BOUNDS, spot).or_else(crossed)
    }

    fn same_destinations(&self) -> impl Iterator<Item = Conflict> {
        self.destinations.iter().enumerate().filter_map(|(index, (spot, destination))| {
            let name = &destination.name;
            let (first, _) =
                self.destinations[..index].iter().find(|(_, one)| one.name == *name)?;
            let line = first.at("name").line;
            let message = format!("must differ from that on line {line}, got `{name}`");
            let hint = "join the two by wildcards, or rename one";
            Some(Conflict::of_entry(&["DESTINATIONS"], spot.at("name"), &message, hint))
        })
    }

    fn pins_of_all(&self) -> impl Iterator<Item = Conflict> {
        let all = self.pins.iter().filter(|(_, pin)| *pin == Selector::default());
        all.map(|(spot, _)| {
            let hint = "to hold every limit, write `PAUSED: true`";
            Conflict::of_entry(&["PINS"], spot.clone(), NO_SELECTOR, hint)
        })
    }
}

impl Scope {
    fn rule(&self, tier: Option<&BoundsParts>) -> BoundsRule {
        let parts = self.parts.over(tier);
        let name = self.name.clone().or_else(|| self.parts.tier.clone());
        BoundsRule {
            name: name.unwrap_or_else(|| self.selector.to_string()),
            selector: self.selector.clone(),
            min: parts.min,
            max: parts.max,
            floor: parts.floor,
            never_raise: parts.never_raise,
        }
    }
}
