//! Which kin of Prometheus answers and how it is reached, while it is being filled in.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::config::conflict::Conflict;
use crate::config::settings::{Coarseness, Flavour, Proxy, Tls};

/// What single keys say about the server and the way to it.
#[derive(Debug, Default)]
pub(in crate::config) struct FlavourParts {
    pub(in crate::config) word: &'static str,
    pub(in crate::config) tenant: Option<String>,
    pub(in crate::config) dedup: Option<bool>,
    pub(in crate::config) partial_response: Option<bool>,
    pub(in crate::config) coarseness: Option<&'static str>,
    pub(in crate::config) authorities: Option<PathBuf>,
    pub(in crate::config) certificate: Option<PathBuf>,
    pub(in crate::config) key: Option<PathBuf>,
    pub(in crate::config) proxy: Option<String>,
    pub(in crate::config) except: Vec<String>,
}

/// What names the tenant of Mimir and Cortex.
const TENANT_HEADER: &str = "X-Scope-OrgID";
const THANOS: &[&str] = &[
    "PROMETHEUS_THANOS.dedup",
    "PROMETHEUS_THANOS.partial_response",
    "PROMETHEUS_THANOS.max_source_resolution",
    "PROMETHEUS_FLAVOUR",
];

impl FlavourParts {
    pub(super) fn join(&self) -> Flavour {
        let tenant = || self.tenant.clone();
        match self.word {
            "thanos" => Flavour::Thanos {
                // Replicas that are not merged count every request once more.
                dedup: self.dedup.unwrap_or(true),
                partial_response: self.partial_response.unwrap_or(false),
                coarseness: self.coarseness.map_or(Coarseness::Raw, coarseness),
            },
            "mimir" | "cortex" => Flavour::Mimir { tenant: tenant() },
            "victoriametrics" => Flavour::VictoriaMetrics { tenant: tenant() },
            "trickster" => Flavour::Trickster,
            _ => Flavour::Prometheus,
        }
    }

    pub(super) fn tls(&self) -> Tls {
        let client = self.certificate.clone().zip(self.key.clone());
        Tls { authorities: self.authorities.clone(), client }
    }

    pub(super) fn proxy(&self) -> Option<Proxy> {
        let except = self.except.clone();
        self.proxy.clone().map(|url| Proxy { url, except })
    }

    /// Keys of another kin, what is said twice, and halves.
    pub(super) fn conflicts(&self, headers: &BTreeMap<String, String>) -> Vec<Conflict> {
        let all = [
            self.foreign_tenant(),
            self.tenant_twice(headers),
            self.foreign_thanos(),
            self.half_an_identity(),
            self.no_proxy(),
        ];
        all.into_iter().flatten().collect()
    }

    fn tenant_twice(&self, headers: &BTreeMap<String, String>) -> Option<Conflict> {
        let name = headers.keys().find(|name| name.eq_ignore_ascii_case(TENANT_HEADER))?;
        let tenant = self.tenant.as_ref()?;
        Some(Conflict::new(
            &["PROMETHEUS_TENANT", "PROMETHEUS_AUTH.headers"],
            format!(
                "`PROMETHEUS_TENANT` must be absent beside the header `{name}`, got `{tenant}`"
            ),
            "keep one of the two",
        ))
    }

    fn foreign_tenant(&self) -> Option<Conflict> {
        let has_tenants = matches!(self.word, "mimir" | "cortex" | "victoriametrics");
        let tenant = self.tenant.as_ref().filter(|_| !has_tenants)?;
        Some(Conflict::new(
            &["PROMETHEUS_TENANT", "PROMETHEUS_FLAVOUR"],
            format!(
                "`PROMETHEUS_TENANT` must be absent where `PROMETHEUS_FLAVOUR` is `{}`, got `{tenant}`",
                self.word
            ),
            "set `PROMETHEUS_FLAVOUR` to mimir, cortex or victoriametrics, or remove it",
        ))
    }

    fn foreign_thanos(&self) -> Option<Conflict> {
        let is_given =
            self.dedup.is_some() || self.partial_response.is_some() || self.coarseness.is_some();
        (is_given && self.word != "thanos").then(|| {
            let message = format!(
                "`PROMETHEUS_THANOS` must be absent where `PROMETHEUS_FLAVOUR` is `{}`",
                self.word
            );
            Conflict::new(THANOS, message, "set `PROMETHEUS_FLAVOUR: thanos`, or remove it")
        })
    }

    fn half_an_identity(&self) -> Option<Conflict> {
        let missing = match (&self.certificate, &self.key) {
            (Some(_), None) => "a certificate without its key",
            (None, Some(_)) => "a key without its certificate",
            _ => return None,
        };
        Some(Conflict::new(
            &["PROMETHEUS_TLS.certificate_file", "PROMETHEUS_TLS.key_file"],
            format!("`PROMETHEUS_TLS` must hold both a certificate and its key, got {missing}"),
            "name both files, or neither",
        ))
    }

    fn no_proxy(&self) -> Option<Conflict> {
        (self.proxy.is_none() && !self.except.is_empty()).then(|| {
            Conflict::new(
                &["PROMETHEUS_PROXY.except", "PROMETHEUS_PROXY.url"],
                "`PROMETHEUS_PROXY.url` must be set beside `PROMETHEUS_PROXY.except`, got nothing",
                "name the proxy; one from the environment has its exceptions in NO_PROXY",
            )
        })
    }
}

fn coarseness(word: &str) -> Coarseness {
    match word {
        "auto" => Coarseness::Auto,
        "5m" => Coarseness::FiveMinutes,
        "1h" => Coarseness::Hour,
        _ => Coarseness::Raw,
    }
}
