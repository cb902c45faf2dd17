//! The parameters of an ARMA model: free numbers for the search, coefficients for people, polynomials for recursions.
//!
//! Any free numbers make a stationary and invertible model, because they are partial autocorrelations behind a squashing
//! function (Monahan 1984; Jones 1980), for the moving average too. `y[t] = sum ar[k] y[t-k] + e[t] + sum ma[k] e[t-k]`.

use super::orders::Orders;

/// Partial autocorrelations stay below this: at 1 the stationary variance has no bound.
const PARTIAL_MAX: f64 = 0.9999;

/// The coefficients of a model, factor by factor.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Coefficients {
    /// Of earlier values.
    pub ar: Vec<f64>,
    /// Of earlier innovations.
    pub ma: Vec<f64>,
    /// Of values whole seasons earlier.
    pub seasonal_ar: Vec<f64>,
    /// Of innovations whole seasons earlier.
    pub seasonal_ma: Vec<f64>,
    /// The mean of the differenced series; 0 if the model has none.
    pub constant: f64,
}

/// The products of the factors, coefficient `k` at lag `k + 1`.
#[derive(Clone, Debug)]
pub(super) struct Polynomials {
    pub(super) ar: Vec<f64>,
    pub(super) ma: Vec<f64>,
}

impl Coefficients {
    /// The coefficients that free numbers stand for: AR, MA, seasonal AR, seasonal MA, constant.
    pub(super) fn from_free(orders: &Orders, free: &[f64]) -> Self {
        let (plain, seasonal) = (orders.plain(), orders.at_seasons());
        let (ar, rest) = free.split_at(plain.ar);
        let (ma, rest) = rest.split_at(plain.ma);
        let (seasonal_ar, rest) = rest.split_at(seasonal.ar);
        let (seasonal_ma, rest) = rest.split_at(seasonal.ma);
        let negated = |mut ar: Vec<f64>| {
            ar.iter_mut().for_each(|c| *c = -*c);
            ar
        };
        Self {
            ar: stationary(ar),
            ma: negated(stationary(ma)),
            seasonal_ar: stationary(seasonal_ar),
            seasonal_ma: negated(stationary(seasonal_ma)),
            constant: rest.first().copied().unwrap_or(0.0),
        }
    }

    /// Whether they are as many as the orders say and finite.
    pub(super) fn count_as(&self, orders: &Orders) -> bool {
        let (plain, seasonal) = (orders.plain(), orders.at_seasons());
        self.ar.len() == plain.ar
            && self.ma.len() == plain.ma
            && self.seasonal_ar.len() == seasonal.ar
            && self.seasonal_ma.len() == seasonal.ma
            && self.to_numbers().iter().all(|x| x.is_finite())
    }

    /// Whether the process that they make has a stationary law.
    pub(super) fn are_stationary(&self) -> bool {
        is_stationary(&self.ar) && is_stationary(&self.seasonal_ar)
    }

    /// Whether they are as many as the orders say, finite, stationary and invertible.
    pub(super) fn suit(&self, orders: &Orders) -> bool {
        self.count_as(orders) && self.roots_lie_beyond(1.0)
    }

    /// Whether every root of every factor lies outside the circle of this radius.
    pub(super) fn roots_lie_beyond(&self, radius: f64) -> bool {
        let beyond = |sign: f64, factor: &[f64]| {
            let powers = (1..).map(|power| sign * radius.powi(power));
            is_stationary(
                &factor.iter().zip(powers).map(|(c, power)| c * power).collect::<Vec<f64>>(),
            )
        };
        beyond(1.0, &self.ar)
            && beyond(1.0, &self.seasonal_ar)
            && beyond(-1.0, &self.ma)
            && beyond(-1.0, &self.seasonal_ma)
    }

    /// All coefficients in the order of the free numbers.
    pub(super) fn to_numbers(&self) -> Vec<f64> {
        let all = [&self.ar[..], &self.ma, &self.seasonal_ar, &self.seasonal_ma, &[self.constant]];
        all.concat()
    }

