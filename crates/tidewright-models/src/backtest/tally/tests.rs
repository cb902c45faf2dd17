//! Figures of two small series that a person can check on paper.

use std::num::NonZeroUsize;

use tidewright_core::{Axis, Forecast, Grid, Levels, Panel, Series, SeriesKey, Timestamp};

use super::*;
use crate::backtest::{Fold, Origins};

fn series(id: &str, values: &[f64]) -> Series {
    let grid = Grid::new(Timestamp::from_secs(0), 3_600_000, values.len()).unwrap();
    Series::new(SeriesKey::new([("unique_id", id)]), Axis::Grid(grid), values.to_vec()).unwrap()
}

/// Judges a forecast of `point` and bands of `10` to both sides for each of two steps of each series.
fn tally(all: &[&[f64]], points: &[[f64; 2]]) -> Tally {
    let panel = Panel { series: all.iter().map(|values| series("a", values)).collect() };
    let two = NonZeroUsize::new(2).unwrap();
    let origins = Origins { horizon: two, folds: NonZeroUsize::MIN, step: None };
    let fold = Fold::cut(&panel, &origins, 0, &vec![1; all.len()]);
    let mut tally = Tally::new(all.len(), 2);
    for (index, point) in points.iter().enumerate() {
        let row = |level: &f64| {
            point
                .map(|it| it + 10.0 * (level - 0.5).signum() * f64::from(u8::from(*level != 0.5)))
                .to_vec()
        };
        let axis = fold.horizon(index).axis.clone();
        let rows = LEVELS.iter().map(row).collect();
        let levels = Levels::new(&LEVELS).unwrap();
        let forecast = Forecast::new(SeriesKey::default(), axis, point.to_vec(), levels, rows);
        tally.add(fold.place(index), &fold.judge(index, &forecast.unwrap()).unwrap());
    }
    tally
}

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
}

// The scale is 2; the last value again would be off by 4 and 2.
const ZIGZAG: &[f64] = &[10.0, 12.0, 10.0, 14.0, 12.0];

#[test]
fn the_figures_of_one_series_are_those_on_paper() {
    // Past 10, 12, 10: scale 2. Actual 14, 12; expected 13, 13.
    let scores = tally(&[ZIGZAG], &[[13.0, 13.0]]).scores().unwrap();
    near(scores.mase.unwrap(), 0.5);
    near(scores.mae, 1.0);
    near(scores.rmse, 1.0);
    near(scores.bias, 0.0);
    near(scores.smape, 100.0 * (1.0 / 27.0 + 1.0 / 25.0));
    near(scores.coverage95, 1.0);
    // A band of 20 in units of 2.
    near(scores.msis.unwrap(), 10.0);
    // The last season (of one step) repeated is 10, 10: off by 4 and 2, which is 1.5 in units of 2.
    near(scores.naive_ratio.unwrap(), 0.5 / 1.5);
    let naive2 = 100.0 * (4.0 / 24.0 + 2.0 / 22.0);
    near(scores.owa.unwrap(), (scores.smape / naive2 + 0.5 / 1.5) / 2.0);
}

#[test]
fn a_series_that_never_moved_counts_where_no_scale_is_needed() {
    let both = tally(&[ZIGZAG, &[5.0, 5.0, 5.0, 5.0, 7.0]], &[[13.0, 13.0], [5.0, 5.0]]);
    let (scores, series) = (both.scores().unwrap(), both.series(&["a".into(), "b".into()]));
    assert_eq!((series.len(), series[1].scores.mase, series[1].scores.msis), (2, None, None));
    near(scores.mase.unwrap(), 0.5);
    near(scores.mae, 1.0);
    near(scores.bias, -0.5);
    assert_eq!(both.forecasts(), 2);
}

#[test]
fn curves_tell_each_step_and_each_level() {
    let both = tally(&[ZIGZAG, ZIGZAG], &[[13.0, 13.0], [14.0, 40.0]]);
    let steps = both.steps();
    near(steps[0].mase.unwrap(), 0.25);
    near(steps[1].mase.unwrap(), (0.5 + 14.0) / 2.0);
    assert_eq!((steps[0].coverage95, steps[1].coverage95), (Some(1.0), Some(0.5)));
    // The median: half of the distance to it, in units of 2.
    near(both.levels()[4].loss.unwrap(), (1.0 + 1.0 + 0.0 + 28.0) / 4.0 / 2.0 / 2.0);
}

#[test]
fn nothing_judged_has_no_figures() {
    let none = Tally::new(3, 2);
    assert_eq!((none.scores(), none.mase_spread(1), none.ratio_spread(1)), (None, None, None));
    assert_eq!(none.steps()[0].smape, None);
}

#[test]
fn the_spread_of_equal_series_is_a_point() {
    let both = tally(&[ZIGZAG, ZIGZAG], &[[13.0, 13.0], [13.0, 13.0]]);
    assert_eq!(both.mase_spread(1), Some(Spread { low: 0.5, high: 0.5 }));
    let ratio = both.ratio_spread(1).unwrap();
    near(ratio.low, 1.0 / 3.0);
    near(ratio.high, 1.0 / 3.0);
}
