//! Points at whatever distance as one value for each step of a grid or a calendar: sums, means or largest values.
//!
//! A gap never invents certainty. A step of which too little was observed is a gap; a sum over a step with gaps is that
//! of a whole step, as the observed part of it says; steps at either end that the history does not cover are left out.
//! A finer step than that of the points is refused: there is nothing to fill it with.

use std::ops::Range;
use std::time::Duration;

use thiserror::Error;
use tidewright_core::{Axis, Grid, Series, Timestamp};

use crate::onward::{Onward, Step, usual_step_ms};

/// Of a step so much must be observed: with less, what is missing (a night, a peak) decides more than what is there.
pub const OBSERVED_SHARE_MIN: f64 = 0.75;

/// More steps than this for each point would be gaps for the most part: such points are events.
const STEPS_PER_POINT_MAX: usize = 10;

const DAY_MS: i64 = 86_400_000;
const WEEK_MS: i64 = 7 * DAY_MS;
/// 1970-01-05, the first Monday.
const MONDAY_MS: i64 = 4 * DAY_MS;
/// A day of a calendar may be an hour longer than its neighbours.
const CALENDAR_SLACK: i64 = 24;

/// What becomes of the points of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregate {
    /// Their sum, as counts want it.
    Sum,
    /// Their mean, as rates and levels want it.
    Mean,
    /// The largest, as capacities want it.
    Max,
}

/// What happens to points that lie no closer than the steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coarse {
    /// They are refused if they lie further apart.
    Refused,
    /// They stay as they are.
    Kept,
}

/// Equal steps for a series.
#[derive(Clone, Debug, PartialEq)]
pub struct Regular {
    /// The steps: aligned to the epoch, whole weeks to Monday, or those of a calendar.
    pub step: Step,
    /// What becomes of the points of each.
    pub aggregate: Aggregate,
    /// What happens to points that lie too far apart.
    pub coarse: Coarse,
}

/// A series that has no such steps.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum RegularError {
    /// The steps are shorter than the distance of the points.
    #[error("its points lie `{points:?}` apart, further than the step of `{step:?}`")]
    Finer {
        /// The usual distance of the points.
        points: Duration,
        /// The step.
        step: Duration,
    },
    /// The points lie scattered over too long a time.
    #[error("its `{points}` points lie scattered over `{steps}` steps")]
    Scattered {
        /// The points.
        points: usize,
        /// The steps.
        steps: usize,
    },
    /// The sum of a step overflows.
    #[error("a sum of its points is too large for a number")]
    TooLarge,
    /// The history covers no step from its beginning to its end.
    #[error("its `{points}` points cover no whole step of `{step:?}`")]
    Short {
        /// The points.
        points: usize,
        /// The step.
        step: Duration,
    },
}

impl Regular {
    /// The series at these steps.
    ///
    /// # Errors
    /// [`RegularError`] if its points lie too far apart, too scattered, or within less than one step.
    pub fn apply(&self, series: &Series) -> Result<Series, RegularError> {
        let (axis, points) = (series.axis(), series.len());
        let (usual_ms, nominal_ms) = (usual_step_ms(axis), self.nominal_ms());
        match self.coarse {
            Coarse::Kept if usual_ms >= nominal_ms => return Ok(series.clone()),
            Coarse::Refused if usual_ms > nominal_ms => {
                let points = span(usual_ms);
                return Err(RegularError::Finer { points, step: span(nominal_ms) });
            }
            _ => {}
        }
        let short = RegularError::Short { points, step: span(nominal_ms) };
        let last = points.checked_sub(1).ok_or(short.clone())?;
        let edges = self.edges(axis.timestamp(0), axis.timestamp(last), points)?;
        let whole = whole(axis, &edges);
        if whole.is_empty() {
            return Err(short);
        }
        let bounds = bounds(axis, &edges);
        let value = |step: usize| {
            let values = &series.raw()[bounds[step]..bounds[step + 1]];
            let length_ms =
                edges.timestamp(step + 1).as_millis() - edges.timestamp(step).as_millis();
            let expected = match axis {
                // Rows that are not there leave no trace but their usual distance.
                Axis::Irregular(_) => (length_ms as f64 / usual_ms as f64).round().max(1.0),
                _ => values.len() as f64,
            };
            self.aggregate.of(values, expected)
        };
        let values = whole.clone().map(value).collect();
        let made = Series::new(series.key().clone(), part(&edges, whole), values);
        made.map_err(|_| RegularError::TooLarge)
    }

