//! Next week's truth: limits are proposed from what was known, and scored on the week that followed.
//!
//! On each real trace the rules look at history up to a moment, propose, and are judged by the next seven days: how
//! much clean demand they would have rejected, how much room they leave, how much of an injected attack they admit.
//! Every rule is also shown at the product's own head-room and at its own rejections, since a rule that simply
//! writes larger numbers rejects less and protects less. It judges proposals only: no current limit, no guards.

mod attack;
mod fold;
mod report;
mod rule;
mod score;
mod steady;
mod trace;

pub use report::{Comparison, RowV1, SceneV1, SteadyV1, TraceV1, to_json, to_table};

use crate::error::LabError;
use crate::world::Lab;
use fold::{Fold, folds};
use rule::{MARGINS, Rule, propose, propose_v2};
use score::{Score, scale_to_headroom, scale_to_rejections, score};
use trace::Trace;

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
        Ok(SceneV1 { name: name.to_owned(), folds: folds.len(), rows: rows(lab, trace, &folds)? })
    };
    Ok(TraceV1 {
        trace: trace.name.to_owned(),
        scenes: vec![scene("as it was", &calm)?, scene("with attacks", &attacked)?],
    })
}

/// The product, then each other rule as it is, at the product's head-room and at its rejections; then margins.
fn rows(lab: &Lab, trace: &Trace, folds: &[Fold<'_>]) -> Result<Vec<RowV1>, LabError> {
    let standard = report::standard_margin();
    let ours = propose_v2(lab, trace, folds, standard)?;
    let ours = score(&ours, folds);
    let mut rows = vec![RowV1::new("v2", format!("margin {standard}"), &ours)];
    for rule in Rule::ALL {
        rows.extend(rows_of(rule, trace, folds, &ours));
    }
    for margin in MARGINS {
        let score = score(&propose_v2(lab, trace, folds, margin)?, folds);
        rows.push(RowV1::new("v2", format!("margin {margin:.1}"), &score));
    }
    Ok(rows)
}

fn rows_of(rule: Rule, trace: &Trace, folds: &[Fold<'_>], ours: &Score) -> Vec<RowV1> {
    let limits: Vec<f64> = folds.iter().map(|fold| propose(rule, trace, fold)).collect();
    let at = |factor: f64| {
        let scaled: Vec<f64> = limits.iter().map(|limit| limit * factor).collect();
        score(&scaled, folds)
    };
    let variant = |name: &str, factor: f64| {
        RowV1::new(rule.name(), format!("{name}, x {factor:.3}"), &at(factor))
    };
    vec![
        variant("as it is", 1.0),
        variant("same head-room", scale_to_headroom(&at(1.0), ours)),
        variant("same rejections", scale_to_rejections(at, ours)),
    ]
}
