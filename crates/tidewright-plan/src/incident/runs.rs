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
/// Shorter high stretches are spikes; where they come on half of the days, they are how this series is.
const SPIKE_MINUTES: i64 = 5;
const SPIKE_DAYS_SHARE: f64 = 0.5;
const SPIKE_DAYS_MIN: usize = 3;
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
    let highs = stretches(windows, flags, Flag::High);
    let natural = frequent_spikes(windows, &highs);
    let highs = highs.into_iter().filter(|run| !(natural && is_spike(windows, run)));
    let lows = stretches(windows, flags, Flag::Low).into_iter().map(|run| (run, MarkKind::Outage));
    let mut marks = Vec::new();
    for (run, kind) in highs.map(|run| (run, MarkKind::Spike)).chain(lows) {
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

fn is_spike(windows: &Windows, run: &Range<usize>) -> bool {
    (run.len() as i64) * windows.grid().step_ms() < SPIKE_MINUTES * 60_000
}

fn frequent_spikes(windows: &Windows, runs: &[Range<usize>]) -> bool {
    let spikes = runs.iter().filter(|run| is_spike(windows, run));
    let mut days: Vec<i32> = spikes.map(|run| windows.local()[run.start].day).collect();
    days.dedup();
    days.len() >= SPIKE_DAYS_MIN
        && days.len() as f64 >= SPIKE_DAYS_SHARE * windows.grid().span().days()
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
