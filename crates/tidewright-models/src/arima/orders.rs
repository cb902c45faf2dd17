//! How large an ARIMA model is: its orders, by name, and where its polynomials have terms.
//!
//! Symbols as in Box and Jenkins: `(p, d, q)` count autoregressive terms, differences and moving-average terms; `(P, D, Q)`
//! the same at whole seasons; `m` is the season. Nothing here knows a value of a series or of a parameter.

use std::fmt;

use crate::FitError;

/// Orders above this are no use to anyone and cost much.
const TERMS_MAX: usize = 12;
/// More differences than this amplify noise until nothing else is left.
const DIFFERENCES_MAX: usize = 2;
/// Longer seasons are for Fourier terms: the work grows with the square of the season where there are gaps.
pub const SEASON_MAX: usize = 200;

/// Autoregressive terms, differences and moving-average terms, at one distance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// `p`: how many earlier values count.
    pub ar: usize,
    /// `d`: how often differences are taken.
    pub differences: usize,
    /// `q`: how many earlier innovations count.
    pub ma: usize,
}

/// The orders of an ARIMA model.
// Invariant: terms and differences within their limits; a season of 1 has no seasonal order; a constant only where
// there is at most one difference in all, for more would bend the future.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Orders {
    plain: Order,
    seasonal: Order,
    season: usize,
    constant: bool,
}

impl Order {
    /// `(ar, differences, ma)`.
    pub const fn new(ar: usize, differences: usize, ma: usize) -> Self {
        Self { ar, differences, ma }
    }

    fn is_sane(self) -> bool {
        self.ar.max(self.ma) <= TERMS_MAX && self.differences <= DIFFERENCES_MAX
    }
}

impl Orders {
    /// A model without seasons and without a constant.
    ///
    /// # Errors
    /// [`FitError::Setting`] if the orders are larger than anyone could want.
    pub fn new(plain: Order) -> Result<Self, FitError> {
        Self::seasonal(plain, Order::default(), 1)
    }

    /// A model with a season of so many steps; without a constant.
    ///
    /// # Errors
    /// [`FitError::Setting`] if the orders are larger than anyone could want, or the season is.
    pub fn seasonal(plain: Order, seasonal: Order, season: usize) -> Result<Self, FitError> {
        let refuse = |rule: &'static str, value: String| {
            Err(FitError::Setting { key: "orders".to_owned(), rule, value })
        };
        if !plain.is_sane() || !seasonal.is_sane() {
            let rule = "must be at most 12 terms and 2 differences";
            return refuse(rule, format!("{plain}{seasonal}"));
        }
        if season == 0 || season > SEASON_MAX || (season == 1 && seasonal != Order::default()) {
            let rule = "must have a season of 2 to 200 steps, or none";
            return refuse(rule, format!("{plain}{seasonal}[{season}]"));
        }
        Ok(Self { plain, seasonal, season, constant: false })
    }

    /// The same with a constant: a mean, or a drift after one difference; as it was after two.
    #[must_use]
    pub const fn with_constant(mut self) -> Self {
        self.constant = self.plain.differences + self.seasonal.differences <= 1;
        self
    }

    /// The same with neither mean nor drift.
    #[must_use]
    pub const fn without_constant(mut self) -> Self {
        self.constant = false;
        self
    }

    /// The order at single steps.
    pub const fn plain(&self) -> Order {
        self.plain
    }

    /// The order at whole seasons.
    pub const fn at_seasons(&self) -> Order {
        self.seasonal
    }

    /// The season in steps; 1 if there is none.
    pub const fn season(&self) -> usize {
        self.season
    }

    /// Whether there is a mean or a drift.
    pub const fn has_constant(&self) -> bool {
        self.constant
    }

    /// How many values differencing costs.
    pub(super) const fn lost(&self) -> usize {
        self.plain.differences + self.seasonal.differences * self.season
    }

    /// How many parameters are estimated besides the variance.
    pub(super) const fn parameters(&self) -> usize {
        let terms = self.plain.ar + self.plain.ma + self.seasonal.ar + self.seasonal.ma;
        terms + self.constant as usize
    }

    /// The lags at which the autoregressive polynomial has terms, ascending.
    pub(super) fn ar_lags(&self) -> Vec<usize> {
        lags(self.plain.ar, self.seasonal.ar, self.season)
    }

    /// The lags at which the moving-average polynomial has terms, ascending.
    pub(super) fn ma_lags(&self) -> Vec<usize> {
        lags(self.plain.ma, self.seasonal.ma, self.season)
    }

    /// The length of the stationary part's state.
    pub(super) const fn state(&self) -> usize {
        let ar = self.plain.ar + self.seasonal.ar * self.season;
        let ma = self.plain.ma + self.seasonal.ma * self.season + 1;
        if ar > ma { ar } else { ma }
    }

    /// Differences as weights of earlier values: `y[t] - w[t] = sum of weight * y[t - lag]`.
    pub(super) fn difference_terms(&self) -> Vec<(usize, f64)> {
        let mut polynomial = vec![0.0; self.lost() + 1];
        polynomial[0] = 1.0;
        let once = std::iter::repeat_n(1, self.plain.differences);
        let seasonal = std::iter::repeat_n(self.season, self.seasonal.differences);
        for lag in once.chain(seasonal) {
            for i in (lag..polynomial.len()).rev() {
                polynomial[i] -= polynomial[i - lag];
            }
        }
        let terms = polynomial.iter().enumerate().skip(1);
        terms.filter(|(_, c)| **c != 0.0).map(|(lag, c)| (lag, -c)).collect()
    }
}

