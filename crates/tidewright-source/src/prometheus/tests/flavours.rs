//! What each kin of Prometheus is asked, who we say that we are, and which way a request takes.

use std::time::Duration;

use tidewright_core::Clock;

use super::*;

/// The heads of all requests so far.
type Heads = Arc<Mutex<Vec<String>>>;

async fn recording() -> (Server, Heads) {
    let heads = Heads::default();
    let kept = heads.clone();
    let server = Server::start(move |request| {
        kept.lock().unwrap().push(request.head.clone());
        two(request)
    });
    (server.await, heads)
}

async fn first_head(change: impl FnOnce(&mut PrometheusSettings)) -> String {
    let (server, heads) = recording().await;
    let mut settings = settings(&server.url);
    change(&mut settings);
    fetch_with(settings).await.unwrap();
    let heads = heads.lock().unwrap();
    heads[0].to_lowercase()
}

/// What the first request for demand holds, and what it does not.
async fn check(flavour: Flavour, holds: &[&str], lacks: &[&str]) {
    let head = first_head(|settings| settings.flavour = flavour).await;
    let missing = holds.iter().find(|part| !head.contains(**part));
    let needless = lacks.iter().find(|part| head.contains(**part));
    assert_eq!((missing, needless), (None, None), "{head}");
}

#[tokio::test]
async fn prometheus_itself_is_asked_for_nothing_special() {
    let lacks = ["dedup", "nocache", "x-scope-orgid", "trickster"];
    check(Flavour::Prometheus, &["get /api/v1/query_range?query=last_over_time"], &lacks).await;
}

#[tokio::test]
async fn thanos_is_asked_for_raw_whole_answers_without_copies() {
    let asked = ["&dedup=true", "&partial_response=false", "&max_source_resolution=0s"];
    check(Flavour::Thanos(Thanos::default()), &asked, &[]).await;
    let other =
        Thanos { dedup: false, partial_response: true, max_source_resolution: Resolution::Auto };
    let asked = ["&dedup=false", "&partial_response=true", "&max_source_resolution=auto"];
    check(Flavour::Thanos(other), &asked, &[]).await;
}

#[tokio::test]
async fn mimir_is_told_the_tenant() {
    let tenant = Some("team-a".to_owned());
    check(Flavour::Mimir { tenant }, &["x-scope-orgid: team-a"], &[]).await;
    check(Flavour::Mimir { tenant: None }, &[], &["x-scope-orgid"]).await;
}

#[tokio::test]
async fn victoria_metrics_is_asked_past_its_cache_below_its_tenant() {
    let tenant = Some("7:1".to_owned());
    let asked = [
        "get /select/7:1/prometheus/api/v1/query_range?",
        "&nocache=1",
        "&deny_partial_response=1",
    ];
    check(Flavour::VictoriaMetrics { tenant }, &asked, &[]).await;
    check(Flavour::VictoriaMetrics { tenant: None }, &["get /api/v1/query_range?"], &[]).await;
}

#[tokio::test]
async fn trickster_appends_no_point_and_measurements_are_on_round_moments() {
    check(Flavour::Trickster, &["%23%20trickster-fast-forward%3aoff"], &[]).await;
    let odd = Arc::new(AtomicBool::new(false));
    let saw = odd.clone();
    let server = Server::start(move |request| {
        let step: f64 = request.parameter("step").parse().unwrap();
        saw.fetch_or(request.moments()[0] % step != 0.0, Ordering::SeqCst);
        two(request)
    });
    let mut settings = settings(&server.await.url);
    settings.flavour = Flavour::Trickster;
    assert!(fetch_with(settings).await.unwrap().method_note.contains("Trickster"));
    assert!(!odd.load(Ordering::SeqCst));
}

#[tokio::test]
async fn parameters_of_ones_own_go_with_each_query() {
    let head = first_head(|settings| {
        settings.query_parameters = vec![("key".to_owned(), Secret::new("a b"))];
    });
    assert!(head.await.contains("&key=a%20b"));
}

#[tokio::test]
async fn a_kin_is_called_by_its_name() {
    let mut settings = settings("http://127.0.0.1:1");
    settings.flavour = Flavour::Mimir { tenant: None };
    let (_, text) = told(&fetch_with(settings).await.unwrap_err());
    assert!(text.contains("from Mimir at `http://127.0.0.1:1/`"), "{text}");
    let server = Server::start(|_| Reply::new("404 Not Found", "")).await;
    let mut settings = super::settings(&server.url);
    settings.flavour = Flavour::Mimir { tenant: None };
    let advice = fetch_with(settings).await.unwrap_err();
    assert!(advice.advice().unwrap().contains("`/prometheus`"));
}

