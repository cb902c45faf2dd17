//! The bounds that one entry says, alone and with its tier.

use tidewright_core::Bounds;

use crate::config::conflict::Conflict;
use crate::config::record::Spot;

/// What single fields say about bounds, in requests per minute.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::config) struct BoundsParts {
    pub(in crate::config) tier: Option<String>,
    pub(in crate::config) min: Option<f64>,
    pub(in crate::config) max: Option<f64>,
    pub(in crate::config) floor: Option<f64>,
    pub(in crate::config) never_raise: Option<bool>,
}

/// The keys that have a say, the first of which holds the entry, and the entry's place.
type Blame<'a> = (&'static [&'static str], &'a Spot);

impl BoundsParts {
    /// These parts, and for what they leave open those of the tier.
    pub(super) fn over(&self, tier: Option<&Self>) -> Self {
        let Some(tier) = tier else { return self.clone() };
        Self {
            tier: self.tier.clone(),
            min: self.min.or(tier.min),
            max: self.max.or(tier.max),
            floor: self.floor.or(tier.floor),
            never_raise: self.never_raise.or(tier.never_raise),
        }
    }

    /// An entry that bounds nothing.
    pub(super) fn empty(&self, keys: &'static [&'static str], spot: &Spot) -> Option<Conflict> {
        (*self == Self::default()).then(|| {
            let message = "must say at least one bound, got none";
            let hint =
                "add min_rate_limit, max_rate_limit, contract_floor or never_raise, or remove it";
            Conflict::of_entry(keys, spot.clone(), message, hint)
        })
    }

    /// A minimum above the maximum: from here, else from the tier, else from the bounds of all limits.
    pub(super) fn crossed(
        &self,
        tier: Option<&Self>,
        general: Bounds,
        (keys, spot): Blame<'_>,
    ) -> Option<Conflict> {
        let whole = self.over(tier);
        let (min, max) = (whole.min.unwrap_or(general.min), whole.max.unwrap_or(general.max));
        let (field, other, message) = match (self.min, self.max) {
            _ if min <= max => return None,
            // Those of the tier or of all limits are told where they stand.
            (None, None) => return None,
            (Some(_), _) => {
                let message = format!("must not exceed the maximum of `{max}`, got `{min}`");
                ("min_rate_limit", "max_rate_limit", message)
            }
            (None, Some(_)) => {
                let message = format!("must not be below the minimum of `{min}`, got `{max}`");
                ("max_rate_limit", "min_rate_limit", message)
            }
        };
        let hint = format!("set `{other}` beside it; where it is absent, that of all limits holds");
        Some(Conflict::of_entry(keys, spot.at(field), &message, hint))
    }

    /// A floor by contract above the maximum, which wins over it.
    pub(super) fn cut_off(
        &self,
        tier: Option<&Self>,
        general: Bounds,
        (keys, spot): Blame<'_>,
    ) -> Option<Conflict> {
        if self.floor.is_none() && self.max.is_none() {
            return None;
        }
        let whole = self.over(tier);
        let max = whole.max.unwrap_or(general.max);
        let floor = whole.floor.filter(|floor| *floor > max)?;
        let message = format!("lies above the maximum of `{max}`, got `{floor}`");
        Some(Conflict::of_entry(keys, spot.at("contract_floor"), &message, "the maximum wins"))
    }
}
