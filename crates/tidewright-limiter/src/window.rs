//! From the windows that were measured to the windows that the limiter counts in.
//!
//! The limiter's windows are aligned to the epoch. A window counts only if all its parts were measured; a missing part
//! is a gap, never zero. Nothing is estimated here: windows shorter than the measured ones have no answer.

use tidewright_core::{Grid, Unit};

/// The limiter's windows for `unit`, from `values` on `grid`; NaN where a part is a gap.
///
/// `None` if the grid cannot be cut into such windows: they are shorter than its step, no multiple of it, or cross it.
pub fn aggregate(values: &[f64], grid: &Grid, unit: Unit) -> Option<(Grid, Vec<f64>)> {
    let window_ms = unit.secs() * 1000;
    let windows = Grid::windows(grid.span(), window_ms).ok()?;
    let skip_ms = windows.start().as_millis() - grid.start().as_millis();
    if window_ms % grid.step_ms() != 0 || skip_ms % grid.step_ms() != 0 {
        return None;
    }
    let parts = usize::try_from(window_ms / grid.step_ms()).ok()?;
    let skip = usize::try_from(skip_ms / grid.step_ms()).ok()?.min(values.len());
    let sums = values[skip..].chunks_exact(parts).map(|parts| parts.iter().sum());
    Some((windows, sums.take(windows.len()).collect()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tidewright_core::Timestamp;

    use super::*;

    fn grid(start_secs: i64, step_secs: i64, len: usize) -> Grid {
        Grid::new(Timestamp::from_secs(start_secs), step_secs * 1000, len).unwrap()
    }

    fn check(grid: &Grid, values: &[f64], unit: Unit, start_secs: i64, expected: &[f64]) {
        let (windows, sums) = aggregate(values, grid, unit).unwrap();
        assert_eq!((windows.start().as_secs(), windows.len()), (start_secs, expected.len()));
        assert_eq!(format!("{sums:?}"), format!("{expected:?}"));
    }

    #[test]
    fn minutes_stay_minutes() {
        check(&grid(60, 60, 3), &[1.0, f64::NAN, 3.0], Unit::Minute, 60, &[1.0, f64::NAN, 3.0]);
    }

    #[test]
    fn only_whole_windows_count_and_they_start_at_the_epoch() {
        let values: Vec<f64> = (0..10).map(f64::from).collect();
        check(&grid(20, 20, 10), &values, Unit::Minute, 60, &[9.0, 18.0]);
    }

    #[test]
    fn a_missing_part_makes_a_gap() {
        let mut values = vec![1.0; 120];
        values[70] = f64::NAN;
        check(&grid(0, 60, 120), &values, Unit::Hour, 0, &[60.0, f64::NAN]);
    }

    #[test]
    fn a_week_starts_on_thursday() {
        let (windows, _) = aggregate(&[1.0; 400], &grid(0, 3600, 400), Unit::Week).unwrap();
        assert_eq!((windows.start().as_secs(), windows.len()), (0, 2));
    }

    #[test]
    fn history_shorter_than_a_window_gives_none_of_them() {
        check(&grid(60, 60, 100), &[1.0; 100], Unit::Day, 86_400, &[]);
    }

    #[test]
    fn windows_that_do_not_fit_the_grid_have_no_answer() {
        assert_eq!(aggregate(&[1.0; 9], &grid(0, 60, 9), Unit::Second), None);
        assert_eq!(aggregate(&[1.0; 9], &grid(0, 25, 9), Unit::Minute), None);
        assert_eq!(aggregate(&[1.0; 9], &grid(7, 30, 9), Unit::Minute), None);
    }

    proptest! {
        #[test]
        fn whole_windows_hold_all_requests(
            start in 0..200_i64,
            counts in prop::collection::vec(0..1000_u32, 0..500),
        ) {
            let values: Vec<f64> = counts.into_iter().map(f64::from).collect();
            let minutes = grid(start * 60, 60, values.len());
            let (windows, sums) = aggregate(&values, &minutes, Unit::Hour).unwrap();
            prop_assert_eq!(windows.len(), sums.len());
            let inside = |i: &usize| windows.index_of(minutes.timestamp(*i)).is_some();
            let expected: f64 = (0..values.len()).filter(inside).map(|i| values[i]).sum();
            prop_assert_eq!(sums.iter().sum::<f64>(), expected);
        }
    }
}
