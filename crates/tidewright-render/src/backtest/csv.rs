//! A backtest as CSV: a row for each model, or for each model and step. Shares are ratios, missing figures are empty.

use tidewright_core::{Backtest, ModelBacktest};

use crate::forecast::quoted;
use crate::number;

const HEADER: &str = "model,forecasts,failures,mase,mase_lo_95,mase_hi_95,naive_ratio,naive_ratio_lo_95,\
                      naive_ratio_hi_95,owa,smape,rmse,mae,bias,bias_ratio,pinball,coverage_80,coverage_95,msis,cpu_ms\n";

const STEPS_HEADER: &str = "model,step,mase,smape,coverage_80,coverage_95\n";

/// One row for each model, in the order in which they were asked for.
pub fn backtest_csv(found: &Backtest) -> String {
    let rows = found.models.iter().map(|model| {
        let counts = [model.forecasts, model.failures.len()].map(|it| it.to_string());
        let figures = figures(model).map(cell);
        let cells: Vec<String> =
            std::iter::once(quoted(&model.model)).chain(counts).chain(figures).collect();
        cells.join(",") + "\n"
    });
    rows.fold(HEADER.to_owned(), |all, row| all + &row)
}

/// One row for each model and step.
pub fn backtest_steps_csv(found: &Backtest) -> String {
    let rows = found.models.iter().flat_map(|model| {
        model.steps.iter().zip(1..).map(|(it, step)| {
            let figures = [it.mase, it.smape, it.coverage80, it.coverage95].map(cell).join(",");
            format!("{},{step},{figures}\n", quoted(&model.model))
        })
    });
    rows.fold(STEPS_HEADER.to_owned(), |all, row| all + &row)
}

fn figures(model: &ModelBacktest) -> [Option<f64>; 17] {
    let (mase, ratio) = (model.mase_spread, model.ratio_spread);
    let of = |figure: fn(&tidewright_core::Scores) -> Option<f64>| {
        model.scores.as_ref().and_then(figure)
    };
    [
        of(|it| it.mase),
        mase.map(|it| it.low),
        mase.map(|it| it.high),
        of(|it| it.naive_ratio),
        ratio.map(|it| it.low),
        ratio.map(|it| it.high),
        of(|it| it.owa),
        of(|it| Some(it.smape)),
        of(|it| Some(it.rmse)),
        of(|it| Some(it.mae)),
        of(|it| Some(it.bias)),
        of(|it| it.bias_ratio),
        of(|it| it.pinball),
        of(|it| Some(it.coverage80)),
        of(|it| Some(it.coverage95)),
        of(|it| it.msis),
        Some(model.cpu_ms),
    ]
}

fn cell(value: Option<f64>) -> String {
    let mut text = String::new();
    value.into_iter().for_each(|value| number::exact(&mut text, value));
    text
}
