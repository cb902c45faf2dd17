//! How far forecasts from the last origins of each series missed: by the lead over all series, and of one series at all.

use tidewright_numerics::median;

use super::layout::Layout;
use super::row::{Before, Known, path};

/// Origins of a series that are held out, a reach apart.
const TRIALS: usize = 3;
/// Misses of usual size that are added at each lead, as many as one series has: three say little of one lead.
const USUAL_AT_LEAD: f64 = 3.0;

/// What the misses of many series say of the leads.
pub(super) struct Shape {
    /// Sums of squares, those of each series in units of its mean, and how many, for each lead.
    squares: Vec<(f64, f64)>,
    /// For each series the root of the mean square, in spreads.
    sizes: Vec<f64>,
}

/// What a series missed from its last origins.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Missed {
    /// The sum of squares, in the unit of the series.
    pub(super) squares: f64,
    /// Misses.
    pub(super) count: f64,
    /// Origins.
    pub(super) trials: usize,
}

/// The origins of a series of so many values that are held out, the last one first: as many as leave a row to learn from.
pub(super) fn trials(layout: &Layout, len: usize) -> impl Iterator<Item = usize> {
    let reach = layout.reach();
    let room = len.saturating_sub(layout.window()) / reach;
    (1..=room.saturating_sub(1).min(TRIALS)).map(move |trial| len - trial * reach)
}

impl Missed {
    /// By coefficients that know nothing of those origins.
    pub(super) fn of(layout: &Layout, coefficients: &[f64], known: &Known) -> Self {
        let mut missed = Self::default();
        for trial in each(layout, coefficients, known) {
            missed.trials += 1;
            for miss in trial.iter().filter(|miss| !miss.is_nan()) {
                missed.squares += miss * miss;
                missed.count += 1.0;
            }
        }
        missed
    }
}

/// The misses from each origin, NaN where nothing was observed.
fn each(layout: &Layout, coefficients: &[f64], known: &Known) -> impl Iterator<Item = Vec<f64>> {
    trials(layout, known.values.len()).map(|origin| {
        let window = known.window(layout, origin);
        let path = path(layout, coefficients, (&window, known.step(origin)), layout.reach());
        known.observed[origin..].iter().zip(path).map(|(came, path)| came - path).collect()
    })
}

impl Shape {
    pub(super) fn new(layout: &Layout) -> Self {
        Self { squares: vec![(0.0, 0.0); layout.leads], sizes: Vec::new() }
    }

    pub(super) fn add(&mut self, layout: &Layout, coefficients: &[f64], known: &Known) {
        let Missed { squares, count, .. } = Missed::of(layout, coefficients, known);
        let end = known.values.len();
        let spread = Before::of(layout, &known.window(layout, end), known.step(end)).spread;
        let mean = squares / count;
        if !(mean > 0.0 && spread > 0.0) {
            return;
        }
        self.sizes.push(mean.sqrt() / spread);
        for trial in each(layout, coefficients, known) {
            for (step, miss) in trial.iter().enumerate().filter(|(_, miss)| !miss.is_nan()) {
                let (sum, count) = &mut self.squares[step / layout.bucket];
                *sum += miss * miss / mean;
                *count += 1.0;
            }
        }
    }

    /// The width at each lead, never less than that a season before, and the usual size.
    pub(super) fn finish(self, layout: &Layout) -> (Vec<f64>, Option<f64>) {
        let width = |(sum, count): &(f64, f64)| {
            let usual = USUAL_AT_LEAD * layout.bucket as f64;
            ((sum + usual) / (count + usual)).sqrt()
        };
        let mut shape: Vec<f64> = self.squares.iter().map(width).collect();
        let season = layout.season() / layout.bucket;
        for lead in season..shape.len() {
            shape[lead] = shape[lead].max(shape[lead - season]);
        }
        (shape, median(&self.sizes))
    }
}
