//! Keys of the calendar: what people know beforehand of days and hours.

use std::time::Duration;

use super::scopes::{LIMIT, NAME, PARTNER, PATH};
use crate::config::key::{Form, Key, Rule, Table};

pub(super) static CALENDAR: [Key; 2] = [
    Key::new(
        "EVENTS",
        Rule::Records(Table {
            fields: &EVENT_FIELDS,
            shorthand: None,
            each: |draft, spot| draft.end_event(spot),
        }),
        "What people know beforehand: sales, launches, tests, days on which nothing may change.",
    ),
    Key::new(
        "HOLIDAYS",
        Rule::Texts { form: Form::Day, set: |draft, days| draft.calendar.holidays = days },
        "Local days that say nothing about others, as events with `effect: ignore`; in the zone \
         of `PRIME_TIME_CONFIG.timezone`.",
    ),
];

static EVENT_FIELDS: [Key; 11] = [
    NAME.required(),
    Key::new(
        "from",
        Rule::Text { form: Form::When, set: |draft, text| draft.entry.event.from = text },
        "When it begins first; local time of its zone where no offset is written.",
    )
    .required(),
    Key::new(
        "to",
        Rule::Text { form: Form::When, set: |draft, text| draft.entry.event.to = Some(text) },
        "When it ends; a date counts with all of its day. Where `from` is a date, unset means \
         that day.",
    ),
    Key::new(
        "duration",
        Rule::Span {
            bare: None,
            min: Duration::from_mins(1),
            max: Duration::from_hours(24 * 366),
            set: |draft, span| draft.entry.event.duration = Some(span),
        },
        "How long it lasts, instead of `to`.",
    ),
    Key::new(
        "time_zone",
        Rule::Zone(|draft, zone| draft.entry.event.zone = Some(zone)),
        "Whose wall clock it follows; unset means `PRIME_TIME_CONFIG.timezone`.",
    ),
    Key::new(
        "effect",
        Rule::Word {
            words: &["keep", "ignore", "expect", "freeze"],
            set: |draft, word| draft.entry.event.effect = word,
        },
        "`keep`: what happened then was real and is never masked. `ignore`: it says nothing about \
         other days. `expect`: demand is `factor` times the usual. `freeze`: no limit changes.",
    )
    .required(),
    Key::new(
        "factor",
        Rule::Number {
            min: 0.01,
            max: 1000.0,
            set: |draft, factor| draft.entry.event.factor = Some(factor),
        },
        "How many times the usual demand is expected; only beside `effect: expect`.",
    ),
    Key::new(
        "repeat",
        Rule::Word {
            words: &["once", "daily", "weekly", "monthly", "yearly"],
            set: |draft, word| draft.entry.event.repeat = word,
        },
        "How it comes again, by the wall clock of its zone.",
    )
    .default("once"),
    PARTNER,
    PATH,
    LIMIT,
];
