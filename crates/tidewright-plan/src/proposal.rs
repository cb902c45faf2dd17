//! Whether a computed limit may replace the current one.
//!
//! The rules stand in the order in which they are asked; the first that applies is the reason. All of them can only
//! hold; what passes them all is proposed, and a cut still has to pass the replay gate.

use tidewright_core::{
    BoundEffect, Decision, DemandStatistics, Estimate, Exclusions, Limit, LimitKey, Policy,
    Proposal, Reason, Remark, Setting, Timestamp, Unestimable, Unit,
};

use crate::demand::windows_needed;
use crate::formula::{Terms, scaled_bounds};

/// Why this limit is left alone whatever its demand: somebody meant what it says.
pub fn screen(key: &LimitKey, current: Option<Setting>, exclusions: &Exclusions) -> Option<Reason> {
    match current {
        Some(Setting::Unlimited) => return Some(Reason::Unlimited),
        Some(Setting::Limited(limit)) if limit.requests_per_unit == 0 => {
            return Some(Reason::Blocked);
        }
        Some(Setting::Limited(_)) | None => {}
    }
    excluding_rule(key, exclusions).map(|rule| Reason::Excluded { rule: rule.to_owned() })
}

/// Why no demand per `unit` can be measured: windows of `step_ms` are what the source delivers.
pub fn unit_reason(unit: Unit, step_ms: i64) -> Option<Reason> {
    let why = if unit.secs() * 1000 < step_ms {
        Unestimable::UnitTooShort(unit)
    } else if windows_needed(unit).is_none() {
        Unestimable::UnitTooLong(unit)
    } else {
        return None;
    };
    Some(Reason::NotEstimable(why))
}

/// Why these measurements do not carry a decision as of `at`.
pub fn admit(
    statistics: &DemandStatistics,
    unit: Unit,
    at: Timestamp,
    policy: &Policy,
) -> Option<Reason> {
    let last_seen = statistics.last_seen;
    // The last whole window of a longer unit ended up to one unit ago.
    let age_max = policy.guards.stale_after.as_millis() as i64 + unit.secs() * 1000;
    if at.as_millis() - last_seen.as_millis() > age_max {
        return Some(Reason::Stale { last_seen });
    }
    let windows = statistics.windows - statistics.gaps - statistics.masked;
    let needed = windows_needed(unit).unwrap_or(usize::MAX);
    (windows < needed).then_some(Reason::ThinData { windows, needed })
}

/// What should become of the limit, before the replay gate.
pub fn propose(
    key: LimitKey,
    current: Option<Setting>,
    estimate: Estimate,
    terms: &Terms<'_>,
) -> Proposal {
    let (decision, reason) = decide(&key, current, &estimate, terms);
    let remark = match (estimate.arithmetic.bound_effect, &terms.bounds.floor_rule) {
        (BoundEffect::Inside, _) => None,
        (BoundEffect::Floored, None) => Some(Remark::Floored),
        (BoundEffect::Floored, Some(rule)) => Some(Remark::ContractFloor { rule: rule.clone() }),
        (BoundEffect::Capped, _) => Some(Remark::Capped),
    };
    let held = Proposal::held(key, current, reason);
    let proposed = if decision.changes() { Some(estimate.limit) } else { held.proposed };
    let (wish, remarks, estimate) = (decision, remark.into_iter().collect(), Some(estimate));
    Proposal { decision, wish, proposed, remarks, estimate, ..held }
}

fn decide(
    key: &LimitKey,
    current: Option<Setting>,
    estimate: &Estimate,
    terms: &Terms<'_>,
) -> (Decision, Reason) {
    let policy = terms.policy;
    if let Some(reason) = low_traffic(key, estimate, policy) {
        return (Decision::Hold, reason);
    }
    let Some(current) = current_limit(current) else {
        return (Decision::Create, Reason::NoCurrentLimit);
    };
    let number = f64::from(current.requests_per_unit);
    let (min, max) = scaled_bounds(&terms.bounds.bounds, current.unit);
    if number < min || max < number {
        return (Decision::Hold, Reason::OutsideBounds { min, max });
    }
    if number < estimate.interval.lower {
        return (Decision::Raise, Reason::DemandAboveLimit);
    }
    if number <= estimate.interval.upper {
        return (Decision::Hold, Reason::InsideInterval);
    }
    let needed = policy.guards.history_for_cut.as_secs_f64() / 86_400.0;
    let days = estimate.statistics.history_days;
    if days < needed {
        return (Decision::Hold, Reason::ShortHistory { days, needed });
    }
    (Decision::Lower, Reason::DemandBelowLimit)
}

