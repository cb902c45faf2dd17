//! The first series as a picture.

use std::collections::HashMap;

use anyhow::Result;
use tidewright_core::PointState;
use tidewright_render::{DetectionPlot, JudgedPoint, JudgedRow, detection_html, detection_svg};

use crate::command::forecast::Canvas;

/// The most series of one picture, which a person looks at one by one.
const SERIES_MAX: usize = 12;

/// What is drawn, while rows come.
#[derive(Debug, Default)]
pub(super) struct Picture {
    plots: Vec<DetectionPlot>,
    /// For each series that has a row, its place among the plots if it is drawn.
    drawn: HashMap<usize, Option<usize>>,
}

impl Picture {
    /// Takes in a row of the series at a place; what is late has no place in time.
    pub(super) fn take(&mut self, place: usize, row: &JudgedRow<'_>) {
        let (plots, next) = (&mut self.plots, self.drawn.len());
        let drawn = *self.drawn.entry(place).or_insert_with(|| {
            let name = row.unique_id.map(str::to_owned);
            (next < SERIES_MAX).then(|| {
                plots.push(DetectionPlot { name, points: Vec::new() });
                next
            })
        });
        let (Some(plot), Some(value)) = (drawn, row.value) else { return };
        if row.verdict.state != PointState::Late {
            let (band, is_alarm) = (row.verdict.band, row.verdict.alarm >= 1.0);
            plots[plot].points.push(JudgedPoint { time: row.time, value, band, is_alarm });
        }
    }

    /// Writes it.
    pub(super) fn draw(&self, canvas: &Canvas) -> Result<()> {
        let (all, drawn) = (self.drawn.len(), self.plots.len());
        let note = (drawn < all).then(|| format!("{drawn} of {all} series are drawn."));
        let notes: Vec<String> = note.into_iter().collect();
        canvas.write(|| detection_svg(&self.plots, &notes), || detection_html(&self.plots, &notes))
    }
}
