//! The exact filter of an ARIMA model, one value or gap at a time.
//!
//! What is not known of the state is kept as a factor: columns whose products with themselves add up to its covariance,
//! in units of the innovations' variance (the array form of Kalman's filter: Kailath, Sayed, Hassibi 2000, section 12.1).
//! Where all is known only the next innovation is left, and a step costs the length of the state; a gap adds a column,
//! and the values after it wear it down. Element 0 of the state is the differenced value, its elements after the
//! stationary part's are the latest values of the series, so differences need no values but the observed.

use super::covariance::{Stationary, terms};
use super::orders::Orders;
use super::polynomials::Polynomials;

/// The standard deviation of a first value that is missing, in innovations: it could be anything.
const UNKNOWN: f64 = 1e5;
/// An innovation with more variance than this says nothing of the model, only of the unknown beginning.
const INFORMATIVE_MAX: f64 = 1e6;
/// What is left of the covariance's own diagonal below this share is rounding.
const PIVOT_SHARE_MIN: f64 = 1e-13;

/// A model's state, before the next value.
#[derive(Clone, Debug)]
pub(super) struct Filter {
    /// Lags from 1 on and coefficients of the stationary part.
    ar: Vec<(usize, f64)>,
    /// What the next innovation adds to each element.
    shock: Vec<f64>,
    /// Length of the stationary part.
    len: usize,
    /// Lags from 1 on and weights of the latest values.
    differences: Vec<(usize, f64)>,
    mean: Vec<f64>,
    /// Invariant: the first is `shock`.
    columns: Vec<Vec<f64>>,
}

/// How far a value was from what was expected.
#[derive(Clone, Copy, Debug)]
pub(super) struct Miss {
    pub(super) value: f64,
    /// In units of the innovations' variance.
    pub(super) variance: f64,
}

impl Miss {
    /// Whether it tells of the model, not of the unknown beginning.
    pub(super) fn is_informative(&self) -> bool {
        self.variance < INFORMATIVE_MAX
    }
}

impl Filter {
    /// The filter of a model after the first values, of which there are as many as differences cost; `guess` stands
    /// where one is missing. `None` if the model is not stationary.
    pub(super) fn new(
        polynomials: &Polynomials,
        orders: &Orders,
        first: &[f64],
        guess: &[f64],
    ) -> Option<Self> {
        let len = orders.state();
        let law = Stationary::new(polynomials, len)?;
        let size = len + orders.lost();
        let mut filter = Self::known(polynomials, orders, vec![0.0; size]);
        filter.columns.extend(unknown_columns(&law, size));
        let latest = first.iter().zip(guess).rev().zip(len..);
        for ((value, guess), place) in latest {
            filter.mean[place] = if value.is_nan() { *guess } else { *value };
            if value.is_nan() {
                let mut column = vec![0.0; size];
                column[place] = UNKNOWN;
                filter.columns.push(column);
            }
        }
        Some(filter)
    }

    /// A filter that knows its state but for the next innovation.
    pub(super) fn known(polynomials: &Polynomials, orders: &Orders, mean: Vec<f64>) -> Self {
        let mut shock = vec![0.0; mean.len()];
        shock[0] = 1.0;
        shock[1..=polynomials.ma.len()].copy_from_slice(&polynomials.ma);
        Self {
            ar: terms(&polynomials.ar),
            columns: vec![shock.clone()],
            shock,
            len: orders.state(),
            differences: orders.difference_terms(),
            mean,
        }
    }

    /// Goes one step on.
    pub(super) fn step(&mut self, value: Option<f64>) -> Option<Miss> {
        let miss = value.map(|value| self.observe(value));
        if miss.is_none() {
            self.columns.push(self.columns[0].clone());
        }
        let Self { ar, len, differences, mean, columns, shock } = self;
        let parts = Parts { ar, len: *len, differences };
        parts.advance(mean);
        columns[1..].iter_mut().for_each(|column| parts.advance(column));
        columns[0].copy_from_slice(shock);
        if self.columns.len() > 2 * self.mean.len() + 1 {
            self.compress();
        }
        miss
    }

    /// The state and its factor learn a value.
    fn observe(&mut self, value: f64) -> Miss {
        let parts = self.parts();
        let reach: Vec<f64> = self.columns.iter().map(|column| parts.read(column)).collect();
        let miss = value - parts.read(&self.mean);
        let variance: f64 = reach.iter().map(|h| h * h).sum();
        let mut pull = vec![0.0; self.mean.len()];
        for (column, h) in self.columns.iter().zip(&reach) {
            add_scaled(&mut pull, column, *h);
        }
        add_scaled(&mut self.mean, &pull, miss / variance);
        // A reflection turns all that the value told into the first column, which goes; `reach[0]` is 1.
        let root = variance.sqrt();
        add_scaled(&mut pull, &self.columns[0], root);
        let scale = 1.0 / (variance + reach[0] * root);
        for (column, h) in self.columns.iter_mut().zip(&reach).skip(1) {
            add_scaled(column, &pull, -scale * h);
        }
        Miss { value: miss, variance }
    }

