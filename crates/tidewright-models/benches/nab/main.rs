//! The detector against labelled series: the Numenta Anomaly Benchmark.
//!
//! `cargo bench -p tidewright-models --bench nab [-- FOLDER]`; a folder holds `windows.json` and `CATEGORY/NAME.csv`. Prints
//! what the benchmark scores: at the best threshold over all files, as it is reported of every detector, and at the one that
//! is shipped; and the same for files that were cut at 60 % or thinned by two.

#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]

mod corpus;
mod score;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use cpu_time::ProcessTime;
use tidewright_core::Timestamp;
use tidewright_models::detect::{Detector, Settings};

use corpus::Labelled;
use score::{Corpus, PROFILES};

/// The alarm that is one.
const SHIPPED: f64 = 1.0;

fn main() -> ExitCode {
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let folder = folder.map_or_else(corpus::own, PathBuf::from);
    match corpus::read(&folder) {
        Ok(files) => {
            show(&files);
            ExitCode::SUCCESS
        }
        Err(problem) => {
            println!("error: {problem}\nhint: a folder with windows.json and the files it names");
            ExitCode::from(2)
        }
    }
}

fn show(files: &[Labelled]) {
    let rows: usize = files.iter().map(|file| file.values.len()).sum();
    println!("{} files, {rows} rows, {} bytes of state", files.len(), size_of::<Detector>());
    let start = ProcessTime::now();
    let alarms: Vec<Vec<f64>> = files.iter().map(|file| alarms(file, usize::MAX, 1, 0)).collect();
    let each = start.elapsed().as_secs_f64() * 1e6 / rows as f64;
    println!("{each:.3} us of processor time a row\n");
    println!(
        "{:<26}{:<10}{:>7}{:>11}{:>9}{:>7}",
        "files", "costs", "score", "threshold", "caught", "wrong"
    );
    let mut all = Corpus::default();
    for (file, alarms) in files.iter().zip(&alarms) {
        all.add(alarms, &file.windows);
    }
    print("all", &all);
    let category = |file: &Labelled| file.name.split('/').next().unwrap_or_default().to_owned();
    let mut categories: Vec<String> = files.iter().map(category).collect();
    categories.dedup();
    for name in categories {
        let mut some = Corpus::default();
        let of = files.iter().zip(&alarms).filter(|(file, _)| category(file) == name);
        of.for_each(|(file, alarms)| some.add(alarms, &file.windows));
        if files.iter().any(|file| category(file) == name && !file.windows.is_empty()) {
            print(&name, &some);
        } else {
            let wrong = some.at(SHIPPED, PROFILES[0]).wrong;
            println!("{name:<26}no windows; alarms: {wrong}");
        }
    }
    let mut cut = Corpus::default();
    for file in files {
        let len = file.values.len() * 6 / 10;
        let windows: Vec<_> =
            file.windows.iter().copied().filter(|(_, right)| *right < len).collect();
        cut.add(&self::alarms(file, len, 1, 0), &windows);
    }
    print("cut at 60 %", &cut);
    for phase in 0..2 {
        let mut thinned = Corpus::default();
        for file in files {
            let place = |row: usize| row.saturating_sub(phase) / 2;
            let alarms = self::alarms(file, usize::MAX, 2, phase);
            let last = alarms.len() - 1;
            let window = |(left, right): &(usize, usize)| (place(*left), place(*right).min(last));
            thinned.add(&alarms, &file.windows.iter().map(window).collect::<Vec<_>>());
        }
        print(&format!("every second row, from {phase}"), &thinned);
    }
}

/// The alarms of a file's first `len` rows, of which only every so-manieth is seen.
fn alarms(file: &Labelled, len: usize, every: usize, phase: usize) -> Vec<f64> {
    let mut detector = Detector::new(Arc::new(Settings::default()));
    let rows = file.times.iter().zip(&file.values).take(len).skip(phase).step_by(every);
    rows.map(|(time, value): (&Timestamp, &f64)| detector.update(*time, Some(*value)).alarm)
        .collect()
}

fn print(files: &str, corpus: &Corpus) {
    for costs in PROFILES {
        for result in [corpus.best(costs), corpus.at(SHIPPED, costs)] {
            println!(
                "{files:<26}{:<10}{:>7.2}{:>11.3}{:>6}/{:<2}{:>7}",
                costs.name,
                result.score,
                result.threshold,
                result.caught,
                result.windows,
                result.wrong
            );
        }
    }
}
