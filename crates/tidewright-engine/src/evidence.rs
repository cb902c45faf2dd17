//! History and forecast, decimated by smallest and largest, so that a person can see what was decided on.

use tidewright_core::{Bucket, EVIDENCE_BUCKETS_MAX, Evidence, ForecastBand, Grid, TimeSpan};

/// How much of the future is drawn, as a share of the history: enough to see the next days, not enough to squeeze it.
const FUTURE_SHARE: f64 = 0.25;

/// Half the width of the 95 % band in standard deviations.
const BAND: f64 = 1.96;

/// What is drawn of one series.
pub(crate) struct Scene<'a> {
    pub grid: &'a Grid,
    pub raw: &'a [f64],
    /// NaN where `raw` is a gap or was masked.
    pub clean: &'a [f64],
    /// Median and noise of the future, from the end of the grid on; empty if there is no forecast.
    pub future: &'a [f64],
    pub future_scale: &'a [f64],
    pub held_back: Option<TimeSpan>,
}

/// The drawing of one series.
pub(crate) fn draw(scene: &Scene<'_>) -> Evidence {
    let per_bucket = scene.grid.len().div_ceil(EVIDENCE_BUCKETS_MAX).max(1);
    let history =
        (0..scene.grid.len()).step_by(per_bucket).map(|start| bucket(scene, start, per_bucket));
    let shown = ((scene.grid.len() as f64 * FUTURE_SHARE) as usize).min(scene.future.len());
    let forecast = (0..shown)
        .step_by(per_bucket)
        .map(|start| band(scene, start, per_bucket.min(shown - start)));
    Evidence {
        bucket_ms: scene.grid.step_ms() * per_bucket as i64,
        history: history.collect(),
        forecast: forecast.collect(),
        held_back: scene.held_back,
    }
}

fn bucket(scene: &Scene<'_>, start: usize, len: usize) -> Bucket {
    let end = (start + len).min(scene.raw.len());
    let mut bucket =
        Bucket { start: scene.grid.timestamp(start), min: None, max: None, masked: None };
    for index in (start..end).filter(|&index| !scene.raw[index].is_nan()) {
        let value = scene.raw[index] as f32;
        if scene.clean[index].is_nan() {
            bucket.masked = Some(bucket.masked.map_or(value, |most| most.max(value)));
        } else {
            bucket.min = Some(bucket.min.map_or(value, |least| least.min(value)));
            bucket.max = Some(bucket.max.map_or(value, |most| most.max(value)));
        }
    }
    bucket
}

fn band(scene: &Scene<'_>, start: usize, len: usize) -> ForecastBand {
    let range = start..start + len;
    let edge = |sign: f64| {
        let values = scene.future[range.clone()].iter().zip(&scene.future_scale[range.clone()]);
        values.map(move |(median, scale)| (median + sign * BAND * scale).max(0.0))
    };
    ForecastBand {
        start: scene.grid.timestamp(scene.grid.len() + start),
        point: scene.future[range.clone()].iter().copied().fold(0.0, f64::max) as f32,
        low: edge(-1.0).fold(f64::INFINITY, f64::min) as f32,
        high: edge(1.0).fold(0.0, f64::max) as f32,
    }
}
