//! A run of nine pairs over four weeks, with every decision, every reason and every kind of mark.
//!
//! Made up by a small generator without chance: the same bytes on every machine.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be made fails the test")]

use tidewright_core::{
    Arithmetic, Base, Beside, BoundEffect, Bucket, CacheFrom, Confidence, Decision, DemandMethod,
    DemandStatistics, Estimate, Evidence, ForecastBand, Formula, HeldBack, Interval, Limit,
    LimitKey, LimitPlan, Mark, MarkKind, Mode, Peak, PeakForecast, PrimeTime, PrimeWindow,
    Proposal, Quantile, Reason, Remark, Replay, ReplayReport, RunId, RunRecord, Setting, Suspicion,
    TimeSpan, Timestamp, Unestimable, Unit, Zone,
};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Four weeks in 480 buckets.
const BUCKET_MS: i64 = 84 * 60_000;

const PARTNERS: [&str; 3] = ["CUSTOMER_ID_1", "CUSTOMER_ID_3", "客户_4"];
const PATHS: [&str; 3] = [
    "/api_v3/service/configurations/action/servebydevice",
    "/api_v3/service/ENDPOINT_8playbackcontext",
    "/api_v3/service/userassetrule/action/list",
];

/// What one pair of the fixture is about.
struct Story {
    level: f64,
    current: Option<u32>,
    decision: Decision,
    reason: Reason,
    marks: Vec<(MarkKind, f64, f64, Option<f64>)>,
    remarks: Vec<Remark>,
}

pub(crate) fn at() -> Timestamp {
    Timestamp::parse("2026-11-20T08:00:00Z").unwrap()
}

/// What format 2 of a proposal can say: a raise that waits for a person, with everything known of it.
pub(crate) fn suspect() -> (RunRecord, Vec<Option<Evidence>>) {
    let without = Limit::per_minute(1_100);
    let reason =
        Reason::AwaitsApproval(Suspicion::RestsOnRejected { without: without.requests_per_unit });
    let story = stories().into_iter().next().unwrap();
    let (mut proposal, evidence) =
        pair(0, Story { decision: Decision::Hold, reason, marks: Vec::new(), ..story });
    let estimate = proposal.estimate.as_mut().unwrap();
    estimate.without_rejected = Some(without);
    estimate.arithmetic.event_factor = 1.5;
    estimate.arithmetic.unrounded *= 1.5;
    estimate.arithmetic.cache_from = CacheFrom::Measured { lookups: 12_000.0, hits: 2_000.0 };
    proposal.wish = Decision::Raise;
    proposal.on_approval = Some(estimate.limit);
    proposal.beside = Some(Beside { formula: Formula::V3, limit: Some(Limit::per_minute(400)) });
    proposal.replay.as_mut().unwrap().counted_over_limit = Some(1_234.0);
    proposal.remarks = vec![
        Remark::Rejected { windows: 17 },
        Remark::EventExpected { event: "sale".to_owned(), factor: 1.5 },
        Remark::ReplayError { ratio: 0.0021 },
        Remark::Paced { target: 2_400 },
    ];
    record(vec![(proposal, evidence)])
}

/// The run and what to draw of it.
pub(crate) fn run() -> (RunRecord, Vec<Option<Evidence>>) {
    let mut pairs: Vec<_> = stories().into_iter().enumerate().map(|(i, it)| pair(i, it)).collect();
    pairs.extend(bare().into_iter().map(|proposal| (proposal, None)));
    record(pairs)
}

/// A run of `limits` limits, all drawn.
pub(crate) fn large(limits: usize) -> (RunRecord, Vec<Option<Evidence>>) {
    let stories = (0..limits).map(|i| {
        let story = stories().into_iter().nth(i % 9).unwrap();
        let (mut proposal, evidence) = pair(i, story);
        let partner = format!("PARTNER_{i:04}");
        proposal.key = LimitKey::new(
            "edge",
            [("PARTNER", Some(partner.as_str())), ("PATH", Some(PATHS[i % 3]))],
        );
        (proposal, evidence)
    });
    record(stories.collect())
}

