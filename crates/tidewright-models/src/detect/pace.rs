//! How far rows stand apart, so that spans can be said in hours.

/// What is taken for the distance of rows before there are two, in seconds.
const STEP_S: f64 = 300.0;
/// By so much the distance follows each row: it tends to the median, and an outage moves it no more than one late row.
const FOLLOWS: f64 = 1.02;
/// Fewer rows make no mean, however far apart they stand.
const ROWS_MIN: f64 = 4.0;
/// Seconds of an hour.
const HOUR_S: f64 = 3600.0;

/// The usual distance of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Pace {
    /// In seconds; 0 before there are two rows.
    pub(super) step_s: f64,
}

impl Pace {
    /// Takes in that the next row stands so many seconds from the last.
    pub(super) fn follow(&mut self, apart_s: f64) {
        self.step_s = match self.step_s {
            0.0 => apart_s,
            step if apart_s > step * FOLLOWS => step * FOLLOWS,
            step if apart_s < step / FOLLOWS => step / FOLLOWS,
            step => step,
        };
    }

    /// Rows of so many hours.
    pub(super) fn rows(self, hours: f64) -> f64 {
        let step = if self.step_s > 0.0 { self.step_s } else { STEP_S };
        hours * HOUR_S / step
    }

    /// Rows that a mean over so many hours is taken of.
    pub(super) fn span(self, hours: f64) -> f64 {
        self.rows(hours).max(ROWS_MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_no_new_pace() {
        let mut pace = Pace::default();
        (0..100).for_each(|_| pace.follow(60.0));
        pace.follow(86_400.0);
        assert!((pace.rows(1.0) - 60.0).abs() < 2.0);
        (0..400).for_each(|_| pace.follow(15.0));
        assert!((pace.rows(1.0) - 240.0).abs() < 8.0);
    }
}
