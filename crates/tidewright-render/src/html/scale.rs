//! Where a moment and a number stand in a chart.
//!
//! Coordinates are whole tenths of a unit in a plot of 1000 x 170 units that stretches with the page.

use tidewright_core::{TimeSpan, Timestamp};

/// The plot's width in tenths.
pub(super) const WIDTH: f64 = 10_000.0;

/// The plot's height in tenths.
pub(super) const HEIGHT: f64 = 1_700.0;

/// The least share of the width that the future takes: two days after four weeks would be a sliver.
const FUTURE_SHARE_MIN: f64 = 0.2;

/// From moments and numbers to coordinates; the future has a scale of its own.
pub(super) struct Scale {
    past: TimeSpan,
    future: TimeSpan,
    now_x: f64,
    top: f64,
}

impl Scale {
    pub(super) fn new(past: TimeSpan, future_end: Timestamp, top: f64) -> Self {
        let future = TimeSpan { start: past.end, end: future_end };
        let (before, after) = (past.millis().max(1) as f64, future.millis().max(0) as f64);
        let share =
            if after > 0.0 { (after / (before + after)).max(FUTURE_SHARE_MIN) } else { 0.0 };
        Self { past, future, now_x: WIDTH * (1.0 - share), top: if top > 0.0 { top } else { 1.0 } }
    }

    /// The x of a moment, inside the plot.
    pub(super) fn x(&self, at: Timestamp) -> f64 {
        let part = |span: TimeSpan| {
            let offset = (at.as_millis() - span.start.as_millis()) as f64;
            (offset / span.millis().max(1) as f64).clamp(0.0, 1.0)
        };
        if at <= self.past.end {
            self.now_x * part(self.past)
        } else {
            self.now_x + (WIDTH - self.now_x) * part(self.future)
        }
    }

    /// The y of a number; what is above the plot stands at its top.
    pub(super) fn y(&self, value: f64) -> f64 {
        HEIGHT * (1.0 - (value / self.top).clamp(0.0, 1.0))
    }

    /// Where the past ends.
    pub(super) const fn now_x(&self) -> f64 {
        self.now_x
    }

    /// The first moment of the plot.
    pub(super) const fn start(&self) -> Timestamp {
        self.past.start
    }

    /// The moment at which the past ends.
    pub(super) const fn now(&self) -> Timestamp {
        self.past.end
    }

    /// The last moment of the plot.
    pub(super) const fn end(&self) -> Timestamp {
        self.future.end
    }

    /// The largest number that fits.
    pub(super) const fn top(&self) -> f64 {
        self.top
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_future_is_still_wide_enough_to_read() {
        let day = |day: i64| Timestamp::from_secs(day * 86_400);
        let scale = Scale::new(TimeSpan { start: day(0), end: day(28) }, day(29), 100.0);
        assert_eq!((scale.x(day(0)), scale.x(day(28)), scale.x(day(29))), (0.0, 8000.0, 10_000.0));
        assert_eq!((scale.y(0.0), scale.y(50.0), scale.y(900.0)), (1700.0, 850.0, 0.0));
    }

    #[test]
    fn without_a_future_the_past_takes_all() {
        let day = |day: i64| Timestamp::from_secs(day * 86_400);
        let scale = Scale::new(TimeSpan { start: day(0), end: day(7) }, day(7), 0.0);
        assert_eq!(scale.x(day(7)), WIDTH);
    }
}
