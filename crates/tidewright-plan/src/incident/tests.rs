//! Each kind of event on a daily rhythm with noise.

use super::*;
use tidewright_core::{Grid, Timestamp, Zone};
use tidewright_numerics::quantile_in_place;

const DAY: usize = 1440;

/// Two weeks of minutes from a Monday: a daily rhythm between 200 and 1000 with 4 % noise.
struct World {
    windows: Windows,
    expected: Vec<f64>,
    values: Vec<f64>,
}

impl World {
    fn new(days: usize) -> Self {
        let monday = Timestamp::parse("2026-11-02T00:00:00Z").unwrap();
        let windows = Windows::new(Grid::new(monday, 60_000, days * DAY).unwrap(), &Zone::utc());
        let rhythm = |minute: usize| {
            600.0 - 400.0 * (minute as f64 / DAY as f64 * std::f64::consts::TAU).cos()
        };
        let expected: Vec<f64> = (0..days * DAY).map(rhythm).collect();
        // A plain multiplicative hash: chance is repeatable.
        let noise = |minute: usize| {
            ((minute as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as f64 / 2e7 - 0.42
        };
        let values = expected
            .iter()
            .enumerate()
            .map(|(minute, mean)| mean * (1.0 + 0.1 * noise(minute)))
            .collect();
        Self { windows, expected, values }
    }

    fn times(mut self, factor: f64, range: std::ops::Range<usize>) -> Self {
        self.values[range].iter_mut().for_each(|value| *value *= factor);
        self
    }

    fn classified(&self) -> Incidents {
        let scale: Vec<f64> = self.expected.iter().map(|mean| 0.04 * mean).collect();
        classify(
            &self.windows,
            &Measured { values: &self.values, expected: &self.expected, scale: &scale },
        )
    }

    fn masked(&self, range: std::ops::Range<usize>) -> f64 {
        let len = range.len() as f64;
        self.classified().masked()[range].iter().filter(|masked| **masked).count() as f64 / len
    }

    fn kinds(&self) -> Vec<MarkKind> {
        self.classified().marks().iter().map(|mark| mark.kind).collect()
    }
}

#[test]
fn a_quiet_series_has_no_incident() {
    let world = World::new(14);
    assert_eq!((world.masked(0..14 * DAY), world.kinds()), (0.0, vec![]));
}

#[test]
fn a_burst_is_masked() {
    let burst = 5 * DAY + 600..5 * DAY + 640;
    let world = World::new(14).times(4.0, burst.clone());
    assert_eq!(world.masked(burst), 1.0);
    assert_eq!(world.kinds(), vec![MarkKind::Spike]);
    let marks = world.classified().marks().to_vec();
    assert!(marks[0].ratio.is_some_and(|ratio| (ratio - 4.0).abs() < 0.2));
}

#[test]
fn an_outage_is_masked_also_when_it_lasts_longer_than_a_day() {
    for hours in [3, 36] {
        let outage = 6 * DAY..6 * DAY + hours * 60;
        let world = World::new(14).times(0.0, outage.clone());
        assert!(world.masked(outage) > 0.95, "{hours} h");
        assert!(world.kinds().contains(&MarkKind::Outage));
    }
}

#[test]
fn a_launch_is_kept_and_history_is_brought_to_its_level() {
    let launch = 14 * DAY - 2 * DAY - 300..14 * DAY;
    let world = World::new(14).times(2.0, launch.clone());
    assert!(world.masked(launch.clone()) < 0.02);
    let incidents = world.classified();
    let mark = incidents.marks().iter().find(|mark| mark.kind == MarkKind::Launch).unwrap();
    let late =
        (mark.span.start.as_secs() - world.windows.grid().timestamp(launch.start).as_secs()).abs();
    assert!(late <= 2 * 3600 && mark.ratio.is_some_and(|ratio| (ratio - 2.0).abs() < 0.2));
    let rebased = incidents.rebased(&world.windows, &incidents.clean(&world.values)).unwrap();
    let mean = |range: std::ops::Range<usize>| rebased[range].iter().sum::<f64>() / DAY as f64;
    assert!(rebased.iter().copied().fold(0.0, f64::max) < 2_300.0, "no hour has both levels");
    assert!((mean(DAY..2 * DAY) / mean(13 * DAY..14 * DAY) - 1.0).abs() < 0.05);
}

#[test]
fn a_rise_of_days_that_is_over_is_masked_and_one_that_holds_is_not() {
    let over = 9 * DAY + 300..10 * DAY + 900;
    let world = World::new(14).times(2.5, over.clone());
    assert!(world.masked(over) > 0.95, "{:?}", world.kinds());
    assert_eq!(world.kinds(), vec![MarkKind::Spike]);
    let holds = 12 * DAY..14 * DAY;
    assert!(World::new(14).times(2.5, holds.clone()).masked(holds) < 0.05);
}

#[test]
fn two_days_that_are_busy_in_every_week_are_a_rhythm() {
    let busy = |week: usize| (week * 7 + 2) * DAY..(week * 7 + 4) * DAY;
    let weeks = |world: World| (0..3).fold(world, |world, week| world.times(2.0, busy(week)));
    let world = weeks(World::new(21));
    assert!(world.masked(0..21 * DAY) < 0.05, "{:?}", world.kinds());
}

#[test]
fn a_rise_of_less_than_a_day_at_the_end_is_an_incident_so_far() {
    let rise = 14 * DAY - 20 * 60..14 * DAY;
    let world = World::new(14).times(2.0, rise.clone());
    assert!(world.masked(rise) > 0.95);
}

#[test]
fn a_daily_peak_is_kept() {
    let mut world = World::new(14);
    for day in 0..14 {
        world = world.times(3.0, day * DAY + 180..day * DAY + 200);
    }
    assert_eq!((world.masked(0..14 * DAY), world.kinds()), (0.0, vec![]));
}

#[test]
fn a_weekly_peak_is_kept() {
    let peak = |week: usize| week * 7 * DAY + 2 * DAY + 600..week * 7 * DAY + 2 * DAY + 640;
    let world = World::new(14).times(3.0, peak(0)).times(3.0, peak(1));
    assert_eq!(world.masked(peak(1)), 0.0);
}

#[test]
fn frequent_short_spikes_are_the_nature_of_a_series() {
    let mut world = World::new(14);
    for day in 0..14 {
        let at = day * DAY + (day * 397) % DAY;
        world = world.times(4.0, at..at + 2);
    }
    assert_eq!(world.masked(0..14 * DAY), 0.0);
}

#[test]
fn frequent_peaks_at_any_hour_are_the_nature_of_a_series_and_a_longer_one_is_not() {
    let mut world = World::new(14);
    for day in 0..14 {
        for peak in 0..6 {
            let at = day * DAY + (day * 397 + peak * 211) % (DAY - 20);
            world = world.times(4.0, at..at + 12);
        }
    }
    assert_eq!(world.masked(0..14 * DAY), 0.0);
    let burst = 6 * DAY + 500..6 * DAY + 560;
    assert!(world.times(2.0, burst.clone()).masked(burst) > 0.9);
}

#[test]
fn coming_back_from_an_outage_is_no_launch() {
    let world = World::new(14).times(0.0, 8 * DAY..8 * DAY + 38 * 60);
    assert!(!world.kinds().contains(&MarkKind::Launch), "{:?}", world.kinds());
    let incidents = world.classified();
    assert!(incidents.rebased(&world.windows, &incidents.clean(&world.values)).is_none());
}

#[test]
fn a_slow_rise_is_kept_and_reported() {
    let mut world = World::new(14);
    for minute in 9 * DAY..14 * DAY {
        world.values[minute] *= 1.0 + 2.0 * (minute - 9 * DAY) as f64 / (5 * DAY) as f64;
    }
    assert!(world.kinds().contains(&MarkKind::SlowRise), "{:?}", world.kinds());
    assert!(!world.kinds().contains(&MarkKind::Launch));
    assert!(world.masked(9 * DAY..14 * DAY) < 0.05);
}

#[test]
fn two_percent_a_day_over_weeks_are_a_slow_rise() {
    let mut world = World::new(28);
    for minute in 0..28 * DAY {
        world.values[minute] *= 1.02_f64.powf(minute as f64 / DAY as f64);
    }
    assert_eq!(world.kinds(), vec![MarkKind::SlowRise]);
    assert!(world.masked(0..28 * DAY) < 0.05);
}

#[test]
fn a_gap_is_marked_and_masks_nothing() {
    let mut world = World::new(14);
    world.values[1000..1060].fill(f64::NAN);
    assert_eq!((world.masked(0..14 * DAY), world.kinds()), (0.0, vec![MarkKind::Gap]));
}

#[test]
fn rises_together_are_growth() {
    let rise = Mark {
        kind: MarkKind::SlowRise,
        span: World::new(1).windows.grid().span(),
        ratio: Some(2.0),
    };
    let mut together = [vec![rise], vec![rise], vec![rise], vec![]];
    keep_lone_rises(together.iter_mut());
    assert!(together.iter().all(Vec::is_empty));
    let mut alone = [vec![rise], vec![], vec![], vec![]];
    keep_lone_rises(alone.iter_mut());
    assert_eq!(alone[0].len(), 1);
}

#[test]
fn the_clean_peak_of_a_series_with_bursts_is_that_of_the_series_without() {
    let world = World::new(14)
        .times(5.0, 3 * DAY + 700..3 * DAY + 745)
        .times(6.0, 9 * DAY + 60..9 * DAY + 110);
    let peak = |values: &[f64]| {
        let mut kept: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
        quantile_in_place(&mut kept, 0.99).unwrap()
    };
    let (clean, truth) =
        (peak(&world.classified().clean(&world.values)), peak(&World::new(14).values));
    assert!((clean / truth - 1.0).abs() < 0.01, "{clean} {truth}");
}
