//! What batch detectors cost: milliseconds of one thread's processor time for 10,000 rows of 10 columns.
//!
//! `cargo bench -p tidewright-models --bench detect [-- ROWS.csv]`: made-up rows, the last 1 % of them outliers, or those of
//! a file without a header. Printed are the least and the median of some rounds, and how well the scores part the outliers
//! (area under the curve).
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints its table")]

use std::cmp::Ordering;
use std::hint::black_box;
use std::process::ExitCode;

use cpu_time::ThreadTime;
use tidewright_models::detect::batch::{
    Dbscan, ForestSettings, IsolationForest, Label, OneClassSettings, OneClassSvm, Rows, group_mad,
};
use tidewright_numerics::Random;

const ROWS: usize = 10_000;
const COLUMNS: usize = 10;
/// The last ones are outliers.
const OUTLIERS: usize = 100;
const ROUNDS: usize = 7;

fn main() -> ExitCode {
    let path = std::env::args().skip(1).find(|argument| argument.ends_with(".csv"));
    let values = path.map_or_else(|| Ok(made_up()), |path| read(&path));
    let rows = values.as_ref().map_err(Clone::clone).and_then(|values| whole(values));
    match rows {
        Ok(rows) => show(rows),
        Err(message) => {
            eprintln!(
                "error: {message}\nhint: a file of 10,000 rows of 10 numbers, without a header"
            );
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

fn whole(values: &[f64]) -> Result<Rows<'_>, String> {
    let rows = Rows::new(values, COLUMNS).map_err(|error| error.to_string())?;
    if rows.len() == ROWS { Ok(rows) } else { Err(format!("`{}` rows", rows.len())) }
}

fn read(path: &str) -> Result<Vec<f64>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let numbers = text.split([',', '\n']).filter(|number| !number.is_empty());
    numbers.map(|number| number.parse().map_err(|_| format!("`{number}` is no number"))).collect()
}

fn show(rows: Rows<'_>) {
    println!("{:<40}{:>12}{:>12}{:>10}", "milliseconds", "least", "median", "area");
    forest(rows);
    [0.01, 0.5].into_iter().for_each(|nu| one_class(rows, nu));
    let dbscan = Dbscan::new(2.5, 10).expect("settings");
    let labels = row("dbscan", || dbscan.label(rows));
    let scores = labels.iter().map(|label| f64::from(u8::from(*label == Label::Noise)));
    println!("{:>10.3}", area(&scores.collect::<Vec<_>>()));
    let _ = row("group_mad, 10,000 steps of 10", || group_mad(rows.values(), COLUMNS, 0.0));
    println!();
}

/// Correlated normal columns; outliers are twice as wide and not correlated.
fn made_up() -> Vec<f64> {
    let mut random = Random::new(17);
    let mut values = Vec::with_capacity(ROWS * COLUMNS);
    for row in 0..ROWS {
        let is_odd = row >= ROWS - OUTLIERS;
        let (wide, shared) = if is_odd { (2.0, 0.0) } else { (0.8, 0.6 * random.normal()) };
        values.extend((0..COLUMNS).map(|_| shared + wide * random.normal()));
    }
    values
}

fn forest(rows: Rows<'_>) {
    let fit = || IsolationForest::fit(rows, ForestSettings::default(), Random::new(1));
    let forest = row("isolation forest, fit", fit).expect("settings");
    println!();
    let scores = row("isolation forest, score 10,000", || forest.score_rows(rows));
    println!("{:>10.3}", area(&scores.expect("rows of as many columns")));
    let _ = row("isolation forest, score 1", || forest.score(rows.row(7)));
    println!();
}

fn one_class(rows: Rows<'_>, nu: f64) {
    let settings = OneClassSettings { nu, ..OneClassSettings::default() };
    let fitted = row(&format!("one-class svm, nu {nu}, fit"), || OneClassSvm::fit(rows, settings));
    let fitted = fitted.expect("settings");
    println!();
    let name = format!("one-class svm, nu {nu}, score 10,000");
    let decisions = row(&name, || fitted.decision_rows(rows)).expect("rows of as many columns");
    println!("{:>10.3}", area(&decisions.iter().map(|inside| -inside).collect::<Vec<_>>()));
    let _ = row(&format!("one-class svm, nu {nu}, score 1"), || fitted.decision(rows.row(7)));
    println!();
}

/// Measures some rounds and prints all of a line but its end.
fn row<T>(name: &str, work: impl Fn() -> T) -> T {
    let mut result = black_box(work());
    let mut millis: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let begun = ThreadTime::now();
            result = black_box(work());
            begun.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    millis.sort_by(f64::total_cmp);
    print!("{name:<40}{:>12.4}{:>12.4}", millis[0], millis[ROUNDS / 2]);
    result
}

/// How often an outlier scores above another row, ties half.
fn area(scores: &[f64]) -> f64 {
    let (plain, odd) = scores.split_at(ROWS - OUTLIERS);
    let win = |odd: f64, plain: f64| match odd.total_cmp(&plain) {
        Ordering::Greater => 1.0,
        Ordering::Equal => 0.5,
        Ordering::Less => 0.0,
    };
    let wins: f64 = odd.iter().map(|odd| plain.iter().map(|x| win(*odd, *x)).sum::<f64>()).sum();
    wins / (plain.len() * odd.len()) as f64
}
