//! Student's law.

use std::f64::consts::FRAC_PI_2;

use crate::normal::normal_quantile;

/// From so many degrees of freedom on, the normal law is the same to six digits.
const NORMAL_FROM: f64 = 1e6;

/// The quantile of Student's law; of the normal one where `freedom` is infinite.
///
/// Hill (1970), "Algorithm 396: Student's t-quantiles", Communications of the ACM 13; good to six digits from three
/// degrees of freedom on.
pub fn student_quantile(p: f64, freedom: f64) -> f64 {
    if p == 0.5 {
        return 0.0;
    }
    if freedom >= NORMAL_FROM {
        return normal_quantile(p);
    }
    let both_tails = 2.0 * p.min(1.0 - p);
    (p - 0.5).signum() * (freedom * square_share(both_tails, freedom)).sqrt()
}

/// `t * t / n`, where both tails beyond `t` hold `p`. The names are Hill's.
fn square_share(p: f64, n: f64) -> f64 {
    let a = 1.0 / (n - 0.5);
    let b = 48.0 / (a * a);
    let mut c = ((20700.0 * a / b - 98.0) * a - 16.0) * a + 96.36;
    let d = ((94.5 / (b + c) - 3.0) / b + 1.0) * (a * FRAC_PI_2).sqrt() * n;
    let y = (d * p).powf(2.0 / n);
    if y <= 0.05 + a {
        let inner = 1.0 / (((n + 6.0) / (n * y) - 0.089 * d - 0.822) * (n + 2.0) * 3.0);
        return ((inner + 0.5 / (n + 4.0)) * y - 1.0) * (n + 1.0) / (n + 2.0) + 1.0 / y;
    }
    let x = normal_quantile(0.5 * p);
    let square = x * x;
    if n < 5.0 {
        c += 0.3 * (n - 4.5) * (x + 0.6);
    }
    c += (((0.05 * d * x - 5.0) * x - 7.0) * x - 2.0) * x + b;
    let series = (((0.4 * square + 6.3) * square + 36.0) * square + 94.5) / c - square - 3.0;
    (a * ((series / b + 1.0) * x).powi(2)).exp_m1()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (p, freedom, t) in [
            (0.975, 3.0, 3.182_446),
            (0.975, 6.0, 2.446_912),
            (0.9, 6.0, 1.439_756),
            (0.999, 5.0, 5.893_430),
            (0.995, 10.0, 3.169_273),
            (0.6, 4.0, 0.270_722),
            (0.95, 30.0, 1.697_261),
        ] {
            assert!((student_quantile(p, freedom) - t).abs() < 2e-5 * t, "{p} {freedom}");
            assert!((student_quantile(1.0 - p, freedom) + t).abs() < 2e-5 * t, "{p} {freedom}");
        }
        assert!((student_quantile(0.975, f64::INFINITY) - 1.959_964).abs() < 1e-6);
        assert_eq!(student_quantile(0.5, 4.0), 0.0);
    }
}
