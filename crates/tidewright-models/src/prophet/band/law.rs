//! How the variance of a trend's future is spread.
//!
//! Future bends come by chance, `a` of them expected until the moment that is asked for, and are Laplace with mean size
//! `mu`. A Laplace number is a normal one whose variance is exponential, so what all bends together have done after the
//! time `tau` is normal too, once `W = sum E_i U_i^2` is known (`E` exponential, `U` uniform): its deviation is
//! `mu tau sqrt(2 W)`. `W` is 0 with probability `exp(-a)` and has the Laplace transform
//! `exp(a (atan(sqrt s)/sqrt s - 1))`, whatever the model: one law with one parameter. Its density is read off that
//! transform by Talbot's contour (Abate and Valko 2004), at points even in `ln w`, where plain sums converge fastest.

use std::array;
use std::f64::consts::PI;

/// Points of the law.
pub(super) const POINTS: usize = 53;
/// The logarithm of the first point and the step to the next: from 4e-8 to 45, beyond which no mass is left.
const LOG_FIRST: f64 = -17.0;
const LOG_STEP: f64 = 0.4;
/// Points of the contour: densities are right to seven digits, and round-off does not show yet.
const CONTOUR: usize = 16;
/// Beyond so many expected bends the contour's terms outgrow their sum.
pub(super) const BENDS_MAX: f64 = 16.0;

/// What all laws have in common: the contour, and the transform's exponent along it for each point.
#[derive(Debug)]
pub(super) struct Family {
    points: [f64; POINTS],
    weights: [Complex; CONTOUR],
    exponents: [[Complex; CONTOUR]; POINTS],
}

/// The law of `W` for one number of expected bends.
#[derive(Debug)]
pub(super) struct Law {
    /// The probability that nothing happens.
    pub(super) still: f64,
    /// The variances that may happen, as shares of the expected one.
    pub(super) variances: [f64; POINTS],
    /// Their probabilities.
    pub(super) masses: [f64; POINTS],
}

#[derive(Clone, Copy, Debug)]
struct Complex {
    re: f64,
    im: f64,
}

impl Family {
    pub(super) fn new() -> Self {
        let points = array::from_fn(|point| (LOG_FIRST + LOG_STEP * point as f64).exp());
        // Talbot's path and its derivative, times the point at which the density is wanted.
        let contour: [(Complex, Complex); CONTOUR] = array::from_fn(|step| {
            let radius = 0.4 * CONTOUR as f64;
            if step == 0 {
                return (Complex::new(radius, 0.0), Complex::new(0.5 * radius.exp(), 0.0));
            }
            let angle = step as f64 * PI / CONTOUR as f64;
            let cot = angle.tan().recip();
            let at = Complex::new(radius * angle * cot, radius * angle);
            let slope = Complex::new(1.0, angle + (angle * cot - 1.0) * cot);
            (at, at.exp().times(slope))
        });
        let exponent = |at: Complex, point: f64| at.scaled(1.0 / point).sqrt().atan_ratio();
        Self {
            points,
            weights: contour.map(|(_, weight)| weight.scaled(0.4 * LOG_STEP)),
            exponents: points.map(|point| contour.map(|(at, _)| exponent(at, point))),
        }
    }

    /// The law where `bends` are expected, at most [`BENDS_MAX`].
    pub(super) fn law(&self, bends: f64) -> Law {
        let rest = (-bends).exp();
        let masses = self.exponents.each_ref().map(|exponents| {
            let terms = exponents.iter().zip(&self.weights).map(|(exponent, weight)| {
                let moved = exponent.scaled(bends).exp();
                weight.re * (moved.re - 1.0) - weight.im * moved.im
            });
            (rest * terms.sum::<f64>()).max(0.0)
        });
        // What is smaller than the first point might as well not have happened.
        let still = (1.0 - masses.iter().sum::<f64>()).max(0.0);
        Law { still, variances: self.points.map(|point| 3.0 * point / bends), masses }
    }
}

impl Complex {
    const fn new(re: f64, im: f64) -> Self {
        Self { re, im }
    }

    fn scaled(self, factor: f64) -> Self {
        Self::new(self.re * factor, self.im * factor)
    }

    fn times(self, other: Self) -> Self {
        Self::new(self.re * other.re - self.im * other.im, self.re * other.im + self.im * other.re)
    }

    fn over(self, other: Self) -> Self {
        let square = other.re * other.re + other.im * other.im;
        self.times(Self::new(other.re / square, -other.im / square))
    }

    fn exp(self) -> Self {
        let (sin, cos) = self.im.sin_cos();
        Self::new(cos, sin).scaled(self.re.exp())
    }

    fn sqrt(self) -> Self {
        let (size, angle) = (self.re.hypot(self.im).sqrt(), 0.5 * self.im.atan2(self.re));
        Self::new(size * angle.cos(), size * angle.sin())
    }

    /// `atan(z)/z`, by `atan z = (ln(1 + iz) - ln(1 - iz)) / 2i`.
    fn atan_ratio(self) -> Self {
        let ln = |re: f64, im: f64| Self::new(re.hypot(im).ln(), im.atan2(re));
        let (above, below) = (ln(1.0 - self.im, self.re), ln(1.0 + self.im, -self.re));
        // Divided by 2i.
        let atan = Self::new(above.im - below.im, below.re - above.re).scaled(0.5);
        atan.over(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_law_has_the_moments_that_its_transform_tells() {
        let family = Family::new();
        for bends in [0.001, 0.03, 0.5, 2.0, 7.0, BENDS_MAX] {
            let law = family.law(bends);
            let moment = |power: i32| -> f64 {
                let pairs = law.variances.iter().zip(&law.masses);
                pairs.map(|(variance, mass)| mass * variance.powi(power)).sum()
            };
            assert!((law.still - (-bends).exp()).abs() < 2e-4, "{} at {bends}", law.still);
            assert!((moment(1) - 1.0).abs() < 1e-5, "{} at {bends}", moment(1));
            // Cumulants of W are a n! / (2n + 1).
            let square = 1.0 + 3.6 / bends;
            assert!((moment(2) / square - 1.0).abs() < 3e-5, "{} at {bends}", moment(2));
        }
    }
}
