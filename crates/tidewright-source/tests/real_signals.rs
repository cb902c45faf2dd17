//! A real Prometheus on a platform whose truth is known: demand and everything beside it read back as it was.
//!
//! The rule: a window that is near no restart and no gap differs from the truth by what its reading says of itself, and by
//! no more; none of the others may be a number where nothing was known. The estate decides what happened.

use tidewright_core::{
    DemandFrame, DemandRequest, Known, MetricSource, SeriesKey, Signal, Silent, TimeSpan, Timestamp,
};
use tidewright_source::prometheus::{
    CacheRule, Companion, LabelRule, Mapping, PrometheusSettings, PrometheusSource, Reading,
    StatusRule, Tells,
};
use tidewright_testkit::estate::{
    BACKEND_METRIC, CACHE_METRICS, EDGE_METRIC, END, Estate, EstateSettings, Platform, Scrape,
    Served,
};
use tidewright_testkit::prometheus::{Blocks, Prometheus};

const MINUTE_MS: i64 = 60_000;
const DAYS: i64 = 3;

/// Counters are whole numbers, and a sum has up to five of them, read at two edges.
const ROUNDING: f64 = 10.0;

struct World {
    platform: Platform,
    server: Prometheus,
}

fn world(seed: u64) -> World {
    let estate = Estate::new(EstateSettings::short(seed));
    let busy = |counts: &[u64]| {
        let mut counts = counts.to_vec();
        counts.sort_unstable();
        counts[counts.len() * 4 / 5]
    };
    // A fifth of all minutes is limited, and one pair never is.
    let platform = Platform::new(&estate, |pair| match pair.name() == estate.pairs[0].name() {
        true => u64::MAX,
        false => busy(&pair.truth.actual),
    });
    let blocks =
        Blocks::filled(span(), |piece, text| platform.write(Scrape::Every30s, piece, text));
    let server = Prometheus::start(blocks.expect("history can be made"));
    World { platform, server: server.expect("Prometheus starts") }
}

fn span() -> TimeSpan {
    TimeSpan { start: END.plus_millis(-DAYS * 1440 * MINUTE_MS), end: END }
}

fn labels() -> Vec<LabelRule> {
    vec![LabelRule::new("PARTNER", "partner"), LabelRule::new("PATH", "path")]
}

fn fetch(
    world: &World,
    mapping: Mapping,
    change: impl FnOnce(&mut PrometheusSettings),
) -> DemandFrame {
    let mut settings = PrometheusSettings::new(world.server.url(), mapping);
    change(&mut settings);
    let source = PrometheusSource::new(settings).expect("the settings can work");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let request = DemandRequest { span: span(), window_ms: MINUTE_MS };
    let fetched = runtime.expect("a runtime").block_on(source.fetch_demand(&request, &Silent));
    fetched.expect("demand is read")
}

fn key(served: &Served) -> SeriesKey {
    SeriesKey::new([("PARTNER", &served.partner), ("PATH", &served.path)])
}

/// The truth of one series, and the windows that can be compared with it.
struct Truth<'a> {
    served: &'a Served,
    counts: &'a [u64],
    /// The minute of the first window.
    first: usize,
}

impl<'a> Truth<'a> {
    fn new(served: &'a Served, counts: &'a [u64], start: Timestamp) -> Self {
        let first = (start.as_secs() - served.start.as_secs()) / 60;
        Self { served, counts, first: first as usize }
    }

    fn at(&self, window: usize) -> f64 {
        self.counts[self.first + window] as f64
    }

    /// Far from restarts and gaps, both of which cost up to two windows.
    fn is_clear(&self, window: usize) -> bool {
        let at =
            |window: usize| self.served.start.plus_millis((self.first + window) as i64 * MINUTE_MS);
        let near = TimeSpan { start: at(window).plus_millis(-3 * MINUTE_MS), end: at(window + 3) };
        let far = |gap: &TimeSpan| gap.end <= near.start || near.end <= gap.start;
        window > 0
            && self.served.gaps.iter().all(far)
            && !self.served.restarts.iter().any(|restart| near.contains(*restart))
    }

    /// Read at the edges, a window lies up to a scrape interval early: it holds up to half of the one before.
    fn check_edges(&self, read: &[f64], what: &str) {
        let (mut known, mut clear) = (0, 0);
        for (window, &value) in read.iter().enumerate().filter(|(window, _)| self.is_clear(*window))
        {
            clear += 1;
            if value.is_nan() {
                continue;
            }
            known += 1;
            let (early, exact) = ((self.at(window) + self.at(window - 1)) / 2.0, self.at(window));
            let (least, most) = (early.min(exact) - ROUNDING, early.max(exact) + ROUNDING);
            assert!(
                (least..=most).contains(&value),
                "{what} at {window}: {value}, true {exact} after {early}"
            );
        }
        assert!(clear > 1000 && known * 100 > clear * 99, "{what}: {known} of {clear} are known");
    }

    /// Extrapolated, single windows may be off; their sum is not.
    fn check_sum(&self, read: &[f64], what: &str) {
        let clear =
            || (0..read.len()).filter(|&window| self.is_clear(window) && !read[window].is_nan());
        let (sum, truth): (f64, f64) =
            (clear().map(|window| read[window]).sum(), clear().map(|window| self.at(window)).sum());
        assert!((sum - truth).abs() <= 0.03 * truth + 100.0, "{what}: {sum}, true {truth}");
        assert!(clear().count() > 1000, "{what}");
    }
}

