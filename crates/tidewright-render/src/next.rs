//! What would have to happen for a held limit to change: one sentence for each reason, so that nobody has to guess.

use std::time::Duration;

use tidewright_core::{Decision, Limit, Proposal, Reason, Timestamp, Unestimable};

use crate::number;

/// What a person or time has to do; `None` where nothing is held.
pub(crate) fn next(proposal: &Proposal) -> Option<String> {
    if proposal.decision != Decision::Hold {
        return None;
    }
    let sentence = of_data(proposal).or_else(|| of_time(&proposal.reason));
    let sentence = sentence.or_else(|| of_people(proposal))?;
    Some(match (&proposal.reason, proposal.on_approval) {
        (Reason::AwaitsApproval(_), _) | (_, None) => sentence,
        (_, Some(limit)) => format!("{sentence} {}", sooner(proposal, limit)),
    })
}

/// What data have to say first.
fn of_data(proposal: &Proposal) -> Option<String> {
    Some(match &proposal.reason {
        Reason::InsideInterval => inside(proposal),
        Reason::NoTraffic => {
            "It is decided once the metric counts requests for it; if it has traffic, \
            `tidewright doctor` tells what the mapping lacks."
                .to_owned()
        }
        Reason::Stale { .. } => {
            "It is decided again once samples arrive; see why its counter stopped.".to_owned()
        }
        Reason::ThinData { windows, needed } => {
            let missing = number::whole(needed.saturating_sub(*windows));
            format!("It is decided once {missing} more clean windows are measured.")
        }
        Reason::ShortHistory { days, needed } => {
            let wait = number::days((needed - days).max(0.0));
            format!("It can be lowered in {wait}, when history is long enough to know its week.")
        }
        Reason::NotEstimable(why) => measurable(why),
        Reason::LowTraffic { threshold, .. } => {
            let threshold = number::about(*threshold);
            format!("It is decided once its peak reaches {threshold} requests per minute.")
        }
        Reason::ReplayGate { .. } => "It is lowered once the replay of the latest days stays \
            within the budget: once demand has really fallen."
            .to_owned(),
        Reason::NoReplay => "It can be lowered once history holds days beside those that are \
            fitted; nothing has to be done."
            .to_owned(),
        _ => return None,
    })
}

/// What passes by itself.
fn of_time(reason: &Reason) -> Option<String> {
    Some(match reason {
        Reason::AwaitsAgreement { since: Some(since), hours } => {
            format!("It is lowered if every run until {} wishes it.", after(*since, *hours))
        }
        Reason::AwaitsAgreement { since: None, hours } => {
            format!("It is lowered if every run of the next {hours:.0} hours wishes it.")
        }
        Reason::ChangedLately { at, hours } => {
            format!("It may change again at {}.", after(*at, *hours))
        }
        Reason::DayUsedUp => {
            "It may move on when 24 hours have passed since it last moved.".to_owned()
        }
        Reason::FirstDay { .. } => "It may change when a day has passed since this document was \
            seen first."
            .to_owned(),
        Reason::Frozen { until, .. } => format!("It may change again at {until}."),
        _ => return None,
    })
}

/// What somebody has to change or to say.
fn of_people(proposal: &Proposal) -> Option<String> {
    Some(match &proposal.reason {
        Reason::AwaitsApproval(_) => match proposal.on_approval {
            Some(limit) => release(proposal, limit),
            None => "A person has to set it by hand.".to_owned(),
        },
        Reason::Excluded { rule } | Reason::Pinned { rule } => {
            format!("It is decided once `{rule}` no longer names it.")
        }
        Reason::NeverRaise { rule } => {
            format!("A person may raise it by hand, or take it out of `{rule}`.")
        }
        Reason::OutsideBounds { .. } => "A person has to say which of them is wrong: widen the \
            bounds, or bring the limit inside by hand."
            .to_owned(),
        Reason::Unlimited => "It is decided once the document gives it a number.".to_owned(),
        Reason::Blocked => "It is decided once the document gives it a number above 0.".to_owned(),
        Reason::Paused { .. } => "`tidewright limits resume` lets changes go on.".to_owned(),
        Reason::DestinationFull { destination, .. } => format!(
            "It is raised once `{destination}` carries more, or another limit in front of it falls."
        ),
        Reason::NotEditable { .. } => {
            "It is decided once its number is written plainly in the document.".to_owned()
        }
        _ => return None,
    })
}

fn inside(proposal: &Proposal) -> String {
    let Some(estimate) = &proposal.estimate else {
        return "It changes once demand moves away from it.".to_owned();
    };
    let (lower, upper) = (estimate.interval.lower, estimate.interval.upper);
    format!(
        "It changes once demand moves the interval {} to {} away from it.",
        number::about(lower),
        number::about(upper)
    )
}

