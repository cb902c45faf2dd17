//! The generic path: rows at any moments, with any columns beside them.
//!
//! For calendar and irregular moments, for events, regressors, conditions and limits of growth, and as the yardstick of
//! the shared-grid path: same sums, same solver. Rows are summed a few hundred at a time, so that their columns stay near;
//! only growth towards a capacity, which has no sums, keeps the columns of all of them.

use std::ops::Range;
use std::sync::Arc;

use tidewright_core::Timestamp;
use tidewright_numerics::simd::Lines;

use super::covariates::{Covariates, History};
use super::fit::{Frame, ProphetFit};
use super::history::Prepared;
use super::linear::Gram;
use super::logistic::{self, Course};
use super::moments::{self, Cross, Detail, Moments, Statistics};
use super::optimum::Found;
use super::settings::{Growth, Settings};
use super::table::{CHUNK, Table};
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
    let prepared = Prepared::new(history, settings)?;
    let Prepared { frame, design, rows, values, knots, outline } = &prepared;
    if prepared.is_constant() {
        return Ok(ProphetFit::constant(*frame, values.len(), design, values[0]));
    }
    let table = Table { rows, frame: *frame, design };
    if design.settings.growth == Growth::Logistic {
        let optimum = logistic::optimum(&course(&table, values, knots), &design.priors);
        let (knots, found) = (knots.as_slice().into(), Found { optimum, optima: 1 });
        return ProphetFit::found(*frame, design, (&knots, values.len()), found);
    }
    let statistics = statistics(&table, values, (outline.sum / values.len() as f64, knots));
    let gram = Gram::new(&statistics.moments, &design.priors);
    ProphetFit::solve(*frame, &statistics, (&gram, design), None)
}

/// The model's time of rows that lie so far from the first; a flat trend is one whose time stands still.
fn clock(offsets: &[f64], frame: Frame, growth: Growth) -> Vec<f64> {
    if growth == Growth::Flat {
        return vec![0.0; offsets.len()];
    }
    offsets.iter().map(|offset| offset / frame.span_ms.max(1.0)).collect()
}

/// Scaled values above the floor, less `shift`.
fn scaled(table: &Table<'_>, values: &[f64], range: Range<usize>, shift: f64) -> Vec<f64> {
    let (frame, rows) = (table.frame, table.rows);
    if !frame.floored {
        let taken = frame.floor + shift * frame.scale;
        return values[range].iter().map(|value| (value - taken) / frame.scale).collect();
    }
    let limits = (frame.floor, frame.cap);
    range.map(|row| (values[row] - rows.limits(row, limits).0) / frame.scale - shift).collect()
}

/// The rows at which segments begin, and the end.
fn bounds(times: &[Timestamp], frame: Frame, knots: &[f64]) -> Vec<usize> {
    let before = |knot: &f64| times.partition_point(|moment| frame.time(*moment) < *knot);
    let inner = knots.iter().map(before);
    std::iter::once(0).chain(inner).chain([times.len()]).collect()
}

/// The sums over the rows, a few hundred at a time: as many as stay near.
fn statistics(table: &Table<'_>, values: &[f64], (mean, knots): (f64, &[f64])) -> Statistics {
    let Table { rows, frame, design } = *table;
    let linear = design.priors.is_linear();
    let detail = if linear { Detail::Whole } else { Detail::Segments };
    let mut moments = Moments::zeros(design.columns(), knots.into(), detail);
    let mut cross = Cross::zeros(&moments);
    // Around the mean nothing large cancels; only where columns scale the trend does the level matter.
    cross.shift = if linear { (mean - frame.floor) / frame.scale } else { 0.0 };
    let mut features = Lines::zeros(CHUNK * table.stride());
    for (segment, range) in bounds(&rows.times, frame, knots).windows(2).enumerate() {
        for from in (range[0]..range[1]).step_by(CHUNK) {
            let part = from..range[1].min(from + CHUNK);
            let features = &mut features[..part.len() * table.stride()];
            let offsets = table.offsets(part.clone());
            table.write(part.clone(), &offsets, features);
            let times = clock(&offsets, frame, design.settings.growth);
            let block = moments::Rows { features, picks: 0..part.len(), times: &times };
            moments.add(segment, &block, &[1.0; CHUNK][..times.len()]);
            moments.add_whole(&block, 1.0);
            cross.add(segment, &block, &scaled(table, values, part, cross.shift));
        }
    }
    moments.seal();
    cross.seal();
    Statistics { moments: Arc::new(moments), cross }
}

/// The rows as growth towards a capacity needs them, again and again.
fn course(table: &Table<'_>, values: &[f64], knots: &[f64]) -> Course {
    let Table { rows, frame, design } = *table;
    let count = values.len();
    let mut features = Lines::zeros(count * table.stride());
    let offsets = table.offsets(0..count);
    table.write(0..count, &offsets, &mut features);
    let caps = (0..count).map(|row| {
        let (floor, cap) = rows.limits(row, (frame.floor, frame.cap));
        (cap - floor) / frame.scale
    });
    Course {
        stride: table.stride(),
        times: clock(&offsets, frame, design.settings.growth),
        values: scaled(table, values, 0..count, 0.0),
        caps: caps.collect(),
        knots: knots.into(),
        bounds: bounds(&rows.times, frame, knots),
        features,
    }
}
