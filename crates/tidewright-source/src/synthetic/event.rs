//! What happens besides seasons and noise, and to which series.
//!
//! Every event is placed by the anchor, but for spikes and recurring peaks, which are placed by the day.

use tidewright_core::{TimeSpan, Timestamp};

use super::chance::Chance;
use super::demand::Place;
use super::shape::DAY;
use super::{Events, MINUTE_MS, SyntheticSettings};

/// What was injected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    /// A few minutes far above; not clean.
    Spike,
    /// A burst of more than an hour, as of clients that retry; not clean.
    Incident,
    /// Almost nothing for three quarters of an hour; not clean.
    Outage,
    /// A lasting rise of all series of the first partner; clean.
    Launch,
    /// A rise of one series over six days; not clean.
    SlowAttack,
    /// The same minutes of every day, as of a cron job; clean.
    RecurringPeak,
    /// Nothing is measured; demand goes on.
    Gap,
}

/// Something that was injected into a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// What.
    pub kind: EventKind,
    /// When; a launch goes on for ever, and its span ends with the span that was asked for.
    pub span: TimeSpan,
    /// How many times clean demand at its height; 1 for a gap.
    pub factor: f64,
}

/// An event in minutes since the epoch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Happening {
    pub(super) kind: EventKind,
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) factor: f64,
}

const LAUNCH_FACTOR: f64 = 1.8;

/// The share of days with a spike.
const SPIKES_PER_DAY: f64 = 0.3;

impl EventKind {
    /// Whether demand under it is what a limit should hold.
    pub const fn is_clean(self) -> bool {
        matches!(self, Self::Launch | Self::RecurringPeak)
    }
}

impl Happening {
    /// The factor on demand in a minute inside.
    pub(super) fn factor_at(&self, minute: i64) -> f64 {
        match self.kind {
            EventKind::SlowAttack => {
                let done = (minute - self.start) as f64 / (self.end - self.start) as f64;
                1.0 + (self.factor - 1.0) * done
            }
            _ => self.factor,
        }
    }

    pub(super) const fn contains(&self, minute: i64) -> bool {
        self.start <= minute && minute < self.end
    }

    /// The part inside a span of minutes, if there is one.
    pub(super) fn within(&self, span: &std::ops::Range<i64>) -> Option<Event> {
        let (start, end) = (self.start.max(span.start), self.end.min(span.end));
        let moment = |minute: i64| Timestamp::from_millis(minute * MINUTE_MS);
        let span = TimeSpan { start: moment(start), end: moment(end) };
        (start < end).then_some(Event { kind: self.kind, span, factor: self.factor })
    }
}

/// What happens once to a series, placed by the anchor.
pub(super) fn schedule(place: Place, settings: &SyntheticSettings) -> Vec<Happening> {
    if settings.events == Events::None {
        return Vec::new();
    }
    let anchor = settings.anchor.as_millis().div_euclid(MINUTE_MS);
    let happening = |kind, days: f64, minutes, factor| {
        let start = anchor - (days * DAY as f64) as i64;
        Happening { kind, start, end: start + minutes, factor }
    };
    let mut all =
        vec![happening(EventKind::Outage, 8.6, 45, 0.01), happening(EventKind::Gap, 4.3, 90, 1.0)];
    if place.partner == 0 {
        let launch = happening(EventKind::Launch, 5.5, 0, LAUNCH_FACTOR);
        all.push(Happening { end: i64::MAX, ..launch });
    }
    if (place.partner, place.path) == (1, 0) {
        all.push(happening(EventKind::Incident, 3.4, 75, 7.0));
    }
    if (place.partner, place.path) == (1, 1) {
        all.push(happening(EventKind::SlowAttack, 6.0, 6 * DAY, 2.2));
    }
    all
}

/// The spike of a day (counted since the epoch), if that day has one.
pub(super) fn spike(chance: Chance, day: i64) -> Option<Happening> {
    if chance.uniform(4 * day) >= SPIKES_PER_DAY {
        return None;
    }
    let start = day * DAY + (chance.uniform(4 * day + 1) * (DAY - 10) as f64) as i64;
    let minutes = 2 + (chance.uniform(4 * day + 2) * 5.0) as i64;
    let factor = 3.0 + 3.0 * chance.uniform(4 * day + 3);
    Some(Happening { kind: EventKind::Spike, start, end: start + minutes, factor })
}
