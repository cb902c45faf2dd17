//! The model by how well it foretells whole seasons, not one step: mean squared errors of one to so many steps.
//!
//! Every model is wrong, and then the likeliest gains, which look one step ahead, follow each wiggle: on hourly series
//! with a daily season they cost half the accuracy a day ahead. Errors over many steps shrink the gains instead
//! (Svetunkov, Kourentzes and Killick 2023, "Multi-step estimators and shrinkage effect in time series models"). First
//! states are taken as they come and given two seasons to settle; what is searched is a grid of gains and dampings,
//! eight of them side by side, then the neighbourhood of the best.

mod lanes;

use std::cmp::Ordering;

use super::fitted::EtsFit;
use super::kind::{Errors, Kind, Season, Trend};
use super::start::Start;
use super::state::{Gains, State};
use crate::origins::Origins;
use lanes::Candidates;

/// `alpha` from one that forgets in a month of hours to one that forgets at once.
const LEVEL_GAINS: [f64; 8] = [0.002, 0.01, 0.03, 0.08, 0.2, 0.4, 0.7, 0.98];
/// `gamma / (1 - alpha)`.
const SEASON_GAINS: [f64; 5] = [0.0, 0.05, 0.15, 0.4, 0.8];
/// `beta / alpha` with `phi`: without a slope, along a line, and ever more damped.
const TRENDS: [(f64, f64); 8] = [
    (0.0, 1.0),
    (0.01, 1.0),
    (0.1, 1.0),
    (0.05, 0.98),
    (0.3, 0.95),
    (0.1, 0.9),
    (0.3, 0.9),
    (0.9, 0.8),
];
/// How far neighbours lie from the best: half way to the grid's next line, then half of that.
const NEIGHBOURS: [f64; 2] = [1.5, 1.2];
const GAIN_MIN: f64 = 1e-3;
const GAIN_MAX: f64 = 0.99;

/// A series to choose for, the largest value about 1, and the seasons that it may have.
#[derive(Clone, Debug)]
pub(super) struct Choice<'a> {
    pub(super) origins: Origins<'a>,
    pub(super) rows: usize,
    pub(super) periods: &'a [usize],
    pub(super) positive: bool,
}

/// Gains in the terms of the grid.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Candidate {
    level: f64,
    season: f64,
    trend: (f64, f64),
}

/// The best of one sort and length of season.
#[derive(Debug)]
struct Best {
    season: Season,
    candidate: Candidate,
    start: State,
    criterion: f64,
}

impl Choice<'_> {
    /// The best model, with the variance that its errors over the steps ahead had; `None` if nothing could be told.
    pub(super) fn best(&self) -> Option<EtsFit> {
        let sorts: &[Season] = if self.positive {
            &[Season::Additive, Season::Multiplicative]
        } else {
            &[Season::Additive]
        };
        let seasons =
            self.periods.iter().flat_map(|period| sorts.iter().map(|sort| (*sort, *period)));
        let bests = [(Season::None, 1)].into_iter().chain(seasons);
        let order =
            |a: &Best, b: &Best| a.criterion.partial_cmp(&b.criterion).unwrap_or(Ordering::Equal);
        let best =
            bests.filter_map(|(season, period)| self.search(season, period)).min_by(order)?;
        Some(self.with_errors(&best))
    }

    fn search(&self, season: Season, period: usize) -> Option<Best> {
        let start = Start::new(self.origins.values(), period, season).state();
        let look = |candidates: [Candidate; 8]| {
            let lanes = Candidates::new(candidates.map(Candidate::gains), &self.origins);
            let losses = lanes.losses(&self.origins, &start, season);
            let judged = candidates.into_iter().zip(losses);
            let judged = judged
                .map(|(candidate, loss)| (candidate, loss + self.price(candidate, period).ln()));
            judged.filter(|(_, criterion)| criterion.is_finite()).reduce(lower)
        };
        let season_gains = if season == Season::None { &SEASON_GAINS[..1] } else { &SEASON_GAINS };
        let lines = season_gains.iter().flat_map(|season| TRENDS.map(|trend| (*season, trend)));
        let grid = lines
            .map(|(season, trend)| LEVEL_GAINS.map(|level| Candidate { level, season, trend }));
        let mut best = grid.filter_map(look).reduce(lower)?;
        for ratio in NEIGHBOURS {
            best = look(best.0.neighbours(ratio)).into_iter().fold(best, lower);
        }
        let (candidate, criterion) = best;
        Some(Best { season, candidate, start, criterion })
    }

    /// By how much Akaike's final prediction error (1969) exceeds the error within the past: each index is learned from
    /// single values, each gain from errors that last as long as one looks ahead. Infinite for too many of them.
    fn price(&self, candidate: Candidate, period: usize) -> f64 {
        let gains = match candidate.kind_of_trend() {
            Trend::None => 0,
            Trend::Additive => 1,
            Trend::Damped => 2,
        };
        let alike = self.origins.alike();
        let season = if period > 1 { period + alike } else { 0 };
        let (n, k) = (self.rows as f64, (season + gains * alike) as f64);
        if k < n { (n + k) / (n - k) } else { f64::INFINITY }
    }

    /// Errors that are added, or shares, whichever is likelier; a season that multiplies has shares.
    fn with_errors(&self, best: &Best) -> EtsFit {
        let price = self.price(best.candidate, best.start.seasons.len());
        let fitted = |errors| {
            let kind = Kind { errors, trend: best.candidate.kind_of_trend(), season: best.season };
            let fit = EtsFit::new(kind, best.candidate.gains(), best.start.clone());
            fit.followed(&self.origins, price)
        };
        let (added, shares) = (fitted(Errors::Additive), fitted(Errors::Multiplicative));
        let multiplied = best.season == Season::Multiplicative;
        let (fit, _) =
            if multiplied || self.positive && shares.1 < added.1 { shares } else { added };
        fit.judged_by(best.criterion)
    }
}

fn lower(a: (Candidate, f64), b: (Candidate, f64)) -> (Candidate, f64) {
    if b.1 < a.1 { b } else { a }
}

impl Candidate {
    fn gains(self) -> Gains {
        let (ratio, damping) = self.trend;
        let (slope, season) = (self.level * ratio, self.season * (1.0 - self.level));
        Gains { level: self.level, slope, season, damping }
    }

    fn kind_of_trend(self) -> Trend {
        match self.trend {
            (0.0, _) => Trend::None,
            (_, 1.0) => Trend::Additive,
            _ => Trend::Damped,
        }
    }

    /// All eight around it, `ratio` away in each direction.
    fn neighbours(self, ratio: f64) -> [Self; 8] {
        let places = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)];
        let moved = |gain: f64, by: i32| {
            if gain > 0.0 { (gain * ratio.powi(by)).clamp(GAIN_MIN, GAIN_MAX) } else { 0.0 }
        };
        places.map(|(level, season)| Self {
            level: moved(self.level, level),
            season: moved(self.season, season),
            ..self
        })
    }
}
