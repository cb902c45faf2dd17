//! Runs to save: one with every word and every odd number that a run may hold, and plain ones.

use tidewright_core::{
    Arithmetic, Base, Beside, BoundEffect, CacheFrom, Confidence, Decision, DemandMethod,
    DemandStatistics, Estimate, Formula, HeldBack, HistoryReplay, Interval, Limit, LimitKey,
    LimitPlan, Mark, MarkKind, Mode, Peak, PeakForecast, PrimeTime, PrimeWindow, Proposal,
    Quantile, Reason, Remark, Replay, ReplayReport, RunId, RunRecord, Setting, Suspicion, TimeSpan,
    Timestamp, Unestimable, Unit, Zone,
};

/// A run that holds each variant of each enum at least once, and each field.
pub(crate) fn rich() -> RunRecord {
    let mut run = rich_v1();
    let first = run.plan.proposals.len();
    let more = reasons_since_v2().into_iter().enumerate();
    run.plan.proposals.extend(more.map(|(i, reason)| proposal_v2((first + i, reason))));
    run
}

/// What rows of format 1 can say of such a run.
pub(crate) fn rich_v1() -> RunRecord {
    let mut run = plain("20261120T080000Z-0123abcd", 0);
    run.mode = Mode::Production;
    run.plan.document = Some("configmap `istio-system/ratelimit-config`".to_owned());
    run.plan.warnings = vec!["a \"warning\" with\na line break, ümlaut and \u{0}".to_owned()];
    run.plan.proposals = reasons().into_iter().enumerate().map(proposal).collect();
    run.plan.proposals[0].key =
        LimitKey::new("a/b:c", [("PARTNER", Some("ä:b\\c")), ("PATH", None)]);
    run.plan.proposals[1].key = LimitKey::new("", []);
    run
}

/// A run of so many proposals that are held for want of traffic.
pub(crate) fn plain(id: &str, proposals: usize) -> RunRecord {
    let held = |i: usize| {
        let key = LimitKey::new("edge", [("PARTNER", Some(format!("customer-{i}").as_str()))]);
        Proposal::held(key, Some(Setting::Limited(Limit::per_minute(500))), Reason::NoTraffic)
    };
    let plan = LimitPlan {
        at: moment(0),
        source: "http://127.0.0.1:9090".to_owned(),
        document: None,
        history: span(),
        method: DemandMethod::Edges,
        method_note: "each counter at the window edges".to_owned(),
        warnings: Vec::new(),
        proposals: (0..proposals).map(held).collect(),
        unmatched: 7,
    };
    RunRecord {
        id: RunId::stored(id),
        started: moment(1_234),
        at: moment(0),
        mode: Mode::Testing,
        inputs_hash: "0123abcd".repeat(8),
        plan,
    }
}

pub(crate) fn moment(offset_ms: i64) -> Timestamp {
    Timestamp::from_millis(1_795_161_600_000 + offset_ms)
}

fn span() -> TimeSpan {
    TimeSpan { start: moment(-86_400_000), end: moment(-1) }
}

fn reasons() -> Vec<Reason> {
    let unestimable = [
        Unestimable::UnitTooShort(Unit::Second),
        Unestimable::UnitTooLong(Unit::Week),
        Unestimable::UnmappedDescriptor("PARTNER".to_owned()),
        Unestimable::MissingDescriptor("PATH".to_owned()),
        Unestimable::EachValue("PARTNER".to_owned()),
        Unestimable::Wildcard("*".to_owned()),
    ];
    let plain = [
        Reason::NoCurrentLimit,
        Reason::DemandAboveLimit,
        Reason::DemandBelowLimit,
        Reason::InsideInterval,
        Reason::NoTraffic,
        Reason::Stale { last_seen: moment(-5) },
        Reason::ThinData { windows: 3, needed: 1440 },
        Reason::ShortHistory { days: 0.1 + 0.2, needed: 14.0 },
        Reason::Excluded { rule: "EXCLUSIONS.partners".to_owned() },
        Reason::LowTraffic { peak: 1e-300, threshold: 100.0 },
        Reason::OutsideBounds { min: f64::NEG_INFINITY, max: f64::INFINITY },
        Reason::Unlimited,
        Reason::Blocked,
        Reason::ReplayGate { rejected_ratio: 1.0 / 3.0, current_ratio: -0.0, budget_ratio: 1e-4 },
        Reason::NoReplay,
        Reason::NotEditable { why: "an anchor shares it".to_owned() },
    ];
    plain.into_iter().chain(unestimable.map(Reason::NotEstimable)).collect()
}

