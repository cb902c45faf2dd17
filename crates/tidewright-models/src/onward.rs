//! Where a history ends and how its axis goes on: the bridge between moments and steps.
//!
//! Steps are counted from the last point of the history: the one after it is 1. A moment that is no step has no number;
//! it is never rounded to one.

use std::sync::Arc;
use std::time::Duration;

use tidewright_core::{Axis, CalendarUnit, ForecastError, Grid, Timestamp, Zone};

use crate::DecodeError;
use crate::bytes::{Read, Reader, Writer};

/// The most steps ahead: two years of minutes. What lies beyond is nobody's forecast, and would cost memory.
pub const STEPS_MAX: usize = 1_000_000;

const DAY_MS: i64 = 86_400_000;

/// Calendar units by their number in saved bytes.
const UNITS: [CalendarUnit; 3] = [CalendarUnit::Day, CalendarUnit::Week, CalendarUnit::Month];

/// Where a history ends, and how its axis goes on from there.
#[derive(Clone, Debug, PartialEq)]
pub struct Onward {
    /// The last point of the history.
    pub last: Timestamp,
    /// From one point to the next.
    pub step: Step,
}

/// From one moment to the next.
// Invariant: milliseconds are more than none.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// So many milliseconds.
    Every(i64),
    /// By a calendar.
    Calendar(CalendarUnit, Zone),
}

impl Onward {
    /// After an axis: by its calendar, or at its usual step.
    pub fn after(axis: &Axis) -> Self {
        let last = axis.len().checked_sub(1).map(|last| axis.timestamp(last)).unwrap_or_default();
        let step = match axis {
            Axis::Calendar { unit, zone, .. } => Step::Calendar(*unit, zone.clone()),
            axis => Step::Every(usual_step_ms(axis)),
        };
        Self { last, step }
    }

    /// So many moments onward.
    pub fn axis(&self, steps: usize) -> Axis {
        match &self.step {
            Step::Every(step_ms) => {
                let start = self.last.plus_millis(*step_ms);
                Axis::Grid(Grid::new(start, *step_ms, steps).expect("a step is more than none"))
            }
            Step::Calendar(unit, zone) => {
                let onward = Axis::calendar(*unit, zone, self.last, steps + 1);
                let moments: Arc<[Timestamp]> =
                    (1..=steps).map(|index| onward.timestamp(index)).collect();
                Axis::Calendar { unit: *unit, zone: zone.clone(), moments }
            }
        }
    }

    /// Which step each point of an axis is.
    ///
    /// # Errors
    /// [`ForecastError`] names the first point that lies in the history, between two steps, or beyond [`STEPS_MAX`].
    pub fn steps(&self, axis: &Axis) -> Result<Vec<usize>, ForecastError> {
        let Some(end) = axis.len().checked_sub(1).map(|last| axis.timestamp(last)) else {
            return Ok(Vec::new());
        };
        let steps = self.steps_within(end);
        if steps > STEPS_MAX {
            return Err(ForecastError::TooFar { moment: end, steps_max: STEPS_MAX });
        }
        let onward = self.axis(steps);
        (0..axis.len()).map(|index| self.step_of(axis.timestamp(index), &onward)).collect()
    }

    /// How many steps it takes to cover a span, days of a calendar counted as 24 hours and months as 30 days.
    pub fn steps_in(&self, span: Duration) -> usize {
        let nominal_ms = self.step.nominal_ms();
        let steps = span.as_millis().div_ceil(u128::from(nominal_ms.unsigned_abs()));
        usize::try_from(steps).unwrap_or(usize::MAX)
    }

    /// Goes so many steps on.
    pub fn advance(&mut self, steps: usize) {
        if let Some(last) = steps.checked_sub(1) {
            self.last = self.axis(steps).timestamp(last);
        }
    }

    /// At least as many steps as it takes to reach a moment.
    fn steps_within(&self, end: Timestamp) -> usize {
        let shortest_ms = match &self.step {
            Step::Every(step_ms) => *step_ms,
            // A day on which clocks go forward has 23 hours, in places fewer.
            Step::Calendar(CalendarUnit::Day, _) => DAY_MS - 2 * 3_600_000,
            Step::Calendar(CalendarUnit::Week, _) => 6 * DAY_MS,
            Step::Calendar(CalendarUnit::Month, _) => 27 * DAY_MS,
        };
        let span = end.as_millis().saturating_sub(self.last.as_millis());
        usize::try_from(span.max(0) / shortest_ms)
            .map_or(usize::MAX, |steps| steps.saturating_add(1))
    }

    fn step_of(&self, moment: Timestamp, onward: &Axis) -> Result<usize, ForecastError> {
        if moment <= self.last {
            return Err(ForecastError::Behind(moment));
        }
        let found = match onward {
            Axis::Grid(grid) => grid.index_of(moment).filter(|&i| grid.timestamp(i) == moment),
            Axis::Calendar { moments, .. } | Axis::Irregular(moments) => {
                moments.binary_search(&moment).ok()
            }
        };
        found.map(|index| index + 1).ok_or(ForecastError::OffGrid(moment))
    }

    pub(crate) fn write(&self, to: &mut Writer) {
        to.integer(self.last.as_millis());
        match &self.step {
            Step::Every(step_ms) => to.integer(*step_ms),
            Step::Calendar(unit, zone) => {
                to.integer(0);
                to.count(UNITS.iter().position(|known| known == unit).unwrap_or_default());
                to.text(zone.name());
            }
        }
    }

