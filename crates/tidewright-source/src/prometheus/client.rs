//! Speaks HTTP with one Prometheus: range queries, decoded while they arrive, and repeated where that may help.
//!
//! The rule: a failed attempt leaves nothing behind (each starts with an empty sink), waits double without any chance
//! in them, and no credential leaves for another host. It does not know what a query is for.

mod request;

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, LOCATION, RETRY_AFTER};
use reqwest::redirect::Attempt;
use reqwest::{Response, StatusCode, Url};
use serde::Deserialize;
use tidewright_core::{Grid, TimeSpan, Timestamp};

use self::request::seconds;
pub(super) use self::request::{Request, encoded};
use super::auth::{Authority, sensitive};
use super::decode::{DecodeError, MatrixDecoder, MatrixSink, Notes};
use super::failure::{QueryError, names_an_outage};
use super::flavour::Flavour;
use super::settings::{PrometheusSettings, Secret, SettingsError};
use super::transport::http_client;

/// The longest wait before a repetition, whatever the server asks for: a run must end within its schedule.
const WAIT_MAX: Duration = Duration::from_secs(30);

/// How often one request may run into the time-out: more of it is no chance, and a smaller question may do better.
const TIMEOUTS_MAX: u32 = 2;

/// How much of an error's answer is read: a message is shorter.
const MESSAGE_BODY_BYTES_MAX: usize = 64 * 1024;

/// How much of an answer about the server itself is read: its configuration may list thousands of targets.
const SMALL_BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// How much of a list of label values is read: a million of them.
const LIST_BODY_BYTES_MAX: usize = 64 * 1024 * 1024;

/// How much of a foreign message is repeated.
const MESSAGE_CHARS_MAX: usize = 300;

/// Redirects within one host that are followed: a trailing slash and a change to https.
const REDIRECTS_MAX: usize = 5;

/// One Prometheus.
#[derive(Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    base: Url,
    flavour: Flavour,
    authority: Authority,
    /// For every request.
    headers: HeaderMap,
    /// For every query.
    parameters: Vec<(String, Secret)>,
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

/// The answer to a question for label values.
#[derive(Deserialize)]
struct ValuesBody {
    #[serde(default)]
    data: Vec<String>,
    #[serde(default)]
    warnings: Vec<String>,
}

impl Client {
    pub(super) fn new(settings: &PrometheusSettings) -> Result<Self, SettingsError> {
        let mut base = settings.check()?;
        let path =
            format!("{}{}", base.path().trim_end_matches('/'), settings.flavour.path_prefix());
        base.set_path(&path);
        let own = settings.flavour.parameters().into_iter();
        let own = own.map(|(name, value)| (name.to_owned(), Secret::new(value)));
        Ok(Self {
            http: http_client(settings, &base)?,
            authority: Authority::new(&settings.auth)?,
            headers: headers(settings)?,
            parameters: own.chain(settings.query_parameters.iter().cloned()).collect(),
            flavour: settings.flavour.clone(),
            timeout: settings.timeout,
            retries: settings.retries,
            retry_delay: settings.retry_delay,
            base,
        })
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
        let request = self.range_request(query, grid);
        let (mut delay, mut left) = (self.retry_delay, self.retries);
        let mut timeouts = 0;
        loop {
            let mut sink = fresh();
            let error = match self.matrix(&request, grid, &mut sink).await {
                // A store may be back in a moment; if it is not, what there is comes with its note.
                Ok(Notes { partial: Some(why), .. }) if left > 0 && left == self.retries => {
                    QueryError::Partial(why)
                }
                Ok(notes) => return Ok((sink, notes)),
                Err(error) => error,
            };
            timeouts += u32::from(error.is_timeout());
            if left == 0 || timeouts == TIMEOUTS_MAX || !error.is_passing() {
                return Err(error);
            }
            let wait = error.asked_wait().unwrap_or(delay).min(WAIT_MAX);
            tracing::warn!(%error, wait_ms = wait.as_millis() as u64, left, "query is repeated");
            tokio::time::sleep(wait).await;
            (delay, left) = (delay.saturating_mul(2), left - 1);
        }
    }

    /// The values of `label` among the series of `selector` within `span`.
    pub(super) async fn label_values(
        &self,
        label: &str,
        selector: &str,
        span: TimeSpan,
    ) -> Result<Vec<String>, QueryError> {
        let (start, end) = (seconds(span.start), seconds(span.end));
        let pairs = [("match[]", selector), ("start", &start), ("end", &end)];
        let request = self.query_request(&format!("label/{label}/values"), &pairs);
        let response = self.send(&request).await?;
        let body = body(response, LIST_BODY_BYTES_MAX).await.map_err(|error| self.broken(error))?;
        let whole = DecodeError::Truncated { bytes: body.len() as u64 };
        let answer: ValuesBody = serde_json::from_slice(&body).map_err(|_| whole)?;
        match answer.warnings.into_iter().next() {
            Some(warning) => Err(QueryError::Partial(warning)),
            None => Ok(answer.data),
        }
    }

    /// The body of an answer to a question about names, labels or the time; a longer one is cut at `bytes_max`.
    pub(super) async fn list(
        &self,
        path: &str,
        pairs: &[(&str, &str)],
        bytes_max: usize,
    ) -> Result<Vec<u8>, QueryError> {
        let response = self.send(&self.query_request(path, pairs)).await?;
        body(response, bytes_max).await.map_err(|error| self.broken(error))
    }

