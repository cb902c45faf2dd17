//! The level of a series hour by hour, relative to what is expected of it, and where it shifts for good.
//!
//! A running median over two days does not move for anything shorter than a day and follows at once what lasts longer.

use std::ops::Range;

use tidewright_core::{Mark, MarkKind, TimeSpan};
use tidewright_numerics::quantile_in_place;

use super::{Measured, surge};
use crate::windows::Windows;

/// Hours of a week.
pub(super) const WEEK_HOURS: usize = 168;
/// Hours of the running median: what lasts more than half of it is a new level.
const WINDOW_HOURS: usize = 49;
/// An hour counts if at least this share of it was measured.
const MEASURED_SHARE_MIN: f64 = 0.25;
/// Hours below this part of what is usual, so many in a row, are a fall that no model should learn from.
const DEAD_RATIO: f64 = 0.05;
/// Where more of the hours than this are dead, that is no fall: so are the weekends of an office.
const DEAD_SHARE_MAX: f64 = 0.25;
const DEAD_HOURS: usize = 3;
/// A fall that still holds after so many hours is the new level.
const DECLINE_HOURS: usize = 24;
/// A lasting rise above every earlier level by this much is a launch.
const LAUNCH_RATIO: f64 = 1.3;
/// What is over in less is none.
const LAUNCH_HOURS: usize = 24;
/// A lasting fall below this is an outage if it recovered, a decline if it still holds.
const FALL_RATIO: f64 = 0.5;
/// A rise by this much without a step is worth a report.
const SLOW_RISE_RATIO: f64 = 1.5;
/// Days that a slow rise takes, at least; at most, for a steep one and for one of a few percent a day.
const SLOW_RISE_DAYS_MIN: usize = 2;
const SLOW_RISE_DAYS_MAX: [usize; 2] = [7, 28];
/// A rise of which this share came at once is a step.
const STEP_SHARE: f64 = 0.6;
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
    /// Relative to what is usual at that time of day.
    of_profile: Vec<f64>,
    /// Stretches of windows with next to nothing.
    falls: Vec<Range<usize>>,
    surges: Vec<Surge>,
}

/// The windows of a rise that came and went, and how many times the usual it was.
type Surge = (Range<usize>, f64);

impl Levels {
    pub(super) fn learn(windows: &Windows, series: &Measured<'_>) -> Self {
        let falls = falls(windows, series.values);
        let standing = without(series.values, &falls);
        let surges = surges(windows, &standing);
        let hours = hours(windows, &without_surges(&standing, &surges));
        let usual = usual(windows, &hours);
        let level = |of: &[f64]| running_median(&log_ratios(&hours, of), WINDOW_HOURS);
        let expected = series.expected.chunks(per_hour(windows));
        let expected: Vec<f64> =
            expected.map(|hour| hour.iter().sum::<f64>() / hour.len() as f64).collect();
        let (of_model, of_profile) = (level(&expected), level(&usual));
        Self { of_model, of_profile, falls, surges }
    }

    /// The logarithm of the level at a window, relative to the model.
    pub(super) fn at(&self, windows: &Windows, index: usize) -> f64 {
        self.of_model.get(index / per_hour(windows)).copied().unwrap_or(0.0)
    }

