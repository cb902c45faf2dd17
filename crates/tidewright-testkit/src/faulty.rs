//! An HTTP endpoint on 127.0.0.1 that does what a script says: errors, delays, halves of answers, nothing at all, or what
//! a real server behind it does.
//!
//! Rules are tried in order, and the first whose text occurs in the request's target answers. Each rule has a list of acts,
//! one per request, and its last act stays. A request without a rule gets a 404. Everything asked is remembered.

mod forward;

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

pub use forward::Forward;

/// No test asks with more, and a length that lies must not take all memory.
const BODY_MAX: usize = 1 << 20;

/// What the endpoint does with a request.
#[derive(Clone, Debug)]
pub enum Act {
    /// Answers in full.
    Reply(Reply),
    /// Waits first. The wait ends early when the endpoint is dropped.
    Wait(Duration, Reply),
    /// Announces the whole body, sends the first half of it and hangs up.
    Half(Reply),
    /// Hangs up without a word.
    HangUp,
    /// Answers what a real server does.
    Forward(Forward),
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status, such as 503.
    pub status: u16,
    /// Header lines beside the length, such as `Retry-After: 1`.
    pub headers: Vec<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// A request that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The method and the target, such as `GET /api/v1/query?query=up`.
    pub line: String,
    /// Header lines as they came.
    pub headers: Vec<String>,
    /// The body, such as the form of a POST.
    pub body: Vec<u8>,
}

/// A running endpoint; dropping it stops it.
#[derive(Debug)]
pub struct FaultyEndpoint {
    address: SocketAddr,
    shared: Arc<Shared>,
    listener: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    stopping: Condvar,
}

#[derive(Debug)]
struct State {
    rules: Vec<(String, Vec<Act>)>,
    asked: Vec<Asked>,
    stopped: bool,
}

impl Asked {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter().filter_map(|line| line.split_once(':'));
        headers.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

impl Reply {
    /// A JSON answer with this status.
    pub fn json(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: vec!["Content-Type: application/json".into()], body: body.into() }
    }

    /// What a proxy says when it does not know.
    pub fn html(status: u16) -> Self {
        let body = b"<html><body><h1>Bad Gateway</h1></body></html>".to_vec();
        Self { status, headers: vec!["Content-Type: text/html".into()], body }
    }

    /// Prometheus' own error.
    pub fn error(status: u16, kind: &str, message: &str) -> Self {
        let (kind, message) = (quoted(kind), quoted(message));
        Self::json(
            status,
            format!("{{\"status\":\"error\",\"errorType\":{kind},\"error\":{message}}}"),
        )
    }

    /// Prometheus' answer to a range query: the labels of each series as JSON, and its samples as they are written.
    pub fn matrix(series: &[(&str, &[(i64, &str)])]) -> Self {
        let sample = |(secs, value): &(i64, &str)| format!("[{secs},{}]", quoted(value));
        let one = |(labels, samples): &(&str, &[(i64, &str)])| {
            let samples: Vec<String> = samples.iter().map(sample).collect();
            format!("{{\"metric\":{labels},\"values\":[{}]}}", samples.join(","))
        };
        let result: Vec<String> = series.iter().map(one).collect();
        let data = format!("{{\"resultType\":\"matrix\",\"result\":[{}]}}", result.join(","));
        Self::json(200, format!("{{\"status\":\"success\",\"data\":{data}}}"))
    }

    /// The same with one more header line.
    #[must_use]
    pub fn with_header(mut self, line: &str) -> Self {
        self.headers.push(line.to_owned());
        self
    }
}

impl FaultyEndpoint {
    /// Starts with rules: a part of the target, and what to do, one act per request; the last one stays.
    ///
    /// # Errors
    /// When there is no free port.
    pub fn start(rules: Vec<(&str, Vec<Act>)>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let rules = rules.into_iter().map(|(part, acts)| (part.to_owned(), acts)).collect();
        let state = Mutex::new(State { rules, asked: Vec::new(), stopped: false });
        let shared = Arc::new(Shared { state, stopping: Condvar::new() });
        let listener = thread::spawn({
            let shared = Arc::clone(&shared);
            move || listen(&listener, &shared)
        });
        Ok(Self { address, shared, listener: Some(listener) })
    }

    /// Where it listens, such as `http://127.0.0.1:41234`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What has been asked so far, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.shared.state().asked.clone()
    }
}

impl Drop for FaultyEndpoint {
    fn drop(&mut self) {
        self.shared.state().stopped = true;
        self.shared.stopping.notify_all();
        // A last connection wakes the listener, which then sees that it is over.
        let _ = TcpStream::connect(self.address);
        let _ = self.listener.take().map(JoinHandle::join);
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self, duration: Duration) {
        let running = |state: &mut State| !state.stopped;
        drop(self.stopping.wait_timeout_while(self.state(), duration, running));
    }

