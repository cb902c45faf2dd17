//! Logs: to stderr, plain on a terminal, JSON elsewhere only when asked for by a later step; never on stdout.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogLevel};

/// Starts logging; what libraries say is heard only where the log is verbose.
pub(crate) fn start(log: Log) {
    let level = match log.level {
        LogLevel::Error => "error",
        LogLevel::Warn => "warn",
        LogLevel::Info => "info",
        LogLevel::Debug => "debug",
        LogLevel::Trace => "trace",
    };
    let filter = if log.verbose { level.to_owned() } else { format!("warn,{}", ours(level)) };
    // A second start, as tests in one process make, keeps the first.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(log.verbose)
        .try_init();
}

fn ours(level: &str) -> String {
    ["tidewright", "tidewright_engine", "tidewright_source", "tidewright_store", "tidewright_files"]
        .map(|module| format!("{module}={level}"))
        .join(",")
}
