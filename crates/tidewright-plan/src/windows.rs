//! The limiter's windows with the local time of each: computed once, shared by all series on one grid.

use std::ops::Range;

use tidewright_core::{Grid, LocalTime, TimeSpan, Timestamp, Zone};

/// A grid of windows and what a wall clock shows at the start of each.
// Invariant: as many local times as the grid has windows.
#[derive(Clone, Debug)]
pub struct Windows {
    grid: Grid,
    zone: Zone,
    local: Vec<LocalTime>,
}

impl Windows {
    /// The windows of `grid` as people in `zone` see them.
    pub fn new(grid: Grid, zone: &Zone) -> Self {
        let local = (0..grid.len()).map(|index| zone.local(grid.timestamp(index))).collect();
        Self { grid, zone: zone.clone(), local }
    }

    /// The grid.
    pub const fn grid(&self) -> &Grid {
        &self.grid
    }

    /// Whose wall clock.
    pub const fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The local time at the start of each window.
    pub fn local(&self) -> &[LocalTime] {
        &self.local
    }

    /// The windows that start inside `span`.
    pub fn range(&self, span: TimeSpan) -> Range<usize> {
        let start = self.first_from(span.start);
        start..self.first_from(span.end).max(start)
    }

    /// The first window that starts at or after `moment`; the number of windows if there is none.
    pub(crate) fn first_from(&self, moment: Timestamp) -> usize {
        let offset = moment.as_millis() - self.grid.start().as_millis();
        let index = (offset + self.grid.step_ms() - 1).div_euclid(self.grid.step_ms());
        usize::try_from(index).unwrap_or(0).min(self.grid.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_takes_the_windows_that_start_in_it() {
        let grid = Grid::new(Timestamp::from_secs(0), 60_000, 10).unwrap();
        let windows = Windows::new(grid, &Zone::utc());
        let span = |start, end| TimeSpan {
            start: Timestamp::from_secs(start),
            end: Timestamp::from_secs(end),
        };
        assert_eq!(windows.range(span(60, 180)), 1..3);
        assert_eq!(windows.range(span(61, 181)), 2..4);
        assert_eq!(windows.range(span(-500, 9_000)), 0..10);
        assert_eq!(windows.range(span(9_000, 60)), 10..10);
    }
}
