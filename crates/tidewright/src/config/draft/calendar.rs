//! Events and holidays while they are being filled in: which moments their texts mean, and what contradicts itself.
//!
//! A local time means the wall clock of the event's zone, or of `PRIME_TIME_CONFIG.timezone` where it has none.

use std::time::Duration;

use tidewright_core::{Calendar, Effect, Event, Recurrence, Selector, TimeSpan, Timestamp, Zone};

use super::{Draft, Entry};
use crate::config::conflict::Conflict;
use crate::config::form::is_yearly;
use crate::config::record::Spot;

/// The year from which a date without a year counts: a leap year, so that `02-29` is one, and before any history.
const YEARLY_FROM: &str = "2000";
const KEYS: &[&str] = &["EVENTS", "PRIME_TIME_CONFIG.timezone"];

/// What the keys of the calendar say.
#[derive(Debug, Default)]
pub(in crate::config) struct CalendarDraft {
    /// Each event with its place in the file.
    pub(in crate::config) events: Vec<(Spot, Entry)>,
    /// Dates, with or without a year.
    pub(in crate::config) holidays: Vec<String>,
}

/// What single fields say about an event.
#[derive(Debug, Default)]
pub(in crate::config) struct EventParts {
    pub(in crate::config) from: String,
    pub(in crate::config) to: Option<String>,
    pub(in crate::config) duration: Option<Duration>,
    pub(in crate::config) zone: Option<Zone>,
    pub(in crate::config) effect: &'static str,
    pub(in crate::config) factor: Option<f64>,
    pub(in crate::config) repeat: &'static str,
}

impl Draft {
    /// The event that was being read is whole.
    pub(in crate::config) fn end_event(&mut self, spot: Spot) {
        let entry = self.take_entry();
        self.calendar.events.push((spot, entry));
    }
}

impl CalendarDraft {
    /// What contradicts itself within an event.
    pub(super) fn conflicts(&self, zone: &Zone) -> Vec<Conflict> {
        let events = self.events.iter();
        events.flat_map(|(spot, entry)| entry.event.conflicts(spot, zone)).collect()
    }

    /// The calendar; events that contradict themselves were told and are left out.
    pub(super) fn join(self, zone: &Zone) -> Calendar {
        let events = self.events.into_iter().filter_map(|(_, entry)| event(entry, zone));
        let holidays = self.holidays.iter().filter_map(|day| holiday(day, zone));
        Calendar { events: events.chain(holidays).collect() }
    }
}

fn event(entry: Entry, zone: &Zone) -> Option<Event> {
    let Entry { name, selector, event, .. } = entry;
    let zone = event.zone.clone().unwrap_or_else(|| zone.clone());
    Some(Event {
        name: name.unwrap_or_default(),
        selector,
        effect: event.effect()?,
        first: event.span(&zone)?,
        recurrence: event.recurrence(),
        zone,
    })
}

fn holiday(day: &str, zone: &Zone) -> Option<Event> {
    let yearly = is_yearly(day);
    let date = if yearly { format!("{YEARLY_FROM}-{day}") } else { day.to_owned() };
    let start = zone.parse(&date).ok()?;
    Some(Event {
        name: format!("holiday {day}"),
        selector: Selector::default(),
        effect: Effect::Ignore,
        first: TimeSpan { start, end: end_of_day(start, zone) },
        recurrence: if yearly { Recurrence::Yearly } else { Recurrence::Once },
        zone: zone.clone(),
    })
}

impl EventParts {
    fn conflicts(&self, spot: &Spot, zone: &Zone) -> Vec<Conflict> {
        let zone = self.zone.as_ref().unwrap_or(zone);
        let factor = self.factor_conflict(spot);
        let end = self.end_conflict(spot).or_else(|| self.order_conflict(spot, zone));
        factor.into_iter().chain(end).collect()
    }

    fn factor_conflict(&self, spot: &Spot) -> Option<Conflict> {
        match (self.effect, self.factor) {
            ("expect", None) => Some(Conflict::of_entry(
                KEYS,
                spot.at("factor"),
                "must be set where `effect` is `expect`, got nothing",
                "write how many times the usual demand is expected, such as `factor: 3`",
            )),
            (effect, Some(factor)) if effect != "expect" => Some(Conflict::of_entry(
                KEYS,
                spot.at("factor"),
                &format!("must be absent where `effect` is `{effect}`, got `{factor}`"),
                "remove it, or write `effect: expect`",
            )),
            _ => None,
        }
    }

    fn end_conflict(&self, spot: &Spot) -> Option<Conflict> {
        match (&self.to, self.duration) {
            (Some(to), Some(_)) => Some(Conflict::of_entry(
                KEYS,
                spot.at("to"),
                &format!("must be absent beside `duration`, got `{to}`"),
                "keep one of the two",
            )),
            (None, None) if !is_date(&self.from) => Some(Conflict::of_entry(
                KEYS,
                spot.at("to"),
                &format!(
                    "must be set where `from` has a time of day (`{}`), got nothing",
                    self.from
                ),
                "write `to` or `duration`, or only a date in `from` for the whole day",
            )),
            _ => None,
        }
    }

    fn order_conflict(&self, spot: &Spot, zone: &Zone) -> Option<Conflict> {
        let span = self.span(zone)?;
        if span.millis() <= 0 {
            let to = self.to.as_deref().unwrap_or_default();
            let message = format!("must be later than `from`, got `{to}` and `{}`", self.from);
            return Some(Conflict::of_entry(KEYS, spot.at("to"), &message, "swap the two"));
        }
        let next = zone.again(span.start, self.recurrence(), 1);
        (self.recurrence() != Recurrence::Once && next < span.end).then(|| {
            let message =
                format!("must not bring an event back before it ends, got `{}`", self.repeat);
            let hint = "let it end earlier, or come less often";
            Conflict::of_entry(KEYS, spot.at("repeat"), &message, hint)
        })
    }

    /// From the first moment to the last; a date at the end counts with all of its day.
    fn span(&self, zone: &Zone) -> Option<TimeSpan> {
        let start = zone.parse(&self.from).ok()?;
        let last = self.to.as_ref().unwrap_or(&self.from);
        let end = match self.duration {
            Some(duration) => start + duration,
            None if is_date(last) => end_of_day(zone.parse(last).ok()?, zone),
            None => zone.parse(last).ok()?,
        };
        Some(TimeSpan { start, end })
    }

    fn effect(&self) -> Option<Effect> {
        Some(match self.effect {
            "keep" => Effect::Keep,
            "ignore" => Effect::Ignore,
            "freeze" => Effect::Freeze,
            _ => Effect::Expect(self.factor?),
        })
    }

    fn recurrence(&self) -> Recurrence {
        let found = Recurrence::ALL.into_iter().find(|(_, name)| *name == self.repeat);
        found.map_or(Recurrence::Once, |(recurrence, _)| recurrence)
    }
}

fn is_date(text: &str) -> bool {
    !text.contains([':', 'T', 't'])
}

fn end_of_day(moment: Timestamp, zone: &Zone) -> Timestamp {
    zone.midnight(zone.local(moment).day + 1)
}
