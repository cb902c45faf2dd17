//! The law book: what holds for every limit, whatever its demand, its history, its bounds and its past.
//!
//! Pacing has its own laws beside its code (`src/pace/tests.rs`), and so has editing (`tidewright-limiter`).

use std::time::Duration;

use proptest::prelude::*;
use tidewright_core::{
    Bounds, BoundsRule, CacheFrom, CacheSide, CacheSides, Decision, DemandStatistics, Exclusions,
    Glob, HeldBack, Limit, LimitKey, LimitMemory, Peak, PeakForecast, PlanMemory, Policy,
    PrimeTime, Proposal, Quantile, Reason, Replay, ReplayReport, Rounding, Selector, Setting,
    Stretch, TimeSpan, Timestamp, Unit, Zone,
};
use tidewright_plan::{
    Learned, Terms, Watch, admit, estimate, gate, guard, propose, screen, unit_reason,
};

const DAY: i64 = 86_400;
const AT: Timestamp = Timestamp::from_secs(1000 * DAY);

/// What was seen of a limit, in numbers that may be anything.
#[derive(Clone, Debug)]
struct Seen {
    current: u32,
    peak: f64,
    forecast: f64,
    days: f64,
    gaps: f64,
    age_secs: i64,
    event_factor: f64,
    unseen_factor: f64,
    hits: f64,
    /// Since how many hours every run wished to lower it.
    agreed_hours: i64,
}

fn key() -> LimitKey {
    LimitKey::new("edge", [("PARTNER", Some("p")), ("PATH", Some("/a"))])
}

fn anything() -> impl Strategy<Value = Seen> {
    let demand = (1..2_000_000_u32, 0.0..1e6_f64, 0.0..1e6_f64, 0.1..40.0_f64, 0.0..1.0_f64);
    let beside = (0..20_000_i64, 1.0..10.0_f64, 1.0..2.0_f64, 0.0..1.0_f64, 0..72_i64);
    (demand, beside).prop_map(|((current, peak, forecast, days, gaps), beside)| {
        let (age_secs, event_factor, unseen_factor, hits, agreed_hours) = beside;
        let event_factor = if event_factor < 5.0 { 1.0 } else { event_factor };
        Seen {
            current,
            peak,
            forecast,
            days,
            // Half of the histories have hardly a gap, so that there is something to decide.
            gaps: if gaps < 0.5 { 0.0 } else { gaps },
            age_secs,
            event_factor,
            unseen_factor,
            hits,
            agreed_hours,
        }
    })
}

fn any_policy() -> impl Strategy<Value = Policy> {
    let bounds = (0.0..5e3_f64, 0.0..1e6_f64, prop::option::of(0.0..1e4_f64));
    let formula = (1.0..2.0_f64, 0..4_usize, any::<bool>());
    (bounds, formula).prop_map(|((min, width, floor), (safety_margin, rounding, after_cache))| {
        let limiter = if after_cache { CacheSide::After } else { CacheSide::Before };
        let rule = BoundsRule {
            name: "gold".to_owned(),
            selector: Selector { partner: Some(Glob::new("p*")), ..Selector::default() },
            floor,
            ..BoundsRule::default()
        };
        Policy {
            bounds: Bounds { min, max: min + width },
            bounds_rules: vec![rule],
            safety_margin,
            rounding: Rounding::ALL[rounding].0,
            cache: CacheSides { metric: CacheSide::Before, limiter },
            ..Policy::default()
        }
    })
}

fn learned(seen: &Seen) -> Learned {
    let quantile = Quantile::new(0.99).expect("0.99 is a quantile");
    let windows = (seen.days * 1440.0) as usize;
    let last_seen = AT.plus_millis(-seen.age_secs * 1000);
    let peak = Peak {
        quantile,
        value: seen.peak,
        windows: 1000,
        maximum: seen.peak,
        maximum_at: last_seen,
    };
    let gaps = (seen.gaps * windows as f64) as usize;
    let history_days = seen.days;
    Learned {
        statistics: DemandStatistics { windows, gaps, masked: 0, history_days, last_seen, peak },
        prime: PrimeTime::always(Zone::utc()),
        forecast: Some(PeakForecast { quantile, value: seen.forecast, horizon_days: 7.0 }),
        model: "any".to_owned(),
        peak_without_rejected: None,
        event_factor: seen.event_factor,
        unseen_factor: seen.unseen_factor,
        cache: CacheFrom::Measured { lookups: 1e6, hits: 1e6 * seen.hits },
    }
}

/// The whole road from what was learned to what is written; the replay finds nothing against it.
fn decided(seen: &Seen, policy: &Policy) -> Proposal {
    let terms = Terms::of(&key(), Unit::Minute, policy);
    let (learned, current) = (learned(seen), Setting::Limited(Limit::per_minute(seen.current)));
    let held = admit(&learned.statistics, Unit::Minute, AT, policy);
    let proposal = match held {
        Some(reason) => Proposal::held(key(), Some(current), reason),
        None => propose(key(), Some(current), estimate(learned, &terms), &terms),
    };
    let proposal = gate(proposal, Some(spotless()), &policy.guards);
    let memory = memory(seen);
    guard(proposal, None, &Watch { at: AT, policy, memory: &memory })
}

