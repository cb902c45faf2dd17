//! Where the search for a model begins: a season by moving averages, a line through the first values without it.
//!
//! As in R's `ets` and statsforecast but for what only a slow search needs. The first states only have to be sound, since
//! the search finds their best values at every turn; the gains are tried low and high, where likelihoods have their
//! usual tops: states that hardly move, and a level that follows each value.

use super::kind::{Kind, Season, Trend};
use super::pass::{
    DAMPING, LEVEL, LEVEL_GAIN, Point, SEASON_GAIN, SEASONS, SLOPE, SLOPE_GAIN, SLOTS,
};
use super::state::State;
use crate::classical::{self, Joined};

/// Fewer values than this say too little about the first level, as in R.
const VALUES_MIN: usize = 10;
/// A multiplied season starts no lower than this, as in statsforecast.
const INDEX_MIN: f64 = 0.01;
/// `alpha` and `gamma / (1 - alpha)` at first.
const GAINS: [(f64, f64); 3] = [(1e-4, 1e-4), (0.1, 0.1), (0.6, 0.1)];
/// `beta / alpha` and `phi` at first.
const SLOPE_GAIN_START: f64 = 0.05;
const DAMPING_START: f64 = 0.95;

/// The first states of every model with one sort of season.
pub(super) struct Start {
    indices: Vec<f64>,
    mean: f64,
    /// Level and slope of a line.
    line: [f64; 2],
}

impl Start {
    pub(super) fn new(values: &[f64], period: usize, season: Season) -> Self {
        let indices = match season {
            Season::None => vec![0.0],
            Season::Additive => classical::indices(values, period, Joined::Added),
            Season::Multiplicative => classical::indices(values, period, Joined::Multiplied)
                .into_iter()
                .map(|index| index.max(INDEX_MIN))
                .collect(),
        };
        let joined =
            if season == Season::Multiplicative { Joined::Multiplied } else { Joined::Added };
        let many = VALUES_MIN.max(2 * period);
        let first = values.iter().enumerate().filter(|(_, value)| !value.is_nan()).take(many);
        let plain =
            first.map(|(i, value)| (i as f64 + 1.0, joined.strip(*value, indices[i % period])));
        let (mean, line) = line_through(plain);
        Self { indices, mean, line }
    }

    /// The level without a slope, and the season.
    pub(super) fn state(self) -> State {
        State { level: self.mean, slope: 0.0, seasons: self.indices }
    }

    /// Points from which to search for a model without a better one to go on from.
    pub(super) fn points(&self, kind: Kind) -> impl Iterator<Item = Point> {
        GAINS.into_iter().map(move |gains| self.point(kind, gains))
    }

    fn point(&self, kind: Kind, (level, season): (f64, f64)) -> Point {
        let mut point = [0.0; SLOTS];
        point[LEVEL_GAIN] = level;
        point[LEVEL] = self.mean;
        point[DAMPING] = 1.0;
        if kind.season != Season::None {
            point[SEASON_GAIN] = season;
        }
        point[SEASONS..SEASONS + self.indices.len()].copy_from_slice(&self.indices);
        if kind.trend != Trend::None {
            point = with_trend(point, kind.trend);
            [point[LEVEL], point[SLOPE]] = self.line;
        }
        point
    }
}

/// A point of the model with one trend less, with a trend that does next to nothing yet.
pub(super) fn with_trend(mut point: Point, trend: Trend) -> Point {
    if point[SLOPE_GAIN] == 0.0 {
        point[SLOPE_GAIN] = SLOPE_GAIN_START;
    }
    if trend == Trend::Damped {
        point[DAMPING] = DAMPING_START;
    }
    point
}

/// The mean of all, and the least squares' line by its value at 0 and its slope.
fn line_through(points: impl Iterator<Item = (f64, f64)> + Clone) -> (f64, [f64; 2]) {
    let count = points.clone().count().max(1) as f64;
    let (times, values) = points.clone().fold((0.0, 0.0), |(t, y), p| (t + p.0, y + p.1));
    let (time, mean) = (times / count, values / count);
    let spread: f64 = points.clone().map(|(t, _)| (t - time).powi(2)).sum();
    let common: f64 = points.map(|(t, y)| (t - time) * (y - mean)).sum();
    let slope = if spread > 0.0 { common / spread } else { 0.0 };
    (mean, [mean - slope * time, slope])
}
