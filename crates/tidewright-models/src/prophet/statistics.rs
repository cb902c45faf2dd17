//! All that the optimum depends on: moments of the rows, segment by segment between changepoints.
//!
//! With `x = (1, sin, cos, ...)` and time `t` in 0..=1, segment `j` holds `sum t^a x x'` for `a` in 0..=2 (`pairs`) and
//! `sum t^a y x` for `a` in 0..=1 (`cross`). Whoever knows these can forget the rows. Where rows come from is not
//! decided here: a [`super::GridPlan`] shares its pairs, [`super::fit_rows`] adds row by row.

use std::sync::Arc;

use super::settings::Settings;

/// What is known of one series once its rows are summed.
#[derive(Clone, Debug)]
pub(crate) struct Statistics {
    /// How many rows were observed.
    pub(crate) rows: usize,
    /// Length of a row of features, padded.
    pub(crate) stride: usize,
    /// Where the trend may bend, in 0..=1.
    pub(crate) knots: Vec<f64>,
    /// `[segments][3][stride][stride]`.
    pub(crate) pairs: Arc<[f64]>,
    /// `[segments][2][stride]`, of scaled values.
    pub(crate) cross: Vec<f64>,
    /// Sum of squares of the scaled values.
    pub(crate) square: f64,
}

impl Statistics {
    /// The moments `sum t^power x x'` of a segment.
    pub(crate) fn pairs(&self, segment: usize, power: usize) -> &[f64] {
        let size = self.stride * self.stride;
        &self.pairs[(segment * 3 + power) * size..][..size]
    }

    /// The moments `sum t^power y x` of a segment.
    pub(crate) fn cross(&self, segment: usize, power: usize) -> &[f64] {
        &self.cross[(segment * 2 + power) * self.stride..][..self.stride]
    }

    /// How many segments the changepoints make.
    pub(crate) const fn segments(&self) -> usize {
        self.knots.len() + 1
    }
}

/// The rows, counted among the observed ones, at which Prophet puts its changepoints.
pub(crate) fn changepoint_rows(rows: usize, settings: &Settings) -> Vec<usize> {
    let history = (rows as f64 * settings.changepoint_range).floor() as usize;
    let count = settings.n_changepoints.min(history.saturating_sub(1));
    let step = history.saturating_sub(1) as f64 / count.max(1) as f64;
    // numpy rounds halves to even.
    (1..=count).map(|i| (i as f64 * step).round_ties_even() as usize).collect()
}

/// Adds `weight * t^a x x'` of one row to the three moments in `pairs`: what stands above the diagonal, in blocks of
/// four, because the rest follows by [`mirror`].
pub(crate) fn add_pairs(pairs: &mut [f64], x: &[f64], t: f64, weight: f64) {
    let size = x.len() * x.len();
    let mut factor = weight;
    for moment in pairs.chunks_exact_mut(size) {
        for (i, row) in moment.chunks_exact_mut(x.len()).enumerate() {
            let (left, from) = (x[i] * factor, i / 4 * 4);
            row[from..].iter_mut().zip(&x[from..]).for_each(|(sum, right)| *sum += left * right);
        }
        factor *= t;
    }
}

/// Completes symmetric moments from what stands above their diagonals.
pub(crate) fn mirror(pairs: &mut [f64], stride: usize) {
    for moment in pairs.chunks_exact_mut(stride * stride) {
        for row in 1..stride {
            (0..row)
                .for_each(|column| moment[row * stride + column] = moment[column * stride + row]);
        }
    }
}

/// Turns moments in `u` into moments in `t = slope * u + offset`; works for three powers of pairs and two of cross.
pub(crate) fn retime(moments: &mut [f64], size: usize, slope: f64, offset: f64) {
    let (zero, rest) = moments.split_at_mut(size);
    let (one, two) = rest.split_at_mut(size);
    for i in 0..size {
        if let Some(square) = two.get_mut(i) {
            let cross_term = 2.0 * slope * offset * one[i];
            *square = slope * slope * *square + cross_term + offset * offset * zero[i];
        }
        one[i] = slope * one[i] + offset * zero[i];
    }
}

#[cfg(test)]
mod tests {
    use tidewright_core::SeasonalityMode;

    use super::*;

    #[test]
    fn changepoints_lie_where_prophet_puts_them() {
        let settings = Settings::new(SeasonalityMode::Additive);
        let rows = changepoint_rows(144, &settings);
        assert_eq!((rows.len(), rows[0], rows[24]), (25, 5, 114));
        assert_eq!(changepoint_rows(10, &settings), [1, 2, 3, 4, 5, 6, 7]);
        assert!(changepoint_rows(1, &settings).is_empty());
    }

    #[test]
    fn time_can_be_stretched_after_the_sums() {
        let x = [1.0, 0.5, 0.0, 0.0];
        let (mut stretched, mut direct) = (vec![0.0; 48], vec![0.0; 48]);
        for u in [0.1, 0.4, 0.9] {
            add_pairs(&mut stretched, &x, u, 1.0);
            add_pairs(&mut direct, &x, 2.0 * u - 0.2, 1.0);
        }
        retime(&mut stretched, 16, 2.0, -0.2);
        assert!(stretched.iter().zip(&direct).all(|(a, b)| (a - b).abs() < 1e-14));
    }
}
