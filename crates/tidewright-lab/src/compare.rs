//! Next week's truth: limits are proposed from what was known, and scored on the week that followed.
//!
//! On each real trace the rules look at history up to a moment, propose, and are judged by the next seven days: how
//! much clean demand they would have rejected, how much room they leave, how much of an injected attack they admit.
//! Every rule is also shown at the product's own head-room, and all of them at equal rejections, since a rule that
//! simply writes larger numbers rejects less and protects less. It judges proposals only: no current limit, no guards.

mod attack;
mod fold;
mod report;
mod rule;
mod score;
mod steady;
mod trace;

pub use report::{Comparison, RowV1, SceneV1, SteadyV1, TraceV1, WeekV1, to_json, to_table};

use crate::error::LabError;
use crate::world::Lab;
use fold::{Fold, folds};
use rule::{MARGINS, Rule, propose, propose_v2};
use score::{Score, scale_to_headroom, scale_to_rejections, score};
use trace::Trace;

/// The share of clean demand that may be rejected: 0.001 %.
const REJECTED_AIM: f64 = 0.000_01;

/// What to compare.
#[derive(Clone, Copy, Debug)]
pub struct CompareOrder {
    /// From one refit to the next.
    pub days_between_refits: usize,
    /// Where injected attacks come from.
    pub seed: u64,
}

impl Default for CompareOrder {
    fn default() -> Self {
        Self { days_between_refits: 7, seed: 1 }
    }
}

/// Walks forward over both traces.
///
/// # Errors
/// [`LabError::Engine`] if the engine cannot decide.
pub fn compare(lab: &Lab, order: &CompareOrder) -> Result<Comparison, LabError> {
    let traces = trace::all();
    let traces = traces.iter().map(|trace| compare_trace(lab, order, trace));
    Ok(Comparison { traces: traces.collect::<Result<_, _>>()?, steady: steady::simulate(lab)? })
}

fn compare_trace(lab: &Lab, order: &CompareOrder, trace: &Trace) -> Result<TraceV1, LabError> {
    let calm = attack::none(trace);
    let attacked = attack::inject(trace, order.seed);
    let scene = |name: &str, observed: &attack::Observed| {
        let folds = folds(trace, observed, order.days_between_refits);
        scene(lab, trace, (name, &folds))
    };
    Ok(TraceV1 {
        trace: trace.name.to_owned(),
        scenes: vec![scene("as it was", &calm)?, scene("with attacks", &attacked)?],
    })
}

/// The product, then each other rule as it is and at the product's head-room; all at equal rejections; then margins.
fn scene(
    lab: &Lab,
    trace: &Trace,
    (name, folds): (&str, &[Fold<'_>]),
) -> Result<SceneV1, LabError> {
    let standard = report::standard_margin();
    let limits = propose_v2(lab, trace, folds, standard)?;
    let ours = score(&limits, folds);
    let mut rows = vec![
        RowV1::new("v2", format!("margin {standard}"), &ours),
        equal_rejections("v2", &limits, folds),
    ];
    let mut all = vec![("v2", limits)];
    for rule in Rule::ALL {
        let limits: Vec<f64> = folds.iter().map(|fold| propose(rule, trace, fold)).collect();
        rows.extend(rows_of(rule, &limits, folds, &ours));
        all.push((rule.name(), limits));
    }
    for margin in MARGINS {
        let score = score(&propose_v2(lab, trace, folds, margin)?, folds);
        rows.push(RowV1::new("v2", format!("margin {margin:.1}"), &score));
    }
    Ok(SceneV1 { name: name.to_owned(), rows, weeks: weeks(trace, folds, &all) })
}

fn rows_of(rule: Rule, limits: &[f64], folds: &[Fold<'_>], ours: &Score) -> Vec<RowV1> {
    let as_it_is = score(limits, folds);
    let factor = scale_to_headroom(&as_it_is, ours);
    let same_headroom = score(&scaled(limits, factor), folds);
    vec![
        RowV1::new(rule.name(), "as it is".to_owned(), &as_it_is),
        RowV1::new(rule.name(), format!("same head-room, x {factor:.3}"), &same_headroom),
        equal_rejections(rule.name(), limits, folds),
    ]
}

/// A rule with its numbers made so small that it just rejects what is aimed at.
fn equal_rejections(rule: &str, limits: &[f64], folds: &[Fold<'_>]) -> RowV1 {
    let at = |factor: f64| score(&scaled(limits, factor), folds);
    let factor = scale_to_rejections(at, REJECTED_AIM);
    RowV1::new(rule, format!("equal rejections, x {factor:.3}"), &at(factor))
}

fn scaled(limits: &[f64], factor: f64) -> Vec<f64> {
    limits.iter().map(|limit| limit * factor).collect()
}

/// The limit of each rule, week by week.
fn weeks(trace: &Trace, folds: &[Fold<'_>], all: &[(&str, Vec<f64>)]) -> Vec<WeekV1> {
    let week = |(index, fold): (usize, &Fold<'_>)| WeekV1 {
        from: trace.start.plus_millis(fold.until as i64 * 60_000).to_string(),
        peak: fold.peak(),
        limits: all.iter().map(|(rule, limits)| ((*rule).to_owned(), limits[index])).collect(),
    };
    folds.iter().enumerate().map(week).collect()
}
