//! From numbers that are wanted to the bytes of a document: pure, but for reading it.

use std::collections::HashMap;

use tidewright_core::{
    DocumentHome, Limit, LimitKey, LimitTarget, NumberChange, ReviewedLimit, Setting,
};
use tidewright_limiter::{Document, DocumentError, Entry, ObjectName};

use super::error::{ApplyError, Stale};

/// A number that is wanted in place of another.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wanted {
    pub(super) key: LimitKey,
    /// What was seen; `None` if there was no such limit.
    pub(super) from: Option<Setting>,
    pub(super) to: Limit,
}

/// A document that was read and understood.
pub(super) struct Loaded {
    pub(super) place: String,
    pub(super) bytes: Vec<u8>,
    document: Document,
}

/// What became of a document.
pub(super) struct Edited {
    pub(super) new: Vec<u8>,
    pub(super) changes: Vec<NumberChange>,
    pub(super) already: Vec<LimitKey>,
}

impl Wanted {
    /// What a plan wants for a limit; `None` if it has no number for it.
    pub(super) fn of(limit: &ReviewedLimit) -> Option<Self> {
        Some(Self { key: limit.key.clone(), from: limit.current, to: limit.wanted()? })
    }
}

/// The document at a place; `None` if there is none.
pub(super) async fn load(
    target: &(impl LimitTarget + ?Sized),
) -> Result<Option<Loaded>, ApplyError> {
    let place = target.describe();
    let bytes = target.load().await;
    let bytes = bytes.map_err(|source| ApplyError::Read { place: place.clone(), source })?;
    let Some(bytes) = bytes else { return Ok(None) };
    let document = Document::parse(&bytes)
        .map_err(|source| ApplyError::Document { place: place.clone(), source })?;
    Ok(Some(Loaded { place, bytes, document }))
}

/// What the document at a place sets.
pub(crate) async fn load_settings(
    target: &dyn LimitTarget,
) -> Result<Vec<(LimitKey, Setting)>, ApplyError> {
    let loaded = load(target).await?;
    let loaded = loaded.ok_or_else(|| ApplyError::Vanished { place: target.describe() })?;
    let setting = |entry: &Entry| (entry.key.clone(), entry.setting);
    Ok(loaded.document.entries().iter().map(setting).collect())
}

/// The document with the wanted numbers; only digits that differ are touched, and new limits stand beside their kin.
pub(super) fn edit(base: &Loaded, wanted: &[Wanted]) -> Result<Edited, ApplyError> {
    let entries: HashMap<&LimitKey, &Entry> =
        base.document.entries().iter().map(|entry| (&entry.key, entry)).collect();
    let (mut changes, mut already, mut stale) = (Vec::new(), Vec::new(), Vec::new());
    for wanted in wanted {
        match change(wanted, entries.get(&wanted.key).copied()) {
            Ok(Some(change)) => changes.push(change),
            Ok(None) => already.push(wanted.key.clone()),
            Err(one) => stale.push(one),
        }
    }
    if !stale.is_empty() {
        return Err(ApplyError::Stale { place: base.place.clone(), stale });
    }
    let new = write(&base.document, &changes).map_err(ApplyError::NewDocument)?;
    Ok(Edited { new, changes, already })
}

/// What is to be done about one number; `None` if it is there already.
fn change(wanted: &Wanted, entry: Option<&Entry>) -> Result<Option<NumberChange>, Stale> {
    let now = entry.map(|entry| entry.setting);
    if now == Some(Setting::Limited(wanted.to)) {
        return Ok(None);
    }
    let change = |from| Some(NumberChange { key: wanted.key.clone(), from, to: wanted.to });
    match (wanted.from, now) {
        (None, None) => Ok(change(None)),
        (Some(Setting::Limited(from)), Some(_)) if now == wanted.from => Ok(change(Some(from))),
        (from, now) => Err(Stale { key: wanted.key.clone(), expected: from, found: now }),
    }
}

fn write(document: &Document, changes: &[NumberChange]) -> Result<Vec<u8>, DocumentError> {
    let (added, changed): (Vec<_>, Vec<_>) = changes.iter().partition(|it| it.from.is_none());
    let changed: Vec<_> =
        changed.into_iter().map(|it| (it.key.clone(), it.to.requests_per_unit)).collect();
    let bytes = document.with_numbers(&changed)?;
    if added.is_empty() {
        return Ok(bytes);
    }
    let added: Vec<_> = added.into_iter().map(|it| (it.key.clone(), it.to)).collect();
    Document::parse(&bytes)?.with_entries(&added)
}

/// A new document with the wanted numbers.
pub(super) fn create(home: &DocumentHome, wanted: &[Wanted]) -> Result<Edited, ApplyError> {
    let object = ObjectName::new(&home.configmap, &home.namespace).map_err(ApplyError::Home)?;
    let limits: Vec<_> = wanted.iter().map(|it| (it.key.clone(), it.to)).collect();
    let new = tidewright_limiter::create(&object, &home.domain, &limits);
    let new = new.map_err(ApplyError::NewDocument)?;
    let change = |(key, to)| NumberChange { key, from: None, to };
    let changes = limits.into_iter().map(change).collect();
    Ok(Edited { new, changes, already: Vec::new() })
}
