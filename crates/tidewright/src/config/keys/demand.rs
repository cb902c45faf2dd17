//! Keys of demand: the counter that is it, and data that stands in for it.

use crate::config::key::{Form, Key, PairForm, Rule};
use crate::config::settings::{QueryYields, TrafficPreset};

pub(super) static TRAFFIC: [Key; 10] = [
    Key::new(
        "TRAFFIC.preset",
        Rule::Word {
            words: &["nginx", "istio", "ratelimit", "custom"],
            set: |draft, word| draft.settings.traffic.preset = preset(word),
        },
        "The layout to start from: `service_nginx_request_time_s_count`, \
         `istio_requests_total`, the limiter's own `total_hits`, or a counter of your own, which \
         `TRAFFIC.metric` and `TRAFFIC.labels` name.",
    )
    .default("nginx"),
    Key::new(
        "TRAFFIC.metric",
        Rule::Text {
            form: Form::Metric,
            set: |draft, name| draft.settings.traffic.metric = Some(name),
        },
        "The counter of requests; unset means the preset's.",
    ),
    Key::new(
        "TRAFFIC.matchers",
        Rule::Text {
            form: Form::Matchers,
            set: |draft, text| draft.settings.traffic.matchers = Some(text),
        },
        "Label matchers that every series must meet, beside the preset's.",
    ),
    Key::new(
        "TRAFFIC.labels",
        Rule::Pairs {
            form: PairForm::Labels,
            set: |draft, labels| draft.settings.traffic.labels = labels,
        },
        "Descriptor key to label of the counter, such as `PARTNER: partner`; unset means the \
         preset's.",
    ),
    Key::new(
        "TRAFFIC.rewrites",
        Rule::Lists(|draft, steps| draft.rewrites = steps),
        "Descriptor key to the steps that make measured values those of the document: \
         `strip_query`, `strip_trailing_slash`, `lower_case`, `collapse_ids`, or a pattern such as \
         `/users/* -> /users/{id}`, in which `*` is a part without `/` and `**` any text.",
    ),
    Key::new(
        "TRAFFIC.constants",
        Rule::Pairs {
            form: PairForm::Constants,
            set: |draft, constants| draft.settings.traffic.constants = constants,
        },
        "Descriptor key to the value that it has in all of the counter's requests, such as \
         `generic_key: shop`.",
    ),
    Key::new(
        "TRAFFIC.method",
        Rule::Word {
            words: &["auto", "edges", "increase", "query"],
            set: |draft, word| draft.method = word,
        },
        "How demand per window is read: counters at the window edges, `increase` in the server, \
         or an own query; `auto` measures and chooses.",
    )
    .default("auto"),
    Key::new(
        "TRAFFIC.query",
        Rule::Text { form: Form::Any, set: |draft, query| draft.query = Some(query) },
        "A PromQL expression that yields demand by the labels of the mapping.",
    ),
    Key::new(
        "TRAFFIC.query_yields",
        Rule::Word {
            words: &["rate", "count"],
            set: |draft, word| draft.query_yields = yields(word),
        },
        "What a sample of `TRAFFIC.query` is: requests per second, or requests in the window.",
    )
    .default("rate"),
    Key::new(
        "TRAFFIC.csv",
        Rule::Text { form: Form::Path, set: |draft, path| draft.csv = Some(path.into()) },
        "A CSV file that is read instead of Prometheus. Beside demand it may have the columns \
         `rejected`, `client_errors`, `server_errors`, `cache_lookups`, `cache_hits` and \
         `over_limit`; an empty cell is not known, and demand includes what was rejected.",
    ),
];

pub(super) static MOCK: [Key; 3] = [
    Key::new(
        "USE_MOCK_DATA",
        Rule::Flag(|draft, on| draft.use_mock = Some(on)),
        "Demand is made up, whatever other source is set; refused in production. Unset, it is \
         made up only in local mode and only where no other source is set.",
    ),
    Key::new(
        "MOCK_DATA.seed",
        Rule::Whole { min: 0, max: u64::MAX, set: |draft, seed| draft.settings.mock.seed = seed },
        "Equal seeds give equal bytes.",
    )
    .default("42"),
    Key::new(
        "MOCK_DATA.at",
        Rule::Moment(|draft, at| draft.settings.mock.at = at),
        "The moment as of which a run on made-up data decides.",
    )
    .default("2026-11-16T00:00:00Z"),
];

fn preset(word: &str) -> TrafficPreset {
    match word {
        "istio" => TrafficPreset::Istio,
        "ratelimit" => TrafficPreset::Ratelimit,
        "custom" => TrafficPreset::Custom,
        _ => TrafficPreset::Nginx,
    }
}

fn yields(word: &str) -> QueryYields {
    if word == "count" { QueryYields::Count } else { QueryYields::Rate }
}
