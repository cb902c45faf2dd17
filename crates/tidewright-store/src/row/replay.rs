//! What limits would have rejected, as it is stored.

use serde::{Deserialize, Serialize};
use tidewright_core::{HeldBack, HistoryReplay, Replay, ReplayReport, Timestamp};

use super::SpanRow;
use super::limit::LimitRow;
use super::number::NumberRow;

/// What one limit would have rejected.
#[derive(Debug, Serialize, Deserialize)]
struct ReplayRow {
    windows: usize,
    demand: NumberRow,
    rejected: NumberRow,
    windows_hit: usize,
    worst: Option<(i64, NumberRow)>,
    first: Option<i64>,
    last: Option<i64>,
}

/// What the current and the proposed limit would have rejected.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ReplayReportRow {
    span: SpanRow,
    current: Option<ReplayRow>,
    proposed: ReplayRow,
    current_raw: Option<ReplayRow>,
    proposed_raw: ReplayRow,
    /// The rejected shares of two weeks of clean history, now and proposed.
    history: Option<(NumberRow, NumberRow)>,
    counted_over_limit: Option<NumberRow>,
    held_back: Option<HeldBackRow>,
}

/// The rule tried on days that it had not seen.
#[derive(Debug, Serialize, Deserialize)]
struct HeldBackRow {
    limit: LimitRow,
    replay: ReplayRow,
}

impl From<Replay> for ReplayRow {
    fn from(replay: Replay) -> Self {
        Self {
            windows: replay.windows,
            demand: replay.demand.into(),
            rejected: replay.rejected.into(),
            windows_hit: replay.windows_hit,
            worst: replay.worst.map(|(at, rejected)| (at.as_millis(), rejected.into())),
            first: replay.first.map(Timestamp::as_millis),
            last: replay.last.map(Timestamp::as_millis),
        }
    }
}

impl From<ReplayRow> for Replay {
    fn from(row: ReplayRow) -> Self {
        Self {
            windows: row.windows,
            demand: row.demand.into(),
            rejected: row.rejected.into(),
            windows_hit: row.windows_hit,
            worst: row.worst.map(|(at, rejected)| (Timestamp::from_millis(at), rejected.into())),
            first: row.first.map(Timestamp::from_millis),
            last: row.last.map(Timestamp::from_millis),
        }
    }
}

impl From<ReplayReport> for ReplayReportRow {
    fn from(report: ReplayReport) -> Self {
        Self {
            span: report.span.into(),
            current: report.current.map(Into::into),
            proposed: report.proposed.into(),
            current_raw: report.current_raw.map(Into::into),
            proposed_raw: report.proposed_raw.into(),
            history: report.history.map(|it| (it.current_ratio.into(), it.proposed_ratio.into())),
            counted_over_limit: report.counted_over_limit.map(Into::into),
            held_back: report.held_back.map(Into::into),
        }
    }
}

impl From<ReplayReportRow> for ReplayReport {
    fn from(row: ReplayReportRow) -> Self {
        Self {
            span: row.span.into(),
            current: row.current.map(Into::into),
            proposed: row.proposed.into(),
            current_raw: row.current_raw.map(Into::into),
            proposed_raw: row.proposed_raw.into(),
            history: row.history.map(|(current, proposed)| HistoryReplay {
                current_ratio: current.into(),
                proposed_ratio: proposed.into(),
            }),
            counted_over_limit: row.counted_over_limit.map(Into::into),
            held_back: row.held_back.map(Into::into),
        }
    }
}

impl From<HeldBack> for HeldBackRow {
    fn from(held: HeldBack) -> Self {
        Self { limit: held.limit.into(), replay: held.replay.into() }
    }
}

impl From<HeldBackRow> for HeldBack {
    fn from(row: HeldBackRow) -> Self {
        Self { limit: row.limit.into(), replay: row.replay.into() }
    }
}
