//! `forecast --model prophet`: the whole model by its flags, its columns, its pictures, its saved models; and each
//! mistake is refused with what to do about it.

use std::fmt::Write as _;

use crate::desk::{Desk, Ended};

const DAYS: i64 = 120;

/// The date of a day of 2026, and of the year after.
fn date(day: i64) -> String {
    let start = tidewright_core::Timestamp::parse("2026-01-01").expect("it is a date");
    let text = start.plus_millis(day * 86_400_000).to_string();
    text.split('T').next().unwrap_or_default().to_owned()
}

/// A number without a pattern, the same each time.
fn noise(day: i64) -> f64 {
    ((day * 7919 % 101) as f64 - 50.0) / 25.0
}

fn value(day: i64) -> f64 {
    let weekly = [0.0, 3.0, 5.0, 4.0, 1.0, -8.0, -9.0][day.rem_euclid(7) as usize];
    100.0 + 0.2 * day as f64 + weekly + noise(day)
}

fn rows(days: std::ops::Range<i64>, row: impl Fn(i64) -> String) -> String {
    days.fold(String::new(), |mut text, day| {
        writeln!(text, "{},{}", date(day), row(day)).expect("a text grows");
        text
    })
}

fn promo(day: i64) -> i64 {
    i64::from(day % 10 == 3)
}

/// Days of one series, of two, and of one with columns beside it, and the future of that one.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.put("days.csv", format!("ds,y\n{}", rows(0..DAYS, |day| format!("{:.3}", value(day)))));
    let beside = |day: i64| format!("{},{},{}", promo(day), day % 7 < 5, 200 + day);
    let row = |day: i64| format!("{:.3},{}", value(day) + 20.0 * promo(day) as f64, beside(day));
    desk.put("beside.csv", format!("ds,y,promo,is_open,cap\n{}", rows(0..DAYS, row)));
    desk.put("next.csv", format!("ds,promo,is_open,cap\n{}", rows(DAYS..DAYS + 30, beside)));
    desk.put(
        "promo.csv",
        format!(
            "ds,y,promo\n{}",
            rows(0..DAYS, |day| {
                format!("{:.3},{}", value(day) + 20.0 * promo(day) as f64, promo(day))
            })
        ),
    );
    let next = rows(DAYS..DAYS + 30, |day| promo(day).to_string());
    desk.put("promo-next.csv", format!("ds,promo\n{next}"));
    desk.put(
        "holidays.csv",
        "holiday,ds,lower_window,upper_window\nfair,2026-02-10,-1,1\nfair,2026-05-05,-1,1\n",
    );
    desk
}

fn run(desk: &Desk, flags: &str) -> Ended {
    desk.run(&format!("forecast --model prophet {flags}"))
}

fn csv(desk: &Desk, flags: &str) -> Table {
    Table::of(&run(desk, &format!("{flags} --output csv")).done())
}

fn refused(flags: &str, said: &[&str]) {
    run(&desk(), flags).refused(said);
}

/// A CSV file by its columns.
struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn of(text: &str) -> Self {
        let split = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
        let mut lines = text.lines().map(split);
        Self { header: lines.next().expect("a header"), rows: lines.collect() }
    }

    fn column(&self, name: &str) -> Vec<f64> {
        let place = self.header.iter().position(|column| column == name);
        let place = place.unwrap_or_else(|| panic!("no `{name}` in {:?}", self.header));
        self.rows.iter().map(|row| row[place].parse().expect("a number")).collect()
    }
}

fn near(found: &[f64], wanted: impl Fn(i64) -> f64, within: f64) {
    for (day, found) in (DAYS..).zip(found) {
        assert!((found - wanted(day)).abs() < within, "day {day}: {found} for {}", wanted(day));
    }
}

#[test]
fn components_are_added_under_prophets_names_and_add_up() {
    let table = csv(&desk(), "--input days.csv --horizon 14 --components");
    assert_eq!(
        table.header.join(","),
        "ds,mean,lo-80,hi-80,lo-95,hi-95,yhat,yhat_lower,yhat_upper,trend,trend_lower,trend_upper,\
         weekly,weekly_lower,weekly_upper,additive_terms,additive_terms_lower,additive_terms_upper,\
         multiplicative_terms,multiplicative_terms_lower,multiplicative_terms_upper"
    );
    let [yhat, trend, weekly, mean] =
        ["yhat", "trend", "weekly", "mean"].map(|name| table.column(name));
    for day in 0..14 {
        assert!((yhat[day] - trend[day] - weekly[day]).abs() < 1e-9);
        assert!((yhat[day] - mean[day]).abs() < 1e-9);
    }
    near(&yhat, |day| value(day) - noise(day), 1.5);
}

