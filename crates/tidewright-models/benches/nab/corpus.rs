//! Labelled files of the Numenta Anomaly Benchmark: a folder with `windows.json` and `CATEGORY/NAME.csv`, plain or packed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use tidewright_core::{Timestamp, Zone};

/// One file.
pub(crate) struct Labelled {
    pub(crate) name: String,
    pub(crate) times: Vec<Timestamp>,
    pub(crate) values: Vec<f64>,
    /// The first and the last row of each window.
    pub(crate) windows: Vec<(usize, usize)>,
}

/// The files that come with the project.
pub(crate) fn own() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/nab")
}

/// Reads all files that `windows.json` names; an error says which one cannot be read, and why.
pub(crate) fn read(folder: &Path) -> Result<Vec<Labelled>, String> {
    let path = folder.join("windows.json");
    let text = std::fs::read_to_string(&path).map_err(|error| told(&path, &error))?;
    let windows: BTreeMap<String, Vec<[String; 2]>> =
        serde_json::from_str(&text).map_err(|error| told(&path, &error))?;
    windows.into_iter().map(|(name, windows)| file(folder, name, &windows)).collect()
}

fn file(folder: &Path, name: String, windows: &[[String; 2]]) -> Result<Labelled, String> {
    let (times, values) = rows(&folder.join(&name))?;
    let first = |text: &String| {
        let moment = Zone::utc().parse(text.split('.').next().unwrap_or(text)).ok()?;
        times.iter().position(|time| *time == moment)
    };
    let window = |[start, end]: &[String; 2]| {
        first(start).zip(first(end)).ok_or_else(|| format!("{name}: no rows at {start} and {end}"))
    };
    let windows = windows.iter().map(window).collect::<Result<_, _>>()?;
    Ok(Labelled { name, times, values, windows })
}

fn rows(path: &Path) -> Result<(Vec<Timestamp>, Vec<f64>), String> {
    let mut text = String::new();
    let packed = path.with_added_extension("gz");
    match File::open(&packed) {
        Ok(file) => flate2::read::GzDecoder::new(file).read_to_string(&mut text),
        Err(_) => File::open(path).and_then(|mut file| file.read_to_string(&mut text)),
    }
    .map_err(|error| told(path, &error))?;
    let row = |line: &str| {
        let (time, value) = line.split_once(',')?;
        Some((Zone::utc().parse(time.trim()).ok()?, value.trim().parse::<f64>().ok()?))
    };
    let numbered = text.lines().zip(1..).skip(1);
    let read = |(line, number): (&str, usize)| -> Result<_, String> {
        row(line)
            .ok_or_else(|| told(path, &format!("line {number}: `{line}` is no moment and value")))
    };
    numbered.map(read).collect()
}

fn told(path: &Path, problem: &dyn std::fmt::Display) -> String {
    format!("{}: {problem}", path.display())
}