    /// The start of each step from the one of the first point on, and the end of the one of the last point.
    fn edges(
        &self,
        first: Timestamp,
        last: Timestamp,
        points: usize,
    ) -> Result<Axis, RegularError> {
        let span_ms = last.as_millis() - first.as_millis();
        let steps = usize::try_from(span_ms / self.nominal_ms()).unwrap_or(usize::MAX);
        if steps / STEPS_PER_POINT_MAX > points {
            return Err(RegularError::Scattered { points, steps });
        }
        // Two for the ends, one for a calendar whose steps are shorter now and then.
        let edges = match &self.step {
            Step::Every(step_ms) => {
                let grid = Grid::new(align_down(first, *step_ms), *step_ms, steps + 3);
                Axis::Grid(grid.expect("a step is more than none"))
            }
            Step::Calendar(unit, zone) => Axis::calendar(*unit, zone, first, steps + 3),
        };
        let needed = (0..edges.len()).take_while(|&edge| edges.timestamp(edge) <= last).count();
        Ok(part(&edges, 0..needed + 1))
    }

    fn nominal_ms(&self) -> i64 {
        self.step.nominal_ms()
    }
}

impl Aggregate {
    /// One number for a step of which so many points are expected; NaN if too few of them were observed.
    fn of(self, values: &[f64], expected: f64) -> f64 {
        let (mut count, mut sum, mut max) = (0.0, 0.0, f64::NEG_INFINITY);
        for value in values.iter().filter(|value| !value.is_nan()) {
            count += 1.0;
            sum += value;
            max = value.max(max);
        }
        if count == 0.0 || count < OBSERVED_SHARE_MIN * expected {
            return f64::NAN;
        }
        match self {
            Self::Sum => sum * (expected / count).max(1.0),
            Self::Mean => sum / count,
            Self::Max => max,
        }
    }
}

/// How many points lie before each edge.
fn bounds(axis: &Axis, edges: &Axis) -> Vec<usize> {
    let mut point = 0;
    let mut before = |edge: Timestamp| {
        while point < axis.len() && axis.timestamp(point) < edge {
            point += 1;
        }
        point
    };
    (0..edges.len()).map(|edge| before(edges.timestamp(edge))).collect()
}

/// The steps that the history covers from beginning to end: no further point would fit in before or after its own.
fn whole(axis: &Axis, edges: &Axis) -> Range<usize> {
    let (steps, onward) = (edges.len() - 1, Onward::after(axis));
    let usual_ms = usual_step_ms(axis);
    let slack_ms =
        if matches!(axis, Axis::Calendar { .. }) { usual_ms / CALENDAR_SLACK } else { 0 };
    let before = axis.timestamp(0).plus_millis(slack_ms - usual_ms);
    let after = onward.axis(1).timestamp(0);
    let start = usize::from(before >= edges.timestamp(0));
    let end = steps - usize::from(after < edges.timestamp(steps));
    start..end
}

/// Some points of an axis.
fn part(axis: &Axis, range: Range<usize>) -> Axis {
    match axis {
        Axis::Grid(grid) => Axis::Grid(grid.slice(range.start, range.len())),
        Axis::Calendar { unit, zone, moments } => {
            Axis::Calendar { unit: *unit, zone: zone.clone(), moments: moments[range].into() }
        }
        Axis::Irregular(moments) => Axis::Irregular(moments[range].into()),
    }
}

/// The start of the step that holds a moment.
const fn align_down(moment: Timestamp, step_ms: i64) -> Timestamp {
    let origin_ms = if step_ms % WEEK_MS == 0 { MONDAY_MS } else { 0 };
    moment.plus_millis(-origin_ms).align_down(step_ms).plus_millis(origin_ms)
}

