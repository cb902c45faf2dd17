//! Who we are to a Prometheus, while it is being filled in: one way to show it, and all of that way.

use std::path::PathBuf;
use std::time::Duration;

use crate::config::conflict::Conflict;
use crate::config::settings::{Auth, Secret, SecretSource, SigV4, TokenCommand};

/// What single keys say about credentials.
#[derive(Debug, Default)]
pub(in crate::config) struct AuthParts {
    pub(in crate::config) bearer_token: SecretParts,
    pub(in crate::config) username: Option<String>,
    pub(in crate::config) password: SecretParts,
    pub(in crate::config) sigv4: SigV4Parts,
    pub(in crate::config) token_command: Vec<String>,
    pub(in crate::config) token_lifetime: Duration,
}

/// Where a secret may be.
#[derive(Debug, Default)]
pub(in crate::config) struct SecretParts {
    pub(in crate::config) held: Option<Secret>,
    pub(in crate::config) file: Option<PathBuf>,
}

/// What single keys say about a key of Amazon.
#[derive(Debug, Default)]
pub(in crate::config) struct SigV4Parts {
    /// Without it nothing is signed, whatever the environment of a machine at Amazon holds.
    pub(in crate::config) region: Option<String>,
    pub(in crate::config) service: String,
    pub(in crate::config) access_key: Option<String>,
    pub(in crate::config) secret_key: SecretParts,
    pub(in crate::config) session_token: SecretParts,
}

const WAYS: &[&str] = &[
    "PROMETHEUS_AUTH.username",
    "PROMETHEUS_AUTH.bearer_token_file",
    "PROMETHEUS_AUTH.token_command",
    "PROMETHEUS_AUTH.sigv4.region",
    "PROMETHEUS_AUTH.bearer_token",
];
const LOGIN: &[&str] =
    &["PROMETHEUS_AUTH.username", "PROMETHEUS_AUTH.password_file", "PROMETHEUS_AUTH.password"];
const SIGV4: &[&str] = &[
    "PROMETHEUS_AUTH.sigv4.region",
    "PROMETHEUS_AUTH.sigv4.secret_key_file",
    "PROMETHEUS_AUTH.sigv4.session_token_file",
    "PROMETHEUS_AUTH.sigv4.access_key",
];

impl SecretParts {
    fn is_known(&self) -> bool {
        self.held.is_some() || self.file.is_some()
    }

    /// A secret from the environment wins over a file, as everywhere.
    fn join(self) -> Option<SecretSource> {
        self.held.map(SecretSource::Held).or_else(|| self.file.map(SecretSource::File))
    }
}

impl AuthParts {
    /// Who we are; more ways than one were told.
    pub(super) fn join(self) -> Auth {
        if let Some(token) = self.bearer_token.join() {
            return Auth::Bearer(token);
        }
        if let (Some(username), Some(password)) = (self.username, self.password.join()) {
            return Auth::Basic { username, password };
        }
        if let Some(sigv4) = self.sigv4.join() {
            return Auth::SigV4(sigv4);
        }
        let (command, lifetime) = (self.token_command, self.token_lifetime);
        if command.is_empty() {
            Auth::None
        } else {
            Auth::TokenCommand(TokenCommand { command, lifetime })
        }
    }

    /// More than one way, or half of one.
    pub(super) fn conflicts(&self) -> impl Iterator<Item = Conflict> {
        let all = [self.many_ways_in(), self.half_a_login(), self.half_a_key()];
        all.into_iter().flatten()
    }

    fn many_ways_in(&self) -> Option<Conflict> {
        let ways = [
            ("a token", self.bearer_token.is_known()),
            ("a user name", self.username.is_some()),
            ("a region to sign for", self.sigv4.region.is_some()),
            ("a token command", !self.token_command.is_empty()),
        ];
        let given: Vec<&str> =
            ways.into_iter().filter(|(_, is_given)| *is_given).map(|(name, _)| name).collect();
        (given.len() > 1).then(|| {
            let message = format!(
                "`PROMETHEUS_AUTH` must hold one way to show who we are, got {}",
                given.join(" and ")
            );
            Conflict::new(WAYS, message, "keep one of them, also in the environment")
        })
    }

    fn half_a_login(&self) -> Option<Conflict> {
        let missing = match (&self.username, self.password.is_known()) {
            (Some(_), false) => "a user name without a password",
            (None, true) => "a password without a user name",
            _ => return None,
        };
        Some(Conflict::new(
            LOGIN,
            format!("`PROMETHEUS_AUTH` must hold both a user name and a password, got {missing}"),
            "set `PROMETHEUS_AUTH.username` and PROMETHEUS_PASSWORD or `password_file`",
        ))
    }

    fn half_a_key(&self) -> Option<Conflict> {
        let sigv4 = &self.sigv4;
        let has_files = sigv4.secret_key.file.is_some() || sigv4.session_token.file.is_some();
        let missing = match &sigv4.region {
            Some(_) if sigv4.access_key.is_none() => "no name of a key",
            Some(_) if !sigv4.secret_key.is_known() => "no secret key",
            None if has_files => "no region",
            _ => return None,
        };
        Some(Conflict::new(
            SIGV4,
            format!(
                "`PROMETHEUS_AUTH.sigv4` must hold a region and a key with its name, got {missing}"
            ),
            "set `region` in the file, and AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or \
             `secret_key_file`)",
        ))
    }
}

impl SigV4Parts {
    fn join(self) -> Option<SigV4> {
        Some(SigV4 {
            region: self.region?,
            service: self.service,
            access_key: self.access_key?,
            secret_key: self.secret_key.join()?,
            session_token: self.session_token.join(),
        })
    }
}
