//! What happens to a pair: incidents, a launch, a slow attack, and when.
//!
//! Places are drawn from the seed. Events of one pair never overlap, and none but the lasting ones touches the last half day,
//! so that each can be told by itself.

use tidewright_core::{TimeSpan, Timestamp};

use crate::chance::Chance;
use crate::trace::DAY;

/// Tries before an event is left out; a place is found within a few.
const TRIES_MAX: usize = 500;

/// What happens to a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// Three to eight times the demand, for 20 to 60 minutes, a third of it answered with 429: an incident.
    Burst,
    /// No demand for two to five hours: an incident.
    Outage,
    /// No demand in the real trace, for longer than an hour: nobody knows what it would have been.
    RealOutage,
    /// Twice the demand from some 2.5 days before the end on: lasting.
    Launch,
    /// Demand grows to three times over several days and stays there.
    SlowAttack,
    /// Prometheus was down: demand was counted, but not scraped.
    ScrapeGap,
}

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// What.
    pub kind: EventKind,
    /// When.
    pub span: TimeSpan,
    /// How many times the demand, at its height.
    pub factor: f64,
}

/// What a pair goes through, besides the gap that all share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Launch,
    SlowAttack,
    Outage,
    Bursts,
    Calm,
}

/// Events of a pair, in minutes from its start, while they are placed.
pub(super) struct Places<'a> {
    pub(super) base: &'a [u64],
    pub(super) taken: Vec<Placed>,
}

#[derive(Clone, Copy)]
pub(super) struct Placed {
    pub(super) kind: EventKind,
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) factor: f64,
}

impl EventKind {
    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::Burst,
        Self::Outage,
        Self::RealOutage,
        Self::Launch,
        Self::SlowAttack,
        Self::ScrapeGap,
    ];
}

impl Event {
    /// What demand is multiplied with at a moment inside.
    pub fn factor_at(&self, moment: Timestamp) -> f64 {
        let into = TimeSpan { start: self.span.start, end: moment }.days();
        match self.kind {
            EventKind::SlowAttack => {
                (1.0 + (self.factor - 1.0) * into / RAMP_DAYS).min(self.factor)
            }
            _ => self.factor,
        }
    }
}

/// How long a slow attack grows.
const RAMP_DAYS: f64 = 4.5;

impl Places<'_> {
    /// Places what the role asks for.
    pub(super) fn play(&mut self, role: Role, chance: &mut Chance) {
        match role {
            Role::Launch => {
                let before_end = chance.between(DAY * 9 / 4, DAY * 11 / 4);
                self.last(EventKind::Launch, before_end, 2.0);
                self.bursts(2, chance);
            }
            Role::SlowAttack => {
                let before_end = chance.between(DAY * 5, DAY * 6);
                self.last(EventKind::SlowAttack, before_end, 3.0);
            }
            Role::Outage => {
                let minutes = chance.between(120, 300);
                self.place((EventKind::Outage, 0.0), minutes, chance);
                self.bursts(2, chance);
            }
            Role::Bursts => self.bursts(4, chance),
            Role::Calm => {}
        }
    }

    fn bursts(&mut self, count: usize, chance: &mut Chance) {
        for _ in 0..count {
            let (minutes, factor) = (chance.between(20, 60), chance.uniform(3.0, 8.0));
            self.place((EventKind::Burst, factor), minutes, chance);
        }
    }

    fn last(&mut self, kind: EventKind, before_end: usize, factor: f64) {
        let to = self.base.len();
        self.taken.push(Placed { kind, from: to - before_end, to, factor });
    }

    /// At a busy hour, where it hurts most, and an hour away from anything else.
    fn place(&mut self, (kind, factor): (EventKind, f64), minutes: usize, chance: &mut Chance) {
        let mean = self.base.iter().sum::<u64>() / self.base.len() as u64;
        let latest = self.base.len() - DAY / 2 - minutes;
        let places = (0..TRIES_MAX).map(|_| chance.between(DAY / 2, latest));
        let fits = |from: &usize| {
            self.base[*from] > mean && self.taken.iter().all(|other| other.is_far(*from, minutes))
        };
        let from = { places }.find(fits);
        self.taken.extend(from.map(|from| Placed { kind, from, to: from + minutes, factor }));
    }
}

impl Placed {
    fn is_far(&self, from: usize, minutes: usize) -> bool {
        from + minutes + 60 <= self.from || self.to + 60 <= from
    }

    /// The event of a pair that starts at `start`.
    pub(super) fn event(self, start: Timestamp) -> Event {
        let at = |minute: usize| start.plus_millis(minute as i64 * 60_000);
        let span = TimeSpan { start: at(self.from), end: at(self.to) };
        Event { kind: self.kind, span, factor: self.factor }
    }
}
