//! The stationary law of an ARMA process with innovations of variance 1: where every exact recursion begins.
//!
//! The state is Harvey's (1989, Forecasting, structural time series models and the Kalman filter, section 3.3): its first
//! element is the value, element `i` what the past will add to the value `i` steps later. Autocovariances come from the
//! autoregression's own predictors of lower order (Levinson backwards), so that nothing is solved but recursions.

use super::polynomials::Polynomials;

/// The first column of the state's covariance, and what follows from it.
pub(super) struct Stationary {
    /// The covariance of each element of the state with the value itself.
    pub(super) with_value: Vec<f64>,
    /// The autoregressive coefficients, one for each element of the state.
    pub(super) ar: Vec<f64>,
    /// What one innovation adds to each element of the state.
    pub(super) shock: Vec<f64>,
}

impl Stationary {
    /// The law of the process with a state of `len` elements; `None` if it is not stationary.
    pub(super) fn new(polynomials: &Polynomials, len: usize) -> Option<Self> {
        let Polynomials { ar, ma } = polynomials;
        let covariances = autocovariances(ar, ma)?;
        let ar_terms = terms(ar);
        let mut with_value = vec![0.0; len];
        for (i, c) in with_value.iter_mut().enumerate() {
            let later = ar_terms.iter().filter(|(lag, _)| *lag > i);
            *c = later.map(|(lag, phi)| phi * covariances[lag - i]).sum();
        }
        let mut shock = vec![0.0; len];
        shock[0] = 1.0;
        shock[1..=ma.len()].copy_from_slice(ma);
        let responses = responses(&ar_terms, ma);
        for (i, c) in with_value.iter_mut().enumerate().take(ma.len() + 1) {
            let later = shock[i..=ma.len()].iter().zip(&responses);
            *c += later.map(|(theta, psi)| theta * psi).sum::<f64>();
        }
        let mut ar = ar.clone();
        ar.resize(len, 0.0);
        Some(Self { with_value, ar, shock })
    }

    /// The covariance of the next state with the value: the gain before it is divided by the variance.
    pub(super) fn gain(&self) -> Vec<f64> {
        let next = self.with_value.iter().skip(1).chain([&0.0]);
        let variance = self.with_value[0];
        self.ar.iter().zip(next).map(|(phi, next)| phi * variance + next).collect()
    }

    /// The whole covariance of the state, row by row: stationarity ties each element to the one down its diagonal.
    pub(super) fn covariance(&self) -> Vec<f64> {
        let len = self.ar.len();
        let variance = self.with_value[0];
        let after = |i: usize| self.with_value.get(i + 1).copied().unwrap_or(0.0);
        let mut p = vec![0.0; len * len];
        for i in (0..len).rev() {
            for k in (0..len).rev() {
                let inner = if i + 1 < len && k + 1 < len { p[(i + 1) * len + k + 1] } else { 0.0 };
                p[i * len + k] = inner
                    + self.shock[i] * self.shock[k]
                    + self.ar[i] * (self.ar[k] * variance + after(k))
                    + self.ar[k] * after(i);
            }
        }
        p
    }
}

/// Lags and coefficients that are not zero.
pub(super) fn terms(polynomial: &[f64]) -> Vec<(usize, f64)> {
    let terms = polynomial.iter().enumerate().filter(|(_, c)| **c != 0.0);
    terms.map(|(k, c)| (k + 1, *c)).collect()
}

/// What an innovation adds to the value 0, 1, ... steps later, as far as the moving average reaches.
fn responses(ar_terms: &[(usize, f64)], ma: &[f64]) -> Vec<f64> {
    let mut psi = vec![1.0; ma.len() + 1];
    for k in 1..=ma.len() {
        let known = ar_terms.iter().filter(|(lag, _)| *lag <= k);
        psi[k] = ma[k - 1] + known.map(|(lag, phi)| phi * psi[k - lag]).sum::<f64>();
    }
    psi
}

