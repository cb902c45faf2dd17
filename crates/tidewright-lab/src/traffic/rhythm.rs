//! The course of a day, as shares of its height.

use serde::Deserialize;

/// The course of a day by the wall clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rhythm {
    /// People at work: high from nine to five, with a dip at lunch.
    #[default]
    Day,
    /// People at home: the height is at nine in the evening.
    Evening,
    /// Two short heights, before and after school or work.
    Commute,
    /// Batches: one to five in the night, little else.
    Night,
    /// Machines: always the same.
    Flat,
}

impl Rhythm {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Day, Self::Evening, Self::Commute, Self::Night, Self::Flat];

    /// The share of the height at a local minute of the day.
    pub(super) fn at(self, minute: u16) -> f64 {
        let hours = self.percent_by_hour();
        let hour = usize::from(minute) / 60;
        let part = f64::from(minute % 60) / 60.0;
        // A cosine from hour to hour: no corners, and never above the height.
        let weight = 0.5 - 0.5 * (part * std::f64::consts::PI).cos();
        let (this, next) = (hours[hour % 24], hours[(hour + 1) % 24]);
        (f64::from(this) * (1.0 - weight) + f64::from(next) * weight) / 100.0
    }

    const fn percent_by_hour(self) -> [u8; 24] {
        match self {
            Self::Day => [
                9, 8, 7, 7, 8, 12, 22, 45, 78, 96, 100, 97, 84, 90, 98, 97, 90, 72, 50, 38, 30, 23,
                16, 12,
            ],
            Self::Evening => [
                46, 30, 20, 15, 13, 14, 18, 26, 33, 38, 42, 46, 50, 51, 52, 55, 61, 70, 82, 93, 99,
                100, 90, 68,
            ],
            Self::Commute => [
                6, 4, 4, 5, 10, 32, 74, 100, 82, 48, 36, 34, 37, 38, 44, 62, 88, 98, 76, 46, 31,
                23, 15, 9,
            ],
            Self::Night => {
                [40, 90, 100, 98, 85, 50, 20, 10, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 9, 10, 12, 20]
            }
            Self::Flat => [100; 24],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_reaches_its_height_and_no_more() {
        for rhythm in Rhythm::ALL {
            let day = (0..1440).map(|minute| rhythm.at(minute));
            assert_eq!(day.fold(0.0, f64::max), 1.0, "{rhythm:?}");
        }
    }
}
