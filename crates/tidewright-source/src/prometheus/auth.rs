//! Who we are to a Prometheus: headers that stay, a signature per request, or a token that a command hands out.
//!
//! The rule: a secret goes into a header that is marked as sensitive and nowhere else. It does not send.

mod sigv4;
mod token;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use tidewright_core::Clock;

pub(super) use self::token::TokenError;
use self::token::Tokens;
use super::client::Request;
use super::settings::{Secret, SettingsError};

/// A token that lives shorter is fetched more often than it is used.
const LIFETIME_MIN: Duration = Duration::from_secs(60);

/// No cloud hands out longer ones.
const LIFETIME_MAX: Duration = Duration::from_secs(86_400);

/// Who we are.
#[derive(Clone, Debug, Default)]
pub enum Auth {
    /// Nobody.
    #[default]
    None,
    /// The holder of a token.
    Bearer(Secret),
    /// A user with a password.
    Basic {
        /// The user.
        user: String,
        /// The password.
        password: Secret,
    },
    /// The holder of a key of Amazon: each request is signed.
    SigV4(SigV4),
    /// The holder of a token that a command prints, as the tools of Google and Azure do.
    TokenCommand(TokenCommand),
}

/// A key of Amazon.
#[derive(Clone)]
pub struct SigV4 {
    /// Where the workspace is, such as `eu-west-1`.
    pub region: String,
    /// What is asked, `aps` for managed Prometheus.
    pub service: String,
    /// The name of the key.
    pub access_key: String,
    /// The key.
    pub secret_key: Secret,
    /// What goes with a key that was lent for a while.
    pub session_token: Option<Secret>,
    /// The wall clock: a signature is good for minutes, whatever moment is decided for.
    pub clock: Arc<dyn Clock>,
}

/// A command that prints a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenCommand {
    /// The program and its arguments; no shell reads them.
    pub command: Vec<String>,
    /// How long a token is good for.
    pub lifetime: Duration,
}

/// Hands out the headers that say who we are.
#[derive(Debug)]
pub(super) enum Authority {
    Fixed(HeaderMap),
    Signing(SigV4),
    Tokens(Tokens),
}

impl Auth {
    /// Whether we can be this.
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        match self {
            Self::SigV4(sigv4) => sigv4.check(),
            Self::TokenCommand(token) => token.check(),
            _ => Ok(()),
        }
    }
}

impl SigV4 {
    fn check(&self) -> Result<(), SettingsError> {
        let fits = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        };
        let parts = [
            ("region", &self.region),
            ("service", &self.service),
            ("access_key", &self.access_key),
        ];
        let wrong = parts.into_iter().find(|(_, value)| !fits(value));
        if let Some((name, value)) = wrong {
            let rule = "be letters, digits, `-` and `_`";
            return Err(SettingsError::Unfit { name, rule, value: value.clone() });
        }
        if self.secret_key.reveal().is_empty() {
            let value = String::new();
            return Err(SettingsError::Unfit { name: "secret_key", rule: "not be empty", value });
        }
        let token = self.session_token.iter();
        { token }.try_for_each(|token| sensitive("X-Amz-Security-Token", token.reveal()).map(drop))
    }
}

impl TokenCommand {
    fn check(&self) -> Result<(), SettingsError> {
        if self.command.first().is_none_or(|program| program.trim().is_empty()) {
            let value = self.command.join(" ");
            let rule = "name a program";
            return Err(SettingsError::Unfit { name: "token_command", rule, value });
        }
        if (LIFETIME_MIN..=LIFETIME_MAX).contains(&self.lifetime) {
            return Ok(());
        }
        Err(SettingsError::Range {
            name: "token_lifetime_secs",
            min: LIFETIME_MIN.as_secs(),
            max: LIFETIME_MAX.as_secs(),
            value: self.lifetime.as_secs(),
        })
    }
}

impl fmt::Debug for SigV4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { region, service, access_key, .. } = self;
        write!(f, "SigV4 {{ region: {region}, service: {service}, access_key: {access_key}, .. }}")
    }
}

