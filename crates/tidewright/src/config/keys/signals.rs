//! Keys of what stands beside demand: what was rejected, what failed, what a cache answered.

use tidewright_core::CacheSide;

use crate::config::key::{Form, Key, PairForm, Rule, Table};

pub(super) static SIGNALS: [Key; 4] = [
    Key::new(
        "TRAFFIC.status_label",
        Rule::Text {
            form: Form::Label,
            set: |draft, label| draft.settings.traffic.signals.status_label = Some(label),
        },
        "The label with the HTTP status of the answer, `429` or `4xx`; unset means the preset's.",
    ),
    Key::new(
        "TRAFFIC.flags_label",
        Rule::Text {
            form: Form::Label,
            set: |draft, label| draft.settings.traffic.signals.flags_label = Some(label),
        },
        "The label with Envoy's response flags, of which `RL` tells a rejection; unset means the \
         preset's.",
    ),
    Key::new(
        "TRAFFIC.includes_rejected",
        Rule::Flag(|draft, on| draft.settings.traffic.signals.includes_rejected = on),
        "Whether the counter of demand sees the requests that the limiter rejects; if not, they \
         are added where they are known.",
    )
    .default("true"),
    Key::new(
        "TRAFFIC.counters",
        Rule::Named(Table {
            fields: &COUNTER_FIELDS,
            shorthand: Some("preset"),
            each: |draft, spot| draft.end_counter(spot),
        }),
        "Counters beside demand, by what they count: `rejected`; `over_limit`, by the limiter \
         itself (`over_limit: ratelimit`); `cache_before` and `cache_after`, in front of the cache \
         and behind it.",
    ),
];

pub(super) static CACHE: [Key; 4] = [
    Key::new(
        "CACHE.status_label",
        Rule::Text {
            form: Form::Label,
            set: |draft, label| draft.settings.traffic.signals.cache.label = Some(label),
        },
        "The label that tells what the cache made of a request; unset means the preset's. With it, \
         or with the two counters of the cache, the share that the cache answers is measured.",
    ),
    Key::new(
        "CACHE.hit_statuses",
        Rule::Texts {
            form: Form::Any,
            set: |draft, hits| draft.settings.traffic.signals.cache.hits = Some(hits),
        },
        "The statuses of requests that went no further than the cache; unset means `[HIT]`. \
         Whether `STALE` or `EXPIRED` are hits depends on the cache.",
    ),
    Key::new(
        "CACHE.metric_counts",
        Rule::Word {
            words: &["before", "after"],
            set: |draft, word| draft.settings.policy.cache.metric = side(word),
        },
        "Whether the counter of demand stands before the cache or after it.",
    )
    .default("before"),
    Key::new(
        "CACHE.limiter_counts",
        Rule::Word {
            words: &["before", "after"],
            set: |draft, word| draft.settings.policy.cache.limiter = side(word),
        },
        "Whether the limiter stands before the cache or after it. On the same side as the counter \
         there is nothing to correct.",
    )
    .default("before"),
];

static COUNTER_FIELDS: [Key; 4] = [
    Key::new(
        "preset",
        Rule::Word {
            words: &["ratelimit"],
            set: |draft, word| draft.entry.counter.preset = Some(word),
        },
        "The limiter's own count of what was over its limits.",
    ),
    Key::new(
        "metric",
        Rule::Text {
            form: Form::Metric,
            set: |draft, name| draft.entry.counter.metric = Some(name),
        },
        "The counter, instead of a preset.",
    ),
    Key::new(
        "matchers",
        Rule::Text {
            form: Form::Matchers,
            set: |draft, text| draft.entry.counter.matchers = Some(text),
        },
        "Label matchers that every series must meet.",
    ),
    Key::new(
        "labels",
        Rule::Pairs {
            form: PairForm::Labels,
            set: |draft, labels| draft.entry.counter.labels = labels,
        },
        "Descriptor key to label; unset means as for demand.",
    ),
];

fn side(word: &str) -> CacheSide {
    if word == "after" { CacheSide::After } else { CacheSide::Before }
}
