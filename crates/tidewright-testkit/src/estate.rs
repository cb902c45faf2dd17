//! An estate: traffic of several partners and paths whose truth is known, as counters that a Prometheus has scraped.
//!
//! Demand comes from two real traces and a synthetic one, split into pairs by shares that drift. Incidents, a launch and a slow
//! attack are laid over it, and what demand would have been without the incidents is kept beside it. Only counters are
//! exported: instances, response codes, restarts and scrape gaps are as in life. A seed moves everything; equal seeds give
//! equal estates. What a limit should be is not decided here.

mod counter;
mod demand;
mod document;
mod event;
mod platform;
mod reference;

use std::io;

use tidewright_core::{TimeSpan, Timestamp};

use crate::prometheus::Text;

pub use counter::{Counter, METRIC, Scrape};
pub use demand::{Origin, Truth};
pub use document::{Wanted, document};
pub use event::{Event, EventKind};
pub use platform::{
    BACKEND_METRIC, CACHE_METRICS, EDGE_METRIC, OVER_LIMIT_METRIC, Outcome, Platform, Served,
    TOTAL_HITS_METRIC,
};
pub use reference::{TIME_COLUMN, VALUE_COLUMN, clean_csv};

/// Where every estate ends: a Saturday at 04:00 UTC, as the first trace does, so that week-ends and nights are where they were.
pub const END: Timestamp = Timestamp::from_secs(1_763_179_200);
/// History that allows a weekly season and cuts.
pub const DAYS: usize = 15;
/// History that allows neither.
pub const DAYS_SHORT: usize = 8;

/// How an estate is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EstateSettings {
    /// Moves shares, events, instances, restarts and scrape offsets.
    pub seed: u64,
    /// Days of history of the pairs of the real traces; at most [`DAYS`].
    pub days: usize,
}

/// Traffic whose truth is known.
#[derive(Clone, Debug)]
pub struct Estate {
    /// The seed that it was made from.
    pub seed: u64,
    /// The partners and paths.
    pub pairs: Vec<Pair>,
}

/// The traffic of one partner to one path.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The partner.
    pub partner: String,
    /// The path.
    pub path: String,
    /// Where its demand comes from.
    pub origin: Origin,
    /// What was asked, and what would have been asked without incidents.
    pub truth: Truth,
    /// Who serves it, and how that is counted.
    pub counters: Vec<Counter>,
}

impl EstateSettings {
    /// [`DAYS`] of history.
    pub const fn new(seed: u64) -> Self {
        Self { seed, days: DAYS }
    }

    /// [`DAYS_SHORT`] of history for all pairs.
    pub const fn short(seed: u64) -> Self {
        Self { seed, days: DAYS_SHORT }
    }
}

impl Estate {
    /// Makes an estate: five pairs of the real traces and two of a synthetic week, which have [`DAYS_SHORT`] of history.
    pub fn new(settings: EstateSettings) -> Self {
        let pairs = demand::pairs(settings);
        Self { seed: settings.seed, pairs }
    }

    /// From the first moment of the longest history to [`END`].
    pub fn span(&self) -> TimeSpan {
        let start = self.pairs.iter().map(|pair| pair.truth.start).min().unwrap_or(END);
        TimeSpan { start, end: END }
    }

    /// A pair by its partner and its path.
    pub fn pair(&self, partner: &str, path: &str) -> Option<&Pair> {
        self.pairs.iter().find(|pair| pair.partner == partner && pair.path == path)
    }

    /// Writes what a Prometheus that scrapes like `scrape` has stored of `piece`.
    ///
    /// # Errors
    /// When the text cannot be written.
    pub fn write(&self, scrape: Scrape, piece: TimeSpan, text: &mut Text) -> io::Result<()> {
        let seed = self.seed.to_string();
        let mut write = |pair: &Pair, counter: &Counter| {
            let labels = [("scrape", scrape.label()), ("seed", &seed)];
            counter.write(pair, scrape, &labels, (piece, &mut *text))
        };
        let pairs = self.pairs.iter();
        let mut counters = pairs.flat_map(|pair| pair.counters.iter().map(move |c| (pair, c)));
        counters.try_for_each(|(pair, counter)| write(pair, counter))
    }
}

impl Pair {
    /// `PARTNER:PATH`.
    pub fn name(&self) -> String {
        format!("{}:{}", self.partner, self.path)
    }

    /// Its events of one kind.
    pub fn events(&self, kind: EventKind) -> impl Iterator<Item = &Event> {
        self.truth.events.iter().filter(move |event| event.kind == kind)
    }

    /// Whether it has an event of this kind.
    pub fn has(&self, kind: EventKind) -> bool {
        self.events(kind).next().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_seeds_give_equal_estates_and_others_differ() {
        let actual = |seed| Estate::new(EstateSettings::new(seed)).pairs.remove(0).truth.actual;
        assert_eq!(actual(3), actual(3));
        assert_ne!(actual(3), actual(4));
    }

    #[test]
    fn every_estate_has_every_kind_of_event() {
        for seed in 0..20 {
            let estate = Estate::new(EstateSettings::new(seed));
            for kind in EventKind::ALL {
                assert!(estate.pairs.iter().any(|pair| pair.has(kind)), "{kind:?} in `{seed}`");
            }
        }
    }

    #[test]
    fn names_are_unique_and_ends_meet() {
        let estate = Estate::new(EstateSettings::new(5));
        let mut names: Vec<String> = estate.pairs.iter().map(Pair::name).collect();
        names.sort();
        names.dedup();
        assert_eq!((names.len(), estate.span().days()), (7, 15.0));
        assert!(estate.pairs.iter().all(|pair| pair.truth.span().end == END));
    }

    #[test]
    fn a_short_estate_allows_no_weekly_season() {
        assert_eq!(Estate::new(EstateSettings::short(5)).span().days(), 8.0);
    }
}
