//! Figures that a person can check on paper.

use proptest::prelude::*;

use super::*;

const GAP: f64 = f64::NAN;

fn check(found: Option<f64>, expected: f64) {
    let found = found.expect("there is something to judge");
    assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
}

#[test]
fn errors_are_those_of_the_textbook() {
    let (actual, expected) = ([10.0, GAP, 30.0], [12.0, 99.0, 27.0]);
    check(mean_absolute_error(&actual, &expected), 2.5);
    check(mean_squared_error(&actual, &expected), 6.5);
    check(smape(&actual, &expected), 200.0 * (2.0 / 22.0 + 3.0 / 57.0) / 2.0);
}

#[test]
fn the_bias_is_positive_where_forecasts_are_too_high() {
    let bias = Bias::of(&[10.0, GAP, 30.0], &[12.0, 99.0, 29.0]).unwrap();
    assert_eq!(bias, Bias { mean: 0.5, size: 20.0 });
    assert_eq!(bias.ratio(), Some(0.025));
    assert_eq!(Bias::of(&[0.0], &[1.0]).unwrap().ratio(), None);
}

#[test]
fn a_zero_that_was_foreseen_is_no_error() {
    check(smape(&[0.0, 0.0], &[0.0, 5.0]), 100.0);
}

#[test]
fn nothing_observed_is_nothing_to_judge() {
    assert_eq!(smape(&[GAP], &[1.0]), None);
    assert_eq!(coverage(&[], (&[], &[])), None);
    assert_eq!(interval_score(0.05, &[GAP], (&[0.0], &[1.0])), None);
}

#[test]
fn the_scale_is_the_distance_to_the_season_before() {
    let past = [1.0, 5.0, 2.0, GAP, 4.0, 9.0];
    // |2 - 1| and |4 - 2|; what stands beside the gap does not count.
    check(Scale::seasonal(&past, 2).map(|scale| scale.of(3.0)), 2.0);
    assert_eq!(Scale::seasonal(&past, 6), None);
    assert_eq!(Scale::seasonal(&past, 7), None);
    assert_eq!(Scale::seasonal(&[7.0; 9], 2), None);
    assert_eq!(Scale::seasonal(&[-1e308, 1e308], 1), None);
}

#[test]
fn a_quantile_that_is_missed_on_its_rare_side_costs_more() {
    let high = Quantile::new(0.9).unwrap();
    check(pinball(high, &[10.0], &[8.0]), 1.8);
    check(pinball(high, &[8.0], &[10.0]), 0.2);
    check(pinball(high, &[8.0, GAP], &[8.0, 1.0]), 0.0);
}

#[test]
fn a_band_covers_its_own_ends() {
    let band = ([1.0, 1.0, 1.0, 1.0], [3.0, 3.0, 3.0, 3.0]);
    check(coverage(&[1.0, 3.0, 4.0, GAP], (&band.0, &band.1)), 2.0 / 3.0);
}

#[test]
fn the_interval_score_adds_what_lies_outside_forty_fold_at_95_percent() {
    check(interval_score(0.05, &[2.0, 4.0, 0.5], (&[1.0; 3], &[3.0; 3])), 2.0 + 40.0 * 1.5 / 3.0);
}

#[test]
fn owa_is_the_mean_of_two_ratios() {
    let reference = Pair { smape: 18.383, mase: 2.395 };
    check(owa(Pair { smape: 18.383, mase: 2.395 }, reference), 1.0);
    // The published rows of the competition's hourly series: seasonal naive.
    let naive = owa(Pair { smape: 13.912, mase: 1.193 }, reference).unwrap();
    assert!((naive - 0.6275).abs() < 1e-4, "{naive}");
    assert_eq!(owa(reference, Pair { smape: 0.0, mase: 1.0 }), None);
}

proptest! {
    #[test]
    fn smape_stays_between_0_and_200(pairs in prop::collection::vec((-1e9..1e9f64, -1e9..1e9f64), 1..40)) {
        let (actual, expected): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        let found = smape(&actual, &expected).unwrap();
        prop_assert!((0.0..=200.0 + 1e-9).contains(&found), "{found}");
    }

    #[test]
    fn the_true_quantile_has_the_least_pinball_loss(shift in 0.01..2.0f64, percent in 5..95usize) {
        // Of the numbers 0..100 the quantile at `q` is `100 q`.
        let level = Quantile::new(percent as f64 / 100.0).unwrap();
        let actual: Vec<f64> = (0..100).map(|i| f64::from(i) + 0.5).collect();
        let loss = |row: f64| pinball(level, &actual, &vec![row; 100]).unwrap();
        let truth = loss(percent as f64);
        prop_assert!(truth <= loss(percent as f64 + shift) + 1e-12);
        prop_assert!(truth <= loss(percent as f64 - shift) + 1e-12);
    }

    #[test]
    fn figures_do_not_depend_on_what_is_expected_in_a_gap(value in -1e6..1e6f64) {
        let actual = [1.0, GAP, 3.0];
        let with = |value: f64| mean_absolute_error(&actual, &[2.0, value, 2.0]);
        prop_assert_eq!(with(value), with(0.0));
    }
}