fn current_limit(current: Option<Setting>) -> Option<Limit> {
    match current? {
        Setting::Limited(limit) => Some(limit),
        Setting::Unlimited => None,
    }
}

fn low_traffic(key: &LimitKey, estimate: &Estimate, policy: &Policy) -> Option<Reason> {
    let partner = key.value_of(&policy.exclusions.partner_descriptor)?;
    if !policy.exclusions.low_traffic.iter().any(|listed| listed == partner) {
        return None;
    }
    let minutes = estimate.limit.unit.secs() as f64 / 60.0;
    let peak = estimate.statistics.peak.value / minutes;
    let threshold = policy.guards.low_traffic_threshold;
    (peak < threshold).then_some(Reason::LowTraffic { peak, threshold })
}

fn excluding_rule(key: &LimitKey, exclusions: &Exclusions) -> Option<&'static str> {
    let partner = key.value_of(&exclusions.partner_descriptor);
    let path = key.value_of(&exclusions.path_descriptor);
    let listed = |list: &[String], value: Option<&str>| {
        value.is_some_and(|value| list.iter().any(|v| v == value))
    };
    if listed(&exclusions.partners, partner) {
        return Some("EXCLUSIONS.partners");
    }
    if listed(&exclusions.paths, path) {
        return Some("EXCLUSIONS.paths");
    }
    let paths = exclusions.partner_paths.get(partner?)?;
    listed(paths, path).then_some("EXCLUSIONS.conditional_exclusions.partner_paths")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::formula::{Learned, estimate};
    use tidewright_core::{CacheFrom, Peak, PrimeTime, Quantile, Zone};

    /// A series with this peak per window after so many days without gaps, as of the end of its history.
    pub(crate) fn learned(peak: f64, days: f64) -> Learned {
        let peak = Peak {
            quantile: Quantile::new(0.99).unwrap(),
            value: peak,
            windows: 1000,
            maximum: peak * 1.1,
            maximum_at: Timestamp::from_secs(0),
        };
        let statistics = DemandStatistics {
            windows: (days * 1440.0) as usize,
            gaps: 0,
            masked: 0,
            history_days: days,
            last_seen: Timestamp::from_millis((days * 86_400_000.0) as i64),
            peak,
        };
        Learned {
            statistics,
            prime: PrimeTime::always(Zone::utc()),
            forecast: None,
            model: "none".to_owned(),
            peak_without_rejected: None,
            event_factor: 1.0,
            unseen_factor: 1.0,
            cache: CacheFrom::Configured,
        }
    }

    /// The terms of a limit that no rule is about.
    pub(crate) fn terms(unit: Unit, policy: &Policy) -> Terms<'_> {
        Terms::of(&key(), unit, policy)
    }

    fn key() -> LimitKey {
        LimitKey::new("edge", [("PARTNER", Some("p")), ("PATH", Some("/a"))])
    }

    /// The decision for a current limit where demand asks for 1300 a minute.
    fn decision(current: u32, days: f64, policy: &Policy) -> (Decision, &'static str) {
        let terms = terms(Unit::Minute, policy);
        let estimate = estimate(learned(1000.0, days), &terms);
        let current = Some(Setting::Limited(Limit::per_minute(current)));
        let proposal = propose(key(), current, estimate, &terms);
        (proposal.decision, proposal.reason.code())
    }

    #[test]
    fn a_limit_below_the_interval_is_raised_and_one_above_is_lowered() {
        let policy = Policy::default();
        assert_eq!(decision(1000, 28.0, &policy), (Decision::Raise, "demand_above_limit"));
        assert_eq!(decision(1300, 28.0, &policy), (Decision::Hold, "inside_interval"));
        assert_eq!(decision(3000, 28.0, &policy), (Decision::Lower, "demand_below_limit"));
    }

    #[test]
    fn below_14_days_of_history_no_limit_is_cut() {
        assert_eq!(decision(3000, 13.9, &Policy::default()), (Decision::Hold, "short_history"));
        assert_eq!(decision(1000, 2.0, &Policy::default()).0, Decision::Raise);
    }

    #[test]
    fn a_current_limit_outside_the_bounds_is_reported_and_held() {
        assert_eq!(decision(50, 28.0, &Policy::default()), (Decision::Hold, "outside_bounds"));
        assert_eq!(decision(200_000, 28.0, &Policy::default()), (Decision::Hold, "outside_bounds"));
    }

    #[test]
    fn zero_and_unlimited_are_never_touched() {
        let zero = Some(Setting::Limited(Limit::per_minute(0)));
        assert_eq!(screen(&key(), zero, &Exclusions::default()), Some(Reason::Blocked));
        assert_eq!(
            screen(&key(), Some(Setting::Unlimited), &Exclusions::default()),
            Some(Reason::Unlimited)
        );
        assert_eq!(screen(&key(), None, &Exclusions::default()), None);
    }

    #[test]
    fn exclusions_name_their_rule() {
        let check = |exclusions: Exclusions| match screen(&key(), None, &exclusions) {
            Some(Reason::Excluded { rule }) => rule,
            other => format!("{other:?}"),
        };
        let base = Exclusions::default;
        assert_eq!(
            check(Exclusions { partners: vec!["p".into()], ..base() }),
            "EXCLUSIONS.partners"
        );
        assert_eq!(check(Exclusions { paths: vec!["/a".into()], ..base() }), "EXCLUSIONS.paths");
        let partner_paths = [("p".to_owned(), vec!["/a".to_owned()])].into();
        let found = check(Exclusions { partner_paths, ..base() });
        assert_eq!(found, "EXCLUSIONS.conditional_exclusions.partner_paths");
        // A value in the other role does not count.
        assert_eq!(check(Exclusions { partners: vec!["/a".into()], ..base() }), "None");
    }

    #[test]
    fn a_partner_of_the_low_traffic_list_is_held_while_it_is_quiet() {
        let exclusions = Exclusions { low_traffic: vec!["p".into()], ..Exclusions::default() };
        let policy = Policy { exclusions, ..Policy::default() };
        assert_eq!(decision(3000, 28.0, &policy).1, "demand_below_limit");
        let terms = terms(Unit::Minute, &policy);
        let quiet = estimate(learned(99.0, 28.0), &terms);
        let current = Some(Setting::Limited(Limit::per_minute(3000)));
        assert_eq!(propose(key(), current, quiet, &terms).reason.code(), "low_traffic");
    }

    #[test]
    fn stale_and_thin_data_hold() {
        let policy = Policy::default();
        let statistics = learned(10.0, 2.0).statistics;
        let check = |at| admit(&statistics, Unit::Minute, at, &policy).map(|reason| reason.code());
        let last = statistics.last_seen;
        assert_eq!(check(last), None);
        assert_eq!(check(last.plus_millis(32 * 60_000)), Some("stale"));
        let thin = learned(10.0, 0.5).statistics;
        assert_eq!(
            admit(&thin, Unit::Minute, thin.last_seen, &policy).map(|r| r.code()),
            Some("thin_data")
        );
    }

    #[test]
    fn seconds_and_weeks_are_not_estimable() {
        let code = |unit| unit_reason(unit, 60_000).map(|reason| reason.to_string());
        assert!(code(Unit::Second).is_some_and(|text| text.contains("finer")));
        assert!(code(Unit::Week).is_some_and(|text| text.contains("too few")));
        assert_eq!(code(Unit::Minute), None);
    }

    #[test]
    fn a_limit_that_is_held_keeps_its_number() {
        let policy = Policy::default();
        let current = Some(Setting::Limited(Limit::per_minute(1290)));
        let terms = terms(Unit::Minute, &policy);
        let held = propose(key(), current, estimate(learned(1000.0, 28.0), &terms), &terms);
        assert_eq!(held.proposed, Some(Limit::per_minute(1290)));
    }
}
