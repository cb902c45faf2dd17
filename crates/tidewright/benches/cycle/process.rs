//! What a process costs, as Linux tells it under `/proc`: wall time, processor time, peak memory.

use std::fs;
use std::io;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// How often a running process is looked at: its last peak may be missed by so much time.
const PAUSE: Duration = Duration::from_millis(2);
/// Linux counts processor time in hundredths of a second, on every machine.
const TICKS_PER_SECOND: u64 = 100;

/// What a process has cost.
#[derive(Clone, Copy)]
pub(crate) struct Spent {
    pub(crate) wall: Duration,
    /// Of all its threads.
    pub(crate) cpu: Duration,
    /// The most memory that it held at a time.
    pub(crate) peak_bytes: u64,
}

/// Runs a command to its end.
pub(crate) fn watch(command: &mut Command) -> io::Result<Spent> {
    let begun = Instant::now();
    let mut child = command.spawn()?;
    let mut peak_bytes = 0;
    // A process that has ended is still listed, without its memory, until it is waited for.
    while let Some(bytes) = peak(child.id())? {
        peak_bytes = bytes;
        thread::sleep(PAUSE);
    }
    let (wall, cpu) = (begun.elapsed(), processor_time(child.id())?);
    let status = child.wait()?;
    if !status.success() {
        return Err(io::Error::other(format!("{command:?} ended with {status}")));
    }
    Ok(Spent { wall, cpu, peak_bytes })
}

/// The processor time of a process so far.
pub(crate) fn processor_time(id: u32) -> io::Result<Duration> {
    let text = fs::read_to_string(format!("/proc/{id}/stat"))?;
    // The name in brackets may hold blanks; user and system time are the 12th and 13th field behind it.
    let fields = text.rsplit_once(')').map_or("", |(_, fields)| fields).split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
}

/// The most memory that a process held so far; `None` once it has ended.
fn peak(id: u32) -> io::Result<Option<u64>> {
    let text = fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    Ok(kilobytes.map(|kilobytes| kilobytes * 1024))
}
