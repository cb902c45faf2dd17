//! Innovations as if nothing had happened before the series: eight models at once, a few products a step.
//!
//! Conditional sums of squares (Box and Jenkins 1976, section 7.1): the quick way to near the optimum, from where the exact
//! innovations go on. The first steps, which know too little, count for nothing.

use tidewright_numerics::simd::{Kernel, Lanes, Lines, WIDTH, run};

use super::orders::Orders;
use super::polynomials::{Coefficients, Polynomials};

/// Innovations of eight models, given that everything before the series was as expected.
#[derive(Debug, Default)]
pub(super) struct Conditional {
    /// Steps before the series, all 0, then one row a step, one model a lane.
    misses: Lines,
    values: Lines,
    ar: Lines,
    ma: Lines,
    before: usize,
}

impl Conditional {
    /// Computes them for a series that is differenced already.
    pub(super) fn compute(&mut self, values: &[f64], orders: &Orders, models: &[Coefficients]) {
        let (ar_lags, ma_lags) = (orders.ar_lags(), orders.ma_lags());
        self.before = orders.state();
        self.ar.reset(ar_lags.len() * WIDTH);
        self.ma.reset(ma_lags.len() * WIDTH);
        self.values.reset((self.before + values.len()) * WIDTH);
        self.misses.reset((self.before + values.len()) * WIDTH);
        let mut constant = [0.0; WIDTH];
        for (lane, model) in models.iter().take(WIDTH).enumerate() {
            constant[lane] = model.constant;
            let polynomials = Polynomials::new(model, orders.season());
            fill(&mut self.ar, lane, &ar_lags, &polynomials.ar);
            fill(&mut self.ma, lane, &ma_lags, &polynomials.ma);
        }
        run(Recursion { values, constant, ar_lags: &ar_lags, ma_lags: &ma_lags, room: self });
    }

    /// One row a step, one model a lane.
    pub(super) fn rows(&self) -> &[[f64; WIDTH]] {
        &self.misses.rows()[self.before..]
    }
}

fn fill(lines: &mut Lines, lane: usize, lags: &[usize], polynomial: &[f64]) {
    for (k, lag) in lags.iter().enumerate() {
        lines[k * WIDTH + lane] = polynomial[lag - 1];
    }
}

struct Recursion<'a> {
    values: &'a [f64],
    constant: [f64; WIDTH],
    ar_lags: &'a [usize],
    ma_lags: &'a [usize],
    room: &'a mut Conditional,
}

impl Kernel for Recursion<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Recursion { values, constant, ar_lags, ma_lags, room } = self;
        let Conditional { misses, values: centred, ar, ma, before } = room;
        let (misses, centred) = (misses.rows_mut(), centred.rows_mut());
        let (ar, ma) = (ar.rows(), ma.rows());
        let constant = L::load(&constant);
        for (i, value) in values.iter().enumerate() {
            let t = *before + i;
            let mut miss = L::splat(*value).sub(constant);
            miss.store(&mut centred[t]);
            for (phi, lag) in ar.iter().zip(ar_lags) {
                miss = L::load(phi).mul_sub_from(L::load(&centred[t - lag]), miss);
            }
            for (theta, lag) in ma.iter().zip(ma_lags).rev() {
                miss = L::load(theta).mul_sub_from(L::load(&misses[t - lag]), miss);
            }
            miss.store(&mut misses[t]);
        }
    }
}
