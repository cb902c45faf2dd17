//! `forecast`: a CSV file in, a CSV file out; and a bad cell is named by file, line, column, rule and value.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::desk::Desk;

const DAYS: usize = 14;

/// Two weeks of hours with a daily wave: `prefix` stands before each row.
fn hours(prefix: &str) -> String {
    let mut rows = String::new();
    for hour in 0..DAYS * 24 {
        let (day, hour_of_day) = (1 + hour / 24, hour % 24);
        let wave = (hour as f64 / 24.0 * std::f64::consts::TAU).sin();
        let value = 100.0 + 50.0 * wave;
        let row = format!("{prefix}2026-11-{day:02}T{hour_of_day:02}:00:00Z,{value:.3}");
        writeln!(rows, "{row}").expect("a text grows");
    }
    rows
}

fn desk() -> Desk {
    let desk = Desk::new();
    desk.put("hours.csv", format!("ds,y\n{}", hours("")));
    desk.put("two.csv", format!("unique_id,ds,y\n{}{}", hours("north,"), hours("south,")));
    desk
}

fn refused(csv: &str, said: &[&str]) {
    let desk = Desk::new();
    desk.put("bad.csv", csv);
    desk.run("forecast --input bad.csv --horizon 2").refused(said);
}

#[test]
fn a_forecast_is_csv_with_the_columns_of_the_field() {
    for model in ["auto", "prophet", "seasonal-naive"] {
        let line = format!("forecast --input hours.csv --horizon 48 --model {model} --output csv");
        let csv = desk().run(&line).done();
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines[0], "ds,mean,lo-80,hi-80,lo-95,hi-95", "{model}");
        assert_eq!(lines.len(), 49, "{model}");
        assert!(lines[1].starts_with("2026-11-15T00:00:00Z,"), "{model}: {}", lines[1]);
    }
}

#[test]
fn several_series_keep_their_names() {
    let csv = desk().run("forecast --input two.csv --horizon 2 --output csv").done();
    let starts: Vec<&str> = csv.lines().filter_map(|line| line.split(',').next()).collect();
    assert_eq!(starts, ["unique_id", "north", "north", "south", "south"]);
}

#[test]
fn a_forecast_holds_the_wave() {
    let csv = desk().run("forecast --input hours.csv --horizon 24 --output csv").done();
    let means = csv.lines().skip(1).filter_map(|line| line.split(',').nth(1)?.parse::<f64>().ok());
    for (hour, mean) in means.enumerate() {
        let truth = 100.0 + 50.0 * (hour as f64 / 24.0 * std::f64::consts::TAU).sin();
        assert!((mean - truth).abs() < 5.0, "hour {hour}: {mean} instead of {truth}");
    }
}

#[test]
fn a_gzipped_file_and_stdin_give_the_same() {
    let desk = desk();
    let plain = desk.run("forecast --input hours.csv --horizon 5 --output csv").done();
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(desk.text("hours.csv").as_bytes()).expect("memory takes it");
    let packed = packed.finish().expect("memory takes it");
    desk.put("hours.csv.gz", &packed);
    let line = "forecast --input - --horizon 5 --output csv";
    assert_eq!(desk.run("forecast --input hours.csv.gz --horizon 5 --output csv").done(), plain);
    assert_eq!(desk.run_with_input(line, desk.text("hours.csv").as_bytes()).done(), plain);
    assert_eq!(desk.run_with_input(line, &packed).done(), plain);
}

#[test]
fn timings_are_one_line_of_json_on_stderr() {
    let ended = desk().run("forecast --input two.csv --horizon 2 --output csv --timings");
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    let timings: Value = serde_json::from_str(&ended.stderr).expect("the line is JSON");
    let keys: Vec<&String> = timings.as_object().expect("it is a map").keys().collect();
    assert_eq!(keys, ["fit_us", "noise_us", "plan_us", "points", "predict_us", "series"]);
    assert_eq!((timings["series"].as_u64(), timings["points"].as_u64()), (Some(2), Some(672)));
}

#[test]
fn without_timings_nothing_is_said() {
    let ended = desk().run("forecast --input hours.csv --horizon 2 --output json");
    assert_eq!(ended.stderr, "");
    ended.json();
}

