//! A fitted ARIMA model: what it knows of the series' end, and how it goes on from there.
//!
//! Everything is kept in the scaled units of the fit. An update is one step of the exact filter: parameters stay.

use super::estimate::{Estimate, Run, constant_at, slope};
use super::filter::{Filter, Miss};
use super::ground::Ground;
use super::orders::{Order, Orders};
use super::polynomials::{Coefficients, Polynomials};
use crate::steps::{StepFitted, StepForecast};

/// Numbers before the coefficients: seven orders and whether there is a constant.
const ORDER_NUMBERS: usize = 8;
/// Numbers between the coefficients and the state.
const SCALE_NUMBERS: usize = 6;
/// What a kept state's column must add, as a share of an innovation's variance.
const KEPT: f64 = 1e-8;

/// A fitted ARIMA model and where it stands.
#[derive(Clone, Debug)]
pub struct ArimaFit {
    orders: Orders,
    /// The constant is in `unit`.
    coefficients: Coefficients,
    scale: Scale,
    filter: Filter,
}

/// From scaled units to those of the series, and how well the model fits.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Scale {
    offset: f64,
    unit: f64,
    /// The innovations' standard deviation in `unit`.
    sigma: f64,
    /// Steps since the first value.
    steps: f64,
    log_likelihood: f64,
    aicc: f64,
}

impl ArimaFit {
    /// The model of an estimate, at the end of the values that it was found on.
    pub(super) fn new(ground: &Ground, estimate: &Estimate) -> Option<Self> {
        let coefficients = estimate.coefficients();
        let run = Run::new(ground, &estimate.orders, &coefficients)?;
        let squares: f64 = run.misses.iter().map(|miss| miss * miss).sum();
        // As in R: parameters have cost degrees of freedom.
        let freedom = (run.count - estimate.orders.parameters() as f64).max(1.0);
        let is_regular = ground.unit == 0.0;
        let finite = |x: f64| if is_regular { f64::MAX } else { x.clamp(f64::MIN, f64::MAX) };
        let scale = Scale {
            offset: ground.offset,
            unit: if is_regular { 1.0 } else { ground.unit },
            sigma: if is_regular { 0.0 } else { (squares / freedom).sqrt() },
            steps: ground.levels.len() as f64,
            log_likelihood: finite(estimate.log_likelihood(ground.unit)),
            aicc: if is_regular { f64::MIN } else { finite(estimate.aicc(ground.unit)) },
        };
        let mut filter = run.filter;
        filter.prune(KEPT);
        Some(Self { orders: estimate.orders, coefficients, scale, filter })
    }

    /// The orders that were given or chosen.
    pub const fn orders(&self) -> &Orders {
        &self.orders
    }

    /// The coefficients; the constant is the mean of the differenced series in the series' own unit.
    pub fn coefficients(&self) -> Coefficients {
        let Scale { offset, unit, .. } = self.scale;
        let from = if self.orders.lost() == 0 && self.orders.has_constant() { offset } else { 0.0 };
        Coefficients {
            constant: from + unit * self.coefficients.constant,
            ..self.coefficients.clone()
        }
    }

    /// The innovations' standard deviation.
    pub fn sigma(&self) -> f64 {
        self.scale.unit * self.scale.sigma
    }

    /// The logarithm of the likelihood at its maximum.
    pub const fn log_likelihood(&self) -> f64 {
        self.scale.log_likelihood
    }

    /// Akaike's criterion, corrected for few values: the less the better, among models with the same differences.
    pub const fn aicc(&self) -> f64 {
        self.scale.aicc
    }

    /// What values hold that this model's filter did not expect, each by its own standard deviation; 0 for a gap. No
    /// constant is taken off, so that sums of series become sums.
    pub(super) fn whitened(&self, values: &[f64]) -> Vec<f64> {
        let polynomials = Polynomials::new(&self.coefficients, self.orders.season());
        let (first, rest) = values.split_at(self.orders.lost());
        let guess = vec![0.0; first.len()];
        let Some(mut filter) = Filter::new(&polynomials, &self.orders, first, &guess) else {
            return vec![0.0; rest.len()];
        };
        let mut next = |value: &f64| {
            let miss = filter.step((!value.is_nan()).then_some(*value));
            filter.prune(KEPT);
            miss.filter(Miss::is_informative).map_or(0.0, |miss| miss.value / miss.variance.sqrt())
        };
        rest.iter().map(&mut next).collect()
    }

