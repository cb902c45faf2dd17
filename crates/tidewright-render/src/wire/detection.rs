//! What a detector says of a row, for machines: one object for each row, with the names of the CSV.

use serde::Serialize;
use tidewright_core::Severity;

use crate::detection::{JudgedRow, ViewFigures};

/// One row, and what is said of it; what could not be said is absent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VerdictV1 {
    /// The series; absent if the input named none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unique_id: Option<String>,
    /// The row's time.
    pub timestamp: String,
    /// Its value; absent for a gap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// The expected value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<f64>,
    /// The least that is normal; absent where that has no end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lower: Option<f64>,
    /// The most that is normal; absent where that has no end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upper: Option<f64>,
    /// How far off it is: 0 as expected, 1 at the edge of normal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// 1 and above once for each event.
    pub alarm: f64,
    /// How likely as much is within four hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// `up` or `down`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<&'static str>,
    /// `info`, `warning`, `critical` or `emergency`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<&'static str>,
    /// What looked at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detector: Option<&'static str>,
    /// `judged`, `learning`, `gap` or `late`.
    pub state: &'static str,
    /// What each view makes of it, if that was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub views: Vec<ViewV1>,
}

/// What one way of looking at a row makes of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ViewV1 {
    /// Its name.
    pub detector: &'static str,
    /// By how much the row departs from what it expects, in the series' unit.
    pub departure: f64,
    /// The departure from which on a row is not normal.
    pub edge: f64,
    /// `-ln` of the probability of as much within four hours.
    pub surprise: f64,
    /// The surprise at the edge.
    pub needed: f64,
    /// What its surprise counts for in the alarm; 0 if it is scored only.
    pub share: f64,
}

impl From<&JudgedRow<'_>> for VerdictV1 {
    fn from(row: &JudgedRow<'_>) -> Self {
        let verdict = &row.verdict;
        let finite = |value: f64| value.is_finite().then_some(value);
        Self {
            unique_id: row.unique_id.map(str::to_owned),
            timestamp: row.time.to_string(),
            value: row.value,
            expected: verdict.band.and_then(|band| finite(band.expected)),
            lower: verdict.band.and_then(|band| finite(band.lower)),
            upper: verdict.band.and_then(|band| finite(band.upper)),
            score: verdict.score,
            alarm: verdict.alarm,
            probability: verdict.surprise.map(|surprise| surprise.probability),
            direction: verdict.surprise.map(|surprise| surprise.direction.as_str()),
            severity: verdict.severity.map(Severity::as_str),
            detector: verdict.surprise.map(|surprise| surprise.detector),
            state: verdict.state.as_str(),
            views: row.views.iter().map(ViewV1::from).collect(),
        }
    }
}

impl From<&ViewFigures> for ViewV1 {
    fn from(view: &ViewFigures) -> Self {
        let ViewFigures { name, departure, edge, surprise, needed, share } = *view;
        Self { detector: name, departure, edge, surprise, needed, share }
    }
}

#[cfg(test)]
mod tests {
    use tidewright_core::{Band, Direction, PointState, Surprise, Timestamp, Verdict};

    use super::*;
    use crate::wire::to_json;

    #[test]
    fn every_field_arrives() {
        let surprise =
            Surprise { probability: 0.25, direction: Direction::Down, detector: "level" };
        let view = ViewFigures {
            name: "level",
            departure: -3.0,
            edge: 2.0,
            surprise: 4.0,
            needed: 3.5,
            share: 0.8,
        };
        let row = JudgedRow {
            unique_id: Some("a"),
            time: Timestamp::from_secs(60),
            value: Some(1.0),
            verdict: Verdict {
                state: PointState::Judged,
                score: Some(1.5),
                alarm: 1.25,
                band: Some(Band { expected: 4.0, lower: 2.0, upper: 6.0 }),
                surprise: Some(surprise),
                severity: Some(Severity::Critical),
            },
            views: vec![view],
        };
        let json: serde_json::Value =
            serde_json::from_str(&to_json(&VerdictV1::from(&row))).expect("it is JSON");
        let expected = serde_json::json!({
            "unique_id": "a", "timestamp": "1970-01-01T00:01:00Z", "value": 1.0, "expected": 4.0,
            "lower": 2.0, "upper": 6.0, "score": 1.5, "alarm": 1.25, "probability": 0.25,
            "direction": "down", "severity": "critical", "detector": "level", "state": "judged",
            "views": [{"detector": "level", "departure": -3.0, "edge": 2.0, "surprise": 4.0,
                "needed": 3.5, "share": 0.8}],
        });
        assert_eq!(json, expected);
        let silent = JudgedRow {
            unique_id: None,
            value: None,
            verdict: Verdict::silent(PointState::Gap),
            views: Vec::new(),
            ..row
        };
        let text = to_json(&VerdictV1::from(&silent)).replace([' ', '\n'], "");
        assert_eq!(text, r#"{"timestamp":"1970-01-01T00:01:00Z","alarm":0.0,"state":"gap"}"#);
    }
}
