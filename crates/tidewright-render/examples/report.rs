//! Writes the reports of the tests' made-up run into a folder, to look at them while changing their look.
//!
//! `cargo run -p tidewright-render --example report -- FOLDER`

#[path = "../tests/render/fixture.rs"]
mod fixture;

use std::path::PathBuf;

use tidewright_render::{Report, html, markdown, unified_diff};

fn main() -> std::io::Result<()> {
    let folder = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("."), PathBuf::from);
    let (old, new) = fixture::documents();
    let (diff, notes) = (unified_diff(&old, &new, "ratelimit-config.yaml"), fixture::notes());
    let (run, evidence) = fixture::run();
    let report = Report {
        run: &run,
        evidence: &evidence,
        diff: Some(&diff),
        notes: &notes,
        discovery: None,
    };
    std::fs::write(folder.join("report.html"), html(&report))?;
    std::fs::write(folder.join("report.md"), markdown(&report))?;
    let (run, evidence) = fixture::suspect();
    let suspect =
        Report { run: &run, evidence: &evidence, diff: None, notes: &[], discovery: None };
    std::fs::write(folder.join("suspect.html"), html(&suspect))?;
    let (run, evidence) = fixture::large(1000);
    let large = Report {
        run: &run,
        evidence: &evidence,
        diff: Some(&diff),
        notes: &notes,
        discovery: None,
    };
    std::fs::write(folder.join("large.html"), html(&large))
}