fn record(pairs: Vec<(Proposal, Option<Evidence>)>) -> (RunRecord, Vec<Option<Evidence>>) {
    let (proposals, evidence) = pairs.into_iter().unzip();
    let plan = LimitPlan {
        at: at(),
        source: "Prometheus at `https://prometheus.example.com`".to_owned(),
        document: Some("ConfigMap `istio-system/ratelimit-config`".to_owned()),
        history: TimeSpan { start: at().plus_millis(-28 * DAY_MS), end: at() },
        method: DemandMethod::Edges,
        method_note: "scraped every 30 s; a window may be shifted by one scrape".to_owned(),
        warnings: vec![
            "PromQL info: metric might not be a counter, name does not end in _total".to_owned(),
        ],
        proposals,
        unmatched: 3,
    };
    let hash = "5f2a9c01d3e4b7a86f00aa11bb22cc33dd44ee55ff6677889900aabbccddeeff";
    let (id, started) = (RunId::new(at(), hash), at().plus_millis(1234));
    let run = RunRecord {
        id,
        started,
        at: at(),
        mode: Mode::Testing,
        inputs_hash: hash.to_owned(),
        plan,
    };
    (run, evidence)
}

#[rustfmt::skip]
fn stories() -> Vec<Story> {
    use Decision::{Create, Hold, Lower, Raise};
    let story = |level, current, decision, reason| Story { level, current, decision, reason, marks: Vec::new(), remarks: Vec::new() };
    vec![
        Story {
            marks: vec![(MarkKind::Launch, 16.0, 0.0, Some(1.6)), (MarkKind::Spike, 9.3, 9.1, Some(4.2))],
            ..story(812.0, Some(700), Raise, Reason::DemandAboveLimit)
        },
        Story {
            marks: vec![(MarkKind::Gap, 20.2, 19.9, None), (MarkKind::Outage, 12.6, 12.3, Some(0.02))],
            remarks: vec![Remark::Gaps { ratio: 0.011 }],
            ..story(2450.0, Some(9000), Lower, Reason::DemandBelowLimit)
        },
        Story { remarks: vec![Remark::ShadowMode], ..story(140.0, None, Create, Reason::NoCurrentLimit) },
        Story {
            marks: vec![(MarkKind::SlowRise, 8.0, 0.0, Some(1.3))],
            ..story(430.0, Some(700), Hold, Reason::InsideInterval)
        },
        Story {
            marks: vec![(MarkKind::Spike, 3.4, 3.35, Some(11.0)), (MarkKind::Spike, 1.2, 1.18, Some(3.0))],
            ..story(66.0, Some(5000), Hold, Reason::ReplayGate { rejected_ratio: 0.0021, current_ratio: 0.0, budget_ratio: 0.0001 })
        },
        Story {
            remarks: vec![Remark::Capped],
            ..story(91_000.0, Some(60_000), Raise, Reason::DemandAboveLimit)
        },
        Story {
            marks: vec![(MarkKind::Decline, 11.0, 0.0, Some(0.5))],
            remarks: vec![Remark::NoWeeklySeason { days: 9.4 }, Remark::TrendCapped, Remark::SeasonalNaive],
            ..story(310.0, Some(1500), Hold, Reason::ShortHistory { days: 9.4, needed: 14.0 })
        },
        Story { remarks: vec![Remark::Floored, Remark::NoForecast], ..story(12.0, Some(80), Raise, Reason::DemandAboveLimit) },
        story(520.0, Some(900), Hold, Reason::InsideInterval),
    ]
}