#[test]
fn a_wider_interval_is_wider_and_drawn_ones_repeat_by_their_seed() {
    let desk = desk();
    let width = |flags: &str| -> f64 {
        let table = csv(&desk, &format!("--input days.csv --horizon 5 {flags}"));
        assert_eq!(table.header.len(), 9, "{:?}", table.header);
        table.column("yhat_upper")[0] - table.column("yhat_lower")[0]
    };
    let (usual, wide) = (width("--interval-width 0.8"), width("--interval-width 0.95"));
    assert!((wide / usual - 1.53).abs() < 0.05, "{usual} {wide}");
    let drawn = |seed: u64| width(&format!("--uncertainty 400 --seed {seed}"));
    assert!((drawn(1) / usual - 1.0).abs() < 0.25);
    assert_eq!(drawn(1).to_bits(), drawn(1).to_bits());
    assert_ne!(drawn(1).to_bits(), drawn(2).to_bits());
    assert_eq!(width("--uncertainty exact").to_bits(), usual.to_bits());
}

#[test]
fn a_regressor_is_found_and_its_future_comes_from_a_file() {
    let flags = "--input promo.csv --regressor promo --future promo-next.csv --components";
    let table = csv(&desk(), flags);
    assert_eq!(table.rows.len(), 30, "without a horizon all rows of the future are forecast");
    near(&table.column("yhat"), |day| value(day) - noise(day) + 20.0 * promo(day) as f64, 2.5);
    near(&table.column("promo"), |day| 20.0 * promo(day) as f64, 2.0);
}

#[test]
fn a_horizon_takes_the_first_rows_of_the_future() {
    let flags = "--input promo.csv --regressor promo --future promo-next.csv --horizon 3";
    assert_eq!(csv(&desk(), flags).rows.len(), 3);
    let flags = "--input promo.csv --regressor promo --future promo-next.csv --horizon 31";
    refused(flags, &["`promo-next.csv` has no row of `the series` at `2026-05-31T00:00:00Z`"]);
}

#[test]
fn growth_towards_a_cap_stays_below_it() {
    let desk = desk();
    let grown =
        csv(&desk, "--input days.csv --horizon 300 --growth logistic --cap 130 --components");
    assert!(grown.column("trend").iter().all(|trend| *trend < 130.0));
    let flat = csv(&desk, "--input days.csv --horizon 300 --growth flat --components");
    let trend = flat.column("trend");
    assert_eq!(trend[0].to_bits(), trend[299].to_bits());
    let linear = csv(&desk, "--input days.csv --horizon 300 --components");
    assert!(linear.column("trend")[299] > 150.0);
}

#[test]
fn a_cap_may_be_a_column_and_a_season_may_have_a_condition() {
    let flags = "--input beside.csv --growth logistic --regressor promo,standardize=no \
                 --weekly-seasonality off --seasonality name=shop,period=7,order=3,condition=is_open \
                 --future next.csv --components";
    let table = csv(&desk(), flags);
    let shop = table.column("shop");
    for (day, value) in (DAYS..).zip(shop) {
        assert_eq!(value == 0.0, day % 7 >= 5, "day {day}: {value}");
    }
    let caps = (DAYS..).map(|day| (200 + day) as f64);
    assert!(table.column("trend").iter().zip(caps).all(|(trend, cap)| *trend < cap));
}

#[test]
fn holidays_reach_as_far_as_their_windows() {
    let desk = desk();
    let table = csv(&desk, "--input days.csv --horizon 14 --holidays holidays.csv --components");
    let effect = table.column("holidays");
    // 2026-05-05 is the fifth day of the forecast.
    let days: Vec<usize> = (0..14).filter(|day| effect[*day] != 0.0).collect();
    assert_eq!(days, [3, 4, 5]);
}

