//! Arguments, output and exit codes of the laboratory: 0 done, 1 our fault, 2 the user's.

use std::error::Error as _;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use crate::compare::{CompareOrder, compare, to_json, to_table};
use crate::error::LabError;
use crate::gallery::{
    Played, Story, fault_lines, house_folder, load_stories, play, render_page, score_lines,
    verdict_table,
};
use crate::world::Lab;

const USAGE: &str = "usage: tidewright-lab compare [--every-day] [--seed N] [--output table|json]
       tidewright-lab gallery [--from FOLDER] [--page FILE] [--seeds N]
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
        ["gallery", options @ ..] => run_gallery(options),
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
            ("--seed", Some(seed)) => {
                order.seed = seed.parse().map_err(|_| unknown(seed))?;
                rest.next();
            }
            (given, _) => return Err(unknown(given)),
        }
    }
    let comparison = compare(&Lab::new()?, &order)?;
    if json { to_json(&comparison) } else { Ok(to_table(&comparison)) }
}

fn run_gallery(options: &[&str]) -> Result<String, LabError> {
    let (mut folder, mut page, mut seeds) = (house_folder(), None, 1);
    for option in options.chunks(2) {
        match *option {
            ["--from", path] => folder = path.into(),
            ["--page", path] => page = Some(Path::new(path)),
            ["--seeds", count] => seeds = count.parse().map_err(|_| unknown(count))?,
            _ => return Err(unknown(option[0])),
        }
    }
    let stories = load_stories(&folder)?;
    let played = play_all(&stories, 1)?;
    let mut text = verdict_table(&played);
    if let Some(path) = page {
        write_page(path, &played)?;
        text += &format!("\nthe stories as a page: {}\n", path.display());
    }
    for seed in 2..=seeds {
        let played = play_all(&stories, seed)?;
        text += &format!("\n{}{}", score_lines(&played), fault_lines(&played));
    }
    Ok(text)
}

/// Plays all stories; with another seed, what was right by luck shows itself.
fn play_all(stories: &[Story], seed: u64) -> Result<Vec<Played>, LabError> {
    let lab = Lab::new()?;
    let seeded = stories.iter().map(|story| Story { seed, ..story.clone() });
    seeded.map(|story| play(&lab, story)).collect()
}

fn write_page(path: &Path, played: &[Played]) -> Result<(), LabError> {
    let unwritable = |source| LabError::Write { path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(unwritable)?;
    }
    std::fs::write(path, render_page(played)).map_err(unwritable)
}

fn unknown(given: &str) -> LabError {
    LabError::Argument { given: given.to_owned() }
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
    fn a_folder_that_is_not_there_is_the_users_fault() {
        let error = run(&["gallery", "--from", "/nowhere"]).unwrap_err();
        assert!(error.is_users());
        assert_eq!(error.to_string(), "cannot read `/nowhere`");
    }

    #[test]
    fn an_argument_that_nobody_knows_is_the_users_fault() {
        for command in ["compare", "gallery"] {
            let error = run(&[command, "--fast"]).unwrap_err();
            assert!(error.is_users());
            assert_eq!(error.to_string(), "`--fast` is no argument of this command");
        }
    }
}
