//! How bytes get to a Prometheus: certificates and proxies.
//!
//! The rule: a certificate is always checked, and there is no switch for it; this machine's own addresses are reached
//! without any proxy. A setting that cannot work is told by where it came from, before the first request.

use reqwest::redirect::Policy;
use reqwest::{Certificate, Identity, NoProxy, Url};

use super::client::stay_on_host;
use super::failure::chain;
use super::settings::{PrometheusSettings, Secret, SettingsError, is_loopback};

/// Whom we trust and who we are, beneath HTTP.
#[derive(Clone, Debug, Default)]
pub struct Tls {
    /// The authorities to trust instead of the system's.
    pub authorities: Option<Pem>,
    /// Our own certificate.
    pub client: Option<ClientCertificate>,
}

/// A certificate to show, with its key.
#[derive(Clone, Debug)]
pub struct ClientCertificate {
    /// The certificate, and those between it and its authority.
    pub certificate: Pem,
    /// Its key, unencrypted.
    pub key: Pem,
}

/// A text of certificates or keys.
#[derive(Clone, Debug)]
pub struct Pem {
    /// Where it came from, for messages.
    pub origin: String,
    /// The text.
    pub text: Secret,
}

/// A proxy for everything but this machine.
#[derive(Clone, Debug)]
pub struct Proxy {
    /// Its address, which may hold a user and a password.
    pub url: Secret,
    /// Hosts, domains and networks that are reached without it, as `NO_PROXY` lists them.
    pub except: Vec<String>,
}

/// A client that reaches `base`.
pub(super) fn http_client(
    settings: &PrometheusSettings,
    base: &Url,
) -> Result<reqwest::Client, SettingsError> {
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("tidewright/", env!("CARGO_PKG_VERSION")))
        .timeout(settings.timeout)
        .gzip(settings.wants_gzip(base))
        .redirect(Policy::custom(stay_on_host));
    if is_loopback(base) {
        builder = builder.no_proxy();
    } else if let Some(proxy) = &settings.proxy {
        builder = builder.proxy(proxy.build()?);
    }
    if let Some(authorities) = &settings.tls.authorities {
        builder = builder.tls_certs_only(authorities.certificates()?);
    }
    if let Some(client) = &settings.tls.client {
        builder = builder.identity(client.identity()?);
    }
    builder.build().map_err(|error| SettingsError::Client(chain(&error)))
}

impl Proxy {
    fn build(&self) -> Result<reqwest::Proxy, SettingsError> {
        let url = Url::parse(self.url.reveal()).ok();
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        // The text may hold a password, so only a part of it that cannot is repeated.
        let shown = self.url.reveal().rsplit('@').next().unwrap_or_default();
        let unfit = || SettingsError::Unfit {
            name: "proxy",
            rule: "be an http or https URL such as `http://proxy:3128`",
            value: shown.to_owned(),
        };
        let proxy = reqwest::Proxy::all(url.ok_or_else(unfit)?).map_err(|_| unfit())?;
        Ok(proxy.no_proxy(NoProxy::from_string(&self.except.join(","))))
    }
}

impl Pem {
    fn certificates(&self) -> Result<Vec<Certificate>, SettingsError> {
        let found = Certificate::from_pem_bundle(self.text.reveal().as_bytes());
        let found = found.map_err(|error| self.unreadable(&chain(&error)))?;
        if found.is_empty() { Err(self.unreadable("it holds no certificate")) } else { Ok(found) }
    }

    fn unreadable(&self, reason: &str) -> SettingsError {
        SettingsError::Pem { origin: self.origin.clone(), reason: reason.to_owned() }
    }
}

impl ClientCertificate {
    fn identity(&self) -> Result<Identity, SettingsError> {
        self.certificate.certificates()?;
        let both = format!("{}\n{}\n", self.certificate.text.reveal(), self.key.text.reveal());
        Identity::from_pem(both.as_bytes()).map_err(|_| {
            self.key.unreadable("it holds no unencrypted private key in PKCS#8, PKCS#1 or SEC1")
        })
    }
}

#[cfg(test)]
mod tests;
