//! Which history counts: incidents are masked; growth, launches and recurring peaks are not.
//!
//! A shift that holds for a day or more is growth, so what is expected first follows the running level of two days.
//! What then still stands far out is an incident, unless its like comes on many days or at the same time of the week:
//! then it is the nature of the series. So is a rise of one to three days that is over: it never became a level. A slow rise is kept and reported: who rises alone is for people to judge.

mod flags;
mod level;
mod runs;
mod surge;

use tidewright_core::{Mark, MarkKind};

use crate::windows::Windows;
use level::Levels;

/// How many marks are kept per series, the largest: more would not be read.
const MARKS_MAX: usize = 24;
/// A shift that still held this long before the end of history holds today.
const REBASE_RECENT_MS: i64 = 86_400_000;
/// A shift is placed to the hour, so the hours around it belong to neither level.
const REBASE_BLUR_MS: i64 = 2 * 3_600_000;
/// A larger shift is not guessed at: history from before it says little about what follows.
const REBASE_RATIOS: (f64, f64) = (0.2, 5.0);

/// A series beside what a robust model expects of it; all three are as long as the grid.
#[derive(Clone, Copy, Debug)]
pub struct Measured<'a> {
    /// As measured, NaN for a gap.
    pub values: &'a [f64],
    /// What the model expects, finite everywhere.
    pub expected: &'a [f64],
    /// The standard deviation of noise around it, positive everywhere.
    pub scale: &'a [f64],
}

/// Which windows are left out, and what stood out.
#[derive(Clone, Debug)]
pub struct Incidents {
    masked: Vec<bool>,
    marks: Vec<Mark>,
    levels: Levels,
}

/// What a model should learn the undisturbed course from: the values without falls of hours and surges of days.
pub fn undisturbed(windows: &Windows, values: &[f64]) -> Vec<f64> {
    level::undisturbed(windows, values)
}

/// Tells incidents from growth, launches and recurring peaks.
pub fn classify(windows: &Windows, series: &Measured<'_>) -> Incidents {
    let levels = Levels::learn(windows, series);
    // What is left out already is not judged minute by minute.
    let rest = levels.without_surges(series.values);
    let judged = Measured { values: &rest, ..*series };
    let flags = flags::raise(windows, &judged, &levels);
    let mut masked = vec![false; series.values.len()];
    let mut marks = runs::mask_short(windows, &judged, &levels, &flags, &mut masked);
    marks.extend(levels.lasting_marks(windows));
    let left_out = |mark: &&Mark| matches!(mark.kind, MarkKind::Outage | MarkKind::Spike);
    for mark in marks.iter().filter(left_out) {
        masked[windows.range(mark.span)].fill(true);
    }
    marks.extend(runs::gaps(windows, series.values));
    Incidents { masked, marks: largest(marks), levels }
}

/// Takes the mark of a slow rise off all series if at least half of them, and at least three, rise together: that is
/// growth of the platform, not one client.
pub fn keep_lone_rises<'a>(series: impl Iterator<Item = &'a mut Vec<Mark>>) {
    let series: Vec<_> = series.collect();
    let rises = |marks: &[Mark]| marks.iter().any(|mark| mark.kind == MarkKind::SlowRise);
    let rising = series.iter().filter(|marks| rises(marks)).count();
    if rising >= 3 && rising * 2 >= series.len() {
        series.into_iter().for_each(|marks| marks.retain(|mark| mark.kind != MarkKind::SlowRise));
    }
}

impl Incidents {
    /// The values without incidents: NaN for a gap or a masked window.
    pub fn clean(&self, values: &[f64]) -> Vec<f64> {
        let keep = |(value, masked): (&f64, &bool)| if *masked { f64::NAN } else { *value };
        values.iter().zip(&self.masked).map(keep).collect()
    }

    /// Clean history brought to the level of today, if a launch or a decline has left it behind: what to fit a forecast
    /// on. `None` where history as it is serves.
    pub fn rebased(&self, windows: &Windows, clean: &[f64]) -> Option<Vec<f64>> {
        let recent = windows.grid().end().plus_millis(-REBASE_RECENT_MS);
        let shift = |mark: &&Mark| {
            matches!(mark.kind, MarkKind::Launch | MarkKind::Decline) && recent <= mark.span.end
        };
        let shift = self.marks.iter().rev().find(shift)?;
        let (low, high) = REBASE_RATIOS;
        let (before, ratio) = (windows.first_from(shift.span.start), shift.ratio?.clamp(low, high));
        let mut level = clean.to_vec();
        // An earlier time at the level of today stays as it is: what flips has been here before.
        let left_behind = self.levels.left_behind(windows, before, ratio);
        let earlier = level[..before].iter_mut().enumerate();
        earlier.filter(|(index, _)| left_behind(*index)).for_each(|(_, value)| *value *= ratio);
        let around = (REBASE_BLUR_MS / windows.grid().step_ms()) as usize;
        let blur = before.saturating_sub(around)..(before + around).min(level.len());
        level[blur].fill(f64::NAN);
        Some(level)
    }

    /// Which windows are left out.
    pub fn masked(&self) -> &[bool] {
        &self.masked
    }

    /// What stood out, by time.
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }
}

/// The marks that matter most, by time: lasting ones always, of the others the longest times highest.
fn largest(mut marks: Vec<Mark>) -> Vec<Mark> {
    let lasting = |kind| matches!(kind, MarkKind::Launch | MarkKind::Decline | MarkKind::SlowRise);
    let size = |mark: &Mark| {
        let weight = mark.ratio.map_or(1.0, |ratio| (ratio - 1.0).abs());
        if lasting(mark.kind) { f64::INFINITY } else { mark.span.millis() as f64 * weight }
    };
    marks.sort_by(|a, b| size(b).total_cmp(&size(a)));
    marks.truncate(MARKS_MAX);
    marks.sort_by_key(|mark| mark.span.start);
    marks
}

#[cfg(test)]
mod tests;
