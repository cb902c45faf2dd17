//! What a smoother knows at one moment, and the one step of its recursions.
//!
//! The error-correction form of Hyndman et al. (2008), table 2.2 and 2.3: `f = l + phi b + s` or `(l + phi b) s`, and each
//! part moves by its gain times the error in the part's own unit. Written with the plain error `y - f`, added and
//! multiplied errors move the states alike; only their weights in the likelihood differ. At a gap nothing is corrected.

use super::kind::Season;

/// How much of an error each part takes in, and how fast the trend levels off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gains {
    /// The level's share, `alpha`.
    pub level: f64,
    /// The slope's share, `beta`; 0 without a trend.
    pub slope: f64,
    /// The season's share, `gamma`; 0 without a season.
    pub season: f64,
    /// What is left of the slope from step to step, `phi`; 1 where nothing is damped.
    pub damping: f64,
}

/// Level, slope and season after the last step.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct State {
    pub(super) level: f64,
    pub(super) slope: f64,
    /// One index per phase, the next step's first; one neutral index without a season.
    pub(super) seasons: Vec<f64>,
}

impl State {
    /// What is expected of the next step: without its season, and with it.
    pub(super) fn expected(&self, season: Season, damping: f64) -> (f64, f64) {
        let carried = self.level + damping * self.slope;
        match season {
            Season::None => (carried, carried),
            Season::Additive => (carried, carried + self.seasons[0]),
            Season::Multiplicative => (carried, carried * self.seasons[0]),
        }
    }

    /// Goes one step on by what was missed, a number or 0 at a gap.
    pub(super) fn step(&mut self, season: Season, gains: Gains, miss: f64) {
        let (carried, _) = self.expected(season, gains.damping);
        let index = self.seasons[0];
        let (of_level, of_season) = match season {
            Season::Multiplicative => (share(miss, index), share(miss, carried)),
            _ => (miss, miss),
        };
        self.level = carried + gains.level * of_level;
        self.slope = gains.damping * self.slope + gains.slope * of_level;
        self.seasons[0] = index + gains.season * of_season;
        self.seasons.rotate_left(1);
    }

    /// Whether every part is a number still.
    pub(super) fn is_finite(&self) -> bool {
        self.level.is_finite()
            && self.slope.is_finite()
            && self.seasons.iter().all(|index| index.is_finite())
    }
}

/// A quotient, or nothing where a level has sunk to 0 and below, where shares mean nothing.
fn share(miss: f64, of: f64) -> f64 {
    if of > 0.0 && (miss / of).is_finite() { miss / of } else { 0.0 }
}
