//! Everything that can go wrong between us and a Prometheus, and what the reader can do about it.
//!
//! The rule: an overloaded or unreachable server is transient, a clear no is refused, an answer that makes no sense is
//! corrupt; only the transient is tried again. Addresses and messages are repeated, secrets never.

use std::time::Duration;

use reqwest::StatusCode;
use thiserror::Error;
use tidewright_core::{PortError, PortErrorKind};

use super::auth::TokenError;
use super::decode::DecodeError;
use super::remote::RemoteError;

/// Why a query has no answer.
#[derive(Debug, Error)]
pub(super) enum QueryError {
    #[error("cannot reach the server")]
    Unreachable(#[source] reqwest::Error),
    #[error("the connection broke in the middle of the answer")]
    Broken(#[source] reqwest::Error),
    #[error("no answer within `{}` ms", .0.as_millis())]
    Timeout(Duration),
    #[error("the server is overloaded or down: it answered `{status}`: {message}")]
    Busy { status: StatusCode, message: String, wait: Option<Duration> },
    #[error("the server answered `{status}`: {message}")]
    Refused { status: StatusCode, message: String, hint: Option<&'static str> },
    #[error("the answer is not whole: {0}")]
    Partial(String),
    #[error(transparent)]
    Token(#[from] TokenError),
    #[error(transparent)]
    Remote(#[from] RemoteError),
    #[error("the server sends us elsewhere: to `{0}`")]
    Redirected(String),
    #[error(transparent)]
    Decode(#[from] DecodeError),
    #[error("{reason}")]
    Unusable { reason: String, hint: String },
    #[error("reading was cancelled")]
    Cancelled,
}

impl QueryError {
    /// Whether the same request may succeed a little later.
    pub(super) const fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Broken(_) | Self::Timeout(_) | Self::Partial(_) => true,
            Self::Busy { .. } => true,
            Self::Token(error) => error.is_passing(),
            _ => false,
        }
    }

    /// Whether nobody answered in time: we, a proxy or the server itself gave up.
    pub(super) fn is_timeout(&self) -> bool {
        match self {
            Self::Timeout(_) => true,
            Self::Busy { status, message, .. } => {
                *status == StatusCode::GATEWAY_TIMEOUT || message.contains("timed out")
            }
            _ => false,
        }
    }

    /// Whether a smaller question may be answered: this one is too large for the server, or takes it too long.
    pub(super) fn is_too_large(&self) -> bool {
        match self {
            Self::Refused { status, message, .. } => is_too_large(*status, message),
            Self::Busy { message, .. } => self.is_timeout() || names_a_limit(message),
            _ => self.is_timeout(),
        }
    }

    /// How long the server asks us to wait.
    pub(super) const fn asked_wait(&self) -> Option<Duration> {
        match self {
            Self::Busy { wait, .. } => *wait,
            _ => None,
        }
    }

    /// The failure as the port tells it; `doing` says what was tried, on what.
    pub(super) fn at_port(self, doing: String) -> PortError {
        let error = PortError::new(self.kind(), doing);
        match self.remedy() {
            Some(remedy) => error.hint(remedy).caused_by(self),
            None => error.caused_by(self),
        }
    }

    fn kind(&self) -> PortErrorKind {
        match self {
            Self::Refused { .. } | Self::Redirected(_) | Self::Unusable { .. } => {
                PortErrorKind::Refused
            }
            Self::Decode(DecodeError::Failed(_) | DecodeError::Ambiguous(_)) => {
                PortErrorKind::Refused
            }
            Self::Token(error) if !error.is_passing() => PortErrorKind::Refused,
            Self::Decode(_) | Self::Remote(_) => PortErrorKind::Corrupt,
            _ => PortErrorKind::Transient,
        }
    }

    pub(super) fn remedy(&self) -> Option<String> {
        let remedy = match self {
            Self::Unreachable(_) => "check the address and that a Prometheus listens there",
            Self::Timeout(_) => "raise the time-out, or read fewer days",
            Self::Busy { .. } => "try again later, or lower the concurrency",
            Self::Refused { status, message, hint } => {
                return refusal_remedy(*status, message, *hint);
            }
            Self::Partial(_) => "a store behind the server is down: mend it, or try again later",
            Self::Token(_) => "run the token command by hand, as the user that Tidewright runs as",
            Self::Redirected(_) => {
                "write that address into the configuration if it is yours; credentials are not sent to another host"
            }
            Self::Unusable { hint, .. } => hint,
            Self::Decode(DecodeError::Shape { .. }) => {
                "a proxy or a sign-in page may stand in between; check the address and the credentials"
            }
            Self::Decode(DecodeError::Ambiguous(_)) => {
                "sum by the mapped labels in the query: `sum by (...) (...)`"
            }
            _ => return None,
        };
        Some(remedy.to_owned())
    }
}

/// An error with its causes: of the HTTP library's, only the last tells what is wrong.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn refusal_remedy(status: StatusCode, message: &str, hint: Option<&str>) -> Option<String> {
    let remedy = match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            "check the variable, file or command that yields the Prometheus token, key or password, and its rights"
        }
        StatusCode::NOT_FOUND => {
            let hint = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
            let advice = "check the path of the address: `/api/v1/query_range` must exist below it";
            return Some(format!("{advice}{hint}"));
        }
        _ if is_too_large(status, message) => {
            "read fewer days, narrow the matchers, or raise the server's limit, such as `--query.max-samples`"
        }
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => {
            "try the query in the server's own web page; check the metric, the matchers and the labels"
        }
        _ => return None,
    };
    Some(remedy.to_owned())
}

fn is_too_large(status: StatusCode, message: &str) -> bool {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => true,
        StatusCode::UNPROCESSABLE_ENTITY | StatusCode::BAD_REQUEST => names_a_limit(message),
        _ => false,
    }
}