    /// Drops columns that add less than `share` of an innovation's variance.
    pub(super) fn prune(&mut self, share: f64) {
        let mut first = true;
        self.columns.retain(|column| {
            let keep = first || column.iter().map(|x| x * x).sum::<f64>() > share;
            first = false;
            keep
        });
    }

    /// After long gaps: as few columns as there are elements, with the same products.
    fn compress(&mut self) {
        let (_, rest) = self.columns.split_at_mut(1);
        for row in 0..self.mean.len().min(rest.len()) {
            reflect(&mut rest[row..], row);
        }
        self.columns.truncate(self.mean.len() + 1);
    }

    /// What is expected next, and its variance in innovations; one item a step, without end.
    pub(super) fn ahead(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let mut mean = self.mean.clone();
        let mut columns = self.columns.clone();
        let mut later = 0.0;
        std::iter::repeat_with(move || {
            let parts = self.parts();
            let point = parts.read(&mean);
            let reach = columns.iter().map(|column| parts.read(column).powi(2));
            let variance = reach.sum::<f64>() + later;
            // An innovation one step later reaches as far then as this one does now.
            later += parts.read(&columns[0]).powi(2);
            parts.advance(&mut mean);
            columns.iter_mut().for_each(|column| parts.advance(column));
            (point, variance)
        })
    }

    /// The state and the columns that are not the next innovation's, end to end.
    pub(super) fn to_numbers(&self) -> Vec<f64> {
        let rest = self.columns[1..].iter().flatten();
        self.mean.iter().chain(rest).copied().collect()
    }

    /// The state that [`Filter::to_numbers`] told of.
    pub(super) fn from_numbers(
        polynomials: &Polynomials,
        orders: &Orders,
        numbers: &[f64],
    ) -> Option<Self> {
        let size = orders.state() + orders.lost();
        let (mean, rest) = numbers.split_at_checked(size)?;
        if rest.len() % size != 0 || numbers.iter().any(|x| !x.is_finite()) {
            return None;
        }
        let mut filter = Self::known(polynomials, orders, mean.to_vec());
        filter.columns.extend(rest.chunks_exact(size).map(<[f64]>::to_vec));
        Some(filter)
    }

    fn parts(&self) -> Parts<'_> {
        Parts { ar: &self.ar, len: self.len, differences: &self.differences }
    }
}

/// How a state is read and moved on.
#[derive(Clone, Copy)]
struct Parts<'a> {
    ar: &'a [(usize, f64)],
    len: usize,
    differences: &'a [(usize, f64)],
}

impl Parts<'_> {
    /// The value of the series that a state stands for.
    fn read(&self, state: &[f64]) -> f64 {
        let earlier = self.differences.iter().map(|(lag, w)| w * state[self.len + lag - 1]);
        state[0] + earlier.sum::<f64>()
    }

    /// The state one step later.
    fn advance(&self, state: &mut [f64]) {
        let (value, first) = (self.read(state), state[0]);
        let (stationary, latest) = state.split_at_mut(self.len);
        stationary.copy_within(1.., 0);
        stationary[self.len - 1] = 0.0;
        self.ar.iter().for_each(|(lag, phi)| stationary[lag - 1] += phi * first);
        if let Some(end) = latest.len().checked_sub(1) {
            latest.copy_within(..end, 1);
            latest[0] = value;
        }
    }
}

/// A factor of the stationary covariance beyond what the next innovation explains.
fn unknown_columns(law: &Stationary, size: usize) -> Vec<Vec<f64>> {
    let len = law.shock.len();
    let mut rest = law.covariance();
    let whole: Vec<f64> = (0..len).map(|i| rest[i * len + i]).collect();
    let mut columns = vec![law.shock.clone()];
    subtract_square(&mut rest, &law.shock, 0);
    for i in 0..len {
        let pivot = rest[i * len + i];
        if pivot <= PIVOT_SHARE_MIN * whole[i] {
            continue;
        }
        let scale = 1.0 / pivot.sqrt();
        let mut column = vec![0.0; len];
        (i..len).for_each(|k| column[k] = rest[i * len + k] * scale);
        subtract_square(&mut rest, &column, i);
        columns.push(column);
    }
    columns.iter_mut().for_each(|column| column.resize(size, 0.0));
    columns.split_off(1)
}

fn subtract_square(matrix: &mut [f64], column: &[f64], from: usize) {
    let len = column.len();
    for i in from..len {
        add_scaled(&mut matrix[i * len + from..(i + 1) * len], &column[from..], -column[i]);
    }
}

