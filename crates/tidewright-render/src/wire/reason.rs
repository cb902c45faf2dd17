//! Reasons and remarks for machines: a code to branch on, a sentence to show, and the numbers behind it by name.

use std::collections::BTreeMap;

use serde::Serialize;
use tidewright_core::{Reason, Remark, Unestimable};

/// A reason or a remark.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NoteV1 {
    /// A word for machines.
    pub code: &'static str,
    /// A sentence for people; its wording may change.
    pub text: String,
    /// The numbers and names behind it, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub details: BTreeMap<&'static str, DetailV1>,
}

/// One number or name behind a reason.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum DetailV1 {
    /// A number of things.
    Count(usize),
    /// A measured number.
    Number(f64),
    /// A name or a moment.
    Text(String),
}

impl From<&Reason> for NoteV1 {
    fn from(reason: &Reason) -> Self {
        let details = reason_details(reason).into_iter().collect();
        Self { code: reason.code(), text: reason.to_string(), details }
    }
}

impl From<&Remark> for NoteV1 {
    fn from(remark: &Remark) -> Self {
        let detail = match remark {
            Remark::NoWeeklySeason { days } => Some(("history_days", DetailV1::Number(*days))),
            Remark::Gaps { ratio } => Some(("gaps_ratio", DetailV1::Number(*ratio))),
            _ => None,
        };
        let details = detail.into_iter().collect();
        Self { code: remark_code(remark), text: remark.to_string(), details }
    }
}

fn reason_details(reason: &Reason) -> Vec<(&'static str, DetailV1)> {
    use DetailV1::{Count, Number, Text};
    match reason {
        Reason::Stale { last_seen } => vec![("last_seen", Text(last_seen.to_string()))],
        Reason::ThinData { windows, needed } => {
            vec![("windows", Count(*windows)), ("windows_needed", Count(*needed))]
        }
        Reason::ShortHistory { days, needed } => {
            vec![("history_days", Number(*days)), ("history_days_needed", Number(*needed))]
        }
        Reason::NotEstimable(cause) => unestimable(cause),
        Reason::Excluded { rule } => vec![("rule", Text(rule.clone()))],
        Reason::LowTraffic { peak, threshold } => {
            vec![("peak_per_minute", Number(*peak)), ("threshold_per_minute", Number(*threshold))]
        }
        Reason::OutsideBounds { min, max } => {
            vec![("bound_min", Number(*min)), ("bound_max", Number(*max))]
        }
        Reason::ReplayGate { rejected_ratio, current_ratio, budget_ratio } => vec![
            ("rejected_ratio", Number(*rejected_ratio)),
            ("current_ratio", Number(*current_ratio)),
            ("budget_ratio", Number(*budget_ratio)),
        ],
        Reason::NotEditable { why } => vec![("why", Text(why.clone()))],
        _ => Vec::new(),
    }
}

fn unestimable(cause: &Unestimable) -> Vec<(&'static str, DetailV1)> {
    let (code, name, value) = match cause {
        Unestimable::UnitTooShort(unit) => ("unit_too_short", "unit", unit.name()),
        Unestimable::UnitTooLong(unit) => ("unit_too_long", "unit", unit.name()),
        Unestimable::UnmappedDescriptor(key) => ("unmapped_descriptor", "descriptor", key.as_str()),
        Unestimable::MissingDescriptor(key) => ("missing_descriptor", "descriptor", key.as_str()),
        Unestimable::EachValue(key) => ("each_value", "descriptor", key.as_str()),
        Unestimable::Wildcard(value) => ("wildcard", "value", value.as_str()),
    };
    vec![("cause", DetailV1::Text(code.to_owned())), (name, DetailV1::Text(value.to_owned()))]
}

const fn remark_code(remark: &Remark) -> &'static str {
    match remark {
        Remark::NoWeeklySeason { .. } => "no_weekly_season",
        Remark::TrendCapped => "trend_capped",
        Remark::SeasonalNaive => "seasonal_naive",
        Remark::NoForecast => "no_forecast",
        Remark::Capped => "capped",
        Remark::Floored => "floored",
        Remark::ShadowMode => "shadow_mode",
        Remark::Gaps { .. } => "gaps",
    }
}

#[cfg(test)]
mod tests {
    use tidewright_core::Unit;

    use super::*;
    use crate::wire::to_yaml;

    #[test]
    fn a_reason_carries_its_numbers_by_name() {
        let note = NoteV1::from(&Reason::ThinData { windows: 12, needed: 300 });
        assert_eq!(
            to_yaml(&note),
            "code: thin_data\ntext: only 12 clean windows were measured, 300 are needed\n\
             details:\n  windows: 12\n  windows_needed: 300\n"
        );
    }

    #[test]
    fn a_cause_is_a_word_of_its_own() {
        let note = NoteV1::from(&Reason::NotEstimable(Unestimable::UnitTooShort(Unit::Second)));
        assert_eq!(note.details["cause"], DetailV1::Text("unit_too_short".to_owned()));
        assert_eq!(note.details["unit"], DetailV1::Text("second".to_owned()));
    }

    #[test]
    fn a_plain_reason_has_no_details() {
        assert!(NoteV1::from(&Reason::NoTraffic).details.is_empty());
        assert!(NoteV1::from(&Remark::TrendCapped).details.is_empty());
    }
}
