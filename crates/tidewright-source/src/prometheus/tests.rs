//! Tests of the whole source against a server that misbehaves in every way that was met.

mod beside;
mod faulty;
mod flavours;
mod survey;

use std::error::Error as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tidewright_core::{PortError, PortErrorKind, Silent, TimeSpan, Timestamp};

use super::*;
use faulty::{Reply, Request, Server};

const A: &str = r#""partner":"p","path":"/a","job":"j","instance":"i""#;
const B: &str = r#""partner":"p","path":"/b","job":"j","instance":"i""#;

/// A counter that counts `per_second`.
fn rising(per_second: f64) -> impl Fn(f64) -> Option<String> {
    move |at| Some(format!("{}", at * per_second))
}

/// Two counters: one and two requests per second.
fn two(request: &Request) -> Reply {
    request.matrix(&[(A, &rising(1.0)), (B, &rising(2.0))])
}

/// Ten windows of a minute.
const REQUEST: DemandRequest = DemandRequest {
    span: TimeSpan { start: Timestamp::from_secs(6_000_000), end: Timestamp::from_secs(6_000_659) },
    window_ms: 60_000,
};

fn settings(url: &str) -> PrometheusSettings {
    let mut settings = PrometheusSettings::new(url, Mapping::nginx());
    settings.retry_delay = Duration::from_millis(1);
    settings.retries = 2;
    settings
}

async fn fetch_with(settings: PrometheusSettings) -> Result<DemandFrame, PortError> {
    PrometheusSource::new(settings).unwrap().fetch_demand(&REQUEST, &Silent).await
}

async fn fetch(
    answer: impl Fn(&Request) -> Reply + Send + Sync + 'static,
) -> Result<DemandFrame, PortError> {
    fetch_with(settings(&Server::start(answer).await.url)).await
}

/// The error with its causes, and what kind it is.
fn told(error: &PortError) -> (PortErrorKind, String) {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    (error.kind(), text)
}

async fn check_error(
    answer: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    kind: PortErrorKind,
    part: &str,
) -> PortError {
    let error = fetch(answer).await.unwrap_err();
    let (got, text) = told(&error);
    assert_eq!(got, kind, "{text}");
    assert!(text.contains(part), "{text}");
    error
}

