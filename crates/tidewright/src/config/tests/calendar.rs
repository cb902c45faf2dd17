//! Events and holidays: which moments their texts mean, and what contradicts itself.

use tidewright_core::{Effect, Event, Recurrence};

use super::*;

fn events(lines: &str) -> Vec<Event> {
    common(lines).policy.calendar.events
}

/// One event with these fields beside its name, as `first .. last, again`.
fn check_event(fields: &str, expected: &str) {
    let lines = format!(
        "  PRIME_TIME_CONFIG: {{timezone: Europe/Paris}}\n  EVENTS: [{{name: a, {fields}}}]\n"
    );
    let event = events(&lines).remove(0);
    let (span, again) = (event.first, event.recurrence.name());
    assert_eq!(format!("{} .. {}, {again}", span.start, span.end), expected);
}

fn check_fault(fields: &str, expected: &str) {
    check_common(&format!("  EVENTS:\n    - {{name: a, {fields}}}\n"), expected);
}

#[test]
fn a_date_alone_is_a_whole_local_day() {
    check_event(
        "from: 2026-11-27, effect: keep",
        "2026-11-26T23:00:00Z .. 2026-11-27T23:00:00Z, once",
    );
    // The night of the spring change is an hour short.
    check_event(
        "from: 2026-03-29, effect: keep",
        "2026-03-28T23:00:00Z .. 2026-03-29T22:00:00Z, once",
    );
}

#[test]
fn a_date_at_the_end_counts_with_all_of_its_day() {
    check_event(
        "from: 2026-12-24, to: 2026-12-26, effect: freeze, repeat: yearly",
        "2026-12-23T23:00:00Z .. 2026-12-26T23:00:00Z, yearly",
    );
}

#[test]
fn a_local_time_is_that_of_the_event_and_an_offset_wins() {
    let utc = "2026-11-27T17:00:00Z .. 2026-11-27T19:00:00Z, once";
    check_event("from: 2026-11-27 18:00, to: 2026-11-27 20:00, effect: keep", utc);
    check_event(
        "from: 2026-11-27 12:00, duration: 2h, time_zone: America/New_York, effect: keep",
        utc,
    );
    check_event("from: 2026-11-27T17:00:00Z, to: '2026-11-27T20:00:00+01:00', effect: keep", utc);
}

#[test]
fn an_event_says_what_it_means_and_for_whom() {
    let event = events(
        "  EVENTS: [{name: sale, from: 2026-11-27, effect: expect, factor: 3, partner: 'A*', path: /buy, repeat: yearly}]\n",
    )
    .remove(0);
    assert_eq!((event.name.as_str(), event.effect), ("sale", Effect::Expect(3.0)));
    assert_eq!(event.selector.to_string(), "partner A*, path /buy");
    assert_eq!((event.recurrence, event.zone.name()), (Recurrence::Yearly, "UTC"));
}

#[test]
fn a_holiday_is_a_day_that_is_ignored_once_or_every_year() {
    let found =
        events("  PRIME_TIME_CONFIG: {timezone: Asia/Tokyo}\n  HOLIDAYS: [2026-05-01, 12-25]\n");
    assert!(found.iter().all(|event| event.effect == Effect::Ignore));
    let (once, yearly) = (&found[0], &found[1]);
    assert_eq!(
        (once.first.start.to_string(), once.first.days()),
        ("2026-04-30T15:00:00Z".to_owned(), 1.0)
    );
    assert_eq!((once.recurrence, yearly.recurrence), (Recurrence::Once, Recurrence::Yearly));
    let christmas = Timestamp::parse("2026-12-25T10:00:00+09:00").unwrap();
    let year = tidewright_core::TimeSpan { start: christmas, end: christmas.plus_millis(1) };
    assert_eq!(yearly.occurrences(year).count(), 1);
    assert_eq!(yearly.name, "holiday 12-25");
}

#[test]
fn what_is_no_date_is_no_holiday() {
    check_common(
        "  HOLIDAYS:\n    - 12-25\n    - 25.12.\n",
        "c.yaml:7: `COMMON.HOLIDAYS` must be a list of dates like `2026-12-25`, or `12-25` for every year, got `25.12.`\n  \
         hint: write year, month and day, or month and day",
    );
}

#[test]
fn what_is_expected_has_a_factor_and_nothing_else_has_one() {
    check_fault(
        "from: 2026-11-27, effect: expect",
        "c.yaml:6: `EVENTS[0].factor` must be set where `effect` is `expect`, got nothing\n  \
         hint: write how many times the usual demand is expected, such as `factor: 3`",
    );
    check_fault(
        "from: 2026-11-27, effect: freeze, factor: 2",
        "c.yaml:6: `EVENTS[0].factor` must be absent where `effect` is `freeze`, got `2`\n  \
         hint: remove it, or write `effect: expect`",
    );
}

#[test]
fn an_event_ends_once_and_after_it_began() {
    check_fault(
        "from: 2026-11-27 10:00, to: 2026-11-27 09:00, effect: keep",
        "c.yaml:6: `EVENTS[0].to` must be later than `from`, got `2026-11-27 09:00` and `2026-11-27 10:00`\n  \
         hint: swap the two",
    );
    check_fault(
        "from: 2026-11-27, to: 2026-11-28, duration: 2d, effect: keep",
        "c.yaml:6: `EVENTS[0].to` must be absent beside `duration`, got `2026-11-28`\n  hint: keep one of the two",
    );
    check_fault(
        "from: 2026-11-27 10:00, effect: keep",
        "c.yaml:6: `EVENTS[0].to` must be set where `from` has a time of day (`2026-11-27 10:00`), got nothing\n  \
         hint: write `to` or `duration`, or only a date in `from` for the whole day",
    );
}

#[test]
fn an_event_ends_before_it_comes_again() {
    check_fault(
        "from: 2026-11-27, to: 2026-11-28, effect: ignore, repeat: daily",
        "c.yaml:6: `EVENTS[0].repeat` must not bring an event back before it ends, got `daily`\n  \
         hint: let it end earlier, or come less often",
    );
    check_event(
        "from: 2026-11-23, to: 2026-11-29, effect: ignore, repeat: weekly",
        "2026-11-22T23:00:00Z .. 2026-11-29T23:00:00Z, weekly",
    );
}

#[test]
fn events_of_a_mode_that_is_not_in_use_are_checked_too() {
    let text = "DEPLOYMENT: {MODE: local}\nENVIRONMENTS:\n  local:\n  testing:\n    EVENTS:\n      - {name: a, from: 2026-11-27, effect: expect}\n";
    let text = told(text);
    assert!(text.starts_with("c.yaml:6: `EVENTS[0].factor` must be set"), "{text}");
}
