//! The generic path: rows at any moments, summed one by one.
//!
//! For calendar and irregular axes, and as the yardstick of the shared-grid path: same moments, same solver.

use tidewright_core::Timestamp;

use super::fit::{Frame, ProphetFit};
use super::settings::Settings;
use super::statistics::{Statistics, add_pairs, changepoint_rows, mirror};
use super::waves::{features, stride_of};
use crate::FitError;

/// The optimum for values at ascending moments; NaN is a gap.
///
/// # Errors
/// [`FitError`] if lengths differ, moments descend, or fewer than two values are numbers.
pub fn fit_rows(
    times: &[Timestamp],
    values: &[f64],
    settings: &Settings,
) -> Result<ProphetFit, FitError> {
    if times.len() != values.len() {
        return Err(FitError::Length { points: times.len(), values: values.len() });
    }
    let pairs = times.iter().zip(values).filter(|(_, value)| !value.is_nan());
    let rows: Vec<(Timestamp, f64)> = pairs.map(|(time, value)| (*time, *value)).collect();
    if let Some(pair) = rows.windows(2).find(|pair| pair[1].0 < pair[0].0) {
        return Err(FitError::Order(pair[1].0));
    }
    if rows.len() < 2 || rows[0].0 == rows[rows.len() - 1].0 {
        return Err(FitError::TooFew { rows: rows.len() });
    }
    let absolute = rows.iter().map(|(_, value)| value.abs()).fold(0.0, f64::max);
    if !absolute.is_finite() {
        return Err(FitError::NotFinite);
    }
    let frame = Frame {
        origin: rows[0].0,
        span_ms: (rows[rows.len() - 1].0.as_millis() - rows[0].0.as_millis()) as f64,
        phase: rows[0].0,
        scale: if absolute == 0.0 { 1.0 } else { absolute },
    };
    if rows.iter().all(|(_, value)| *value == rows[0].1) {
        return Ok(ProphetFit::constant(frame, rows.len(), settings, rows[0].1));
    }
    ProphetFit::solve(frame, &statistics(&rows, frame, settings), settings, None)
}

fn statistics(rows: &[(Timestamp, f64)], frame: Frame, settings: &Settings) -> Statistics {
    let harmonics = settings.harmonics();
    let stride = stride_of(harmonics.len());
    let time = |moment: Timestamp| frame.time(moment);
    let bends = changepoint_rows(rows.len(), settings);
    let knots: Vec<f64> = bends.iter().map(|&row| time(rows[row].0)).collect();
    let segments = knots.len() + 1;
    let mut pairs = vec![0.0; segments * 3 * stride * stride];
    let mut cross = vec![0.0; segments * 2 * stride];
    let mut square = 0.0;
    let mut x = vec![0.0; stride];
    let mut segment = 0;
    for (index, (moment, value)) in rows.iter().enumerate() {
        segment += bends[segment..].iter().take_while(|&&bend| bend <= index).count();
        let (t, y) = (time(*moment), value / frame.scale);
        features(&harmonics, frame.offset_ms(*moment), &mut x);
        add_pairs(&mut pairs[segment * 3 * stride * stride..][..3 * stride * stride], &x, t, 1.0);
        let (plain, ramped) = cross[segment * 2 * stride..][..2 * stride].split_at_mut(stride);
        plain.iter_mut().zip(&x).for_each(|(sum, x)| *sum += y * x);
        ramped.iter_mut().zip(&x).for_each(|(sum, x)| *sum += t * y * x);
        square += y * y;
    }
    mirror(&mut pairs, stride);
    Statistics { rows: rows.len(), stride, knots, pairs: pairs.into(), cross, square }
}
