//! Keys of pacing: how fast limits may move, in wall time.

use std::time::Duration;

use crate::config::key::{Key, Rule};

const DAY: Duration = Duration::from_hours(24);
const MONTH: Duration = Duration::from_hours(24 * 30);

pub(super) static PACING: [Key; 6] = [
    Key::new(
        "PACING.raise_per_day",
        Rule::Number {
            min: 0.01,
            max: 100.0,
            set: |draft, share| draft.settings.policy.guards.pacing.raise_per_day = share,
        },
        "A limit rises by this share within 24 hours at the most: `1` doubles it.",
    )
    .default("1"),
    Key::new(
        "PACING.lower_per_day",
        Rule::Number {
            min: 0.01,
            max: 0.9,
            set: |draft, share| draft.settings.policy.guards.pacing.lower_per_day = share,
        },
        "A limit falls by this share within 24 hours at the most.",
    )
    .default("0.2"),
    Key::new(
        "PACING.agreement",
        Rule::Span {
            bare: None,
            min: DAY,
            max: MONTH,
            set: |draft, span| draft.settings.policy.guards.pacing.agreement = span,
        },
        "How long every run has to wish a cut before it is made.",
    )
    .default("1d"),
    Key::new(
        "PACING.between_changes",
        Rule::Span {
            bare: None,
            min: Duration::ZERO,
            max: MONTH,
            set: |draft, span| draft.settings.policy.guards.pacing.between_changes = span,
        },
        "The least time between two changes of one limit.",
    )
    .default("6h"),
    Key::new(
        "PACING.lower_slack",
        Rule::Number {
            min: 0.0,
            max: 10.0,
            set: |draft, share| draft.settings.policy.guards.pacing.lower_slack = share,
        },
        "A limit is lowered only where it lies this share above what is computed: less protects \
         nothing and flaps.",
    )
    .default("0.25"),
    Key::new(
        "PACING.first_day_changes",
        Rule::Whole {
            min: 0,
            max: 1_000_000,
            set: |draft, count| {
                draft.settings.policy.guards.pacing.first_day_changes = count as usize;
            },
        },
        "How many limits may change on the day after a document was seen first; the safest come \
         first.",
    )
    .default("5"),
];
