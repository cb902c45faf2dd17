//! What was written into documents: one change of now, and those of before.

use tidewright_core::{NumberChange, Revision, RevisionOrigin};

use super::NAME_WIDTH_MIN;
use crate::layout::{Align, Columns, wrap};
use crate::number;
use crate::wire::ChangeV1;

/// What a change did, and where its undo is.
pub fn change_table(change: &ChangeV1, revision: Option<&Revision>, width: usize) -> String {
    let already = number::plural(change.already.len(), "limit");
    let Some(revision) = revision else {
        let line = format!("nothing to do: {already} had the number in `{}` already", change.place);
        return wrap(&line, width).join("\n") + "\n";
    };
    let mut columns =
        Columns::new(vec![("LIMIT", Align::Left), ("FROM", Align::Right), ("TO", Align::Right)]);
    revision.changes.iter().for_each(|change| columns.row(&cells(change)));
    let changed = number::plural(revision.changes.len(), "limit");
    let mut lines =
        vec![format!("{changed} changed in `{}`: revision {}", change.place, revision.id)];
    if !change.already.is_empty() {
        lines.push(format!("{already} had the number already"));
    }
    if !change.kept.is_empty() {
        let kept = number::plural(change.kept.len(), "limit");
        lines.push(format!("{kept} that it made stay: {}", change.kept.join(", ")));
    }
    lines.extend(change.copy.iter().map(|copy| format!("the document before it: {copy}")));
    let lines = lines.iter().map(|line| wrap(line, width).join("\n") + "\n");
    format!("{}\n{}", columns.render(width, NAME_WIDTH_MIN), lines.collect::<String>())
}

/// Revisions, the latest first, each with its numbers.
pub fn history_table(revisions: &[&Revision], width: usize) -> String {
    if revisions.is_empty() {
        return "no change was made\n".to_owned();
    }
    let one = |revision: &&Revision| one(revision, width);
    revisions.iter().rev().map(one).collect::<Vec<_>>().join("\n")
}

fn one(revision: &Revision, width: usize) -> String {
    let origin = match &revision.origin {
        RevisionOrigin::Plan(run) => format!("plan of run {run}"),
        RevisionOrigin::Undo(undone) => format!("undo of {undone}"),
    };
    let state = if revision.written { "" } else { "; not known to be written" };
    let by = if revision.by.is_empty() { "somebody" } else { &revision.by };
    let title = format!(
        "{} at {} by {by}, {origin}, in `{}`{state}",
        revision.id, revision.at, revision.place
    );
    let mut columns =
        Columns::new(vec![("LIMIT", Align::Left), ("FROM", Align::Right), ("TO", Align::Right)]);
    revision.changes.iter().for_each(|change| columns.row(&cells(change)));
    format!("{}\n{}", wrap(&title, width).join("\n"), columns.render(width, NAME_WIDTH_MIN))
}

fn cells(change: &NumberChange) -> Vec<String> {
    vec![change.key.name(), number::limit_or_none(change.from), number::limit(change.to)]
}
