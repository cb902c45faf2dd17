//! Bands of a forecast, by the law of what may come instead of by simulating it.
//!
//! Prophet simulates: bends come at the rate of the old ones and are as large, values scatter around the trend. The law
//! of that is known, and apart from its width it depends on two numbers only: how many bends are expected until then, and
//! which share of the deviation is noise. A [`Band`] tabulates it for one width, and looking it up costs nanoseconds.
//! Where the history goes on, the band is that of the noise. Not here: parameters' own uncertainty, which Prophet's
//! maximum a posteriori does not have either.

mod law;
mod scores;

use std::array;

use tidewright_core::{Quantile, QuantileError};
use tidewright_numerics::normal_quantile;

use scores::{Row, SHARES, Scores};

/// Rows per doubling of the expected bends.
const ROWS_PER_OCTAVE: i32 = 6;
/// Octaves of the table below and, at least, above the number of bends at which the trend's band opens.
const OCTAVES_BELOW: i32 = 4;
/// Expected bends at which the table ends; the law is nearly normal there.
const BENDS_MAX: f64 = 256.0;

/// The law of futures at one width.
///
/// Making one costs a few milliseconds, so a caller keeps it for all its series.
#[derive(Clone, Debug)]
pub struct Band {
    width: f64,
    /// The normal law's score: half the width of the band in deviations where all is noise.
    normal: f64,
    /// Expected bends of the first row.
    least: f64,
    /// Scores by noise's share of the deviation; rows ascend by expected bends, evenly in their logarithm.
    rows: Vec<Row>,
}

impl Band {
    /// The law of bands that hold `interval_width` of all futures.
    ///
    /// # Errors
    /// [`QuantileError::Outside`] unless the width lies between 0 and 1.
    pub fn new(interval_width: f64) -> Result<Self, QuantileError> {
        let width = Quantile::new(interval_width)?.get();
        let normal = normal_quantile(0.5 + 0.5 * width);
        // Until a bend is as likely as that, the middle of all trends is the one without: the band opens here, with a
        // sharp edge, which must be a row.
        let opens = -width.ln();
        let least = opens * f64::from(-OCTAVES_BELOW).exp2();
        let count = (f64::from(ROWS_PER_OCTAVE) * (BENDS_MAX / least).log2()).ceil() as i32;
        let bends = (0..=count.max(4)).map(|row| least * octaves(row).exp2());
        let mut scores = Scores::new(width, normal);
        Ok(Self { width, normal, least, rows: bends.map(|bends| scores.row(bends)).collect() })
    }

    /// The share of futures that it holds.
    pub const fn interval_width(&self) -> f64 {
        self.width
    }

    /// Half the width in deviations, where all is noise.
    pub const fn normal(&self) -> f64 {
        self.normal
    }

    /// Half the width of the band in deviations of the future, where so many `bends` are expected and noise makes up
    /// this share of the deviation (0 to 1; its square is its share of the variance).
    pub fn score(&self, bends: f64, noise_share: f64) -> f64 {
        self.at(bends).score(noise_share)
    }

    /// The scores where so many bends are expected.
    pub(crate) fn at(&self, bends: f64) -> Scored {
        let last = self.rows.len() - 1;
        let row = f64::from(ROWS_PER_OCTAVE) * (bends / self.least).log2();
        let (place, noise, rest) = if row.is_nan() || row < 0.0 {
            // Nothing but noise, plus what grows with the number of bends.
            let share = (bends / self.least).max(0.0);
            (Place { first: 0, weights: [share, 0.0, 0.0, 0.0] }, 1.0 - share, 0.0)
        } else if row > last as f64 {
            // Normal, but for what falls with the number of bends.
            let share = octaves(last as i32).exp2() * self.least / bends;
            (Place { first: last - 3, weights: [0.0, 0.0, 0.0, share] }, 0.0, 1.0 - share)
        } else {
            (Place::of(row, self.rows.len()), 0.0, 0.0)
        };
        let (level, slope) = (self.normal * rest, self.normal * noise / (SHARES - 1) as f64);
        let [a, b, c, d] = place.weights;
        let rows = &self.rows[place.first..place.first + 4];
        Scored(array::from_fn(|column| {
            let read = a * rows[0][column] + b * rows[1][column];
            let read = read + c * rows[2][column] + d * rows[3][column];
            read + level + slope * column as f64
        }))
    }
}

/// The scores for one number of bends.
pub(crate) struct Scored(Row);

impl Scored {
    /// The score where noise makes up this share of the deviation.
    pub(crate) fn score(&self, noise_share: f64) -> f64 {
        Place::of(noise_share * (SHARES - 1) as f64, SHARES).read(&self.0).max(0.0)
    }
}

fn octaves(row: i32) -> f64 {
    f64::from(row) / f64::from(ROWS_PER_OCTAVE)
}

/// Four neighbours and their weights: the cubic through them.
struct Place {
    first: usize,
    weights: [f64; 4],
}

impl Place {
    fn of(position: f64, count: usize) -> Self {
        let first = (position as usize).saturating_sub(1).min(count - 4);
        let t = position - first as f64;
        let (a, b, c, d) = (t, t - 1.0, t - 2.0, t - 3.0);
        let weights = [-b * c * d / 6.0, a * c * d / 2.0, -a * b * d / 2.0, a * b * c / 6.0];
        Self { first, weights }
    }

    fn read(&self, row: &Row) -> f64 {
        let [a, b, c, d] = self.weights;
        let from = &row[self.first..self.first + 4];
        a * from[0] + b * from[1] + c * from[2] + d * from[3]
    }
}

#[cfg(test)]
mod tests;
