//! Speaks HTTP with one Prometheus: range queries, decoded while they arrive, and repeated where that may help.
//!
//! The rule: a failed attempt leaves nothing behind (each starts with an empty sink), waits double without any chance
//! in them, and no credential leaves for another host. It does not know what a query is for.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Response, StatusCode, Url};
use serde::Deserialize;
use tidewright_core::{Grid, Timestamp};

use super::decode::{MatrixDecoder, MatrixSink, Notes};
use super::failure::QueryError;
use super::settings::{Auth, PrometheusSettings, Secret, SettingsError, is_loopback};

/// The longest wait before a repetition, whatever the server asks for: a run must end within its schedule.
const WAIT_MAX: Duration = Duration::from_secs(30);

/// How much of an answer that is no matrix is read: an error message is shorter.
const SMALL_BODY_BYTES_MAX: usize = 64 * 1024;

/// How much of a foreign message is repeated.
const MESSAGE_CHARS_MAX: usize = 300;

/// Redirects within one host that are followed: a trailing slash and a change to https.
const REDIRECTS_MAX: usize = 5;

/// One Prometheus.
#[derive(Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    base: Url,
    timeout: Duration,
    retries: u32,
    retry_delay: Duration,
}

/// The part of an error answer that is of interest.
#[derive(Deserialize)]
struct FailureBody {
    #[serde(default)]
    error: String,
}

impl Client {
    pub(super) fn new(settings: &PrometheusSettings) -> Result<Self, SettingsError> {
        let base = settings.check()?;
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("tidewright/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers(settings)?)
            .timeout(settings.timeout)
            .gzip(settings.wants_gzip(&base))
            .redirect(Policy::custom(stay_on_host));
        if is_loopback(&base) {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|error| SettingsError::Client(error.to_string()))?;
        let PrometheusSettings { timeout, retries, retry_delay, .. } = *settings;
        Ok(Self { http, base, timeout, retries, retry_delay })
    }

    /// The address, without anything secret.
    pub(super) const fn base(&self) -> &Url {
        &self.base
    }

    /// The answer to `query` at each moment of `grid`, given to a fresh sink per attempt.
    pub(super) async fn range<S: MatrixSink + Send>(
        &self,
        query: &str,
        grid: Grid,
        fresh: impl Fn() -> S,
    ) -> Result<(S, Notes), QueryError> {
        let url = self.range_url(query, grid);
        let (mut delay, mut left) = (self.retry_delay, self.retries);
        loop {
            let mut sink = fresh();
            let error = match self.matrix(&url, grid, &mut sink).await {
                Ok(notes) => return Ok((sink, notes)),
                Err(error) => error,
            };
            if left == 0 || !error.is_passing() {
                return Err(error);
            }
            let wait = error.asked_wait().unwrap_or(delay).min(WAIT_MAX);
            tracing::warn!(%error, wait_ms = wait.as_millis() as u64, left, "query is repeated");
            tokio::time::sleep(wait).await;
            (delay, left) = (delay.saturating_mul(2), left - 1);
        }
    }

    /// The body of a small answer, such as the server's version.
    pub(super) async fn small(&self, path: &str) -> Result<Vec<u8>, QueryError> {
        let response = self.send(&self.endpoint(path)).await?;
        small_body(response).await.map_err(|error| self.broken(error))
    }

    async fn matrix(
        &self,
        url: &Url,
        grid: Grid,
        sink: &mut (dyn MatrixSink + Send),
    ) -> Result<Notes, QueryError> {
        let mut response = self.send(url).await?;
        let mut decoder = MatrixDecoder::new(grid);
        while let Some(bytes) = response.chunk().await.map_err(|error| self.broken(error))? {
            decoder.push(&bytes, sink)?;
        }
        Ok(decoder.finish()?)
    }

    async fn send(&self, url: &Url) -> Result<Response, QueryError> {
        let response = self.http.get(url.clone()).send().await.map_err(|error| {
            if error.is_timeout() {
                QueryError::Timeout(self.timeout)
            } else {
                QueryError::Unreachable(error.without_url())
            }
        })?;
        if response.status().is_success() { Ok(response) } else { Err(refusal(response).await) }
    }

    fn broken(&self, error: reqwest::Error) -> QueryError {
        if error.is_timeout() {
            return QueryError::Timeout(self.timeout);
        }
        QueryError::Broken(error.without_url())
    }

    fn endpoint(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        let below = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{below}/api/v1/{path}"));
        url
    }

    fn range_url(&self, query: &str, grid: Grid) -> Url {
        let mut url = self.endpoint("query_range");
        let last = grid.timestamp(grid.len().saturating_sub(1));
        url.query_pairs_mut()
            .append_pair("query", query)
            .append_pair("start", &seconds(grid.start()))
            .append_pair("end", &seconds(last))
            .append_pair("step", &seconds(Timestamp::from_millis(grid.step_ms())))
            // So that the server, too, stops working on what nobody waits for.
            .append_pair("timeout", &format!("{}ms", self.timeout.as_millis()));
        url
    }
}

/// Follows redirects within the host, also from http to https; any other is shown to the reader instead.
fn stay_on_host(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let (from, to) = (attempt.previous().last(), attempt.url());
    let stays = from.is_some_and(|from| {
        let upgraded = from.scheme() == "http" && to.scheme() == "https";
        from.host() == to.host() && (from.origin() == to.origin() || upgraded)
    });
    if stays && attempt.previous().len() <= REDIRECTS_MAX {
        attempt.follow()
    } else {
        attempt.stop()
    }
}

/// What an answer other than success means.
async fn refusal(response: Response) -> QueryError {
    let status = response.status();
    if status.is_redirection() {
        return QueryError::Redirected(redirect_host(&response));
    }
    let header = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let wait = header.and_then(|text| text.parse().ok()).map(Duration::from_secs);
    let message = small_body(response).await.map_or_else(|_| String::new(), |body| message(&body));
    if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
        return QueryError::Busy { status, message, wait };
    }
    QueryError::Refused { status, message }
}

