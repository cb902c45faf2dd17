//! Passes a request on to a real server on this machine, as a proxy in front of it would.
//!
//! The rule: method, body and content type go on as they came; the path loses what only the proxy knows. HTTP/1.0 keeps
//! the answer in one piece.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::{Asked, Reply};

/// A local server that takes longer than this hangs.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Where a request goes, and what is done to it and its answer.
#[derive(Clone, Debug)]
pub struct Forward {
    /// The real server.
    pub to: SocketAddr,
    /// What stands in front of the server's own path.
    pub prefix: String,
    /// A warning that is put into the answer, as a server does that could not ask all of its stores.
    pub warning: Option<String>,
}

impl Forward {
    /// To this server, unchanged.
    pub const fn new(to: SocketAddr) -> Self {
        Self { to, prefix: String::new(), warning: None }
    }

    /// The server's answer to a request.
    pub(super) fn answer(&self, asked: &Asked) -> io::Result<Reply> {
        let (method, target) = asked.line.split_once(' ').unwrap_or(("GET", "/"));
        let target = target.strip_prefix(&self.prefix).unwrap_or(target);
        let mut stream = TcpStream::connect_timeout(&self.to, TIMEOUT)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        let content = asked.header("content-type").unwrap_or("text/plain");
        let (host, length) = (self.to, asked.body.len());
        write!(
            stream,
            "{method} {target} HTTP/1.0\r\nHost: {host}\r\nContent-Type: {content}\r\nContent-Length: {length}\r\n\r\n"
        )?;
        stream.write_all(&asked.body)?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes)?;
        let reply = parse(&bytes).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))?;
        Ok(self.warned(reply))
    }

    fn warned(&self, mut reply: Reply) -> Reply {
        if let (Some(warning), Some(rest)) = (&self.warning, reply.body.strip_prefix(b"{")) {
            let mut body = format!("{{\"warnings\":[{warning:?}],").into_bytes();
            body.extend_from_slice(rest);
            reply.body = body;
        }
        reply
    }
}

/// An answer from its bytes; of its headers the one that tells what the body is.
fn parse(bytes: &[u8]) -> Option<Reply> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split_whitespace().nth(1)?.parse().ok()?;
    let is_kept = |line: &&str| line.to_ascii_lowercase().starts_with("content-type:");
    let headers = head.lines().filter(is_kept).map(str::to_owned).collect();
    Some(Reply { status, headers, body: bytes[end + 4..].to_vec() })
}

#[cfg(test)]
mod tests {
    use super::super::{Act, FaultyEndpoint};
    use super::*;
    use crate::http;

    #[test]
    fn a_request_goes_on_without_the_prefix_and_comes_back_with_the_warning() {
        let real = Reply::json(200, "{\"status\":\"success\"}").with_header("X-Other: 1");
        let real = FaultyEndpoint::start(vec![("/api", vec![Act::Reply(real)])]).unwrap();
        let forward = Forward {
            prefix: "/prom".to_owned(),
            warning: Some("a store is down".to_owned()),
            ..Forward::new(real.address())
        };
        let proxy = FaultyEndpoint::start(vec![("/prom", vec![Act::Forward(forward)])]).unwrap();
        let answer = http::fetch(proxy.address(), "/prom/api/v1/query?query=up").unwrap();
        assert_eq!(answer.body, "{\"warnings\":[\"a store is down\"],\"status\":\"success\"}");
        assert_eq!(real.asked()[0].line, "GET /api/v1/query?query=up");
        assert_eq!(real.asked()[0].header("content-type"), Some("text/plain"));
    }
}
