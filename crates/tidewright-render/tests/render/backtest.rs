//! A backtest of three models: one good, one bad, and one that could not forecast all.

use tidewright_core::{
    Backtest, ForecastFailure, LevelLoss, ModelBacktest, Scores, SeriesScores, Shortfall, Spread,
    StepScores,
};
use tidewright_render::{
    BacktestV1, backtest_csv, backtest_html, backtest_steps_csv, backtest_steps_table,
    backtest_svg, backtest_table, to_json,
};

fn scores(mase: Option<f64>) -> Scores {
    let size = mase.unwrap_or(1.0);
    Scores {
        mase,
        smape: 12.5 * size,
        rmse: 1234.5 * size,
        mae: 900.0 * size,
        bias: -20.0 * size,
        bias_ratio: Some(-0.0125 * size),
        pinball: mase.map(|it| 0.4 * it),
        coverage80: 0.8 / size.max(1.0),
        coverage95: 0.95 / size.max(1.0),
        msis: mase.map(|it| 9.0 * it),
        owa: mase.map(|it| 0.6 * it),
        naive_ratio: mase.map(|it| 0.9 * it),
    }
}

/// A model whose errors grow with the step, on as many of the three series as are named.
fn model(name: &str, mase: f64, series: &[&str]) -> ModelBacktest {
    let one = |(i, id): (usize, &&str)| SeriesScores {
        series: (*id).to_owned(),
        folds: 2,
        // The third series never moved.
        scores: scores((i < 2).then_some(mase * (0.5 + i as f64))),
    };
    let step = |i: usize| StepScores {
        mase: Some(mase * (0.5 + i as f64 / 13.0)),
        smape: Some(10.0 + i as f64),
        coverage80: Some(0.8),
        coverage95: Some(0.95),
    };
    ModelBacktest {
        model: name.to_owned(),
        forecasts: 2 * series.len(),
        scores: (!series.is_empty()).then(|| scores(Some(mase))),
        mase_spread: Some(Spread { low: 0.75 * mase, high: 1.25 * mase }),
        ratio_spread: None,
        levels: vec![LevelLoss { level: 0.5, loss: Some(0.25) }],
        steps: (0..14).map(step).collect(),
        series: series.iter().enumerate().map(one).collect(),
        failures: Vec::new(),
        cpu_ms: 12.5 * mase,
    }
}

fn backtest() -> Backtest {
    let all = ["north", "south", "still"];
    let mut helpless = model("helpless", 0.5, &all[..1]);
    let failure = |series: &str, fold| ForecastFailure {
        series: series.to_owned(),
        fold,
        why: "cannot fit a model to `1` observed points".to_owned(),
    };
    helpless.failures =
        vec![failure("south", 1), failure("still", 1), failure("south", 2), failure("still", 2)];
    Backtest {
        horizon: 14,
        folds: 2,
        step: 7,
        seasons: vec![24],
        series: all.map(str::to_owned).to_vec(),
        ends_differ: true,
        shortfalls: vec![Shortfall {
            series: "north".to_owned(),
            fold: 1,
            why: "it has `20` points, and this origin needs `22`".to_owned(),
        }],
        models: vec![model("wild", 5.0, &all), model("tame", 0.8, &all), helpless],
    }
}

#[test]
fn a_backtest_reads_at_100_and_140_columns() {
    for width in [100, 140] {
        insta::assert_snapshot!(format!("at_{width}"), backtest_table(&backtest(), width));
    }
}

#[test]
fn a_model_that_made_fewer_forecasts_is_never_marked() {
    let table = backtest_table(&backtest(), 100);
    let row = |name: &str| table.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    assert_eq!((row("helpless").matches('*').count(), row("tame").matches('*').count()), (0, 11));
}

#[test]
fn a_long_horizon_is_shown_in_stretches() {
    insta::assert_snapshot!(backtest_steps_table(&backtest(), 100));
}

#[test]
fn a_backtest_is_csv_by_model_and_by_step() {
    let by_step = backtest_steps_csv(&backtest());
    assert_eq!(by_step.lines().count(), 1 + 3 * 14);
    assert_eq!(by_step.lines().nth(15), Some("tame,1,0.4,10,0.8,0.95"));
    insta::assert_snapshot!(backtest_csv(&backtest()));
}

#[test]
fn a_backtest_is_stable_json() {
    let mut small = backtest();
    small.models.truncate(1);
    small.models[0].steps.truncate(2);
    insta::assert_snapshot!(to_json(&BacktestV1::from(&small)));
}

#[test]
fn a_backtest_is_a_picture_of_errors_by_step_and_over_series() {
    let notes = ["A note.".to_owned()];
    insta::assert_snapshot!(backtest_svg(&backtest(), &notes));
    let page = backtest_html(&backtest(), &notes);
    assert_eq!(page.matches("class=\"plot\"").count(), 2);
    assert!(page.contains("<title>Backtest of 3 models</title>"), "{page}");
    assert!(!page.contains("http:") && !page.contains("<script"), "a page loads nothing");
}

#[test]
fn the_names_of_many_models_stand_in_rows() {
    let mut found = backtest();
    let name = |i: usize| ModelBacktest { model: format!("model-{i}"), ..found.models[0].clone() };
    found.models = (0..20).map(name).collect();
    let picture = backtest_svg(&found, &[]);
    let begins = |key: &str| key.split_once(' ').and_then(|(x, _)| x.parse::<u32>().ok());
    let keys: Vec<u32> = picture.split("translate(").filter_map(begins).collect();
    assert!(keys.len() == 20 && keys.iter().all(|x| *x < 1000), "{keys:?}");
}

#[test]
fn a_backtest_of_one_series_one_step_and_no_scale_is_a_picture_too() {
    let mut found = backtest();
    found.series.truncate(1);
    found.horizon = 1;
    for model in &mut found.models {
        model.series.truncate(1);
        model.series[0].scores = scores(None);
        model.steps = vec![StepScores { mase: None, ..model.steps[0] }];
    }
    let picture = backtest_svg(&found, &[]);
    assert!(picture.contains("sMAPE of each model") && !picture.contains("NaN"), "{picture}");
    found.models.clear();
    assert!(!backtest_svg(&found, &[]).contains("NaN"));
}