impl Authority {
    pub(super) fn new(auth: &Auth) -> Result<Self, SettingsError> {
        let fixed = match auth {
            Auth::None => return Ok(Self::Fixed(HeaderMap::new())),
            Auth::Bearer(token) => format!("Bearer {}", token.reveal()),
            Auth::Basic { user, password } => {
                let pair = format!("{user}:{}", password.reveal());
                format!("Basic {}", base64(pair.as_bytes()))
            }
            Auth::SigV4(sigv4) => return Ok(Self::Signing(sigv4.clone())),
            Auth::TokenCommand(command) => return Ok(Self::Tokens(Tokens::new(command.clone()))),
        };
        let value = sensitive("Authorization", &fixed)?;
        Ok(Self::Fixed(HeaderMap::from_iter([(AUTHORIZATION, value)])))
    }

    /// The headers for this request.
    pub(super) async fn headers(&self, request: &Request) -> Result<HeaderMap, TokenError> {
        match self {
            Self::Fixed(headers) => Ok(headers.clone()),
            Self::Signing(sigv4) => Ok(signature(sigv4, request)),
            Self::Tokens(tokens) => {
                Ok(HeaderMap::from_iter([(AUTHORIZATION, tokens.header().await?)]))
            }
        }
    }

    /// Told that these headers were refused; whether others can be had.
    pub(super) async fn renew(&self, refused: &HeaderMap) -> bool {
        match (self, refused.get(AUTHORIZATION)) {
            (Self::Tokens(tokens), Some(header)) => {
                tokens.forget(header).await;
                true
            }
            _ => false,
        }
    }
}

/// The headers that sign a request.
pub(super) fn signature(sigv4: &SigV4, request: &Request) -> HeaderMap {
    let signed = sigv4::sign(sigv4, request, sigv4.clock.now());
    let pair = |(name, value): (&'static str, String)| {
        let value = sensitive(name, &value).expect("the parts are checked, the rest is digits");
        (HeaderName::from_static(name), value)
    };
    signed.into_iter().map(pair).collect()
}

/// The value of a header that is shown in no log.
pub(super) fn sensitive(name: &str, text: &str) -> Result<HeaderValue, SettingsError> {
    let value = HeaderValue::from_str(text);
    let mut value = value.map_err(|_| SettingsError::Header(name.to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

/// RFC 4648, for the one header that needs it.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let byte = |i: usize| u32::from(group.get(i).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for i in 0..4 {
            let letter = ALPHABET[(bits >> (18 - 6 * i) & 63) as usize];
            text.push(if i <= group.len() { letter as char } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use tidewright_core::Timestamp;

    use super::*;

    #[test]
    fn base64_pads_as_the_standard_says() {
        let pairs = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("Aladdin:open sesame", "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        ];
        for (plain, encoded) in pairs {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
    }

    /// A clock that stands still.
    struct Standing;

    impl Clock for Standing {
        fn now(&self) -> Timestamp {
            Timestamp::from_secs(0)
        }
    }

    #[test]
    fn a_key_that_cannot_be_one_is_named_and_not_shown() {
        let check = |region: &str, secret_key: &str, token: &str| {
            let key = SigV4 {
                region: region.to_owned(),
                service: "aps".to_owned(),
                access_key: "AKID".to_owned(),
                secret_key: Secret::new(secret_key),
                session_token: Some(Secret::new(token)),
                clock: Arc::new(Standing),
            };
            key.check().map_err(|error| error.to_string())
        };
        assert_eq!(check("eu-west-1", "hunter2", "lent"), Ok(()));
        let region = check("eu west", "hunter2", "lent").unwrap_err();
        assert!(region.contains("`region`") && region.ends_with("got `eu west`"), "{region}");
        assert!(check("eu-west-1", " ", "lent").unwrap_err().contains("`secret_key`"));
        let token = check("eu-west-1", "hunter2", "le\nnt").unwrap_err();
        assert!(token.contains("`X-Amz-Security-Token`") && !token.contains("le\n"), "{token}");
    }

    #[test]
    fn a_command_that_cannot_hand_out_tokens_is_named() {
        let check = |command: &[&str], secs| {
            let command = command.iter().map(|&part| part.to_owned()).collect();
            let lifetime = Duration::from_secs(secs);
            TokenCommand { command, lifetime }.check().map_err(|error| error.to_string())
        };
        assert_eq!(check(&["gcloud", "auth", "print-access-token"], 900), Ok(()));
        let error = check(&[], 900).unwrap_err();
        assert!(error.contains("`token_command` must name a program"), "{error}");
        assert!(check(&["az"], 5).unwrap_err().contains("between 60 and 86400, got `5`"));
    }
}
