//! From flagged windows to masked stretches with a name.

use std::ops::Range;

use tidewright_core::{Mark, MarkKind, TimeSpan};

use super::Measured;
use super::flags::Flag;
use super::level::Levels;
use crate::windows::Windows;

/// Flags closer than this belong to one stretch.
const PAUSE_MINUTES: i64 = 10;
/// The ramps at both ends of a stretch are masked along.
const PAD_MINUTES: i64 = 2;
/// A stretch is how this series is, where its like comes on so many of the days,
const DAILY_SHARE: f64 = 0.45;
const DAYS_MIN: f64 = 3.0;
/// or at about the same time in so many of the weeks;
const WEEKLY_SHARE: f64 = 0.6;
const WEEKS_MIN: f64 = 2.0;
const SAME_TIME_MINUTES: i32 = 45;
/// its like being at least this part as far from what is expected, and this part as long.
const LIKE_HEIGHT: f64 = 0.75;
const LIKE_LENGTH: f64 = 0.6;
/// Shorter gaps are not worth a mark.
const GAP_MINUTES: i64 = 10;

/// Masks flagged stretches and returns their marks.
pub(super) fn mask_short(
    windows: &Windows,
    series: &Measured<'_>,
    levels: &Levels,
    flags: &[Flag],
    masked: &mut [bool],
) -> Vec<Mark> {
    let rare = |kind| rare(windows, series, levels, stretches(windows, flags, kind)).into_iter();
    let highs = rare(Flag::High).map(|run| (run, MarkKind::Spike));
    let lows = rare(Flag::Low).map(|run| (run, MarkKind::Outage));
    let mut marks = Vec::new();
    for (run, kind) in highs.chain(lows) {
        let pad = steps(windows, PAD_MINUTES);
        let padded = run.start.saturating_sub(pad)..(run.end + pad).min(masked.len());
        masked[padded].fill(true);
        marks.push(Mark {
            kind,
            span: span(windows, &run),
            ratio: ratio(windows, series, levels, &run),
        });
    }
    marks
}

/// Stretches in which nothing was measured.
pub(super) fn gaps(windows: &Windows, values: &[f64]) -> impl Iterator<Item = Mark> {
    let missing: Vec<Flag> =
        values.iter().map(|value| if value.is_nan() { Flag::Low } else { Flag::Usual }).collect();
    let long = steps(windows, GAP_MINUTES);
    let runs = runs(&missing, Flag::Low, 0).into_iter().filter(move |run| run.len() >= long);
    let marks: Vec<Mark> = runs
        .map(|run| Mark { kind: MarkKind::Gap, span: span(windows, &run), ratio: None })
        .collect();
    marks.into_iter()
}

fn steps(windows: &Windows, minutes: i64) -> usize {
    (minutes * 60_000).div_euclid(windows.grid().step_ms()) as usize
}

fn stretches(windows: &Windows, flags: &[Flag], kind: Flag) -> Vec<Range<usize>> {
    runs(flags, kind, steps(windows, PAUSE_MINUTES))
}

/// Runs of `kind`, joined over pauses of at most `pause` steps.
fn runs(flags: &[Flag], kind: Flag, pause: usize) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (index, _) in flags.iter().enumerate().filter(|(_, flag)| **flag == kind) {
        match runs.last_mut() {
            Some(run) if index <= run.end + pause => run.end = index + 1,
            _ => runs.push(index..index + 1),
        }
    }
    runs
}

/// How large a stretch is, and when.
struct Size {
    height: f64,
    len: f64,
    day: i32,
    weekday: u8,
    minute: i32,
}

/// The stretches whose like does not come again and again: an incident is rare, or it is no incident.
fn rare(
    windows: &Windows,
    series: &Measured<'_>,
    levels: &Levels,
    runs: Vec<Range<usize>>,
) -> Vec<Range<usize>> {
    let size = |run: &Range<usize>| {
        let local = windows.local()[run.start];
        Size {
            height: ratio(windows, series, levels, run).map_or(0.0, |ratio| (ratio - 1.0).abs()),
            len: run.len() as f64,
            day: local.day,
            weekday: local.weekday,
            minute: i32::from(local.minute_of_day),
        }
    };
    let sizes: Vec<Size> = runs.iter().map(size).collect();
    let days = windows.grid().span().days();
    let is_rare = |this: &Size| {
        let alike = |other: &&Size| {
            other.height >= LIKE_HEIGHT * this.height && other.len >= LIKE_LENGTH * this.len
        };
        let same_time = |other: &&Size| {
            other.weekday == this.weekday && (other.minute - this.minute).abs() <= SAME_TIME_MINUTES
        };
        let daily = distinct_days(sizes.iter().filter(alike));
        let weekly = distinct_days(sizes.iter().filter(alike).filter(same_time));
        daily < (DAILY_SHARE * days).max(DAYS_MIN)
            && weekly < (WEEKLY_SHARE * days / 7.0).max(WEEKS_MIN)
    };
    let rare: Vec<bool> = sizes.iter().map(is_rare).collect();
    runs.into_iter().zip(rare).filter(|(_, rare)| *rare).map(|(run, _)| run).collect()
}

/// On how many days; stretches come by time, so their days ascend.
fn distinct_days<'a>(sizes: impl Iterator<Item = &'a Size>) -> f64 {
    let mut days: Vec<i32> = sizes.map(|size| size.day).collect();
    days.dedup();
    days.len() as f64
}

fn span(windows: &Windows, run: &Range<usize>) -> TimeSpan {
    TimeSpan { start: windows.grid().timestamp(run.start), end: windows.grid().timestamp(run.end) }
}

/// Measured by expected demand over a stretch.
fn ratio(
    windows: &Windows,
    series: &Measured<'_>,
    levels: &Levels,
    run: &Range<usize>,
) -> Option<f64> {
    let measured = run.clone().filter(|&index| !series.values[index].is_nan());
    let (value, expected) = measured.fold((0.0, 0.0), |(value, expected), index| {
        let level = levels.at(windows, index).exp();
        (value + series.values[index], expected + series.expected[index] * level)
    });
    (expected > 0.0).then(|| value / expected)
}
