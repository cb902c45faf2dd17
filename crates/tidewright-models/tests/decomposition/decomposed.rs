//! STL and MSTL beside statsmodels.

use serde_json::Value;
use tidewright_models::mstl::{self, decompose};
use tidewright_models::stl::{Degree, Span, Stl};

use super::{assert_close, cases, count, numbers};

fn span(window: &Value, degree: &Value) -> Span {
    let degree = if count(degree) == 0 { Degree::Constant } else { Degree::Line };
    Span { window: count(window), degree }
}

fn stl(case: &Value) -> Stl {
    Stl {
        period: count(&case["period"]),
        seasonal: span(&case["seasonal"], &case["degrees"][0]),
        trend: span(&case["trend"], &case["degrees"][1]),
        low_pass: span(&case["low_pass"], &case["degrees"][2]),
        jumps: (count(&case["jumps"][0]), count(&case["jumps"][1])),
        inner: count(&case["inner"]),
        outer: count(&case["outer"]),
    }
}

fn of_kind(kind: &str) -> Vec<Value> {
    let cases: Vec<Value> =
        cases("stl/stl.json.gz").into_iter().filter(|case| case["kind"] == kind).collect();
    assert!(!cases.is_empty());
    cases
}

#[test]
fn a_series_falls_into_the_parts_that_statsmodels_finds() {
    for case in of_kind("stl") {
        let (name, values) = (case["name"].to_string(), numbers(&case["y"]));
        let parts = stl(&case).decompose(&values).unwrap();
        assert_close(&parts.seasonal, &numbers(&case["seasonal_part"]), 1e-10, &name);
        assert_close(&parts.trend, &numbers(&case["trend_part"]), 1e-10, &name);
        if count(&case["outer"]) > 0 {
            assert_close(&parts.weights, &numbers(&case["weights"]), 1e-8, &name);
        }
    }
}

#[test]
fn the_default_windows_are_those_of_the_paper() {
    for case in of_kind("stl") {
        let (stl, case_stl) =
            (Stl::new(count(&case["period"]), count(&case["seasonal"])), stl(&case));
        assert_eq!(
            (stl.trend.window, stl.low_pass.window),
            (case_stl.trend.window, case_stl.low_pass.window)
        );
    }
}

#[test]
fn several_seasons_fall_into_the_parts_that_statsmodels_finds() {
    for case in of_kind("mstl") {
        let (name, values) = (case["name"].to_string(), numbers(&case["y"]));
        let periods = case["periods"].as_array().unwrap().iter().map(count);
        let seasons: Vec<Stl> =
            (0..).zip(periods).map(|(rank, period)| mstl::season(rank, period)).collect();
        let parts = decompose(&values, &seasons).unwrap();
        assert_close(&parts.trend, &numbers(&case["trend_part"]), 1e-10, &name);
        for (seasonal, wanted) in
            parts.seasonal.iter().zip(case["seasonal_parts"].as_array().unwrap())
        {
            assert_close(seasonal, &numbers(wanted), 1e-10, &name);
        }
    }
}

#[test]
fn quick_seasons_are_nearly_the_same() {
    let case = &of_kind("mstl")[0];
    let values = numbers(&case["y"]);
    let parts = |season: fn(usize, usize) -> Stl| {
        decompose(&values, &[season(0, 24), season(1, 168)]).unwrap()
    };
    let (slow, quick) = (parts(mstl::season), parts(mstl::quick_season));
    assert_close(&quick.trend, &slow.trend, 5e-3, "trend");
    for (quick, slow) in quick.seasonal.iter().zip(&slow.seasonal) {
        assert_close(quick, slow, 2e-2, "season");
    }
}

#[test]
fn an_outlier_has_no_weight_and_leaves_no_trace() {
    let wave = |i: usize| 10.0 + (i % 12) as f64 + 0.1 * ((i * 7919) % 13) as f64;
    let mut values: Vec<f64> = (0..120).map(wave).collect();
    values[65] += 500.0;
    let parts = Stl::new(12, 7).robust().decompose(&values).unwrap();
    assert_eq!(parts.weights[65], 0.0);
    assert!((parts.seasonal[65] + parts.trend[65] - wave(65)).abs() < 1.5);
}

#[test]
fn windows_that_cannot_be_are_refused() {
    let check = |change: fn(&mut Stl), message: &str| {
        let mut stl = Stl::new(12, 7);
        change(&mut stl);
        assert_eq!(stl.decompose(&[1.0; 48]).unwrap_err().to_string(), message);
    };
    check(|stl| stl.seasonal.window = 8, "`seasonal` must be odd, at least 3, got `8`");
    check(|stl| stl.trend.window = 11, "`trend` must be longer than the season, got `11`");
    check(|stl| stl.low_pass.window = 5, "`low_pass` must be longer than the season, got `5`");
    check(|stl| stl.period = 1, "`period` must be at least 2, got `1`");
    let short = Stl::new(12, 7).decompose(&[1.0; 23]).unwrap_err();
    assert_eq!(short.to_string(), "cannot fit a model to `23` observed points");
    let infinite = [[1.0; 24].as_slice(), &[f64::NAN]].concat();
    assert_eq!(
        Stl::new(12, 7).decompose(&infinite).unwrap_err().to_string(),
        "cannot fit values that are not finite"
    );
}
