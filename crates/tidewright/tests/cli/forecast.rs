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
