//! Arguments, output and exit codes of the laboratory: 0 done, 1 our fault, 2 the user's.

use std::error::Error as _;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use crate::compare::{CompareOrder, compare, to_json, to_table};
use crate::error::LabError;
use crate::gallery::{Played, Story, fault_lines, load_stories, play, render_page, verdict_table};
use crate::world::Lab;

const USAGE: &str = "usage: tidewright-lab compare [--every-day] [--output table|json]
       tidewright-lab gallery [--page FILE | --seeds N]
";

/// Runs what the arguments ask for.
pub fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(text) => print(&text),
        Err(error) => fail(&error),
    }
}

fn run(arguments: &[&str]) -> Result<String, LabError> {
    match arguments {
        ["compare", options @ ..] => run_compare(options),
        ["gallery"] => Ok(verdict_table(&play_all(1)?)),
        ["gallery", "--page", path] => run_page(Path::new(path)),
        ["gallery", "--seeds", seeds] => run_seeds(seeds),
        ["gallery", given, ..] => Err(LabError::Argument { given: (*given).to_owned() }),
        _ => Ok(USAGE.to_owned()),
    }
}

fn run_compare(options: &[&str]) -> Result<String, LabError> {
    let mut order = CompareOrder::default();
    let mut json = false;
    let mut rest = options.iter();
    while let Some(option) = rest.next() {
        match (*option, rest.clone().next().copied()) {
            ("--every-day", _) => order.days_between_refits = 1,
            ("--output", Some(format @ ("json" | "table"))) => {
                json = format == "json";
                rest.next();
            }
            (given, _) => return Err(LabError::Argument { given: given.to_owned() }),
        }
    }
    let comparison = compare(&Lab::new()?, &order)?;
    if json { to_json(&comparison) } else { Ok(to_table(&comparison)) }
}

fn play_all(seed: u64) -> Result<Vec<Played>, LabError> {
    let lab = Lab::new()?;
    let seeded = load_stories()?.into_iter().map(|story| Story { seed, ..story });
    seeded.map(|story| play(&lab, story)).collect()
}

/// Plays all stories with other chance: what is right by luck shows itself.
fn run_seeds(seeds: &str) -> Result<String, LabError> {
    let seeds: u64 = seeds.parse().map_err(|_| LabError::Argument { given: seeds.to_owned() })?;
    let mut text = String::new();
    for seed in 1..=seeds {
        let played = play_all(seed)?;
        let right = played.iter().filter(|it| it.is_right()).count();
        text += &format!("seed {seed}: {right} of {} stories right\n", played.len());
        text += &fault_lines(&played);
    }
    Ok(text)
}

/// Writes the page and tells where, after the table.
fn run_page(path: &Path) -> Result<String, LabError> {
    let played = play_all(1)?;
    let unwritable = |source| LabError::Write { path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(unwritable)?;
    }
    std::fs::write(path, render_page(&played)).map_err(unwritable)?;
    Ok(format!("{}\nthe stories as a page: {}\n", verdict_table(&played), path.display()))
}

fn print(text: &str) -> ExitCode {
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(source) => fail(&LabError::Write { path: Path::new("stdout").to_owned(), source }),
    }
}

fn fail(error: &LabError) -> ExitCode {
    let mut text = format!("error: {error}");
    let mut cause = error.source();
    while let Some(next) = cause {
        text += &format!(": {next}");
        cause = next.source();
    }
    if matches!(error, LabError::Argument { .. }) {
        text += &format!("\nhint: {}", USAGE.trim_end());
    }
    // Nothing is left to do where even this cannot be told.
    let _ = writeln!(std::io::stderr(), "{text}");
    if error.is_users() { ExitCode::from(2) } else { ExitCode::FAILURE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_that_nobody_knows_is_the_users_fault() {
        let error = run(&["compare", "--fast"]).unwrap_err();
        assert!(error.is_users());
        assert_eq!(error.to_string(), "`--fast` is no argument of this command");
    }
}
