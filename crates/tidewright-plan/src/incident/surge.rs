//! Rises of hours or days that came and went: they held for too long to be a spike, and not long enough to be a level.
//!
//! What has held for a day and still holds is growth and never one of them; what began less than a day ago is one so far.
//! One that comes again on the same day of the week is how the series is. With less than two weeks of history nobody
//! could tell the second week of a rhythm from a surge.

use tidewright_numerics::quantile_in_place;

use super::level::{WEEK_HOURS, running_median, segments};

/// Hours over which a rise is smoothed: short enough to see where it ends.
const SMOOTH_HOURS: usize = 13;
/// A surge is where demand stands this many times above the level of the week before,
const SURGE_RATIO: f64 = 1.35;
/// in the mean this many times if it lasts less than a day, and this many if longer: a busy day is no surge.
const MEAN_RATIOS: (f64, f64) = (2.8, 1.6);
/// How far out its flanks reach.
const FLANK_RATIO: f64 = 1.1;
/// What lasts less is a spike; what lasts longer is a level of its own.
const SURGE_HOURS: (usize, usize) = (8, 84);
/// It is over when so many hours have passed since, and a level when it has held for as many; it is over if in them
const OVER_HOURS: usize = 24;
/// demand is back: at most this part of the rise is left.
const LEFT_SHARE: f64 = 0.35;
/// Two that begin at about the same hour of the week are a rhythm.
const SAME_TIME_HOURS: usize = 12;
/// So many of them within the history are how the series is,
const OFTEN: usize = 3;
/// and so they are where more of the hours than this belong to them.
const SHARE_MAX: f64 = 0.25;

/// First and last hour of each surge in the logarithms of hours relative to what is usual at that time of day.
pub(super) fn surges(ratios: &[Option<f64>]) -> Vec<(usize, usize)> {
    if ratios.len() < 2 * WEEK_HOURS {
        return Vec::new();
    }
    let smooth = running_median(ratios, SMOOTH_HOURS);
    let level = level_before(ratios);
    let above: Vec<f64> = smooth.iter().zip(&level).map(|(smooth, level)| smooth - level).collect();
    let mut found = segments(&above, |above| above > SURGE_RATIO.ln());
    found.retain(|(start, end)| (SURGE_HOURS.0..=SURGE_HOURS.1).contains(&(end - start)));
    found.retain(|&(start, end)| is_high(&above[start..end]));
    found.retain(|&(start, end)| is_over(&smooth, &above, (start, end)));
    let alone: Vec<_> =
        found.iter().copied().filter(|surge| !comes_again(*surge, &found)).collect();
    let hours: usize = alone.iter().map(|(start, end)| end - start).sum();
    if alone.len() >= OFTEN || hours as f64 > SHARE_MAX * ratios.len() as f64 {
        return Vec::new();
    }
    alone.into_iter().map(|surge| with_flanks(surge, &above)).collect()
}

/// The median of the week before each hour, of the first week for its own hours: what comes after must not judge it.
fn level_before(ratios: &[Option<f64>]) -> Vec<f64> {
    let mut week = Vec::with_capacity(WEEK_HOURS);
    let median = |hour: usize| {
        let start = hour.saturating_sub(WEEK_HOURS);
        week.clear();
        week.extend(ratios[start..start + WEEK_HOURS].iter().flatten());
        quantile_in_place(&mut week, 0.5).unwrap_or(0.0)
    };
    (0..ratios.len()).map(median).collect()
}

fn is_high(above: &[f64]) -> bool {
    let (short, long) = MEAN_RATIOS;
    mean(above) >= if above.len() < OVER_HOURS { short.ln() } else { long.ln() }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn is_over(smooth: &[f64], above: &[f64], (start, end): (usize, usize)) -> bool {
    if end == smooth.len() {
        return end - start < OVER_HOURS;
    }
    if end + OVER_HOURS > smooth.len() || start < OVER_HOURS {
        return false;
    }
    let before = mean(&smooth[start - OVER_HOURS..start]);
    let after = mean(&smooth[end..end + OVER_HOURS]);
    after - before <= LEFT_SHARE * mean(&above[start..end])
}

fn comes_again(surge: (usize, usize), all: &[(usize, usize)]) -> bool {
    all.iter().any(|other| {
        let apart = surge.0.abs_diff(other.0);
        let to_a_week = apart % WEEK_HOURS;
        apart > SAME_TIME_HOURS && to_a_week.min(WEEK_HOURS - to_a_week) <= SAME_TIME_HOURS
    })
}

fn with_flanks((start, end): (usize, usize), above: &[f64]) -> (usize, usize) {
    let flank = |hour: &usize| above[*hour] > FLANK_RATIO.ln();
    let before = (0..start).rev().take_while(flank).count();
    let after = (end..above.len()).take_while(flank).count();
    (start - before, end + after)
}