    /// The model that [`StepFitted::numbers`] told of; `None` if no fit could have.
    pub fn from_numbers(numbers: &[f64]) -> Option<Self> {
        let (orders, rest) = numbers.split_first_chunk::<ORDER_NUMBERS>()?;
        let orders = orders_of(orders)?;
        let terms = orders.without_constant().parameters() + 1;
        let (coefficients, rest) = rest.split_at_checked(terms)?;
        let coefficients = Coefficients::from_numbers(&orders, coefficients)?;
        let (scale, state) = rest.split_first_chunk::<SCALE_NUMBERS>()?;
        let scale = Scale::from_numbers(*scale)?;
        let polynomials = Polynomials::new(&coefficients, orders.season());
        let filter = Filter::from_numbers(&polynomials, &orders, state)?;
        Some(Self { orders, coefficients, scale, filter })
    }

    fn line(&self, t: f64) -> f64 {
        constant_at(&self.orders, &self.coefficients, slope(&self.orders, &self.coefficients), t)
    }
}

impl StepFitted for ArimaFit {
    fn predict(&self, steps: usize) -> StepForecast {
        let Scale { offset, unit, sigma, steps: now, .. } = self.scale;
        let mut forecast = StepForecast::default();
        for (ahead, (mean, variance)) in self.filter.ahead().take(steps).enumerate() {
            let point = offset + unit * (mean + self.line(now + ahead as f64));
            forecast.point.push(point.clamp(f64::MIN, f64::MAX));
            forecast.deviation.push((unit * sigma * variance.sqrt()).min(f64::MAX));
        }
        forecast
    }

    fn update(&mut self, value: Option<f64>) {
        let scaled = |value: f64| {
            (value - self.scale.offset) / self.scale.unit - self.line(self.scale.steps)
        };
        let value = value.filter(|value| value.is_finite()).map(scaled);
        self.filter.step(value);
        self.filter.prune(KEPT);
        self.scale.steps += 1.0;
    }

    fn numbers(&self) -> Vec<f64> {
        let (plain, seasonal) = (self.orders.plain(), self.orders.at_seasons());
        let counts = [
            plain.ar,
            plain.differences,
            plain.ma,
            seasonal.ar,
            seasonal.differences,
            seasonal.ma,
            self.orders.season(),
            usize::from(self.orders.has_constant()),
        ];
        let mut numbers = counts.map(|count| count as f64).to_vec();
        numbers.extend(self.coefficients.to_numbers());
        numbers.extend(self.scale.to_numbers());
        numbers.extend(self.filter.to_numbers());
        numbers
    }

    fn describe(&self) -> String {
        self.orders.to_string()
    }
}

impl Scale {
    const fn to_numbers(self) -> [f64; SCALE_NUMBERS] {
        let Self { offset, unit, sigma, steps, log_likelihood, aicc } = self;
        [offset, unit, sigma, steps, log_likelihood, aicc]
    }

    fn from_numbers(numbers: [f64; SCALE_NUMBERS]) -> Option<Self> {
        let [offset, unit, sigma, steps, log_likelihood, aicc] = numbers;
        let possible = numbers.iter().all(|x| x.is_finite()) && unit > 0.0 && sigma >= 0.0;
        let made = Self { offset, unit, sigma, steps, log_likelihood, aicc };
        (possible && steps >= 0.0).then_some(made)
    }
}

fn orders_of(numbers: &[f64; ORDER_NUMBERS]) -> Option<Orders> {
    // Far above any order; `Orders` knows the true limits.
    let whole = |x: f64| ((0.0..1e6).contains(&x) && x.fract() == 0.0).then_some(x as usize);
    let [p, d, q, sp, sd, sq, season, constant] = *numbers;
    let plain = Order::new(whole(p)?, whole(d)?, whole(q)?);
    let seasonal = Order::new(whole(sp)?, whole(sd)?, whole(sq)?);
    let orders = Orders::seasonal(plain, seasonal, whole(season)?).ok()?;
    match whole(constant)? {
        0 => Some(orders),
        1 => Some(orders.with_constant()).filter(Orders::has_constant),
        _ => None,
    }
}