/// Limits without numbers behind them: one for each reason that needs none.
fn bare() -> Vec<Proposal> {
    let limit = |requests| Some(Setting::Limited(Limit::per_minute(requests)));
    let hourly = Some(Setting::Limited(Limit { requests_per_unit: 90_000, unit: Unit::Hour }));
    let secondly = Some(Setting::Limited(Limit { requests_per_unit: 50, unit: Unit::Second }));
    let wildcard = Unestimable::Wildcard("/api/*".to_owned());
    let reasons = [
        ("quiet", limit(500), Reason::NoTraffic),
        ("stale", limit(500), Reason::Stale { last_seen: at().plus_millis(-7 * HOUR_MS) }),
        ("thin", limit(500), Reason::ThinData { windows: 12, needed: 300 }),
        ("burst", secondly, Reason::NotEstimable(Unestimable::UnitTooShort(Unit::Second))),
        ("wild <b>*|`x`</b>", limit(500), Reason::NotEstimable(wildcard)),
        ("test_partner", limit(100), Reason::Excluded { rule: "EXCLUSIONS.partners".to_owned() }),
        ("partner_123", limit(100), Reason::LowTraffic { peak: 31.0, threshold: 100.0 }),
        ("huge", hourly, Reason::OutsideBounds { min: 6000.0, max: 6_000_000.0 }),
        ("open", Some(Setting::Unlimited), Reason::Unlimited),
        ("closed", limit(0), Reason::Blocked),
        ("young", limit(400), Reason::NoReplay),
        ("odd", limit(400), Reason::NotEditable { why: "an anchor shares it".to_owned() }),
        (
            "waits",
            limit(900),
            Reason::AwaitsAgreement { since: Some(at().plus_millis(-HOUR_MS)), hours: 24.0 },
        ),
        (
            "crowded",
            limit(900),
            Reason::DestinationFull {
                destination: "db".to_owned(),
                capacity: 5000.0,
                needed: 7100.0,
            },
        ),
        (
            "stopped",
            limit(900),
            Reason::Paused { by: "ann".to_owned(), why: "incident 7".to_owned() },
        ),
    ];
    let proposal = |(partner, current, reason): (&str, Option<Setting>, Reason)| {
        Proposal::held(
            LimitKey::new("edge", [("PARTNER", Some(partner)), ("PATH", None)]),
            current,
            reason,
        )
    };
    reasons.into_iter().map(proposal).collect()
}

fn pair(index: usize, story: Story) -> (Proposal, Option<Evidence>) {
    let key = LimitKey::new(
        "edge",
        [("PARTNER", Some(PARTNERS[index / 3 % 3])), ("PATH", Some(PATHS[index % 3]))],
    );
    let marks: Vec<Mark> = story.marks.iter().map(mark).collect();
    let evidence = evidence(index as u64, story.level, &marks);
    let estimate = estimate(&story, &evidence);
    let current = story.current.map(|requests| Setting::Limited(Limit::per_minute(requests)));
    let held = Proposal::held(key, current, story.reason.clone());
    let proposed = if story.decision.changes() { Some(estimate.limit) } else { held.proposed };
    let replay = replay(&story_limits(held.current_limit(), proposed), &estimate, &held.reason);
    let reason = match held.reason {
        Reason::ReplayGate { current_ratio, budget_ratio, .. } => {
            let rejected_ratio = replay.held_back.unwrap().replay.rejected_ratio();
            Reason::ReplayGate { rejected_ratio, current_ratio, budget_ratio }
        }
        reason => reason,
    };
    let proposal = Proposal {
        reason,
        decision: story.decision,
        wish: story.decision,
        proposed,
        remarks: story.remarks,
        estimate: Some(estimate),
        marks,
        replay: Some(replay),
        ..held
    };
    (proposal, Some(evidence))
}

fn mark(&(kind, from, to, ratio): &(MarkKind, f64, f64, Option<f64>)) -> Mark {
    let before = |days: f64| at().plus_millis(-(days * DAY_MS as f64) as i64);
    Mark { kind, span: TimeSpan { start: before(from), end: before(to) }, ratio }
}

