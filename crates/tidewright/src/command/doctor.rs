//! `tidewright doctor`: checks what is configured, and says how to mend each part.

mod metrics;

use std::time::Duration;

use anyhow::Result;
use tidewright_core::{LimitTarget, Setting};
use tidewright_files::FileTarget;
use tidewright_limiter::Document;
use tidewright_source::prometheus::Health;
use tokio::net::TcpStream;

use super::{Overlay, configured, print};
use crate::adapt;
use crate::args::DoctorArguments;
use crate::config::{Settings, Source};
use crate::exit::{Sick, error_text};

/// Within a cluster a connection takes milliseconds.
const CONNECT_MAX: Duration = Duration::from_secs(3);

/// One line of the examination.
struct Line {
    health: Health,
    what: &'static str,
    found: String,
    remedy: Option<String>,
}

/// Examines everything that is configured; fails if something cannot be used.
pub(crate) async fn doctor(arguments: DoctorArguments) -> Result<()> {
    let overlay = Overlay {
        prometheus_url: arguments.prometheus_url.as_ref(),
        current: arguments.current.as_ref(),
        at: arguments.at,
        ..Overlay::default()
    };
    let settings = configured(&arguments.config.config, &overlay)?.settings;
    let config = arguments.config.config.display();
    let mut lines = vec![good("configuration", format!("{config}, {} mode", settings.mode))];
    lines.extend(source(&settings).await);
    lines.extend(document(&settings).await);
    lines.extend(limiter(&settings).await);
    lines.push(store(&settings).await);
    let text: String = lines.iter().map(line_text).collect();
    print(&text)?;
    let failed = lines.iter().filter(|line| line.health == Health::Failed).count();
    if failed == 0 { Ok(()) } else { Err(Sick(failed).into()) }
}

async fn source(settings: &Settings) -> Vec<Line> {
    match &settings.source {
        Source::Mock => vec![good("source", "synthetic data, nothing to reach".to_owned())],
        Source::Csv(path) => {
            let found = path.display().to_string();
            let readable = path.is_file();
            let remedy = (!readable).then(|| "check `TRAFFIC.csv`".to_owned());
            let health = if readable { Health::Good } else { Health::Failed };
            vec![Line { health, what: "source", found, remedy }]
        }
        Source::Prometheus(url) => metrics::lines(settings, url).await,
    }
}

async fn document(settings: &Settings) -> Option<Line> {
    let target = FileTarget::new(settings.current_file.as_ref()?);
    let place = target.describe();
    let bytes = match target.load().await {
        Ok(Some(bytes)) => bytes,
        Ok(None) => {
            return Some(failed(
                "document",
                format!("{place} does not exist"),
                "check `--current`",
            ));
        }
        Err(error) => {
            return Some(failed("document", error_text(&error.into()), "check the file's rights"));
        }
    };
    Some(match Document::parse(&bytes) {
        Ok(document) => {
            let limits = document.entries().len();
            let unlimited =
                document.entries().iter().filter(|entry| entry.setting == Setting::Unlimited);
            good(
                "document",
                format!("{place}, {limits} limits, {} of them unlimited", unlimited.count()),
            )
        }
        Err(error) => {
            let hint = error.hint();
            failed("document", error_text(&error.into()), hint)
        }
    })
}

/// Whether somebody listens where the limiter should; nothing is asked of it.
async fn limiter(settings: &Settings) -> Option<Line> {
    let url = settings.limiter_url.as_ref()?;
    let default_port = if url.starts_with("https") { "443" } else { "80" };
    let authority = url.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or(url);
    let has_port = authority.rsplit(':').next().is_some_and(|end| end.parse::<u16>().is_ok());
    let place = match has_port {
        true => authority.to_owned(),
        false => format!("{authority}:{default_port}"),
    };
    let connected = tokio::time::timeout(CONNECT_MAX, TcpStream::connect(&place)).await;
    let remedy = "check `LIMITER_URL`, the limiter's pods and its network policy";
    Some(match connected {
        Ok(Ok(_)) => good("limiter", format!("{url} can be reached")),
        Ok(Err(error)) => failed("limiter", format!("cannot reach {url}: {error}"), remedy),
        Err(_) => failed("limiter", format!("{url} does not answer within 3 s"), remedy),
    })
}

async fn store(settings: &Settings) -> Line {
    match adapt::store(settings).await {
        Ok(_) => good("record of runs", settings.places.store.display().to_string()),
        Err(error) => failed(
            "record of runs",
            error_text(&error),
            "check `STORE_PATH` and the folder's rights",
        ),
    }
}

fn good(what: &'static str, found: String) -> Line {
    Line { health: Health::Good, what, found, remedy: None }
}

fn failed(what: &'static str, found: String, remedy: impl Into<String>) -> Line {
    Line { health: Health::Failed, what, found, remedy: Some(remedy.into()) }
}

fn line_text(line: &Line) -> String {
    let health = match line.health {
        Health::Good => "ok  ",
        Health::Doubtful => "weak",
        Health::Failed => "FAIL",
    };
    let remedy = line
        .remedy
        .as_ref()
        .map_or(String::new(), |remedy| format!("      {:16}-> {remedy}\n", ""));
    format!("{health}  {:16}{}\n{remedy}", line.what, line.found)
}
