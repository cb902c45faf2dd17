//! Lines that come one by one, each answered before the next is read.
//!
//! A thread of its own waits for lines, so that Ctrl-C is heard while none comes and the state is saved then, too.

use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tidewright_engine::Watch;
use tidewright_render::{JudgedRow, UniqueId};
use tidewright_source::csv_file::{LiveRows, Row};

use super::show::{Form, Printer};
use super::state;
use crate::args::{DetectArguments, DetectOutput};
use crate::command::{INPUT_HINT, open, tell};
use crate::exit::{Mistake, Stopped, error_text, hints};

/// Lines that wait for their answers: whoever writes faster waits, too.
const WAITING_MAX: usize = 1_024;

/// How long a silent stream keeps Ctrl-C from being heard.
const LOOK: Duration = Duration::from_millis(100);

type Line = std::io::Result<Vec<u8>>;

/// Answers lines until there are no more, or somebody stops it.
pub(super) fn live(arguments: &DetectArguments, mut watch: Watch, stop: &AtomicBool) -> Result<()> {
    let form = form(arguments.output.unwrap_or(DetectOutput::Csv))?;
    let path = arguments.input.as_deref().unwrap_or(Path::new("-"));
    let name = path.display().to_string();
    let lines = lines(path)?;
    let header = next(&lines, stop)?.unwrap_or_default();
    let mut rows = LiveRows::under(header, &name)?;
    let unique_id = if rows.has_ids() { UniqueId::Shown } else { UniqueId::Absent };
    let mut printer = Printer::new(form, unique_id);
    let ended = answer_all(&lines, &mut rows, &mut watch, &mut printer, stop);
    state::save(arguments.state.as_deref(), &watch)?;
    ended
}

fn form(output: DetectOutput) -> Result<Form> {
    match output {
        DetectOutput::Csv => Ok(Form::Csv),
        DetectOutput::Json => Ok(Form::JsonLines),
        DetectOutput::Yaml => Ok(Form::Yaml),
        DetectOutput::Table => {
            let message = "`--output table` does not go with `--stream`";
            let hint = "a table is made of all rows: choose csv, json or yaml";
            Err(Mistake::new(message, hint).into())
        }
    }
}

/// The lines of a file or of stdin, as they come.
fn lines(path: &Path) -> Result<Receiver<Line>> {
    let file = (path != Path::new("-")).then(|| open(path, INPUT_HINT)).transpose()?;
    let (sender, receiver) = sync_channel(WAITING_MAX);
    thread::spawn(move || match file {
        Some(file) => feed(BufReader::new(file), &sender),
        None => feed(std::io::stdin().lock(), &sender),
    });
    Ok(receiver)
}

fn feed(mut input: impl BufRead, sender: &SyncSender<Line>) {
    while let Some(line) = LiveRows::next_line(&mut input).transpose() {
        let is_last = line.is_err();
        if sender.send(line).is_err() || is_last {
            return;
        }
    }
}

/// The next line; `None` at the end.
fn next(lines: &Receiver<Line>, stop: &AtomicBool) -> Result<Option<Vec<u8>>> {
    loop {
        if stop.load(Ordering::Relaxed) {
            return Err(Stopped.into());
        }
        match lines.recv_timeout(LOOK) {
            Ok(line) => return Ok(Some(line.context("cannot read the stream")?)),
            Err(RecvTimeoutError::Disconnected) => return Ok(None),
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

fn answer_all(
    lines: &Receiver<Line>,
    rows: &mut LiveRows<'_>,
    watch: &mut Watch,
    printer: &mut Printer,
    stop: &AtomicBool,
) -> Result<()> {
    loop {
        if !put(&printer.drain())? {
            return Ok(());
        }
        let Some(line) = next(lines, stop)? else { return Ok(()) };
        let answered = match rows.read(&line) {
            Ok(None) => Ok(()),
            Ok(Some(row)) => answer(row, watch, printer),
            Err(error) => Err(error.into()),
        };
        if let Err(error) = answered {
            tell(&format!("error: {}", error_text(&error)));
            hints(error.as_ref()).iter().for_each(|hint| tell(&format!("hint: {hint}")));
        }
    }
}

fn answer(row: Row<'_>, watch: &mut Watch, printer: &mut Printer) -> Result<()> {
    let Row { unique_id, time, value } = row;
    let place = watch.place(unique_id.unwrap_or_default())?;
    let verdict = watch.update(place, time, value);
    let row = JudgedRow { unique_id, time, value, verdict, views: Vec::new() };
    printer.take(place, &row, false);
    Ok(())
}

/// Prints to stdout at once; `false` if nobody reads there any more.
fn put(text: &str) -> Result<bool> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
        done => done.map(|()| true).context("cannot print the result"),
    }
}
