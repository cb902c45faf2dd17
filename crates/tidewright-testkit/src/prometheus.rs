//! A real Prometheus for one test, with history that was made up beforehand.
//!
//! It listens on a free port of 127.0.0.1 and on nothing else, keeps everything in a temporary folder, is ready when
//! [`Prometheus::start`] returns, and is stopped by its process id when it is dropped. Nothing is scraped.

mod blocks;
mod openmetrics;

use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use thiserror::Error;

use crate::http;

pub use blocks::{Blocks, Text};
pub use openmetrics::OpenMetrics;

/// Between the choice of a free port and its use another process may take it; three strangers in a row are no accident.
const ATTEMPTS_MAX: usize = 3;
/// It takes 0.2 s on an idle machine; a loaded one gets patience.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// How long it may take to write its head to disk before it is killed.
const STOP_WITHIN: Duration = Duration::from_secs(10);
/// How often a state is looked at.
const PAUSE: Duration = Duration::from_millis(10);

/// A running Prometheus; dropping it stops it.
#[derive(Debug)]
pub struct Prometheus {
    process: Child,
    address: SocketAddr,
    blocks: Blocks,
    flags: Vec<String>,
}

/// Why no server could be started.
#[derive(Debug, Error)]
pub enum ServerError {
    /// A program is not installed.
    #[error("cannot run `{program}`; hint: install it with `apt-get install prometheus`")]
    Program {
        /// Its name.
        program: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The temporary folder cannot be used.
    #[error("cannot use a temporary folder")]
    Folder(#[source] io::Error),
    /// There is no free port.
    #[error("cannot find a free port on 127.0.0.1")]
    Port(#[source] io::Error),
    /// `promtool` refused the history.
    #[error("`promtool` cannot back-fill: {0}")]
    Backfill(String),
    /// It ended before it was ready, or never was.
    #[error("Prometheus did not get ready; its log ends: {0}")]
    NotReady(String),
}

impl Prometheus {
    /// Starts a server on `blocks` and waits until it answers.
    ///
    /// # Errors
    /// [`ServerError`] if it is not installed or does not get ready.
    pub fn start(blocks: Blocks) -> Result<Self, ServerError> {
        Self::start_with(blocks, &[])
    }

    /// The same with more flags, such as `--query.max-samples=1000`.
    ///
    /// # Errors
    /// [`ServerError`] if it is not installed, knows no such flag or does not get ready.
    pub fn start_with(blocks: Blocks, flags: &[&str]) -> Result<Self, ServerError> {
        let flags = flags.iter().map(|&flag| flag.to_owned()).collect();
        let config = blocks.folder().join("prometheus.yml");
        fs::write(config, "global: {scrape_interval: 30s}\n").map_err(ServerError::Folder)?;
        let mut server = Self::spawn(blocks, flags)?;
        for _ in 1..ATTEMPTS_MAX {
            if server.wait_until_ready() {
                return Ok(server);
            }
            server.try_again()?;
        }
        if server.wait_until_ready() { Ok(server) } else { Err(server.not_ready()) }
    }

    /// Where it listens, such as `http://127.0.0.1:41234`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process, so that what it costs can be looked up.
    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// What it said.
    pub fn log(&self) -> String {
        fs::read_to_string(log_path(&self.blocks)).unwrap_or_default()
    }

    /// Asks one query as of a moment, in seconds since the epoch; the answer is JSON.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub fn query(&self, query: &str, at_secs: i64) -> io::Result<String> {
        let target = format!("/api/v1/query?time={at_secs}&query={}", http::escape(query));
        http::fetch(self.address, &target).map(|answer| answer.body)
    }

    fn spawn(blocks: Blocks, flags: Vec<String>) -> Result<Self, ServerError> {
        let address = free_address()?;
        let process = run(&blocks, address, &flags)?;
        Ok(Self { process, address, blocks, flags })
    }

    fn try_again(&mut self) -> Result<(), ServerError> {
        stop(&mut self.process);
        self.address = free_address()?;
        self.process = run(&self.blocks, self.address, &self.flags)?;
        Ok(())
    }

    fn wait_until_ready(&mut self) -> bool {
        let deadline = Instant::now() + READY_WITHIN;
        while Instant::now() < deadline && matches!(self.process.try_wait(), Ok(None)) {
            if self.is_ready() && self.is_ours() {
                return true;
            }
            thread::sleep(PAUSE);
        }
        false
    }

    fn is_ready(&self) -> bool {
        http::fetch(self.address, "/-/ready").is_ok_and(|answer| answer.status == 200)
    }

    /// Whether it is not the server of another test that took the port first.
    fn is_ours(&self) -> bool {
        let data = self.blocks.data().display().to_string();
        http::fetch(self.address, "/api/v1/status/flags")
            .is_ok_and(|answer| answer.body.contains(&data))
    }

    fn not_ready(&self) -> ServerError {
        let log = self.log();
        let last: Vec<&str> = log.lines().rev().take(3).collect();
        ServerError::NotReady(last.into_iter().rev().collect::<Vec<_>>().join(" / "))
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        stop(&mut self.process);
    }
}

fn run(blocks: &Blocks, address: SocketAddr, flags: &[String]) -> Result<Child, ServerError> {
    let log = File::create(log_path(blocks)).map_err(ServerError::Folder)?;
    let mut command = Command::new("prometheus");
    command.arg(format!("--config.file={}", blocks.folder().join("prometheus.yml").display()));
    command.arg(format!("--storage.tsdb.path={}", blocks.data().display()));
    command.arg(format!("--web.listen-address={address}"));
    // The history is old, and blocks that are never merged leave the processor to the test.
    command.args(["--storage.tsdb.retention.time=100y", "--storage.tsdb.min-block-duration=2h"]);
    command.arg("--storage.tsdb.max-block-duration=2h").args(flags);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    command.spawn().map_err(|source| missing("prometheus", source))
}

/// Asks the process to end, and ends it if it does not.
fn stop(process: &mut Child) {
    // The standard library can only kill; `kill` is everywhere where Prometheus is.
    let asked = Command::new("kill").args(["-TERM", &process.id().to_string()]).status();
    let deadline = Instant::now() + STOP_WITHIN;
    while asked.is_ok() && Instant::now() < deadline {
        if !matches!(process.try_wait(), Ok(None)) {
            return;
        }
        thread::sleep(PAUSE);
    }
    let _ = process.kill();
    let _ = process.wait();
}

fn free_address() -> Result<SocketAddr, ServerError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(ServerError::Port)?;
    listener.local_addr().map_err(ServerError::Port)
}

fn log_path(blocks: &Blocks) -> PathBuf {
    blocks.folder().join("prometheus.log")
}

fn missing(program: &'static str, source: io::Error) -> ServerError {
    ServerError::Program { program, source }
}
