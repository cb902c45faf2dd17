//! What Prophet decides about a history before it fits.
//!
//! Rows without a value are dropped, the rest is sorted; on the rows that remain it is decided how values are scaled,
//! which seasons come by themselves, how regressors are standardised and where the trend may bend. A history that is
//! whole and in order, as most are, is not copied.

use std::borrow::Cow;
use std::sync::Arc;

use tidewright_core::Timestamp;

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
        if !values.iter().all(|value| (value * value).is_finite()) {
            return Err(FitError::NotFinite);
        }
        let settings = settings.clone().resolved(first, last, step_min_ms(&times));
        let floored =
            settings.growth == Growth::Logistic && history.covariates.column("floor").is_some();
        let limits = Limits::read(settings.growth, floored, &data)?;
        let frame = frame((first, last), &values, &settings, limits.as_ref());
        if let Some(limits) = &limits {
            limits.check(frame.floor, &data)?;
        }
        let knots = knots(&times, frame, &settings)?;
        let standards = standards(&settings, &data)?;
        let design = Arc::new(Design::new(&settings, &standards));
        let rows = Rows::new(times, &design, limits, &data)?;
        Ok(Self { frame, design, rows, values, knots })
    }

    /// Whether there is nothing to fit: values that never change around a trend that could stay.
    pub(crate) fn is_constant(&self) -> bool {
        self.design.settings.growth != Growth::Logistic
            && self.values.iter().all(|value| *value == self.values[0])
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

/// How these rows become the numbers of the model.
fn frame(
    (first, last): (Timestamp, Timestamp),
    values: &[f64],
    settings: &Settings,
    limits: Option<&Limits<'_>>,
) -> Frame {
    let floors = limits.and_then(|limits| limits.floor.as_deref());
    let (floor, scale) = match (settings.scaling, floors, limits) {
        (Scaling::AbsMax, None, _) => (0.0, highest(values.iter().map(|value| value.abs()))),
        (Scaling::AbsMax, Some(floors), _) => {
            let above = values.iter().zip(floors).map(|(value, floor)| (value - floor).abs());
            (0.0, highest(above))
        }
        (Scaling::MinMax, Some(floors), Some(limits)) => {
            (0.0, highest(limits.cap.iter().copied()) - lowest(floors))
        }
        (Scaling::MinMax, _, _) => {
            (lowest(values), highest(values.iter().copied()) - lowest(values))
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

fn highest(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(f64::NEG_INFINITY, f64::max)
}

fn lowest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

/// Mean and deviation of each regressor; 0 and 1 where it is taken as it is.
fn standards(settings: &Settings, data: &Selection<'_, '_>) -> Result<Vec<(f64, f64)>, FitError> {
    let each = settings.regressors.iter().map(|one| {
        let values = regressor(&one.name, data)?;
        let varies = lowest(&values) < highest(values.iter().copied());
        let wanted = match one.standardize {
            Standardize::Yes => true,
            Standardize::No => false,
            Standardize::Auto => !values.iter().all(|value| *value == 0.0 || *value == 1.0),
        };
        Ok(if wanted && varies { standard(&values) } else { (0.0, 1.0) })
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