#[test]
fn settings_change_the_model_as_their_names_say() {
    let desk = desk();
    let yhat =
        |flags: &str| csv(&desk, &format!("--input days.csv --horizon 9 --components {flags}"));
    assert!(!yhat("--weekly-seasonality off").header.contains(&"weekly".to_owned()));
    assert!(yhat("--yearly-seasonality 2").header.contains(&"yearly".to_owned()));
    let scaled = yhat("--seasonality-mode multiplicative").column("weekly");
    assert!(scaled.iter().all(|share| share.abs() < 0.2), "{scaled:?}");
    let usual = yhat("").column("yhat");
    for flags in [
        "--changepoint-prior-scale 50",
        "--n-changepoints 3",
        "--changepoint-range 0.4",
        "--changepoints 2026-02-01,2026-03-01",
        "--seasonality-prior-scale 0.001",
        "--scaling minmax",
        "--season 14",
    ] {
        let other = yhat(flags).column("yhat");
        assert!(usual.iter().zip(&other).any(|(a, b)| a != b), "`{flags}` changes nothing");
        near(&other, value, 60.0);
    }
}

#[test]
fn a_data_range_holds_every_band() {
    let flags = "--input days.csv --horizon 60 --data-range 120..125 --components";
    let table = csv(&desk(), flags);
    for name in ["mean", "lo-95", "hi-95", "yhat", "yhat_lower", "yhat_upper"] {
        assert!(table.column(name).iter().all(|value| (120.0..=125.0).contains(value)), "{name}");
    }
    let naive = "forecast --input days.csv --horizon 60 --model seasonal-naive --data-range ..105 --output csv";
    let table = Table::of(&desk().run(naive).done());
    assert!(table.column("hi-95").iter().all(|value| *value <= 105.0));
}

#[test]
fn a_saved_model_forecasts_without_its_history() {
    let desk = desk();
    let flags = "--input days.csv --horizon 10 --components";
    let fresh = run(&desk, &format!("{flags} --save-model days.model --output csv")).done();
    let line = "forecast --load-model days.model --horizon 10 --components --output csv";
    assert_eq!(desk.run(line).done(), fresh);
    // It may take the place of models, but of nothing else.
    run(&desk, &format!("{flags} --save-model days.model")).done();
    let history = desk.text("days.csv");
    run(&desk, &format!("{flags} --save-model days.csv"))
        .refused(&["`days.csv` exists, and holds no saved models"]);
    assert_eq!(desk.text("days.csv"), history);
}

/// Saved by version 0.1.0 from [`value`] with a cap of 150: a file of format 1 must load for ever.
#[test]
fn models_that_an_old_version_saved_still_forecast() {
    let desk = Desk::new();
    desk.put("old.model", include_bytes!("../data/forecast-v1.model"));
    let csv = desk.run("forecast --load-model old.model --horizon 3 --output csv").done();
    let table = Table::of(&csv);
    assert_eq!(table.rows[0][..2], ["north", "2026-05-01T00:00:00Z"]);
    for (name, numbers) in [
        ("mean", [126.4308505, 128.5729045, 127.7148359]),
        ("lo-80", [124.7448252, 126.8739587, 126.0210533]),
        ("hi-95", [128.4871836, 130.6449961, 129.7806305]),
    ] {
        for (found, wanted) in table.column(name).iter().zip(numbers) {
            assert!((found - wanted).abs() < 1e-6, "{name}: {found} for {wanted}");
        }
    }
}

#[test]
fn a_saved_model_keeps_its_cap_and_asks_for_its_columns() {
    let desk = desk();
    run(&desk, "--input days.csv --horizon 1 --growth logistic --cap 130 --save-model cap.model")
        .done();
    let loaded = "forecast --load-model cap.model --horizon 400 --components --output csv";
    let trend = Table::of(&desk.run(loaded).done()).column("trend");
    assert!(trend.iter().all(|trend| *trend < 130.0));
    run(
        &desk,
        "--input promo.csv --regressor promo --future promo-next.csv --save-model promo.model",
    )
    .done();
    desk.run("forecast --load-model promo.model --horizon 2")
        .refused(&["the future of the column `promo` is not known"]);
    let line = "forecast --load-model promo.model --future promo-next.csv --output csv";
    assert_eq!(Table::of(&desk.run(line).done()).rows.len(), 30);
    desk.run("forecast --load-model promo.model --horizon 2 --cap 5")
        .refused(&["`--cap` does not go with these models"]);
}

