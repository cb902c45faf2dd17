//! The smallest HTTP client that can ask a local server whether it is ready.
//!
//! It speaks HTTP/1.0, so that an answer ends where the connection does and nothing is chunked. It follows no redirect and
//! knows no TLS: the product's own client is tested elsewhere.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A local server that takes longer than this hangs.
const TIMEOUT: Duration = Duration::from_secs(30);

/// An answer: its status and its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status, such as 200.
    pub status: u16,
    /// The body as text.
    pub body: String,
}

/// Asks for `target`, such as `/-/ready`.
///
/// # Errors
/// When the server cannot be reached or does not speak HTTP.
pub fn fetch(address: SocketAddr, target: &str) -> io::Result<Answer> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    write!(stream, "GET {target} HTTP/1.0\r\nHost: {address}\r\n\r\n")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    parse(&text).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "not an HTTP answer"))
}

/// Makes any text fit for a query: everything but letters, digits and `-_.~` is escaped.
pub fn escape(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let escape = |byte: u8| match plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}

fn parse(text: &str) -> Option<Answer> {
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split_whitespace().nth(1)?.parse().ok()?;
    Some(Answer { status, body: body.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_its_status_and_its_body() {
        let answer = parse("HTTP/1.1 503 Busy\r\nA: b\r\n\r\nnot yet").expect("it is an answer");
        assert_eq!(answer, Answer { status: 503, body: "not yet".to_owned() });
        assert_eq!(parse("nonsense"), None);
    }

    #[test]
    fn a_query_is_escaped() {
        assert_eq!(escape("sum(x{a=\"b\"})"), "sum%28x%7Ba%3D%22b%22%7D%29");
    }
}
