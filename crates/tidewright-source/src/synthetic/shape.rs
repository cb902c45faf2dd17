//! The rhythm of a day and of a week, as a factor per minute with mean about 1.
//!
//! A day is a sum of smooth hills over a floor; a weekend has lower and later ones. Hills are made of polynomials,
//! since sines differ in their last digit between platforms.

use super::chance::Chance;

pub(super) const DAY: i64 = 1_440;

/// A hill: where its top is (minute of the day), how wide its foot is on each side, how high it is.
type Hill = (f64, f64, f64);

const WEEKDAY: [Hill; 3] = [(570.0, 330.0, 0.8), (840.0, 420.0, 1.0), (1230.0, 240.0, 0.75)];
const WEEKEND: [Hill; 3] = [(690.0, 330.0, 0.55), (900.0, 420.0, 0.7), (1290.0, 300.0, 0.8)];

/// What is left at night.
const FLOOR: f64 = 0.25;

/// The factors of both kinds of day, minute by minute.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    weekday: Vec<f64>,
    weekend: Vec<f64>,
}

impl Shape {
    /// A rhythm whose hills are moved and scaled a little, so that no two series are alike.
    pub(super) fn new(chance: Chance) -> Self {
        let moved = |(i, (top, width, height)): (usize, Hill)| {
            let i = i as i64;
            let shift = 90.0 * (chance.uniform(2 * i) - 0.5);
            (top + shift, width, height * (0.8 + 0.4 * chance.uniform(2 * i + 1)))
        };
        let day = |hills: [Hill; 3]| {
            let mut numbers = hills.into_iter().enumerate();
            let hills = [(); 3].map(|()| numbers.next().map_or((0.0, 1.0, 0.0), moved));
            (0..DAY).map(|minute| height(&hills, minute as f64)).collect()
        };
        Self { weekday: day(WEEKDAY), weekend: day(WEEKEND) }
    }

    /// The factor of a minute since the epoch.
    pub(super) fn at(&self, minute: i64) -> f64 {
        let of_day = minute.rem_euclid(DAY) as usize;
        // The epoch was a Thursday, three days after a Monday.
        let weekday = (minute.div_euclid(DAY) + 3).rem_euclid(7);
        if weekday >= 5 { self.weekend[of_day] } else { self.weekday[of_day] }
    }
}

fn height(hills: &[Hill; 3], minute: f64) -> f64 {
    hills.iter().fold(FLOOR, |sum, &(top, width, height)| {
        let away = (minute - top).abs();
        let away = away.min(DAY as f64 - away);
        sum + height * smooth(1.0 - away / width)
    })
}

/// From 0 at 0 to 1 at 1 without an edge.
fn smooth(x: f64) -> f64 {
    let x = x.clamp(0.0, 1.0);
    x * x * (3.0 - 2.0 * x)
}
