//! Taking a revision back: its numbers only, and only where they still are what it wrote.

use tidewright_core::{
    LimitKey, NumberChange, Revision, RevisionId, RevisionOrigin, Setting, Timestamp,
};

use super::edit::{self, Edited, Wanted};
use super::error::ApplyError;
use super::{ApplyPorts, Change, Preview, Said, write};

/// Which revision is to be undone, and by whom.
#[derive(Clone, Debug)]
pub struct UndoOrder<'a> {
    /// Which.
    pub revision: &'a Revision,
    /// Who says so.
    pub by: String,
    /// The time on the wall.
    pub now: Timestamp,
}

/// Puts the numbers of before back. A pause does not stop it: it is how people get out of harm.
///
/// # Errors
/// [`ApplyError`]; unless it is [`ApplyError::Mark`], no number was changed.
pub async fn undo_revision(
    ports: &ApplyPorts<'_>,
    order: &UndoOrder<'_>,
) -> Result<Change, ApplyError> {
    let (wanted, kept) = before(order.revision)?;
    let place = || ports.target.describe();
    let base = edit::load(ports.target).await?;
    let base = base.ok_or_else(|| ApplyError::Vanished { place: place() })?;
    let Edited { new, changes, already } = edit::edit(&base, &wanted)?;
    let preview = Preview {
        there: Some(base.bytes.clone()),
        old: Some(base.bytes),
        new,
        changes,
        already,
        kept,
        is_other_document: false,
        approvals: Vec::new(),
    };
    if preview.changes.is_empty() {
        return Ok(Change { preview, revision: None, copy: None });
    }
    let origin = RevisionOrigin::Undo(order.revision.id.clone());
    write(ports, Said { origin, by: &order.by, at: order.now }, preview).await
}

/// What the revision changed, the other way round, and the limits that it made.
fn before(revision: &Revision) -> Result<(Vec<Wanted>, Vec<LimitKey>), ApplyError> {
    let (mut wanted, mut kept) = (Vec::new(), Vec::new());
    for NumberChange { key, from, to } in &revision.changes {
        match from {
            Some(before) => wanted.push(Wanted {
                key: key.clone(),
                from: Some(Setting::Limited(*to)),
                to: *before,
            }),
            None => kept.push(key.clone()),
        }
    }
    match (wanted.as_slice(), kept.first()) {
        ([], Some(key)) => Err(ApplyError::Created { id: revision.id.clone(), key: key.clone() }),
        _ => Ok((wanted, kept)),
    }
}

/// The revision that is undone where none is named: the last one of a plan that was written and not yet undone.
pub fn latest_to_undo(revisions: &[Revision]) -> Option<&Revision> {
    let undone = |id: &RevisionId| {
        let undoes = |other: &Revision| other.origin == RevisionOrigin::Undo(id.clone());
        revisions.iter().any(|other| other.written && undoes(other))
    };
    let of_plan = |revision: &&Revision| matches!(revision.origin, RevisionOrigin::Plan(_));
    let mut written = revisions.iter().rev().filter(|it| it.written).filter(of_plan);
    written.find(|revision| !undone(&revision.id))
}
