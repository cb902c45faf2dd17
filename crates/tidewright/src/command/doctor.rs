//! `tidewright doctor`: checks what is configured, and says how to mend each part.

mod metrics;

use anyhow::Result;
use tidewright_core::{LimitTarget, Setting};
use tidewright_files::FileTarget;
use tidewright_limiter::Document;
use tidewright_source::prometheus::Health;

use super::{Overlay, configured, print};
use crate::adapt;
use crate::args::DoctorArguments;
use crate::config::{Settings, Source};
use crate::exit::{Sick, error_text};

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
