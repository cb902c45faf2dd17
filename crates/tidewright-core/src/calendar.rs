//! What people know beforehand: events that history must not be judged by, and days on which nothing may change.

use crate::selector::Selector;
use crate::time::{Recurrence, TimeSpan, Timestamp, Zone};

/// All events that were configured.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    /// In the order of the configuration.
    pub events: Vec<Event>,
}

/// Something that people know of, once or again and again.
#[derive(Clone, Debug)]
pub struct Event {
    /// What it is called, such as `black friday`.
    pub name: String,
    /// Whose limits it concerns.
    pub selector: Selector,
    /// What it means for them.
    pub effect: Effect,
    /// When it happens first.
    pub first: TimeSpan,
    /// How it comes again.
    pub recurrence: Recurrence,
    /// By whose wall clock it comes again.
    pub zone: Zone,
}

/// What an event means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Effect {
    /// What happened then was real demand: never masked as an incident.
    Keep,
    /// What happened then says nothing about other days: left out. A holiday is one.
    Ignore,
    /// Demand is this many times the usual: left out of what is usual, and planned for when it comes.
    Expect(f64),
    /// No limit changes.
    Freeze,
}

/// One time that an event happens.
#[derive(Clone, Copy, Debug)]
pub struct Occurrence<'a> {
    /// The event.
    pub event: &'a Event,
    /// When.
    pub span: TimeSpan,
}

/// An event comes at most so often in one look: every day of ten years.
const OCCURRENCES_MAX: i32 = 3660;

impl Event {
    /// The times that it happens and that touch `within`, in order.
    pub fn occurrences(&self, within: TimeSpan) -> impl Iterator<Item = TimeSpan> + '_ {
        let len = self.first.millis();
        let start = self.recurrence.count_before(self.first.start, within.start);
        let last = if self.recurrence == Recurrence::Once { 1 } else { OCCURRENCES_MAX };
        (0..last)
            .map(move |n| self.zone.again(self.first.start, self.recurrence, start + n))
            .take_while(move |start| *start < within.end)
            .map(move |start| TimeSpan { start, end: start.plus_millis(len) })
            .filter(move |span| within.start < span.end)
    }
}

impl Calendar {
    /// What happens within `span` to the limits that `concerns` picks.
    pub fn within<'a>(
        &'a self,
        span: TimeSpan,
        concerns: impl Fn(&Selector) -> bool + 'a,
    ) -> impl Iterator<Item = Occurrence<'a>> + 'a {
        let events = self.events.iter().filter(move |event| concerns(&event.selector));
        events.flat_map(move |event| {
            event.occurrences(span).map(move |span| Occurrence { event, span })
        })
    }

    /// What happens at `moment`.
    pub fn at<'a>(
        &'a self,
        moment: Timestamp,
        concerns: impl Fn(&Selector) -> bool + 'a,
    ) -> impl Iterator<Item = Occurrence<'a>> + 'a {
        self.within(TimeSpan { start: moment, end: moment.plus_millis(1) }, concerns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn span(start: &str, end: &str) -> TimeSpan {
        TimeSpan { start: moment(start), end: moment(end) }
    }

    fn starts(first: TimeSpan, recurrence: Recurrence, zone: &str, within: TimeSpan) -> String {
        let zone = Zone::named(zone).unwrap();
        let (name, selector, effect) = ("x".to_owned(), Selector::default(), Effect::Keep);
        let event = Event { name, selector, effect, first, recurrence, zone };
        event.occurrences(within).map(|span| span.start.to_string()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn an_event_that_happens_once_touches_what_it_overlaps() {
        let first = span("2026-11-27T00:00:00Z", "2026-11-28T00:00:00Z");
        let once = |within| starts(first, Recurrence::Once, "UTC", within);
        assert_eq!(
            once(span("2026-11-27T23:00:00Z", "2026-12-30T00:00:00Z")),
            "2026-11-27T00:00:00Z"
        );
        assert_eq!(once(span("2026-11-28T00:00:00Z", "2026-12-30T00:00:00Z")), "");
    }

    #[test]
    fn a_daily_event_keeps_its_wall_clock_over_the_night_of_the_change() {
        let first = span("2026-03-01T02:00:00Z", "2026-03-01T03:00:00Z");
        let within = span("2026-03-28T00:00:00Z", "2026-03-31T00:00:00Z");
        // 03:00 in Paris is 02:00Z in winter and 01:00Z from the 29th on.
        assert_eq!(
            starts(first, Recurrence::Daily, "Europe/Paris", within),
            "2026-03-28T02:00:00Z 2026-03-29T01:00:00Z 2026-03-30T01:00:00Z"
        );
    }

    #[test]
    fn the_last_day_of_a_month_comes_in_every_month() {
        let first = span("2026-01-31T00:00:00Z", "2026-02-01T00:00:00Z");
        let within = span("2026-02-01T00:00:00Z", "2026-04-01T00:00:00Z");
        assert_eq!(
            starts(first, Recurrence::Monthly, "UTC", within),
            "2026-02-28T00:00:00Z 2026-03-31T00:00:00Z"
        );
    }

    #[test]
    fn an_event_comes_neither_before_its_first_time_nor_while_nobody_looks() {
        let first = span("2026-01-05T00:00:00Z", "2026-01-06T00:00:00Z");
        let weekly = |within| starts(first, Recurrence::Weekly, "UTC", within);
        assert_eq!(
            weekly(span("2025-01-01T00:00:00Z", "2026-01-06T00:00:00Z")),
            "2026-01-05T00:00:00Z"
        );
        assert_eq!(
            weekly(span("2026-11-16T00:00:00Z", "2026-11-17T00:00:00Z")),
            "2026-11-16T00:00:00Z"
        );
        assert_eq!(weekly(span("2026-11-17T00:00:00Z", "2026-11-18T00:00:00Z")), "");
        let yearly = starts(
            first,
            Recurrence::Yearly,
            "UTC",
            span("2030-01-05T10:00:00Z", "2030-02-01T00:00:00Z"),
        );
        assert_eq!(yearly, "2030-01-05T00:00:00Z");
    }
}
