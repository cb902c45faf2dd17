//! Memories, approvals, pauses and revisions to save, with every word and every odd case that they may hold.

use tidewright_core::{
    Approval, Decision, Limit, LimitKey, LimitMemory, NumberChange, Pause, PlanMemory, Revision,
    RevisionId, RevisionOrigin, RunId, Stretch, Unit,
};

use crate::record::moment;

/// A document that memories are about.
pub(crate) const PLACE: &str = "configmap `istio-system/ratelimit-config`";

/// A document before a revision.
pub(crate) const DOCUMENT: &[u8] = b"domain: edge # \xc3\xbc\n";

/// A memory with everything in it.
pub(crate) fn rich() -> PlanMemory {
    let stretch = |start: i64, wish, number, wished_max| Stretch {
        since: moment(start),
        until: moment(start + 5),
        number,
        wish,
        wished_max,
    };
    let long = vec![
        stretch(0, Decision::Create, None, Some(u32::MAX)),
        stretch(10, Decision::Raise, Some(0), Some(700)),
        stretch(20, Decision::Lower, Some(u32::MAX), Some(1)),
        stretch(30, Decision::Hold, Some(5), None),
    ];
    let short = vec![stretch(7, Decision::Hold, None, None)];
    let limits = [
        (odd_key(), LimitMemory { stretches: long }),
        (key("a"), LimitMemory { stretches: short }),
    ];
    PlanMemory {
        first_seen: Some(moment(-1)),
        limits: limits.into(),
        approvals: vec![approval("a", 900), approval("b", 1), approval("a", 800)],
        pause: Some(pause(Some(99))),
    }
}

/// A person's word for a limit.
pub(crate) fn approval(partner: &str, up_to: u32) -> Approval {
    let (at, until) = (moment(1), moment(86_400_001));
    Approval { key: key(partner), up_to, by: "ann ü".to_owned(), at, until }
}

/// All changes are stopped.
pub(crate) fn pause(until: Option<i64>) -> Pause {
    Pause {
        by: "ann".to_owned(),
        why: "incident `7`\nsee the channel".to_owned(),
        since: moment(3),
        until: until.map(moment),
    }
}

/// A revision of a plan, and one that undoes it.
pub(crate) fn revisions() -> Vec<Revision> {
    let hourly = Limit { requests_per_unit: 9, unit: Unit::Hour };
    let change = |key, from, to| NumberChange { key, from, to };
    let made = Revision {
        id: RevisionId::new(moment(0), "0123abcdef"),
        at: moment(0),
        origin: RevisionOrigin::Plan(RunId::stored("20261120T080000Z-0123abcd")),
        by: "ann".to_owned(),
        place: PLACE.to_owned(),
        changes: vec![
            change(odd_key(), Some(hourly), Limit { requests_per_unit: 0, unit: Unit::Hour }),
            change(key("a"), None, Limit::per_minute(u32::MAX)),
        ],
        written: true,
    };
    let undone = Revision {
        id: RevisionId::new(moment(1), "fedcba9876"),
        at: moment(1),
        origin: RevisionOrigin::Undo(made.id.clone()),
        by: String::new(),
        place: "other.yaml".to_owned(),
        changes: Vec::new(),
        written: false,
    };
    vec![made, undone]
}

/// A plain limit.
pub(crate) fn key(partner: &str) -> LimitKey {
    LimitKey::new("edge", [("PARTNER", Some(partner))])
}

fn odd_key() -> LimitKey {
    LimitKey::new("a/b:c", [("PARTNER", Some("ä:b\\c\"")), ("PATH", None)])
}