    fn next_act(&self, asked: Asked) -> Act {
        let mut state = self.state();
        let rule = state.rules.iter_mut().find(|(part, _)| asked.line.contains(part.as_str()));
        let act = rule.and_then(|(_, acts)| match acts.len() {
            0 | 1 => acts.first().cloned(),
            _ => Some(acts.remove(0)),
        });
        state.asked.push(asked);
        act.unwrap_or_else(|| Act::Reply(Reply::html(404)))
    }
}

fn listen(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.state().stopped {
            return;
        }
        let shared = Arc::clone(shared);
        // A client that hangs up in the middle is its own business.
        let serve = |stream: TcpStream| thread::spawn(move || serve(&stream, &shared).ok());
        drop(stream.map(serve));
    }
}

/// One request per connection: a client that wants another opens another.
fn serve(stream: &TcpStream, shared: &Shared) -> io::Result<()> {
    let asked = read_request(stream)?;
    match shared.next_act(asked.clone()) {
        Act::Reply(reply) => send(stream, &reply, reply.body.len()),
        Act::Half(reply) => send(stream, &reply, reply.body.len() / 2),
        Act::HangUp => Ok(()),
        Act::Forward(forward) => {
            let reply = forward.answer(&asked)?;
            send(stream, &reply, reply.body.len())
        }
        Act::Wait(duration, reply) => {
            shared.wait(duration);
            send(stream, &reply, reply.body.len())
        }
    }
}

fn read_request(stream: &TcpStream) -> io::Result<Asked> {
    let mut reader = BufReader::new(stream);
    let mut head: Vec<String> = Vec::new();
    loop {
        let mut line = String::new();
        let ended = reader.read_line(&mut line)? == 0 || line.trim_end().is_empty();
        if ended {
            break;
        }
        head.push(line.trim_end().to_owned());
    }
    let mut body = vec![0; length(&head)];
    reader.read_exact(&mut body)?;
    let first = head.first().map_or("", String::as_str);
    let line = first.trim_end_matches(" HTTP/1.1").trim_end_matches(" HTTP/1.0").to_owned();
    let headers = head.into_iter().skip(1).collect();
    Ok(Asked { line, headers, body })
}

fn length(head: &[String]) -> usize {
    let length = |line: &String| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    };
    head.iter().find_map(length).unwrap_or(0).min(BODY_MAX)
}

fn send(mut stream: &TcpStream, reply: &Reply, bytes: usize) -> io::Result<()> {
    let mut head = format!("HTTP/1.1 {} Scripted\r\nConnection: close\r\n", reply.status);
    for line in &reply.headers {
        head.push_str(line);
        head.push_str("\r\n");
    }
    head.push_str(&format!("Content-Length: {}\r\n\r\n", reply.body.len()));
    stream.write_all(head.as_bytes())?;
    stream.write_all(&reply.body[..bytes])
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http;

    fn endpoint(acts: Vec<Act>) -> FaultyEndpoint {
        FaultyEndpoint::start(vec![("/api", acts)]).expect("there is a free port")
    }

    fn status(endpoint: &FaultyEndpoint, target: &str) -> Option<u16> {
        http::fetch(endpoint.address(), target).ok().map(|answer| answer.status)
    }

    #[test]
    fn acts_follow_one_another_and_the_last_one_stays() {
        let busy = Act::Reply(Reply::error(503, "unavailable", "busy"));
        let endpoint = endpoint(vec![busy, Act::Reply(Reply::matrix(&[]))]);
        let answers = [(); 3].map(|()| status(&endpoint, "/api/v1/query_range"));
        assert_eq!(answers, [Some(503), Some(200), Some(200)]);
        assert_eq!(status(&endpoint, "/other"), Some(404));
        assert_eq!(endpoint.asked()[3].line, "GET /other");
    }

    #[test]
    fn half_an_answer_announces_the_whole() {
        let endpoint = endpoint(vec![Act::Half(Reply::json(200, "0123456789"))]);
        let answer = http::fetch(endpoint.address(), "/api").expect("the half arrives");
        assert_eq!(answer.body, "01234");
    }

    #[test]
    fn hanging_up_says_nothing() {
        assert_eq!(status(&endpoint(vec![Act::HangUp]), "/api"), None);
    }

    #[test]
    fn a_wait_ends_with_the_endpoint() {
        let endless = Act::Wait(Duration::from_secs(3600), Reply::html(200));
        let endpoint = endpoint(vec![endless]);
        let address = endpoint.address();
        let client = thread::spawn(move || http::fetch(address, "/api"));
        while endpoint.asked().is_empty() {
            thread::yield_now();
        }
        drop(endpoint);
        assert!(client.join().expect("the client does not panic").is_ok());
    }

    #[test]
    fn a_matrix_is_what_prometheus_answers() {
        let reply = Reply::matrix(&[("{\"a\":\"b\"}", &[(60, "1"), (120, "NaN")])]);
        let expected = "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":\
            [{\"metric\":{\"a\":\"b\"},\"values\":[[60,\"1\"],[120,\"NaN\"]]}]}}";
        assert_eq!(String::from_utf8_lossy(&reply.body), expected);
    }
}
