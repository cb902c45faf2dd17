//! SVG paths of as few bytes as show no difference: whole units, relative steps.

use std::fmt::Write as _;

/// A path that is written point by point, in relative steps.
#[derive(Default)]
pub(crate) struct Path {
    text: String,
    at: (i64, i64),
    verb: char,
}

impl Path {
    /// Goes to a point without drawing.
    pub(crate) fn jump(&mut self, x: f64, y: f64) {
        self.step('m', x, y);
    }

    /// Draws a line to a point.
    pub(crate) fn line(&mut self, x: f64, y: f64) {
        self.step('l', x, y);
    }

    /// Draws a dot where the pen is, as large as the line is thick.
    pub(crate) fn dot(&mut self) {
        self.text.push_str("h0");
        self.verb = 'h';
    }

    /// Goes to the top left corner of a bar from `left` to `right` and draws it over the plot's `height`.
    pub(crate) fn bar(&mut self, left: f64, right: f64, height: f64) {
        let (left, right) = (left.round() as i64, right.round() as i64);
        if right > left {
            let _ = write!(self.text, "M{left} 0H{right}V{height}H{left}z");
        }
    }

    /// Goes to a point and draws a line to the right.
    pub(crate) fn dash(&mut self, left: f64, right: f64, y: f64) {
        let _ = write!(self.text, "M{} {}H{}", left.round(), y.round(), right.round());
    }

    /// Closes the shape.
    pub(crate) fn close(&mut self, x: f64, y: f64) {
        self.text.push('z');
        self.verb = 'z';
        self.at = (x.round() as i64, y.round() as i64);
    }

    /// Goes through all points.
    pub(crate) fn polyline(&mut self, mut points: impl Iterator<Item = (f64, f64)>) {
        if let Some((x, y)) = points.next() {
            self.jump(x, y);
            points.for_each(|(x, y)| self.line(x, y));
        }
    }

    /// Goes through all points and back to the first.
    pub(crate) fn outline(&mut self, mut points: impl Iterator<Item = (f64, f64)>) {
        let Some((x, y)) = points.next() else { return };
        self.jump(x, y);
        points.for_each(|(x, y)| self.line(x, y));
        self.close(x, y);
    }

    /// The finished text.
    pub(crate) fn finish(self) -> String {
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
}
