//! Keys of Prometheus: where it is, which kin of it answers, who we are, and the way there.

use std::time::Duration;

use crate::config::key::{Form, Key, PairForm, Rule};
use crate::config::settings::{Chunks, Secret};

const DAY: Duration = Duration::from_hours(24);

pub(super) static PROMETHEUS: [Key; 5] = [
    Key::new(
        "PROMETHEUS_URL",
        Rule::Text { form: Form::Url, set: |draft, url| draft.settings.prometheus.url = Some(url) },
        "The base URL of Prometheus or of anything that answers its API.",
    )
    .env("PROMETHEUS_URL")
    .flag("--prometheus-url"),
    Key::new(
        "PROMETHEUS_TIMEOUT",
        Rule::Span {
            bare: None,
            min: Duration::from_millis(100),
            max: Duration::from_mins(10),
            set: |draft, span| draft.settings.prometheus.timeout = span,
        },
        "The longest that one request may take.",
    )
    .default("30s"),
    Key::new(
        "PROMETHEUS_CONCURRENCY",
        Rule::Whole {
            min: 1,
            max: 20,
            set: |draft, count| draft.settings.prometheus.concurrency = count as usize,
        },
        "How many requests run at once.",
    )
    .default("4"),
    Key::new(
        "PROMETHEUS_CHUNKS",
        Rule::Word {
            words: &["auto", "on", "off"],
            set: |draft, word| draft.settings.prometheus.chunks = chunks(word),
        },
        "Whether raw counters are read as chunks (`/api/v1/read`), which is faster than queries: \
         `auto` where a Prometheus reads from no other server, `on` also elsewhere. A server that \
         hands out none is queried.",
    )
    .default("auto"),
    Key::new(
        "PROMETHEUS_PARAMETERS",
        Rule::Pairs {
            form: PairForm::Parameters,
            set: |draft, pairs| draft.settings.prometheus.parameters = pairs,
        },
        "Further parameters of each query, such as `extra_label: team=a`; no credentials.",
    ),
];

pub(super) static FLAVOUR: [Key; 5] = [
    Key::new(
        "PROMETHEUS_FLAVOUR",
        Rule::Word {
            words: &["prometheus", "thanos", "mimir", "cortex", "victoriametrics", "trickster"],
            set: |draft, word| draft.flavour.word = word,
        },
        "Which kin of Prometheus answers there. Managed ones of Amazon, Google and Azure speak \
         like `prometheus`; trickster is a cache in front of one.",
    )
    .default("prometheus"),
    Key::new(
        "PROMETHEUS_TENANT",
        Rule::Text { form: Form::Any, set: |draft, name| draft.flavour.tenant = Some(name) },
        "Whose data: `X-Scope-OrgID` of mimir and cortex, `accountID` or `accountID:projectID` of a \
         victoriametrics cluster.",
    ),
    Key::new(
        "PROMETHEUS_THANOS.dedup",
        Rule::Flag(|draft, on| draft.flavour.dedup = Some(on)),
        "Replicas of one Prometheus are merged; without it every replica counts. Unset means \
         `true`.",
    ),
    Key::new(
        "PROMETHEUS_THANOS.partial_response",
        Rule::Flag(|draft, on| draft.flavour.partial_response = Some(on)),
        "A read goes on while a store is down, and its windows are gaps; without it the read \
         fails. Unset means `false`.",
    ),
    Key::new(
        "PROMETHEUS_THANOS.max_source_resolution",
        Rule::Word {
            words: &["auto", "0s", "5m", "1h"],
            set: |draft, word| draft.flavour.coarseness = Some(word),
        },
        "How coarse samples may be: what is coarser than a limit's window cannot show its peaks. \
         Unset means `0s`, as they were scraped.",
    ),
];

