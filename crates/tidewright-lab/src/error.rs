//! What can go wrong in the laboratory.

use std::path::PathBuf;

use thiserror::Error;
use tidewright_engine::EngineError;

/// What can go wrong in the laboratory.
#[derive(Debug, Error)]
pub enum LabError {
    /// The arguments make no sense.
    #[error("`{given}` is no argument of this command")]
    Argument {
        /// What was given.
        given: String,
    },
    /// The system gives no threads.
    #[error("cannot start threads")]
    Threads(#[source] std::io::Error),
    /// The engine could not decide.
    #[error("cannot decide")]
    Engine(#[source] EngineError),
    /// A story could not be read.
    #[error("cannot read `{path}`")]
    Read {
        /// What.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A story makes no sense.
    #[error("cannot understand the story `{path}`: {why}")]
    Story {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A result could not be written.
    #[error("cannot write `{path}`")]
    Write {
        /// Where to.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A result could not be turned into JSON.
    #[error("cannot write the comparison as JSON")]
    Json(#[source] serde_json::Error),
}

impl LabError {
    /// Whether the user can mend it.
    pub(crate) const fn is_users(&self) -> bool {
        !matches!(self, Self::Threads(_) | Self::Engine(_) | Self::Json(_))
    }
}
