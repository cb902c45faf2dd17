//! Writing what people reviewed: a plan's numbers into a document, or the numbers of before back.
//!
//! What is asked for is compared with the document of today: a number that is there already is left alone, one that is
//! neither the old nor the new one makes the whole request stale, and nothing is written. The revision and the document
//! before it are remembered first, then copied beside the target, then the target is replaced, unless somebody else
//! changed it in between. Nothing is decided here.

mod edit;
mod error;
mod release;
mod undo;

use std::time::Duration;

use sha2::{Digest, Sha256};
use tidewright_core::{
    Approval, Effect, GuardedTarget, LimitKey, LimitTarget, NumberChange, Policy, ReviewedPlan,
    Revision, RevisionId, RevisionLog, RevisionOrigin, Selector, Store, Timestamp,
};
use tracing::info;

pub(crate) use edit::load_settings;
pub use error::{ApplyError, Stale};
pub use undo::{UndoOrder, latest_to_undo, undo_revision};

use edit::Edited;
use release::{Released, released};

/// An approval that a person gives by naming a limit holds this long, so that the next run does not take it back.
pub const APPROVAL_HOLDS: Duration = Duration::from_hours(24);

/// The world, as one change of a document sees it.
#[derive(Clone, Copy)]
pub struct ApplyPorts<'a> {
    /// Where the numbers of today are, beside the target; `None` if the target is the only place.
    pub current: Option<&'a dyn LimitTarget>,
    /// What is written.
    pub target: &'a dyn GuardedTarget,
    /// Where people's words are kept.
    pub store: &'a dyn Store,
    /// Where changes are remembered.
    pub log: &'a dyn RevisionLog,
}

/// What is to be applied, and by whom.
#[derive(Clone, Debug)]
pub struct ApplyOrder<'a> {
    /// What was reviewed.
    pub plan: &'a ReviewedPlan,
    /// The rules of now: whose freezes hold also for what was reviewed before them.
    pub policy: &'a Policy,
    /// Only these limits; all that change if there is none.
    pub only: Vec<LimitKey>,
    /// Who says so.
    pub by: String,
    /// The moment as of which it is applied.
    pub at: Timestamp,
    /// The time on the wall.
    pub now: Timestamp,
    /// A plan that is older is stale.
    pub age_max: Duration,
}

/// What a change of a document would do.
#[derive(Debug)]
pub struct Preview {
    /// The document that is changed: the target's, else the one of today beside it; `None` if there is none.
    pub old: Option<Vec<u8>>,
    /// What the target holds.
    there: Option<Vec<u8>>,
    /// The document as it would be.
    pub new: Vec<u8>,
    /// The numbers that would change.
    pub changes: Vec<NumberChange>,
    /// Limits that have their number already.
    pub already: Vec<LimitKey>,
    /// Limits that an undone revision made: they stay, since a document loses none here.
    pub kept: Vec<LimitKey>,
    /// Whether the document is not the one that was reviewed, though its numbers are.
    pub is_other_document: bool,
    /// What people release by naming it.
    approvals: Vec<Approval>,
}

/// What a change of a document did.
#[derive(Debug)]
pub struct Change {
    /// What was asked for, compared with the document.
    pub preview: Preview,
    /// What was remembered and written; `None` if there was nothing to do.
    pub revision: Option<Revision>,
    /// Where the document before it was copied.
    pub copy: Option<String>,
}

/// Tells what [`apply_plan`] would do, and leaves no trace.
///
/// # Errors
/// [`ApplyError`]: the plan is stale, a limit may not be released, or a document cannot be read.
pub async fn preview_plan(
    ports: &ApplyPorts<'_>,
    order: &ApplyOrder<'_>,
) -> Result<Preview, ApplyError> {
    let Released { wanted, approvals } = released(order)?;
    let current = match ports.current {
        Some(current) => edit::load(current).await?,
        None => None,
    };
    let target = edit::load(ports.target).await?;
    if let Some(current) = &current {
        // What is written elsewhere is stale as well if the numbers that it rests on have moved.
        edit::edit(current, &wanted)?;
    }
    let there = target.as_ref().map(|target| target.bytes.clone());
    let base = target.or(current);
    let document_hash = base.as_ref().map(|base| sha256(&base.bytes));
    let reviewed = order.plan.document.as_ref();
    let is_other_document =
        reviewed.is_some_and(|reviewed| document_hash.is_some_and(|hash| hash != reviewed.sha256));
    let edited = match (&base, reviewed) {
        (Some(base), _) => edit::edit(base, &wanted)?,
        (None, Some(reviewed)) => {
            return Err(ApplyError::Vanished { place: reviewed.place.clone() });
        }
        (None, None) => edit::create(&order.plan.home, &wanted)?,
    };
    let Edited { new, changes, already } = edited;
    let (old, kept) = (base.map(|base| base.bytes), Vec::new());
    Ok(Preview { old, there, new, changes, already, kept, is_other_document, approvals })
}

