//! What was written into documents, for machines.

use serde::Serialize;
use tidewright_core::{Descriptor, LimitKey, NumberChange, Revision, RevisionOrigin};

use super::{DescriptorV1, LimitV1};

/// What a change of a document did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChangeV1 {
    /// Always `v1`.
    pub version: &'static str,
    /// The document.
    pub place: String,
    /// What was written; null if there was nothing to do.
    pub revision: Option<RevisionV1>,
    /// Limits that had their number already, by name.
    pub already: Vec<String>,
    /// Limits that an undone revision made and that stay, by name.
    pub kept: Vec<String>,
    /// Where the document before it was copied.
    pub copy: Option<String>,
}

/// One change of one document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RevisionV1 {
    /// Its name.
    pub id: String,
    /// When it was made.
    pub at: String,
    /// Who made it.
    pub by: String,
    /// Where it comes from.
    pub origin: OriginV1,
    /// The document.
    pub place: String,
    /// Whether the document is known to have been written.
    pub written: bool,
    /// The numbers that it changed.
    pub changes: Vec<NumberChangeV1>,
}

/// Where a revision comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OriginV1 {
    /// The plan of this run.
    Plan(String),
    /// Undoing this revision.
    Undo(String),
}

/// A number and its successor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NumberChangeV1 {
    /// The name by which commands know the limit.
    pub name: String,
    /// The limiter's domain.
    pub domain: String,
    /// The descriptors that lead to it.
    pub path: Vec<DescriptorV1>,
    /// What it was; null if there was no such limit.
    pub from: Option<LimitV1>,
    /// What it became.
    pub to: LimitV1,
}

impl ChangeV1 {
    /// A change of the document at `place`, to be completed by what there is to tell.
    pub fn new(place: String, revision: Option<&Revision>) -> Self {
        let (already, kept) = (Vec::new(), Vec::new());
        let revision = revision.map(RevisionV1::from);
        Self { version: "v1", place, revision, already, kept, copy: None }
    }

    /// With limits that had their number already, and ones that stay though what made them is undone.
    #[must_use]
    pub fn beside(mut self, already: &[LimitKey], kept: &[LimitKey]) -> Self {
        let names = |keys: &[LimitKey]| keys.iter().map(LimitKey::name).collect();
        (self.already, self.kept) = (names(already), names(kept));
        self
    }

    /// With the place of a copy of the document before it.
    #[must_use]
    pub fn copied_to(mut self, copy: Option<String>) -> Self {
        self.copy = copy;
        self
    }
}

impl From<&Revision> for RevisionV1 {
    fn from(revision: &Revision) -> Self {
        Self {
            id: revision.id.to_string(),
            at: revision.at.to_string(),
            by: revision.by.clone(),
            origin: match &revision.origin {
                RevisionOrigin::Plan(run) => OriginV1::Plan(run.to_string()),
                RevisionOrigin::Undo(undone) => OriginV1::Undo(undone.to_string()),
            },
            place: revision.place.clone(),
            written: revision.written,
            changes: revision.changes.iter().map(NumberChangeV1::from).collect(),
        }
    }
}

impl From<&NumberChange> for NumberChangeV1 {
    fn from(change: &NumberChange) -> Self {
        let path: &[Descriptor] = &change.key.path;
        Self {
            name: change.key.name(),
            domain: change.key.domain.to_string(),
            path: path.iter().map(DescriptorV1::from).collect(),
            from: change.from.map(LimitV1::from),
            to: change.to.into(),
        }
    }
}