/// Autocovariances at lags 0 to the autoregression's order.
fn autocovariances(ar: &[f64], ma: &[f64]) -> Option<Vec<f64>> {
    let plain = of_autoregression(ar, ar.len() + ma.len())?;
    let ma_terms: Vec<(usize, f64)> = [(0, 1.0)].into_iter().chain(terms(ma)).collect();
    let mut out = vec![0.0; ar.len() + 1];
    for (lag, sum) in out.iter_mut().enumerate() {
        for (i, a) in &ma_terms {
            *sum +=
                ma_terms.iter().map(|(k, b)| a * b * plain[(lag + i).abs_diff(*k)]).sum::<f64>();
        }
    }
    Some(out)
}

/// Autocovariances of a pure autoregression at lags 0 to `lag_max`.
fn of_autoregression(ar: &[f64], lag_max: usize) -> Option<Vec<f64>> {
    let mut predictors = vec![ar.to_vec()];
    let mut variance = 1.0;
    let mut current = ar.to_vec();
    while let Some(partial) = current.pop() {
        let rest = 1.0 - partial * partial;
        if rest.is_nan() || rest <= 0.0 {
            return None;
        }
        variance /= rest;
        let reversed: Vec<f64> = current.iter().rev().copied().collect();
        current.iter_mut().zip(reversed).for_each(|(c, r)| *c = (*c + partial * r) / rest);
        predictors.push(current.clone());
    }
    let mut out = Vec::with_capacity(lag_max + 1);
    out.push(variance);
    for lag in 1..=lag_max {
        let predictor = &predictors[ar.len().saturating_sub(lag)];
        let earlier = out.iter().rev();
        let next = predictor.iter().zip(earlier).map(|(c, g)| c * g).sum();
        out.push(next);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ar: &[f64], ma: &[f64], want: &[f64]) {
        let polynomials = Polynomials { ar: ar.to_vec(), ma: ma.to_vec() };
        let law = Stationary::new(&polynomials, ar.len().max(ma.len() + 1)).unwrap();
        let found = law.covariance();
        assert!((found[0] - law.with_value[0]).abs() < 1e-12 * found[0]);
        for (found, want) in found.iter().zip(want) {
            assert!((found - want).abs() < 1e-12, "{found} not {want}");
        }
    }

    #[test]
    fn known_laws() {
        check(&[0.5], &[], &[1.0 / 0.75]);
        check(&[], &[0.5], &[1.25, 0.5, 0.5, 0.25]);
        // Box and Jenkins: variance of ARMA(1,1) is (1 + 2 phi theta + theta^2) / (1 - phi^2).
        check(&[0.6], &[0.3], &[(1.0 + 0.36 + 0.09) / 0.64, 0.3, 0.3, 0.09]);
    }

    #[test]
    fn the_covariance_is_what_one_step_leaves_as_it_is() {
        let polynomials = Polynomials { ar: vec![0.5, -0.3, 0.2], ma: vec![0.4, 0.0, 0.0, 0.3] };
        let law = Stationary::new(&polynomials, 5).unwrap();
        let p = law.covariance();
        let at = |i: usize, k: usize| if i < 5 && k < 5 { p[i * 5 + k] } else { 0.0 };
        for i in 0..5 {
            assert!((at(i, 0) - law.with_value[i]).abs() < 1e-12);
            for k in 0..5 {
                let (a, b) = (law.ar[i], law.ar[k]);
                let moved =
                    a * b * at(0, 0) + a * at(0, k + 1) + b * at(i + 1, 0) + at(i + 1, k + 1);
                assert!((moved + law.shock[i] * law.shock[k] - at(i, k)).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn a_process_without_a_stationary_law_has_none() {
        assert!(Stationary::new(&Polynomials { ar: vec![1.0], ma: vec![] }, 1).is_none());
    }
}
