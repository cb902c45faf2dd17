//! The standard normal law: its distribution and its quantiles.
//!
//! Abramowitz and Stegun, Handbook of Mathematical Functions: series 26.2.11 near the middle, continued fraction
//! 26.2.14 in the tails, start 26.2.23 for the quantile, which two Halley steps then make exact to about 1e-15.

use std::f64::consts::TAU;

/// Beyond this distance the continued fraction converges faster than the series.
const TAIL_FROM: f64 = 3.0;
/// Enough terms for full precision at [`TAIL_FROM`] and beyond.
const FRACTION_TERMS: u32 = 80;

/// The probability that a standard normal number is at most `z`.
pub fn normal_cdf(z: f64) -> f64 {
    if z.abs() < TAIL_FROM {
        return 0.5 + density(z) * series(z);
    }
    let tail = density(z) * mills_ratio(z.abs());
    if z < 0.0 { tail } else { 1.0 - tail }
}

/// The `z` below which a standard normal number lies with probability `p`; infinite at 0 and 1.
pub fn normal_quantile(p: f64) -> f64 {
    if p <= 0.0 {
        return f64::NEG_INFINITY;
    }
    if p >= 1.0 {
        return f64::INFINITY;
    }
    // Work in the lower tail, where `1 - p` would lose digits.
    if p > 0.5 { -lower_quantile(1.0 - p) } else { lower_quantile(p) }
}

fn lower_quantile(p: f64) -> f64 {
    let t = (-2.0 * p.ln()).sqrt();
    let above = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let below = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    let mut z = above / below - t;
    for _ in 0..2 {
        let step = (normal_cdf(z) - p) / density(z);
        z -= step / (1.0 + 0.5 * z * step);
    }
    z
}

fn density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / TAU.sqrt()
}

/// `(cdf(z) - 1/2) / density(z)` as `z + z^3/3 + z^5/15 + ...`.
fn series(z: f64) -> f64 {
    let (mut term, mut sum, mut odd) = (z, z, 1.0);
    while term.abs() > 1e-17 * sum.abs() {
        odd += 2.0;
        term *= z * z / odd;
        sum += term;
    }
    sum
}

/// The upper tail over the density, `1/(z + 1/(z + 2/(z + 3/(z + ...))))`, from the far end inwards.
fn mills_ratio(z: f64) -> f64 {
    1.0 / (1..=FRACTION_TERMS).rev().fold(z, |rest, k| z + f64::from(k) / rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(z: f64, p: f64) {
        assert!((normal_cdf(z) / p - 1.0).abs() < 1e-12, "cdf({z}) = {}", normal_cdf(z));
        assert!((normal_quantile(p) - z).abs() < 1e-9, "quantile({p}) = {}", normal_quantile(p));
    }

    #[test]
    fn known_points_of_the_law() {
        check(0.0, 0.5);
        check(1.0, 0.841_344_746_068_542_9);
        check(-1.959_963_984_540_054, 0.025);
        check(-3.090_232_306_167_813_5, 0.001);
        check(-4.753_424_308_822_899, 1e-6);
        check(-6.361_340_902_404_056, 1e-10);
    }

    #[test]
    fn the_branches_meet() {
        let step = normal_cdf(TAIL_FROM + 1e-12) - normal_cdf(TAIL_FROM - 1e-12);
        assert!(step.abs() < 1e-13);
    }

    #[test]
    fn the_ends_are_infinite() {
        assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(normal_quantile(1.0), f64::INFINITY);
    }
}
