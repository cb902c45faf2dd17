//! What each member of `auto` is worth: its figures without that member, and those of the member alone.
//!
//! `cargo bench -p tidewright-models --bench ablation -- SERIES.csv[.gz]`: hourly series, the last four times 48 steps of
//! which are forecast from what was before, one after the other. Figures are those of the M4 competition.
#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]

#[path = "forecast/series.rs"]
mod series;

use std::process::ExitCode;

use tidewright_models::auto::{learn_among, member_names};
use tidewright_models::scores::{Pair, Scale, mean_absolute_error, naive2, owa, smape};
use tidewright_models::steps::{Past, StepFitted};

const SEASONS: [usize; 2] = [24, 168];
const HORIZON: usize = 48;
const FOLDS: usize = 4;

/// What was known, and what came.
type Fold<'a> = (&'a [f64], &'a [f64]);

fn main() -> ExitCode {
    let file = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let kinds = match file.map(|path| series::read(&path)).transpose() {
        Ok(kind) => kind.map_or_else(series::made_up, |kind| vec![kind]),
        Err(message) => {
            println!("error: {message}\nhint: a file of `unique_id,ds,y`, sorted by both");
            return ExitCode::from(2);
        }
    };
    for kind in kinds.iter().filter(|kind| !kind.gaps()) {
        show(&kind.name, &kind.series);
    }
    ExitCode::SUCCESS
}

fn show(name: &str, series: &[Vec<f64>]) {
    let folds: Vec<Fold<'_>> = series.iter().flat_map(|values| folds(values)).collect();
    let reference = mean_pair(&folds, |past| naive2(past, SEASONS[0], HORIZON));
    println!("{name}: {} forecasts of {HORIZON} steps", folds.len());
    println!("{:<28}{:>9}{:>9}{:>9}", "", "sMAPE", "MASE", "OWA");
    let row = |what: &str, lets_in: &dyn Fn(&str) -> bool| {
        let pair = mean_pair(&folds, |past| {
            let past = Past::new(past, &SEASONS).ok()?.asked(HORIZON);
            Some(learn_among(&past, lets_in).ok()?.predict(HORIZON).point)
        });
        let owa = pair.zip(reference).and_then(|(pair, reference)| owa(pair, reference));
        match (pair, owa) {
            (Some(Pair { smape, mase }), Some(owa)) => {
                println!("{what:<28}{smape:>9.3}{mase:>9.4}{owa:>9.4}");
            }
            _ => println!("{what:<28}{:>9}", "refused"),
        }
    };
    row("all members", &|_| true);
    for member in member_names() {
        row(&format!("without {member}"), &|name| name != member);
    }
    for member in member_names() {
        row(&format!("only {member}"), &|name| name == member);
    }
}

/// The last steps of a series, fold by fold, with what was before each.
fn folds(values: &[f64]) -> impl Iterator<Item = Fold<'_>> {
    (1..=FOLDS).filter_map(|fold| {
        let origin = values.len().checked_sub(fold * HORIZON)?;
        (origin > HORIZON).then(|| (&values[..origin], &values[origin..origin + HORIZON]))
    })
}

/// The mean figures of all folds that a model can forecast; `None` unless it can all.
fn mean_pair(folds: &[Fold<'_>], forecast: impl Fn(&[f64]) -> Option<Vec<f64>>) -> Option<Pair> {
    let one = |(past, came): &Fold<'_>| {
        let path = forecast(past)?;
        let mase = Scale::seasonal(past, SEASONS[0])?.of(mean_absolute_error(came, &path)?);
        Some(Pair { smape: smape(came, &path)?, mase })
    };
    let pairs = folds.iter().map(one).collect::<Option<Vec<Pair>>>()?;
    let mean =
        |figure: fn(&Pair) -> f64| pairs.iter().map(figure).sum::<f64>() / pairs.len() as f64;
    Some(Pair { smape: mean(|pair| pair.smape), mase: mean(|pair| pair.mase) })
}