#[test]
fn a_file_that_holds_no_sound_models_is_refused() {
    let desk = desk();
    let load = |name: &str| desk.run(&format!("forecast --load-model {name} --horizon 2"));
    load("none.model").refused(&["there is no file `none.model`"]);
    load("days.csv").refused(&["cannot load models from `days.csv`", "no file of saved models"]);
    run(&desk, "--input days.csv --horizon 1 --save-model days.model").done();
    let mut bytes = std::fs::read(desk.path("days.model")).expect("it was written");
    bytes[100] ^= 1;
    desk.put("days.model", &bytes);
    load("days.model").refused(&["damaged"]);
    bytes[8] = 200;
    desk.put("days.model", bytes);
    load("days.model").refused(&["format `200`, this version reads up to `2`"]);
}

#[test]
fn a_picture_is_an_offline_file_with_a_panel_for_each_component() {
    let desk = desk();
    run(&desk, "--input days.csv --horizon 30 --components --plot out.svg").done();
    run(&desk, "--input days.csv --horizon 30 --components --plot out.html").done();
    let (svg, html) = (desk.text("out.svg"), desk.text("out.html"));
    assert_eq!(
        (svg.matches("class=\"plot\"").count(), html.matches("class=\"plot\"").count()),
        (3, 3)
    );
    assert!(svg.contains(">weekly<") && !svg.contains("NaN") && !html.contains("NaN"));
    assert!(!html.contains("src=") && !html.contains("href="));
    run(&desk, "--input days.csv --horizon 30 --plot plain.svg").done();
    assert_eq!(desk.text("plain.svg").matches("class=\"plot\"").count(), 1);
}

#[test]
fn of_many_series_the_first_are_drawn_or_the_one_that_is_named() {
    let desk = desk();
    let series = |id: usize| rows(0..30, |day| format!("{id},{:.3}", value(day)));
    let body: String = (0..20).map(series).collect();
    desk.put("many.csv", format!("ds,unique_id,y\n{body}"));
    run(&desk, "--input many.csv --horizon 5 --plot out.svg").done();
    let svg = desk.text("out.svg");
    assert_eq!(svg.matches("class=\"plot\"").count(), 12);
    assert!(svg.contains("12 of 20 series are drawn"));
    run(&desk, "--input many.csv --horizon 5 --plot out.svg --series 17").done();
    assert!(desk.text("out.svg").contains(">17</text>"));
    run(&desk, "--input many.csv --horizon 5 --plot out.svg --series 99").refused(&["got `99`"]);
    run(&desk, "--input many.csv --horizon 5 --plot out.png")
        .refused(&["must end in `.svg` or `.html`, got `out.png`"]);
}

#[test]
fn a_flag_that_does_nothing_is_refused() {
    let desk = desk();
    let check = |flags: &str, said: &str| {
        desk.run(&format!("forecast --input days.csv --horizon 2 {flags}")).refused(&[said]);
    };
    check("--growth flat", "`--growth` is Prophet's");
    check("--components", "`--components` is Prophet's");
    check(
        "--model seasonal-naive --season 7",
        "`--season` does not go with `--model seasonal-naive`",
    );
    check(
        "--model seasonal-naive --seasonality-mode additive",
        "does not go with `--model seasonal-naive`",
    );
    check("--model prophet --cap 5", "`--cap` needs `--growth logistic`");
    check(
        "--model prophet --growth logistic --cap 5 --floor 6",
        "`--cap` must be above the floor `6`, got `5`",
    );
    check(
        "--model prophet --growth flat --n-changepoints 5",
        "`--n-changepoints` does not go with `--growth flat`",
    );
    check(
        "--model prophet --holidays-prior-scale 5",
        "`--holidays-prior-scale` has nothing to scale",
    );
    check(
        "--model prophet --uncertainty exact --seed 5",
        "`--seed` does not go with `--uncertainty exact`",
    );
    desk.run("forecast --load-model x --horizon 2 --growth flat")
        .refused(&["`--growth` does not go with `--load-model`"]);
}

#[test]
fn a_bad_value_of_a_flag_is_the_users_mistake() {
    let desk = desk();
    for flags in [
        "--changepoint-range 1.5",
        "--changepoint-prior-scale 0",
        "--yearly-seasonality maybe",
        "--interval-width 1",
        "--uncertainty some",
        "--data-range 5..1",
        "--growth fast",
        "--scaling odd",
        "--holidays-mode additive",
    ] {
        let ended = run(&desk, &format!("--input days.csv --horizon 2 {flags}"));
        assert_eq!(ended.code, Some(2), "`{flags}`");
    }
    assert_eq!(run(&desk, "--input days.csv").code, Some(2), "neither horizon nor future");
    assert_eq!(run(&desk, "--horizon 2").code, Some(2), "neither input nor models");
}