#[test]
fn a_bad_series_costs_no_other_its_forecast() {
    let desk = Desk::new();
    desk.put("some.csv", format!("unique_id,ds,y\n{}thin,2026-11-01,\n", hours("north,")));
    let ended = desk.run("forecast --input some.csv --horizon 2 --output csv");
    assert!(ended.stderr.contains("warning: cannot forecast `thin`: "), "{}", ended.stderr);
    assert!(ended.stderr.contains("warning: `1` of `2` series have no forecast"));
    assert!(ended.stderr.contains("hint: give the series more rows"));
    assert_eq!(ended.done().lines().count(), 3);
    let json = desk.run("forecast --input some.csv --horizon 2 --output json").json();
    assert_eq!(json[0]["mean"].as_array().map(Vec::len), Some(2));
    assert!(json[0].get("error").is_none());
    assert_eq!(json[1]["unique_id"], "thin");
    assert_eq!(
        json[1]["error"],
        "cannot forecast `thin`: cannot fit a model to `0` observed points"
    );
}

#[test]
fn where_no_series_can_be_forecast_that_is_an_error() {
    let desk = Desk::new();
    desk.put("thin.csv", "unique_id,ds,y\na,2026-11-01,\nb,2026-11-01,\n");
    let said = [
        "error: none of `2` series has a forecast: cannot forecast `a`",
        "warning: cannot forecast `b`",
    ];
    desk.run("forecast --input thin.csv --horizon 2 --output json --save-model x").refused(&said);
    assert_eq!(desk.names(""), ["thin.csv"]);
}

#[test]
fn an_unknown_model_is_answered_with_the_nearest_known_one() {
    let desk = desk();
    let said = [
        "`--model` must name a model, got `prohpet`",
        "did you mean `prophet`? the models are auto, ",
    ];
    desk.run("forecast --input hours.csv --horizon 2 --model prohpet").refused(&said);
    let line = "forecast --input hours.csv --horizon 2 --model crystal-ball";
    desk.run(line).refused(&["hint: the models are auto, "]);
}

#[test]
fn every_model_forecasts_saves_and_says_what_it_fitted() {
    let desk = desk();
    let help = desk.run("forecast --help").done();
    let listed = help.split("The model: one of ").nth(1).expect("the help lists the models");
    let listed = listed.split(';').next().expect("the list has an end");
    for model in listed.split(',').map(str::trim) {
        let flags = format!("--input two.csv --horizon 5 --model {model} --output json --explain");
        let fresh = desk.run(&format!("forecast {flags} --save-model {model}.model")).json();
        let shares = fresh[1]["explanation"]["members"].as_array().expect("members").iter();
        let sum: f64 = shares.filter_map(|member| member["weight"].as_f64()).sum();
        assert!((sum - 1.0).abs() < 1e-9, "{model}: {fresh}");
        let line =
            format!("forecast --load-model {model}.model --horizon 5 --output json --explain");
        assert_eq!(desk.run(&line).json(), fresh, "{model}");
    }
}

#[test]
fn an_explanation_stands_beside_csv_on_stderr() {
    let desk = desk();
    let line = "forecast --input two.csv --horizon 2 --model seasonal-naive --explain";
    let ended = desk.run(&format!("{line} --output csv"));
    assert!(ended.stderr.contains("south\n  model"), "{}", ended.stderr);
    assert_eq!(ended.done().lines().count(), 5);
    let table = desk.run(line).done();
    assert!(table.contains("the median of each of 168 slots of a week"), "{table}");
}

#[test]
fn a_bad_cell_is_named_with_its_place_rule_and_value() {
    let said = ["`bad.csv`, line 3, column `y`", "must be a finite number", "got `many`", "hint:"];
    refused("ds,y\n2026-11-01,1\n2026-11-02,many\n", &said);
    let said = ["`bad.csv`, line 2, column `ds`", "must be a date", "got `soon`", "hint:"];
    refused("ds,y\nsoon,1\n2026-11-02,2\n", &said);
}

#[test]
fn a_bad_file_is_named_with_what_is_wrong() {
    refused("", &["`bad.csv`", "hint:"]);
    refused("ds,y\n", &["`bad.csv` has no rows"]);
    refused("when,what\n2026-11-01,1\n", &["`bad.csv`, line 1", "got `when,what`"]);
    refused("ds,y\n2026-11-01,1\n2026-11-02,2,3\n", &["line 3 of `bad.csv`"]);
    refused("ds,y\n2026-11-01,1\n", &["cannot forecast", "`1` observed points"]);
    Desk::new().run("forecast --input none.csv --horizon 2").refused(&["`none.csv`"]);
}

#[test]
fn a_gzipped_file_that_is_cut_is_refused() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(format!("ds,y\n{}", hours("")).as_bytes()).expect("memory takes it");
    let packed = packed.finish().expect("memory takes it");
    let desk = Desk::new();
    desk.put("cut.csv.gz", &packed[..packed.len() / 2]);
    desk.run("forecast --input cut.csv.gz --horizon 2").refused(&["cannot read `cut.csv.gz`"]);
}
