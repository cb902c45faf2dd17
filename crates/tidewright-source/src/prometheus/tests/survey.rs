//! Tests of looking around, against a server that answers badly.

use tidewright_core::{MetricExplorer as _, SumRequest};

use super::*;

const AT: Timestamp = Timestamp::from_secs(6_000_000);

async fn source(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> PrometheusSource {
    PrometheusSource::new(settings(&Server::start_answering(answer, true).await.url)).unwrap()
}

fn list(items: &str) -> Reply {
    Reply::new("200 OK", format!(r#"{{"status":"success","data":[{items}]}}"#))
}

#[tokio::test]
async fn names_are_listed_also_where_nobody_knows_what_they_are() {
    let source = source(|request| match request.url.path() {
        "/api/v1/metadata" => Reply::new("404 Not Found", "no such page"),
        _ => list(r#""hits_total","up""#),
    });
    let metrics = source.await.fetch_metrics(AT).await.unwrap();
    let names: Vec<&str> = metrics.kinds.keys().map(String::as_str).collect();
    assert_eq!((names, metrics.cut), (vec!["hits_total", "up"], false));
}

#[tokio::test]
async fn few_series_are_listed_and_many_are_not() {
    for (size, listed) in [("3", true), ("5000", false)] {
        let source = source(move |request| match request.url.path() {
            "/api/v1/query_range" => {
                request.matrix(&[(r#""__name__":"hits_total""#, &|_| Some(size.to_owned()))])
            }
            "/api/v1/series" => list(r#"{"__name__":"hits_total","path":"/a"}"#),
            "/api/v1/labels" => list(r#""__name__","le","path""#),
            _ => list(r#""/a","/b""#),
        });
        let labels = source.await.fetch_labels(&["hits_total".to_owned()], AT).await.unwrap();
        let found = &labels["hits_total"];
        let paths = if listed { 1 } else { 2 };
        assert_eq!((found.listed.is_some(), found.values["path"].len()), (listed, paths));
        assert_eq!((found.series, found.values.len()), (size.parse().unwrap(), 1));
    }
}

#[tokio::test]
async fn sums_are_by_the_labels_that_are_asked_for() {
    let asked = Arc::new(Mutex::new(String::new()));
    let seen = asked.clone();
    let source = source(move |request| {
        *seen.lock().unwrap() = request.parameter("query");
        request.matrix(&[(r#""path":"/a""#, &|_| Some("7".to_owned()))])
    });
    let ask = SumRequest {
        selector: r#"hits{path!=""}"#.to_owned(),
        by: vec!["path".to_owned()],
        at: AT,
        span_ms: 86_400_000,
    };
    let sums = source.await.fetch_sums(&ask).await.unwrap();
    assert_eq!((sums.rises.len(), sums.rises[0].1, sums.cut), (1, 7.0, false));
    let query = r#"topk(20000, sum by (path) (increase(hits{path!=""}[86400s])))"#;
    assert_eq!(*asked.lock().unwrap(), query);
}

#[tokio::test]
async fn an_answer_that_is_cut_or_refused_is_an_error() {
    let cut = source(|_| list(r#""hits_total","u"#)).await;
    assert!(cut.fetch_metrics(AT).await.is_err());
    let refused = source(|_| Reply::new("403 Forbidden", "no")).await;
    let error = refused.fetch_metrics(AT).await.unwrap_err();
    let (kind, text) = told(&error);
    assert_eq!(kind, PortErrorKind::Refused);
    assert!(text.starts_with("cannot read the names of metrics from Prometheus at"), "{text}");
}

#[tokio::test]
async fn the_time_of_the_server_is_asked_for() {
    let body = r#"{"status":"success","data":{"resultType":"scalar","result":[6000000.25,"x"]}}"#;
    let source = source(move |_| Reply::new("200 OK", body)).await;
    assert_eq!(source.fetch_time().await.unwrap(), Some(AT.plus_millis(250)));
}
