//! Logs: to stderr, plain on a terminal, JSON elsewhere only when asked for by a later step; never on stdout.

use tracing_subscriber::EnvFilter;

use crate::config::Log;
use crate::progress::BesideBar;

/// What libraries may say where the log is verbose; the database would print every statement.
const LIBRARIES_HEARD: &str = "info,sqlx=warn";

/// Starts logging; what libraries say is heard only where the log is verbose.
pub(crate) fn start(log: Log) {
    let level = log.level.name();
    let libraries = if log.verbose { LIBRARIES_HEARD } else { "warn" };
    let filter = format!("{libraries},{}", ours(level));
    // A second start, as tests in one process make, keeps the first.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(|| BesideBar)
        // It must read without colour.
        .with_ansi(false)
        .with_target(log.verbose)
        .try_init();
}

fn ours(level: &str) -> String {
    ["tidewright", "tidewright_engine", "tidewright_source", "tidewright_store", "tidewright_files"]
        .map(|module| format!("{module}={level}"))
        .join(",")
}
