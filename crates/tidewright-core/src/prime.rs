//! Prime time: the hours of the day, in somebody's time zone, when a series carries its weight.

use std::fmt;

use crate::time::{LocalTime, Zone};

/// Days that share a rhythm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DayClass {
    /// Monday to Friday.
    Weekday,
    /// Saturday and Sunday.
    Weekend,
}

/// A part of the day, in local minutes since midnight; it runs across midnight where `end <= start`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PrimeWindow {
    /// The first minute inside, 0..1440.
    pub start: u16,
    /// The first minute after it, 1..=1440.
    pub end: u16,
}

/// The prime windows of each class of day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrimeTime {
    /// Whose wall clock.
    pub zone: Zone,
    /// Windows from Monday to Friday.
    pub weekday: Vec<PrimeWindow>,
    /// Windows on Saturday and Sunday.
    pub weekend: Vec<PrimeWindow>,
}

impl DayClass {
    /// The class of a local moment.
    pub const fn of(local: LocalTime) -> Self {
        if local.is_weekend() { Self::Weekend } else { Self::Weekday }
    }
}

impl PrimeWindow {
    /// The whole day.
    pub const ALL_DAY: Self = Self { start: 0, end: 1440 };

    /// Whether a local minute of the day lies inside.
    pub const fn contains(self, minute: u16) -> bool {
        if self.start < self.end {
            self.start <= minute && minute < self.end
        } else {
            self.start <= minute || minute < self.end
        }
    }

    /// How many minutes it lasts.
    pub const fn minutes(self) -> u16 {
        if self.start < self.end { self.end - self.start } else { 1440 - self.start + self.end }
    }
}

impl fmt::Display for PrimeWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { start, end } = *self;
        write!(f, "{:02}:{:02}-{:02}:{:02}", start / 60, start % 60, end / 60, end % 60)
    }
}

impl PrimeTime {
    /// Every hour of every day.
    pub fn always(zone: Zone) -> Self {
        Self { zone, weekday: vec![PrimeWindow::ALL_DAY], weekend: vec![PrimeWindow::ALL_DAY] }
    }

    /// The windows of a class of day.
    pub fn windows(&self, class: DayClass) -> &[PrimeWindow] {
        match class {
            DayClass::Weekday => &self.weekday,
            DayClass::Weekend => &self.weekend,
        }
    }

    /// Whether a local moment lies inside.
    pub fn contains(&self, local: LocalTime) -> bool {
        self.windows(DayClass::of(local)).iter().any(|window| window.contains(local.minute_of_day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_runs_across_midnight() {
        let night = PrimeWindow { start: 22 * 60, end: 2 * 60 };
        assert!(night.contains(23 * 60) && night.contains(60) && !night.contains(2 * 60));
        assert_eq!((night.minutes(), night.to_string()), (240, "22:00-02:00".to_owned()));
        assert_eq!(PrimeWindow::ALL_DAY.minutes(), 1440);
    }
}
