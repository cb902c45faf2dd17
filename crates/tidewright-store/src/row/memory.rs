//! What earlier runs saw of a limit, as it is stored.
//!
//! What a memory may hold is bounded here, whoever asks: what is older than any guard looks back is forgotten.

use serde::{Deserialize, Serialize};
use tidewright_core::{LimitKey, LimitMemory, PlanMemory, Stretch, Timestamp};

use super::RowError;
use super::limit::KeyRow;
use super::moment::MomentRow;
use super::proposal::DecisionRow;

/// Stretches that ended longer before the latest one are forgotten: no guard looks back further than some days.
const STRETCH_DAYS_MAX: i64 = 30;

/// The latest stretches that are kept of a limit: more than six a day for a month, which is a limit that somebody
/// fights over.
const STRETCHES_MAX: usize = 200;

const DAY_MS: i64 = 86_400_000;

/// A time in which every run saw and wished the same.
#[derive(Debug, Serialize, Deserialize)]
struct StretchRow {
    since: MomentRow,
    until: MomentRow,
    number: Option<u32>,
    wish: DecisionRow,
    wished_max: Option<u32>,
}

/// The columns `key` and `stretches` of each limit that is worth remembering.
pub(crate) fn write(memory: &PlanMemory) -> Result<Vec<(String, String)>, RowError> {
    let stretches = memory.limits.values().flat_map(|limit| &limit.stretches);
    let latest = stretches.map(|stretch| stretch.until).max().unwrap_or_default();
    let oldest = latest.plus_millis(-STRETCH_DAYS_MAX * DAY_MS);
    let rows = memory.limits.iter().map(|(key, limit)| (key, kept(limit, oldest)));
    let rows = rows.filter(|(_, stretches)| !stretches.is_empty());
    rows.map(|(key, stretches)| Ok((write_key(key)?, serde_json::to_string(&stretches)?))).collect()
}

/// One limit of these columns.
pub(crate) fn read(key: &str, stretches: &str) -> Result<(LimitKey, LimitMemory), RowError> {
    let rows: Vec<StretchRow> = serde_json::from_str(stretches)?;
    let stretches = rows.into_iter().map(Stretch::from).collect();
    Ok((read_key(key)?, LimitMemory { stretches }))
}

/// The column `key` of a limit.
pub(crate) fn write_key(key: &LimitKey) -> Result<String, RowError> {
    Ok(serde_json::to_string(&KeyRow::from(key))?)
}

/// The limit of a column `key`.
pub(crate) fn read_key(key: &str) -> Result<LimitKey, RowError> {
    Ok(serde_json::from_str::<KeyRow>(key)?.into())
}

fn kept(limit: &LimitMemory, oldest: Timestamp) -> Vec<StretchRow> {
    let recent = limit.stretches.iter().filter(|stretch| oldest <= stretch.until);
    let recent: Vec<StretchRow> = recent.map(StretchRow::from).collect();
    let beyond = recent.len().saturating_sub(STRETCHES_MAX);
    recent.into_iter().skip(beyond).collect()
}

impl From<&Stretch> for StretchRow {
    fn from(stretch: &Stretch) -> Self {
        Self {
            since: stretch.since.into(),
            until: stretch.until.into(),
            number: stretch.number,
            wish: stretch.wish.into(),
            wished_max: stretch.wished_max,
        }
    }
}

impl From<StretchRow> for Stretch {
    fn from(row: StretchRow) -> Self {
        Self {
            since: row.since.into(),
            until: row.until.into(),
            number: row.number,
            wish: row.wish.into(),
            wished_max: row.wished_max,
        }
    }
}

#[cfg(test)]
mod tests {
    use tidewright_core::Decision;

    use super::*;

    fn memory(untils: impl IntoIterator<Item = i64>) -> PlanMemory {
        let stretch = |until| Stretch {
            since: Timestamp::from_millis(until),
            until: Timestamp::from_millis(until),
            number: Some(5),
            wish: Decision::Hold,
            wished_max: None,
        };
        let key = LimitKey::new("edge", [("PATH", Some("/a"))]);
        let stretches = untils.into_iter().map(stretch).collect();
        let limits = [(key, LimitMemory { stretches })].into();
        PlanMemory { limits, ..PlanMemory::default() }
    }

    fn kept_untils(memory: &PlanMemory) -> Vec<i64> {
        let rows = write(memory).unwrap();
        let read = rows.iter().map(|(key, stretches)| read(key, stretches).unwrap().1);
        read.flat_map(|limit| limit.stretches).map(|stretch| stretch.until.as_millis()).collect()
    }

    #[test]
    fn stretches_older_than_thirty_days_are_forgotten() {
        let days = |n: i64| n * DAY_MS;
        let kept = kept_untils(&memory([days(0), days(1), days(9), days(31)]));
        assert_eq!(kept, [days(1), days(9), days(31)]);
    }

    #[test]
    fn a_limit_that_changes_without_end_keeps_its_latest_stretches() {
        let kept = kept_untils(&memory(0..1000));
        assert_eq!((kept.len(), kept.first()), (STRETCHES_MAX, Some(&800)));
    }
}