/// Turns columns so that only the first has a number in this row.
fn reflect(columns: &mut [Vec<f64>], row: usize) {
    let reach: Vec<f64> = columns.iter().map(|column| column[row]).collect();
    let root = reach.iter().map(|h| h * h).sum::<f64>().sqrt();
    if root == 0.0 {
        return;
    }
    let root = root.copysign(reach[0]);
    let mut normal = reach;
    normal[0] += root;
    let mut pull = vec![0.0; columns[0].len()];
    for (column, h) in columns.iter().zip(&normal) {
        add_scaled(&mut pull, column, *h);
    }
    let scale = 1.0 / (root * normal[0]);
    for (column, h) in columns.iter_mut().zip(&normal) {
        add_scaled(column, &pull, -scale * h);
    }
}

fn add_scaled(target: &mut [f64], row: &[f64], factor: f64) {
    target.iter_mut().zip(row).for_each(|(t, x)| *t += factor * x);
}

#[cfg(test)]
mod tests {
    use tidewright_numerics::Random;

    use super::*;
    use crate::arima::orders::Order;
    use crate::arima::polynomials::Coefficients;

    fn airline() -> (Orders, Polynomials) {
        let orders = Orders::seasonal(Order::new(1, 1, 1), Order::new(0, 1, 1), 4).unwrap();
        let coefficients = Coefficients {
            ar: vec![0.4],
            ma: vec![-0.3],
            seasonal_ma: vec![-0.5],
            ..Coefficients::default()
        };
        (orders, Polynomials::new(&coefficients, 4))
    }

    fn started(first: &[f64]) -> Filter {
        let (orders, polynomials) = airline();
        Filter::new(&polynomials, &orders, first, &[0.0; 5]).unwrap()
    }

    fn feed(filter: &mut Filter, value: Option<f64>) {
        let _ = filter.step(value);
    }

    #[test]
    fn all_is_known_after_a_while_but_the_next_innovation() {
        let mut filter = started(&[1.0; 5]);
        let mut random = Random::new(3);
        let misses: Vec<f64> = (0..400)
            .filter_map(|_| filter.step(Some(random.normal())))
            .map(|m| m.variance)
            .collect();
        assert!(misses.windows(2).all(|pair| pair[1] <= pair[0] + 1e-12));
        assert!((misses[399] - 1.0).abs() < 1e-9);
        filter.prune(1e-14);
        assert_eq!(filter.columns.len(), 1);
    }

    #[test]
    fn a_gap_widens_what_follows_until_values_have_told_of_it() {
        let mut filter = started(&[1.0; 5]);
        (0..400).for_each(|i| feed(&mut filter, Some(f64::from(i % 4))));
        let next = |filter: &Filter| filter.ahead().next().unwrap().1;
        assert!((next(&filter) - 1.0).abs() < 1e-9);
        let two_ahead = filter.ahead().nth(1).unwrap();
        filter.step(None);
        let after = filter.ahead().next().unwrap();
        assert!((after.1 - two_ahead.1).abs() < 1e-9 && (after.0 - two_ahead.0).abs() < 1e-9);
        (0..200).for_each(|i| feed(&mut filter, Some(f64::from((i + 1) % 4))));
        assert!(next(&filter) < 1.0 + 1e-6);
    }

    #[test]
    fn long_gaps_are_compressed_without_a_change() {
        let mut filter = started(&[1.0; 5]);
        (0..50).for_each(|i| feed(&mut filter, Some(f64::from(i % 3))));
        let want: Vec<(f64, f64)> = filter.ahead().skip(60).take(10).collect();
        (0..60).for_each(|_| feed(&mut filter, None));
        assert!(filter.columns.len() <= 2 * filter.mean.len() + 1);
        for (found, want) in filter.ahead().zip(want) {
            assert!((found.0 - want.0).abs() < 1e-9 * want.0.abs().max(1.0));
            assert!((found.1 / want.1 - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn a_first_value_that_is_missing_could_be_anything() {
        let mut first = [1.0; 5];
        first[2] = f64::NAN;
        let mut filter = started(&first);
        let misses: Vec<Miss> = (0..8).filter_map(|_| filter.step(Some(1.0))).collect();
        assert_eq!(misses.iter().filter(|miss| !miss.is_informative()).count(), 1);
    }

    #[test]
    fn a_state_comes_back_from_its_numbers() {
        let (orders, polynomials) = airline();
        let mut filter = started(&[1.0, 3.0, 2.0, f64::NAN, 0.0]);
        filter.step(Some(2.0));
        filter.step(None);
        let numbers = filter.to_numbers();
        let back = Filter::from_numbers(&polynomials, &orders, &numbers).unwrap();
        let five = |filter: &Filter| filter.ahead().take(5).collect::<Vec<_>>();
        assert_eq!(five(&back), five(&filter));
        assert!(Filter::from_numbers(&polynomials, &orders, &numbers[1..]).is_none());
    }
}
