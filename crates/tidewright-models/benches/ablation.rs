//! What each member of `auto` is worth: its figures without that member, and those of the member alone; and what a pooled
//! regression over all series would add to the average.
//!
//! `cargo bench -p tidewright-models --bench ablation -- SERIES.csv[.gz]`: hourly series, the last four times 48 steps of
//! which are forecast from what was before, one after the other. Figures are those of the M4 competition. Weights beside `auto`
//! are by the inverse square of the misses from the origin before, so the first of four has none and is left out there.
#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]

#[path = "forecast/series.rs"]
mod series;

use std::process::ExitCode;

use tidewright_models::auto::{learn_among, member_names};
use tidewright_models::pooled::PooledRegression;
use tidewright_models::scores::{Pair, Scale, mean_absolute_error, naive2, owa, smape};
use tidewright_models::steps::{Past, StepFitted, StepForecaster};

const SEASONS: [usize; 2] = [24, 168];
const HORIZON: usize = 48;
const FOLDS: usize = 4;
/// What is compared where a pooled regression takes part.
const ROWS: [&str; 4] = ["auto", "pooled-regression", "half of each", "each by its weight"];

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
    show_pooled(series);
    let folds: Vec<Fold<'_>> = series.iter().flat_map(|values| folds(values)).collect();
    let reference = mean_pair(&folds, |past| naive2(past, SEASONS[0], HORIZON));
    println!("{name}: {} forecasts of {HORIZON} steps", folds.len());
    println!("{:<28}{:>9}{:>9}{:>9}", "", "sMAPE", "MASE", "OWA");
    let row = |what: &str, lets_in: &dyn Fn(&str) -> bool| {
        let pair = mean_pair(&folds, |past| {
            let past = Past::new(past, &SEASONS).ok()?.asked(HORIZON);
            Some(learn_among(&past, lets_in).ok()?.fitted.predict(HORIZON).point)
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

/// `auto`, a pooled regression, and averages of the two.
fn show_pooled(series: &[Vec<f64>]) {
    let rounds: Vec<Round<'_>> = (1..=FOLDS).rev().filter_map(|fold| round(series, fold)).collect();
    let mut pairs: Vec<Vec<Pair>> = vec![Vec::new(); ROWS.len()];
    let mut reference = Vec::new();
    for (before, now) in rounds.iter().zip(rounds.iter().skip(1)) {
        for (index, (past, came)) in now.folds.iter().enumerate() {
            let pair = |path: &[f64]| {
                let mase = Scale::seasonal(past, SEASONS[0])?.of(mean_absolute_error(came, path)?);
                Some(Pair { smape: smape(came, path)?, mase })
            };
            let Some(naive) = naive2(past, SEASONS[0], HORIZON).and_then(|path| pair(&path)) else {
                continue;
            };
            let missed =
                |paths: &[Vec<f64>]| mean_absolute_error(before.folds[index].1, &paths[index]);
            let share = missed(&before.auto).zip(missed(&before.pooled)).map_or(0.5, share);
            let mixed = |share: f64| -> Vec<f64> {
                let both = now.auto[index].iter().zip(&now.pooled[index]);
                both.map(|(auto, pooled)| (1.0 - share) * auto + share * pooled).collect()
            };
            let found = [0.0, 1.0, 0.5, share].map(|share| pair(&mixed(share)));
            let [Some(auto), Some(pooled), Some(half), Some(weighed)] = found else { continue };
            pairs.iter_mut().zip([auto, pooled, half, weighed]).for_each(|(all, it)| all.push(it));
            reference.push(naive);
        }
    }
    println!("the last {} origins of {} forecasts", FOLDS - 1, reference.len());
    for (what, pairs) in ROWS.iter().zip(&pairs) {
        let pair = mean(pairs);
        if let Some(owa) = owa(pair, mean(&reference)) {
            println!("{what:<28}{:>9.3}{:>9.4}{owa:>9.4}", pair.smape, pair.mase);
        }
    }
}

/// What a pooled regression weighs by the inverse squares of two misses.
fn share((auto, pooled): (f64, f64)) -> f64 {
    let (auto, pooled) = (auto * auto, pooled * pooled);
    if auto + pooled > 0.0 { auto / (auto + pooled) } else { 0.5 }
}

/// All series from one origin, and what two models forecast of each.
struct Round<'a> {
    folds: Vec<Fold<'a>>,
    auto: Vec<Vec<f64>>,
    pooled: Vec<Vec<f64>>,
}

/// The forecasts from the origin so many horizons before the end of each series; `None` where one is too
/// short, or a model refuses it.
fn round(series: &[Vec<f64>], fold: usize) -> Option<Round<'_>> {
    let folds = series.iter().map(|values| cut(values, fold)).collect::<Option<Vec<_>>>()?;
    let pasts = folds.iter().map(|(past, _)| Past::new(past, &SEASONS).ok());
    let pasts = pasts.map(|past| Some(past?.asked(HORIZON))).collect::<Option<Vec<_>>>()?;
    let pooled = PooledRegression::default().learn(&pasts)?;
    let pooled =
        |past: &Past<'_>| pooled.fit(past).ok().map(|fitted| fitted.predict(HORIZON).point);
    let auto = |past: &Past<'_>| {
        learn_among(past, &|_| true).ok().map(|tried| tried.fitted.predict(HORIZON).point)
    };
    let auto = pasts.iter().map(auto).collect::<Option<_>>()?;
    let pooled = pasts.iter().map(pooled).collect::<Option<_>>()?;
    Some(Round { folds, auto, pooled })
}

/// The last steps of a series, fold by fold, with what was before each.
fn folds(values: &[f64]) -> impl Iterator<Item = Fold<'_>> {
    (1..=FOLDS).filter_map(|fold| cut(values, fold))
}

/// The steps of one fold, the last being 1, with what was before them.
fn cut(values: &[f64], fold: usize) -> Option<Fold<'_>> {
    let origin = values.len().checked_sub(fold * HORIZON)?;
    (origin > HORIZON).then(|| (&values[..origin], &values[origin..origin + HORIZON]))
}

/// The mean figures of all folds that a model can forecast; `None` unless it can all.
fn mean_pair(folds: &[Fold<'_>], forecast: impl Fn(&[f64]) -> Option<Vec<f64>>) -> Option<Pair> {
    let one = |(past, came): &Fold<'_>| {
        let path = forecast(past)?;
        let mase = Scale::seasonal(past, SEASONS[0])?.of(mean_absolute_error(came, &path)?);
        Some(Pair { smape: smape(came, &path)?, mase })
    };
    let pairs = folds.iter().map(one).collect::<Option<Vec<Pair>>>()?;
    Some(mean(&pairs))
}

fn mean(pairs: &[Pair]) -> Pair {
    let mean =
        |figure: fn(&Pair) -> f64| pairs.iter().map(figure).sum::<f64>() / pairs.len() as f64;
    Pair { smape: mean(|pair| pair.smape), mase: mean(|pair| pair.mase) }
}
