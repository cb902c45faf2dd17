//! One request before it is sent: where it goes and what it carries.
//!
//! The rule: every name and value is encoded as RFC 3986 has it, so that a signature over the text holds on both sides.
//! A query that is too long for an address goes as a form.

use reqwest::{Method, Url};
use tidewright_core::Timestamp;

/// Servers and proxies take addresses of 8 KiB; half of it leaves room for what they add.
const QUERY_BYTES_MAX: usize = 4 * 1024;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// One request.
#[derive(Clone, Debug)]
pub(in crate::prometheus) struct Request {
    pub(in crate::prometheus) method: Method,
    pub(in crate::prometheus) url: Url,
    /// Names in lower case.
    pub(in crate::prometheus) headers: Vec<(&'static str, &'static str)>,
    pub(in crate::prometheus) body: Vec<u8>,
}

impl Request {
    pub(super) const fn get(url: Url) -> Self {
        Self { method: Method::GET, url, headers: Vec::new(), body: Vec::new() }
    }

    /// Asks for `url` with these pairs.
    pub(super) fn query(mut url: Url, pairs: &[(&str, &str)]) -> Self {
        let pairs =
            pairs.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        let text = pairs.collect::<Vec<_>>().join("&");
        if text.len() > QUERY_BYTES_MAX {
            let (method, headers) = (Method::POST, vec![FORM]);
            return Self { method, url, headers, body: text.into_bytes() };
        }
        url.set_query(Some(&text));
        Self::get(url)
    }
}

/// A text fit for a query: everything but letters, digits and `-_.~` is escaped.
pub(in crate::prometheus) fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if plain(byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// Seconds with as many decimals as needed, as Prometheus reads times and durations.
pub(super) fn seconds(moment: Timestamp) -> String {
    let (whole, millis) = (moment.as_secs(), moment.as_millis().rem_euclid(1000));
    if millis == 0 { whole.to_string() } else { format!("{whole}.{millis:03}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_in_seconds() {
        assert_eq!(seconds(Timestamp::from_millis(1_500)), "1.500");
        assert_eq!(seconds(Timestamp::from_secs(60)), "60");
    }

    #[test]
    fn a_query_that_is_too_long_for_an_address_is_a_form() {
        let url: Url = "http://localhost/api".parse().unwrap();
        let short = Request::query(url.clone(), &[("query", "a + b"), ("step", "1")]);
        assert_eq!(
            (short.method, short.url.query()),
            (Method::GET, Some("query=a%20%2B%20b&step=1"))
        );
        let long = Request::query(url, &[("query", &"x".repeat(QUERY_BYTES_MAX))]);
        assert_eq!((long.method, long.url.query(), long.headers), (Method::POST, None, vec![FORM]));
        assert!(long.body.starts_with(b"query=xxx"));
    }
}
