//! What Prophet decides about a history before it fits.
//!
//! Rows without a value are dropped, the rest is sorted; on the rows that remain it is decided how values are scaled,
//! which seasons come by themselves, how regressors are standardised and where the trend may bend. A history that is
//! whole and in order, as most are, is not copied.

use std::borrow::Cow;
use std::sync::Arc;

use tidewright_core::Timestamp;
use tidewright_numerics::Outline;

use super::bound::{Limits, Rows};
use super::covariates::{History, Selection};
use super::design::{Design, regressor};
use super::fit::Frame;
use super::gaps::changepoint_rows;
use super::settings::{Growth, Scaling, Settings, Standardize};
use crate::FitError;

/// A history ready to be fitted.
#[derive(Debug)]
pub(crate) struct Prepared<'a> {
    pub(crate) frame: Frame,
    pub(crate) design: Arc<Design>,
    pub(crate) rows: Rows<'a>,
    pub(crate) values: Cow<'a, [f64]>,
    pub(crate) outline: Outline,
    /// Where the trend may bend, in the model's time.
    pub(crate) knots: Vec<f64>,
}

impl<'a> Prepared<'a> {
    pub(crate) fn new(history: &History<'a>, settings: &Settings) -> Result<Self, FitError> {
        settings.check()?;
        let observed = observed(history)?;
        let data = Selection {
            covariates: history.covariates,
            points: history.times.len(),
            rows: observed.as_deref(),
        };
        let (times, values) = (data.pick(history.times), data.pick(history.values));
        let (first, last) = span(&times)?;
        let outline = Outline::of(&values);
        let largest = outline.max.max(-outline.min);
        if !(largest * largest * values.len() as f64).is_finite() {
            return Err(FitError::NotFinite);
        }
        let step_min_ms = if settings.waits() { step_min_ms(&times) } else { 0 };
        let settings = settings.clone().resolved(first, last, step_min_ms);
        let floored =
            settings.growth == Growth::Logistic && history.covariates.column("floor").is_some();
        let limits = Limits::read(settings.growth, floored, &data)?;
        let (floor, scale) = scale(&values, outline, settings.scaling, limits.as_ref());
        let frame = frame((first, last), (floor, scale), limits.as_ref());
        if let Some(limits) = &limits {
            limits.check(frame.floor, &data)?;
        }
        let knots = knots(&times, frame, &settings)?;
        let standards = standards(&settings, &data)?;
        let design = Arc::new(Design::new(&settings, &standards));
        let rows = Rows::new(times, &design, limits, &data)?;
        Ok(Self { frame, design, rows, values, outline, knots })
    }

    /// Whether there is nothing to fit: values that never change around a trend that could stay.
    pub(crate) fn is_constant(&self) -> bool {
        self.design.settings.growth != Growth::Logistic && self.outline.min == self.outline.max
    }
}

/// The rows that have a value, by time, rows of one moment as they come; `None` if that is all of them as they are.
fn observed(history: &History<'_>) -> Result<Option<Vec<usize>>, FitError> {
    let (times, values) = (history.times, history.values);
    if times.len() != values.len() {
        return Err(FitError::Length { points: times.len(), values: values.len() });
    }
    if times.is_sorted() && !values.iter().any(|value| value.is_nan()) {
        return Ok(None);
    }
    let mut rows: Vec<usize> = (0..times.len()).filter(|&row| !values[row].is_nan()).collect();
    rows.sort_by_key(|&row| times[row]);
    Ok(Some(rows))
}

/// The first and the last moment, which must differ.
fn span(times: &[Timestamp]) -> Result<(Timestamp, Timestamp), FitError> {
    match (times.first(), times.last()) {
        (Some(first), Some(last)) if first < last => Ok((*first, *last)),
        _ => Err(FitError::TooFew { rows: times.len() }),
    }
}

/// The smallest step between moments that differ.
fn step_min_ms(times: &[Timestamp]) -> i64 {
    let steps = times.windows(2).map(|pair| pair[1].as_millis() - pair[0].as_millis());
    steps.filter(|step| *step > 0).min().unwrap_or(i64::MAX)
}

/// What is taken from values, and what they are divided by; 1 where they are all the same.
fn scale(
    values: &[f64],
    Outline { min, max, .. }: Outline,
    scaling: Scaling,
    limits: Option<&Limits<'_>>,
) -> (f64, f64) {
    let floors = limits.and_then(|limits| limits.floor.as_deref().map(|floors| (floors, limits)));
    let (floor, scale) = match (scaling, floors) {
        (Scaling::AbsMax, None) => (0.0, max.max(-min)),
        (Scaling::AbsMax, Some((floors, _))) => {
            let above = values.iter().zip(floors).map(|(value, floor)| (value - floor).abs());
            (0.0, above.fold(0.0, f64::max))
        }
        (Scaling::MinMax, None) => (min, max - min),
        (Scaling::MinMax, Some((floors, limits))) => {
            (0.0, Outline::of(&limits.cap).max - Outline::of(floors).min)
        }
    };
    (floor, if scale == 0.0 { 1.0 } else { scale })
}

/// How these rows become the numbers of the model.
fn frame(
    (first, last): (Timestamp, Timestamp),
    (floor, scale): (f64, f64),
    limits: Option<&Limits<'_>>,
) -> Frame {
    let floors = limits.and_then(|limits| limits.floor.as_deref());
    Frame {
        origin: first,
        span_ms: (last.as_millis() - first.as_millis()) as f64,
        phase: first,
        floor: floors.and_then(|floors| floors.last().copied()).unwrap_or(floor),
        scale,
        cap: limits.and_then(|limits| limits.cap.last().copied()).unwrap_or_default(),
        floored: floors.is_some(),
    }
}

/// Mean and deviation of each regressor; 0 and 1 where it is taken as it is.
fn standards(settings: &Settings, data: &Selection<'_, '_>) -> Result<Vec<(f64, f64)>, FitError> {
    let each = settings.regressors.iter().map(|one| {
        let values = regressor(&one.name, data)?;
        let outline = Outline::of(&values);
        let wanted = match one.standardize {
            Standardize::Yes => true,
            Standardize::No => false,
            Standardize::Auto => !values.iter().all(|value| *value == 0.0 || *value == 1.0),
        };
        Ok(if wanted && outline.min < outline.max { standard(&values) } else { (0.0, 1.0) })
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

/// Where the trend may bend, in the model's time; a flat one bends nowhere, but what is given must still make sense.
fn knots(times: &[Timestamp], frame: Frame, settings: &Settings) -> Result<Vec<f64>, FitError> {
    let mut moments: Vec<Timestamp> = match &settings.changepoints {
        Some(given) => given.clone(),
        None => changepoint_rows(times.len(), settings).iter().map(|&row| times[row]).collect(),
    };
    let within = times[0]..=times[times.len() - 1];
    if let Some(outside) = moments.iter().find(|moment| !within.contains(moment)) {
        return Err(FitError::Changepoint(*outside));
    }
    if settings.growth == Growth::Flat {
        return Ok(Vec::new());
    }
    moments.sort_unstable();
    Ok(moments.iter().map(|moment| frame.time(*moment)).collect())
}
