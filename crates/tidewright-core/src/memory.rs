//! What earlier runs saw and wished, limit by limit: what pacing in wall time rests on.
//!
//! Numbers are remembered as they were *seen* in the document, whoever wrote them: a change of somebody else counts
//! like one of ours, and a change that was never applied does not count. Time is the moment as of which a run decided,
//! so a run that is repeated as of then sees what it saw.

use std::collections::BTreeMap;

use crate::decision::Decision;
use crate::limit::LimitKey;
use crate::time::Timestamp;

/// What is remembered of one document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlanMemory {
    /// As of when the document was seen first.
    pub first_seen: Option<Timestamp>,
    /// What was seen of each limit.
    pub limits: BTreeMap<LimitKey, LimitMemory>,
    /// What people released, in the order in which they did.
    pub approvals: Vec<Approval>,
    /// Who stopped all changes, if anybody did.
    pub pause: Option<Pause>,
}

/// What was seen of one limit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LimitMemory {
    /// By time, without overlaps; a run that sees and wishes the same makes the last one longer.
    pub stretches: Vec<Stretch>,
}

/// A time in which every run saw the same number and wished the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// The first run of it.
    pub since: Timestamp,
    /// The last run of it.
    pub until: Timestamp,
    /// The number in the document; `None` if there was no limit, or an unlimited one.
    pub number: Option<u32>,
    /// What demand asked for, whatever guards made of it.
    pub wish: Decision,
    /// The largest number that a run of it wished; `None` if none of them had a number.
    pub wished_max: Option<u32>,
}

/// A person's word for one limit.
#[derive(Clone, Debug, PartialEq)]
pub struct Approval {
    /// Which limit.
    pub key: LimitKey,
    /// Up to which number, in requests per unit.
    pub up_to: u32,
    /// Who said so, for people.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Until when it holds.
    pub until: Timestamp,
}

/// All changes are stopped.
#[derive(Clone, Debug, PartialEq)]
pub struct Pause {
    /// Who stopped them, for people.
    pub by: String,
    /// Why.
    pub why: String,
    /// Since when.
    pub since: Timestamp,
    /// Until when; `None` is until somebody resumes.
    pub until: Option<Timestamp>,
}

impl PlanMemory {
    /// What was known before `at`: later runs are forgotten, and approvals and pauses that do not hold at `at`.
    #[must_use]
    pub fn as_of(mut self, at: Timestamp) -> Self {
        self.first_seen = self.first_seen.filter(|seen| *seen < at);
        self.limits.values_mut().for_each(|limit| limit.cut_at(at));
        self.limits.retain(|_, limit| !limit.stretches.is_empty());
        self.approvals.retain(|approval| approval.at <= at && at < approval.until);
        self.pause = self
            .pause
            .filter(|pause| pause.since <= at && pause.until.is_none_or(|until| at < until));
        self
    }

    /// What was seen of one limit.
    pub fn of(&self, key: &LimitKey) -> &[Stretch] {
        self.limits.get(key).map_or(&[], |limit| &limit.stretches)
    }

    /// The widest approval of a limit that holds.
    pub fn approval(&self, key: &LimitKey) -> Option<&Approval> {
        let of_key = self.approvals.iter().filter(|approval| approval.key == *key);
        of_key.max_by_key(|approval| approval.up_to)
    }
}

impl LimitMemory {
    fn cut_at(&mut self, at: Timestamp) {
        self.stretches.retain(|stretch| stretch.since < at);
        if let Some(last) = self.stretches.last_mut() {
            last.until = last.until.min(at.plus_millis(-1)).max(last.since);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_as_of_then_sees_what_was_known_then() {
        let at = Timestamp::from_secs;
        let stretch = |since, until| Stretch {
            since: at(since),
            until: at(until),
            number: Some(5),
            wish: Decision::Hold,
            wished_max: None,
        };
        let key = LimitKey::new("edge", [("PATH", Some("/a"))]);
        let limit =
            LimitMemory { stretches: vec![stretch(0, 10), stretch(20, 50), stretch(60, 70)] };
        let until = at(45);
        let approval =
            |at, until| Approval { key: key.clone(), up_to: 9, by: String::new(), at, until };
        let memory = PlanMemory {
            first_seen: Some(at(0)),
            limits: [(key.clone(), limit)].into(),
            approvals: vec![
                approval(at(1), at(30)),
                approval(at(39), until),
                approval(at(60), at(99)),
            ],
            pause: Some(Pause {
                by: String::new(),
                why: String::new(),
                since: at(41),
                until: None,
            }),
        };
        let then = memory.as_of(at(40));
        let seen: Vec<i64> = then.of(&key).iter().map(|stretch| stretch.until.as_secs()).collect();
        assert_eq!(seen, [10, 39]);
        assert_eq!(then.approval(&key).map(|approval| approval.until), Some(until));
        assert_eq!((then.pause, then.first_seen), (None, Some(at(0))));
    }
}
