//! Bands from simulated futures, as Prophet makes them: new bends at the rate of the old ones, Laplace with their mean
//! size, normal noise.
//!
//! Each future has chance of its own, drawn from the seed and its number, and moves along with the rows, so that any
//! number of rows costs no more memory than one. Equal seeds give equal bands, in any order of rows. Quantiles are those
//! of the simulated values: with 1,000 futures expect an error of some per cent in a band's width.

use tidewright_numerics::{Random, quantile_in_place, stable_seed};

use super::bound::Rows;
use super::fit::ProphetFit;
use super::settings::Growth;

/// Prophet adds this to the mean size of bends, so that it is never 0.
const BEND_MIN: f64 = 1e-8;

/// Lower and upper ends of the bands of trend and forecast.
#[derive(Debug)]
pub(crate) struct Bands {
    pub(crate) trend: [Vec<f64>; 2],
    pub(crate) yhat: [Vec<f64>; 2],
}

impl Bands {
    pub(crate) fn zeros(rows: usize) -> Self {
        let zeros = || [vec![0.0; rows], vec![0.0; rows]];
        Self { trend: zeros(), yhat: zeros() }
    }

    pub(crate) fn set(&mut self, row: usize, trend: [f64; 2], yhat: [f64; 2]) {
        for end in 0..2 {
            (self.trend[end][row], self.yhat[end][row]) = (trend[end], yhat[end]);
        }
    }
}

/// What is known of each row without chance.
pub(crate) struct Course<'a> {
    pub(crate) rows: &'a Rows<'a>,
    /// What scales the trend.
    pub(crate) factor: &'a [f64],
    /// What adds to it.
    pub(crate) added: &'a [f64],
}

/// One simulated future on its way along the rows.
struct Future {
    random: Random,
    /// How much later bends changed the trend's line so far, at time 0 and per time.
    offset: f64,
    rate: f64,
    /// When the next bend comes.
    next: f64,
}

/// The law of bends to come.
struct Law {
    per_time: f64,
    size: f64,
}

impl Law {
    fn of(fit: &ProphetFit) -> Self {
        let deltas = &fit.x[fit.design.columns() + 2..];
        let count = deltas.len() as f64;
        let sum: f64 = deltas.iter().map(|delta| delta.abs()).sum();
        Self { per_time: count, size: sum / count.max(1.0) + BEND_MIN }
    }

    /// How long until the next bend.
    fn pause(&self, random: &mut Random) -> f64 {
        -random.uniform().ln() / self.per_time
    }

    /// The size of a bend.
    fn bend(&self, random: &mut Random) -> f64 {
        let at = random.uniform() - 0.5;
        -self.size * at.signum() * (-2.0 * at.abs()).ln_1p()
    }
}

impl Future {
    fn new(law: &Law, seed: u64, number: usize) -> Self {
        let mut random = Random::new(stable_seed(seed, &number.to_string(), "future"));
        let next = 1.0 + law.pause(&mut random);
        Self { random, offset: 0.0, rate: 0.0, next }
    }

    /// What later bends have added to the trend's line by time `t`; times do not descend.
    fn bent_by(&mut self, law: &Law, t: f64) -> f64 {
        while self.next < t {
            let bend = law.bend(&mut self.random);
            self.rate += bend;
            self.offset -= bend * self.next;
            self.next += law.pause(&mut self.random);
        }
        self.offset + self.rate * t
    }

    /// A standard normal number (Box and Muller 1958).
    fn noise(&mut self) -> f64 {
        let radius = (-2.0 * self.random.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.random.uniform()).cos()
    }
}

impl ProphetFit {
    /// The central bands of this width over simulated futures.
    pub(crate) fn sampled_bands(
        &self,
        course: &Course<'_>,
        width: f64,
        (draws, seed): (usize, u64),
    ) -> Bands {
        let law = Law::of(self);
        let mut futures: Vec<Future> =
            (0..draws).map(|number| Future::new(&law, seed, number)).collect();
        let times = &course.rows.times;
        let mut order: Vec<usize> = (0..times.len()).collect();
        order.sort_by_key(|&row| times[row]);
        let ends = [0.5 - 0.5 * width, 0.5 + 0.5 * width];
        let mut bands = Bands::zeros(times.len());
        let (mut trends, mut values) = (vec![0.0; draws], vec![0.0; draws]);
        for row in order {
            let t = self.time(times[row]);
            let limits = self.limits(course.rows, row);
            let line = self.line(t);
            let effects = (course.factor[row], course.added[row]);
            for (number, future) in futures.iter_mut().enumerate() {
                let bent = if self.grows() { future.bent_by(&law, t) } else { 0.0 };
                let trend = self.trend_on(line + bent, limits);
                let noise = self.sigma() * future.noise();
                trends[number] = trend;
                values[number] = self.join(trend, limits.0, effects) + noise;
            }
            let band = |values: &mut [f64]| {
                ends.map(|share| quantile_in_place(values, share).unwrap_or_default())
            };
            bands.set(row, band(&mut trends), band(&mut values));
        }
        bands
    }

    /// Whether the trend's future is open.
    fn grows(&self) -> bool {
        self.settings().growth != Growth::Flat && !self.knots.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bends_come_at_their_rate_and_have_their_size() {
        let law = Law { per_time: 25.0, size: 0.3 };
        let (mut random, mut time, mut sizes) = (Random::new(9), 0.0, Vec::new());
        while time < 400.0 {
            time += law.pause(&mut random);
            sizes.push(law.bend(&mut random));
        }
        let count = sizes.len() as f64;
        assert!((count / 400.0 - 25.0).abs() < 0.75, "{count}");
        let mean = sizes.iter().map(|size| size.abs()).sum::<f64>() / count;
        let up = sizes.iter().filter(|size| **size > 0.0).count() as f64 / count;
        assert!((mean - 0.3).abs() < 0.01 && (up - 0.5).abs() < 0.02, "{mean} {up}");
    }

    #[test]
    fn a_future_goes_on_where_it_was() {
        let law = Law { per_time: 25.0, size: 0.3 };
        let whole = Future::new(&law, 1, 7).bent_by(&law, 3.0);
        let mut steps = Future::new(&law, 1, 7);
        assert_eq!(steps.bent_by(&law, 0.5), 0.0);
        for step in 0..=20 {
            steps.bent_by(&law, 1.0 + 0.1 * f64::from(step));
        }
        assert!((steps.bent_by(&law, 3.0) - whole).abs() < 1e-12);
    }

    #[test]
    fn noise_is_standard_normal() {
        let mut future = Future::new(&Law { per_time: 1.0, size: 1.0 }, 3, 0);
        let draws: Vec<f64> = (0..20_000).map(|_| future.noise()).collect();
        let mean = draws.iter().sum::<f64>() / 20_000.0;
        let variance = draws.iter().map(|z| z * z).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05);
    }
}
