//! The seasons that a step has, counted in steps: days and weeks for what comes more often than daily, weeks and years
//! for days, years for weeks and months.
//!
//! A season counts only where the history holds it twice: what came once cannot be told from what merely happened. No
//! season is searched for; whoever knows of another one names it.

use tidewright_core::{Axis, CalendarUnit};

use crate::onward::usual_step_ms;

const DAY_MS: i64 = 86_400_000;
const DAYS_A_WEEK: usize = 7;
/// Of days, weeks and months in a year; a leap day moves nothing that a season of days could tell.
const DAYS_A_YEAR: usize = 365;
const WEEKS_A_YEAR: usize = 52;
const MONTHS_A_YEAR: usize = 12;
/// A twelfth of 365.2425 days.
const MONTH_MS: i64 = 2_629_746_000;
/// So often must a season have come.
const TIMES_MIN: usize = 2;

/// The steps from the epoch to a point of an axis, by which equal times of a season are known in several series. Days and
/// weeks of a calendar are the nearest ones, so that they agree within a time zone; so are months.
pub fn steps_since_epoch(axis: &Axis, index: usize) -> i64 {
    let millis = axis.timestamp(index).as_millis();
    let nearest = |step_ms: i64| (millis + step_ms / 2).div_euclid(step_ms);
    match axis {
        Axis::Calendar { unit: CalendarUnit::Day, .. } => nearest(DAY_MS),
        Axis::Calendar { unit: CalendarUnit::Week, .. } => nearest(DAY_MS * DAYS_A_WEEK as i64),
        Axis::Calendar { unit: CalendarUnit::Month, .. } => nearest(MONTH_MS),
        axis => millis.div_euclid(usual_step_ms(axis)),
    }
}

/// The seasons of an axis that came twice, ascending; `named` takes the place of the usual ones, and where it is a day
/// its week comes with it.
pub fn seasons(axis: &Axis, named: Option<usize>) -> Vec<usize> {
    let mut seasons = named.map_or_else(|| usual(axis), |season| with_week(axis, season));
    seasons.retain(|season| season.saturating_mul(TIMES_MIN) <= axis.len());
    seasons
}

fn with_week(axis: &Axis, season: usize) -> Vec<usize> {
    match axis {
        Axis::Grid(grid) if i64::try_from(season) == Ok(steps_of(DAY_MS, grid.step_ms())) => {
            vec![season, season * DAYS_A_WEEK]
        }
        _ => vec![season],
    }
}

fn usual(axis: &Axis) -> Vec<usize> {
    match axis {
        Axis::Grid(grid) => usual_of_step(grid.step_ms()),
        Axis::Calendar { unit: CalendarUnit::Day, .. } => vec![DAYS_A_WEEK, DAYS_A_YEAR],
        Axis::Calendar { unit: CalendarUnit::Week, .. } => vec![WEEKS_A_YEAR],
        Axis::Calendar { unit: CalendarUnit::Month, .. } => vec![MONTHS_A_YEAR],
        Axis::Irregular(_) => Vec::new(),
    }
}

fn usual_of_step(step_ms: i64) -> Vec<usize> {
    match step_ms {
        DAY_MS => vec![DAYS_A_WEEK, DAYS_A_YEAR],
        step_ms if step_ms == DAY_MS * DAYS_A_WEEK as i64 => vec![WEEKS_A_YEAR],
        step_ms => {
            let day = steps_of(DAY_MS, step_ms);
            let week = steps_of(DAY_MS * DAYS_A_WEEK as i64, step_ms);
            [day, week].into_iter().filter(|&steps| steps > 1).map(|steps| steps as usize).collect()
        }
    }
}

/// How many steps make up a span; 0 if they do not make it up evenly.
const fn steps_of(span_ms: i64, step_ms: i64) -> i64 {
    if span_ms % step_ms == 0 { span_ms / step_ms } else { 0 }
}

#[cfg(test)]
mod tests {
    use tidewright_core::{Grid, Timestamp, Zone};

    use super::*;

    fn grid(step_secs: i64, len: usize) -> Axis {
        Axis::Grid(Grid::new(Timestamp::from_secs(0), step_secs * 1000, len).unwrap())
    }

    fn check(step_secs: i64, expected: &[usize]) {
        assert_eq!(seasons(&grid(step_secs, 10_000_000), None), expected, "{step_secs} s");
    }

    #[test]
    fn steps_that_make_up_a_day_have_days_and_weeks() {
        check(60, &[1440, 10_080]);
        check(300, &[288, 2016]);
        check(3600, &[24, 168]);
        check(43_200, &[2, 14]);
    }

    #[test]
    fn steps_that_make_up_only_a_week_have_weeks() {
        check(7 * 3600, &[24]);
        check(7, &[86_400]);
        check(11, &[]);
    }

    #[test]
    fn days_have_weeks_and_years_and_longer_steps_have_years() {
        check(86_400, &[7, 365]);
        check(7 * 86_400, &[52]);
        check(14 * 86_400, &[]);
        let calendar = |unit| Axis::calendar(unit, &Zone::utc(), Timestamp::from_secs(0), 730);
        assert_eq!(seasons(&calendar(CalendarUnit::Day), None), [7, 365]);
        assert_eq!(seasons(&calendar(CalendarUnit::Week), None), [52]);
        assert_eq!(seasons(&calendar(CalendarUnit::Month), None), [12]);
    }

    #[test]
    fn a_season_counts_where_it_came_twice() {
        assert_eq!(seasons(&grid(3600, 335), None), [24]);
        assert_eq!(seasons(&grid(3600, 336), None), [24, 168]);
        assert_eq!(seasons(&grid(3600, 47), None), [0_usize; 0]);
        assert_eq!(seasons(&grid(3600, 47), Some(24)), [0_usize; 0]);
    }

    #[test]
    fn equal_times_are_equally_far_from_the_epoch_whatever_comes_first() {
        let grid = Grid::new(Timestamp::from_secs(-7200), 3_600_000, 30).unwrap();
        assert_eq!(steps_since_epoch(&Axis::Grid(grid), 0), -2);
        assert_eq!(steps_since_epoch(&Axis::Grid(grid), 29), 27);
        let paris = Zone::named("Europe/Paris").unwrap();
        let start = Timestamp::parse("2026-03-01T00:00:00Z").unwrap();
        let days = Axis::calendar(CalendarUnit::Day, &paris, start, 60);
        let months = Axis::calendar(CalendarUnit::Month, &Zone::utc(), start, 200);
        for axis in [days, months] {
            let first = steps_since_epoch(&axis, 0);
            (0..axis.len()).for_each(|i| assert_eq!(steps_since_epoch(&axis, i), first + i as i64));
        }
    }

    #[test]
    fn a_named_season_stands_alone_unless_it_is_a_day() {
        assert_eq!(seasons(&grid(3600, 1000), Some(24)), [24, 168]);
        assert_eq!(seasons(&grid(3600, 1000), Some(12)), [12]);
        assert_eq!(seasons(&grid(60, 1000), Some(24)), [24]);
        let irregular = Axis::irregular((0..9).map(Timestamp::from_secs).collect()).unwrap();
        assert_eq!(seasons(&irregular, Some(4)), [4]);
        assert_eq!(seasons(&irregular, None), [0_usize; 0]);
    }
}
