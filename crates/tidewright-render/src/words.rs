//! Sentences about a proposal: what was done and why, in the words that every output shares.
//!
//! Times are local to the proposal's prime zone and say so.

use tidewright_core::{
    Base, Decision, DemandMethod, Estimate, LimitPlan, Mark, MarkKind, PrimeTime, PrimeWindow,
    Proposal, Replay, TimeSpan, Zone,
};

use crate::number;

/// The zone in which a proposal's times are told: its own, or the plan's, or UTC.
pub(crate) fn zone_of(plan: &LimitPlan, proposal: &Proposal) -> Zone {
    proposal.estimate.as_ref().map_or_else(|| plan_zone(plan), |it| it.prime.zone.clone())
}

/// The zone of the first estimate of a plan, or UTC.
pub(crate) fn plan_zone(plan: &LimitPlan) -> Zone {
    let estimate = plan.proposals.iter().find_map(|proposal| proposal.estimate.as_ref());
    estimate.map_or_else(Zone::utc, |estimate| estimate.prime.zone.clone())
}

/// `2026-11-18 09:00 CET to 2026-11-20 09:00 CET`.
pub(crate) fn span(zone: &Zone, span: TimeSpan) -> String {
    format!("{} to {}", zone.format(span.start), zone.format(span.end))
}

/// `Raised from 1,200/min to 1,500/min`.
pub(crate) fn deed(proposal: &Proposal) -> String {
    let (current, proposed) =
        (number::setting(proposal.current), number::limit_or_none(proposal.proposed));
    match proposal.decision {
        Decision::Create => format!("Created at {proposed}"),
        Decision::Raise => format!("Raised from {current} to {proposed}"),
        Decision::Lower => format!("Lowered from {current} to {proposed}"),
        Decision::Hold if proposal.current.is_none() => "Not created".to_owned(),
        Decision::Hold => format!("Held at {current}"),
    }
}

/// Why, in two or three sentences: the deed, its reason, and what the formula made of demand.
pub(crate) fn why(proposal: &Proposal) -> String {
    let opening = format!("{}: {}.", deed(proposal), proposal.reason);
    match &proposal.estimate {
        Some(estimate) => format!("{opening} {}", formula(estimate)),
        None => opening,
    }
}

fn formula(estimate: &Estimate) -> String {
    let it = &estimate.arithmetic;
    let base = match (it.base_from, it.forecast) {
        (Base::Forecast, Some(forecast)) => format!(
            "A forecast maximum of {} over the next {}",
            number::figure(it.base),
            number::days(forecast.horizon_days)
        ),
        _ => format!("A clean peak of {}", number::figure(it.base)),
    };
    format!(
        "{base}, times {} for the cache and {} for safety, makes {}; the formula's limit is {}.",
        number::figure(it.cache_ratio),
        number::figure(it.safety_margin),
        number::figure(it.unrounded),
        number::limit(estimate.limit)
    )
}

/// The prime windows of a week.
pub(crate) fn prime(prime: &PrimeTime) -> String {
    let windows = |windows: &[PrimeWindow]| match windows {
        [] => "none".to_owned(),
        [only] if *only == PrimeWindow::ALL_DAY => "all day".to_owned(),
        _ => windows.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    let (weekday, weekend) = (windows(&prime.weekday), windows(&prime.weekend));
    format!("Mon-Fri {weekday}; Sat-Sun {weekend} ({})", prime.zone.name())
}

/// How demand was read, for people.
pub(crate) const fn method(method: DemandMethod) -> &'static str {
    match method {
        DemandMethod::Edges => "differences of each counter at the window edges",
        DemandMethod::Increase => "`increase()` in the server",
        DemandMethod::Query => "the configured query",
        DemandMethod::File => "rows of a file",
        DemandMethod::Synthetic => "synthetic",
    }
}

/// The word for a mark.
pub(crate) const fn mark(kind: MarkKind) -> &'static str {
    match kind {
        MarkKind::Spike => "spike",
        MarkKind::Outage => "outage",
        MarkKind::Launch => "launch",
        MarkKind::Decline => "decline",
        MarkKind::SlowRise => "slow rise",
        MarkKind::Gap => "gap",
    }
}

/// Whether a marked stretch still counts; if so it is a lasting change, not an incident.
pub(crate) const fn is_kept(kind: MarkKind) -> bool {
    matches!(kind, MarkKind::Launch | MarkKind::Decline | MarkKind::SlowRise)
}

/// What was done with a marked stretch.
const fn treatment(kind: MarkKind) -> &'static str {
    match kind {
        MarkKind::Spike | MarkKind::Outage => "left out",
        MarkKind::Launch => "kept: growth",
        MarkKind::Decline => "kept",
        MarkKind::SlowRise => "kept and reported",
        MarkKind::Gap => "nothing was measured",
    }
}

/// `×4.2 of what was expected, left out`.
pub(crate) fn mark_note(mark: &Mark) -> String {
    let ratio =
        mark.ratio.map(|ratio| format!("×{} of what was expected, ", number::figure(ratio)));
    ratio.unwrap_or_default() + treatment(mark.kind)
}

/// `1,234 (0.12 %)`.
pub(crate) fn rejected(replay: Option<&Replay>) -> String {
    match replay {
        Some(replay) if replay.rejected > 0.0 => {
            let share = number::share(replay.rejected_ratio());
            format!("{} ({share})", number::count(replay.rejected))
        }
        Some(_) => "0".to_owned(),
        None => number::NONE.to_owned(),
    }
}

/// `345 at 2026-11-18 20:15 CET`.
pub(crate) fn worst(replay: Option<&Replay>, zone: &Zone) -> String {
    match replay.and_then(|replay| replay.worst) {
        Some((at, rejected)) => format!("{} at {}", number::count(rejected), zone.format(at)),
        None => number::NONE.to_owned(),
    }
}