pub(super) static AUTH: [Key; 15] = [
    Key::new(
        "PROMETHEUS_AUTH.bearer_token",
        Rule::Secret(|draft, token| draft.auth.bearer_token.held = Some(Secret::new(token))),
        "The token; only from the environment.",
    )
    .env("PROMETHEUS_TOKEN"),
    Key::new(
        "PROMETHEUS_AUTH.bearer_token_file",
        Rule::Text {
            form: Form::Path,
            set: |draft, path| draft.auth.bearer_token.file = Some(path.into()),
        },
        "The file that holds the token.",
    ),
    Key::new(
        "PROMETHEUS_AUTH.username",
        Rule::Text { form: Form::Any, set: |draft, name| draft.auth.username = Some(name) },
        "The user name for basic authentication.",
    )
    .env("PROMETHEUS_USERNAME"),
    Key::new(
        "PROMETHEUS_AUTH.password",
        Rule::Secret(|draft, password| draft.auth.password.held = Some(Secret::new(password))),
        "The password; only from the environment.",
    )
    .env("PROMETHEUS_PASSWORD"),
    Key::new(
        "PROMETHEUS_AUTH.password_file",
        Rule::Text {
            form: Form::Path,
            set: |draft, path| draft.auth.password.file = Some(path.into()),
        },
        "The file that holds the password.",
    ),
    Key::new(
        "PROMETHEUS_AUTH.headers",
        Rule::Pairs {
            form: PairForm::Headers,
            set: |draft, headers| draft.settings.prometheus.headers = headers,
        },
        "Further headers of each request, such as `X-Scope-OrgID: team-a`.",
    ),
    Key::new(
        "PROMETHEUS_AUTH.token_command",
        Rule::Texts { form: Form::Any, set: |draft, command| draft.auth.token_command = command },
        "A program and its arguments that print a token, such as \
         `[gcloud, auth, print-access-token]`; no shell reads them.",
    ),
    Key::new(
        "PROMETHEUS_AUTH.token_lifetime",
        Rule::Span {
            bare: None,
            min: Duration::from_mins(1),
            max: DAY,
            set: |draft, span| draft.auth.token_lifetime = span,
        },
        "How long a token of the command is good for; a new one is asked for in time.",
    )
    .default("1h"),
    Key::new(
        "PROMETHEUS_AUTH.sigv4.region",
        Rule::Text { form: Form::Any, set: |draft, name| draft.auth.sigv4.region = Some(name) },
        "The region of a workspace at Amazon; with it each request is signed. A variable does not \
         set it, since every pod at Amazon has one.",
    ),
    Key::new(
        "PROMETHEUS_AUTH.sigv4.service",
        Rule::Text { form: Form::Any, set: |draft, name| draft.auth.sigv4.service = name },
        "The service that requests are signed for.",
    )
    .default("aps"),
    Key::new(
        "PROMETHEUS_AUTH.sigv4.access_key",
        Rule::Text { form: Form::Any, set: |draft, name| draft.auth.sigv4.access_key = Some(name) },
        "The name of the key, which is no secret.",
    )
    .env("AWS_ACCESS_KEY_ID"),
    Key::new(
        "PROMETHEUS_AUTH.sigv4.secret_key",
        Rule::Secret(|draft, key| draft.auth.sigv4.secret_key.held = Some(Secret::new(key))),
        "The key; only from the environment.",
    )
    .env("AWS_SECRET_ACCESS_KEY"),
    Key::new(
        "PROMETHEUS_AUTH.sigv4.secret_key_file",
        Rule::Text {
            form: Form::Path,
            set: |draft, path| draft.auth.sigv4.secret_key.file = Some(path.into()),
        },
        "The file that holds the key.",
    ),
    Key::new(
        "PROMETHEUS_AUTH.sigv4.session_token",
        Rule::Secret(|draft, token| draft.auth.sigv4.session_token.held = Some(Secret::new(token))),
        "What goes with a key that was lent for a while; only from the environment.",
    )
    .env("AWS_SESSION_TOKEN"),
    Key::new(
        "PROMETHEUS_AUTH.sigv4.session_token_file",
        Rule::Text {
            form: Form::Path,
            set: |draft, path| draft.auth.sigv4.session_token.file = Some(path.into()),
        },
        "The file that holds it.",
    ),
];

pub(super) static WAY: [Key; 5] = [
    Key::new(
        "PROMETHEUS_TLS.ca_file",
        Rule::Text {
            form: Form::Path,
            set: |draft, path| draft.flavour.authorities = Some(path.into()),
        },
        "A PEM file of the authorities to trust instead of the system's.",
    ),
    Key::new(
        "PROMETHEUS_TLS.certificate_file",
        Rule::Text {
            form: Form::Path,
            set: |draft, path| draft.flavour.certificate = Some(path.into()),
        },
        "A PEM file with the certificate that we show.",
    ),
    Key::new(
        "PROMETHEUS_TLS.key_file",
        Rule::Text { form: Form::Path, set: |draft, path| draft.flavour.key = Some(path.into()) },
        "A PEM file with its key, unencrypted.",
    ),
    Key::new(
        "PROMETHEUS_PROXY.url",
        Rule::Text { form: Form::Url, set: |draft, url| draft.flavour.proxy = Some(url) },
        "The proxy to everything but this machine; unset means that of `HTTPS_PROXY` and \
         `HTTP_PROXY`, which may hold credentials.",
    ),
    Key::new(
        "PROMETHEUS_PROXY.except",
        Rule::Texts { form: Form::Any, set: |draft, hosts| draft.flavour.except = hosts },
        "Hosts, domains and networks that are reached without it.",
    ),
];

fn chunks(word: &str) -> Chunks {
    match word {
        "on" => Chunks::On,
        "off" => Chunks::Off,
        _ => Chunks::Auto,
    }
}
