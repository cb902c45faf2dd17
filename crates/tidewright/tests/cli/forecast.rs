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
    for model in models() {
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
fn what_is_no_csv_file_is_told_by_what_it_is_like() {
    refused(
        "[{\"ds\": \"2026-11-01\", \"y\": 4}]",
        &["`bad.csv` is no CSV file: it begins like JSON"],
    );
    refused("ds,y\n\0\x01\x02\n", &["`bad.csv` is no CSV file: it begins like binary data"]);
    let said = ["`bad.csv`, line 1: columns must be separated by commas, got `ds;y`"];
    refused("ds;y\n2026-11-01;4\n", &said);
}

#[test]
fn a_time_that_comes_twice_is_refused_with_a_word_on_clocks_that_go_back() {
    let hint = "where clocks went back, write times in UTC or with their offset";
    let hours = "ds,y\n2026-10-25 01:00,4\n2026-10-25 02:00,4\n2026-10-25 02:00,5\n";
    refused(hours, &["`bad.csv`, line 4, column `ds`: each time may come once", hint]);
    let halves = "ds,y\n2026-10-25 02:00,4\n2026-10-25 02:30,4\n2026-10-25 02:00,5\n";
    let said = "`bad.csv`: each time may come once in a series, got `2026-10-25T02:00:00Z` twice\n";
    refused(halves, &[said, hint]);
}

#[test]
fn rows_in_any_order_give_the_same_forecast() {
    let desk = desk();
    let rows = hours("");
    let reversed: Vec<&str> = rows.lines().rev().collect();
    desk.put("reversed.csv", format!("ds,y\n{}\n", reversed.join("\n")));
    let forecast =
        |name: &str| desk.run(&format!("forecast --input {name} --horizon 5 --output csv"));
    assert_eq!(forecast("reversed.csv").done(), forecast("hours.csv").done());
}

/// The models that the help lists.
fn models() -> Vec<String> {
    let help = Desk::new().run("forecast --help").done();
    let listed = help.split("The model: one of ").nth(1).expect("the help lists the models");
    let listed = listed.split(';').next().expect("the list has an end");
    listed.split(',').map(|name| name.trim().to_owned()).collect()
}

/// Each model forecasts the file, or says why not in words that everybody is told.
fn check_odd(csv: &str, flags: &str) {
    let desk = Desk::new();
    desk.put("odd.csv", csv);
    for model in models() {
        let line =
            format!("forecast --input odd.csv --horizon 5 --model {model} --output json {flags}");
        let ended = desk.run(&line);
        match ended.code {
            Some(0) => {
                let json = ended.json();
                let mean = json[0]["mean"].as_array().expect("a list").iter();
                assert!(
                    mean.clone().count() == 5 && mean.clone().all(Value::is_number),
                    "{model}: {json}"
                );
            }
            _ => ended.refused(&["error: cannot forecast `the series`: "]),
        }
    }
}

#[test]
fn odd_series_are_forecast_or_refused_by_every_model() {
    let days = |values: &[&str]| {
        let rows = (1..).zip(values).map(|(day, value)| format!("2026-11-{day:02},{value}\n"));
        format!("ds,y\n{}", rows.collect::<String>())
    };
    check_odd(&days(&["5"]), "");
    check_odd(&days(&["", "", "", ""]), "");
    check_odd(&days(&["3"; 28]), "");
    check_odd(&days(&["0"; 28]), "--data-range 0..");
    check_odd(&days(&["1", "2", "3"]), "");
    check_odd(&days(&["-1e12", "2e12", "", "-3e12", "1e-9", "0", "-4"]), "");
    check_odd(&days(&["1e-9", "2e-9", "1e-9", "3e-9", "1e-9", "2e-9"]), "");
}

#[test]
fn a_million_points_are_a_forecast_like_any_other() {
    let desk = Desk::new();
    let row =
        |minute: u64| format!("{},{}\n", 1_600_000_000 + minute * 60, 50 + minute % 1440 / 30);
    desk.put("long.csv", format!("ds,y\n{}", (0..1_000_000).map(row).collect::<String>()));
    for model in ["auto", "seasonal-naive", "theta"] {
        let line = format!("forecast --input long.csv --horizon 30 --model {model} --output csv");
        assert_eq!(desk.run(&line).done().lines().count(), 31, "{model}");
    }
}

#[test]
fn a_history_too_short_for_its_season_is_told() {
    let desk = Desk::new();
    desk.put("short.csv", "ds,y\n2026-11-01,1\n2026-11-02,2\n2026-11-03,3\n");
    let ended = desk.run("forecast --input short.csv --horizon 2 --season 24 --output csv");
    let said = "warning: the series has `3` points, less than two seasons of `24`; it is forecast without that season";
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
    assert_eq!(ended.done().lines().count(), 3);
}

#[test]
fn values_that_there_cannot_be_are_told_and_no_forecast_leaves_the_range() {
    let desk = Desk::new();
    desk.put(
        "counts.csv",
        format!("unique_id,ds,y\n{}", hours("a,").replacen(",100.000", ",-7", 2)),
    );
    let line = "forecast --input counts.csv --horizon 5 --data-range 0..120 --output csv";
    let ended = desk.run(line);
    let said = "the first `-7` at `2026-11-01T00:00:00Z`; they are learned from as they are";
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
    for row in ended.done().lines().skip(1) {
        let numbers = row.split(',').skip(2).filter_map(|cell| cell.parse::<f64>().ok());
        assert!(
            numbers.clone().count() == 5 && numbers.clone().all(|it| (0.0..=120.0).contains(&it)),
            "{row}"
        );
    }
}

#[test]
fn points_at_unequal_distances_are_brought_to_equal_steps() {
    let desk = Desk::new();
    // Hours, and then minutes without a pattern: no grid holds both.
    let hours = (0..48).map(|hour| hour * 3600);
    let minutes = (0..500).map(|minute| 48 * 3600 + minute * 61 + minute % 7);
    let rows = hours.chain(minutes).map(|secs| format!("{secs},5\n"));
    desk.put("mixed.csv", format!("ds,y\n{}", rows.collect::<String>()));
    let line = "forecast --input mixed.csv --horizon 3 --output csv";
    let csv = desk.run(&format!("{line} --every 1h")).done();
    assert!(
        csv.lines().nth(1).is_some_and(|row| row.starts_with("1970-01-03T08:00:00Z,5,")),
        "{csv}"
    );
    if let Some(model) = models()
        .iter()
        .find(|model| !["auto", "prophet", "seasonal-naive"].contains(&model.as_str()))
    {
        let said = [
            "its points do not lie at equal steps",
            "hint: give it equal steps, such as `--every ",
        ];
        desk.run(&format!("{line} --model {model}")).refused(&said);
    }
}

#[test]
fn a_horizon_may_be_a_span_or_a_word_that_brings_its_steps() {
    let desk = desk();
    let starts = |flags: &str| {
        let csv = desk.run(&format!("forecast --input hours.csv --output csv {flags}")).done();
        let first = csv.lines().nth(1).and_then(|row| row.split(',').next()).map(str::to_owned);
        (csv.lines().count() - 1, first.expect("a row"))
    };
    let row = |count: usize, start: &str| (count, start.to_owned());
    assert_eq!(starts("--horizon 2d"), row(48, "2026-11-15T00:00:00Z"));
    assert_eq!(starts("--horizon short"), row(168, "2026-11-15T00:00:00Z"));
    assert_eq!(starts("--horizon medium"), row(30, "2026-11-15T00:00:00Z"));
    assert_eq!(starts("--horizon 2d --every 6h --aggregate max"), row(8, "2026-11-15T00:00:00Z"));
    // The first local day began an hour before the first row.
    let paris = "--horizon 3d --every 1d --time-zone Europe/Paris";
    assert_eq!(starts(paris), row(3, "2026-11-14T23:00:00Z"));
    let paris = "--horizon medium --time-zone Europe/Paris --model mean";
    assert_eq!(starts(paris), row(30, "2026-11-14T23:00:00Z"));
}

#[test]
fn a_sum_of_days_is_the_sum_of_its_hours() {
    let csv = desk()
        .run("forecast --input hours.csv --horizon 2 --every 1d --aggregate sum --output csv");
    for row in csv.done().lines().skip(1) {
        let mean: f64 = row.split(',').nth(1).and_then(|cell| cell.parse().ok()).expect("a number");
        assert!((mean - 2400.0).abs() < 5.0, "{row}");
    }
}

#[test]
fn a_picture_says_which_models_stand_behind_it() {
    let desk = desk();
    let line =
        "forecast --input two.csv --horizon 5 --model seasonal-naive --plot out.html --explain";
    desk.run(line).done();
    let page = desk.text("out.html");
    assert!(
        page.contains("north: seasonal-naive, the median of each of 168 slots of a week"),
        "{page}"
    );
}

#[test]
fn moments_that_a_model_of_steps_does_not_know_are_refused() {
    let desk = desk();
    let check = |moment: &str, said: &str| {
        desk.put("next.csv", format!("ds\n{moment}\n"));
        let line = "forecast --input hours.csv --future next.csv --model snaive --output csv";
        match said {
            "" => assert_eq!(desk.run(line).done().lines().count(), 2),
            said => {
                desk.run(line).refused(&["cannot forecast `the series` at these moments", said]);
            }
        }
    };
    check("2026-11-16T05:00:00Z", "");
    check("2026-11-16T05:30:00Z", "`2026-11-16T05:30:00Z` does not lie on the steps");
    check("2026-11-14T05:00:00Z", "`2026-11-14T05:00:00Z` does not come after the end");
    check("2226-11-14T05:00:00Z", "lies more than `1000000` steps ahead");
}

#[test]
fn steps_that_cannot_be_are_refused() {
    let desk = desk();
    let check = |flags: &str, said: &[&str]| {
        desk.run(&format!("forecast --input hours.csv {flags}")).refused(said);
    };
    let finer = ["cannot give `the series` equal steps", "hint: take steps of `1h` or longer"];
    check("--horizon 5 --every 5m", &finer);
    check("--horizon 5 --every 52w", &["its `336` points cover no whole step"]);
    check("--horizon 5 --aggregate sum", &["`--aggregate` needs `--every`"]);
    check("--horizon 5 --time-zone Europe/Paris", &["`--time-zone` needs `--every`"]);
    let hours = "--horizon 5 --every 1h --time-zone Europe/Paris";
    check(hours, &["`--time-zone` needs `--every 1d` or `--every 1w`"]);
    desk.put("promo.csv", "ds,y,promo\n2026-11-01,1,0\n2026-11-02,2,1\n");
    desk.put("next.csv", "ds,promo\n2026-11-03,0\n");
    let line = "forecast --input promo.csv --model prophet --regressor promo --future next.csv";
    desk.run(&format!("{line} --every 1w"))
        .refused(&["`--every` cannot make equal steps of the column `promo`"]);
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
