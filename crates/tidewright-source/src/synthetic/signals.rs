//! What is made up beside the counts of one series: errors, rejections, and what a cache answered.
//!
//! The rule: parts of the count of the same minute, whole numbers, drawn from a chance of their own, so that they change
//! no count. Only an incident is rejected: no limit is known here. An attack shows in errors of its callers.

use std::ops::Range;

use tidewright_core::Signal;

use super::chance::Chance;
use super::event::{EventKind, Happening};

/// What is told, in the order of [`Shares`]'s parts.
pub(super) const TOLD: [Signal; 5] = [
    Signal::Rejected,
    Signal::ClientErrors,
    Signal::ServerErrors,
    Signal::CacheLookups,
    Signal::CacheHits,
];

/// Requests that fail on any day, by the caller's fault and by the server's.
const CLIENT_ERRORS: f64 = 0.004;
const SERVER_ERRORS: f64 = 0.001;

/// Of those that retry in an incident.
const REJECTED_IN_INCIDENT: f64 = 1.0 / 3.0;
const SERVER_ERRORS_IN_INCIDENT: f64 = 0.05;

/// Of the few that get through in an outage.
const SERVER_ERRORS_IN_OUTAGE: f64 = 0.5;

/// Guesses of an attacker that are refused.
const CLIENT_ERRORS_OF_ATTACK: f64 = 0.6;

/// Of what reaches the cache.
const HITS: f64 = 0.6;

/// Which part of a minute's requests ended how.
#[derive(Clone, Copy)]
struct Shares {
    rejected: f64,
    client_errors: f64,
    server_errors: f64,
}

/// Where chance comes from, and whether there is a cache.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beside {
    pub(super) chance: Chance,
    pub(super) is_cached: bool,
}

impl Shares {
    /// In a minute of these happenings.
    fn at(minute: i64, happenings: &[Happening]) -> Self {
        let usual =
            Self { rejected: 0.0, client_errors: CLIENT_ERRORS, server_errors: SERVER_ERRORS };
        let now = happenings.iter().filter(|happening| happening.contains(minute));
        now.fold(usual, |shares, happening| match happening.kind {
            EventKind::Incident => Self {
                rejected: REJECTED_IN_INCIDENT,
                server_errors: SERVER_ERRORS_IN_INCIDENT,
                ..shares
            },
            EventKind::Outage => Self { server_errors: SERVER_ERRORS_IN_OUTAGE, ..shares },
            EventKind::SlowAttack => {
                let attackers = 1.0 - 1.0 / happening.factor_at(minute);
                Self { client_errors: CLIENT_ERRORS_OF_ATTACK * attackers, ..shares }
            }
            _ => shares,
        })
    }
}

impl Beside {
    /// One column for each of [`TOLD`]: what these counts of minutes were made of, NaN where they are.
    pub(super) fn columns(
        self,
        minutes: Range<i64>,
        counts: &[f64],
        happenings: &[Happening],
    ) -> [Vec<f64>; TOLD.len()] {
        let mut columns = [(); TOLD.len()].map(|()| Vec::with_capacity(counts.len()));
        for (minute, &count) in minutes.zip(counts) {
            let parts = self.parts(minute, count, Shares::at(minute, happenings));
            columns.iter_mut().zip(parts).for_each(|(column, part)| column.push(part));
        }
        columns
    }

    fn parts(self, minute: i64, count: f64, shares: Shares) -> [f64; TOLD.len()] {
        let rejected = self.part(0, minute, shares.rejected * count);
        let client_errors = self.part(1, minute, shares.client_errors * count);
        let server_errors = self.part(2, minute, shares.server_errors * count);
        let lookups = if self.is_cached { count - rejected } else { 0.0 * count };
        let hits = self.part(3, minute, HITS * lookups);
        [rejected, client_errors, server_errors, lookups, hits]
    }

    /// A whole number near this one, in the mean this one.
    fn part(self, signal: i64, minute: i64, mean: f64) -> f64 {
        (mean + self.chance.uniform(4 * minute + signal)).floor()
    }
}
