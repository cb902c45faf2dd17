//! Signs a request as Amazon's Signature Version 4 asks for.
//!
//! The rule: what is signed is what is sent: method, path, query, host, moment and the whole body. The steps and their
//! names follow the public description of the algorithm; its published test vectors are the tests.

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::Url;
use sha2::{Digest as _, Sha256};
use tidewright_core::Timestamp;

use super::SigV4;
use crate::prometheus::client::{Request, encoded};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The headers to add to `request`, which is sent at `now`.
pub(super) fn sign(key: &SigV4, request: &Request, now: Timestamp) -> Vec<(&'static str, String)> {
    let moment = moment(now);
    let mut signed: BTreeMap<&str, String> =
        request.headers.iter().map(|&(name, value)| (name, value.to_owned())).collect();
    signed.insert("host", host(&request.url));
    signed.insert("x-amz-date", moment.clone());
    let token = key.session_token.as_ref().map(|token| token.reveal().to_owned());
    signed.extend(token.iter().map(|token| ("x-amz-security-token", token.clone())));

    let names: Vec<&str> = signed.keys().copied().collect();
    let names = names.join(";");
    let date = &moment[..8];
    let scope = format!("{date}/{}/{}/aws4_request", key.region, key.service);
    let canonical = hex(&Sha256::digest(canonical_request(request, &signed, &names)));
    let to_sign = format!("{ALGORITHM}\n{moment}\n{scope}\n{canonical}");
    let signature = hex(&hmac(&signing_key(key, date), &to_sign));
    let authorization = format!(
        "{ALGORITHM} Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
        key.access_key
    );
    let mut headers = vec![("authorization", authorization), ("x-amz-date", moment)];
    headers.extend(token.map(|token| ("x-amz-security-token", token)));
    headers
}

fn canonical_request(request: &Request, signed: &BTreeMap<&str, String>, names: &str) -> String {
    let headers: String =
        signed.iter().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
    let body = hex(&Sha256::digest(&request.body));
    let (path, query) = (path(&request.url), query(&request.url));
    format!("{}\n{path}\n{query}\n{headers}\n{names}\n{body}", request.method)
}

/// The path as it is sent, encoded once more: all services but S3 do so.
fn path(url: &Url) -> String {
    let segments: Vec<_> = url.path().split('/').map(encoded).collect();
    segments.join("/")
}

fn query(url: &Url) -> String {
    let mut pairs: Vec<_> =
        url.query_pairs().map(|(name, value)| (encoded(&name), encoded(&value))).collect();
    pairs.sort_unstable();
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

/// The host as it is sent: with its port unless that is the scheme's own.
fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn signing_key(key: &SigV4, date: &str) -> Vec<u8> {
    let first = format!("AWS4{}", key.secret_key.reveal()).into_bytes();
    let parts = [date, &key.region, &key.service, "aws4_request"];
    parts.into_iter().fold(first, |key, part| hmac(&key, part))
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length will do");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A moment without punctuation, such as `20150830T123600Z`.
fn moment(now: Timestamp) -> String {
    Timestamp::from_secs(now.as_secs()).to_string().replace(['-', ':'], "")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use reqwest::Method;
    use tidewright_core::Clock;

    use super::*;
    use crate::prometheus::settings::Secret;

    /// The suite's moment.
    struct Then;

    impl Clock for Then {
        fn now(&self) -> Timestamp {
            Timestamp::parse("2015-08-30T12:36:00Z").unwrap()
        }
    }

    fn key() -> SigV4 {
        SigV4 {
            region: "us-east-1".to_owned(),
            service: "service".to_owned(),
            access_key: "AKIDEXAMPLE".to_owned(),
            secret_key: Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            session_token: None,
            clock: Arc::new(Then),
        }
    }

    fn get(target: &str) -> Request {
        let url = format!("https://example.amazonaws.com{target}").parse().unwrap();
        Request { method: Method::GET, url, headers: Vec::new(), body: Vec::new() }
    }

    fn check(key: &SigV4, request: &Request, names: &str, signature: &str) {
        let expected = format!(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders={names}, Signature={signature}"
        );
        let headers = sign(key, request, key.clock.now());
        assert_eq!(headers[0], ("authorization", expected), "{}", request.url);
        assert_eq!(headers[1], ("x-amz-date", "20150830T123600Z".to_owned()));
    }

    #[test]
    fn the_published_vectors_of_queries_are_reproduced() {
        let all = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let vectors = [
            ("/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
            (
                "/?Param2=value2&Param1=value1",
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            ),
            ("/?\u{1234}=bar", "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"),
            (
                &format!("/?{all}={all}"),
                "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
            ),
        ];
        for (target, signature) in vectors {
            check(&key(), &get(target), "host;x-amz-date", signature);
        }
    }

    #[test]
    fn the_published_vector_of_a_lent_key_is_reproduced() {
        let token = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267";
        let key = SigV4 { session_token: Some(Secret::new(token)), ..key() };
        let signature = "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8";
        check(&key, &get("/"), "host;x-amz-date;x-amz-security-token", signature);
        let headers = sign(&key, &get("/"), key.clock.now());
        assert_eq!(headers[2], ("x-amz-security-token", token.to_owned()));
        assert!(!format!("{key:?}").contains(token) && !format!("{key:?}").contains("wJalr"));
    }

    #[test]
    fn the_published_vector_of_a_form_is_reproduced() {
        let request = Request {
            method: Method::POST,
            headers: vec![
                ("content-length", "13"),
                ("content-type", "application/x-www-form-urlencoded"),
                (
                    "x-amz-content-sha256",
                    "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e",
                ),
            ],
            body: b"Param1=value1".to_vec(),
            ..get("/")
        };
        let names = "content-length;content-type;host;x-amz-content-sha256;x-amz-date";
        let signature = "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b";
        check(&key(), &request, names, signature);
    }

    #[test]
    fn a_port_of_its_own_is_part_of_the_host() {
        let host = |text: &str| host(&text.parse().unwrap());
        assert_eq!(host("http://127.0.0.1:9090/x"), "127.0.0.1:9090");
        assert_eq!(host("https://aps.example.com:443/"), "aps.example.com");
    }
}
