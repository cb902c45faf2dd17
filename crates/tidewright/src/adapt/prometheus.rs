//! How a Prometheus is reached, as its source takes it; reads the files that hold secrets and certificates.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use tidewright_source::prometheus::{
    Auth, ClientCertificate, Flavour, Pem, PrometheusSettings, Proxy, RawChunks, Resolution,
    Secret, SigV4, Thanos, Tls, TokenCommand,
};

use super::traffic::{companions, mapping, reading};
use crate::config::{self, Chunks, Coarseness, SecretSource, Settings};
use crate::exit::Mistake;
use crate::wall::WallClock;

/// Everything that the source needs to know.
pub(super) fn settings(settings: &Settings, url: &str) -> Result<PrometheusSettings> {
    let ours = &settings.prometheus;
    let mapping = mapping(&settings.traffic);
    Ok(PrometheusSettings {
        flavour: flavour(&ours.flavour),
        auth: auth(&ours.auth)?,
        tls: tls(&ours.tls)?,
        proxy: ours
            .proxy
            .as_ref()
            .map(|proxy| Proxy { url: Secret::new(&proxy.url), except: proxy.except.clone() }),
        headers: hidden(&ours.headers),
        query_parameters: hidden(&ours.parameters),
        timeout: ours.timeout,
        concurrency: ours.concurrency,
        raw_chunks: match ours.chunks {
            Chunks::Auto => RawChunks::Auto,
            Chunks::On => RawChunks::On,
            Chunks::Off => RawChunks::Off,
        },
        reading: reading(&settings.traffic.reading),
        companions: companions(&settings.traffic, &mapping),
        ..PrometheusSettings::new(url, mapping)
    })
}

fn hidden<'a>(pairs: impl IntoIterator<Item = (&'a String, &'a String)>) -> Vec<(String, Secret)> {
    pairs.into_iter().map(|(name, value)| (name.clone(), Secret::new(value))).collect()
}

fn flavour(flavour: &config::Flavour) -> Flavour {
    match flavour {
        config::Flavour::Prometheus => Flavour::Prometheus,
        config::Flavour::Thanos { dedup, partial_response, coarseness } => {
            Flavour::Thanos(Thanos {
                dedup: *dedup,
                partial_response: *partial_response,
                max_source_resolution: resolution(*coarseness),
            })
        }
        config::Flavour::Mimir { tenant } => Flavour::Mimir { tenant: tenant.clone() },
        config::Flavour::VictoriaMetrics { tenant } => {
            Flavour::VictoriaMetrics { tenant: tenant.clone() }
        }
        config::Flavour::Trickster => Flavour::Trickster,
    }
}

const fn resolution(coarseness: Coarseness) -> Resolution {
    match coarseness {
        Coarseness::Auto => Resolution::Auto,
        Coarseness::Raw => Resolution::Raw,
        Coarseness::FiveMinutes => Resolution::FiveMinutes,
        Coarseness::Hour => Resolution::Hour,
    }
}

fn auth(auth: &config::Auth) -> Result<Auth, Mistake> {
    Ok(match auth {
        config::Auth::None => Auth::None,
        config::Auth::Bearer(token) => Auth::Bearer(secret(token)?),
        config::Auth::Basic { username, password } => {
            Auth::Basic { user: username.clone(), password: secret(password)? }
        }
        config::Auth::SigV4(key) => Auth::SigV4(SigV4 {
            region: key.region.clone(),
            service: key.service.clone(),
            access_key: key.access_key.clone(),
            secret_key: secret(&key.secret_key)?,
            session_token: key.session_token.as_ref().map(secret).transpose()?,
            clock: Arc::new(WallClock),
        }),
        config::Auth::TokenCommand(token) => Auth::TokenCommand(TokenCommand {
            command: token.command.clone(),
            lifetime: token.lifetime,
        }),
    })
}

fn secret(source: &SecretSource) -> Result<Secret, Mistake> {
    let told = |error: std::io::Error| {
        let place = match source {
            SecretSource::Held(_) => String::new(),
            SecretSource::File(path) => format!(" in `{}`", path.display()),
        };
        let message = format!("cannot read the secret{place}: {error}");
        Mistake::new(message, "check PROMETHEUS_AUTH and the file's rights")
    };
    Ok(Secret::new(source.load().map_err(told)?.expose()))
}

fn tls(tls: &config::Tls) -> Result<Tls, Mistake> {
    let client = tls.client.as_ref().map(|(certificate, key)| {
        Ok(ClientCertificate { certificate: pem(certificate)?, key: pem(key)? })
    });
    let authorities = tls.authorities.as_deref().map(pem).transpose()?;
    Ok(Tls { authorities, client: client.transpose()? })
}

fn pem(path: &Path) -> Result<Pem, Mistake> {
    let origin = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        let message = format!("cannot read the certificate or key in `{origin}`: {error}");
        Mistake::new(message, "check PROMETHEUS_TLS and the file's rights")
    })?;
    Ok(Pem { origin, text: Secret::new(&text) })
}
