//! Everything that can go wrong between us and a Prometheus, and what the reader can do about it.
//!
//! The rule: an overloaded or unreachable server is transient, a clear no is refused, an answer that makes no sense is
//! corrupt; only the transient is tried again. Addresses and messages are repeated, secrets never.

use std::time::Duration;

use reqwest::StatusCode;
use thiserror::Error;
use tidewright_core::{PortError, PortErrorKind};

use super::decode::DecodeError;

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
    Refused { status: StatusCode, message: String },
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
        matches!(
            self,
            Self::Unreachable(_) | Self::Broken(_) | Self::Timeout(_) | Self::Busy { .. }
        )
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
            Self::Decode(_) => PortErrorKind::Corrupt,
            _ => PortErrorKind::Transient,
        }
    }

    pub(super) fn remedy(&self) -> Option<String> {
        let remedy = match self {
            Self::Unreachable(_) => "check the address and that a Prometheus listens there",
            Self::Timeout(_) => "raise the time-out, or read fewer days",
            Self::Busy { .. } => "try again later, or lower the concurrency",
            Self::Refused { status, message } => return refusal_remedy(*status, message),
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

fn refusal_remedy(status: StatusCode, message: &str) -> Option<String> {
    let remedy = match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            "check the variable or file that holds the Prometheus token or password, and its rights"
        }
        StatusCode::NOT_FOUND => {
            "check the path of the address: `/api/v1/query_range` must exist below it"
        }
        _ if message.contains("too many samples") => {
            "read fewer days, narrow the matchers, or raise `--query.max-samples` of the server"
        }
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => {
            "try the query in the server's own web page; check the metric, the matchers and the labels"
        }
        _ => return None,
    };
    Some(remedy.to_owned())
}
