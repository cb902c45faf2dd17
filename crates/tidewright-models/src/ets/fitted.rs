//! A fitted smoother: what it expects next, how sure it is, and how it goes on.
//!
//! A gap is a step without a correction; how many of them count still is a number of its own (`blind`), which each
//! observed step shrinks as it shrinks the level's error, `(1 - alpha)^2`: exact without slope and season, and with them
//! close, since the level is what errs most.

use super::kind::{Errors, Kind, Season, Trend};
use super::state::{Gains, State};
use super::variance::{BLIND_MAX, Spread};
use crate::origins::Origins;
use crate::steps::{StepFitted, StepForecast};

/// Numbers before the season's indices in what is saved.
const HEAD: usize = 11;

/// A model of exponential smoothing, fitted to one series.
// Invariant: all numbers are finite; gains lie within 0..=1; variance and blind steps are not negative; there are
// as many indices as the period has steps, one without a season.
#[derive(Clone, Debug, PartialEq)]
pub struct EtsFit {
    kind: Kind,
    gains: Gains,
    state: State,
    variance: f64,
    blind: f64,
    criterion: f64,
}

impl EtsFit {
    /// A model that has not seen a value yet.
    pub(super) fn new(kind: Kind, gains: Gains, state: State) -> Self {
        Self { kind, gains, state, variance: 0.0, blind: 0.0, criterion: 0.0 }
    }

    /// Follows all values, and takes the variance from its errors at each step, as R does.
    pub(super) fn following(mut self, values: &[f64]) -> Self {
        let (mut squares, mut count) = (0.0, 0.0);
        for value in values {
            if let Some((error, _)) = self.advance(*value) {
                squares += error * error;
                count += 1.0;
            }
        }
        let spare = count - self.kind.parameters(self.period()) as f64;
        self.variance = squares / spare.max(1.0);
        self
    }

    /// Follows all values, and takes the variance from its errors over the steps ahead, as the model lets them grow, times
    /// what such errors cost beyond the past (`price`); with it `-2 ln L` of the steps one by one.
    pub(super) fn followed(mut self, origins: &Origins<'_>, price: f64) -> (Self, f64) {
        let (mut squares, mut logarithms, mut count) = (0.0, 0.0, 0.0);
        let (mut misses, mut widths) = (0.0, 0.0);
        for (at, value) in origins.values().iter().enumerate() {
            self.variance = squares / f64::max(count, 1.0);
            let (missed, expected) = origins.judge(&self, at);
            misses += missed;
            widths += expected;
            if let Some((error, expected)) = self.advance(*value) {
                squares += error * error;
                logarithms += expected.abs().max(f64::MIN_POSITIVE).ln();
                count += 1.0;
            }
        }
        let factors = if self.kind.errors == Errors::Multiplicative { logarithms } else { 0.0 };
        let loss = count * squares.max(f64::MIN_POSITIVE).ln() + 2.0 * factors;
        let growth: f64 = misses / widths;
        let growth = if growth.is_finite() { growth } else { 1.0 };
        self.variance = price * growth * squares / f64::max(count, 1.0);
        (self, loss)
    }

    /// The same model, with what it was chosen by.
    pub(super) fn judged_by(mut self, criterion: f64) -> Self {
        self.criterion = criterion;
        self
    }

    /// Returns to the unit of the values.
    pub(super) fn scaled(mut self, unit: f64) -> Self {
        self.state.level *= unit;
        self.state.slope *= unit;
        if self.kind.season == Season::Additive {
            self.state.seasons.iter_mut().for_each(|index| *index *= unit);
        }
        if self.kind.errors == Errors::Additive {
            self.variance *= unit * unit;
        }
        self
    }

    /// One step on; if there was a value, the error as the model counts it and what was expected.
    fn advance(&mut self, value: f64) -> Option<(f64, f64)> {
        let (_, expected) = self.state.expected(self.kind.season, self.gains.damping);
        let miss = if value.is_finite() { value - expected } else { 0.0 };
        let mut next = self.state.clone();
        next.step(self.kind.season, self.gains, miss);
        if !next.is_finite() || !value.is_finite() {
            self.state.step(self.kind.season, self.gains, 0.0);
            self.blind = (self.blind + 1.0).min(BLIND_MAX);
            return None;
        }
        self.state = next;
        self.blind *= (1.0 - self.gains.level).powi(2);
        match self.kind.errors {
            Errors::Additive => Some((miss, expected)),
            Errors::Multiplicative => Some((miss / expected, expected)),
        }
    }

