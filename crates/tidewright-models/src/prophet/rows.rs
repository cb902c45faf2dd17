//! The generic path: rows at any moments, with any columns beside them.
//!
//! Semantics are Prophet's: rows without a value are dropped first, the rest is sorted, moments may come twice; where
//! the trend may bend, which seasons come by themselves and how regressors are standardised is decided on the rows that
//! remain. Also the yardstick of the shared-grid path: same moments, same solver.

use std::sync::Arc;

use tidewright_core::Timestamp;

use super::bound::{Limits, Rows};
use super::covariates::{Covariates, History, Selection};
use super::design::{Design, regressor};
use super::fit::{Frame, ProphetFit};
use super::gaps::changepoint_rows;
use super::linear::Gram;
use super::moments::{self, Cross, Detail, Moments, Statistics};
use super::settings::{Growth, Scaling, Settings, Standardize};

use crate::FitError;

/// The optimum for values at any moments; NaN is a gap.
///
/// # Errors
/// As [`fit_history`].
pub fn fit_rows(
    times: &[Timestamp],
    values: &[f64],
    settings: &Settings,
) -> Result<ProphetFit, FitError> {
    fit_history(&History { times, values, covariates: &Covariates::none() }, settings)
}

/// The optimum for a series with everything that is known beside it.
///
/// # Errors
/// [`FitError`] if lengths differ, fewer than two moments have values, a setting breaks a rule, or a column that the
/// settings name is missing or holds what it must not.
pub fn fit_history(history: &History<'_>, settings: &Settings) -> Result<ProphetFit, FitError> {
    settings.check()?;
    let observed = observed(history)?;
    let data =
        Selection { covariates: history.covariates, points: history.times.len(), rows: &observed };
    let times: Vec<Timestamp> = observed.iter().map(|&row| history.times[row]).collect();
    let values: Vec<f64> = observed.iter().map(|&row| history.values[row]).collect();
    if values.iter().any(|value| !(value * value).is_finite()) {
        return Err(FitError::NotFinite);
    }
    let (first, last) = (times[0], times[times.len() - 1]);
    let settings = settings.clone().resolved(first, last, step_min_ms(&times));
    let floored =
        settings.growth == Growth::Logistic && history.covariates.column("floor").is_some();
    let limits = Limits::read(settings.growth, floored, &data)?;
    let frame = frame(&times, &values, &settings, limits.as_ref());
    if let Some(limits) = &limits {
        limits.check(frame.floor, &data)?;
    }
    let standards = standards(&settings, &data)?;
    let design = Arc::new(Design::new(&settings, &standards));
    let rows = Rows::new(history.times, &design, limits, &data)?;
    let knots = knots(&times, frame, &design.settings)?;
    let constant = values.iter().all(|value| *value == values[0]);
    if constant && design.settings.growth != Growth::Logistic {
        return Ok(ProphetFit::constant(frame, values.len(), &design, values[0]));
    }
    if design.settings.growth == Growth::Logistic {
        return Err(FitError::NeedsRows);
    }
    let statistics = statistics(&rows, &values, (frame, knots), &design);
    let gram = Gram::new(&statistics.moments, &design.priors);
    ProphetFit::solve(frame, &statistics, (&gram, &design), None)
}

/// The rows that have a value, by time; rows of one moment stay in the order in which they came.
fn observed(history: &History<'_>) -> Result<Vec<usize>, FitError> {
    let (times, values) = (history.times, history.values);
    if times.len() != values.len() {
        return Err(FitError::Length { points: times.len(), values: values.len() });
    }
    let mut rows: Vec<usize> = (0..times.len()).filter(|&row| !values[row].is_nan()).collect();
    rows.sort_by_key(|&row| times[row]);
    match (rows.first(), rows.last()) {
        (Some(&first), Some(&last)) if times[first] < times[last] => Ok(rows),
        _ => Err(FitError::TooFew { rows: rows.len() }),
    }
}

/// The smallest step between moments that differ.
fn step_min_ms(times: &[Timestamp]) -> i64 {
    let steps = times.windows(2).map(|pair| pair[1].as_millis() - pair[0].as_millis());
    steps.filter(|step| *step > 0).min().unwrap_or(i64::MAX)
}

