//! Fourier terms of a series' seasons: waves at their frequencies, each frequency once.
//!
//! Time is counted in steps from the first value, and angles in whole steps of a season, so that they stay exact however
//! long a series goes on. A wave at half the sampling rate, which has no sine, is left to the errors' own model.

use std::f64::consts::TAU;

/// Harmonics of the shortest season.
const DAY_MAX: usize = 10;
/// Harmonics of each longer one: the shorter ones hold most of its shape.
const WEEK_MAX: usize = 5;
/// Observed values that a wave needs.
const VALUES_PER_WAVE: usize = 12;
/// A season counts from its second cycle on.
const CYCLES_MIN: usize = 2;

/// A frequency: so many cycles in so many steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wave {
    pub(super) season: usize,
    pub(super) harmonic: usize,
}

impl Wave {
    /// Cosine and sine at a step.
    pub(super) fn at(self, step: f64) -> [f64; 2] {
        let season = self.season as f64;
        let place = (step.rem_euclid(season) * self.harmonic as f64).rem_euclid(season);
        let (sine, cosine) = (TAU * place / season).sin_cos();
        [cosine, sine]
    }

    fn is_same(self, other: Self) -> bool {
        self.harmonic * other.season == other.harmonic * self.season
    }

    /// The wave that these numbers stand for.
    pub(super) fn from_numbers(season: f64, harmonic: f64) -> Option<Self> {
        // Far above any season; a whole number below it is exact.
        let whole = |x: f64| ((1.0..1e9).contains(&x) && x.fract() == 0.0).then_some(x as usize);
        let made = Self { season: whole(season)?, harmonic: whole(harmonic)? };
        (2 * made.harmonic < made.season).then_some(made)
    }
}

/// The waves that a series of this length can tell apart.
pub(super) fn candidates(seasons: &[usize], len: usize, observed: usize) -> Vec<Wave> {
    let mut waves: Vec<Wave> = Vec::new();
    let long_enough = seasons.iter().filter(|season| CYCLES_MIN * **season <= len);
    for (rank, &season) in long_enough.enumerate() {
        let most = if rank == 0 { DAY_MAX } else { WEEK_MAX };
        for harmonic in (1..=most).take_while(|harmonic| 2 * harmonic < season) {
            let wave = Wave { season, harmonic };
            if !waves.iter().any(|other| other.is_same(wave)) {
                waves.push(wave);
            }
        }
    }
    waves.truncate(observed / VALUES_PER_WAVE);
    waves
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_frequency_comes_once() {
        let waves = candidates(&[24, 48], 200, 200);
        let weeks: Vec<usize> =
            waves.iter().filter(|wave| wave.season == 48).map(|wave| wave.harmonic).collect();
        assert_eq!(weeks, [1, 3, 5]);
        assert_eq!(waves.len(), 13);
    }

    #[test]
    fn a_season_that_came_once_has_no_waves() {
        assert!(candidates(&[24], 47, 47).is_empty());
        assert_eq!(candidates(&[4], 47, 47).len(), 1);
    }

    #[test]
    fn angles_stay_exact_for_ever() {
        let wave = Wave { season: 168, harmonic: 5 };
        assert_eq!(wave.at(11.0), wave.at(11.0 + 168.0 * 1e9));
    }
}
