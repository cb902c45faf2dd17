//! One run of the binary in testing mode, in a folder of its own, and what it printed and wrote.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use tidewright_testkit::estate::{END, Estate, Scrape, clean_csv};

use crate::scene;

/// Where a run finds demand.
#[derive(Debug)]
pub(crate) enum Traffic {
    /// The counters that Prometheus has scraped.
    Counters {
        /// Where it listens.
        url: String,
        /// Which scrapes.
        scrape: Scrape,
    },
    /// The file of the clean truth.
    CleanTruth,
}

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Run {
    /// The proposals of its JSON, by the name of the limit.
    pub(crate) proposals: BTreeMap<String, Value>,
    /// The document that it was given, as it was afterwards.
    pub(crate) document_after: String,
    /// The document that it was given.
    pub(crate) document: String,
    /// Its report.
    pub(crate) report: String,
}

impl Run {
    /// What was decided, in a word or with the reason to hold.
    pub(crate) fn decisions(&self) -> impl Iterator<Item = String> {
        self.proposals.values().map(|proposal| match word(proposal, "/decision") {
            "hold" => format!("hold: {}", word(proposal, "/reason/code")),
            decision => decision.to_owned(),
        })
    }
}

/// A text inside a proposal, empty if there is none.
pub(crate) fn word<'a>(proposal: &'a Value, pointer: &str) -> &'a str {
    proposal.pointer(pointer).and_then(Value::as_str).unwrap_or("")
}

/// A number inside a proposal.
pub(crate) fn number(proposal: &Value, pointer: &str) -> Option<f64> {
    proposal.pointer(pointer).and_then(Value::as_f64)
}

/// Runs the binary.
pub(crate) fn run(estate: &Estate, traffic: &Traffic) -> Result<Run, String> {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let document = scene::current_document(estate);
    let url = prepare(&folder, estate, traffic, &document);
    let output = Command::new(env!("CARGO_BIN_EXE_tidewright"))
        .args(["run", "--config", "config.yaml", "--prometheus-url", &url])
        .args(["--current", "current.yaml", "--output", "json", "--at", &END.to_string()])
        .current_dir(folder.path())
        .output()
        .expect("the binary is built before its tests");
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!("{traffic:?} ended with {}: {stderr}", output.status));
    }
    let proposals = proposals(&output.stdout).ok_or_else(|| format!("{traffic:?}: no JSON"))?;
    let document_after = read(&folder.path().join("current.yaml"));
    let report = report(&folder.path().join("reports"));
    Ok(Run { proposals, document_after, document, report })
}

/// Writes what the run reads; the answer is where Prometheus listens.
fn prepare(folder: &TempDir, estate: &Estate, traffic: &Traffic, document: &str) -> String {
    let write = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).expect("there is room for a file");
    };
    write("current.yaml", document);
    let (url, keys) = match traffic {
        Traffic::Counters { url, scrape } => {
            let matchers = format!("seed=\"{}\",scrape=\"{}\"", estate.seed, scrape.label());
            (url.clone(), format!("preset: nginx, matchers: '{matchers}'"))
        }
        Traffic::CleanTruth => {
            write("clean.csv", &clean_csv(estate));
            ("http://127.0.0.1:9".to_owned(), "csv: clean.csv".to_owned())
        }
    };
    write("config.yaml", &CONFIG.replace("<traffic>", &keys));
    url
}

/// Bounds, rounding and pace are out of the way, so that they hide no error; a cut still has to be agreed for a day.
const CONFIG: &str = "\
DEPLOYMENT: {MODE: testing}
ENVIRONMENTS:
  testing:
    REPORTS_DIR: reports
    OUTPUT_DIR: output
    STORE_PATH: runs.db
    TRAFFIC: {<traffic>}
    RATE_CALCULATION:
      min_rate_limit: 1
      max_rate_limit: 100000000
      rounding_method: none
    PACING:
      raise_per_day: 100
      between_changes: 0s
      lower_slack: 0.05
      first_day_changes: 1000
";

fn proposals(stdout: &[u8]) -> Option<BTreeMap<String, Value>> {
    let run: Value = serde_json::from_slice(stdout).ok()?;
    let proposals = run.pointer("/plan/proposals")?.as_array()?;
    let named =
        |proposal: &Value| Some((proposal.get("name")?.as_str()?.to_owned(), proposal.clone()));
    proposals.iter().map(named).collect()
}

fn report(folder: &Path) -> String {
    let files = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut reports = files.filter(|path| path.extension().is_some_and(|end| end == "md"));
    reports.next().map(|path| read(&path)).unwrap_or_default()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("what was written can be read")
}
