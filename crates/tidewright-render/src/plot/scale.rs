//! Where a moment and a number stand in a panel that is stretched: 10,000 units wide, 1,000 high.

use tidewright_core::{TimeSpan, Timestamp};

/// Units across.
pub(super) const WIDTH: f64 = 10_000.0;

/// Units down.
pub(super) const HEIGHT: f64 = 1_000.0;

/// Points beyond this many of a panel are drawn as the least and the largest of each of as many columns: no screen has
/// more.
const COLUMNS_MAX: usize = 1_000;

/// From moments and numbers to units.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    pub(super) span: TimeSpan,
    pub(super) low: f64,
    pub(super) high: f64,
}

/// The least and the largest number of a column of the panel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Column {
    pub(super) x: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Scale {
    /// A scale that holds all `values` with some air around them.
    pub(super) fn new(span: TimeSpan, values: impl Iterator<Item = f64>) -> Self {
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        let (low, high) = if low <= high { (low, high) } else { (0.0, 1.0) };
        let spread = if high > low { high - low } else { high.abs().max(1.0) };
        Self { span, low: low - 0.04 * spread, high: high + 0.04 * spread }
    }

    pub(super) fn x(&self, at: Timestamp) -> f64 {
        let offset = (at.as_millis() - self.span.start.as_millis()) as f64;
        WIDTH * offset / self.span.millis().max(1) as f64
    }

    /// A number far outside lands just outside: the panel cuts it off, and no digits are wasted.
    pub(super) fn y(&self, value: f64) -> f64 {
        let y = HEIGHT * (self.high - value) / (self.high - self.low);
        y.clamp(-HEIGHT, 2.0 * HEIGHT)
    }

    pub(super) fn point(&self, at: Timestamp, value: f64) -> (f64, f64) {
        (self.x(at), self.y(value))
    }
}

/// Points in ascending order of `x`, in columns of the panel.
pub(super) fn columns(points: impl Iterator<Item = (f64, f64)>) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    let width = WIDTH / COLUMNS_MAX as f64;
    for (x, y) in points {
        let middle = ((x / width).floor() + 0.5) * width;
        match columns.last_mut() {
            Some(last) if last.x == middle => {
                last.low = last.low.min(y);
                last.high = last.high.max(y);
            }
            _ => columns.push(Column { x: middle, low: y, high: y }),
        }
    }
    columns
}

/// The points of a line, at most two for each column.
pub(super) fn thinned(points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    if points.len() <= 2 * COLUMNS_MAX {
        return points;
    }
    let both = |column: Column| [(column.x, column.low), (column.x, column.high)];
    columns(points.into_iter()).into_iter().flat_map(both).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_values_lie_inside_with_some_air() {
        let span = TimeSpan { start: Timestamp::from_secs(0), end: Timestamp::from_secs(100) };
        let scale = Scale::new(span, [5.0, 15.0].into_iter());
        assert_eq!(scale.x(Timestamp::from_secs(50)), 5_000.0);
        assert!(scale.y(15.0) > 0.0 && scale.y(5.0) < HEIGHT);
        assert_eq!(scale.y(1e300), -HEIGHT);
        let level = Scale::new(span, [0.0].into_iter());
        assert_eq!(level.y(0.0), HEIGHT / 2.0);
    }

    #[test]
    fn a_crowd_keeps_its_extremes() {
        let points: Vec<(f64, f64)> = (0..100_000)
            .map(|i| (f64::from(i) / 10.0, if i == 77_777 { 99.0 } else { f64::from(i % 7) }))
            .collect();
        let thin = thinned(points);
        assert!(thin.len() <= 2 * COLUMNS_MAX);
        assert!(thin.iter().any(|(_, y)| *y == 99.0) && thin.iter().any(|(_, y)| *y == 0.0));
    }
}
