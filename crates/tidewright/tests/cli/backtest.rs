//! `backtest`: models forecast the past of a CSV file; what was judged, what could not be, and what was asked wrongly.

use std::fmt::Write as _;

use serde_json::Value;

use crate::desk::Desk;

const DAYS: usize = 14;

/// Hours with a daily wave and, where `noise` is not 0, something that comes again only after 13 hours.
fn hours(prefix: &str, days: usize, noise: f64) -> String {
    let mut rows = String::new();
    for hour in 0..days * 24 {
        let (day, hour_of_day) = (1 + hour / 24, hour % 24);
        let wave = (hour_of_day as f64 / 24.0 * std::f64::consts::TAU).sin();
        let value = 100.0 + 50.0 * wave + noise * (hour * 7919 % 13) as f64;
        let row = format!("{prefix}2026-11-{day:02}T{hour_of_day:02}:00:00Z,{value:.3}");
        writeln!(rows, "{row}").expect("a text grows");
    }
    rows
}

fn desk() -> Desk {
    let desk = Desk::new();
    let (north, south) = (hours("north,", DAYS, 1.0), hours("south,", DAYS, 4.0));
    desk.put("two.csv", format!("unique_id,ds,y\n{north}{south}"));
    desk
}

const MODELS: &str = "--models prophet,seasonal-naive";

fn json(desk: &Desk, line: &str) -> Value {
    desk.run(&format!("backtest --horizon 24 {MODELS} {line} --output json")).json()
}

/// A JSON value without what is measured rather than computed.
fn without_time(mut found: Value) -> Value {
    for model in found["models"].as_array_mut().expect("a backtest lists its models") {
        model["cpu_ms"] = Value::Null;
    }
    found
}

#[test]
fn each_model_has_a_row_and_the_best_of_each_column_is_marked() {
    let table = desk().run(&format!("backtest --input two.csv --horizon 24 {MODELS}")).done();
    let rows: Vec<&str> = table.lines().take(3).collect();
    assert!(rows[0].starts_with("MODEL ") && rows[0].ends_with("CPU ms"), "{table}");
    for model in ["prophet", "seasonal-naive"] {
        assert!(rows[1..].iter().any(|row| row.starts_with(model)), "{table}");
    }
    assert!(rows[1..].iter().map(|row| row.matches('*').count()).sum::<usize>() >= 11, "{table}");
    assert!(table.contains("2 series from 3 origins each, 24 steps apart, 24 steps ahead."));
    assert!(table.contains("the value 24 steps\nbefore") || table.contains("24 steps before"));
}

#[test]
fn without_names_there_is_a_model_of_each_kind() {
    let csv = desk().run("backtest --input two.csv --horizon 6 --folds 1 --output csv").done();
    let names: Vec<&str> = csv.lines().skip(1).filter_map(|row| row.split(',').next()).collect();
    assert_eq!(names, ["auto", "ets", "theta", "arima", "mstl", "prophet", "snaive"]);
    assert!(csv.lines().skip(1).all(|row| row.contains(",2,0,")), "all forecast both:\n{csv}");
}

#[test]
fn json_holds_each_step_and_each_series() {
    let found = json(&desk(), "--input two.csv");
    assert_eq!((&found["version"], &found["series"]), (&"v1".into(), &2.into()));
    for model in found["models"].as_array().expect("a backtest lists its models") {
        assert_eq!(model["forecasts"], 6);
        assert_eq!(model["by_horizon"]["mase"].as_array().map(Vec::len), Some(24));
        assert_eq!(model["by_series"][1]["unique_id"], "south");
        let mase = model["scores"]["mase"].as_f64().expect("the series move");
        let ends = ["low", "high"].map(|end| model["mase_95"][end].as_f64().expect("two series"));
        assert!(ends[0] <= mase && mase <= ends[1], "{model}");
    }
}

#[test]
fn figures_are_the_same_on_any_number_of_threads() {
    let desk = desk();
    let line = format!("backtest --input two.csv --horizon 24 {MODELS} --output json");
    let on = |threads: &str| {
        let mut command = desk.command(&line);
        let output = command.env("RAYON_NUM_THREADS", threads).output().expect("it starts");
        without_time(serde_json::from_slice(&output.stdout).expect("it prints JSON"))
    };
    assert_eq!(on("1"), on("3"));
}

#[test]
fn csv_has_a_row_for_each_model_or_for_each_model_and_step() {
    let desk = desk();
    let line = format!("backtest --input two.csv --horizon 24 {MODELS} --output csv");
    let by_model = desk.run(&line).done();
    assert!(by_model.starts_with("model,forecasts,failures,mase,"), "{by_model}");
    assert_eq!(by_model.lines().count(), 3);
    let by_step = desk.run(&format!("{line} --by-horizon")).done();
    assert_eq!(by_step.lines().count(), 1 + 2 * 24);
}

#[test]
fn errors_by_horizon_stand_below_the_table() {
    let line = format!("backtest --input two.csv --horizon 24 --by-horizon {MODELS}");
    let table = desk().run(&line).done();
    let below = table.split("\n\n").last().expect("a table");
    assert!(below.starts_with("MASE AT STEP  prophet  seasonal-naive\n1-2 "), "{table}");
}

