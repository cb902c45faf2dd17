//! From flagged windows to masked stretches with a name.

use std::ops::Range;

use tidewright_core::{Mark, MarkKind, TimeSpan};

use super::Beside;
use super::flags::Flag;
use super::level::Levels;
use crate::windows::Windows;

/// Flags closer than this belong to one stretch.
const PAUSE_MINUTES: i64 = 10;
/// The ramps at both ends of a stretch are masked along.
const PAD_MINUTES: i64 = 2;
/// A high stretch is how this series is, where its like comes on so many of the days,
const LIKE_DAYS_SHARE: f64 = 0.5;
const LIKE_DAYS_MIN: usize = 3;
/// its like being at least this part as high above what is expected, and this part as long.
const LIKE_HEIGHT: f64 = 0.7;
const LIKE_LENGTH: f64 = 0.4;
/// Shorter gaps are not worth a mark.
const GAP_MINUTES: i64 = 10;

/// Masks flagged stretches and returns their marks.
pub(super) fn mask_short(
    windows: &Windows,
    series: &Beside<'_>,
    levels: &Levels,
    flags: &[Flag],
    masked: &mut [bool],
) -> Vec<Mark> {
    let highs = rare(windows, series, levels, stretches(windows, flags, Flag::High));
    let lows = stretches(windows, flags, Flag::Low).into_iter().map(|run| (run, MarkKind::Outage));
    let mut marks = Vec::new();
    for (run, kind) in highs.into_iter().map(|run| (run, MarkKind::Spike)).chain(lows) {
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

/// The stretches whose like does not come on half of the days: an incident is rare, or it is no incident.
fn rare(
    windows: &Windows,
    series: &Beside<'_>,
    levels: &Levels,
    runs: Vec<Range<usize>>,
) -> Vec<Range<usize>> {
    let height =
        |run: &Range<usize>| ratio(windows, series, levels, run).map_or(0.0, |ratio| ratio - 1.0);
    let sizes: Vec<(f64, f64)> = runs.iter().map(|run| (height(run), run.len() as f64)).collect();
    let days: Vec<i32> = runs.iter().map(|run| windows.local()[run.start].day).collect();
    let often = (LIKE_DAYS_SHARE * windows.grid().span().days()).max(LIKE_DAYS_MIN as f64);
    let is_rare = |&(height, len): &(f64, f64)| {
        let alike = sizes.iter().zip(&days).filter(|((other_height, other_len), _)| {
            *other_height >= LIKE_HEIGHT * height && *other_len >= LIKE_LENGTH * len
        });
        // Stretches come by time, so the days of those alike ascend.
        let mut alike: Vec<i32> = alike.map(|(_, day)| *day).collect();
        alike.dedup();
        (alike.len() as f64) < often
    };
    let rare: Vec<bool> = sizes.iter().map(is_rare).collect();
    runs.into_iter().zip(rare).filter(|(_, rare)| *rare).map(|(run, _)| run).collect()
}

fn span(windows: &Windows, run: &Range<usize>) -> TimeSpan {
    TimeSpan { start: windows.grid().timestamp(run.start), end: windows.grid().timestamp(run.end) }
}

/// Measured by expected demand over a stretch.
fn ratio(
    windows: &Windows,
    series: &Beside<'_>,
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
