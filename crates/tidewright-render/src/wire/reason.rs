//! Reasons and remarks for machines: a code to branch on, a sentence to show, and the numbers behind it by name.

use std::collections::BTreeMap;

use serde::Serialize;
use tidewright_core::{Reason, Remark, Suspicion, Unestimable};

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
        let details = remark_details(remark).into_iter().collect();
        Self { code: remark_code(remark), text: remark.to_string(), details }
    }
}

type Details = Vec<(&'static str, DetailV1)>;

fn number(name: &'static str, value: f64) -> (&'static str, DetailV1) {
    (name, DetailV1::Number(value))
}

fn count(name: &'static str, value: usize) -> (&'static str, DetailV1) {
    (name, DetailV1::Count(value))
}

fn text(name: &'static str, value: &(impl ToString + ?Sized)) -> (&'static str, DetailV1) {
    (name, DetailV1::Text(value.to_string()))
}

fn reason_details(reason: &Reason) -> Details {
    match reason {
        Reason::Stale { last_seen } => vec![text("last_seen", last_seen)],
        Reason::ThinData { windows, needed } => {
            vec![count("windows", *windows), count("windows_needed", *needed)]
        }
        Reason::ShortHistory { days, needed } => {
            vec![number("history_days", *days), number("history_days_needed", *needed)]
        }
        Reason::NotEstimable(cause) => unestimable(cause),
        Reason::Excluded { rule } | Reason::Pinned { rule } | Reason::NeverRaise { rule } => {
            vec![text("rule", rule)]
        }
        Reason::LowTraffic { peak, threshold } => {
            vec![number("peak_per_minute", *peak), number("threshold_per_minute", *threshold)]
        }
        Reason::OutsideBounds { min, max } => {
            vec![number("bound_min", *min), number("bound_max", *max)]
        }
        Reason::ReplayGate { rejected_ratio, current_ratio, budget_ratio } => vec![
            number("rejected_ratio", *rejected_ratio),
            number("current_ratio", *current_ratio),
            number("budget_ratio", *budget_ratio),
        ],
        Reason::AwaitsApproval(why) => suspicion(*why),
        Reason::NotEditable { why } => vec![text("why", why)],
        _ => guard_details(reason),
    }
}

/// What guards in wall time, people and destinations say.
fn guard_details(reason: &Reason) -> Details {
    match reason {
        Reason::AwaitsAgreement { since, hours } => {
            let since = since.map(|since| text("since", &since));
            since.into_iter().chain([number("hours_needed", *hours)]).collect()
        }
        Reason::ChangedLately { at, hours } => {
            vec![text("changed_at", at), number("hours_needed", *hours)]
        }
        Reason::FirstDay { allowed } => vec![count("changes_allowed", *allowed)],
        Reason::Frozen { event, until } => vec![text("event", event), text("until", until)],
        Reason::Paused { by, why } => vec![text("by", by), text("why", why)],
        Reason::DestinationFull { destination, capacity, needed } => vec![
            text("destination", destination),
            number("capacity_per_minute", *capacity),
            number("needed_per_minute", *needed),
        ],
        _ => Vec::new(),
    }
}

fn suspicion(why: Suspicion) -> Details {
    match why {
        Suspicion::RestsOnRejected { without } => vec![
            text("cause", "rests_on_rejected"),
            number("limit_without_rejected", f64::from(without)),
        ],
        Suspicion::RiseWithErrors { before, after } => vec![
            text("cause", "rise_with_errors"),
            number("error_ratio_before", before),
            number("error_ratio_after", after),
        ],
        Suspicion::LoneSlowRise { ratio } => {
            vec![text("cause", "lone_slow_rise"), number("rise_ratio", ratio)]
        }
    }
}

fn remark_details(remark: &Remark) -> Details {
    match remark {
        Remark::NoWeeklySeason { days } => vec![number("history_days", *days)],
        Remark::Gaps { ratio } => vec![number("gaps_ratio", *ratio)],
        Remark::Paced { target } => vec![number("target", f64::from(*target))],
        Remark::Approved { by, at } => vec![text("by", by), text("at", at)],
        Remark::EventExpected { event, factor } => {
            vec![text("event", event), number("factor", *factor)]
        }
        Remark::ContractFloor { rule } => vec![text("rule", rule)],
        Remark::SumOf { series } => vec![count("series", *series)],
        Remark::EachValue { values, decisive } => {
            vec![count("values", *values), text("decisive", decisive)]
        }
        Remark::Rejected { windows } => vec![count("windows", *windows)],
        Remark::ReplayError { ratio } => vec![number("error_ratio", *ratio)],
        Remark::TrendCapped
        | Remark::SeasonalNaive
        | Remark::NoForecast
        | Remark::Capped
        | Remark::Floored
        | Remark::ShadowMode
        | Remark::Censored
        | Remark::Moved => Vec::new(),
    }
}

fn unestimable(cause: &Unestimable) -> Details {
    let (code, name, value) = match cause {
        Unestimable::UnitTooShort(unit) => ("unit_too_short", "unit", unit.name()),
        Unestimable::UnitTooLong(unit) => ("unit_too_long", "unit", unit.name()),
        Unestimable::UnmappedDescriptor(key) => ("unmapped_descriptor", "descriptor", key.as_str()),
        Unestimable::MissingDescriptor(key) => ("missing_descriptor", "descriptor", key.as_str()),
        Unestimable::EachValue(key) => ("each_value", "descriptor", key.as_str()),
        Unestimable::Wildcard(value) => ("wildcard", "value", value.as_str()),
    };
    vec![text("cause", code), text(name, value)]
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
        Remark::Paced { .. } => "paced",
        Remark::Approved { .. } => "approved",
        Remark::EventExpected { .. } => "event_expected",
        Remark::ContractFloor { .. } => "contract_floor",
        Remark::SumOf { .. } => "sum_of",
        Remark::EachValue { .. } => "each_value",
        Remark::Rejected { .. } => "rejected",
        Remark::Censored => "censored",
        Remark::ReplayError { .. } => "replay_error",
        Remark::Moved => "moved",
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
