//! Which numbers are not those that we wrote last.

use std::collections::HashMap;

use tidewright_core::{Finding, FindingKind, Limit, LimitKey, NumberChange, Revision, Setting};

/// Limits of the document at `place` whose number is not the one that the last revision left there.
pub(super) fn edited(
    place: &str,
    now: &[(LimitKey, Setting)],
    revisions: &[Revision],
) -> Vec<Finding> {
    let mut last: HashMap<&LimitKey, (&Revision, Limit)> = HashMap::new();
    let now_by_key: HashMap<&LimitKey, Setting> =
        now.iter().map(|(key, setting)| (key, *setting)).collect();
    for revision in revisions.iter().filter(|revision| revision.place == place) {
        for NumberChange { key, to, .. } in &revision.changes {
            // One that was interrupted counts only where its number has arrived.
            let arrived = now_by_key.get(key) == Some(&Setting::Limited(*to));
            if revision.written || arrived {
                last.insert(key, (revision, *to));
            }
        }
    }
    let finding = |(key, setting): &(LimitKey, Setting)| {
        let (revision, to) = last.get(key)?;
        (*setting != Setting::Limited(*to)).then(|| Finding {
            key: key.clone(),
            kind: FindingKind::Edited,
            current: Some(*setting),
            should_be: Some(*to),
            why: format!("revision `{}` of {} set `{to}`", revision.id, revision.by),
        })
    };
    now.iter().filter_map(finding).collect()
}