    /// The body of a small answer, such as the server's version.
    pub(super) async fn small(&self, path: &str) -> Result<Vec<u8>, QueryError> {
        let response = self.send(&Request::get(self.endpoint(path))).await?;
        body(response, SMALL_BODY_BYTES_MAX).await.map_err(|error| self.broken(error))
    }

    /// Sends bytes to where raw samples are read.
    pub(super) async fn post(
        &self,
        path: &str,
        headers: Vec<(&'static str, &'static str)>,
        body: Vec<u8>,
    ) -> Result<Response, QueryError> {
        let request =
            Request { method: reqwest::Method::POST, url: self.endpoint(path), headers, body };
        self.send(&request).await
    }

    async fn matrix(
        &self,
        request: &Request,
        grid: Grid,
        sink: &mut (dyn MatrixSink + Send),
    ) -> Result<Notes, QueryError> {
        let mut response = self.send(request).await?;
        let mut decoder = MatrixDecoder::new(grid);
        while let Some(bytes) = response.chunk().await.map_err(|error| self.broken(error))? {
            decoder.push(&bytes, sink)?;
        }
        Ok(decoder.finish()?)
    }

    /// The answer, if it is one of success; once more where a token was refused that can be renewed.
    async fn send(&self, request: &Request) -> Result<Response, QueryError> {
        let authority = self.authority.headers(request).await?;
        let mut response = self.send_as(request, &authority).await?;
        let is_refused = response.status() == StatusCode::UNAUTHORIZED;
        if is_refused && self.authority.renew(&authority).await {
            let authority = self.authority.headers(request).await?;
            response = self.send_as(request, &authority).await?;
        }
        if response.status().is_success() {
            Ok(response)
        } else {
            Err(self.refusal(response).await)
        }
    }

    async fn send_as(
        &self,
        request: &Request,
        authority: &HeaderMap,
    ) -> Result<Response, QueryError> {
        let mut sent = self
            .http
            .request(request.method.clone(), request.url.clone())
            .headers(self.headers.clone())
            .headers(authority.clone());
        for (name, value) in &request.headers {
            sent = sent.header(*name, *value);
        }
        if !request.body.is_empty() {
            sent = sent.body(request.body.clone());
        }
        sent.send().await.map_err(|error| {
            if error.is_timeout() {
                QueryError::Timeout(self.timeout)
            } else {
                QueryError::Unreachable(error.without_url())
            }
        })
    }

    /// What it means that an answer broke off.
    pub(super) fn broken(&self, error: reqwest::Error) -> QueryError {
        if error.is_timeout() {
            return QueryError::Timeout(self.timeout);
        }
        QueryError::Broken(error.without_url())
    }

    /// What an answer other than success means.
    async fn refusal(&self, response: Response) -> QueryError {
        let status = response.status();
        if status.is_redirection() {
            return QueryError::Redirected(redirect_host(&response));
        }
        let header = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let wait = header.and_then(|text| text.parse().ok()).map(Duration::from_secs);
        let body = body(response, MESSAGE_BODY_BYTES_MAX).await;
        let message = body.map_or_else(|_| String::new(), |body| message(&body));
        let is_busy = status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error();
        if is_busy || names_an_outage(&message) {
            return QueryError::Busy { status, message, wait };
        }
        QueryError::Refused { status, message, hint: self.flavour.path_hint() }
    }

    fn endpoint(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        let below = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{below}/api/v1/{path}"));
        url
    }

    fn range_request(&self, query: &str, grid: Grid) -> Request {
        let last = grid.timestamp(grid.len().saturating_sub(1));
        let query = format!("{query}{}", self.flavour.comment());
        let (start, end) = (seconds(grid.start()), seconds(last));
        let step = seconds(Timestamp::from_millis(grid.step_ms()));
        // So that the server, too, stops working on what nobody waits for.
        let timeout = format!("{}ms", self.timeout.as_millis());
        let pairs = [
            ("query", query.as_str()),
            ("start", &start),
            ("end", &end),
            ("step", &step),
            ("timeout", &timeout),
        ];
        self.query_request("query_range", &pairs)
    }

    fn query_request(&self, path: &str, pairs: &[(&str, &str)]) -> Request {
        let ours = self.parameters.iter().map(|(name, value)| (name.as_str(), value.reveal()));
        let pairs: Vec<_> = pairs.iter().copied().chain(ours).collect();
        Request::query(self.endpoint(path), &pairs)
    }
}

/// Follows redirects within the host, also from http to https; any other is shown to the reader instead.
pub(super) fn stay_on_host(attempt: Attempt<'_>) -> reqwest::redirect::Action {
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

/// Only the host: the rest of the address may hold a one-time secret of a sign-in.
fn redirect_host(response: &Response) -> String {
    let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let target = location.and_then(|text| response.url().join(text).ok());
    let host = target.as_ref().and_then(|url| url.host_str()).unwrap_or("an unknown place");
    host.to_owned()
}

/// The first bytes of a body, `most` at the most.
async fn body(mut response: Response, most: usize) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(bytes) = response.chunk().await? {
        let room = most - body.len();
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
    let tenant = settings.flavour.tenant_header();
    let tenant = tenant.map(|(name, value)| (name.to_owned(), Secret::new(value)));
    for (name, secret) in settings.headers.iter().chain(&tenant) {
        let key = HeaderName::from_bytes(name.as_bytes());
        let key = key.map_err(|_| SettingsError::Header(name.clone()))?;
        headers.insert(key, sensitive(name, secret.reveal())?);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_message_is_shortened() {
        assert_eq!(message(br#"{"status":"error","error":"bad query"}"#), "bad query");
        assert_eq!(message(&[b'x'; 1000]).len(), MESSAGE_CHARS_MAX);
    }
}
