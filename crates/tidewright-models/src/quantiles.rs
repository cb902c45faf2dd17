//! Rows of quantiles around expected values.
//!
//! What the noise does follows the law that was learned of it, what the trend may do the normal one; the two are
//! independent, so their distances from the expected value add as squares.

use tidewright_core::Levels;
use tidewright_numerics::normal_quantile;
use tidewright_numerics::simd::{Kernel, Lanes, Lines, WIDTH, run};

use crate::noise::{Noise, Scale};

/// One row per level; `drift` is the variance of what the trend may do, point by point.
pub(crate) fn quantile_rows(
    point: &[f64],
    drift: &[f64],
    noise: &Noise,
    levels: &Levels,
) -> Vec<Vec<f64>> {
    let (point, drift, rows) = (Lines::from(point), Lines::from(drift), point.len());
    let mut variances = Lines::zeros(rows);
    run(Widths { scale: noise.scale(), point: point.rows(), out: variances.rows_mut() });
    let row = |quantile: &tidewright_core::Quantile| {
        let mut out = vec![0.0; point.len()];
        let score = noise.standard_quantile(quantile.get());
        let shock = normal_quantile(quantile.get());
        let side = if score == 0.0 { shock.signum() } else { score.signum() };
        run(Row {
            point: point.rows(),
            parts: [(variances.rows(), score * score), (drift.rows(), shock * shock)],
            side,
            out: out.as_chunks_mut().0,
        });
        out.truncate(rows);
        out
    };
    levels.as_slice().iter().map(row).collect()
}

/// The variance of noise at each point.
struct Widths<'a> {
    scale: &'a Scale,
    point: &'a [[f64; WIDTH]],
    out: &'a mut [[f64; WIDTH]],
}

impl Kernel for Widths<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        for (point, out) in self.point.iter().zip(self.out) {
            self.scale.variances(L::load(point)).store(out);
        }
    }
}

/// `point + side sqrt(variance a + variance b)`, each variance times its factor.
struct Row<'a> {
    point: &'a [[f64; WIDTH]],
    parts: [(&'a [[f64; WIDTH]], f64); 2],
    side: f64,
    out: &'a mut [[f64; WIDTH]],
}

impl Kernel for Row<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self) {
        let [(noise, score), (drift, shock)] = self.parts;
        let (score, shock, side) = (L::splat(score), L::splat(shock), L::splat(self.side));
        for (index, out) in self.out.iter_mut().enumerate() {
            let square = L::load(&noise[index]).mul(score);
            let square = L::load(&drift[index]).mul_add(shock, square);
            side.mul_add(square.sqrt(), L::load(&self.point[index])).store(out);
        }
    }
}

#[cfg(test)]
mod tests {
    use tidewright_numerics::Random;

    use super::*;

    #[test]
    fn rows_are_the_quantiles_point_by_point() {
        let mut random = Random::new(9);
        let point: Vec<f64> = (0..301).map(|i| 40.0 + f64::from(i % 50)).collect();
        let seen: Vec<f64> =
            point.iter().map(|level| level + random.normal() * level.sqrt()).collect();
        let noise = Noise::learn(&point, &seen);
        let drift: Vec<f64> = (0..301).map(|i| 0.01 * f64::from(i)).collect();
        let levels = Levels::default();
        let rows = quantile_rows(&point, &drift, &noise, &levels);
        for (row, level) in rows.iter().zip(levels.as_slice()) {
            assert_eq!(row.len(), 301);
            let (own, shock) = (noise.standard_quantile(level.get()), normal_quantile(level.get()));
            for (i, found) in row.iter().enumerate() {
                let far = (own * noise.scale().at(point[i])).hypot(shock * drift[i].sqrt());
                assert!((found - point[i] - far.copysign(own)).abs() < 1e-12);
            }
        }
    }
}