    /// What [`Coefficients::to_numbers`] told of; `None` if the orders need another count.
    pub(super) fn from_numbers(orders: &Orders, numbers: &[f64]) -> Option<Self> {
        let (plain, seasonal) = (orders.plain(), orders.at_seasons());
        let (ar, rest) = numbers.split_at_checked(plain.ar)?;
        let (ma, rest) = rest.split_at_checked(plain.ma)?;
        let (seasonal_ar, rest) = rest.split_at_checked(seasonal.ar)?;
        let (seasonal_ma, rest) = rest.split_at_checked(seasonal.ma)?;
        let [constant] = *rest else { return None };
        let made = Self {
            ar: ar.to_vec(),
            ma: ma.to_vec(),
            seasonal_ar: seasonal_ar.to_vec(),
            seasonal_ma: seasonal_ma.to_vec(),
            constant,
        };
        made.suit(orders).then_some(made)
    }
}

impl Polynomials {
    pub(super) fn new(coefficients: &Coefficients, season: usize) -> Self {
        let ar = product(&coefficients.ar, &coefficients.seasonal_ar, season, -1.0);
        let ma = product(&coefficients.ma, &coefficients.seasonal_ma, season, 1.0);
        Self { ar, ma }
    }
}

/// `(1 + sign a(B)) (1 + sign b(B^m))` without its 1, times `sign`.
fn product(plain: &[f64], seasonal: &[f64], season: usize, sign: f64) -> Vec<f64> {
    let mut out = vec![0.0; plain.len() + season * seasonal.len()];
    out[..plain.len()].copy_from_slice(plain);
    for (s, b) in seasonal.iter().enumerate() {
        let lag = (s + 1) * season;
        out[lag - 1] += b;
        for (k, a) in plain.iter().enumerate() {
            out[lag + k] += sign * a * b;
        }
    }
    out
}

/// The autoregression with these squashed partial autocorrelations, by Durbin and Levinson.
fn stationary(free: &[f64]) -> Vec<f64> {
    let mut ar: Vec<f64> = Vec::with_capacity(free.len());
    for u in free {
        let partial = PARTIAL_MAX * u / (1.0 + u * u).sqrt();
        let before = ar.clone();
        let reversed = before.iter().rev();
        ar.iter_mut().zip(reversed).for_each(|(c, r)| *c -= partial * r);
        ar.push(partial);
    }
    ar
}

/// Whether an autoregression is stationary: all its partial autocorrelations are below 1.
pub(super) fn is_stationary(ar: &[f64]) -> bool {
    let mut ar = ar.to_vec();
    while let Some(partial) = ar.pop() {
        let rest = 1.0 - partial * partial;
        if rest.is_nan() || rest <= 0.0 {
            return false;
        }
        let before = ar.clone();
        let reversed = before.iter().rev();
        ar.iter_mut().zip(reversed).for_each(|(c, r)| *c = (*c + partial * r) / rest);
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::arima::orders::Order;

    #[test]
    fn factors_are_multiplied() {
        let coefficients = Coefficients {
            ar: vec![0.5],
            ma: vec![0.4],
            seasonal_ar: vec![0.3],
            seasonal_ma: vec![0.2],
            constant: 0.0,
        };
        let product = Polynomials::new(&coefficients, 3);
        assert_eq!(product.ar, [0.5, 0.0, 0.3, -0.15]);
        assert_eq!(product.ma, [0.4, 0.0, 0.2, 0.4 * 0.2]);
    }

    #[test]
    fn roots_are_told_from_the_unit_circle() {
        let with = |ar: f64, ma: f64| Coefficients {
            ar: vec![ar],
            ma: vec![ma],
            ..Coefficients::default()
        };
        assert!(with(0.98, -0.98).roots_lie_beyond(1.01));
        assert!(!with(0.995, 0.0).roots_lie_beyond(1.01));
        assert!(!with(0.0, -0.995).roots_lie_beyond(1.01));
        let two = Coefficients { ma: vec![0.0, 0.5], ..Coefficients::default() };
        assert!(two.roots_lie_beyond(1.4) && !two.roots_lie_beyond(1.42));
    }

    proptest! {
        #[test]
        fn any_free_numbers_make_a_stationary_and_invertible_model(
            free in prop::collection::vec(-50.0..50.0f64, 9)
        ) {
            let orders = Orders::seasonal(Order::new(3, 0, 2), Order::new(1, 0, 2), 7).unwrap();
            let made = Coefficients::from_free(&orders.with_constant(), &free);
            prop_assert!(made.suit(&orders));
            prop_assert_eq!(Coefficients::from_numbers(&orders, &made.to_numbers()), Some(made));
        }
    }
}
