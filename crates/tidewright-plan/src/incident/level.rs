//! The level of a series hour by hour, relative to what is expected of it, and where it shifts for good.
//!
//! A running median over two days does not move for anything shorter than a day and follows at once what lasts longer.

use tidewright_core::{Mark, MarkKind, TimeSpan};
use tidewright_numerics::quantile_in_place;

use super::Beside;
use crate::windows::Windows;

/// Hours of the running median: what lasts more than half of it is a new level.
const WINDOW_HOURS: usize = 49;
/// An hour counts if at least this share of it was measured.
const MEASURED_SHARE_MIN: f64 = 0.25;
/// A lasting rise above every earlier level by this much is a launch.
const LAUNCH_RATIO: f64 = 1.3;
/// A lasting fall below this is an outage if it recovered, a decline if it still holds.
const FALL_RATIO: f64 = 0.5;
/// A rise by this much without a step is worth a report.
const SLOW_RISE_RATIO: f64 = 1.5;
/// A slow rise takes at least this many hours.
const SLOW_RISE_HOURS: usize = 30;
/// Half the width, in hours, over which a step is measured.
const STEP_HOURS: usize = 6;
/// Days of each class that a profile of its own needs.
const CLASS_DAYS_MIN: usize = 3;
/// Below the median, so that a launch that fills one of two weekends is not half of what is usual.
const USUAL_QUANTILE: f64 = 0.3;

/// Logarithms of levels, hour by hour.
#[derive(Clone, Debug)]
pub(super) struct Levels {
    /// Relative to the model's expectation.
    of_model: Vec<f64>,
    /// Relative to the series' own median at that time of day.
    of_profile: Vec<f64>,
}

/// What happened in an hour.
#[derive(Clone, Copy, Debug, Default)]
struct Hour {
    value: f64,
    expected: f64,
    measured: f64,
}

impl Levels {
    pub(super) fn learn(windows: &Windows, series: &Beside<'_>) -> Self {
        let hours = hours(windows, series);
        let mean = hours.iter().map(|hour| hour.expected).sum::<f64>() / hours.len().max(1) as f64;
        // Keeps the logarithm of a quiet hour finite without moving a busy one.
        let little = 0.02 * mean + 1e-9;
        let log_ratio = |value: f64, of: f64| ((value + little) / (of + little)).ln();
        let of_model =
            hours.iter().map(|hour| log_ratio(hour.value, hour.expected)).collect::<Vec<_>>();
        let profile = profile(windows, &hours);
        let of_profile =
            hours.iter().zip(&profile).map(|(hour, usual)| log_ratio(hour.value, *usual));
        Self {
            of_model: running_median(&of_model),
            of_profile: running_median(&of_profile.collect::<Vec<_>>()),
        }
    }

    /// The logarithm of the level at a window, relative to the model.
    pub(super) fn at(&self, windows: &Windows, index: usize) -> f64 {
        self.of_model.get(index / per_hour(windows)).copied().unwrap_or(0.0)
    }

    /// Launches, declines, long outages and slow rises.
    pub(super) fn lasting_marks(&self, windows: &Windows) -> Vec<Mark> {
        let levels = &self.of_profile;
        let falls = segments(levels, |level| level < FALL_RATIO.ln());
        let fall = |(start, end): (usize, usize)| {
            let kind = if end == levels.len() { MarkKind::Decline } else { MarkKind::Outage };
            mark(
                windows,
                kind,
                start,
                end,
                levels[start..end].iter().sum::<f64>() / (end - start) as f64,
            )
        };
        let mut marks: Vec<Mark> = falls.into_iter().map(fall).collect();
        marks.extend(self.rise(windows));
        marks
    }

    /// The launch or slow rise that led to the highest level, if there is one; coming back from an outage is neither.
    fn rise(&self, windows: &Windows) -> Option<Mark> {
        let levels = &bridged(&self.of_profile);
        let top = (0..levels.len()).max_by(|&a, &b| levels[a].total_cmp(&levels[b]))?;
        let usual = quantile_in_place(&mut levels[..=top].to_vec(), 0.25)?;
        let rise = levels[top] - usual;
        let step = largest_step(&levels[..=top])?;
        if step.height >= 0.6 * rise {
            let above = levels[top] - step.before;
            let lasts = levels[step.at..]
                .iter()
                .take_while(|level| **level > step.before + 0.5 * above)
                .count();
            let launch = above >= LAUNCH_RATIO.ln();
            return launch
                .then(|| mark(windows, MarkKind::Launch, step.at, step.at + lasts, above));
        }
        let start = levels[..=top].iter().rposition(|level| *level <= usual + 0.1 * rise)?;
        let slow = top - start >= SLOW_RISE_HOURS && step.height <= 0.5 * rise;
        (slow && rise >= SLOW_RISE_RATIO.ln())
            .then(|| mark(windows, MarkKind::SlowRise, start, top + 1, rise))
    }
}

/// A rise within a few hours.
struct Step {
    at: usize,
    height: f64,
    /// The highest level before it.
    before: f64,
}

