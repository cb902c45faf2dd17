//! Every way to read a real Prometheus yields the same demand: as chunks, by queries, in pieces, and through what stands
//! in front of it. Each test starts its own server.

use std::time::Duration;

use tidewright_core::{DemandFrame, DemandRequest, MetricSource as _, Silent, TimeSpan};
use tidewright_source::prometheus::{
    Auth, Flavour, Mapping, PrometheusSettings, PrometheusSource, RawChunks, Reading, Secret,
    Thanos, TokenCommand,
};
use tidewright_testkit::estate::{END, Estate, EstateSettings, Scrape};
use tidewright_testkit::faulty::{Act, FaultyEndpoint, Forward, Reply};
use tidewright_testkit::prometheus::{Blocks, Prometheus};

const HOUR_MS: i64 = 3_600_000;

fn serve(flags: &[&str]) -> Prometheus {
    let estate = Estate::new(EstateSettings::short(3));
    let blocks = Blocks::filled(estate.span(), |piece, text| {
        Scrape::ALL.iter().try_for_each(|scrape| estate.write(*scrape, piece, text))
    });
    Prometheus::start_with(blocks.expect("history can be made"), flags).expect("Prometheus starts")
}

fn settings(url: String, scrape: Scrape) -> PrometheusSettings {
    let mapping = Mapping::nginx().matching(&format!("scrape=\"{}\"", scrape.label()));
    let mut settings = PrometheusSettings::new(url, mapping);
    settings.retry_delay = Duration::from_millis(1);
    settings
}

/// The demand of the last hours.
fn fetch(settings: PrometheusSettings, hours: i64) -> DemandFrame {
    let source = PrometheusSource::new(settings).expect("the settings are sound");
    let span = TimeSpan { start: END.plus_millis(-hours * HOUR_MS), end: END };
    let request = DemandRequest { span, window_ms: 60_000 };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let demand = runtime.block_on(source.fetch_demand(&request, &Silent));
    demand.unwrap_or_else(|error| panic!("{error:?}"))
}

/// Equal to the bit, gaps included.
fn assert_same(one: &DemandFrame, other: &DemandFrame) {
    assert_eq!(one.frame.grid(), other.frame.grid());
    assert_eq!(one.frame.keys(), other.frame.keys());
    assert!(one.frame.keys().len() >= 5, "there is something to compare");
    for (column, key) in one.frame.keys().iter().enumerate() {
        let pairs = one.frame.column(column).iter().zip(other.frame.column(column));
        let different = pairs.enumerate().find(|(_, (a, b))| a.to_bits() != b.to_bits());
        assert_eq!(different, None, "{key}");
    }
}

#[test]
fn chunks_and_queries_yield_the_same_demand() {
    let server = serve(&[]);
    for scrape in Scrape::ALL {
        let read = |raw_chunks| {
            fetch(PrometheusSettings { raw_chunks, ..settings(server.url(), scrape) }, 8 * 24)
        };
        let (chunks, queries) = (read(RawChunks::Auto), read(RawChunks::Off));
        assert!(chunks.method_note.ends_with("read as raw chunks"), "{}", chunks.method_note);
        assert!(!queries.method_note.contains("raw chunks"));
        assert_same(&chunks, &queries);
        assert_eq!(chunks.warnings, queries.warnings);
    }
}

#[test]
fn pieces_yield_what_the_whole_does() {
    let (whole, small) = (serve(&[]), serve(&["--query.max-samples=300"]));
    for reading in [Reading::Edges, Reading::Increase] {
        let read = |server: &Prometheus| {
            through(server, "", Vec::new(), |settings| settings.reading = reading.clone())
        };
        let ((_, whole), (proxy, pieces)) = (read(&whole), read(&small));
        assert_same(&whole, &pieces);
        assert!(whole.warnings.is_empty(), "{:?}", whole.warnings);
        let told = pieces.warnings.first().expect("pieces are told");
        assert!(told.contains("too many samples") && told.contains("smaller ones"), "{told}");
        let asked = proxy.asked();
        let count = |part: &str| asked.iter().filter(|asked| asked.line.contains(part)).count();
        assert!(count("query=") > 24 && count("/label/partner/values") > 0, "{told}");
    }
}

/// Chunks that break off in the middle.
fn broken_chunks() -> Reply {
    let reply = Reply { status: 200, headers: Vec::new(), body: vec![0x20, 1, 2, 3, 4, 5] };
    let kind =
        "Content-Type: application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse";
    reply.with_header(kind)
}

#[test]
fn a_server_that_reads_from_others_is_queried() {
    let server = serve(&[]);
    let pass = || vec![Act::Forward(Forward::new(server.address()))];
    let config = |yaml: &str| Reply::json(200, format!("{{\"data\":{{\"yaml\":{yaml:?}}}}}"));
    for (reply, is_raw) in [
        (config("global: {}\nremote_write: []\n"), true),
        (config("global: {}\nremote_read:\n- url: http://store\n"), false),
        (Reply::html(403), false),
    ] {
        let rules = vec![("/api/v1/status/config", vec![Act::Reply(reply)]), ("", pass())];
        let proxy = FaultyEndpoint::start(rules).expect("there is a free port");
        let demand = fetch(settings(proxy.url(), Scrape::Every60s), 24);
        assert_eq!(demand.method_note.contains("raw chunks"), is_raw);
    }
}