/// Whether a refusal is one in name only: Thanos answers so where a store behind it is down.
pub(super) fn names_an_outage(message: &str) -> bool {
    let words = ["code = Unavailable", "code = DeadlineExceeded", "code = Aborted"];
    !names_a_limit(message) && words.iter().any(|words| message.contains(words))
}

/// Whether a message speaks of a limit of one query, as Prometheus, Thanos, Mimir, Cortex and VictoriaMetrics word it.
fn names_a_limit(message: &str) -> bool {
    const WORDS: [&str; 7] = [
        "too many samples",
        "too many points",
        "too large",
        "exceed",
        "cannot select more than",
        "not enough memory",
        "resourceexhausted",
    ];
    let message = message.to_lowercase();
    WORDS.iter().any(|words| message.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, message: &str) -> QueryError {
        let status = StatusCode::from_u16(status).unwrap();
        QueryError::Refused { status, message: message.to_owned(), hint: None }
    }

    #[test]
    fn what_a_smaller_question_may_mend_is_told_from_what_it_may_not() {
        for (status, message) in [
            (422, "query processing would load too many samples into memory in query execution"),
            (400, "exceeded maximum resolution of 11,000 points per timeseries"),
            (
                422,
                "the query exceeded the maximum number of chunks (err-mimir-max-chunks-per-query)",
            ),
            (422, "rpc error: code = ResourceExhausted desc = limit 1000 violated"),
            (422, "cannot select more than -search.maxSamplesPerQuery=1000000000 samples"),
            (413, ""),
        ] {
            assert!(refused(status, message).is_too_large(), "{status} {message}");
        }
        for (status, message) in [
            (422, "found duplicate series for the match group"),
            (400, "parse error: unexpected end of input"),
            (403, "exceeded"),
        ] {
            assert!(!refused(status, message).is_too_large(), "{status} {message}");
        }
        let down = "expanding series: proxy Series(): rpc error: code = Aborted desc = fetch series: rpc error: code = Unavailable desc = connection refused";
        let full = "rpc error: code = Aborted desc = rpc error: code = ResourceExhausted desc = exceeded series limit";
        assert!(names_an_outage(down) && !names_an_outage(full) && !names_an_outage("parse error"));
        assert!(QueryError::Timeout(Duration::from_secs(1)).is_too_large());
        let busy = |message: &str| {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            QueryError::Busy { status, message: message.to_owned(), wait: None }.is_too_large()
        };
        assert!(busy("query timed out in query execution") && !busy("starting up"));
    }
}