fn measurable(why: &Unestimable) -> String {
    match why {
        Unestimable::UnitTooShort(_) => {
            "Give it a unit of a minute or more in the document, or set it by hand.".to_owned()
        }
        Unestimable::UnitTooLong(_) => {
            "It is decided once history is long enough, or give it a shorter unit.".to_owned()
        }
        Unestimable::UnmappedDescriptor(key) => {
            format!("Map a label to `{key}` under `TRAFFIC.labels`.")
        }
        Unestimable::MissingDescriptor(key) => {
            format!("Name `{key}` in the limit, or map no label to it under `TRAFFIC.labels`.")
        }
        Unestimable::EachValue(key) => {
            format!("It is decided once the metric has a label for `{key}`.")
        }
        Unestimable::Wildcard(value) => {
            format!("It is decided once the metric has values that match `{value}`.")
        }
    }
}

/// How a person makes a change that would come later, or not at all.
fn sooner(proposal: &Proposal, limit: Limit) -> String {
    format!(
        "A person may set {} from a saved plan: `tidewright limits apply PLAN --only {}`.",
        number::limit(limit),
        proposal.key.name()
    )
}

/// How a person lets a run make it this number.
fn release(proposal: &Proposal, limit: Limit) -> String {
    format!(
        "A person may release {}: `tidewright limits approve {}`.",
        number::limit(limit),
        proposal.key.name()
    )
}

fn after(moment: Timestamp, hours: f64) -> Timestamp {
    moment + Duration::from_secs_f64(hours.max(0.0) * 3600.0)
}

#[cfg(test)]
mod tests {
    use tidewright_core::{LimitKey, Setting, Suspicion, Unit};

    use super::*;

    fn held(reason: Reason, on_approval: Option<u32>) -> Proposal {
        let key = LimitKey::new("edge", [("PATH", Some("/a"))]);
        let current = Some(Setting::Limited(Limit::per_minute(500)));
        let on_approval = on_approval.map(Limit::per_minute);
        Proposal { on_approval, ..Proposal::held(key, current, reason) }
    }

    #[track_caller]
    fn check(reason: Reason, sentence: &str) {
        assert_eq!(next(&held(reason, None)).as_deref(), Some(sentence));
    }

    #[test]
    fn a_cut_says_until_when_it_has_to_be_wished() {
        let since = Some(Timestamp::parse("2026-11-20T08:00:00Z").unwrap());
        check(
            Reason::AwaitsAgreement { since, hours: 24.0 },
            "It is lowered if every run until 2026-11-21T08:00:00Z wishes it.",
        );
    }

    #[test]
    fn thin_data_say_how_much_is_missing() {
        check(
            Reason::ThinData { windows: 60, needed: 1440 },
            "It is decided once 1,380 more clean windows are measured.",
        );
    }

    #[test]
    fn what_waits_for_a_person_names_the_command_and_the_number() {
        let why = Reason::AwaitsApproval(Suspicion::LoneSlowRise { ratio: 2.0 });
        assert_eq!(
            next(&held(why, Some(1_200))).as_deref(),
            Some("A person may release 1,200/min: `tidewright limits approve /a`.")
        );
        let sooner = next(&held(Reason::FirstDay { allowed: 5 }, Some(9))).unwrap();
        assert!(sooner.ends_with("`tidewright limits apply PLAN --only /a`."), "{sooner}");
    }

    #[test]
    fn every_reason_to_hold_says_what_comes_next() {
        let text = || "x".to_owned();
        let at = Timestamp::from_secs(0);
        let unestimable = [
            Unestimable::UnitTooShort(Unit::Second),
            Unestimable::UnitTooLong(Unit::Week),
            Unestimable::UnmappedDescriptor(text()),
            Unestimable::MissingDescriptor(text()),
            Unestimable::EachValue(text()),
            Unestimable::Wildcard(text()),
        ];
        let plain = [
            Reason::InsideInterval,
            Reason::NoTraffic,
            Reason::Stale { last_seen: at },
            Reason::ShortHistory { days: 9.4, needed: 14.0 },
            Reason::Excluded { rule: text() },
            Reason::LowTraffic { peak: 1.0, threshold: 2.0 },
            Reason::OutsideBounds { min: 1.0, max: 2.0 },
            Reason::Unlimited,
            Reason::Blocked,
            Reason::ReplayGate { rejected_ratio: 1.0, current_ratio: 0.0, budget_ratio: 0.0 },
            Reason::NoReplay,
            Reason::AwaitsApproval(Suspicion::RestsOnRejected { without: 3 }),
            Reason::AwaitsAgreement { since: None, hours: 24.0 },
            Reason::ChangedLately { at, hours: 6.0 },
            Reason::DayUsedUp,
            Reason::Frozen { event: text(), until: at },
            Reason::Pinned { rule: text() },
            Reason::Paused { by: text(), why: text() },
            Reason::NeverRaise { rule: text() },
            Reason::DestinationFull { destination: text(), capacity: 1.0, needed: 2.0 },
            Reason::NotEditable { why: text() },
        ];
        for reason in plain.into_iter().chain(unestimable.map(Reason::NotEstimable)) {
            let sentence = next(&held(reason.clone(), None)).unwrap_or_default();
            assert!(sentence.ends_with('.'), "{reason:?}: `{sentence}`");
        }
    }
}