/// Applies a plan exactly as it was reviewed.
///
/// # Errors
/// [`ApplyError`]; unless it is [`ApplyError::Mark`], no number was changed.
pub async fn apply_plan(
    ports: &ApplyPorts<'_>,
    order: &ApplyOrder<'_>,
) -> Result<Change, ApplyError> {
    refuse_old(order)?;
    let reviewed = order.plan.document.as_ref().map(|document| document.place.clone());
    let place = reviewed.unwrap_or_else(|| ports.target.describe());
    let memory = ports.store.load_memory(&place).await.map_err(ApplyError::Memory)?;
    if let Some(pause) = memory.as_of(order.at).pause {
        return Err(ApplyError::Paused { by: pause.by, why: pause.why });
    }
    let preview = preview_plan(ports, order).await?;
    if preview.changes.is_empty() {
        return Ok(Change { preview, revision: None, copy: None });
    }
    refuse_frozen(order, &preview.changes)?;
    for approval in &preview.approvals {
        ports.store.save_approval(&place, approval).await.map_err(ApplyError::Record)?;
    }
    let origin = RevisionOrigin::Plan(order.plan.run.clone());
    let said = Said { origin, by: &order.by, at: order.now };
    write(ports, said, preview).await
}

fn refuse_old(order: &ApplyOrder<'_>) -> Result<(), ApplyError> {
    let age = order.now.as_millis() - order.plan.created.as_millis();
    if age > order.age_max.as_millis() as i64 {
        let created = order.plan.created;
        return Err(ApplyError::Old { created, hours: order.age_max.as_secs_f64() / 3600.0 });
    }
    Ok(())
}

fn refuse_frozen(order: &ApplyOrder<'_>, changes: &[NumberChange]) -> Result<(), ApplyError> {
    let Policy { calendar, exclusions, .. } = order.policy;
    for NumberChange { key, .. } in changes {
        let concerns = |selector: &Selector| selector.matches(key, exclusions);
        let mut now = calendar.at(order.at, concerns);
        if let Some(freeze) = now.find(|it| it.event.effect == Effect::Freeze) {
            let (event, until) = (freeze.event.name.clone(), freeze.span.end);
            return Err(ApplyError::Frozen { key: key.clone(), event, until });
        }
    }
    Ok(())
}

/// Whose word a change is.
struct Said<'a> {
    origin: RevisionOrigin,
    by: &'a str,
    at: Timestamp,
}

/// Remembers, copies, replaces, marks: in this order.
async fn write(
    ports: &ApplyPorts<'_>,
    said: Said<'_>,
    preview: Preview,
) -> Result<Change, ApplyError> {
    let mut revision = revision(said, ports.target.describe(), preview.changes.clone());
    let there = preview.there.as_deref();
    ports.log.save_revision(&revision, there).await.map_err(ApplyError::Record)?;
    info!(revision = %revision.id, changes = revision.changes.len(), "revision recorded");
    let unwritten = |source| ApplyError::Write { place: ports.target.describe(), source };
    let copy = match there {
        Some(there) => Some(ports.target.back_up(there, &revision.id).await.map_err(unwritten)?),
        None => None,
    };
    ports.target.replace(there, &preview.new).await.map_err(unwritten)?;
    ports.log.save_written(&revision.id).await.map_err(ApplyError::Mark)?;
    revision.written = true;
    Ok(Change { preview, revision: Some(revision), copy })
}

fn revision(said: Said<'_>, place: String, changes: Vec<NumberChange>) -> Revision {
    let Said { origin, by, at } = said;
    let content = format!("{} {by} {place} {origin:?} {changes:?}", at.as_millis());
    let id = RevisionId::new(at, &sha256(content.as_bytes()));
    Revision { id, at, origin, by: by.to_owned(), place, changes, written: false }
}

/// SHA-256 in hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl std::fmt::Debug for ApplyPorts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let target = self.target.describe();
        f.debug_struct("ApplyPorts").field("target", &target).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
