//! Sentences about a proposal: what was done and why, in the words that every output shares.
//!
//! Times are local to the proposal's prime zone and say so.

use tidewright_core::{
    Base, Decision, DemandMethod, Estimate, LimitPlan, PrimeTime, PrimeWindow, Proposal, Remark,
    Replay, TimeSpan, Zone,
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

/// `2026-11-18 09:00 to 2026-11-20 09:00 CET`, `2026-11-18 09:00 to 09:20 CET`; the offset is told twice where it changes.
pub(crate) fn span(zone: &Zone, span: TimeSpan) -> String {
    let part = |at, pattern| zone.strftime(at, pattern);
    let same = |pattern| part(span.start, pattern) == part(span.end, pattern);
    let (start, end) = match (same("%Z"), same("%Y-%m-%d")) {
        (true, true) => ("%Y-%m-%d %H:%M", "%H:%M %Z"),
        (true, false) => ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M %Z"),
        (false, _) => ("%Y-%m-%d %H:%M %Z", "%Y-%m-%d %H:%M %Z"),
    };
    format!("{} to {}", part(span.start, start), part(span.end, end))
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

/// `raise`, or `hold (on approval 1,200)`.
pub(crate) fn decision(proposal: &Proposal) -> String {
    match waiting(proposal) {
        Some(number) => format!("{} (on approval {number})", proposal.decision.name()),
        None => proposal.decision.name().to_owned(),
    }
}

/// Why, how far demand would go, and what a person may release.
pub(crate) fn reason(proposal: &Proposal) -> String {
    let paced = proposal.remarks.iter().find_map(|remark| match remark {
        Remark::Paced { target } => Some(number::count(f64::from(*target))),
        _ => None,
    });
    let paced = paced.map(|target| format!("; paced, demand asks for {target}"));
    let waiting = waiting(proposal).map(|number| format!("; on approval {number}"));
    format!("{}{}{}", proposal.reason, paced.unwrap_or_default(), waiting.unwrap_or_default())
}

/// The number that a person may release.
fn waiting(proposal: &Proposal) -> Option<String> {
    let limit = proposal.on_approval?;
    Some(number::count(f64::from(limit.requests_per_unit)))
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
            number::about(it.base),
            number::days(forecast.horizon_days)
        ),
        _ => format!("A clean peak of {}", number::about(it.base)),
    };
    let factor = |factor: f64, what: &str| match factor {
        1.0 => String::new(),
        _ => format!("{} for {what}, ", number::figure(factor)),
    };
    format!(
        "{base}, times {}{}{} for the cache and {} for safety, makes {}; the formula's limit is {}.",
        factor(it.event_factor, "an expected event"),
        factor(it.unseen_factor, "what a short history has not shown"),
        number::figure(it.cache_ratio),
        number::figure(it.safety_margin),
        number::about(it.unrounded),
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
