//! A whole cycle against a real Prometheus, beside merely downloading the same answers with curl: wall time, processor
//! time, peak memory. `cargo bench -p tidewright --bench cycle [-- SERIES DAYS]`
//!
//! The two run in turns, so that a busy machine slows both, and the ratio is what counts. What curl asks for is what the
//! product asked for in a first run through a recording relay, at the same concurrency and encoding. The history is made
//! once and kept with the build. It needs `prometheus`, `promtool` and `curl`; without them it says so and passes.

mod process;
mod relay;
mod traffic;

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tidewright_testkit::estate::END;
use tidewright_testkit::prometheus::Prometheus;

use process::{Spent, processor_time, watch};
use relay::Relay;
use traffic::Scale;

/// What the product asks for at a time unless it is configured otherwise.
const CONCURRENCY: usize = 4;
/// Pairs of runs; their median is told.
const ROUNDS: usize = 5;
/// Starts of the program whose median is told.
const STARTS: usize = 21;

/// Demand is read by queries, as curl does: chunks would be compared with other bytes.
const CONFIG: &str = "\
DEPLOYMENT: {MODE: testing}
ENVIRONMENTS:
  testing:
    LOG_LEVEL: warning
    REPORTS_DIR: reports
    OUTPUT_DIR: output
    STORE_PATH: runs.db
    PROMETHEUS_CHUNKS: 'off'
    TRAFFIC: {preset: nginx}
    RATE_CALCULATION: {min_rate_limit: 1, rounding_method: none}
";

/// One run of either program, and what it cost the server.
struct Run {
    client: Spent,
    server: Duration,
}

fn main() -> io::Result<()> {
    // Tests build benches and run them without this flag.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    if let Some(program) = missing() {
        return say(&format!("cycle: skipped, because `{program}` is not installed"));
    }
    let scale = Scale::from_arguments(std::env::args());
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("cycle-{scale}"));
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("config.yaml"), CONFIG)?;
    fs::write(folder.join("current.yaml"), traffic::document(scale))?;
    let blocks = traffic::blocks(scale, &folder).map_err(io::Error::other)?;
    let server = Prometheus::start(blocks).map_err(io::Error::other)?;
    let relay = Relay::start(server.address())?;
    run_product(&folder, &relay.url(), &server)?;
    let targets = relay.targets();
    say(&format!("cycle: {scale}, {} requests, {CONCURRENCY} at a time", targets.len()))?;
    let urls: Vec<String> =
        targets.iter().map(|target| format!("{}{target}", server.url())).collect();
    write_curl_config(&folder, &urls)?;
    compare(&folder, &server)?;
    say(&format!("`tidewright --help`: {:.1} ms", help_millis()?))
}

fn missing() -> Option<&'static str> {
    let is_missing = |program: &&str| {
        let mut command = Command::new(program);
        command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err()
    };
    ["prometheus", "promtool", "curl"].into_iter().find(is_missing)
}

fn compare(folder: &Path, server: &Prometheus) -> io::Result<()> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (product, curl) =
            (run_product(folder, &server.url(), server)?, run_curl(folder, server)?);
        say(&format!("  tidewright {product}; curl {curl}"))?;
        ours.push(product);
        theirs.push(curl);
    }
    let wall = |runs: &[Run]| median(runs.iter().map(|run| run.client.wall.as_secs_f64()));
    let ratios =
        ours.iter().zip(&theirs).map(|(a, b)| a.client.wall.div_duration_f64(b.client.wall));
    let cpu = median(ours.iter().map(|run| run.client.cpu.as_secs_f64()));
    let peak = ours.iter().map(|run| run.client.peak_bytes).max().unwrap_or(0);
    say(&format!(
        "cycle: tidewright {:.2} s, curl {:.2} s, ratio {:.2} (medians); processor time {cpu:.2} s, peak memory {} MB",
        wall(&ours),
        wall(&theirs),
        median(ratios),
        peak / 1_000_000,
    ))
}

fn run_product(folder: &Path, url: &str, server: &Prometheus) -> io::Result<Run> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidewright"));
    command.args(["run", "--config", "config.yaml", "--current", "current.yaml"]);
    command.args(["--prometheus-url", url, "--at", &END.to_string()]);
    // What it says is of interest only where it fails.
    command.stderr(fs::File::create(folder.join("tidewright.log"))?);
    measured(command.current_dir(folder), server)
}

fn run_curl(folder: &Path, server: &Prometheus) -> io::Result<Run> {
    let mut command = Command::new("curl");
    command.args(["--silent", "--fail", "--parallel", "--config", "curl.conf"]);
    command.args(["--parallel-max", &CONCURRENCY.to_string()]);
    // Some versions draw a progress meter although they are told to be silent.
    measured(command.current_dir(folder).stderr(Stdio::null()), server)
}

fn measured(command: &mut Command, server: &Prometheus) -> io::Result<Run> {
    let before = processor_time(server.process_id())?;
    let client = watch(command.stdout(Stdio::null()))?;
    Ok(Run { client, server: processor_time(server.process_id())?.saturating_sub(before) })
}

fn write_curl_config(folder: &Path, urls: &[String]) -> io::Result<()> {
    let lines = urls.iter().map(|url| format!("url = \"{url}\"\noutput = \"/dev/null\"\n"));
    fs::write(folder.join("curl.conf"), lines.collect::<String>())
}

fn help_millis() -> io::Result<f64> {
    let start = || -> io::Result<f64> {
        let begun = Instant::now();
        let mut command = Command::new(env!("CARGO_BIN_EXE_tidewright"));
        command.arg("--help").stdout(Stdio::null()).status()?;
        Ok(begun.elapsed().as_secs_f64() * 1000.0)
    };
    let times: io::Result<Vec<f64>> = (0..STARTS).map(|_| start()).collect();
    Ok(median(times?.into_iter()))
}

fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_unstable_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

fn say(line: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Spent { wall, cpu, peak_bytes } = self.client;
        let (wall, cpu, server) =
            (wall.as_secs_f64(), cpu.as_secs_f64(), self.server.as_secs_f64());
        let peak = peak_bytes / 1_000_000;
        write!(f, "{wall:.2} s (processor {cpu:.2} s, server {server:.2} s, {peak} MB)")
    }
}
