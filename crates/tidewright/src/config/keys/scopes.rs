//! Keys that are about some limits: bounds, tiers, contracts, destinations, pins.

use tidewright_core::Glob;

use crate::config::key::{Form, Key, Rule, Table};

/// The largest number that a limiter's document can hold.
const LIMIT_MAX: u64 = u32::MAX as u64;

pub(super) static BOUNDS: [Key; 4] = [
    Key::new(
        "TIERS",
        Rule::Named(Table {
            fields: &TIER_FIELDS,
            shorthand: None,
            each: |draft, spot| draft.end_tier(spot),
        }),
        "Bounds under a name, for contracts and for rules of `BOUNDS`.",
    ),
    Key::new(
        "CONTRACTS",
        Rule::Named(Table {
            fields: &CONTRACT_FIELDS,
            shorthand: Some("tier"),
            each: |draft, spot| draft.end_contract(spot),
        }),
        "The tier of a partner, as in `CUSTOMER_ID_1: gold`; `*` in the partner stands for any \
         letters.",
    ),
    Key::new(
        "BOUNDS",
        Rule::Records(Table {
            fields: &BOUNDS_FIELDS,
            shorthand: None,
            each: |draft, spot| draft.end_bounds(spot),
        }),
        "Bounds of some limits. Bound by bound the most precise rule wins (a name before a \
         wildcard, partner and path before one of them), then the later one, then \
         `RATE_CALCULATION`; a maximum wins over a minimum and a floor.",
    ),
    Key::new(
        "DESTINATIONS",
        Rule::Records(Table {
            fields: &DESTINATION_FIELDS,
            shorthand: None,
            each: |draft, spot| draft.end_destination(spot),
        }),
        "What stands behind limits and how much it carries: raises that would exceed it together \
         are held.",
    ),
];

pub(super) static PINS: [Key; 1] = [Key::new(
    "PINS",
    Rule::Records(Table {
        fields: &PIN_FIELDS,
        shorthand: Some("limit"),
        each: |draft, spot| draft.end_pin(spot),
    }),
    "Limits that keep their number, as maps or by name, as in `CUSTOMER_ID_1:/login*`.",
)];

static TIER_FIELDS: [Key; 4] = [MIN, MAX, FLOOR, NEVER_RAISE];

static CONTRACT_FIELDS: [Key; 1] = [TIER.required()];

static BOUNDS_FIELDS: [Key; 9] = [NAME, PARTNER, PATH, LIMIT, TIER, MIN, MAX, FLOOR, NEVER_RAISE];

static DESTINATION_FIELDS: [Key; 5] = [
    NAME.required(),
    PARTNER,
    PATH,
    LIMIT,
    Key::new(
        "capacity",
        Rule::Number { min: 1.0, max: 1e12, set: |draft, rate| draft.entry.capacity = rate },
        "What it carries, in requests per minute.",
    )
    .required(),
];

static PIN_FIELDS: [Key; 3] = [PARTNER, PATH, LIMIT];

pub(super) const NAME: Key = Key::new(
    "name",
    Rule::Text { form: Form::Any, set: |draft, text| draft.entry.name = Some(text) },
    "What people call it; it stands in reasons.",
);

pub(super) const PARTNER: Key = Key::new(
    "partner",
    Rule::Text {
        form: Form::Any,
        set: |draft, text| draft.entry.selector.partner = Some(Glob::new(text)),
    },
    "Only limits of this partner; `*` stands for any letters.",
);

pub(super) const PATH: Key = Key::new(
    "path",
    Rule::Text {
        form: Form::Any,
        set: |draft, text| draft.entry.selector.path = Some(Glob::new(text)),
    },
    "Only limits of this path; `*` stands for any letters.",
);

pub(super) const LIMIT: Key = Key::new(
    "limit",
    Rule::Text {
        form: Form::Any,
        set: |draft, text| draft.entry.selector.limit = Some(Glob::new(text)),
    },
    "Only limits of this name, `VALUE:VALUE`; `*` stands for any letters.",
);

const TIER: Key = Key::new(
    "tier",
    Rule::Text { form: Form::Any, set: |draft, text| draft.entry.bounds.tier = Some(text) },
    "The tier of `TIERS` that holds where nothing else is said.",
);

const MIN: Key = Key::new(
    "min_rate_limit",
    Rule::Whole {
        min: 1,
        max: LIMIT_MAX,
        set: |draft, rate| draft.entry.bounds.min = Some(rate as f64),
    },
    "Never propose less, in requests per minute.",
);

const MAX: Key = Key::new(
    "max_rate_limit",
    Rule::Whole {
        min: 1,
        max: LIMIT_MAX,
        set: |draft, rate| draft.entry.bounds.max = Some(rate as f64),
    },
    "Never propose more, in requests per minute.",
);

const FLOOR: Key = Key::new(
    "contract_floor",
    Rule::Whole {
        min: 1,
        max: LIMIT_MAX,
        set: |draft, rate| draft.entry.bounds.floor = Some(rate as f64),
    },
    "What a contract promises, in requests per minute: never propose less, and say why.",
);

const NEVER_RAISE: Key = Key::new(
    "never_raise",
    Rule::Flag(|draft, on| draft.entry.bounds.never_raise = Some(on)),
    "The limit is never raised, as for login or one-time codes.",
);
