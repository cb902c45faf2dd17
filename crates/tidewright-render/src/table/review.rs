//! A plan that was put aside, as its reviewer reads it.

use tidewright_core::{Decision, ReviewedLimit, ReviewedPlan, Setting};

use super::rows::Rows;
use crate::layout::{Align, wrap};
use crate::number;

/// All limits of the plan with what is proposed and why, how many of each, and where the plan comes from.
pub fn reviewed_table(plan: &ReviewedPlan, width: usize) -> String {
    let header = vec![
        ("LIMIT", Align::Left),
        ("CURRENT", Align::Right),
        ("PROPOSED", Align::Right),
        ("CHANGE", Align::Right),
        ("DECISION", Align::Left),
    ];
    let mut rows = Rows::new(header, "REASON", width);
    for limit in &plan.limits {
        rows.row(cells(limit), reason(limit));
    }
    let closing = [summary(plan), origin(plan)];
    let closing = closing.map(|line| wrap(&line, width).join("\n") + "\n").concat();
    format!("{}\n{closing}", rows.render())
}

fn cells(limit: &ReviewedLimit) -> Vec<String> {
    vec![
        limit.key.name(),
        number::setting(limit.current),
        number::limit_or_none(limit.proposed),
        number::change(change_ratio(limit)),
        limit.decision.name().to_owned(),
    ]
}

fn change_ratio(limit: &ReviewedLimit) -> Option<f64> {
    let Some(Setting::Limited(current)) = limit.current else { return None };
    let (from, to) = (current.requests_per_unit, limit.proposed?.requests_per_unit);
    (from > 0).then(|| f64::from(to) / f64::from(from) - 1.0)
}

fn reason(limit: &ReviewedLimit) -> String {
    match limit.on_approval.filter(|_| !limit.decision.changes()) {
        Some(waits) => format!(
            "{}; on approval {}",
            limit.reason,
            number::count(f64::from(waits.requests_per_unit))
        ),
        None => limit.reason.clone(),
    }
}

fn summary(plan: &ReviewedPlan) -> String {
    let count = |decision| {
        let limits = plan.limits.iter().filter(|limit| limit.decision == decision);
        number::whole(limits.count())
    };
    format!(
        "{}: {} raised, {} lowered, {} created, {} held",
        number::plural(plan.limits.len(), "limit"),
        count(Decision::Raise),
        count(Decision::Lower),
        count(Decision::Create),
        count(Decision::Hold)
    )
}

fn origin(plan: &ReviewedPlan) -> String {
    let document = plan.document.as_ref().map_or_else(
        || "for a new document".to_owned(),
        |document| format!("for `{}`", document.place),
    );
    format!("run {}, put aside at {}, {document}", plan.run, plan.created)
}
