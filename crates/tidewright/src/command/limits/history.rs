//! `tidewright limits history|rollback`: what was written into documents, and taking it back.

use anyhow::{Context, Result};
use tidewright_core::{
    Clock as _, LimitKey, LimitName, LimitTarget, Revision, RevisionId, RevisionLog,
};
use tidewright_engine::{ApplyPorts, UndoOrder, latest_to_undo, undo_revision};
use tidewright_files::FileTarget;
use tidewright_render::{RevisionV1, history_table, to_json, to_yaml};
use tidewright_store::SqliteStore;

use super::super::{configured_for_record, configured_for_record_at, person, print, width};
use super::place_of;
use super::saved::print_change;
use crate::adapt;
use crate::args::{HistoryArguments, Output, RollbackArguments};
use crate::config::nearest;
use crate::exit::Mistake;
use crate::wall::WallClock;

/// Lists what was applied, or prints a document of before.
pub(crate) async fn history(arguments: HistoryArguments) -> Result<()> {
    let settings = configured_for_record(&arguments.config.config)?.settings;
    let store = adapt::store(&settings).await?;
    let revisions = revisions(&store).await?;
    if let Some(id) = &arguments.document {
        return print_document(&store, found(&revisions, id)?).await;
    }
    let shown: Vec<&Revision> = match &arguments.limit {
        Some(name) => of_limit(&revisions, name)?,
        None => revisions.iter().collect(),
    };
    let wire = || shown.iter().map(|revision| RevisionV1::from(*revision)).collect::<Vec<_>>();
    match arguments.output {
        Output::Table => print(&history_table(&shown, width())),
        Output::Json => print(&to_json(&wire())),
        Output::Yaml => print(&to_yaml(&wire())),
    }
}

/// Puts the numbers of before a revision back.
pub(crate) async fn rollback(arguments: RollbackArguments) -> Result<()> {
    let said = &arguments.said;
    let settings = configured_for_record_at(&said.config.config, said.at)?.settings;
    let store = adapt::store(&settings).await?;
    let revisions = revisions(&store).await?;
    let nothing =
        || Mistake::new("there is nothing to take back", "see `tidewright limits history`");
    let revision = match &arguments.revision {
        Some(id) => found(&revisions, id)?,
        None => latest_to_undo(&revisions).ok_or_else(nothing)?,
    };
    let target = FileTarget::new(&revision.place);
    let ports = ApplyPorts { current: None, target: &target, store: &store, log: &store };
    let by = person(said.by.as_ref());
    let change = undo_revision(&ports, &UndoOrder { revision, by, now: WallClock.now() }).await?;
    print_change(said.output, target.describe(), &change)
}

async fn revisions(store: &SqliteStore) -> Result<Vec<Revision>> {
    store.load_revisions().await.context("cannot read what was applied")
}

fn found<'a>(revisions: &'a [Revision], id: &RevisionId) -> Result<&'a Revision, Mistake> {
    let found = revisions.iter().find(|revision| revision.id == *id);
    found.ok_or_else(|| {
        let known: Vec<String> = revisions.iter().map(|it| it.id.to_string()).collect();
        let meant = nearest(&id.to_string(), known.iter().map(String::as_str));
        let meant = meant.map_or(String::new(), |meant| format!("did you mean `{meant}`? "));
        let hint = format!("{meant}`tidewright limits history` lists the revisions");
        Mistake::new(format!("there is no revision `{id}`"), hint)
    })
}

fn of_limit<'a>(revisions: &'a [Revision], name: &LimitName) -> Result<Vec<&'a Revision>, Mistake> {
    let changed = revisions.iter().flat_map(|revision| &revision.changes);
    let mut keys: Vec<&LimitKey> = changed.map(|change| &change.key).collect();
    keys.sort_unstable();
    keys.dedup();
    let key = keys[place_of(&keys, name, "the history")?].clone();
    let concerns = |revision: &&Revision| revision.changes.iter().any(|change| change.key == key);
    Ok(revisions.iter().filter(concerns).collect())
}

async fn print_document(store: &SqliteStore, revision: &Revision) -> Result<()> {
    let document = store.load_document_before(&revision.id).await;
    let document = document.context("cannot read the document of before")?;
    let nothing = || {
        let message = format!("there was no document before the revision `{}`", revision.id);
        Mistake::new(message, "the revision made it")
    };
    let document = document.ok_or_else(nothing)?;
    print(&String::from_utf8_lossy(&document))
}