fn lags(plain: usize, seasonal: usize, season: usize) -> Vec<usize> {
    let all = (0..=seasonal).flat_map(|s| (0..=plain).map(move |p| s * season + p));
    let mut lags: Vec<usize> = all.skip(1).collect();
    lags.sort_unstable();
    lags.dedup();
    lags
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({},{},{})", self.ar, self.differences, self.ma)
    }
}

impl fmt::Display for Orders {
    /// As people write it: `ARIMA(2,1,1)(0,1,1)[24] with drift`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ARIMA{}", self.plain)?;
        if self.season > 1 {
            write!(f, "{}[{}]", self.seasonal, self.season)?;
        }
        let constant = if self.lost() == 0 { "mean" } else { "drift" };
        if self.constant { write!(f, " with {constant}") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_read_as_people_write_them() {
        let airline = Orders::seasonal(Order::new(0, 1, 1), Order::new(0, 1, 1), 12).unwrap();
        assert_eq!(airline.with_constant().to_string(), "ARIMA(0,1,1)(0,1,1)[12]");
        let walk = Orders::new(Order::new(0, 1, 0)).unwrap().with_constant();
        assert_eq!(walk.to_string(), "ARIMA(0,1,0) with drift");
        let mean = Orders::new(Order::new(1, 0, 0)).unwrap().with_constant();
        assert_eq!(mean.to_string(), "ARIMA(1,0,0) with mean");
    }

    #[test]
    fn products_of_polynomials_have_terms_between_the_seasons_too() {
        let orders = Orders::seasonal(Order::new(2, 0, 1), Order::new(1, 1, 0), 24).unwrap();
        assert_eq!(orders.ar_lags(), [1, 2, 24, 25, 26]);
        assert_eq!(orders.ma_lags(), [1]);
        assert_eq!(orders.state(), 26);
    }

    #[test]
    fn differences_are_weights_of_earlier_values() {
        let orders = Orders::seasonal(Order::new(0, 1, 0), Order::new(0, 1, 0), 4).unwrap();
        assert_eq!(orders.difference_terms(), [(1, 1.0), (4, 1.0), (5, -1.0)]);
        let twice = Orders::new(Order::new(0, 2, 0)).unwrap();
        assert_eq!(twice.difference_terms(), [(1, 2.0), (2, -1.0)]);
    }

    #[test]
    fn orders_that_nobody_could_want_are_refused() {
        assert!(Orders::new(Order::new(13, 0, 0)).is_err());
        assert!(Orders::new(Order::new(0, 3, 0)).is_err());
        assert!(Orders::seasonal(Order::new(0, 0, 0), Order::new(1, 0, 0), 1).is_err());
        assert!(Orders::seasonal(Order::new(0, 0, 0), Order::new(1, 0, 0), 201).is_err());
    }
}