/// A clock that stands still.
struct Standing;

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        Timestamp::parse("2026-11-20T08:00:00.5Z").unwrap()
    }
}

/// A request as it came over the wire.
fn received(head: &str) -> crate::prometheus::client::Request {
    let mut line = head.split(' ');
    let (method, target) = (line.next().unwrap(), line.next().unwrap());
    let host = head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    crate::prometheus::client::Request {
        method: method.parse().unwrap(),
        url: format!("http://{host}{target}").parse().unwrap(),
        headers: Vec::new(),
        body: Vec::new(),
    }
}

#[tokio::test]
async fn amazon_is_sent_a_signature_that_holds_for_what_arrives() {
    let key = SigV4 {
        region: "eu-west-1".to_owned(),
        service: "aps".to_owned(),
        access_key: "AKID".to_owned(),
        secret_key: Secret::new("hunter2"),
        session_token: Some(Secret::new("lent")),
        clock: Arc::new(Standing),
    };
    let (server, heads) = recording().await;
    let mut settings = settings(&format!("{}/workspaces/ws-1", server.url));
    settings.auth = Auth::SigV4(key.clone());
    fetch_with(settings).await.unwrap();
    let heads = heads.lock().unwrap();
    let expected = "AWS4-HMAC-SHA256 Credential=AKID/20261120/eu-west-1/aps/aws4_request, SignedHeaders=host;x-amz-date;x-amz-security-token, Signature=";
    let sent = heads[0].lines().find_map(|line| line.strip_prefix("authorization: ")).unwrap();
    assert!(sent.starts_with(expected), "{sent}");
    let signed = crate::prometheus::auth::signature(&key, &received(&heads[0]));
    assert_eq!(sent, signed["authorization"].to_str().unwrap());
    assert!(heads[0].contains("x-amz-date: 20261120T080000Z\r\n"));
    assert!(heads[0].contains("x-amz-security-token: lent\r\n") && !heads[0].contains("hunter2"));
}

#[tokio::test]
async fn a_refused_token_is_fetched_anew_once() {
    let folder = tempfile::tempdir().unwrap();
    let count = folder.path().join("count").display().to_string();
    let script = format!("echo x >> {count}; echo t$(wc -l < {count})");
    let fetch_while = |good: &'static str| {
        let script = script.clone();
        async move {
            let server = Server::start(move |request| {
                match request.head.to_lowercase().contains(&format!("bearer {good}\r\n")) {
                    true => two(request),
                    false => Reply::new("401 Unauthorized", ""),
                }
            });
            let server = server.await;
            let mut settings = settings(&server.url);
            let command = ["sh", "-c", &script].map(str::to_owned).to_vec();
            settings.auth =
                Auth::TokenCommand(TokenCommand { command, lifetime: Duration::from_secs(900) });
            (fetch_with(settings).await, server.asked.load(Ordering::SeqCst))
        }
    };
    let (demand, asked) = fetch_while("t2").await;
    assert_eq!((demand.unwrap().frame.column(0), asked), (&[60.0; 10][..], 2));
    let (error, asked) = fetch_while("another").await;
    let error = error.unwrap_err();
    assert_eq!((error.kind(), asked), (PortErrorKind::Refused, 2));
    assert!(error.advice().unwrap().contains("command"));
}

#[tokio::test]
async fn a_token_command_that_fails_is_told_without_what_it_printed() {
    let mut settings = settings("http://127.0.0.1:1");
    let command = ["sh", "-c", "echo hunter2; exit 1"].map(str::to_owned).to_vec();
    settings.auth =
        Auth::TokenCommand(TokenCommand { command, lifetime: Duration::from_secs(900) });
    let error = fetch_with(settings).await.unwrap_err();
    let (kind, text) = told(&error);
    assert_eq!(kind, PortErrorKind::Transient);
    assert!(text.ends_with("the token command `sh` ended with `exit status: 1`"), "{text}");
    assert!(error.advice().unwrap().contains("by hand") && !text.contains("hunter2"));
}
