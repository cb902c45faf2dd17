//! A look at the limits of today: which are unsafe, which somebody else changed, and which demand has left behind.
//!
//! Pure functions from a plan, the rules and the revisions to findings; nothing is decided anew and nothing is written.

mod edited;
mod hazard;

use std::collections::BTreeMap;

use tidewright_core::{
    DocumentHome, Finding, FindingKind, LimitKey, LimitTarget, Policy, Proposal, Remark,
    ReviewedDocument, ReviewedLimit, ReviewedPlan, Revision, Setting, Timestamp,
};

use crate::apply::{ApplyError, load_settings, sha256};
use crate::cycle::Planned;
use edited::edited;
use hazard::hazards;

/// What there is to look at in a plan of now: the most urgent kind first, then in the order of the document.
pub fn check_plan(planned: &Planned, policy: &Policy, revisions: &[Revision]) -> Vec<Finding> {
    let plan = &planned.record.plan;
    let mut findings = hazards(&plan.proposals, policy);
    if let Some(place) = &plan.document {
        let now = |proposal: &Proposal| Some((proposal.key.clone(), proposal.current?));
        let now: Vec<_> = plan.proposals.iter().filter_map(now).collect();
        findings.extend(edited(place, &now, revisions));
    }
    findings.extend(plan.proposals.iter().filter_map(drifted));
    findings
}

/// What there is to look at in the document of today, compared with a plan that was put aside.
///
/// # Errors
/// [`ApplyError`] if the document cannot be read.
pub async fn check_reviewed(
    plan: &ReviewedPlan,
    current: &dyn LimitTarget,
    revisions: &[Revision],
) -> Result<Vec<Finding>, ApplyError> {
    let settings = load_settings(current).await?;
    let by_key: BTreeMap<&LimitKey, Setting> =
        settings.iter().map(|(key, setting)| (key, *setting)).collect();
    let now = |key: &LimitKey| by_key.get(key).copied();
    // What was unsafe then is so now while the number is the same.
    let still = |finding: &&Finding| now(&finding.key) == finding.current;
    let mut findings: Vec<Finding> = plan.unsafe_limits.iter().filter(still).cloned().collect();
    findings.extend(edited(&current.describe(), &settings, revisions));
    findings.extend(plan.limits.iter().filter_map(|limit| behind(limit, now(&limit.key))));
    Ok(findings)
}

/// Puts a plan aside for review.
pub fn review(
    planned: &Planned,
    policy: &Policy,
    home: DocumentHome,
    now: Timestamp,
) -> ReviewedPlan {
    let record = &planned.record;
    let document = record.plan.document.as_ref().zip(planned.old_document.as_deref());
    let document = document
        .map(|(place, bytes)| ReviewedDocument { place: place.clone(), sha256: sha256(bytes) });
    ReviewedPlan {
        run: record.id.clone(),
        created: now,
        inputs_hash: record.inputs_hash.clone(),
        policy_hash: sha256(format!("{policy:?}").as_bytes()),
        document,
        home,
        limits: record.plan.proposals.iter().map(reviewed).collect(),
        unsafe_limits: hazards(&record.plan.proposals, policy),
    }
}

fn reviewed(proposal: &Proposal) -> ReviewedLimit {
    ReviewedLimit {
        key: proposal.key.clone(),
        current: proposal.current,
        decision: proposal.decision,
        proposed: proposal.proposed,
        reason: reason(proposal),
        on_approval: proposal.on_approval,
    }
}

/// Why, and how far demand would go.
fn reason(proposal: &Proposal) -> String {
    let paced = |remark: &&Remark| matches!(remark, Remark::Paced { .. });
    match proposal.remarks.iter().find(paced) {
        Some(paced) => format!("{}; {paced}", proposal.reason),
        None => proposal.reason.to_string(),
    }
}

/// A change that is proposed, or would be if a person said so.
fn drifted(proposal: &Proposal) -> Option<Finding> {
    let limit = reviewed(proposal);
    let should_be = limit.wanted()?;
    let (key, current, why) = (limit.key, limit.current, limit.reason);
    Some(Finding { key, kind: FindingKind::Drifted, current, should_be: Some(should_be), why })
}

/// A number that the plan wants and that is not there yet.
fn behind(limit: &ReviewedLimit, now: Option<Setting>) -> Option<Finding> {
    let wanted = limit.wanted().filter(|wanted| now != Some(Setting::Limited(*wanted)))?;
    let why = if now == limit.current {
        limit.reason.clone()
    } else {
        format!("{}; it has changed since the plan was made", limit.reason)
    };
    let (key, kind) = (limit.key.clone(), FindingKind::Drifted);
    Some(Finding { key, kind, current: now, should_be: Some(wanted), why })
}

#[cfg(test)]
mod tests;
