//! What is told beside demand, by labels and by other counters.

use tidewright_core::{Known, SeriesKey, Signal};

use super::*;

/// The limiter's own labels, with a job that is another one than demand's.
const LIMITED: &str = r#""key1":"PARTNER_p","key2":"PATH_/a","job":"j","instance":"limiter""#;

fn key(path: &str) -> SeriesKey {
    SeriesKey::new([("PARTNER", "p"), ("PATH", path)])
}

/// Demand of two counters without a job of their own, a limiter that is scraped, and its counter.
fn world(limited: &'static str) -> impl Fn(&Request) -> Reply + Send + Sync + 'static {
    let [a, b] = ["/a", "/b"]
        .map(|path| format!(r#""partner":"p","path":"{path}","job":"edge","instance":"i""#));
    move |request| {
        let query = request.parameter("query");
        // The counter is born a few minutes into the span, as a limiter's is with the first rejection.
        let late = |at: f64| (at >= 6_000_300.0).then(|| format!("{}", (at - 6_000_240.0) / 2.0));
        match query.as_str() {
            query if query.contains("up{") => {
                assert_eq!(query, r#"last_over_time(up{job=~"j"}[33s])"#);
                request.matrix(&[(r#""job":"j","instance":"limiter""#, &|_| Some("1".to_owned()))])
            }
            query if query.contains("over_limit") => request.matrix(&[(limited, &late)]),
            _ => request.matrix(&[(&a, &rising(1.0)), (&b, &rising(2.0))]),
        }
    }
}

async fn demand(
    limited: &'static str,
    change: impl FnOnce(&mut PrometheusSettings),
) -> DemandFrame {
    let mut settings = settings(&Server::start(world(limited)).await.url);
    change(&mut settings);
    fetch_with(settings).await.unwrap()
}

fn over_limit(tells: Tells) -> Companion {
    Companion::new(tells, Mapping::over_limit())
}

#[tokio::test]
async fn the_limiters_own_counter_stands_beside_demand() {
    let demand = demand(LIMITED, |s| s.companions.push(over_limit(Tells::OverLimit))).await;
    let mut expected = [30.0; 10];
    expected[..4].fill(0.0);
    assert_eq!(demand.signals.column(Signal::OverLimit, &key("/a")).unwrap(), expected);
    // The limiter was scraped all the time and never showed it.
    assert_eq!(demand.signals.counts(Signal::OverLimit, &key("/b")), Known::Zero);
    assert_eq!(demand.frame.column(0), [60.0; 10]);
    assert_eq!((demand.includes_rejected, demand.warnings), (true, Vec::new()));
}

#[tokio::test]
async fn what_was_rejected_is_added_to_demand_that_lacks_it() {
    let lacking = |settings: &mut PrometheusSettings| {
        settings.mapping.includes_rejected = false;
        settings.companions.push(over_limit(Tells::Rejected));
    };
    let demand = demand(LIMITED, lacking).await;
    assert_eq!(demand.frame.column(0)[3..5], [60.0, 90.0]);
    assert_eq!(demand.frame.column(1), [120.0; 10]);
    assert!(demand.includes_rejected);
    assert_eq!(demand.signals.column(Signal::Rejected, &key("/a")).unwrap()[4], 30.0);
}

#[tokio::test]
async fn where_counters_can_only_be_read_as_increases_the_witness_is_the_same() {
    let server = Server::start(world(LIMITED)).await;
    let mut settings = settings(&server.url);
    let max_source_resolution = Resolution::FiveMinutes;
    settings.flavour = Flavour::Thanos(Thanos { max_source_resolution, ..Thanos::default() });
    settings.companions.push(over_limit(Tells::OverLimit));
    let start = Timestamp::from_secs(5_994_000);
    let span = TimeSpan { start, end: start.plus_millis(4 * 3_600_000) };
    let request = DemandRequest { span, window_ms: 3_600_000 };
    let source = PrometheusSource::new(settings).unwrap();
    let demand = source.fetch_demand(&request, &Silent).await.unwrap();
    assert_eq!(demand.method, DemandMethod::Increase);
    let told = demand.signals.column(Signal::OverLimit, &key("/a")).unwrap();
    assert_eq!((told[0], told[1] > 0.0, told[3] > 0.0), (0.0, true, true));
    assert_eq!(demand.signals.counts(Signal::OverLimit, &key("/b")), Known::Zero);
}

#[tokio::test]
async fn a_class_of_statuses_leaves_what_was_rejected_unknown_and_says_so() {
    let classes = |request: &Request| {
        let series = [r#""path":"/a","code":"2xx""#, r#""path":"/a","code":"4xx""#];
        request.matrix(&[(series[0], &rising(1.0)), (series[1], &rising(0.5))])
    };
    let mut settings = settings(&Server::start(classes).await.url);
    settings.mapping = Mapping {
        status: Some(StatusRule::new("code")),
        ..Mapping::plain("requests_total", &[], vec![LabelRule::new("PATH", "path")])
    };
    let demand = fetch_with(settings).await.unwrap();
    let a = SeriesKey::new([("PATH", "/a")]);
    assert_eq!(demand.signals.counts(Signal::Rejected, &a), Known::Unknown);
    assert_eq!(demand.signals.column(Signal::ClientErrors, &a).unwrap(), [30.0; 10]);
    assert_eq!(
        demand.warnings,
        ["`rejected` is not known of 1 series: not all of their counters tell it"]
    );
}

#[tokio::test]
async fn a_counter_that_names_others_leaves_demand_marked_as_lacking() {
    let lacking = |settings: &mut PrometheusSettings| {
        settings.mapping.includes_rejected = false;
        settings.companions.push(over_limit(Tells::Rejected));
    };
    let other = r#""key1":"PARTNER","key2":"PATH_/a","job":"j","instance":"limiter""#;
    let demand = demand(other, lacking).await;
    assert_eq!((demand.frame.column(0), demand.includes_rejected), (&[60.0; 10][..], false));
    assert_eq!(demand.signals.counts(Signal::Rejected, &key("/a")), Known::Unknown);
    assert!(demand.warnings[0].starts_with("`ratelimit_service_rate_limit_over_limit`: 1 series"));
}

#[tokio::test]
async fn a_counter_without_samples_is_a_warning() {
    let nothing = Mapping { metric: "nothing_total".to_owned(), ..Mapping::over_limit() };
    let companion = Companion::new(Tells::OverLimit, nothing);
    let demand = demand(LIMITED, |settings| settings.companions.push(companion)).await;
    assert_eq!(
        demand.warnings,
        ["`over_limit` is not known: there is no sample of `nothing_total` in this span"]
    );
    assert_eq!(demand.signals.counts(Signal::OverLimit, &key("/a")), Known::Unknown);
}

#[tokio::test]
async fn a_label_that_was_asked_for_and_is_nowhere_is_a_warning() {
    let wants = |settings: &mut PrometheusSettings| {
        settings.mapping.status = Some(StatusRule::new("status"));
    };
    let demand = demand(LIMITED, wants).await;
    assert_eq!(demand.warnings, ["no counter tells anything in its label `status`"]);
    assert_eq!(demand.signals.iter().count(), 0);
}

/// Four counters that count so many per minute, as raw counters or as an increase.
fn by_labels(is_increase: bool) -> impl Fn(&Request) -> Reply + Send + Sync + 'static {
    let count = move |per_minute: f64| {
        move |at: f64| Some(format!("{}", per_minute * if is_increase { 1.0 } else { at / 60.0 }))
    };
    let counters = [
        (r#""path":"/a","code":"200","cache":"HIT""#, 50.0),
        (r#""path":"/a","code":"404","cache":"MISS""#, 5.0),
        (r#""path":"/a","code":"429""#, 3.0),
        (r#""path":"/b","code":"200""#, 1.0),
    ];
    let counters = counters.map(|(labels, per_minute)| (labels, count(per_minute)));
    move |request| {
        let [a, b, c, d] = &counters;
        request.matrix(&[(a.0, &a.1), (b.0, &b.1), (c.0, &c.1), (d.0, &d.1)])
    }
}

async fn told_by_labels(reading: Reading) -> DemandFrame {
    let server = Server::start(by_labels(reading == Reading::Increase)).await;
    let mut settings = settings(&server.url);
    settings.mapping = Mapping {
        status: Some(StatusRule::new("code")),
        cache: Some(CacheRule::new("cache", ["HIT"])),
        ..Mapping::plain("requests_total", &[], vec![LabelRule::new("PATH", "path")])
    };
    settings.reading = reading;
    fetch_with(settings).await.unwrap()
}

#[tokio::test]
async fn both_readings_tell_the_same_by_labels() {
    for reading in [Reading::Edges, Reading::Increase] {
        let demand = told_by_labels(reading).await;
        let near =
            |column: &[f64], count: f64| column.iter().all(|value| (value - count).abs() < 1e-6);
        assert!(near(demand.frame.column(0), 58.0), "{:?}", demand.frame.column(0));
        let [a, b] = ["/a", "/b"].map(|path| SeriesKey::new([("PATH", path)]));
        let told = [
            (Signal::Rejected, 3.0),
            (Signal::ClientErrors, 5.0),
            (Signal::CacheLookups, 55.0),
            (Signal::CacheHits, 50.0),
        ];
        for (signal, count) in told {
            assert!(near(demand.signals.column(signal, &a).unwrap(), count), "{signal:?}");
        }
        assert_eq!(demand.signals.counts(Signal::ServerErrors, &a), Known::Zero);
        assert_eq!(demand.signals.counts(Signal::Rejected, &b), Known::Zero);
        assert_eq!(demand.signals.counts(Signal::OverLimit, &a), Known::Unknown);
    }
}

#[test]
fn companions_that_cannot_work_are_named() {
    let check = |companions: Vec<Companion>| {
        let mut settings = PrometheusSettings::new("http://localhost:9090", Mapping::nginx());
        settings.companions = companions;
        settings.check().map(drop).map_err(|error| error.to_string())
    };
    assert_eq!(check(vec![over_limit(Tells::OverLimit), over_limit(Tells::Rejected)]), Ok(()));
    let twice = check(vec![over_limit(Tells::OverLimit), over_limit(Tells::OverLimit)]);
    assert!(twice.unwrap_err().contains("one counter for each thing to tell, got `over_limit`"));
    let lonely = check(vec![Companion::new(Tells::CacheAfter, Mapping::nginx())]);
    assert!(lonely.unwrap_err().contains("both counters of the cache or none"));
    let labels = vec![LabelRule::new("PARTNER", "key1")];
    let other = Companion::new(Tells::Rejected, Mapping::plain("x_total", &[], labels));
    assert!(check(vec![other]).unwrap_err().contains("the same descriptor keys as demand"));
}