fn reasons_since_v2() -> Vec<Reason> {
    let suspicions = [
        Suspicion::RestsOnRejected { without: 700 },
        Suspicion::RiseWithErrors { before: 0.01, after: 0.3 },
        Suspicion::LoneSlowRise { ratio: 1.7 },
    ];
    let text = |text: &str| text.to_owned();
    let plain = [
        Reason::AwaitsAgreement { since: Some(moment(-9)), hours: 24.0 },
        Reason::AwaitsAgreement { since: None, hours: 24.0 },
        Reason::ChangedLately { at: moment(-7), hours: 6.0 },
        Reason::DayUsedUp,
        Reason::FirstDay { allowed: 5 },
        Reason::Frozen { event: text("black friday"), until: moment(7) },
        Reason::Pinned { rule: text("PINS[0]") },
        Reason::Paused { by: text("ann"), why: text("incident 7") },
        Reason::NeverRaise { rule: text("login") },
        Reason::DestinationFull { destination: text("db"), capacity: 9.0, needed: f64::INFINITY },
    ];
    plain.into_iter().chain(suspicions.map(Reason::AwaitsApproval)).collect()
}

/// As before, with everything that format 2 added.
fn proposal_v2((i, reason): (usize, Reason)) -> Proposal {
    let measured = CacheFrom::Measured { lookups: 1e6 / 3.0, hits: 7.0 };
    let mut proposal = proposal((i, reason));
    proposal.wish = [Decision::Raise, Decision::Lower, Decision::Create][i % 3];
    proposal.on_approval = Some(Limit { requests_per_unit: 1_200, unit: Unit::Hour });
    let formula = [Formula::V1, Formula::V2, Formula::V3][i % 3];
    let limit = i.is_multiple_of(2).then_some(Limit::per_minute(77));
    proposal.beside = Some(Beside { formula, limit });
    proposal.remarks.extend(remarks_since_v2());
    if let Some(estimate) = &mut proposal.estimate {
        estimate.without_rejected = Some(Limit::per_minute(900));
        estimate.arithmetic.event_factor = 3.5;
        estimate.arithmetic.unseen_factor = 1.15;
        estimate.arithmetic.cache_from = measured;
    }
    if let Some(replay) = &mut proposal.replay {
        replay.counted_over_limit = Some(0.1 + 0.2);
        replay.history = Some(HistoryReplay { current_ratio: 0.0, proposed_ratio: 0.001 });
    }
    proposal
}

fn remarks_since_v2() -> Vec<Remark> {
    vec![
        Remark::Paced { target: 9_000 },
        Remark::Approved { by: "ann".to_owned(), at: moment(-3) },
        Remark::EventExpected { event: "sale".to_owned(), factor: 3.5 },
        Remark::ContractFloor { rule: "gold".to_owned() },
        Remark::SumOf { series: 12 },
        Remark::EachValue { values: 40, decisive: "customer-7".to_owned() },
        Remark::Rejected { windows: 17 },
        Remark::Censored,
        Remark::ReplayError { ratio: -0.002 },
        Remark::Moved,
    ]
}

