//! What a forecast costs by each step model: microseconds of one thread's processor time for a fit and 48 steps.
//!
//! `cargo bench -p tidewright-models --bench forecast [-- PART OF A MODEL'S NAME] [SERIES.csv[.gz]]`: made-up hourly series,
//! or those of a file with `unique_id,ds,y`, which are taken for hourly too. Each series is fitted once, cold.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints its table")]

mod series;

use std::hint::black_box;
use std::process::ExitCode;

use cpu_time::ThreadTime;
use tidewright_models::mstl::{decompose, quick_season, season};
use tidewright_models::named::{step_model, step_models};
use tidewright_models::steps::Past;
use tidewright_models::stl::Stl;

use series::Kind;

const SEASONS: [usize; 2] = [24, 168];
const HORIZON: usize = 48;
/// A row ends after so much processor time, however many series are left.
const ROW_MICROS: f64 = 5e6;

fn main() -> ExitCode {
    let arguments = || std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let is_file = |argument: &String| argument.ends_with(".csv") || argument.ends_with(".csv.gz");
    let wanted = arguments().find(|argument| !is_file(argument)).unwrap_or_default();
    let kinds = match arguments().find(is_file) {
        None => series::made_up(),
        Some(path) => match series::read(&path) {
            Ok(kind) => vec![kind],
            Err(message) => {
                eprintln!("error: {message}\nhint: a file of `unique_id,ds,y`, sorted by both");
                return ExitCode::from(2);
            }
        },
    };
    show(&wanted, &kinds);
    ExitCode::SUCCESS
}

fn show(wanted: &str, kinds: &[Kind]) {
    let header = ["median", "mean", "most", "series", "refused"];
    println!("{:<34}{}", "microseconds", header.map(|name| format!("{name:>11}")).concat());
    for name in step_models().filter(|name| name.contains(wanted)) {
        let model = step_model(name).expect("a name of the table");
        let forecast = |values: &[f64]| {
            let past = Past::new(values, &SEASONS).expect("series hold numbers");
            black_box(model.fit(&past)).is_ok_and(|fitted| {
                black_box(fitted.predict(HORIZON));
                true
            })
        };
        kinds.iter().for_each(|kind| row(&format!("{name}, {}", kind.name), kind, forecast));
    }
    let parts = [
        ("decomposition", quick_season as fn(usize, usize) -> Stl),
        ("decomposition without jumps", season),
    ];
    for (name, season) in parts.iter().filter(|(name, _)| name.contains(wanted)) {
        let seasons = [season(0, SEASONS[0]), season(1, SEASONS[1])];
        for kind in kinds.iter().filter(|kind| !kind.gaps()) {
            row(&format!("{name}, {}", kind.name), kind, |values| {
                decompose(values, &seasons).is_ok()
            });
        }
    }
}

/// Measures what becomes of each series of a kind, and prints it.
fn row(name: &str, kind: &Kind, forecast: impl Fn(&[f64]) -> bool) {
    let (mut micros, mut refused, mut spent) = (Vec::new(), 0, 0.0);
    for values in &kind.series {
        let begun = ThreadTime::now();
        refused += usize::from(!forecast(black_box(values)));
        micros.push(begun.elapsed().as_secs_f64() * 1e6);
        spent += micros[micros.len() - 1];
        if spent > ROW_MICROS {
            break;
        }
    }
    micros.sort_by(f64::total_cmp);
    let (median, most) = (micros[micros.len() / 2], micros[micros.len() - 1]);
    let mean = spent / micros.len() as f64;
    println!("{name:<34}{median:>11.1}{mean:>11.1}{most:>11.1}{:>11}{refused:>11}", micros.len());
}