/// What is true of signals, minute by minute.
type Told<'a> = Vec<(Signal, &'a [u64])>;

fn signals(served: &Served) -> [(Signal, &[u64]); 5] {
    let outcome = &served.outcome;
    [
        (Signal::Rejected, &outcome.rejected),
        (Signal::ClientErrors, &outcome.client_errors),
        (Signal::ServerErrors, &outcome.server_errors),
        (Signal::CacheLookups, &outcome.lookups),
        (Signal::CacheHits, &outcome.hits),
    ]
}

fn by_labels(served: &Served) -> Told<'_> {
    signals(served).to_vec()
}

fn by_counters(served: &Served) -> Told<'_> {
    let [rejected, .., lookups, hits] = signals(served);
    vec![rejected, (Signal::OverLimit, rejected.1), lookups, hits]
}

/// How well the reading at the edges has to fit.
fn at_edges(truth: &Truth<'_>, read: &[f64], what: &str) {
    truth.check_edges(read, what);
    truth.check_sum(read, what);
}

/// How well `increase` has to fit.
fn in_sum(truth: &Truth<'_>, read: &[f64], what: &str) {
    truth.check_sum(read, what);
}

/// Checks demand and these signals of all pairs.
fn check(
    world: &World,
    demand: &DemandFrame,
    told: fn(&Served) -> Told<'_>,
    one: fn(&Truth<'_>, &[f64], &str),
) {
    let start = demand.frame.grid().start();
    assert_eq!(demand.frame.keys().len(), world.platform.pairs.len());
    for served in &world.platform.pairs {
        let key = key(served);
        let column =
            demand.frame.keys().iter().position(|other| *other == key).expect("the pair is there");
        let truth = Truth::new(served, &served.outcome.asked, start);
        one(&truth, demand.frame.column(column), &format!("demand of {key}"));
        for (signal, counts) in told(served) {
            let truth = Truth::new(served, counts, start);
            let what = format!("{} of {key}", signal.name());
            match demand.signals.counts(signal, &key) {
                Known::Counts(read) => one(&truth, read, &what),
                Known::Zero => one(&truth, &vec![0.0; demand.frame.grid().len()], &what),
                Known::Unknown => panic!("{what} is not known"),
            }
        }
    }
}

#[test]
fn labels_tell_the_truth_in_both_readings() {
    let world = world(3);
    let mapping = || Mapping {
        status: Some(StatusRule::new("response_code")),
        cache: Some(CacheRule::new("cache_status", ["HIT"])),
        ..Mapping::plain(EDGE_METRIC, &[], labels())
    };
    let edges = fetch(&world, mapping(), |_| {});
    check(&world, &edges, by_labels, at_edges);
    let increase = fetch(&world, mapping(), |settings| settings.reading = Reading::Increase);
    check(&world, &increase, by_labels, in_sum);
    for demand in [edges, increase] {
        assert_eq!(demand.warnings, Vec::<String>::new());
        let never = key(&world.platform.pairs[0]);
        assert_eq!(demand.signals.counts(Signal::Rejected, &never), Known::Zero);
        assert_eq!(demand.signals.counts(Signal::OverLimit, &never), Known::Unknown);
    }
}

#[test]
fn the_limiters_own_counters_tell_all_and_what_was_over() {
    let world = world(5);
    let demand = fetch(&world, Mapping::ratelimit(), |settings| {
        settings.companions = vec![Companion::new(Tells::OverLimit, Mapping::over_limit())];
    });
    let over: fn(&Served) -> Told<'_> =
        |served| vec![(Signal::OverLimit, served.outcome.rejected.as_slice())];
    check(&world, &demand, over, at_edges);
    assert_eq!((demand.includes_rejected, demand.warnings), (true, Vec::new()));
    let never = key(&world.platform.pairs[0]);
    assert_eq!(demand.signals.counts(Signal::OverLimit, &never), Known::Zero);
}

#[test]
fn other_counters_complete_what_the_backend_cannot_see() {
    let world = world(4);
    let mapping =
        Mapping { includes_rejected: false, ..Mapping::plain(BACKEND_METRIC, &[], labels()) };
    let cache = |metric| Mapping::plain(metric, &[], labels());
    let readings =
        [(Reading::Edges, at_edges as fn(&Truth<'_>, &[f64], &str)), (Reading::Increase, in_sum)];
    for (reading, fits) in readings {
        let demand = fetch(&world, mapping.clone(), |settings| {
            settings.reading = reading;
            settings.companions = vec![
                Companion::new(Tells::Rejected, Mapping::over_limit()),
                Companion::new(Tells::OverLimit, Mapping::over_limit()),
                Companion::new(Tells::CacheBefore, cache(CACHE_METRICS[0])),
                Companion::new(Tells::CacheAfter, cache(CACHE_METRICS[1])),
            ];
        });
        assert!(demand.includes_rejected, "{:?}", demand.warnings);
        check(&world, &demand, by_counters, fits);
    }
}
