//! Which numbers of a plan are wanted: those that change, and those that a person releases by name.

use tidewright_core::{Approval, LimitKey, ReviewedLimit};

use super::edit::Wanted;
use super::error::ApplyError;
use super::{APPROVAL_HOLDS, ApplyOrder};

/// The numbers that are wanted, and whose word some of them are.
pub(super) struct Released {
    pub(super) wanted: Vec<Wanted>,
    pub(super) approvals: Vec<Approval>,
}

pub(super) fn released(order: &ApplyOrder<'_>) -> Result<Released, ApplyError> {
    let limits = &order.plan.limits;
    if order.only.is_empty() {
        let changing = limits.iter().filter(|limit| limit.decision.changes());
        let wanted = changing.filter_map(Wanted::of).collect();
        return Ok(Released { wanted, approvals: Vec::new() });
    }
    let mut released = Released { wanted: Vec::new(), approvals: Vec::new() };
    for key in &order.only {
        let found = limits.iter().find(|limit| limit.key == *key);
        let limit = found.ok_or_else(|| ApplyError::Unknown { key: key.clone() })?;
        let wanted = Wanted::of(limit).ok_or_else(|| held(key, limit))?;
        if !limit.decision.changes() {
            released.approvals.push(approval(order, &wanted));
        }
        if !released.wanted.iter().any(|known| known.key == wanted.key) {
            released.wanted.push(wanted);
        }
    }
    Ok(released)
}

fn held(key: &LimitKey, limit: &ReviewedLimit) -> ApplyError {
    ApplyError::Held { key: key.clone(), reason: limit.reason.clone() }
}

fn approval(order: &ApplyOrder<'_>, wanted: &Wanted) -> Approval {
    Approval {
        key: wanted.key.clone(),
        up_to: wanted.to.requests_per_unit,
        by: order.by.clone(),
        at: order.at,
        until: order.at + APPROVAL_HOLDS,
    }
}