#[test]
fn a_series_that_is_too_short_for_an_origin_is_named_and_costs_no_other_its_figures() {
    let desk = desk();
    let mut csv = desk.text("two.csv");
    csv += &hours("brief,", 3, 1.0);
    desk.put("three.csv", csv);
    let found = json(&desk, "--input three.csv");
    assert_eq!(found["not_judged"][0]["unique_id"], "brief");
    assert_eq!(found["not_judged"][0]["fold"], 1);
    assert_eq!(found["ends_differ"], true);
    assert_eq!(found["models"][1]["forecasts"], 8);
    let line = format!("backtest --input three.csv --horizon 24 {MODELS}");
    let table = desk.run(&line).done();
    assert!(table.contains("Not judged from every origin: brief."), "{table}");
}

#[test]
fn a_history_that_never_moves_from_day_to_day_is_left_out_of_mase_and_said_so() {
    let desk = Desk::new();
    desk.put("wave.csv", format!("ds,y\n{}", hours("", DAYS, 0.0)));
    let found = json(&desk, "--input wave.csv");
    let scores = &found["models"][1]["scores"];
    assert_eq!((&scores["mase"], &scores["msis"]), (&Value::Null, &Value::Null));
    assert!(scores["smape"].as_f64().is_some_and(|smape| smape < 1e-9), "{scores}");
    let table = desk.run(&format!("backtest --input wave.csv --horizon 24 {MODELS}")).done();
    assert!(table.contains("Not in MASE, xNAIVE, PINBALL and MSIS"), "{table}");
}

#[test]
fn series_are_brought_to_equal_steps_first() {
    let desk = desk();
    let mut csv = desk.text("two.csv");
    csv += "late,2026-11-01,1\nlate,2026-11-08,2\nlate,2026-11-15,3\n";
    desk.put("three.csv", csv);
    let line = format!("backtest --horizon 2 {MODELS} --every 6h --aggregate sum --input");
    let ended = desk.run(&format!("{line} three.csv --output json"));
    assert!(ended.stderr.contains("warning: cannot give `late` equal steps"), "{}", ended.stderr);
    let found = ended.json();
    assert_eq!((&found["series"], &found["seasons"][0]), (&2.into(), &4.into()));
    desk.put("late.csv", "ds,y\n2026-11-01,1\n2026-11-08,2\n2026-11-15,3\n");
    desk.run(&format!("{line} late.csv")).refused(&["cannot give `the series` equal steps"]);
    let line = "backtest --input two.csv --horizon 2 --aggregate sum";
    desk.run(line).refused(&["`--aggregate` needs `--every`"]);
}

#[test]
fn one_series_can_be_chosen() {
    let desk = desk();
    let found = json(&desk, "--input two.csv --series south");
    assert_eq!((&found["series"], &found["models"][0]["forecasts"]), (&1.into(), &3.into()));
    let line = "backtest --input two.csv --horizon 24 --series sout";
    desk.run(line).refused(&["got `sout`", "north, south"]);
}

#[test]
fn a_picture_is_drawn_in_the_form_of_its_name() {
    let desk = desk();
    for (name, start) in [("out.svg", "<svg"), ("out.html", "<!doctype html>")] {
        let line = format!("backtest --input two.csv --horizon 24 {MODELS} --plot {name}");
        desk.run(&line).done();
        let picture = desk.text(name);
        assert!(picture.starts_with(start) && picture.contains("seasonal-naive"), "{picture}");
    }
    let line = "backtest --input two.csv --horizon 24 --plot out.png";
    desk.run(line).refused(&["`--plot` must end in `.svg` or `.html`, got `out.png`"]);
}

#[test]
fn an_unknown_model_finds_the_nearest_known_one() {
    let line = "backtest --input two.csv --horizon 24 --models prophet,seasonal-naif";
    let ended = desk().run(line);
    ended.refused(&["`--models` must name models, got `seasonal-naif`"]);
    assert!(ended.stderr.contains("did you mean `seasonal-naive`?"), "{}", ended.stderr);
    desk()
        .run("backtest --input two.csv --horizon 24 --models prophet,prophet")
        .refused(&["`--models` names `prophet` twice"]);
}

#[test]
fn a_horizon_that_is_too_long_tells_the_longest_that_is_not() {
    let desk = desk();
    let line = |horizon: usize| format!("backtest --input two.csv {MODELS} --horizon {horizon}");
    desk.run(&line(112)).refused(&[
        "no series is long enough for `3` origins of `112` steps: the longest has `336` points",
        "the longest horizon with `--folds 3` is `111`",
    ]);
    desk.run(&format!("{} --step 400", line(9))).refused(&["fewer origins with `--folds`"]);
}

#[test]
fn a_flag_that_would_do_nothing_is_refused() {
    let line = "backtest --input two.csv --horizon 24 --by-horizon --output json";
    desk().run(line).refused(&["`--by-horizon` goes with tables and CSV alone"]);
}

#[test]
fn files_without_anything_to_judge_are_refused() {
    let desk = Desk::new();
    desk.put("silent.csv", "ds,y\n2026-11-01,\n2026-11-02,\n2026-11-03,\n");
    desk.put("bad.csv", "ds,y\n2026-11-01,1\n2026-11-02,many\n");
    let line = |name: &str| format!("backtest --input {name} --horizon 1 --folds 1 {MODELS}");
    desk.run(&line("silent.csv")).refused(&["no forecast could be judged", "nothing was observed"]);
    desk.run(&line("bad.csv")).refused(&["`bad.csv`, line 3"]);
    desk.run(&line("none.csv")).refused(&["`none.csv`"]);
}