    /// Which of the fifteen models this is.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// How much of an error each part takes in.
    pub const fn gains(&self) -> Gains {
        self.gains
    }

    /// What it was chosen by, the lower the better: of likely models Akaike's corrected criterion without the normal law's
    /// constant, as in R; of those that look ahead the logarithm of his final prediction error, of values up to 1 or 2.
    pub const fn criterion(&self) -> f64 {
        self.criterion
    }

    fn period(&self) -> usize {
        self.state.seasons.len()
    }

    /// What is expected of each step before a season that multiplies, and the season's index there.
    fn path(&self, steps: usize) -> (Vec<f64>, Vec<f64>) {
        let (mut level, mut slope) = (self.state.level, self.state.slope);
        let (mut levels, mut indices) = (Vec::with_capacity(steps), Vec::with_capacity(steps));
        for h in 0..steps {
            slope *= self.gains.damping;
            level += slope;
            let index = self.state.seasons[h % self.state.seasons.len()];
            let (plain, index) = match self.kind.season {
                Season::None => (level, 1.0),
                Season::Additive => (level + index, 1.0),
                Season::Multiplicative => (level, index),
            };
            levels.push(plain);
            indices.push(index);
        }
        (levels, indices)
    }

    /// The fitted model of these numbers, if a fit can have told them.
    pub(super) fn restore(numbers: &[f64]) -> Option<Self> {
        let (head, seasons) = numbers.split_at_checked(HEAD)?;
        let &[
            code,
            level_gain,
            slope_gain,
            season_gain,
            damping,
            variance,
            blind,
            criterion,
            period,
            level,
            slope,
        ] = head
        else {
            return None;
        };
        let kind =
            (code.fract() == 0.0 && code >= 0.0).then(|| Kind::from_code(code as usize))??;
        let gains = Gains { level: level_gain, slope: slope_gain, season: season_gain, damping };
        let sound = numbers.iter().all(|number| number.is_finite())
            && [level_gain, slope_gain, season_gain, damping]
                .iter()
                .all(|gain| (0.0..=1.0).contains(gain))
            && variance >= 0.0
            && (0.0..=BLIND_MAX).contains(&blind)
            && (kind.trend != Trend::None || slope == 0.0)
            && period == seasons.len() as f64
            && !seasons.is_empty()
            && (kind.season == Season::None) == (seasons.len() == 1);
        let state = State { level, slope, seasons: seasons.to_vec() };
        sound.then_some(Self { kind, gains, state, variance, blind, criterion })
    }
}

impl StepFitted for EtsFit {
    fn predict(&self, steps: usize) -> StepForecast {
        let (levels, indices) = self.path(steps);
        let spread = Spread {
            kind: self.kind,
            gains: self.gains,
            period: self.state.seasons.len(),
            variance: self.variance,
            blind: self.blind,
            levels: &levels,
        };
        let width = |(variance, index): (f64, &f64)| {
            (variance.max(0.0).sqrt() * index.abs()).min(f64::MAX.sqrt())
        };
        let deviation = spread.variances().into_iter().zip(&indices).map(width).collect();
        let point = levels.iter().zip(&indices).map(|(level, index)| level * index).collect();
        StepForecast { point, deviation }
    }

    fn update(&mut self, value: Option<f64>) {
        self.advance(value.unwrap_or(f64::NAN));
    }

    fn numbers(&self) -> Vec<f64> {
        let Gains { level, slope, season, damping } = self.gains;
        let mut out = vec![self.kind.code() as f64, level, slope, season, damping];
        out.extend([self.variance, self.blind, self.criterion]);
        out.extend([self.state.seasons.len() as f64, self.state.level, self.state.slope]);
        out.extend(&self.state.seasons);
        out
    }

    fn describe(&self) -> String {
        let period = self.state.seasons.len();
        let season = if period > 1 { format!("[{period}]") } else { String::new() };
        format!("{}{season}", self.kind)
    }
}
