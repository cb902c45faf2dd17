//! Bands of a forecast, by the law of what may come instead of by simulating it.
//!
//! Prophet simulates: bends come at the rate of the old ones and are as large, values scatter around the trend. The law
//! of that is known, and apart from its width it depends on two numbers only: how many bends are expected until then, and
//! which share of the deviation is noise. A [`Band`] tabulates it for one width, and looking it up costs nanoseconds.
//! Where the history goes on, the band is that of the noise. Not here: parameters' own uncertainty, which Prophet's
//! maximum a posteriori does not have either.

mod law;
mod scores;

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
        let (rows, columns) = (self.mix(bends), Place::of_share(noise_share));
        let pairs = rows.place.weights.iter().zip(&self.rows[rows.place.first..]);
        let read: f64 = pairs.map(|(weight, row)| weight * columns.read(row)).sum();
        (read + rows.level + rows.slope * noise_share).max(0.0)
    }

    /// The scores where so many bends are expected, for any share of noise.
    pub(crate) fn at(&self, bends: f64) -> Scored {
        let rows = self.mix(bends);
        let mut scores = [0.0; SHARES];
        for (weight, row) in rows.place.weights.iter().zip(&self.rows[rows.place.first..]) {
            for (score, value) in scores.iter_mut().zip(row) {
                *score += weight * value;
            }
        }
        let slope = rows.slope / (SHARES - 1) as f64;
        for (column, score) in scores.iter_mut().enumerate() {
            *score += rows.level + slope * column as f64;
        }
        Scored(scores)
    }

    /// What the scores are made of where so many bends are expected.
    fn mix(&self, bends: f64) -> Mix {
        let last = self.rows.len() - 1;
        let row = f64::from(ROWS_PER_OCTAVE) * (bends / self.least).log2();
        if row.is_nan() || row < 0.0 {
            // Nothing but noise, plus what grows with the number of bends.
            let share = (bends / self.least).max(0.0);
            let place = Place { first: 0, weights: [share, 0.0, 0.0, 0.0] };
            return Mix { place, level: 0.0, slope: self.normal * (1.0 - share) };
        }
        if row > last as f64 {
            // Normal, but for what falls with the number of bends.
            let share = octaves(last as i32).exp2() * self.least / bends;
            let place = Place { first: last - 3, weights: [0.0, 0.0, 0.0, share] };
            return Mix { place, level: self.normal * (1.0 - share), slope: 0.0 };
        }
        Mix { place: Place::of(row, self.rows.len()), level: 0.0, slope: 0.0 }
    }
}

/// Rows of the table, a level and a slope across shares of noise, to be added up.
struct Mix {
    place: Place,
    level: f64,
    slope: f64,
}

/// The scores for one number of bends.
pub(crate) struct Scored(Row);

impl Scored {
    /// The score where noise makes up this share of the deviation.
    pub(crate) fn score(&self, noise_share: f64) -> f64 {
        Place::of_share(noise_share).read(&self.0).max(0.0)
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
    fn of_share(noise_share: f64) -> Self {
        Self::of(noise_share * (SHARES - 1) as f64, SHARES)
    }

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
