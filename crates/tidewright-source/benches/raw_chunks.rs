//! The two ways to read raw counters from a real Prometheus, beside one another: chunks, and range queries. Wall time,
//! processor time on both sides, peak memory. `cargo bench -p tidewright-source --bench raw_chunks [-- SERIES DAYS]`
//!
//! The ways run in turns, each in a process of its own, so that a busy machine slows both. It needs `prometheus` and
//! `promtool`; without them it says so and passes.

#[path = "../../tidewright/benches/cycle/process.rs"]
mod process;

use std::io::{self, Write as _};
use std::process::{Command, Stdio};
use std::time::Duration;

use tidewright_core::{DemandRequest, MetricSource as _, Silent, TimeSpan};
use tidewright_source::prometheus::{Mapping, PrometheusSettings, PrometheusSource, RawChunks};
use tidewright_testkit::chance::Chance;
use tidewright_testkit::estate::{END, METRIC};
use tidewright_testkit::prometheus::{Blocks, Prometheus, Text};

use process::{Spent, processor_time, watch};

const SCRAPE_MS: i64 = 30_000;
const DAY_MS: i64 = 86_400_000;
/// Pairs of runs; their median is told.
const ROUNDS: usize = 5;

/// One run, and what it cost the server.
struct Run {
    client: Spent,
    server: Duration,
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, way, url, days] = arguments.as_slice()
        && let Some(raw_chunks) = raw_chunks(way)
    {
        return fetch(raw_chunks, url, days.parse().map_err(io::Error::other)?);
    }
    // Tests build benches and run them without this flag.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let mut numbers = arguments.iter().skip(1).filter_map(|argument| argument.parse::<i64>().ok());
    let (series, days) = (numbers.next().unwrap_or(250), numbers.next().unwrap_or(7));
    let span = TimeSpan { start: END.plus_millis(-days * DAY_MS), end: END };
    let blocks = Blocks::filled(span, |piece, text| write(series, span, piece, text));
    let server = match blocks.and_then(Prometheus::start) {
        Ok(server) => server,
        Err(error) => return say(&format!("raw_chunks: skipped, because {error}")),
    };
    say(&format!("raw_chunks: {series} series, {days} days, every 30 s"))?;
    compare(&server, days)
}

fn raw_chunks(way: &str) -> Option<RawChunks> {
    match way {
        "chunks" => Some(RawChunks::On),
        "queries" => Some(RawChunks::Off),
        _ => None,
    }
}

/// What each process does: reads, and tells nothing but whether it could.
fn fetch(raw_chunks: RawChunks, url: &str, days: i64) -> io::Result<()> {
    let mut settings = PrometheusSettings::new(url, Mapping::nginx());
    settings.raw_chunks = raw_chunks;
    let source = PrometheusSource::new(settings).map_err(io::Error::other)?;
    let span = TimeSpan { start: END.plus_millis(-days * DAY_MS), end: END };
    let request = DemandRequest { span, window_ms: 60_000 };
    let runtime = tokio::runtime::Runtime::new()?;
    let demand = runtime.block_on(source.fetch_demand(&request, &Silent));
    let demand = demand.map_err(io::Error::other)?;
    let is_chunks = demand.method_note.contains("raw chunks");
    if is_chunks == (raw_chunks == RawChunks::On) {
        return Ok(());
    }
    Err(io::Error::other(demand.method_note))
}

fn compare(server: &Prometheus, days: i64) -> io::Result<()> {
    let (mut chunks, mut queries) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        chunks.push(run("chunks", server, days)?);
        queries.push(run("queries", server, days)?);
    }
    tell("chunks", &chunks)?;
    tell("queries", &queries)
}

fn run(way: &str, server: &Prometheus, days: i64) -> io::Result<Run> {
    let before = processor_time(server.process_id())?;
    let mut command = Command::new(std::env::current_exe()?);
    command.args([way, &server.url(), &days.to_string()]).stdout(Stdio::null());
    let client = watch(&mut command)?;
    Ok(Run { client, server: processor_time(server.process_id())?.saturating_sub(before) })
}

fn tell(way: &str, runs: &[Run]) -> io::Result<()> {
    let secs = |of: fn(&Run) -> Duration| median(runs.iter().map(|run| of(run).as_secs_f64()));
    let (wall, cpu) = (secs(|run| run.client.wall), secs(|run| run.client.cpu));
    let peak = median(runs.iter().map(|run| run.client.peak_bytes as f64 / 1e6));
    let server = secs(|run| run.server);
    say(&format!(
        "  {way}: {wall:.2} s, processor {cpu:.2} s, server's processor {server:.2} s, {peak:.0} MB (medians of {ROUNDS})"
    ))
}

fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_unstable_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Counters that rise by chance, each scraped at its own moments.
fn write(series: i64, span: TimeSpan, piece: TimeSpan, text: &mut Text) -> io::Result<()> {
    for number in 0..series {
        let (partner, path) = (format!("P_{}", number / 25), format!("/path/{}", number % 25));
        let instance = format!("10.0.0.{}:9113", number % 7);
        let labels =
            [("job", "nginx"), ("instance", &instance), ("partner", &partner), ("path", &path)];
        text.series(METRIC, &labels);
        let mut chance = Chance::new(number as u64, "counter");
        let offset_ms = (chance.uniform(0.0, 1.0) * SCRAPE_MS as f64) as i64;
        let (mut at, mut count) = (span.start.plus_millis(offset_ms), 0);
        while at < piece.end {
            count += (chance.uniform(0.0, 1.0) * 1000.0) as u64;
            if at >= piece.start {
                text.sample(at.as_millis(), count)?;
            }
            at = at.plus_millis(SCRAPE_MS);
        }
    }
    Ok(())
}

fn say(line: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")
}