fn per_hour(windows: &Windows) -> usize {
    (3_600_000 / windows.grid().step_ms()).max(1) as usize
}

fn hours(windows: &Windows, series: &Beside<'_>) -> Vec<Hour> {
    let per_hour = per_hour(windows);
    let chunks = series.values.chunks(per_hour).zip(series.expected.chunks(per_hour));
    let mut hours: Vec<Hour> = chunks.map(|(values, expected)| hour(values, expected)).collect();
    // An hour that was not measured repeats what the model expects: it says nothing.
    for hour in hours.iter_mut().filter(|hour| hour.measured < MEASURED_SHARE_MIN) {
        hour.value = hour.expected;
    }
    hours
}

fn hour(values: &[f64], expected: &[f64]) -> Hour {
    let mut sums = Hour::default();
    for (value, expected) in values.iter().zip(expected).filter(|(value, _)| !value.is_nan()) {
        sums.value += value;
        sums.expected += expected;
        sums.measured += 1.0;
    }
    if sums.measured == 0.0 {
        sums.expected = expected.iter().sum();
    }
    Hour { measured: sums.measured / values.len() as f64, ..sums }
}

/// The usual value of each hour: a low quantile at its time of day, of its class of day where both were seen often enough.
fn profile(windows: &Windows, hours: &[Hour]) -> Vec<f64> {
    let slot = |hour: usize| {
        let local = windows.local()[hour * per_hour(windows)];
        (usize::from(local.minute_of_day) / 60, local.is_weekend())
    };
    let weekend_hours = (0..hours.len()).filter(|&hour| slot(hour).1).count();
    let apart = weekend_hours.min(hours.len() - weekend_hours) >= 24 * CLASS_DAYS_MIN;
    let place = |hour| {
        let (of_day, weekend) = slot(hour);
        if apart && weekend { of_day + 24 } else { of_day }
    };
    let mut slots = vec![Vec::new(); 48];
    (0..hours.len()).for_each(|hour| slots[place(hour)].push(hours[hour].value));
    let usual =
        |values: &mut Vec<f64>| quantile_in_place(values, USUAL_QUANTILE).unwrap_or_default();
    let usual: Vec<f64> = slots.iter_mut().map(usual).collect();
    (0..hours.len()).map(|hour| usual[place(hour)]).collect()
}

/// The median of the surrounding two days; near the ends, of the first or last two days.
fn running_median(values: &[f64]) -> Vec<f64> {
    let width = WINDOW_HOURS.min(values.len());
    let mut window = Vec::with_capacity(width);
    let mut median = |index: usize| {
        let start = index.saturating_sub(width / 2).min(values.len() - width);
        window.clear();
        window.extend_from_slice(&values[start..start + width]);
        quantile_in_place(&mut window, 0.5).unwrap_or_default()
    };
    (0..values.len()).map(&mut median).collect()
}

/// Levels with each fall replaced by the level before it, the first by the one after.
fn bridged(levels: &[f64]) -> Vec<f64> {
    let stands = |level: &&f64| **level >= FALL_RATIO.ln();
    let mut last = levels.iter().copied().find(|level| stands(&level)).unwrap_or(0.0);
    let bridge = |&level: &f64| {
        if stands(&&level) {
            last = level;
        }
        last
    };
    levels.iter().map(bridge).collect()
}

/// Where the level rises most within a few hours, and by how much; none where nothing came before it.
fn largest_step(levels: &[f64]) -> Option<Step> {
    let from = |at: usize| at.saturating_sub(STEP_HOURS);
    let to = |at: usize| (at + STEP_HOURS).min(levels.len() - 1);
    let height = |at: usize| levels[to(at)] - levels[from(at)];
    let around = (STEP_HOURS..levels.len()).max_by(|&a, &b| height(a).total_cmp(&height(b)))?;
    let half = f64::midpoint(levels[from(around)], levels[to(around)]);
    let at = (from(around)..=to(around)).find(|&hour| levels[hour] >= half)?;
    let before = levels[..=from(around)].iter().copied().fold(f64::NEG_INFINITY, f64::max);
    Some(Step { at, height: height(around), before })
}

/// Start and end of each run of hours that `matches`.
fn segments(levels: &[f64], matches: impl Fn(f64) -> bool) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut start = None;
    for (hour, &level) in levels.iter().enumerate() {
        match (matches(level), start) {
            (true, None) => start = Some(hour),
            (false, Some(from)) => {
                found.push((from, hour));
                start = None;
            }
            _ => {}
        }
    }
    found.extend(start.map(|from| (from, levels.len())));
    found
}

fn mark(windows: &Windows, kind: MarkKind, start: usize, end: usize, log_ratio: f64) -> Mark {
    let moment = |hour: usize| {
        windows.grid().timestamp((hour * per_hour(windows)).min(windows.grid().len()))
    };
    Mark {
        kind,
        span: TimeSpan { start: moment(start), end: moment(end) },
        ratio: Some(log_ratio.exp()),
    }
}