    pub(crate) fn read(from: &mut Reader<'_>) -> Read<Self> {
        const BAD: DecodeError = DecodeError::Impossible { what: "step" };
        let last = from.moment("last moment")?;
        let step = match from.integer("step")? {
            0 => {
                let unit = UNITS.get(from.count("unit")?).ok_or(BAD)?;
                Step::Calendar(*unit, Zone::named(&from.text("zone")?).map_err(|_| BAD)?)
            }
            step_ms if step_ms > 0 => Step::Every(step_ms),
            _ => return Err(BAD),
        };
        Ok(Self { last, step })
    }
}

impl Step {
    /// How long a step is, days of a calendar counted as 24 hours and months as 30 days.
    pub const fn nominal_ms(&self) -> i64 {
        match self {
            Self::Every(step_ms) => *step_ms,
            Self::Calendar(CalendarUnit::Day, _) => DAY_MS,
            Self::Calendar(CalendarUnit::Week, _) => 7 * DAY_MS,
            Self::Calendar(CalendarUnit::Month, _) => 30 * DAY_MS,
        }
    }
}

/// The step of a grid, or the middle distance between neighbours; a day where there are none.
pub fn usual_step_ms(axis: &Axis) -> i64 {
    if let Axis::Grid(grid) = axis {
        return grid.step_ms();
    }
    let distance = |i: usize| axis.timestamp(i).as_millis() - axis.timestamp(i - 1).as_millis();
    let mut steps: Vec<i64> = (1..axis.len()).map(distance).collect();
    let middle = steps.len() / 2;
    if steps.is_empty() { DAY_MS } else { *steps.select_nth_unstable(middle).1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn hours(start: &str, len: usize) -> Axis {
        Axis::Grid(Grid::new(moment(start), 3_600_000, len).unwrap())
    }

    #[test]
    fn the_step_after_the_history_is_the_first() {
        let onward = Onward::after(&hours("2026-11-01", 24));
        assert_eq!(onward.steps(&onward.axis(3)), Ok(vec![1, 2, 3]));
        assert_eq!(onward.steps(&hours("2026-11-02T05:00:00Z", 2)), Ok(vec![6, 7]));
        assert_eq!(onward.steps(&onward.axis(0)), Ok(vec![]));
    }

    #[test]
    fn what_is_no_step_is_named() {
        let onward = Onward::after(&hours("2026-11-01", 24));
        let refused = |text: &str| onward.steps(&hours(text, 1)).unwrap_err();
        let (half, last) = (moment("2026-11-02T05:30:00Z"), moment("2026-11-01T23:00:00Z"));
        assert_eq!(refused("2026-11-02T05:30:00Z"), ForecastError::OffGrid(half));
        assert_eq!(refused("2026-11-01T23:00:00Z"), ForecastError::Behind(last));
        assert!(matches!(refused("9026-11-02"), ForecastError::TooFar { .. }));
    }

    #[test]
    fn days_of_a_calendar_are_counted_over_the_night_of_the_change() {
        let paris = Zone::named("Europe/Paris").unwrap();
        let days = Axis::calendar(CalendarUnit::Day, &paris, moment("2026-03-20T12:00:00Z"), 5);
        let onward = Onward::after(&days);
        let coming = onward.axis(40);
        assert_eq!(onward.steps(&coming).unwrap(), (1..=40).collect::<Vec<_>>());
        let mut later = onward.clone();
        later.advance(10);
        assert_eq!(later.last, coming.timestamp(9));
        assert_eq!(later.steps(&coming).unwrap_err(), ForecastError::Behind(coming.timestamp(0)));
    }

    #[test]
    fn months_are_counted_by_the_calendar() {
        let months = Axis::calendar(CalendarUnit::Month, &Zone::utc(), moment("2025-01-01"), 13);
        let onward = Onward::after(&months);
        let some = [moment("2026-02-01"), moment("2026-12-01")];
        assert_eq!(onward.steps(&Axis::irregular(some.to_vec()).unwrap()), Ok(vec![1, 11]));
    }

    #[test]
    fn a_span_takes_as_many_steps_as_cover_it() {
        let week = Duration::from_secs(7 * 86_400);
        let paris = Zone::named("Europe/Paris").unwrap();
        let check = |step: Step, expected: usize| {
            assert_eq!(Onward { last: moment("2026-03-20"), step }.steps_in(week), expected);
        };
        check(Step::Every(3_600_000), 168);
        check(Step::Every(5 * 3_600_000), 34);
        check(Step::Calendar(CalendarUnit::Day, paris.clone()), 7);
        check(Step::Calendar(CalendarUnit::Month, paris), 1);
    }

    #[test]
    fn it_comes_back_from_bytes() {
        let paris = Zone::named("Europe/Paris").unwrap();
        let steps = [Step::Every(60_000), Step::Calendar(CalendarUnit::Month, paris)];
        for step in steps {
            let onward = Onward { last: moment("2026-03-20"), step };
            let mut bytes = Writer::default();
            onward.write(&mut bytes);
            assert_eq!(Onward::read(&mut Reader::new(&bytes.bytes)), Ok(onward));
        }
    }
}