/// A day that peaks in the evening of Paris, quieter weekends, and what the marks say.
fn evidence(seed: u64, level: f64, marks: &[Mark]) -> Evidence {
    let start = at().plus_millis(-28 * DAY_MS);
    let noise = |i: i64| {
        let mixed = (i as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15 ^ (seed << 32));
        ((mixed >> 33) % 1000) as f64 / 1000.0
    };
    let shape = |moment: Timestamp| {
        let local = Zone::named("Europe/Paris").unwrap().local(moment);
        let hour = f64::from(local.minute_of_day) / 60.0;
        let daily = 0.55 + 0.35 * ((hour - 20.0) * std::f64::consts::PI / 12.0).cos();
        daily * if local.is_weekend() { 0.8 } else { 1.0 }
    };
    let growth = |moment: Timestamp| {
        let lasting = |mark: &&Mark| {
            matches!(mark.kind, MarkKind::Launch | MarkKind::Decline | MarkKind::SlowRise)
        };
        let last = marks.iter().find(lasting);
        last.map_or(
            1.0,
            |mark| if moment < mark.span.start { 1.0 / mark.ratio.unwrap() } else { 1.0 },
        )
    };
    let bucket = |i: i64| {
        let begin = start.plus_millis(i * BUCKET_MS);
        let clean = level * shape(begin) * growth(begin);
        let (min, max) = (clean * (0.72 + 0.1 * noise(i)), clean * (0.9 + 0.2 * noise(i + 9000)));
        let end = begin.plus_millis(BUCKET_MS);
        let touches = |mark: &&Mark| mark.span.start < end && begin < mark.span.end;
        let brief =
            |mark: &&Mark| matches!(mark.kind, MarkKind::Spike | MarkKind::Outage | MarkKind::Gap);
        let hit = marks.iter().filter(brief).find(touches);
        let (min, max, masked) = match hit.map(|mark| mark.kind) {
            Some(MarkKind::Gap) => (None, None, None),
            Some(MarkKind::Outage) => (None, None, Some(clean * 0.02)),
            Some(MarkKind::Spike) => {
                (Some(min), Some(max), Some(clean * hit.unwrap().ratio.unwrap()))
            }
            _ => (Some(min), Some(max), None),
        };
        let [min, max, masked] = [min, max, masked].map(|value| value.map(|it| it as f32));
        Bucket { start: begin, min, max, masked }
    };
    let band = |i: i64| {
        let begin = at().plus_millis(i * BUCKET_MS);
        let middle = level * shape(begin) * 0.92;
        let [point, low, high] = [middle, middle * 0.75, middle * 1.18].map(|it| it as f32);
        ForecastBand { start: begin, point, low, high }
    };
    Evidence {
        bucket_ms: BUCKET_MS,
        history: (0..480).map(bucket).collect(),
        forecast: (0..34).map(band).collect(),
        held_back: Some(TimeSpan { start: at().plus_millis(-2 * DAY_MS), end: at() }),
    }
}