/// Walks through units, decisions, remarks and the rest as `i` grows.
fn proposal((i, reason): (usize, Reason)) -> Proposal {
    let unit = Unit::ALL[i % Unit::ALL.len()];
    let decisions = [Decision::Create, Decision::Raise, Decision::Lower, Decision::Hold];
    let currents = [
        Some(Setting::Limited(Limit { requests_per_unit: u32::MAX, unit })),
        Some(Setting::Unlimited),
        None,
    ];
    Proposal {
        key: LimitKey::new("edge", [("PARTNER", Some(format!("customer-{i}").as_str()))]),
        current: currents[i % 3],
        decision: decisions[i % 4],
        wish: decisions[i % 4],
        on_approval: None,
        beside: None,
        proposed: (i % 5 > 0).then_some(Limit { requests_per_unit: i as u32, unit }),
        reason,
        remarks: if i.is_multiple_of(2) { remarks() } else { Vec::new() },
        estimate: (i % 3 > 0).then(|| estimate(i)),
        marks: if i.is_multiple_of(2) { marks() } else { Vec::new() },
        replay: (i % 4 > 0).then(|| report(i)),
    }
}

fn remarks() -> Vec<Remark> {
    vec![
        Remark::NoWeeklySeason { days: 7.25 },
        Remark::TrendCapped,
        Remark::SeasonalNaive,
        Remark::NoForecast,
        Remark::Capped,
        Remark::Floored,
        Remark::ShadowMode,
        Remark::Gaps { ratio: 0.001 },
    ]
}

fn marks() -> Vec<Mark> {
    use MarkKind::{Decline, Gap, Launch, Outage, SlowRise, Spike};
    let mark = |kind| Mark { kind, span: span(), ratio: (kind != Gap).then_some(1.8) };
    [Spike, Outage, Launch, Decline, SlowRise, Gap].map(mark).to_vec()
}

fn estimate(i: usize) -> Estimate {
    let effects = [BoundEffect::Inside, BoundEffect::Floored, BoundEffect::Capped];
    let quantile = Quantile::new(0.99).unwrap();
    let forecast = PeakForecast { quantile, value: 1234.5, horizon_days: 1.25 };
    let windows = vec![PrimeWindow::ALL_DAY, PrimeWindow { start: 1320, end: 120 }];
    Estimate {
        limit: Limit::per_minute(1700),
        interval: Interval { lower: 1500.5, upper: f64::INFINITY },
        confidence: Confidence::new(0.7),
        arithmetic: Arithmetic {
            forecast: (i.is_multiple_of(2)).then_some(forecast),
            base_from: if i.is_multiple_of(2) { Base::Forecast } else { Base::Peak },
            base: 1234.5,
            event_factor: 1.0,
            unseen_factor: 1.0,
            cache_ratio: 1.2,
            cache_from: CacheFrom::Configured,
            safety_margin: 1.3,
            unrounded: 1234.5 * 1.2 * 1.3,
            rounding_step: 100,
            rounded: 1700.0,
            bound_min: 100.0,
            bound_max: 100_000.0,
            bound_effect: effects[i % 3],
        },
        statistics: DemandStatistics {
            windows: 10_080,
            gaps: 12,
            masked: 34,
            history_days: 6.99,
            last_seen: moment(-60_000),
            peak: Peak {
                quantile,
                value: 1000.25,
                windows: 2_345,
                maximum: 1999.0,
                maximum_at: moment(-7_200_000),
            },
        },
        prime: PrimeTime {
            zone: if i.is_multiple_of(2) {
                Zone::utc()
            } else {
                Zone::named("Europe/Paris").unwrap()
            },
            weekday: windows,
            weekend: Vec::new(),
        },
        model: "prophet (multiplicative; daily)".to_owned(),
        without_rejected: None,
    }
}

fn report(i: usize) -> ReplayReport {
    let replay = Replay {
        windows: 2880,
        demand: 1e7 / 3.0,
        rejected: 12.0,
        windows_hit: 2,
        worst: Some((moment(-600_000), 9.0)),
        first: Some(moment(-600_000)),
        last: Some(moment(-540_000)),
    };
    let held_back = HeldBack { limit: Limit::per_minute(1600), replay };
    ReplayReport {
        span: span(),
        current: (i.is_multiple_of(2)).then_some(replay),
        proposed: Replay::default(),
        current_raw: (i.is_multiple_of(3)).then_some(replay),
        proposed_raw: replay,
        history: None,
        counted_over_limit: None,
        held_back: (i % 2 == 1).then_some(held_back),
    }
}
