//! A moment as it is stored: milliseconds since the epoch.

use serde::{Deserialize, Serialize};
use tidewright_core::Timestamp;

/// A moment.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct MomentRow(i64);

/// A moment that may be missing.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct MaybeMomentRow(Option<i64>);

impl From<Timestamp> for MomentRow {
    fn from(moment: Timestamp) -> Self {
        Self(moment.as_millis())
    }
}

impl From<MomentRow> for Timestamp {
    fn from(row: MomentRow) -> Self {
        Self::from_millis(row.0)
    }
}

impl From<Option<Timestamp>> for MaybeMomentRow {
    fn from(moment: Option<Timestamp>) -> Self {
        Self(moment.map(Timestamp::as_millis))
    }
}

impl From<MaybeMomentRow> for Option<Timestamp> {
    fn from(row: MaybeMomentRow) -> Self {
        row.0.map(Timestamp::from_millis)
    }
}