#[test]
fn a_bad_specification_is_named_by_flag_key_rule_and_value() {
    let flags = "--input days.csv --horizon 2 --seasonality name=a,period=7,order=none";
    refused(flags, &["`--seasonality`: `order` must be a whole number from 1, got `none`"]);
    let flags = "--input days.csv --horizon 2 --seasonality name=trend,period=7,order=3";
    refused(flags, &["the name `trend` is reserved"]);
    let flags = "--input days.csv --horizon 2 --regressor promo,standardize=so";
    refused(flags, &["`--regressor`: `standardize` must be auto or yes or no, got `so`"]);
    let flags = "--input days.csv --horizon 2 --changepoints soon";
    refused(flags, &["`--changepoints`: each part must be a date or a file, got `soon`"]);
    let flags = "--input days.csv --horizon 2 --changepoints 2031-01-01";
    refused(flags, &["changepoints must lie within the history, got `2031-01-01T00:00:00Z`"]);
}

#[test]
fn a_bad_file_beside_the_history_is_named_with_its_place() {
    let desk = desk();
    let check = |flags: &str, said: &str| run(&desk, &format!("--input {flags}")).refused(&[said]);
    check(
        "days.csv --horizon 2 --regressor promo",
        "the future of the column `promo` is not known",
    );
    check(
        "days.csv --regressor promo --future promo-next.csv",
        "`days.csv`, line 1: the column `promo` is missing",
    );
    check("promo.csv --horizon 2", "`promo.csv`, line 1: no other columns are known");
    check("days.csv --horizon 2 --growth logistic", "the future of the column `cap` is not known");
    check("days.csv --future none.csv", "cannot read `none.csv`");
    desk.put("short.csv", "ds,promo\n2026-05-01,1\n2026-05-02,\n");
    check(
        "promo.csv --regressor promo --future short.csv",
        "`short.csv`, line 3, column `promo`: this column must have a value here",
    );
    desk.put("low.csv", "ds,cap\n2026-05-01,0\n");
    check(
        "beside.csv --growth logistic --future low.csv --regressor promo --seasonality name=s,period=7,order=1,condition=is_open",
        "`low.csv`, line 1: the column `is_open` is missing",
    );
    desk.put("capped.csv", "ds,y,cap\n2026-05-01,1,0\n2026-05-02,2,5\n");
    desk.put("cap-next.csv", "ds,cap\n2026-05-03,5\n");
    check(
        "capped.csv --growth logistic --future cap-next.csv",
        "`capped.csv`, line 2, column `cap`: the cap must be above the floor, got `0`",
    );
    desk.put("late.csv", "holiday,ds,lower_window,upper_window\nfair,2026-02-10,1,0\n");
    check(
        "days.csv --horizon 2 --holidays late.csv",
        "`late.csv`, line 2, column `lower_window`: days before a holiday are 0 or negative, got `1`",
    );
}

#[test]
fn each_series_may_have_a_future_of_its_own() {
    let desk = desk();
    let with = |id: &str, days: std::ops::Range<i64>, row: fn(i64) -> String| {
        rows(days, |day| format!("{id},{}", row(day)))
    };
    let past = |day: i64| format!("{:.3},{}", value(day) + 20.0 * promo(day) as f64, promo(day));
    let history = with("a", 0..DAYS, past) + &with("b", 0..DAYS, past);
    desk.put("two.csv", format!("ds,unique_id,y,promo\n{history}"));
    let quiet = with("b", DAYS..DAYS + 3, |_| "0".to_owned());
    desk.put("one.csv", format!("ds,unique_id,promo\n{quiet}"));
    let flags = "--input two.csv --regressor promo";
    let ended = run(&desk, &format!("{flags} --future one.csv --output csv"));
    assert!(ended.stderr.contains("warning: `one.csv` has no row of `a`"), "{}", ended.stderr);
    assert_eq!(ended.done().lines().count(), 4);
    let loud = with("a", DAYS..DAYS + 3, |_| "1".to_owned());
    desk.put("both.csv", format!("ds,unique_id,promo\n{quiet}{loud}"));
    let mean = csv(&desk, &format!("{flags} --future both.csv")).column("mean");
    assert!((0..3).all(|day| mean[day] - mean[day + 3] > 15.0), "{mean:?}");
}
