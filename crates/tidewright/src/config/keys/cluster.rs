//! Keys of the cluster: how the limiter's document is called, how the cluster is reached, and the long-running roles.

use std::time::Duration;

use crate::config::key::{Bare, Form, Key, Rule};

pub(super) static CLUSTER: [Key; 12] = [
    Key::new(
        "DOMAIN",
        Rule::Text { form: Form::Any, set: |draft, name| draft.settings.document.domain = name },
        "The limiter's domain, for a new document.",
    )
    .default("global-ratelimit"),
    Key::new(
        "LIMITER_URL",
        Rule::Text { form: Form::Url, set: |draft, url| draft.settings.limiter_url = Some(url) },
        "Where the limiter listens, such as `http://ratelimit:6070`, its port for debugging: `doctor` checks that it can \
         be reached.",
    ),
    Key::new(
        "CONFIGMAP_NAMESPACE",
        Rule::Text {
            form: Form::ObjectName,
            set: |draft, name| draft.settings.document.namespace = name,
        },
        "The namespace of the limiter's `ConfigMap`.",
    )
    .default("istio-system")
    .default_local("default")
    .env("CONFIGMAP_NAMESPACE"),
    Key::new(
        "KUBERNETES_CONFIG",
        Rule::Text { form: Form::Path, set: |_, _| {} },
        "The file that says how clusters are reached.",
    )
    .env("KUBECONFIG")
    .later("with the cluster"),
    Key::new(
        "KUBERNETES_CONTEXT",
        Rule::Text { form: Form::Any, set: |_, _| {} },
        "The context in it; one that is absent is refused.",
    )
    .later("with the cluster"),
    Key::new(
        "OPERATOR_CONFIG.configmap_name",
        Rule::Text {
            form: Form::ObjectName,
            set: |draft, name| draft.settings.document.configmap = name,
        },
        "The name of the limiter's `ConfigMap`, in all roles.",
    )
    .default("ratelimit-config"),
    Key::new(
        "OPERATOR_CONFIG.enabled",
        Rule::Flag(|_, _| {}),
        "Runs follow one another without end.",
    )
    .later("with the operator"),
    Key::new(
        "OPERATOR_CONFIG.interval",
        Rule::Span {
            bare: Some(Bare::Seconds),
            min: Duration::from_secs(10),
            max: Duration::from_hours(24),
            set: |_, _| {},
        },
        "The time from one run to the next.",
    )
    .later("with the operator"),
    Key::new("MONITORING_ENABLED", Rule::Flag(|_, _| {}), "The outcome of a change is watched.")
        .later("with monitoring"),
    Key::new("MONITORING.enabled", Rule::Flag(|_, _| {}), "The outcome of a change is watched.")
        .later("with monitoring"),
    Key::new(
        "MONITORING.alert_threshold",
        Rule::Number { min: 0.0, max: 1.0, set: |_, _| {} },
        "The share of rejected requests above which somebody is told.",
    )
    .later("with monitoring"),
    Key::new(
        "MONITORING.metrics_retention",
        Rule::Span {
            bare: Some(Bare::Days),
            min: Duration::from_hours(24),
            max: Duration::from_hours(24 * 3650),
            set: |_, _| {},
        },
        "How long own measurements are kept.",
    )
    .later("with monitoring"),
];