fn spotless() -> ReplayReport {
    let replay = Replay { windows: 2880, demand: 1e6, ..Replay::default() };
    ReplayReport {
        span: TimeSpan { start: AT.plus_millis(-2 * DAY * 1000), end: AT },
        current: Some(replay),
        proposed: replay,
        current_raw: Some(replay),
        proposed_raw: replay,
        history: None,
        counted_over_limit: None,
        held_back: Some(HeldBack { limit: Limit::per_minute(1), replay }),
    }
}

/// A memory in which the number was always the current one.
fn memory(seen: &Seen) -> PlanMemory {
    let stretch = Stretch {
        since: AT.plus_millis(-seen.agreed_hours * 3_600_000 - 1),
        until: AT.plus_millis(-1),
        number: Some(seen.current),
        wish: Decision::Lower,
        wished_max: None,
    };
    let limits = [(key(), LimitMemory { stretches: vec![stretch] })].into();
    PlanMemory { first_seen: Some(Timestamp::from_secs(0)), limits, ..PlanMemory::default() }
}

fn number(proposal: &Proposal) -> u32 {
    proposal.proposed.map_or(0, |limit| limit.requests_per_unit)
}

/// History that nothing is to be said against.
fn sound(seen: &Seen) -> Seen {
    Seen { days: 28.0, gaps: 0.0, age_secs: 0, ..seen.clone() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn a_limit_that_changes_never_leaves_its_bounds(seen in anything(), policy in any_policy()) {
        let found = decided(&seen, &policy);
        if found.decision.changes() {
            let bounds = policy.bounds_of(&key()).bounds;
            let number = f64::from(number(&found));
            prop_assert!(number <= bounds.max, "{number} above {bounds:?}");
            prop_assert!(number >= bounds.min.min(bounds.max).floor(), "{number} below {bounds:?}");
        }
    }

    #[test]
    fn missing_data_never_tightens_a_limit(seen in anything(), policy in any_policy()) {
        let found = decided(&seen, &policy);
        let guards = &policy.guards;
        let age = Duration::from_secs(seen.age_secs as u64);
        let stale = age > guards.stale_after + Duration::from_mins(1);
        let thin = seen.days * 1440.0 * (1.0 - seen.gaps) < 1438.0;
        let short = seen.days < guards.history_for_cut.as_secs_f64() / DAY as f64;
        if stale || thin {
            prop_assert_eq!(found.decision, Decision::Hold);
        }
        if short {
            prop_assert!(number(&found) >= seen.current, "{:?}", found.reason);
        }
    }

    #[test]
    fn a_cut_without_a_replay_is_never_made(seen in anything(), policy in any_policy()) {
        let terms = Terms::of(&key(), Unit::Minute, &policy);
        let current = Some(Setting::Limited(Limit::per_minute(seen.current)));
        let proposal = propose(key(), current, estimate(learned(&seen), &terms), &terms);
        let found = gate(proposal, None, &policy.guards);
        prop_assert!(found.decision != Decision::Lower);
        prop_assert!(found.decision.changes() || number(&found) == seen.current);
    }

    #[test]
    fn more_clean_demand_never_lowers_a_proposal(
        seen in anything(), policy in any_policy(), more in 1.0..3.0_f64,
    ) {
        let less = sound(&seen);
        let (peak, forecast) = (less.peak * more, less.forecast * more);
        let busier = Seen { peak, forecast, ..less.clone() };
        prop_assert!(number(&decided(&busier, &policy)) >= number(&decided(&less, &policy)));
    }

    #[test]
    fn a_higher_ceiling_never_lowers_a_proposal(
        seen in anything(), policy in any_policy(), more in 0.0..1e6_f64,
    ) {
        let seen = sound(&seen);
        let mut higher = policy.clone();
        higher.bounds.max += more;
        let (low, high) = (decided(&seen, &policy), decided(&seen, &higher));
        let estimated = |it: &Proposal| it.estimate.as_ref().map(|it| it.limit.requests_per_unit);
        prop_assert!(estimated(&low) <= estimated(&high));
        // A current limit outside its bounds is held where it is, so only limits inside both can be compared.
        if !matches!(low.reason, Reason::OutsideBounds { .. }) {
            prop_assert!(number(&low) <= number(&high));
        }
    }

    #[test]
    fn equal_inputs_give_equal_decisions(seen in anything(), policy in any_policy()) {
        prop_assert_eq!(decided(&seen, &policy), decided(&seen, &policy.clone()));
    }

    #[test]
    fn a_decision_that_holds_keeps_the_number(seen in anything(), policy in any_policy()) {
        let found = decided(&seen, &policy);
        match found.decision {
            Decision::Hold => prop_assert_eq!(number(&found), seen.current),
            Decision::Raise => prop_assert!(number(&found) > seen.current),
            Decision::Lower => prop_assert!(number(&found) < seen.current),
            Decision::Create => prop_assert!(false, "there is a limit already"),
        }
    }

    #[test]
    fn zero_unlimited_and_foreign_units_are_never_touched(
        unit in 0..7_usize, requests in prop_oneof![Just(0), any::<u32>()],
    ) {
        let unit = Unit::ALL[unit];
        let limited = Setting::Limited(Limit { requests_per_unit: requests, unit });
        let exclusions = Exclusions::default();
        let unlimited = screen(&key(), Some(Setting::Unlimited), &exclusions);
        prop_assert_eq!(unlimited, Some(Reason::Unlimited));
        prop_assert_eq!(screen(&key(), Some(limited), &exclusions).is_some(), requests == 0);
        let known = matches!(unit, Unit::Minute | Unit::Hour | Unit::Day);
        prop_assert_eq!(unit_reason(unit, 60_000).is_none(), known);
    }
}