/// How these rows become the numbers of the model.
fn frame(
    times: &[Timestamp],
    values: &[f64],
    settings: &Settings,
    limits: Option<&Limits>,
) -> Frame {
    let (first, last) = (times[0], times[times.len() - 1]);
    let fold = |values: &[f64], pick: fn(f64, f64) -> f64| {
        values.iter().copied().reduce(pick).unwrap_or_default()
    };
    let floors = limits.and_then(|limits| limits.floor.as_ref());
    let above = |row: usize| (values[row] - floors.map_or(0.0, |floors| floors[row])).abs();
    let (floor, scale) = match (settings.scaling, floors, limits) {
        (Scaling::AbsMax, _, _) => (0.0, (0..values.len()).map(above).fold(0.0, f64::max)),
        (Scaling::MinMax, Some(floors), Some(limits)) => {
            (0.0, fold(&limits.cap, f64::max) - fold(floors, f64::min))
        }
        (Scaling::MinMax, _, _) => {
            let lowest = fold(values, f64::min);
            (lowest, fold(values, f64::max) - lowest)
        }
    };
    Frame {
        origin: first,
        span_ms: (last.as_millis() - first.as_millis()) as f64,
        phase: first,
        floor: floors.and_then(|floors| floors.last().copied()).unwrap_or(floor),
        scale: if scale == 0.0 { 1.0 } else { scale },
        cap: limits.and_then(|limits| limits.cap.last().copied()).unwrap_or_default(),
        floored: floors.is_some(),
    }
}

/// Mean and deviation of each regressor; 0 and 1 where it is taken as it is.
fn standards(settings: &Settings, data: &Selection<'_>) -> Result<Vec<(f64, f64)>, FitError> {
    let each = settings.regressors.iter().map(|one| {
        let values = regressor(&one.name, data)?;
        let (low, high) = values
            .iter()
            .fold((values[0], values[0]), |(low, high), value| (value.min(low), value.max(high)));
        let binary = values.iter().all(|value| *value == 0.0 || *value == 1.0);
        let wanted = match one.standardize {
            Standardize::Yes => true,
            Standardize::No => false,
            Standardize::Auto => !binary,
        };
        Ok(if wanted && low < high { standard(&values) } else { (0.0, 1.0) })
    });
    each.collect()
}

/// The mean and the deviation of a sample.
fn standard(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let square: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (square / (count - 1.0)).sqrt())
}

/// Where the trend may bend, in the model's time.
fn knots(times: &[Timestamp], frame: Frame, settings: &Settings) -> Result<Vec<f64>, FitError> {
    if settings.growth == Growth::Flat {
        return Ok(Vec::new());
    }
    let Some(given) = &settings.changepoints else {
        let rows = changepoint_rows(times.len(), settings);
        return Ok(rows.iter().map(|&row| frame.time(times[row])).collect());
    };
    let within = times[0]..=times[times.len() - 1];
    if let Some(outside) = given.iter().find(|moment| !within.contains(moment)) {
        return Err(FitError::Changepoint(*outside));
    }
    let mut knots: Vec<f64> = given.iter().map(|moment| frame.time(*moment)).collect();
    knots.sort_by(f64::total_cmp);
    Ok(knots)
}

/// The sums over the rows; a flat trend is one whose time stands still.
fn statistics(
    rows: &Rows,
    values: &[f64],
    (frame, knots): (Frame, Vec<f64>),
    design: &Design,
) -> Statistics {
    let detail = if design.priors.is_linear() { Detail::Whole } else { Detail::Segments };
    let mut moments = Moments::zeros(design.columns(), knots.into(), detail);
    let mut cross = Cross::zeros(&moments);
    let knots = Arc::clone(&moments.knots);
    let pace = if design.settings.growth == Growth::Flat { 0.0 } else { 1.0 };
    let times: Vec<f64> = rows.times.iter().map(|moment| frame.time(*moment)).collect();
    let mut from = 0;
    for segment in 0..=knots.len() {
        let end = knots.get(segment).copied().unwrap_or(f64::INFINITY);
        let to = from + times[from..].partition_point(|t| *t < end);
        let features = features(rows, from..to, (frame, design), moments.stride);
        let times: Vec<f64> = times[from..to].iter().map(|t| pace * t).collect();
        let scaled = (from..to)
            .map(|row| (values[row] - rows.limits(row, (frame.floor, frame.cap)).0) / frame.scale);
        let block = moments::Rows { features: &features, picks: 0..times.len(), times: &times };
        moments.add(segment, &block, 1.0);
        moments.add_whole(&block, 1.0);
        cross.add(segment, &block, &scaled.collect::<Vec<_>>());
        from = to;
    }
    moments.seal();
    cross.seal();
    Statistics { moments: Arc::new(moments), cross }
}

/// The columns of some rows, row by row, each padded to `stride`.
fn features(
    rows: &Rows,
    range: std::ops::Range<usize>,
    (frame, design): (Frame, &Design),
    stride: usize,
) -> Vec<f64> {
    let mut features = vec![0.0; range.len() * stride];
    for (index, out) in range.zip(features.chunks_exact_mut(stride.max(1))) {
        let moment = rows.times[index];
        for (number, block) in design.blocks.iter().enumerate() {
            let known = rows.known(number, index).unwrap_or_default();
            block.write(moment, frame.offset_ms(moment), known, &mut out[block.columns.clone()]);
        }
    }
    features
}
