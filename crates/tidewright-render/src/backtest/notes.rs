//! What must be said below the figures: what they are of, and what keeps them from being compared.

use tidewright_core::{Backtest, ModelBacktest, Shortfall};

use crate::number;

/// Names before a list of series becomes a count.
const NAMES_MAX: usize = 5;

pub(super) fn notes(found: &Backtest) -> Vec<String> {
    let mut notes = vec![what(found), marks(found)];
    notes.extend(still(found));
    if found.ends_differ {
        let note = "Series end at different moments, and each is cut before its own end: a model that learns from \
                    all of them may have seen moments of one that it forecasts of another.";
        notes.push(note.to_owned());
    }
    notes.extend(short(&found.shortfalls));
    notes.extend(found.models.iter().filter_map(failed));
    notes
}

fn what(found: &Backtest) -> String {
    let origins = match found.folds {
        1 => "from one origin".to_owned(),
        folds => {
            let apart = number::plural(found.step, "step");
            format!("from {} origins each, {apart} apart", number::whole(folds))
        }
    };
    let seasons: Vec<String> = found.seasons.iter().map(|it| number::whole(*it)).collect();
    let last = seasons.last().map_or("1", String::as_str);
    let before = if last == "1" { "step" } else { "steps" };
    format!(
        "{} series {origins}, {} ahead. MASE, PINBALL and MSIS are in units of the mean distance to the value {} {before} \
         before; xNAIVE is MASE by that of the last season repeated, OWA the M4 competition's figure relative to Naive2.",
        number::whole(found.series.len()),
        number::plural(found.horizon, "step"),
        seasons.join(" or "),
    )
}

fn marks(found: &Backtest) -> String {
    let forecasts = number::plural(found.forecasts_max(), "forecast");
    format!(
        "* the best of its column, of the models that made {}. CPU ms are of one fit with its forecast.",
        if found.forecasts_max() == 1 { forecasts } else { format!("all {forecasts}") },
    )
}

/// Series without a measure.
fn still(found: &Backtest) -> Option<String> {
    let measureless = |model: &ModelBacktest| -> Vec<String> {
        let none = model.series.iter().filter(|it| it.scores.mase.is_none());
        none.map(|it| it.series.clone()).collect()
    };
    let most = found.models.iter().map(measureless).max_by_key(Vec::len)?;
    (!most.is_empty()).then(|| {
        format!(
            "Not in MASE, xNAIVE, PINBALL and MSIS, because they never moved from one season to the next before their \
             origins, or were too short for one: {}.",
            names(&most)
        )
    })
}

/// Series that not every origin could judge.
fn short(shortfalls: &[Shortfall]) -> Option<String> {
    let first = shortfalls.first()?;
    let names_of: Vec<String> = shortfalls.iter().map(|it| it.series.clone()).collect();
    let Shortfall { series, fold, why } = first;
    Some(format!(
        "Not judged from every origin: {}. Of {series}, origin {fold}: {why}.",
        names(&names_of)
    ))
}

/// What a model could not forecast.
fn failed(model: &ModelBacktest) -> Option<String> {
    let first = model.failures.first()?;
    let all = number::plural(model.failures.len() + model.forecasts, "forecast");
    let of: Vec<String> = model.failures.iter().map(|it| it.series.clone()).collect();
    Some(format!(
        "{} could not make {} of {all}: {}. Of {}, origin {}: {}.",
        model.model,
        number::whole(model.failures.len()),
        names(&of),
        first.series,
        first.fold,
        first.why,
    ))
}

/// The first names, each once, and how many more there are.
fn names(all: &[String]) -> String {
    let mut once: Vec<&str> = all.iter().map(String::as_str).collect();
    once.dedup();
    once.sort_unstable();
    once.dedup();
    let told = once[..once.len().min(NAMES_MAX)].join(", ");
    match once.len().saturating_sub(NAMES_MAX) {
        0 => told,
        more => format!("{told} and {} more", number::whole(more)),
    }
}
