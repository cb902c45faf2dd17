//! A plan as people review it before it is applied, and what a look at the limits of today finds.
//!
//! A reviewed plan holds what is needed to apply exactly what was seen: the numbers before and after, limit by limit.
//! How they came about is in the record of its run.

use std::fmt;

use crate::decision::Decision;
use crate::limit::{Limit, LimitKey, Setting};
use crate::run::RunId;
use crate::time::Timestamp;

/// A plan that was put aside for review.
#[derive(Clone, Debug, PartialEq)]
pub struct ReviewedPlan {
    /// The run that decided it.
    pub run: RunId,
    /// When it was put aside, by the clock on the wall.
    pub created: Timestamp,
    /// SHA-256, in hex, over everything that the decision depends on.
    pub inputs_hash: String,
    /// SHA-256, in hex, over the rules by which it was decided.
    pub policy_hash: String,
    /// The document that it was decided on; `None` if there was none.
    pub document: Option<ReviewedDocument>,
    /// Where a document that does not exist yet would live.
    pub home: DocumentHome,
    /// One for each limit, in the order of the document.
    pub limits: Vec<ReviewedLimit>,
    /// What was unsafe about the limits of then.
    pub unsafe_limits: Vec<Finding>,
}

/// The document that a plan was decided on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewedDocument {
    /// Where it was read.
    pub place: String,
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
}

/// Where a document that does not exist yet would live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentHome {
    /// The ConfigMap's name.
    pub configmap: String,
    /// Its namespace.
    pub namespace: String,
    /// The limiter's domain.
    pub domain: String,
}

/// What a plan says of one limit.
#[derive(Clone, Debug, PartialEq)]
pub struct ReviewedLimit {
    /// Which limit.
    pub key: LimitKey,
    /// What the document said.
    pub current: Option<Setting>,
    /// What to do.
    pub decision: Decision,
    /// The limit afterwards.
    pub proposed: Option<Limit>,
    /// Why, as a sentence.
    pub reason: String,
    /// The number that a person may release, where the reason waits for one.
    pub on_approval: Option<Limit>,
}

/// Something about a limit that somebody should look at.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Which limit.
    pub key: LimitKey,
    /// What is the matter.
    pub kind: FindingKind,
    /// What the document says now.
    pub current: Option<Setting>,
    /// What it should say; `None` where a person has to know.
    pub should_be: Option<Limit>,
    /// Why.
    pub why: String,
}

/// What is the matter with a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingKind {
    /// It does harm, or could.
    Unsafe,
    /// Somebody else changed it since we did.
    Edited,
    /// Demand asks for another number.
    Drifted,
}

impl ReviewedLimit {
    /// The number that the plan writes, or would write once a person releases it.
    pub fn wanted(&self) -> Option<Limit> {
        if self.decision.changes() { self.proposed } else { self.on_approval }
    }
}

impl FindingKind {
    /// All kinds, the most urgent first.
    pub const ALL: [Self; 3] = [Self::Unsafe, Self::Edited, Self::Drifted];

    /// The word for people and machines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unsafe => "unsafe",
            Self::Edited => "edited",
            Self::Drifted => "drifted",
        }
    }
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
