//! The commands, one file each: read settings, wire ports, call the engine, print.

pub(crate) mod backtest;
pub(crate) mod config;
pub(crate) mod detect;
pub(crate) mod doctor;
pub(crate) mod forecast;
pub(crate) mod init;
pub(crate) mod limits;
pub(crate) mod run;

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::Result;
use tidewright_core::{PortError, PortErrorKind, Timestamp};

use crate::config::{Loaded, Overrides, load_file};
use crate::exit::Mistake;
use crate::telemetry;

/// The width of tables where stdout is no terminal: what an e-mail or a ticket shows unbroken.
const WIDTH_DEFAULT: usize = 100;
/// Narrower terminals get this and wrap.
const WIDTH_MIN: usize = 60;

/// What to do where a file of series cannot be opened.
pub(crate) const INPUT_HINT: &str = "name a CSV file with the columns ds,y, or `-` for stdin";

/// Flags that are laid over a configuration file.
#[derive(Debug, Default)]
pub(crate) struct Overlay<'a> {
    pub prometheus_url: Option<&'a String>,
    pub current: Option<&'a PathBuf>,
    pub formula: Option<&'a String>,
    pub dry_run: bool,
    pub at: Option<Timestamp>,
}

/// Loads the configuration for a run and starts logging by it.
pub(crate) fn configured(path: &Path, overlay: &Overlay<'_>) -> Result<Loaded> {
    let overrides = Overrides::default()
        .flag("--prometheus-url", overlay.prometheus_url.cloned())
        .flag("--current", overlay.current.map(|path| path.display().to_string()))
        .flag("--formula", overlay.formula.cloned())
        .flag("--dry-run", overlay.dry_run.then(|| "true".to_owned()))
        .at(overlay.at);
    started(path, &overrides)
}

/// Loads the configuration for a look at an earlier run and starts logging by it.
pub(crate) fn configured_for_record(path: &Path) -> Result<Loaded> {
    configured_for_record_at(path, None)
}

/// The same as of a moment.
pub(crate) fn configured_for_record_at(path: &Path, at: Option<Timestamp>) -> Result<Loaded> {
    started(path, &Overrides::default().of_record().at(at))
}

/// Who gives this command, for the record.
pub(crate) fn person(by: Option<&String>) -> String {
    let user = || ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
    by.cloned().or_else(user).unwrap_or_else(|| "somebody".to_owned())
}

fn started(path: &Path, overrides: &Overrides) -> Result<Loaded> {
    let loaded = load_file(path, overrides, &|name| std::env::var(name).ok())?;
    telemetry::start(loaded.settings.log);
    Ok(loaded)
}

/// Prints to stdout; a reader that has gone away is no error.
pub(crate) fn print(text: &str) -> Result<()> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(PortError::new(PortErrorKind::Transient, "cannot print the result")
            .caused_by(error)
            .hint("check where stdout leads to; files that were written are whole")
            .into()),
        Ok(()) => Ok(()),
    }
}

/// A file that must be there to be read.
pub(crate) fn open(path: &Path, hint: &'static str) -> Result<File> {
    let refused = |error| Mistake::new(format!("cannot read `{}`: {error}", path.display()), hint);
    Ok(File::open(path).map_err(refused)?)
}

/// A file of series, or stdin for `-`.
pub(crate) fn open_or_stdin(path: &Path) -> Result<Box<dyn Read>> {
    if path == Path::new("-") {
        return Ok(Box::new(std::io::stdin().lock()));
    }
    Ok(Box::new(open(path, INPUT_HINT)?))
}

/// Tells something to the person at the terminal, on stderr.
pub(crate) fn tell(text: &str) {
    // Where even stderr is gone there is nobody to tell.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// A word as a shell takes it.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "/:._-".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// Columns of the terminal that stdout is, or a width that reads well anywhere.
pub(crate) fn width() -> usize {
    let columns = console::Term::stdout().size_checked().map(|(_, columns)| usize::from(columns));
    columns.unwrap_or(WIDTH_DEFAULT).max(WIDTH_MIN)
}