#[tokio::test]
async fn demand_is_read_at_the_edges_of_whole_windows() {
    let demand = fetch(two).await.unwrap();
    assert_eq!(demand.frame.grid().len(), 10);
    let names: Vec<_> = demand.frame.keys().iter().map(ToString::to_string).collect();
    assert_eq!(names, [r#"{PARTNER="p",PATH="/a"}"#, r#"{PARTNER="p",PATH="/b"}"#]);
    assert_eq!(demand.frame.column(0), [60.0; 10]);
    assert_eq!(demand.frame.column(1), [120.0; 10]);
    assert_eq!((demand.method, demand.scrape_interval_ms), (DemandMethod::Edges, Some(30_000)));
    assert!(demand.method_note.contains("up to one scrape interval (`30s`)"));
}

#[tokio::test]
async fn answers_without_data_before_the_first_ones_with_some_take_no_room() {
    let since = |at: f64| (at >= 6_700_000.0).then(|| format!("{at}"));
    let server = Server::start(move |request| request.matrix(&[(A, &since)])).await;
    let start = Timestamp::from_secs(6_000_000);
    let span = TimeSpan { start, end: start.plus_millis(15_000 * 60_000) };
    let source = PrometheusSource::new(settings(&server.url)).unwrap();
    let request = DemandRequest { span, window_ms: 60_000 };
    let frame = source.fetch_demand(&request, &Silent).await.unwrap().frame;
    assert_eq!(
        (frame.grid().start(), frame.grid().end()),
        (Timestamp::from_secs(6_600_000), span.end)
    );
    let first = frame.column(0).iter().position(|count| !count.is_nan());
    assert_eq!(first, Some(100_000_usize.div_ceil(60)));
}

#[tokio::test]
async fn increase_is_asked_for_at_the_ends_of_windows() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = asked.clone();
    let server = Server::start(move |request| {
        seen.lock().unwrap().extend(request.moments());
        request.matrix(&[(r#""partner":"p","path":"/a""#, &|at| Some(format!("{at}")))])
    });
    let mut settings = settings(&server.await.url);
    settings.reading = Reading::Increase;
    let demand = fetch_with(settings).await.unwrap();
    assert_eq!(asked.lock().unwrap().first(), Some(&6_000_060.0));
    assert_eq!((demand.frame.column(0)[0], demand.frame.column(0)[9]), (6_000_060.0, 6_000_600.0));
}

#[tokio::test]
async fn a_rate_of_ones_own_is_multiplied_by_the_window() {
    let server = Server::start(|request| {
        request.matrix(&[(r#""partner":"p","path":"/a""#, &|_| Some("0.5".to_owned()))])
    });
    let mut settings = settings(&server.await.url);
    settings.reading = Reading::Query { promql: "my_rate".to_owned(), yields: Yields::Rate };
    assert_eq!(fetch_with(settings).await.unwrap().frame.column(0), [30.0; 10]);
}

#[tokio::test]
async fn a_long_span_is_read_in_chunks_that_fit_together() {
    let server = Server::start(two).await;
    let source = PrometheusSource::new(settings(&server.url)).unwrap();
    let span = TimeSpan { start: Timestamp::from_secs(0), end: Timestamp::from_secs(60 * 25_000) };
    let request = DemandRequest { span, window_ms: 60_000 };
    let demand = source.fetch_demand(&request, &Silent).await.unwrap();
    assert_eq!(server.asked.load(Ordering::SeqCst), 3);
    assert!(demand.frame.column(0).iter().all(|&value| value == 60.0));
    assert_eq!(demand.frame.column(1).len(), 25_000);
}

#[tokio::test]
async fn an_empty_history_is_a_finding_and_no_error() {
    let mut settings = settings(&Server::start(two).await.url);
    settings.mapping.metric = "nothing_total".to_owned();
    let demand = fetch_with(settings).await.unwrap();
    assert!(demand.frame.keys().is_empty());
    assert_eq!(demand.method_note, "there is no sample of the counter in this span");
    assert!(fetch(|_| Reply::success("")).await.unwrap().frame.keys().is_empty());
}

#[tokio::test]
async fn a_server_that_is_down_is_a_passing_failure() {
    let (kind, text) = told(&fetch_with(settings("http://127.0.0.1:1")).await.unwrap_err());
    assert_eq!(kind, PortErrorKind::Transient);
    assert!(text.starts_with("cannot read `service_nginx_request_time_s_count` from Prometheus at `http://127.0.0.1:1/`: cannot reach the server"), "{text}");
}

#[tokio::test]
async fn a_slow_server_runs_into_the_time_out() {
    let server = Server::start(|request| two(request).after(Duration::from_secs(600))).await;
    let mut settings = settings(&server.url);
    settings.timeout = Duration::from_millis(200);
    let (kind, text) = told(&fetch_with(settings).await.unwrap_err());
    assert_eq!(kind, PortErrorKind::Transient);
    assert!(text.ends_with("no answer within `200` ms"), "{text}");
    assert_eq!(server.asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_clear_no_is_told_in_the_servers_own_words_and_not_repeated() {
    for status in ["400 Bad Request", "422 Unprocessable Entity", "404 Not Found"] {
        let error = check_error(
            move |_| Reply::error(status, "parse error: bad"),
            PortErrorKind::Refused,
            "parse error: bad",
        );
        assert!(error.await.advice().is_some());
    }
    let server = Server::start(|_| Reply::error("400 Bad Request", "no")).await;
    assert!(fetch_with(settings(&server.url)).await.is_err());
    assert_eq!(server.asked.load(Ordering::SeqCst), 1);
    let error = check_error(
        |_| Reply::error("422 X", "query processing would load too many samples"),
        PortErrorKind::Refused,
        "422",
    );
    assert!(error.await.advice().unwrap().contains("--query.max-samples"));
}

#[tokio::test]
async fn a_refused_token_says_where_to_look() {
    for status in ["401 Unauthorized", "403 Forbidden"] {
        let error =
            check_error(move |_| Reply::new(status, ""), PortErrorKind::Refused, "answered `40");
        assert!(error.await.advice().unwrap().contains("token"));
    }
}

#[tokio::test]
async fn what_passes_is_tried_again() {
    for (status, message) in [
        ("429 Too Many Requests", "busy"),
        ("503 Service Unavailable", "busy"),
        ("500 Internal Server Error", "busy"),
        ("422 Unprocessable Entity", "rpc error: code = Unavailable desc = a store is down"),
    ] {
        let answer = move |request: &Request| match request.earlier {
            0 => Reply::error(status, message).header("Retry-After: 0"),
            _ => two(request),
        };
        assert_eq!(fetch(answer).await.unwrap().frame.column(0), [60.0; 10]);
    }
    check_error(
        |_| Reply::error("503 Service Unavailable", "busy"),
        PortErrorKind::Transient,
        "`503 Service Unavailable`: busy",
    )
    .await;
}

#[tokio::test]
async fn a_broken_connection_counts_nothing_twice() {
    let demand = fetch(|request| match request.earlier {
        0 => two(request).cut_at(400),
        _ => two(request),
    });
    assert_eq!(demand.await.unwrap().frame.column(0), [60.0; 10]);
    check_error(
        |request| two(request).cut_at(400),
        PortErrorKind::Transient,
        "broke in the middle",
    )
    .await;
}

#[tokio::test]
async fn an_answer_that_makes_no_sense_is_corrupt() {
    let kind = PortErrorKind::Corrupt;
    check_error(|_| Reply::new("200 OK", "<html>sign in</html>"), kind, "it reads `<html>").await;
    let truncated =
        |request: &Request| two(request).map_body(|body| body[..body.len() / 2].to_owned());
    check_error(truncated, kind, "the answer ended early").await;
    let twice = |request: &Request| request.matrix(&[(A, &rising(1.0)), (A, &rising(1.0))]);
    check_error(twice, kind, "comes twice").await;
    let backwards = |request: &Request| {
        let (first, second) = (request.moments()[0], request.moments()[1]);
        Reply::success(&format!(r#"{{"metric":{{{A}}},"values":[[{second},"1"],[{first},"1"]]}}"#))
    };
    check_error(backwards, kind, r#"path="/a""#).await;
}

#[tokio::test]
async fn warnings_and_infinities_are_kept_for_people() {
    let demand = fetch(|request| {
        let odd = |at: f64| {
            Some(
                if at == 6_000_120.0 {
                    "+Inf"
                } else if at == 6_000_240.0 {
                    "NaN"
                } else {
                    "5"
                }
                .to_owned(),
            )
        };
        let warning = r#"{"warnings":["PromQL warning: odd"],"#;
        request.matrix(&[(A, &odd)]).map_body(|body| body.replacen('{', warning, 1))
    });
    let demand = demand.await.unwrap();
    assert_eq!(demand.warnings, ["PromQL warning: odd", "1 infinite values were read as gaps"]);
    let gaps: Vec<_> = demand.frame.column(0).iter().map(|value| value.is_nan()).collect();
    assert_eq!(gaps, [false, true, true, true, true, false, false, false, false, false]);
}

#[tokio::test]
async fn windows_of_a_partial_answer_are_gaps_and_are_told() {
    for sign in [r#""warnings":["a store is down"]"#, r#""isPartial":true"#] {
        let whole = Arc::new(AtomicBool::new(false));
        let answer = {
            let (sign, whole) = (format!("{{{sign},"), whole.clone());
            move |request: &Request| match whole.load(Ordering::SeqCst) {
                true => two(request),
                false => two(request).map_body(|body| body.replacen('{', &sign, 1)),
            }
        };
        let server = Server::start(answer).await;
        let demand = fetch_with(settings(&server.url)).await.unwrap();
        assert!(demand.frame.column(0).iter().all(|value| value.is_nan()), "{sign}");
        let told = &demand.warnings[0];
        let windows = "the windows of `1970-03-11T10:40:00Z..1970-03-11T10:50:00Z` are gaps";
        assert!(told.starts_with(windows) && demand.warnings.len() == 1, "{told}");
        assert_eq!(server.asked.load(Ordering::SeqCst), 2, "a store may be back in a moment");
        whole.store(true, Ordering::SeqCst);
        let demand = fetch_with(settings(&server.url)).await.unwrap();
        assert_eq!((demand.frame.column(0), demand.warnings.len()), (&[60.0; 10][..], 0));
    }
}

#[tokio::test]
async fn a_partial_answer_costs_the_days_that_it_is_of() {
    let server = Server::start(|request| {
        let moments = request.moments();
        let is_hit = moments[0] < 200_000.0 && 200_000.0 < moments[moments.len() - 1];
        match is_hit {
            true => two(request).map_body(|body| body.replacen('{', r#"{"warnings":["x"],"#, 1)),
            false => two(request),
        }
    });
    let source = PrometheusSource::new(settings(&server.await.url)).unwrap();
    let days = |count: i64| Timestamp::from_secs(86_400 * count);
    let request =
        DemandRequest { span: TimeSpan { start: days(0), end: days(8) }, window_ms: 3_600_000 };
    let demand = source.fetch_demand(&request, &Silent).await.unwrap();
    let is_gap = |day: usize| demand.frame.column(0)[24 * day..][..24].iter().all(|v| v.is_nan());
    assert_eq!((0..8).filter(|day| is_gap(*day)).collect::<Vec<_>>(), [2]);
    assert!(demand.warnings[0].contains("`1970-01-03T00:00:00Z..1970-01-04T00:00:00Z`"));
}

#[tokio::test]
async fn half_the_series_missing_leaves_gaps_and_no_zeros() {
    let demand = fetch(|request| {
        let half = |at: f64| (at < 6_000_300.0).then(|| format!("{at}"));
        request.matrix(&[
            (A, &half),
            (r#""partner":"p","path":"/b","job":"j","instance":"k""#, &rising(1.0)),
        ])
    });
    let demand = demand.await.unwrap();
    assert_eq!(demand.frame.column(0)[..4], [60.0; 4]);
    assert!(demand.frame.column(0)[4..].iter().all(|value| value.is_nan()));
    assert_eq!(demand.frame.column(1), [60.0; 10]);
}

#[tokio::test]
async fn series_without_the_mapped_labels_are_left_out_and_none_with_them_is_refused() {
    let demand =
        fetch(|request| request.matrix(&[(A, &rising(1.0)), (r#""partner":"p""#, &rising(1.0))]));
    assert_eq!(
        demand.await.unwrap().warnings,
        ["1 series without values for all mapped labels were left out"]
    );
    let none = |request: &Request| request.matrix(&[(r#""partner":"p""#, &rising(1.0))]);
    check_error(none, PortErrorKind::Refused, "`partner, path`").await;
}

#[tokio::test]
async fn credentials_are_sent_to_the_server_and_to_no_other() {
    let leaked = Arc::new(AtomicBool::new(false));
    let saw = leaked.clone();
    let other = Server::start(move |request| {
        saw.store(true, Ordering::SeqCst);
        two(request)
    });
    let location = format!("Location: {}/api/v1/query_range?query=my_x", other.await.url);
    let heads = Arc::new(Mutex::new(String::new()));
    let kept = heads.clone();
    let server = Server::start(move |request| {
        kept.lock().unwrap().push_str(&request.head);
        Reply::new("302 Found", "").header(&location)
    });
    let mut settings = settings(&server.await.url);
    settings.auth = Auth::Bearer(Secret::new("hunter2"));
    settings.headers = vec![("X-Scope-OrgID".to_owned(), Secret::new("tenant"))];
    let error = fetch_with(settings).await.unwrap_err();
    let (kind, text) = told(&error);
    assert_eq!(kind, PortErrorKind::Refused);
    assert!(
        text.contains("the server sends us elsewhere: to `127.0.0.1`") && !text.contains("hunter2"),
        "{text}"
    );
    assert!(!leaked.load(Ordering::SeqCst));
    let heads = heads.lock().unwrap().to_lowercase();
    assert!(
        heads.contains("authorization: bearer hunter2") && heads.contains("x-scope-orgid: tenant")
    );
}

/// Wants to stop from the start.
struct Impatient;

impl Progress for Impatient {
    fn begin(&self, _stage: &'static str, _total: u64) {}
    fn advance(&self, _steps: u64) {}
    fn is_cancelled(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn reading_stops_when_it_is_cancelled() {
    let source = PrometheusSource::new(settings(&Server::start(two).await.url)).unwrap();
    let error = source.fetch_demand(&REQUEST, &Impatient).await.unwrap_err();
    assert!(told(&error).1.ends_with("reading was cancelled"));
}

#[tokio::test]
async fn a_probe_tells_what_it_found_and_what_to_do() {
    let at = Timestamp::from_secs(6_000_000);
    let source = PrometheusSource::new(settings(&Server::start(two).await.url)).unwrap();
    let found: Vec<_> =
        source.probe(at).await.into_iter().map(|f| (f.check, f.health, f.found)).collect();
    let selector = Mapping::nginx().selector();
    assert_eq!(
        found[1..],
        [
            (Check::Version, Health::Good, "2.42.0".to_owned()),
            (Check::Counters, Health::Good, format!("2 of `{selector}`")),
            (Check::ScrapeInterval, Health::Good, "every 30s".to_owned()),
            (Check::History, Health::Good, "60.0 days".to_owned()),
        ]
    );
    let down = PrometheusSource::new(settings("http://127.0.0.1:1")).unwrap().probe(at).await;
    assert_eq!((down.len(), down[0].check, down[0].health), (1, Check::Reachable, Health::Failed));
    assert!(down[0].remedy.is_some());
}
