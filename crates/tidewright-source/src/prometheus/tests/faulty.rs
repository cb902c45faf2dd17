//! A tiny HTTP server on this machine that answers like a Prometheus, and misbehaves on demand.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::Url;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A request as it came.
pub(super) struct Request {
    /// The first line and the headers.
    pub(super) head: String,
    pub(super) url: Url,
    /// How many demand queries came before.
    pub(super) earlier: usize,
}

/// A series: its labels, and its value by time.
pub(super) type Series<'a> = (&'a str, &'a dyn Fn(f64) -> Option<String>);

/// An answer, right or wrong.
pub(super) struct Reply {
    status: &'static str,
    headers: String,
    body: String,
    delay: Duration,
    // Fewer bytes than promised, then the connection is closed.
    cut: Option<usize>,
}

/// The server; it ends with the runtime of its test.
pub(super) struct Server {
    pub(super) url: String,
    /// Demand queries so far.
    pub(super) asked: Arc<AtomicUsize>,
}

impl Request {
    pub(super) fn parameter(&self, name: &str) -> String {
        let found = self.url.query_pairs().find(|(key, _)| key == name);
        found.map(|(_, value)| value.into_owned()).unwrap_or_default()
    }

    /// Whether it asks for demand rather than for a measurement.
    fn is_demand(&self) -> bool {
        let query = self.parameter("query");
        query.starts_with("last_over_time")
            || query.starts_with("sum by")
            || query.starts_with("my_")
    }

    /// The moments that are asked for, in seconds.
    pub(super) fn moments(&self) -> Vec<f64> {
        let number = |name| self.parameter(name).parse::<f64>().unwrap();
        let (start, end, step) = (number("start"), number("end"), number("step"));
        (0..).map(|i| start + step * f64::from(i)).take_while(|at| *at <= end).collect()
    }

    /// A matrix of these series, each with its value by time, as text.
    pub(super) fn matrix(&self, series: &[Series<'_>]) -> Reply {
        let series = series.iter().map(|(labels, value)| {
            let points = self
                .moments()
                .into_iter()
                .filter_map(|at| Some(format!("[{at},{:?}]", value(at)?)));
            format!(
                r#"{{"metric":{{{labels}}},"values":[{}]}}"#,
                points.collect::<Vec<_>>().join(",")
            )
        });
        Reply::success(&series.collect::<Vec<_>>().join(","))
    }
}

impl Reply {
    pub(super) fn new(status: &'static str, body: impl Into<String>) -> Self {
        let body = body.into();
        Self { status, headers: String::new(), body, delay: Duration::ZERO, cut: None }
    }

    pub(super) fn success(series: &str) -> Self {
        let head = r#"{"status":"success","data":{"resultType":"matrix","result":["#;
        Self::new("200 OK", format!("{head}{series}]}}}}"))
    }

    pub(super) fn error(status: &'static str, message: &str) -> Self {
        Self::new(status, format!(r#"{{"status":"error","errorType":"x","error":"{message}"}}"#))
    }

    pub(super) fn header(mut self, line: &str) -> Self {
        self.headers.push_str(line);
        self.headers.push_str("\r\n");
        self
    }

    pub(super) fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    pub(super) fn cut_at(mut self, bytes: usize) -> Self {
        self.cut = Some(bytes);
        self
    }

    pub(super) fn map_body(mut self, change: impl FnOnce(String) -> String) -> Self {
        self.body = change(self.body);
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let Self { status, headers, body, cut, .. } = self;
        let sent = &body[..cut.unwrap_or(body.len())];
        let head =
            format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n", body.len());
        format!("{head}{headers}\r\n{sent}").into_bytes()
    }
}

impl Server {
    /// Answers every demand query with `answer`; measurements find two counters, scraped every 30 s.
    pub(super) async fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_answering(answer, false).await
    }

    /// Answers everything with `answer`, measurements too where `all` is set.
    pub(super) async fn start_answering(
        answer: impl Fn(&Request) -> Reply + Send + Sync + 'static,
        all: bool,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let (counter, answer) = (asked.clone(), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, counter.clone(), (answer.clone(), all)));
            }
        });
        Self { url, asked }
    }
}

async fn serve(
    mut stream: TcpStream,
    asked: Arc<AtomicUsize>,
    (answer, all): (Arc<impl Fn(&Request) -> Reply + Send + Sync>, bool),
) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { return };
        head.push(byte);
    }
    let head = String::from_utf8(head).unwrap();
    let target = head.split(' ').nth(1).unwrap();
    // A proxy is asked for whole addresses.
    let target = target.find("/api/").map_or(target, |at| &target[at..]);
    let mut url = Url::parse(&format!("http://server{target}")).unwrap();
    let length = head.to_lowercase().split_once("content-length: ").map(|(_, rest)| {
        rest.split("\r\n").next().and_then(|number| number.parse().ok()).unwrap_or(0)
    });
    let mut form = vec![0; length.unwrap_or(0)];
    if stream.read_exact(&mut form).await.is_err() {
        return;
    }
    if !form.is_empty() {
        url.set_query(Some(&String::from_utf8_lossy(&form)));
    }
    let mut request = Request { head, url, earlier: 0 };
    let reply = if all || request.is_demand() {
        request.earlier = asked.fetch_add(1, Ordering::SeqCst);
        answer(&request)
    } else {
        measurement(&request)
    };
    tokio::time::sleep(reply.delay).await;
    let _ = stream.write_all(&reply.bytes()).await;
    let _ = stream.shutdown().await;
}

fn measurement(request: &Request) -> Reply {
    let query = request.parameter("query");
    if request.url.path().ends_with("/buildinfo") {
        return Reply::new("200 OK", r#"{"status":"success","data":{"version":"2.42.0"}}"#);
    }
    if request.url.path().ends_with("/label/job/values") {
        return Reply::new("200 OK", r#"{"status":"success","data":["j"]}"#);
    }
    let number = match &query {
        query if query.contains("nothing_total") => return Reply::success(""),
        query if query.starts_with("quantile") => "20",
        _ => "2",
    };
    request.matrix(&[("", &|_| Some(number.to_owned()))])
}