fn estimate(story: &Story, evidence: &Evidence) -> Estimate {
    let crest = evidence.history.iter().filter(|bucket| bucket.max.is_some());
    let crest =
        crest.max_by(|left, right| left.max.unwrap().total_cmp(&right.max.unwrap())).unwrap();
    let maximum = f64::from(crest.max.unwrap()).round();
    let (peak, forecast) = (maximum * 0.96, maximum * 1.04);
    let has_forecast = !story.remarks.contains(&Remark::NoForecast);
    let base = if has_forecast { forecast } else { peak };
    let unrounded = base * 1.2 * 1.3;
    let rounding_step = if unrounded < 200.0 {
        10
    } else if unrounded < 2000.0 {
        50
    } else {
        100
    };
    let rounded = (unrounded / f64::from(rounding_step)).ceil() * f64::from(rounding_step);
    let (bound_effect, bounded) = match rounded {
        it if it < 100.0 => (BoundEffect::Floored, 100.0),
        it if it > 100_000.0 => (BoundEffect::Capped, 100_000.0),
        it => (BoundEffect::Inside, it),
    };
    let masked = evidence.history.iter().filter(|bucket| bucket.masked.is_some()).count() * 84;
    let gaps = evidence.history.iter().filter(|it| it.min.is_none() && it.masked.is_none()).count();
    Estimate {
        limit: Limit::per_minute(bounded as u32),
        interval: Interval { lower: (bounded * 0.92).round(), upper: (bounded * 1.25).round() },
        confidence: Confidence::new(0.86),
        arithmetic: Arithmetic {
            forecast: has_forecast.then(|| PeakForecast {
                quantile: Quantile::new(0.95).unwrap(),
                value: forecast,
                horizon_days: 2.0,
            }),
            base_from: if has_forecast { Base::Forecast } else { Base::Peak },
            base,
            event_factor: 1.0,
            unseen_factor: 1.0,
            cache_ratio: 1.2,
            cache_from: CacheFrom::Configured,
            safety_margin: 1.3,
            unrounded,
            rounding_step,
            rounded,
            bound_min: 100.0,
            bound_max: 100_000.0,
            bound_effect,
        },
        statistics: DemandStatistics {
            windows: 40_320,
            gaps: gaps * 84,
            masked,
            history_days: 28.0,
            last_seen: at(),
            peak: Peak {
                quantile: Quantile::new(0.99).unwrap(),
                value: peak,
                windows: 3_360,
                maximum,
                maximum_at: crest.start.plus_millis(17 * 60_000),
            },
        },
        prime: PrimeTime {
            zone: Zone::named("Europe/Paris").unwrap(),
            weekday: vec![PrimeWindow { start: 17 * 60, end: 23 * 60 + 30 }],
            weekend: vec![PrimeWindow { start: 16 * 60, end: 30 }],
        },
        model: "prophet (multiplicative; daily, weekly)".to_owned(),
        without_rejected: None,
    }
}

fn story_limits(current: Option<Limit>, proposed: Option<Limit>) -> [Option<f64>; 2] {
    [current, proposed].map(|limit| limit.map(|it| f64::from(it.requests_per_unit)))
}

fn replay(limits: &[Option<f64>; 2], estimate: &Estimate, reason: &Reason) -> ReplayReport {
    let top = match reason {
        Reason::ReplayGate { .. } => f64::from(estimate.limit.requests_per_unit) * 1.4,
        _ => estimate.statistics.peak.maximum,
    };
    let [current, proposed] = limits.map(|limit| limit.unwrap_or(f64::MAX));
    let clean = |limit: f64| outcome(top, limit);
    let raw = |limit: f64| outcome(top * 2.1, limit);
    ReplayReport {
        span: TimeSpan { start: at().plus_millis(-2 * DAY_MS), end: at() },
        current: limits[0].map(|_| clean(current)),
        proposed: clean(proposed),
        current_raw: limits[0].map(|_| raw(current)),
        proposed_raw: raw(proposed),
        history: None,
        counted_over_limit: None,
        held_back: Some(HeldBack {
            limit: estimate.limit,
            replay: clean(f64::from(estimate.limit.requests_per_unit)),
        }),
    }
}

/// Twelve windows at `top`, the others far below.
fn outcome(top: f64, limit: f64) -> Replay {
    let over = (top - limit).max(0.0).round();
    let at = at().plus_millis(-13 * HOUR_MS);
    let hit = over > 0.0;
    Replay {
        windows: 2880,
        demand: (top * 0.5 * 2880.0).round(),
        rejected: over * 12.0,
        windows_hit: if hit { 12 } else { 0 },
        worst: hit.then_some((at, over)),
        first: hit.then_some(at),
        last: hit.then(|| at.plus_millis(11 * 60_000)),
    }
}

/// A document before and after, for a diff.
pub(crate) fn documents() -> (String, String) {
    let old = "domain: edge\ndescriptors:\n  - key: PARTNER\n    value: CUSTOMER_ID_1\n    descriptors:\n      - key: PATH\n        value: /api_v3/service/configurations/action/servebydevice\n        rate_limit: # agreed by mail\n          unit: minute\n          requests_per_unit: 1200\n";
    (old.to_owned(), old.replace("1200", "1450"))
}

/// What a reader should know of the configuration.
pub(crate) fn notes() -> Vec<String> {
    vec!["`MONITORING.alert_threshold` is accepted but has no effect in this version.".to_owned()]
}