#[test]
fn a_query_that_is_too_long_for_an_address_is_understood() {
    let server = serve(&[]);
    let plain = fetch(settings(server.url(), Scrape::Every60s), 24);
    let mut long = settings(server.url(), Scrape::Every60s);
    let names: Vec<String> = (0..500).map(|number| format!("/no/such/path/{number}")).collect();
    long.mapping = long.mapping.matching(&format!("path!~\"{}\"", names.join("|")));
    long.raw_chunks = RawChunks::Off;
    assert_same(&plain, &fetch(long, 24));
}

#[test]
fn a_server_that_hands_out_no_chunks_is_queried() {
    let server = serve(&[]);
    let plain = fetch(settings(server.url(), Scrape::Every60s), 48);
    let pass = || vec![Act::Forward(Forward::new(server.address()))];
    let broken = vec![Act::Reply(broken_chunks())];
    for acts in [vec![Act::Reply(Reply::html(404))], vec![Act::HangUp], broken, pass()] {
        let is_passed = matches!(acts[0], Act::Forward(_));
        let proxy = FaultyEndpoint::start(vec![("/api/v1/read", acts), ("", pass())]);
        let proxy = proxy.expect("there is a free port");
        let read = fetch(settings(proxy.url(), Scrape::Every60s), 48);
        assert_same(&plain, &read);
        assert_eq!(read.method_note.contains("raw chunks"), is_passed);
    }
}

/// A proxy in front of `server` below `prefix`, and demand read through it.
fn through(
    server: &Prometheus,
    prefix: &str,
    first: Vec<Act>,
    change: impl FnOnce(&mut PrometheusSettings),
) -> (FaultyEndpoint, DemandFrame) {
    let forward = Forward { prefix: prefix.to_owned(), ..Forward::new(server.address()) };
    let pass = || Act::Forward(forward.clone());
    let rules = vec![
        ("query=last_over_time", first.into_iter().chain([pass()]).collect()),
        (prefix, vec![pass()]),
    ];
    let proxy = FaultyEndpoint::start(rules).expect("there is a free port");
    let mut settings = settings(proxy.url(), Scrape::Every30s);
    settings.raw_chunks = RawChunks::Off;
    change(&mut settings);
    let demand = fetch(settings, 24);
    (proxy, demand)
}

#[test]
fn each_kin_is_asked_in_its_own_way() {
    let server = serve(&[]);
    let (_, plain) = through(&server, "", Vec::new(), |_| {});
    let tenant = || Some("7".to_owned());
    let check = |prefix: &str, flavour: Flavour, holds: &str| {
        let (proxy, demand) = through(&server, prefix, Vec::new(), |s| s.flavour = flavour);
        assert_same(&plain, &demand);
        let asked = proxy.asked();
        assert!(asked.iter().all(|asked| asked.line.contains(holds)), "{asked:?}");
        asked
    };
    check("", Flavour::Thanos(Thanos::default()), "&partial_response=false");
    check("", Flavour::Trickster, "trickster-fast-forward");
    let victoria = Flavour::VictoriaMetrics { tenant: tenant() };
    check("/select/7/prometheus", victoria, "GET /select/7/prometheus/api/v1/query_range?");
    let asked = check("", Flavour::Mimir { tenant: tenant() }, "/api/v1/query_range?");
    assert!(asked.iter().all(|asked| asked.header("x-scope-orgid") == Some("7")));
}

#[test]
fn what_a_server_does_once_changes_nothing() {
    let server = serve(&[]);
    let (_, plain) = through(&server, "", Vec::new(), |_| {});
    let partial =
        Forward { warning: Some("a store is down".to_owned()), ..Forward::new(server.address()) };
    let slow = Act::Wait(Duration::from_secs(600), Reply::html(200));
    let too_many = Reply::error(422, "execution", "query processing would load too many samples");
    for act in [
        Act::Reply(Reply::error(503, "unavailable", "busy")),
        Act::Reply(Reply::html(401)),
        Act::Reply(too_many),
        Act::Forward(partial),
        slow,
    ] {
        let (_, demand) = through(&server, "", vec![act.clone()], |settings| {
            settings.timeout = Duration::from_secs(3);
            let command = ["echo", "token"].map(str::to_owned).to_vec();
            let lifetime = Duration::from_secs(900);
            settings.auth = Auth::TokenCommand(TokenCommand { command, lifetime });
        });
        assert_same(&plain, &demand);
        let is_split = demand.warnings.iter().any(|warning| warning.contains("too large"));
        assert_eq!(is_split, matches!(&act, Act::Reply(reply) if reply.status == 422), "{act:?}");
    }
}

#[test]
fn a_store_that_stays_down_leaves_gaps_and_no_zeros() {
    let server = serve(&[]);
    let partial =
        Forward { warning: Some("a store is down".to_owned()), ..Forward::new(server.address()) };
    let (proxy, demand) = through(&server, "", vec![Act::Forward(partial); 2], |settings| {
        settings.headers = vec![("X-Key".to_owned(), Secret::new("1"))];
    });
    let frame = &demand.frame;
    let is_gap = |column| frame.column(column).iter().all(|value| value.is_nan());
    assert!(frame.keys().len() >= 5 && (0..frame.keys().len()).all(is_gap));
    let told = &demand.warnings[0];
    assert!(told.contains("are gaps, because the answer was partial: a store is down"), "{told}");
    assert!(proxy.asked().iter().all(|asked| asked.header("x-key") == Some("1")));
}
