//! Which windows stand far out of what is expected at their level.

use super::Measured;
use super::level::Levels;
use crate::windows::Windows;

/// Standard deviations beyond which a window or a block stands out: one in a thousand million by chance, so that a
/// month of minutes over a thousand series raises none.
const Z_MIN: f64 = 6.0;
/// Minutes of a block: what is too small to see in a minute may be plain in a quarter of an hour.
const BLOCK_MINUTES: i64 = 15;
/// Noise of neighbouring windows is alike, which makes a block's mean this many times less certain.
const BLOCK_INFLATION: f64 = 2.0;
/// How many times the expected demand stands out above, for a window and for a block.
const HIGH_RATIO: (f64, f64) = (1.5, 1.4);
/// And below.
const LOW_RATIO: (f64, f64) = (0.5, 0.6);
/// In a block that stands out, the windows beyond these ratios are flagged.
const PART_RATIO: (f64, f64) = (1.2, 0.8);
/// How a window stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flag {
    /// Not.
    Usual,
    /// Far above.
    High,
    /// Far below.
    Low,
}

/// Flags every window that stands out by itself or with its block.
pub(super) fn raise(windows: &Windows, series: &Measured<'_>, levels: &Levels) -> Vec<Flag> {
    let block = (BLOCK_MINUTES * 60_000 / windows.grid().step_ms()).max(1) as usize;
    let mut flags = vec![Flag::Usual; series.values.len()];
    for start in (0..flags.len()).step_by(block) {
        let range = start..(start + block).min(series.values.len());
        let level = levels.at(windows, start).exp();
        let mut sums = (0.0, 0.0, 0.0);
        for index in range.clone().filter(|&index| !series.values[index].is_nan()) {
            let (value, expected) = (series.values[index], series.expected[index] * level);
            let scale = series.scale[index] * level.max(0.2);
            flags[index] = flag(value, expected, scale, (HIGH_RATIO.0, LOW_RATIO.0));
            sums = (sums.0 + value, sums.1 + expected, sums.2 + scale * scale);
        }
        let whole =
            flag(sums.0, sums.1, BLOCK_INFLATION * sums.2.sqrt(), (HIGH_RATIO.1, LOW_RATIO.1));
        // Of a block that stands out, the windows that make it so.
        for index in range.filter(|_| whole != Flag::Usual) {
            let ratio = series.values[index] / (series.expected[index] * level);
            let part_of_it =
                if whole == Flag::High { ratio > PART_RATIO.0 } else { ratio < PART_RATIO.1 };
            if part_of_it {
                flags[index] = whole;
            }
        }
    }
    flags
}

fn flag(value: f64, expected: f64, scale: f64, (high, low): (f64, f64)) -> Flag {
    let z = (value - expected) / scale;
    if z > Z_MIN && value > high * expected {
        Flag::High
    } else if z < -Z_MIN && value < low * expected {
        Flag::Low
    } else {
        Flag::Usual
    }
}
