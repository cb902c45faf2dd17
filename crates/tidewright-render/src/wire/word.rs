//! What people said, for machines.

use serde::Serialize;
use tidewright_core::{Approval, Pause};

/// A person's word for one limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ApprovalV1 {
    /// Always `v1`.
    pub version: &'static str,
    /// The name by which commands know the limit.
    pub name: String,
    /// The limiter's domain.
    pub domain: String,
    /// The document.
    pub place: String,
    /// Up to which number, in requests per unit.
    pub up_to: u32,
    /// Who said so.
    pub by: String,
    /// When.
    pub at: String,
    /// Until when it holds.
    pub until: String,
}

/// All changes are stopped, or go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PauseV1 {
    /// Always `v1`.
    pub version: &'static str,
    /// Whether changes are stopped now.
    pub paused: bool,
    /// Who stopped them.
    pub by: Option<String>,
    /// Why.
    pub why: Option<String>,
    /// Since when.
    pub since: Option<String>,
    /// Until when; null is until somebody resumes.
    pub until: Option<String>,
}

impl ApprovalV1 {
    /// An approval for the document at `place`.
    pub fn new(place: &str, approval: &Approval) -> Self {
        Self {
            version: "v1",
            name: approval.key.name(),
            domain: approval.key.domain.to_string(),
            place: place.to_owned(),
            up_to: approval.up_to,
            by: approval.by.clone(),
            at: approval.at.to_string(),
            until: approval.until.to_string(),
        }
    }
}

impl From<Option<&Pause>> for PauseV1 {
    fn from(pause: Option<&Pause>) -> Self {
        Self {
            version: "v1",
            paused: pause.is_some(),
            by: pause.map(|pause| pause.by.clone()),
            why: pause.map(|pause| pause.why.clone()),
            since: pause.map(|pause| pause.since.to_string()),
            until: pause.and_then(|pause| Some(pause.until?.to_string())),
        }
    }
}
