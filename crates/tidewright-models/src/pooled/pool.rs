//! What the series of a batch teach together: coefficients, how strongly to shrink them, and how misses grow ahead.
//!
//! Each series holds its last origins out. What lies before them teaches a first set of coefficients, by the misses of
//! which the ridge is chosen and bands are measured; a second set, which forecasts, learns from all. Rows, and series where
//! there are very many, are capped: the cost of a batch is bounded whatever its size, but for one pass over its values.

use std::sync::Arc;

use super::layout::Layout;
use super::misses::{Shape, trials};
use super::ridge::Products;
use super::row::{Known, product};
use crate::origins::common_divisor;
use crate::steps::Past;

/// Rows that are learned from, of all series together: more than forty for each coefficient of a lead. On hours they cost
/// about a second.
const ROWS_MAX: usize = 16_384;
/// Series that are learned from: each still gives four rows.
const SERIES_MAX: usize = 4096;
/// Series whose last origins are held out to choose the ridge and to see how misses grow.
const TRIED_MAX: usize = 512;
/// Strengths of the ridge, as shares of the mean square sum of a column.
const RIDGES: [f64; 7] = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0];

/// What all series of a batch share.
#[derive(Debug)]
pub(super) struct Pool {
    /// What forecasts.
    pub(super) rule: Arc<Rule>,
    /// Coefficients that know nothing of the last origins of each series; none where all are too short for that.
    pub(super) tried: Option<Vec<f64>>,
    /// The usual root of the mean squared miss, in spreads; none where nothing could be tried.
    pub(super) usual: Option<f64>,
}

/// What is needed to forecast, of whatever series.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rule {
    pub(super) layout: Layout,
    /// Lead by lead.
    pub(super) coefficients: Vec<f64>,
    /// The width at each lead, as a share of that at all.
    pub(super) shape: Vec<f64>,
    /// The strength of the ridge that was chosen.
    pub(super) ridge: f64,
    /// Series that were learned from.
    pub(super) series: usize,
}

/// What the series of a batch have told so far.
struct Lessons {
    /// Of what came before the origins that are held out.
    early: Products,
    late: Products,
    /// Rows of the origins that are held out.
    held: Vec<Vec<f64>>,
    rows: usize,
    series: usize,
    /// Whether any series was long enough.
    has_room: bool,
}

impl Pool {
    /// Learns from pasts of the same seasons; `None` if all of them are too short for a single row.
    pub(super) fn learn(pasts: &[Past<'_>]) -> Option<Self> {
        let points = pasts.iter().map(|past| past.values().len()).max()?;
        let horizon = pasts.iter().map(Past::horizon).max()?;
        let layout = Layout::of(pasts.first()?.seasons(), points, horizon);
        let every = pasts.len().div_ceil(SERIES_MAX);
        let teachers: Vec<&Past<'_>> = pasts.iter().step_by(every).collect();
        let tried_every = teachers.len().div_ceil(TRIED_MAX);
        let quota = ROWS_MAX / teachers.len();
        let mut lessons = Lessons::new(&layout);
        for (index, past) in teachers.iter().enumerate() {
            // Whoever is too short or no number is told so where it is fitted.
            if let Ok(known) = Known::of(past) {
                lessons.add(&layout, &known, quota, index % tried_every == 0);
            }
        }
        let series = lessons.series;
        let (ridge, coefficients, tried) = lessons.solve(layout.columns(), layout.leads)?;
        let mut shape = Shape::new(&layout);
        if let Some(tried) = &tried {
            let known =
                teachers.iter().step_by(tried_every).filter_map(|past| Known::of(past).ok());
            known.for_each(|known| shape.add(&layout, tried, &known));
        }
        let (shape, usual) = shape.finish(&layout);
        let rule = Arc::new(Rule { layout, coefficients, shape, ridge, series });
        Some(Self { rule, tried, usual })
    }

    /// Whether it was made for such a series.
    pub(super) fn serves(&self, past: &Past<'_>) -> bool {
        self.rule.layout.seasons == past.seasons()
    }
}

impl Lessons {
    fn new(layout: &Layout) -> Self {
        let products = || Products::new(layout.columns(), layout.leads);
        let (early, late) = (products(), products());
        Self { early, late, held: Vec::new(), rows: 0, series: 0, has_room: false }
    }

    /// Takes at most `quota` rows of a series, evenly spread and of every phase of its season.
    fn add(&mut self, layout: &Layout, known: &Known, quota: usize, is_tried: bool) {
        let (len, reach) = (known.values.len(), layout.reach());
        let Some(room) = len.checked_sub(layout.window() + reach) else { return };
        self.has_room = true;
        let held_from = trials(layout, len).last().unwrap_or(len);
        let mut stride = (room / layout.bucket + 1).div_ceil(quota.max(1));
        while common_divisor(stride, layout.season() / layout.bucket) > 1 {
            stride += 1;
        }
        let before = self.rows;
        for back in (0..=room).step_by(stride * layout.bucket) {
            let origin = len - reach - back;
            if let Some(row) = known.row(layout, origin) {
                let is_early = origin + reach <= held_from;
                if is_early { &mut self.early } else { &mut self.late }.add(&row);
                self.rows += 1;
            }
        }
        self.series += usize::from(self.rows > before);
        if is_tried {
            self.held.extend(trials(layout, len).filter_map(|origin| known.row(layout, origin)));
        }
    }

    /// The ridge, the coefficients of all rows, and those of the early ones.
    fn solve(mut self, columns: usize, leads: usize) -> Option<(f64, Vec<f64>, Option<Vec<f64>>)> {
        if self.rows == 0 {
            // Long enough, but constant or mostly gaps: the season repeats.
            let strongest = RIDGES[RIDGES.len() - 1];
            return self.has_room.then(|| (strongest, vec![0.0; columns * leads], None));
        }
        let held = &self.held;
        let mut best: Option<(f64, f64, Vec<f64>)> = None;
        for ridge in RIDGES.into_iter().filter(|_| !held.is_empty()) {
            let Some(coefficients) = self.early.solve(ridge) else { continue };
            let missed = held.iter().map(|row| miss(row, &coefficients, columns)).sum::<f64>();
            if best.as_ref().is_none_or(|(least, ..)| missed < *least) {
                best = Some((missed, ridge, coefficients));
            }
        }
        // What could not be tried is trusted least.
        let untried = (RIDGES[RIDGES.len() - 1], None);
        let (ridge, tried) = best.map_or(untried, |(_, ridge, tried)| (ridge, Some(tried)));
        self.early.extend(self.late);
        Some((ridge, self.early.solve(ridge)?, tried))
    }
}

/// How far the targets of a row are from what its columns say, in spreads.
fn miss(row: &[f64], coefficients: &[f64], columns: usize) -> f64 {
    let (row, targets) = row.split_at(columns);
    let leads = coefficients.chunks(columns).zip(targets);
    leads.map(|(lead, target)| (target - product(lead, row)).abs()).sum()
}