/// Only the host: the rest of the address may hold a one-time secret of a sign-in.
fn redirect_host(response: &Response) -> String {
    let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let target = location.and_then(|text| response.url().join(text).ok());
    let host = target.as_ref().and_then(|url| url.host_str()).unwrap_or("an unknown place");
    host.to_owned()
}

async fn small_body(mut response: Response) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(bytes) = response.chunk().await? {
        let room = SMALL_BODY_BYTES_MAX - body.len();
        body.extend_from_slice(&bytes[..bytes.len().min(room)]);
        if bytes.len() >= room {
            break;
        }
    }
    Ok(body)
}

/// Prometheus' own message if there is one, else the beginning of the text.
fn message(body: &[u8]) -> String {
    let own = serde_json::from_slice::<FailureBody>(body).map(|body| body.error);
    let text = own.ok().filter(|error| !error.is_empty());
    let text = text.unwrap_or_else(|| String::from_utf8_lossy(body).trim().to_owned());
    text.chars().take(MESSAGE_CHARS_MAX).collect()
}

fn headers(settings: &PrometheusSettings) -> Result<HeaderMap, SettingsError> {
    let mut headers = HeaderMap::new();
    let authorization = match &settings.auth {
        Auth::None => None,
        Auth::Bearer(token) => Some(format!("Bearer {}", token.reveal())),
        Auth::Basic { user, password } => {
            let pair = format!("{user}:{}", password.reveal());
            Some(format!("Basic {}", base64(pair.as_bytes())))
        }
    };
    if let Some(text) = authorization {
        headers.insert(AUTHORIZATION, header_value("Authorization", &Secret::new(&text))?);
    }
    for (name, secret) in &settings.headers {
        let key = HeaderName::from_bytes(name.as_bytes());
        let key = key.map_err(|_| SettingsError::Header(name.clone()))?;
        headers.insert(key, header_value(name, secret)?);
    }
    Ok(headers)
}

fn header_value(name: &str, secret: &Secret) -> Result<HeaderValue, SettingsError> {
    let value = HeaderValue::from_str(secret.reveal());
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

/// Seconds with as many decimals as needed, as Prometheus reads times and durations.
fn seconds(moment: Timestamp) -> String {
    let (whole, millis) = (moment.as_secs(), moment.as_millis().rem_euclid(1000));
    if millis == 0 { whole.to_string() } else { format!("{whole}.{millis:03}") }
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn moments_are_written_in_seconds() {
        assert_eq!(seconds(Timestamp::from_millis(1_500)), "1.500");
        assert_eq!(seconds(Timestamp::from_secs(60)), "60");
    }

    #[test]
    fn a_foreign_message_is_shortened() {
        assert_eq!(message(br#"{"status":"error","error":"bad query"}"#), "bad query");
        assert_eq!(message(&[b'x'; 1000]).len(), MESSAGE_CHARS_MAX);
    }
}
