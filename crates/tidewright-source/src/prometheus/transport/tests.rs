//! Tests of the way out: a server that wants a certificate, and a proxy that nobody else may pass by.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tidewright_core::Timestamp;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use super::*;
use crate::prometheus::{Check, Health, Mapping, PrometheusSource};

/// An authority of our own.
struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key.
struct Issued {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn issue(&self, name: &str) -> Issued {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        Issued { certificate: params.signed_by(&key, &self.0).unwrap(), key }
    }

    fn pem(&self) -> Pem {
        pem("ca.pem", &self.0.pem())
    }
}

impl Issued {
    fn client(&self) -> ClientCertificate {
        ClientCertificate {
            certificate: pem("client.pem", &self.certificate.pem()),
            key: pem("client.key", &self.key.serialize_pem()),
        }
    }
}

fn pem(origin: &str, text: &str) -> Pem {
    Pem { origin: origin.to_owned(), text: Secret::new(text) }
}

/// A server for 127.0.0.1 that answers whoever shows a certificate of this authority.
async fn serve(authority: &Authority) -> SocketAddr {
    let mut roots = RootCertStore::empty();
    roots.add(authority.0.der().clone()).unwrap();
    let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).build().unwrap();
    let own = authority.issue("127.0.0.1");
    let chain: Vec<CertificateDer<'static>> = vec![own.certificate.der().clone()];
    let key = PrivateKeyDer::try_from(own.key.serialize_der()).unwrap();
    let config = ServerConfig::builder().with_client_cert_verifier(verifier);
    let acceptor = TlsAcceptor::from(Arc::new(config.with_single_cert(chain, key).unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                answer(&mut stream).await;
            });
        }
    });
    address
}

/// Answers any question with an empty matrix; the head of the question.
async fn answer(
    stream: &mut (impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin),
) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { return String::new() };
        head.push(byte);
    }
    let body = r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#;
    let length = body.len();
    let reply =
        format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
    let _ = stream.write_all(reply.as_bytes()).await;
    let _ = stream.shutdown().await;
    String::from_utf8(head).unwrap()
}

fn settings(url: String) -> PrometheusSettings {
    let mut settings = PrometheusSettings::new(url, Mapping::nginx());
    settings.retries = 0;
    settings
}

/// What a probe says of whether the server answers.
async fn reach(settings: PrometheusSettings) -> (Health, String) {
    let findings = PrometheusSource::new(settings).unwrap().probe(Timestamp::from_secs(0)).await;
    assert_eq!(findings[0].check, Check::Reachable);
    (findings[0].health, findings[0].found.clone())
}

#[tokio::test]
async fn a_server_and_its_reader_show_each_other_their_certificates() {
    let authority = Authority::new();
    let address = serve(&authority).await;
    let with = |tls: Tls| PrometheusSettings { tls, ..settings(format!("https://{address}")) };
    let ours = authority.issue("reader").client();
    let both = Tls { authorities: Some(authority.pem()), client: Some(ours.clone()) };
    assert_eq!(reach(with(both)).await.0, Health::Good);

    let nobody = Tls { authorities: Some(authority.pem()), client: None };
    assert_eq!(reach(with(nobody)).await.0, Health::Failed);
    let stranger = Authority::new().issue("reader").client();
    let foreign = Tls { authorities: Some(authority.pem()), client: Some(stranger) };
    assert_eq!(reach(with(foreign)).await.0, Health::Failed);
    let distrust = Tls { authorities: Some(Authority::new().pem()), client: Some(ours) };
    let (health, found) = reach(with(distrust)).await;
    assert!(health == Health::Failed && found.contains("certificate"), "{found}");
}

#[test]
fn a_text_that_is_no_certificate_or_key_is_told_by_where_it_came_from() {
    let error = |tls: Tls| {
        let settings = PrometheusSettings { tls, ..settings("https://localhost".to_owned()) };
        PrometheusSource::new(settings).unwrap_err().to_string()
    };
    let empty = Tls { authorities: Some(pem("ca.pem", "nothing")), client: None };
    assert_eq!(
        error(empty),
        "cannot read the certificate or key from `ca.pem`: it holds no certificate"
    );
    let mut client = Authority::new().issue("reader").client();
    client.key = pem("client.key", "hunter2");
    let error = error(Tls { authorities: None, client: Some(client) });
    assert!(error.contains("from `client.key`: it holds no unencrypted private key"), "{error}");
    assert!(!error.contains("hunter2"));
}

/// A proxy that answers itself; the heads of what it was asked.
async fn proxy() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = listener.local_addr().unwrap().to_string();
    let heads = Arc::new(Mutex::new(Vec::new()));
    let kept = heads.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let head = answer(&mut stream).await;
            kept.lock().unwrap().push(head);
        }
    });
    (url, heads)
}

#[tokio::test]
async fn a_proxy_is_asked_for_everything_but_this_machine_and_the_exceptions() {
    let (address, heads) = proxy().await;
    let through = |url: &str, except: &[&str]| {
        let except = except.iter().map(|&name| name.to_owned()).collect();
        let url_of_proxy = Secret::new(&format!("http://me:hunter2@{address}"));
        PrometheusSettings {
            proxy: Some(Proxy { url: url_of_proxy, except }),
            ..settings(url.to_owned())
        }
    };
    let (health, _) = reach(through("http://metrics.invalid:9090/prom", &[])).await;
    assert_eq!(health, Health::Good);
    let head = heads.lock().unwrap()[0].to_lowercase();
    assert!(head.starts_with("get http://metrics.invalid:9090/prom/api/v1/query_range?"), "{head}");
    assert!(head.contains("proxy-authorization: basic bwu6ahvudgvymg=="), "{head}");

    let asked = heads.lock().unwrap().len();
    for (url, except) in [
        ("http://metrics.invalid:9090", &["other.invalid", ".metrics.invalid"][..]),
        ("http://127.0.0.1:1", &[]),
    ] {
        assert_eq!(reach(through(url, except)).await.0, Health::Failed, "{url}");
    }
    assert_eq!(heads.lock().unwrap().len(), asked);
}

#[test]
fn a_proxy_that_is_none_is_told_without_its_password() {
    let proxy = Proxy { url: Secret::new("socks5://me:hunter2@proxy"), except: Vec::new() };
    let settings =
        PrometheusSettings { proxy: Some(proxy), ..settings("http://metrics.invalid".to_owned()) };
    let error = PrometheusSource::new(settings).unwrap_err().to_string();
    assert_eq!(
        error,
        "the Prometheus setting `proxy` must be an http or https URL such as `http://proxy:3128`, got `proxy`"
    );
}