const fn span(millis: i64) -> Duration {
    Duration::from_millis(millis.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tidewright_core::{CalendarUnit, SeriesKey, Zone};

    use super::*;

    const MINUTE_MS: i64 = 60_000;
    const HOUR: Step = Step::Every(3_600_000);

    fn moment(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn grid(start: &str, step_ms: i64, values: Vec<f64>) -> Series {
        let grid = Grid::new(moment(start), step_ms, values.len()).unwrap();
        Series::new(SeriesKey::default(), Axis::Grid(grid), values).unwrap()
    }

    fn regular(step: Step, aggregate: Aggregate) -> Regular {
        Regular { step, aggregate, coarse: Coarse::Refused }
    }

    /// The values, a gap as `None`, and the first moment.
    fn check(series: &Series, step: Step, how: Aggregate, start: &str, expected: &[Option<f64>]) {
        let made = regular(step, how).apply(series).unwrap();
        let values: Vec<Option<f64>> = (0..made.len()).map(|i| made.value(i)).collect();
        assert_eq!(values, expected);
        assert_eq!(made.axis().timestamp(0), moment(start));
    }

    #[test]
    fn points_become_the_sum_the_mean_or_the_largest_of_their_step() {
        let halves = grid("2026-11-01T00:00:00Z", 30 * MINUTE_MS, vec![1.0, 3.0, 5.0, 9.0]);
        let start = "2026-11-01T00:00:00Z";
        check(&halves, HOUR, Aggregate::Sum, start, &[Some(4.0), Some(14.0)]);
        check(&halves, HOUR, Aggregate::Mean, start, &[Some(2.0), Some(7.0)]);
        check(&halves, HOUR, Aggregate::Max, start, &[Some(3.0), Some(9.0)]);
    }

    #[test]
    fn steps_that_are_not_covered_to_their_ends_are_left_out() {
        let values = (0..10).map(f64::from).collect();
        let quarters = grid("2026-11-01T00:30:00Z", 15 * MINUTE_MS, values);
        check(&quarters, HOUR, Aggregate::Sum, "2026-11-01T01:00:00Z", &[Some(14.0), Some(30.0)]);
    }

    #[test]
    fn a_step_with_gaps_is_scaled_up_or_a_gap() {
        let gap = f64::NAN;
        let values = vec![2.0, gap, 4.0, 6.0, 2.0, gap, gap, 6.0];
        let quarters = grid("2026-11-01T00:00:00Z", 15 * MINUTE_MS, values);
        let start = "2026-11-01T00:00:00Z";
        check(&quarters, HOUR, Aggregate::Sum, start, &[Some(16.0), None]);
        check(&quarters, HOUR, Aggregate::Mean, start, &[Some(4.0), None]);
    }

    #[test]
    fn points_that_stand_aside_of_their_steps_are_counted_all_the_same() {
        let hours = grid("2026-11-01T00:30:00Z", 3_600_000, vec![1.0, 2.0]);
        check(&hours, HOUR, Aggregate::Sum, "2026-11-01T00:00:00Z", &[Some(1.0), Some(2.0)]);
    }

    #[test]
    fn points_at_unequal_distances_become_a_grid() {
        // Every minute or so, and an outage of half an hour.
        let secs = (0..120).filter(|i| !(60..90).contains(i)).map(|i| i * 60 + i % 7);
        let axis = Axis::irregular(secs.map(Timestamp::from_secs).collect()).unwrap();
        let values = vec![1.0; axis.len()];
        let series = Series::new(SeriesKey::default(), axis, values).unwrap();
        check(&series, HOUR, Aggregate::Sum, "1970-01-01", &[Some(60.0), None]);
        let quarter = Step::Every(15 * MINUTE_MS);
        let (full, none) = (Some(15.0), None);
        let expected = [full, full, full, full, none, none, full, full];
        check(&series, quarter, Aggregate::Sum, "1970-01-01", &expected);
    }

    #[test]
    fn days_of_a_zone_have_as_many_hours_as_they_have() {
        let paris = Zone::named("Europe/Paris").unwrap();
        // From local midnight of the 28th, over the night of the change.
        let hours = grid("2026-03-27T23:00:00Z", 3_600_000, vec![1.0; 24 + 23 + 24]);
        let days = Step::Calendar(CalendarUnit::Day, paris);
        let sums = [Some(24.0), Some(23.0), Some(24.0)];
        check(&hours, days, Aggregate::Sum, "2026-03-27T23:00:00Z", &sums);
    }

    #[test]
    fn weeks_start_on_monday() {
        let day_ms = 86_400_000;
        let days = grid("2026-11-01", day_ms, (0..16).map(f64::from).collect());
        let sums = [Some(28.0), Some(77.0)];
        let weeks = Step::Every(7 * day_ms);
        check(&days, weeks, Aggregate::Sum, "2026-11-02", &sums);
        let weeks = Step::Calendar(CalendarUnit::Week, Zone::utc());
        check(&days, weeks, Aggregate::Sum, "2026-11-02", &sums);
    }

    #[test]
    fn days_of_a_calendar_make_weeks_over_the_night_of_the_change() {
        let paris = Zone::named("Europe/Paris").unwrap();
        let start = moment("2026-10-12T12:00:00Z");
        let axis = Axis::calendar(CalendarUnit::Day, &paris, start, 14);
        let days = Series::new(SeriesKey::default(), axis, vec![1.0; 14]).unwrap();
        let weeks = Step::Calendar(CalendarUnit::Week, paris);
        check(&days, weeks, Aggregate::Sum, "2026-10-11T22:00:00Z", &[Some(7.0), Some(7.0)]);
    }

    #[test]
    fn what_has_no_such_steps_is_refused_or_kept() {
        let hours = grid("2026-11-01", 3_600_000, vec![1.0; 5]);
        let minutes = regular(Step::Every(MINUTE_MS), Aggregate::Mean);
        let finer = RegularError::Finer { points: span(3_600_000), step: span(MINUTE_MS) };
        assert_eq!(minutes.apply(&hours).unwrap_err(), finer);
        let kept = Regular { coarse: Coarse::Kept, ..minutes };
        assert_eq!(kept.apply(&hours).unwrap().len(), 5);
        let days = regular(Step::Every(86_400_000), Aggregate::Mean);
        let short = RegularError::Short { points: 5, step: span(86_400_000) };
        assert_eq!(days.apply(&hours).unwrap_err(), short);
        let far = [0, 60, 120, 400_000_000].map(Timestamp::from_secs).to_vec();
        let series = Series::new(SeriesKey::default(), Axis::irregular(far).unwrap(), vec![1.0; 4]);
        let scattered = regular(HOUR, Aggregate::Mean).apply(&series.unwrap()).unwrap_err();
        assert!(matches!(scattered, RegularError::Scattered { points: 4, .. }));
    }

    proptest! {
        #[test]
        fn a_sum_with_gaps_is_never_a_smaller_sum(
            values in prop::collection::vec(prop::option::of(0.0..1000.0), 1..200),
            offset in 0_i64..60,
            step in 2_i64..20,
        ) {
            let raw: Vec<f64> = values.iter().map(|value| value.unwrap_or(f64::NAN)).collect();
            let start = moment("2026-11-01").plus_millis(offset * MINUTE_MS);
            let grid = Grid::new(start, MINUTE_MS, raw.len()).unwrap();
            let series = Series::new(SeriesKey::default(), Axis::Grid(grid), raw).unwrap();
            let regular = regular(Step::Every(step * MINUTE_MS), Aggregate::Sum);
            let Ok(made) = regular.apply(&series) else { return Ok(()) };
            for index in 0..made.len() {
                let from = (made.axis().timestamp(index).as_millis() - start.as_millis()) / MINUTE_MS;
                let range = from as usize..(from + step) as usize;
                let seen: f64 = values[range].iter().flatten().sum();
                prop_assert!(made.value(index).is_none_or(|sum| sum >= seen - 1e-9));
            }
        }
    }
}
