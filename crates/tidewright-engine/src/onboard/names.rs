//! What names tell of metrics: which may count requests, which layout they are of.
//!
//! The rule: a name only narrows down and breaks ties; a counter is never chosen for its name.

use tidewright_core::{Layout, MetricKind, Metrics};

/// Endings of counters.
const ENDINGS: [&str; 6] = ["_total", "_count", "_requests", "_hits", "_rq", "_calls"];

/// Words that speak for requests.
const WELCOME: [&str; 9] =
    ["request", "http", "_hits", "nginx", "istio", "ingress", "gateway", "_rq", "grpc"];

/// Words that speak for something else.
const UNWELCOME: [&str; 16] = [
    "bytes",
    "error",
    "fail",
    "seconds_total",
    "cpu",
    "retries",
    "dropped",
    "connection",
    "cache_",
    "ssl",
    "tls",
    "dns",
    "lookup",
    "scrape",
    "compaction",
    "wal",
];

/// Beginnings of what Prometheus, Kubernetes and language runtimes count of themselves.
const HOUSEKEEPING: [&str; 20] = [
    "go_",
    "process_",
    "python_",
    "jvm_",
    "nodejs_",
    "prometheus_",
    "promhttp_",
    "node_",
    "container_",
    "kube_",
    "kubelet_",
    "etcd_",
    "apiserver_",
    "rest_client_",
    "workqueue_",
    "alertmanager_",
    "net_conntrack_",
    "cadvisor_",
    "coredns_",
    "grafana_",
];

/// The limiter's own counters, by how Prometheus names them.
const LIMITER: &str = "ratelimit_service_rate_limit_";

/// Metrics that may count requests, the most plausible first, `most` at the most.
pub(super) fn plausible(metrics: &Metrics, most: usize) -> Vec<String> {
    let counts = metrics.kinds.iter().filter(|(name, kind)| is_counter(name, **kind));
    let mut names: Vec<&String> = counts.map(|(name, _)| name).collect();
    names.sort_by(|one, other| prior(other).total_cmp(&prior(one)).then(one.cmp(other)));
    names.into_iter().take(most).cloned().collect()
}

/// The limiter's own counters that there are.
pub(super) fn limiter(metrics: &Metrics) -> Vec<String> {
    metrics.kinds.keys().filter(|name| name.starts_with(LIMITER)).cloned().collect()
}

fn is_counter(name: &str, kind: MetricKind) -> bool {
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_:".contains(&byte));
    let is_housekeeping = HOUSEKEEPING.iter().any(|start| name.starts_with(start));
    let is_limiters = name.starts_with(LIMITER) && !name.ends_with("_total_hits");
    let counts = match kind {
        MetricKind::Counter | MetricKind::Observations => true,
        MetricKind::Unknown => {
            ENDINGS.iter().any(|ending| name.ends_with(ending)) || prior(name) > 0.6
        }
        MetricKind::Gauge => false,
    };
    let is_part = name.ends_with("_bucket") || name.ends_with("_sum") || name.ends_with("_created");
    is_plain && counts && !is_housekeeping && !is_limiters && !is_part
}

/// How much a name speaks for requests, from 0 to 1.
pub(super) fn prior(name: &str) -> f64 {
    let name = name.to_ascii_lowercase();
    let hits = |words: &[&str]| words.iter().filter(|word| name.contains(*word)).count() as f64;
    let known = if layout(&name) == Layout::Custom { 0.0 } else { 0.2 };
    let ends = ENDINGS.iter().any(|ending| name.ends_with(ending));
    (0.4 + known + 0.1 * f64::from(u8::from(ends)) + 0.15 * hits(&WELCOME).min(2.0)
        - 0.3 * hits(&UNWELCOME).min(2.0))
    .clamp(0.0, 1.0)
}

/// The layout that a metric is of.
pub(super) fn layout(name: &str) -> Layout {
    match name {
        "istio_requests_total" => Layout::Istio,
        "service_nginx_request_time_s_count" => Layout::Nginx,
        _ if name.starts_with(LIMITER) => Layout::Limiter,
        _ if name.starts_with("envoy_") => Layout::Envoy,
        _ => Layout::Custom,
    }
}

/// Whether a counter is known to stand behind the limiter, so that rejected requests never reach it.
pub(super) fn is_behind(name: &str) -> bool {
    ["upstream", "backend", "_within_limit"].iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_of_requests_come_first_and_housekeeping_never() {
        let unknown = MetricKind::Unknown;
        let names = [
            ("go_gc_cycles_total", MetricKind::Counter),
            ("shop_hits", unknown),
            ("queue_length", MetricKind::Gauge),
            ("http_requests_total", MetricKind::Counter),
            ("http_sent_bytes_total", MetricKind::Counter),
            ("took_seconds_bucket", unknown),
            ("took_seconds_count", MetricKind::Observations),
            ("ratelimit_service_rate_limit_over_limit", MetricKind::Counter),
            ("ratelimit_service_rate_limit_total_hits", MetricKind::Counter),
        ];
        let kinds = names.map(|(name, kind)| (name.to_owned(), kind)).into_iter().collect();
        let metrics = Metrics { kinds, cut: false };
        let found = plausible(&metrics, 4);
        assert_eq!(found.len(), 4);
        assert!(found.contains(&"shop_hits".to_owned()), "{found:?}");
        assert!(
            !plausible(&metrics, 9)
                .iter()
                .any(|name| name.contains("go_") || name.contains("over_limit"))
        );
        assert_eq!(limiter(&metrics).len(), 2);
    }

    #[test]
    fn what_stands_behind_the_limiter_is_known_by_its_name() {
        assert!(is_behind("envoy_cluster_upstream_rq_total") && !is_behind("istio_requests_total"));
    }
}