    /// Whether a window before a shift, which begins at `shift`, lies nearer to the level before it than to that since.
    pub(super) fn left_behind(
        &self,
        windows: &Windows,
        shift: usize,
        ratio: f64,
    ) -> impl Fn(usize) -> bool + '_ {
        let per_hour = per_hour(windows);
        let since = &self.of_profile[(shift / per_hour).min(self.of_profile.len())..];
        let now = quantile_in_place(&mut since.to_vec(), 0.5).unwrap_or(0.0);
        // The levels of both sides, and the middle between them.
        let middle = now - 0.5 * ratio.ln();
        move |index| {
            let level = self.of_profile.get(index / per_hour).copied().unwrap_or(now);
            if ratio >= 1.0 { level < middle } else { level > middle }
        }
    }

    /// The values without the surges.
    pub(super) fn without_surges(&self, values: &[f64]) -> Vec<f64> {
        without_surges(values, &self.surges)
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
        let moment = |index: usize| windows.grid().timestamp(index);
        let stretch = |kind, stretch: &Range<usize>, ratio| Mark {
            kind,
            span: TimeSpan { start: moment(stretch.start), end: moment(stretch.end) },
            ratio: Some(ratio),
        };
        marks.extend(self.falls.iter().map(|fall| stretch(MarkKind::Outage, fall, 0.0)));
        let surges = self.surges.iter();
        marks.extend(surges.map(|(surge, ratio)| stretch(MarkKind::Spike, surge, *ratio)));
        marks.extend(self.launch(windows).or_else(|| self.slow_rise(windows)));
        marks
    }

    /// The launch that led to the highest level, if one did; coming back from an outage is none.
    fn launch(&self, windows: &Windows) -> Option<Mark> {
        let levels = &bridged(&self.of_profile);
        let top = (0..levels.len()).max_by(|&a, &b| levels[a].total_cmp(&levels[b]))?;
        let usual = quantile_in_place(&mut levels[..=top].to_vec(), 0.25)?;
        let step = largest_step(&levels[..=top])?;
        let above = levels[top] - step.before;
        let lasts = levels[step.at..]
            .iter()
            .take_while(|level| **level > step.before + 0.5 * above)
            .count();
        let launch = step.height >= STEP_SHARE * (levels[top] - usual)
            && above >= LAUNCH_RATIO.ln()
            && lasts >= LAUNCH_HOURS;
        let after = quantile_in_place(&mut levels[step.at..step.at + lasts].to_vec(), 0.5)?;
        let earlier = step.at.saturating_sub(WINDOW_HOURS)..step.at;
        let before = quantile_in_place(&mut levels[earlier].to_vec(), 0.5)?;
        launch.then(|| mark(windows, MarkKind::Launch, step.at, step.at + lasts, after - before))
    }

    /// A rise over days that no single day made and that still holds.
    fn slow_rise(&self, windows: &Windows) -> Option<Mark> {
        SLOW_RISE_DAYS_MAX.into_iter().find_map(|days| self.slow_rise_within(windows, days))
    }

    fn slow_rise_within(&self, windows: &Windows, days_max: usize) -> Option<Mark> {
        let hours = self.of_profile.len();
        // From today backwards, a level a day.
        let days: Vec<f64> =
            self.of_profile.iter().rev().step_by(24).take(days_max + 1).copied().collect();
        let today = *days.first()?;
        let lowest = (0..days.len()).min_by(|&a, &b| days[a].total_cmp(&days[b]))?;
        let rise = today - days[lowest];
        let steps = days[..=lowest].windows(2).map(|pair| pair[0] - pair[1]);
        let even = steps.clone().all(|step| -0.35 * rise <= step && step <= STEP_SHARE * rise);
        let slow = lowest >= SLOW_RISE_DAYS_MIN && even && rise >= SLOW_RISE_RATIO.ln();
        slow.then(|| mark(windows, MarkKind::SlowRise, hours - 1 - 24 * lowest, hours, rise))
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

/// The values without falls of hours and surges of days, from which a model would learn nothing but these.
pub(super) fn undisturbed(windows: &Windows, values: &[f64]) -> Vec<f64> {
    let standing = without(values, &falls(windows, values));
    let surges = surges(windows, &standing);
    without_surges(&standing, &surges)
}

fn without_surges(values: &[f64], surges: &[Surge]) -> Vec<f64> {
    let stretches: Vec<_> = surges.iter().map(|(stretch, _)| stretch.clone()).collect();
    without(values, &stretches)
}

fn without(values: &[f64], stretches: &[Range<usize>]) -> Vec<f64> {
    let mut rest = values.to_vec();
    stretches.iter().for_each(|stretch| rest[stretch.clone()].fill(f64::NAN));
    rest
}

/// Rises of days that came and went, as windows, each with how many times the usual it was.
fn surges(windows: &Windows, values: &[f64]) -> Vec<Surge> {
    let hours = hours(windows, values);
    let ratios = log_ratios(&hours, &usual(windows, &hours));
    let times = |start: usize, end: usize| {
        let known: Vec<f64> = ratios[start..end].iter().flatten().copied().collect();
        (known.iter().sum::<f64>() / known.len().max(1) as f64).exp()
    };
    let per_hour = per_hour(windows);
    let stretch = |(start, end): (usize, usize)| {
        (start * per_hour..(end * per_hour).min(values.len()), times(start, end))
    };
    surge::surges(&ratios).into_iter().map(stretch).collect()
}

/// The logarithm of each hour relative to what is usual.
fn log_ratios(hours: &[Option<f64>], usual: &[f64]) -> Vec<Option<f64>> {
    // Keeps the logarithm of a quiet hour finite without moving a busy one.
    let little = 0.02 * usual.iter().sum::<f64>() / usual.len().max(1) as f64 + 1e-9;
    let ratio = |(hour, of): (&Option<f64>, &f64)| {
        hour.map(|value| ((value + little) / (of + little)).ln())
    };
    hours.iter().zip(usual).map(ratio).collect()
}

/// Stretches of hours with next to nothing; one that still holds after a day is a decline and none of them.
fn falls(windows: &Windows, values: &[f64]) -> Vec<Range<usize>> {
    let hours = hours(windows, values);
    // Weekends are not told apart here: where one of two is an outage, nobody could say what is usual on them.
    let usual = usual_of(&hours, 24, 0.5, |hour| hour_of_day(windows, hour));
    let dead = hours.iter().zip(&usual).map(|(hour, usual)| {
        let dead = hour.is_some_and(|value| value < DEAD_RATIO * usual);
        if dead { f64::NEG_INFINITY } else { 0.0 }
    });
    let mut falls = segments(&dead.collect::<Vec<_>>(), |level| level < 0.0);
    falls.retain(|(start, end)| {
        let holds = *end == hours.len() && end - start >= DECLINE_HOURS;
        end - start >= DEAD_HOURS && !holds
    });
    let fallen: usize = falls.iter().map(|(start, end)| end - start).sum();
    if fallen as f64 > DEAD_SHARE_MAX * hours.len() as f64 {
        return Vec::new();
    }
    // The hours at both ends are part of it, up to where traffic stands.
    let dead = |index: usize| {
        let value = values[index];
        value.is_nan() || value <= DEAD_RATIO * usual[index / per_hour(windows)]
    };
    let to_windows = |(start, end): (usize, usize)| {
        let (start, end) = (start * per_hour(windows), (end * per_hour(windows)).min(values.len()));
        let before = (0..start).rev().take_while(|&index| dead(index)).count();
        let after = (end..values.len()).take_while(|&index| dead(index)).count();
        start - before..end + after
    };
    falls.into_iter().map(to_windows).collect()
}

/// The mean of each hour; `None` where too little of it was measured.
fn hours(windows: &Windows, values: &[f64]) -> Vec<Option<f64>> {
    let hour = |values: &[f64]| {
        let measured = values.iter().filter(|value| !value.is_nan());
        let (sum, count) =
            measured.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
        (count > 0.0 && count >= MEASURED_SHARE_MIN * values.len() as f64).then(|| sum / count)
    };
    values.chunks(per_hour(windows)).map(hour).collect()
}

/// The usual value of each hour at its time of day, of its class of day where that was seen often enough.
fn usual(windows: &Windows, hours: &[Option<f64>]) -> Vec<f64> {
    let weekend = |hour: usize| windows.local()[hour * per_hour(windows)].is_weekend();
    let of_class = |hour: usize| hour_of_day(windows, hour) + if weekend(hour) { 24 } else { 0 };
    let mut seen = [0; 48];
    hours
        .iter()
        .enumerate()
        .filter(|(_, hour)| hour.is_some())
        .for_each(|(hour, _)| seen[of_class(hour)] += 1);
    if seen.iter().all(|&days| days >= CLASS_DAYS_MIN) {
        usual_of(hours, 48, USUAL_QUANTILE, of_class)
    } else {
        usual_of(hours, 24, USUAL_QUANTILE, |hour| hour_of_day(windows, hour))
    }
}

/// The quantile of the known values in the slot of each hour.
fn usual_of(
    hours: &[Option<f64>],
    slots: usize,
    quantile: f64,
    slot: impl Fn(usize) -> usize,
) -> Vec<f64> {
    let mut values = vec![Vec::new(); slots];
    hours.iter().enumerate().for_each(|(hour, value)| values[slot(hour)].extend(*value));
    let usual = |values: &mut Vec<f64>| quantile_in_place(values, quantile).unwrap_or_default();
    let usual: Vec<f64> = values.iter_mut().map(usual).collect();
    (0..hours.len()).map(|hour| usual[slot(hour)]).collect()
}

fn hour_of_day(windows: &Windows, hour: usize) -> usize {
    usize::from(windows.local()[hour * per_hour(windows)].minute_of_day) / 60
}

/// The median of what is known of so many hours around; near the ends, of the first or last ones. Where less than half of
/// them is known, the level stays.
pub(super) fn running_median(values: &[Option<f64>], hours: usize) -> Vec<f64> {
    let width = hours.min(values.len());
    let mut window = Vec::with_capacity(width);
    let mut last = 0.0;
    let median = |index: usize| {
        let start = index.saturating_sub(width / 2).min(values.len() - width);
        window.clear();
        window.extend(values[start..start + width].iter().flatten());
        if 2 * window.len() >= width {
            last = quantile_in_place(&mut window, 0.5).unwrap_or(last);
        }
        last
    };
    (0..values.len()).map(median).collect()
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
pub(super) fn segments(levels: &[f64], matches: impl Fn(f64) -> bool) -> Vec<(usize, usize)> {
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
