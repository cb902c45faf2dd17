//! Where a moment and a number stand in a chart, and paths of as few bytes as show no difference.
//!
//! Coordinates are whole tenths of a unit in a plot of 1000 x 170 units that stretches with the page.

use std::fmt::Write as _;

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

/// A path that is written point by point, in relative steps.
#[derive(Default)]
pub(super) struct Path {
    text: String,
    at: (i64, i64),
    verb: char,
}

impl Path {
    /// Goes to a point without drawing.
    pub(super) fn jump(&mut self, x: f64, y: f64) {
        self.step('m', x, y);
    }

    /// Draws a line to a point.
    pub(super) fn line(&mut self, x: f64, y: f64) {
        self.step('l', x, y);
    }

    /// Draws a dot where the pen is, as large as the line is thick.
    pub(super) fn dot(&mut self) {
        self.text.push_str("h0");
        self.verb = 'h';
    }

    /// Goes to the top left corner of a bar from `left` to `right` and draws it over the plot's height.
    pub(super) fn bar(&mut self, left: f64, right: f64) {
        let (left, right) = (left.round() as i64, right.round() as i64);
        if right > left {
            let _ = write!(self.text, "M{left} 0H{right}V{HEIGHT}H{left}z");
        }
    }

    /// Goes to a point and draws a line to the right.
    pub(super) fn dash(&mut self, left: f64, right: f64, y: f64) {
        let _ = write!(self.text, "M{} {}H{}", left.round(), y.round(), right.round());
    }

    /// Closes the shape.
    pub(super) fn close(&mut self, x: f64, y: f64) {
        self.text.push('z');
        self.verb = 'z';
        self.at = (x.round() as i64, y.round() as i64);
    }

    /// The finished text.
    pub(super) fn finish(self) -> String {
        self.text
    }

    fn step(&mut self, verb: char, x: f64, y: f64) {
        let to = (x.round() as i64, y.round() as i64);
        let (dx, dy) = (to.0 - self.at.0, to.1 - self.at.1);
        // A sign or a verb parts two numbers; only where there is neither a blank is needed.
        if verb != self.verb {
            self.text.push(verb);
        } else if dx >= 0 {
            self.text.push(' ');
        }
        let _ = write!(self.text, "{dx}{}{dy}", if dy < 0 { "" } else { " " });
        (self.verb, self.at) = (verb, to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_in_relative_steps() {
        let mut path = Path::default();
        path.jump(10.2, 20.0);
        path.line(30.0, 5.0);
        path.line(50.0, 9.0);
        path.close(10.2, 20.0);
        path.jump(60.0, 20.0);
        path.dot();
        assert_eq!(path.finish(), "m10 20l20-15 20 4zm50 0h0");
    }

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
